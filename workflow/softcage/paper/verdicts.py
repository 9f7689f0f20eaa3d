"""Verdicts on the numbers and statements of the paper, compared with ours.

The paper gives no error bars, so that distances are in units of our standard error. A number
*agrees* up to three of them. If the errors of the paper are about as large as ours, this is about
two combined standard errors.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.ndimage import gaussian_filter1d

NOT_MEASURABLE = "not measurable at this scale"
NOT_APPLICABLE = "not applicable: another liquid"
AGREES_WITHIN = 3
# A change along a trend is clear if it exceeds this number of standard errors.
CLEAR = 2.0


def verdict(paper: float, ours: float, error: float, rounding: float = 0.0) -> tuple[float, str]:
    """Compare a number with that of the paper.

    Parameters
    ----------
    paper, ours, error : float
        The value of the paper, ours, and our standard error.
    rounding : float
        Half the unit of the last digit of the paper's number, where this is coarser than our error.
        It is added in quadrature as the error of a uniform distribution, rounding / sqrt(3).

    Returns
    -------
    n_sigma : float
        (ours - paper) / error; NaN without a value or an error.
    words : str
        ``agrees within k sigma`` (k up to 3), ``differs (k sigma)``, or
        ``not measurable at this scale`` without a value or an error.
    """
    total = math.hypot(error, rounding / math.sqrt(3)) if np.isfinite(error) else math.nan
    if not (np.isfinite(ours) and np.isfinite(total) and total > 0):
        return math.nan, NOT_MEASURABLE
    n_sigma = (ours - paper) / total
    k = max(1, math.ceil(abs(n_sigma)))
    if k <= AGREES_WITHIN:
        return n_sigma, f"agrees within {k} sigma"
    return n_sigma, f"differs ({abs(n_sigma):.0f} sigma)"


def holds(answer: bool | None) -> str:
    """Return the verdict on a statement that is true, false, or cannot be tested (None)."""
    if answer is None:
        return NOT_MEASURABLE
    return "holds" if answer else "does not hold"


def last_digit(value: float) -> float:
    """Return half the unit of the last digit of a number: 0.0005 for 0.001 and 0.5 for 700."""
    text = np.format_float_positional(float(value), trim="-")
    digits = len(text.partition(".")[2])
    return 0.5 * 10.0**-digits


def clear(value: float, error: float) -> bool | None:
    """Return True (False) if a value is 2 standard errors above (below) zero, otherwise None."""
    if not np.isfinite(value + error) or abs(value) <= CLEAR * error:
        return None
    return bool(value > 0)


def rises(values: np.ndarray, errors: np.ndarray) -> bool | None:
    """Return whether values rise along a series.

    Returns
    -------
    bool or None
        True if the last value is clearly (by 2 standard errors) above the first and no step goes
        clearly down; None if the change is within the errors, or if fewer than two values have
        errors.
    """
    values, errors = np.asarray(values, dtype=float), np.asarray(errors, dtype=float)
    good = np.isfinite(values) & np.isfinite(errors)
    if good.sum() < 2:
        return None
    values, errors = values[good], errors[good]
    steps, step_errors = np.diff(values), np.hypot(errors[1:], errors[:-1])
    answer = clear(values[-1] - values[0], math.hypot(errors[0], errors[-1]))
    return answer and bool(np.all(steps > -CLEAR * step_errors))


def falls(values: np.ndarray, errors: np.ndarray) -> bool | None:
    """Return whether values fall along a series; the opposite of :func:`rises`."""
    return rises(-np.asarray(values, dtype=float), errors)


def plateau(
    time: np.ndarray, correlation: np.ndarray, smoothing: float = 0.15
) -> tuple[float, float]:
    r"""Find the plateau of a decay on a logarithmic time axis.

    The rate is :math:`-dC / d\log_{10} t`, smoothed over ``smoothing`` decades. In a two-step decay
    it has a minimum between two maxima.

    Parameters
    ----------
    time, correlation : (n,) array
        Times that are not positive and values that are not finite are left out.
    smoothing : float
        Standard deviation of the Gaussian kernel, in decades.

    Returns
    -------
    time : float
        Time of the deepest minimum of the rate; NaN if there is none.
    ratio : float
        Rate in the minimum, divided by the smaller of the largest rates before and after it: 0 is
        a flat plateau, 1 a single step; NaN with fewer than 8 points.
    """
    time, correlation = np.asarray(time, dtype=float), np.asarray(correlation, dtype=float)
    good = (time > 0) & np.isfinite(correlation)
    if good.sum() < 8:
        return math.nan, math.nan
    x, order = np.unique(np.log10(time[good]), return_index=True)
    y = correlation[good][order]
    step = 0.05
    grid = np.arange(x[0], x[-1], step)
    smooth = gaussian_filter1d(np.interp(grid, x, y), smoothing / step, mode="nearest")
    rate = -np.gradient(smooth, step)
    before = np.maximum.accumulate(rate)
    after = np.maximum.accumulate(rate[::-1])[::-1]
    lower = np.minimum(before, after)
    depth = lower - rate
    k = int(np.argmax(depth))
    if depth[k] <= 0 or lower[k] <= 0:
        return math.nan, 1.0
    return float(10 ** grid[k]), float(max(rate[k], 0.0) / lower[k])


def overlap_distance(
    p: np.ndarray, q: np.ndarray, width: float, q_error: np.ndarray | None = None
) -> tuple[float, float]:
    r"""Return the distance of two distributions, :math:`\frac12 \int |p - q|`, and that from noise.

    Parameters
    ----------
    p, q : (n,) array
        Densities in the same bins.
    width : float
        Width of the bins.
    q_error : (n,) array, optional
        Standard errors of q.

    Returns
    -------
    distance, noise : float
        The distance is 0 for equal distributions and 1 for disjoint ones. The noise is the mean
        distance of equal distributions with Gaussian errors ``q_error``.
    """
    distance = 0.5 * np.nansum(np.abs(np.asarray(p) - q)) * width
    noise = 0.0
    if q_error is not None:
        noise = 0.5 * math.sqrt(2 / math.pi) * np.nansum(q_error) * width
    return float(distance), float(noise)
