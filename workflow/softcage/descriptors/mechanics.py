"""Where a particle goes from its position: to the mean in its cage, and along the rest path.

The runs behind these numbers are short and made once for a frame
(:mod:`softcage.descriptors.cage_state`, :mod:`softcage.descriptors.rest_path`).
"""

from __future__ import annotations

import numpy as np

from softcage.descriptors.frame import Snapshot
from softcage.descriptors.rest_path import REST_TIMES
from softcage.descriptors.vibration import distance_from


def distance_to_cage(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Distance of each particle from its mean position in the cage."""
    return distance_from(frame, frame.cage.positions, tagged)


def square_distance_to_cage(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Square of :func:`distance_to_cage`."""
    return distance_to_cage(frame, tagged) ** 2


def spread_in_cage(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Mean square distance of each particle from its mean position in the cage."""
    return frame.cage_state.variance[frame.species == tagged]


def rest_distance(frame: Snapshot, tagged: int = 0, *, time: float) -> np.ndarray:
    """Distance from the start on the rest path, at one of the times ``REST_TIMES``."""
    return np.sqrt(square_rest_distance(frame, tagged, time=time))


def square_rest_distance(frame: Snapshot, tagged: int = 0, *, time: float) -> np.ndarray:
    r"""Square of :func:`rest_distance`; at first it is :math:`(F_i t^2 / 2 m_i)^2`."""
    moved = frame.rest_path.moved[REST_TIMES.index(time), frame.species == tagged]
    return (moved**2).sum(axis=1)


def mean_rest_distance(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Distance from the start to the mean position on the rest path."""
    return np.sqrt((frame.rest_path.mean[frame.species == tagged] ** 2).sum(axis=1))


def spread_on_rest_path(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Mean square distance from the mean position on the rest path."""
    return frame.rest_path.variance[frame.species == tagged]
