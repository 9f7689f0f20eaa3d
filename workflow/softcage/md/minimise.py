r"""Inherent structures: the nearest minimum of the potential energy, without thermal vibration.

The energy is minimised with FIRE (Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006)), for
Lennard-Jones 12-6 in a cube with the forces of the simulation in double precision, and otherwise
with those of :mod:`softcage.md.plain_forces`. The potential (Eq. 1) is cut and shifted, not
smoothed: its force jumps at the cut-off by 0.04 epsilon_uv / sigma_uv. A pair that would be exactly
at the cut-off in the minimum therefore keeps the largest force from falling further.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softcage.box import placed
from softcage.md.forces import (
    Clusters,
    PairTable,
    _fixed_point,
    block,
    build_clusters,
    pair_forces,
    pair_table,
    potential_energy_and_virial,
)
from softcage.md.plain_forces import PlainForces
from softcage.model import Mixture

_SKIN = 0.3
# Constants of FIRE, as published; the time step is in reduced units, masses are 1.
_GROW, _SHRINK, _MIX, _MIX_SHRINK, _PATIENCE = 1.1, 0.5, 0.1, 0.99, 5
_STEP, _LONGEST_STEP = 0.005, 0.05
_PAIRS_AT_CUTOFF = 4  # largest number in a minimum
# Root mean square force at which the search for an inherent structure stops, epsilon / sigma, and
# its maximal number of steps.
_TOLERANCE, _MAX_STEPS = 1e-5, 20_000
_LONGEST_MOVE = 0.05  # largest move of a particle in one step, sigma_AA


def _move_to(clusters: Clusters, pairs: PairTable, positions: np.ndarray) -> None:
    """Move the particles of a neighbour list to new positions that it still covers."""
    blocked = block(positions, clusters.order, pairs.precision.lanes)
    _fixed_point(blocked, 1.0 / pairs.box, clusters.coordinates)


def _furthest(displacements: np.ndarray) -> float:
    return np.sqrt((displacements**2).sum(axis=1).max())


class _NeighbourList:
    """Forces from a list that is rebuilt when a particle has moved by more than half its skin."""

    def __init__(self, mixture: Mixture, species: np.ndarray, box: float) -> None:
        self.skin = min(_SKIN, 0.5 * box - float(mixture.cutoff.max()))
        self.pairs = pair_table(mixture, box, self.skin, self.skin, "double")
        self.species = species
        self.clusters: Clusters
        self.built: np.ndarray | None = None

    def forces(self, positions: np.ndarray) -> np.ndarray:
        if self.built is None or _furthest(positions - self.built) > 0.5 * self.skin:
            self.clusters = build_clusters(positions, self.species, self.pairs)
            self.built = positions.copy()
        else:
            _move_to(self.clusters, self.pairs, positions)
        return pair_forces(self.clusters, self.pairs)

    def energy(self, positions: np.ndarray) -> float:
        clusters = build_clusters(positions, self.species, self.pairs)
        return potential_energy_and_virial(clusters, self.pairs)[0]


def minimise(
    positions: np.ndarray,
    species: np.ndarray,
    box: Any,
    mixture: Mixture,
    tolerance: float = 1e-3,
    max_steps: int = 5000,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Follow the forces to the nearest minimum of the potential energy.

    Parameters
    ----------
    positions : (N, 2 or 3) array
        Wrapped or unwrapped, sigma_AA.
    species : (N,) int array
    box : float, Box or array
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes; periodic.
    mixture : Mixture
    tolerance : float
        Stop at this root mean square force of a particle, epsilon / sigma.
    max_steps : int

    Returns
    -------
    positions : (N, 2 or 3) array
        Positions of the minimum, not folded back into the box.
    energy : (2,) array
        Potential energy per particle before and after.
    force : float
        Remaining root mean square force of a particle; above ``tolerance`` if ``max_steps`` were
        not enough.

    Raises
    ------
    ValueError
        If the box is too small for the cut-off, or not periodic.
    """
    x = np.array(positions, dtype=np.float64)
    species = np.ascontiguousarray(species, dtype=np.int64)
    cell = placed(x, box)[1]
    neighbours: _NeighbourList | PlainForces
    if mixture.has_forces and cell.is_cube and not cell.is_turned:
        neighbours = _NeighbourList(mixture, species, cell.edge)
    else:
        neighbours = PlainForces(mixture, species, cell)
    before = neighbours.energy(x)
    v, step, mix, downhill = np.zeros_like(x), _STEP, _MIX, 0
    f = neighbours.forces(x)
    for _ in range(max_steps):
        force = np.sqrt((f**2).sum() / len(x))
        if force < tolerance:
            break
        if (f * v).sum() > 0:
            downhill += 1
            speed = np.sqrt((v**2).sum() / (f**2).sum())
            v = (1 - mix) * v + mix * speed * f
            if downhill > _PATIENCE:
                step, mix = min(step * _GROW, _LONGEST_STEP), mix * _MIX_SHRINK
        else:
            v[:] = 0.0
            step, mix, downhill = step * _SHRINK, _MIX, 0
        v += step * f
        longest = step * _furthest(v)
        x += v * (step * min(1.0, _LONGEST_MOVE / longest))
        f = neighbours.forces(x)
    force = float(np.sqrt((f**2).sum() / len(x)))
    return x, np.array([before, neighbours.energy(x)]) / len(x), force


def inherent_structure(
    positions: np.ndarray, species: np.ndarray, box: Any, mixture: Mixture
) -> np.ndarray:
    """Return the positions at the nearest minimum of the potential energy, (N, 2 or 3).

    Parameters
    ----------
    positions, species, box, mixture
        See :func:`minimise`.

    Raises
    ------
    ValueError
        If the minimisation does not converge.
    """
    minimum, _, force = minimise(positions, species, box, mixture, _TOLERANCE, _MAX_STEPS)
    if not is_minimum(force, 10 * _TOLERANCE, mixture, len(species)):
        raise ValueError(
            f"no inherent structure: a root mean square force of {force:.2g} is left after "
            f"{_MAX_STEPS} steps of minimisation. Check that species, box and potential belong to "
            "the positions"
        )
    return minimum


def is_minimum(force: float, tolerance: float, mixture: Mixture, n: int) -> bool:
    """Return whether the force that :func:`minimise` leaves is that of a minimum of the energy.

    The force of a potential that is only shifted jumps at the cut-off. If the energy is lowest with
    a pair exactly at the cut-off, the force of this pair remains, however many steps are taken. A
    minimum may have a few such pairs.

    Parameters
    ----------
    force : float
        Root mean square force of a particle, epsilon / sigma.
    tolerance : float
        A force up to this is always small enough.
    mixture : Mixture
    n : int
        Number of particles.
    """
    return force <= max(tolerance, force_of_jumps(mixture, n))


def force_of_jumps(mixture: Mixture, n: int) -> float:
    """Return the root mean square force of ``n`` particles if a few pairs are at the cut-off."""
    cutoffs = np.ndenumerate(mixture.cutoff)
    jump = max(abs(float(mixture.virial(u, v, r))) / r for (u, v), r in cutoffs)
    return jump * np.sqrt(2 * _PAIRS_AT_CUTOFF / n)
