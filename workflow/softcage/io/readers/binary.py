"""Readers of binary formats, and of all that mdtraj reads better than we would.

gsd, h5py, netCDF4, SciPy and mdtraj do the reading. mdtraj's own readers of LAMMPS dumps, XYZ, GRO
and GSD are not used: they take scaled coordinates for plain ones, and drop images, names or digits.
"""

from __future__ import annotations

import itertools
import json
import logging
import mmap
import struct
from collections.abc import Iterator
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
    box_of,
    unscaled,
)

log = logging.getLogger(__name__)


def gsd_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """GSD files of HOOMD-blue, with the images where they were saved along the way."""
    import gsd.hoomd

    with gsd.hoomd.open(str(path), "r") as handle:
        # Images of the first frame alone stay for all the others: they unwrap nothing.
        live = any(
            handle.file.chunk_exists(frame=k, name="particles/image") for k in range(1, len(handle))
        )
        for snapshot in handle:
            particles = snapshot.particles
            if particles.N and max(particles.typeid) >= len(particles.types):
                raise TrajectoryError(
                    f"has particles of the type {max(particles.typeid)}, but names only "
                    f"{len(particles.types)} types, from 0: {', '.join(particles.types)}"
                )
            *edges, xy, xz, yz = np.asarray(snapshot.configuration.box, dtype=float)
            shape = np.array([[1, 0, 0], [xy, 1, 0], [xz, yz, 1]])
            flat = snapshot.configuration.dimensions == 2
            yield Frame(
                particles.position.astype(float),
                None if min(edges[: 2 if flat else 3]) <= 0 else shape * np.array(edges)[:, None],
                origin=-0.5 * (shape * np.array(edges)[:, None]).sum(axis=0),
                dimension=2 if flat else None,
                labels=tuple(particles.types[k] for k in particles.typeid),
                images=particles.image if live else None,
                step=int(snapshot.configuration.step),
                column={"diameter": particles.diameter}.__getitem__,
            )


def hdf5_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """HDF5 files of mdtraj, which has the names of the atoms in it, and of gamdpy."""
    from softcage.io.hdf5 import open_hdf5

    with open_hdf5(path) as store:
        if "trajectory/positions" in store:
            yield from _gamdpy_frames(store)
        elif "coordinates" in store:
            yield from _mdtraj_hdf5_frames(store)
        elif "h5md" in store:
            raise TrajectoryError(
                "is in the format H5MD, which is not read: write it as GSD, as a LAMMPS dump or as "
                "extended XYZ (MDAnalysis reads H5MD)"
            )
        else:
            raise TrajectoryError(
                f"has {', '.join(store) or 'nothing'}, neither coordinates (mdtraj) nor "
                "trajectory/positions (gamdpy)"
            )


def _mdtraj_hdf5_frames(store: Any) -> Iterator[Frame]:
    labels = None
    if "topology" in store:
        chains = json.loads(store["topology"][0])["chains"]
        atoms = [atom for chain in chains for part in chain["residues"] for atom in part["atoms"]]
        labels = tuple(atom["name"] for atom in sorted(atoms, key=lambda atom: atom["index"]))
    for k, positions in enumerate(store["coordinates"]):
        box = (store[key][k] if key in store else None for key in ("cell_lengths", "cell_angles"))
        time = float(store["time"][k]) if "time" in store else None
        yield Frame(positions.astype(float), box_of(*box), labels=labels, time=time)


