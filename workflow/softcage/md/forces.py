r"""Neighbour lists and Lennard-Jones forces for molecular dynamics, in Numba.

Three choices make the forces fast and exactly reproducible:

- *Clusters.* Particles are sorted so that eight consecutive ones are close together. A list entry
  is a pair of one particle and one cluster: eight distances from contiguous memory at a time,
  without gathering (:mod:`softcage.md.simd`). Each pair of clusters is met from one side only, and
  the reaction is subtracted from the cluster's forces.
- *Fixed-point coordinates.* A coordinate is an integer, the box is the whole range of the
  integers. The difference of two wraps around as the box does: the nearest image costs nothing,
  and the resolution (box / 2^32, or / 2^64) does not depend on where a particle is.
- *Integer forces.* Each pair's force is rounded once to a multiple of a small unit, and the sum
  is one of integers. It does not depend on the order of the list or the number of threads, and
  forces add up to exactly zero. A trajectory is then a function of its initial state alone.

``mixed`` precision uses 32-bit integers and float32 pair forces, ``double`` 64-bit ones.
Positions, velocities and all sums over particles are float64 or int64 in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from softcage.md.simd import (
    LANES,
    bits,
    both,
    broadcast,
    fma,
    less,
    load,
    lowest_bit,
    maximum,
    nearest,
    select,
    store,
    to_float,
    to_float64,
    to_integers,
    total,
)
from softcage.model import Mixture

_X, _Y, _Z = 0, LANES, 2 * LANES  # a cluster's block of three times eight numbers
_BLOCK = 3 * LANES
ENERGY_UNIT = 2.0**-32  # energies are summed as integers, too

PRECISIONS: dict[str, tuple[type[np.signedinteger], type[np.floating]]] = {
    "mixed": (np.int32, np.float32),
    "double": (np.int64, np.float64),
}


@dataclass(eq=False)
class PairTable:
    """Constants of each pair of species, (n_species, n_species) float64 arrays.

    Lengths are in units of the fixed-point coordinates unless stated otherwise.
    """

    sigma2: np.ndarray
    strength: np.ndarray  # 24 epsilon in units of the fixed-point force and coordinate
    cutoff2: np.ndarray
    reach2: np.ndarray  # (cut-off + skin)^2, (2, n_species, n_species): skin and thin skin
    epsilon: np.ndarray  # in units of energy
    shift: np.ndarray  # in units of energy
    reach: float  # largest cut-off plus skin, in units of length
    box: float
    length_unit: float
    force_unit: float
    integer: type[np.signedinteger]
    floating: type[np.floating]


def pair_table(
    mixture: Mixture, box: float, skin: float, thin_skin: float, precision: str = "mixed"
) -> PairTable:
    """Tabulate the constants of ``mixture`` in a cubic ``box`` for lists with these skins.

    Raises
    ------
    ValueError
        If the box is smaller than twice the cut-off and skin, where one image is not enough, or
        the precision is not one of PRECISIONS.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision {precision!r} is not one of {', '.join(PRECISIONS)}")
    reach = float((mixture.cutoff + skin).max())
    if not thin_skin > 0 or box < 2 * reach * (1 - 1e-12):
        raise ValueError(
            f"box edge {box:.4g} is too small for the cut-off {mixture.cutoff.max():.4g}, of which "
            "it has to hold more than two: use more particles or a lower density"
        )
    integer, floating = PRECISIONS[precision]
    width = np.iinfo(integer).bits
    length_unit = box * 2.0**-width
    # The strongest pair may reach 2^14 to 2^15 epsilon/sigma before an integer overflows. LJ gets
    # there at r = 0.6 sigma, an energy of 1500 epsilon.
    strongest = np.ceil(np.log2((mixture.epsilon / mixture.sigma).max()))
    force_unit = float(2.0 ** (strongest - (17 if precision == "mixed" else 41)))
    n = len(mixture.species)
    return PairTable(
        sigma2=(mixture.sigma / length_unit) ** 2,
        strength=24.0 * mixture.epsilon / (length_unit * force_unit),
        cutoff2=(mixture.cutoff / length_unit) ** 2,
        reach2=np.stack([((mixture.cutoff + s) / length_unit) ** 2 for s in (skin, thin_skin)]),
        epsilon=mixture.epsilon.copy(),
        shift=np.array([[mixture.shift(u, v) for v in range(n)] for u in range(n)]),
        reach=reach,
        box=box,
        length_unit=length_unit,
        force_unit=force_unit,
        integer=integer,
        floating=floating,
    )


