"""Numbers in the text of the README and of the pages on results are those of the tables.

A quotation is a sentence, or a part of one, with a place for each number, and for each number the
table, row and column that it comes from. Filled with these numbers it has to stand on the page.
What is left of a page without its quotations holds no number, except for what is no result.
"""

import re
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]

PAPER = "results/paper/"
COMPARISON, COMBINATIONS = PAPER + "comparison.csv", PAPER + "combinations.csv"
SUMMARY = PAPER + "prediction/T{}/d0.09/summary.csv"
AT_047, AT_080 = SUMMARY.format("0.47"), SUMMARY.format("0.8")
RELAXATION = PAPER + "relaxation/summary/T{}.csv"
PROPENSITY = PAPER + "beyond/scores.csv"
BOTAN = "results/public/botan/scores.csv"
NETWORKS, TRIALS = "docs/published_networks.csv", "docs/feature_trials.csv"
SHORT_RUNS = "results/public/short_runs/T{}/scores.csv"
BESIDE = "results/public/short_runs/T{}/published.csv"
COLDER = PAPER + "prediction/extrapolation.csv"
LAW = "quantity == '{}' and law == '{}'"
LEAD, RATIO = (PAPER + f"beyond/hop_environment/{name}.csv" for name in ("lead", "ratio"))

BOUNDS = "results/public/glassbench/beyond/T0.56/bounds.csv"
OF_CAGES = "target == 'propensity' and shared == 'cages' and {0} - 0.01 < time < {0} + 0.01"
WITHIN = "target == 'propensity' and distance == {} and time > 1.6 and time < 53"
MECHANICS = "name == 'ridge_mechanics' and way == 'each' and time == {}"
POOLED_MECHANICS = "name == 'ridge_mechanics' and way == 'pooled' and time == 4120"
JOINT = "results/public/transfer/joint.csv"
TRANSFER, TRANSFERRED = "results/public/transfer/transfer.csv", "docs/published_transfer.csv"
RELAXED = [(0.44, 4120), (0.47, 679.7), (0.5, 217), (0.56, 52), (0.58, 44.66), (0.64, 16.5)]

SAME_FRAME = "quantity == 'softness' and window == 15 and lag == '0'"
AHEAD = "quantity == 'softness' and window == 15 and lag == 'ahead'"
SHARE = "id == 'soft_share' and T == {}"
NEAREST, OWN = "rank == 1", "default == 'default'"
ALL = "index >= 0"
NOT_UNSEEN = "target == 'propensity' and kind != 'unseen' and name == '{}'"
INHERENT = NOT_UNSEEN + " and positions == 'inherent' and length == 1.5"
UNSEEN = "target == 'propensity' and kind == 'unseen' and name == '{}' and time == {}"
AT_T = " and T == {} and time == {}"
AT = " and time == {}"
EACH, POOLED = "pearson_each", "pearson_pooled"
SAME_TIME = "T == 0.44 and time == 4120"
EIGNN = "network == 'EIGNN (cage)' and T == 0.56 and time == {}"
SINGLE = "values == 'frame' and T == {}"


def with_error(table, rows, column, error=None):
    """Return a number and its error."""
    return [(table, rows, column), (table, rows, error or f"{column.lstrip('-')}_error")]


def combination(column, rows=NEAREST):
    """Return a number that a combination of interpretations gives."""
    return (COMBINATIONS, rows, f"`{column}`")


def ahead(T, time, column="difference"):
    """Return the difference between the fit and the best network at a temperature and time."""
    return (BESIDE.format(T), MECHANICS.format(time), column)


def of_time(T, time):
    """Return a time as the table has it."""
    return ahead(T, time, "time")


def carried(rows, column=EACH):
    """Return a mean over the matrix of temperatures, at the times nearest to tau_alpha."""
    relaxed = " or ".join(f"(T == {T} and time == {time})" for T, time in RELAXED)
    return (TRANSFER, f"alike and ({relaxed}) and {rows}", f"{column}.mean()")


