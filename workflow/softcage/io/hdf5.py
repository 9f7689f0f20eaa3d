"""HDF5 files, opened without the locks of the file system."""

from __future__ import annotations

from pathlib import Path

import h5py


def open_hdf5(path: str | Path, mode: str = "r") -> h5py.File:
    """Open an HDF5 file without locking it.

    Files are written under another name and renamed when they are complete, so that nobody reads a
    file that is being written. Some file systems (NFS, some parallel ones) have no locks: with them
    HDF5 could neither write nor read there.
    """
    return h5py.File(path, mode, locking=False)
