"""What the files of a trajectory hold, and what they lack or have that stands in the way of scores.

Other modules refuse a file that cannot be used, with the first thing that is wrong. This one reads
on: it says what there is, what a user would have to add, and what the checks refuse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from softcage.box import Box, pairs_within, placed
from softcage.io.external import (
    BOX_TOLERANCE,
    DENSITIES,
    LAYER,
    USUAL_DENSITY,
    External,
    deformed,
    files_in_order,
    open_external,
    upright,
)
from softcage.io.frame_times import EarlyFrameError, FrameTimes, time_between_frames
from softcage.io.plausibility import core
from softcage.io.progress import Progress
from softcage.io.readers import format_of, read_frames, read_labels
from softcage.io.readers.frame import Frame, TrajectoryError, TruncatedError
from softcage.io.unwrap import follow
from softcage.model import kob_andersen

# The nearest neighbour in the densest packing of spheres is at 1.12 density^(-1/3), that of disks
# at 1.07 density^(-1/2): some pair is as near in any configuration.
_NEAREST = 1.13
# Of the box edge by which wrapped positions may extend over it: digits of a file.
_OVER = 1e-3
# mdtraj multiplies lengths by this for some formats.
_MDTRAJ = 10.0
_NO_TYPES = (
    "the types of the particles: a structure file, a LAMMPS dump, a GSD file, or a .txt file with "
    "one name a line"
)


class _UselessError(TrajectoryError):
    """A frame that no command takes, with or without displacements."""


@dataclass
class BoxOfFile:
    """The box of the first frame, and whether it is the same in all others.

    Attributes
    ----------
    shape : str
        Cube, square, brick, rectangle, or tilted.
    edges, angles : list of float
        Lengths of the vectors; degrees between b and c, a and c, a and b (in two dimensions only
        the last).
    periodic : list of bool
        Along each vector.
    volume : list of float
        Smallest and largest of all frames; areas in two dimensions.
    changes : bool
    """

    shape: str
    edges: list[float]
    angles: list[float]
    periodic: list[bool]
    volume: list[float]
    changes: bool = False


@dataclass
class TimesOfFile:
    """When the frames were made.

    Attributes
    ----------
    source : str
        "file", "interval" or "timestep" (of the user), "steps" (no times), or "nothing".
    first, last : float or None
        Times, or steps if the source is "steps".
    interval : float or None
        Between frames, if they are evenly spaced.
    even : bool or None
        None where nothing says it.
    """

    source: str
    first: float | None = None
    last: float | None = None
    interval: float | None = None
    even: bool | None = None


@dataclass
class Contents:
    """What the files of one run hold. Lengths are the file's divided by ``length_unit``.

    Attributes
    ----------
    files : list of str
        In the order of their times or steps.
    size : int
        Bytes.
    format : str
    frames, particles : int
        Whole frames; particles of the first one.
    types : dict or None
        Number of particles of each type; None if the file has none and no other says them.
    length_unit : float
    dimension : int
    box : BoxOfFile or None
    density : float or None
        Of the first frame.
    extent : list of float
        Largest minus smallest coordinate in the first frame.
    times : TimesOfFile
    unwrapped : bool
        Whether positions are taken as they are; otherwise they are unwrapped by the nearest image.
    why_unwrapped : str
        The same in words, with the reason.
    closest : float or None
        Smallest distance between two particles in any frame.
    displacement : float or None
        Mean squared displacement from a frame to the next without drift, the median over frames.
    kob_andersen : dict or None
        Species to type, if this may be the Kob-Andersen mixture: 80 to 20 in three dimensions, and
        no particles nearer than they can be.
    missing : dict
        Option to its value (in capitals where only the user knows it) and what is missing in words
        (none where ``obstacle`` says it): what a user has to add.
    obstacle : str or None
        What the checks refuse.
    hops : bool
        Whether displacements can be followed, for p_hop and averages over time.
    scores : bool
        Whether the checks allow scores, once what is missing is given.
    """

    files: list[str]
    size: int
    format: str
    frames: int
    particles: int
    types: dict[str, int] | None
    length_unit: float
    dimension: int
    box: BoxOfFile | None
    density: float | None
    extent: list[float]
    times: TimesOfFile
    unwrapped: bool
    why_unwrapped: str
    closest: float | None
    displacement: float | None
    kob_andersen: dict[str, str] | None
    missing: dict[str, tuple[str, str]]
    obstacle: str | None
    hops: bool
    scores: bool


@dataclass(eq=False)
class _Tally:
    """What is counted of each frame as it is read, whatever the checks say of it afterwards.

    Every file is read once: the checks read through :meth:`read`, and :meth:`rest` reads what they
    have left when they refuse a frame.
    """

    paths: Sequence[Path]
    topology: Path | None
    unit: float
    own: Box | None
    dimension: int | None
    frames: int = 0
    last: Frame | None = None
    box: Box | None = None
    changes: bool = False
    volumes: list[float] = field(default_factory=list)  # smallest and largest
    closest: float | None = None
    over: float = 0.0  # largest extent of positions along a periodic vector, in units of it
    cut: TruncatedError | None = None

    def __post_init__(self) -> None:
        self.sources = {path: read_frames(path, self.topology) for path in self.paths}
        self.progress = Progress(None, "frames")

    def read(self, path: Path, topology: Path | None = None) -> Iterator[Frame]:
        """Yield the frames of a file that are left, and count them."""
        try:
            for frame in self.sources[path]:
                self._take(f"{path}: frame {self.frames}", frame)
                yield frame
        except TruncatedError as error:
            self.cut = error
            raise

    def rest(self) -> Iterator[Frame]:
        """Yield the frames that have not been read, of every file up to where it breaks."""
        for path in self.paths:
            with suppress(TrajectoryError):
                yield from self.read(path)

    def _take(self, here: str, raw: Frame) -> None:
        self.frames, self.last = self.frames + 1, raw
        self.progress.update(self.frames, "reading")
        with suppress(ValueError):  # a box or positions that the checks refuse
            frame, box = upright(here, raw, self.unit, self.own, self.dimension)
            self._compare(box)
            if np.isfinite(frame.positions).all():
                self._extend(raw, box)
                self._approach(*placed(frame.positions, box))

    def _compare(self, box: Box) -> None:
        first = self.box = self.box or box
        apart = np.abs(box.vectors - first.vectors).max()
        self.changes |= bool(apart > BOX_TOLERANCE * first.edges.max())
        volumes = [*self.volumes, box.volume]
        self.volumes = [min(volumes), max(volumes)]

    def _extend(self, raw: Frame, box: Box) -> None:
        """Measure how far positions extend, in the vectors of the file, not those of least tilt."""
        d = box.dimension
        of_file = raw.box is not None and np.any(np.asarray(raw.box)[:2])
        vectors = np.asarray(raw.box)[:d, :d] if of_file else self.unit * box.vectors[:d, :d]
        extent = np.ptp(raw.positions[:, :d] @ np.linalg.inv(vectors), axis=0)
        periodic = np.broadcast_to(np.asarray(raw.periodic), 3)[:d]
        self.over = max([self.over, *extent[periodic].tolist()])

    def _approach(self, inside: np.ndarray, box: Box) -> None:
        """Look for a pair that is nearer than the nearest so far."""
        radius = self.closest
        if radius is None:
            spacing = (box.volume / len(inside)) ** (1 / box.dimension)
            radius = min(_NEAREST * spacing, 0.999 * box.half)
        pairs = pairs_within(inside, box, radius)
        if len(pairs):
            apart = box.nearest(inside[pairs[:, 0]] - inside[pairs[:, 1]])
            self.closest = float(np.linalg.norm(apart, axis=1).min())


def contents_of(
    path: str | Path | Sequence[str | Path],
    *,
    interval: float | None = None,
    timestep: float | None = None,
    **how: Any,
) -> Contents:
    """Read the files of a trajectory once, and return what they hold.

    Memory does not grow with the number of frames, but for their times. What a file lacks is
    guessed where it can be, so that the rest can be looked at, and is in ``missing``.

    Parameters
    ----------
    path : path or sequence of paths
        Several files are one run.
    interval, timestep : float, optional
        Time between frames, or of one of the file's steps, for a file without times.
    how
        Arguments of :func:`softcage.io.external.open_external`.

    Raises
    ------
    TrajectoryError
        If not even the first frame can be read.
    """
    paths = [Path(one) for one in ([path] if isinstance(path, str | Path) else path)]
    paths, first, obstacle = _begin(paths, how.get("topology"))
    whole_frames, given = how.get("whole_frames", False), how.get("unwrapped")
    how, labels, missing = _completed(paths[0], first, how)
    unit, own, dimension = how["length_unit"], how["box"], how["dimension"]
    tally = _Tally(paths, how["topology"], unit, own, dimension)
    clock = FrameTimes(str(paths[0]), False, interval, timestep)
    moved: list[float] = []
    scores = hops = obstacle is None and "--box" not in missing
    try:
        if scores:
            external = replace(open_external(paths, None, **how), read=tally.read)
            moved.extend(_displacements(external, clock))
    except TrajectoryError as error:
        obstacle, hops = error, False
        scores = not isinstance(error, _UselessError) and tally.frames > 0
    refused = [tally.last] if tally.last is not None and tally.frames > len(clock.times) else []
    for frame in chain(refused, tally.rest()):
        with suppress(TrajectoryError):
            clock.take(frame)
    if tally.cut is not None and not whole_frames:
        missing["--whole-frames"] = ("", "")
        obstacle = obstacle or TruncatedError(f"{tally.cut}; --whole-frames leaves it out")
    times = _times(clock, first)
    if times.source in ("steps", "nothing") and tally.frames > 1:
        missing["--interval"] = ("DT", _no_times(times))
    box, types = tally.box, _types(labels)
    density = None if box is None else len(first.positions) / box.volume
    like = _like_kob_andersen(types, how, box, tally.closest)
    return Contents(
        files=[str(one) for one in paths],
        size=sum(one.stat().st_size for one in paths),
        format=format_of(paths[0]),
        frames=tally.frames,
        particles=len(first.positions),
        types=types,
        length_unit=unit,
        dimension=2 if first.dimension == 2 else dimension or (box.dimension if box else 3),
        box=None if box is None else _box_of_file(box, tally),
        density=density,
        extent=(np.ptp(first.positions, axis=0) / unit).tolist(),
        times=times,
        unwrapped=first.unwrapped if given is None else given,
        why_unwrapped=_why_unwrapped(first, given, tally),
        closest=tally.closest,
        displacement=float(np.median(moved)) if moved else None,
        kob_andersen=like,
        missing=missing,
        obstacle=None if obstacle is None else str(obstacle),
        hops=hops and tally.frames > 1 and times.even is not False,
        scores=scores or "--box" in missing,
    )


def _begin(
    paths: list[Path], topology: str | Path | None
) -> tuple[list[Path], Frame, TrajectoryError | None]:
    """Return the files in their order, the first frame, and why there is no order."""
    top = None if topology is None else Path(topology)
    first = next(read_frames(paths[0], top))
    try:
        paths = files_in_order(paths, top)
    except TrajectoryError as error:
        return paths, first, error
    return paths, next(read_frames(paths[0], top)), None


def _completed(
    path: Path, first: Frame, how: dict[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...] | None, dict[str, tuple[str, str]]]:
    """Return the arguments with what can be guessed, the types, and what the user has to add."""
    missing: dict[str, tuple[str, str]] = {}
    topology, unit = how.get("topology"), how.get("length_unit")
    dimension, box = how.get("dimension"), how.get("box")
    if topology is None and first.ours and path.with_name("topology.pdb").is_file():
        topology = path.with_name("topology.pdb")
    labels = first.labels if topology is None else read_labels(topology)
    own = None if box is None else Box.of(box, dimension)
    if dimension is None and own is None and first.dimension is None and _is_flat(first):
        dimension = 2
        words = f"the dimension: all particles are at z = {first.positions[0, 2]:.6g}"
        missing["--dimension"] = ("2", words)
    if unit is None:
        unit = _MDTRAJ if first.ours else _likely_unit(first, dimension, missing)
    stand_in = None
    if labels is None and how.get("diameters") is None:
        missing["--top"], stand_in = ("FILE", _NO_TYPES), ("1",) * len(first.positions)
    if own is None and not _has_box(first) and first.periodic:
        flat = 2 in (first.dimension, dimension)
        extent = " x ".join(f"{x:.4g}" for x in np.ptp(first.positions, axis=0)[: 2 if flat else 3])
        words = f"the box: its edges; the particles of the first frame extend over {extent}"
        missing["--box"] = ("L,L" if flat else "L", words)
    known = {"topology": None if topology is None else Path(topology), "length_unit": unit}
    known |= {"dimension": dimension, "box": own, "whole_frames": True, "labels": stand_in}
    return how | known, labels, missing


def _has_box(frame: Frame) -> bool:
    return frame.box is not None and bool(np.asarray(frame.box)[:2].any())


def _is_flat(frame: Frame) -> bool:
    """Whether all particles have the same z, in a file that does not say its dimension."""
    across = np.ptp(frame.positions, axis=0)
    return len(frame.positions) >= LAYER and bool(across[2] <= 1e-5 * across.max())


def _likely_unit(frame: Frame, dimension: int | None, missing: dict) -> float:
    """Return the file's numbers in one sigma_AA: 1, unless no liquid is so dense, or so thin."""
    try:
        box = Box.of(frame.box, dimension or frame.dimension, frame.periodic)
    except (ValueError, TypeError):
        return 1.0
    density = len(frame.positions) / box.volume
    if DENSITIES[0] < density < DENSITIES[1]:
        return 1.0
    unit = float(f"{(USUAL_DENSITY / density) ** (1 / box.dimension):.3g}")
    why = f"with it the density would be {USUAL_DENSITY:g}"
    if abs(unit / _MDTRAJ - 1.0) < 0.1:
        unit, why = _MDTRAJ, "mdtraj multiplies lengths by 10"
    words = f"the unit of length: the density would be {density:.3g}, that of no liquid; {why}"
    missing["--length-unit"] = (f"{unit:g}", words)
    return unit


