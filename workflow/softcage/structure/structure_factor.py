r"""Partial structure factors S(q) of a mixture and its direct correlations.

Arrays have the shape (n_species, n_species, n_q). They follow Ashcroft and Langreth, so that
:math:`S_{uv} \to \delta_{uv}` at large q. Positions may be wrapped or unwrapped; every function
folds them into the box, which is anything that :meth:`softcage.box.Box.of` takes, in two or three
dimensions.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import prange
from scipy.special import jv

from softcage.box import SPHERE, Box, placed
from softcage.compiled.decorator import kernel
from softcage.compiled.simd import LANES, broadcast, fma, load, store
from softcage.defaults import Q_BIN, Q_VECTORS
from softcage.structure.rdf import wrap

# Particles of one tile: its phase tables (3 axes, q to 20 at N = 4000) stay in the L2 cache.
_TILE = 128


def lattice_vectors(
    box: Any, q_max: float, q_bin: float = Q_BIN, max_vectors: int = Q_VECTORS, seed: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Wave vectors of a box, in shells of \|q\|: :math:`2 \pi n / L` of a cube.

    .. math:: q = 2 \pi (n_a a^* + n_b b^* + n_c c^*), \qquad a^* \cdot a = 1, \; a^* \cdot b = 0

    In two dimensions :math:`n_c = 0`. Only one of q and -q is listed, as both have the same S(q).
    Shells with at most ``max_vectors`` such vectors are complete; larger shells are represented by
    a random sample, drawn with ``seed``.

    Parameters
    ----------
    box : float, Box or array
        The edge of a cube, sigma_AA, or another box.
    q_max : float
        Largest \|q\|.
    q_bin : float
        Width of a shell.
    max_vectors : int
        Largest number of vectors in a shell.
    seed : int
        Seed of the random sample.

    Returns
    -------
    n : (n_vectors, 3) int64 array
        In units of the reciprocal vectors of ``Box.vectors``.
    shell : (n_vectors,) int64 array
        Index of the shell of each vector, ascending; empty shells are left out.
    q : (n_shells,) array
        Mean \|q\| of the chosen vectors.

    Raises
    ------
    ValueError
        If the box has no vector up to ``q_max``, or is not periodic.
    """
    box = _periodic(Box.of(box))
    unit = 2.0 * np.pi / box.vectors[0, 0]
    # Lengths are in this unit, so that squares of those of a cube are integers.
    reciprocal = np.linalg.inv(box.vectors / box.vectors[0, 0]).T
    # The component of q along a vector of the box is 2 pi n over its length.
    most = np.zeros(3, dtype=np.int64)
    most[: box.dimension] = np.maximum(q_max / (2.0 * np.pi / box.edges), 1)
    ma, mb, mc = most.tolist()
    grid = np.meshgrid(
        np.arange(ma + 1), np.arange(-mb, mb + 1), np.arange(-mc, mc + 1), indexing="ij"
    )
    squared = np.zeros(grid[0].shape)
    for axis in reciprocal.T:
        squared += np.tensordot(axis, grid, axes=1) ** 2
    # Half space: first non-zero component positive.
    half = np.ones(squared.shape, dtype=bool)
    half[0, :mb] = False
    half[0, mb, : mc + 1] = False
    na, nb, nc = np.nonzero(half & (squared * unit**2 <= q_max**2))
    if not len(na):
        shortest = unit * np.sqrt(squared[half].min())
        raise ValueError(
            f"lattice_vectors: the shortest wave vector of the box is {shortest:g}, beyond "
            f"q_max = {q_max:g}: raise q_max or use a larger box"
        )
    n = np.stack([na, nb - mb, nc - mc], axis=1)
    length = unit * np.sqrt(squared[na, nb, nc])
    index = (length / q_bin).astype(np.int64)
    order = np.argsort(index, kind="stable")
    starts = np.flatnonzero(np.diff(index[order], prepend=-1))
    rng = np.random.default_rng(seed)
    chosen = []
    for members in np.split(order, starts[1:]):
        if len(members) > max_vectors:
            members = np.sort(rng.choice(members, max_vectors, replace=False))
        chosen.append(members)
    shell = np.repeat(np.arange(len(chosen)), [len(c) for c in chosen])
    picked = np.concatenate(chosen)
    q = np.bincount(shell, length[picked]) / np.bincount(shell)
    return n[picked], shell, q


def _periodic(box: Box) -> Box:
    """Return the box, and refuse one that is not periodic."""
    if box.bounded:
        raise ValueError(
            "the box is not periodic and has no wave vectors of its own: compute S(q) from g(r), "
            "or cut out a part and take it as periodic"
        )
    return box


