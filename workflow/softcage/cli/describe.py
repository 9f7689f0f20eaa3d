"""``softcage describe``: structural descriptors of every particle of any trajectory."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from softcage.cli.options import (
    add_command,
    add_frame_options,
    add_trajectory_argument,
    names,
    positive_integer,
    positive_number,
)
from softcage.cli.score import check_temperature, log_trajectory

if TYPE_CHECKING:
    from softcage.descriptors.frame import Liquid
    from softcage.io.external import External
    from softcage.io.trajectory import Trajectory

log = logging.getLogger(__name__)


def add_describe(commands: argparse._SubParsersAction) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "describe",
        describe_command,
        "structural descriptors of every particle of a trajectory, as a table",
        "Write a table with one row for each frame and particle, and one column for each "
        "descriptor: the depth of its cage with C = g - 1 (depth_pair), its Voronoi cell, its "
        "two-body entropy and more. Without --potential only those are possible that need no "
        "forces.",
    )
    add_trajectory_argument(parser)
    parser.add_argument(
        "--descriptors",
        type=names,
        metavar="NAME[,NAME...]",
        help="descriptors to compute (default: all that are possible)",
    )
    parser.add_argument(
        "--temperature",
        type=positive_number,
        metavar="T",
        help="temperature of the run, in reduced units, for descriptors that depend on it",
    )
    parser.add_argument(
        "--out", required=True, metavar="FILE", help="table to write (.parquet, .csv)"
    )
    parser.add_argument(
        "--every",
        type=positive_integer,
        default=1,
        metavar="N",
        help="describe every N-th frame (default: 1)",
    )
    add_frame_options(parser)


def describe_command(options: argparse.Namespace) -> None:
    """Read the trajectory, compute the descriptors and write the table."""
    from softcage.cage.scorer import scored_species
    from softcage.cli.common import imported, inputs, known_liquid
    from softcage.descriptors.table import descriptors
    from softcage.descriptors.trajectory import Description, describe_trajectory, possible
    from softcage.io.frame_times import time_between_frames
    from softcage.io.overwriting import check_output, is_scores
    from softcage.io.particle_table import TABLE_FORMATS

    check_temperature(options, needed=False)
    out = Path(options.out)
    if out.suffix not in TABLE_FORMATS:
        options.refuse(f"--out {out}: give a name that ends in {' or '.join(TABLE_FORMATS)}")
    check_output(out, inputs(options, options.trajectory), is_scores)
    files = imported(
        options,
        options.trajectory,
        known_liquid(options, needed=False),
        unwrapped=options.unwrapped,
        interval=options.interval,
        file_timestep=options.timestep,
        hops=options.positions == "averaged",
    )
    with files as (external, run):
        log_trajectory(external, run, time_between_frames(run.times))
        tagged = scored_species(external.liquid, run.species, options.of)
        liquid = _liquid(options, external, run)
        known = descriptors(external.liquid.species, options.delta, options.delta[0])
        what = Description(
            liquid,
            possible(liquid, known, options.positions, options.descriptors, tagged),
            tagged,
            options.average,
            options.positions,
            options.average_window,
            options.every,
        )
        order = None if external.reordered else external.order
        metadata = {
            "source": ", ".join(map(str, external.paths)),
            "calibration": options.calibration,
            "delta": options.delta[0] if len(options.delta) == 1 else options.delta,
            "length_unit": external.length_unit,
        }
        about = describe_trajectory(run, what, out, order, metadata, external.ids)
    log.info("%s: %d rows of %d descriptors", out, about["n_rows"], len(what.chosen))


def _liquid(options: argparse.Namespace, external: External, run: Trajectory) -> Liquid:
    """Return what is known of the average liquid: its g(r), the first shells and the line."""
    from softcage.cage.calibration import read_line
    from softcage.defaults import STRUCTURE_FRAMES
    from softcage.descriptors.frame import liquid_of_frames, liquid_of_line
    from softcage.sampling import evenly_spaced

    about = external.liquid, options.temperature

    def measured() -> Liquid:
        positions, box = run.frames(evenly_spaced(run.n_frames, STRUCTURE_FRAMES))
        return liquid_of_frames(positions, run.species, box, *about)

    if not options.calibration:
        return measured()
    line = read_line(options.calibration, options.q_max)
    liquid, source = liquid_of_line(line, measured, run.species, run.box, *about)
    log.info("first shell from %s", source or "the g(r) of the trajectory")
    return liquid
