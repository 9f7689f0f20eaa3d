"""The mean-field cage of a liquid: depth and curvature of its potential, and their calibration.

Two views of one potential: in wave numbers from S(q) (Eqs. 3 and 4), which gives the depth
Phi_q and the softness S_av, and in distance from g(r) with the HNC closure (Eqs. 5 and 6), which
gives Phi_r and can be taken particle by particle (:mod:`softcage.depth`).

Sign: Phi is negative, as in the paper. Functions called ``potential_*`` return beta Phi (negative);
functions called ``depth_*`` return the depth -beta Phi (positive).
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy


def _cage_spectrum(q, s, c, fractions, q_max):
    """4 pi q^2 / (2 pi)^3 sum_uv sqrt(x_u x_v) C_uv (S_uv - delta_uv), with q = 0 put in front."""
    keep = q <= q_max * (1 + 1e-9)
    if not keep.any() or q[-1] < q_max * (1 - 1e-3) - (q[-1] - q[-2]):
        raise ValueError(
            f"the cage's integral needs S(q) up to q_max = {q_max:g}, but it ends at {q[-1]:g}: "
            "compute S(q) further out or lower q_max"
        )
    x = np.asarray(fractions, dtype=float)
    weights = np.sqrt(np.outer(x, x))[:, :, None]
    total = (weights * c * (s - np.eye(len(x))[:, :, None]))[..., keep].sum(axis=(0, 1))
    spectrum = q[keep] ** 2 / (2.0 * np.pi**2) * total
    return np.concatenate([[0.0], q[keep]]), np.concatenate([[0.0], spectrum])


def potential_q(q, s, c, fractions, q_max, delta_r):
    r"""Mean-field caging potential of a displaced particle (Eq. 3), negative.

    .. math:: \beta\Phi_q(\Delta r) = -\int_0^{q_{max}} \frac{4 \pi q^2 dq}{(2\pi)^3} \sum_{uv}
              C_{uv}(q) \sqrt{x_u x_v} [S_{uv}(q) - \delta_{uv}] e^{-q^2 \Delta r^2 / 6}

    Parameters
    ----------
    q
        ``(n_q,)`` ascending wave numbers.
    s
        ``(n_species, n_species, n_q)`` structure factors.
    c
        ``(n_species, n_species, n_q)`` direct correlations, from
        :func:`softcage.structure.direct_correlation`.
    fractions
        ``(n_species,)`` mole fractions.
    q_max
        Upper end of the integral.
    delta_r
        Displacement(s) in units of sigma_AA.

    Returns
    -------
    array
        beta Phi_q at each ``delta_r``, of its shape.

    Raises
    ------
    ValueError
        If ``q`` does not reach ``q_max``.
    """
    q, spectrum = _cage_spectrum(q, s, c, fractions, q_max)
    damping = np.exp(-(q**2) * np.asarray(delta_r, dtype=float)[..., None] ** 2 / 6.0)
    return -np.trapezoid(spectrum * damping, q, axis=-1)


def depth_q(q, s, c, fractions, q_max):
    """Depth of the cage from the structure factor, -beta Phi_q(0) of Eq. 4, positive.

    Args and errors as :func:`potential_q`.
    """
    return float(-potential_q(q, s, c, fractions, q_max, 0.0))


def inverse_softness(q, s, c, fractions, q_max, route="curvature", harmonic_range=0.05):
    r"""Inverse softness 1/S_av of the cage: the spring constant of Eq. 3 at its minimum.

    ``curvature`` is the exact second derivative at :math:`\Delta r = 0`,

    .. math:: \frac{1}{S} = \int_0^{q_{max}} \frac{4 \pi q^2 dq}{(2\pi)^3} \frac{q^2}{3}
              \sum_{uv} C_{uv} \sqrt{x_u x_v} [S_{uv} - \delta_{uv}] .

    ``harmonic`` fits :math:`\Phi_0 + \Delta r^2 / 2 S` to Eq. 3 for displacements up to
    ``harmonic_range``, as the paper does; it is smaller because the potential softens outwards.

    Parameters
    ----------
    q, s, c, fractions, q_max
        As :func:`potential_q`.
    route
        ``curvature`` or ``harmonic``.
    harmonic_range
        End of the fit, in units of sigma_AA.

    Returns
    -------
    array
        1/S_av in units of 1 / sigma_AA^2. It keeps growing with ``q_max`` far beyond q = 20:
        state ``q_max`` with every value.

    Raises
    ------
    ValueError
        For another route.
    """
    if route == "curvature":
        grid, spectrum = _cage_spectrum(q, s, c, fractions, q_max)
        return float(np.trapezoid(spectrum * grid**2 / 3.0, grid))
    if route == "harmonic":
        delta_r = np.linspace(0.0, harmonic_range, 51)
        phi = potential_q(q, s, c, fractions, q_max, delta_r)
        return float(2.0 * np.polyfit(delta_r**2, phi, 1)[0])
    raise ValueError(f"inverse_softness: route is {route!r}, choose 'curvature' or 'harmonic'")


def core_radius(r, g, threshold=1e-3):
    """Distance below which g vanishes: centre of the first bin with g above ``threshold``.

    Parameters
    ----------
    r
        ``(n_r,)`` centres of the bins.
    g
        ``(n_r,)`` one partial radial distribution function, averaged over the whole run.
    threshold
        What counts as zero.

    Raises
    ------
    ValueError
        If g is nowhere above the threshold.
    """
    above = np.flatnonzero(g > threshold)
    if len(above) == 0:
        raise ValueError(f"core_radius: g nowhere exceeds {threshold:g}: no pairs in this range")
    return float(r[above[0]])


def first_minimum(r, g, smoothing=0.06, half_width=0.1):
    """First minimum of g behind its main peak, the edge of the first shell.

    The lowest point of a smoothed g between the main peak and 1.6 times its distance is refined by
    a parabola fitted to the raw g within ``half_width`` around it: robust against the noise of
    single bins.

    Parameters
    ----------
    r
        ``(n_r,)`` equally spaced distances.
    g
        ``(n_r,)``.
    smoothing
        Width of the running mean that locates peak and minimum.
    half_width
        Half range of the parabola.

    Returns
    -------
    array
        Distance of the minimum.

    Raises
    ------
    ValueError
        If g has no minimum there.
    """
    width = max(1, round(smoothing / (r[1] - r[0])))
    smooth = np.convolve(g, np.ones(width) / width, mode="same")
    smooth[-width:] = g[-width:]
    peak = int(np.argmax(smooth))
    window = np.flatnonzero((r > r[peak]) & (r <= 1.6 * r[peak]))
    if len(window) < 3 or r[window[-1]] >= r[-1] - half_width:
        raise ValueError(
            f"first_minimum: g peaks at r = {r[peak]:.3g}, too close to the end of its range "
            f"({r[-1]:.3g}) to find the minimum behind it: use a larger box or r_max"
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


def hnc_product(g, beta_u):
    r"""C(r) g(r) with the bridge-free HNC closure (Eq. 6).

    .. math:: C g = [-\beta U + (g - 1) - \ln g] \, g, \qquad g \ln g \to 0

    Parameters
    ----------
    g
        Radial distribution function, not negative.
    beta_u
        Pair potential over k_B T, of a shape that broadcasts with ``g``.
    """
    return (g - 1.0 - beta_u) * g - xlogy(g, g)


def depth_r(r, g, potential, temperature, density, fractions, r0, r_min, tagged=0):
    r"""Depth of the cage of one species from its g(r), -beta Phi_r(0) of Eq. 5, positive.

    .. math:: -\beta\Phi_r = \rho \sum_v \sqrt{x_u x_v} \int_{r_{0,uv}}^{r_{min,uv}} 4 \pi r^2
              C_{uv}(r) g_{uv}(r) dr

    over the first shell of a particle of species u. The local depth uses the same pairs and the
    same range (:func:`softcage.depth.local_depth`).

    Parameters
    ----------
    r
        ``(n_r,)`` distances.
    g
        ``(n_species, n_species, n_r)``.
    potential
        Function (u, v, r) that gives U_uv(r), such as ``Mixture.potential``.
    temperature
        K_B T in units of epsilon_AA.
    density
        Total number density.
    fractions
        ``(n_species,)``.
    r0, r_min
        ``(n_species, n_species)`` or ``(n_species,)`` for the tagged species: range.
    tagged
        Index u of the tagged species; 0 is A.

    Returns
    -------
    array
        The depth, in units of k_B T.
    """
    r0 = np.asarray(r0)[tagged] if np.ndim(r0) == 2 else np.asarray(r0)
    r_min = np.asarray(r_min)[tagged] if np.ndim(r_min) == 2 else np.asarray(r_min)
    total = 0.0
    for v, x_v in enumerate(fractions):
        inside = r[(r > r0[v]) & (r < r_min[v])]
        grid = np.concatenate([[r0[v]], inside, [r_min[v]]])
        values = np.interp(grid, r, g[tagged, v])
        integrand = grid**2 * hnc_product(values, potential(tagged, v, grid) / temperature)
        weight = np.sqrt(fractions[tagged] * x_v)
        total += 4.0 * np.pi * density * weight * np.trapezoid(integrand, grid)
    return float(total)


@dataclass(frozen=True)
class LinearFit:
    """Straight line y = intercept + slope x with standard errors and measures of its quality."""

    intercept: float
    intercept_error: float
    slope: float
    slope_error: float
    r_squared: float
    max_relative_deviation: float


def linear_calibration(x, y, x_error=None, y_error=None):
    """Fit y = intercept + slope x to a few points with errors in both (Eq. 7).

    Weighted least squares with the effective variance y_error^2 + slope^2 x_error^2, iterated.
    The errors of the line grow by the square root of chi^2 per degree of freedom where that
    exceeds 1, so that points that do not lie on a line show it. Without usable errors (missing,
    NaN or zero) all points weigh the same.

    Parameters
    ----------
    x, y
        ``(n,)`` points, n >= 2.
    x_error, y_error
        ``(n,)`` standard errors.

    Returns
    -------
    array
        :class:`LinearFit`; ``max_relative_deviation`` is the largest residual over y.
        With two points and no errors the errors of the line are NaN.

    Raises
    ------
    ValueError
        With fewer than two different x.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(x) < 2 or np.ptp(x) == 0:
        raise ValueError(
            f"linear_calibration: {len(np.unique(x))} distinct point(s) cannot fix a line: "
            "give at least two temperatures in state_points"
        )
    sx = np.zeros_like(x) if x_error is None else np.asarray(x_error, dtype=float)
    sy = np.zeros_like(y) if y_error is None else np.asarray(y_error, dtype=float)
    slope = np.polyfit(x, y, 1)[0]
    known = bool(np.all(np.isfinite(sx)) and np.all(np.isfinite(sy)) and np.all(sx + sy > 0))
    design = np.stack([np.ones_like(x), x], axis=1)
    for _ in range(20 if known else 1):
        weight = 1.0 / (sy**2 + (slope * sx) ** 2) if known else np.ones_like(x)
        covariance = np.linalg.inv(design.T @ (weight[:, None] * design))
        intercept, slope = covariance @ (design.T @ (weight * y))
    residual = y - intercept - slope * x
    freedom = len(x) - 2
    chi2 = float((weight * residual**2).sum())
    if known:
        scale = max(1.0, chi2 / freedom) if freedom else 1.0
    else:
        scale = chi2 / freedom if freedom else np.nan
    errors = np.sqrt(np.diag(covariance) * scale)
    spread = ((y - y.mean()) ** 2).sum()
    return LinearFit(
        intercept=float(intercept),
        intercept_error=float(errors[0]),
        slope=float(slope),
        slope_error=float(errors[1]),
        r_squared=float(1.0 - (residual**2).sum() / spread) if spread > 0 else float("nan"),
        max_relative_deviation=float(np.max(np.abs(residual / y))),
    )
