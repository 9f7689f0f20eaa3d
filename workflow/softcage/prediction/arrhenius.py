r"""Arrhenius form of the rearranging fraction, P_R(S) = P_0(S) exp(-DeltaE(S) / T).

One line for each bin of softness (or depth), and the temperature where the lines of all bins meet,
above which structure no longer says who rearranges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numba import njit
from numpy.typing import ArrayLike

from softcage.prediction.distributions import rearranging_share
from softcage.statistics import bootstrap, weighted_line


@dataclass(frozen=True, eq=False)
class ArrheniusFit:
    """Lines ln P_R = ln P_0 - barrier / T, one for each bin; NaN in bins that were not fitted.

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


def fit_lines(temperatures: ArrayLike, p_r: np.ndarray, weights: np.ndarray) -> ArrheniusFit:
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


# Steps of 1/T in which the crossing is looked for, and halvings (by the golden ratio) that follow.
_STEPS, _REFINEMENTS = 400, 40
_GOLDEN = 0.6180339887498949


def crossing_temperature(temperatures: ArrayLike, p_r: np.ndarray, weights: np.ndarray) -> float:
    """Return the temperature where the Arrhenius lines of all bins meet.

    Parameters
    ----------
    temperatures : (n_T,) array
    p_r, weights : (n_T, n_bins) array
        Rearranging fractions and :func:`log_weights`.

    Returns
    -------
    float
        :func:`crossing_temperatures` of this one set of bins.
    """
    p_r = np.asarray(p_r, dtype=float)[None]
    return float(crossings_of_samples(np.asarray(temperatures, dtype=float), p_r, weights)[0])


