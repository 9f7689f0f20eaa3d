"""Kernels of the local depth: cells, distances, sums of Gaussians, and the integral over a shell.

Their tables, and the reasons why the result is accurate, are in :mod:`softcage.cage.local_depth`.
Distances are float64; Gaussians, logarithms and their sums are float32, eight at a time
(:mod:`softcage.compiled.simd`).
"""

from __future__ import annotations

import math

import numpy as np
from numba import prange

from softcage.compiled.decorator import kernel
from softcage.compiled.simd import LANES, both, broadcast, fma, load, maximum, store, to_float

# Number of nodes in the shell for wide Gaussians: three vectors.
NODES = 3 * LANES
# Number of places between two grid points for which Gaussians are tabulated: a power of two.
_BITS = 6
PLACES = 1 << _BITS
# Number of particles of a cell that are processed together: a multiple of 4, as in _widen.
_GROUP = 16
# Bits of a float32: the number 2/3, the mantissa, and the exponent with the sign.
_TWO_THIRDS = np.int32(0x3F2AAAAB)
_MANTISSA = np.int32(0x007FFFFF)
_EXPONENT = np.int32(-0x00800000)
_LN_2 = np.float32(math.log(2.0))


@kernel
def _sort_into_cells(positions, species, n_species, vectors, periodic, n_cells):
    """Wrap particles into the box and order them by (cell, species).

    The cells divide the vectors of the box evenly. Return the index in the frame of each particle
    in this order, wrapped coordinates (3, N) in this order, and ``start``: the first particle of a
    species in a cell is at ``start[cell * n_species + species]``.
    """
    n, (na, nb, nc) = len(species), n_cells
    ax, bx, by, cx, cy, cz = (
        vectors[0, 0], vectors[1, 0], vectors[1, 1], vectors[2, 0], vectors[2, 1], vectors[2, 2]
    )  # fmt: skip
    key = np.empty(n, dtype=np.int64)
    wrapped = np.empty((n, 3))
    start = np.zeros(na * nb * nc * n_species + 1, dtype=np.int64)
    for i in range(n):
        x, y, z = positions[i, 0], positions[i, 1], positions[i, 2]
        # The last vector first: those before it have no part along its axis. a, b and c are what
        # is left along x, y and z of the multiples of a vector.
        images = np.floor(z / cz) if periodic[2] else 0.0
        x, y, z = x - cx * images, y - cy * images, z - cz * images
        # A tiny negative coordinate folds to exactly the edge in floating point.
        if periodic[2] and z >= cz:
            x, y, z = x - cx, y - cy, 0.0
        b = y - cy / cz * z
        images = np.floor(b / by) if periodic[1] else 0.0
        x, y, b = x - bx * images, y - by * images, b - by * images
        if periodic[1] and b >= by:
            x, y, b = x - bx, y - b, 0.0
        a = x - bx / by * b - cx / cz * z
        images = np.floor(a / ax) if periodic[0] else 0.0
        x, a = x - ax * images, a - ax * images
        if periodic[0] and a >= ax:
            x, a = x - a, 0.0
        wrapped[i, 0], wrapped[i, 1], wrapped[i, 2] = x, y, z
        # Rounding may leave a particle just below 0, or at the end of a box that is not periodic.
        cell = min(int(a * (na / ax)), na - 1)
        cell = cell * nb + min(int(b * (nb / by)), nb - 1)
        cell = cell * nc + min(int(z * (nc / cz)), nc - 1)
        key[i] = cell * n_species + species[i]
        start[key[i] + 1] += 1
    for k in range(len(start) - 1):
        start[k + 1] += start[k]
    fill = start.copy()
    order = np.empty(n, dtype=np.int64)
    sorted_positions = np.empty((3, n))
    for i in range(n):
        s = fill[key[i]]
        fill[key[i]] += 1
        order[s] = i
        for axis in range(3):
            sorted_positions[axis, s] = wrapped[i, axis]
    return order, sorted_positions, start


