r"""Smooth curve of a distribution and its peak, from counts in fine bins.

The counts are smoothed with a Gaussian kernel. Its width is that of the normal reference rule for
the derivative, whose zero is the peak (M. P. Wand, M. C. Jones, *Kernel Smoothing*, 1995):

.. math:: h = (4 / 5n)^{1/7} \sigma, \qquad \sigma = \mathrm{IQR} / 1.349

for n values. The kernel is wider than the fine bins, so that the curve depends neither on their
width nor on their position. The values are correlated and carry less information than n independent
ones, so that h is somewhat too small. This adds noise, which the block bootstrap includes in the
errors, but no bias. Shoulders that are wider than h are preserved; of several peaks the highest is
taken.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d


def quantile(counts: np.ndarray, edges: np.ndarray, probability: float) -> np.ndarray:
    """Return the value below which a share ``probability`` of the counts lies, linear in a bin.

    The arguments are those of :func:`bandwidth`; the result has the shape (...).
    """
    cumulative = np.cumsum(counts[..., :-1], axis=-1)
    wanted = (probability * counts.sum(axis=-1))[..., None]
    last = (cumulative <= wanted).sum(axis=-1, keepdims=True) - 1
    left = np.clip(last, 0, len(edges) - 2)
    low, high = (np.take_along_axis(cumulative, k, axis=-1) for k in (left, left + 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = edges[left] + (edges[left + 1] - edges[left]) / (high - low) * (wanted - low)
    ends = np.where(last < 0, edges[0], edges[-1])
    return np.where(last == left, inside, ends)[..., 0]


def bandwidth(counts: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the standard deviation h of the kernel, at least the width of a fine bin, (...).

    Parameters
    ----------
    counts : (..., n + 2) array
        Fine counts; the first and the last are those below and above all bins.
    edges : (n + 1,) array
        Equal fine bins.
    """
    low, high = (quantile(counts, edges, probability) for probability in (0.25, 0.75))
    rule = (0.8 / np.maximum(counts.sum(axis=-1), 1)) ** (1 / 7) * (high - low) / 1.349
    return np.maximum(rule, edges[1] - edges[0])


def density(counts: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the smoothed distribution at the centres of the fine bins.

    Parameters
    ----------
    counts : (..., n + 2) array
        Fine counts; the first and the last are those below and above all bins. The bandwidth is
        computed for each row.
    edges : (n + 1,) array
        Equal fine bins.

    Returns
    -------
    (..., n) array
        The integral is the share of the counts inside the edges. NaN without counts.
    """
    counts = np.asarray(counts, dtype=float)
    width, total = edges[1] - edges[0], counts.sum(axis=-1)
    smooth = np.full((*counts.shape[:-1], len(edges) - 1), np.nan)
    h = bandwidth(counts, edges) / width
    for place in np.ndindex(counts.shape[:-1]):
        if total[place] > 0:
            share = counts[place][1:-1] / (total[place] * width)
            smooth[place] = gaussian_filter1d(share, h[place], mode="constant", truncate=6)
    return smooth


def peak(counts: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return where :func:`density` is highest, interpolated; NaN without counts inside the edges.

    Parameters
    ----------
    counts : (..., n + 2) array
        Fine counts; the first and the last are those below and above all bins.
    edges : (n + 1,) array
        Equal fine bins.

    Returns
    -------
    (...) array
    """
    counts = np.asarray(counts, dtype=float)
    smooth, width = density(counts, edges), edges[1] - edges[0]
    top = np.argmax(smooth, axis=-1)
    at = np.clip(top, 1, smooth.shape[-1] - 2)[..., None] + np.arange(-1, 2)
    # A parabola through the logarithms of three values is exact for a Gaussian.
    with np.errstate(divide="ignore", invalid="ignore"):
        left, middle, right = np.moveaxis(np.log(np.take_along_axis(smooth, at, axis=-1)), -1, 0)
        curvature = left - 2 * middle + right
        shift = 0.5 * width * (left - right) / curvature
    inside = (top == at[..., 1]) & (curvature < 0)
    center = edges[top] + 0.5 * width + np.where(inside, shift, 0.0)
    return np.where(counts[..., 1:-1].sum(axis=-1) > 0, center, np.nan)
