"""Tables of all predictors of the propensity: descriptors, learned ones, and the ceiling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from softcage.descriptors.frame import Liquid, Snapshot, liquid_of
from softcage.descriptors.table import BY_NAME, Descriptor, all_values, known_of
from softcage.isoconfigurational.files import Configuration
from softcage.isoconfigurational.targets import TARGETS
from softcage.model import Mixture
from softcage.ranking.correlations import MEASURES, WAYS, Score, ceiling, correlate, difference
from softcage.ranking.features import (
    CAGE,
    NAMED,
    PAIRS,
    Described,
    Feature,
)
from softcage.ranking.learned import (
    EXTREME,
    FOLDS,
    SoftnessSVM,
    boosting,
    coefficients,
    fit,
    held_out,
    importance,
    jackknife,
    out_of_fold,
    predict,
    ridge,
    together,
)

#: Averages that the table has beside the bare descriptors, sigma_AA.
LENGTHS = (1.5,)
#: Lengths of ``lengths.csv``, as far as they fit into half the box, and what is averaged there.
SCAN = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0)
SCANNED = (
    "depth_pair", "debye_waller", "energy", "voronoi", "depth_0.09", "density", "neighbours_B",
)  # fmt: skip
#: Descriptor that others are compared with, each from the same positions and length.
REFERENCE = "energy"
#: Learned predictor whose predictions are drawn.
BEST = "ridge_named"

Say = Callable[[str], Any]
Values = list[np.ndarray]  # one array a configuration

# Learned predictors: name, words, features (None: radial structure functions), model.
LEARNED: dict[str, tuple[str, tuple[Feature, ...] | None, Callable]] = {
    "ridge_cage": ("ridge, terms of the cage", CAGE, ridge),
    "ridge_pairs": ("ridge, energy and virial", PAIRS, ridge),
    "ridge_named": ("ridge, eight numbers", NAMED, ridge),
    "boosting_named": ("boosting, eight numbers", NAMED, boosting),
    "svm_softness": ("SVM softness", None, SoftnessSVM),
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
    """Return the frames that descriptors are computed from.

    Averaged positions are left out unless all configurations have them.
    """
    averaged = all(c.averaged is not None for c in configurations)
    return [
        Described(Snapshot(c.positions, c.species, c.box, liquid, c.averaged if averaged else None))
        for c in configurations
    ]


def descriptor_values(
    described: Sequence[Described],
    descriptors: Sequence[Descriptor],
    lengths: Sequence[float],
    wanted: Sequence[str] | None = None,
) -> dict[tuple[str, str, float], Values]:
    """Evaluate descriptors, bare (length 0) and averaged over A particles, from these positions.

    Returns
    -------
    dict
        (name, positions, length) to the numbers of the A particles of each configuration.
    """
    found: dict[tuple[str, str, float], Values] = {}
    for d in described:
        for key, values in all_values(d.frame, descriptors, lengths, wanted, d.values).items():
            found.setdefault(key, []).append(values)
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


def ceiling_row(
    configurations: Sequence[Configuration], target: str = "propensity", at: int = 0
) -> dict[str, Any]:
    """Return the row of the ceiling, which split halves of the runs give; NaN without them."""
    row: dict[str, Any] = {"kind": "ceiling", "name": "ceiling", "length": 0.0}
    halves = [c.halves[target][:, at] for c in configurations if target in c.halves]
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
    explain: bool = True,
) -> tuple[list[dict[str, Any]], Ridges]:
    """Fit and score the learned predictors, each on configurations that it has not seen.

    Without ``explain`` the ridges have predictions alone.

    Returns
    -------
    rows : list of dict
        Also one with shuffled labels, whose correlation has to vanish.
    ridges : Ridges
    """
    rows, ridges = [], Ridges([], [], [])
    compared = _scores(reference, target)
    for name, (_, features, make) in LEARNED.items():
        columns = learned_columns(described, name)
        models = held_out(make, columns, target, folds)
        predicted = predict(models, columns)
        scores = _scores(predicted, target)
        about = {"kind": "learned", "name": name, "positions": "inherent", "length": np.nan}
        rows.append(_row(about | {"features": columns[0].shape[1]}, scores, compared))
        say(f"{name}: Pearson {scores['pearson', 'each'].value:.3f}, pooled "
            f"{scores['pearson', 'pooled'].value:.3f}")  # fmt: skip
        if explain and make is ridge and features is not None:
            ridges.coefficients += _coefficients(name, features, columns, target, models)
            ridges.importances += _importances(name, features, columns, target, models)
        if name == BEST:
            ridges.predicted[:] = predicted
            rng = np.random.default_rng(0)
            shuffled = [rng.permutation(part) for part in target]
            blind = out_of_fold(make, columns, shuffled, folds)
            about |= {"kind": "check", "name": f"{BEST}_shuffled"}
            scores = _scores(blind, shuffled)
            rows.append(_row(about | {"features": columns[0].shape[1]}, scores, None))
    return rows, ridges


@dataclass(eq=False)
class Ridges:
    """What the ridges say for one target at one time.

    Attributes
    ----------
    coefficients, importances : list of dict
        Rows of the tables of :class:`Outcome`.
    predicted : list of (n_A,) array
        By :data:`BEST`, one a configuration, which the fit has not seen.
    """

    coefficients: list[dict[str, Any]]
    importances: list[dict[str, Any]]
    predicted: Values


def _coefficients(
    name: str, features: Sequence[Feature], columns: Values, target: Values, models: list
) -> list[dict[str, Any]]:
    whole = coefficients(fit(ridge, *together(columns, target)))
    return [
        {"name": name, "feature": f.name, "coefficient": c, "error": error}
        for f, c, error in zip(features, whole, jackknife(models), strict=True)
    ]


def _importances(
    name: str, features: Sequence[Feature], columns: Values, target: Values, models: list
) -> list[dict[str, Any]]:
    """Return what each descriptor is worth: all columns that are made of it are permuted."""
    rows: list[dict[str, Any]] = []
    for descriptor in dict.fromkeys(f.descriptor for f in features):
        own = [k for k, f in enumerate(features) if f.descriptor == descriptor]
        lost, error = importance(models, columns, target, own)
        rows.append({"name": name, "descriptor": descriptor, "importance": lost, "error": error})
    return rows


@dataclass(frozen=True, eq=False)
class Outcome:
    """What there is to say of a set of configurations.

    Attributes
    ----------
    scores : DataFrame
        A row a target, time and predictor.
    lengths : DataFrame
        The same of ``SCANNED`` from inherent positions at the last time, averaged over each L.
    coefficients : DataFrame
        Of the ridges at the last time: what one standard deviation of a feature adds to the
        target; the error is that of the jackknife over folds.
    importances : DataFrame
        What Pearson's r loses when a descriptor is permuted,
        :func:`softcage.ranking.learned.importance`.
    predicted : list of (n_A,) array
        Propensity at the last time by :data:`BEST`, one a configuration, which the fit has not
        seen; empty without learned predictors.
    """

    scores: pd.DataFrame
    lengths: pd.DataFrame
    coefficients: pd.DataFrame
    importances: pd.DataFrame
    predicted: Values


def moving(target: Values) -> bool:
    """Say whether a target tells particles apart: a tenth of each configuration is above the least.

    At short times nobody has left its place, and 1 - overlap is 0 for all.
    """
    return all(np.mean(part > part.min()) > EXTREME for part in target)


def score(
    configurations: Sequence[Configuration],
    described: Sequence[Described],
    lengths: Sequence[float] = LENGTHS,
    folds: int = FOLDS,
    say: Say = lambda line: None,
) -> Outcome:
    """Score all descriptors and learned predictors for each target at every time.

    Targets that not all configurations have are left out, and times at which they do not tell
    particles apart (:func:`moving`).

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
    """
    known = known_of(described[0].frame)
    values = descriptor_values(described, known, lengths)
    scan = [length for length in SCAN if length <= 0.5 * configurations[0].box]
    scanned = descriptor_values(described, [BY_NAME[n] for n in SCANNED], scan, ["inherent"])
    say(f"{len(configurations)} configurations, {len(values)} descriptors")
    rows: list[dict[str, Any]] = []
    over_lengths: list[dict[str, Any]] = []
    worth: list[dict[str, Any]] = []
    fitted: list[dict[str, Any]] = []
    predicted: Values = []
    last = len(configurations[0].times) - 1
    for name in TARGETS:
        if not all(name in c.measured for c in configurations):
            continue
        for at, time in enumerate(configurations[0].times):
            target, about = [c.measured[name][at] for c in configurations], {"target": name}
            if not moving(target):
                say(f"{name} at t = {time:g}: too few particles have moved to be told apart")
                continue
            found = [ceiling_row(configurations, name, at), *descriptor_rows(values, target)]
            if folds:
                reference = values[REFERENCE, "inherent", lengths[0]]
                learned, ridges = learned_rows(
                    described, target, reference, folds, say, explain=at == last
                )
                found += learned
            rows += [{**about, **row, "time": time} for row in found]
            if at < last:
                continue
            over_lengths += [
                {**about, **row, "time": time} for row in descriptor_rows(scanned, target)
            ]
            if folds:
                fitted += [about | row for row in ridges.coefficients]
                worth += [about | row for row in ridges.importances]
                predicted = ridges.predicted if name == "propensity" else predicted
    return Outcome(
        pd.DataFrame(rows),
        pd.DataFrame(over_lengths),
        pd.DataFrame(fitted, columns=["target", "name", "feature", "coefficient", "error"]),
        pd.DataFrame(worth, columns=["target", "name", "descriptor", "importance", "error"]),
        predicted,
    )


def unseen_rows(
    described: Sequence[Described],
    target: Values,
    others: Sequence[Described],
    measured: Sequence[Configuration],
) -> list[dict[str, Any]]:
    """Fit to the propensity of all configurations and score others, at each of their times."""
    rows = []
    for name, (_, _, make) in LEARNED.items():
        x, y, groups = together(learned_columns(described, name), target)
        model = fit(make, x, y, groups)
        predicted = [model.predict(part) for part in learned_columns(others, name)]
        for at, time in enumerate(measured[0].times):
            about = {
                "target": "propensity", "kind": "unseen", "name": name, "positions": "inherent",
                "length": np.nan,
            }  # fmt: skip
            scores = _scores(predicted, [c.measured["propensity"][at] for c in measured])
            rows.append(_row(about | {"features": x.shape[1], "time": time}, scores, None))
    return rows