TRIED = (PAPER + "interpretations/given.csv", ALL, "interpretations.sum()")
MOST = (PAPER + "interpretations/given.csv", "interpretations > 0", "given.max()")
ASKED = (COMBINATIONS, NEAREST, "of")
PAPER_SHARES = [(COMPARISON, SHARE.format(T), "paper") for T in (0.7, 0.58, 0.47)]

# page, sentence, and for each number in it: table, rows, column or expression
QUOTATIONS = [
    (
        "README.md",
        "grows from {:.3f} at T = 0.80 to {:.3f} at T = 0.47.",
        [(AT_080, SAME_FRAME, "auc"), (AT_047, SAME_FRAME, "auc")],
    ),
    (
        "README.md",
        "The Arrhenius lines cross at a temperature of {:.3f}; the paper has {}.",
        [(COMPARISON, "id == 'onset_softness'", column) for column in ("ours", "paper")],
    ),
    (
        "README.md",
        "At T = 0.47, {:.0%} of the rearranging particles are softer than the peak of the "
        "distribution, where the paper has {:.0%}.",
        [(COMPARISON, SHARE.format(0.47), column) for column in ("ours", "paper")],
    ),
    (
        "README.md",
        "because {:.0%} of all particles are softer than the peak.",
        [(AT_047, SAME_FRAME, "share_all")],
    ),
    (
        "README.md",
        "Our barriers reach {:.1f}, those of the paper {}.",
        [(COMPARISON, "id == 'barrier_high'", column) for column in ("ours", "paper")],
    ),
    (
        "README.md",
        "strictly before the hop, the AUC at T = 0.47 is {:.3f}.",
        [(AT_047, AHEAD, "auc")],
    ),
    (
        "README.md",
        "We scored all {} combinations of these choices against all {} numbers of the paper.",
        [TRIED, ASKED],
    ),
    (
        "README.md",
        "the best gives {}, ours gives {}.",
        [MOST, (COMBINATIONS, OWN, "given")],
    ),
    (
        "README.md",
        "pooled over all particles, is {:.2f} for the depth of the paper, {:.2f} for the "
        "potential energy, {:.2f} for the depth with the closure C = g - 1, and {:.2f} for a "
        "linear fit to 40 features. The noise of the data limits it to {:.2f}.",
        [
            (BOTAN, INHERENT.format("depth_0.09"), f"-{POOLED}"),
            (BOTAN, INHERENT.format("energy"), POOLED),
            (BOTAN, INHERENT.format("depth_pair"), f"-{POOLED}"),
            (BOTAN, NOT_UNSEEN.format("ridge_named"), POOLED),
            (BOTAN, NOT_UNSEEN.format("ceiling"), POOLED),
        ],
    ),
    (
        "README.md",
        "published graph networks have {:.3f} to {:.3f} pooled, and {:.3f} to {:.3f} within a "
        "configuration, where the linear fit has {:.3f}.",
        [
            *((NETWORKS, SAME_TIME, f"{POOLED}.{end}()") for end in ("min", "max")),
            *((NETWORKS, SAME_TIME, f"{EACH}.{end}()") for end in ("min", "max")),
            (BOTAN, NOT_UNSEEN.format("ridge_named"), EACH),
        ],
    ),
    (
        "README.md",
        "has {:.3f} and {:.3f} there. Beside",
        [
            (SHORT_RUNS.format(0.44), NOT_UNSEEN.format("ridge_mechanics") + AT.format(4120), way)
            for way in (POOLED, EACH)
        ],
    ),
    (
        "README.md",
        "by up to {:.3f} within a configuration at T = 0.56, and behind most at T = 0.44, by up to "
        "{:.3f}.",
        [
            (BESIDE.format(T), "name == 'ridge_mechanics' and way == 'each'", column)
            for T, column in ((0.56, "difference.max()"), (0.44, "-difference.min()"))
        ],
    ),
    *(
        ("docs/predictors_results.md", sentence, numbers)
        for sentence, numbers in [
            (
                "At T = 0.64 it is ahead by {:.3f} at t = {:g} and by {:.3f} at t = {:g}.",
                [f(0.64, time) for time in (1.65, 5.2) for f in (ahead, of_time)],
            ),
            (
                "ahead by {:.3f} at t = {:g}, level at t = {:g} and t = {:g}, and behind by "
                "{:.3f} at t = {:g}.",
                [
                    ahead(0.64, 0.032),
                    *(of_time(0.64, time) for time in (0.032, 0.1, 0.52)),
                    ahead(0.64, 0.165, "-difference"),
                    of_time(0.64, 0.165),
                ],
            ),
            (
                "At t = {:g}, {:g} and {:g} it is behind by {:.3f}, {:.3f} and {:.3f}, one to two",
                [
                    *(of_time(0.64, time) for time in (16.5, 52, 165)),
                    *(ahead(0.64, time, "-difference") for time in (16.5, 52, 165)),
                ],
            ),
            (
                "by {:.3f}, {:.3f}, {:.3f} and {:.3f} at t = {:g}, {:g}, {:g} and {:g}, and by "
                "{:.3f} at t = {:g}, with a standard error of {:.3f}. It is level at t = {:g} and "
                "t = {:g}, and behind by {:.3f} at t = {:g}.",
                [
                    *(ahead(0.56, time) for time in (0.99, 1.65, 5.2, 16.5)),
                    *(of_time(0.56, time) for time in (0.99, 1.65, 5.2, 16.5)),
                    ahead(0.56, 165),
                    of_time(0.56, 165),
                    ahead(0.56, 165, "error"),
                    *(of_time(0.56, time) for time in (0.33, 52)),
                    ahead(0.56, 0.104, "-difference"),
                    of_time(0.56, 0.104),
                ],
            ),
            (
                "by {:.3f}, {:.3f} and {:.3f} at t = {:g}, {:g} and {:g}. It is behind by {:.3f} "
                "at t = {:g}, and from t = {:g} on, where it is behind by {:.3f}, {:.3f}, {:.3f} "
                "and {:.3f} at t = {:g}, {:g}, {:g} and {:g}, the last",
                [
                    *(f(0.5, time) for f in (ahead, of_time) for time in (0.434, 2.17, 6.86)),
                    ahead(0.5, 0.108, "-difference"),
                    *(of_time(0.5, time) for time in (0.108, 21.7)),
                    *(ahead(0.5, time, "-difference") for time in (21.7, 68.6, 217, 686)),
                    *(of_time(0.5, time) for time in (21.7, 68.6, 217, 686)),
                ],
            ),
            (
                "is {:.3f} on average over the six temperatures if a fit is tested where it was "
                "made, and {:.3f} if it is carried to another temperature.",
                [carried("T_fit == T"), carried("T_fit != T")],
            ),
            (
                "the correlation within a configuration is {:.3f}; the fits that were made at each "
                "temperature and time themselves have {:.3f}.",
                [
                    (JOINT, ALL, f"{EACH}.mean()"),
                    (TRANSFER, "alike and T_fit == T", f"{EACH}.mean()"),
                ],
            ),
            (
                "at t = {:g} it has {:.3f} there, where the fit made there has {:.3f}.",
                [
                    *((JOINT, "T == 0.64 and time == 165", column) for column in ("time", EACH)),
                    (TRANSFER, "alike and T_fit == T and T == 0.64 and time == 165", EACH),
                ],
            ),
            (
                "as good at T = 0.44 as the fit made there, {:.3f} and {:.3f}.",
                [carried("T == 0.44 and T_fit == 0.47"), carried("T == 0.44 and T_fit == 0.44")],
            ),
            (
                "the correlation is {:.3f}, where the fit made there has {:.3f}.",
                [carried("T == 0.64 and T_fit == 0.44"), carried("T == 0.64 and T_fit == 0.64")],
            ),
            (
                "the average over unequal temperatures is {:.3f}. Published networks have {:.3f} "
                "to {:.3f}",
                [
                    carried("T_fit != T", POOLED),
                    *(
                        (TRANSFERRED, "T_fit != T", f"pearson.groupby(network).mean().{end}()")
                        for end in ("min", "max")
                    ),
                ],
            ),
            (
                "the fits have {:.3f} on heating and {:.3f} on cooling, the best network {:.3f} "
                "and {:.3f}.",
                [
                    *(
                        carried(f"T_fit == {T_fit} and T == {T}", POOLED)
                        for T_fit, T in ((0.44, 0.64), (0.64, 0.44))
                    ),
                    *(
                        (TRANSFERRED, f"T_fit == {T_fit} and T == {T}", "pearson.max()")
                        for T_fit, T in ((0.44, 0.64), (0.64, 0.44))
                    ),
                ],
            ),
        ]
    ),
    (
        "docs/paper/paper.md",
        "grows from {:.3f} at T = 0.80 to {:.3f} at T = 0.47.",
        [(AT_080, SAME_FRAME, "auc"), (AT_047, SAME_FRAME, "auc")],
    ),
    ("docs/paper/paper.md", "through all {} combinations of the choices", [TRIED]),
    (
        "docs/paper/paper.md",
        "is {:.3f} at T = 0.44 and t = 4120, where the best published network has {:.3f}.",
        [
            (
                SHORT_RUNS.format(0.44),
                NOT_UNSEEN.format("ridge_mechanics") + AT.format(4120),
                EACH,
            ),
            (NETWORKS, SAME_TIME, f"{EACH}.max()"),
        ],
    ),
    *(
        ("docs/paper/report.md", sentence, numbers)
        for sentence, numbers in [
            (
                "to {:.2f} decades,",
                [
                    (
                        PAPER + "prediction/d0.09/crossing.csv",
                        "quantity == 'softness' and window == 15",
                        "collapse_rms",
                    )
                ],
            ),
            (
                "at {:.3f} where the article has {}.",
                [(COMPARISON, "id == 'onset_softness'", column) for column in ("ours", "paper")],
            ),
            (
                "{:.0%} at T = 0.47, where the article has {:.0%}. The share has to be compared "
                "with that of all particles, {:.0%},",
                [
                    *((COMPARISON, SHARE.format(0.47), column) for column in ("ours", "paper")),
                    (AT_047, SAME_FRAME, "share_all"),
                ],
            ),
            (
                "Our largest barrier is {:.1f}, that of the article {}.",
                [(COMPARISON, "id == 'barrier_high'", column) for column in ("ours", "paper")],
            ),
            (
                "all {} combinations of the open choices against all {} numbers. The best gives "
                "{} of them within three standard errors, ours {};",
                [TRIED, ASKED, MOST, (COMBINATIONS, OWN, "given")],
            ),
            (
                "falls from {:.3f} to {:.3f}:",
                [(AT_047, SAME_FRAME, "auc"), (AT_047, AHEAD, "auc")],
            ),
        ]
    ),
    *(
        ("docs/results.md", sentence, numbers)
        for vogel, parabola in [
            [LAW.format("tau_alpha", law) for law in ("Vogel-Fulcher-Tammann", "parabola in 1/T")]
        ]
        for sentence, numbers in [
            ("gives tau_alpha = {:.0f} ± {:.0f}.", with_error(COLDER, vogel, "predicted")),
            ("A parabola in 1/T gives {:.0f} ± {:.0f},", with_error(COLDER, parabola, "predicted")),
            (
                "it misses the measured value by {:.1f} standard errors, where the "
                "Vogel-Fulcher-Tammann law misses it by {:.1f}.",
                [(COLDER, rows, "coldest_deviation") for rows in (parabola, vogel)],
            ),
            (
                "gives an energy of {:.3f} ± {:.3f} per particle.",
                with_error(COLDER, "quantity == 'u'", "predicted"),
            ),
            (
                "gives an AUC of {:.3f} ± {:.3f}.",
                with_error(COLDER, "quantity == 'auc'", "predicted"),
            ),
        ]
    ),
    *(
        (
            "docs/predictors_results.md",
            f"| {words} " + 6 * "| {:.3f} " + "|",
            [(table, NOT_UNSEEN.format(name) + chosen.format(time), EACH) for time in times],
        )
        for T, times in (
            (0.47, (0.1, 0.9075, 8.245, 74.86, 679.7, 2048)),
            (0.58, (0.1, 0.985, 4.53, 20.83, 44.66, 95.75)),
        )
        for words, table, name, chosen in (
            ("40 features", PROPENSITY, "ridge_named", f" and T == {T} and time == {{}}"),
            ("42 features with the cage state", SHORT_RUNS.format(T), "ridge_static", AT),
            ("60 features with the rest path", SHORT_RUNS.format(T), "ridge_mechanics", AT),
            ("ceiling", SHORT_RUNS.format(T), "ceiling", AT),
        )
    ),
    (
        "docs/predictors_results.md",
        "| t " + 6 * "| {:.1f} " + "|",
        [
            (SHORT_RUNS.format(0.58), NOT_UNSEEN.format("ceiling") + AT.format(time), "time")
            for time in (0.1, 0.985, 4.53, 20.83, 44.66, 95.75)
        ],
    ),
    (
        "docs/predictors_results.md",
        "| t " + 3 * "| {:.1f} " + 3 * "| {:.0f} " + "|",
        [
            (SHORT_RUNS.format(0.47), NOT_UNSEEN.format("ceiling") + AT.format(time), "time")
            for time in (0.1, 0.9075, 8.245, 74.86, 679.7, 2048)
        ],
    ),
    (
        "docs/predictors_results.md",
        "ahead by {:.3f} at t = {:g} and by {:.3f} at t = {:g}, behind by {:.3f} at t = {:g} and "
        "by {:.3f} at t = {:g},",
        [
            *(f(0.44, time) for time in (0.13, 1.3) for f in (ahead, of_time)),
            *(
                number
                for time in (13, 130)
                for number in (ahead(0.44, time, "-difference"), of_time(0.44, time))
            ),
        ],
    ),
    (
        "docs/predictors_results.md",
        "The standard error of the last two is {:.3f}. At t = 4120 it is behind by {:.3f}, about "
        "one standard error; there it is better than the 40 features, whose correlation is {:.3f}.",
        [
            ahead(0.44, 130, "error"),
            ahead(0.44, 4120, "-difference"),
            (BOTAN, NOT_UNSEEN.format("ridge_named"), EACH),
        ],
    ),
    (
        "docs/predictors_results.md",
        "Pooled it is behind EIGNN by {:.3f} at t = 4120, and the 40 features have {:.3f}, where "
        "it has {:.3f}.",
        [
            (BESIDE.format(0.44), POOLED_MECHANICS, "-difference"),
            (BOTAN, NOT_UNSEEN.format("ridge_named"), POOLED),
            (BESIDE.format(0.44), POOLED_MECHANICS, "ours"),
        ],
    ),
    (
        "docs/results.md",
        "at T = 0.47, within an error of {:.0%} that {} quenches give.",
        [
            (RELAXATION.format(0.47), ALL, "tau_alpha_error / tau_alpha"),
            (RELAXATION.format(0.47), ALL, "runs"),
        ],
    ),
    (
        "docs/results.md",
        "at T = 0.53, where tau_alpha is known to {:.0%}.",
        [(RELAXATION.format(0.53), ALL, "tau_alpha_error / tau_alpha")],
    ),
    (
        "docs/results.md",
        "None of the {} combinations gives all {} numbers within three standard errors",
        [TRIED, ASKED],
    ),
    (
        "docs/results.md",
        "With it, {:.0%}, {:.0%} and {:.0%} of the rearranging particles are softer than the "
        "peak at T = 0.70, 0.58 and 0.47, where the paper has {:.0%}, {:.0%} and {:.0%}.",
        [*(combination(f"soft_share T {T}") for T in (0.7, 0.58, 0.47)), *PAPER_SHARES],
    ),
    (
        "docs/results.md",
        "Its smallest barrier is {:.1f}, where the paper has {}.",
        [combination("barrier_low"), (COMPARISON, "id == 'barrier_low'", "paper")],
    ),
    (
        "docs/results.md",
        "its lines cross at a temperature of {:.2f}, and its barriers reach {:.1f}.",
        [combination("onset_softness"), combination("barrier_high")],
    ),
    (
        "docs/results.md",
        "at T = 0.47, {:.0%} for the softness and {:.0%} for the depth,",
        [PAPER_SHARES[-1], (COMPARISON, "id == 'shallow_share'", "paper")],
    ),
    (
        "docs/predictors_results.md",
        "published networks have correlations of {:.3f} to {:.3f} pooled and {:.3f} to {:.3f} "
        "within a configuration; the 40 features have {:.3f} and {:.3f}.",
        [
            *((NETWORKS, SAME_TIME, f"{POOLED}.{end}()") for end in ("min", "max")),
            *((NETWORKS, SAME_TIME, f"{EACH}.{end}()") for end in ("min", "max")),
            (BOTAN, NOT_UNSEEN.format("ridge_named"), POOLED),
            (BOTAN, NOT_UNSEEN.format("ridge_named"), EACH),
        ],
    ),
    (
        "docs/predictors_results.md",
        "In our own runs at T = 0.58 the 40 features have {:.2f} within a configuration at "
        "t = {:.1f} and {:.2f} at t = {:.1f}.",
        [
            (PROPENSITY, NOT_UNSEEN.format("ridge_named") + AT_T.format(0.58, time), column)
            for time in (4.53, 20.83)
            for column in (EACH, "time")
        ],
    ),
    (
        "docs/predictors_results.md",
        "EIGNN has {:.2f} at t = {} and {:.2f} at t = {}, at T = 0.56.",
        [
            (NETWORKS, EIGNN.format(time), column)
            for time in (5.2, 16.5)
            for column in (EACH, "time")
        ],
    ),
    (
        "docs/predictors_results.md",
        "exceeds the correlation of the energy by {:.3f} ± {:.3f}.",
        with_error(BOTAN, INHERENT.format("depth_pair"), "over_energy_each"),
    ),
    (
        "docs/predictors_results.md",
        "The depth of the paper is behind the energy by {:.3f} ± {:.3f}, and",
        with_error(BOTAN, INHERENT.format("depth_0.09"), "-over_energy_each"),
    ),
    (
        "docs/predictors_results.md",
        "The 40 features, fitted to the eight configurations, have a correlation of {:.2f} at "
        "t = {:.0f} and {:.2f} at t = {:.0f}, and {:.2f} at t = {:.0f}.",
        [
            (BOTAN, UNSEEN.format("ridge_named", time), column)
            for time in (2835, 5375, 12240)
            for column in (EACH, "time")
        ],
    ),
    (
        "docs/predictors_results.md",
        "At the shortest time it is {:.2f}, because displacements then depend on the forces",
        [(BOTAN, UNSEEN.format("ridge_named", 0.132), EACH)],
    ),
    (
        "docs/predictors_results.md",
        "The 12 pair features have {:.2f}, {:.2f} and {:.2f} at the same three times.",
        [(BOTAN, UNSEEN.format("ridge_pairs", time), EACH) for time in (2835, 5375, 12240)],
    ),
    (
        "docs/predictors_results.md",
        "a pooled correlation of {:.2f} comes from such differences alone.",
        [(BOTAN, NOT_UNSEEN.format("ridge_named_shuffled"), POOLED)],
    ),
    (
        "docs/predictors_results.md",
        "computed from inherent structures by {:.3f} ± {:.3f} at T = 0.47 and by {:.3f} ± "
        "{:.3f} at T = 0.58.",
        [
            number
            for T in (0.47, 0.58)
            for number in with_error(
                PAPER + f"beyond/T{T}/scores.csv",
                INHERENT.format("softness_0.09") + " and time == time.max()",
                "-over_energy_each",
            )
        ],
    ),
    (
        "docs/predictors_results.md",
        "Its correlation, {:.2f} pooled, is the number that no choice of ours can have improved.",
        [(TRIALS, "trial.str.contains('forward selection')", POOLED)],
    ),
    (
        "docs/predictors_results.md",
        "The forward selection above ({:.2f}) and the configuration",
        [(TRIALS, "trial.str.contains('forward selection')", POOLED)],
    ),
    (
        "docs/hop_environment.md",
        "have an AUC of {:.3f} ± {:.3f} at the event; at T = 0.80 it is {:.3f} ± {:.3f}.",
        with_error(LEAD, SINGLE.format(0.47), "auc") + with_error(LEAD, SINGLE.format(0.8), "auc"),
    ),
    (
        "docs/hop_environment.md",
        "is already there {:.0f} ± {:.0f} earlier, that is, {:.1f} tau_alpha.",
        [
            *with_error(LEAD, SINGLE.format(0.47), "half_lead"),
            (LEAD, SINGLE.format(0.47), "half_lead / tau_alpha"),
        ],
    ),
    (
        "docs/hop_environment.md",
        "then hop {:.2f} ± {:.2f} times as often as those that stayed hard.",
        with_error(
            RATIO, "T == 0.47 and ratio == 'soft over hard, beside a hop'", "value", "error"
        ),
    ),
    (
        "docs/results.md",
        "so that the lines of the default row cross at {:.3f} and not at {:.3f}.",
        [
            (
                PAPER + "interpretations.csv",
                "ambiguity == 'positions' and interpretation == 'single frames'",
                "T_cross",
            ),
            (
                PAPER + "prediction/d0.09/crossing.csv",
                "quantity == 'softness' and window == 15",
                "T_cross",
            ),
        ],
    ),
    (
        "docs/predictors_results.md",
        "the largest correlation with the exact propensity is {:.2f} at t = 0.104, {:.2f} at "
        "t = 1.65, {:.2f} at t = 16.5, {:.2f} at t = 52 and {:.2f} at t = 165.",
        [(BOUNDS, OF_CAGES.format(time), "bound") for time in (0.104, 1.65, 16.5, 52, 165)],
    ),
    (
        "docs/predictors_results.md",
        "the bound is {:.2f} at t = 1.65. Published predictors from inherent structures that have "
        "more, such as EIGNN (inherent) with {:.2f}, can",
        [
            (BOUNDS, OF_CAGES.format(1.65), "bound * ceiling"),
            (NETWORKS, "network == 'EIGNN (inherent)' and T == 0.56 and time == 1.65", EACH),
        ],
    ),
    *(
        (
            "docs/predictors_results.md",
            sentence,
            [
                (BOUNDS, OF_CAGES.format(time), "bound * ceiling"),
                (BESIDE.format(0.56), MECHANICS.format(time), "ours"),
                (BESIDE.format(0.56), MECHANICS.format(time), "best"),
            ],
        )
        for time, sentence in (
            (
                52,
                "At t = 52 the cages allow a correlation of {:.2f} with the measured propensity; "
                "the fit to 60 features has {:.2f} and the best network {:.2f},",
            ),
            (
                165,
                "At t = 165 the bound is {:.2f}, the fit has {:.2f} and the best network {:.2f}.",
            ),
        )
    ),
    (
        "docs/predictors_results.md",
        "From the structure within 1.25 alone, about the first shell, a correlation of {:.2f} with "
        "the exact propensity is possible at t = 0.104, and between {:.2f} and {:.2f} at all times "
        "from t = 1.65 to t = 52. Within 2.25 it is {:.2f} to {:.2f}, within 3.25 it is {:.2f} to "
        "{:.2f}.",
        [
            (BOUNDS, "target == 'propensity' and distance == 1.25 and time < 0.2", "bound"),
            *(
                (BOUNDS, WITHIN.format(distance), f"bound.{end}()")
                for distance in (1.25, 2.25, 3.25)
                for end in ("min", "max")
            ),
        ],
    ),
    (
        "docs/hop_environment.md",
        "{:.1f} ± {:.1f} times as often if they are soft, and {:.1f} ± {:.1f} times if they are "
        "hard.",
        [
            number
            for kind in ("soft", "hard")
            for number in with_error(
                RATIO, f"T == 0.47 and ratio == 'beside a hop over not, {kind}'", "value", "error"
            )
        ],
    ),
]

