r"""Neighbour lists and Lennard-Jones forces for molecular dynamics, in Numba.

Three choices make the forces fast and exactly reproducible:

- *Clusters.* Particles are sorted such that groups of consecutive particles, as many as a register
  holds (sixteen, eight or four), are close together. An entry of the neighbour list is a pair of
  one particle and one cluster: this many distances are computed at a time from contiguous memory,
  without gathering (:mod:`softcage.compiled.simd`). Each pair of clusters is listed on one side
  only, the one that needs fewer entries, and the reaction is added to the forces of the cluster.
- *Fixed-point coordinates.* A coordinate is a multiple of box / 2^32, or / 2^52. The difference
  between two coordinates is exact, and so is the nearest image; the resolution is the same
  everywhere in the box.
- *Fixed-point forces.* The force of each pair is rounded once to a multiple of a small unit, and
  the sum of such numbers is exact. It does not depend on the order of the list, the size of a
  cluster or the number of threads, and all forces add up to exactly zero. A trajectory is therefore
  a function of its initial state alone.

With ``mixed`` precision, coordinates and forces are int32, which wraps around as the box does, and
pairs are computed in float32. With ``double`` precision all of these are float64, which holds whole
numbers exactly up to 2^53. Positions, velocities and all sums over particles are float64 or int64
in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import prange

from softcage.compiled.decorator import kernel
from softcage.compiled.simd import (
    REGISTER,
    bits,
    both,
    broadcast_full,
    broadcast_like,
    count_bits,
    fixed_coordinate,
    fma,
    full_lanes,
    lanes,
    largest,
    less,
    load_full,
    load_like,
    lowest_bit,
    maximum,
    nearest_image,
    nearest_image64,
    rounded,
    store,
    total,
    totals,
    where,
    zeros,
)
from softcage.model import Mixture, known_forces

ENERGY_UNIT = 2.0**-32  # energies are also summed as integers


@dataclass(frozen=True)
class Precision:
    """Types of coordinates and forces (``fixed``), and of the arithmetic for a pair (``floating``).

    The box is ``steps`` units of coordinates wide; forces are exact below ``exact`` units of force.
    """

    fixed: type[np.number]
    floating: type[np.floating]
    steps: float
    exact: float

    @property
    def lanes(self) -> int:
        """Particles in a cluster."""
        return full_lanes(self.fixed)


PRECISIONS = {
    "mixed": Precision(np.int32, np.float32, steps=2.0**32, exact=2.0**31),
    "double": Precision(np.float64, np.float64, steps=1.0, exact=2.0**53),
}


@dataclass(eq=False)
class PairTable:
    """Constants of each pair of species, (n_species, n_species) float64 arrays.

    Lengths are in units of the fixed-point coordinates unless stated otherwise.
    """

    sigma2: np.ndarray
    repulsion: np.ndarray  # 48 epsilon sigma^12 and 24 epsilon sigma^6 over the unit of force, for
    attraction: np.ndarray  # an inverse r^2 in units of length and a separation in coordinates
    cutoff2: np.ndarray
    reach2: np.ndarray  # (cut-off + skin)^2, (2, n_species, n_species): skin and thin skin
    epsilon: np.ndarray  # in units of energy
    shift: np.ndarray  # in units of energy
    reach: float  # largest cut-off plus skin, in units of length
    box: float
    length_unit: float
    force_unit: float
    precision: Precision

    @property
    def inverse_unit2(self) -> np.floating:
        """One over the squared unit of coordinates."""
        return self.precision.floating(self.length_unit**-2)


def pair_table(
    mixture: Mixture, box: float, skin: float, thin_skin: float, precision: str = "mixed"
) -> PairTable:
    """Tabulate the constants of ``mixture`` in a cubic ``box`` for lists with these skins.

    Raises
    ------
    ValueError
        If the box is smaller than twice the cut-off and skin, where one image is not enough, the
        precision is not one of PRECISIONS, or the potential is not Lennard-Jones 12-6.
    """
    known_forces(mixture)
    if precision not in PRECISIONS:
        raise ValueError(f"precision {precision!r} is not one of {', '.join(PRECISIONS)}")
    reach = float((mixture.cutoff + skin).max())
    if not thin_skin > 0 or box < 2 * reach * (1 - 1e-12):
        raise ValueError(
            f"box edge {box:.4g} is too small for the cut-off {mixture.cutoff.max():.4g}: it must "
            "exceed twice the cut-off; use more particles or a lower density"
        )
    number_types = PRECISIONS[precision]
    length_unit = box / number_types.steps
    # Forces of the strongest pair are exact up to 2^14 to 2^15 epsilon/sigma. Lennard-Jones
    # particles reach that at r = 0.6 sigma, where their energy is 1500 epsilon.
    strongest = 2.0 ** np.ceil(np.log2((mixture.epsilon / mixture.sigma).max()))
    force_unit = float(strongest * 2.0**14 / number_types.exact)
    unit = length_unit / force_unit
    n = len(mixture.species)
    return PairTable(
        sigma2=(mixture.sigma / length_unit) ** 2,
        repulsion=48.0 * mixture.epsilon * mixture.sigma**12 * unit,
        attraction=24.0 * mixture.epsilon * mixture.sigma**6 * unit,
        cutoff2=(mixture.cutoff / length_unit) ** 2,
        reach2=np.stack([((mixture.cutoff + s) / length_unit) ** 2 for s in (skin, thin_skin)]),
        epsilon=mixture.epsilon.copy(),
        shift=np.array([[mixture.shift(u, v) for v in range(n)] for u in range(n)]),
        reach=reach,
        box=box,
        length_unit=length_unit,
        force_unit=force_unit,
        precision=number_types,
    )


@dataclass(eq=False)
class Clusters:
    """Particles sorted into clusters of ``lanes`` particles, and the neighbour clusters of each.

    "Blocked" arrays hold for each cluster the x of its lanes, then their y, then their z.

    Attributes
    ----------
    order : (n_lanes,) int64 array
        Particle in each lane; the last lanes may be empty, -1.
    species : (n_lanes,) int64 array
        Species of the particle in each lane; in empty lanes n_species, which interacts with
        nothing.
    coordinates : (3 n_lanes,) array
        Fixed-point, blocked.
    constants : (n_species + 1, 3 n_lanes) float array
        Repulsion, attraction and cut-off^2 of each lane with each species, stored like x, y and z.
    reach2 : (2, n_species + 1, n_lanes) float array
        Square of the cut-off plus skin of each lane with each species, for both lists.
    wide, table : (n_lanes, capacity) uint32 array
        Offsets in blocked arrays of the clusters that each lane is paired with: all within the
        cut-off plus skin, and those of them within the cut-off plus thin skin. The cluster of the
        lane itself is not listed. One more entry follows the last, which may be any cluster.
    wide_length, length : (n_lanes,) int64 array
        Number of entries in each row.
    """

    order: np.ndarray
    species: np.ndarray
    coordinates: np.ndarray
    constants: np.ndarray
    reach2: np.ndarray
    wide: np.ndarray
    wide_length: np.ndarray
    table: np.ndarray
    length: np.ndarray


def build_clusters(
    positions: np.ndarray, species: np.ndarray, pairs: PairTable, capacity: int = 32
) -> Clusters:
    """Sort particles into clusters and list the neighbours within the cut-off plus skin.

    Parameters
    ----------
    positions : (N, 3) float64 array
        Wrapped or unwrapped.
    species : (N,) int64 array
    pairs : PairTable
    capacity : int
        Initial length of a row. Rows grow as often as needed and are never truncated.
    """
    n, box, precision = len(positions), pairs.box, pairs.precision
    width = precision.lanes
    columns = max(1, round(box / (width * box**3 / n) ** (1 / 3)))
    order, first = _sort(positions, box, columns, 8 * columns)
    size = -(-n // width) * width
    order = np.concatenate([order, np.full(size - n, -1)])
    lane_species = np.where(order >= 0, species[order], len(pairs.sigma2))
    coordinates = aligned((3 * size,), precision.fixed)
    _fixed_point(block(positions, order, width), 1.0 / box, coordinates)
    constants = _lane_constants(
        lane_species, (pairs.repulsion, pairs.attraction, pairs.cutoff2), (0.0, 0.0, -1.0), width,
        precision.floating,
    )  # fmt: skip
    reach2 = np.stack(
        [
            _lane_constants(lane_species, (r,), (-1.0,), width, precision.floating)
            for r in pairs.reach2
        ]
    )
    # Padded, because the last entries are read as part of a whole vector.
    centre, half = np.zeros((2, 3, size // width + width), dtype=precision.floating)
    _bounding_boxes(coordinates, 1.0 / precision.steps, centre, half)
    reach = precision.floating(pairs.reach / box + 1e-6)  # margin for rounding
    length = np.zeros((2, size), dtype=np.int64)
    n_turned = np.zeros(size // width, dtype=np.int64)
    while True:
        tables = np.empty((2, size, capacity), dtype=np.uint32)
        turned = np.empty((size // width, capacity, 2), dtype=np.uint32)
        _fill_rows(
            lane_species, coordinates, reach2, centre, half, first, columns, reach, tables[0],
            length[0], turned, n_turned,
        )  # fmt: skip
        _fill_turned(turned, n_turned, tables[0], length[0])
        longest = int(max(length[0].max(), n_turned.max()))
        if longest < capacity:
            break
        capacity = int(longest * 1.2) + 4
    clusters = Clusters(
        order, lane_species, coordinates, constants, reach2,
        tables[0], length[0], tables[1], length[1],
    )  # fmt: skip
    prune(
        lane_species, coordinates, reach2[1], clusters.wide, clusters.wide_length, clusters.table,
        clusters.length,
    )  # fmt: skip
    return clusters


def aligned(shape: tuple[int, ...], dtype: type[np.number]) -> np.ndarray:
    """Return an array of zeros, aligned such that no vector lies across two cache lines."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    memory = np.zeros(size + REGISTER, dtype=np.uint8)
    begin = -memory.ctypes.data % REGISTER
    return memory[begin : begin + size].view(dtype).reshape(shape)


