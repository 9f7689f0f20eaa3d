"""Depth of single cages: the caging potential around every particle of one frame.

The radial distribution function of one particle is a sum of Gaussians, one a neighbour (Eq. 8);
with the closure of Eq. 6 it gives the depth of the particle's own cage (Eq. 5).

Sign: Phi is negative, as in the paper; functions here give the depth -beta Phi, which is positive
for a particle in a cage.

Accuracy
--------
Every numerical choice follows from ``ERROR_TARGET``, the largest relative error of a depth:

- *Narrow Gaussians.* The integrand is smooth on the scale of delta. On a grid of step h the
  trapezoid rule is wrong at the ends alone, by what the Euler-Maclaurin formula says, and eight
  points about either end cancel that to the order h^9 (:func:`end_weights`). With h / delta = 0.3,
  0.4, 0.5, 0.6 the largest error of a particle was 9e-6, 7e-5, 2e-4, 4e-4 (four delta, T = 0.47
  and 0.80; a third of that in units of the mean depth): h = 0.4 delta. Simpson's rule would need
  h = 0.15 delta. The repulsion, r^-12, has a scale of its own, r0 / 12, whatever delta is: h stays
  below r0 / 15. Between two points a Gaussian is read from a table of 64 places, linear between
  them, wrong by 3e-6 of its height.
- *Wide Gaussians.* In a shell of at most 6.9 delta the 24 nodes of Gauss and Legendre are less than
  0.45 delta apart. Wide delta share their neighbours: each neighbour is added to eight points of
  one coarse grid, as the sum of Gaussians on these points that is nearest to its own. With points
  half the narrowest width apart and Gaussians of 0.9 of it the difference is below 1e-6 of the
  height, and 4e-6 with the table of places. Wider Gaussians are those sums widened. The largest
  error of a particle was 2e-5.
- *Reach.* A Gaussian cut at x delta lacks erfc(x / sqrt 2) of a neighbour's weight: 1e-5, a tenth
  of the target, for x = 4.4, which is eleven steps of a fine grid.
- *Precision.* Distances are float64; Gaussians, logarithms and their sums are float32, whose
  rounding, 6e-8 of a term, is far below the target.

A test compares all of it with Eqs. 5, 6 and 8 done literally.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numba
import numpy as np
from numba import njit, prange
from scipy.special import bernoulli

from softcage.md.simd import LANES, both, broadcast, fma, load, maximum, store, to_float

ERROR_TARGET = 1e-4
# A Gaussian is cut at so many widths.
_REACH = 4.4
# Step of a fine grid in delta, and the least number of steps in r0.
_STEP = _REACH / 11
_STEPS_IN_CORE = 15.0
# A coarse grid stands for Gaussians of the narrowest width that it serves: its step, and the width
# of the Gaussians on its points, in units of that one.
_COARSE_STEP = 0.5
_COARSE_WIDTH = 0.9
# Nodes in the shell for a wide Gaussian, three vectors, and the longest shell in delta.
_NODES = 3 * LANES
_LONGEST = 6.9
# Grid points outside the range, and as many inside, that correct either end of the integral.
_ENDS = 4
# Places of a neighbour between two grid points that Gaussians are tabulated for: a power of two.
_BITS = 6
_PLACES = 1 << _BITS
# Particles of a cell that are worked on together, a multiple of the four that one widening takes.
_GROUP = 16
# 2/3, the mantissa and what is above it, as bits of a float32.
_TWO_THIRDS = np.int32(0x3F2AAAAB)
_MANTISSA = np.int32(0x007FFFFF)
_EXPONENT = np.int32(-0x00800000)
_LN_2 = np.float32(math.log(2.0))


@njit(cache=True)
def _sort_into_cells(positions, species, n_species, box, n_cells):
    """Wrap particles into the box and order them by (cell, species).

    Returns the place of each in the order (its index in the frame), wrapped coordinates (3, N) in
    the order, and ``start``: the first of a species in a cell is at
    ``start[cell * n_species + species]``.
    """
    n = len(species)
    key = np.empty(n, dtype=np.int64)
    wrapped = np.empty((n, 3))
    start = np.zeros(n_cells**3 * n_species + 1, dtype=np.int64)
    scale = n_cells / box
    for i in range(n):
        cell = 0
        for axis in range(3):
            a = positions[i, axis] - box * np.floor(positions[i, axis] / box)
            # A tiny negative coordinate folds to exactly `box` in floating point.
            a = 0.0 if a >= box else a
            wrapped[i, axis] = a
            cell = cell * n_cells + min(int(a * scale), n_cells - 1)
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


@njit(cache=True)
def _into(cell, n_cells, box):
    """Return a cell number from -1 to n_cells put into the box, and the shift of that image."""
    if cell < 0:
        return cell + n_cells, -box
    if cell >= n_cells:
        return cell - n_cells, box
    return cell, 0.0


@njit(cache=True)
def _gather_candidates(
    cell, xyz, start, n_species, n_cells, box, reach, out_x, out_y, out_z, offset
):  # fmt: skip
    """Copy what may be within ``reach`` of a cell into ``out_x, y, z``, species by species.

    Particles of the cell and its 26 neighbours, as the images that are there: with less than
    three cells along an edge the same particle appears at several places, at most one of them
    within half a box.
    """
    edge = box / n_cells
    cx, cy, cz = cell // (n_cells * n_cells), (cell // n_cells) % n_cells, cell % n_cells
    k = 0
    for v in range(n_species):
        offset[v] = k
        for dx in range(-1, 2):
            nx, shift_x = _into(cx + dx, n_cells, box)
            for dy in range(-1, 2):
                ny, shift_y = _into(cy + dy, n_cells, box)
                for dz in range(-1, 2):
                    nz, shift_z = _into(cz + dz, n_cells, box)
                    other = ((nx * n_cells + ny) * n_cells + nz) * n_species + v
                    for s in range(start[other], start[other + 1]):
                        x, y, z = xyz[0, s] + shift_x, xyz[1, s] + shift_y, xyz[2, s] + shift_z
                        out_x[k], out_y[k], out_z[k] = x, y, z
                        # Twice as far as it lies outside of the cell: t + |t| is 0 inside.
                        tx = abs(x - (cx + 0.5) * edge) - 0.5 * edge
                        ty = abs(y - (cy + 0.5) * edge) - 0.5 * edge
                        tz = abs(z - (cz + 0.5) * edge) - 0.5 * edge
                        far = (tx + abs(tx)) ** 2 + (ty + abs(ty)) ** 2 + (tz + abs(tz)) ** 2
                        k += far < 4.0 * reach * reach
    offset[n_species] = k


@njit(cache=True)
def _near(xyz, begin, n_own, first, last, xs, ys, zs, low, high, work, distances, whose):
    """Distances in (low, high) from n_own particles to the candidates first..last.

    Returns how many there are; ``whose`` holds the particle, 0 to n_own - 1, of each. The particle
    itself is among the candidates, at distance 0 exactly: the lower end, at least 0 and not
    included, leaves it out. Arrays are a vector longer than what they hold.
    """
    low_squared, high_squared = max(low, 0.0) ** 2, high * high
    n = 0
    for p in range(n_own):
        x, y, z = (
            broadcast(xyz[0, begin + p]), broadcast(xyz[1, begin + p]), broadcast(xyz[2, begin + p])
        )  # fmt: skip
        for k in range(0, last - first, LANES):
            dx = load(xs, first + k) - x
            dy = load(ys, first + k) - y
            dz = load(zs, first + k) - z
            store(work, k, fma(dx, dx, fma(dy, dy, dz * dz)))
        for k in range(last - first):
            # Written always, counted where it belongs: no branch to mispredict.
            distances[n] = work[k]
            whose[n] = p
            n += (work[k] > low_squared) & (work[k] < high_squared)
    for k in range(n):
        distances[k] = np.sqrt(distances[k])
    return n


@njit(cache=True)
def _within(distances, whose, n, low, high):
    """Keep the neighbours in (low, high) of n; returns their number."""
    m, middle, half = 0, 0.5 * (low + high), 0.5 * (high - low)
    for k in range(n):
        d = distances[k]
        distances[m], whose[m] = d, whose[k]
        m += abs(d - middle) < half
    return m


@njit(cache=True)
def _add_gaussians(
    distances, whose, n, first, inverse_step, table, at_table, width, sums, size
):  # fmt: skip
    """Add the Gaussians of n neighbours to the grids of their particles.

    Particle p has ``size`` points from ``sums[p * size]`` on, the first of them at ``first``.
    Neighbours come from either half of the list in turns: the one before is another particle's
    then, and none waits for what the one before has written.
    """
    half = (n + 1) // 2
    scale = _PLACES * inverse_step
    begin = _PLACES * (1 - width // 2 - first * inverse_step)
    for i in range(n):
        j = (i & 1) * half + (i >> 1)
        t = distances[j] * scale + begin
        place = int(t)
        f = broadcast(np.float32(t - place - 0.5))
        at = whose[j] * size + (place >> _BITS)
        row = at_table + (place & (_PLACES - 1)) * 2 * width
        for m in range(0, width, LANES):
            value = fma(load(table, row + width + m), f, load(table, row + m))
            store(sums, at + m, load(sums, at + m) + value)


@njit(cache=True)
def _widen(sums, first, size, n_points, matrix, at_matrix, to):
    """Sums of wide Gaussians at the nodes of four particles, from ``n_points`` of their grids.

    The grids of the four begin ``size`` apart, their nodes come at ``sums[to]``, one after
    the other.
    """
    zero = broadcast(np.float32(0.0))
    a0, a1, a2, b0, b1, b2 = zero, zero, zero, zero, zero, zero
    c0, c1, c2, d0, d1, d2 = zero, zero, zero, zero, zero, zero
    for q in range(n_points):
        row, at = at_matrix + q * _NODES, first + q
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
        store(sums, to + p * _NODES, x)
        store(sums, to + p * _NODES + LANES, y)
        store(sums, to + p * _NODES + 2 * LANES, z)


@njit(cache=True)
def _logarithm(g, scratch, scratch_bits):
    """ln of eight positive float32, wrong by at most 5e-7.

    g = m 2^e with m in [2/3, 4/3); ln m from a polynomial in m - 1 that meets it at the Chebyshev
    nodes of [-1/3, 1/3]. A division, or a call of the logarithm for one number at a time, would
    take most of the time. The two scratches are the same memory, as floats and as their bits.
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


