"""The mean-field cage of the average liquid: depth and curvature of its potential.

The potential is computed in two ways: from S(q) as an integral over wave numbers (Eqs. 3 and 4),
which gives the depth Phi_q and the softness S_av; and from g(r) with a closure as an integral
over distances (Eqs. 5 and 6), which gives Phi_r and can also be evaluated for single particles
(:mod:`softcage.cage.local_depth`).

Sign: Phi is negative, as in the paper. Functions called ``potential_*`` return beta Phi (negative);
functions called ``depth_*`` return the depth -beta Phi (positive).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from softcage.box import SPHERE
from softcage.cage.closures import beta_potential, closure_product, pair_weight
from softcage.defaults import (
    CLOSURE,
    CORE_THRESHOLD,
    HARMONIC_RANGE,
    R_BIN,
    ROUTE,
    STRUCTURE_FRAMES,
)
from softcage.io.trajectory import Trajectory
from softcage.model import Potential
from softcage.sampling import evenly_spaced
from softcage.structure.rdf import rdf_of_frames

# Largest distance of the g(r) in which the first shell is looked for, sigma_AA.
_R_MAX = 3.0
# Of the highest peak of g: so high is an earlier peak that is the first shell, and so low the
# minimum between the two.
_SHARE, _DIP = 0.75, 0.25


def _cage_spectrum(
    q: np.ndarray,
    s: np.ndarray,
    c: np.ndarray,
    fractions: np.ndarray,
    q_max: float,
    dimension: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return q, from 0 on, and 4 pi q^2 / (2 pi)^3 sum_uv sqrt(x_u x_v) C_uv (S_uv - delta_uv).

    In two dimensions the measure is 2 pi q / (2 pi)^2.
    """
    keep = q <= q_max * (1 + 1e-9)
    if not keep.any() or q[-1] < q_max * (1 - 1e-3) - (q[-1] - q[-2]):
        raise ValueError(
            f"the integrals of Eqs. 3 and 4 need S(q) up to q_max = {q_max:g}, but it ends at "
            f"{q[-1]:g}: compute S(q) up to larger q, or lower q_max"
        )
    x = np.asarray(fractions, dtype=float)
    weights = np.sqrt(np.outer(x, x))[:, :, None]
    total = (weights * c * (s - np.eye(len(x))[:, :, None]))[..., keep].sum(axis=(0, 1))
    measure = q[keep] ** 2 / (2.0 * np.pi**2) if dimension == 3 else q[keep] / (2.0 * np.pi)
    spectrum = measure * total
    return np.concatenate([[0.0], q[keep]]), np.concatenate([[0.0], spectrum])


def potential_q(
    q: np.ndarray,
    s: np.ndarray,
    c: np.ndarray,
    fractions: np.ndarray,
    q_max: float,
    delta_r: float | np.ndarray,
    dimension: int = 3,
) -> np.ndarray:
    r"""Mean-field caging potential of a displaced particle (Eq. 3), negative.

    .. math:: \beta\Phi_q(\Delta r) = -\int_0^{q_{max}} \frac{4 \pi q^2 dq}{(2\pi)^3} \sum_{uv}
              C_{uv}(q) \sqrt{x_u x_v} [S_{uv}(q) - \delta_{uv}] e^{-q^2 \Delta r^2 / 6}

    In two dimensions the measure is :math:`2 \pi q dq / (2\pi)^2`, and the Gaussian
    :math:`e^{-q^2 \Delta r^2 / 4}`.

    Parameters
    ----------
    q : (n_q,) array
        Wave numbers, ascending.
    s : (n_species, n_species, n_q) array
        Structure factors.
    c : (n_species, n_species, n_q) array
        Direct correlations, from :func:`softcage.structure.structure_factor.direct_correlation`.
    fractions : (n_species,) array
    q_max : float
        Upper end of the integral.
    delta_r : float or array
        Displacements, sigma_AA.
    dimension : int
        2 or 3.

    Returns
    -------
    array
        beta Phi_q at each ``delta_r``, of its shape.

    Raises
    ------
    ValueError
        If ``q`` does not reach ``q_max``.
    """
    q, spectrum = _cage_spectrum(q, s, c, fractions, q_max, dimension)
    square = np.asarray(delta_r, dtype=float)[..., None] ** 2
    damping = np.exp(-(q**2) * square / (2.0 * dimension))
    return -np.trapezoid(spectrum * damping, q, axis=-1)


