"""Counts of all interpretations of the paper at once: every form of the depth, every label.

A run is scored in every form of the depth (:mod:`softcage.interpretations.depth_forms`), and its
frames are counted for every label: window of p_hop, rule of who rearranges, threshold. Bins of the
depth are as wide as a power of two and begin at a whole multiple of that, so that counts of runs
whose depths spread differently add up without loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import h5py
import numpy as np
from numba import njit

from softcage.dynamics.labels import RULES, labels
from softcage.io.hdf5 import open_hdf5
from softcage.statistics import merge

#: The rules of :data:`softcage.dynamics.labels.RULES` that say who rearranges: of all frames above
#: p_c, then of those that begin an event.
ASKED_LAGS = ("0", "half_window", "onset", "before_onset")
BINS = 512
_FINENESS = 32  # bins in a standard deviation, at least half as many
# Time blocks of a run that are counted apart, and groups of blocks that the jackknife leaves out.
PARTS = 4
GROUPS = 8


# ---------------------------------------------------------------- counting a run
def labels_of_frame(
    hops: h5py.File, windows: Sequence[float], frame: int, thresholds: np.ndarray
) -> np.ndarray:
    """Return who rearranges, for the structure at one frame.

    Parameters
    ----------
    hops : h5py.File
        :func:`softcage.dynamics.hops.write_p_hop`.
    windows : sequence of float
    frame : int
    thresholds : (n,) array
        Of p_hop; nobody is above NaN.

    Returns
    -------
    (n_windows, n_lags, 1 + n, n_particles) bool array
        By the rules :data:`ASKED_LAGS`. First who counts: everybody, or nobody where p_hop is not
        known; then, for each threshold, who rearranges.
    """
    n = next(iter(hops.values()))["p_hop"].shape[1]
    found = np.zeros((len(windows), len(ASKED_LAGS), 1 + len(thresholds), n), dtype=bool)
    for of_window, window in zip(found, windows, strict=True):
        group = hops[f"dt{window:g}"]
        frames, times = group["frame"], group["time"]
        if len(frames) < 2:
            continue
        half = round(0.5 * window / (times[1] - times[0]))
        for place, lag in enumerate(ASKED_LAGS):
            row = frame - frames[0] + (half if RULES[lag].earlier else 0)
            if not 1 <= row < len(frames):  # whether an event starts is not known
                continue
            moving = group["p_hop"][row - 1 : row + 1][:, None] > thresholds[:, None]
            _, _, positive = labels(moving.reshape(2, -1), lag, half)
            of_window[place, 0] = True
            of_window[place, 1:] = positive[-1].reshape(moving.shape[1:])
    return found


@njit(cache=True)
def count_particles(
    depth: np.ndarray, first: np.ndarray, width: np.ndarray, label: np.ndarray, counts: np.ndarray
) -> None:
    """Add the particles of one frame to counts (series, bins, labels).

    depth (series, n) is binned with ``width`` from ``first`` times it on; label is (n, labels).
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
    """Count frames in bins that suit the first of them.

    Parameters
    ----------
    store : h5py.Group
        Gets ``counts`` (parts, series, windows, lags, 1 + thresholds, bins) int32; ``first``
        and ``exponent`` (series): bins are 2^exponent wide and begin at ``first`` times that, and
        what lies outside is counted in the first or last of them.
    scored : iterable of (place, depth, labels)
        Place of the frame among all, from 0 on; depth of its particles in each series, (n_series,
        n); :func:`labels_of_frame`.
    n_frames : int
        Cut into at most ``PARTS`` parts; without frames there are none.
    series : (int, int)
        Numbers of delta and of forms.

    Returns
    -------
    int
        Frames that were counted.
    """
    parts, done = min(PARTS, n_frames), 0
    counts = np.zeros((0, *series, 0), dtype=np.int32)
    first = exponent = np.zeros(series, dtype=np.int64)
    for place, depth, label in scored:
        if not done:
            spread = np.maximum(depth.std(axis=1), 1e-6)
            exponent = np.ceil(np.log2(spread / _FINENESS)).astype(np.int64)
            first = np.floor(depth.mean(axis=1) / 2.0**exponent).astype(np.int64) - BINS // 2
            found = np.zeros((parts, len(depth), BINS, label[..., 0].size), dtype=np.int32)
        who = np.ascontiguousarray(label.reshape(-1, label.shape[-1]).T)
        depth = np.ascontiguousarray(depth, dtype=float)
        count_particles(depth, first, 2.0**exponent, who, found[place * parts // n_frames])
        done += 1
    if done:
        counts = found.swapaxes(2, 3).reshape(parts, *series, *label.shape[:-1], BINS)
    packed = {"compression": 1, "chunks": (1, 1, 1, *counts.shape[3:])} if counts.size else {}
    store.create_dataset("counts", data=counts, **packed)
    store["first"], store["exponent"] = first.reshape(series), exponent.reshape(series)
    return done


# ---------------------------------------------------------------- all runs of one series
@dataclass(frozen=True, eq=False)
class Counted:
    """Counts of one series below the edges of its bins, all temperatures.

    Attributes
    ----------
    temperatures : (n_T,) array
        From the lowest on.
    edges : (n + 1,) array
        Of the bins of the depth.
    below : (samples, n_T, windows, lags, 1 + thresholds, n + 1) array
        Sample 0 has all blocks, the others lack one group of them each.
    """

    temperatures: np.ndarray
    edges: np.ndarray
    below: np.ndarray

    @property
    def everyone(self) -> np.ndarray:
        """(samples, n_T, n) counts of all particles, first window and lag."""
        return np.diff(self.below[:, :, 0, 0, 0])

    def at(self, depth: np.ndarray) -> np.ndarray:
        """Counts below depths that are the same for all samples and temperatures, (..., m)."""
        x = np.interp(depth, self.edges, np.arange(len(self.edges)))
        i = np.minimum(x.astype(int), len(self.edges) - 2)
        return self.below[..., i] * (1 - (x - i)) + self.below[..., i + 1] * (x - i)

    def share_below(self, depth: np.ndarray) -> np.ndarray:
        """Shares below depths (samples, n_T): (samples, n_T, windows, lags, 1 + thresholds)."""
        x = np.interp(np.nan_to_num(depth), self.edges, np.arange(len(self.edges)))
        i = np.minimum(x, len(self.edges) - 2).astype(int)
        s, t = np.indices(i.shape)
        low, high = (np.moveaxis(self.below, -1, 2)[s, t, k] for k in (i, i + 1))
        part = (x - i)[..., None, None, None]
        total = self.below[..., -1]
        share = (low * (1 - part) + high * part) / np.where(total > 0, total, np.nan)
        return np.where(np.isfinite(depth)[..., None, None, None], share, np.nan)

    def quantile(self, probability: float) -> float:
        """Depth below which this share of all particles of the lowest temperature lies."""
        below = self.below[0, 0, 0, 0, 0]
        return float(np.interp(probability * below[-1], below, self.edges))


def read_counts(
    files: Mapping[float, Sequence[str]], kind: str, place: tuple[int, int]
) -> Counted | None:
    """Read the counts of one series of all runs and line up their bins.

    Parameters
    ----------
    files : mapping
        Temperature to the files of its runs, from the lowest on.
    kind : str
        Group of the files: whose positions.
    place : (int, int)
        Of delta and form.

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
    every = [run for some in runs.values() for run in some]
    widest = max(exponent for *_, exponent in every)
    starts = [first >> (widest - exponent) for _, first, exponent in every]
    begin, stop = min(starts), max(starts) + BINS + 1
    groups = max(1, min(GROUPS, *(sum(len(run[0]) for run in some) for some in runs.values())))
    totals = []
    for some in runs.values():
        lined = []
        for counts, first, exponent in some:
            bins = ((first + np.arange(BINS)) >> (widest - exponent)) - begin
            starting = np.flatnonzero(np.diff(bins, prepend=-1))
            wide = np.zeros((*counts.shape[:-1], stop - begin))
            wide[..., bins[starting]] = np.add.reduceat(counts, starting, axis=-1)
            lined.append(wide)
        blocks = merge(np.concatenate(lined), groups)
        totals.append(np.concatenate([blocks.sum(axis=0)[None], blocks.sum(axis=0) - blocks]))
    counts = np.stack(totals, axis=1)
    edges = 2.0**widest * np.arange(begin, stop + 1)
    below = np.concatenate([np.zeros_like(counts[..., :1]), np.cumsum(counts, axis=-1)], axis=-1)
    return Counted(np.array(list(files)), edges, below)
