"""``softcage transfer``: do fits of the propensity at one temperature hold at another?"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from softcage.cli.options import (
    add_command,
    add_density_option,
    add_displacement_time_option,
    add_potential_option,
    add_quiet_option,
    has_temperature,
    run_of_temperature,
)
from softcage.defaults import REGRESSION, REGRESSIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from softcage.isoconfigurational.files import Configuration
    from softcage.model import Mixture
    from softcage.ranking.candidates import Propensities

log = logging.getLogger(__name__)


def add_transfer(commands: argparse._SubParsersAction) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "transfer",
        transfer_command,
        "test fits of the propensity at one temperature at all others",
        "Fit a regression to the propensity at each temperature and time, and correlate what it "
        "predicts with the propensity at every other. Then fit all temperatures and times but one "
        "temperature together, and test that there. Write transfer.csv with all pairs of state "
        "points, joint.csv with the joint fits, and a figure: the matrix at about the relaxation "
        "time, and each temperature against time.",
    )
    parser.add_argument(
        "labels",
        nargs="+",
        metavar="FOLDER|T=FILES",
        help="folder with propensities, T<temperature>/c<number>.npz, such as "
        "results/paper/propensity; or the isoconfigurational files of one temperature as a "
        "pattern, such as '0.44=botan/*.npz'; several patterns of one temperature are taken "
        "together",
    )
    parser.add_argument("--out", required=True, metavar="FOLDER", help="folder to write")
    parser.add_argument(
        "--predictor",
        choices=REGRESSIONS,
        default=REGRESSION,
        help=f"regression, by its features (default: {REGRESSION})",
    )
    add_displacement_time_option(parser)
    add_density_option(parser)
    add_potential_option(parser)
    add_quiet_option(parser)


def transfer_command(options: argparse.Namespace) -> None:
    """Read the propensities, fit and test at all state points, write the table and the figure."""
    from softcage.io.csv_table import write_table
    from softcage.io.mixture import read_mixture
    from softcage.io.overwriting import check_output, is_transfer
    from softcage.plotting.figure import draw_file
    from softcage.plotting.transfer import draw_transfer, relaxed_matrix
    from softcage.ranking.columns import feature_columns
    from softcage.ranking.joint import joint_table
    from softcage.ranking.transfer import check_labels, transfer_table

    out = Path(options.out)
    for name in ("transfer.csv", "transfer.png", "transfer.pdf", "joint.csv"):
        check_output(out / name, [], is_transfer)
    mixture = read_mixture(options.potential)
    labels = _labels(options, mixture)
    check_labels(labels)
    columns = {
        T: feature_columns(configurations, mixture, T, options.predictor)
        for T, configurations in labels.items()
    }
    table, joint = transfer_table(labels, columns), joint_table(labels, columns)
    for name, rows in (("transfer", table), ("joint", joint)):
        write_table(out / f"{name}.csv", rows, digits=4)
    draw_file(out, "transfer", lambda page: draw_transfer(page, table, joint), sorted(labels))
    matrix = relaxed_matrix(table)
    for T, row in matrix.iterrows():
        log.info("fit at T = %g: %s", T, ", ".join(f"{r:.3f} at {at:g}" for at, r in row.items()))
    log.info("%s: transfer.csv, joint.csv, and their figure transfer.png and transfer.pdf", out)


def _labels(options: argparse.Namespace, mixture: Mixture) -> Propensities:
    """Return the configurations of all folders and patterns by temperature, cold first."""
    from softcage.io.readers import files_of_run
    from softcage.isoconfigurational.files import read_configurations
    from softcage.ranking.candidates import read_propensities

    found: dict[float, Sequence[Configuration]] = {}
    files: dict[float, list[str]] = {}
    for word in options.labels:
        if has_temperature(word):
            try:
                T, pattern = run_of_temperature(word)
            except argparse.ArgumentTypeError as error:
                options.refuse(str(error))
            files.setdefault(T, []).extend(files_of_run(pattern))
            continue
        parts = read_propensities(word, mixture, options.density)
        if twice := sorted(set(parts) & set(found)):
            raise ValueError(f"{word}: T = {twice[0]:g} is there twice")
        found |= parts
    if twice := sorted(set(files) & set(found)):
        raise ValueError(f"T = {twice[0]:g} is there twice, in a folder and in files")
    for T, paths in files.items():
        found[T] = read_configurations(paths, mixture, options.density, options.time)
    return {T: found[T] for T in sorted(found)}