@kernel
def _fold_cell(cell, n_cells, periodic):
    """Return a cell number from -1 to n_cells, folded into the box, and the image it is in.

    The number is negative where there is no cell, as the box is not periodic.
    """
    image = -1 if cell < 0 else 1 if cell >= n_cells else 0
    if image != 0 and not periodic:
        return -1, 0
    return cell - image * n_cells, image


@kernel
def _gather_candidates(
    cell, begin, end, xyz, start, n_species, vectors, periodic, n_cells, reach, out_x, out_y, out_z,
    offset,
):  # fmt: skip
    """Copy what may be within ``reach`` of the particles begin..end of a cell to ``out_x, y, z``.

    These are particles of the cell and of its 26 neighbours (8 in two dimensions), as the periodic
    images that lie there, by species. With fewer than three cells along a vector the same particle
    appears several times, at most once within half of the smallest height of the box.
    """
    na, nb, nc = n_cells
    ca, cb, cc = cell // (nb * nc), (cell // nc) % nb, cell % nc
    middle_x, half_x = _extent(xyz[0, begin:end])
    middle_y, half_y = _extent(xyz[1, begin:end])
    middle_z, half_z = _extent(xyz[2, begin:end])
    # Rounding must not leave out a particle that is in reach.
    limit = 4.0 * reach * reach * (1.0 + 1e-9)
    k = 0
    for v in range(n_species):
        offset[v] = k
        for da in range(-1, 2):
            a, image_a = _fold_cell(ca + da, na, periodic[0])
            for db in range(-1, 2):
                b, image_b = _fold_cell(cb + db, nb, periodic[1])
                for dc in range(-1, 2):
                    c, image_c = _fold_cell(cc + dc, nc, periodic[2])
                    if a < 0 or b < 0 or c < 0:
                        continue
                    shift_x = (
                        image_a * vectors[0, 0] + image_b * vectors[1, 0] + image_c * vectors[2, 0]
                    )
                    shift_y = image_b * vectors[1, 1] + image_c * vectors[2, 1]
                    shift_z = image_c * vectors[2, 2]
                    other = ((a * nb + b) * nc + c) * n_species + v
                    for s in range(start[other], start[other + 1]):
                        x, y, z = xyz[0, s] + shift_x, xyz[1, s] + shift_y, xyz[2, s] + shift_z
                        out_x[k], out_y[k], out_z[k] = x, y, z
                        # Twice the distance from the particles: t + |t| is 0 among them.
                        tx = abs(x - middle_x) - half_x
                        ty = abs(y - middle_y) - half_y
                        tz = abs(z - middle_z) - half_z
                        far = (tx + abs(tx)) ** 2 + (ty + abs(ty)) ** 2 + (tz + abs(tz)) ** 2
                        k += far < limit
    offset[n_species] = k


@kernel
def _extent(coordinates):
    """Return the middle of some coordinates, and half of the distance of the outermost two."""
    low, high = coordinates.min(), coordinates.max()
    return 0.5 * (low + high), 0.5 * (high - low)


@kernel
def _near(xyz, begin, n_group, first, last, xs, ys, zs, low, high, work, distances, whose):
    """Write the distances in (low, high) from n_group particles to the candidates first..last.

    Return their number; ``whose`` holds the particle, 0 to n_group - 1, of each distance. The
    particle itself is among the candidates, at a distance of exactly 0. It is left out because the
    lower limit is at least 0 and exclusive. Arrays are a vector longer than their contents.
    """
    low_squared, high_squared = max(low, 0.0) ** 2, high * high
    n = 0
    for p in range(n_group):
        x, y, z = (
            broadcast(xyz[0, begin + p]), broadcast(xyz[1, begin + p]), broadcast(xyz[2, begin + p])
        )  # fmt: skip
        for k in range(0, last - first, LANES):
            dx = load(xs, first + k) - x
            dy = load(ys, first + k) - y
            dz = load(zs, first + k) - z
            store(work, k, fma(dx, dx, fma(dy, dy, dz * dz)))
        for k in range(last - first):
            # Every value is written, and counted if it is in range: no branch to mispredict.
            distances[n] = work[k]
            whose[n] = p
            n += (work[k] > low_squared) & (work[k] < high_squared)
    for k in range(n):
        distances[k] = np.sqrt(distances[k])
    return n


