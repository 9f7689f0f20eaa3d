r"""Arrhenius form of the rearranging fraction, P_R(S) = P_0(S) exp(-DeltaE(S) / T).

There is one line for each bin of softness (or depth). Above the temperature where the lines of all
bins cross, the structure no longer predicts which particles rearrange.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from softcage.compiled.decorator import kernel
from softcage.prediction.distributions import rearranging_share
from softcage.statistics import bootstrap, weighted_line


@dataclass(frozen=True, eq=False)
class ArrheniusFit:
    """Lines ln P_R = ln P_0 - barrier / T, one for each bin; NaN for bins that were not fitted.

    Attributes
    ----------
    barrier, barrier_error, ln_p0, ln_p0_error : (n_bins,) array
        Parameters and their errors from weighted least squares, in which the errors of P_R are
        absolute, that is, not rescaled by chi^2.
    n_temperatures : (n_bins,) int array
        Number of temperatures used.
    chi2 : (n_bins,) array
        Weighted sum of squared residuals, with n_temperatures - 2 degrees of freedom.
    """

    barrier: np.ndarray
    barrier_error: np.ndarray
    ln_p0: np.ndarray
    ln_p0_error: np.ndarray
    n_temperatures: np.ndarray
    chi2: np.ndarray

    @property
    def fitted(self) -> np.ndarray:
        """Whether a bin has a line, (n_bins,) bool."""
        return np.isfinite(self.barrier)


def log_weights(
    p_r: np.ndarray,
    p_r_error: np.ndarray,
    hops: np.ndarray,
    minimum_hops: int = 10,
    minimum_temperatures: int = 3,
) -> np.ndarray:
    r"""Return the weights of ln P_R in fits; 0 for points that are left out.

    The variance of :math:`\ln P_R` is (error / P_R)^2, but at least 1 / hops: with few blocks the
    bootstrap can miss the counting noise, and where it gives no error (NaN) the counting noise is
    all that is known.

    Parameters
    ----------
    p_r, p_r_error : (n_T, n_bins) array
    hops : (n_T, n_bins) array
        Counts of rearranging particles in each bin.
    minimum_hops : int
        Points with fewer hops are left out.
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
    """Return ln P_R and weights; points with P_R = 0 (in a resample) get the weight 0."""
    weights = np.where(np.nan_to_num(p_r) > 0, weights, 0.0)
    return np.log(np.where(weights > 0, p_r, 1.0)), weights


def fit_lines(temperatures: ArrayLike, p_r: np.ndarray, weights: np.ndarray) -> ArrheniusFit:
    r"""Fit ln P_R against 1/T in every bin by weighted least squares.

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
        raise ValueError(f"an Arrhenius line needs two temperatures, not {len(temperatures)}")
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


# The step of 1/T in which the crossing is searched, in units of the least spread of 1/T among the
# points of a line; the largest number of steps; and the golden-section steps that refine it.
_STEP, _MOST_STEPS, _REFINEMENTS = 0.25, 400, 40
_GOLDEN = 0.6180339887498949


def crossing_temperature(temperatures: ArrayLike, p_r: np.ndarray, weights: np.ndarray) -> float:
    """Return the temperature where the Arrhenius lines of all bins cross.

    Parameters
    ----------
    temperatures : (n_T,) array
    p_r, weights : (n_T, n_bins) array
        Rearranging fractions and :func:`log_weights`.

    Returns
    -------
    float
        The crossing temperature, as from :func:`crossing_temperatures`; NaN if there is none.
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
        Rearranging fractions; points that are zero in a sample are left out of its fit.
    weights : (n_T, n_bins) array
        :func:`log_weights`, the same for all samples.
    """
    log_p_r, weights = _log(samples, weights)
    log_p_r, weights = (np.ascontiguousarray(a.swapaxes(0, 1)) for a in (log_p_r, weights))
    return crossing_temperatures(temperatures, log_p_r, weights)


@kernel
def crossing_temperatures(
    temperatures: np.ndarray, log_p_r: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    r"""Return the temperature where the Arrhenius lines cross, for each of many sets of bins.

    .. math:: \ln P_R(S, T) = \alpha - \Delta E(S) (1/T - 1/T_x)

    This is fitted to the points by weighted least squares, with one alpha and one T_x for all bins
    of a set. It implies :math:`\ln P_0 = \alpha + \Delta E / T_x` for the parameters of the lines,
    but a fit of this relation to the parameters would be biased: the errors of the intercept and
    the slope of a line are correlated, and pull T_x towards the middle of the measured
    temperatures.

    For a given :math:`u = 1/T_x`, the sum of squares that remains with the best alpha and slopes is
    that of the separate lines, plus the weighted sum of squared deviations of their values
    :math:`y_b(u)` from the mean value. The minimum of the latter is searched on a grid of u from
    half the lowest to four times the highest temperature, and then refined.

    Parameters
    ----------
    temperatures : (n_T,) array
    log_p_r, weights : (n_T, n_sets, n_bins) array
        ln P_R and its inverse variances; points with weight 0 are left out.

    Returns
    -------
    (n_sets,) array
        NaN if fewer than two bins have lines, or if the minimum is at an end of the range, where
        the lines cannot be distinguished from parallel ones.
    """
    n_sets, n_bins = log_p_r.shape[1:]
    crossings = np.full(n_sets, np.nan)
    lines = np.empty((5, n_bins))
    x = 1.0 / temperatures
    low, high = 0.25 / temperatures.max(), 2.0 / temperatures.min()
    at_end = (high - low) / _MOST_STEPS
    for j in range(n_sets):
        m = 0
        for b in range(n_bins):
            m += _line(x, log_p_r[:, j, b], weights[:, j, b], lines[:, m])
        if m < 2:
            continue
        # The variance changes over distances like the spread of 1/T among the points of a line.
        finest = _STEP * np.sqrt(lines[4, :m].min())
        steps = int(min(np.ceil((high - low) / finest), _MOST_STEPS))
        step = (high - low) / steps
        best, least = 0, np.inf
        for k in range(steps + 1):
            value = _variance_at(low + k * step, lines, m)
            if value < least:
                best, least = k, value
        left, right = low + max(best - 1, 0) * step, low + min(best + 1, steps) * step
        u = _lowest(left, right, lines, m)
        inside = 0 < best < steps or _variance_at(u, lines, m) < least
        if inside and low + at_end < u < high - at_end:
            crossings[j] = 1.0 / u
    return crossings


@kernel
def _line(x, y, w, line):
    """Write the line of one bin to ``line``; return 1, or 0 if it has fewer than two temperatures.

    ``line`` is the mean of x, the mean of y, the slope, weight times variance of x, and the
    variance of x.
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


