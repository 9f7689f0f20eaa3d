"""Steps at which frames are taken: uniform frames, and log-spaced blocks with many origins."""

from __future__ import annotations

import numpy as np

from softcage.sampling import log_spaced


def uniform_steps(total: int, stride: int) -> np.ndarray:
    """Return the steps 0, stride, 2 stride, ... up to ``total``, int64."""
    return np.arange(0, total + 1, stride, dtype=np.int64)


def log_lags(period: int, per_decade: int = 10) -> np.ndarray:
    """Return lags 0, 1, 2, 3, 4, 5, 6, 8, 10, ... up to and including ``period``, in steps,
    int64.
    """
    return np.unique(np.concatenate([[0], log_spaced(period, per_decade), [period]]))


def log_steps(total: int, period: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the frames of consecutive log-spaced blocks.

    Every block begins at a multiple of ``period``, and its frames follow at :func:`log_lags`. The
    last frame is the origin of the next block; frames are shared, not repeated.

    Parameters
    ----------
    total : int
        Number of steps of the run.
    period : int
        Number of steps from one origin to the next; a run that is shorter is one short block.

    Returns
    -------
    steps, block, lag : (F,) int64 arrays
        Step of each frame, number of its block, and steps since the origin of that block.
    """
    period = min(period, total)
    lags = log_lags(period)[:-1]
    origins = np.arange(0, total, period)
    block, lag = np.repeat(np.arange(len(origins)), len(lags)), np.tile(lags, len(origins))
    steps = origins[block] + lag
    inside = steps <= total
    steps, block, lag = steps[inside], block[inside], lag[inside]
    if total % period == 0:  # the end of the last block is the origin of one that is not run
        steps, block, lag = (
            np.append(column, end)
            for column, end in ((steps, total), (block, total // period), (lag, 0))
        )
    return steps, block, lag