def _displacements(external: External, clock: FrameTimes) -> Iterator[float]:
    """Yield the mean squared displacement from each frame to the next, after all checks."""
    frames = (deformed(frame, external.box) for frame in _timed(external, clock))
    wrapped, before = not external.unwrapped, None
    for now in follow(
        frames, external.box, external.name, wrapped, who=external.who, even=clock.is_even
    ):
        if before is not None:
            step = now - before
            step -= step.mean(axis=0)
            yield float((step**2).sum(axis=1).mean())
        before = now


def _timed(external: External, clock: FrameTimes) -> Iterator[Frame]:
    """Yield the frames of a trajectory, after the checks of each and of its time."""
    frames = external.frames()
    try:
        for frame in frames:
            try:
                clock.take(frame)
            except EarlyFrameError:
                if next(frames, None) is not None:
                    raise
                clock.drop_last()
                return
            yield frame
    except TrajectoryError as error:
        if "--no-hops" in str(error):
            raise
        raise _UselessError(str(error)) from error


def _times(clock: FrameTimes, first: Frame) -> TimesOfFile:
    """Return when the frames were made, as far as the file and the user say it."""
    try:
        settled, _ = clock.settled()
    except TrajectoryError:
        return TimesOfFile("nothing")
    values, source = settled.tolist(), "file"
    if np.isnan(settled).any():
        values, source = clock.steps, "steps"
    elif clock.interval is not None and values != clock.times:
        source = "interval"
    elif first.time is None:
        source = "nothing" if clock.timestep is None else "timestep"
    if source == "nothing" or None in values or (len(values) > 1 and values[0] == values[1]):
        return TimesOfFile("nothing")
    if len(values) == 1:
        return TimesOfFile(source, values[0], values[0])
    apart = time_between_frames(values)
    early = len(values) > 3 and values[-1] - values[-2] < values[1] - values[0]
    if np.isnan(apart) and early:  # the last frame, which the other commands leave out
        apart = time_between_frames(values[:-1])
    even = not np.isnan(apart)
    return TimesOfFile(source, values[0], values[-1], float(apart) if even else None, even)