@kernel
def _multiply(x, y, n_powers, re, im, xy_re, xy_im):
    """Write exp(i (q_x x + q_y y)) of a tile; ``re`` and ``im`` are flat (axis, power, particle).

    ``xy_im`` receives the imaginary part, followed by that of the conjugate.
    """
    # exp(-i n y) is the conjugate of exp(i n y): negative components flip the sign.
    sign, x, y = broadcast(1.0 if y >= 0 else -1.0), x * _TILE, (n_powers + abs(y)) * _TILE
    for i in range(0, _TILE, LANES):
        a, b = load(re, x + i), load(im, x + i)
        c, d = load(re, y + i), sign * load(im, y + i)
        product = fma(a, d, b * c)
        store(xy_re, i, fma(a, c, -(b * d)))
        store(xy_im, i, product)
        store(xy_im, _TILE + i, -product)


@kernel
def _sum_tile(z, other_z, n_powers, re, im, xy_re, xy_im, sums):
    """Sum exp(i q r) over a tile for two vectors with the same x and y.

    The two sums are independent, so that neither waits for the other. ``sums`` receives the real
    and imaginary lanes of the first vector, then those of the second.
    """
    # For negative z, start from the conjugate of exp(i (q_x x + q_y y)) and conjugate the result.
    sign, low = (1.0, 0) if z >= 0 else (-1.0, _TILE)
    other_sign, other_low = (1.0, 0) if other_z >= 0 else (-1.0, _TILE)
    at, other_at = (2 * n_powers + abs(z)) * _TILE, (2 * n_powers + abs(other_z)) * _TILE
    zero = broadcast(0.0)
    sum_re, sum_im, other_re, other_im = zero, zero, zero, zero
    for i in range(0, _TILE, LANES):
        a, b = load(xy_re, i), load(xy_im, low + i)
        c, d = load(re, at + i), load(im, at + i)
        sum_re = fma(a, c, fma(-b, d, sum_re))
        sum_im = fma(a, d, fma(b, c, sum_im))
        b = load(xy_im, other_low + i)
        c, d = load(re, other_at + i), load(im, other_at + i)
        other_re = fma(a, c, fma(-b, d, other_re))
        other_im = fma(a, d, fma(b, c, other_im))
    store(sums, 0, sum_re)
    store(sums, LANES, broadcast(sign) * sum_im)
    store(sums, 2 * LANES, other_re)
    store(sums, 3 * LANES, broadcast(other_sign) * other_im)


@kernel(fastmath=True)
def _tile_phases(xyz, first, last, box, n_powers, phase_re, phase_im, re, im):
    """Write the powers of exp(2 pi i r / L) of particles first..last; 0 in the rest of the tile."""
    for axis in range(3):
        for i in range(_TILE):
            inside = first + i < last
            angle = 2.0 * np.pi / box * xyz[axis, first + i] if inside else 0.0
            phase_re[i], phase_im[i] = np.cos(angle), np.sin(angle)
            re[axis, 0, i] = 1.0 if inside else 0.0
            im[axis, 0, i] = 0.0
        for k in range(1, n_powers):
            for i in range(_TILE):
                a, b = re[axis, k - 1, i], im[axis, k - 1, i]
                re[axis, k, i] = a * phase_re[i] - b * phase_im[i]
                im[axis, k, i] = a * phase_im[i] + b * phase_re[i]


@kernel(parallel=True, nogil=True)
def _density_modes(xyz, first, box, vectors, n_powers, n_parts, rho):
    """Fill ``rho`` (n_species, n_vectors, 2); particles (3, N) are sorted by species.

    Vectors with the same x and y follow one another, so that the product of these phases is
    computed once. The vectors are shared among the threads; the terms of the particles are added in
    the same order in any thread.
    """
    n_vectors = len(vectors)
    for part in prange(n_parts):
        begin, end = part * n_vectors // n_parts, (part + 1) * n_vectors // n_parts
        re, im = np.empty((3, n_powers, _TILE)), np.empty((3, n_powers, _TILE))
        flat_re, flat_im = re.ravel(), im.ravel()
        phase_re, phase_im, lanes = np.empty(_TILE), np.empty(_TILE), np.empty(4 * LANES)
        xy_re, xy_im = np.empty(_TILE), np.empty(2 * _TILE)
        for u in range(len(first) - 1):
            for tile in range(first[u], first[u + 1], _TILE):
                last = min(first[u + 1], tile + _TILE)
                _tile_phases(xyz, tile, last, box, n_powers, phase_re, phase_im, re, im)
                v, x, y = begin, -1, 0
                while v < end:
                    if vectors[v, 0] != x or vectors[v, 1] != y:
                        x, y = vectors[v, 0], vectors[v, 1]
                        _multiply(x, y, n_powers, flat_re, flat_im, xy_re, xy_im)
                    # Two vectors with the same x and y, or the last of these alone.
                    w = min(v + 1, end - 1)
                    w = w if vectors[w, 0] == x and vectors[w, 1] == y else v
                    _sum_tile(
                        vectors[v, 2], vectors[w, 2], n_powers, flat_re, flat_im, xy_re, xy_im,
                        lanes,
                    )  # fmt: skip
                    for one in range(v, w + 1):
                        at, real, imaginary = 2 * LANES * (one - v), rho[u, one, 0], rho[u, one, 1]
                        for k in range(at, at + LANES):
                            real += lanes[k]
                            imaginary += lanes[LANES + k]
                        rho[u, one, 0], rho[u, one, 1] = real, imaginary
                    v = w + 1


