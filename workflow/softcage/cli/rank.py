"""``softcage rank``: put a descriptor of one's own into the table of the published predictors."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from softcage.cli.options import (
    add_command,
    add_density_option,
    add_potential_option,
    add_quiet_option,
    lengths,
)
from softcage.defaults import REGRESSION, REGRESSIONS

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger(__name__)

_LABELS = "results/paper/propensity"


def add_rank(commands: argparse._SubParsersAction) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "rank",
        rank_command,
        "rank a descriptor of your own among the published predictors of the propensity",
        "Evaluate each function f(positions, types, box) of a Python file, or read columns of a "
        "table, and correlate it with published propensities at each temperature and time. Write "
        "rank.csv with its correlations, its place among the published descriptors and what it "
        "adds to a regression with their features, and a figure of it.",
    )
    parser.add_argument(
        "candidates",
        metavar="FILE",
        help="Python file with functions of positions (N, 3), types (N,) and the edge of the box "
        "that return a number for each particle; or a table (.csv, .parquet) with columns T, "
        "configuration, particle, and one column per descriptor",
    )
    parser.add_argument("--out", required=True, metavar="FOLDER", help="folder to write")
    parser.add_argument(
        "--labels",
        default=_LABELS,
        metavar="FOLDER",
        help="folder with the propensities, T<temperature>/c<number>.npz (default: "
        f"{_LABELS}, which is in the repository)",
    )
    parser.add_argument(
        "--published",
        metavar="FILE",
        help="scores of the predictors to compare with (default: beyond/scores.csv beside the "
        "folder of the labels, if there is one)",
    )
    parser.add_argument(
        "--add-to",
        choices=(*REGRESSIONS, "none"),
        default=REGRESSION,
        help="regression whose features the descriptor is added to; the default is the best of all "
        f"and takes minutes, none seconds (default: {REGRESSION})",
    )
    parser.add_argument(
        "--lengths",
        type=lengths,
        metavar="L[,L...]",
        help="lengths L of averages with weight exp(-r/L), sigma_AA (default: 1.5)",
    )
    add_density_option(parser)
    add_potential_option(parser)
    add_quiet_option(parser)


def rank_command(options: argparse.Namespace) -> None:
    """Evaluate the descriptors, rank them, and write the table and the figure."""
    from softcage.defaults import LENGTHS
    from softcage.io.csv_table import write_table
    from softcage.io.mixture import read_mixture
    from softcage.io.overwriting import check_output, is_rank
    from softcage.plotting.candidates import draw_rank
    from softcage.plotting.figure import draw_file
    from softcage.ranking.candidates import rank_candidates, read_candidates, read_propensities

    out = Path(options.out)
    for kind in ("csv", "png", "pdf"):
        check_output(out / f"rank.{kind}", [options.candidates], is_rank)
    mixture = read_mixture(options.potential)
    published = _published(options)
    labels = read_propensities(options.labels, mixture, options.density)
    table = rank_candidates(
        labels,
        read_candidates(options.candidates, labels),
        mixture,
        lengths=options.lengths or LENGTHS,
        base=None if options.add_to == "none" else options.add_to,
        published=published,
    )
    write_table(out / "rank.csv", table, digits=4)
    temperatures = sorted(set(table["T"]))
    draw_file(out, "rank", lambda page: draw_rank(page, table, options.add_to), temperatures)
    _log_places(table)
    log.info("%s: rank.csv, and its figure rank.png and rank.pdf", out)


def _published(options: argparse.Namespace) -> pd.DataFrame | None:
    import pandas as pd

    beside = Path(options.labels).parent / "beyond" / "scores.csv"
    path = Path(options.published) if options.published else beside
    if not options.published and not path.is_file():
        log.warning("%s is not there: no place among published descriptors", path)
        return None
    try:
        return pd.read_csv(path, usecols=["target", "kind", "name", "T", "time", "pearson_each"])
    except ValueError:  # of pandas: columns are missing, or it is no table
        raise ValueError(
            f"{path} is no table of scores; give the beyond/scores.csv of a study"
        ) from None


def _log_places(table: pd.DataFrame) -> None:
    """Say for each temperature what the candidates reach at the last time."""
    for (T, name), rows in table.groupby(["T", "name"], sort=False):
        last = rows[rows["time"] == rows["time"].max()]
        top = last.loc[last["pearson_each"].abs().idxmax()]
        words = f"r = {top['pearson_each']:.3f} +- {top['pearson_each_error']:.3f}"
        if top["length"]:
            words += f", averaged with L = {top['length']:g}"
        if "place" in top.index and top["place"] == top["place"]:
            words += f"; place {top['place']:.0f} of {top['of']:.0f} (best: {top['best']}, "
            words += f"{top['best_each']:.3f})"
        if "gain_each" in top.index and top["gain_each"] == top["gain_each"]:
            words += f"; adds {top['gain_each']:.4f} +- {top['gain_each_error']:.4f}"
        log.info("%s at T = %g, t = %.4g: %s", name, T, top["time"], words)
