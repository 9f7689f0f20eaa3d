"""Error bars from time blocks and a bootstrap over them, weighted straight lines, and the ROC
AUC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, stdtrit

from softcage.defaults import RESAMPLES


def block_slices(n: int, n_blocks: int) -> list[slice]:
    """Cut ``range(n)`` into ``n_blocks`` contiguous, nearly equal slices.

    Raises
    ------
    ValueError
        If there are fewer items than blocks.
    """
    if n < n_blocks:
        raise ValueError(f"{n} frames cannot be cut into {n_blocks} blocks: use fewer blocks")
    edges = np.linspace(0, n, n_blocks + 1).round().astype(int)
    return [slice(int(a), int(b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]


def count_blocks(
    production: float, tau: float, most: int, relaxation_times: float
) -> tuple[int, bool]:
    """Return the number of time blocks of a run such that blocks are nearly independent.

    This is the largest number up to ``most`` for which the blocks are at least ``relaxation_times``
    times ``tau`` long. It is 2 where fewer fit, because one block has no error.

    Parameters
    ----------
    production : float
        Length of the run.
    tau : float
        Relaxation time tau_alpha; NaN if the run is too short to have one.
    most : int
        Largest number of blocks.
    relaxation_times : float
        Smallest length of a block, in units of ``tau``.

    Returns
    -------
    n_blocks : int
    enough : bool
        False if the blocks are shorter than that; errors are then too small.
    """
    if not np.isfinite(tau):
        return 2, False
    fitting = int(production / (relaxation_times * tau) * (1 + 1e-9))
    return max(2, min(most, fitting)), fitting >= 2


def merge(blocks: np.ndarray, n_blocks: int) -> np.ndarray:
    """Add up neighbouring fine blocks of one run to obtain ``n_blocks`` coarse blocks.

    Parameters
    ----------
    blocks : (n_fine, ...) array
        Additive sums of each fine block, in the order of time.
    n_blocks : int
        If there are fewer fine blocks, none are merged. The lengths of coarse blocks differ by at
        most one fine block.

    Returns
    -------
    (min(n_blocks, n_fine), ...) array
    """
    blocks = np.asarray(blocks)
    parts = block_slices(len(blocks), min(n_blocks, len(blocks)))
    return np.array([blocks[part].sum(axis=0) for part in parts])


def pool(runs: Iterable[np.ndarray], n_blocks: int) -> np.ndarray:
    """Merge the blocks of each of several independent runs to ``n_blocks``, and concatenate them.

    Parameters
    ----------
    runs : iterable of (n_fine, ...) array
        Fine blocks of each replica.
    n_blocks : int
        Number of coarse blocks of each run; no block extends over the end of a run.

    Returns
    -------
    (n_runs * n_blocks, ...) array
        All blocks, for :func:`bootstrap`.
    """
    return np.concatenate([merge(run, n_blocks) for run in runs])


def standard_error(block_means: np.ndarray, axis: int = 0) -> np.ndarray:
    """Return the standard error of the mean of independent ``block_means`` along ``axis``.

    NaN blocks are left out; with fewer than two blocks the error is NaN (unknown, not zero), and so
    it is where all blocks agree by chance (:func:`agree_by_chance`).
    """
    block_means = np.asarray(block_means, dtype=float)
    count = np.isfinite(block_means).sum(axis=axis)
    mean = np.nansum(block_means, axis=axis) / np.maximum(count, 1)
    square = np.nansum((block_means - np.expand_dims(mean, axis)) ** 2, axis=axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.where(count > 1, np.sqrt(square / (count - 1) / count), np.nan)
    return np.where(agree_by_chance(mean, error), np.nan, error)


def agree_by_chance(value: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Return where an error is rounding alone although the value could have been another one.

    Two short blocks may hold the same number of pairs in a bin. Their scatter is then 0, which says
    nothing about the error. Values of 0 and 1 are left as they are: nothing, all, and what is
    normalised have no scatter by definition.
    """
    value = np.asarray(value)
    return (error <= 1e-9 * np.abs(value)) & (value != 0) & (np.abs(value - 1) > 1e-9)


@dataclass(frozen=True, eq=False)
class WeightedLine:
    """Straight lines y = intercept + slope x by weighted least squares, one per column.

    Attributes
    ----------
    intercept, slope : (...) array
    intercept_error, slope_error : (...) array
        Standard errors if the weights are inverse variances.
    chi2 : (...) array
        Weighted sum of squared residuals.
    r_squared : (...) array
        Weighted share of the variance of y that the line explains; NaN if y does not vary.
    """

    intercept: np.ndarray
    slope: np.ndarray
    intercept_error: np.ndarray
    slope_error: np.ndarray
    chi2: np.ndarray
    r_squared: np.ndarray