def density_modes(
    positions: np.ndarray, species: np.ndarray, box: Any, vectors: np.ndarray
) -> np.ndarray:
    r"""Fourier components of the density of each species.

    .. math:: \rho_u(q) = \sum_{j \in u} e^{i q \cdot r_j}

    Parameters
    ----------
    positions : (N, 2 or 3) array
    species : (N,) int array
        Numbers of the species, from 0.
    box : float, Box or array
        The edge of a cube, or another box.
    vectors : (n_vectors, 3) int array
        n of the wave vectors, from :func:`lattice_vectors`; the first component is not negative.

    Returns
    -------
    (n_species, n_vectors) complex128 array
    """
    species, vectors = np.asarray(species), np.ascontiguousarray(vectors, dtype=np.int64)
    order = np.argsort(species, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(species))])
    within, box = placed(positions, box)
    if _periodic(box).is_cube:
        edge = float(box.vectors[0, 0])
        xyz = np.ascontiguousarray(wrap(within[order], edge).T)
    else:  # in units of the vectors it is a cube of edge 1
        edge, xyz = 1.0, np.ascontiguousarray(box.scaled(within[order])[0].T)
    n_powers = int(np.abs(vectors).max()) + 1
    by_xy = np.lexsort((vectors[:, 1], vectors[:, 0]))
    rho = np.zeros((len(first) - 1, len(vectors), 2))
    _density_modes(xyz, first, edge, vectors[by_xy], n_powers, numba.get_num_threads(), rho)
    modes = np.empty(rho.shape[:2], dtype=np.complex128)
    modes[:, by_xy] = rho[..., 0] + 1j * rho[..., 1]
    return modes


def partial_structure_factors(
    positions: np.ndarray,
    species: np.ndarray,
    box: Any,
    vectors: np.ndarray,
    shell: np.ndarray,
) -> np.ndarray:
    r"""Partial structure factors on the wave vectors of the box, averaged over shells.

    .. math:: S_{uv}(q) = \frac{1}{\sqrt{N_u N_v}} \left\langle \rho_u(q) \rho_v(-q) \right\rangle

    Parameters
    ----------
    positions : (n_frames, N, 2 or 3) or (N, 2 or 3) array
    species : (N,) int array
        Numbers of the species, from 0.
    box : float, Box or array
        The edge of a cube, or another box.
    vectors, shell : (n_vectors, 3) and (n_vectors,) int arrays
        From :func:`lattice_vectors`.

    Returns
    -------
    (n_species, n_species, n_shells) array
        Mean over frames and over the vectors of a shell.
    """
    positions = np.asarray(positions)
    frames = positions.reshape(-1, *positions.shape[-2:])
    counts = np.bincount(species)
    n_species, in_shell = len(counts), np.bincount(shell)
    s = np.zeros((n_species, n_species, len(in_shell)))
    for frame in frames:
        rho = density_modes(frame, species, box, vectors)
        for u in range(n_species):
            for v in range(u, n_species):
                product = (rho[u] * rho[v].conj()).real / np.sqrt(counts[u] * counts[v])
                s[u, v] += np.bincount(shell, product)
    for u in range(n_species):
        for v in range(u):
            s[u, v] = s[v, u]
    return s / in_shell / len(frames)