def depth_q(
    q: np.ndarray,
    s: np.ndarray,
    c: np.ndarray,
    fractions: np.ndarray,
    q_max: float,
    dimension: int = 3,
) -> float:
    """Depth of the cage from the structure factor, -beta Phi_q(0) of Eq. 4, positive.

    Parameters and errors are those of :func:`potential_q`.
    """
    return float(-potential_q(q, s, c, fractions, q_max, 0.0, dimension))


def inverse_softness(
    q: np.ndarray,
    s: np.ndarray,
    c: np.ndarray,
    fractions: np.ndarray,
    q_max: float,
    route: str = ROUTE,
    harmonic_range: float = HARMONIC_RANGE,
    dimension: int = 3,
) -> float:
    r"""Inverse softness 1/S_av of the cage: the spring constant of Eq. 3 at its minimum.

    ``curvature`` is the exact second derivative at :math:`\Delta r = 0`,

    .. math:: \frac{1}{S} = \int_0^{q_{max}} \frac{4 \pi q^2 dq}{(2\pi)^3} \frac{q^2}{3}
              \sum_{uv} C_{uv} \sqrt{x_u x_v} [S_{uv} - \delta_{uv}] .

    In two dimensions the measure is :math:`2 \pi q dq / (2\pi)^2`, and the factor
    :math:`q^2 / 2`.

    ``harmonic`` fits :math:`\Phi_0 + \Delta r^2 / 2 S` to Eq. 3 for displacements up to
    ``harmonic_range``, as the paper does; it is smaller because the potential softens outwards.

    Parameters
    ----------
    q, s, c, fractions, q_max
        See :func:`potential_q`.
    route : str
        ``curvature`` or ``harmonic``.
    harmonic_range : float
        End of the fit, sigma_AA.
    dimension : int
        2 or 3.

    Returns
    -------
    float
        1/S_av in units of 1 / sigma_AA^2. It keeps growing with ``q_max`` far beyond q = 20:
        state ``q_max`` with every value.

    Raises
    ------
    ValueError
        If ``route`` is not one of these two.
    """
    if route == "curvature":
        grid, spectrum = _cage_spectrum(q, s, c, fractions, q_max, dimension)
        return float(np.trapezoid(spectrum * grid**2 / dimension, grid))
    if route == "harmonic":
        delta_r = np.linspace(0.0, harmonic_range, 51)
        phi = potential_q(q, s, c, fractions, q_max, delta_r, dimension)
        return float(2.0 * np.polyfit(delta_r**2, phi, 1)[0])
    raise ValueError(f"inverse_softness: route is {route!r}, choose 'curvature' or 'harmonic'")


def core_radius(r: np.ndarray, g: np.ndarray, threshold: float = CORE_THRESHOLD) -> float:
    """Distance below which g vanishes: centre of the first bin with g above ``threshold``.

    Parameters
    ----------
    r : (n_r,) array
        Centres of the bins.
    g : (n_r,) array
        One partial radial distribution function, averaged over the whole run.
    threshold : float
        Values of g up to this count as zero.

    Raises
    ------
    ValueError
        If g is nowhere above the threshold.
    """
    above = np.flatnonzero(g > threshold)
    if len(above) == 0:
        raise ValueError(f"core_radius: g nowhere exceeds {threshold:g}: no pairs in this range")
    return float(r[above[0]])


