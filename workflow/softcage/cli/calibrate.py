"""``softcage calibrate``: the line from depth to softness, from trajectories made elsewhere.

The steps are the same as in the rules ``structure``, ``cage`` and ``calibration`` of a study.
"""

from __future__ import annotations

import argparse
import filecmp
import itertools
import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from softcage.cli.options import (
    add_blocks_option,
    add_closure_option,
    add_command,
    add_file_options,
    add_q_max_option,
    add_quiet_option,
    add_structure_frames_option,
    run_of_temperature,
)
from softcage.defaults import ROUTE

if TYPE_CHECKING:
    import pandas as pd

    from softcage.model import Composition
    from softcage.structure.blocks import Structure

log = logging.getLogger(__name__)


def add_calibrate(commands: argparse._SubParsersAction) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "calibrate",
        calibrate_command,
        "fit the line from depth to softness to trajectories of several temperatures",
        "Fit 1/S = c0 + c1 beta Phi (Eq. 7) to the average cages of at least two "
        "temperatures and write a folder for 'softcage score --calibration'.",
    )
    parser.add_argument(
        "runs",
        nargs="+",
        type=run_of_temperature,
        metavar="T=PATH",
        help="a temperature and a trajectory at this temperature; several trajectories of one "
        "temperature are allowed; files that match a pattern, as in '0.47=dump.*.gz', are one run",
    )
    parser.add_argument("--out", required=True, metavar="FOLDER", help="folder to write")
    add_structure_frames_option(parser)
    add_blocks_option(parser)
    parser.add_argument(
        "--of",
        metavar="A",
        help="species that the line is for (default: the first)",
    )
    add_closure_option(parser)
    add_q_max_option(parser)
    add_quiet_option(parser)
    add_file_options(parser)


def calibrate_command(options: argparse.Namespace) -> None:
    """Measure the cages at all temperatures, fit the lines and write the folder."""
    import yaml

    from softcage.cage.calibration import SAME_DENSITY, calibrate
    from softcage.cli.common import inputs, known_liquid
    from softcage.io.atomic_file import replacing
    from softcage.io.csv_table import write_table
    from softcage.io.overwriting import check_output, is_calibration
    from softcage.io.readers import files_of_run

    out = Path(options.out)
    known = known_liquid(options, options.closure == "hnc")
    runs: dict[float, list[str]] = {}
    for temperature, path in options.runs:
        runs.setdefault(temperature, []).append(path)
    if len(runs) < 2:
        options.refuse("a line needs at least two temperatures: give more T=PATH")
    for name in ("config.yaml", "cage.csv", "calibration.csv"):
        check_output(
            out / name, inputs(options, [path for _, path in options.runs]), is_calibration
        )
    _refuse_repeated([Path(file) for _, path in options.runs for file in files_of_run(path)])
    tables, densities = [], []
    for temperature, paths in sorted(runs.items()):
        parts = []
        for path in paths:
            structure, liquid = _structure(options, path, known)
            known = liquid  # without a potential the first file says what the species are
            parts.append(structure)
        densities += [part.density for part in parts]
        tables.append(_cage(options, paths, parts, liquid, temperature))
    low, high = min(densities), max(densities)
    if high > (1 + SAME_DENSITY) * low:
        raise ValueError(
            f"the runs have different densities, {low:.5g} to {high:.5g}: calibrate with runs of "
            "one density"
        )
    cage, lines = calibrate(tables)
    for row in lines[lines["relation"] == "c"].to_dict("records"):
        words = (
            f"{row['route']}: 1/S = ({row['intercept']:.5g} +- {row['intercept_error']:.2g}) + "
            f"({row['slope']:.5g} +- {row['slope_error']:.2g}) beta Phi"
        )
        if row["slope"] >= 0 and row["route"] == ROUTE:
            raise ValueError(
                f"the line rises, {words}: deeper cages would be softer. Check the temperatures of "
                "the runs; if they are right, use more frames or a wider range of temperatures"
            )
        quality = f", R^2 = {row['r_squared']:.4f}" if len(runs) > 2 else ""
        log.info("%s%s", words, quality)
        if row["slope"] >= 0:
            log.warning("this line rises, and softcage score does not use it")
    if len(runs) == 2:
        log.warning(
            "the line goes through only two temperatures, so that its linearity is not tested: "
            "give a third"
        )
    about = {"mixture": liquid.to_dict(), "system": {"density": densities[-1]}}
    with replacing(out / "config.yaml") as temporary:
        temporary.write_text(yaml.safe_dump(about, sort_keys=False))
    for name, table in (("cage.csv", cage), ("calibration.csv", lines)):
        write_table(out / name, table, digits=8)
    log.info("%s: written; use it with softcage score --calibration %s", out, out)


def _refuse_repeated(paths: list[Path]) -> None:
    """Refuse a trajectory that is given twice, also by copies: errors would be too small."""
    for a, b in itertools.combinations(paths, 2):
        if a.is_file() and b.is_file() and filecmp.cmp(a, b, shallow=False):
            raise ValueError(f"{a} and {b} are the same trajectory: give each only once")


def _structure(
    options: argparse.Namespace, path: str, liquid: Composition | None
) -> tuple[Structure, Composition]:
    """Return g(r) and S(q) of one trajectory, and its liquid."""
    from softcage.box import Box
    from softcage.cage.scorer import scored_species
    from softcage.cli.common import imported
    from softcage.io.readers import files_of_run
    from softcage.structure.blocks import structure_of_run

    with imported(options, files_of_run(path), liquid, hops=False) as (external, run):
        scored_species(external.liquid, run.species, [options.of or external.liquid.species[0]])
        structure = structure_of_run(
            run, frames=options.frames, blocks=options.blocks, q_max=options.q_max
        )
        log.info(
            "%s: %d of %d frames of %d particles, box %s",
            path, structure.n_frames, run.n_frames, run.n_particles, Box.of(run.box).in_words(5),
        )  # fmt: skip
    return structure, external.liquid


def _cage(
    options: argparse.Namespace,
    paths: Sequence[str],
    parts: Sequence[Structure],
    liquid: Composition,
    temperature: float,
) -> pd.DataFrame:
    """Return the cage at one temperature."""
    from softcage.cage.average import cage_of_structure
    from softcage.structure.blocks import pool_structure

    structure = pool_structure(parts, paths, options.blocks)
    tagged = liquid.species.index(options.of or liquid.species[0])
    table, _ = cage_of_structure(
        structure, liquid, temperature, q_max=options.q_max, n_runs=len(parts),
        tagged=tagged, closure=options.closure,
    )  # fmt: skip
    row = table.iloc[0]
    if math.isnan(row["inverse_softness_error"]):
        raise ValueError(
            f"T = {temperature:g}: the error of the cage is not known from {structure.n_frames} "
            "frame(s) in one block, so that the line may be anything: use at least two frames "
            "(--frames) and two blocks (--blocks), better some tens of frames"
        )
    log.info(
        "T = %g: depth %.4g +- %.2g, 1/S %.5g +- %.2g", temperature, row["depth_r"],
        row["depth_r_error"], row["inverse_softness"], row["inverse_softness_error"],
    )  # fmt: skip
    return table