@kernel(fastmath={"reassoc", "contract"})  # so that the loop over bins is vectorised
def _variance_at(u, lines, m):
    """Return the weighted sum of squares of the first ``m`` lines at ``u`` about their mean."""
    total, first, second, pivot = 0.0, 0.0, 0.0, lines[1, 0] + lines[2, 0] * (u - lines[0, 0])
    x, y, slope, numerator, variance = lines
    for b in range(m):
        distance = u - x[b]
        weight = numerator[b] / (variance[b] + distance * distance)
        value = y[b] + slope[b] * distance - pivot
        total += weight
        first += weight * value
        second += weight * value * value
    return second - first * first / total


@kernel
def _lowest(a, b, lines, m):
    """Return the minimum of :func:`_variance_at` in [a, b], by golden-section search."""
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


def crossing_interval(crossings: np.ndarray) -> tuple[float, float, float]:
    """Return the 95 % interval of the crossing temperature from the bootstrap.

    Parameters
    ----------
    crossings : (resamples,) array
        Crossing temperatures of P_R from resampled blocks. The temperatures, which are
        independent runs, are resampled separately.

    Returns
    -------
    low, high : float
        NaN if fewer than two resamples cross.
    share : float
        Share of the resamples whose lines cross in the range of the search. If it is well below 1,
        the interval does not cover the whole uncertainty.
    """
    finite = np.asarray(crossings)[np.isfinite(crossings)]
    share = len(finite) / len(crossings) if len(crossings) else 0.0
    if len(finite) < 2:
        return float("nan"), float("nan"), share
    low, high = np.quantile(finite, [0.025, 0.975])
    return float(low), float(high), share


def trend_of_barriers(
    x: np.ndarray, y: np.ndarray, error: np.ndarray
) -> tuple[float, float, float, float]:
    """Fit a weighted straight line to the barriers of the bins.

    Returns
    -------
    slope, error, r_squared, chi2 : float
        r_squared is computed with the same weights. chi2 is per degree of freedom: it is about 1 if
        the scatter about the line is only noise. Bins whose value or error is NaN are left out; all
        numbers are NaN with fewer than three bins.
    """
    good = np.isfinite(x) & np.isfinite(y) & np.isfinite(error) & (np.nan_to_num(error) > 0)
    if good.sum() < 3:
        return (float("nan"),) * 4
    line = weighted_line(x[good], y[good], 1.0 / error[good] ** 2)
    chi2 = float(line.chi2) / (good.sum() - 2)
    return float(line.slope), float(line.slope_error), float(line.r_squared), chi2


