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

from softcage.io.readers.frame import Frame, Topology, TrajectoryError, TruncatedError, unscaled


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


# Marks of UTF-16, which the > of PowerShell writes.
WIDE = (b"\xff\xfe", b"\xfe\xff")


def unpacked(path: Path) -> BinaryIO:
    """Open a file to read its bytes, unpacked if it is packed."""
    with path.open("rb") as handle:
        head = handle.read(6)
    opener = next((f for magic, f in _PACKERS.items() if head.startswith(magic)), None)
    return path.open("rb") if opener is None else opener(path)


def _text(path: Path) -> TextIO:
    """Open a text file, packed or not, with any ends of lines and with or without a UTF-8 mark."""
    with unpacked(path) as handle:
        wide = handle.read(2) in WIDE
    encoding = "utf-16" if wide else "utf-8-sig"
    return io.TextIOWrapper(unpacked(path), encoding=encoding, errors="replace")


def _line(handle: TextIO) -> str:
    """Read a line of a header, whole."""
    line = next(handle, "")
    if not line.endswith("\n"):
        raise TruncatedError("is truncated in its header")
    return line


def _rows(handle: TextIO, n: int) -> list[str]:
    """Read the lines of n particles."""
    rows = list(itertools.islice(handle, n))
    if n < 1:
        raise TrajectoryError("holds no particles")
    if len(rows) < n:
        raise TruncatedError(f"is truncated: it has {len(rows)} of {n} particles")
    if not _ended(rows):
        raise TruncatedError(
            "is truncated, or its last line only has no end: the last number may lack digits. If "
            "the file is whole, end the line:  echo >> FILE"
        )
    return rows


def _ended(rows: list[str]) -> bool:
    """Whether the last line has its end, or no digit of its last number can be missing."""
    if rows[-1].endswith("\n"):
        return True
    words = [row.split() or [""] for row in rows]
    numbers = [row[-1].lower().partition("e")[0] for row in words]
    if len({len(row) for row in words}) > 1 or not re.fullmatch(r"-?\d+\.\d+", words[-1][-1]):
        return False
    *decimals, last = (len(number.partition(".")[2]) for number in numbers)
    if len(set(decimals)) == 1:
        return last == decimals[0]
    *digits, last = (len(number.lstrip("-0.").replace(".", "")) for number in numbers)
    return last >= max(digits, default=last + 1)


# Columns of positions, the best first: (names, unwrapped, scaled by the box). Those without the
# third are of two dimensions.
_OF_SPACE = (
    (("xu", "yu", "zu"), True, False),
    (("xsu", "ysu", "zsu"), True, True),
    (("x", "y", "z"), False, False),
    (("xs", "ys", "zs"), False, True),
)
_COORDINATES = (*_OF_SPACE, *((names[:2], whole, scaled) for names, whole, scaled in _OF_SPACE))
_IMAGES = (("ix", "iy", "iz"), ("imx", "imy", "imz"))


def _check_fields(rows: list[str], found: list[int], columns: int, exact: bool) -> None:
    """Refuse a line that has not as many fields as the others, or as there are columns."""
    usual = columns if exact else max(set(found), key=found.count)
    odd = next((k for k, n in enumerate(found) if n != usual or n < columns), None)
    if odd is not None:
        what = "truncated or damaged" if found[odd] < max(usual, columns) else "damaged"
        few = "too few columns" if found[odd] < max(usual, columns) else "too many columns"
        raise TrajectoryError(
            f"is {what}: a line has {few}: the one of particle {odd} has {found[odd]} fields, not "
            f"{max(usual, columns)}: {rows[odd].strip()[:60]!r}"
        )


# Exponents as Fortran and Mathematica write them: 1.5D+00, 1.5*^-6.
_EXPONENT = re.compile(r"(?<=[\d.])(?:[dD]|\*\^)(?=[-+]?\d)")


def _numbers(rows: list[str], places: list[int]) -> np.ndarray:
    """Return columns of numbers, (n, len(places))."""
    try:
        return np.loadtxt(rows, usecols=places, ndmin=2, comments=None)
    except ValueError:
        plain = [_EXPONENT.sub("e", row) for row in rows]
        if plain == rows:
            raise
        return np.loadtxt(plain, usecols=places, ndmin=2, comments=None)


def _float(word: str) -> float:
    return float(_EXPONENT.sub("e", word))


