"""Frames of a trajectory as its file has them: one reader a format, one :class:`Frame` for all.

Which reader it is, a file's content says first and its name second.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from softcage.io.readers import binary, text
from softcage.io.readers.frame import (
    Frame,
    NoFileError,
    Topology,
    TrajectoryError,
    TruncatedError,
)

Reader = Callable[[Path, Topology], Iterator[Frame]]

_PACKED = (".gz", ".bz2", ".xz", ".zst")
_BY_CONTENT: dict[bytes, Reader] = {
    b"ITEM:": text.dump_frames,
    b"\xdf\x65\xdf\x65\xdf\x65\xdf\x65": binary.gsd_frames,
    b"CDF": binary.netcdf_frames,
}
_BY_NAME: dict[str, Reader] = {
    **dict.fromkeys((".lammpstrj", ".dump"), text.dump_frames),
    **dict.fromkeys((".xyz", ".extxyz", ".exyz"), text.xyz_frames),
    ".gro": text.gro_frames,
    ".gsd": binary.gsd_frames,
    **dict.fromkeys((".nc", ".ncdf", ".netcdf"), binary.netcdf_frames),
    **dict.fromkeys((".h5", ".hdf5"), binary.hdf5_frames),
    ".dcd": binary.dcd_frames,
    ".xtc": binary.xtc_frames,
    ".trr": binary.trr_frames,
}
_TEXT = (text.dump_frames, text.xyz_frames, text.gro_frames)
_NAMES: dict[Reader, str] = {
    text.dump_frames: "LAMMPS dump",
    text.xyz_frames: "XYZ",
    text.gro_frames: "GRO",
    binary.gsd_frames: "GSD",
    binary.netcdf_frames: "NetCDF",
    binary.hdf5_frames: "HDF5",
    binary.dcd_frames: "DCD",
    binary.xtc_frames: "XTC",
    binary.trr_frames: "TRR",
}


def read_frames(path: str | Path, topology: str | Path | None = None) -> Iterator[Frame]:
    """Yield the frames of a file as they are, in the order of the file.

    Raises
    ------
    TrajectoryError
        If the file is missing, of no known format, or ends or breaks in the middle of a frame.
    """
    path, number = Path(path), 0
    reader = _reader(path)
    try:
        for frame in reader(path, None if topology is None else partial(read_labels, topology)):
            yield frame.whole()
            number += 1
    except TrajectoryError as error:
        raise type(error)(f"{path}: frame {number} {error}") from error
    except EOFError as error:  # of a packed file
        raise TruncatedError(f"{path}: frame {number} is truncated ({error})") from error
    except Exception as error:  # each library has its own exceptions for a damaged file
        what = next(iter(str(error).strip().splitlines()), type(error).__name__)
        why = "the file is truncated, damaged or of another format than its name says"
        if re.search(r"'-?\d+,\d+'", what):
            why = "its numbers have decimal commas, points are needed"
        raise TrajectoryError(f"{path}: frame {number} cannot be read ({what}): {why}") from error
    if number == 0:
        raise TrajectoryError(f"{path}: holds no frame")


def _reader(path: Path) -> Reader:
    """Return the function that reads this file; text may be packed, whatever its name says."""
    for wrong, words in (
        (path.is_dir(), "is a folder: name a file in it"),
        (not path.exists(), "there is no such file"),
        (not path.is_file(), "is a pipe or device, but is read more than once: make it a file"),
        (not os.access(path, os.R_OK), f"you may not read it: look at its rights:  ls -l {path}"),
    ):
        if wrong:
            raise NoFileError(f"{path}: {words}")
    with path.open("rb") as handle:
        raw = handle.read(64)
    try:
        with text.unpacked(path) as handle:
            head = handle.read(64)
    except Exception as error:  # each packer has its own
        raise TrajectoryError(f"{path}: frame 0 is truncated or badly packed ({error})") from error
    packed = raw != head
    if head[:2] in text.WIDE:
        head = head.decode("utf-16", "ignore").encode()
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    inner = path.with_suffix("") if path.suffix.lower() in _PACKED else path
    reader = next((f for magic, f in _BY_CONTENT.items() if start.startswith(magic)), None)
    reader = reader or _BY_NAME.get(inner.suffix.lower())
    if reader is None and start.startswith(b"\x89HDF"):
        reader = binary.hdf5_frames
    if reader is None and start.split(b"\n")[0].strip().isdigit():
        reader = text.xyz_frames
    if packed and reader not in (None, *_TEXT):
        raise TrajectoryError(f"{path}: is packed, which only text may be: unpack it first")
    return reader or binary.mdtraj_frames


def format_of(path: str | Path) -> str:
    """Return the name of the format of a file, as :func:`read_frames` takes it.

    Raises
    ------
    TrajectoryError
        If the file is missing or may not be read.
    """
    path = Path(path)
    return _NAMES.get(_reader(path)) or f"{path.suffix or 'unknown'}, read by mdtraj"


def files_of_run(path: str | Path) -> list[str]:
    """Return the files that a path means: itself, or those that fit it, as ``dump.*``."""
    return [str(path)] if Path(path).exists() else sorted(glob.glob(str(path))) or [str(path)]


def read_labels(topology: str | Path) -> tuple[str, ...]:
    """Return the name or type of each particle from a file that has them.

    A structure file that mdtraj reads (PDB, GRO, PSF, ...: the names of the atoms), a trajectory
    that has types or names (its first frame), or a text file ``.txt`` with one name a line.
    """
    path = Path(topology)
    reader, names = _reader(path), path.suffix.lower() == ".txt"
    if reader is text.dump_frames or not (names or reader is binary.mdtraj_frames):
        labels = next(read_frames(path)).labels
        if labels is None:
            raise TrajectoryError(f"{path}: has no types of particles")
        return labels
    try:
        if names:
            return tuple(path.read_text(encoding="utf-8-sig").split())
        import mdtraj

        return tuple(atom.name for atom in mdtraj.load_topology(str(path)).atoms)
    except Exception as error:  # whatever the reader of the format raises
        raise TrajectoryError(
            f"{path}: is no topology that can be read ({error}): give a PDB, GRO or PSF file, a "
            "LAMMPS dump, a GSD file, or a .txt file with one name a line"
        ) from error
