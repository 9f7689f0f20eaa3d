"""Frames with what was found of each particle beside its position, for OVITO, VMD, ASE, HOOMD-blue.

Particles are in the order of the file that was scored, in sigma_AA, wrapped into the box, with the
images that make them continuous in time: r + L image. Scores have the names of the columns of the
table (:func:`softcage.scoring.score_trajectory`); they are NaN where they are not known, as of the
particles of a species that is not scored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from softcage.box import Box
from softcage.io.trajectory import Trajectory

FRAME_FORMATS = (".extxyz", ".gsd", ".lammpstrj")
_NO_SCORES = ("frame", "time", "particle", "id", "species")


@dataclass(frozen=True, eq=False)
class _Frame:
    """One frame as it is written.

    ``names`` are those of all species, ``types`` (N,) from 0; without ``unwrapped`` the positions
    do not say in which image of the box a particle is.
    """

    number: int
    time: float
    box: Box
    names: Sequence[str]
    types: np.ndarray
    ids: np.ndarray
    positions: np.ndarray
    scores: Mapping[str, np.ndarray]
    numbers: Mapping[str, float]
    unwrapped: bool

    def wrapped(self, low: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return positions in a box that begins at the corner ``low``, and images."""
        images = np.floor(self.box.shares(self.positions - low)) * self.box.periodic
        return self.positions - self.box.shift(images), images.astype(np.int32)


@contextmanager
def writer(
    path: str | Path,
    trajectory: Trajectory,
    names: Sequence[str],
    order: np.ndarray,
    ids: np.ndarray | None = None,
    every: int = 1,
    numbers: Mapping[str, float] | None = None,
) -> Iterator[Callable[[dict[str, np.ndarray]], None]]:
    """Yield a function that writes the next frame with the columns that were found for it.

    The frames come from the trajectory, one at a time, in step with the columns. Two of the three
    formats have the time of each frame (``Time``, ``log/time``); the step is the frame's number.

    Parameters
    ----------
    path : path
        Ends in one of ``FRAME_FORMATS``.
    trajectory : Trajectory
    names : sequence of str
        Of all species.
    order : (N,) array
        Place in the output of each particle.
    ids : (N,) array, optional
        Of each particle; 1, 2, ... in the order of the output by default.
    every : int
        Columns come for every n-th frame, or some of these.
    numbers : mapping of str to float, optional
        What the scores were made with; in each frame of extended XYZ and GSD.
    """
    place = np.argsort(order)
    frames = trajectory.chunks(1, stride=every)
    ids = np.arange(1, len(place) + 1) if ids is None else np.asarray(ids)[place]
    with _OPEN[Path(path).suffix](path) as append:

        def write(columns: dict[str, np.ndarray]) -> None:
            wanted = columns["frame"][0]
            (number,), (positions,) = next(part for part in frames if part[0][0] == wanted)
            positions, box = trajectory.own(int(number), positions)
            found = [name for name in columns if name not in _NO_SCORES]
            scores = {name: np.full(len(place), np.nan, np.float32) for name in found}
            for name in found:
                scores[name][columns["particle"]] = columns[name]
            append(
                _Frame(
                    number=int(number),
                    time=float(trajectory.times[number]),
                    box=Box.of(box),
                    names=names,
                    types=trajectory.species[place],
                    ids=ids,
                    positions=positions[place],
                    scores=scores,
                    numbers=numbers or {},
                    unwrapped=trajectory.unwrapped,
                )
            )

        yield write


@contextmanager
def _extxyz(path: str | Path) -> Iterator[Callable[[_Frame], None]]:
    """Extended XYZ: a comment line with the box and the columns, then a line a particle."""
    with open(path, "w") as handle:

        def append(frame: _Frame) -> None:
            box = frame.box
            lattice = " ".join(f"{number:.9g}" for number in box.vectors.ravel())
            pbc = " ".join("T" if along else "F" for along in box.periodic)
            corner = " ".join(f"{number:.9g}" for number in box.origin)
            origin = f'Origin="{corner}" ' if box.origin.any() else ""
            time = {} if np.isnan(frame.time) else {"Time": round(frame.time, 9)}
            said = {"frame": frame.number, **time, **frame.numbers}
            scores = "".join(f":{name}:R:1" for name in frame.scores)
            images = ":images:I:3" if frame.unwrapped else ""
            handle.write(
                f"{len(frame.ids)}\n"
                f'Lattice="{lattice}" pbc="{pbc}" {origin}'
                f"Properties=id:I:1:type:S:1:pos:R:3{images}{scores} "
                + " ".join(f"{key}={value}" for key, value in said.items())
                + "\n"
            )
            handle.writelines(_lines(frame, [frame.ids, [frame.names[k] for k in frame.types]]))

        yield append