@dataclass(eq=False)
class Clusters:
    """Particles sorted into clusters of eight lanes, and each one's neighbour clusters.

    "Blocked" arrays hold, cluster by cluster, eight x, eight y and eight z.

    Attributes
    ----------
    order : (n_lanes,) int64 array
        Particle in each lane; the last lanes may be empty, -1.
    species : (n_lanes,) int64 array
        Of the particle in each lane; n_species, one that meets nothing, in empty ones.
    coordinates : (3 n_lanes,) integer array
        Fixed-point, blocked.
    constants : (n_species + 1, 3 n_lanes) float array
        sigma^2, strength and cut-off^2 of each lane with each species, in place of x, y and z.
    reach2 : (2, n_species + 1, n_lanes) float array
        Squared cut-off plus skin of each lane with each species, for both lists.
    wide, table : (n_lanes, capacity) uint32 array
        Offsets in blocked arrays of the clusters that each lane is to be paired with: all within
        the cut-off and the skin, and those of them within the cut-off and a thin skin. A lane's
        own cluster is not listed.
    wide_length, length : (n_lanes,) int64 array
        How many of them.
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
        Wrapped or not.
    species : (N,) int64 array
    pairs : PairTable
    capacity : int
        Clusters in a row to begin with; grown as often as it takes, never truncated.
    """
    n, box = len(positions), pairs.box
    columns = max(1, round(box / (LANES * box**3 / n) ** (1 / 3)))
    slices = 8 * columns
    order, first = _sort(positions, box, columns, slices)
    lanes = -(-n // LANES) * LANES
    order = np.concatenate([order, np.full(lanes - n, -1)])
    lane_species = np.where(order >= 0, species[order], len(pairs.sigma2))
    coordinates = np.zeros(3 * lanes, dtype=pairs.integer)
    _fixed_point(block(positions, order), 1.0 / box, 1.0 / pairs.length_unit * box, coordinates)
    constants = _lane_constants(
        order, lane_species, (pairs.sigma2, pairs.strength, pairs.cutoff2), (1.0, 0.0, -1.0),
        pairs.floating,
    )  # fmt: skip
    reach2 = np.stack(
        [_lane_constants(order, lane_species, (r,), (-1.0,), pairs.floating) for r in pairs.reach2]
    )
    # Eight more than there are: the last ones are read eight at a time.
    centre = np.zeros((3, lanes // LANES + LANES), dtype=pairs.integer)
    half = np.zeros(centre.shape, dtype=pairs.floating)
    _bounding_boxes(coordinates, n, centre, half)
    reach = pairs.floating(pairs.reach / pairs.length_unit)
    scale = pairs.length_unit / box
    length = np.zeros((2, lanes), dtype=np.int64)
    while True:
        tables = np.empty((2, lanes, capacity), dtype=np.uint32)
        _fill_rows(
            order, lane_species, coordinates, reach2[0], centre, half, first, columns, scale,
            reach, tables[0], length[0],
        )  # fmt: skip
        longest = int(length[0].max())
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


def block(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return (N, 3) float64 values of particles as a blocked array; empty lanes hold 0."""
    blocked = np.zeros(3 * len(order))
    _block(values, order, blocked)
    return blocked


def unblock(blocked: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return a blocked array as (N, 3) values in the order of particles."""
    values = np.empty((np.count_nonzero(order >= 0), 3), dtype=blocked.dtype)
    _unblock(blocked, order, values)
    return values


@njit(cache=True)
def _block(values, order, blocked):
    for lane in range(len(order)):
        if order[lane] >= 0:
            for d in range(3):
                blocked[lane // LANES * _BLOCK + d * LANES + lane % LANES] = values[order[lane], d]


@njit(cache=True)
def _unblock(blocked, order, values):
    for lane in range(len(order)):
        if order[lane] >= 0:
            for d in range(3):
                values[order[lane], d] = blocked[lane // LANES * _BLOCK + d * LANES + lane % LANES]


def _lane_constants(order, species, tables, empty, dtype):
    """Return tables[k][u, species of lane] for species u, blocked, (n_species + 1, k n_lanes)."""
    rows = np.empty((len(tables[0]) + 1, len(tables) * len(order)), dtype=dtype)
    _fill_constants(order, species, np.array(tables), np.array(empty), rows)
    return rows


@njit(cache=True)
def _fill_constants(order, species, tables, empty, rows):
    kinds, n_species = tables.shape[:2]
    for u in range(n_species + 1):
        for lane in range(len(order)):
            start = lane // LANES * kinds * LANES + lane % LANES
            real = u < n_species and order[lane] >= 0
            for k in range(kinds):
                rows[u, start + k * LANES] = tables[k, u, species[lane]] if real else empty[k]


@njit(cache=True)
def _sort(positions, box, columns, slices):
    """Sort along z within square columns, up one and down the next, so that ends meet.

    Return the order and where each column starts in it.
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


@njit(cache=True, inline="always")
def _fixed(position, inverse_box, steps, like):
    """Return positions as fixed-point coordinates: the fraction of the box, nearest to 0."""
    fraction = position * inverse_box
    return to_integers((fraction - nearest(fraction)) * steps, like)


@njit(cache=True)
def _fixed_point(positions, inverse_box, steps, coordinates):
    inverse, scale = broadcast(inverse_box), broadcast(steps)
    for k in range(0, len(positions), LANES):
        store(coordinates, k, _fixed(load(positions, k), inverse, scale, coordinates))


@njit(cache=True)
def _bounding_boxes(coordinates, n, centre, half):
    """Write centres and half edges, (3, n_clusters), of the boxes around clusters."""
    offset = np.zeros(LANES, coordinates.dtype)
    for c in range(len(coordinates) // _BLOCK):
        for d in range(3):
            start = c * _BLOCK + d * LANES
            low = high = offset[0]  # 0: the first particle is the origin
            for lane in range(1, min(LANES, n - c * LANES)):
                # Differences wrap around in the array: the box holds an image of each particle.
                offset[lane] = coordinates[start + lane] - coordinates[start]
                low, high = min(low, offset[lane]), max(high, offset[lane])
            middle = low // 2 + high // 2
            centre[d, c] = coordinates[start] + middle
            half[d, c] = max(high - middle, middle - low)


@njit(cache=True, parallel=True, error_model="numpy")
def _fill_rows(
    order, species, coordinates, reach2, centre, half, first, columns, scale, reach, table, length
):  # fmt: skip
    clusters = len(order) // LANES
    chunks = min(clusters, 64)
    for chunk in prange(chunks):
        visited = np.full(clusters, -1, np.int64)
        near = np.empty(clusters + 1, np.int64)
        for c in range(chunk * clusters // chunks, (chunk + 1) * clusters // chunks):
            found = _near_clusters(c, centre, half, first, columns, scale, reach, visited, near)
            for i in range(c * LANES, (c + 1) * LANES):
                if order[i] >= 0:
                    length[i] = _select_row(
                        i, near, found, np.uint64(1), coordinates, reach2[species[i]], table[i]
                    )


@njit(cache=True, error_model="numpy")
def _near_clusters(c, centre, half, first, columns, scale, reach, visited, near):
    """List the clusters whose box comes within reach of that of ``c``; return how many.

    Of the two clusters of a pair one lists the other: the lower if their sum is even, else the
    higher, which gives all rows about the same length.
    """
    low, count = np.empty(2, np.int64), np.empty(2, np.int64)
    for d in range(2):  # the columns that the box and the reach around it touch
        margin = (half[d, c] + reach) * scale + 1e-6
        low[d] = int(np.floor((centre[d, c] * scale - margin) * columns))
        count[d] = int(np.floor((centre[d, c] * scale + margin) * columns)) - low[d] + 1
    zero = broadcast(reach - reach)
    cx, cy, cz = broadcast(centre[0, c]), broadcast(centre[1, c]), broadcast(centre[2, c])
    hx, hy, hz = broadcast(half[0, c]), broadcast(half[1, c]), broadcast(half[2, c])
    limit = broadcast(reach * reach)
    found = 0
    for kx in range(min(count[0], columns)):
        x = (low[0] + kx) % columns
        for ky in range(min(count[1], columns)):
            y = (low[1] + ky) % columns
            column = x * columns + (y if x % 2 == 0 else columns - 1 - y)
            if first[column] == first[column + 1]:
                continue
            last = (first[column + 1] - 1) // LANES
            for start in range(first[column] // LANES, last + 1, LANES):
                dx = maximum(_apart(cx, load(centre[0], start), hx, load(half[0], start)), zero)
                dy = maximum(_apart(cy, load(centre[1], start), hy, load(half[1], start)), zero)
                dz = maximum(_apart(cz, load(centre[2], start), hz, load(half[2], start)), zero)
                mask = bits(less(fma(dx, dx, fma(dy, dy, dz * dz)), limit))
                if last + 1 - start < LANES:
                    mask &= (np.uint64(1) << np.uint64(last + 1 - start)) - np.uint64(1)
                while mask:
                    other = start + lowest_bit(mask)
                    mask &= mask - np.uint64(1)
                    wanted = (other > c) == ((other + c) % 2 == 0) and other != c
                    near[found] = other
                    found += wanted and visited[other] != c
                    visited[other] = c  # a cluster can lie in two columns
    return found


@njit(cache=True, inline="always")
def _apart(a, b, half_a, half_b):
    distance = to_float(a - b)
    return maximum(distance, -distance) - half_a - half_b


@njit(cache=True, error_model="numpy")
def _select_row(i, near, found, unit, coordinates, reach2, row):
    """Write those of the clusters ``near`` that particle ``i`` reaches to ``row``; count them.

    ``near`` holds numbers of clusters (``unit`` 1) or offsets (``unit`` _BLOCK).
    """
    place = i // LANES * _BLOCK + i % LANES
    x = broadcast(coordinates[place + _X])
    y = broadcast(coordinates[place + _Y])
    z = broadcast(coordinates[place + _Z])
    length, last = 0, len(row) - 1
    for k in range(found):
        other = np.uint64(near[k]) // unit
        j = other * np.uint64(_BLOCK)
        dx, dy, dz = _separation(x, y, z, coordinates, j)
        dx, dy, dz = to_float(dx), to_float(dy), to_float(dz)
        r2 = fma(dx, dx, fma(dy, dy, dz * dz))
        # Without a branch, which would be mispredicted: the last place is for what does not fit.
        row[min(length, last)] = j
        length += bits(less(r2, load(reach2, other * np.uint64(LANES)))) != 0
    return length


@njit(cache=True, parallel=True)
def prune(
    species: np.ndarray,
    coordinates: np.ndarray,
    reach2: np.ndarray,
    wide: np.ndarray,
    wide_length: np.ndarray,
    table: np.ndarray,
    length: np.ndarray,
) -> None:
    """Write those entries of the ``wide`` rows that are within ``reach2`` now to ``table``."""
    chunks = min(len(species), 64)
    for chunk in prange(chunks):
        for i in range(chunk * len(species) // chunks, (chunk + 1) * len(species) // chunks):
            length[i] = _select_row(
                i, wide[i], wide_length[i], np.uint64(_BLOCK), coordinates, reach2[species[i]],
                table[i],
            )  # fmt: skip


def pair_forces(clusters: Clusters, pairs: PairTable) -> np.ndarray:
    """Return the force on every particle, (N, 3) float64, in units of epsilon/sigma.

    Exact multiples of ``pairs.force_unit``: their sum is exactly zero.
    """
    buffers = np.empty((1, len(clusters.coordinates)), dtype=pairs.integer)
    accumulate_forces(
        clusters.species, clusters.coordinates, clusters.constants, clusters.table,
        clusters.length, buffers,
    )  # fmt: skip
    return unblock(buffers[0] * pairs.force_unit, clusters.order)


def potential_energy_and_virial(clusters: Clusters, pairs: PairTable) -> tuple[float, float]:
    r"""Return the potential energy and the virial :math:`\sum_{i<j} r_{ij} f_{ij}`.

    Evaluated in float64 for both precisions. The pressure is (2 K + virial) / (3 V).
    """
    constants = _lane_constants(
        clusters.order, clusters.species,
        (pairs.sigma2, 4.0 * pairs.epsilon, pairs.cutoff2, pairs.shift), (1.0, 0.0, -1.0, 0.0),
        np.float64,
    )  # fmt: skip
    sums = np.zeros((2, len(clusters.order) // LANES), dtype=np.int64)
    _row_energies(
        clusters.order, clusters.species, clusters.coordinates, constants, clusters.table,
        clusters.length, sums,
    )  # fmt: skip
    energy, virial = sums.sum(axis=1)
    return float(energy) * ENERGY_UNIT, float(virial) * ENERGY_UNIT


@njit(cache=True, parallel=True)
def accumulate_forces(
    species: np.ndarray,
    coordinates: np.ndarray,
    constants: np.ndarray,
    table: np.ndarray,
    length: np.ndarray,
    buffers: np.ndarray,
) -> None:
    """Write fixed-point forces into ``buffers`` (threads, 3 n_lanes); their sum is the force."""
    threads = len(buffers)
    clusters = len(species) // LANES
    for thread in prange(threads):
        _row_forces(
            thread * clusters // threads, (thread + 1) * clusters // threads,
            species, coordinates, constants, table, length, buffers[thread],
        )  # fmt: skip


@njit(cache=True, inline="always")
def _separation(x, y, z, coordinates, j):
    dx = x - load(coordinates, j)
    dy = y - load(coordinates, j + np.uint64(_Y))
    dz = z - load(coordinates, j + np.uint64(_Z))
    return dx, dy, dz


@njit(cache=True, inline="always")
def _pair_force(dx, dy, dz, constants, j, one):
    """Return the force over the distance and the squared distance, without the cut-off."""
    r2 = fma(dx, dx, fma(dy, dy, dz * dz))
    inverse = one / r2
    s2 = load(constants, j) * inverse
    s6 = s2 * s2 * s2
    f = load(constants, j + np.uint64(_Y)) * inverse * s6
    return fma(s6 + s6, f, -f), r2


@njit(cache=True, error_model="numpy")
def _row_forces(begin, end, species, coordinates, constants, table, length, forces):
    """Write the fixed-point forces of the rows of clusters ``begin`` to ``end`` to ``forces``."""
    nothing = to_integers(to_float(load(coordinates, 0) - load(coordinates, 0)), forces)
    zero = to_float(nothing)
    one = broadcast(constants[0, 0] / constants[0, 0])
    for k in range(0, len(forces), LANES):
        store(forces, k, nothing)
    y, z = np.uint64(_Y), np.uint64(_Z)
    for i in range(np.uint64(begin * LANES), np.uint64(end * LANES)):
        own = i // np.uint64(LANES) * np.uint64(_BLOCK)
        place = own + i % np.uint64(LANES)
        xi = broadcast(coordinates[place])
        yi = broadcast(coordinates[place + y])
        zi = broadcast(coordinates[place + z])
        parameters = constants[species[i]]
        # Within its own cluster each particle meets all, and first of all itself.
        dx, dy, dz = _separation(xi, yi, zi, coordinates, own)
        dx, dy, dz = to_float(dx), to_float(dy), to_float(dz)
        f, r2 = _pair_force(dx, dy, dz, parameters, own, one)
        inside = both(less(zero, r2), less(r2, load(parameters, own + z)))
        f = select(inside, f, zero)
        fx = to_integers(f * dx, forces)
        fy = to_integers(f * dy, forces)
        fz = to_integers(f * dz, forces)
        for k in range(length[i]):
            j = np.uint64(table[i, k])
            dx, dy, dz = _separation(xi, yi, zi, coordinates, j)
            dx, dy, dz = to_float(dx), to_float(dy), to_float(dz)
            f, r2 = _pair_force(dx, dy, dz, parameters, j, one)
            f = select(less(r2, load(parameters, j + z)), f, zero)
            gx = to_integers(f * dx, forces)
            gy = to_integers(f * dy, forces)
            gz = to_integers(f * dz, forces)
            fx, fy, fz = fx + gx, fy + gy, fz + gz
            store(forces, j, load(forces, j) - gx)
            store(forces, j + y, load(forces, j + y) - gy)
            store(forces, j + z, load(forces, j + z) - gz)
        forces[place] += total(fx)
        forces[place + y] += total(fy)
        forces[place + z] += total(fz)


@njit(cache=True, parallel=True, error_model="numpy")
def _row_energies(order, species, coordinates, constants, table, length, sums):
    """Write each cluster's part of the energy and of the virial, in units of ENERGY_UNIT."""
    for c in prange(sums.shape[1]):
        twice = np.zeros(2, np.int64)  # within a cluster each pair is met twice
        once = np.zeros(2, np.int64)
        for i in range(c * LANES, (c + 1) * LANES):
            if order[i] < 0:
                break
            place = c * _BLOCK + i % LANES
            parameters = constants[species[i]]
            _add_energies(place, c, coordinates, parameters, twice)
            for k in range(length[i]):
                _add_energies(place, table[i, k] // _BLOCK, coordinates, parameters, once)
        for k in range(2):
            sums[k, c] = once[k] + twice[k] // 2


@njit(cache=True, error_model="numpy")
def _add_energies(place, other, coordinates, constants, sums):
    """Add the energy and virial of one particle with the cluster ``other`` to ``sums``."""
    j, k = np.uint64(other) * np.uint64(_BLOCK), np.uint64(other) * np.uint64(4 * LANES)
    x, y, z = coordinates[place], coordinates[place + _Y], coordinates[place + _Z]
    dx, dy, dz = _separation(broadcast(x), broadcast(y), broadcast(z), coordinates, j)
    dx, dy, dz = to_float64(dx), to_float64(dy), to_float64(dz)
    r2 = fma(dx, dx, fma(dy, dy, dz * dz))
    zero, unit = broadcast(0.0), broadcast(1.0 / ENERGY_UNIT)
    s2 = load(constants, k) / r2
    s6 = s2 * s2 * s2
    u4 = load(constants, k + np.uint64(LANES)) * s6
    inside = both(less(zero, r2), less(r2, load(constants, k + np.uint64(2 * LANES))))
    energy = fma(u4, s6, -u4) - load(constants, k + np.uint64(3 * LANES))
    virial = broadcast(6.0) * fma(u4, s6 + s6, -u4)
    sums[0] += total(to_integers(select(inside, energy, zero) * unit, sums))
    sums[1] += total(to_integers(select(inside, virial, zero) * unit, sums))
