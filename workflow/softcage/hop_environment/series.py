"""Softness and hops of one run on common rows.

Events and controls are those of :func:`softcage.dynamics.labels.events_and_controls`. p_hop at t
depends on the positions from t - Dt/2 to t + Dt/2. The hop itself thus takes place within Dt/2
*after* the row of its event, and the structure before this row is the structure before the hop.
"""

from __future__ import annotations

from dataclasses import dataclass

import h5py
import numpy as np

from softcage.cage.calibration import with_softest

#: Approximate number of rows in a hop window: hops are no sharper; files have three times as many.
ROWS = 10
_SLAB = 128  # rows read at once


@dataclass(frozen=True, eq=False)
class HopSeries:
    """One run on evenly spaced rows.

    Attributes
    ----------
    frames : (F,) int64 array
        Frame of the uniform stream for each row.
    interval : float
        Time between rows.
    half : int
        Half a hop window in rows, at least 1.
    softness : (F, n) float32 array
        Softness of every A particle.
    moving : (F, n) bool array
        Whether p_hop > p_c at the frame of the row or at a later frame before the next row.
    known : bool
        Whether p_c is known; otherwise ``moving`` is False everywhere.
    """

    frames: np.ndarray
    interval: float
    half: int
    softness: np.ndarray
    moving: np.ndarray
    known: bool = True


def read_series(scores: h5py.Group, hops: h5py.Group, window: float, rows: int = ROWS) -> HopSeries:
    """Read the rows that have both a softness and p_hop, for one hop window.

    Parameters
    ----------
    scores : h5py group
        With ``uniform/frame`` and ``uniform/softness``.
    hops : h5py group
        With ``dt{window}/frame``, ``/time`` and ``/p_hop``, and p_c as an attribute.
    window : float
        The hop window Dt.
    rows : int
        Approximate number of rows in a window; the frames between them are used for ``moving``
        only.

    Raises
    ------
    ValueError
        If the frames that have both span fewer than three windows.
    """
    group, scored = hops[f"dt{window:g}"], scores["uniform/frame"][:]
    with_hops = group["frame"][:]
    both = np.intersect1d(scored, with_hops)
    times = group["time"][:][np.searchsorted(with_hops, both)]
    if len(both) < 3 or times[-1] - times[0] < 3 * window:
        raise ValueError(
            f"the {len(both)} frames with both softness and p_hop span fewer than three hop "
            f"windows of {window:g}: use longer runs or a shorter dynamics.hop_window"
        )
    interval = (times[-1] - times[0]) / (len(times) - 1)
    step = max(1, round(window / rows / interval))
    frames = both[::step]
    first = np.searchsorted(scored, frames[0])
    starts = np.searchsorted(with_hops, frames)
    ends = [*starts[1:], len(with_hops)]
    moving = [
        np.logical_or.reduceat(
            group["p_hop"][starts[k] : ends[min(k + _SLAB, len(frames)) - 1]] > group.attrs["p_c"],
            starts[k : k + _SLAB] - starts[k],
        )
        for k in range(0, len(frames), _SLAB)
    ]
    return HopSeries(
        frames=frames,
        interval=step * interval,
        half=max(1, round(0.5 * window / (step * interval))),
        softness=with_softest(scores["uniform/softness"][first::step][: len(frames)]),
        moving=np.concatenate(moving),
        known=bool(np.isfinite(group.attrs["p_c"])),
    )


def trailing_mean(values: np.ndarray, n: int) -> np.ndarray:
    """Return the mean over each row and the ``n - 1`` rows before it; NaN where there are fewer."""
    mean = np.full_like(values, np.nan)
    total = mean[n - 1 :]
    total[:] = 0.0
    for k in range(n):
        total += values[k : len(values) - n + 1 + k]
    total /= n
    return mean
