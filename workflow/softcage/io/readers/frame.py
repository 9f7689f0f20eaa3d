"""What every reader gives: frames, or an error that says what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

CHUNK = 64  # frames in memory
# End of the message where nothing says which particle is of which species.
HOW_TO_NAME_PARTICLES = (
    "give --top, a structure file with the names of the particles, or a text file (.txt) with one "
    "name a line"
)

Topology = str | Path | None


class TrajectoryError(ValueError):
    """A trajectory that cannot be used; the message is one line for a person."""


class TruncatedError(TrajectoryError):
    """One that ends within a frame: those before it are whole."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame as its file has it: what every reader gives, and all that the checks look at.

    A reader yields frames in the order of the file. It sorts the particles by their ids where the
    file has them, applies images and scales, and keeps every digit. What the file does not say is
    None; a reader guesses nothing. A frame that is not whole is a :class:`TrajectoryError`.

    Attributes
    ----------
    positions : (N, 3) float64 array
        In the file's unit of length.
    lengths : (3,) array or None
        Edges of the box; None if the file has none or it is not periodic.
    cubic_angles : bool
        Whether the edges of the box lie along x, y and z.
    labels : tuple of str or None
        Type or name of each particle; None if the file has neither.
    ids : tuple of int or None
        Of the particles, ascending, if the file has them.
    step : int or None
    time : float or None
    unwrapped : bool
        Whether the file says that the positions are unwrapped (or has images, which then are
        applied).
    ours : bool
        Whether this package wrote the file.
    """

    positions: np.ndarray
    lengths: np.ndarray | None = None
    cubic_angles: bool = True
    labels: tuple[str, ...] | None = None
    ids: tuple[int, ...] | None = None
    step: int | None = None
    time: float | None = None
    unwrapped: bool = False
    ours: bool = False


def along_axes(vectors: np.ndarray) -> bool:
    """Return whether box vectors (3, 3) lie along x, y and z."""
    tilt = np.abs(vectors * (1.0 - np.eye(3))).max(axis=-1)
    return bool(np.all(tilt <= 1e-6 * np.linalg.norm(vectors, axis=-1)))


def sort_by_id(here: str, ids: np.ndarray) -> np.ndarray:
    """Return the order of ascending ids (N,); ``here`` names the frame if one is there twice."""
    order = np.argsort(ids, kind="stable")
    twice = np.flatnonzero(np.diff(ids[order]) == 0)
    if len(twice):
        raise TrajectoryError(f"{here} lists the atom with id {ids[order][twice[0]]} twice")
    return order
