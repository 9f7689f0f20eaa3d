"""Which commands to type for the files of a trajectory, given what they hold."""

from __future__ import annotations

import argparse
import glob
import os
import shlex
from typing import TYPE_CHECKING

from softcage.defaults import FEWEST_PARTICLES, HOP_WINDOW, PSEUDO_SPECIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from softcage.io.contents import Contents

# What a command leaves to the user, in capitals, and what it is.
_UNKNOWN = {
    "FILE": "a file with the types of the particles",
    "L": "the edge of the box",
    "L,L": "the edges of the box",
    "DT": "the time between frames",
    "T": "the temperature in reduced units",
}
_FEW_FILES = 6
_TOO_FEW_FRAMES = 10  # for averages over time


def next_commands(contents: Contents, options: argparse.Namespace) -> list[str]:
    """Return command lines that work for files, with words in capitals for what is not known.

    Parameters
    ----------
    contents : Contents
        From :func:`softcage.io.contents.contents_of`.
    options : Namespace
        Options of ``softcage info`` that it was made with.

    Returns
    -------
    list of str
        ``softcage score``, and ``softcage dynamics`` and ``softcage report`` where displacements
        can be followed; none if something stands in the way that no option takes out of it.
    """
    if not contents.scores:
        return []
    about = _about_files(contents, options)
    liquid, species = _liquid(contents, options)
    hops = _hops(contents, options)
    rare, enough = _by_abundance(contents, options)
    of = ["--of", ",".join(enough)] if rare and enough else []
    score = ["score", *about, *species, *liquid, *of, *hops]
    commands = [[*score, "--out", "scores.parquet"]]
    if contents.hops and contents.frames >= _TOO_FEW_FRAMES:
        time = [] if "--interval" not in contents.missing else ["--interval", "DT"]
        commands.append(["dynamics", *about, *species, *time, "--out", "dynamics"])
        of = ["--of", enough[0]] if rare and enough else []  # the page is of one species
        report = ["report", *about, *species, *liquid, *of, *(time or hops)]
        commands.append([*report, "--out", "page.html"])
    files = _files(contents.files)
    return [f"softcage {name} {files} {shlex.join(words)}" for name, *words in commands]


def to_fill_in(commands: Sequence[str]) -> dict[str, str]:
    """Return the words in capitals that commands leave to the user, and what they mean."""
    words = {word for command in commands for word in shlex.split(command)}
    return {word: meaning for word, meaning in _UNKNOWN.items() if word in words}


def _files(paths: Sequence[str]) -> str:
    """Return paths for a shell; many as a pattern, if it fits no other files."""
    first, last = os.path.commonprefix(paths), os.path.commonprefix([one[::-1] for one in paths])
    pattern = glob.escape(first) + "*" + glob.escape(last[::-1])
    if len(paths) > _FEW_FILES and sorted(glob.glob(pattern)) == sorted(paths):
        return f"{shlex.quote(first)}*{shlex.quote(last[::-1])}"
    return shlex.join(paths)


def _about_files(contents: Contents, options: argparse.Namespace) -> list[str]:
    """Return the options for the contents of the files: the user's, and those that are missing."""
    words: list[str] = []
    for name in ("top", "length_unit", "box", "dimension", "diameters", "interval", "timestep"):
        value = getattr(options, name)
        if value is not None:
            text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
            words += [f"--{name.replace('_', '-')}", text]
    if options.diameters is not None and options.bins != PSEUDO_SPECIES:
        words += ["--bins", str(options.bins)]
    if options.whole_frames:
        words.append("--whole-frames")
    if options.unwrapped is not None:
        words.append("--unwrapped" if options.unwrapped else "--no-unwrapped")
    for option, (value, _) in contents.missing.items():
        if option != "--interval":
            words += [option, value] if value else [option]
    return words


def _liquid(contents: Contents, options: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Return the options for the liquid, those of all commands apart."""
    names = options.species
    mixture = contents.kob_andersen
    if names is None and mixture is not None and any(a != b for a, b in mixture.items()):
        names = {name: [label] for name, label in mixture.items()}
    species = [] if names is None else [
        "--species",
        ",".join(f"{name}={label}" for name, labels in names.items() for label in labels),
    ]  # fmt: skip
    liquid = ["--closure", "pair"] if mixture is None else ["--temperature", "T"]
    return liquid, species


def _by_abundance(contents: Contents, options: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Return the species that have too few particles for a g(r) of their own, and the others."""
    counts = contents.types or {}
    if options.species is not None:
        counts = {
            name: sum(counts[label] for label in labels) for name, labels in options.species.items()
        }
    rare = [name for name, count in counts.items() if count < FEWEST_PARTICLES]
    return rare, [name for name in counts if name not in rare]


def _hops(contents: Contents, options: argparse.Namespace) -> list[str]:
    """Return the options for p_hop: a window that fits the frames, or none."""
    apart = contents.times.interval
    if contents.frames == 1:
        return []
    if not contents.hops or apart is None or "--interval" in contents.missing:
        return ["--no-hops"]
    half = round(0.5 * HOP_WINDOW / apart)
    if half < 1:
        return ["--no-hops"]
    if abs(2 * half * apart / HOP_WINDOW - 1) > 1e-4:
        return ["--hop-window", f"{2 * half * apart:.10g}"]
    return []
