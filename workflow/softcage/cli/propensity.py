"""``softcage propensity``: rank structural predictors of the propensity in files."""

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
    lengths,
    positive_integer,
    positive_number,
)
from softcage.defaults import DELTA

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from softcage.plotting.page import Page

log = logging.getLogger(__name__)

_FIGURES = ("predictors", "averaging_lengths", "coefficients", "predicted_map")


def add_propensity(commands: argparse._SubParsersAction) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "propensity",
        propensity_command,
        "rank structural predictors of the propensity, from isoconfigurational files",
        "Correlate every structural descriptor and learned predictor with the propensity (mean "
        "|dr| over runs from one configuration). Write a folder with tables and figures, among "
        "them scores.csv, the correlations, predictors.png, a figure of them, and "
        "coefficients.csv, the coefficients of the linear predictors.",
    )
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="npz file of one configuration with types, initial_positions and positions (runs, N, "
        "3), as in BOTAN and GlassBench, or with types, positions, times and propensity (times, N)",
    )
    parser.add_argument(
        "--temperature",
        type=positive_number,
        required=True,
        metavar="T",
        help="temperature of the runs, in reduced units",
    )
    parser.add_argument("--out", required=True, metavar="FOLDER", help="folder to write")
    parser.add_argument(
        "--unseen",
        nargs="+",
        metavar="FILE",
        help="further configurations, predicted by fits to all files given first",
    )
    add_density_option(parser)
    parser.add_argument(
        "--lengths",
        type=lengths,
        metavar="L[,L...]",
        help="lengths L of the averages with weight exp(-r/L), sigma_AA (default: 1.5)",
    )
    parser.add_argument(
        "--folds",
        type=positive_integer,
        metavar="N",
        help="number of groups of configurations for the learned predictors (default: 5, or as "
        "many as there are configurations; fewer than three have no learned predictors)",
    )
    parser.add_argument("--no-learned", action="store_true", help="descriptors only")
    parser.add_argument(
        "--predictors",
        type=lambda text: text.split(","),
        metavar="NAME[,NAME]",
        help="only these learned predictors, such as ridge_static,ridge_mechanics: tables without "
        "descriptors and their figures, in far less time",
    )
    parser.add_argument(
        "--published",
        metavar="CSV",
        help="table of published correlations (network, T, time, pearson_each, pearson_pooled); "
        "published.csv and its figure compare the learned predictors with the best of them",
    )
    add_displacement_time_option(parser)
    parser.add_argument(
        "--calibration",
        metavar="PATH",
        help="folder of a study or of 'softcage calibrate' with the line for the softness "
        "(default: no softness)",
    )
    add_potential_option(parser)
    add_quiet_option(parser)


def propensity_command(options: argparse.Namespace) -> None:
    """Score all descriptors and learned predictors, and write the folder."""
    from softcage.defaults import LENGTHS
    from softcage.io.mixture import read_mixture
    from softcage.io.overwriting import check_output, is_propensity
    from softcage.ranking.from_files import rank_files
    from softcage.ranking.published import read_published
    from softcage.ranking.save import RANKING_TABLES, write_tables

    out, unseen = Path(options.out), options.unseen or []
    published = read_published(options.published) if options.published else None
    if options.predictors and options.no_learned:
        raise ValueError("--predictors names learned predictors, and --no-learned leaves them out")
    further = ["published"] if options.published else []
    names, figures = [*RANKING_TABLES, *further], [*_FIGURES, *further]
    kinds = [("csv", names), ("png", figures), ("pdf", figures)]
    for file in [out / f"{name}.{kind}" for kind, names in kinds for name in names]:
        check_output(file, [*options.files, *unseen], is_propensity)
    mixture = read_mixture(options.potential)
    tables = rank_files(
        options.files,
        mixture,
        options.temperature,
        options.density,
        calibration=options.calibration,
        unseen=unseen,
        lengths=options.lengths or LENGTHS,
        folds=0 if options.no_learned else options.folds,
        time=options.time,
        chosen=options.predictors,
        published=published,
    )
    if options.predictors:  # no descriptors, and no map of the best predictor of all
        tables = {name: tables[name] for name in tables if name not in ("lengths", "predicted")}
    write_tables(out, tables, mixture)
    drawn = _draw(out, tables, options.temperature)
    words = f"; figures {', '.join(drawn)} (PNG, PDF)" if drawn else ""
    log.info("%s: tables %s%s", out, ", ".join(f"{name}.csv" for name in tables), words)


def _draw(out: Path, tables: dict[str, pd.DataFrame], T: float) -> list[str]:
    """Draw the figures of the study that these tables give; return their names."""
    from softcage.plotting.figure import draw_file
    from softcage.plotting.maps import draw_predicted_map
    from softcage.plotting.predictors import (
        draw_averaging_lengths,
        draw_coefficients,
        draw_predictors,
    )
    from softcage.plotting.published import draw_published

    draw: dict[str, Callable[[Page], None]] = {}
    if "predicted" in tables:
        figures = (
            lambda page: draw_predictors(page, tables["scores"], T, DELTA),
            lambda page: draw_averaging_lengths(page, tables["lengths"], tables["scores"], T),
            lambda page: draw_coefficients(page, tables["coefficients"], tables["importances"], T),
            lambda page: draw_predicted_map(page, tables["predicted"], T),
        )
        draw |= dict(zip(_FIGURES, figures, strict=True))
    if "published" in tables:
        draw["published"] = lambda page: draw_published(page, tables["published"], T)
    for name, figure in draw.items():
        draw_file(out, name, figure, [T])
    return list(draw)
