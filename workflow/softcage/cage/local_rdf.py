"""Radial distribution functions of single particles, as sums of Gaussians (Eq. 8).

The depth of the cage is computed in :mod:`softcage.cage.local_depth`, without these functions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from softcage.box import SPHERE
from softcage.cage.local_depth import check_frame
from softcage.compiled.decorator import kernel
from softcage.structure.rdf import wrap

# Gaussians are cut off at this many delta: the tail matters where g is small.
_RDF_REACH = 5.0
# One pass of the recurrence fills grid points over at most this many delta: the factors then stay
# within 1e-90 .. 1 and rounding errors below 1e-12.
_PASS = 15.0


@kernel(fastmath=True)
def _distances(position, box, cell, first, last, x, y, z, low, high, work, out):
    """Write the distances in (low, high) to the candidates first..last; return their number.

    In a cube of edge ``box``, ``cell`` is None; otherwise coordinates are in units of its vectors.
    The particle itself is among the candidates, at a distance of exactly 0. It is left out because
    the lower limit is at least 0 and exclusive.
    """
    px, py, pz = position
    half = 0.5 * box
    for k in range(first, last):
        if cell is None:
            # Coordinates lie in [0, box), so that this is the distance to the nearest image.
            dx = half - abs(half - abs(x[k] - px))
            dy = half - abs(half - abs(y[k] - py))
            dz = half - abs(half - abs(z[k] - pz))
        else:
            a, b, c = x[k] - px, y[k] - py, z[k] - pz
            a, b, c = a - np.rint(a), b - np.rint(b), c - np.rint(c)
            dx = a * cell[0, 0] + b * cell[1, 0] + c * cell[2, 0]
            dy = b * cell[1, 1] + c * cell[2, 1]
            dz = c * cell[2, 2]
        work[k] = dx * dx + dy * dy + dz * dz
    low_squared, high_squared = max(low, 0.0) ** 2, high * high
    n = 0
    for k in range(first, last):
        # Every value is written, and counted if it is in range: no branch to mispredict.
        out[n] = work[k]
        n += (work[k] > low_squared) & (work[k] < high_squared)
    for k in range(n):
        out[k] = np.sqrt(out[k])
    return n


@kernel(fastmath=True)
def _sum_gaussians(distances, n, start, step, n_grid, delta, value, factor, out):
    """Fill ``out[k]`` with sum_j exp(-(start + k step - d_j)^2 / 2 delta^2), k < n_grid.

    Along the grid a Gaussian obeys e_{k+1} = e_k f_k, f_{k+1} = f_k exp(-step^2 / delta^2). This
    takes two exponentials per neighbour and pass, then two multiplications per grid point. All
    neighbours advance together, so that the inner loop runs over contiguous arrays and vectorises.
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
        # Padded to whole vectors of 8: a scalar remainder would take as long as the rest.
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


@kernel(nogil=True)
def _local_rdf(positions, particles, species, neighbour, box, cell, delta, start, step, norm, out):
    """Compute g_i(r) of the listed particles with neighbours of one species, by brute force."""
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
        m = _distances(here, box, cell, 0, k, x, y, z, low, high, work, near)
        _sum_gaussians(near, m, start, step, n_grid, delta, value, factor, out[s])
        for p in range(n_grid):
            out[s, p] *= norm[p]


def local_rdf(
    positions: np.ndarray,
    species: np.ndarray,
    box: Any,
    delta: float,
    r: np.ndarray,
    tagged: int = 0,
    neighbour: int = 0,
    particles: ArrayLike | None = None,
    density: float | None = None,
    fractions: np.ndarray | None = None,
) -> np.ndarray:
    r"""Radial distribution function of single particles in a single frame (Eq. 8, B1).

    .. math:: g_{i,v}(r) = \frac{1}{4 \pi \rho x_v r^2} \sum_{j \in v, j \ne i}
              \frac{1}{\sqrt{2 \pi \delta^2}} e^{-(r - r_{ij})^2 / 2 \delta^2}

    In two dimensions :math:`2 \pi r` takes the place of :math:`4 \pi r^2`. The paper prints the
    equation without :math:`x_v`. Only with it is the mean over particles the partial g of the
    simulation, as Eq. B2 requires.

    Parameters
    ----------
    positions : (N, 2 or 3) array
        One frame, wrapped or unwrapped, sigma_AA.
    species : (N,) int array
        Numbers of the species, from 0.
    box : float, Box or array
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes.
    delta : float
        Width of the Gaussians, sigma_AA.
    r : (n_r,) array
        Equally spaced positive distances, up to half of the smallest height of the box less 5
        delta.
    tagged, neighbour : int
        Species of the particles and of their neighbours.
    particles : (n,) int array, optional
        Indices of the particles; by default all particles of the tagged species.
    density : float, optional
        Number density of all particles; by default that of the frame.
    fractions : (n_species,) array, optional
        By default those of the frame.

    Returns
    -------
    (n, n_r) array
        One row per particle; NaN where a direction of the box is not periodic, and its edge is
        nearer than the largest distance and 5 delta.

    Raises
    ------
    ValueError
        If shapes do not match, ``r`` is not equally spaced and positive, or exceeds half the box.
    """
    given = positions
    positions, species, box = check_frame(positions, species, box)
    if box.is_cube:
        edge, cell = float(box.vectors[0, 0]), None
        positions = wrap(positions, edge)
    else:
        edge, (positions, cell) = 1.0, box.scaled(positions)
    r = np.asarray(r, dtype=float)
    step = (r[-1] - r[0]) / (len(r) - 1)
    if r[0] <= 0 or step <= 0 or np.abs(np.diff(r) - step).max() > 1e-6 * step:
        raise ValueError("local_rdf: r must be positive, ascending and equally spaced")
    if r[-1] > box.half:
        raise ValueError(
            f"local_rdf: r reaches {r[-1]:g}, beyond half the box ({box.half:g}), where the "
            "minimum image misses neighbours: use a smaller range"
        )
    if particles is None:
        particles = np.flatnonzero(species == tagged)
    particles = np.asarray(particles, dtype=np.int64)
    density = len(species) / box.volume if density is None else density
    fraction = np.mean(species == neighbour) if fractions is None else fractions[neighbour]
    shell = SPHERE[box.dimension] * density * fraction * r ** (box.dimension - 1)
    norm = 1.0 / (shell * np.sqrt(2.0 * np.pi) * delta)
    out = np.empty((len(particles), len(r)))
    _local_rdf(positions, particles, species, neighbour, edge, cell, delta, r[0], step, norm, out)
    if box.bounded:
        out[~box.inside(given, r[-1] + _RDF_REACH * delta)[particles]] = np.nan
    return out