@njit(cache=True)
def _add_shell(
    sums, first, begin, end, norm, weight, beta_u, scratch, scratch_bits, depth, lane
):  # fmt: skip
    """Add weight (g - 1 - beta U - ln g) g at the nodes begin..end (Eq. 6 times g).

    g is norm times the sums from ``first`` on, never quite zero. ``depth`` holds eight partial
    sums from ``lane`` on.
    """
    one, total = broadcast(np.float32(1.0)), load(depth, lane)
    for k in range(begin, end, LANES):
        g = load(sums, first + k - begin) * load(norm, k)
        g = maximum(g, broadcast(np.float32(1e-30)))
        closure = g - one - load(beta_u, k) - _logarithm(g, scratch, scratch_bits)
        total = fma(load(weight, k) * g, closure, total)
    store(depth, lane, total)


# Inlined: passing so many arrays takes as long as a particle's shell.
@njit(cache=True, inline="always")
def _add_shells(
    sums, size, n_own, from_point, n_points, matrix, at_matrix, widened, begin, end, norm, weight,
    beta_u, scratch, scratch_bits, depth, lane, lanes,
):  # fmt: skip
    """Add the shell of one species to the depths of n_own particles, for one delta.

    Its nodes are points of the grids from ``from_point`` on, or, if ``n_points`` is not zero, what
    :func:`_widen` makes of so many of them.
    """
    for p in range(n_own):
        at = p * size + from_point
        if n_points > 0:
            if p & 3 == 0:
                _widen(sums, at, size, n_points, matrix, at_matrix, widened)
            at = widened + (p & 3) * _NODES
        _add_shell(
            sums, at, begin, end, norm, weight, beta_u, scratch, scratch_bits, depth,
            p * lanes + lane,
        )  # fmt: skip


