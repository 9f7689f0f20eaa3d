"""Rearrangements: p_hop of Candelier et al., and the events it marks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numba import njit, prange


def p_hop(positions: np.ndarray, half: int) -> np.ndarray:
    r"""Return p_hop of every particle at every frame with a full window on both sides.

    .. math:: p_{hop}(i,t) = \sqrt{\langle(r_i - \langle r_i\rangle_U)^2\rangle_V
              \langle(r_i - \langle r_i\rangle_V)^2\rangle_U}

    with U the frames of [t - Dt/2, t] and V those of [t, t + Dt/2], both with their ends: a
    squared length. (Eq. 2 of the paper carries one square root too many: in its printed form every
    caged particle would exceed p_c.) With the variances of U and V and d, the distance of their
    means, p_hop^2 = (var_U + d^2)(var_V + d^2): running sums make it O(1) a frame and particle.

    Parameters
    ----------
    positions : (F, n, 3) array
        Unwrapped, evenly spaced in time.
    half : int
        Dt / 2 in frames, at least 1.

    Returns
    -------
    (F - 2 half, n) float64 array
        Of frames ``half`` to ``F - half - 1``; without rows if the frames are too few.

    Raises
    ------
    ValueError
        If ``half`` is less than one frame.
    """
    if half < 1:
        raise ValueError(f"half a hop window is {half} frames: use a longer window or more frames")
    frames, n = positions.shape[:2]
    result = np.empty((max(frames - 2 * half, 0), n))
    if len(result):
        _p_hop(np.ascontiguousarray(positions, dtype=np.float64), half, result)
    return result


@njit(cache=True, parallel=True)
def _p_hop(positions, half, result):
    frames, n = positions.shape[:2]
    w = half + 1
    for i in prange(n):
        # Sums of r - r(first frame) and of its square, so that nothing large cancels.
        u, v = np.zeros(3), np.zeros(3)
        u2 = v2 = 0.0
        for k in range(w):
            for d in range(3):
                a = positions[k, i, d] - positions[0, i, d]
                b = positions[half + k, i, d] - positions[0, i, d]
                u[d] += a
                v[d] += b
                u2 += a * a
                v2 += b * b
        for t in range(half, frames - half):
            var_u, var_v, d2 = u2 / w, v2 / w, 0.0
            for d in range(3):
                mu, mv = u[d] / w, v[d] / w
                var_u -= mu * mu
                var_v -= mv * mv
                d2 += (mu - mv) ** 2
            result[t - half, i] = np.sqrt(max(var_u + d2, 0.0) * max(var_v + d2, 0.0))
            if t + 1 < frames - half:
                for d in range(3):
                    origin = positions[0, i, d]
                    a = positions[t - half, i, d] - origin
                    b = positions[t + 1, i, d] - origin
                    c = positions[t, i, d] - origin
                    e = positions[t + 1 + half, i, d] - origin
                    u[d] += b - a
                    u2 += b * b - a * a
                    v[d] += e - c
                    v2 += e * e - c * c


def stream_p_hop(
    chunks: Iterator[tuple[np.ndarray, np.ndarray]], half: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield ``(frames, p_hop)`` chunk by chunk, keeping ``2 half`` frames between chunks.

    Parameters
    ----------
    chunks : iterator of (frame_indices, positions (k, n, 3))
        Consecutive frames.
    half : int
        Dt / 2 in frames.
    """
    kept_frames = kept = None
    for frames, positions in chunks:
        if kept is not None:
            frames = np.concatenate([kept_frames, frames])
            positions = np.concatenate([kept, positions])
        values = p_hop(positions, half)
        if len(values):
            yield frames[half : len(frames) - half], values
            frames, positions = frames[len(values) :], positions[len(values) :]
        kept_frames, kept = frames, positions


def events(values: np.ndarray, times: np.ndarray, p_c: float) -> pd.DataFrame:
    """Return the rearrangements: maximal runs of frames with p_hop above ``p_c``.

    Parameters
    ----------
    values : (F, n) array
    times : (F,) array
    p_c : float

    Returns
    -------
    DataFrame
        Columns particle, start_time, end_time, peak_time, p_hop_max; by particle, then time.
    """
    above = np.zeros((len(values) + 2, values.shape[1]), dtype=np.int8)
    above[1:-1] = values > p_c
    change = np.diff(above, axis=0)
    particle, begin = np.nonzero(change.T == 1)
    end = np.nonzero(change.T == -1)[1] - 1
    peak = np.array(
        [b + np.argmax(values[b : e + 1, i]) for i, b, e in zip(particle, begin, end, strict=True)],
        dtype=int,
    )
    return pd.DataFrame(
        {
            "particle": particle,
            "start_time": times[begin],
            "end_time": times[end],
            "peak_time": times[peak],
            "p_hop_max": values[peak, particle],
        }
    )
