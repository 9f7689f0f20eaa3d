"""The hop indicator p_hop of Candelier et al.; values above a threshold mark rearrangements.

p_hop is computed as a stream, chunk by chunk: memory is needed for the frames of the longest window
only. Running sums are carried from frame to frame, so that the cost of a frame does not depend on
the window and is much smaller than that of reading the frame from disk.
:mod:`softcage.dynamics.labels` derives from p_hop which particles rearrange.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import h5py
import numpy as np
import pandas as pd
from numba import prange

from softcage.compiled.decorator import kernel
from softcage.dynamics.labels import EventStream
from softcage.io.arrays import append, growing
from softcage.io.progress import Progress
from softcage.io.trajectory import Trajectory

_CHUNK = 64  # frames read at once, held in memory in addition to those of a window
# Coordinates that a thread works on at once, few enough that their sums stay in the L1 cache.
_BLOCK = 384


def p_hop(positions: np.ndarray, half: int) -> np.ndarray:
    r"""Return p_hop of every particle at every frame with a full window on both sides.

    .. math:: p_{hop}(i,t) = \sqrt{\langle(r_i - \langle r_i\rangle_U)^2\rangle_V
              \langle(r_i - \langle r_i\rangle_V)^2\rangle_U}

    U are the frames of [t - Dt/2, t] and V those of [t, t + Dt/2], ends included. p_hop is a
    squared length. (Eq. 2 of the paper has one square root too many: in its printed form every
    caged particle would exceed p_c.) With the variances of U and V and the distance d of their
    means, p_hop^2 = (var_U + d^2)(var_V + d^2), which running sums give in O(1) per frame and
    particle.

    Parameters
    ----------
    positions : (F, n, 3) array
        Unwrapped, evenly spaced in time.
    half : int
        Dt / 2 in frames, at least 1.

    Returns
    -------
    (F - 2 half, n) float64 array
        p_hop of the frames ``half`` to ``F - half - 1``; no rows if there are too few frames.

    Raises
    ------
    ValueError
        If ``half`` is less than one frame.
    """
    chunks = iter([(np.arange(len(positions)), positions)])
    values = [part for _, _, part in stream_p_hop(chunks, [half])]
    return values[0] if values else np.empty((0, positions.shape[1]))


def stream_p_hop(
    chunks: Iterable[tuple[np.ndarray, np.ndarray]], halves: Sequence[int]
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield p_hop for several windows from one pass over the frames.

    The running sums are those of displacements from the first frame, in float64. Their rounding
    error is about 1e-16 of the squared displacement, which is negligible compared with the variance
    in a cage in any run of a liquid.

    Parameters
    ----------
    chunks : iterable of (frame_indices (k,), positions (k, n, 3))
        Consecutive frames, unwrapped.
    halves : sequence of int
        Dt / 2 of each window in frames, at least 1.

    Yields
    ------
    tuple
        Index into ``halves``, frames (m,) and p_hop (m, n), as soon as the window is complete on
        both sides. For each window every frame comes once, in ascending order.

    Raises
    ------
    ValueError
        If a window is less than one frame on either side.
    """
    for half in halves:
        if half < 1:
            raise ValueError(
                f"half a hop window is {half} frames: use a longer window or more frames"
            )
    keep = 2 * max(halves, default=1) + 1
    done, ring = 0, np.empty((0, 0))
    for indices, positions in chunks:
        positions = np.asarray(positions, dtype=np.float64).reshape(len(indices), -1)
        k, width = positions.shape
        if not done:
            origin = positions[0].copy()
            # Sums and sums of squares of U, then of V.
            sums = [np.zeros((4, width)) for _ in halves]
            ring, numbers = np.empty((0, width)), np.empty(0, dtype=np.int64)
        if len(ring) < keep + k:
            ring, numbers = (_grown(a, done, keep + k) for a in (ring, numbers))
        slots = np.arange(done, done + k) % len(ring)
        ring[slots], numbers[slots] = positions, indices
        for place, half in enumerate(halves):
            first = max(done, 2 * half)
            values = np.empty((max(done + k - first, 0), width // 3))
            _advance(ring, done, done + k, half, origin, sums[place], values)
            if len(values):
                frames = numbers[(np.arange(first, done + k) - half) % len(ring)]
                yield place, frames, values
        done += k


def _grown(ring: np.ndarray, done: int, size: int) -> np.ndarray:
    """Return a longer ring buffer that holds the frames of ``ring`` at their new places."""
    longer = np.empty((size, *ring.shape[1:]), dtype=ring.dtype)
    kept = np.arange(max(done - len(ring), 0), done)
    if len(kept):
        longer[kept % size] = ring[kept % len(ring)]
    return longer


@kernel(parallel=True)
def _advance(ring, begin, end, half, origin, sums, values):
    """Add frames begin..end of ``ring`` (frame f is at f % length) to ``sums`` (4, 3 n).

    p_hop is written to ``values``. Frame f completes the windows around f - half: U = [f - 2 half,
    f - half], V = [f - half, f].
    """
    length, width = ring.shape
    w, first = half + 1.0, max(begin, 2 * half)
    scale = 1.0 / w**2
    n_blocks = (width + _BLOCK - 1) // _BLOCK
    for block in prange(n_blocks):
        low, high = np.uintp(block * _BLOCK), np.uintp(min((block + 1) * _BLOCK, width))
        before, after = np.empty(_BLOCK), np.empty(_BLOCK)
        for f in range(begin, end):
            new, middle = f % length, (f - half) % length
            if f <= half:
                for c in range(low, high):
                    a = ring[new, c] - origin[c]
                    sums[0, c] += a
                    sums[1, c] += a * a
            if half <= f <= 2 * half:
                for c in range(low, high):
                    a = ring[new, c] - origin[c]
                    sums[2, c] += a
                    sums[3, c] += a * a
            if f > 2 * half:
                out_u, out_v = (f - 2 * half - 1) % length, (f - half - 1) % length
                for c in range(low, high):
                    a, b = ring[middle, c] - origin[c], ring[out_u, c] - origin[c]
                    sums[0, c] += a - b
                    sums[1, c] += a * a - b * b
                    a, b = ring[new, c] - origin[c], ring[out_v, c] - origin[c]
                    sums[2, c] += a - b
                    sums[3, c] += a * a - b * b
            if f >= 2 * half:
                # w^2 times the variances and d^2: one division per particle, not four per axis.
                for c in range(low, high):
                    u, v = sums[0, c], sums[2, c]
                    d2 = (u - v) ** 2
                    before[c - low] = w * sums[1, c] - u * u + d2
                    after[c - low] = w * sums[3, c] - v * v + d2
                for i in range(low // np.uintp(3), high // np.uintp(3)):
                    k = np.uintp(3) * i - low
                    p = before[k] + before[k + np.uintp(1)] + before[k + np.uintp(2)]
                    q = after[k] + after[k + np.uintp(1)] + after[k + np.uintp(2)]
                    values[f - first, i] = np.sqrt(max(p, 0.0) * max(q, 0.0)) * scale


def write_p_hop(
    store: h5py.Group,
    uniform: Trajectory,
    windows: Sequence[float],
    p_c: float,
    tagged: int = 0,
) -> pd.DataFrame:
    """Write p_hop of every particle of a species for several windows, in one pass over the frames.

    Each window gets a group ``dt{window}`` with ``p_hop`` (frames, n) float32, the ``frame`` and
    ``time`` of each row, and the attributes ``p_c`` and ``window``. A window longer than the run
    gives no frames.

    Parameters
    ----------
    store : h5py.Group
    uniform : Trajectory
        Evenly spaced frames.
    windows : sequence of float
        Dt of each window; half of it is a whole number of frames.
    p_c : float
        Threshold of p_hop; NaN if it is not known, which gives no rearrangements.
    tagged : int
        The species.

    Returns
    -------
    DataFrame
        The rearrangements of each window, as from :func:`softcage.dynamics.labels.events`, with an
        additional column ``window``.
    """
    chosen, interval = uniform.species == tagged, uniform.times[1] - uniform.times[0]
    n = int(np.count_nonzero(chosen))
    groups = [store.create_group(f"dt{window:g}") for window in windows]
    for group, window in zip(groups, windows, strict=True):
        group.attrs.update(p_c=p_c, window=float(window))
        growing(group, "p_hop", n)
    frames: list[list[np.ndarray]] = [[np.empty(0, dtype=np.int64)] for _ in windows]
    streams = [EventStream(n, p_c) for _ in windows]
    progress = Progress(uniform.n_frames, "frames")

    def frames_of_species() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for index, positions in uniform.chunks(_CHUNK):
            yield index, positions[:, chosen]
            progress.update(int(index[-1]) + 1, "p_hop")

    halves = [round(0.5 * window / interval) for window in windows]
    for place, index, values in stream_p_hop(frames_of_species(), halves):
        values = values.astype(np.float32)  # so that the events are those of the numbers on disk
        append(groups[place]["p_hop"], values)
        frames[place].append(index)
        streams[place].add(values, uniform.times[index])
    for group, parts in zip(groups, frames, strict=True):
        group["frame"] = np.concatenate(parts)
        group["time"] = uniform.times[group["frame"][:]]
    tables = [
        stream.table().assign(window=float(window))
        for stream, window in zip(streams, windows, strict=True)
    ]
    return pd.concat(tables, ignore_index=True)


def moving_share(p_hop: h5py.Dataset, p_c: float) -> float:
    """Return the share of p_hop values above ``p_c``; NaN without frames or if ``p_c`` is NaN."""
    if np.isnan(p_c) or not p_hop.size:
        return np.nan
    above = [np.count_nonzero(p_hop[k : k + _CHUNK] > p_c) for k in range(0, len(p_hop), _CHUNK)]
    return sum(above) / p_hop.size


def track_of_example(group: h5py.Group, table: pd.DataFrame) -> pd.DataFrame:
    """Return p_hop(t) of the particle that :func:`representative` chooses.

    Parameters
    ----------
    group : h5py group
        Of one window, as :func:`write_p_hop` writes it.
    table : DataFrame
        The events of this window.

    Returns
    -------
    DataFrame
        Columns time, p_hop, p_c and particle, its number among those of its species.
    """
    particle = representative(table)
    track = pd.DataFrame({"time": group["time"][:], "p_hop": group["p_hop"][:, particle]})
    return track.assign(p_c=group.attrs["p_c"], particle=particle)


def representative(table: pd.DataFrame, fewest: int = 2, most: int = 5) -> int:
    """Return a particle that rearranges a few times, chosen by a rule and not by eye.

    Among the particles with ``fewest`` to ``most`` events it is the median one by its largest
    p_hop. If there is none, it is chosen among those with 1 to ``most`` events, and then among all
    particles with events. Without any events the particle is 0.

    Parameters
    ----------
    table : DataFrame
        Events from :func:`softcage.dynamics.labels.events`.
    fewest, most : int
    """
    counts = table.groupby("particle").size()
    for low, high in ((fewest, most), (1, most), (1, counts.max() if len(counts) else 1)):
        particles = counts.index[(counts >= low) & (counts <= high)]
        if len(particles):
            events_of = table[table["particle"].isin(particles)].groupby("particle")
            largest = events_of["p_hop_max"].max().sort_values(kind="stable")
            return int(largest.index[len(largest) // 2])
    return 0
