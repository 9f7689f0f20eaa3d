"""Readers of binary formats, and of all that mdtraj reads better than we would.

gsd, h5py, netCDF4 and mdtraj do the reading. mdtraj's own readers of LAMMPS dumps, XYZ and GSD are
not used: they take scaled coordinates for plain ones, and drop images, names and digits.
"""

from __future__ import annotations

import itertools
import json
import os
import struct
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from softcage.io.readers.frame import (
    CHUNK,
    HOW_TO_NAME_PARTICLES,
    Frame,
    Topology,
    TrajectoryError,
    TruncatedError,
    along_axes,
    sort_by_id,
)


def gsd_frames(path: Path, topology: Topology) -> Iterator[Frame]:
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


def hdf5_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """HDF5 files of mdtraj, which has the names of the atoms in it, and of gamdpy."""
    import h5py

    with h5py.File(path) as store:
        if "trajectory/positions" in store:
            yield from _gamdpy_frames(path, store)
            return
        if "coordinates" not in store:
            raise TrajectoryError(
                f"{path}: has {', '.join(store) or 'nothing'}, neither coordinates (mdtraj) nor "
                "trajectory/positions (gamdpy)"
            )
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


def _gamdpy_frames(path: Path, store: Any) -> Iterator[Frame]:
    """Blocks of equal length, each saved at the same steps; images of the box beside positions."""
    start, saved = store["initial_configuration"], store["trajectory"]
    if start.attrs["simbox_name"] != "Orthorhombic":
        kind = start.attrs["simbox_name"]
        raise TrajectoryError(f"{path}: frame 0 has a box of the kind {kind}; only a cube is read")
    box = np.asarray(start.attrs["simbox_data"], dtype=float)
    labels = tuple(str(kind) for kind in start["ptype"][:])
    if "steps" not in saved:
        raise TrajectoryError(f"{path}: frame 0 has no step: this gamdpy did not save them")
    steps, blocks = saved["steps"][:].tolist(), len(saved["positions"])
    length = int(saved.attrs["steps_per_timeblock"])
    if saved["positions"].shape[3] != 3:
        raise TrajectoryError(f"{path}: frame 0 is not in three dimensions")
    number = 0
    for block in range(blocks):
        for k, step in enumerate(steps):
            if step == length and block < blocks - 1:
                continue  # the first frame of the next block
            positions = saved["positions"][block, k].astype(float)
            if not positions.any():
                raise TrajectoryError(
                    f"{path}: frame {number} was never written: the run ended in block {block}"
                )
            edges = saved["sim_box"][block, k].astype(float) if "sim_box" in saved else box
            if "images" in saved:
                positions += saved["images"][block, k] * edges
            yield Frame(
                positions,
                edges,
                labels=labels,
                step=block * length + step,
                time=(block * length + step) * float(store.attrs["dt"])
                if "dt" in store.attrs
                else None,
                unwrapped="images" in saved,
            )
            number += 1


def _hdf5_labels(topology: dict) -> tuple[str, ...]:
    residues = [residue for chain in topology["chains"] for residue in chain["residues"]]
    atoms = [atom for residue in residues for atom in residue["atoms"]]
    return tuple(atom["name"] for atom in sorted(atoms, key=lambda atom: atom["index"]))


# Variables of positions, the best first: (name, unwrapped, scaled by the box).
_COORDINATES = (
    ("unwrapped_coordinates", True, False),
    ("coordinates", False, False),
    ("scaled_coordinates", False, True),
)


def netcdf_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """AMBER NetCDF, of LAMMPS, mdtraj or a study of ours; numbers as they are in the file.

    LAMMPS adds ``id``, ``type`` and images as variables of their own; atoms are sorted by id.
    """
    import netCDF4

    _check_netcdf(path)
    with netCDF4.Dataset(path) as store:
        store.set_auto_mask(False)
        have = store.variables
        found = next((kind for kind in _COORDINATES if kind[0] in have), None)
        if found is None:
            raise TrajectoryError(
                f"{path}: has the variables {', '.join(have)}; coordinates (or "
                "unwrapped_coordinates) are needed"
            )
        own = getattr(store, "title", "") == "softcage"
        for k in range(len(store.dimensions["frame"])):
            yield _netcdf_frame(f"{path}: frame {k}", have, k, *found, own)