@njit(cache=True)
def _clear(sums, n):
    zero = broadcast(np.float32(0.0))
    for k in range(0, n, LANES):
        store(sums, k, zero)


@njit(cache=True, parallel=True, nogil=True)
def _local_depths(
    positions, species, tagged, box, n_cells, n_blocks, low, high, first, inverse_step, size,
    table, at_table, width, serves, nodes, from_point, n_points, matrix, at_matrix, norm, weight,
    beta_u, depths,
):  # fmt: skip
    """Depths of the tagged species, (n_delta, N); for the tables see :class:`DepthTables`.

    Threads share out the cells. What is summed for a particle, and in which order, depends on its
    neighbours alone.
    """
    n_grids, n_species = low.shape
    n_delta = len(depths)
    order, xyz, start = _sort_into_cells(positions, species, n_species, box, n_cells)
    reach = high[0].max()
    most = 0
    for cell in range(n_cells**3):
        most = max(most, start[(cell + 1) * n_species] - start[cell * n_species])
    for block in prange(n_blocks):
        room = 27 * most + 2 * LANES
        xs, ys, zs, work = np.empty(room), np.empty(room), np.empty(room), np.empty(room)
        near, whose = np.empty(_GROUP * room), np.empty(_GROUP * room, dtype=np.int64)
        offset = np.empty(n_species + 1, dtype=np.int64)
        # Grids of a group of particles, and behind them the nodes of four.
        widened = _GROUP * size.max() + LANES
        sums = np.zeros(widened + 4 * _NODES, dtype=np.float32)
        scratch = np.empty(LANES, dtype=np.float32)
        scratch_bits = scratch.view(np.int32)
        partial = np.empty(_GROUP * n_delta * LANES, dtype=np.float32)
        for cell in range(block, n_cells**3, n_blocks):
            own, end = start[cell * n_species + tagged], start[cell * n_species + tagged + 1]
            if own == end:
                continue
            _gather_candidates(
                cell, xyz, start, n_species, n_cells, box, reach, xs, ys, zs, offset
            )  # fmt: skip
            for begin in range(own, end, _GROUP):
                n_own = min(_GROUP, end - begin)
                _clear(partial, len(partial))
                for v in range(n_species):
                    m = _near(
                        xyz, begin, n_own, offset[v], offset[v + 1], xs, ys, zs, low[0, v],
                        high[0, v], work, near, whose,
                    )  # fmt: skip
                    for b in range(n_grids):
                        if b > 0:
                            m = _within(near, whose, m, low[b, v], high[b, v])
                        _clear(sums, n_own * size[b, v])
                        _add_gaussians(
                            near, whose, m, first[b, v], inverse_step[b], table, at_table[b],
                            width[b], sums, size[b, v],
                        )  # fmt: skip
                        for k in range(serves[b], serves[b + 1]):
                            node = k * n_species + v
                            _add_shells(
                                sums, size[b, v], n_own, from_point[k, v], n_points[k, v], matrix,
                                at_matrix[k, v], widened, nodes[node], nodes[node + 1], norm,
                                weight, beta_u, scratch, scratch_bits, partial, k * LANES,
                                n_delta * LANES,
                            )  # fmt: skip
                for p in range(n_own):
                    for k in range(n_delta):
                        lane = (p * n_delta + k) * LANES
                        depths[k, order[begin + p]] = partial[lane : lane + LANES].sum()


