"""``softcage view``: frames and their scores as an interactive page for a browser."""

from __future__ import annotations

import argparse
import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from softcage.cli.options import add_command, add_scoring_options, positive_integer, positive_number
from softcage.cli.score import check_temperature, prepared
from softcage.defaults import HOP_WINDOW

if TYPE_CHECKING:
    from softcage.io.trajectory import Trajectory
    from softcage.plotting.turning import Scene

log = logging.getLogger(__name__)


def add_view(commands: argparse._SubParsersAction) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "view",
        view_command,
        "show frames and their softness in a browser, as a page that can be rotated",
        "Write one HTML file that works in any browser, offline. Particles are coloured by their "
        "softness, lines show where particles move that rearrange soon after the frame, and a "
        "slider selects the frame. A file that 'softcage score --out scored.gsd' wrote is shown "
        "directly; with --temperature, or with --closure pair, any other trajectory is scored "
        "first, as by softcage score.",
    )
    parser.add_argument(
        "trajectory",
        nargs="+",
        help="GSD file that softcage score wrote, or, with --temperature, any trajectory that "
        "softcage score can read",
    )
    parser.add_argument(
        "--temperature",
        type=positive_number,
        metavar="T",
        help="temperature of the run; the run is scored first, then shown",
    )
    parser.add_argument(
        "--frame", type=_index, default=0, metavar="K", help="first frame shown (default: 0)"
    )
    parser.add_argument(
        "--frames",
        type=positive_integer,
        default=20,
        metavar="N",
        help="number of frames on the slider (default: 20)",
    )
    parser.add_argument(
        "--every",
        type=positive_integer,
        default=1,
        metavar="N",
        help="show every N-th frame (default: 1)",
    )
    parser.add_argument(
        "--ahead",
        type=positive_number,
        default=HOP_WINDOW,
        metavar="DT",
        help=f"show hops within this time after a frame (default: {HOP_WINDOW:g})",
    )
    parser.add_argument(
        "--color",
        metavar="COLUMN",
        help="score that gives the colours: softness, depth, p_hop, or softness_0.02, ... "
        "(default: softness if there is any, otherwise depth)",
    )
    parser.add_argument(
        "--out", metavar="FILE", help="page to write (default: the name of the file with .html)"
    )
    add_scoring_options(parser)


