"""Depth and softness of one species in all frames of a run, as arrays.

They are written while the run is read, so that memory does not grow with the number of frames.
"""

from __future__ import annotations

from collections.abc import Iterator

import h5py
import numpy as np

from softcage.box import Box
from softcage.cage.scorer import Scorer
from softcage.io.arrays import append, growing
from softcage.io.progress import Progress
from softcage.io.trajectory import Trajectory, averaged_positions

_CHUNK = 64  # frames in memory


def score_run(
    store: h5py.Group,
    scorer: Scorer,
    uniform: Trajectory,
    log: Trajectory | None = None,
    every: int = 1,
    average_window: float = 0.0,
) -> tuple[int, int]:
    """Write depth and softness of the first width in the frames of a run, for one species.

    Each stream, ``uniform`` and ``log``, has a group with ``depth`` and ``softness``, (frames, n)
    float32, ``frame`` and ``time``; for the log stream also ``block`` and ``lag``. The parameters
    of the calculation are attributes.

    Parameters
    ----------
    store : h5py.Group
    scorer : Scorer
    uniform : Trajectory
        Evenly spaced frames.
    log : Trajectory, optional
        Log-spaced frames.
    every : int
        Score every n-th frame of the uniform stream; all log-spaced frames are scored.
    average_window : float
        If not 0, positions are averaged over this length of time up to the frame; frames that have
        no whole window before them are then left out.

    Returns
    -------
    n_invalid, n_total : int
        Number of values without a softness, and of all values.
    """
    species = uniform.species
    n = int(np.count_nonzero(species == scorer.tagged))
    total = -(-uniform.n_frames // every) + (0 if log is None else log.n_frames)
    progress = Progress(total, "frames")
    done = n_invalid = n_total = 0
    for name, stream, stride in (("uniform", uniform, every), ("log", log, 1)):
        if stream is None:
            continue
        group = store.create_group(name)
        data = [growing(group, score, n) for score in ("depth", "softness")]
        frames = [np.empty(0, dtype=np.int64)]
        for indices, positions in _frames(stream, stride, average_window, uniform):
            scores = [
                _in_own_box(scorer, stream, frame, now)
                for frame, now in zip(indices, positions, strict=True)
            ]
            values = np.array(scores, dtype=np.float32)
            for column, rows in zip(data, values.transpose(1, 0, 2), strict=True):
                append(column, rows)
            frames.append(indices)
            n_invalid += int(np.isnan(values[:, 1]).sum())
            n_total += values[:, 1].size
            done += len(indices)
            progress.update(done, f"{name} frames")
        group["frame"] = np.concatenate(frames)
        group["time"] = stream.times[group["frame"][:]]
    if log is not None:
        frame = store["log/frame"][:]
        store["log/block"], store["log/lag"] = log.block[frame], log.lag[frame]
    known = {} if scorer.temperature is None else {"T": scorer.temperature}
    store.attrs.update(**known, delta=scorer.deltas[0], density=scorer.density)
    if scorer.c0 is not None:
        store.attrs.update(c0=scorer.c0, c1=scorer.c1)
    store.attrs.update(scorer.radii(), n_invalid=n_invalid, n_total=n_total)
    return n_invalid, n_total


def _in_own_box(
    scorer: Scorer, stream: Trajectory, frame: int, positions: np.ndarray
) -> np.ndarray:
    """Return depth and softness of the first width in a frame, in its own box, (2, n)."""
    if stream.boxes is None:
        return scorer.scores(positions, stream.species, stream.box)[0]
    inside, box = stream.own(frame, positions)
    there = scorer.at_density(len(inside) / Box.of(box).volume)
    return there.scores(inside, stream.species, box)[0]


def _frames(
    stream: Trajectory, every: int, window: float, uniform: Trajectory
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (frame indices, positions) of every n-th frame of ``stream``."""
    if window <= 0:
        yield from stream.chunks(_CHUNK, stride=every)
        return
    frames = np.arange(0, stream.n_frames, every)
    for part, positions in averaged_positions(uniform, stream.times[frames], window):
        yield frames[part], positions