def crossings_of_samples(
    temperatures: np.ndarray, samples: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return the crossing temperature of each of several samples of P_R, (n_samples,).

    Parameters
    ----------
    temperatures : (n_T,) array
    samples : (n_samples, n_T, n_bins) array
        Rearranging fractions; points that became zero in a sample take no part in it.
    weights : (n_T, n_bins) array
        :func:`log_weights`, the same for all samples.
    """
    log_p_r, weights = _log(samples, weights)
    log_p_r, weights = (np.ascontiguousarray(a.swapaxes(0, 1)) for a in (log_p_r, weights))
    return crossing_temperatures(temperatures, log_p_r, weights)


@njit(cache=True)
def crossing_temperatures(
    temperatures: np.ndarray, log_p_r: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    r"""Return the temperature where the Arrhenius lines meet, for each of many sets of bins.

    .. math:: \ln P_R(S, T) = \alpha - \Delta E(S) (1/T - 1/T_x)

    with one alpha and T_x for all bins of a set, by weighted least squares on the points
    themselves. This is the line :math:`\ln P_0 = \alpha + \Delta E / T_x` of the fitted
    parameters, but fitting that line would be biased: errors of the intercept and slope of one fit
    are tied together, and pull T_x towards the middle of the temperatures measured.

    At a given :math:`u = 1/T_x` the best alpha and slopes leave the weighted variance of the values
    :math:`y_b(u)` that the line of each bin has there, beside what each line leaves by itself. Its
    minimum is searched on a grid from half the lowest to four times the highest temperature, and
    then refined.

    Parameters
    ----------
    temperatures : (n_T,) array
    log_p_r, weights : (n_T, n_sets, n_bins) array
        ln P_R and its inverse variances; points of weight 0 take no part.

    Returns
    -------
    (n_sets,) array
        NaN if fewer than two bins have lines or the best point is at an end of the range: the
        lines are then parallel, as far as can be told.
    """
    n_sets, n_bins = log_p_r.shape[1:]
    found = np.full(n_sets, np.nan)
    lines = np.empty((5, n_bins))
    x = 1.0 / temperatures
    low, high = 0.25 / temperatures.max(), 2.0 / temperatures.min()
    step = (high - low) / _STEPS
    for j in range(n_sets):
        m = 0
        for b in range(n_bins):
            m += _line(x, log_p_r[:, j, b], weights[:, j, b], lines[:, m])
        if m < 2:
            continue
        best, least = 0, np.inf
        for k in range(_STEPS + 1):
            value = _variance_at(low + k * step, lines, m)
            if value < least:
                best, least = k, value
        if 0 < best < _STEPS:
            found[j] = 1.0 / _lowest(low + (best - 1) * step, low + (best + 1) * step, lines, m)
    return found


@njit(cache=True)
def _line(x, y, w, line):
    """Write the line of one bin to ``line``; returns 1, or 0 if it has fewer than two temperatures.

    Mean of x and of y, slope, weight times variance of x, and variance of x.
    """
    points, total, sx, sy = 0, 0.0, 0.0, 0.0
    for t in range(len(x)):
        points += w[t] > 0
        total += w[t]
        sx += w[t] * x[t]
        sy += w[t] * y[t]
    if points < 2:
        return 0
    x_mean, y_mean, sxx, sxy = sx / total, sy / total, 0.0, 0.0
    for t in range(len(x)):
        sxx += w[t] * (x[t] - x_mean) ** 2
        sxy += w[t] * (x[t] - x_mean) * (y[t] - y_mean)
    if not sxx > 0:
        return 0
    line[0], line[1], line[2], line[3], line[4] = x_mean, y_mean, sxy / sxx, sxx, sxx / total
    return 1


@njit(cache=True, fastmath={"reassoc", "contract"})  # so that the loop over bins is vectorised
def _variance_at(u, lines, m):
    """Weighted sum of squared deviations of the first ``m`` lines' values at ``u`` from their
    mean.
    """
    total, first, second, pivot = 0.0, 0.0, 0.0, lines[1, 0] + lines[2, 0] * (u - lines[0, 0])
    x, y, slope, numerator, variance = lines
    for b in range(m):
        away = u - x[b]
        weight = numerator[b] / (variance[b] + away * away)
        value = y[b] + slope[b] * away - pivot
        total += weight
        first += weight * value
        second += weight * value * value
    return second - first * first / total


@njit(cache=True)
def _lowest(a, b, lines, m):
    """Return where :func:`_variance_at` is lowest between ``a`` and ``b``, by golden sections."""
    left, right = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    at_left, at_right = _variance_at(left, lines, m), _variance_at(right, lines, m)
    for _ in range(_REFINEMENTS):
        if at_left < at_right:
            b, right, at_right = right, left, at_left
            left = b - _GOLDEN * (b - a)
            at_left = _variance_at(left, lines, m)
        else:
            a, left, at_left = left, right, at_right
            right = a + _GOLDEN * (b - a)
            at_right = _variance_at(right, lines, m)
    return 0.5 * (a + b)


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
        bootstrap(blocks, rearranging_share, n_resamples, [seed, k], n_runs)
        for k, blocks in enumerate(counts)
    ]
    p_r, errors, samples = map(np.array, zip(*drawn, strict=True))
    hops = np.array([blocks[:, 1].sum(axis=0) for blocks in counts])
    weights = log_weights(p_r, errors, hops, minimum_hops, minimum_temperatures)
    lines = fit_lines(temperatures, p_r, weights)
    return Arrhenius(np.asarray(temperatures), p_r, weights, samples.swapaxes(0, 1), lines)


def crossing(found: Arrhenius) -> dict[str, float]:
    """Return where the lines cross, with errors from the resamples.

    ``T_cross``; its ``_error``, half the central 68 % of the resamples that cross (a few far ones
    would carry a standard deviation away); ``T_low``, ``T_high`` and ``share_crossing``, of the
    95 % interval (:func:`crossing_interval`).
    """
    T, weights = found.temperatures, found.weights
    crossings = crossings_of_samples(T, found.samples, weights)
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
        again = fit_lines(found.temperatures, sample, found.weights)
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
