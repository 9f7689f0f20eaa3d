"""Readers of text: dumps of LAMMPS, every kind of XYZ, GRO; plain or packed."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import lzma
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import numpy as np

from softcage.io.readers.frame import (
    Frame,
    Topology,
    TrajectoryError,
    TruncatedError,
    along_axes,
    sort_by_id,
)


def _open_zstd(path: Path) -> Any:
    import pyarrow as pa

    return pa.input_stream(str(path), compression="zstd")


# What a packed file begins with, whatever it is called.
_PACKERS: dict[bytes, Callable[[Path], Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
    b"\x28\xb5\x2f\xfd": _open_zstd,
}


def unpacked(path: Path) -> BinaryIO:
    """Open a file to read its bytes, unpacked if it is packed."""
    with path.open("rb") as handle:
        head = handle.read(6)
    opener = next((f for magic, f in _PACKERS.items() if head.startswith(magic)), None)
    return path.open("rb") if opener is None else opener(path)


def _text(path: Path) -> TextIO:
    """Open a text file, packed or not, with any ends of lines and with or without a UTF-8 mark."""
    return io.TextIOWrapper(unpacked(path), encoding="utf-8-sig", errors="replace")


def _line(handle: TextIO, here: str) -> str:
    """Read a line of a header, whole."""
    line = next(handle, "")
    if not line.endswith("\n"):
        raise TruncatedError(f"{here} is truncated in its header")
    return line


def _rows(handle: TextIO, n: int, here: str, used: Callable[[int], bool]) -> list[str]:
    """Read the lines of n particles; ``used(c)`` says whether the numbers of column c count."""
    rows = list(itertools.islice(handle, n))
    if n < 1:
        raise TrajectoryError(f"{here} holds no particles")
    if len(rows) < n:
        raise TruncatedError(f"{here} is truncated: it has {len(rows)} of {n} particles")
    if not rows[-1].endswith("\n"):
        words = [row.split() for row in rows]
        last = len(words[-1]) - 1
        whole = len(words[-1]) >= len(words[0]) > 0
        if not whole or (used(last) and not _as_long_as_others(words, last)):
            raise TruncatedError(
                f"{here} is truncated, or its last line only has no end: the last number may lack "
                "digits. If the file is whole, end the line:  echo >> FILE"
            )
    return rows


def _as_long_as_others(rows: list[list[str]], column: int) -> bool:
    """Whether the last number of a column has as many digits as any other: none was cut off."""
    words = [row[column] if column < len(row) else "" for row in rows]
    decimals = [len(word.partition(".")[2]) for word in words]
    if "." not in words[-1] or len(words) < 2:
        return False
    if len(set(decimals[:-1])) == 1:
        return decimals[-1] == decimals[0]
    digits = [len(word.lower().split("e")[0].lstrip("-+0.").replace(".", "")) for word in words]
    return digits[-1] >= max(digits[:-1])


def _numbers(here: str, rows: list[str], columns: list[int]) -> np.ndarray:
    """Return the columns (N, k) of the lines as numbers."""
    try:
        values = np.loadtxt(rows, usecols=columns, ndmin=2, comments=None)
    except ValueError as error:
        comma = any(re.search(r"\d,\d", row) for row in rows[:10])
        what = "its numbers have decimal commas, points are needed" if comma else str(error)
        raise TrajectoryError(f"{here} is damaged: {what}") from error
    if len(values) != len(rows):
        raise TrajectoryError(f"{here} is damaged: it has empty lines")
    return values


def _whole_numbers(here: str, values: np.ndarray) -> np.ndarray:
    if not np.all(np.abs(values) < 2**53) or np.any(values != np.rint(values)):
        raise TrajectoryError(f"{here} is damaged: an id or image is no whole number")
    return values.astype(np.int64)


# Columns of positions, the best first: (names, unwrapped, scaled by the box).
_COORDINATES = (
    (("xu", "yu", "zu"), True, False),
    (("xsu", "ysu", "zsu"), True, True),
    (("x", "y", "z"), False, False),
    (("xs", "ys", "zs"), False, True),
)
_IMAGES = (("ix", "iy", "iz"), ("imx", "imy", "imz"))


def _table_frame(
    here: str,
    rows: list[str],
    columns: list[str],
    vectors: np.ndarray | None,
    origin: np.ndarray,
    **rest: Any,
) -> Frame:
    """Return the frame of lines whose columns have the names of LAMMPS; ``vectors``: of the box."""
    if any(len(row.split()) < len(columns) for row in (rows[0], rows[-1])):
        raise TrajectoryError(f"{here} is truncated or damaged: a line has too few columns")
    names, unwrapped, scaled = next(c for c in _COORDINATES if set(c[0]) <= set(columns))
    images = next((names for names in _IMAGES if set(names) <= set(columns)), None)
    more = images if images and not unwrapped and vectors is not None else ()
    ids = ("id",) if "id" in columns else ()
    values = _numbers(here, rows, [columns.index(name) for name in (*names, *more, *ids)])
    positions = values[:, :3]
    if scaled and vectors is None:
        raise TrajectoryError(f"{here} has scaled coordinates but no periodic box")
    if scaled:
        positions = origin + positions @ vectors
    if more:
        positions = positions + _whole_numbers(here, values[:, 3:6]) @ vectors
    kind = next((name for name in ("type", "element") if name in columns), None)
    labels = None if kind is None else [row.split()[columns.index(kind)] for row in rows]
    if ids:
        number = _whole_numbers(here, values[:, -1])
        order = sort_by_id(here, number)
        positions, rest["ids"] = positions[order], tuple(number[order].tolist())
        labels = labels and [labels[k] for k in order]
    return Frame(
        positions,
        None if vectors is None else np.linalg.norm(vectors, axis=1),
        cubic_angles=vectors is None or along_axes(vectors),
        labels=None if labels is None else tuple(labels),
        unwrapped=unwrapped or bool(more),
        **rest,
    )


def _used(columns: list[str]) -> Callable[[int], bool]:
    """Say of which columns every digit counts, for lines with these columns."""
    used = {"id", "type", "element", *itertools.chain(*_IMAGES, *(c[0] for c in _COORDINATES))}
    return lambda k: k < len(columns) and columns[k] in used


def dump_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """LAMMPS dumps: atoms sorted by id, coordinates unscaled, images applied."""
    with _text(path) as handle:
        for number in itertools.count():
            here = f"{path}: frame {number}"
            header = _dump_header(handle, here)
            if header is None:
                return
            columns = header["columns"]
            if "id" not in columns or not any(set(c[0]) <= set(columns) for c in _COORDINATES):
                raise TrajectoryError(
                    f"{here} has the columns {' '.join(columns)}; id and x y z (or xu yu zu, xs ys "
                    "zs) are needed: dump with 'id type x y z ix iy iz'"
                )
            rows = _rows(handle, header["n"], here, _used(columns))
            yield _table_frame(
                here,
                rows,
                columns,
                header["vectors"],
                header["origin"],
                step=header["step"],
                time=header["time"],
            )


def _dump_header(handle: TextIO, here: str) -> dict[str, Any] | None:
    """Read the ITEM: lines before the atoms; None at the end of the file."""
    header: dict[str, Any] = {"step": None, "time": None, "n": None, "vectors": None, "origin": 0}
    for line in handle:
        if line.strip() and not line.endswith("\n"):
            break
        if line.startswith("ITEM: ATOMS"):
            if header["n"] is None:
                break
            return {**header, "columns": line.split()[2:]}
        if line.startswith("ITEM: TIMESTEP"):
            header["step"] = int(_line(handle, here))
        elif line.startswith("ITEM: TIME"):
            header["time"] = float(_line(handle, here))
        elif line.startswith("ITEM: NUMBER OF ATOMS"):
            header["n"] = int(_line(handle, here))
        elif line.startswith("ITEM: BOX BOUNDS"):
            flags = {word for word in line.split()[3:] if re.fullmatch("[pfsm]{2}", word)}
            rows = [[float(word) for word in _line(handle, here).split()] for _ in range(3)]
            if flags <= {"pp"}:
                header["vectors"], header["origin"] = _dump_box(np.array(rows), "abc" in line)
        elif line.startswith("ITEM:"):
            _line(handle, here)
        elif line.strip():
            raise TrajectoryError(f"{here} is no frame of a LAMMPS dump: {line.strip()[:40]!r}")
    else:
        if header["n"] is None and header["step"] is None:
            return None
    raise TruncatedError(f"{here} is truncated in its header")


def _dump_box(rows: np.ndarray, general: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the vectors (3, 3) of the box and its origin (3,) from the lines of BOX BOUNDS.

    General boxes have a vector and a coordinate of the origin a line, all others lo, hi and a tilt.
    """
    if general:
        return rows[:, :3], rows[:, 3]
    vectors = np.diag(rows[:, 1] - rows[:, 0])
    if rows.shape[1] > 2:
        vectors[1, 0], vectors[2, 0], vectors[2, 1] = rows[:, 2]
    return vectors, rows[:, 0]