def first_minimum(
    r: np.ndarray, g: np.ndarray, smoothing: float = 0.06, half_width: float = 0.1
) -> float:
    """First minimum of g behind its main peak, the edge of the first shell.

    The main peak is the highest one, or a nearer one that is almost as high with a deep minimum
    between: the second shell of a minority species may be a little higher than the first.

    The lowest point of a smoothed g between the main peak and 1.6 times its distance is refined by
    a parabola fitted to the raw g within ``half_width`` around it, which is robust against the
    noise of single bins.

    Parameters
    ----------
    r : (n_r,) array
        Equally spaced distances.
    g : (n_r,) array
    smoothing : float
        Width of the running mean that locates peak and minimum.
    half_width : float
        Half range of the parabola.

    Returns
    -------
    float
        Distance of the minimum.

    Raises
    ------
    ValueError
        If g has no minimum there.
    """
    width = max(1, round(smoothing / (r[1] - r[0])))
    smooth = np.convolve(g, np.ones(width) / width, mode="same")
    smooth[-width:] = g[-width:]
    peak = _main_peak(smooth)
    window = np.flatnonzero((r > r[peak]) & (r <= 1.6 * r[peak]))
    if len(window) < 3 or r[window[-1]] >= r[-1] - half_width:
        raise ValueError(
            f"g(r) peaks at r = {r[peak]:.3g}, too close to the end of its range ({r[-1]:.3g}) to "
            "find the minimum behind it: use a larger box"
        )
    centre = r[window[np.argmin(smooth[window])]]
    vertex = centre
    for _ in range(3):
        near = np.abs(r - vertex) <= half_width
        a, b, _c = np.polyfit(r[near] - vertex, g[near], 2)
        if a <= 0:
            return float(centre)
        vertex += np.clip(-b / (2 * a), -half_width, half_width)
    return float(vertex) if abs(vertex - centre) <= 2 * half_width else float(centre)


def _main_peak(g: np.ndarray) -> int:
    """Return where the main peak of a smoothed g is, as :func:`first_minimum` says."""
    highest = int(np.argmax(g))
    before = g[:highest]
    nearly = np.flatnonzero(before >= _SHARE * g[highest])
    if len(nearly) == 0:
        return highest
    dips = np.flatnonzero(before[nearly[0] :] < _DIP * g[highest])
    return int(np.argmax(g[: nearly[0] + dips[0]])) if len(dips) else highest


def depth_r(
    r: np.ndarray,
    g: np.ndarray,
    potential: Potential | None,
    temperature: float | None,
    density: float,
    fractions: Sequence[float] | np.ndarray,
    r0: np.ndarray,
    r_min: np.ndarray,
    tagged: int = 0,
    closure: str = CLOSURE,
    dimension: int = 3,
) -> float:
    r"""Depth of the cage of one species from its g(r), -beta Phi_r(0) of Eq. 5, positive.

    .. math:: -\beta\Phi_r = \rho \sum_v w_{uv} \int_{r_{0,uv}}^{r_{min,uv}} 4 \pi r^2
              C_{uv}(r) g_{uv}(r) dr

    C and w are those of the closure (:mod:`softcage.cage.closures`). In two dimensions
    :math:`2 \pi r` takes the place of :math:`4 \pi r^2`. The integrals run over the first shell of
    a particle of species u. The local depth uses the same pairs and the same range
    (:func:`softcage.cage.local_depth.local_depth`).

    Parameters
    ----------
    r : (n_r,) array
        Distances.
    g : (n_species, n_species, n_r) array
    potential : callable or None
        ``potential(u, v, r)`` gives U_uv(r), such as ``Mixture.potential``.
    temperature : float or None
        k_B T in units of epsilon_AA.
    density : float
        Number density of all particles.
    fractions : (n_species,) array
    r0, r_min : (n_species, n_species) array, or (n_species,) for the tagged species
        Range of the integral.
    tagged : int
        Index u of the tagged species; 0 is A.
    closure : str
        ``hnc`` or ``pair``; the latter needs neither potential nor temperature.
    dimension : int
        2 or 3.

    Returns
    -------
    float
        The depth, in units of k_B T.

    Raises
    ------
    ValueError
        As :func:`softcage.cage.closures.beta_potential`.
    """
    beta_u = beta_potential(closure, potential, temperature)
    r0 = np.asarray(r0)[tagged] if np.ndim(r0) == 2 else np.asarray(r0)
    r_min = np.asarray(r_min)[tagged] if np.ndim(r_min) == 2 else np.asarray(r_min)
    total = 0.0
    for v, x_v in enumerate(fractions):
        inside = r[(r > r0[v]) & (r < r_min[v])]
        grid = np.concatenate([[r0[v]], inside, [r_min[v]]])
        values = np.interp(grid, r, g[tagged, v])
        product = closure_product(closure, values, beta_u(tagged, v, grid))
        integrand = grid ** (dimension - 1) * product
        weight = pair_weight(closure, fractions[tagged], x_v)
        total += SPHERE[dimension] * density * weight * np.trapezoid(integrand, grid)
    return float(total)


