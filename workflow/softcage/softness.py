"""Local softness: the cage of every single particle in a single frame.

The radial distribution function of one particle is a sum of Gaussians, one a neighbour (Eq. 8);
with the closure of Eq. 6 it gives the depth of the particle's own cage (Eq. 5), and the linear
relation found between the averages (Eq. 7) turns the depth into a softness.

Sign: Phi is negative, as in the paper; functions and files here hold the depth -beta Phi, which is
positive for a particle in a cage.

Accuracy
--------
Every numerical choice follows from ``ERROR_TARGET``, the largest relative error of a depth:

- *Grid.* The integrand is smooth on the scale of delta. On a grid of step h the trapezoid rule is
  wrong at the ends alone, by what the Euler-Maclaurin formula says, and eight points about either
  end cancel that to the order h^9 (:func:`end_weights`). With h / delta = 0.3, 0.4, 0.5, 0.6 the
  largest error of a particle was 9e-6, 7e-5, 2e-4, 4e-4 (four delta, T = 0.47 and 0.80; a third
  of that in units of the mean depth): h = 0.4 delta. Simpson's rule would need h = 0.15 delta. The
  repulsion, r^-12, has a scale of its own, r0 / 12, whatever delta is: h stays below r0 / 15.
- *Reach.* A Gaussian cut at x delta lacks erfc(x / sqrt 2) of a neighbour's weight: 1e-5, a tenth
  of the target, for x = 4.4, which is eleven steps.
- *Gaussians.* Between two grid points a Gaussian is a polynomial of degree 4 in the neighbour's
  place, wrong by less than 2e-6 of its height.
- *Precision.* Distances are float64; Gaussians, logarithms and their sums are float32, whose
  rounding, 6e-8 of a term, is far below the target.

A test compares all of it with Eqs. 5, 6 and 8 done literally.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np
from numba import njit, prange
from scipy.special import bernoulli

from softcage.simd import LANES, both, broadcast, fma, load, maximum, store, to_float
from softcage.structure import wrap

ERROR_TARGET = 1e-4
# Step of the grid in delta, and the least number of steps in r0.
_STEP = 0.4
_STEPS_IN_CORE = 15.0
# A Gaussian is cut at so many delta.
_REACH = 11 * _STEP
# Grid points outside the range, and as many inside, that correct either end of the integral.
_ENDS = 4
_DEGREE = 4
# 2/3, the mantissa and what is above it, as bits of a float32.
_TWO_THIRDS = np.int32(0x3F2AAAAB)
_MANTISSA = np.int32(0x007FFFFF)
_EXPONENT = np.int32(-0x00800000)
_LN_2 = np.float32(math.log(2.0))
# The same for g(r) itself, whose tail is seen where g is small.
_RDF_REACH = 5.0
# Grid points filled by one pass of the recurrence span at most so many delta: the factors then
# stay within 1e-90 .. 1 and rounding errors below 1e-12.
_PASS = 15.0


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
def _near(x, y, z, first, last, xs, ys, zs, low, high, work, out):
    """Distances to candidates first..last, those in (low, high); returns their number.

    The particle itself is among the candidates, at distance 0 exactly: the lower end, at least 0
    and not included, leaves it out. Arrays are a vector longer than what they hold.
    """
    x_here, y_here, z_here = broadcast(x), broadcast(y), broadcast(z)
    for k in range(0, last - first, LANES):
        dx = load(xs, first + k) - x_here
        dy = load(ys, first + k) - y_here
        dz = load(zs, first + k) - z_here
        store(work, k, fma(dx, dx, fma(dy, dy, dz * dz)))
    low_squared, high_squared = max(low, 0.0) ** 2, high * high
    n = 0
    for k in range(last - first):
        # Written always, counted where it belongs: no branch to mispredict.
        out[n] = work[k]
        n += (work[k] > low_squared) & (work[k] < high_squared)
    for k in range(n):
        out[k] = np.sqrt(out[k])
    return n


@njit(cache=True)
def _within(distances, n, low, high, out):
    """Copy the distances in (low, high) to ``out``; returns their number."""
    m, middle, half = 0, 0.5 * (low + high), 0.5 * (high - low)
    for k in range(n):
        out[m] = distances[k]
        m += abs(distances[k] - middle) < half
    return m


@njit(cache=True)
def _add_gaussians(distances, n, first, inverse_step, stencil, at_stencil, width, sums, size):
    """Add the Gaussians of n neighbours to two grids of ``size`` in ``sums``, in turns.

    Grid point p, at first + p step, is at ``sums[width + p]`` of either. Two, so that one
    neighbour need not wait for what the one before has written.
    """
    shift = width - width // 2 + 1
    for j in range(n):
        t = (distances[j] - first) * inverse_step + shift
        k = int(t)
        f = broadcast(np.float32(t - k - 0.5))
        at = (j & 1) * size + k
        for m in range(0, width, LANES):
            c = at_stencil + m
            p = load(stencil, c + 4 * width)
            p = fma(p, f, load(stencil, c + 3 * width))
            p = fma(p, f, load(stencil, c + 2 * width))
            p = fma(p, f, load(stencil, c + width))
            p = fma(p, f, load(stencil, c))
            store(sums, at + m, load(sums, at + m) + p)


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
    sums, first, second, begin, end, norm, weight, beta_u, scratch, scratch_bits, depth, lane
):  # fmt: skip
    """Add weight (g - 1 - beta U - ln g) g at the points begin..end (Eq. 6 times g).

    g is norm (first grid + second grid), never quite zero. ``depth`` holds eight partial sums from
    ``lane`` on.
    """
    one, total = broadcast(np.float32(1.0)), load(depth, lane)
    for k in range(begin, end, LANES):
        raw = load(sums, first + k - begin) + load(sums, second + k - begin)
        g = maximum(raw * load(norm, k), broadcast(np.float32(1e-30)))
        closure = g - one - load(beta_u, k) - _logarithm(g, scratch, scratch_bits)
        total = fma(load(weight, k) * g, closure, total)
    store(depth, lane, total)


@njit(cache=True, parallel=True, nogil=True)
def _local_depths(
    positions, species, tagged, box, n_cells, n_blocks, low, high, first, inverse_step, width,
    stencils, at_stencil, grid, norm, weight, beta_u, depths,
):  # fmt: skip
    """Depths of the tagged species, (n_delta, N); widths descend; tables are (n_delta, n_species).

    Threads share out the cells. What is summed for a particle, and in which order, depends on its
    neighbours alone.
    """
    n_delta, n_species = low.shape
    order, xyz, start = _sort_into_cells(positions, species, n_species, box, n_cells)
    reach = high[0].max()
    most = 0
    for cell in range(n_cells**3):
        most = max(most, start[(cell + 1) * n_species] - start[cell * n_species])
    for block in prange(n_blocks):
        room = 27 * most + 2 * LANES
        xs, ys, zs, work, near = (
            np.empty(room), np.empty(room), np.empty(room), np.empty(room), np.empty(room),
        )  # fmt: skip
        offset = np.empty(n_species + 1, dtype=np.int64)
        sums = np.empty(2 * (len(norm) + 2 * width.max()), dtype=np.float32)
        scratch = np.empty(LANES, dtype=np.float32)
        scratch_bits = scratch.view(np.int32)
        partial = np.empty(n_delta * LANES, dtype=np.float32)
        for cell in range(block, n_cells**3, n_blocks):
            own = cell * n_species + tagged
            if start[own] == start[own + 1]:
                continue
            _gather_candidates(
                cell, xyz, start, n_species, n_cells, box, reach, xs, ys, zs, offset
            )  # fmt: skip
            for s in range(start[own], start[own + 1]):
                x, y, z, i = xyz[0, s], xyz[1, s], xyz[2, s], order[s]
                partial[:] = 0.0
                for v in range(n_species):
                    m = _near(
                        x, y, z, offset[v], offset[v + 1], xs, ys, zs, low[0, v], high[0, v],
                        work, near,
                    )  # fmt: skip
                    for k in range(n_delta):
                        if k > 0:
                            m = _within(near, m, low[k, v], high[k, v], near)
                        at = grid[k * n_species + v]
                        n, w = grid[k * n_species + v + 1] - at, width[k]
                        size = n + 2 * w
                        for p in range(2 * size):
                            sums[p] = np.float32(0.0)
                        _add_gaussians(
                            near, m, first[k, v], inverse_step[k, v], stencils, at_stencil[k], w,
                            sums, size,
                        )  # fmt: skip
                        _add_shell(
                            sums, w, size + w, at, at + n, norm, weight, beta_u, scratch,
                            scratch_bits, partial, k * LANES,
                        )  # fmt: skip
                for k in range(n_delta):
                    for lane in range(k * LANES, (k + 1) * LANES):
                        depths[k, i] += partial[lane]


@njit(cache=True, fastmath=True)
def _distances(position, box, first, last, x, y, z, low, high, work, out):
    """Distances to candidates first..last, those in (low, high); returns their number.

    The particle itself is among the candidates, at distance 0 exactly: the lower end, at least 0
    and not included, leaves it out.
    """
    px, py, pz = position
    half = 0.5 * box
    for k in range(first, last):
        # Coordinates lie in [0, box): the nearest image from the distance to half a box.
        dx = half - abs(half - abs(x[k] - px))
        dy = half - abs(half - abs(y[k] - py))
        dz = half - abs(half - abs(z[k] - pz))
        work[k] = dx * dx + dy * dy + dz * dz
    low_squared, high_squared = max(low, 0.0) ** 2, high * high
    n = 0
    for k in range(first, last):
        # Written always, counted where it belongs: no branch to mispredict.
        out[n] = work[k]
        n += (work[k] > low_squared) & (work[k] < high_squared)
    for k in range(n):
        out[k] = np.sqrt(out[k])
    return n


@njit(cache=True, fastmath=True)
def _sum_gaussians(distances, n, start, step, n_grid, delta, value, factor, out):
    """Fill ``out[k]`` with sum_j exp(-(start + k step - d_j)^2 / 2 delta^2), k < n_grid.

    Along the grid a Gaussian obeys e_{k+1} = e_k f_k, f_{k+1} = f_k exp(-step^2 / delta^2): two
    exponentials a neighbour and pass, then two multiplications a grid point. All neighbours
    advance together, so that the inner loop runs over contiguous arrays and vectorises.
    """
    inverse = 1.0 / (2.0 * delta * delta)
    decay = np.exp(-2.0 * step * step * inverse)
    length = max(8, int(_PASS * delta / step))
    for k0 in range(0, n_grid, length):
        k1 = min(n_grid, k0 + length)
        begin = start + k0 * step
        end = start + (k1 - 1) * step
        m = 0
        for j in range(n):
            gap = begin - distances[j]
            if gap < _RDF_REACH * delta and distances[j] - end < _RDF_REACH * delta:
                value[m] = np.exp(-gap * gap * inverse)
                factor[m] = np.exp(-(step * step + 2.0 * step * gap) * inverse)
                m += 1
        # Whole vectors of 8 only: a scalar remainder would cost as much as the rest.
        while m % 8:
            value[m] = 0.0
            factor[m] = 0.0
            m += 1
        for k in range(k0, k1):
            total = 0.0
            for j in range(m):
                total += value[j]
                value[j] *= factor[j]
                factor[j] *= decay
            out[k] = total


@njit(cache=True, nogil=True)
def _local_rdf(positions, particles, species, neighbour, box, delta, start, step, norm, out):
    """g_i(r) of the listed particles with the neighbours of one species, by brute force."""
    n = len(species)
    x, y, z, work = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    near, value, factor = np.empty(n + 8), np.empty(n + 8), np.empty(n + 8)
    n_grid = len(norm)
    low = start - _RDF_REACH * delta
    high = start + (n_grid - 1) * step + _RDF_REACH * delta
    k = 0
    for j in range(n):
        if species[j] == neighbour:
            x[k], y[k], z[k] = positions[j, 0], positions[j, 1], positions[j, 2]
            k += 1
    for s in range(len(particles)):
        i = particles[s]
        here = (positions[i, 0], positions[i, 1], positions[i, 2])
        m = _distances(here, box, 0, k, x, y, z, low, high, work, near)
        _sum_gaussians(near, m, start, step, n_grid, delta, value, factor, out[s])
        for p in range(n_grid):
            out[s, p] *= norm[p]


def _check_frame(positions, species):
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


def local_rdf(
    positions,
    species,
    box,
    delta,
    r,
    tagged=0,
    neighbour=0,
    particles=None,
    density=None,
    fractions=None,
):
    r"""Radial distribution function of single particles in a single frame (Eq. 8, B1).

    .. math:: g_{i,v}(r) = \frac{1}{4 \pi \rho x_v r^2} \sum_{j \in v, j \ne i}
              \frac{1}{\sqrt{2 \pi \delta^2}} e^{-(r - r_{ij})^2 / 2 \delta^2}

    The paper prints it without :math:`x_v`; only with it is the mean over particles the partial
    g of the simulation, which Eq. B2 asks for.

    Parameters
    ----------
    positions : (N, 3) array
        One frame, wrapped or unwrapped, sigma_AA.
    species : (N,) int array
        Species from 0.
    box : float
        Edge of the cubic box.
    delta : float
        Width of the Gaussians, sigma_AA.
    r : (n_r,) array
        Equally spaced positive distances, up to half the box less 5 delta.
    tagged, neighbour : int
        Species of the particles and of their neighbours.
    particles : (n,) int array, optional
        The particles wanted; all of the tagged species by default.
    density : float, optional
        Of all particles; that of the frame by default.
    fractions : (n_species,) array, optional
        Those of the frame by default.

    Returns
    -------
    (n, n_r) array
        One row a particle.

    Raises
    ------
    ValueError
        If shapes do not match, ``r`` is not equally spaced and positive, or reaches too far.
    """
    positions, species = _check_frame(positions, species)
    positions = wrap(positions, box)
    r = np.asarray(r, dtype=float)
    step = (r[-1] - r[0]) / (len(r) - 1)
    if r[0] <= 0 or step <= 0 or np.abs(np.diff(r) - step).max() > 1e-6 * step:
        raise ValueError("local_rdf: r must be positive, ascending and equally spaced")
    if r[-1] > 0.5 * box:
        raise ValueError(
            f"local_rdf: r reaches {r[-1]:g}, beyond half the box ({0.5 * box:g}), where the "
            "minimum image misses neighbours: use a smaller range"
        )
    if particles is None:
        particles = np.flatnonzero(species == tagged)
    density = len(species) / box**3 if density is None else density
    fraction = np.mean(species == neighbour) if fractions is None else fractions[neighbour]
    norm = 1.0 / (4.0 * np.pi * density * fraction * r**2 * np.sqrt(2.0 * np.pi) * delta)
    out = np.empty((len(particles), len(r)))
    particles = np.asarray(particles, dtype=np.int64)
    _local_rdf(positions, particles, species, neighbour, box, delta, r[0], step, norm, out)
    return out


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


def _gaussian_stencil(step):
    """Polynomials for Gaussians on a grid: (degree + 1, width) coefficients.

    The neighbour lies at ``f`` in [0, 1) steps beyond point 0; column m is the Gaussian of unit
    width at point m + 1 - width / 2, a polynomial in f - 1/2. ``step`` is in units of delta.
    """
    width = LANES * math.ceil((2.0 * _REACH / step + 2.0 - 1e-6) / LANES)
    points = np.arange(width) + 1 - width // 2
    nodes = 0.5 * np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1))
    values = np.exp(-0.5 * ((points[None, :] - nodes[:, None] - 0.5) * step) ** 2)
    return np.linalg.solve(np.vander(nodes, increasing=True), values)


def _aligned(shape):
    """float32 zeros that begin at a multiple of 32 bytes, where a vector does."""
    n = math.prod(shape)
    room = np.zeros(n + LANES, dtype=np.float32)
    begin = -(room.ctypes.data // room.itemsize) % LANES
    return room[begin : begin + n].reshape(shape)


@dataclass(frozen=True, eq=False)
class DepthTables:
    """What :func:`local_depths` needs besides the positions; from :func:`depth_tables`.

    Rows are widths in descending order, columns the neighbours' species: ``order`` gives each row's
    place among the delta asked for. ``norm``, ``weight`` and ``beta_u`` hold all grids one after
    another, padded with zeros to whole vectors; ``grid`` says where each begins.
    """

    tagged: int
    n_species: int
    order: np.ndarray
    low: np.ndarray
    high: np.ndarray
    first: np.ndarray
    inverse_step: np.ndarray
    width: np.ndarray
    stencils: np.ndarray
    at_stencil: np.ndarray
    grid: np.ndarray
    norm: np.ndarray
    weight: np.ndarray
    beta_u: np.ndarray


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
        Range of r for the pairs (tagged, v), from :func:`softcage.cage.core_radius` and
        :func:`softcage.cage.first_minimum`.
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
    r0, r_min = np.asarray(r0, dtype=float), np.asarray(r_min, dtype=float)
    if r0.shape != r_min.shape or not np.all((r0 > 0) & (r_min > r0)):
        raise ValueError(
            f"local_depth: r0 = {r0.tolist()} and r_min = {r_min.tolist()} are no ranges: "
            "take one row of the tables of the cage, with 0 < r0 < r_min"
        )
    deltas, fractions = np.asarray(deltas, dtype=float), np.asarray(fractions, dtype=float)
    if not (deltas > 0).all():
        raise ValueError(f"local_depth: delta = {deltas.tolist()} must be positive")
    order = np.argsort(-deltas, kind="stable")
    deltas = deltas[order]
    step = np.minimum(_STEP * deltas if grid_step is None else grid_step, r0.min() / _STEPS_IN_CORE)
    step = np.broadcast_to(step, deltas.shape)
    # The last grid point within the range, and the points around either end.
    inside = np.floor((r_min - r0) / step[:, None] * (1 - 1e-12)).astype(np.int64)
    n_grid = inside + 1 + 2 * _ENDS
    grid = np.concatenate([[0], np.cumsum(-(-n_grid.ravel() // LANES) * LANES)])
    first = r0 - _ENDS * step[:, None]
    norm, weight, beta_u = np.zeros((3, grid[-1]), dtype=np.float32)
    for k, h in enumerate(step):
        for v in range(len(r0)):
            n = n_grid[k, v]
            r = first[k, v] + h * np.arange(n)
            rule = np.zeros(n)
            rule[_ENDS:-_ENDS] = 1.0
            rule[: 2 * _ENDS] += end_weights(0.0)[::-1]
            rule[-2 * _ENDS :] += end_weights((r_min[v] - r0[v]) / h - inside[k, v])
            gaussian = np.sqrt(2.0 * np.pi) * deltas[k]
            shell = 4.0 * np.pi * density * np.sqrt(fractions[tagged] * fractions[v]) * r**2
            here = slice(grid[k * len(r0) + v], grid[k * len(r0) + v] + n)
            norm[here] = 1.0 / (4.0 * np.pi * density * fractions[v] * r**2 * gaussian)
            weight[here] = shell * rule * h
            beta_u[here] = potential(tagged, v, r) / temperature
    # Widths with the same step in units of delta, as most have, share their Gaussians.
    shares, which = np.unique((step / deltas).round(12), return_inverse=True)
    stencils = [_gaussian_stencil(share) for share in shares]
    flat = _aligned((len(shares), max(stencil.size for stencil in stencils)))
    for row, stencil in zip(flat, stencils, strict=True):
        row[: stencil.size] = stencil.ravel()
    return DepthTables(
        tagged=tagged,
        n_species=len(r0),
        order=order,
        low=r0 - _REACH * deltas[:, None],
        high=r_min + _REACH * deltas[:, None],
        first=first,
        inverse_step=np.repeat(1.0 / step[:, None], len(r0), axis=1),
        width=np.array([stencils[k].shape[1] for k in which]),
        stencils=flat.ravel(),
        at_stencil=which * flat.shape[1],
        grid=grid,
        norm=norm,
        weight=weight,
        beta_u=beta_u,
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
    positions, species = _check_frame(positions, species)
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
        t.first, t.inverse_step, t.width, t.stencils, t.at_stencil, t.grid, t.norm, t.weight,
        t.beta_u, depths,
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

    (Eq. 5) with the single-particle g of :func:`local_rdf` and C from it by the HNC closure
    (Eq. 6). For a tagged A particle these are the AA and the AB term. The range of the integral
    is that of the global depth, :func:`softcage.cage.depth_r`. For many frames or several delta
    make the tables once: :func:`depth_tables`, :func:`local_depths`.

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


def softness_from_depth(depth, c0, c1):
    r"""Softness from the depth of the cage with the calibrated line (Eq. 7).

    .. math:: 1 / S_i = c_0 + c_1 \beta\Phi_i = c_0 - c_1 \, depth_i

    Parameters
    ----------
    depth : array
        -beta Phi (positive), as :func:`local_depth` gives it.
    c0, c1 : float
        Intercept and slope of 1/S_av against beta Phi_r; c1 is negative.

    Returns
    -------
    array
        Softness; NaN where the line gives 1/S <= 0, which means that the linear relation does not
        reach this particle. Count those and report them.
    """
    inverse = c0 - c1 * np.asarray(depth, dtype=float)
    return np.divide(1.0, inverse, out=np.full(inverse.shape, np.nan), where=inverse > 0)


def averaged_positions(uniform, times, window, size=32):
    """Positions averaged over the last ``window`` of time up to each of ``times``.

    Averaging removes the thermal vibration from the cage. The frames averaged are those of the
    uniform stream in ``(t - window, t]``; unwrapped positions make the mean safe.

    Parameters
    ----------
    uniform : Trajectory
        Equally spaced, unwrapped frames, :func:`softcage.trajectory.open_trajectory`.
    times : (n,) array
        Ascending times of the frames wanted, of this stream or of another one of the same run.
    window : float
        Length of the average, rounded to whole frames, at least one.
    size : int
        Results a step, which bounds the memory.

    Yields
    ------
    tuple
        Indices into ``times`` (k,), and mean positions (k, N, 3). Times with less than a whole
        window behind them are left out.
    """
    interval = (uniform.times[-1] - uniform.times[0]) / (uniform.n_frames - 1)
    n = max(1, round(window / interval))
    last = np.searchsorted(uniform.times, np.asarray(times) + 1e-6 * interval, side="right") - 1
    usable = np.flatnonzero(last >= n - 1)
    for k in range(0, len(usable), size):
        part = usable[k : k + size]
        first, stop = int(last[part].min()) - n + 1, int(last[part].max()) + 1
        _, positions = next(uniform.chunks(size=stop - first, start=first, stop=stop))
        sums = np.concatenate([np.zeros_like(positions[:1]), np.cumsum(positions, axis=0)])
        end = last[part] - first + 1
        yield part, (sums[end] - sums[end - n]) / n
