"""Local softness: the cage of every single particle in a single frame.

The radial distribution function of one particle is a sum of Gaussians, one a neighbour (Eq. 8);
with the closure of Eq. 6 it gives the depth of the particle's own cage (Eq. 5), and the linear
relation found between the averages (Eq. 7) turns the depth into a softness.

Sign: Phi is negative, as in the paper; functions and files here hold the depth -beta Phi, which is
positive for a particle in a cage.
"""

import numpy as np
from numba import njit

from softcage.structure import wrap

# A Gaussian is cut at so many delta: its tail beyond, 4e-6 of the height, is left out.
_REACH = 5.0
# Grid points filled by one pass of the recurrence span at most so many delta: the factors then
# stay within 1e-90 .. 1 and rounding errors below 1e-12.
_PASS = 15.0


@njit(cache=True)
def _sort_into_cells(positions, species, n_species, box, n_cells):
    """Order particles by (cell, species); ``start[cell * n_species + species]`` is their first."""
    n = len(species)
    key = np.empty(n, dtype=np.int64)
    start = np.zeros(n_cells**3 * n_species + 1, dtype=np.int64)
    scale = n_cells / box
    for i in range(n):
        cx = min(int(positions[i, 0] * scale), n_cells - 1)
        cy = min(int(positions[i, 1] * scale), n_cells - 1)
        cz = min(int(positions[i, 2] * scale), n_cells - 1)
        key[i] = ((cx * n_cells + cy) * n_cells + cz) * n_species + species[i]
        start[key[i] + 1] += 1
    for k in range(len(start) - 1):
        start[k + 1] += start[k]
    fill = start.copy()
    order = np.empty(n, dtype=np.int64)
    for i in range(n):
        order[fill[key[i]]] = i
        fill[key[i]] += 1
    return order, start