def block(values: np.ndarray, order: np.ndarray, width: int) -> np.ndarray:
    """Return (N, 3) float64 values of particles as a blocked array.

    Clusters have ``width`` lanes; empty lanes repeat the last particle.
    """
    blocked = aligned((3 * len(order),), np.float64)
    _block(values, order, width, blocked)
    return blocked


def unblock(blocked: np.ndarray, order: np.ndarray, width: int) -> np.ndarray:
    """Return a blocked array as (N, 3) values in the order of particles."""
    values = np.empty((np.count_nonzero(order >= 0), 3), dtype=blocked.dtype)
    _unblock(blocked, order, width, values)
    return values


@kernel
def _block(values, order, width, blocked):
    particle = 0
    for start in range(0, len(order), width):
        for lane in range(width):
            particle = order[start + lane] if order[start + lane] >= 0 else particle
            for d in range(3):
                blocked[3 * start + d * width + lane] = values[particle, d]


@kernel
def _unblock(blocked, order, width, values):
    for start in range(0, len(order), width):
        for lane in range(width):
            particle = order[start + lane]
            if particle >= 0:
                for d in range(3):
                    values[particle, d] = blocked[3 * start + d * width + lane]


def _lane_constants(species, tables, empty, width, dtype):
    """Return tables[k][u, species of lane] for species u, blocked, (n_species + 1, k n_lanes)."""
    n, n_tables = len(tables[0]), len(tables)
    values = np.empty((n_tables, n + 1, n + 1))
    values[:] = np.reshape(empty, (n_tables, 1, 1))  # for empty lanes, whose species is n
    values[:, :n, :n] = tables
    rows = aligned((n + 1, n_tables * len(species)), dtype)
    _fill_constants(species, values, width, rows)
    return rows