def check_frame(positions, species):
    """Return positions as (N, 3) float64 and species as int64, or say what is wrong with them."""
    positions = np.ascontiguousarray(positions, dtype=np.float64)
    species = np.ascontiguousarray(species, dtype=np.int64)
    if positions.shape != (len(species), 3):
        raise ValueError(
            f"positions have shape {positions.shape}, expected ({len(species)}, 3) for the "
            f"{len(species)} entries of species: give one frame at a time"
        )
    if not np.isfinite(positions.sum()):
        raise ValueError("positions hold NaN or infinity: the frame is damaged")
    return positions, species


def end_weights(fraction):
    r"""Weights at the points -3..4 that end a sum over equally spaced points at ``fraction``.

    .. math:: \int_{-\infty}^{\varphi} f(x) dx \approx
              \sum_{k \le 0} f(k) + \sum_{k=-3}^{4} c_k f(k)

    exact for polynomials of degree 7 in the sense of the Euler-Maclaurin formula:
    :math:`\sum_k c_k k^j = (\varphi^{j+1} - B_{j+1}) / (j + 1)` with the Bernoulli numbers B
    (:math:`B_1 = 1/2`).

    Parameters
    ----------
    fraction : float
        Where the integral ends, between 0 and 1.

    Returns
    -------
    (8,) array
    """
    points, power = np.arange(1 - _ENDS, 1 + _ENDS), np.arange(2 * _ENDS)
    numbers = bernoulli(2 * _ENDS)
    numbers[1] = 0.5
    moments = (fraction ** (power + 1.0) - numbers[1:]) / (power + 1)
    return np.linalg.solve(np.vander(points, increasing=True).T.astype(float), moments)


