"""``softcage view``: frames and their scores as one page that turns in a browser."""

from __future__ import annotations

import argparse
import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from softcage.cli.options import add_command, add_scoring_options, positive_integer, positive_number
from softcage.cli.score import prepared
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
        "frames and their softness as one page that turns in a browser",
        "Write one HTML file, for any browser, offline: particles coloured by their softness, "
        "lines to where those go that rearrange in the time after the frame, a slider for "
        "frames. A trajectory that 'softcage score --out scored.gsd' wrote is shown as it is; "
        "with --temperature any other is scored first, as softcage score does.",
    )
    parser.add_argument(
        "trajectory",
        nargs="+",
        help="GSD file that softcage score wrote, or, with --temperature, whatever it reads",
    )
    parser.add_argument(
        "--temperature",
        type=positive_number,
        metavar="T",
        help="of the run: score it, then show it",
    )
    parser.add_argument(
        "--frame", type=_index, default=0, metavar="K", help="the first one shown (default: 0)"
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
        help="every N-th frame (default: 1)",
    )
    parser.add_argument(
        "--ahead",
        type=positive_number,
        default=HOP_WINDOW,
        metavar="DT",
        help=f"time after a frame in which hops are shown (default: {HOP_WINDOW:g})",
    )
    parser.add_argument(
        "--color",
        metavar="COLUMN",
        help="softness, depth, p_hop, or softness_0.02, ... (default: softness, otherwise depth)",
    )
    parser.add_argument(
        "--out", metavar="FILE", help="page to write (default: the name of the file with .html)"
    )
    add_scoring_options(parser)


def _index(text: str) -> int:
    """Read a whole number, from 0 on."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' must be a whole number, from 0 on")
    return int(text)


def view_command(options: argparse.Namespace) -> None:
    """Read the frames that are asked for, and what hops after each of them; write the page."""
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
    if "rearranging" not in names or not any(len(scene.hopping) for scene in scenes):
        words = "%s: no particle is known to rearrange after these frames, so none is drawn"
        log.warning(words, path)
    hops = f"where they go within {options.ahead:g}"
    soft_is_high = not colour.startswith("depth")
    write_page(out, turning_figure(scenes, colour, hops, soft_is_high))
    log.info(
        "%s: %d frames from %d on, %.1f MB: open it in a browser",
        out, len(scenes), options.frame, out.stat().st_size / 1e6,
    )  # fmt: skip


@contextmanager
def _scored(options: argparse.Namespace) -> Iterator[tuple[Any, list[str], int]]:
    """Yield scored frames, the names of their scores, and the number of the first of them.

    Those of a file that has them; of any other, with a temperature, those that are needed.
    """
    from softcage.io.frame_times import time_between_frames
    from softcage.io.scored_frames import open_scored, writer

    if options.temperature is None:
        if len(options.trajectory) > 1:
            options.refuse("several files are one run that has no scores: give --temperature T")
        with open_scored(options.trajectory[0]) as (frames, names):
            _check_frame(options, len(frames))
            yield frames, names, 0
        return
    with prepared(options) as made:
        _check_frame(options, made.run.n_frames)
        interval, half = time_between_frames(made.run.times), made.recipe.half_window or 0
        ahead = round(options.ahead / interval) if interval > 0 else 0
        first = max(options.frame - half, 0)
        end = options.frame + options.frames * options.every + ahead + half
        part = _part(made.run, first, min(end, made.run.n_frames))
        out = part.path.with_suffix(".gsd")
        made.write(part, out, writer)
        with open_scored(out) as (frames, names):
            yield frames, names, first


def _part(run: Trajectory, first: int, end: int) -> Trajectory:
    """Return consecutive frames as a run of their own, beside the whole one."""
    from softcage.io.trajectory import open_trajectory, write_stream

    path, part = run.path.with_name("part.nc"), slice(first, end)
    frames = (positions for _, positions in run.chunks(start=first, stop=end))
    write_stream(path, frames, run.box, run.steps[part], run.times[part])
    return open_trajectory(path)


def _check_frame(options: argparse.Namespace, n: int) -> None:
    if options.frame >= n:
        path = options.trajectory[0]
        raise ValueError(f"{path}: has no frame {options.frame}: it has {n}, from 0 on")


def _colour(path: Path, log: dict[str, Any], names: Sequence[str], wanted: str | None) -> str:
    """Return the score that gives the colours: softness where there is one, otherwise depth."""
    import numpy as np

    if wanted is None:
        known = [name for name in names if np.isfinite(log[f"particles/{name}"]).any()]
        order = sorted(known, key=lambda name: not name.startswith("softness"))
        wanted = order[0] if order else names[0]
    if wanted not in names:
        raise ValueError(f"{path}: has no column {wanted}, it has {', '.join(names)}")
    return wanted


def _frames_ahead(path: Path, frames: Any, ahead: float) -> int:
    """Return how many frames a time is."""
    if len(frames) < 2:
        return 0
    interval = float(frames[1].log["time"][0] - frames[0].log["time"][0])
    if math.isnan(interval):
        return 0
    count = round(ahead / interval) if interval > 0 else 0
    if count < 1:
        raise ValueError(
            f"{path}: --ahead {ahead:g} is no whole frame (they are {interval:g} apart): give more"
        )
    return count


def _scene(frames: Any, index: int, number: int, colour: str, ahead: int) -> Scene:
    """Return a frame, and who rearranges in the frames after it, up to ``ahead`` of them."""
    import numpy as np

    from softcage.plotting.turning import Scene

    now = frames[index]
    end = min(index + ahead, len(frames) - 1)
    then = frames[end]
    edge = float(now.configuration.box[0])
    hopping = np.zeros(now.particles.N, dtype=bool)
    for k in range(index + 1, end + 1):
        hopping |= frames[k].log.get("particles/rearranging", hopping) == 1
    moves = then.particles.position - now.particles.position
    moves += edge * (then.particles.image - now.particles.image)
    time = now.log["time"][0]
    return Scene(
        name=f"{number}" if math.isnan(time) else f"{number} (t = {time:g})",
        positions=now.particles.position,
        low=-0.5 * edge,
        edge=edge,
        ids=now.log["particles/id"],
        scored=now.particles.typeid == 0,
        values=now.log[f"particles/{colour}"],
        hopping=np.flatnonzero(hopping),
        moves=moves[hopping],
    )