def _bounds(box: Box) -> str:
    """Return the lines of a LAMMPS dump with the box; a tilted one is given by what holds it."""
    (a, _, _), (xy, b, _), (xz, yz, c) = box.vectors
    x, y, z = box.origin - [0.0, 0.0, 0.5 if box.dimension == 2 else 0.0]
    periodic = [*box.periodic[: box.dimension], True][:3]
    flags = " ".join("pp" if along else "ff" for along in periodic)
    low, high = np.array([x, y, z]), np.array([x + a, y + b, z + c])
    columns, words = [low, high], ""
    if xy or xz or yz:
        low += [min(0.0, xy, xz, xy + xz), min(0.0, yz), 0.0]
        high += [max(0.0, xy, xz, xy + xz), max(0.0, yz), 0.0]
        columns, words = [low, high, np.array([xy, xz, yz])], "xy xz yz "
    rows = (" ".join(f"{number:.9g}" for number in row) for row in np.transpose(columns))
    return f"ITEM: BOX BOUNDS {words}{flags}\n" + "".join(f"{row}\n" for row in rows)


@contextmanager
def _dump(path: str | Path) -> Iterator[Callable[[_Frame], None]]:
    """LAMMPS dump: types from 1, their names as elements.

    Without TIME and UNITS, which other readers than OVITO's take for damage.
    """
    with open(path, "w") as handle:

        def append(frame: _Frame) -> None:
            images = "ix iy iz " if frame.unwrapped else ""
            handle.write(
                f"ITEM: TIMESTEP\n{frame.number}\nITEM: NUMBER OF ATOMS\n{len(frame.ids)}\n"
                + _bounds(frame.box)
                + f"ITEM: ATOMS id type element x y z {images}{' '.join(frame.scores)}\n"
            )
            names = [frame.names[k] for k in frame.types]
            handle.writelines(_lines(frame, [frame.ids, frame.types + 1, names]))

        yield append


def _lines(frame: _Frame, first: Sequence) -> Iterator[str]:
    """Yield a line a particle: the columns that come first, position, images, scores."""
    positions, images = frame.wrapped(frame.box.origin)
    known = images.T if frame.unwrapped else ()
    columns = [*first, *positions.T, *known, *frame.scores.values()]
    form = len(first) * "{} " + 3 * "{:.8g} " + len(known) * "{} " + len(frame.scores) * "{:.7g} "
    return map((form.rstrip() + "\n").format, *(np.asarray(c).tolist() for c in columns))


@contextmanager
def _gsd(path: str | Path) -> Iterator[Callable[[_Frame], None]]:
    """GSD: scores as logged quantities of particles, the box about the origin."""
    import gsd.hoomd

    with gsd.hoomd.open(str(path), "w") as handle:

        def append(frame: _Frame) -> None:
            snapshot = gsd.hoomd.Frame()
            box = frame.box
            low = -0.5 * box.vectors[: box.dimension].sum(axis=0)
            # Its box is about the origin: where it is not periodic, particles move with it.
            shift = low - box.origin if box.bounded else 0.0
            positions, images = replace(frame, positions=frame.positions + shift).wrapped(low)
            snapshot.configuration.step = frame.number
            snapshot.configuration.box = box.edges_and_tilts
            particles = snapshot.particles
            particles.N, particles.types = len(frame.ids), list(frame.names)
            particles.typeid = frame.types
            particles.position = positions
            if frame.unwrapped:
                particles.image = images
            snapshot.log = {f"particles/{name}": values for name, values in frame.scores.items()}
            snapshot.log["particles/id"] = frame.ids
            for name, value in {"time": frame.time, **frame.numbers}.items():
                snapshot.log[name] = np.array([value], dtype=np.float64)
            handle.append(snapshot)

        yield append


@contextmanager
def open_scored(path: str | Path) -> Iterator[tuple[Any, list[str]]]:
    """Yield the frames of a GSD file that :func:`writer` wrote, and the names of its scores.

    Frames are those of gsd; ``frame.log["particles/depth"]`` is a score, (N,).

    Raises
    ------
    ValueError
        If it is no such file; the message says what can be done with it.
    """
    import gsd.hoomd

    how = "give --temperature T to score it now (--calibration FOLDER for the softness)"
    try:
        frames = gsd.hoomd.open(str(path), "r")
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file") from None
    except (OSError, RuntimeError) as error:
        raise ValueError(f"{path}: is no GSD file: {how}") from error
    with frames:
        log = frames[0].log if len(frames) else {}
        names = [key.removeprefix("particles/") for key in log if key.startswith("particles/")]
        names = [name for name in names if name != "id"]
        if "time" not in log or not names:
            raise ValueError(f"{path}: has no scores of particles: {how}")
        yield frames, names


_OPEN = {".extxyz": _extxyz, ".gsd": _gsd, ".lammpstrj": _dump}
