"""``softcage propensity``: which structure predicts the propensity, on isoconfigurational files."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import pandas as pd

from softcage.cage.calibration import read_line
from softcage.cli.common import Say
from softcage.defaults import Q_MAX
from softcage.descriptors.frame import Liquid
from softcage.io.mixture import read_mixture
from softcage.io.overwriting import check_output, is_propensity
from softcage.isoconfigurational.files import Configuration, read_configurations
from softcage.model import Mixture
from softcage.ranking.learned import FOLDS
from softcage.ranking.propensity import (
    LENGTHS,
    describe,
    liquid_of_configurations,
    score,
    unseen_rows,
)
from softcage.ranking.save import TABLES, files_of, save


def run(options: argparse.Namespace) -> None:
    """Score all descriptors and learned predictors, write the folder."""
    say, out, mixture = Say(options.quiet), Path(options.out), read_mixture(options.potential)
    for file in files_of(out):
        check_output(file, [*options.files, *(options.unseen or [])], is_propensity)
    configurations = read_configurations(options.files, mixture, options.density)
    learned = not options.no_learned and (len(configurations) > 1 or options.folds is not None)
    folds = options.folds or FOLDS
    if learned and len(configurations) < max(folds, 3):
        raise ValueError(
            f"{len(configurations)} configurations are too few for {folds} folds of configurations:"
            f" give at least {max(folds, 3)}, fewer --folds, or --no-learned"
        )
    liquid = _liquid(options, configurations, mixture, say)
    described = describe(configurations, liquid)
    outcome = score(
        configurations, described, options.lengths or LENGTHS, folds if learned else 0, say
    )
    if learned and options.unseen:
        unseen = read_configurations(options.unseen, mixture, options.density)
        own = _liquid(options, unseen, mixture, say)
        target = [c.measured["propensity"][-1] for c in configurations]
        rows = unseen_rows(described, target, describe(unseen, own), unseen)
        scores = pd.concat([outcome.scores, pd.DataFrame(rows)], ignore_index=True)
        outcome = replace(outcome, scores=scores)
    save(out, outcome, configurations, mixture, dpi=200)
    say(f"{out}: {', '.join(f'{name}.csv' for name in TABLES)} and figures")


def _liquid(
    options: argparse.Namespace, configurations: list[Configuration], mixture: Mixture, say: Say
) -> Liquid:
    line = None
    if options.calibration:
        found = read_line(options.calibration, Q_MAX)
        line = (found.c0, found.c1)
    liquid = liquid_of_configurations(configurations, mixture, options.temperature, line)
    for v, pair in enumerate(mixture.pairs):
        say(f"{pair}: r0 = {liquid.r0[0, v]:.4g}, r_min = {liquid.r_min[0, v]:.4g}")
    return liquid