def _no_times(times: TimesOfFile) -> str:
    apart = "" if times.interval is None else f" ({times.interval:g} steps)"
    step = ", or --timestep, that of a step" if times.source == "steps" else ""
    return f"the time between frames{apart}{step}; without it p_hop is not known"


def _types(labels: Sequence[str] | None) -> dict[str, int] | None:
    """Return the number of particles of each type, in the order of numbers or the alphabet."""
    if labels is None:
        return None
    counts = Counter(labels)
    order = sorted(counts, key=lambda one: (not one.isdecimal(), len(one) * one.isdecimal(), one))
    return {label: counts[label] for label in order}


def _like_kob_andersen(
    types: dict[str, int] | None, how: dict[str, Any], box: Box | None, closest: float | None
) -> dict[str, str] | None:
    """Return which types are A and B, if this may be the Kob-Andersen mixture."""
    named = how.get("species")
    if types is None or box is None or box.dimension != 3 or how.get("diameters") is not None:
        return None
    of = {"A": max(types, key=types.__getitem__), "B": min(types, key=types.__getitem__)}
    if named is not None:
        of = {name: some[0] if isinstance(some, list | tuple) else some
              for name, some in named.items()}  # fmt: skip
    known, n = kob_andersen(), sum(types.values())
    if len(types) != 2 or set(of) != set(known.species):
        return None
    numbers = np.array([types.get(str(of[name]), 0) for name in known.species])
    if np.abs(numbers - known.fractions * n).max() > 1.0:
        return None
    if closest is not None and closest < core(known, n / box.volume):
        return None
    return {name: str(label) for name, label in of.items()}


