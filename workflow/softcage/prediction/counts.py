"""Counts of all A particles and of those that rearrange, in bins of softness or depth.

Particles are counted for each time block, in bins so fine that ranks are preserved. Counts of
blocks can be added, so that :mod:`softcage.prediction.distributions` computes estimates and their
block bootstrap from the same counts, and no particle is resampled.

The *soft side* of a distribution is that of high softness, or of small depth. A particle whose
1/S = c0 + c1 beta Phi is not positive has no softness (NaN). It is counted as softer than all
others, for the reason given in :func:`softcage.cage.calibration.with_softest`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

import h5py
import numpy as np

from softcage.dynamics.labels import Labels, labels
from softcage.statistics import block_slices

QUANTITIES = ("softness", "depth")
#: The rules of :data:`softcage.dynamics.labels.RULES` that are counted.
LAGS = ("0", "half_window", "onset", "ahead", "within")

# Fine bins in each bin of the tables. Ties within a fine bin change the AUC by about 1e-5.
SUB_BINS = 10
# Rows of a frame-by-particle array handled at once.
_SLAB = 256

Counts = dict[tuple[float, str, str], np.ndarray]  # from count_run(): by window, lag and quantity


def bin_edges(start: float, stop: float, width: float) -> np.ndarray:
    """Return the ``(n + 1,)`` edges of equal bins from ``start`` to about ``stop``.

    Raises
    ------
    ValueError
        If these are fewer than two bins.
    """
    n = round((stop - start) / width)
    if n < 2:
        raise ValueError(
            f"bins of width {width:g} from {start:g} to {stop:g} are fewer than two: use a smaller "
            "width or a wider range"
        )
    return start + width * np.arange(n + 1)


# Of a sample whose values set the bins: bins between its quartiles, how far the bins reach beyond
# the quartiles, in units of their distance, and the quantiles that they need not exceed.
_BINS_IN_MIDDLE, _REACH, _ENDS = 6, 8.0, (0.0005, 0.9995)


def edges_of_sample(sample: np.ndarray) -> np.ndarray:
    """Return the ``(n + 1,)`` edges of equal bins for a distribution whose scale is not known.

    The width is 1, 2 or 5 times a power of ten, such that about six bins lie between the quartiles.
    Edges are multiples of it. All values are between them but for outliers, as a softness has where
    the line nearly gives 1/S = 0.

    Parameters
    ----------
    sample : (n,) array
        Finite values.
    """
    low, first, third, high = np.quantile(sample, [_ENDS[0], 0.25, 0.75, _ENDS[1]])
    middle = float(third - first) or 1e-3 * (abs(float(first)) or 1.0)  # all values are the same
    power = 10.0 ** np.floor(np.log10(middle / _BINS_IN_MIDDLE))
    width = power * min(step for step in (1, 2, 5, 10) if step * power >= middle / _BINS_IN_MIDDLE)
    start = np.floor(max(low, first - _REACH * middle) / width) - 1
    stop = np.ceil(min(high, third + _REACH * middle) / width) + 1
    return bin_edges(float(width * start), float(width * stop), float(width))


def fine_edges(edges: np.ndarray, sub_bins: int = SUB_BINS) -> np.ndarray:
    """Return the edges of the fine bins, ``sub_bins`` in each bin of ``edges``."""
    n = (len(edges) - 1) * sub_bins
    return edges[0] + (edges[-1] - edges[0]) / n * np.arange(n + 1)


def fine_index(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the fine bin of each value: 0 below all bins, ``len(edges)`` above all and for NaN.

    Parameters
    ----------
    values : array
        Softness or depth, any shape.
    edges : (n + 1,) array
        Edges of equal fine bins from :func:`fine_edges`.

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


def block_counts(
    index: np.ndarray,
    index_frames: np.ndarray,
    frames: np.ndarray,
    labelled: Labels,
    blocks: Sequence[slice],
    n_fine: int,
) -> np.ndarray:
    """Count all and rearranging particles in fine bins, block by block.

    Parameters
    ----------
    index : (G, N) int array
        Fine bins of the structure from :func:`fine_index`.
    index_frames, frames : (G,), (F,) int array
        Frame numbers of the rows of ``index`` and of the labels. Labels whose (shifted) frame has
        no structure are left out.
    labelled : tuple
        ``(shift, eligible, positive)`` from :func:`softcage.dynamics.labels.labels`.
    blocks : list of slice
        Time blocks of the F rows.
    n_fine : int
        Number of fine bins.

    Returns
    -------
    (n_blocks, 2, n_fine + 2) int64 array
        Counts of all and of rearranging particles; the first and the last bin are those below and
        above all others.
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
            rows_here = present[k : k + _SLAB]
            bins = index[row_of[rows_here]]
            is_eligible = eligible[rows_here]
            selected = bins.ravel() if is_eligible.all() else bins[is_eligible]
            block[0] += np.bincount(selected, minlength=n_fine + 2)
            block[1] += np.bincount(bins[positive[rows_here]], minlength=n_fine + 2)
    return counts


