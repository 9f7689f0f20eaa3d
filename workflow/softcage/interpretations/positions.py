"""Whose positions the structure is of: single frames, averages over time, minima of the energy."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import numpy as np

from softcage.io.trajectory import Trajectory, averaged_positions
from softcage.md.minimise import is_minimum, minimise
from softcage.model import Mixture

log = logging.getLogger(__name__)

_FORCE = 0.01  # root mean square force of a particle at which a minimisation stops
_SIZE = 32  # frames in memory

Placed = Iterator[tuple[int, np.ndarray]]  # frame and positions (N, 3)


def single(uniform: Trajectory, frames: np.ndarray) -> Placed:
    """Yield frames as they are."""
    for part in np.split(frames, range(_SIZE, len(frames), _SIZE)):
        yield from zip(part, uniform.read(part), strict=True)


def averaged(uniform: Trajectory, frames: np.ndarray, window: float) -> Placed:
    """Yield frames with positions averaged over a window of time up to each."""
    for part, positions in averaged_positions(uniform, uniform.times[frames], window):
        yield from zip(frames[part], positions, strict=True)


def inherent(uniform: Trajectory, frames: np.ndarray, mixture: Mixture) -> Placed:
    """Yield frames in the nearest minimum of the energy; those that are not are logged."""
    for frame, positions in single(uniform, frames):
        minimum, _, force = minimise(positions, uniform.species, uniform.box, mixture, _FORCE)
        if not is_minimum(force, _FORCE, mixture, len(positions)):
            log.warning("frame %d: the forces fell only to %.2g", frame, force)
        yield frame, minimum


def kinds(
    uniform: Trajectory,
    frames: np.ndarray,
    few: np.ndarray,
    windows: Sequence[float],
    mixture: Mixture,
) -> Iterator[tuple[str, np.ndarray, Placed]]:
    """Yield each kind of positions: its name, which frames, and the frames.

    Parameters
    ----------
    uniform : Trajectory
        Evenly spaced frames.
    frames, few : int array
        Frames, and those whose energy is minimised.
    windows : sequence of float
        Times to average over.
    mixture : Mixture
    """
    yield "single", frames, single(uniform, frames)
    for window in windows:
        yield f"average_{window:g}", frames, averaged(uniform, frames, window)
    yield "inherent", few, inherent(uniform, few, mixture)