def _box_of_file(box: Box, tally: _Tally) -> BoxOfFile:
    d = box.dimension
    alike = np.ptp(box.edges) <= BOX_TOLERANCE * box.edges.max()
    shape = {2: ("rectangle", "square"), 3: ("brick", "cube")}[d][int(alike)]
    return BoxOfFile(
        shape=shape if box.is_upright else "tilted box",
        edges=box.edges.tolist(),
        angles=box.angles.tolist() if d == 3 else box.angles[2:].tolist(),
        periodic=list(box.periodic[:d]),
        volume=tally.volumes,
        changes=tally.changes,
    )


def _why_unwrapped(first: Frame, given: bool | None, tally: _Tally) -> str:
    """Return whether positions are wrapped, and why it seems so."""
    by_image = "they are unwrapped by the nearest image"
    if given is not None:
        return "taken as they are, by --unwrapped" if given else f"{by_image}, by --no-unwrapped"
    if first.unwrapped:
        return "unwrapped: the file has images or unwrapped coordinates"
    if tally.box is None:
        return "wrapped or not: that cannot be seen without a box"
    if not any(tally.box.periodic):
        return "as they are: the box is not periodic"
    if tally.over <= 1.0 + _OVER:
        return f"wrapped: they never extend over more than one box; {by_image}"
    return f"not wrapped: they extend over {tally.over:.3g} boxes; {by_image} all the same"
