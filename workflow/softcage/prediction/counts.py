"""Does the structure now say who rearranges: distributions, shares, P_R and the ROC curve.

Everything is a function of two histograms, of all A particles and of those that rearrange. They are
counted once for each time block, in bins so fine that ranks survive, and blocks add up: the same
functions serve the estimate and its block bootstrap, and no particle is ever resampled.

The *soft side* of a distribution is that of high softness, or of low depth. A particle whose
1/S = c0 + c1 beta Phi is not positive has no softness (NaN); it is softer than any that has one
and is counted as such.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

#: When the structure is looked at, see :func:`labels`.
LAGS = ("0", "half_window", "onset", "ahead", "within")

# Each bin of the tables is counted in so many: ties within one change the AUC by about 1e-5.
SUB_BINS = 10
# Rows of a frame-by-particle array handled at once.
_SLAB = 256


# ---------------------------------------------------------------- counting
def bin_edges(start, stop, width):
    """Return the ``(n + 1,)`` edges of equal bins from ``start`` to about ``stop``.

    Raises
    ------
    ValueError
        If that is not at least two bins.
    """
    n = round((stop - start) / width)
    if n < 2:
        raise ValueError(f"bins of {width:g} from {start:g} to {stop:g}: fewer than two")
    return start + width * np.arange(n + 1)


def fine_edges(edges, sub_bins=SUB_BINS):
    """Return the edges of the fine bins: ``sub_bins`` in each of ``edges``."""
    n = (len(edges) - 1) * sub_bins
    return edges[0] + (edges[-1] - edges[0]) / n * np.arange(n + 1)


def fine_index(values, edges):
    """Return the fine bin of each value: 0 below all, ``len(edges)`` above all and for NaN.

    Parameters
    ----------
    values : array
        Softness or depth, any shape.
    edges : (n + 1,) array
        Equal fine bins, :func:`fine_edges`.

    Returns
    -------
    array of int16 (int32 for more than 32000 bins)
        Same shape, between 0 and n + 1.
    """
    n = len(edges) - 1
    position = (np.asarray(values, dtype=np.float64) - edges[0]) * (n / (edges[-1] - edges[0]))
    position = np.where(np.isnan(position), n, position)
    small = np.int16 if n <= 32000 else np.int32
    return (np.clip(np.floor(position), -1, n) + 1).astype(small)


def labels(moving, lag, half):
    r"""Say which particles count at each frame, and which of them rearrange.

    An event is a maximal run of frames with p_hop > p_c. p_hop at t looks at t -+ Dt/2, so that the
    structure at t is partly concurrent with the move; the variants say how much that matters.

    - ``0``: the structure at t, p_hop(t) > p_c (the paper's text).
    - ``half_window``: the structure at t - Dt/2, p_hop(t) > p_c.
    - ``onset``: the structure at the first frame of an event, against all particles at all frames.
    - ``ahead``: strictly predictive. Only particles without an event frame in [t - Dt/2, t];
      positive if an event starts in (t, t + Dt].
    - ``within``: all particles at t, moving or not; positive if an event starts in (t, t + Dt].

    Parameters
    ----------
    moving : (F, N) bool array
        p_hop > p_c on F consecutive frames.
    lag : str
        One of :data:`LAGS`.
    half : int
        Dt/2 in frames.

    Returns
    -------
    shift : int
        Frames from the row's own to the one whose structure is asked.
    eligible, positive : (F, N) bool array
        ``positive`` only where ``eligible``.

    Raises
    ------
    ValueError
        If ``lag`` is unknown.
    """
    moving = np.asarray(moving, dtype=bool)
    n_frames = len(moving)
    if lag in ("0", "half_window"):
        return (0 if lag == "0" else -half), np.ones_like(moving), moving
    eligible = np.zeros_like(moving)
    positive = np.zeros_like(moving)
    if lag == "onset":
        # Whether an event starts with the first frame cannot be known.
        eligible[1:] = True
        positive[1:] = moving[1:] & ~moving[:-1]
        return 0, eligible, positive
    if lag == "within":
        return 0, *_starts_within(moving, 2 * half)
    if lag != "ahead":
        raise ValueError(f"lag {lag!r} is unknown: one of {', '.join(LAGS)}")
    rows = np.arange(half, n_frames - 2 * half)
    for first in range(0, moving.shape[1], _SLAB):  # groups of particles, to bound the memory
        part = slice(first, first + _SLAB)
        before = np.zeros((n_frames + 1, moving[:, part].shape[1]), dtype=np.int32)
        np.cumsum(moving[:, part], axis=0, out=before[1:])
        caged = before[rows + 1] == before[rows - half]
        eligible[rows, part] = caged
        positive[rows, part] = caged & (before[rows + 2 * half + 1] > before[rows + 1])
    return 0, eligible, positive


def _starts_within(moving, span):
    """Rows with ``span`` frames behind them, and whether an event starts in those."""
    eligible, positive = np.zeros((2, *moving.shape), dtype=bool)
    rows = np.arange(len(moving) - span)
    eligible[rows] = True
    for first in range(0, moving.shape[1], _SLAB):
        part = slice(first, first + _SLAB)
        before = np.zeros((len(moving), moving[:, part].shape[1]), dtype=np.int32)
        np.cumsum(moving[1:, part] & ~moving[:-1, part], axis=0, out=before[1:])
        positive[rows, part] = before[rows + span] > before[rows]
    return eligible, positive


def block_counts(index, index_frames, frames, labelled, blocks, n_fine):
    """Count all and rearranging particles in fine bins, block by block.

    Parameters
    ----------
    index : (G, N) int array
        Fine bins of the structure, :func:`fine_index`.
    index_frames, frames : (G,), (F,) int array
        Frame numbers of the rows of ``index`` and of the labels; a label without a structure at
        its (shifted) frame is left out.
    labelled : tuple
        ``(shift, eligible, positive)`` of :func:`labels`.
    blocks : list of slice
        Time blocks of the F rows.
    n_fine : int
        Number of fine bins.

    Returns
    -------
    (n_blocks, 2, n_fine + 2) int64 array
        Counts of all and of rearranging, with the bins below and above all at the ends.
    """
    shift, eligible, positive = labelled
    rows = np.full(max(index_frames.max(initial=0), frames.max(initial=0)) + 1, -1)
    rows[index_frames] = np.arange(len(index_frames))
    wanted = frames + shift
    row_of = np.where(wanted >= 0, rows[np.maximum(wanted, 0)], -1)
    counts = np.zeros((len(blocks), 2, n_fine + 2), dtype=np.int64)
    for block, part in zip(counts, blocks, strict=True):
        present = np.arange(part.start, part.stop)[row_of[part] >= 0]
        for k in range(0, len(present), _SLAB):
            some = present[k : k + _SLAB]
            bins = index[row_of[some]]
            who = eligible[some]
            chosen = bins.ravel() if who.all() else bins[who]
            block[0] += np.bincount(chosen, minlength=n_fine + 2)
            block[1] += np.bincount(bins[positive[some]], minlength=n_fine + 2)
    return counts


# ---------------------------------------------------------------- from counts to numbers
def coarse(counts, sub_bins=SUB_BINS):
    """Return counts in the bins of the tables, without those below and above all."""
    inner = counts[..., 1:-1]
    return inner.reshape(*inner.shape[:-1], inner.shape[-1] // sub_bins, sub_bins).sum(axis=-1)


def rearranging_fraction(counts):
    """P_R(S): fraction of the particles of softness S at t that rearrange at t.

    Parameters
    ----------
    counts : (..., 2, n_bins) array
        Of all and of rearranging particles.

    Returns
    -------
    (..., n_bins) array
        NaN where there are no particles.
    """
    everyone, rearranging = counts[..., 0, :], counts[..., 1, :]
    return np.divide(rearranging, everyone, out=np.full(everyone.shape, np.nan), where=everyone > 0)


def densities(counts, width):
    """P(S) of all and of rearranging particles, (2, n_bins), from fine counts; NaN without any."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.divide(
        coarse(counts),
        total * width,
        out=np.full((*counts.shape[:-1], (counts.shape[-1] - 2) // SUB_BINS), np.nan),
        where=total > 0,
    )


def quantile(counts, edges, probability):
    """Return the value below which a share ``probability`` of the counts lies (linear in a bin)."""
    cumulative = np.cumsum(counts[:-1])
    return float(np.interp(probability * counts.sum(), cumulative, edges))


def mode(counts, edges):
    """Position of the peak of a distribution.

    The histogram is smoothed over 0.15 standard deviations (from the quartiles), and a cubic is
    fitted to the logarithm of the density where it exceeds half of its maximum: unlike the highest
    bin, this does not jump with the noise, and unlike a parabola it follows a skewed peak.

    Parameters
    ----------
    counts : (n + 2,) array
        Fine counts with those below and above all at the ends.
    edges : (n + 1,) array
        Equal fine bins.

    Returns
    -------
    float
        NaN without counts.
    """
    inner = np.asarray(counts[1:-1], dtype=float)
    if inner.sum() <= 0:
        return float("nan")
    width = edges[1] - edges[0]
    sd = (quantile(counts, edges, 0.75) - quantile(counts, edges, 0.25)) / 1.349
    smooth = gaussian_filter1d(inner, max(1.0, 0.15 * sd / width), mode="constant")
    top = int(np.argmax(smooth))
    low = high = top
    while low > 0 and smooth[low - 1] > 0.5 * smooth[top]:
        low -= 1
    while high < len(smooth) - 1 and smooth[high + 1] > 0.5 * smooth[top]:
        high += 1
    center = 0.5 * (edges[top] + edges[top + 1])
    if high - low < 4:
        return float(center)
    x = np.arange(low, high + 1) - top
    scale = max(1.0, (high - low) / 2)
    near = smooth[low : high + 1]
    a, b, c, _ = np.polyfit(x / scale, np.log(near), 3, w=np.sqrt(near))
    # Maximum of a x^3 + b x^2 + c x: the root of 3a x^2 + 2b x + c that goes to -c/2b with a -> 0.
    root = b * b - 3 * a * c
    if b >= 0 or root < 0:
        return float(center)
    x_max = c / (-b + np.sqrt(root)) * scale
    return float(center + width * np.clip(x_max, x[0], x[-1]))


def share_above(counts, edges, value):
    """Share of the counts above ``value`` (linear in a bin); NaN without counts."""
    total = counts.sum()
    if total == 0 or not np.isfinite(value):
        return float("nan")
    below = np.interp(value, edges, np.cumsum(counts[:-1]))
    return float(1.0 - below / total)


def roc_auc(positive, negative):
    r"""Area under the ROC curve from the histograms of a score.

    .. math:: AUC = P(s_+ > s_-) + \tfrac12 P(s_+ = s_-)

    Parameters
    ----------
    positive, negative : (n,) array
        Counts in bins of ascending score; those in one bin are ties.

    Returns
    -------
    float
        NaN if either is empty.
    """
    n_positive, n_negative = float(positive.sum()), float(negative.sum())
    if n_positive == 0 or n_negative == 0:
        return float("nan")
    lower = np.cumsum(negative) - 0.5 * negative
    return float(np.dot(positive, lower) / n_positive / n_negative)


#: What :func:`summarise` returns.
SUMMARY = ("peak", "share_all", "share_rearranging", "auc", "mean", "std")


def summarise(counts, edges, soft_is_high=True):
    """Peak of P, shares on its soft side, AUC, mean and standard deviation.

    Parameters
    ----------
    counts : (2, n + 2) array
        Fine counts of all and of rearranging particles.
    edges : (n + 1,) array
    soft_is_high : bool
        True for the softness, False for the depth.

    Returns
    -------
    (6,) array
        In the order of :data:`SUMMARY`. The AUC is that of the softness (of minus the depth) for
        rearranging against the rest; mean and standard deviation are of the particles in bins.
    """
    everyone, rearranging = counts
    peak = mode(everyone, edges)
    shares = [share_above(part, edges, peak) for part in counts]
    auc = roc_auc(rearranging, everyone - rearranging)
    if not soft_is_high:
        shares, auc = [1.0 - share for share in shares], 1.0 - auc
    centers = 0.5 * (edges[1:] + edges[:-1])
    inner = everyone[1:-1]
    if inner.sum() > 0:
        mean = np.average(centers, weights=inner)
        std = np.sqrt(np.average((centers - mean) ** 2, weights=inner))
    else:
        mean = std = np.nan
    return np.array([peak, *shares, auc, mean, std])
