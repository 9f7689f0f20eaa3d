"""``softcage info``: what the files of a trajectory hold, and what to type next."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from softcage.cli.options import (
    add_command,
    add_file_options,
    add_quiet_option,
    add_time_options,
    add_trajectory_argument,
)
from softcage.cli.terminal import answer

if TYPE_CHECKING:
    from softcage.io.contents import BoxOfFile, Contents

_NAMED = 12  # types that are listed


def add_info(commands: argparse._SubParsersAction) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "info",
        info_command,
        "what the files of a trajectory hold, what they lack, and the command to type next",
        "Read a trajectory once and print what it holds: species, box, density, times, how far "
        "particles move between frames, what is missing, what the other commands would refuse, "
        "and the commands to type next. Nothing is written.",
    )
    add_trajectory_argument(parser)
    parser.add_argument("--json", action="store_true", help="print the same as JSON")
    add_time_options(parser)
    add_quiet_option(parser)
    add_file_options(parser, potential=False)


def info_command(options: argparse.Namespace) -> None:
    """Read the files and print what they hold."""
    from softcage.cli.next_commands import next_commands, to_fill_in
    from softcage.io.contents import contents_of

    contents = contents_of(
        options.trajectory,
        species=options.species,
        topology=options.top,
        length_unit=options.length_unit,
        box=options.box,
        dimension=options.dimension,
        unwrapped=options.unwrapped,
        whole_frames=options.whole_frames,
        diameters=options.diameters,
        bins=options.bins,
        interval=options.interval,
        timestep=options.timestep,
    )
    commands = next_commands(contents, options)
    fill_in = to_fill_in(commands)
    if options.json:
        answer(json.dumps(asdict(contents) | {"next": commands, "fill_in": fill_in}, indent=2))
    else:
        answer("\n".join([*in_words(contents), *_next_in_words(contents, commands, fill_in)]))


def in_words(contents: Contents) -> list[str]:
    """Return what files hold as lines for a person."""
    first, *others = contents.files
    more = f" and {len(others)} more" if others else ""
    rows = {
        "file": f"{first}{more}, {_bytes(contents.size)}",
        "format": contents.format,
        "frames": f"{contents.frames}",
        "particles": _particles(contents),
        "box": "none" if contents.box is None else _box(contents.box),
        "density": _density(contents),
        "times": _times(contents),
        "positions": contents.why_unwrapped,
        "closest pair": _number(contents.closest),
        "displacement": "not known"
        if contents.displacement is None
        else f"{contents.displacement:.4g}, mean square from frame to frame (the median frame)",
    }
    if contents.length_unit != 1:
        rows["lengths"] = f"those of the file divided by {contents.length_unit:g}"
    lines = [f"{name + ':':14} {words}" for name, words in rows.items()]
    for option, (value, words) in contents.missing.items():
        if words:
            lines.append(f"what is missing: {option} {value}, {words}")
    if contents.obstacle is not None:
        lines.append(f"what stands in the way: {' '.join(contents.obstacle.split())}")
    return lines


def _next_in_words(contents: Contents, commands: list[str], fill_in: dict[str, str]) -> list[str]:
    if not commands:
        return ["what to type next: nothing, before that is settled"]
    lines = ["what to type next:", *(f"  {command}" for command in commands)]
    if fill_in:
        lines.append("with " + "; ".join(f"{name}: {words}" for name, words in fill_in.items()))
    if contents.kob_andersen is not None:
        lines.append(
            "80:20 is taken for the Kob-Andersen mixture; for another liquid write --closure pair "
            "in place of --temperature"
        )
    return lines


def _bytes(size: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.3g} {unit}"


def _particles(contents: Contents) -> str:
    n, types = contents.particles, contents.types
    if types is None:
        return f"{n}, of types that the file does not say"
    listed = [f"{count} of type {one} ({100 * count / n:.4g} %)" for one, count in types.items()]
    more = f" and {len(listed) - _NAMED} more types" if len(listed) > _NAMED else ""
    return f"{n}: {', '.join(listed[:_NAMED])}{more}"


def _box(box: BoxOfFile) -> str:
    edges = " x ".join(f"{edge:.6g}" for edge in box.edges)
    if box.shape in ("cube", "square"):
        edges = f"{box.edges[0]:.6g}"
    angles = ""
    if box.shape == "tilted box":
        angles = f", angles {', '.join(f'{angle:.5g}' for angle in box.angles)}"
    along = [name for name, periodic in zip("xyz", box.periodic, strict=False) if periodic]
    periodic = f"periodic along {', '.join(along)}" if along else "not periodic"
    if len(along) == len(box.periodic):
        periodic = "periodic"
    size = {2: "area", 3: "volume"}[len(box.periodic)]
    changes = "the same in all frames"
    if box.changes:
        low, high = box.volume
        changes = f"changes, its {size} from {low:.6g} to {high:.6g}"
    return f"{box.shape}, {edges}{angles}, {periodic}, {changes}"


def _density(contents: Contents) -> str:
    if contents.density is None:
        return "not known"
    return f"{contents.density:.5g} in {contents.dimension} dimensions"


def _times(contents: Contents) -> str:
    times = contents.times
    if times.source == "nothing":
        return "none"
    of = {"file": "times of the file", "steps": "none; steps of the file"}
    source = of.get(times.source, f"by --{times.source}")
    if contents.frames == 1:
        return f"{times.first:.10g}, {source}"
    even = f"{times.interval:g} apart" if times.even else "unevenly spaced"
    return f"{source}, from {times.first:.10g} to {times.last:.10g}, {even}"


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.4g}"