@kernel
def _fill_constants(species, values, width, rows):
    n_tables = len(values)
    for u in range(len(rows)):
        for start in range(0, len(species), width):
            for k in range(n_tables):
                for lane in range(start, start + width):
                    rows[u, start * (n_tables - 1) + k * width + lane] = values[k, u, species[lane]]


@kernel
def _sort(positions, box, columns, slices):
    """Sort along z within square columns, upwards in one and downwards in the next.

    The end of a column is then close to the beginning of the next. Return the order and where each
    column starts in it.
    """
    n = len(positions)
    key = np.empty(n, np.int64)
    cell = np.empty(3, np.int64)
    for i in range(n):
        for d in range(3):
            number = columns if d < 2 else slices
            fraction = positions[i, d] / box
            fraction -= np.floor(fraction)
            cell[d] = min(int(fraction * number), number - 1)
        y = cell[1] if cell[0] % 2 == 0 else columns - 1 - cell[1]
        column = cell[0] * columns + y
        z = cell[2] if column % 2 == 0 else slices - 1 - cell[2]
        key[i] = column * slices + z
    first = np.zeros(columns * columns * slices + 1, np.int64)
    for i in range(n):
        first[key[i] + 1] += 1
    for k in range(1, len(first)):
        first[k] += first[k - 1]
    column_first = first[::slices].copy()
    order = np.empty(n, np.int64)
    for i in range(n):
        order[first[key[i]]] = i
        first[key[i]] += 1
    return order, column_first