def xyz_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """XYZ, plain or with what extended XYZ, RUMD, atooms and LAMMPS write into the comment line."""
    with _text(path) as handle:
        for number in itertools.count():
            here = f"{path}: frame {number}"
            line = next((line for line in handle if line.strip()), None)
            if line is None:
                return
            if not line.strip().isdecimal():
                raise TrajectoryError(
                    f"{here} begins with {line.strip()[:40]!r}, not with the number of particles"
                )
            said = _comment(_line(handle, here))
            columns = _xyz_columns(here, said)
            rows = _rows(handle, int(line), here, _used(columns))
            yield _table_frame(here, rows, columns, *_xyz_box(here, said), **_clock(said))


def _comment(line: str) -> dict[str, str]:
    """Return what a comment line says: words ``key=value`` or ``key:value``, keys in lower case."""
    pairs = re.findall(r"""(\w+)\s*[=:]\s*("[^"]*"|'[^']*'|\{[^}]*\}|\[[^\]]*\]|\S+)""", line)
    return {key.lower(): value.strip("\"'{}[]").rstrip(",") for key, value in pairs}


# Names that others give to the columns of LAMMPS.
_ALIASES = {
    "species": "type", "name": "type", "position": "pos", "position_unfolded": "unwrapped",
    "unwrapped_position": "unwrapped", "velocity": "vel", "image": "images", "map_shift": "images",
}  # fmt: skip
_VECTORS = {
    "pos": ["x", "y", "z"],
    "unwrapped": ["xu", "yu", "zu"],
    "vel": ["vx", "vy", "vz"],
    "images": ["ix", "iy", "iz"],
}


