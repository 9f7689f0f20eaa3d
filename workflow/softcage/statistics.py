"""Error bars: time blocks, and the bootstrap over them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


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


def standard_error(block_means: np.ndarray, axis: int = 0) -> np.ndarray:
    """Return the standard error of the mean of independent ``block_means`` along ``axis``.

    NaN blocks are left out; with fewer than two blocks the error is NaN (unknown, not zero).
    """
    block_means = np.asarray(block_means, dtype=float)
    count = np.isfinite(block_means).sum(axis=axis)
    mean = np.nansum(block_means, axis=axis) / np.maximum(count, 1)
    square = np.nansum((block_means - np.expand_dims(mean, axis)) ** 2, axis=axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > 1, np.sqrt(square / (count - 1) / count), np.nan)


def bootstrap(
    blocks: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    n_resamples: int = 200,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Block bootstrap of a statistic of additive sums.

    Whole blocks are drawn with replacement and added up, so that correlations in time inside a
    block and between particles of a frame stay in the error. Blocks should be at least a
    relaxation time long; particles of one frame are never resampled.

    Parameters
    ----------
    blocks : (n_blocks, ...) array
        Additive sums (counts, sums of squares) of each block.
    statistic : callable
        Maps the sum over blocks, shape ``blocks.shape[1:]``, to a number or an array.
    n_resamples : int
    seed : int
        Of the resampling, so that a table is the same every time.

    Returns
    -------
    estimate : array
        ``statistic`` of the sum over all blocks.
    standard_error : array
        Standard deviation over resamples; NaN where fewer than two are finite, or with fewer
        than two blocks.
    samples : (n_resamples, ...) array
    """
    blocks = np.asarray(blocks)
    n_blocks = len(blocks)
    rng = np.random.default_rng(seed)
    estimate = np.asarray(statistic(blocks.sum(axis=0)), dtype=float)
    samples = np.full((n_resamples, *estimate.shape), np.nan)
    if n_blocks > 1:
        for k in range(n_resamples):
            weights = np.bincount(rng.integers(0, n_blocks, n_blocks), minlength=n_blocks)
            samples[k] = statistic(np.tensordot(weights, blocks, axes=(0, 0)))
    samples = np.where(np.isfinite(samples), samples, np.nan)
    count = np.isfinite(samples).sum(axis=0)
    mean = np.nansum(samples, axis=0) / np.maximum(count, 1)
    square = np.nansum((samples - mean) ** 2, axis=0)
    error = np.where(count > 1, np.sqrt(square / np.maximum(count - 1, 1)), np.nan)
    return estimate, error, samples
