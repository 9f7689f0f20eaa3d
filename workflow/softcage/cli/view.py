"""``softcage view``: frames and their scores as one page that turns in a browser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from softcage.cli.common import Say, inputs
from softcage.cli.score import prepared
from softcage.io.frame_times import time_between_frames
from softcage.io.overwriting import check_output, is_page
from softcage.io.scored_frames import open_scored, writer
from softcage.io.trajectory import Trajectory, open_trajectory, write_stream
from softcage.plotting.turning import Scene, turning_figure, write_page


def run(options: argparse.Namespace) -> None:
    """Read the frames that are asked for, and what hops after each of them; write the page."""
    say, path = Say(options.quiet), Path(options.trajectory[0])
    options.out = out = Path(options.out or path.with_suffix(".html").name)
    if out.suffix != ".html":
        options.refuse(f"--out {out}: give a name that ends in .html")
    check_output(out, inputs(options, options.trajectory), is_page)
    with _scored(options, say) as (frames, names, first):
        last = min(options.frame + options.frames * options.every, first + len(frames))
        numbers = range(options.frame, last, options.every)
        colour = _colour(path, frames[options.frame - first].log, names, options.color)
        ahead = _frames_ahead(path, frames, options.ahead)
        progress = say.count("drawing frame", len(numbers))
        scenes = []
        for done, number in enumerate(numbers):
            scenes.append(_scene(frames, number - first, number, colour, ahead))
            progress(done)
    if "rearranging" not in names or not any(len(scene.hopping) for scene in scenes):
        say(f"note: {path}: no particle is known to rearrange after these frames, so none is drawn")
    hops = f"where they go within {options.ahead:g}"
    soft_is_high = not colour.startswith("depth")
    write_page(out, turning_figure(scenes, colour, hops, soft_is_high))
    size = out.stat().st_size / 1e6
    say(f"{out}: {len(scenes)} frames from {options.frame} on, {size:.1f} MB: open it in a browser")


@contextmanager
def _scored(options: argparse.Namespace, say: Say) -> Iterator[tuple[Any, list[str], int]]:
    """Yield scored frames, the names of their scores, and the number of the first of them.

    Those of a file that has them; of any other, with a temperature, those that are needed.
    """
    if options.temperature is None:
        if len(options.trajectory) > 1:
            options.refuse("several files are one run that has no scores: give --temperature T")
        with open_scored(options.trajectory[0]) as (frames, names):
            _check_frame(options, len(frames))
            yield frames, names, 0
        return
    with prepared(options, say) as made:
        _check_frame(options, made.run.n_frames)
        interval, half = time_between_frames(made.run.times), made.recipe.half_window or 0
        ahead = round(options.ahead / interval) if interval > 0 else 0
        first = max(options.frame - half, 0)
        end = options.frame + options.frames * options.every + ahead + half
        part = _part(made.run, first, min(end, made.run.n_frames))
        out = part.path.with_suffix(".gsd")
        made.write(part, out, say.count("scoring frame", part.n_frames), writer)
        with open_scored(out) as (frames, names):
            yield frames, names, first


def _part(run: Trajectory, first: int, end: int) -> Trajectory:
    """Return consecutive frames as a run of their own, beside the whole one."""
    path, part = run.path.with_name("part.nc"), slice(first, end)
    frames = (positions for _, positions in run.chunks(start=first, stop=end))
    write_stream(path, frames, run.box, run.steps[part], run.times[part])
    return open_trajectory(path)


def _check_frame(options: argparse.Namespace, n: int) -> None:
    if options.frame >= n:
        path = options.trajectory[0]
        raise ValueError(f"{path}: has no frame {options.frame}: it has {n}, from 0 on")


def _colour(path: Path, log: dict[str, Any], names: Sequence[str], wanted: str | None) -> str:
    """Return the score that gives the colours: softness where there is one, else depth."""
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
    if np.isnan(interval):
        return 0
    count = round(ahead / interval) if interval > 0 else 0
    if count < 1:
        raise ValueError(
            f"{path}: --ahead {ahead:g} is no whole frame (they are {interval:g} apart): give more"
        )
    return count


def _scene(frames: Any, index: int, number: int, colour: str, ahead: int) -> Scene:
    """Return a frame, and who rearranges in the frames after it, up to ``ahead`` of them."""
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
        name=f"{number}" if np.isnan(time) else f"{number} (t = {time:g})",
        positions=now.particles.position,
        low=-0.5 * edge,
        edge=edge,
        ids=now.log["particles/id"],
        scored=now.particles.typeid == 0,
        values=now.log[f"particles/{colour}"],
        hopping=np.flatnonzero(hopping),
        moves=moves[hopping],
    )
