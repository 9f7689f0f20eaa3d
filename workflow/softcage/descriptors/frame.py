"""What a descriptor is computed from: one frame, and what is known of the average liquid.

Neighbours, Voronoi cells and the inherent structure are computed once per frame, when the first
descriptor needs them.

A frame has up to three sets of positions: *thermal*, the positions as they are; *averaged* over a
short time up to the frame, if the frames before it are known; and *inherent*, those of the nearest
minimum of the potential energy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import freud
import numpy as np

from softcage.box import Box, placed
from softcage.cage.local_depth import check_frame
from softcage.cage.mean_field import shell_ranges
from softcage.defaults import R_BIN
from softcage.md.minimise import is_minimum, minimise
from softcage.model import Mixture, Potential
from softcage.structure.rdf import pair_counts, rdf_from_counts, wrap

#: Largest distance of listed pairs, sigma_AA. It covers the potential and the second shell.
REACH = 3.0
# Root mean square force at which a minimisation stops, epsilon / sigma, and its maximal number of
# steps.
_TOLERANCE, _MAX_STEPS = 1e-5, 20_000


@dataclass(frozen=True, eq=False)
class Liquid:
    """What is known of the average liquid, the same for all its frames.

    Attributes
    ----------
    mixture : Mixture
    temperature : float
    r : (n_r,) array
    g : (n_species, n_species, n_r) array
        Partial radial distribution functions.
    r0, r_min : (n_species, n_species) array
        Where each g(r) begins, and where its first shell ends.
    line : pair of floats, optional
        Calibration line: c0 and c1 of 1/S = c0 + c1 beta Phi (Eq. 7), for the softness.
    """

    mixture: Mixture
    temperature: float
    r: np.ndarray
    g: np.ndarray
    r0: np.ndarray
    r_min: np.ndarray
    line: tuple[float, float] | None = None


def liquid_of_frames(
    positions: Sequence[np.ndarray],
    species: np.ndarray,
    box: Any,
    mixture: Mixture,
    temperature: float,
    line: tuple[float, float] | None = None,
    r_bin: float = R_BIN,
) -> Liquid:
    """Measure g(r), r0 and r_min of a liquid in several frames.

    Parameters
    ----------
    positions : sequence of (N, 2 or 3) array
    species : (N,) int array
        Species of the particles, the same in all frames.
    box : float, Box or array
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes.
    mixture, temperature, line
        See :class:`Liquid`.
    r_bin : float
        Width of the bins of g(r).

    Raises
    ------
    ValueError
        If g(r) has no first shell.
    """
    stacked = np.stack(positions)
    box = placed(stacked, box)[1]
    counts = pair_counts(stacked, species, box, min(box.half, REACH), r_bin)
    r, g = rdf_from_counts(counts, len(positions), np.bincount(species), box, r_bin)
    r0, r_min = shell_ranges(r, g)
    return Liquid(mixture, temperature, r, g, r0, r_min, line)


def liquid_of_study(
    curves: str | Path,
    mixture: Mixture,
    temperature: float,
    line: tuple[float, float] | None = None,
) -> Liquid:
    """Return a liquid with the g(r), r0 and r_min that a study has measured.

    Parameters
    ----------
    curves : path
        ``cage/T{T}.npz`` of the study (:func:`softcage.cage.average.cage_of_structure`).
    mixture, temperature, line
        See :class:`Liquid`.
    """
    with np.load(curves) as cage:
        known = {name: cage[name] for name in ("r", "g", "r0", "r_min")}
    return Liquid(mixture=mixture, temperature=temperature, line=line, **known)


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
        (a, _, _), (bx, b, _), (cx, cy, c) = cell.vectors
        if cell.is_cube:
            return freud.box.Box.cube(a), wrap(positions, float(a)) - 0.5 * a
        places = cell.scaled(positions)[0]
        places[:, : cell.dimension] -= 0.5
        height = c if cell.dimension == 3 else 0.0
        box = freud.box.Box(a, b, height, bx / b, cx / c, cy / c)
        return box, places @ cell.vectors

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

    def distances(self, tagged: int, neighbour: int) -> np.ndarray:
        """Return nearest-image distances between all particles of two species, float32."""
        first, second = (self.centred[1][self.species == v] for v in (tagged, neighbour))
        square = np.zeros((len(first), len(second)), dtype=np.float32)
        if self.cell.is_cube:
            edge = np.float32(self.cell.vectors[0, 0])
            for axis in range(3):
                apart = (first[:, None, axis] - second[None, :, axis]).astype(np.float32)
                square += (apart - edge * np.rint(apart / edge)) ** 2
            return np.sqrt(square)
        first, second = self.cell.fractions(first), self.cell.fractions(second)
        apart = (first.T[:, :, None] - second.T[:, None, :]).astype(np.float32)
        apart -= np.rint(apart)
        for axis in self.cell.vectors.T.astype(np.float32):
            square += np.tensordot(axis, apart, axes=1) ** 2
        return np.sqrt(square)

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

    @property
    def available_positions(self) -> tuple[str, ...]:
        """Names of the sets of positions that the frame has, of thermal, averaged and inherent."""
        return ("thermal", *(() if self.mean is None else ("averaged",)), "inherent")

    def at(self, positions: str) -> Snapshot:
        """Return the frame with its ``thermal``, ``averaged`` or ``inherent`` positions."""
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
            If the minimisation does not converge, or the box is no cube.
        """
        positions, _, force = minimise(
            self.positions,
            self.species,
            self.cell.edge,
            self.liquid.mixture,
            tolerance=_TOLERANCE,
            max_steps=_MAX_STEPS,
        )
        if not is_minimum(force, 10 * _TOLERANCE, self.liquid.mixture, len(self.species)):
            raise ValueError(
                f"no inherent structure: a root mean square force of {force:.2g} is left after "
                f"{_MAX_STEPS} steps of minimisation. Check that species, box and potential belong "
                "to the positions"
            )
        return Snapshot(positions, self.species, self.box, self.liquid)


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