# The parts of the pages that quote results: all of a page, or a section of it.
SECTIONS = {
    "README.md": "What came out",
    "docs/results.md": None,
    "docs/predictors_results.md": None,
    "docs/hop_environment.md": "What came out",
}

# What is no result: state points, settings, formulas, numbers of figures and equations, names.
TEMPERATURE = r"0\.(?:37|44|45|47|50|53|56|58|64|70|80)"
NO_RESULTS = [
    rf"\bT = {TEMPERATURE}(?!\d)(?:(?:, | and ){TEMPERATURE}(?!\d))*",
    r"\bN = \d+",
    r"\br = 1\.[39]\b",
    r"\bt = (?:4120|3 tau_alpha)|between 130 and 4120",
    r"\b[Ff]igures? S?\d+[a-z]?(?:(?: to | and |, )S?\d+)*\b",
    r"\bEqs?\. B?\d(?: and \d)*\b",
    r"\b(?:40|42|54|60|12 pair) features\b",
    r"\bdelta = 0\.04\b",
    r"\b32 runs\b",
    r"\bwithin 0\.35\b|\b10 tau_alpha\b",
    r"\b1/T\b|T\^\(3/5\)",
    r"\b1/S_av\b|\bc[01]\b|\b1 - AUC\b|\bC = g - 1\b",
    r"\bh3-Open-BDEC\b|\bSE\(3\)-GNN\b",
]


