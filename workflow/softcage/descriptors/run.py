"""Descriptors in chosen frames of a run, from thermal, averaged and inherent positions."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from softcage.defaults import DELTA, DELTA_VALUES
from softcage.descriptors.frame import Liquid, Snapshot
from softcage.descriptors.table import all_values, available, descriptors
from softcage.io.atomic_file import replacing
from softcage.io.hdf5 import open_hdf5
from softcage.io.trajectory import Trajectory, averaged_positions

log = logging.getLogger(__name__)

Key = tuple[str, str, float]  # name, positions, length


@dataclass(frozen=True, eq=False)
class DescribedRun:
    """Descriptors of the A particles in chosen frames of a run.

    Attributes
    ----------
    times : (n_frames,) array
        Times of the chosen frames.
    end : float
        Time of the last frame of the run.
    values : dict
        (n_frames, n_A) float32 arrays, by (name, positions, length).
    """

    times: np.ndarray
    end: float
    values: dict[Key, np.ndarray]


def spread_out(times: np.ndarray, n: int, before: float, after: float) -> np.ndarray:
    """Choose frames in the middle of ``n`` equal parts of a run.

    Parameters
    ----------
    times : (F,) array
        Times of all frames, ascending.
    n : int
        How many frames to choose.
    before, after : float
        Time that has to lie before and after every chosen frame.

    Returns
    -------
    (n,) int array

    Raises
    ------
    ValueError
        If there are not ``n`` such frames.
    """
    first, last = times[0] + before, times[-1] - after
    middles = first + (last - first) * (np.arange(n) + 0.5) / n
    chosen = np.unique(np.searchsorted(times, middles))
    if last <= first or len(chosen) < n:
        raise ValueError(
            f"a run of {times[-1] - times[0]:g} has no room for {n} frames with {before:g} before "
            f"and {after:g} after them: make production longer, or ask for fewer "
            "(descriptors.frames)"
        )
    return chosen


def describe_run(
    uniform: Trajectory,
    frames: np.ndarray,
    liquid: Liquid,
    window: float,
    lengths: Sequence[float],
    deltas: Sequence[float] = DELTA_VALUES,
    delta: float = DELTA,
) -> DescribedRun:
    """Evaluate every descriptor in chosen frames of a run.

    Parameters
    ----------
    uniform : Trajectory
    frames : (n,) int array
        Chosen frames. The run must begin at least ``window`` before each of them.
    liquid : Liquid
        Without a calibration line the softness is left out.
    window : float
        Positions are averaged over the frames in (t - window, t], so that nothing after t is used.
    lengths : sequence of float
        Lengths L of the averages over A particles, sigma_AA.
    deltas, delta : float
        Widths of the Gaussians (:func:`softcage.descriptors.table.descriptors`).

    Returns
    -------
    DescribedRun
    """
    parts: dict[Key, list[np.ndarray]] = {}
    known = descriptors(liquid.mixture.species, deltas, delta)
    # one frame at a time: otherwise all frames between two chosen ones are read as well
    means = averaged_positions(uniform, uniform.times[frames], window, size=1)
    for frame, (_, mean) in zip(frames, means, strict=True):
        snapshot = Snapshot(uniform.read([frame])[0], uniform.species, uniform.box, liquid, mean[0])
        for key, values in all_values(snapshot, available(snapshot, known), lengths).items():
            parts.setdefault(key, []).append(values.astype(np.float32))
        log.info("t = %g", uniform.times[frame])
    stacked = {key: np.stack(frames_of) for key, frames_of in parts.items()}
    return DescribedRun(uniform.times[frames], float(uniform.times[-1]), stacked)


def write_descriptors(path: str | Path, run: DescribedRun) -> None:
    """Write a described run as HDF5, with datasets such as ``energy/inherent/1.5``."""
    with replacing(path) as temporary, open_hdf5(temporary, "w") as store:
        store.attrs["end"], store["time"] = run.end, run.times
        for (name, positions, length), values in run.values.items():
            place = f"{name}/{positions}/{length:g}"
            store.create_dataset(place, data=values, compression="gzip", shuffle=True)


def read_descriptors(path: str | Path) -> DescribedRun:
    """Read a described run that :func:`write_descriptors` wrote."""
    with open_hdf5(path) as store:
        values = {
            (name, positions, float(length)): dataset[:]
            for name, by_positions in store.items()
            if name != "time"
            for positions, lengths in by_positions.items()
            for length, dataset in lengths.items()
        }
        return DescribedRun(store["time"][:], float(store.attrs["end"]), values)
