"""HDF5 arrays that grow while frames are read, one row per frame."""

from __future__ import annotations

import h5py
import numpy as np


def growing(group: h5py.Group, name: str, n: int) -> h5py.Dataset:
    """Return a new, empty data set of float32, (0, n), that can grow."""
    return group.create_dataset(name, (0, n), np.float32, maxshape=(None, n), chunks=(16, n))


def append(data: h5py.Dataset, rows: np.ndarray) -> None:
    """Append rows (k, n) to a data set."""
    done = len(data)
    data.resize(done + len(rows), axis=0)
    data[done:] = rows