def _table(
    rows: list[str],
    columns: list[str],
    box: np.ndarray | None,
    origin: Any = 0.0,
    exact: bool = False,
    **rest: Any,
) -> Frame:
    """Return the frame of lines whose columns have the names of LAMMPS.

    Lines have as many fields as there are columns; more, but all the same number, if not ``exact``.
    """
    found = next((c for c in _COORDINATES if set(c[0]) <= set(columns)), None)
    if found is None:
        raise TrajectoryError(f"has the columns {' '.join(columns)}; x y z are needed")
    words = [row.split() for row in rows]
    _check_fields(rows, [len(row) for row in words], len(columns), exact)
    names, unwrapped, scaled = found
    d = len(names)
    images = next((some[:d] for some in _IMAGES if set(some[:d]) <= set(columns)), ())
    whole = [*images, *(["id"] if "id" in columns else [])]
    places = [columns.index(name) for name in (*names, *whole)]
    values = _numbers(rows, places)
    integers = values[:, d:]
    if not np.all(np.abs(integers) < 2**53) or np.any(integers != np.rint(integers)):
        raise TrajectoryError("is damaged: an id or image is no whole number")
    kind = next((columns.index(name) for name in ("type", "element") if name in columns), None)

    def column(name: str) -> np.ndarray:
        if name not in columns:
            raise KeyError(f"has the columns {' '.join(columns)}, none of them {name}")
        return _numbers(rows, [columns.index(name)])[:, 0]

    return Frame(
        unscaled(values[:, :d], box, origin) if scaled else values[:, :d],
        box,
        origin=origin,
        labels=None if kind is None else tuple(row[kind] for row in words),
        ids=integers[:, -1].astype(np.int64) if "id" in columns else None,
        images=integers[:, :d] if images else None,
        unwrapped=unwrapped,
        column=column,
        **rest,
    )


def dump_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """Dumps of LAMMPS, in the style custom or atom."""
    with _text(path) as handle:
        while (items := _dump_items(handle)) is not None:
            rows, columns = _rows(handle, int(items["NUMBER"][1][0][0])), items["ATOMS"][0]
            if "id" not in columns:
                raise TrajectoryError(
                    f"has the columns {' '.join(columns)}; id and x y z are needed"
                )
            words, bounds = items.get("BOX", ((), None))
            flags = [word for word in words if re.fullmatch("[pfsm]{2}", word)]
            step, time = (
                items[key][1][0][0] if key in items else None for key in ("TIMESTEP", "TIME")
            )
            yield _table(
                rows,
                columns,
                *_dump_box(bounds, "abc" in words),
                exact=True,
                periodic=tuple(word == "pp" for word in flags) if len(flags) == 3 else True,
                step=None if step is None else int(step),
                time=None if time is None else float(time),
            )


def _dump_items(handle: TextIO) -> dict[str, tuple] | None:
    """Read what comes before the atoms, ITEM by ITEM: (words of its line, words of those below)."""
    items: dict[str, tuple] = {}
    for line in handle:
        words = line.split()
        if not words:
            continue
        if not line.endswith("\n") or (words[:2] == ["ITEM:", "ATOMS"] and "NUMBER" not in items):
            break
        if words[0] != "ITEM:":
            raise TrajectoryError(f"is no frame of a LAMMPS dump: {line.strip()[:40]!r}")
        lines = {"ATOMS": 0, "BOX": 3}.get(words[1], 1)
        items[words[1]] = words[2:], [_line(handle).split() for _ in range(lines)]
        if words[1] == "ATOMS":
            return items
    else:
        if not items.keys() - {"UNITS"}:
            return None
    raise TruncatedError("is truncated in its header")


def _dump_box(bounds: list | None, general: bool) -> tuple[np.ndarray | None, Any]:
    """Return the vectors (3, 3) of the box and its origin (3,) from the lines of BOX BOUNDS.

    General boxes have a vector and a coordinate of the origin a line. Others have lo, hi and a
    tilt; lo and hi are those of the box that holds the tilted one.
    """
    if bounds is None:
        return None, 0.0
    rows = np.array([[_float(word) for word in row] for row in bounds])
    if general:
        return rows[:, :3], rows[:, 3]
    low, high = rows[:, 0], rows[:, 1]
    if rows.shape[1] == 2:
        return np.diag(high - low), low
    xy, xz, yz = rows[:, 2]
    low = low - [min(0.0, xy, xz, xy + xz), min(0.0, yz), 0.0]
    high = high - [max(0.0, xy, xz, xy + xz), max(0.0, yz), 0.0]
    box = np.diag(high - low)
    box[1, 0], box[2, 0], box[2, 1] = xy, xz, yz
    return box, low


def xyz_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """XYZ, plain or with what extended XYZ, RUMD, atooms and LAMMPS write into the comment line."""
    with _text(path) as handle:
        while line := next((line.strip() for line in handle if line.strip()), ""):
            if not line.isdecimal():
                raise TrajectoryError(
                    f"begins with {line[:40]!r}, not with the number of particles"
                )
            said = _comment(_line(handle))
            rows = _rows(handle, int(line))
            box, origin = _xyz_box(said)
            flat = box is not None and not box[2].any()
            yield _table(rows, _xyz_columns(said, flat), box, origin, **_clock(said))


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


def _xyz_columns(said: dict[str, str], flat: bool) -> list[str]:
    """Return the names of the columns, a name and the positions if the comment says nothing.

    Of a ``flat`` box vectors without a width have two components.
    """
    if "properties" in said:
        words = said["properties"].lower().split(":")
        columns = list(zip(words[::3], map(int, words[2::3]), strict=True))
    else:
        columns = [(name, 0) for name in said.get("columns", "type,x,y,z").lower().split(",")]
    names: list[str] = []
    for name, width in columns:
        name = _ALIASES.get(name, name)
        vector = _VECTORS.get(name, [])[: width or (2 if flat else 3)]
        names += (
            vector
            if width in (0, len(vector)) and vector
            else [name, *(f"{name}.{k}" for k in range(1, width))]
        )
    if "columns" in said and "type" not in names:  # atooms called the species id once
        names = ["type" if name == "id" else name for name in names]
    return names