def _netcdf_frame(
    here: str, have: Any, k: int, name: str, unwrapped: bool, scaled: bool, own: bool
) -> Frame:
    def get(key: str) -> np.ndarray | None:
        """Return a variable's values in this frame, or for all of them, if the file has it."""
        if key not in have:
            return None
        variable = have[key]
        return np.asarray(variable[k] if variable.dimensions[0] == "frame" else variable[:])

    positions = np.asarray(have[name][k], dtype=float)
    if np.any(np.abs(positions) > 9e36):  # what NetCDF puts where nothing has been written
        raise TrajectoryError(f"{here} is not whole: the run was stopped while it was written")
    lengths, ids, kinds = get("cell_lengths"), get("id"), get("type")
    images = [values for key in ("ix", "iy", "iz") if (values := get(key)) is not None]
    has_images = not unwrapped and lengths is not None and len(images) == 3
    if scaled and lengths is None:
        raise TrajectoryError(f"{here} has scaled coordinates but no periodic box")
    if scaled:
        origin = get("cell_origin")
        positions = positions * lengths + (0.0 if origin is None else origin)
    if lengths is not None and has_images:
        positions = positions + np.stack(images, axis=1) * lengths.astype(float)
    if ids is not None:
        order = sort_by_id(here, ids)
        positions, ids = positions[order], ids[order]
        kinds = kinds if kinds is None or kinds.shape != order.shape else kinds[order]
    time = get("time")
    return Frame(
        positions,
        None if lengths is None else lengths.astype(float),
        cubic_angles=_right(get("cell_angles")),
        labels=None if kinds is None else tuple(str(kind) for kind in kinds.tolist()),
        ids=None if ids is None else tuple(ids.tolist()),
        time=None if time is None else float(time),
        unwrapped=own or unwrapped or has_images,
        ours=own,
    )


def _check_netcdf(path: Path) -> None:
    """Refuse a NetCDF file that is shorter than it says: its library reads on as it pleases."""
    import scipy.io

    with path.open("rb") as handle:
        if handle.read(4) not in (b"CDF\x01", b"CDF\x02"):
            return  # HDF5 inside, whose library notices, or 64-bit data, which SciPy does not read
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # about the map of a file that is refused
        try:
            scipy.io.netcdf_file(path, mmap=True).close()
            return
        except (ValueError, TypeError):
            size = path.stat().st_size
    raise TruncatedError(f"{path}: is truncated: {size} bytes do not hold the frames it names")


def trr_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """TRR in single or double precision, by the sizes in the header of each frame.

    mdtraj makes double precision single, and a damaged header kills the interpreter in its library.
    """
    with path.open("rb") as handle:
        for number in itertools.count():
            header = handle.read(76)
            if not header:
                return
            # sizes of ir, e, box, vir, pres, top, sym, x, v, f; atoms, step
            *sizes, n, step, _ = struct.unpack(">24x13i", header)
            real = 8 if sizes[7] == 24 * n else 4
            body = handle.read(2 * real + sum(sizes)) if min(sizes) >= 0 else b""
            if n < 1 or sizes[7] != 3 * n * real or len(body) < 2 * real + sum(sizes):
                raise TrajectoryError(
                    f"{path}: frame {number} is truncated, damaged or without positions"
                )
            numbers = np.frombuffer(body, f">f{real}").astype(float)
            start = 2 + sum(sizes[:7]) // real
            vectors = numbers[2:11].reshape(3, 3) if sizes[2] else np.zeros((3, 3))
            yield Frame(
                numbers[start : start + 3 * n].reshape(n, 3),
                _edges(np.linalg.norm(vectors, axis=1)),
                cubic_angles=along_axes(vectors),
                time=float(numbers[0]),
                step=step,
            )