def _xyz_columns(here: str, said: dict[str, str]) -> list[str]:
    """Return the names of the columns, a name and the positions if the comment says nothing."""
    if "properties" in said:
        words = said["properties"].split(":")
        names = []
        for name, width in zip(words[::3], map(int, words[2::3]), strict=True):
            name = _ALIASES.get(name.lower(), name.lower())
            vector = _VECTORS.get(name) if width == 3 else None
            names += vector or [name, *(f"{name}.{k}" for k in range(1, width))]
    elif "columns" in said:
        names = []
        for name in said["columns"].lower().split(","):
            name = _ALIASES.get(name, name)
            names += _VECTORS.get(name, [name])
        if "type" not in names:  # atooms called the species id once
            names = ["type" if name == "id" else name for name in names]
    else:
        names = ["type", "x", "y", "z"]
    if not any(set(c[0]) <= set(names) for c in _COORDINATES):
        raise TrajectoryError(f"{here} has the columns {' '.join(names)}; x y z are needed")
    return names


def _xyz_box(here: str, said: dict[str, str]) -> tuple[np.ndarray | None, np.ndarray]:
    """Return the vectors of the box, None without one, and its origin."""
    words = said.get("lattice") or said.get("cell") or said.get("boxlengths")
    if "sim_box" in said:
        kind, _, words = said["sim_box"].partition(",")
        if kind != "RectangularSimulationBox":
            raise TrajectoryError(f"{here} has a box of the kind {kind}; only a cube can be used")
    if words is None or "f" in said.get("pbc", "").lower():
        return None, np.zeros(3)
    numbers = np.array([float(word) for word in re.split(r"[\s,]+", words.strip())])
    vectors = np.diag(numbers) if len(numbers) == 3 else numbers.reshape(3, 3)
    origin = [float(word) for word in said.get("origin", "0 0 0").split()]
    return vectors, np.array(origin)


def _clock(said: dict[str, str]) -> dict[str, Any]:
    """Return step and time of a frame; RUMD and atooms give the time step beside the step."""
    step, time, unit = (
        _number(*(said.get(key) for key in keys))
        for keys in (("step", "timestep", "timestepindex"), ("time",), ("dt",))
    )
    if "timestepindex" in said and "integrator" in said:
        unit = _number(*said["integrator"].split(",")[1:2])
    # atooms writes a time step of 1 where it knows none
    if time is None and step is not None and unit not in (None, 1.0):
        time = step * unit
    return {"step": None if step is None else round(step), "time": time}


def _number(*words: str | None) -> float | None:
    """Return the first word that is a finite number; a comment may say anything."""
    for word in words:
        if word and re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?", word):
            return float(word)
    return None


def gro_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """GRO, with as many decimals as it has; a title such as ``t= 0.5 step= 100`` gives the time."""
    with _text(path) as handle:
        for number in itertools.count():
            here = f"{path}: frame {number}"
            title = next(handle, "")
            if not title.strip():
                return
            rows = _rows(handle, int(_line(handle, here)), here, lambda column: True)
            last = next(handle, "")
            box = [float(word) for word in last.split()]
            points = [k for k, letter in enumerate(rows[0]) if letter == "."][:2]
            stops = range(20, 21 + 3 * (points[1] - points[0]), points[1] - points[0])
            positions = [[float(row[a:b]) for a, b in itertools.pairwise(stops)] for row in rows]
            ended = last.endswith("\n") or _as_long_as_others([[w] for w in last.split()], 0)
            if len(box) not in (3, 9) or not ended:
                raise TruncatedError(f"{here} is truncated: its line of the box is not whole")
            said = _comment(re.sub(r"\bt=", "time=", title))
            said = {key: said[key] for key in ("time", "step") if key in said}
            yield Frame(
                np.array(positions),
                np.array(box[:3]) if all(edge > 0 for edge in box[:3]) else None,
                cubic_angles=not any(box[3:]),
                labels=tuple(row[10:15].strip() for row in rows),
                **_clock(said),
            )
