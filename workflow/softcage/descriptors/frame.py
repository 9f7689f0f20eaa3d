"""What a descriptor is computed from: one frame, and the liquid that it is a frame of.

Neighbours, Voronoi cells and the inherent structure are computed when the first descriptor asks for
them, and once for each frame.

A frame has up to three kinds of positions: *thermal*, its own; *averaged* over a short time before
it, where frames before it are known; and *inherent*, the minimum of the energy below it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import freud
import numpy as np

from softcage.cage.local_depth import check_frame
from softcage.cage.mean_field import shell_ranges
from softcage.defaults import R_BIN
from softcage.md.minimise import is_minimum, minimise
from softcage.model import Mixture, Potential
from softcage.structure.rdf import pair_counts, rdf_from_counts, wrap

#: Distance up to which pairs are listed, sigma_AA: the potential's cut-off and the second shell.
REACH = 3.0
# Root mean square force of a particle at which a minimisation stops, epsilon / sigma, and how many
# steps it may take.
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
        Where they begin, and where the first shell ends.
    line : pair of floats, optional
        c0 and c1 of 1/S = c0 + c1 beta Phi (Eq. 7), for the softness.
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
    box: float,
    mixture: Mixture,
    temperature: float,
    line: tuple[float, float] | None = None,
    r_bin: float = R_BIN,
) -> Liquid:
    """Measure g(r), r0 and r_min of a liquid from frames of it.

    Parameters
    ----------
    positions : sequence of (N, 3) array
    species : (N,) int array
        Of all frames.
    box : float
    mixture, temperature, line
        See :class:`Liquid`.
    r_bin : float

    Raises
    ------
    ValueError
        If g(r) has no first shell.
    """
    counts = pair_counts(np.stack(positions), species, box, min(0.5 * box, REACH), r_bin)
    r, g = rdf_from_counts(counts, len(positions), np.bincount(species), box, r_bin)
    r0, r_min = shell_ranges(r, g)
    return Liquid(mixture, temperature, r, g, r0, r_min, line)


def liquid_of_study(
    curves: str | Path,
    mixture: Mixture,
    temperature: float,
    line: tuple[float, float] | None = None,
) -> Liquid:
    """Return the liquid as a study knows it: g(r), r0 and r_min of its cages.

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
    positions : (N, 3) array
        Wrapped or not, sigma_AA.
    species : (N,) int array
        From 0, the first is A.
    box : float
        Edge of the cubic box.
    liquid : Liquid
    mean : (N, 3) array, optional
        Positions averaged over a short time up to the frame.

    Raises
    ------
    ValueError
        If shapes do not match, a position is not finite, or pairs up to :data:`REACH` do not fit
        into half the box.
    """

    positions: np.ndarray
    species: np.ndarray
    box: float
    liquid: Liquid
    mean: np.ndarray | None = None
    _results: dict[Callable[[Snapshot], np.ndarray], np.ndarray] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        positions, species = check_frame(self.positions, self.species)
        object.__setattr__(self, "positions", positions)
        object.__setattr__(self, "species", species)
        if self.box < 2 * REACH:
            raise ValueError(
                f"descriptors look at pairs up to {REACH:g}, beyond half the box "
                f"({0.5 * self.box:.4g}): use a larger system"
            )

    @property
    def density(self) -> float:
        """Number density of all particles."""
        return len(self.species) / self.box**3

    @cached_property
    def fractions(self) -> np.ndarray:
        """Fractions of the species, (n_species,)."""
        n_species = len(self.liquid.mixture.species)
        return np.bincount(self.species, minlength=n_species) / len(self.species)

    @cached_property
    def centred(self) -> tuple[freud.box.Box, np.ndarray]:
        """The box and the positions as freud takes them, folded about the origin."""
        positions = wrap(self.positions, self.box) - 0.5 * self.box
        return freud.box.Box.cube(self.box), positions

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
        # in double precision: the vectors of freud are single
        vectors = positions[j] - positions[i]
        vectors -= self.box * np.rint(vectors / self.box)
        return Pairs(i, j, vectors, np.sqrt((vectors**2).sum(axis=1)), len(positions))

    def over_pairs(self, function: Potential) -> np.ndarray:
        """Evaluate a function (u, v, r) for every pair of :attr:`pairs`, (n_pairs,)."""
        pairs, values = self.pairs, np.empty(len(self.pairs.i))
        u, v = self.species[pairs.i], self.species[pairs.j]
        for a in range(len(self.fractions)):
            for b in range(len(self.fractions)):
                chosen = (u == a) & (v == b)
                values[chosen] = function(a, b, pairs.distance[chosen])
        return values

    def distances(self, tagged: int, neighbour: int) -> np.ndarray:
        """Return nearest-image distances of all of one species to all of another, float32."""
        chosen, others = (self.centred[1][self.species == v] for v in (tagged, neighbour))
        square = np.zeros((len(chosen), len(others)), dtype=np.float32)
        for axis in range(3):
            apart = (chosen[:, None, axis] - others[None, :, axis]).astype(np.float32)
            square += (apart - np.float32(self.box) * np.rint(apart / np.float32(self.box))) ** 2
        return np.sqrt(square)

    @cached_property
    def voronoi(self) -> freud.locality.Voronoi:
        """Voronoi cells of all particles, whatever their species."""
        voronoi = freud.locality.Voronoi()
        voronoi.compute(self.centred)
        return voronoi

    def cached(self, function: Callable[[Snapshot], np.ndarray]) -> np.ndarray:
        """Return ``function(frame)``, computed once for this frame."""
        if function not in self._results:
            self._results[function] = function(self)
        return self._results[function]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of positions that it has."""
        return ("thermal", *(() if self.mean is None else ("averaged",)), "inherent")

    def at(self, positions: str) -> Snapshot:
        """Return the frame with its ``thermal``, ``averaged`` or ``inherent`` positions."""
        return self if positions == "thermal" else getattr(self, positions)

    @cached_property
    def averaged(self) -> Snapshot:
        """The frame with positions averaged over a short time before it.

        Raises
        ------
        ValueError
            If it has none.
        """
        if self.mean is None:
            raise ValueError(
                "no averaged positions: they need the frames of a run before this one; a "
                "configuration alone has thermal and inherent positions"
            )
        return Snapshot(self.mean, self.species, self.box, self.liquid)

    @cached_property
    def inherent(self) -> Snapshot:
        """The inherent structure: the nearest minimum of the potential energy.

        Raises
        ------
        ValueError
            If the minimisation does not reach it.
        """
        positions, _, force = minimise(
            self.positions,
            self.species,
            self.box,
            self.liquid.mixture,
            tolerance=_TOLERANCE,
            max_steps=_MAX_STEPS,
        )
        if not is_minimum(force, 10 * _TOLERANCE, self.liquid.mixture, len(self.species)):
            raise ValueError(
                f"no inherent structure: a root mean square force of {force:.2g} is left after "
                f"{_MAX_STEPS} steps. Are types, box and potential those of the positions?"
            )
        return Snapshot(positions, self.species, self.box, self.liquid)


@dataclass(frozen=True, eq=False)
class Pairs:
    """Ordered pairs (i, j) of one frame.

    Attributes
    ----------
    i, j : (n_pairs,) int64 array
    vector : (n_pairs, 3) array
        From i to the nearest image of j.
    distance : (n_pairs,) array
    n : int
        Particles of the frame.
    """

    i: np.ndarray
    j: np.ndarray
    vector: np.ndarray
    distance: np.ndarray
    n: int

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Add up one value per pair over the neighbours of each particle, (N,)."""
        return np.bincount(self.i, values, self.n)