def weighted_line(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> WeightedLine:
    """Fit straight lines along the first axis; points of weight 0 are ignored.

    Parameters
    ----------
    x, y, weights : (n, ...) array
        Arrays that broadcast against each other. Where fewer than two different x have a weight,
        the result is not finite.
    """
    w, x, y = (np.asarray(values, dtype=float) for values in (weights, x, y))
    with np.errstate(divide="ignore", invalid="ignore"):
        total = w.sum(axis=0)
        x_mean = (w * x).sum(axis=0) / total
        y_mean = (w * y).sum(axis=0) / total
        s_xx = (w * (x - x_mean) ** 2).sum(axis=0)
        slope = (w * (x - x_mean) * y).sum(axis=0) / s_xx
        intercept = y_mean - slope * x_mean
        chi2 = (w * (y - intercept - slope * x) ** 2).sum(axis=0)
        spread = (w * (y - y_mean) ** 2).sum(axis=0)
        return WeightedLine(
            intercept=intercept,
            slope=slope,
            intercept_error=np.sqrt(1.0 / total + x_mean**2 / s_xx),
            slope_error=np.sqrt(1.0 / s_xx),
            chi2=chi2,
            r_squared=np.where(spread > 0, 1.0 - chi2 / spread, np.nan),
        )


def bootstrap(
    blocks: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    resamples: int = RESAMPLES,
    seed: int | list[int] = 0,
    n_runs: int = 1,
    many: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Block bootstrap of a statistic of additive sums, with the scatter between runs.

    Whole blocks are drawn with replacement and added up, so that correlations in time inside a
    block and between particles of a frame contribute to the error; particles of one frame are never
    resampled. From n blocks, n - 1 are drawn (J. N. K. Rao, C. F. J. Wu, J. Am. Stat. Assoc. 83,
    231 (1988)): n draws would give an error too small by sqrt((n - 1) / n), 30 % with two blocks.

    Blocks that are not much longer than the correlation time still give too small an error. If the
    correlation decays exponentially with time tau, blocks of length k tau give a fraction of
    sqrt(1 - (1 - exp(-k)) / k) of the true error (0.75 for k = 2, 0.95 for k = 10); see
    :func:`count_blocks`. Correlations that last longer than a block show in the scatter between
    runs, :func:`between_runs`. The error is the larger of the two; this is a random-effects
    analysis of variance with the runs as groups.

    Parameters
    ----------
    blocks : (n_blocks, ...) array
        Additive sums (counts, sums of squares) of each block, run after run (:func:`pool`).
    statistic : callable
        Maps the sum over blocks, shape ``blocks.shape[1:]``, to a number or an array. It must not
        depend on how many blocks were added up: means, ratios and quantiles, not totals.
    resamples : int
    seed : int or list of int
        Seed of the resampling, so that a table is the same every time.
    n_runs : int
        Number of independent runs; all have the same number of blocks.
    many : bool
        Whether the statistic takes several sums at once, one a row of an array. All resamples are
        then computed together, which is far faster where a statistic takes little time.

    Returns
    -------
    estimate : array
        ``statistic`` of the sum over all blocks.
    standard_error : array
        Standard deviation over resamples, or the scatter between runs if that is larger; NaN where
        fewer than two resamples are finite, with fewer than two blocks, where one block alone
        gives the estimate, and where all blocks agree by chance (:func:`agree_by_chance`).
    samples : (resamples, ...) array
        Resampled statistics, stretched around the estimate where the runs scatter more.
    """
    blocks = np.asarray(blocks)
    n_blocks = len(blocks)
    rng = np.random.default_rng(seed)
    estimate = np.asarray(statistic(blocks.sum(axis=0)), dtype=float)
    samples = np.full((resamples, *estimate.shape), np.nan)
    if n_blocks > 1:
        drawn = rng.integers(0, n_blocks, (resamples, n_blocks - 1))
        weights = np.zeros((resamples, n_blocks), dtype=np.int64)
        np.add.at(weights, (np.arange(resamples)[:, None], drawn), 1)
        if many:
            samples[:] = statistic(np.tensordot(weights, blocks, axes=(1, 0)))
        else:
            for k in range(resamples):
                samples[k] = statistic(np.tensordot(weights[k], blocks, axes=(0, 0)))
    samples = np.where(np.isfinite(samples), samples, np.nan)
    count = np.isfinite(samples).sum(axis=0)
    mean = np.nansum(samples, axis=0) / np.maximum(count, 1)
    square = np.nansum((samples - mean) ** 2, axis=0)
    error = np.where(count > 1, np.sqrt(square / np.maximum(count - 1, 1)), np.nan)
    unknown = (count < 2) | agree_by_chance(estimate, error)
    unknown |= _of_one_block(blocks, statistic, estimate, error)
    error = np.where(unknown, np.nan, error)
    if n_runs == 1 or n_blocks == 0:
        return estimate, error, samples
    larger = np.fmax(error, np.where(unknown, np.nan, between_runs(blocks, statistic, n_runs)))
    stretch = np.divide(larger, error, out=np.ones_like(error), where=error > 0)
    return estimate, larger, estimate + stretch * (samples - estimate)


def _of_one_block(
    blocks: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    estimate: np.ndarray,
    error: np.ndarray,
) -> np.ndarray:
    """Return where an estimate comes from fewer than two blocks, because the others have no data.

    A long window or a rare bin can leave its data in one block. All resamples with that block then
    repeat the same number, and those without it are NaN: the scatter is rounding, while the error
    is not known. If two blocks or more have the statistic, an error of 0 is one.
    """
    same = error <= 1e-9 * np.abs(estimate)
    if not same.any():
        return same
    known = sum(np.isfinite(statistic(block)).astype(int) for block in blocks)
    return same & (known < 2)


def between_runs(
    blocks: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray], n_runs: int
) -> np.ndarray:
    r"""Error of a statistic of additive sums from the scatter between independent runs.

    This is the jackknife, where :math:`\theta_r` is the statistic without run r of n:

    .. math:: \sigma^2 = t^2 \frac{n - 1}{n} \sum_r (\theta_r - \bar\theta)^2

    The scatter of a few runs is itself uncertain. The factor t corrects for this: it is the
    quantile of Student's distribution with n - 1 degrees of freedom that is 1 for many runs; 1.84
    for two runs, 1.20 for four, 1.08 for eight.

    Parameters
    ----------
    blocks, statistic, n_runs
        See :func:`bootstrap`; at least two runs.

    Returns
    -------
    array
        NaN where the statistic is not finite without one of the runs.

    Raises
    ------
    ValueError
        If the number of blocks is not a multiple of ``n_runs``.
    """
    if len(blocks) % n_runs:
        raise ValueError(
            f"{len(blocks)} blocks cannot be the same number from each of {n_runs} runs"
        )
    sums = blocks.reshape(n_runs, -1, *blocks.shape[1:]).sum(axis=1)
    without = np.array([statistic(sums.sum(axis=0) - run) for run in sums], dtype=float)
    without = np.where(np.isfinite(without), without, np.nan)
    return stdtrit(n_runs - 1, ndtr(1)) * np.sqrt((n_runs - 1) * without.var(axis=0))


# ---------------------------------------------------------------- the ROC AUC
#: A pair with equal values counts as half a pair in order.
TIE = 0.5


def in_order(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return 1 where ``first`` is larger than ``second``, 1/2 where they are equal, 0 otherwise."""
    return (first > second) + TIE * (first == second)


def count_pairs(positive: np.ndarray, negative: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of pairs of a positive and a negative, and the number of them in order.

    A pair is in order if the positive lies in the higher bin. Pairs within a bin are ties and count
    one half (:func:`in_order`). Both numbers add up over frames, blocks and runs; the second over
    the first is the ROC AUC.

    Parameters
    ----------
    positive, negative : (..., n_bins) array
        Counts in bins of ascending value, along the last axis.

    Returns
    -------
    pairs, ordered : (...) array
    """
    positive, negative = np.asarray(positive, dtype=float), np.asarray(negative, dtype=float)
    pairs = positive.sum(axis=-1) * negative.sum(axis=-1)
    below = np.cumsum(negative, axis=-1) - (1.0 - TIE) * negative
    return pairs, (positive * below).sum(axis=-1)


def rank_counts(values: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of positives and negatives in bins of rank, one bin for each value.

    Parameters
    ----------
    values : (n,) array
        Finite numbers.
    positive : (n,) bool array

    Returns
    -------
    positive, negative : (n_bins,) int array
        Counts for :func:`count_pairs`.
    """
    distinct, place = np.unique(values, return_inverse=True)
    n = len(distinct)
    return np.bincount(place[positive], minlength=n), np.bincount(place[~positive], minlength=n)


def auc_sums(values: np.ndarray, counted: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Return the number of pairs of a positive and a negative particle, and of those in order.

    Only pairs within one frame count. The numbers of several frames add up, and their ratio is the
    ROC AUC.

    Parameters
    ----------
    values : (n_particles, n_columns) array
        Predictors, one in each column, that may distinguish positive from negative particles.
    counted, positive : (n_particles,) bool array
        Particles that count, and those that are positive.

    Returns
    -------
    (n_columns, 2) array
        Zero if there are no positive or no negative particles.
    """
    is_positive = positive[counted]
    return np.array(
        [count_pairs(*rank_counts(column, is_positive)) for column in values[counted].T]
    )


def roc_auc(positive: np.ndarray, negative: np.ndarray) -> np.ndarray:
    r"""Return the area under the ROC curve from counts in bins of ascending score.

    .. math:: AUC = P(s_+ > s_-) + \tfrac12 P(s_+ = s_-)

    Parameters
    ----------
    positive, negative : (..., n_bins) array
        See :func:`count_pairs`.

    Returns
    -------
    (...) array
        NaN where either is empty.
    """
    pairs, ordered = count_pairs(positive, negative)
    return np.divide(ordered, pairs, out=np.full(np.shape(pairs), np.nan), where=pairs > 0)