@njit(cache=True)
def _gather_candidates(cell, positions, order, start, n_species, n_cells, x, y, z, offset):
    """Copy the particles of a cell and its neighbours, species by species, into flat arrays."""
    reach = 1 if n_cells >= 3 else 0
    cx, cy, cz = (
        cell // (n_cells * n_cells),
        (cell // n_cells) % n_cells,
        cell % n_cells,
    )
    k = 0
    for v in range(n_species):
        offset[v] = k
        for dx in range(-reach, reach + 1):
            for dy in range(-reach, reach + 1):
                for dz in range(-reach, reach + 1):
                    row = ((cx + dx) % n_cells) * n_cells + (cy + dy) % n_cells
                    other = (row * n_cells + (cz + dz) % n_cells) * n_species + v
                    for s in range(start[other], start[other + 1]):
                        j = order[s]
                        x[k] = positions[j, 0]
                        y[k] = positions[j, 1]
                        z[k] = positions[j, 2]
                        k += 1
    offset[n_species] = k


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
            if gap < _REACH * delta and distances[j] - end < _REACH * delta:
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


@njit(cache=True, fastmath=True)
def _shell_depth(gaussians, n_grid, norm, weight, beta_u, tiny):
    """sum_k weight (g - 1 - beta U - ln g) g, with g = norm * gaussians (Eq. 6 times g)."""
    total = 0.0
    for k in range(n_grid):
        g = gaussians[k] * norm[k]
        total += weight[k] * g * (g - 1.0 - beta_u[k] - np.log(g + tiny))
    return total


@njit(cache=True, nogil=True)
def _local_depth(
    positions,
    species,
    tagged,
    box,
    n_cells,
    delta,
    r0,
    step,
    n_grid,
    norm,
    weight,
    beta_u,
    depth,
):
    """Depth of every particle of the tagged species; tables are (n_species, n_grid max)."""
    n = len(species)
    n_species = len(r0)
    order, start = _sort_into_cells(positions, species, n_species, box, n_cells)
    x, y, z, work = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    near, value, factor = np.empty(n + 8), np.empty(n + 8), np.empty(n + 8)
    offset = np.empty(n_species + 1, dtype=np.int64)
    gaussians = np.empty(norm.shape[1])
    for cell in range(n_cells**3):
        own = cell * n_species + tagged
        if start[own] == start[own + 1]:
            continue
        _gather_candidates(cell, positions, order, start, n_species, n_cells, x, y, z, offset)
        for s in range(start[own], start[own + 1]):
            i = order[s]
            here = (positions[i, 0], positions[i, 1], positions[i, 2])
            total = 0.0
            for v in range(n_species):
                low = r0[v] - _REACH * delta
                high = r0[v] + (n_grid[v] - 1) * step[v] + _REACH * delta
                first, last = offset[v], offset[v + 1]
                m = _distances(here, box, first, last, x, y, z, low, high, work, near)
                _sum_gaussians(near, m, r0[v], step[v], n_grid[v], delta, value, factor, gaussians)
                total += _shell_depth(gaussians, n_grid[v], norm[v], weight[v], beta_u[v], 1e-300)
            depth[i] = total


@njit(cache=True, nogil=True)
def _local_rdf(positions, particles, species, neighbour, box, delta, start, step, norm, out):
    """g_i(r) of the listed particles with the neighbours of one species, by brute force."""
    n = len(species)
    x, y, z, work = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    near, value, factor = np.empty(n + 8), np.empty(n + 8), np.empty(n + 8)
    n_grid = len(norm)
    low = start - _REACH * delta
    high = start + (n_grid - 1) * step + _REACH * delta
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


def _check_positions(positions, species, box):
    positions = np.asarray(positions, dtype=np.float64)
    species = np.ascontiguousarray(species, dtype=np.int64)
    if positions.shape != (len(species), 3):
        raise ValueError(
            f"positions have shape {positions.shape}, expected ({len(species)}, 3) for the "
            f"{len(species)} entries of species: give one frame at a time"
        )
    if not np.isfinite(positions).all():
        raise ValueError("positions hold NaN or infinity: the frame is damaged")
    return np.ascontiguousarray(wrap(positions, box)), species


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
    positions, species = _check_positions(positions, species, box)
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


def _shell_tables(potential, temperature, density, fractions, r0, r_min, delta, tagged, grid_step):
    """Grids, norms, Simpson weights and pair energies of the first shells of one species."""
    n_grid = 2 * np.ceil((r_min - r0) / (2.0 * grid_step)).astype(np.int64) + 1
    step = (r_min - r0) / (n_grid - 1)
    norm, weight, beta_u = np.zeros((3, len(r0), n_grid.max()))
    for v, n in enumerate(n_grid):
        r = r0[v] + step[v] * np.arange(n)
        simpson = np.full(n, 2.0)
        simpson[1::2] = 4.0
        simpson[[0, -1]] = 1.0
        gaussian = np.sqrt(2.0 * np.pi) * delta
        norm[v, :n] = 1.0 / (4.0 * np.pi * density * fractions[v] * r**2 * gaussian)
        shell = 4.0 * np.pi * density * np.sqrt(fractions[tagged] * fractions[v]) * r**2
        weight[v, :n] = shell * simpson * step[v] / 3.0
        beta_u[v, :n] = potential(tagged, v, r) / temperature
    return step, n_grid, norm, weight, beta_u


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
    is that of the global depth, :func:`softcage.cage.depth_r`.

    Parameters
    ----------
    positions : (N, 3) array
        One frame, wrapped or unwrapped, sigma_AA.
    species : (N,) int array
    box : float
        Edge of the cubic box.
    potential : callable
        ``potential(u, v, r)`` gives U_uv(r), e.g. ``Mixture.potential``.
    temperature : float
    r0, r_min : (n_species,) array
        Range of r for the pairs (tagged, v), from :func:`softcage.cage.core_radius` and
        :func:`softcage.cage.first_minimum`.
    delta : float
        Width of the Gaussians, sigma_AA.
    tagged : int
        Species u of the particles scored; 0 is A.
    density, fractions : optional
        Those of the frame by default.
    grid_step : float, optional
        Largest step of the Simpson grid in r; min(0.01, delta / 4) by default, which is within
        1e-4 of the converged integral.

    Returns
    -------
    (n_tagged,) array
        In the order of the particles.

    Raises
    ------
    ValueError
        If shapes do not match, a range is empty, or the shell does not fit into half the box.
    """
    positions, species = _check_positions(positions, species, box)
    r0, r_min = np.asarray(r0, dtype=float), np.asarray(r_min, dtype=float)
    if r0.shape != r_min.shape or not np.all((r0 > 0) & (r_min > r0)):
        raise ValueError(
            f"local_depth: r0 = {r0.tolist()} and r_min = {r_min.tolist()} are no ranges: "
            "take one row of the tables of the cage, with 0 < r0 < r_min"
        )
    n_species = len(r0)
    if species.max() >= n_species:
        raise ValueError(
            f"local_depth: species {species.max()} has no r0, r_min: give one of each a species"
        )
    if delta <= 0:
        raise ValueError(f"local_depth: delta = {delta:g} must be positive")
    counts = np.bincount(species, minlength=n_species)
    fractions = counts / len(species) if fractions is None else np.asarray(fractions, dtype=float)
    density = len(species) / box**3 if density is None else density
    reach = float((r_min + _REACH * delta).max())
    if reach > 0.5 * box:
        raise ValueError(
            f"local_depth: neighbours matter up to {reach:.3g}, beyond half the box "
            f"({0.5 * box:.3g}): use a larger system or a smaller delta"
        )
    n_cells = int(box / reach) if box / reach >= 3 else 1
    step, n_grid, norm, weight, beta_u = _shell_tables(
        potential,
        temperature,
        density,
        fractions,
        r0,
        r_min,
        delta,
        tagged,
        min(0.01, delta / 4.0) if grid_step is None else grid_step,
    )
    depth = np.zeros(len(species))
    _local_depth(
        positions,
        species,
        tagged,
        float(box),
        n_cells,
        float(delta),
        r0,
        step,
        n_grid,
        norm,
        weight,
        beta_u,
        depth,
    )
    return depth[species == tagged]


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
