"""Trajectories that were made elsewhere: read, checked, unwrapped and turned into our own format.

Any format that mdtraj reads, and LAMMPS dumps, GSD, HDF5 and AMBER NetCDF by readers of our own:
mdtraj's own reader of dumps takes scaled coordinates for plain ones, ignores image flags and does
not see missing atoms or a truncated file; its reader of GSD drops the images.

What is asked of a file: a cubic periodic box that stays the same, the same particles in every
frame, evenly spaced frames. Everything else ends in a :class:`TrajectoryError`, which says what is
wrong, where, and what to do.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from softcage.files import replacing
from softcage.model import Mixture
from softcage.trajectory import Trajectory, open_trajectory, write_topology, write_trajectory

# Relative change of a box edge that single precision or rounded text can cause.
_BOX_TOLERANCE = 1e-5
# Densities in sigma_AA^-3 beyond which the lengths of a file must be in another unit.
_DENSITIES = (0.1, 5.0)
_CHUNK = 64
_TOP = (
    "give --top, a structure file with the names of the particles, or a text file (.txt) with one "
    "name a line"
)


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


# ---------------------------------------------------------------- readers, one a format
def read_frames(path: str | Path, topology: str | Path | None = None) -> Iterator[Frame]:
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


def _reader(path: Path):
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


def _dump_frames(path: Path, topology=None) -> Iterator[Frame]:
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


def _dump_header(handle, path: Path, number: int) -> dict | None:
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
    if has_images and not unwrapped:
        names = (*names, *images)
    wanted = [columns.index(name) for name in ("id", *names)]
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


def _gsd_frames(path: Path, topology=None) -> Iterator[Frame]:
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


def _hdf5_frames(path: Path, topology=None) -> Iterator[Frame]:
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


def _netcdf_frames(path: Path, topology=None) -> Iterator[Frame]:
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


def _lean_frames(path: Path, topology) -> Iterator[Frame]:
    """DCD, XTC and TRR: the low-level readers of mdtraj, whose numbers are those of the file."""
    import mdtraj

    if path.suffix.lower() == ".dcd":
        _check_dcd(path)
    with _quiet():  # the reader of DCD tells standard output about the file
        handle = mdtraj.open(str(path))
    with handle:
        while True:
            xyz, *rest = handle.read(n_frames=_CHUNK)
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


def _mdtraj_frames(path: Path, topology) -> Iterator[Frame]:
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
                f"{path}: this format does not say what its particles are: {_TOP}"
            )
        options = {"top": mdtraj.load_topology(str(topology))}
    for part in mdtraj.iterload(str(path), chunk=_CHUNK, **options):
        labels = tuple(atom.name for atom in part.topology.atoms)
        for k, positions in enumerate(part.xyz):
            yield Frame(
                positions.astype(float) * unit,
                None if part.unitcell_lengths is None else part.unitcell_lengths[k] * unit,
                cubic_angles=part.unitcell_angles is None or _right(part.unitcell_angles[k]),
                labels=labels,
            )


def _lengths_and_angles(vectors) -> tuple[np.ndarray, np.ndarray]:
    """Edges (k, 3) and angles of box vectors (k, 3, 3); any tilt gives an angle that is not 90."""
    vectors = np.asarray(vectors, dtype=float)
    lengths = np.linalg.norm(vectors, axis=2)
    tilt = np.abs(vectors * (1.0 - np.eye(3))).max(axis=2)
    return lengths, 90.0 + np.where(tilt > 1e-6 * lengths, 1.0, 0.0)


def _edges(lengths, k: int) -> np.ndarray | None:
    """Return the edges of frame ``k``, or None if the file has no box."""
    if lengths is None or not np.all(np.asarray(lengths[k]) > 0):
        return None
    return np.asarray(lengths[k], dtype=float)


def _right(angles) -> bool:
    return angles is None or bool(np.all(np.abs(np.asarray(angles, dtype=float) - 90.0) < 1e-3))


# ---------------------------------------------------------------- what the particles are
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


def _species(path, labels: Sequence[str], mixture: Mixture, names: Mapping | None) -> np.ndarray:
    """Return the species of each particle from its label, (N,) int64."""
    counts = {label: labels.count(label) for label in dict.fromkeys(labels)}
    seen = ", ".join(f"{label} ({n})" for label, n in counts.items())
    example = ",".join(
        f"{name}={label}" for name, label in zip(mixture.species, counts, strict=False)
    )
    of_label = {name: name for name in mixture.species}
    if names:
        of_label = {}
        for name, values in names.items():
            if name not in mixture.species:
                raise TrajectoryError(
                    f"species {name} is not in the mixture, which has {', '.join(mixture.species)}"
                )
            for value in values if isinstance(values, list | tuple) else [values]:
                of_label[str(value)] = name
    unknown = [label for label in counts if label not in of_label]
    if unknown:
        raise TrajectoryError(
            f"{path}: particles are labelled {seen}; say which is which species of the mixture "
            f"({', '.join(mixture.species)}), for example --species {example}"
        )
    index = {label: mixture.species.index(of_label[label]) for label in counts}
    species = np.array([index[label] for label in labels], dtype=np.int64)
    found = np.bincount(species, minlength=len(mixture.species))
    expected = mixture.fractions * len(species)
    if np.any(np.abs(found - expected) > 1.0):
        shares = ":".join(f"{100 * n / len(species):.4g}" for n in found)
        wanted = ":".join(f"{100 * x:.4g}" for x in mixture.fractions)
        raise TrajectoryError(
            f"{path}: the composition {':'.join(mixture.species)} is {shares}, the mixture's is "
            f"{wanted}: check --species, or give the mixture with --potential"
        )
    return species


# ---------------------------------------------------------------- checked frames
@dataclass(frozen=True, eq=False)
class External:
    """A trajectory of others whose first frame has been checked.

    Attributes
    ----------
    path : Path
    box : float
        Edge of the cube, sigma_AA.
    species : (N,) int64 array
        Sorted: all particles of the first species, then the second, ...
    order : (N,) int64 array
        Place of each of them in the file (in a LAMMPS dump: among its sorted ids).
    length_unit : float
        Numbers of the file in one sigma_AA.
    unwrapped : bool
        Whether positions are taken as unwrapped.
    first : Frame
    topology : Path or None
    own_box : float or None
        Edge of the box, sigma_AA, where the file has none.
    """

    path: Path
    box: float
    species: np.ndarray
    order: np.ndarray
    length_unit: float
    unwrapped: bool
    first: Frame
    topology: Path | None = None
    own_box: float | None = None

    def frames(self) -> Iterator[Frame]:
        """Yield every frame, checked: positions sorted by species, in sigma_AA, as in the file."""
        for number, frame in enumerate(read_frames(self.path, self.topology)):
            self._check(number, frame)
            yield replace(frame, positions=frame.positions[self.order] / self.length_unit)

    def _check(self, number: int, frame: Frame) -> None:
        here = f"{self.path}: frame {number}"
        if len(frame.positions) != len(self.species) or frame.ids != self.first.ids:
            raise TrajectoryError(
                f"{here} has {len(frame.positions)} particles, not the {len(self.species)} of the "
                "first frame: atoms are missing or others than before; dump all of them each time"
            )
        if frame.labels != self.first.labels:
            raise TrajectoryError(f"{here}: particles have changed their type")
        if not np.isfinite(frame.positions).all():
            raise TrajectoryError(f"{here} holds NaN or infinity: the file is damaged")
        box = _box(here, frame, self.length_unit, self.own_box)
        if abs(box / self.box - 1.0) > _BOX_TOLERANCE:
            raise TrajectoryError(
                f"{here}: the box edge is {box:.6g}, it was {self.box:.6g}: only runs at constant "
                "volume (NVT, NVE) can be used"
            )

    def positions(self) -> Iterator[np.ndarray]:
        """Yield unwrapped positions of every frame, (N, 3) float64, sigma_AA."""
        frames = (frame.positions for frame in self.frames())
        return follow(frames, self.box, self.path, wrapped=not self.unwrapped)


def _box(here: str, frame: Frame, unit: float, own: float | None) -> float:
    """Return the edge of a frame's box in sigma_AA, after checking that it is a periodic cube."""
    lengths = None if frame.lengths is None else np.asarray(frame.lengths, dtype=float) / unit
    if lengths is None or not np.all(np.isfinite(lengths)) or not np.all(lengths > 0):
        if own is not None:
            return own
        raise TrajectoryError(f"{here} has no periodic box: give its edge with --box")
    if not frame.cubic_angles or np.ptp(lengths) > _BOX_TOLERANCE * lengths[0]:
        edges = " x ".join(f"{length:.6g}" for length in lengths)
        tilt = "" if frame.cubic_angles else ", not at right angles"
        raise TrajectoryError(f"{here}: the box is {edges}{tilt}; only a cube can be used")
    return float(lengths.mean())