def coarse(counts: np.ndarray, sub_bins: int = SUB_BINS) -> np.ndarray:
    """Return counts in the bins of the tables, without those below and above all bins."""
    inner = counts[..., 1:-1]
    return inner.reshape(*inner.shape[:-1], inner.shape[-1] // sub_bins, sub_bins).sum(axis=-1)


def counts_name(window: float, quantity: str, lag: str = "0") -> str:
    """Return the name of these counts in the files of a study (``blocks.npz``)."""
    return f"dt{window:g}_{quantity}" + ("" if lag == "0" else f"_{lag}")


# ---------------------------------------------------------------- a run, in slabs of frames
def count_run(
    scores: h5py.Group,
    hops: h5py.Group,
    windows: Sequence[float],
    edges: Mapping[str, np.ndarray],
    n_blocks: int,
    slab: int = 128,
) -> tuple[Counts, int]:
    """Count the particles of one run for every hop window, lag and quantity.

    One slab of frames is in memory at a time, with the frames around it on which labels depend.

    Parameters
    ----------
    scores : h5py group
        With ``uniform/frame``, and ``uniform/softness`` and ``uniform/depth`` of these frames.
    hops : h5py group
        With ``dt{window}/frame``, ``/time`` and ``/p_hop``, and p_c as an attribute.
    windows : sequence of float
        Hop windows Dt.
    edges : mapping of quantity to (n + 1,) array
        Edges of the fine bins from :func:`fine_edges`.
    n_blocks : int
        Number of time blocks; fewer if there are fewer frames.
    slab : int
        Frames in a slab.

    Returns
    -------
    counts : dict
        :func:`block_counts` by (window, lag, quantity). The counts of rearranging particles are
        NaN if p_c is not known.
    n_invalid : int
        Number of NaN among the softness values in all frames of ``scores``.
    """
    group, scored = scores["uniform"], scores["uniform/frame"][:]
    n_fine = {quantity: len(edges[quantity]) - 1 for quantity in QUANTITIES}
    counts: Counts = {}
    for window in windows:
        p_hop, p_c = hops[f"dt{window:g}/p_hop"], hops[f"dt{window:g}"].attrs["p_c"]
        frames = hops[f"dt{window:g}/frame"][:]
        half = _half_window(hops[f"dt{window:g}/time"][:], window)
        blocks = block_slices(len(frames), min(n_blocks, len(frames))) if len(frames) else []
        for lag, quantity in itertools.product(LAGS, QUANTITIES):
            shape = (len(blocks), 2, n_fine[quantity] + 2)
            counts[window, lag, quantity] = np.zeros(shape, dtype=np.int64)
        for b, begin, end in _slabs(blocks, slab):
            # Labels need the structure at their frame or half a window before.
            near = np.searchsorted(scored, [frames[begin] - half, frames[end - 1] + 1])
            rows = slice(*near.tolist())
            bins = {name: fine_index(group[name][rows], edges[name]) for name in QUANTITIES}
            for lag, labelled in _labels_of(p_hop, p_c, half, slice(begin, end)):
                for quantity in QUANTITIES:
                    counts[window, lag, quantity][b] += block_counts(
                        bins[quantity],
                        scored[rows],
                        frames[begin:end],
                        labelled,
                        [slice(0, end - begin)],
                        n_fine[quantity],
                    )[0]
        if np.isnan(p_c):  # it is not known which particles rearrange
            for lag, quantity in itertools.product(LAGS, QUANTITIES):
                counts[window, lag, quantity] = counts[window, lag, quantity].astype(float)
                counts[window, lag, quantity][:, 1] = np.nan
    starts = range(0, len(scored), _SLAB)
    return counts, sum(int(np.isnan(group["softness"][k : k + _SLAB]).sum()) for k in starts)


def _half_window(times: np.ndarray, window: float) -> int:
    """Return half of a hop window in frames."""
    interval = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else window / 2
    return round(window / 2 / interval)


def _slabs(blocks: Sequence[slice], size: int) -> Iterator[tuple[int, int, int]]:
    """Yield pieces of at most ``size`` frames of each block: (block, begin, end)."""
    for b, block in enumerate(blocks):
        for begin in range(block.start, block.stop, size):
            yield b, begin, min(begin + size, block.stop)


def _labels_of(
    p_hop: h5py.Dataset, p_c: float, half: int, part: slice
) -> Iterator[tuple[str, Labels]]:
    """Yield the labels of the frames ``part`` for each lag, from all p_hop that they need."""
    first = max(part.start - max(half, 1), 0)
    moving = p_hop[first : part.stop + 2 * half] > p_c
    here = slice(part.start - first, part.stop - first)
    for lag in LAGS:
        shift, eligible, positive = labels(moving, lag, half)
        yield lag, (shift, eligible[here], positive[here])