def _index(text: str) -> int:
    """Parse a whole number, at least 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' must be a whole number, at least 0")
    return int(text)


def view_command(options: argparse.Namespace) -> None:
    """Read the requested frames and the hops after each of them, and write the page."""
    from softcage.cli.common import inputs
    from softcage.io.overwriting import check_output, is_page
    from softcage.io.progress import Progress
    from softcage.plotting.turning import turning_figure, write_page

    path = Path(options.trajectory[0])
    options.out = out = Path(options.out or path.with_suffix(".html").name)
    if out.suffix != ".html":
        options.refuse(f"--out {out}: give a name that ends in .html")
    check_output(out, inputs(options, options.trajectory), is_page)
    with _scored(options) as (frames, names, first):
        last = min(options.frame + options.frames * options.every, first + len(frames))
        numbers = range(options.frame, last, options.every)
        colour = _colour(path, frames[options.frame - first].log, names, options.color)
        ahead = _frames_ahead(path, frames, options.ahead)
        progress, scenes = Progress(len(numbers), "frames"), []
        for number in numbers:
            scenes.append(_scene(frames, number - first, number, colour, ahead))
            progress.update(len(scenes), "drawing")
        if not any(scene.scored.any() for scene in scenes):
            raise ValueError(
                f"{path}: no value of {colour} is known in the frames that are shown: choose other "
                "colours (--color) or a later --frame; the softness needs --calibration"
            )
    if "rearranging" not in names or not any(len(scene.hopping) for scene in scenes):
        words = "%s: no particle is known to rearrange after these frames, so no hops are drawn"
        log.warning(words, path)
    hops = f"moves within {options.ahead:g}"
    soft_is_high = not colour.startswith("depth")
    write_page(out, turning_figure(scenes, colour, hops, soft_is_high))
    log.info(
        "%s: %d frames from frame %d on, %.1f MB; open the file in a browser",
        out, len(scenes), options.frame, out.stat().st_size / 1e6,
    )  # fmt: skip


@contextmanager
def _scored(options: argparse.Namespace) -> Iterator[tuple[Any, list[str], int]]:
    """Yield scored frames, the names of their scores, and the number of the first frame.

    Without a temperature the file must have scores, and all its frames are yielded. With a
    temperature, or the closure that needs none, the frames that are needed are scored.
    """
    from softcage.io.frame_times import time_between_frames
    from softcage.io.scored_frames import open_scored

    if options.temperature is None and options.closure == "hnc":
        if len(options.trajectory) > 1:
            options.refuse("several files are scored as one run: give --temperature T")
        with open_scored(options.trajectory[0]) as (frames, names):
            _check_frame(options, len(frames))
            yield frames, names, 0
        return
    check_temperature(options, needed=False)
    with prepared(options) as scoring:
        _check_frame(options, scoring.run.n_frames)
        interval, half = time_between_frames(scoring.run.times), scoring.recipe.half_window or 0
        ahead = round(options.ahead / interval) if interval > 0 else 0
        first = max(options.frame - half, 0)
        end = options.frame + options.frames * options.every + ahead + half
        part = _part(scoring.run, first, min(end, scoring.run.n_frames))
        out = part.path.with_suffix(".gsd")
        scoring.write(part, out)
        with open_scored(out) as (frames, names):
            yield frames, names, first


def _part(run: Trajectory, first: int, end: int) -> Trajectory:
    """Return consecutive frames of a run as another run, in the same folder."""
    from softcage.io.trajectory import write_trajectory

    path, part = run.path.with_name("part.nc"), slice(first, end)
    frames = (positions for _, positions in run.chunks(start=first, stop=end))
    write_trajectory(path, frames, run.times[part], run.box)
    boxes = None if run.boxes is None else run.boxes[part]
    of_frames = {name: getattr(run, name)[part] for name in ("steps", "times", "block", "lag")}
    return replace(run, path=path, boxes=boxes, **of_frames)


def _check_frame(options: argparse.Namespace, n: int) -> None:
    if options.frame >= n:
        path = options.trajectory[0]
        raise ValueError(f"{path}: has no frame {options.frame}; it has {n} frames, from 0 on")


def _colour(path: Path, log: dict[str, Any], names: Sequence[str], wanted: str | None) -> str:
    """Return the name of the score for the colours: softness if there is any, otherwise depth."""
    import numpy as np

    if wanted is None:
        known = [name for name in names if np.isfinite(log[f"particles/{name}"]).any()]
        order = sorted(known, key=lambda name: not name.startswith("softness"))
        wanted = order[0] if order else names[0]
    if wanted not in names:
        raise ValueError(f"{path}: has no column {wanted}; its columns are {', '.join(names)}")
    return wanted


def _frames_ahead(path: Path, frames: Any, ahead: float) -> int:
    """Return the number of frames in a time; 0 if neither hops nor times of frames are known."""
    if len(frames) < 2 or "particles/rearranging" not in frames[0].log:
        return 0
    interval = float(frames[1].log["time"][0] - frames[0].log["time"][0])
    if math.isnan(interval):
        return 0
    count = round(ahead / interval) if interval > 0 else 0
    if count < 1:
        raise ValueError(
            f"{path}: --ahead {ahead:g} is shorter than the time between frames ({interval:g}): "
            "give more"
        )
    return count


def _scene(frames: Any, index: int, number: int, colour: str, ahead: int) -> Scene:
    """Return a frame with the particles that rearrange in the next ``ahead`` frames."""
    import numpy as np

    from softcage.box import Box
    from softcage.plotting.turning import Scene

    now = frames[index]
    end = min(index + ahead, len(frames) - 1)
    then = frames[end]
    values = now.log[f"particles/{colour}"]
    box = Box.of(now.configuration.box)
    hopping = np.zeros(now.particles.N, dtype=bool)
    for k in range(index + 1, end + 1):
        hopping |= frames[k].log.get("particles/rearranging", hopping) == 1
    moves = then.particles.position - now.particles.position
    moves += Box.of(then.configuration.box).shift(then.particles.image)
    moves -= box.shift(now.particles.image)
    time = now.log["time"][0]
    return Scene(
        name=f"{number}" if math.isnan(time) else f"{number} (t = {time:g})",
        positions=now.particles.position,
        low=box.origin,
        vectors=box.vectors[: box.dimension],
        ids=now.log["particles/id"],
        scored=np.isin(now.particles.typeid, now.particles.typeid[np.isfinite(values)]),
        values=values,
        hopping=np.flatnonzero(hopping),
        moves=moves[hopping],
    )