def _gamdpy_frames(store: Any) -> Iterator[Frame]:
    """Blocks of equal length, each saved at the same steps; images of the box beside positions."""
    start, saved, dt = store["initial_configuration"], store["trajectory"], store.attrs.get("dt")
    if (kind := start.attrs["simbox_name"]) != "Orthorhombic":
        raise TrajectoryError(f"has a box of the kind {kind}; only Orthorhombic is read")
    if "steps" not in saved:
        raise TrajectoryError("has no step: this gamdpy did not save them")
    labels = tuple(str(kind) for kind in start["ptype"][:])
    steps, length = saved["steps"][:].tolist(), int(saved.attrs["steps_per_timeblock"])
    last = len(saved["positions"]) - 1
    for block, (k, step) in itertools.product(range(last + 1), enumerate(steps)):
        if step < length or block == last:  # else it is the first frame of the next block
            edges = saved["sim_box"][block, k] if "sim_box" in saved else start.attrs["simbox_data"]
            step += block * length
            yield Frame(
                saved["positions"][block, k].astype(float),
                box_of(edges),
                labels=labels,
                images=saved["images"][block, k] if "images" in saved else None,
                step=step,
                time=None if dt is None else step * float(dt),
            )


# Variables of positions, the best first.
_COORDINATES = ("unwrapped_coordinates", "coordinates", "scaled_coordinates")
_OF_FRAME = {*_COORDINATES, "cell_lengths", "cell_angles", "cell_origin", "time", "id", "type",
             "ix", "iy", "iz"}  # fmt: skip


def netcdf_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """AMBER NetCDF, of LAMMPS, mdtraj or a study of ours; numbers as they are in the file.

    LAMMPS adds ``id``, ``type`` and images as variables of their own. Its times are steps, with the
    time of a step as their scale; its edges are zero along directions that are not periodic.
    """
    import netCDF4

    with path.open("rb") as handle:
        classic = handle.read(3) == b"CDF"
        # the library notices the end of memory; of such a file it reads zeros beyond the end
        memory = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) if classic else None
    try:
        with netCDF4.Dataset(path, memory=memory) as store:
            yield from _netcdf_frames(store)
    except (RuntimeError, OSError) as error:
        if classic:
            raise TruncatedError("is truncated, or its header is damaged") from error
        raise TrajectoryError(f"is truncated or damaged ({error})") from error


def _netcdf_frames(store: Any) -> Iterator[Frame]:
    store.set_auto_maskandscale(False)
    have = {name: part for name, part in store.variables.items() if name in _OF_FRAME}
    name = next((name for name in _COORDINATES if name in have), None)
    if name is None:
        raise TrajectoryError(
            f"has the variables {', '.join(store.variables)}; coordinates (or "
            "unwrapped_coordinates) are needed"
        )
    own = getattr(store, "title", "") == "softcage"
    for k in range(len(store.dimensions["frame"])):
        now = {key: _scaled(part, k) for key, part in have.items()}
        positions, lengths = now[name].astype(float), now.get("cell_lengths")
        cell = [now[key] for key in ("cell_lengths", "cell_angles") if key in now]
        unwritten = np.isnan(positions).any() and not np.isnan(store[name][k]).any()
        if unwritten or any(np.isnan(part).any() for part in cell):
            raise TrajectoryError("was never written: the run was stopped before, or while it was")
        box = box_of(lengths, now.get("cell_angles"))
        if name == "scaled_coordinates":
            positions = unscaled(positions, box, now.get("cell_origin", 0.0))
        images = [now[key] for key in ("ix", "iy", "iz") if key in now]
        yield Frame(
            positions,
            box,
            periodic=lengths is None or box is not None,
            origin=now.get("cell_origin", 0.0),
            labels=tuple(map(str, now["type"].tolist())) if "type" in now else None,
            ids=now.get("id"),
            images=np.stack(images, axis=1) if len(images) == 3 else None,
            time=None if np.isnan(time := float(now.get("time", np.nan))) else time,
            unwrapped=own or name == "unwrapped_coordinates",
            ours=own,
        )


def _scaled(part: Any, k: int) -> np.ndarray:
    """Return the numbers of a variable in a frame, NaN where none were written.

    The convention asks readers to multiply by ``scale_factor``.
    """
    values = np.asarray(part[k] if part.dimensions[0] == "frame" else part[:])
    if not np.issubdtype(values.dtype, np.floating):
        scale = float(str(getattr(part, "scale_factor", 1.0)))
        return values if scale == 1.0 else values * scale
    fill = getattr(part, "_FillValue", np.inf)
    values = values.astype(float)
    missing = (np.abs(values) > 9e36) | (values == fill)
    values = values * float(str(getattr(part, "scale_factor", 1.0)))
    return np.where(missing, np.nan, values)