@dataclass(frozen=True)
class _Grid:
    """A grid that takes Gaussians of one ``width``, and the delta that it serves."""

    width: float
    step: float
    serves: np.ndarray
    coarse: bool

    @property
    def reach(self):
        return _REACH * self.serves.max()

    def table(self):
        return _coarse_table() if self.coarse else _gaussian_table(self.step / self.width)


def _grids(deltas, r0, r_min, grid_step):
    """Return the grids for delta in descending order: a coarse one for the wide, fine ones."""
    wide = np.empty(0) if grid_step else deltas[(r_min - r0).max() <= _LONGEST * deltas]
    grids = []
    if len(wide):
        grids.append(_Grid(wide.min(), _COARSE_STEP * wide.min(), wide, coarse=True))
    for delta in deltas[len(wide) :]:
        step = grid_step or min(_STEP * delta, r0.min() / _STEPS_IN_CORE)
        grids.append(_Grid(delta, step, np.array([delta]), coarse=False))
    return grids


def _grid_nodes(r0, r_min, step):
    """Return points of a grid through r0 and their weights in the integral from r0 to r_min."""
    inside = math.floor((r_min - r0) / step * (1 - 1e-12))
    rule = np.zeros(inside + 1 + 2 * _ENDS)
    rule[_ENDS:-_ENDS] = 1.0
    rule[: 2 * _ENDS] += end_weights(0.0)[::-1]
    rule[-2 * _ENDS :] += end_weights((r_min - r0) / step - inside)
    return r0 + step * (np.arange(len(rule)) - _ENDS), step * rule


# Constants that take half as long as a frame: found once, not for each frame that is scored alone.
_legendre = functools.cache(np.polynomial.legendre.leggauss)


def _legendre_nodes(r0, r_min):
    """Return the nodes and weights of Gauss and Legendre from r0 to r_min."""
    x, rule = _legendre(_NODES)
    half = 0.5 * (r_min - r0)
    return r0 + half * (1.0 + x), half * rule


def _widening(r, delta, grid, first):
    """Return the matrix from the points of a coarse grid to sums of wider Gaussians at nodes r.

    Its rows are points of the grid, from the number that is returned too; its columns nodes. With
    Gaussians of ``delta`` instead of the grid's width, those on its points are wider by as much.
    """
    on_points = _COARSE_WIDTH * grid.width
    width = math.sqrt(delta**2 - grid.width**2 + on_points**2)
    begin = math.floor((r.min() - _REACH * width - first) / grid.step)
    end = math.ceil((r.max() + _REACH * width - first) / grid.step)
    points = first + grid.step * np.arange(begin, end + 1)
    return begin, on_points / width * np.exp(-0.5 * ((r - points[:, None]) / width) ** 2)