def structure_factor_from_rdf(
    r: np.ndarray,
    g: np.ndarray,
    q: np.ndarray,
    density: float,
    fractions: np.ndarray,
    taper: float = 0.25,
    dimension: int = 3,
) -> np.ndarray:
    r"""Partial structure factors as the Fourier transform of g - 1.

    .. math:: S_{uv}(q) = \delta_{uv} + \rho \sqrt{x_u x_v} \int_0^{R} 4 \pi r^2
              [g_{uv}(r) - 1] W(r) \frac{\sin q r}{q r} dr

    In two dimensions :math:`2 \pi r J_0(q r)` takes the place of :math:`4 \pi r^2 \sin(q r) / (q
    r)`. Each bin of the histogram is integrated exactly. W falls smoothly from 1 to 0 over the last
    part of the range, which removes the ripples of a sharp cut. The result is good at large q. At
    low q the cut at half the box spoils it: use lattice vectors there (:func:`match`).

    Parameters
    ----------
    r : (n_r,) array
        Centres of equal bins that start at 0.
    g : (..., n_species, n_species, n_r) array
    q : (n_q,) array
        Positive wave numbers.
    density : float
        Number density of all particles.
    fractions : (n_species,) array
    taper : float
        Part of the range over which W falls.
    dimension : int
        2 or 3.

    Returns
    -------
    (..., n_species, n_species, n_q) array
    """
    x = np.asarray(fractions, dtype=float)
    edges = np.concatenate([[0.0], r + 0.5 * (r[1] - r[0])])
    qr = np.outer(edges, q)
    # The integral of the wave over all distances up to r, times q^d.
    up_to = np.sin(qr) - qr * np.cos(qr) if dimension == 3 else qr * jv(1, qr)
    kernel = SPHERE[dimension] * np.diff(up_to, axis=0) / q**dimension
    window = np.ones(len(r))
    if taper > 0:
        depth_in = np.clip((r / edges[-1] - (1 - taper)) / taper, 0, 1)
        window = 0.5 * (1 + np.cos(np.pi * depth_in))
    weights = density * np.sqrt(np.outer(x, x))[:, :, None]
    return np.eye(len(x))[:, :, None] + weights * (((np.asarray(g) - 1.0) * window) @ kernel)


def match(
    q: np.ndarray,
    q_lattice: np.ndarray,
    s_lattice: np.ndarray,
    s_transform: np.ndarray,
    q_match: tuple[float, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Join S(q) from lattice vectors at low q with the transform of g - 1 at high q.

    The result is that of the lattice vectors below ``q_match[0]`` (interpolated; constant below the
    first shell), the transform above ``q_match[1]``, and a smooth mixture of the two in between.

    Parameters
    ----------
    q : (n_q,) array
        Grid of the result, equally spaced.
    q_lattice : (n_shells,) array
    s_lattice : (..., n_shells) array
    s_transform : (..., n_q) array
        On ``q``.
    q_match : pair of floats

    Returns
    -------
    s : (..., n_q) array
    s_lattice : (..., n_q) array
        Interpolated on ``q``, NaN beyond its last shell.

    Raises
    ------
    ValueError
        If the lattice result ends below ``q_match[1]``.
    """
    low, high = q_match
    # Shells are narrower than 3 % of q there; the last one's mean lies a little below its edge.
    if q_lattice[-1] < 0.97 * high or not low < high:
        raise ValueError(
            f"match: lattice vectors end at q = {q_lattice[-1]:.3g} but q_match is "
            f"[{low:g}, {high:g}]: lower q_match, or compute lattice vectors up to its end"
        )
    flat = np.reshape(s_lattice, (-1, len(q_lattice)))
    on_grid = np.stack([np.interp(q, q_lattice, row) for row in flat])
    on_grid = on_grid.reshape(*np.shape(s_lattice)[:-1], len(q))
    part = np.clip((q - low) / (high - low), 0, 1)
    weight = 1.0 - part**2 * (3 - 2 * part)
    matched = weight * on_grid + (1 - weight) * s_transform
    return matched, np.where(q <= q_lattice[-1] + (q[1] - q[0]), on_grid, np.nan)


def direct_correlation(s: np.ndarray) -> np.ndarray:
    """Direct correlation functions :math:`C(q) = 1 - S^{-1}(q)` (matrices in the species).

    Average S over frames and replicas before calling this: the inverse is not linear, and
    det S is as small as 0.004 at low q.

    Parameters
    ----------
    s : (n_species, n_species, n_q) array

    Returns
    -------
    (n_species, n_species, n_q) array

    Raises
    ------
    ValueError
        If a matrix is singular.
    """
    matrices = np.moveaxis(np.asarray(s, dtype=float), -1, 0)
    determinant = np.linalg.det(matrices)
    if not np.all(np.abs(determinant) > 1e-12):
        worst = int(np.argmin(np.abs(determinant)))
        raise ValueError(
            f"direct_correlation: S(q) is singular at index {worst} of q "
            f"(det = {determinant[worst]:.3g}): average over more frames or vectors first"
        )
    return np.eye(matrices.shape[-1])[:, :, None] - np.moveaxis(np.linalg.inv(matrices), 0, -1)
