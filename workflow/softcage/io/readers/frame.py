"""What every reader gives: frames, or an error that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

CHUNK = 64  # frames in memory
# End of the message where nothing says which particle is of which species.
HOW_TO_NAME_PARTICLES = (
    "give --top, a structure file with the names of the particles, or a text file (.txt) with one "
    "name a line"
)

# What the particles are, for formats that do not say: a function that reads it from another file.
Topology = Callable[[], tuple[str, ...]] | None


class TrajectoryError(ValueError):
    """A trajectory that cannot be used; the message is one line for a person."""


class NoFileError(TrajectoryError):
    """A path that is not that of a file that may be read."""


class TruncatedError(TrajectoryError):
    """One that ends within a frame: those before it are whole."""


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame as its file has it: what every reader gives, and all that the checks look at.

    A reader yields frames in the order of the file, with every digit. What the file does not say is
    None; a reader guesses nothing. A frame that is not whole is a :class:`TrajectoryError`, whose
    message goes on after "FILE: frame K".

    Attributes
    ----------
    positions : (N, 3) float64 array
        In the file's unit of length.
    box : (3, 3) array or None
        Vectors of the box, one a row.
    periodic : bool or (3,) tuple of bool
        Whether the box is periodic, in all directions or along each of its vectors.
    origin : (3,) array
        Corner of the box; it matters where a direction is not periodic, or the box changes.
    dimension : int or None
        2 if the file says that there are two dimensions.
    labels : tuple of str or None
        Type or name of each particle.
    ids : (N,) int array or tuple or None
        Of the particles; ascending in a whole frame.
    images : (N, 3) int array or None
        Boxes between positions and the unwrapped ones; None in a whole frame, which has the latter.
    step : int or None
    time : float or None
    unwrapped : bool
        Whether the file says that the positions are unwrapped, or has images.
    ours : bool
        Whether this package wrote the file.
    column : callable or None
        From the name of another column of numbers to its values, (N,) array; KeyError if there is
        none.
    """

    positions: np.ndarray
    box: np.ndarray | None = None
    periodic: bool | tuple[bool, ...] = True
    origin: Any = 0.0
    dimension: int | None = None
    labels: tuple[str, ...] | None = None
    ids: Any = None
    images: np.ndarray | None = None
    step: int | None = None
    time: float | None = None
    unwrapped: bool = False
    ours: bool = False
    column: Callable[[str], np.ndarray] | None = None

    def whole(self) -> Frame:
        """Return the frame with images applied and particles in the order of their ids."""
        positions, labels, ids, column = self.positions, self.labels, self.ids, self.column
        dimension = self.dimension
        if positions.shape[1] == 2:
            dimension, zero = 2, np.zeros((len(positions), 1))
            positions = np.concatenate([positions, zero], axis=1)
        if positions.shape[1] != 3:
            raise TrajectoryError("is not in two or three dimensions")
        # what NetCDF puts where nothing has been written; HDF5 puts zeros
        if np.any(np.abs(positions) > 9e36) or not positions.any():
            raise TrajectoryError("was never written: the run was stopped before, or while it was")
        images = None if self.unwrapped or self.box is None else self.images
        if images is not None:
            images = np.asarray(images)
            positions = positions + images @ np.asarray(self.box)[: images.shape[1]]
        if ids is not None:
            ids = np.asarray(ids)
            order = np.argsort(ids, kind="stable")
            ids, positions = ids[order], positions[order]
            if len(twice := np.flatnonzero(np.diff(ids) == 0)):
                raise TrajectoryError(f"lists the atom with id {ids[twice[0]]} twice")
            labels = labels and tuple(labels[k] for k in order)
            ids = tuple(ids.tolist())
            if self.column is not None:
                column = partial(_ordered, self.column, order)
        unwrapped = self.unwrapped or images is not None
        return replace(
            self,
            positions=positions,
            labels=labels,
            ids=ids,
            images=None,
            unwrapped=unwrapped,
            dimension=dimension,
            column=column,
        )


def _ordered(column: Callable[[str], np.ndarray], order: np.ndarray, name: str) -> np.ndarray:
    return column(name)[order]


def unscaled(scaled: np.ndarray, box: np.ndarray | None, origin: Any = 0.0) -> np.ndarray:
    """Return positions from those in units of the box vectors, (N, 3)."""
    if box is None:
        raise TrajectoryError("has scaled coordinates but no periodic box")
    return origin + scaled @ box


def box_of(lengths: Any, angles: Any = None) -> np.ndarray | None:
    """Return box vectors (3, 3) from edges and angles in degrees; None if an edge is missing.

    Two edges are those of a plane, whose third vector is zero.
    """
    if lengths is None or not np.all(np.asarray(lengths) > 0):
        return None
    lengths = np.asarray(lengths, dtype=float)
    if len(lengths) == 2:
        lengths, angles = np.array([*lengths, 0.0]), None
    if angles is None or np.all(np.abs(np.asarray(angles, dtype=float) - 90.0) < 1e-3):
        return np.diag(lengths)
    from mdtraj.utils import lengths_and_angles_to_box_vectors

    return np.stack(lengths_and_angles_to_box_vectors(*lengths, *angles))