def open_external(
    path: str | Path,
    mixture: Mixture,
    *,
    species: Mapping | None = None,
    topology: str | Path | None = None,
    length_unit: float | None = None,
    box: float | None = None,
    unwrapped: bool | None = None,
) -> External:
    """Read the first frame of a trajectory made elsewhere and check that it can be used.

    Parameters
    ----------
    path : path
        LAMMPS dump (plain or .gz), GSD, HDF5, NetCDF, DCD, XTC, TRR, or any format of mdtraj.
    mixture : Mixture
    species : mapping, optional
        Species of the mixture to type or name in the file (or a list of them), as
        ``{"A": 1, "B": 2}``; by default the file uses the mixture's own names.
    topology : path, optional
        What the particles are, where the trajectory does not say: see :func:`read_labels`.
    length_unit : float, optional
        How many of the file's units of length make one sigma_AA. 1 by default; 10 for NetCDF files
        of this package. mdtraj writes 10 times its own numbers into DCD, NetCDF and LAMMPS files.
    box : float, optional
        Edge of the box in sigma_AA, for formats without one.
    unwrapped : bool, optional
        True: positions are unwrapped, as they are. False: they are not, whatever the file says.
        By default LAMMPS dumps (xu, or x with ix) and GSD files (images saved in every frame) say
        so themselves; every other format is unwrapped by the minimum image, which leaves positions
        that were already unwrapped as they are, if frames are close enough.

    Raises
    ------
    TrajectoryError
        If the file cannot be read or its box, species, composition or units cannot be used.
    """
    path = Path(path)
    topology = None if topology is None else Path(topology)
    first = next(read_frames(path, topology))
    own_format = first.ours
    if length_unit is None:
        length_unit = 10.0 if own_format else 1.0
    if topology is None and own_format and path.with_name("topology.pdb").is_file():
        topology = path.with_name("topology.pdb")
    labels = read_labels(topology) if topology is not None else first.labels
    if labels is None:
        raise TrajectoryError(f"{path}: this format does not say what its particles are: {_TOP}")
    if len(labels) != len(first.positions):
        raise TrajectoryError(
            f"{topology} lists {len(labels)} particles, {path} has {len(first.positions)}"
        )
    of_file = _species(path, labels, mixture, species)
    edge = _box(f"{path}: frame 0", first, length_unit, box)
    density = len(of_file) / edge**3
    if not _DENSITIES[0] < density < _DENSITIES[1]:
        raise TrajectoryError(
            f"{path}: the density would be {density:.3g} per sigma_AA^3, that of no liquid: are "
            "its lengths in another unit? Say how many of its units make one sigma_AA with "
            f"--length-unit (with {10 * length_unit:g} the density would be {density * 1000:.3g})"
        )
    order = np.argsort(of_file, kind="stable")
    return External(
        path=path,
        box=edge,
        species=of_file[order],
        order=order,
        length_unit=length_unit,
        unwrapped=first.unwrapped if unwrapped is None else unwrapped,
        first=first,
        topology=topology,
        own_box=box,
    )