def plain(text):
    """Return text without emphasis and line breaks."""
    return " ".join(text.replace("*", "").split())


def results_of(page):
    """Return the plain text of the part of a page that quotes results, without code and
    addresses.
    """
    text = (ROOT / page).read_text(encoding="utf-8")
    if SECTIONS[page]:
        text = text.partition(f"\n## {SECTIONS[page]}\n")[2].partition("\n## ")[0]
    assert text
    text = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    text = re.sub(r"`[^`\n]*[A-Za-z][^`\n]*`", "", text)  # code and formulas, not a bare number
    return plain(re.sub(r"\]\([^)]*\)", "]", text))


def without_what_is_no_result(text):
    """Return text without state points, settings, formulas, numbers of figures, names."""
    for pattern in NO_RESULTS:
        text = re.sub(pattern, "", text)
    return text


def filled(sentence, numbers):
    """Return a sentence with its numbers from the tables."""
    values = [
        pd.read_csv(ROOT / table).query(rows).eval(column, engine="python")
        for table, rows, column in numbers
    ]
    return sentence.format(*(value.item() if hasattr(value, "item") else value for value in values))


@pytest.mark.parametrize(("page", "sentence", "numbers"), QUOTATIONS)
def test_a_quotation_says_what_the_tables_say(page, sentence, numbers):
    assert filled(sentence, numbers) in plain((ROOT / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", SECTIONS)
def test_a_page_quotes_no_other_number(page):
    text = results_of(page)
    for of, sentence, numbers in QUOTATIONS:
        if of == page:
            assert sentence.count("{") == len(numbers)
            text = text.replace(filled(sentence, numbers), "")
    found = re.findall(r".{0,40}\d.{0,20}", without_what_is_no_result(text))
    assert found == [], f"{page} has numbers that belong to no quotation"


@pytest.mark.parametrize(
    "text", ["crosses at 0.844", "T = 0.844", "T = 0.531", "16 of them", "62%", "in figure 4, 0.6"]
)
def test_a_number_without_quotation_is_seen(text):
    assert re.search(r"\d", without_what_is_no_result(text))


@pytest.mark.parametrize(
    ("processor", "file"),
    [
        ("AMD EPYC, AVX2", "md_peers_avx2.csv"),
        ("AMD EPYC, AVX-512", "md_peers.csv"),
        ("Intel Xeon, AVX-512", "md_peers_intel.csv"),
    ],
)
def test_the_readme_says_what_the_benchmark_measured(processor, file):
    table = pd.read_csv(ROOT / "benchmarks/results" / file, comment="#")
    speed = table.set_index(["code", "threads"])["value"]
    beside = ", beside a spinning process"
    ratios = [
        speed["softcage mixed", 1] / speed["GROMACS mixed", 1],
        speed["softcage mixed", 2] / speed["GROMACS mixed", 2],
        speed["softcage mixed" + beside, 2] / speed["GROMACS mixed" + beside, 2],
        speed["softcage double", 1] / speed["LAMMPS -sf opt", 1],
    ]
    row = f"| {processor} | " + " | ".join(f"{ratio:.1f}" for ratio in ratios) + " |"
    assert row in plain((ROOT / "README.md").read_text(encoding="utf-8"))