@kernel
def _fixed_point(positions, inverse_box, coordinates):
    """Write float64 ``positions`` as fixed-point ``coordinates``, (M,) both."""
    inverse = broadcast_full(inverse_box)
    for k in range(np.uint64(0), np.uint64(len(positions)), lanes(positions)):
        store(coordinates, k, fixed_coordinate(load_full(positions, k) * inverse, coordinates))


@kernel
def _bounding_boxes(coordinates, inverse_steps, centre, half):
    """Write the bounding box of each cluster: centres and half edges, (3, n_clusters), over
    the box.
    """
    n = lanes(coordinates)
    for c in range(np.uint64(len(coordinates)) // (np.uint64(3) * n)):
        for d in range(np.uint64(3)):
            start = (np.uint64(3) * c + d) * n
            x = load_full(coordinates, start)
            distance = nearest_image(x - broadcast_full(coordinates[start]))
            high, low = largest(distance), -largest(-distance)
            centre[d, c] = inverse_steps * (coordinates[start] + np.float64(0.5 * (high + low)))
            half[d, c] = inverse_steps * np.float64(0.5 * (high - low))


@kernel(parallel=True, error_model="numpy")
def _fill_rows(
    species, coordinates, reach2, centre, half, first, columns, reach, table, length, turned,
    n_turned,
):  # fmt: skip
    clusters = len(turned)
    chunks = min(clusters, 64)
    for chunk in prange(chunks):
        visited = np.full(clusters, -1, np.int64)
        near = np.empty(clusters + 1, np.uint32)
        for c in range(chunk * clusters // chunks, (chunk + 1) * clusters // chunks):
            n_near = _near_clusters(c, centre, half, first, columns, reach, visited, near)
            n_turned[c] = _fill_cluster(
                np.uint64(c), near, n_near, species, coordinates, reach2, table, length, turned[c]
            )


@kernel(error_model="numpy")
def _fill_cluster(c, near, n_near, species, coordinates, reach2, table, length, turned):
    """List the clusters that begin at ``near`` in those rows of cluster ``c`` that reach them.

    If, with a thin skin, fewer rows of the other cluster would list ``c``, the pair is listed in
    these rows instead: the other cluster then goes to ``turned``, with a bit for each of the rows.
    Return the number of such clusters.
    """
    n = lanes(coordinates)
    first, last, given = c * n, table.shape[1] - 1, 0
    length[first : first + n] = 0
    for k in range(n_near):
        j = np.uint64(near[k])
        x, y = load_full(coordinates, j), load_full(coordinates, j + n)
        z = load_full(coordinates, j + n + n)
        ours = close_ours = theirs = close_theirs = np.uint64(0)
        for lane in range(n):
            u, place = np.uint64(species[first + lane]), np.uint64(3) * first + lane
            dx = nearest_image(x - broadcast_full(coordinates[place]))
            dy = nearest_image(y - broadcast_full(coordinates[place + n]))
            dz = nearest_image(z - broadcast_full(coordinates[place + n + n]))
            r2 = fma(dx, dx, fma(dy, dy, dz * dz))
            reached = bits(less(r2, load_full(reach2[0, u], j // np.uint64(3))))
            close = bits(less(r2, load_full(reach2[1, u], j // np.uint64(3))))
            ours |= np.uint64(reached != 0) << lane
            theirs |= reached
            close_ours += np.uint64(close != 0)
            close_theirs |= close
        if close_ours <= count_bits(close_theirs):
            _append(j, ours, first, n, table, length)
        else:
            turned[min(given, last), 0] = j
            turned[min(given, last), 1] = theirs
            given += 1
    return given


@kernel
def _fill_turned(turned, n_turned, table, length):
    """List each cluster in the rows of the clusters that are in its ``turned``."""
    n = np.uint64(len(table) // len(turned))
    for c in range(len(turned)):
        for k in range(min(n_turned[c], turned.shape[1])):
            home = np.uint64(3) * np.uint64(c) * n
            chosen, first = np.uint64(turned[c, k, 1]), np.uint64(turned[c, k, 0]) // np.uint64(3)
            _append(home, chosen, first, n, table, length)


@kernel(inline="always")
def _append(j, chosen, first, n, table, length):
    """Append ``j`` to the rows from ``first`` on whose bit in ``chosen`` is set."""
    last = np.uint64(table.shape[1] - 1)
    for i in range(first, first + n):
        k = np.uint64(length[i])
        table[i, min(k, last)] = j
        length[i] = k + (chosen & np.uint64(1))
        chosen >>= np.uint64(1)


@kernel(error_model="numpy")
def _near_clusters(c, centre, half, first, columns, reach, visited, near):
    """List where clusters begin whose bounding box is within reach of that of ``c``.

    Return their number. Each pair of clusters is listed for one of the two: for the lower one if
    the sum of their numbers is even, otherwise for the higher one. All clusters then list about
    the same number.
    """
    n = np.int64(lanes(centre))
    begin, count = np.empty(2, np.int64), np.empty(2, np.int64)
    for d in range(2):  # the columns that the box and the reach around it touch
        middle, margin = np.float64(centre[d, c]), np.float64(half[d, c] + reach)
        begin[d] = int(np.floor((middle - margin) * columns))
        count[d] = int(np.floor((middle + margin) * columns)) - begin[d] + 1
    x, y, z = _three(centre, c)
    hx, hy, hz = _three(half, c)
    limit = broadcast_full(reach * reach)
    n_near = 0
    for kx in range(min(count[0], columns)):
        column_x = (begin[0] + kx) % columns
        for ky in range(min(count[1], columns)):
            column_y = (begin[1] + ky) % columns
            column = column_x * columns
            column += column_y if column_x % 2 == 0 else columns - 1 - column_y
            if first[column] == first[column + 1]:
                continue
            last = (first[column + 1] - 1) // n
            for start in range(first[column] // n, last + 1, n):
                dx = _gap(x, hx, centre[0], half[0], start)
                dy = _gap(y, hy, centre[1], half[1], start)
                dz = _gap(z, hz, centre[2], half[2], start)
                mask = bits(less(fma(dx, dx, fma(dy, dy, dz * dz)), limit))
                if last + 1 - start < n:
                    mask &= (np.uint64(1) << np.uint64(last + 1 - start)) - np.uint64(1)
                # Above c, clusters whose sum with c is even; up to c, those whose sum is odd.
                even = np.uint64(0x5555555555555555) << np.uint64((start + c) % 2)
                lower = (np.uint64(1) << np.uint64(min(max(c + 1 - start, 0), 63))) - np.uint64(1)
                mask &= even ^ lower
                while mask:
                    other = start + lowest_bit(mask)
                    mask &= mask - np.uint64(1)
                    near[n_near] = other * 3 * n
                    n_near += visited[other] != c
                    visited[other] = c  # a cluster can lie in two columns
    return n_near


@kernel(inline="always")
def _three(values, c):
    return broadcast_full(values[0, c]), broadcast_full(values[1, c]), broadcast_full(values[2, c])


@kernel(inline="always")
def _gap(centre, half, centres, halves, start):
    """Return the distances along an axis from one box to others, 0 where they overlap."""
    away = nearest_image(load_full(centres, start) - centre)
    gap = maximum(away, -away) - load_full(halves, start) - half
    return maximum(gap, zeros(gap))


@kernel(error_model="numpy")
def _select_row(i, near, n_near, coordinates, reach2, row):
    """Write to ``row`` those clusters that begin at ``near`` and are within reach of particle
    ``i``.

    Return their number.
    """
    n = lanes(coordinates)
    home = np.uint64(i) // n * np.uint64(3) * n
    x, y, z = _minus(coordinates, home + np.uint64(i) % n)
    length, last = 0, len(row) - 1
    for k in range(n_near):
        j = np.uint64(near[k])
        r2 = _separation(x, y, z, coordinates, j)[3]
        # Without a branch, which would be mispredicted; the last place takes entries that do not
        # fit.
        row[min(length, last)] = j
        length += bits(less(r2, load_full(reach2, j // np.uint64(3)))) != 0
    row[min(length, last)] = home
    return length


@kernel(parallel=True)
def prune(
    species: np.ndarray,
    coordinates: np.ndarray,
    reach2: np.ndarray,
    wide: np.ndarray,
    wide_length: np.ndarray,
    table: np.ndarray,
    length: np.ndarray,
) -> None:
    """Write to ``table`` the entries of the ``wide`` rows that are now within ``reach2``."""
    chunks = min(len(species), 64)
    for chunk in prange(chunks):
        for i in range(chunk * len(species) // chunks, (chunk + 1) * len(species) // chunks):
            length[i] = _select_row(
                i, wide[i], wide_length[i], coordinates, reach2[species[i]], table[i]
            )


def pair_forces(clusters: Clusters, pairs: PairTable) -> np.ndarray:
    """Return the force on every particle, (N, 3) float64, in units of epsilon/sigma.

    The forces are exact multiples of ``pairs.force_unit``, and their sum is exactly zero.
    """
    buffers = aligned((1, len(clusters.coordinates)), pairs.precision.fixed)
    accumulate_forces(
        clusters.species, clusters.coordinates, clusters.constants, pairs.inverse_unit2,
        clusters.table, clusters.length, buffers,
    )  # fmt: skip
    return unblock(buffers[0] * pairs.force_unit, clusters.order, pairs.precision.lanes)


def potential_energy_and_virial(clusters: Clusters, pairs: PairTable) -> tuple[float, float]:
    r"""Return the potential energy and the virial :math:`\sum_{i<j} r_{ij} f_{ij}`.

    Both are evaluated in float64, whatever the precision. The pressure is (2 K + virial) / (3 V).
    """
    width = pairs.precision.lanes
    constants = _lane_constants(
        clusters.species, (pairs.sigma2, 4.0 * pairs.epsilon, pairs.cutoff2, pairs.shift),
        (1.0, 0.0, -1.0, 0.0), width, np.float64,
    )  # fmt: skip
    sums = np.zeros((2, len(clusters.order) // width), dtype=np.int64)
    _row_energies(
        clusters.order, clusters.species, clusters.coordinates, constants, clusters.table,
        clusters.length, sums,
    )  # fmt: skip
    energy, virial = sums.sum(axis=1)
    return float(energy) * ENERGY_UNIT, float(virial) * ENERGY_UNIT


@kernel(parallel=True)
def accumulate_forces(
    species: np.ndarray,
    coordinates: np.ndarray,
    constants: np.ndarray,
    inverse_unit2: np.floating,
    table: np.ndarray,
    length: np.ndarray,
    buffers: np.ndarray,
) -> None:
    """Write fixed-point forces into ``buffers`` (threads, 3 n_lanes); their sum is the force."""
    threads = len(buffers)
    clusters = len(species) // np.int64(lanes(coordinates))
    for thread in prange(threads):
        _row_forces(
            thread * clusters // threads, (thread + 1) * clusters // threads,
            species, coordinates, constants, inverse_unit2, table, length, buffers[thread],
        )  # fmt: skip


@kernel(inline="always")
def _minus(coordinates, place):
    """Return vectors of the negative coordinates of the particle in a lane."""
    n = lanes(coordinates)
    x = broadcast_full(coordinates[place])
    y = broadcast_full(coordinates[place + n])
    z = broadcast_full(coordinates[place + n + n])
    return zeros(x) - x, zeros(y) - y, zeros(z) - z


@kernel(inline="always")
def _separation(x, y, z, coordinates, j):
    """Return the separations of a particle at (-x, -y, -z) from a cluster, and their squares."""
    n = lanes(coordinates)
    dx = nearest_image(load_full(coordinates, j) + x)
    dy = nearest_image(load_full(coordinates, j + n) + y)
    dz = nearest_image(load_full(coordinates, j + n + n) + z)
    return dx, dy, dz, fma(dx, dx, fma(dy, dy, dz * dz))


@kernel(inline="always")
def _pair_force(inverse, r2, constants, j):
    """Return the force over the distance, from the inverse squared distance in length^-2."""
    n = lanes(constants)
    inverse2 = inverse * inverse
    f = fma(load_full(constants, j), inverse2 * inverse, -load_full(constants, j + n))
    inside = less(r2, load_full(constants, j + n + n))
    return where(inside, f * (inverse2 * inverse2), zeros(f))


@kernel(error_model="numpy")
def _row_forces(
    begin, end, species, coordinates, constants, inverse_unit2, table, length, forces
):  # fmt: skip
    """Write the fixed-point forces of the rows of clusters ``begin`` to ``end`` to ``forces``."""
    n = lanes(coordinates)
    y, z, size = n, n + n, np.uint64(3) * n
    nothing = zeros(load_full(forces, 0))
    for k in range(np.uint64(0), np.uint64(len(forces)), n):
        store(forces, k, nothing)
    unit2 = broadcast_full(inverse_unit2)
    rows = np.empty(size * n, forces.dtype)  # the force of each row of a cluster, lane by lane
    for c in range(np.uint64(begin), np.uint64(end)):
        home = c * size
        for lane in range(n):
            i = c * n + lane
            xi, yi, zi = _minus(coordinates, home + lane)
            parameters = constants[species[i]]
            # Within a cluster each particle is paired with all particles, including itself.
            dx, dy, dz, r2 = _separation(xi, yi, zi, coordinates, home)
            f = _pair_force(unit2 / r2, r2, parameters, home)
            f = where(less(zeros(r2), r2), f, zeros(f))
            fx = nothing - rounded(f * dx, forces)
            fy = nothing - rounded(f * dy, forces)
            fz = nothing - rounded(f * dz, forces)
            # The distances of an entry are computed beside the forces of the entry before it: one
            # long chain of operations does not keep a processor busy.
            j = np.uint64(table[i, 0])
            dx, dy, dz, r2 = _separation(xi, yi, zi, coordinates, j)
            for k in range(length[i]):
                following = np.uint64(table[i, k + 1])
                next_x, next_y, next_z, next_r2 = _separation(xi, yi, zi, coordinates, following)
                f = _pair_force(unit2 / r2, r2, parameters, j)
                gx = rounded(f * dx, forces)
                gy = rounded(f * dy, forces)
                gz = rounded(f * dz, forces)
                fx, fy, fz = fx - gx, fy - gy, fz - gz
                store(forces, j, load_full(forces, j) + gx)
                store(forces, j + y, load_full(forces, j + y) + gy)
                store(forces, j + z, load_full(forces, j + z) + gz)
                dx, dy, dz, r2, j = next_x, next_y, next_z, next_r2, following
            store(rows, lane * n, fx)
            store(rows, (n + lane) * n, fy)
            store(rows, (n + n + lane) * n, fz)
        for d in range(np.uint64(3)):
            place = home + d * n
            store(forces, place, load_full(forces, place) + totals(rows, d * n * n))


@kernel(parallel=True, error_model="numpy")
def _row_energies(order, species, coordinates, constants, table, length, sums):
    """Write each cluster's part of the energy and of the virial, in units of ENERGY_UNIT."""
    n = np.int64(lanes(coordinates))
    for c in prange(sums.shape[1]):
        twice = np.zeros(2, np.int64)  # within a cluster each pair is counted twice
        once = np.zeros(2, np.int64)
        for i in range(c * n, (c + 1) * n):
            if order[i] < 0:
                break
            parameters = constants[species[i]]
            _add_energies(i, c * 3 * n, coordinates, parameters, twice)
            for k in range(length[i]):
                _add_energies(i, table[i, k], coordinates, parameters, once)
        for k in range(2):
            sums[k, c] = once[k] + twice[k] // 2


@kernel(error_model="numpy")
def _add_energies(i, j, coordinates, constants, sums):
    """Add the energy and virial of particle ``i`` with the cluster that begins at ``j``."""
    n, start = lanes(coordinates), np.uint64(j)
    place = np.uint64(i) // n * np.uint64(3) * n + np.uint64(i) % n
    x, y, z = _minus(coordinates, place)
    # exact in float64 in either precision
    dx = nearest_image64(load_full(coordinates, start) + x)
    dy = nearest_image64(load_full(coordinates, start + n) + y)
    dz = nearest_image64(load_full(coordinates, start + n + n) + z)
    r2 = fma(dx, dx, fma(dy, dy, dz * dz))
    zero = zeros(r2)
    k = start // np.uint64(3) * np.uint64(4)
    s2 = load_like(constants, k, r2) / r2
    s6 = s2 * s2 * s2
    u4 = load_like(constants, k + n, r2) * s6
    inside = both(less(zero, r2), less(r2, load_like(constants, k + n + n, r2)))
    energy = fma(u4, s6, -u4) - load_like(constants, k + np.uint64(3) * n, r2)
    virial = broadcast_like(6.0, r2) * fma(u4, s6 + s6, -u4)
    unit = broadcast_like(1.0 / ENERGY_UNIT, r2)
    sums[0] += total(rounded(where(inside, energy, zero) * unit, sums))
    sums[1] += total(rounded(where(inside, virial, zero) * unit, sums))