# ---------------------------------------------------------------- unwrapping
def follow(
    frames: Iterable[np.ndarray],
    box: float,
    name: object = "trajectory",
    wrapped: bool = True,
    bound: float = 0.25,
) -> Iterator[np.ndarray]:
    r"""Yield unwrapped positions: each particle moves by the nearest image of its displacement.

    .. math:: u(t_{k+1}) = u(t_k) + d - L \, \mathrm{round}(d / L), \qquad
              d = r(t_{k+1}) - r(t_k)

    Positions that are unwrapped already come out as they went in. This is right as long as nothing
    moves by L/2 along an axis between two frames. Whether something did cannot be seen, but
    displacements then spread over the whole box: nothing may move by more than ``bound`` L, which
    is twice as strict.

    Parameters
    ----------
    frames : iterable of (N, 3) arrays
    box : float
        Edge L of the cube.
    name : object
        For messages.
    wrapped : bool
        False: positions are said to be unwrapped; they are yielded as they are, after a look
        whether they jump by a whole box.
    bound : float
        Largest displacement along an axis between two frames in units of L.

    Raises
    ------
    TrajectoryError
        If frames are too far apart to unwrap, or positions said to be unwrapped are not.
    """
    before = current = None
    for number, positions in enumerate(frames):
        positions = np.asarray(positions, dtype=float)
        if before is None:
            current = positions.copy()
        else:
            step = positions - before
            crossed = np.rint(step / box)
            nearest = step - box * crossed
            furthest = np.abs(nearest).max()
            if wrapped and furthest > bound * box:
                raise TrajectoryError(
                    f"{name}: frames {number - 1} and {number} are too far apart to unwrap: a "
                    f"particle moved by {furthest:.3g} along an axis, more than {bound:g} of the "
                    f"box edge {box:.4g}: save frames more often, or unwrapped positions"
                )
            if not wrapped and crossed.any() and furthest < bound * box:
                raise TrajectoryError(
                    f"{name}: between frames {number - 1} and {number} "
                    f"{np.count_nonzero(crossed.any(axis=1))} particles jump by the box edge "
                    f"{box:.4g}: the positions are wrapped; say so with --no-unwrapped"
                )
            current = current + (nearest if wrapped else step)
        before = positions
        yield current


