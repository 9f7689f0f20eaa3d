"""``softcage view``: scored frames as one page that turns in a browser."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from softcage.cli.common import Say
from softcage.io.scored_frames import open_scored
from softcage.plotting.turning import Scene, turning_figure, write_page


def run(options: argparse.Namespace) -> None:
    """Read the frames that are asked for, and what hops after each of them; write the page."""
    say, path = Say(options.quiet), Path(options.trajectory)
    out = Path(options.out or path.with_suffix(".html").name)
    if out.suffix != ".html":
        options.refuse(f"--out {out}: give a name that ends in .html")
    with open_scored(path) as (frames, names):
        if options.frame >= len(frames):
            raise ValueError(
                f"{path}: has no frame {options.frame}: it has {len(frames)}, from 0 on"
            )
        last = min(options.frame + options.frames * options.every, len(frames))
        numbers = range(options.frame, last, options.every)
        colour = _colour(path, frames[options.frame].log, names, options.color)
        ahead = _frames_ahead(path, frames, options.ahead)
        progress = say.count("drawing frame", len(numbers))
        scenes = []
        for done, number in enumerate(numbers):
            scenes.append(_scene(frames, number, colour, ahead))
            progress(done)
    if "rearranging" not in names or not any(len(scene.hopping) for scene in scenes):
        say(f"note: {path}: no particle is known to rearrange after these frames, so none is drawn")
    hops = f"where they go within {options.ahead:g}"
    soft_is_high = not colour.startswith("depth")
    write_page(out, turning_figure(scenes, colour, hops, soft_is_high))
    size = out.stat().st_size / 1e6
    say(f"{out}: {len(scenes)} frames from {options.frame} on, {size:.1f} MB: open it in a browser")


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
    count = round(ahead / interval) if interval > 0 else 0
    if count < 1:
        raise ValueError(
            f"{path}: --ahead {ahead:g} is no whole frame (they are {interval:g} apart): give more"
        )
    return count


def _scene(frames: Any, number: int, colour: str, ahead: int) -> Scene:
    """Return a frame, and who rearranges in the frames after it, up to ``ahead`` of them."""
    now = frames[number]
    end = min(number + ahead, len(frames) - 1)
    then = frames[end]
    edge = float(now.configuration.box[0])
    hopping = np.zeros(now.particles.N, dtype=bool)
    for k in range(number + 1, end + 1):
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
