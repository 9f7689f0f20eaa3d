r"""Arrhenius form of the rearranging fraction, P_R(S) = P_0(S) exp(-DeltaE(S) / T).

One line a bin of softness (or depth), and the temperature where the lines of all bins meet, above
which structure no longer says who rearranges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar

from softcage.prediction.distributions import rearranging_fraction
from softcage.statistics import bootstrap, weighted_line


@dataclass(frozen=True, eq=False)
class ArrheniusFit:
    """Lines ln P_R = ln P_0 - barrier / T, one a bin; NaN in bins that were not fitted.

    Attributes
    ----------
    barrier, barrier_error, ln_p0, ln_p0_error : (n_bins,) array
        Errors are those of weighted least squares with the errors of P_R taken at their value.
    n_temperatures : (n_bins,) int array
        Temperatures used.
    chi2 : (n_bins,) array
        Weighted sum of squared residuals, n_temperatures - 2 degrees of freedom.
    """

    barrier: np.ndarray
    barrier_error: np.ndarray
    ln_p0: np.ndarray
    ln_p0_error: np.ndarray
    n_temperatures: np.ndarray
    chi2: np.ndarray

    @property
    def fitted(self) -> np.ndarray:
        """(n_bins,) bool: the bins with a line."""
        return np.isfinite(self.barrier)


def log_weights(
    p_r: np.ndarray,
    p_r_error: np.ndarray,
    hops: np.ndarray,
    minimum_hops: int = 10,
    minimum_temperatures: int = 3,
) -> np.ndarray:
    r"""Weights of ln P_R in fits; 0 where a point takes no part.

    The variance of :math:`\ln P_R` is (error / P_R)^2, but at least 1 / hops: with few blocks a
    bootstrap can miss the noise of counting, and without it (NaN) counting is all that is known.

    Parameters
    ----------
    p_r, p_r_error : (n_T, n_bins) array
    hops : (n_T, n_bins) array
        Rearranging counts of each bin.
    minimum_hops : int
        Points with fewer are left out.
    minimum_temperatures : int
        Bins with fewer points are left out.

    Returns
    -------
    (n_T, n_bins) array
        Inverse variances of ln P_R.
    """
    hops = np.asarray(hops, dtype=float)
    usable = (hops >= max(1, minimum_hops)) & (np.nan_to_num(p_r) > 0)
    usable &= usable.sum(axis=0) >= minimum_temperatures
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.nan_to_num((np.asarray(p_r_error) / p_r) ** 2)
        variance = np.maximum(relative, 1.0 / hops)
        return np.where(usable, 1.0 / variance, 0.0)


def _log(p_r: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """ln P_R and weights, with points that became zero (in a resample) taken out."""
    weights = np.where(np.nan_to_num(p_r) > 0, weights, 0.0)
    return np.log(np.where(weights > 0, p_r, 1.0)), weights


def fit(temperatures: ArrayLike, p_r: np.ndarray, weights: np.ndarray) -> ArrheniusFit:
    r"""Weighted least squares of ln P_R against 1/T in every bin.

    .. math:: \ln P_R(S) = \ln P_0(S) - \Delta E(S) / T

    Parameters
    ----------
    temperatures : (n_T,) array
    p_r, weights : (n_T, n_bins) array
        Rearranging fractions and :func:`log_weights`.

    Returns
    -------
    ArrheniusFit

    Raises
    ------
    ValueError
        If there are fewer than two temperatures.
    """
    temperatures = np.asarray(temperatures, dtype=float)
    if len(temperatures) < 2:
        raise ValueError(f"{len(temperatures)} temperature(s): an Arrhenius line needs two")
    x = 1.0 / temperatures[:, None]
    y, w = _log(np.asarray(p_r, dtype=float), weights)
    count = (w > 0).sum(axis=0)
    line = weighted_line(x, y, w)

    def known(values: np.ndarray) -> np.ndarray:
        return np.where(count >= 2, values, np.nan)

    return ArrheniusFit(
        barrier=known(-line.slope),
        barrier_error=known(line.slope_error),
        ln_p0=known(line.intercept),
        ln_p0_error=known(line.intercept_error),
        n_temperatures=count,
        chi2=known(line.chi2),
    )


def _moments(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, ...]:
    """Weighted sums of 1, x, x^2, y, xy over the temperatures, (n_bins,), and of y^2 over all."""
    return (
        w.sum(axis=0),
        (w * x).sum(axis=0),
        (w * x * x).sum(axis=0),
        (w * y).sum(axis=0),
        (w * x * y).sum(axis=0),
        (w * y * y).sum(),
    )


def _chi2_through_one_point(u: ArrayLike, moments: tuple[np.ndarray, ...]) -> np.ndarray:
    r"""Least chi2 of lines that all pass through (u, alpha), minimised over alpha and the slopes.

    With z = x - u a bin's best slope leaves
    ``sum w (y - a)^2 - (sum w z (y - a))^2 / sum w z^2``, a parabola in a, and so is their sum.
    ``u`` is a number or an array.
    """
    s, sx, sxx, sy, sxy, syy = moments
    u = np.asarray(u, dtype=float)[..., None]
    norm = np.maximum(sxx - 2 * u * sx + u * u * s, 1e-300)
    wz, wzy = sx - u * s, sxy - u * sy
    square = s.sum() - (wz**2 / norm).sum(axis=-1)
    linear = sy.sum() - (wz * wzy / norm).sum(axis=-1)
    constant = syy - (wzy**2 / norm).sum(axis=-1)
    return constant - linear**2 / np.maximum(square, 1e-300)


def crossing_temperature(
    temperatures: ArrayLike,
    p_r: np.ndarray,
    weights: np.ndarray,
    t_range: tuple[float, float] | None = None,
) -> float:
    r"""Temperature where the Arrhenius lines of all bins meet.

    .. math:: \ln P_R(S, T) = \alpha - \Delta E(S) (1/T - 1/T_x)

    with one alpha and T_x for all bins, by weighted least squares on the points themselves. This is
    the line :math:`\ln P_0 = \alpha + \Delta E / T_x` of the fitted parameters, but fitting that
    line would be biased: errors of the intercept and slope of one fit are tied together, and pull
    T_x towards the middle of the temperatures measured.

    Parameters
    ----------
    temperatures : (n_T,) array
    p_r, weights : (n_T, n_bins) array
        Rearranging fractions and :func:`log_weights`.
    t_range : (low, high), optional
        Where to look; from half the lowest to four times the highest temperature by default.

    Returns
    -------
    float
        NaN if fewer than two bins have lines or the best point is at an end of the range: the lines
        are then parallel, as far as can be told.
    """
    temperatures = np.asarray(temperatures, dtype=float)
    x = 1.0 / temperatures[:, None]
    y, w = _log(np.asarray(p_r, dtype=float), weights)
    lines = (w > 0).sum(axis=0) >= 2
    if lines.sum() < 2:
        return float("nan")
    moments = _moments(x, y[:, lines], w[:, lines])
    low, high = t_range or (0.5 * temperatures.min(), 4.0 * temperatures.max())
    grid = np.linspace(1.0 / high, 1.0 / low, 401)
    best = int(np.argmin(_chi2_through_one_point(grid, moments)))
    if best in (0, len(grid) - 1):
        return float("nan")
    result = minimize_scalar(
        _chi2_through_one_point,
        bounds=(grid[best - 1], grid[best + 1]),
        args=(moments,),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(1.0 / result.x)


def crossing_interval(crossings: np.ndarray, level: float = 0.95) -> tuple[float, float, float]:
    """Bootstrap interval of the crossing temperature.

    Parameters
    ----------
    crossings : (n_resamples,) array
        :func:`crossing_temperature` of P_R of resampled blocks, each temperature (an independent
        run) resampled for itself.
    level : float

    Returns
    -------
    low, high : float
        NaN if fewer than two resamples cross.
    share : float
        Share of the resamples whose lines cross in the range; an interval with a share well
        below 1 is only a part of the truth.
    """
    finite = np.asarray(crossings)[np.isfinite(crossings)]
    share = len(finite) / len(crossings) if len(crossings) else 0.0
    if len(finite) < 2:
        return float("nan"), float("nan"), share
    low, high = np.quantile(finite, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high), share


def trend_of_barriers(
    x: np.ndarray, y: np.ndarray, error: np.ndarray
) -> tuple[float, float, float, float]:
    """Fit a weighted straight line through the barriers of bins.

    Returns
    -------
    slope, error, r_squared, chi2 : float
        r squared has the same weights; chi2 is per degree of freedom: about 1 if all scatter about
        the line is noise. Bins whose value or error is NaN are left out; NaN with fewer than three.
    """
    good = np.isfinite(x) & np.isfinite(y) & np.isfinite(error) & (np.nan_to_num(error) > 0)
    if good.sum() < 3:
        return (float("nan"),) * 4
    line = weighted_line(x[good], y[good], 1.0 / error[good] ** 2)
    chi2 = float(line.chi2) / (good.sum() - 2)
    return float(line.slope), float(line.slope_error), float(line.r_squared), chi2


# ---------------------------------------------------------------- from counts to all of these
@dataclass(frozen=True, eq=False)
class Arrhenius:
    """P_R of all bins and temperatures, and its lines.

    Attributes
    ----------
    temperatures : (n_T,) array
    p_r, weights : (n_T, n_bins) array
        Rearranging fractions and :func:`log_weights`.
    samples : (n_resamples, n_T, n_bins) array
        P_R of resampled blocks.
    lines : ArrheniusFit
    """

    temperatures: np.ndarray
    p_r: np.ndarray
    weights: np.ndarray
    samples: np.ndarray
    lines: ArrheniusFit


def fit_counts(
    temperatures: ArrayLike,
    counts: Sequence[np.ndarray],
    *,
    minimum_hops: int,
    minimum_temperatures: int,
    n_resamples: int,
    seed: int,
    n_runs: int = 1,
) -> Arrhenius:
    """Fit the rearranging fractions of all temperatures.

    Parameters
    ----------
    temperatures : (n_T,) sequence
    counts : sequence of (n_blocks, 2, n_bins) arrays
        Of all and of rearranging particles at each temperature.
    minimum_hops, minimum_temperatures : int
        As :func:`log_weights`.
    n_resamples, seed : int
        Of the bootstrap over blocks; temperatures, which are independent runs, differ in the seed.
    n_runs : int
        Of each temperature, as :func:`softcage.statistics.bootstrap`.
    """
    drawn = [
        bootstrap(blocks, rearranging_fraction, n_resamples, [seed, k], n_runs)
        for k, blocks in enumerate(counts)
    ]
    p_r, errors, samples = map(np.array, zip(*drawn, strict=True))
    hops = np.array([blocks[:, 1].sum(axis=0) for blocks in counts])
    weights = log_weights(p_r, errors, hops, minimum_hops, minimum_temperatures)
    lines = fit(temperatures, p_r, weights)
    return Arrhenius(np.asarray(temperatures), p_r, weights, samples.swapaxes(0, 1), lines)


def crossing(found: Arrhenius) -> dict[str, float]:
    """Return where the lines cross, with errors from the resamples.

    ``T_cross``; its ``_error``, half the central 68 % of the resamples that cross (a few far ones
    would carry a standard deviation away); ``T_low``, ``T_high`` and ``share_crossing``, of the
    95 % interval (:func:`crossing_interval`).
    """
    T, weights = found.temperatures, found.weights
    crossings = np.array([crossing_temperature(T, p_r, weights) for p_r in found.samples])
    low, high, share = crossing_interval(crossings)
    below, above, _ = crossing_interval(crossings, 0.68)
    return {
        "T_cross": crossing_temperature(T, found.p_r, weights),
        "T_cross_error": 0.5 * (above - below),
        "T_low": low,
        "T_high": high,
        "share_crossing": share,
    }


def barrier_slope(found: Arrhenius, centers: np.ndarray) -> dict[str, float]:
    """Return the line through the barriers against the bins' ``centers``.

    ``barrier_slope`` with its bootstrap error, ``r_squared`` and ``line_chi2``
    (:func:`trend_of_barriers`).
    """
    lines = found.lines
    slope, _, r_squared, chi2 = trend_of_barriers(centers, lines.barrier, lines.barrier_error)
    slopes = []
    for sample in found.samples:
        again = fit(found.temperatures, sample, found.weights)
        # The errors of the original weigh the bins, lest a lucky resample weigh too much.
        slopes.append(trend_of_barriers(centers, again.barrier, lines.barrier_error)[0])
    finite = np.asarray(slopes)[np.isfinite(slopes)]
    error = float(finite.std(ddof=1)) if len(finite) > 1 else float("nan")
    return {
        "barrier_slope": slope,
        "barrier_slope_error": error,
        "r_squared": r_squared,
        "line_chi2": chi2,
    }


def collapse_rms(found: Arrhenius) -> float:
    """Root mean square of log10(P_R / P_0) + barrier / (T ln 10): distance from the common line."""
    used = found.weights > 0
    if not used.any():
        return float("nan")
    expected = found.lines.ln_p0 - found.lines.barrier / found.temperatures[:, None]
    residual = np.log10(found.p_r[used]) - expected[used] / np.log(10)
    return float(np.sqrt(np.mean(residual**2)))


def lines_table(found: Arrhenius, centers: np.ndarray) -> pd.DataFrame:
    """Return the line of every bin that has one; ``bin_center`` and the columns of the fit."""
    columns = {"bin_center": centers} | vars(found.lines)
    return pd.DataFrame(columns)[found.lines.fitted]


def points_table(found: Arrhenius, centers: np.ndarray) -> pd.DataFrame:
    """Return the points that were fitted: bin_center, T, p_r and its error."""
    t, b = np.nonzero((found.weights > 0) & found.lines.fitted)
    table = pd.DataFrame(
        {
            "bin_center": centers[b],
            "T": found.temperatures[t],
            "p_r": found.p_r[t, b],
            "p_r_error": found.weights[t, b] ** -0.5 * found.p_r[t, b],
        }
    )
    return table.sort_values(["bin_center", "T"])
