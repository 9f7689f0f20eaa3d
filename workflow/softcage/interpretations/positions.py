"""Positions for the structure: single frames, averages over time, and inherent structures."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import numpy as np

from softcage.io.trajectory import Trajectory, averaged_positions
from softcage.md.minimise import is_minimum, minimise
from softcage.model import Mixture

log = logging.getLogger(__name__)

_FORCE = 0.01  # root mean square force on a particle at which a minimisation stops
_SIZE = 32  # frames in memory

Placed = Iterator[tuple[int, np.ndarray]]  # frame and positions (N, 3)


def single(uniform: Trajectory, frames: np.ndarray) -> Placed:
    """Yield the frames unchanged."""
    for part in np.split(frames, range(_SIZE, len(frames), _SIZE)):
        yield from zip(part, uniform.read(part), strict=True)


def averaged(uniform: Trajectory, frames: np.ndarray, window: float) -> Placed:
    """Yield the frames with positions averaged over a time ``window`` that ends at each frame."""
    for part, positions in averaged_positions(uniform, uniform.times[frames], window):
        yield from zip(frames[part], positions, strict=True)


def inherent(uniform: Trajectory, frames: np.ndarray, mixture: Mixture) -> Placed:
    """Yield the frames in the nearest minimum of the energy; log those that did not converge."""
    for frame, positions in single(uniform, frames):
        minimum, _, force = minimise(positions, uniform.species, uniform.box, mixture, _FORCE)
        if not is_minimum(force, _FORCE, mixture, len(positions)):
            log.warning(
                "frame %d did not reach an energy minimum: the forces fell only to %.2g",
                frame,
                force,
            )
        yield frame, minimum


def kinds(
    uniform: Trajectory,
    frames: np.ndarray,
    few: np.ndarray,
    windows: Sequence[float],
    mixture: Mixture,
) -> Iterator[tuple[str, np.ndarray, Placed]]:
    """Yield name, frame numbers and frames of each kind of positions.

    Parameters
    ----------
    uniform : Trajectory
        Evenly spaced frames.
    frames, few : int array
        Numbers of the frames, and of those whose energy is minimised.
    windows : sequence of float
        Times over which positions are averaged.
    mixture : Mixture
    """
    yield "single", frames, single(uniform, frames)
    for window in windows:
        yield f"average_{window:g}", frames, averaged(uniform, frames, window)
    yield "inherent", few, inherent(uniform, few, mixture)