@kernel
def _within(distances, whose, n, low, high):
    """Keep those of n neighbours that are in (low, high); return their number."""
    m, middle, half = 0, 0.5 * (low + high), 0.5 * (high - low)
    for k in range(n):
        d = distances[k]
        distances[m], whose[m] = d, whose[k]
        m += abs(d - middle) < half
    return m


@kernel
def _add_gaussians(
    distances, whose, n, first, inverse_step, table, at_table, width, sums, size
):  # fmt: skip
    """Add the Gaussians of n neighbours to the grids of their particles.

    The grid of particle p has ``size`` points, from ``sums[p * size]`` on; the first is at a
    distance ``first``. Neighbours are taken from the two halves of the list in turn. Consecutive
    neighbours then belong to different particles, and none waits for the sums of the one before.
    """
    half = (n + 1) // 2
    scale = PLACES * inverse_step
    begin = PLACES * (1 - width // 2 - first * inverse_step)
    for i in range(n):
        j = (i & 1) * half + (i >> 1)
        t = distances[j] * scale + begin
        place = int(t)
        f = broadcast(np.float32(t - place - 0.5))
        at = whose[j] * size + (place >> _BITS)
        row = at_table + (place & (PLACES - 1)) * 2 * width
        for m in range(0, width, LANES):
            value = fma(load(table, row + width + m), f, load(table, row + m))
            store(sums, at + m, load(sums, at + m) + value)


@kernel
def _widen(sums, first, size, n_points, matrix, at_matrix, to):
    """Compute sums of wide Gaussians at the nodes of four particles, from points of their grids.

    ``n_points`` points of each grid are used. The four grids begin ``size`` apart; the nodes of the
    four are written one after another from ``sums[to]`` on.
    """
    zero = broadcast(np.float32(0.0))
    a0, a1, a2, b0, b1, b2 = zero, zero, zero, zero, zero, zero
    c0, c1, c2, d0, d1, d2 = zero, zero, zero, zero, zero, zero
    for q in range(n_points):
        row, at = at_matrix + q * NODES, first + q
        m0, m1, m2 = load(matrix, row), load(matrix, row + LANES), load(matrix, row + 2 * LANES)
        s = broadcast(sums[at])
        a0, a1, a2 = fma(s, m0, a0), fma(s, m1, a1), fma(s, m2, a2)
        s = broadcast(sums[at + size])
        b0, b1, b2 = fma(s, m0, b0), fma(s, m1, b1), fma(s, m2, b2)
        s = broadcast(sums[at + 2 * size])
        c0, c1, c2 = fma(s, m0, c0), fma(s, m1, c1), fma(s, m2, c2)
        s = broadcast(sums[at + 3 * size])
        d0, d1, d2 = fma(s, m0, d0), fma(s, m1, d1), fma(s, m2, d2)
    for p, (x, y, z) in enumerate(((a0, a1, a2), (b0, b1, b2), (c0, c1, c2), (d0, d1, d2))):
        store(sums, to + p * NODES, x)
        store(sums, to + p * NODES + LANES, y)
        store(sums, to + p * NODES + 2 * LANES, z)


@kernel
def _logarithm(g, scratch, scratch_bits):
    """Return ln of eight positive float32, with an error of at most 5e-7.

    g = m 2^e with m in [2/3, 4/3); ln m is a polynomial in m - 1 that is exact at the Chebyshev
    nodes of [-1/3, 1/3]. A division, or a call of the logarithm for one number at a time, would
    take most of the time. ``scratch`` and ``scratch_bits`` are the same memory, as floats and as
    their bits.
    """
    store(scratch, 0, g)
    from_two_thirds = load(scratch_bits, 0) - broadcast(_TWO_THIRDS)
    e = to_float(both(from_two_thirds, broadcast(_EXPONENT)))  # times 2^23
    store(scratch_bits, 0, both(from_two_thirds, broadcast(_MANTISSA)) + broadcast(_TWO_THIRDS))
    x = load(scratch, 0) - broadcast(np.float32(1.0))
    p = fma(x, broadcast(np.float32(0.1671991221)), broadcast(np.float32(-0.1939779081)))
    p = fma(x, p, broadcast(np.float32(0.1985998734)))
    p = fma(x, p, broadcast(np.float32(-0.2484302597)))
    p = fma(x, p, broadcast(np.float32(0.3333530043)))
    p = fma(x, p, broadcast(np.float32(-0.5000220486)))
    p = fma(x, p, broadcast(np.float32(1.0)))
    return fma(e, broadcast(np.float32(_LN_2 / 2.0**23)), x * p)


@kernel
def _add_shell(
    sums, first, begin, end, norm, weight, beta_u, scratch, scratch_bits, depth, lane
):  # fmt: skip
    """Add weight (g - 1 - beta U - ln g) g at the nodes begin..end (Eq. 6 times g).

    g is ``norm`` times the sums from ``first`` on, and at least 1e-30. ``depth`` holds eight
    partial sums from ``lane`` on.
    """
    one, total = broadcast(np.float32(1.0)), load(depth, lane)
    for k in range(begin, end, LANES):
        g = load(sums, first + k - begin) * load(norm, k)
        g = maximum(g, broadcast(np.float32(1e-30)))
        closure = g - one - load(beta_u, k) - _logarithm(g, scratch, scratch_bits)
        total = fma(load(weight, k) * g, closure, total)
    store(depth, lane, total)


@kernel
def _add_pair_shell(sums, first, begin, end, norm, weight, depth, lane):
    """Add weight (g - 1) g at the nodes begin..end; see :func:`_add_shell`."""
    one, total = broadcast(np.float32(1.0)), load(depth, lane)
    for k in range(begin, end, LANES):
        g = load(sums, first + k - begin) * load(norm, k)
        total = fma(load(weight, k) * g, g - one, total)
    store(depth, lane, total)


# Inlined: passing so many arrays takes as long as the shell of a particle.
@kernel(inline="always")
def _add_shells(
    sums, size, n_group, from_point, n_points, matrix, at_matrix, widened, begin, end, norm, weight,
    beta_u, hnc, scratch, scratch_bits, depth, lane, lanes,
):  # fmt: skip
    """Add the shell of one species to the depths of n_group particles, for one delta.

    Its nodes are points of the grids from ``from_point`` on; or, if ``n_points`` is not 0, the
    nodes that :func:`_widen` computes from this many points.
    """
    for p in range(n_group):
        at = p * size + from_point
        if n_points > 0:
            if p & 3 == 0:
                _widen(sums, at, size, n_points, matrix, at_matrix, widened)
            at = widened + (p & 3) * NODES
        if hnc:
            _add_shell(
                sums, at, begin, end, norm, weight, beta_u, scratch, scratch_bits, depth,
                p * lanes + lane,
            )  # fmt: skip
        else:
            _add_pair_shell(sums, at, begin, end, norm, weight, depth, p * lanes + lane)


@kernel
def _clear(sums, n):
    zero = broadcast(np.float32(0.0))
    for k in range(0, n, LANES):
        store(sums, k, zero)


# A kernel of its own, because a long parallel loop takes twice as long to compile.
@kernel
def _sum_block(
    block, order, xyz, start, most, tagged, vectors, periodic, n_cells, n_blocks, low, high, reach,
    first, inverse_step, size, table, at_table, width, serves, nodes, from_point, n_points, matrix,
    at_matrix, norm, weight, beta_u, hnc, depths,
):  # fmt: skip
    """Write the depths of particles in the cells that are a block's share: every n_blocks-th."""
    n_grids, n_species = low.shape
    n_delta, total = len(depths), n_cells[0] * n_cells[1] * n_cells[2]
    room = 27 * most + 2 * LANES
    xs, ys, zs, work = np.empty(room), np.empty(room), np.empty(room), np.empty(room)
    near, whose = np.empty(_GROUP * room), np.empty(_GROUP * room, dtype=np.int64)
    offset = np.empty(n_species + 1, dtype=np.int64)
    # The grids of a group of particles, followed by the nodes of four of them.
    widened = _GROUP * size.max() + LANES
    sums = np.zeros(widened + 4 * NODES, dtype=np.float32)
    scratch = np.empty(LANES, dtype=np.float32)
    scratch_bits = scratch.view(np.int32)
    partial = np.empty(_GROUP * n_delta * LANES, dtype=np.float32)
    for cell in range(block, total, n_blocks):
        cell_first, end = start[cell * n_species + tagged], start[cell * n_species + tagged + 1]
        if cell_first == end:
            continue
        _gather_candidates(
            cell, cell_first, end, xyz, start, n_species, vectors, periodic, n_cells, reach, xs,
            ys, zs, offset,
        )  # fmt: skip
        for begin in range(cell_first, end, _GROUP):
            n_group = min(_GROUP, end - begin)
            _clear(partial, len(partial))
            for v in range(n_species):
                m = _near(
                    xyz, begin, n_group, offset[v], offset[v + 1], xs, ys, zs, low[0, v],
                    high[0, v], work, near, whose,
                )  # fmt: skip
                for b in range(n_grids):
                    if b > 0:
                        m = _within(near, whose, m, low[b, v], high[b, v])
                    _clear(sums, n_group * size[b, v])
                    _add_gaussians(
                        near, whose, m, first[b, v], inverse_step[b], table, at_table[b],
                        width[b], sums, size[b, v],
                    )  # fmt: skip
                    for k in range(serves[b], serves[b + 1]):
                        node = k * n_species + v
                        _add_shells(
                            sums, size[b, v], n_group, from_point[k, v], n_points[k, v], matrix,
                            at_matrix[k, v], widened, nodes[node], nodes[node + 1], norm,
                            weight, beta_u, hnc, scratch, scratch_bits, partial, k * LANES,
                            n_delta * LANES,
                        )  # fmt: skip
            for p in range(n_group):
                for k in range(n_delta):
                    lane = (p * n_delta + k) * LANES
                    depths[k, order[begin + p]] = partial[lane : lane + LANES].sum()


@kernel(parallel=True, nogil=True)
def sum_shells(
    positions, species, tagged, vectors, periodic, n_cells, n_blocks, low, high, first,
    inverse_step, size, table, at_table, width, serves, nodes, from_point, n_points, matrix,
    at_matrix, norm, weight, beta_u, hnc, depths,
):  # fmt: skip
    """Write the depths of the tagged species to ``depths``, (n_delta, N).

    The tables are those of :class:`softcage.cage.local_depth.DepthTables`; ``hnc`` says which of
    the two closures is theirs. The vectors are those of :class:`softcage.box.Box`. Cells and images
    follow the vectors of the box; from the distances on, nothing depends on its shape or dimension.
    The cells are shared among the threads. The terms of the sum for a particle, and their order,
    depend on its neighbours only.
    """
    n_species = low.shape[1]
    order, xyz, start = _sort_into_cells(
        positions, species, n_species, vectors, periodic, n_cells
    )  # fmt: skip
    # Integers of one type, or the kernel of a block would be compiled once more.
    reach, total, most = high[0].max(), n_cells[0] * n_cells[1] * n_cells[2], np.int64(0)
    for cell in range(total):
        most = max(most, start[(cell + 1) * n_species] - start[cell * n_species])
    for block in prange(n_blocks):
        _sum_block(
            np.int64(block), order, xyz, start, most, tagged, vectors, periodic, n_cells, n_blocks,
            low, high, reach, first, inverse_step, size, table, at_table, width, serves, nodes,
            from_point, n_points, matrix, at_matrix, norm, weight, beta_u, hnc, depths,
        )  # fmt: skip
