"""Counts for all interpretations of the paper: every form of the depth and every label.

The frames of a run are scored in every form of the depth
(:mod:`softcage.interpretations.depth_forms`) and counted for every label: window of p_hop, rule for
rearranging particles, threshold. The width of the bins of the depth is a power of two, and the bins
begin at an integer multiple of their width, so that counts of runs whose depths spread differently
can be added without loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import h5py
import numpy as np

from softcage.compiled.decorator import kernel
from softcage.dynamics.labels import RULES, labels
from softcage.io.hdf5 import open_hdf5
from softcage.statistics import merge

#: The rules of :data:`softcage.dynamics.labels.RULES` that are counted: those that use all frames
#: above p_c, then those that use the first frame of an event.
ASKED_LAGS = ("0", "half_window", "onset", "before_onset")
BINS = 512
_FINENESS = 32  # bins in a standard deviation: at most this many, at least half as many
# Number of time blocks of a run, and of groups of blocks that the jackknife leaves out in turn.
PARTS = 4
GROUPS = 8


# ---------------------------------------------------------------- counting a run
def labels_of_frame(
    hops: h5py.File, windows: Sequence[float], frame: int, thresholds: np.ndarray
) -> np.ndarray:
    """Return the labels of the particles that belong to the structure at one frame.

    Parameters
    ----------
    hops : h5py.File
        File written by :func:`softcage.dynamics.hops.write_p_hop`.
    windows : sequence of float
        Hop windows Dt.
    frame : int
        Number of the frame.
    thresholds : (n,) array
        Thresholds of p_hop; no particle exceeds NaN.

    Returns
    -------
    (n_windows, n_lags, 1 + n, n_particles) bool array
        The second axis are the rules :data:`ASKED_LAGS`. The first entry of the third axis says
        which particles count: all, or none where p_hop is not known. The other entries say which
        particles rearrange, for each threshold.
    """
    n = next(iter(hops.values()))["p_hop"].shape[1]
    out = np.zeros((len(windows), len(ASKED_LAGS), 1 + len(thresholds), n), dtype=bool)
    for of_window, window in zip(out, windows, strict=True):
        group = hops[f"dt{window:g}"]
        frames, times = group["frame"], group["time"]
        if len(frames) < 2:
            continue
        half = round(0.5 * window / (times[1] - times[0]))
        for place, lag in enumerate(ASKED_LAGS):
            row = frame - frames[0] + (half if RULES[lag].earlier else 0)
            if not 1 <= row < len(frames):  # whether an event begins is not known
                continue
            moving = group["p_hop"][row - 1 : row + 1][:, None] > thresholds[:, None]
            _, _, positive = labels(moving.reshape(2, -1), lag, half)
            of_window[place, 0] = True
            of_window[place, 1:] = positive[-1].reshape(moving.shape[1:])
    return out


@kernel
def count_particles(
    depth: np.ndarray, first: np.ndarray, width: np.ndarray, label: np.ndarray, counts: np.ndarray
) -> None:
    """Add the particles of one frame to ``counts`` (series, bins, labels).

    ``depth`` is (series, n) and ``label`` (n, labels). The bins begin at ``first`` times ``width``.
    """
    n, which = np.zeros(len(label), dtype=np.int64), np.empty(label.shape, dtype=np.int64)
    for i in range(len(label)):
        for k in range(label.shape[1]):
            which[i, n[i]] = k
            n[i] += label[i, k]
    for s in range(len(depth)):
        for i in range(len(label)):
            place = int(np.floor(depth[s, i] / width[s])) - first[s]
            place = min(max(place, 0), counts.shape[1] - 1)
            for k in range(n[i]):
                counts[s, place, which[i, k]] += 1


def write_counts(
    store: h5py.Group,
    scored: Iterable[tuple[int, np.ndarray, np.ndarray]],
    n_frames: int,
    series: tuple[int, int],
) -> int:
    """Count frames in bins that are chosen from the first of them.

    Parameters
    ----------
    store : h5py.Group
        Gets ``counts`` (parts, series, windows, lags, 1 + thresholds, bins) int32, and ``first``
        and ``exponent`` (series): the bins are 2^exponent wide and begin at ``first`` times this
        width. Values outside are counted in the first or the last bin.
    scored : iterable of (place, depth, labels)
        Index of the frame among all, from 0 on; depth of its particles in each series, (n_series,
        n); labels from :func:`labels_of_frame`.
    n_frames : int
        Number of frames. They are divided into at most ``PARTS`` parts.
    series : (int, int)
        Number of values of delta, and of forms.

    Returns
    -------
    int
        Number of frames that were counted.
    """
    parts, done = min(PARTS, n_frames), 0
    counts = np.zeros((0, *series, 0), dtype=np.int32)
    first = exponent = np.zeros(series, dtype=np.int64)
    for place, depth, label in scored:
        if not done:
            spread = np.maximum(depth.std(axis=1), 1e-6)
            exponent = np.ceil(np.log2(spread / _FINENESS)).astype(np.int64)
            first = np.floor(depth.mean(axis=1) / 2.0**exponent).astype(np.int64) - BINS // 2
            sums = np.zeros((parts, len(depth), BINS, label[..., 0].size), dtype=np.int32)
        flat_label = np.ascontiguousarray(label.reshape(-1, label.shape[-1]).T)
        depth = np.ascontiguousarray(depth, dtype=float)
        count_particles(depth, first, 2.0**exponent, flat_label, sums[place * parts // n_frames])
        done += 1
    if done:
        counts = sums.swapaxes(2, 3).reshape(parts, *series, *label.shape[:-1], BINS)
    packed = {"compression": 1, "chunks": (1, 1, 1, *counts.shape[3:])} if counts.size else {}
    store.create_dataset("counts", data=counts, **packed)
    store["first"], store["exponent"] = first.reshape(series), exponent.reshape(series)
    return done


# ---------------------------------------------------------------- all runs of one series
@dataclass(frozen=True, eq=False)
class Counted:
    """Cumulative counts of one series at the edges of its bins, for all temperatures.

    Attributes
    ----------
    temperatures : (n_T,) array
        From the lowest on.
    edges : (n + 1,) array
        Edges of the bins of the depth.
    below : (samples, n_T, windows, lags, 1 + thresholds, n + 1) array
        Counts below each edge. Sample 0 has all blocks; each other sample lacks one group of them.
    """

    temperatures: np.ndarray
    edges: np.ndarray
    below: np.ndarray

    @property
    def everyone(self) -> np.ndarray:
        """Counts of all particles in bins, first window and lag, (samples, n_T, n)."""
        return np.diff(self.below[:, :, 0, 0, 0])

    def at(self, depth: np.ndarray) -> np.ndarray:
        """Return counts below depths (m,) common to all samples and temperatures, (..., m)."""
        x = np.interp(depth, self.edges, np.arange(len(self.edges)))
        i = np.minimum(x.astype(int), len(self.edges) - 2)
        return self.below[..., i] * (1 - (x - i)) + self.below[..., i + 1] * (x - i)

    def share_below(self, depth: np.ndarray) -> np.ndarray:
        """Return the shares below depths (samples, n_T), by sample, T, window, lag, threshold."""
        x = np.interp(np.nan_to_num(depth), self.edges, np.arange(len(self.edges)))
        i = np.minimum(x, len(self.edges) - 2).astype(int)
        s, t = np.indices(i.shape)
        low, high = (np.moveaxis(self.below, -1, 2)[s, t, k] for k in (i, i + 1))
        part = (x - i)[..., None, None, None]
        total = self.below[..., -1]
        share = (low * (1 - part) + high * part) / np.where(total > 0, total, np.nan)
        return np.where(np.isfinite(depth)[..., None, None, None], share, np.nan)

    def quantile(self, probability: float) -> float:
        """Return the depth below which this share of all particles lies at the lowest T."""
        below = self.below[0, 0, 0, 0, 0]
        return float(np.interp(probability * below[-1], below, self.edges))


def read_counts(
    files: Mapping[float, Sequence[str]], kind: str, place: tuple[int, int]
) -> Counted | None:
    """Read the counts of one series for all runs, on common bins.

    Parameters
    ----------
    files : mapping
        Paths of the files of all runs by temperature, from the lowest on.
    kind : str
        Kind of positions, which is a group of the files.
    place : (int, int)
        Indices of delta and form.

    Returns
    -------
    Counted or None
        None if a temperature has no counts.
    """
    runs: dict[float, list] = {T: [] for T in files}
    for T, paths in files.items():
        for path in paths:
            with open_hdf5(path) as store:
                group = store[kind]
                if len(group["counts"]):
                    counts = group["counts"][(slice(None), *place)]
                    runs[T].append((counts, group["first"][place], group["exponent"][place]))
        if not runs[T]:
            return None
    all_runs = [run for runs_at_T in runs.values() for run in runs_at_T]
    widest = max(exponent for *_, exponent in all_runs)
    starts = [first >> (widest - exponent) for _, first, exponent in all_runs]
    begin, stop = min(starts), max(starts) + BINS + 1
    groups = max(
        1, min(GROUPS, *(sum(len(run[0]) for run in runs_at_T) for runs_at_T in runs.values()))
    )
    totals = []
    for runs_at_T in runs.values():
        on_common_bins = []
        for counts, first, exponent in runs_at_T:
            bins = ((first + np.arange(BINS)) >> (widest - exponent)) - begin
            starting = np.flatnonzero(np.diff(bins, prepend=-1))
            wide = np.zeros((*counts.shape[:-1], stop - begin))
            wide[..., bins[starting]] = np.add.reduceat(counts, starting, axis=-1)
            on_common_bins.append(wide)
        blocks = merge(np.concatenate(on_common_bins), groups)
        totals.append(np.concatenate([blocks.sum(axis=0)[None], blocks.sum(axis=0) - blocks]))
    counts = np.stack(totals, axis=1)
    edges = 2.0**widest * np.arange(begin, stop + 1)
    below = np.concatenate([np.zeros_like(counts[..., :1]), np.cumsum(counts, axis=-1)], axis=-1)
    return Counted(np.array(list(files)), edges, below)
