"""Frames of a trajectory as its file has them, one reader a format.

Any format that mdtraj reads, and LAMMPS dumps, GSD, HDF5 and AMBER NetCDF by readers of our own:
mdtraj's own reader of dumps takes scaled coordinates for plain ones, ignores image flags and does
not see missing atoms or a truncated file; its reader of GSD drops the images.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

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


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame as its file has it.

    Attributes
    ----------
    positions : (N, 3) float64 array
        In the file's unit of length.
    lengths : (3,) array or None
        Edges of the box; None if the file has none.
    cubic_angles : bool
        Whether the angles of the box are right.
    labels : tuple of str or None
        Type of each particle; None if the file has no types.
    ids : tuple of int or None
        Of the particles, ascending, if the file has them.
    step : int or None
    time : float or None
    unwrapped : bool
        Whether the file says that the positions are unwrapped.
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


def read_frames(path: str | Path, topology: Topology = None) -> Iterator[Frame]:
    """Yield the frames of a file as they are, in the order of the file.

    Raises
    ------
    TrajectoryError
        If the file is missing, of no known format, or ends or breaks in the middle of a frame.
    """
    path = Path(path)
    if not path.is_file():
        raise TrajectoryError(f"{path}: there is no such file")
    number = 0
    try:
        for frame in _reader(path)(path, topology):
            yield frame
            number += 1
    except (TrajectoryError, GeneratorExit):
        raise
    except Exception as error:  # each library has its own exceptions for a damaged file
        what = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise TrajectoryError(
            f"{path}: cannot be read after {number} whole frames ({what}): the file is truncated, "
            "damaged or of another format than its name says"
        ) from error
    if number == 0:
        raise TrajectoryError(f"{path}: holds no frame")


def _reader(path: Path) -> Callable[[Path, Topology], Iterator[Frame]]:
    """Return the function that reads this file; a LAMMPS dump may have any name."""
    suffix = path.suffix.lower()
    with open(path, "rb") as handle:
        head = handle.read(8)
    if suffix == ".gz":
        with gzip.open(path) as handle:
            head = handle.read(8)
    if head.startswith(b"ITEM:") or suffix in (".lammpstrj", ".dump"):
        return _dump_frames
    if suffix == ".gsd":
        return _gsd_frames
    if suffix in (".h5", ".hdf5"):
        return _hdf5_frames
    if suffix in (".nc", ".ncdf", ".netcdf"):
        return _netcdf_frames
    if suffix in (".dcd", ".xtc", ".trr"):
        return _lean_frames
    return _mdtraj_frames


def _dump_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """LAMMPS dumps, plain or gzip: atoms sorted by id, coordinates unscaled, images applied."""
    opener = gzip.open if path.suffix.lower() == ".gz" else open
    with opener(path, "rt") as handle:
        for number in itertools.count():
            header = _dump_header(handle, path, number)
            if header is None:
                return
            rows = list(itertools.islice(handle, header["n"]))
            if len(rows) < header["n"] or not rows[-1].endswith("\n"):
                raise TrajectoryError(f"{path}: truncated in the middle of frame {number}")
            yield _dump_frame(path, number, header, rows)


def _dump_header(handle: TextIO, path: Path, number: int) -> dict | None:
    """Read the ITEM: lines before the atoms; None at the end of the file."""
    header: dict = {"bounds": None, "step": None, "time": None, "n": None}
    for line in handle:
        if line.startswith("ITEM: ATOMS"):
            if header["n"] is None:
                break
            return {**header, "columns": line.split()[2:]}
        if line.startswith("ITEM: TIMESTEP"):
            header["step"] = int(next(handle, ""))
        elif line.startswith("ITEM: TIME"):
            header["time"] = float(next(handle, ""))
        elif line.startswith("ITEM: NUMBER OF ATOMS"):
            header["n"] = int(next(handle, ""))
        elif line.startswith("ITEM: BOX BOUNDS"):
            header["periodic"] = not {"f", "s", "m"} & set("".join(line.split()[3:]).lower())
            bounds = [next(handle, "").split() for _ in range(3)]
            header["bounds"] = np.array([[float(word) for word in row] for row in bounds])
        elif line.startswith("ITEM:"):
            next(handle, "")
        elif line.strip():
            raise TrajectoryError(f"{path}: frame {number} is no frame of a LAMMPS dump")
    if header["n"] is None and header["step"] is None:
        return None
    raise TrajectoryError(f"{path}: truncated in the header of frame {number}")


# Columns of positions, the best first: (names, unwrapped, scaled by the box).
_COORDINATES = (
    (("xu", "yu", "zu"), True, False),
    (("xsu", "ysu", "zsu"), True, True),
    (("x", "y", "z"), False, False),
    (("xs", "ys", "zs"), False, True),
)


def _dump_frame(path: Path, number: int, header: dict, rows: list[str]) -> Frame:
    columns, bounds = header["columns"], header["bounds"]
    found = [c for c in _COORDINATES if set(c[0]) <= set(columns)]
    if "id" not in columns or not found:
        raise TrajectoryError(
            f"{path}: frame {number} has the columns {' '.join(columns)}; id and x y z (or xu yu "
            "zu, xs ys zs) are needed: dump with 'id type x y z ix iy iz'"
        )
    images = ("ix", "iy", "iz")
    has_images = set(images) <= set(columns)
    names, unwrapped, scaled = found[0]
    more = images if has_images and not unwrapped else ()
    wanted = [columns.index(name) for name in ("id", *names, *more)]
    values = np.loadtxt(rows, usecols=wanted, ndmin=2, comments=None)
    ids = values[:, 0].astype(np.int64)
    order = np.argsort(ids, kind="stable")
    if np.any(np.diff(ids[order]) == 0):
        twice = ids[order][1:][np.diff(ids[order]) == 0][0]
        raise TrajectoryError(f"{path}: frame {number} lists the atom with id {twice} twice")
    positions = values[order, 1:4]
    lengths = None
    tilted = False
    if bounds is not None and header["periodic"]:
        lengths = bounds[:, 1] - bounds[:, 0]
        tilted = bounds.shape[1] > 2 and bool(np.any(bounds[:, 2]))
        if scaled:
            positions = bounds[:, 0] + positions * lengths
        if has_images and not unwrapped:
            positions = positions + values[order, 4:7] * lengths
            unwrapped = True
    elif scaled:
        raise TrajectoryError(f"{path}: frame {number} has scaled coordinates but no periodic box")
    kind = next((name for name in ("type", "element") if name in columns), None)
    labels = None
    if kind is not None:
        column = columns.index(kind)
        words = [row.split()[column] for row in rows]
        labels = tuple(words[k] for k in order)
    return Frame(
        positions,
        lengths,
        cubic_angles=not tilted,
        labels=labels,
        ids=tuple(ids[order].tolist()),
        step=header["step"],
        time=header["time"],
        unwrapped=unwrapped,
    )


def _gsd_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """GSD files of HOOMD-blue, with the images where they were saved along the way."""
    import gsd.hoomd

    with gsd.hoomd.open(str(path), "r") as handle:
        # Images of the first frame alone stay for all the others: they unwrap nothing.
        live = any(
            handle.file.chunk_exists(frame=k, name="particles/image") for k in range(1, len(handle))
        )
        for snapshot in handle:
            box = np.asarray(snapshot.configuration.box, dtype=float)
            positions = np.asarray(snapshot.particles.position, dtype=float)
            if live:
                positions = positions + np.asarray(snapshot.particles.image) * box[:3]
            names = snapshot.particles.types
            yield Frame(
                positions,
                box[:3] if np.all(box[:3] > 0) else None,
                cubic_angles=not np.any(box[3:]),
                labels=tuple(names[k] for k in snapshot.particles.typeid),
                step=int(snapshot.configuration.step),
                unwrapped=live,
            )


def _hdf5_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """HDF5 files of mdtraj, which has the names of the atoms in it."""
    import h5py

    with h5py.File(path) as store:
        if "coordinates" not in store:
            raise TrajectoryError(f"{path}: has no coordinates: it is no trajectory of mdtraj")
        n = len(store["coordinates"])
        labels = None
        if "topology" in store:
            labels = _hdf5_labels(json.loads(store["topology"][0]))
        for k in range(n):
            angles = store["cell_angles"][k] if "cell_angles" in store else None
            yield Frame(
                store["coordinates"][k].astype(float),
                store["cell_lengths"][k].astype(float) if "cell_lengths" in store else None,
                cubic_angles=_right(angles),
                labels=labels,
                time=float(store["time"][k]) if "time" in store else None,
            )


def _hdf5_labels(topology: dict) -> tuple[str, ...]:
    residues = [residue for chain in topology["chains"] for residue in chain["residues"]]
    atoms = [atom for residue in residues for atom in residue["atoms"]]
    return tuple(atom["name"] for atom in sorted(atoms, key=lambda atom: atom["index"]))


def _netcdf_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """AMBER NetCDF, of LAMMPS, mdtraj or a study of ours; numbers as they are in the file."""
    import netCDF4

    with netCDF4.Dataset(path) as store:
        store.set_auto_mask(False)
        have = store.variables
        size = path.stat().st_size
        n = len(store.dimensions["frame"])
        whole = n * len(store.dimensions["atom"]) * 12
        if store.disk_format.startswith("NETCDF3") and size < whole:
            raise TrajectoryError(f"{path}: truncated: {size} bytes cannot hold {n} frames")
        own = getattr(store, "title", "") == "softcage"
        for k in range(n):
            yield Frame(
                np.asarray(have["coordinates"][k], dtype=float),
                np.asarray(have["cell_lengths"][k], dtype=float)
                if "cell_lengths" in have
                else None,
                cubic_angles=_right(have["cell_angles"][k] if "cell_angles" in have else None),
                time=float(have["time"][k]) if "time" in have else None,
                unwrapped=own,
                ours=own,
            )


def _lean_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """DCD, XTC and TRR: the low-level readers of mdtraj, whose numbers are those of the file."""
    import mdtraj

    if path.suffix.lower() == ".dcd":
        _check_dcd(path)
    with _quiet():  # the reader of DCD tells standard output about the file
        handle = mdtraj.open(str(path))
    with handle:
        while True:
            xyz, *rest = handle.read(n_frames=CHUNK)
            if len(xyz) == 0:
                return
            times = steps = None
            if path.suffix.lower() == ".dcd":
                lengths, angles = rest[:2]
            else:
                times, steps, vectors = rest[:3]
                lengths, angles = _lengths_and_angles(vectors)
            for k, positions in enumerate(xyz):
                yield Frame(
                    positions.astype(float),
                    _edges(lengths, k),
                    cubic_angles=_right(None if angles is None else angles[k]),
                    time=None if times is None else float(times[k]),
                    step=None if steps is None else int(steps[k]),
                )


@contextmanager
def _quiet() -> Iterator[None]:
    """Send what C code writes to standard output nowhere."""
    sys.stdout.flush()
    saved, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        os.close(nowhere)


def _check_dcd(path: Path) -> None:
    """Refuse a DCD file that ends within a frame: its reader would leave that frame out.

    Files of other kinds (64-bit records, fixed atoms) are let through.
    """
    size = path.stat().st_size
    with open(path, "rb") as handle:
        head = handle.read(92)
        order = next((o for o in "<>" if head[:4] == struct.pack(f"{o}i", 84)), None)
        if order is None or len(head) < 92:
            return
        control = struct.unpack(f"{order}20i", head[8:88])
        title = struct.unpack(f"{order}i", handle.read(4))[0]
        handle.seek(title + 4 + 4, os.SEEK_CUR)
        n_atoms = struct.unpack(f"{order}i", handle.read(4))[0]
        start = handle.seek(4, os.SEEK_CUR)
    frame = 3 * (4 * n_atoms + 8) + (56 if control[10] else 0)
    whole, rest = divmod(size - start, frame)
    # control[8]: fixed atoms; control[11]: a fourth coordinate
    if not control[8] and not control[11] and (rest or whole < control[0]):
        raise TrajectoryError(f"{path}: truncated after {whole} of {control[0]} frames")


def _mdtraj_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """Everything else that mdtraj has a reader for, in the numbers of the file."""
    import mdtraj

    known = mdtraj.FormatRegistry.fileobjects
    suffix = next((s for s in known if path.name.lower().endswith(s)), None)
    if suffix is None:
        raise TrajectoryError(
            f"{path}: the format {path.suffix or '(no suffix)'} is not known; known are LAMMPS "
            f"dumps, .gsd and {' '.join(sorted(known))}"
        )
    unit = 10.0 if known[suffix].distance_unit == "angstroms" else 1.0
    options = {}
    if suffix.split(".")[1] not in ("pdb", "pdbx", "mmcif", "cif", "gro", "arc"):
        if topology is None:
            raise TrajectoryError(
                f"{path}: this format does not say what its particles are: {HOW_TO_NAME_PARTICLES}"
            )
        options = {"top": mdtraj.load_topology(str(topology))}
    for part in mdtraj.iterload(str(path), chunk=CHUNK, **options):
        labels = tuple(atom.name for atom in part.topology.atoms)
        for k, positions in enumerate(part.xyz):
            yield Frame(
                positions.astype(float) * unit,
                None if part.unitcell_lengths is None else part.unitcell_lengths[k] * unit,
                cubic_angles=part.unitcell_angles is None or _right(part.unitcell_angles[k]),
                labels=labels,
            )


def _lengths_and_angles(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Edges (k, 3) and angles of box vectors (k, 3, 3); any tilt gives an angle that is not 90."""
    vectors = np.asarray(vectors, dtype=float)
    lengths = np.linalg.norm(vectors, axis=2)
    tilt = np.abs(vectors * (1.0 - np.eye(3))).max(axis=2)
    return lengths, 90.0 + np.where(tilt > 1e-6 * lengths, 1.0, 0.0)