def _gaussian_table(step):
    """Gaussians on a fine grid: (places, 2, width), their value and slope in a place.

    A neighbour ``f`` in [0, 1) steps beyond point 0 is in place int(f places); column m is the
    Gaussian of unit width at point m + 1 - width / 2. ``step`` is in units of that width.
    """
    width = LANES * math.ceil((2.0 * _REACH / step - 1e-6) / LANES)
    points = np.arange(width) + 1 - width // 2
    return _lines(np.exp(-0.5 * ((points - _lines_meet()[..., None]) * step) ** 2))


@functools.cache
def _coarse_table():
    """Weights of the eight points of a coarse grid about a neighbour: (places, 2, 8).

    Gaussians on the points, times these weights, come nearest (least squares) to the Gaussian about
    the neighbour. Places and columns are those of :func:`_gaussian_table`.
    """
    r = np.linspace(-8.0, 8.0, 321)
    points = _COARSE_STEP * (np.arange(LANES) + 1 - LANES // 2)
    on_points = np.exp(-0.5 * ((r[:, None] - points) / _COARSE_WIDTH) ** 2)
    wanted = np.exp(-0.5 * (r[:, None] - _COARSE_STEP * _lines_meet().ravel()) ** 2)
    weights = np.linalg.lstsq(on_points, wanted, rcond=None)[0]
    return _lines(weights.T.reshape(_PLACES, 2, LANES))


def _lines_meet():
    """Return the two Chebyshev nodes of each place, in steps, where a line is to be exact."""
    return (np.arange(_PLACES)[:, None] + 0.5 + np.array([-1.0, 1.0]) / math.sqrt(8.0)) / _PLACES


def _lines(values):
    """Return the middle and the slope in a place of lines through values at :func:`_lines_meet`."""
    return np.stack([values.mean(axis=1), math.sqrt(2.0) * (values[:, 1] - values[:, 0])], axis=1)


def _starts(lengths):
    """Return where parts of these lengths begin that follow one another, and where they end."""
    return np.concatenate([[0], np.cumsum(lengths)])


def _whole_vectors(values):
    """Return the values with zeros up to whole vectors."""
    return np.pad(values, (0, -len(values) % LANES))


def _aligned(parts):
    """Return arrays one after another, flat float32 that begin where a vector of 32 bytes does."""
    values = np.concatenate([np.ravel(part) for part in parts]) if parts else np.zeros(LANES)
    room = np.zeros(len(values) + LANES, dtype=np.float32)
    begin = -(room.ctypes.data // room.itemsize) % LANES
    room[begin : begin + len(values)] = values
    return room[begin : begin + len(values)]


@dataclass(frozen=True, eq=False)
class DepthTables:
    """What :func:`local_depths` needs besides the positions; from :func:`depth_tables`.

    Delta are numbered in descending order: ``order`` gives the place of each among those asked
    for. Gaussians are added on one grid or several: grid b serves the delta ``serves[b]`` to
    ``serves[b + 1]`` and takes neighbours in (``low``, ``high``) of each species; its points begin
    at ``first``. A delta integrates over points of the grid, from ``from_point`` on, or, if it has
    ``n_points``, over nodes that are those points times a block of ``matrix``. ``norm``, ``weight``
    and ``beta_u`` hold the nodes of all delta and species one after another, padded with zeros to
    whole vectors; ``nodes`` says where each begins.
    """

    tagged: int
    n_species: int
    order: np.ndarray
    low: np.ndarray
    high: np.ndarray
    first: np.ndarray
    inverse_step: np.ndarray
    size: np.ndarray
    table: np.ndarray
    at_table: np.ndarray
    width: np.ndarray
    serves: np.ndarray
    nodes: np.ndarray
    from_point: np.ndarray
    n_points: np.ndarray
    matrix: np.ndarray
    at_matrix: np.ndarray
    norm: np.ndarray
    weight: np.ndarray
    beta_u: np.ndarray


def _check_ranges(r0, r_min, deltas):
    r0, r_min = np.asarray(r0, dtype=float), np.asarray(r_min, dtype=float)
    if r0.shape != r_min.shape or not np.all((r0 > 0) & (r_min > r0)):
        raise ValueError(
            f"local_depth: r0 = {r0.tolist()} and r_min = {r_min.tolist()} are no ranges: "
            "take one row of the tables of the cage, with 0 < r0 < r_min"
        )
    deltas = np.asarray(deltas, dtype=float)
    if not (deltas > 0).all():
        raise ValueError(f"local_depth: delta = {deltas.tolist()} must be positive")
    return r0, r_min, deltas


def depth_tables(
    potential, temperature, r0, r_min, deltas, density, fractions, tagged=0, grid_step=None
):
    """Return the grids, weights and pair energies of the first shells around one species.

    They depend on the state point alone: made once, they serve all its frames.

    Parameters
    ----------
    potential : callable
        ``potential(u, v, r)`` gives U_uv(r), e.g. ``Mixture.potential``.
    temperature : float
    r0, r_min : (n_species,) array
        Range of r for the pairs (tagged, v), from :func:`softcage.cage.mean_field.core_radius` and
        :func:`softcage.cage.mean_field.first_minimum`.
    deltas : sequence of float
        Widths of the Gaussians, sigma_AA.
    density : float
        Of all particles.
    fractions : (n_species,) array
    tagged : int
        Species u of the particles scored; 0 is A.
    grid_step : float, optional
        Step of the grid in r, at most r0 / 15; by default from ``ERROR_TARGET``.

    Raises
    ------
    ValueError
        If a range is empty or a delta not positive.
    """
    r0, r_min, deltas = _check_ranges(r0, r_min, deltas)
    fractions = np.asarray(fractions, dtype=float)
    order = np.argsort(-deltas, kind="stable")
    deltas, n_species = deltas[order], len(r0)
    grids = _grids(deltas, r0, r_min, grid_step)
    tables = [grid.table() for grid in grids]
    columns = [table.shape[2] for table in tables]
    low = np.array([r0 - grid.reach for grid in grids])
    high = np.array([r_min + grid.reach for grid in grids])
    step = np.array([grid.step for grid in grids])[:, None]
    # A Gaussian anywhere within reach stays on the grid, and r0 is one of the points.
    before = np.ceil((r0 - low) / step) + np.array(columns)[:, None] // 2
    first = r0 - before * step
    size = np.ceil((high - first) / step) + np.array(columns)[:, None] // 2 + 1
    from_point, n_points = np.zeros((2, len(deltas), n_species), dtype=np.int64)
    norm, weight, beta_u, blocks = [], [], [], []
    served = [(b, delta) for b, grid in enumerate(grids) for delta in grid.serves]
    for k, (b, delta) in enumerate(served):
        for v in range(n_species):
            if grids[b].coarse:
                r, rule = _legendre_nodes(r0[v], r_min[v])
                from_point[k, v], block = _widening(r, delta, grids[b], first[b, v])
                n_points[k, v] = len(block)
                blocks.append(block)
            else:
                r, rule = _grid_nodes(r0[v], r_min[v], grids[b].step)
                from_point[k, v] = before[b, v] - _ENDS
            gaussian = math.sqrt(2.0 * np.pi) * grids[b].width
            shell = 4.0 * np.pi * density * r**2
            norm.append(_whole_vectors(1.0 / (shell * fractions[v] * gaussian)))
            weight.append(
                _whole_vectors(shell * math.sqrt(fractions[tagged] * fractions[v]) * rule)
            )
            beta_u.append(_whole_vectors(potential(tagged, v, r) / temperature))
    return DepthTables(
        tagged=tagged,
        n_species=n_species,
        order=order,
        low=low,
        high=high,
        first=first,
        inverse_step=1.0 / step[:, 0],
        size=(LANES * np.ceil(size / LANES)).astype(np.int64),
        table=_aligned(tables),
        at_table=_starts([table.size for table in tables]),
        width=np.array(columns),
        serves=_starts([len(grid.serves) for grid in grids]),
        nodes=_starts([len(part) for part in norm]),
        from_point=from_point,
        n_points=n_points,
        matrix=_aligned(blocks),
        at_matrix=(_NODES * _starts(n_points.ravel())[:-1]).reshape(n_points.shape),
        norm=_aligned(norm),
        weight=_aligned(weight),
        beta_u=_aligned(beta_u),
    )


def local_depths(positions, species, box, tables):
    """Depth of the cage of every particle of one species in one frame, for several delta.

    What :func:`local_depth` gives for one delta, but cells and distances are found once for all of
    them. Numba's threads share the particles; the result does not depend on how many there are.

    Parameters
    ----------
    positions : (N, 3) array
        One frame, wrapped or unwrapped, sigma_AA.
    species : (N,) int array
    box : float
        Edge of the cubic box.
    tables : DepthTables
        :func:`depth_tables` of the state point.

    Returns
    -------
    (n_delta, n_tagged) array
        A row for each delta as they were given, columns in the order of the particles.

    Raises
    ------
    ValueError
        If shapes do not match, or the shell does not fit into half the box.
    """
    positions, species = check_frame(positions, species)
    if species.max() >= tables.n_species:
        raise ValueError(
            f"local_depth: species {species.max()} has no r0, r_min: give one of each a species"
        )
    box, reach = float(box), float(tables.high.max())
    if reach > 0.5 * box:
        raise ValueError(
            f"local_depth: neighbours matter up to {reach:.3g}, beyond half the box "
            f"({0.5 * box:.3g}): use a larger system or a smaller delta"
        )
    n_cells, t = int(box / reach), tables
    depths = np.zeros((len(t.order), len(species)))
    _local_depths(
        positions, species, t.tagged, box, n_cells, 4 * numba.get_num_threads(), t.low, t.high,
        t.first, t.inverse_step, t.size, t.table, t.at_table, t.width, t.serves, t.nodes,
        t.from_point, t.n_points, t.matrix, t.at_matrix, t.norm, t.weight, t.beta_u, depths,
    )  # fmt: skip
    result = np.empty((len(t.order), np.count_nonzero(species == t.tagged)))
    result[t.order] = depths[:, species == t.tagged]
    return result


def local_depth(
    positions,
    species,
    box,
    *,
    potential,
    temperature,
    r0,
    r_min,
    delta,
    tagged=0,
    density=None,
    fractions=None,
    grid_step=None,
):
    r"""Depth of the cage of every particle of one species in one frame, -beta Phi_i (positive).

    .. math:: -\beta\Phi_i = \rho \sum_v \sqrt{x_u x_v} \int_{r_{0,v}}^{r_{min,v}} 4 \pi r^2
              C_{i,v}(r) g_{i,v}(r) dr

    (Eq. 5) with the single-particle g of :func:`softcage.cage.local_rdf.local_rdf` and C from it by
    the HNC closure (Eq. 6). For a tagged A particle these are the AA and the AB term. The range of
    the integral is that of the global depth, :func:`softcage.cage.mean_field.depth_r`. For many
    frames or several delta make the tables once: :func:`depth_tables`, :func:`local_depths`.

    Parameters
    ----------
    positions : (N, 3) array
        One frame, wrapped or unwrapped, sigma_AA.
    species : (N,) int array
    box : float
        Edge of the cubic box.
    potential, temperature, r0, r_min, tagged, grid_step
        As in :func:`depth_tables`.
    delta : float
        Width of the Gaussians, sigma_AA.
    density, fractions : optional
        Those of the frame by default.

    Returns
    -------
    (n_tagged,) array
        In the order of the particles.

    Raises
    ------
    ValueError
        If shapes do not match, a range is empty, or the shell does not fit into half the box.
    """
    if fractions is None:
        fractions = np.bincount(species, minlength=len(r0)) / len(species)
    density = len(species) / box**3 if density is None else density
    tables = depth_tables(
        potential, temperature, r0, r_min, [delta], density, fractions, tagged, grid_step
    )
    return local_depths(positions, species, box, tables)[0]
