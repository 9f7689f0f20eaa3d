"""``softcage dynamics``: averages over all particles of any trajectory as functions of time."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from softcage.cli.options import (
    add_blocks_option,
    add_command,
    add_file_options,
    add_overlap_option,
    add_quiet_option,
    add_time_options,
    add_trajectory_argument,
    names,
    positive_number,
)
from softcage.cli.score import log_trajectory
from softcage.defaults import SCATTERING_Q

log = logging.getLogger(__name__)


def add_dynamics(commands: argparse._SubParsersAction) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "dynamics",
        dynamics_command,
        "mean squared displacement, relaxation and chi_4 of a trajectory, as tables and a figure",
        "Write a folder with dynamics.csv, the mean squared displacement, alpha_2, overlap, "
        "F_s(q, t) and chi_4 of each species at log-spaced lags with their errors; summary.csv, "
        "with tau_alpha, t*, p_c and the diffusion coefficient of each species; and dynamics.png "
        "and dynamics.pdf, a figure. Neither a potential nor a temperature is needed.",
    )
    add_trajectory_argument(parser)
    parser.add_argument("--out", required=True, metavar="FOLDER", help="folder to write")
    parser.add_argument(
        "--of",
        type=names,
        metavar="A[,B...]",
        help="species whose particles are wanted (default: all, each by itself)",
    )
    parser.add_argument(
        "--q",
        type=positive_number,
        default=SCATTERING_Q,
        metavar="Q",
        help="wave number of F_s(q, t), best at the first peak of the structure factor (default: "
        f"{SCATTERING_Q:g}, that of A in the Kob-Andersen mixture)",
    )
    add_overlap_option(parser)
    add_blocks_option(parser)
    add_time_options(parser)
    add_quiet_option(parser)
    add_file_options(parser, potential=False)


def dynamics_command(options: argparse.Namespace) -> None:
    """Read the trajectory, compute the averages of each species and write the folder."""
    import pandas as pd

    from softcage.cli.common import imported, inputs
    from softcage.dynamics.time_correlations import correlations_of_run
    from softcage.io.csv_table import write_table
    from softcage.io.frame_times import time_between_frames
    from softcage.io.overwriting import check_output, is_dynamics
    from softcage.plotting.figure import draw_file  # missing libraries show here
    from softcage.plotting.time_correlations import draw_dynamics

    out = Path(options.out)
    tables, figures = ("dynamics.csv", "summary.csv"), ("dynamics.png", "dynamics.pdf")
    for name in (*tables, *figures):
        check_output(out / name, inputs(options, options.trajectory), is_dynamics)
    how = {"interval": options.interval, "file_timestep": options.timestep}
    files = imported(options, options.trajectory, None, unwrapped=options.unwrapped, **how)
    curves, rows = [], []
    with files as (external, run):
        log_trajectory(external, run, time_between_frames(run.times))
        species = external.liquid.species
        for name in _chosen(species, options.of):
            curve, numbers = correlations_of_run(
                run,
                species.index(name),
                q=options.q,
                overlap_radius=options.overlap_radius,
                blocks=options.blocks,
            )
            curve.insert(0, "species", name)
            curves.append(curve)
            rows.append({"species": name} | numbers)
            _log_numbers(rows[-1])
    table, summary = pd.concat(curves, ignore_index=True), pd.DataFrame(rows)
    for name, content in zip(tables, (table, summary), strict=True):
        write_table(out / name, content, digits=8)
    draw_file(
        out,
        "dynamics",
        lambda page: draw_dynamics(page, table, summary),
        empty="no lag has a value",
    )
    log.info("%s: %s written", out, ", ".join((*tables, *figures)))


def _chosen(species: Sequence[str], of: Sequence[str] | None) -> list[str]:
    """Return the species that are named, or all, in the order of the liquid.

    Raises
    ------
    ValueError
        If a name is no species.
    """
    if unknown := [name for name in of or () if name not in species]:
        raise ValueError(f"there is no species {unknown[0]}, only {', '.join(species)}")
    return [name for name in species if of is None or name in of]


def _log_numbers(row: dict) -> None:
    """Say what came out for a species, and whether its errors can be trusted."""
    from softcage.defaults import BLOCK_RELAXATION_TIMES
    from softcage.dynamics.equilibration import words_on_errors
    from softcage.tables import plus_minus

    symbols = {"tau_alpha": "tau_alpha", "t_star": "t*", "p_c": "p_c", "diffusion_coefficient": "D"}
    found = ", ".join(
        f"{symbol} = {plus_minus(row[name], row[f'{name}_error'], nothing='not known')}"
        for name, symbol in symbols.items()
    )
    log.info("species %s: %s", row["species"], found)
    if words := words_on_errors(row, BLOCK_RELAXATION_TIMES):
        log.warning("the errors of species %s are %s", row["species"], words)
