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


def quantile(counts: np.ndarray, edges: np.ndarray, probability: float) -> float:
    """Return the value below which a share ``probability`` of the counts lies, linear in a bin."""
    cumulative = np.cumsum(counts[:-1])
    return float(np.interp(probability * counts.sum(), cumulative, edges))


def bandwidth(counts: np.ndarray, edges: np.ndarray) -> float:
    """Return the standard deviation h of the kernel, at least the width of a fine bin.

    Parameters
    ----------
    counts : (n + 2,) array
        Fine counts; the first and the last are those below and above all bins.
    edges : (n + 1,) array
        Equal fine bins.
    """
    low, high = (quantile(counts, edges, probability) for probability in (0.25, 0.75))
    rule = (0.8 / max(counts.sum(), 1)) ** (1 / 7) * (high - low) / 1.349
    return max(rule, float(edges[1] - edges[0]))


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
    width = edges[1] - edges[0]
    smooth = np.full((*counts.shape[:-1], len(edges) - 1), np.nan)
    for place in np.ndindex(counts.shape[:-1]):
        if (total := counts[place].sum()) > 0:
            h = bandwidth(counts[place], edges) / width
            share = counts[place][1:-1] / (total * width)
            smooth[place] = gaussian_filter1d(share, h, mode="constant", truncate=6)
    return smooth


def peak(counts: np.ndarray, edges: np.ndarray) -> float:
    """Return where :func:`density` is highest, interpolated; NaN without counts inside the edges.

    Parameters
    ----------
    counts : (n + 2,) array
        Fine counts; the first and the last are those below and above all bins.
    edges : (n + 1,) array
        Equal fine bins.
    """
    if not counts[1:-1].sum() > 0:
        return float("nan")
    smooth, width = density(counts, edges), edges[1] - edges[0]
    top = int(np.argmax(smooth))
    center = edges[top] + 0.5 * width
    if top in (0, len(smooth) - 1):
        return float(center)
    # A parabola through the logarithms of three values is exact for a Gaussian.
    left, middle, right = np.log(smooth[top - 1 : top + 2])
    curvature = left - 2 * middle + right
    return float(center + 0.5 * width * (left - right) / curvature if curvature < 0 else center)
