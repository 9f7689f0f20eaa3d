"""What a descriptor is computed from: one frame, and what is known of the average liquid.

Neighbours, Voronoi cells and the inherent structure are computed once per frame, when the first
descriptor needs them.

A frame has up to three sets of positions: *thermal*, the positions as they are; *averaged* over a
short time up to the frame, if the frames before it are known; and *inherent*, those of the nearest
minimum of the potential energy, if the potential is known. A fourth set, the mean positions in the
*cage* (:mod:`softcage.descriptors.cage_state`), is used where it is asked for by name: it costs a
short run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import freud
import numpy as np

from softcage.box import Box, placed
from softcage.cage.calibration import Line
from softcage.cage.local_depth import check_frame
from softcage.cage.mean_field import shell_ranges
from softcage.cage.scorer import scorers_of
from softcage.defaults import CLOSURE, R_BIN
from softcage.descriptors.cage_state import CageState, cage_state
from softcage.descriptors.rest_path import RestPath, rest_path
from softcage.md.minimise import inherent_structure
from softcage.model import Composition, Mixture, Potential, known_potential
from softcage.structure.rdf import rdf_of_frames, wrap

#: Largest distance of listed pairs, sigma_AA. It covers the potential and the second shell.
REACH = 3.0


@dataclass(frozen=True, eq=False)
class Liquid:
    """What is known of the average liquid, the same for all its frames.

    Attributes
    ----------
    mixture : Composition
        With its potential, a mixture, if that is known.
    temperature : float or None
    r : (n_r,) array
    g : (n_species, n_species, n_r) array
        Partial radial distribution functions.
    r0, r_min : (n_species, n_species) array
        Where each g(r) begins, and where its first shell ends.
    line : pair of floats, optional
        Calibration line: c0 and c1 of 1/S = c0 + c1 beta Phi (Eq. 7), for the softness.
    closure : str
        The closure of the line (:mod:`softcage.cage.closures`).
    line_of : int
        The species that the line belongs to.
    """

    mixture: Composition
    temperature: float | None
    r: np.ndarray
    g: np.ndarray
    r0: np.ndarray
    r_min: np.ndarray
    line: tuple[float, float] | None = None
    closure: str = CLOSURE
    line_of: int = 0

    @property
    def known(self) -> set[str]:
        """What descriptors may need: potential, temperature, and a line with what it needs."""
        potential, thermal = isinstance(self.mixture, Mixture), self.temperature is not None
        found = {
            "potential": potential,
            "temperature": thermal,
            "line": self.line is not None and (self.closure == "pair" or (potential and thermal)),
        }
        return {name for name, is_known in found.items() if is_known}

    @property
    def with_potential(self) -> Mixture:
        """The mixture with its potential.

        Raises
        ------
        ValueError
            If the potential is not known.
        """
        return known_potential(self.mixture)

    @property
    def of_pairs(self) -> Mixture:
        """The mixture with its potential, which ends within :data:`REACH`.

        Raises
        ------
        ValueError
            If the potential is not known, or reaches beyond the pairs that are listed.
        """
        mixture = self.with_potential
        if (cutoff := float(mixture.cutoff.max())) > REACH:
            raise ValueError(
                f"energies need all pairs within the cut-off {cutoff:.4g}, and descriptors list "
                f"those within {REACH:g}: choose others (--descriptors)"
            )
        return mixture

    @property
    def at_temperature(self) -> float:
        """The temperature.

        Raises
        ------
        ValueError
            If it is not known.
        """
        if self.temperature is None:
            raise ValueError("the temperature of this liquid is needed, and not given")
        return self.temperature


def liquid_of_frames(
    positions: Iterable[np.ndarray],
    species: np.ndarray,
    box: Any,
    mixture: Composition,
    temperature: float | None,
) -> Liquid:
    """Measure g(r), r0 and r_min of a liquid in several frames.

    Parameters
    ----------
    positions : iterable of (N, 2 or 3) array
    species : (N,) int array
        Species of the particles, the same in all frames.
    box : float, Box, array, or list of Box
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes; or a box of each frame.
    mixture, temperature
        See :class:`Liquid`.

    Raises
    ------
    ValueError
        If g(r) has no first shell.
    """
    r, g = rdf_of_frames(positions, species, box, REACH, R_BIN)
    r0, r_min = shell_ranges(r, g)
    return Liquid(mixture, temperature, r, g, r0, r_min)


def liquid_of_line(
    line: Line,
    measured: Callable[[], Liquid],
    species: np.ndarray,
    box: Any,
    mixture: Composition,
    temperature: float,
) -> tuple[Liquid, str]:
    """Return a liquid with a calibrated line, and the first shells from the best source.

    If the line is that of a study that simulated this temperature, g(r), r0 and r_min are those of
    the study. If it was made by 'softcage calibrate' and includes this temperature, r0 and r_min of
    the pairs of its species are those of its table of cages. Everything else is measured.

    Parameters
    ----------
    line : Line
    measured : callable
        Returns the liquid as measured in the frames, without a line. It is called only if needed.
    species : (N,) int array
    box : float
    mixture : Composition
    temperature : float

    Returns
    -------
    liquid : Liquid
    source : str
        Description of where r0 and r_min come from; ``""`` if from g(r) of the frames.

    Raises
    ------
    ValueError
        If the line is that of another mixture, density, composition or of no species, or if it
        rises.
    """
    n = range(len(mixture.species))
    tagged = next((k for k in n if line.is_of(mixture.pairs_of(k))), 0)
    found = cache(measured)
    (scorer,) = scorers_of(
        line,
        mixture,
        temperature,
        species,
        box,
        [mixture.species[tagged]],
        measured=lambda _: (found().r0, found().r_min),
        closure=line.closure,
    )
    if (curves := line.curves(temperature)) is not None:
        known = liquid_of_study(curves, mixture, temperature, line)
        return replace(known, line_of=tagged), str(curves)
    r0, r_min = found().r0.copy(), found().r_min.copy()
    for radii, of_species in ((r0, scorer.r0), (r_min, scorer.r_min)):
        radii[tagged] = radii[:, tagged] = of_species
    source = ""
    if scorer.range_source == "calibration":
        source = f"{line.path}, pairs of {mixture.species[tagged]}"
    liquid = replace(found(), r0=r0, r_min=r_min, line=(line.c0, line.c1), line_of=tagged)
    return replace(liquid, closure=line.closure), source


def liquid_of_study(
    curves: str | Path,
    mixture: Composition,
    temperature: float,
    line: Line,
) -> Liquid:
    """Return a liquid with the g(r), r0 and r_min that a study has measured, and its line.

    Parameters
    ----------
    curves : path
        ``cage/T{T}.npz`` of the study (:func:`softcage.cage.average.cage_of_structure`).
    mixture, temperature
        See :class:`Liquid`.
    line : Line
        The calibrated line of the study.
    """
    with np.load(curves) as cage:
        known = {name: cage[name] for name in ("r", "g", "r0", "r_min")}
    slope = (line.c0, line.c1)
    return Liquid(mixture, temperature, line=slope, closure=line.closure, **known)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One frame of a liquid.

    Parameters
    ----------
    positions : (N, 2 or 3) array
        In sigma_AA, wrapped into the box or not.
    species : (N,) int array
        0 for A, 1 for B, and so on.
    box : float, Box or array
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes; periodic.
    liquid : Liquid
    mean : (N, 2 or 3) array, optional
        Positions averaged over a short time up to the frame.

    Raises
    ------
    ValueError
        If shapes do not match, a position is not finite, :data:`REACH` exceeds half the box, or the
        box is not periodic.
    """

    positions: np.ndarray
    species: np.ndarray
    box: Any
    liquid: Liquid
    mean: np.ndarray | None = None
    _results: dict[Callable[[Snapshot], np.ndarray], np.ndarray] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        _, species, cell = check_frame(self.positions, self.species, self.box)
        object.__setattr__(self, "positions", np.ascontiguousarray(self.positions, dtype=float))
        object.__setattr__(self, "species", species)
        if cell.bounded:
            raise ValueError("descriptors need a box that is periodic along all directions")
        if cell.half < REACH:
            raise ValueError(
                f"descriptors need pairs up to r = {REACH:g}, which is beyond half the box "
                f"({cell.half:.4g}): use a larger system"
            )

    @cached_property
    def cell(self) -> Box:
        """The box."""
        return placed(self.positions, self.box)[1]

    @property
    def density(self) -> float:
        """Number density of all particles."""
        return len(self.species) / self.cell.volume

    @cached_property
    def fractions(self) -> np.ndarray:
        """Fractions of the species, (n_species,)."""
        n_species = len(self.liquid.mixture.species)
        return np.bincount(self.species, minlength=n_species) / len(self.species)

    @cached_property
    def centred(self) -> tuple[freud.box.Box, np.ndarray]:
        """The box and the positions for freud, which wants them wrapped around the origin."""
        positions, cell = placed(self.positions, self.cell)
        if cell.is_cube:
            a = float(cell.vectors[0, 0])
            return freud.box.Box.cube(a), wrap(positions, a) - 0.5 * a
        places = cell.scaled(positions)[0]
        places[:, : cell.dimension] -= 0.5
        return freud.box.Box(*cell.edges_and_tilts), places @ cell.vectors

    @cached_property
    def pairs(self) -> Pairs:
        """Ordered pairs up to :data:`REACH`."""
        box, positions = self.centred
        query = freud.locality.AABBQuery(box, positions).query(
            positions, {"r_max": REACH, "exclude_ii": True}
        )
        listed = query.toNeighborList()
        i, j = (np.asarray(k, dtype=np.int64) for k in (listed.query_point_indices,
                                                        listed.point_indices))  # fmt: skip
        # freud has these vectors only in single precision
        vectors = Box(self.cell.vectors, dimension=self.cell.dimension).nearest(
            positions[j] - positions[i]
        )
        return Pairs(i, j, vectors, np.sqrt((vectors**2).sum(axis=1)), len(positions))

    def over_pairs(self, function: Potential) -> np.ndarray:
        """Evaluate a function (u, v, r) for every pair of :attr:`pairs`, (n_pairs,)."""
        pairs, values = self.pairs, np.empty(len(self.pairs.i))
        u, v = self.species[pairs.i], self.species[pairs.j]
        for a in range(len(self.fractions)):
            for b in range(len(self.fractions)):
                selected = (u == a) & (v == b)
                values[selected] = function(a, b, pairs.distance[selected])
        return values

    @cached_property
    def voronoi(self) -> freud.locality.Voronoi:
        """Voronoi cells of the particles of all species."""
        voronoi = freud.locality.Voronoi()
        voronoi.compute(self.centred)
        return voronoi

    def cached(self, function: Callable[[Snapshot], np.ndarray]) -> np.ndarray:
        """Return ``function(frame)``, computed once for this frame."""
        if function not in self._results:
            self._results[function] = function(self)
        return self._results[function]

    def forget_neighbours(self) -> None:
        """Free the memory of pairs and cells, of all positions; they can be computed again."""
        for name in ("pairs", "voronoi"):
            self.__dict__.pop(name, None)
        for name in ("averaged", "inherent", "cage"):
            if name in self.__dict__:
                self.__dict__[name].forget_neighbours()

    @property
    def known(self) -> set[str]:
        """What descriptors may need, of the liquid and of the frame: see ``Liquid.known``."""
        return self.liquid.known | (set() if self.mean is None else {"averaged"})

    @property
    def available_positions(self) -> tuple[str, ...]:
        """Names of the sets of positions that the frame has, of thermal, averaged and inherent.

        Those in the cage are not among them: they cost a run, and are used by name only.
        """
        needs = {"averaged": "averaged", "inherent": "potential"}
        return ("thermal", *(name for name, need in needs.items() if need in self.known))

    def at(self, positions: str) -> Snapshot:
        """Return the frame with ``thermal``, ``averaged``, ``inherent`` or ``cage`` positions."""
        return self if positions == "thermal" else getattr(self, positions)

    @cached_property
    def averaged(self) -> Snapshot:
        """The frame with positions averaged over a short time up to it.

        Raises
        ------
        ValueError
            If the frame has no averaged positions.
        """
        if self.mean is None:
            raise ValueError(
                "no averaged positions: they are computed from the frames of a run before this "
                "one. A single configuration has thermal and inherent positions only"
            )
        return Snapshot(self.mean, self.species, self.box, self.liquid)

    @cached_property
    def inherent(self) -> Snapshot:
        """The inherent structure: the nearest minimum of the potential energy.

        Raises
        ------
        ValueError
            If the potential is not known, or the minimisation does not converge.
        """
        positions = inherent_structure(
            self.positions, self.species, self.cell, self.liquid.with_potential
        )
        return Snapshot(positions, self.species, self.box, self.liquid)

    @cached_property
    def cage_state(self) -> CageState:
        """Mean positions of particles that are held in their cages at the temperature.

        Raises
        ------
        ValueError
            If potential or temperature are not known, or as
            :func:`softcage.descriptors.cage_state.cage_state`.
        """
        mixture, temperature = self.liquid.with_potential, self.liquid.at_temperature
        return cage_state(self.inherent.positions, self.species, self.cell, mixture, temperature)

    @cached_property
    def cage(self) -> Snapshot:
        """The frame with the mean positions of :attr:`cage_state`."""
        return Snapshot(self.cage_state.positions, self.species, self.box, self.liquid)

    @cached_property
    def rest_path(self) -> RestPath:
        """The path of the particles if the frame is released at rest.

        Raises
        ------
        ValueError
            As :func:`softcage.descriptors.rest_path.rest_path`.
        """
        return rest_path(self.positions, self.species, self.cell, self.liquid.mixture)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Ordered pairs (i, j) of one frame.

    Attributes
    ----------
    i, j : (n_pairs,) int64 array
    vector : (n_pairs, 3) array
        Vector from i to the nearest image of j.
    distance : (n_pairs,) array
    n : int
        Number of particles in the frame.
    """

    i: np.ndarray
    j: np.ndarray
    vector: np.ndarray
    distance: np.ndarray
    n: int

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Sum a quantity of pairs over the neighbours of each particle, (N,)."""
        return np.bincount(self.i, values, self.n)
