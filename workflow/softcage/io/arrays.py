"""Arrays on disk that grow while frames are read: a row a frame, in HDF5."""

from __future__ import annotations

import h5py
import numpy as np


def growing(group: h5py.Group, name: str, n: int) -> h5py.Dataset:
    """Return a new, empty data set (0, n) of float32."""
    return group.create_dataset(name, (0, n), np.float32, maxshape=(None, n), chunks=(16, n))


def append(data: h5py.Dataset, rows: np.ndarray) -> None:
    """Write rows (k, n) behind those that are there."""
    done = len(data)
    data.resize(done + len(rows), axis=0)
    data[done:] = rows