def lean_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """DCD and XTC: the low-level readers of mdtraj, whose numbers are those of the file."""
    import mdtraj

    dcd = path.suffix.lower() == ".dcd"
    if dcd:
        _check_dcd(path)
    with _quiet():  # the reader of DCD tells standard output about the file
        handle = mdtraj.open(str(path))
    with handle:
        while True:
            xyz, *rest = handle.read(n_frames=CHUNK)
            if len(xyz) == 0:
                return
            for k, positions in enumerate(xyz.astype(float)):
                if dcd:
                    edges, angles = (None if part is None else part[k] for part in rest[:2])
                    yield Frame(positions, _edges(edges), cubic_angles=_right(angles))
                else:
                    time, step, vectors = (part[k] for part in rest[:3])
                    yield Frame(
                        positions,
                        _edges(np.linalg.norm(vectors.astype(float), axis=1)),
                        cubic_angles=along_axes(vectors),
                        time=float(time),
                        step=int(step),
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
        raise TruncatedError(f"{path}: truncated after {whole} of {control[0]} frames")


# Formats of mdtraj with so many decimals, which its numbers in single precision give back so.
_THREE_DECIMALS = (".pdb", ".pdb.gz", ".crd", ".mdcrd")


def mdtraj_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """Everything else that mdtraj has a reader for, in the numbers of the file."""
    import mdtraj

    known = mdtraj.FormatRegistry.fileobjects
    suffix = next((s for s in known if path.name.lower().endswith(s)), None)
    if suffix is None:
        raise TrajectoryError(
            f"{path}: the format {path.suffix or '(no suffix)'} is not known; known are LAMMPS "
            f"dumps, .xyz, .gsd and {' '.join(sorted(known))}"
        )
    unit = 10.0 if known[suffix].distance_unit == "angstroms" else 1.0
    options = {}
    if suffix.split(".")[1] not in ("pdb", "pdbx", "mmcif", "cif", "arc"):
        if topology is None:
            raise TrajectoryError(
                f"{path}: this format does not say what its particles are: {HOW_TO_NAME_PARTICLES}"
            )
        options = {"top": _unnamed(topology)}
    for part in mdtraj.iterload(str(path), chunk=CHUNK, **options):
        labels = None if options else tuple(atom.name for atom in part.topology.atoms)
        for k, positions in enumerate(part.xyz):
            positions = positions.astype(float) * unit
            if suffix in _THREE_DECIMALS:
                positions = np.round(positions, 3)
            yield Frame(
                positions,
                None if part.unitcell_lengths is None else part.unitcell_lengths[k] * unit,
                cubic_angles=part.unitcell_angles is None or _right(part.unitcell_angles[k]),
                labels=labels,
            )


def _unnamed(topology: str | Path) -> Any:
    """Return a topology of mdtraj with as many atoms as ``topology`` names, a file of any kind."""
    import mdtraj

    from softcage.io.readers import read_labels  # which may need this module

    of_mdtraj = mdtraj.Topology()
    residue = of_mdtraj.add_residue("X", of_mdtraj.add_chain())
    for label in read_labels(topology):
        of_mdtraj.add_atom(label, mdtraj.element.virtual_site, residue)
    return of_mdtraj


def _edges(lengths: np.ndarray | None) -> np.ndarray | None:
    """Return the edges of a box, or None if the file has none."""
    if lengths is None or not np.all(np.asarray(lengths) > 0):
        return None
    return np.asarray(lengths, dtype=float)


def _right(angles: Any) -> bool:
    """Return whether angles in degrees are right ones; a file without angles has no others."""
    return angles is None or bool(np.all(np.abs(np.asarray(angles, dtype=float) - 90.0) < 1e-3))
