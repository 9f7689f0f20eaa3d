"""The mean-field cage of the average liquid: depth and curvature of its potential.

Two views of one potential: in wave numbers from S(q) (Eqs. 3 and 4), which gives the depth
Phi_q and the softness S_av, and in distance from g(r) with the HNC closure (Eqs. 5 and 6), which
gives Phi_r and can be taken particle by particle (:mod:`softcage.cage.local_depth`).

Sign: Phi is negative, as in the paper. Functions called ``potential_*`` return beta Phi (negative);
functions called ``depth_*`` return the depth -beta Phi (positive).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.special import xlogy

from softcage.io.trajectory import Trajectory
from softcage.model import Mixture
from softcage.sampling import evenly_spaced
from softcage.statistics import bootstrap, standard_error
from softcage.structure.rdf import pair_counts, rdf_from_counts
from softcage.structure.structure_factor import direct_correlation, match, structure_factor_from_rdf


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
        :func:`softcage.structure.structure_factor.direct_correlation`.
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
    same range (:func:`softcage.cage.local_depth.local_depth`).

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


def shell_ranges(r, g, threshold=1e-3):
    """``r0`` and ``r_min`` of every pair of species, (n_species, n_species)."""
    n = len(g)
    r0 = [[core_radius(r, g[u, v], threshold) for v in range(n)] for u in range(n)]
    r_min = [[first_minimum(r, g[u, v]) for v in range(n)] for u in range(n)]
    return np.array(r0), np.array(r_min)


def measured_ranges(
    trajectory: Trajectory, tagged: int = 0, frames: int = 200, r_bin: float = 0.005
) -> tuple[np.ndarray, np.ndarray]:
    """Return r0 and r_min of the pairs (tagged, v) from a trajectory's own g(r), (n_species,).

    Parameters
    ----------
    trajectory : Trajectory
    tagged : int
        Species whose cage it is.
    frames : int
        At most so many, evenly spaced, are used.
    r_bin : float

    Raises
    ------
    ValueError
        If the box is too small to hold the first shell.
    """
    chosen = evenly_spaced(trajectory.n_frames, frames)
    r_max = min(0.5 * trajectory.box, 3.0)
    n_bins = int(r_max / r_bin + 1e-9)
    counts = 0
    for k in chosen:
        frame = trajectory.read([k])
        counts = counts + pair_counts(frame, trajectory.species, trajectory.box, r_max, r_bin)
    n_species = np.bincount(trajectory.species)
    r, g = rdf_from_counts(counts[..., :n_bins], len(chosen), n_species, trajectory.box, r_bin)
    pairs = [g[tagged, v] for v in range(len(n_species))]
    return (
        np.array([core_radius(r, pair) for pair in pairs]),
        np.array([first_minimum(r, pair) for pair in pairs]),
    )


def _ways(q_max, q_max_alternatives, harmonic_range, harmonic_range_alternatives):
    """(q_max, route, range of the fit) of every way to S_av, the range of the curvature being 0."""
    ways = []
    for value in sorted({float(value) for value in (q_max, *q_max_alternatives)}):
        ways += [(value, "curvature", 0.0), (value, "harmonic", float(harmonic_range))]
    others = sorted(map(float, harmonic_range_alternatives))
    return ways + [(float(q_max), "harmonic_alternative", end) for end in others]


def _cage_numbers(q, s, fractions, ways):
    """Depth_q of every way, then 1/S of every way."""
    c = direct_correlation(s)
    depth = {q_max: depth_q(q, s, c, fractions, q_max) for q_max, *_ in ways}
    stiffness = [
        inverse_softness(q, s, c, fractions, q_max, "harmonic" if end > 0 else "curvature", end)
        for q_max, _, end in ways
    ]
    return [*(depth[q_max] for q_max, *_ in ways), *stiffness]


def _table(numbers, errors, temperature, ways, n_frames, r0, r_min, names):
    """One row a way; the last number is the depth_r."""
    rows = []
    for i, (q_max, route, end) in enumerate(ways):
        row = {
            "T": temperature,
            "q_max": q_max,
            "route": route,
            "harmonic_range": end,
            "depth_q": numbers[i],
            "depth_q_error": errors[i],
            "inverse_softness": numbers[len(ways) + i],
            "inverse_softness_error": errors[len(ways) + i],
            "depth_r": numbers[-1],
            "depth_r_error": errors[-1],
            "n_frames": n_frames,
        }
        for v, name in enumerate(names):
            row[f"r0_{names[0]}{name}"] = r0[0, v]
            row[f"r_min_{names[0]}{name}"] = r_min[0, v]
        rows.append(row)
    return pd.DataFrame(rows)


def cage_of_structure(
    r,
    g_blocks,
    q_lattice,
    s_blocks,
    frames,
    density,
    fractions,
    *,
    mixture: Mixture,
    temperature: float,
    q_max: float = 20.0,
    q_max_alternatives: Iterable[float] = (),
    harmonic_range: float = 0.05,
    harmonic_range_alternatives: Iterable[float] = (),
    q_bin: float = 0.1,
    q_match: tuple[float, float] = (10.0, 14.0),
    core_threshold: float = 1e-3,
    resamples: int = 200,
    seed: int = 0,
) -> tuple[pd.DataFrame, dict, tuple[np.ndarray, np.ndarray]]:
    """Depth, softness and radii of the mean-field cage at one temperature (Eqs. 3 to 6).

    Averages g(r) and S(q) over blocks, frames weighing alike, joins lattice S(q) with the
    transform of g - 1, inverts the average and integrates. r0 and r_min come from the average g.
    Errors are a bootstrap over blocks, with r0 and r_min kept.

    Parameters
    ----------
    r, g_blocks, q_lattice, s_blocks
        From :func:`softcage.structure.structure_factor.structure_of_blocks`, of runs with the
        same bins.
    frames : (n_blocks,) array
        Frames in each block.
    density : float
    fractions : (n_species,) array
    mixture : Mixture
    temperature : float
    q_max, q_max_alternatives, harmonic_range, harmonic_range_alternatives
        As in the configuration of a study: the ways to S_av. Both routes for each q_max; at
        ``q_max`` itself also parabolas over other ranges (route ``harmonic_alternative``).
    q_bin, q_match, core_threshold
        As in the configuration of a study.
    resamples, seed : int
        Of the bootstrap.

    Returns
    -------
    table : DataFrame
        A row a way; ``depth_* = -beta Phi``, positive, in units of k_B T; ``inverse_softness`` in
        1 / sigma_AA^2.
    curves : dict
        Arrays of the averages: r, g, q, s, c, potential, radii.
    routes : (n_blocks, n_species, n_species, n) arrays
        S(q) from lattice vectors and from the transform, block by block, where they are blended.
    """
    x, frames = fractions, np.asarray(frames, dtype=float)
    ways = _ways(q_max, q_max_alternatives, harmonic_range, harmonic_range_alternatives)
    q = q_bin * np.arange(1, round(max(way[0] for way in ways) / q_bin) + 1)
    transforms = structure_factor_from_rdf(r, g_blocks, q, density, x)
    matched, on_grid = match(q, q_lattice, s_blocks, transforms, q_match)
    overlap = (q >= q_match[0]) & (q <= q_match[1])
    g, s, s_lattice, s_transform = (
        np.average(curve, axis=0, weights=frames)
        for curve in (g_blocks, matched, on_grid, transforms)
    )
    r0, r_min = shell_ranges(r, g, core_threshold)

    def depth_of(r, g):
        return depth_r(r, g, mixture.potential, temperature, density, x, r0, r_min)

    # Frames weigh alike: a sum over [1, S, g] times the frames of each block gives the mean.
    n_s = s.size
    curves = np.hstack([part.reshape(len(frames), -1) for part in (matched, g_blocks)])
    packed = frames[:, None] * np.hstack([np.ones((len(frames), 1)), curves])

    def statistic(total):
        mean = total / total[0]
        s_mean, g_mean = mean[1 : 1 + n_s].reshape(s.shape), mean[1 + n_s :].reshape(g.shape)
        return np.array([*_cage_numbers(q, s_mean, x, ways), depth_of(r, g_mean)])

    numbers, errors, _ = bootstrap(packed, statistic, resamples, seed)
    n_frames = int(frames.sum())
    table = _table(numbers, errors, temperature, ways, n_frames, r0, r_min, mixture.species)
    c = direct_correlation(s)
    delta_r = np.linspace(0.0, 0.5, 251)
    curves = {
        "r": r,
        "g": g,
        "g_error": standard_error(g_blocks),
        "q": q,
        "s": s,
        "s_lattice": s_lattice,
        "s_lattice_error": standard_error(on_grid),
        "s_transform": s_transform,
        "s_transform_error": standard_error(transforms),
        "s_error": standard_error(matched),
        "c": c,
        "delta_r": delta_r,
        "phi_q_of_delta_r": potential_q(q, s, c, x, float(q_max), delta_r),
        "r0": r0,
        "r_min": r_min,
        "density": density,
        "fractions": x,
        "n_frames": n_frames,
    }
    return table, curves, (on_grid[..., overlap], transforms[..., overlap])