def without_drift(frames: Iterable[np.ndarray], masses: np.ndarray) -> Iterator[np.ndarray]:
    """Yield unwrapped positions relative to the centre of mass, which stays where it was first.

    Parameters
    ----------
    frames : iterable of (N, 3) arrays
    masses : (N,) array
    """
    weights = masses / masses.sum()
    origin = None
    for positions in frames:
        centre = weights @ positions
        origin = centre if origin is None else origin
        yield positions - (centre - origin)


# ---------------------------------------------------------------- into our own format
def import_trajectory(
    external: External,
    folder: str | Path,
    mixture: Mixture,
    *,
    interval: float | None = None,
    timestep: float | None = None,
    stop: int | None = None,
    hops: bool = True,
    progress=lambda frame: None,
) -> Trajectory:
    """Write a trajectory as ``folder/uniform.nc`` with its tables, unwrapped; return it.

    Drift of the centre of mass is taken out. Particles are sorted by species
    (``external.order`` says where they were). Memory does not grow with the number of frames.

    Parameters
    ----------
    external : External
    folder : path
    mixture : Mixture
    interval : float, optional
        Time between frames; by default that of the file.
    timestep : float, optional
        Unit of the column ``step``; by default the time between frames.
    stop : int, optional
        Number of frames to read; all by default.
    hops : bool
        Whether displacements are wanted. Without them positions stay as they are in the file, and
        frames may be far apart, unevenly spaced and without times (then NaN).
    progress : callable
        Called with the number of each frame.

    Raises
    ------
    TrajectoryError
        As :meth:`External.frames` and :func:`follow`, if frames are not evenly spaced, or if the
        file has no times and none are given.
    """
    folder = Path(folder)
    times: list[float | None] = []
    steps: list[int | None] = []
    clock: list[float] = []  # grows while the frames are written

    def sorted_frames():
        for number, frame in enumerate(itertools.islice(external.frames(), stop)):
            times.append(frame.time)
            steps.append(frame.step)
            if hops:
                _check_spacing(external.path, times, steps, interval)
            clock.append(frame.time if interval is None and frame.time is not None else number)
            progress(number)
            yield frame.positions

    positions = sorted_frames()
    if hops:
        positions = follow(positions, external.box, external.path, not external.unwrapped)
        positions = without_drift(positions, mixture.masses[external.species])
    write_trajectory(folder / "uniform.nc", _chunks(positions), clock, external.box)
    if interval is None:
        known = hops and len(times) > 1
        # six digits are what times in single precision have
        interval = float(f"{(times[-1] - times[0]) / (len(times) - 1):.6g}") if known else np.nan
    table = pd.DataFrame({"frame": np.arange(len(times))})
    # a single frame has no interval; any will do
    stride = 1 if timestep is None or not np.isfinite(interval) else round(interval / timestep)
    if timestep is not None and np.isfinite(interval):
        if stride < 1 or abs(stride * timestep / interval - 1) > 1e-4:
            raise TrajectoryError(
                f"{external.path}: the time between frames, {interval:g}, is no whole number of "
                f"time steps of {timestep:g}"
            )
        interval = stride * timestep
    table["step"] = stride * table["frame"]
    table["time"] = np.round(table["frame"] * interval, 9)
    if not hops and None not in times and np.isnan(interval):
        table["time"] = np.asarray(times, dtype=float)
    elif len(times) == 1:
        table["time"] = 0.0
    table["block"] = table["lag"] = 0
    with replacing(folder / "uniform.csv") as temporary:
        table.to_csv(temporary, index=False)
    first = external.first.positions[external.order] / external.length_unit
    write_topology(folder / "topology.pdb", external.species, mixture.species, first, external.box)
    return open_trajectory(folder / "uniform.nc")