def _xyz_box(said: dict[str, str]) -> tuple[np.ndarray | None, Any]:
    """Return the vectors of the box, None without one, and its origin."""
    words = said.get("lattice") or said.get("cell") or said.get("boxlengths")
    if "sim_box" in said:
        kind, _, words = said["sim_box"].partition(",")
        if kind != "RectangularSimulationBox":
            raise TrajectoryError(
                f"has a box of the kind {kind}; only RectangularSimulationBox is read"
            )
    if words is None:
        return None, 0.0
    numbers = np.array([_float(word) for word in re.split(r"[\s,]+", words.strip())])
    if len(numbers) == 2:
        numbers = np.array([*numbers, 0.0])
    box = np.diag(numbers) if len(numbers) == 3 else numbers.reshape(3, 3)
    return box, np.array([_float(word) for word in said.get("origin", "0 0 0").split()])


_PERIODIC = {"t", "true", ".true.", "1", "y", "yes", "p", "pp"}  # words of pbc


def _clock(said: dict[str, str]) -> dict[str, Any]:
    """Return step and time of a frame, and along which vectors its box is periodic.

    RUMD and atooms give the time step beside the step; atooms writes 1 where it knows none.
    """
    step, time, unit = (
        _number(*(said.get(key) for key in keys))
        for keys in (("step", "timestep", "timestepindex"), ("time",), ("dt",))
    )
    if "timestepindex" in said and "integrator" in said:
        unit = _number(*said["integrator"].split(",")[1:2])
    if step is not None and re.fullmatch(r"\d+,[1-9]\d*(,\d+){3}", said.get("loglin", "")):
        step += _rumd_block([int(word) for word in said["loglin"].split(",")], step)
    if time is None and step is not None and unit not in (None, 1.0):
        time = step * unit
    flags = re.split(r"[\s,]+", said.get("pbc", "T").strip().lower())
    along = tuple(flag in _PERIODIC for flag in flags)
    periodic = "lattice" not in said or (along if len(along) == 3 else all(along))
    return {"step": None if step is None else round(step), "time": time, "periodic": periodic}


def _rumd_block(log_lin: list[int], step: float) -> int:
    """Return the step at which a block of RUMD begins, from which its frames count.

    Their steps are 0, base, 2 base, 4 base, ... up to ``most`` and on in steps of ``most`` (0:
    doubled to the end). The last frame of a block is the first of the next.
    """
    block, base, index, last, most = log_lin

    def at(k: int) -> int:
        n = min(k, max(1, (most // base).bit_length())) if most else k  # so many steps double
        return (base << n - 1) + (k - n) * most if k else 0

    return block * at(last) if at(index) == step else 0


def _number(*words: str | None) -> float | None:
    """Return the first word that is a finite number; a comment may say anything."""
    for word in words:
        if word and re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?", word):
            return float(word)
    return None


def gro_frames(path: Path, topology: Topology) -> Iterator[Frame]:
    """GRO, with as many decimals as it has; a title such as ``t= 0.5 step= 100`` gives the time."""
    with _text(path) as handle:
        title = next(handle, "")
        while title:
            count = next(handle, "")
            if not (title.strip() or count.strip()):  # empty lines at the end
                title = count
                continue
            if not count.endswith("\n"):
                raise TruncatedError("is truncated in its header")
            rows = _rows(handle, int(count))
            last = next(handle, "")
            box = [float(word) for word in last.split()]
            if len(box) not in (3, 9) or not (last.endswith("\n") or _ended(last.split())):
                raise TruncatedError("is truncated: its line of the box is not whole")
            first, second, _ = _points(rows)
            ends = [20 + k * (second - first) for k in range(4)]
            places = [(10, 15), *itertools.pairwise(ends)]
            rows = [" ".join(row[a:b] for a, b in places) for row in rows]
            vectors = np.diag(box[:3])
            vectors[np.nonzero(1 - np.eye(3))] = box[3:] or 0.0
            said = _comment(re.sub(r"\bt=", "time=", title))
            clock = _clock({key: said[key] for key in ("time", "step") if key in said})
            yield _table(
                rows, ["type", "x", "y", "z"], vectors if min(box[:3]) > 0 else None, **clock
            )
            title = next(handle, "")


def _points(rows: list[str]) -> list[int]:
    """Return where the lines of a GRO file have the points of x, y and z: all at the same."""
    points = [k for k, letter in enumerate(rows[0]) if k >= 20 and letter == "."][:3]
    for k, row in enumerate(rows):
        if len(points) < 3 or len(row) <= points[2] or any(row[at] != "." for at in points):
            raise TrajectoryError(
                f"is damaged: the line of particle {k} is not in the columns of the first: "
                f"{row.strip()[:60]!r}"
            )
    return points