# ---------------------------------------------------------------- from counts to lines and crossing
@dataclass(frozen=True, eq=False)
class Arrhenius:
    """P_R in all bins at all temperatures, and the Arrhenius lines.

    Attributes
    ----------
    temperatures : (n_T,) array
    p_r, weights : (n_T, n_bins) array
        Rearranging fractions and :func:`log_weights`.
    samples : (resamples, n_T, n_bins) array
        P_R from resampled blocks.
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
    resamples: int,
    seed: int,
    n_runs: int = 1,
) -> Arrhenius:
    """Fit the rearranging fractions of all temperatures.

    Parameters
    ----------
    temperatures : (n_T,) sequence
    counts : sequence of (n_blocks, 2, n_bins) arrays
        Counts of all and of rearranging particles at each temperature.
    minimum_hops, minimum_temperatures : int
        As for :func:`log_weights`.
    resamples, seed : int
        Resamples of the bootstrap over blocks, and its seed, from which that of each temperature
        follows because temperatures are independent runs.
    n_runs : int
        Number of runs of each temperature, as for :func:`softcage.statistics.bootstrap`.
    """
    drawn = [
        bootstrap(blocks, rearranging_share, resamples, [seed, k], n_runs)
        for k, blocks in enumerate(counts)
    ]
    p_r, errors, samples = map(np.array, zip(*drawn, strict=True))
    hops = np.array([blocks[:, 1].sum(axis=0) for blocks in counts])
    weights = log_weights(p_r, errors, hops, minimum_hops, minimum_temperatures)
    lines = fit_lines(temperatures, p_r, weights)
    return Arrhenius(np.asarray(temperatures), p_r, weights, samples.swapaxes(0, 1), lines)


def crossing(fit: Arrhenius) -> dict[str, float]:
    """Return where the lines cross, with the interval from the resamples.

    The keys are ``T_cross``, and ``T_low``, ``T_high`` and ``share_crossing`` of the 95 % interval
    (:func:`crossing_interval`): a standard deviation would be dominated by a few outliers.
    """
    T, weights = fit.temperatures, fit.weights
    low, high, share = crossing_interval(crossings_of_samples(T, fit.samples, weights))
    return {
        "T_cross": crossing_temperature(T, fit.p_r, weights),
        "T_low": low,
        "T_high": high,
        "share_crossing": share,
    }


def barrier_slope(fit: Arrhenius, centers: np.ndarray) -> dict[str, float]:
    """Return the line through the barriers against the ``centers`` of the bins.

    The keys are ``barrier_slope``, ``barrier_slope_error`` (from the bootstrap), ``r_squared`` and
    ``line_chi2`` (:func:`trend_of_barriers`).
    """
    lines = fit.lines
    slope, _, r_squared, chi2 = trend_of_barriers(centers, lines.barrier, lines.barrier_error)
    slopes = []
    for sample in fit.samples:
        resampled = fit_lines(fit.temperatures, sample, fit.weights)
        # The bins keep their original weights; errors of a resample may be small by chance.
        slopes.append(trend_of_barriers(centers, resampled.barrier, lines.barrier_error)[0])
    finite = np.asarray(slopes)[np.isfinite(slopes)]
    error = float(finite.std(ddof=1)) if len(finite) > 1 else float("nan")
    return {
        "barrier_slope": slope,
        "barrier_slope_error": error,
        "r_squared": r_squared,
        "line_chi2": chi2,
    }


def collapse_rms(fit: Arrhenius) -> float:
    """Return the r.m.s. of log10(P_R / P_0) + barrier / (T ln 10), the distance from the line."""
    used = fit.weights > 0
    if not used.any():
        return float("nan")
    expected = fit.lines.ln_p0 - fit.lines.barrier / fit.temperatures[:, None]
    residual = np.log10(fit.p_r[used]) - expected[used] / np.log(10)
    return float(np.sqrt(np.mean(residual**2)))


def lines_table(fit: Arrhenius, centers: np.ndarray) -> pd.DataFrame:
    """Return ``bin_center`` and the parameters of the line of every bin that has one."""
    columns = {"bin_center": centers} | vars(fit.lines)
    return pd.DataFrame(columns)[fit.lines.fitted]


def summary_of_lines(
    fit: Arrhenius, centers: np.ndarray, quantity: str, window: float
) -> dict[str, float | str]:
    """Return where the lines cross, and the trend of the barriers, as a row of a table.

    The keys are quantity, window, those of :func:`crossing`, n_bins, those of
    :func:`barrier_slope`, and ``collapse_rms``.
    """
    row: dict[str, float | str] = {"quantity": quantity, "window": window, **crossing(fit)}
    row |= {"n_bins": int(fit.lines.fitted.sum()), **barrier_slope(fit, centers)}
    return row | {"collapse_rms": collapse_rms(fit)}


def points_table(fit: Arrhenius, centers: np.ndarray) -> pd.DataFrame:
    """Return the points that were fitted: bin_center, T, p_r and its error."""
    t, b = np.nonzero((fit.weights > 0) & fit.lines.fitted)
    table = pd.DataFrame(
        {
            "bin_center": centers[b],
            "T": fit.temperatures[t],
            "p_r": fit.p_r[t, b],
            "p_r_error": fit.weights[t, b] ** -0.5 * fit.p_r[t, b],
        }
    )
    return table.sort_values(["bin_center", "T"])
