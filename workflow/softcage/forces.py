"""Neighbour lists and Lennard-Jones forces for molecular dynamics, in Numba.

A full list (each pair in both rows) lets every particle's force be the sum over its own row:
no thread writes where another does, and the result does not depend on their number. Rows hold
one segment a species, so that the inner loop has constant parameters, and particles are sorted
by species and cell, so that the candidates of a search are contiguous in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from softcage.model import Mixture

_LANES = 16  # segments are padded to what the compiler unrolls: two vectors of float64


@dataclass(eq=False)
class PairTable:
    """Constants of each pair of species, (n_species, n_species) float64 arrays."""

    sigma2: np.ndarray
    epsilon: np.ndarray
    cutoff2: np.ndarray
    shift: np.ndarray
    reach2: np.ndarray  # (cut-off + skin)^2: what the neighbour list holds
    reach: float


def pair_table(mixture: Mixture, skin: float) -> PairTable:
    """Tabulate the constants of ``mixture`` for lists with a ``skin``."""
    n = len(mixture.species)
    shift = np.array([[mixture.shift(u, v) for v in range(n)] for u in range(n)])
    reach = mixture.cutoff + skin
    return PairTable(
        sigma2=mixture.sigma**2,
        epsilon=mixture.epsilon.copy(),
        cutoff2=mixture.cutoff**2,
        shift=shift,
        reach2=reach**2,
        reach=float(reach.max()),
    )


@dataclass(eq=False)
class Neighbours:
    """A full neighbour list.

    Attributes
    ----------
    order : (N,) int64 array
        Particle at each sorted place: species by species, cell by cell.
    shift : (N, 3) array
        What to add to a particle's unwrapped position to bring it into the box at build time.
    segments : (N, n_species + 1) int64 array
        Where each species' part of a row begins, and where the last one ends.
    table : (N, capacity) uint32 array
        Sorted places of the neighbours, row by row.
    reference : (N, 3) array
        Unwrapped positions at build time, by particle.
    """

    order: np.ndarray
    shift: np.ndarray
    segments: np.ndarray
    table: np.ndarray
    reference: np.ndarray


def build_neighbours(
    positions: np.ndarray,
    species: np.ndarray,
    box: float,
    pairs: PairTable,
    capacity: int | None = None,
) -> Neighbours:
    """Build the list of all neighbours within the cut-off plus skin.

    Parameters
    ----------
    positions : (N, 3) array
        Unwrapped.
    species : (N,) int64 array
    box : float
        Edge of the periodic cube; at least twice the reach.
    pairs : PairTable
    capacity : int, optional
        Places in a row to begin with; grown as often as it takes, never truncated.

    Raises
    ------
    ValueError
        If the box is smaller than twice the reach, where one image is not enough.
    """
    if box < 2 * pairs.reach:
        raise ValueError(
            f"box edge {box:.4g} is less than twice the cut-off plus skin, {2 * pairs.reach:.4g}: "
            "use more particles, a lower density or a smaller skin"
        )
    n, n_species = len(positions), len(pairs.sigma2)
    if capacity is None:
        capacity = int(1.4 * n / box**3 * 4.19 * pairs.reach**3) + 16 + _LANES * n_species
    # Cells of half the reach: five a side are searched, which wastes less than three big ones.
    cells = max(1, int(box / (0.5 * pairs.reach)))
    order, shift, first = _sort_into_cells(positions, species, box, cells, n_species)
    x, y, z = _gather(positions, order, shift)
    while True:
        table = np.empty((n, capacity), dtype=np.uint32)
        segments = np.zeros((n, n_species + 1), dtype=np.int64)
        longest = _fill(x, y, z, box, cells, first, pairs.reach2, table, segments)
        if longest <= capacity:
            return Neighbours(order, shift, segments, table, positions.copy())
        capacity = int(longest * 1.1) + _LANES


@njit(cache=True)
def _sort_into_cells(positions, species, box, cells, n_species):
    n = len(positions)
    shift = np.empty((n, 3))
    key = np.empty(n, np.int64)
    for i in range(n):
        cell = 0
        for d in range(3):
            shift[i, d] = -np.floor(positions[i, d] / box) * box
            c = int((positions[i, d] + shift[i, d]) / box * cells)
            cell = cell * cells + min(max(c, 0), cells - 1)
        key[i] = species[i] * cells**3 + cell
    first = np.zeros(n_species * cells**3 + 1, np.int64)
    for i in range(n):
        first[key[i] + 1] += 1
    for k in range(1, len(first)):
        first[k] += first[k - 1]
    place = first[:-1].copy()
    order = np.empty(n, np.int64)
    for i in range(n):
        order[place[key[i]]] = i
        place[key[i]] += 1
    return order, shift, first


@njit(cache=True)
def _gather(positions, order, shift):
    n = len(order)
    x, y, z = np.empty(n), np.empty(n), np.empty(n)
    for k in range(n):
        i = order[k]
        x[k] = positions[i, 0] + shift[i, 0]
        y[k] = positions[i, 1] + shift[i, 1]
        z[k] = positions[i, 2] + shift[i, 2]
    return x, y, z


@njit(cache=True)
def _candidates(first, s, cell, cells, window, out):
    """List the places of species ``s`` in the cells around ``cell``; return how many."""
    cz = cell % cells
    cy = (cell // cells) % cells
    cx = cell // cells**2
    filled = 0
    for wx in range(window):
        ax = (cx - 2 + wx) % cells if window == 5 else wx
        for wy in range(window):
            ay = (cy - 2 + wy) % cells if window == 5 else wy
            for wz in range(window):
                az = (cz - 2 + wz) % cells if window == 5 else wz
                key = s * cells**3 + (ax * cells + ay) * cells + az
                for j in range(first[key], first[key + 1]):
                    out[filled] = j
                    filled += 1
    return filled


@njit(cache=True, fastmath=True)
def _distances2(xi, yi, zi, x, y, z, m, box, out):
    half = 0.5 * box
    for k in range(m):
        dx = abs(x[k] - xi)
        dy = abs(y[k] - yi)
        dz = abs(z[k] - zi)
        dx = box - dx if dx > half else dx
        dy = box - dy if dy > half else dy
        dz = box - dz if dz > half else dz
        out[k] = dx * dx + dy * dy + dz * dz


@njit(cache=True)
def _select(i, places, distance2, m, limit, near):
    """Copy the places within ``limit`` of ``i`` to ``near``; return how many and a far place."""
    filled = 0
    far = -1
    for k in range(m):  # without branches: a mispredicted one costs more than a store
        j = places[k]
        inside = distance2[k] < limit
        near[filled] = j
        filled += inside and j != i
        far = far if inside else j
    return filled, far


@njit(cache=True, parallel=True)
def _fill(x, y, z, box, cells, first, reach2, table, segments):
    n, n_species = len(x), len(reach2)
    capacity = table.shape[1]
    window = min(5, cells)
    n_cells = cells**3
    longest = np.zeros(n_cells, np.int64)
    for cell in prange(n_cells):
        places = np.empty(n, np.int64)
        near = np.empty(n + 1, np.int64)
        px, py, pz, distance2 = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
        for s in range(n_species):
            m = _candidates(first, s, cell, cells, window, places)
            for k in range(m):
                px[k], py[k], pz[k] = x[places[k]], y[places[k]], z[places[k]]
            for u in range(n_species):
                for i in range(first[u * n_cells + cell], first[u * n_cells + cell + 1]):
                    _distances2(x[i], y[i], z[i], px, py, pz, m, box, distance2)
                    filled, far = _select(i, places, distance2, m, reach2[u, s], near)
                    # Fill the last vector up with a particle too far away to come within the
                    # cut-off while the list is valid: it adds nothing and spares a remainder.
                    while far >= 0 and filled % _LANES != 0:
                        near[filled] = far
                        filled += 1
                    begin = segments[i, s]
                    for k in range(min(filled, capacity - begin)):
                        table[i, begin + k] = near[k]
                    segments[i, s + 1] = min(begin + filled, capacity)
                    longest[cell] = max(longest[cell], begin + filled)
    return longest.max()


def lennard_jones_forces(
    positions: np.ndarray,
    species: np.ndarray,
    box: float,
    pairs: PairTable,
    neighbours: Neighbours,
    forces: np.ndarray,
) -> None:
    """Write the force on every particle into ``forces``, (N, 3) float64, units epsilon/sigma."""
    _forces(
        positions, species, box, pairs.sigma2, pairs.epsilon, pairs.cutoff2,
        neighbours.order, neighbours.shift, neighbours.segments, neighbours.table, forces,
    )  # fmt: skip


def potential_energy_and_virial(
    positions: np.ndarray,
    species: np.ndarray,
    box: float,
    pairs: PairTable,
    neighbours: Neighbours,
) -> tuple[float, float]:
    r"""Return the potential energy and the virial :math:`\sum_{i<j} r_{ij} f_{ij}`.

    The pressure is (2 K + virial) / (3 V).
    """
    energy, virial = _energies(
        positions, species, box, pairs.sigma2, pairs.epsilon, pairs.cutoff2, pairs.shift,
        neighbours.order, neighbours.shift, neighbours.segments, neighbours.table,
    )  # fmt: skip
    # Per-particle parts are added in a fixed order whatever the number of threads.
    return 0.5 * float(energy.sum()), 0.5 * float(virial.sum())


@njit(cache=True, fastmath=True, inline="always")
def _nearest(d, box, inverse):
    return d - box * np.rint(d * inverse)


@njit(cache=True, parallel=True, fastmath=True, error_model="numpy")
def _forces(
    positions, species, box, sigma2, epsilon, cutoff2, order, shift, segments, table, forces
):  # fmt: skip
    n, n_species = len(order), len(sigma2)
    x, y, z = _gather(positions, order, shift)
    inverse = 1.0 / box
    for i in prange(n):
        u = species[order[i]]
        xi, yi, zi = x[i], y[i], z[i]
        row = table[i]
        fx = fy = fz = 0.0
        for s in range(n_species):
            s2, c2, e24 = sigma2[u, s], cutoff2[u, s], 24.0 * epsilon[u, s]
            sx = sy = sz = 0.0
            segment = row[segments[i, s] : segments[i, s + 1]]
            for k in range(len(segment)):
                j = segment[k]
                dx = _nearest(xi - x[j], box, inverse)
                dy = _nearest(yi - y[j], box, inverse)
                dz = _nearest(zi - z[j], box, inverse)
                r2 = dx * dx + dy * dy + dz * dz
                inverse2 = 1.0 / r2
                q2 = s2 * inverse2
                q6 = q2 * q2 * q2
                f = q6 * (2.0 * q6 - 1.0) * inverse2
                f = f if r2 < c2 else 0.0
                sx += f * dx
                sy += f * dy
                sz += f * dz
            fx += e24 * sx
            fy += e24 * sy
            fz += e24 * sz
        forces[order[i], 0] = fx
        forces[order[i], 1] = fy
        forces[order[i], 2] = fz


@njit(cache=True, parallel=True, fastmath=True, error_model="numpy")
def _energies(
    positions, species, box, sigma2, epsilon, cutoff2, shifts, order, shift, segments, table
):  # fmt: skip
    n, n_species = len(order), len(sigma2)
    x, y, z = _gather(positions, order, shift)
    inverse = 1.0 / box
    energy, virial = np.zeros(n), np.zeros(n)
    for i in prange(n):
        u = species[order[i]]
        row = table[i]
        for s in range(n_species):
            s2, c2, e, c = sigma2[u, s], cutoff2[u, s], epsilon[u, s], shifts[u, s]
            energies = virials = 0.0
            segment = row[segments[i, s] : segments[i, s + 1]]
            for k in range(len(segment)):
                j = segment[k]
                dx = _nearest(x[i] - x[j], box, inverse)
                dy = _nearest(y[i] - y[j], box, inverse)
                dz = _nearest(z[i] - z[j], box, inverse)
                r2 = dx * dx + dy * dy + dz * dz
                q2 = s2 / r2
                q6 = q2 * q2 * q2
                inside = r2 < c2
                energies += 4.0 * e * q6 * (q6 - 1.0) - c if inside else 0.0
                virials += 24.0 * e * q6 * (2.0 * q6 - 1.0) if inside else 0.0
            energy[i] += energies
            virial[i] += virials
    return energy, virial
