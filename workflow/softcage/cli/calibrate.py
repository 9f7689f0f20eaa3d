"""``softcage calibrate``: the line from depth to softness, from trajectories of others.

The steps are those of a study's rules ``structure``, ``cage`` and ``calibration``.
"""

from __future__ import annotations

import argparse
import filecmp
import itertools
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import yaml

from softcage.cage.average import cage_of_structure
from softcage.cage.calibration import SAME_DENSITY, calibrate
from softcage.cli.common import Say, imported, inputs
from softcage.defaults import ROUTE
from softcage.io.atomic_file import replacing
from softcage.io.mixture import read_mixture
from softcage.io.overwriting import check_output, is_calibration
from softcage.io.readers import files_of_run
from softcage.model import Mixture
from softcage.structure.blocks import Structure, pool_structure, structure_of_run


def run(options: argparse.Namespace) -> None:
    """Measure the cages of all temperatures, fit the lines, write the folder."""
    say, out = Say(options.quiet), Path(options.out)
    mixture = read_mixture(options.potential)
    runs: dict[float, list[str]] = {}
    for temperature, path in options.runs:
        runs.setdefault(temperature, []).append(path)
    if len(runs) < 2:
        options.refuse("a line needs at least two temperatures: give more T=PATH")
    for name in ("config.yaml", "cage.csv", "calibration.csv"):
        check_output(
            out / name, inputs(options, [path for _, path in options.runs]), is_calibration
        )
    _each_once([Path(file) for _, path in options.runs for file in files_of_run(path)])
    tables, densities = [], []
    for temperature, paths in sorted(runs.items()):
        parts = [_structure(options, path, mixture, say) for path in paths]
        densities += [part.density for part in parts]
        tables.append(_cage(options, paths, parts, mixture, temperature, say))
    low, high = min(densities), max(densities)
    if high > (1 + SAME_DENSITY) * low:
        raise ValueError(
            f"the runs have different densities, {low:.5g} to {high:.5g}: a line is one of "
            "temperatures at one density"
        )
    cage, lines = calibrate(tables)
    for row in lines[lines["relation"] == "c"].to_dict("records"):
        words = (
            f"{row['route']}: 1/S = ({row['intercept']:.5g} +- {row['intercept_error']:.2g}) + "
            f"({row['slope']:.5g} +- {row['slope_error']:.2g}) beta Phi"
        )
        if row["slope"] >= 0 and row["route"] == ROUTE:
            raise ValueError(
                f"the line rises, {words}: deeper cages would be softer. Are the temperatures of "
                "the runs right? If so, use more frames or a wider range of temperatures"
            )
        say(words + (f", R^2 = {row['r_squared']:.4f}" if len(runs) > 2 else ""))
        if row["slope"] >= 0:
            say("note: this line rises, and softcage score does not use it")
    if len(runs) == 2:
        say("note: a line through two temperatures, which nothing tests: give a third")
    about = {"mixture": mixture.to_dict(), "system": {"density": densities[-1]}}
    with replacing(out / "config.yaml") as temporary:
        temporary.write_text(yaml.safe_dump(about, sort_keys=False))
    for name, table in (("cage.csv", cage), ("calibration.csv", lines)):
        with replacing(out / name) as temporary:
            table.to_csv(temporary, index=False, float_format="%.8g")
    say(f"{out}: for softcage score --calibration {out}")


def _each_once(paths: list[Path]) -> None:
    """Refuse a file that comes twice, under one name or two: errors would be too small."""
    for a, b in itertools.combinations(paths, 2):
        if a.is_file() and b.is_file() and filecmp.cmp(a, b, shallow=False):
            raise ValueError(f"{a} and {b} are the same trajectory: give each only once")


def _structure(options: argparse.Namespace, path: str, mixture: Mixture, say: Say) -> Structure:
    """Return g(r) and S(q) of one trajectory."""
    with imported(options, files_of_run(path), mixture, say, hops=False) as (_, run):
        structure = structure_of_run(
            run, frames=options.frames, blocks=options.blocks, q_max=options.q_max
        )
        say(
            f"{path}: {structure.n_frames} of {run.n_frames} frames of {run.n_particles} "
            f"particles, box {run.box:.5g}"
        )
    return structure


def _cage(
    options: argparse.Namespace,
    paths: Sequence[str],
    parts: Sequence[Structure],
    mixture: Mixture,
    temperature: float,
    say: Say,
) -> pd.DataFrame:
    """Return the cage at one temperature."""
    if sum(part.n_frames for part in parts) < 2:
        raise ValueError(
            f"T = {temperature:g}: one frame is too little for a line: it has no error, and the "
            "softness that follows is off by tens of per cent; give more frames (--frames)"
        )
    structure = pool_structure(parts, paths, options.blocks)
    table, _ = cage_of_structure(structure, mixture, temperature, q_max=options.q_max)
    row = table.iloc[0]
    say(
        f"T = {temperature:g}: depth {row['depth_r']:.4g} +- {row['depth_r_error']:.2g}, "
        f"1/S {row['inverse_softness']:.5g} +- {row['inverse_softness_error']:.2g}"
    )
    return table
