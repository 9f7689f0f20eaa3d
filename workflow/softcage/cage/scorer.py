"""Depth and softness of the cages in a frame, from its positions (Eqs. 5 to 8).

One object holds everything that is needed: the pair potential, the state point, the range of the
first shell, the widths of the Gaussians, and the calibrated line from depth to softness. A study,
the command ``softcage score``, :func:`softcage.cage.frames.score_frames` and the descriptors of
:mod:`softcage.descriptors.cage` all use it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from softcage.box import Box
from softcage.cage.calibration import Line, check_system, read_line, softness_from_depth
from softcage.cage.local_depth import DepthTables, depth_tables, local_depths
from softcage.defaults import DELTA, Q_MAX, ROUTE
from softcage.model import Mixture

Ranges = tuple[np.ndarray, np.ndarray]  # r0 and r_min of the pairs of the first species


@dataclass(frozen=True, eq=False)
class Scorer:
    """Compute depth and softness from the positions at one state point.

    Attributes
    ----------
    mixture : Mixture
    temperature : float
        In reduced units.
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
    dimension : int
        2 or 3.
    """

    mixture: Mixture
    temperature: float
    density: float
    fractions: np.ndarray
    r0: np.ndarray
    r_min: np.ndarray
    deltas: Sequence[float] = (DELTA,)
    c0: float | None = None
    c1: float | None = None
    tagged: int = 0
    range_source: str = "arguments"
    dimension: int = 3

    @classmethod
    def from_calibration(
        cls,
        calibration: str | Path | Line | None,
        mixture: Mixture,
        temperature: float,
        species: np.ndarray,
        box: Any,
        *,
        deltas: Sequence[float] = (DELTA,),
        measured: Callable[[], Ranges] | None = None,
        q_max: float = Q_MAX,
        route: str = ROUTE,
        same_study: bool = False,
    ) -> Scorer:
        """Return the scorer of a liquid, with the line and the first shell of a calibration.

        Parameters
        ----------
        calibration : path, Line or None
            A path for :func:`softcage.cage.calibration.read_line`, or a line that it returned.
            None: only depths, no softness.
        mixture : Mixture
        temperature : float
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

        Raises
        ------
        ValueError
            If the calibration is one of another mixture, density or composition, or of three
            dimensions where the box has two, if its line rises,
            or if it has no cages of this temperature and ``measured`` is not given.
        """
        line = calibration
        if isinstance(line, str | Path):
            line = read_line(line, q_max, route)
        fractions = np.bincount(species, minlength=len(mixture.species)) / len(species)
        box = Box.of(box)
        density, ranges, source = len(species) / box.volume, None, "calibration"
        if line is not None:
            if box.dimension != 3:
                raise ValueError(
                    f"{line.path}: is a calibration of three dimensions, but the box has "
                    f"{box.dimension}: give none, and compute depths only"
                )
            if not same_study:
                check_system(line, mixture, density, species)
            ranges = line.ranges(temperature, mixture.pairs)
        if ranges is None:
            if measured is None:
                where = "without a calibration" if line is None else f"in {line.path}"
                raise ValueError(f"there are no r0 and r_min of T = {temperature:g} {where}")
            ranges, source = measured(), "g(r) of the trajectory"
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
            range_source=source,
            dimension=box.dimension,
        )

    @cached_property
    def tables(self) -> DepthTables:
        """Grids, weights and pair energies of the first shells, the same for all frames."""
        return depth_tables(
            self.mixture.potential,
            self.temperature,
            self.r0,
            self.r_min,
            self.deltas,
            self.density,
            self.fractions,
            self.tagged,
            self.dimension,
        )

    @property
    def pairs(self) -> dict[str, tuple[float, float]]:
        """Return the name of each pair, such as AA and AB, with its r0 and r_min."""
        names = [f"{self.mixture.species[self.tagged]}{name}" for name in self.mixture.species]
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