def trr_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """TRR in single or double precision, by the sizes in the header of each frame.

    mdtraj makes double precision single, and a damaged header kills the interpreter in its library.
    """
    without = number = 0
    with path.open("rb") as handle:
        while header := handle.read(76):
            if len(header) < 76:
                raise TruncatedError("is truncated in its header")
            # sizes of ir, e, box, vir, pres, top, sym, x, v, f; atoms, step
            *sizes, n, step, _ = struct.unpack(">24x13i", header)
            arrays = sizes[7:10]
            real = 8 if n > 0 and (24 * n in arrays or sizes[2] == 72) else 4
            body = handle.read(2 * real + sum(sizes)) if min(sizes) >= 0 else b""
            if n < 1 or min(sizes) < 0 or not set(arrays) <= {0, 3 * n * real} or not any(arrays):
                raise TrajectoryError("is truncated, damaged or without positions")
            if len(body) < 2 * real + sum(sizes):
                raise TruncatedError("is truncated")
            if not arrays[0]:
                without += 1
                continue
            numbers = np.frombuffer(body, f">f{real}").astype(float)
            start = 2 + sum(sizes[:7]) // real
            box = numbers[2:11].reshape(3, 3) if sizes[2] else np.zeros((3, 3))
            positions = numbers[start : start + 3 * n].reshape(n, 3)
            number += 1
            yield Frame(positions, box if box.any() else None, step=step, time=float(numbers[0]))
    if without and not number:
        raise TrajectoryError("has no positions, nor has any other: only velocities or forces")
    if without:
        log.warning(
            "%s: %d frames without positions, of velocities or forces alone, are left out",
            path, without,
        )  # fmt: skip


def dcd_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """DCD, as records of Fortran; mdtraj would leave out a last frame that is not whole."""
    from scipy.io import FortranEOFError, FortranFile, FortranFormattingError

    with path.open("rb") as handle:
        head = handle.read(12)
    kinds = {np.array(84, k).tobytes() + b"CORD": k for k in ("<u4", ">u4", "<u8", ">u8")}
    kind = next((kind for start, kind in kinds.items() if head.startswith(start)), None)
    if kind is None:
        raise TrajectoryError("is none of a DCD file, which begins with CORD")
    integers, real, double = (f"{kind[0]}{what}" for what in ("i4", "f4", "f8"))
    with FortranFile(path, header_dtype=np.dtype(kind)) as file:
        _, *control = file.read_record(integers).tolist()
        if control[8]:  # some atoms are fixed, and only in the first frame
            yield from mdtraj_frames(path, topology)
            return
        file.read_record("S1"), file.read_record(integers)  # title, number of atoms
        records = [double] * bool(control[10]) + [real] * (4 if control[11] else 3)
        for number in itertools.count():
            parts: list[np.ndarray] = []
            try:
                parts.extend(file.read_record(record) for record in records)
            except (FortranEOFError, FortranFormattingError) as error:
                if isinstance(error, FortranEOFError) and not parts and number >= control[0]:
                    return
                raise TruncatedError(f"is truncated: the file names {control[0]}") from error
            a, gamma, b, beta, alpha, c = parts.pop(0) if control[10] else np.zeros(6)
            angles = np.array([alpha, beta, gamma])
            if np.all(np.abs(angles) <= 1.0):  # NAMD writes their cosines
                angles = np.degrees(np.arccos(angles))
            yield Frame(np.stack(parts[:3], axis=1).astype(float), box_of((a, b, c), angles))