def shell_ranges(
    r: np.ndarray, g: np.ndarray, threshold: float = CORE_THRESHOLD
) -> tuple[np.ndarray, np.ndarray]:
    """Return r0 and r_min of every pair of species, (n_species, n_species)."""
    n = len(g)
    r0 = [[core_radius(r, g[u, v], threshold) for v in range(n)] for u in range(n)]
    r_min = [[first_minimum(r, g[u, v]) for v in range(n)] for u in range(n)]
    return np.array(r0), np.array(r_min)


def measured_ranges(
    trajectory: Trajectory,
    tagged: Sequence[int] | None = None,
    frames: int = STRUCTURE_FRAMES,
    r_bin: float = R_BIN,
) -> tuple[np.ndarray, np.ndarray]:
    """Return r0 and r_min of the pairs (u, v) from the g(r) of a trajectory.

    Parameters
    ----------
    trajectory : Trajectory
    tagged : sequence of int, optional
        See :func:`ranges_of_frames`, which has the shapes and errors too.
    frames : int
        Largest number of frames to use, evenly spaced.
    r_bin : float
    """
    chosen = evenly_spaced(trajectory.n_frames, frames)
    positions, box = trajectory.frames(chosen)
    return ranges_of_frames(positions, trajectory.species, box, tagged, r_bin)


def ranges_of_frames(
    frames: Iterable[np.ndarray],
    species: np.ndarray,
    box: Any,
    tagged: Sequence[int] | None = None,
    r_bin: float = R_BIN,
) -> tuple[np.ndarray, np.ndarray]:
    """Return r0 and r_min of the pairs (u, v) from the g(r) of frames.

    Parameters
    ----------
    frames : iterable of (N, 2 or 3) arrays
        Wrapped or unwrapped, sigma_AA.
    species : (N,) int array
    box : float, Box, array, or list of Box
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes; or a box of each frame. g is
        then the average of those of the frames, each normalised by its own density.
    tagged : sequence of int, optional
        Species u whose pairs with each species are wanted; by default all.
    r_bin : float

    Returns
    -------
    r0, r_min : (n_species, n_species) array
        NaN for the species that are not wanted.

    Raises
    ------
    ValueError
        If the box is too small to hold the first shell.
    """
    r, g = rdf_of_frames(frames, species, box, _R_MAX, r_bin)
    r0, r_min = np.full((2, len(g), len(g)), np.nan)
    for u in range(len(g)) if tagged is None else tagged:
        for v, pair in enumerate(g[u]):
            try:
                r0[u, v], r_min[u, v] = core_radius(r, pair), first_minimum(r, pair)
            except ValueError as error:
                raise ValueError(
                    f"species {v + 1} around species {u + 1}: {error}, give more frames, or score "
                    "fewer species (--of)"
                ) from None
    return r0, r_min