def _chunks(frames: Iterable[np.ndarray], size: int = _CHUNK) -> Iterator[np.ndarray]:
    frames = iter(frames)
    while part := list(itertools.islice(frames, size)):
        yield np.array(part)


def _check_spacing(path: Path, times: list, steps: list, given: float | None) -> None:
    """Refuse the newest frame if it is not as far from the one before as the second from the first.

    ``times`` and ``steps`` are those of all frames so far, None where the file has none.
    """
    k = len(times) - 1
    if k < 1:
        return
    if given is None and times[k] is None:
        apart = "" if steps[k] is None else f" (frames are {steps[k] - steps[k - 1]} steps apart)"
        raise TrajectoryError(
            f"{path}: has no times{apart}: give the time between frames with --interval"
        )
    for what, values in (("steps", steps), ("times", times)):
        if values[k] is None or (what == "times" and given is not None):
            continue
        first, gap = values[1] - values[0], values[k] - values[k - 1]
        # times are in single precision in most formats
        slack = 1e-3 * abs(first) + (4e-7 * abs(values[k]) if what == "times" else 0.0)
        if gap <= 0 or abs(gap - first) > slack:
            raise TrajectoryError(
                f"{path}: frames are not evenly spaced: the {what} of frames {k - 1} and {k} are "
                f"{values[k - 1]:g} and {values[k]:g}, those of the first two {values[0]:g} and "
                f"{values[1]:g}"
            )