def xtc_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """XTC: whole numbers times a precision, found again behind mdtraj's single precision.

    mdtraj reads only frames that are whole: its library takes pieces of many at once, and of one
    that ends early loses all.
    """
    import mdtraj

    whole, wrong = _whole_xtc_frames(path)
    if whole:
        with path.open("rb") as handle:
            n, precision = struct.unpack(">4xi48xf", handle.read(60))
        with mdtraj.open(str(path)) as handle:
            for done in range(0, whole, CHUNK):
                chunk = handle.read(n_frames=min(CHUNK, whole - done))
                for positions, time, step, box in zip(*chunk, strict=True):
                    positions, box = positions.astype(float), box.astype(float)
                    if n > 9:  # fewer are written as they are
                        positions = np.rint(positions * precision) / precision
                    yield Frame(
                        positions, box if box.any() else None, step=int(step), time=float(time)
                    )
    if wrong is not None:
        raise wrong


def _whole_xtc_frames(path: Path) -> tuple[int, TrajectoryError | None]:
    """Return the number of whole frames at the beginning of an XTC file, and what ends them.

    A frame has a head of 52 bytes, the number of particles, and, of more than nine, 36 bytes and
    the length of the packed positions, which end at a multiple of four.
    """
    size, number, at = path.stat().st_size, 0, 0
    with path.open("rb") as handle:
        while at < size:
            handle.seek(at)
            head = handle.read(92)
            if len(head) < 56:
                return number, TruncatedError("is truncated")
            magic, n = struct.unpack(">2i", head[:8])
            if magic not in (1995, 2023) or n < 0 or n != struct.unpack(">i", head[52:56])[0]:
                return number, TrajectoryError("is damaged: no frame of XTC begins there")
            if n <= 9:
                at += 56 + 12 * n
            elif magic == 2023:  # of more than 300 million particles: the length has 8 bytes
                at += 96 + (struct.unpack(">q", (head + handle.read(4))[88:96])[0] + 3) // 4 * 4
            elif len(head) < 92:
                return number, TruncatedError("is truncated")
            else:
                length = struct.unpack(">i", head[88:92])[0]
                if length < 0:
                    return number, TrajectoryError("is damaged: its length is negative")
                at += 92 + (length + 3) // 4 * 4
            if at > size:
                return number, TruncatedError("is truncated")
            number += 1
    return number, None


# Formats of mdtraj with so many decimals, which its numbers in single precision give back so.
_THREE_DECIMALS = (".pdb", ".pdb.gz", ".crd", ".mdcrd")


def mdtraj_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """Everything else that mdtraj has a reader for, in the numbers of the file."""
    import mdtraj

    known = mdtraj.FormatRegistry.fileobjects
    suffix = next((s for s in known if path.name.lower().endswith(s)), None)
    if suffix is None:
        raise TrajectoryError(
            f"is of a format that is not known, {path.suffix or '(no suffix)'}; known are LAMMPS "
            f"dumps, .xyz, .gsd and {' '.join(sorted(known))}"
        )
    unit = 10.0 if known[suffix].distance_unit == "angstroms" else 1.0
    options = {}
    if suffix.split(".")[1] not in ("pdb", "pdbx", "mmcif", "cif", "arc"):
        if topology is None:
            raise TrajectoryError(f"does not say what its particles are: {HOW_TO_NAME_PARTICLES}")
        options = {"top": _unnamed(topology())}
    for part in mdtraj.iterload(str(path), chunk=CHUNK, **options):
        labels = None if options else tuple(atom.name for atom in part.topology.atoms)
        for k, positions in enumerate(part.xyz.astype(float) * unit):
            lengths, angles = (
                None if values is None else values[k]
                for values in (part.unitcell_lengths, part.unitcell_angles)
            )
            box = box_of(None if lengths is None else lengths * unit, angles)
            exact = np.round(positions, 3) if suffix in _THREE_DECIMALS else positions
            yield Frame(exact, box, labels=labels)


def _unnamed(labels: tuple[str, ...]) -> Any:
    """Return a topology of mdtraj with as many atoms as there are labels."""
    import mdtraj

    of_mdtraj = mdtraj.Topology()
    residue = of_mdtraj.add_residue("X", of_mdtraj.add_chain())
    for label in labels:
        of_mdtraj.add_atom(label, mdtraj.element.virtual_site, residue)
    return of_mdtraj
