"""Depth and softness of the cages of one species in a frame, from its positions (Eqs. 5 to 8).

One object holds everything that is needed: the liquid, the state point, the closure, the range of
the first shell, the widths of the Gaussians, and the calibrated line from depth to softness. A line
belongs to one species; the others have a depth and no softness (:func:`scorers_of`). A study,
the command ``softcage score``, :func:`softcage.cage.frames.score_frames` and the descriptors of
:mod:`softcage.descriptors.cage` all use it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from softcage.box import Box
from softcage.cage.calibration import Line, check_system, read_line, softness_from_depth
from softcage.cage.local_depth import DepthTables, depth_tables, local_depths
from softcage.defaults import CLOSURE, DELTA, FEWEST_PARTICLES, Q_MAX, ROUTE
from softcage.model import Composition, potential_of

Ranges = tuple[np.ndarray, np.ndarray]  # r0 and r_min of all pairs, (n_species, n_species)


@dataclass(frozen=True, eq=False)
class Scorer:
    """Compute depth and softness from the positions at one state point.

    Attributes
    ----------
    mixture : Composition
        A mixture with its potential; species and fractions are enough for the closure ``pair``.
    temperature : float or None
        In reduced units; not needed for the closure ``pair``.
    density : float
        Number density of all particles, sigma_AA^-d.
    fractions : (n_species,) array
    r0, r_min : (n_species,) array
        Range of the first shell for the pairs of the tagged species with each species, sigma_AA.
    deltas : sequence of float
        Widths of the Gaussians, sigma_AA.
    c0, c1 : float or None
        The line 1/S = c0 + c1 beta Phi; None: no softness.
    tagged : int
        Species whose cages are scored; 0 is the first.
    range_source : str
        Where r0 and r_min come from, in words.
    closure : str
        ``hnc`` or ``pair`` (:mod:`softcage.cage.closures`).
    dimension : int
        2 or 3.
    """

    mixture: Composition
    temperature: float | None
    density: float
    fractions: np.ndarray
    r0: np.ndarray
    r_min: np.ndarray
    deltas: Sequence[float] = (DELTA,)
    c0: float | None = None
    c1: float | None = None
    tagged: int = 0
    range_source: str = "arguments"
    closure: str = CLOSURE
    dimension: int = 3

    @classmethod
    def from_calibration(
        cls,
        calibration: str | Path | Line | None,
        mixture: Composition,
        temperature: float | None,
        species: np.ndarray,
        box: Any,
        *,
        deltas: Sequence[float] = (DELTA,),
        measured: Callable[[], Ranges] | None = None,
        q_max: float = Q_MAX,
        route: str = ROUTE,
        same_study: bool = False,
        tagged: int = 0,
        closure: str = CLOSURE,
    ) -> Scorer:
        """Return the scorer of a species, with the line and the first shell of a calibration.

        Parameters
        ----------
        calibration : path, Line or None
            A path for :func:`softcage.cage.calibration.read_line`, or a line that it returned.
            None: only depths, no softness. So too if it is the line of another species.
        mixture : Composition
        temperature : float or None
        species : (N,) int array
            Species of the particles, which give the fractions of the liquid.
        box : float, Box or array
            The edge of a cube, or what :meth:`softcage.box.Box.of` takes.
        deltas : sequence of float
            Widths of the Gaussians, sigma_AA.
        measured : callable, optional
            Returns r0 and r_min measured in the frames to be scored. It is called only if the
            calibration has no cages of this temperature.
        q_max, route
            Select the line, if ``calibration`` is a path.
        same_study : bool
            True if the calibration belongs to the study whose frames are scored. It is then not
            checked: the configuration beside it may be older than that of the study, and rule
            ``calibration`` has already warned of a rising line.
        tagged : int
            Species to score.
        closure : str

        Raises
        ------
        ValueError
            If the calibration is one of another mixture, density, composition, closure or
            dimension, if its line rises, or if it has no cages of this temperature and ``measured``
            is not given.
        """
        line = calibration
        if isinstance(line, str | Path):
            line = read_line(line, q_max, route)
        fractions = np.bincount(species, minlength=len(mixture.species)) / len(species)
        box = Box.of(box)
        density, ranges, source = len(species) / box.volume, None, "calibration"
        if line is not None and box.dimension != line.dimension:
            raise ValueError(
                f"{line.path}: is a calibration of {line.dimension} dimensions, but the box has "
                f"{box.dimension}: give none, and compute depths only"
            )
        if line is not None and not same_study:
            check_system(line, mixture, density, species, closure)
        if line is not None and not line.is_of(mixture.pairs_of(tagged)):
            line = None
        if line is not None and temperature is not None:
            ranges = line.ranges(temperature, mixture.pairs_of(tagged))
        if ranges is None:
            if measured is None:
                where = "without a calibration" if line is None else f"in {line.path}"
                at = "" if temperature is None else f" of T = {temperature:g}"
                raise ValueError(f"there are no r0 and r_min{at} {where}")
            (r0, r_min), source = measured(), "g(r) of the trajectory"
            ranges = r0[tagged], r_min[tagged]
        return cls(
            mixture=mixture,
            temperature=temperature,
            density=density,
            fractions=fractions,
            r0=ranges[0],
            r_min=ranges[1],
            deltas=deltas,
            c0=None if line is None else line.c0,
            c1=None if line is None else line.c1,
            tagged=tagged,
            range_source=source,
            closure=closure,
            dimension=box.dimension,
        )

    @cached_property
    def tables(self) -> DepthTables:
        """Grids, weights and pair energies of the first shells, the same for all frames."""
        return depth_tables(
            potential_of(self.mixture),
            self.temperature,
            self.r0,
            self.r_min,
            self.deltas,
            self.density,
            self.fractions,
            self.tagged,
            self.closure,
            self.dimension,
        )

    def at_density(self, density: float) -> Scorer:
        """Return the scorer of a frame that is denser or less dense than the average."""
        return self if density == self.density else replace(self, density=density)

    @property
    def name(self) -> str:
        """Name of the species that is scored."""
        return self.mixture.species[self.tagged]

    @property
    def pairs(self) -> dict[str, tuple[float, float]]:
        """Return the name of each pair, such as AA and AB, with its r0 and r_min."""
        names = self.mixture.pairs_of(self.tagged)
        ranges = zip(self.r0, self.r_min, strict=True)
        return {name: (float(a), float(b)) for name, (a, b) in zip(names, ranges, strict=True)}

    def radii(self) -> dict[str, float]:
        """Return r0 and r_min by their names in tables: r0_AA, r0_AB, r_min_AA, ..."""
        return {
            f"{name}_{pair}": radii[k]
            for k, name in enumerate(("r0", "r_min"))
            for pair, radii in self.pairs.items()
        }

    def depth(self, positions: np.ndarray, species: np.ndarray, box: Any) -> np.ndarray:
        """Return -beta Phi of the tagged particles of a frame, (n_delta, n_tagged).

        Parameters
        ----------
        positions : (N, 2 or 3) array
            Wrapped or unwrapped, sigma_AA.
        species : (N,) int array
        box : float, Box or array
            The edge of a cube, or what :meth:`softcage.box.Box.of` takes.
        """
        return local_depths(positions, species, box, self.tables)

    def softness(self, depth: np.ndarray) -> np.ndarray:
        """Return the softness of depths; NaN without a line, and where the line gives 1/S <= 0."""
        if self.c0 is None or self.c1 is None:
            return np.full_like(depth, np.nan)
        return softness_from_depth(depth, self.c0, self.c1)

    def scores(self, positions: np.ndarray, species: np.ndarray, box: Any) -> np.ndarray:
        """Return depth and softness of the tagged particles of a frame, (n_delta, 2, n_tagged)."""
        depth = self.depth(positions, species, box)
        return np.stack([depth, self.softness(depth)], axis=1)


def scored_species(
    mixture: Composition, species: np.ndarray, of: Sequence[str] | None = None
) -> list[int]:
    """Return the numbers of the species to score: those that are named, or all.

    Parameters
    ----------
    mixture : Composition
    species : (N,) int array
        Species of the particles.
    of : sequence of str, optional
        Names of the species to score. The others are neighbours only.

    Raises
    ------
    ValueError
        If a name is no species, or a species to score has too few particles for a g(r).
    """
    names = mixture.species
    if unknown := [name for name in of or () if name not in names]:
        raise ValueError(f"there is no species {unknown[0]} to score, only {', '.join(names)}")
    chosen = [k for k, name in enumerate(names) if of is None or name in of]
    counts = np.bincount(species, minlength=len(names))
    if few := [k for k in chosen if counts[k] < FEWEST_PARTICLES]:
        raise ValueError(
            f"species {names[few[0]]} has {counts[few[0]]} particles, fewer than the "
            f"{FEWEST_PARTICLES} that a g(r) of its own needs: choose other species to score "
            "(--of)"
        )
    return chosen


def scorers_of(
    calibration: str | Path | Line | None,
    mixture: Composition,
    temperature: float | None,
    species: np.ndarray,
    box: Any,
    of: Sequence[str] | None = None,
    *,
    measured: Callable[[list[int]], Ranges],
    q_max: float = Q_MAX,
    **how: Any,
) -> list[Scorer]:
    """Return a scorer for each species to score.

    A calibration is the line of one species, the one whose radii its cages have. The others get a
    depth, with r0 and r_min measured in the frames, and no softness.

    Parameters
    ----------
    calibration, mixture, temperature, species, box, q_max
        See :meth:`Scorer.from_calibration`.
    of : sequence of str, optional
        See :func:`scored_species`.
    measured : callable
        Returns r0 and r_min measured in the frames, given the species u whose pairs (u, v) are
        needed. It is called at most once.
    how
        Further arguments of :meth:`Scorer.from_calibration`.

    Raises
    ------
    ValueError
        As these two, or if the calibration is the line of none of the species to score.
    """
    chosen = scored_species(mixture, species, of)
    line = calibration
    if isinstance(line, str | Path):
        line = read_line(line, q_max)
    ranges = cache(lambda: measured(chosen))
    scorers = [
        Scorer.from_calibration(
            line, mixture, temperature, species, box, tagged=k, measured=ranges, **how
        )
        for k in chosen
    ]
    if line is not None and all(scorer.c0 is None for scorer in scorers):
        names = ", ".join(scorer.name for scorer in scorers)
        raise ValueError(f"{line.path}: is the calibration of another species than {names}")
    return scorers
