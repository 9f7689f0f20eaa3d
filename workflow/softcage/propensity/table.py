"""One table of all predictors of the propensity: descriptors, learned ones, and the ceiling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from softcage.descriptors.average import averages
from softcage.descriptors.frame import Liquid, Snapshot, liquid_of
from softcage.descriptors.table import DESCRIPTORS, Descriptor
from softcage.model import Mixture
from softcage.propensity.features import (
    CAGE,
    NAMED,
    PAIRS,
    Described,
    Feature,
)
from softcage.propensity.isoconfigurational import Configuration
from softcage.propensity.learned import (
    FOLDS,
    SoftnessSVM,
    boosting,
    coefficients,
    fit,
    out_of_fold,
    ridge,
)
from softcage.propensity.scores import MEASURES, WAYS, Score, ceiling, correlate, difference

#: Averages that the table has beside the bare descriptors, sigma_AA.
LENGTHS = (1.5,)
#: Descriptor that others are compared with, each from the same positions and length.
REFERENCE = "energy"

Say = Callable[[str], Any]
Values = list[np.ndarray]  # one array a configuration

# Learned predictors: name, words, features (None: radial structure functions), model.
LEARNED: dict[str, tuple[str, tuple[Feature, ...] | None, Callable]] = {
    "ridge_cage": ("the two terms of the cage, five lengths", CAGE, ridge),
    "ridge_pairs": ("energy and virial of AA and AB, two lengths", PAIRS, ridge),
    "ridge_named": ("eight named numbers, two lengths, A and B", NAMED, ridge),
    "boosting_named": ("gradient boosting on the eight numbers", NAMED, boosting),
    "svm_softness": ("SVM softness on radial structure functions", None, SoftnessSVM),
}


def liquid_of_configurations(
    configurations: Sequence[Configuration],
    mixture: Mixture,
    temperature: float,
    line: tuple[float, float] | None = None,
) -> Liquid:
    """Measure the liquid from the configurations' own g(r).

    Raises
    ------
    ValueError
        If they are not of one box and composition.
    """
    first = configurations[0]
    for other in configurations[1:]:
        if not np.isclose(other.box, first.box, rtol=1e-3) or not np.array_equal(
            np.sort(other.species), np.sort(first.species)
        ):
            raise ValueError(
                f"{first.name} and {other.name} differ in box or composition: give files of one "
                "liquid at a time"
            )
    ordered = [c.positions[np.argsort(c.species, kind="stable")] for c in configurations]
    return liquid_of(ordered, np.sort(first.species), first.box, mixture, temperature, line)


def describe(configurations: Sequence[Configuration], liquid: Liquid) -> list[Described]:
    """Return the frames that descriptors are computed from."""
    return [Described(Snapshot(c.positions, c.species, c.box, liquid)) for c in configurations]


def descriptor_values(
    described: Sequence[Described], descriptors: Sequence[Descriptor], lengths: Sequence[float]
) -> dict[tuple[str, str, float], Values]:
    """Evaluate descriptors, bare (length 0) and averaged over A particles.

    Returns
    -------
    dict
        (name, positions, length) to the numbers of the A particles of each configuration.
    """
    found: dict[tuple[str, str, float], Values] = {}
    for d in described:
        for positions in ("thermal", "inherent"):
            names = [c.name for c in descriptors if positions in c.positions]
            bare = [d.values(name, positions) for name in names]
            frame = d.frame if positions == "thermal" else d.frame.inherent
            # a particle without a softness has none on average either: leave it out there
            filled = [np.where(np.isfinite(v), v, np.nanmean(v)) for v in bare]
            smooth = averages(frame, filled, lengths)
            for k, name in enumerate(names):
                found.setdefault((name, positions, 0.0), []).append(bare[k])
                for m, length in enumerate(lengths):
                    found.setdefault((name, positions, length), []).append(smooth[k][m])
    return found


def _scores(predicted: Values, target: Values) -> dict[tuple[str, str], Score]:
    return {(m, way): correlate(predicted, target, m, way) for m in MEASURES for way in WAYS}


def _row(
    about: dict[str, Any],
    scores: dict[tuple[str, str], Score],
    reference: dict[tuple[str, str], Score] | None,
) -> dict[str, Any]:
    row = dict(about)
    for (measure, way), score in scores.items():
        row[f"{measure}_{way}"], row[f"{measure}_{way}_error"] = score.value, score.error
    for way in WAYS:
        gap = (np.nan, np.nan)
        if reference is not None:
            gap = difference(scores["pearson", way], reference["pearson", way])
        row[f"over_{REFERENCE}_{way}"], row[f"over_{REFERENCE}_{way}_error"] = gap
    return row


def ceiling_row(configurations: Sequence[Configuration], at: int = 0) -> dict[str, Any]:
    """Return the row of the ceiling, which split halves of the runs give; NaN without them."""
    row: dict[str, Any] = {"kind": "ceiling", "name": "ceiling", "length": 0.0}
    halves = [c.halves[:, at] for c in configurations if c.halves is not None]
    if len(halves) < len(configurations):
        return row
    for way in WAYS:
        split, top = ceiling(halves, way)
        row[f"pearson_{way}"], row[f"pearson_{way}_error"] = top.value, top.error
        row[f"split_half_{way}"], row[f"split_half_{way}_error"] = split.value, split.error
    return row


def descriptor_rows(
    values: dict[tuple[str, str, float], Values], target: Values
) -> list[dict[str, Any]]:
    """Score descriptors, each beside the potential energy from the same positions and length."""
    scores = {key: _scores(predicted, target) for key, predicted in values.items()}
    rows = []
    for (name, positions, length), own in scores.items():
        about = {"kind": "descriptor", "name": name, "positions": positions, "length": length}
        other = scores.get((REFERENCE, positions, length))
        rows.append(_row(about | {"features": 1}, own, other if name != REFERENCE else None))
    return rows


def learned_columns(described: Sequence[Described], name: str) -> Values:
    """Return the features of a learned predictor for each configuration."""
    features = LEARNED[name][1]
    if features is None:
        return [d.structure_functions for d in described]
    return [d.columns(features) for d in described]


def learned_rows(
    described: Sequence[Described],
    target: Values,
    reference: Values,
    folds: int = FOLDS,
    say: Say = lambda line: None,
) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """Fit and score the learned predictors, each on configurations that it has not seen.

    Returns
    -------
    rows : list of dict
        Also one with shuffled labels, whose correlation has to vanish.
    coefficients : DataFrame
        Of the ridges fitted to all configurations: predictor, feature, coefficient.
    """
    rows, fitted = [], []
    compared = _scores(reference, target)
    for name, (_, features, make) in LEARNED.items():
        columns = learned_columns(described, name)
        scores = _scores(out_of_fold(make, columns, target, folds), target)
        about = {"kind": "learned", "name": name, "positions": "inherent", "length": np.nan}
        rows.append(_row(about | {"features": columns[0].shape[1]}, scores, compared))
        say(f"{name}: Pearson {scores['pearson', 'each'].value:.3f}, pooled "
            f"{scores['pearson', 'pooled'].value:.3f}")  # fmt: skip
        if make is ridge and features is not None:
            x, y, groups = _together(columns, target)
            model = fit(make, x, y, groups)
            fitted += [
                {"name": name, "feature": f.name, "coefficient": c}
                for f, c in zip(features, coefficients(model), strict=True)
            ]
        if name == "ridge_named":
            rng = np.random.default_rng(0)
            shuffled = [rng.permutation(part) for part in target]
            blind = out_of_fold(make, columns, shuffled, folds)
            about |= {"kind": "check", "name": "ridge_named_shuffled"}
            scores = _scores(blind, shuffled)
            rows.append(_row(about | {"features": columns[0].shape[1]}, scores, None))
    return rows, pd.DataFrame(fitted)


def score(
    configurations: Sequence[Configuration],
    described: Sequence[Described],
    lengths: Sequence[float] = LENGTHS,
    folds: int = FOLDS,
    say: Say = lambda line: None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score all descriptors and learned predictors at every time.

    Parameters
    ----------
    configurations : sequence of Configuration
    described : sequence of Described
        Of the same.
    lengths : sequence of float
        Of averages, sigma_AA.
    folds : int
        For learned predictors; 0: without them.
    say : callable

    Returns
    -------
    scores : DataFrame
    coefficients : DataFrame
        Of the ridges at the last time; empty without them.
    """
    values = descriptor_values(described, chosen_descriptors(described[0].frame.liquid), lengths)
    say(f"{len(configurations)} configurations, {len(values)} descriptors")
    rows, fitted = [], pd.DataFrame(columns=["name", "feature", "coefficient"])
    for at, time in enumerate(configurations[0].times):
        target = [c.propensity[at] for c in configurations]
        found = [ceiling_row(configurations, at), *descriptor_rows(values, target)]
        if folds:
            reference = values[REFERENCE, "inherent", lengths[0]]
            learned, fitted = learned_rows(described, target, reference, folds, say)
            found += learned
        rows += [{**row, "time": time} for row in found]
    return pd.DataFrame(rows), fitted


def unseen_rows(
    described: Sequence[Described],
    target: Values,
    others: Sequence[Described],
    measured: Sequence[Configuration],
) -> list[dict[str, Any]]:
    """Fit to all configurations and score others, at each of their times."""
    rows = []
    for name, (_, _, make) in LEARNED.items():
        x, y, groups = _together(learned_columns(described, name), target)
        model = fit(make, x, y, groups)
        predicted = [model.predict(part) for part in learned_columns(others, name)]
        for at, time in enumerate(measured[0].times):
            about = {"kind": "unseen", "name": name, "positions": "inherent", "length": np.nan}
            scores = _scores(predicted, [c.propensity[at] for c in measured])
            rows.append(_row(about | {"features": x.shape[1], "time": time}, scores, None))
    return rows


def _together(columns: Values, target: Values) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    groups = np.repeat(np.arange(len(columns)), [len(part) for part in columns])
    return np.concatenate(columns), np.concatenate(target), groups


def chosen_descriptors(liquid: Liquid) -> list[Descriptor]:
    """Return all descriptors, without the softness where the liquid has no line for it."""
    return [d for d in DESCRIPTORS if liquid.line is not None or not d.name.startswith("softness")]