def _edges(lengths: np.ndarray | None, k: int) -> np.ndarray | None:
    """Return the edges of frame ``k``, or None if the file has no box."""
    if lengths is None or not np.all(np.asarray(lengths[k]) > 0):
        return None
    return np.asarray(lengths[k], dtype=float)


def _right(angles: Any) -> bool:
    """Return whether angles in degrees are right ones; a file without angles has no others."""
    return angles is None or bool(np.all(np.abs(np.asarray(angles, dtype=float) - 90.0) < 1e-3))


def read_labels(topology: str | Path) -> tuple[str, ...]:
    """Return the name or type of each particle from a file that has them.

    A structure file that mdtraj reads (PDB, GRO, PSF, ...: the names of the atoms), a LAMMPS dump
    or GSD file (types in its first frame), or a text file ``.txt`` with one name a line.
    """
    path = Path(topology)
    if not path.is_file():
        raise TrajectoryError(f"{path}: there is no such topology")
    if path.suffix.lower() == ".txt":
        return tuple(path.read_text().split())
    if _reader(path) in (_dump_frames, _gsd_frames, _hdf5_frames):
        labels = next(read_frames(path)).labels
        if labels is None:
            raise TrajectoryError(f"{path}: has no types of particles")
        return labels
    import mdtraj

    try:
        return tuple(atom.name for atom in mdtraj.load_topology(str(path)).atoms)
    except Exception as error:  # whatever the reader of the format raises
        raise TrajectoryError(
            f"{path}: is no topology that can be read ({error}): give a PDB, GRO or PSF file, a "
            "LAMMPS dump, a GSD file, or a .txt file with one name a line"
        ) from error
