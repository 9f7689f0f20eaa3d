"""Tables that rank all predictors of the propensity, with the ceiling set by the labels' noise."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from softcage.defaults import DELTA, LENGTHS
from softcage.descriptors.frame import Snapshot
from softcage.descriptors.table import REFERENCE, available
from softcage.io.progress import Progress
from softcage.isoconfigurational.files import Configuration
from softcage.isoconfigurational.targets import TARGETS
from softcage.model import Composition
from softcage.ranking.correlations import (
    BOOTSTRAP,
    MEASURES,
    WAYS,
    Bootstrap,
    Correlation,
    ceiling,
    correlation,
    stronger_by,
)
from softcage.ranking.described import Values, descriptor_values
from softcage.ranking.features import Described, Feature, check_two_species
from softcage.ranking.learned import (
    FIT_COLUMNS,
    FOLDS,
    fit_model,
    fit_rows,
    held_out,
    importance,
    jackknife_errors,
    moving,
    out_of_fold,
    pooled_particles,
    predict,
    ridge,
)
from softcage.ranking.predictors import (
    LEARNED,
    compute_features,
    learned_columns,
    learned_features,
    usable,
)

log = logging.getLogger(__name__)

#: Lengths in ``lengths.csv``, sigma_AA; those larger than half the box are left out.
SCAN = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0)
#: Learned predictor whose predictions are shown as a map.
BEST = "ridge_named"

_ABOUT = ("kind", "name", "positions", "length")  # columns that say what a row is about


def scanned(mixture: Composition, delta: float = DELTA) -> list[str]:
    """Return the names of the descriptors that are averaged with every length of :data:`SCAN`."""
    return [
        "depth_pair", "debye_waller", "energy", "voronoi", f"depth_{delta:g}", "density",
        f"neighbours_{mixture.species[1]}",
    ]  # fmt: skip


def _correlations(
    predicted: Values, target: Values, bootstrap: Bootstrap
) -> dict[tuple[str, str], Correlation]:
    return {
        (measure, way): correlation(predicted, target, measure, way, *bootstrap)
        for measure in MEASURES
        for way in WAYS
    }


def _row(
    about: dict[str, Any],
    scores: dict[tuple[str, str], Correlation],
    reference: dict[tuple[str, str], Correlation] | None,
) -> dict[str, Any]:
    row = dict(about)
    for (measure, way), r in scores.items():
        row[f"{measure}_{way}"], row[f"{measure}_{way}_error"] = r.value, r.error
    for way in WAYS:
        difference = (np.nan, np.nan)
        if reference is not None:
            difference = stronger_by(scores["pearson", way], reference["pearson", way])
        row[f"over_{REFERENCE}_{way}"], row[f"over_{REFERENCE}_{way}_error"] = difference
    return row


def ceiling_row(
    configurations: Sequence[Configuration],
    target: str = "propensity",
    at: int = 0,
    bootstrap: Bootstrap = BOOTSTRAP,
) -> dict[str, Any]:
    """Return the row of the ceiling, from two halves of the runs; without halves it has no value.

    ``at`` is the index of the time.
    """
    row: dict[str, Any] = {"kind": "ceiling", "name": "ceiling", "length": 0.0}
    halves = [c.halves[target][:, at] for c in configurations if target in c.halves]
    if len(halves) < len(configurations):
        return row
    for way in WAYS:
        split, highest = ceiling(halves, way, *bootstrap)
        row[f"pearson_{way}"], row[f"pearson_{way}_error"] = highest.value, highest.error
        row[f"split_half_{way}"], row[f"split_half_{way}_error"] = split.value, split.error
    return row


def descriptor_rows(
    values: dict[tuple[str, str, float], Values], target: Values, bootstrap: Bootstrap = BOOTSTRAP
) -> list[dict[str, Any]]:
    """Score descriptors and compare each with the energy at the same positions and length."""
    scores = {key: _correlations(predicted, target, bootstrap) for key, predicted in values.items()}
    rows = []
    for (name, positions, length), score in scores.items():
        about = {"kind": "descriptor", "name": name, "positions": positions, "length": length}
        energy = scores.get((REFERENCE, positions, length))
        rows.append(_row(about | {"features": 1}, score, energy if name != REFERENCE else None))
    return rows


def learned_rows(
    described: Sequence[Described],
    target: Values,
    reference: Values | None,
    folds: int = FOLDS,
    bootstrap: Bootstrap = BOOTSTRAP,
    explain: bool = True,
    chosen: Sequence[str] | None = None,
) -> tuple[list[dict[str, Any]], Ridges]:
    """Fit and score the learned predictors, each on configurations that it has not seen.

    Coefficients and importances are computed only if ``explain`` is true. Without a ``reference``
    nothing is compared with the energy.

    Returns
    -------
    rows : list of dict
        One row per predictor, and one for shuffled labels, whose correlation must vanish.
    ridges : Ridges
    """
    rows, ridges = [], Ridges([], [], [], [])
    compared = None if reference is None else _correlations(reference, target, bootstrap)
    for name, learned in usable(described, chosen).items():
        make = partial(learned.make, seed=bootstrap.seed)
        features, columns = learned_features(described[0], name), learned_columns(described, name)
        models = held_out(make, columns, target, folds)
        predicted = predict(models, columns)
        scores = _correlations(predicted, target, bootstrap)
        about = {"kind": "learned", "name": name, "positions": "inherent", "length": np.nan}
        rows.append(_row(about | {"features": columns[0].shape[1]}, scores, compared))
        log.info(
            "%s: Pearson %.3f, pooled %.3f",
            name,
            scores["pearson", "each"].value,
            scores["pearson", "pooled"].value,
        )
        if learned.make is ridge and features is not None:
            fits = fit_rows([f.name for f in features], columns, target, predicted)
            ridges.fits += [{"name": name} | row for row in fits]
            if explain:
                ridges.coefficients += _coefficients(name, fits, models)
                ridges.importances += _importances(
                    name, features, columns, target, models, bootstrap
                )
        if name == BEST:
            ridges.predicted[:] = predicted
            rng = np.random.default_rng(bootstrap.seed)
            shuffled = [rng.permutation(part) for part in target]
            from_shuffled = out_of_fold(make, columns, shuffled, folds)
            about |= {"kind": "check", "name": f"{BEST}_shuffled"}
            scores = _correlations(from_shuffled, shuffled, bootstrap)
            rows.append(_row(about | {"features": columns[0].shape[1]}, scores, None))
    return rows, ridges


@dataclass(eq=False)
class Ridges:
    """Results of the ridge regressions for one target at one time.

    Attributes
    ----------
    coefficients, importances, fits : list of dict
        Rows of the tables in :class:`Outcome`.
    predicted : list of (n_A,) array
        Predictions of :data:`BEST`, one array for each configuration. The model of each
        configuration was fitted to others.
    """

    coefficients: list[dict[str, Any]]
    importances: list[dict[str, Any]]
    fits: list[dict[str, Any]]
    predicted: Values


def _coefficients(name: str, fits: Sequence[dict[str, Any]], models: list) -> list[dict[str, Any]]:
    """Return the weights of the fit to all configurations, with the errors of a jackknife."""
    return [
        {"name": name, "feature": fit["feature"], "coefficient": fit["weight"], "error": error}
        for fit, error in zip(fits, jackknife_errors(models), strict=True)
    ]


def _importances(
    name: str,
    features: Sequence[Feature],
    columns: Values,
    target: Values,
    models: list,
    bootstrap: Bootstrap,
) -> list[dict[str, Any]]:
    """Return the importance of each descriptor: all its columns are permuted together."""
    rows: list[dict[str, Any]] = []
    for descriptor in dict.fromkeys(f.descriptor for f in features):
        permuted = [k for k, f in enumerate(features) if f.descriptor == descriptor]
        loss, error = importance(models, columns, target, permuted, *bootstrap)
        rows.append({"name": name, "descriptor": descriptor, "importance": loss, "error": error})
    return rows


@dataclass(frozen=True, eq=False)
class Outcome:
    """Results of the ranking for a set of configurations.

    Attributes
    ----------
    scores : DataFrame
        One row for each target, time and predictor.
    lengths : DataFrame
        Scores of a few descriptors (:func:`scanned`) from inherent positions at the last time,
        averaged with each length L.
    coefficients : DataFrame
        Coefficients of the ridge regressions at the last time: the change of the target for one
        standard deviation of a feature. The errors are those of a jackknife over the folds.
    importances : DataFrame
        Loss of Pearson's r when a descriptor is permuted
        (:func:`softcage.ranking.learned.importance`).
    fits : DataFrame
        Ridge regressions on all configurations at every time, one row per feature
        (:func:`softcage.ranking.learned.fit_rows`), with the temperature and the density that they
        are for.
    predicted : list of (n_A,) array
        Propensity at the last time as predicted by :data:`BEST`, one array for each configuration.
        The model of each configuration was fitted to others. Empty without learned predictors.
    """

    scores: pd.DataFrame
    lengths: pd.DataFrame
    coefficients: pd.DataFrame
    importances: pd.DataFrame
    fits: pd.DataFrame
    predicted: Values


def rank_propensity(
    configurations: Sequence[Configuration],
    described: Sequence[Described],
    lengths: Sequence[float] = LENGTHS,
    folds: int = FOLDS,
    delta: float = DELTA,
    bootstrap: Bootstrap = BOOTSTRAP,
    chosen: Sequence[str] | None = None,
) -> Outcome:
    """Score all descriptors and learned predictors for each target at every time.

    Targets that some configurations lack are left out, and so are times at which a target cannot
    distinguish particles (:func:`softcage.ranking.learned.moving`).

    Parameters
    ----------
    configurations : sequence of Configuration
    described : sequence of Described
        :func:`softcage.ranking.described.describe` of the same configurations.
    lengths : sequence of float
        Lengths L of the averages, sigma_AA.
    folds : int
        Number of groups of configurations for learned predictors; 0 leaves these predictors out.
    delta : float
        Width of the Gaussians of the depth in :func:`scanned`, sigma_AA.
    bootstrap : Bootstrap
    chosen : sequence of str, optional
        Names of learned predictors. Only these are then scored, and no descriptors, which takes
        far less time.

    Raises
    ------
    ValueError
        If a chosen predictor is not known, the mixture does not have two species, a length exceeds
        half the box, configurations have different numbers of times, or the propensity at the last
        time is the same for nearly all particles of a configuration.
    """
    frame, first = described[0].frame, configurations[0]
    _check_rankable(configurations, frame, chosen)
    values, over_scan = _values(described, lengths, delta) if chosen is None else ({}, {})
    log.info("%d configurations, %d descriptors", len(configurations), len(values))
    if folds:
        compute_features(described, chosen)
    liquid = {"T": frame.liquid.temperature, "density": frame.density}
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in _COLUMNS}
    predicted: Values = []
    last = len(first.times) - 1
    targets = [name for name in TARGETS if all(name in c.measured for c in configurations)]
    progress = Progress(len(targets) * len(first.times), "targets")
    for place, name in enumerate(targets):
        for at, time in enumerate(first.times):
            progress.update(place * len(first.times) + at, f"{name} at t = {time:g}")
            target = [c.measured[name][at] for c in configurations]
            if not moving(target):
                log.info("%s at t = %g is left out: too few particles have moved", name, time)
                continue
            about, when = {"target": name}, {"time": time}
            of_time = [
                ceiling_row(configurations, name, at, bootstrap),
                *descriptor_rows(values, target, bootstrap),
            ]
            if folds:
                reference = values.get((REFERENCE, "inherent", lengths[0]))
                learned, ridges = learned_rows(
                    described, target, reference, folds, bootstrap, at == last, chosen
                )
                of_time += learned
                tables["fits"] += [about | liquid | when | row for row in ridges.fits]
            tables["scores"] += [about | row | when for row in of_time]
            if at < last:
                continue
            tables["lengths"] += [
                about | row | when for row in descriptor_rows(over_scan, target, bootstrap)
            ]
            if folds:
                tables["coefficients"] += [about | row for row in ridges.coefficients]
                tables["importances"] += [about | row for row in ridges.importances]
                predicted = ridges.predicted if name == "propensity" else predicted
    frames = {
        name: pd.DataFrame(rows) if rows else pd.DataFrame(columns=list(_COLUMNS[name]))
        for name, rows in tables.items()
    }
    return Outcome(**frames, predicted=predicted)


# Columns of tables that may have no rows.
_COLUMNS = {
    "scores": ("target", *_ABOUT),
    "lengths": ("target", *_ABOUT),
    "coefficients": ("target", "name", "feature", "coefficient", "error"),
    "importances": ("target", "name", "descriptor", "importance", "error"),
    "fits": ("target", "name", "T", "density", "time", *FIT_COLUMNS),
}


def _check_rankable(
    configurations: Sequence[Configuration], frame: Snapshot, chosen: Sequence[str] | None
) -> None:
    """Refuse what :func:`rank_propensity` cannot rank."""
    check_two_species(frame.liquid.mixture)
    if unknown := [name for name in chosen or () if name not in LEARNED]:
        raise ValueError(f"no learned predictor {unknown[0]}: choose of {', '.join(LEARNED)}")
    first = configurations[0]
    for one in configurations:
        if len(one.times) != len(first.times):
            raise ValueError(
                f"{first.name} has {len(first.times)} times, {one.name} has {len(one.times)}: give "
                "configurations with the same times"
            )
        if not np.allclose(one.times, first.times, rtol=1e-3, equal_nan=True):
            log.warning("%s has other times than %s, which the tables name", one.name, first.name)
        if not moving([one.measured["propensity"][-1]]):
            raise ValueError(
                f"{one.name}: the propensity at the last time is the same for nearly all particles "
                "of the first species, so that nothing can predict it: is the file complete?"
            )


def _values(
    described: Sequence[Described], lengths: Sequence[float], delta: float
) -> tuple[dict[tuple[str, str, float], Values], dict[tuple[str, str, float], Values]]:
    """Return all descriptors with the given lengths, and a few of them with many lengths."""
    frame, known = described[0].frame, described[0].known
    scan = [length for length in SCAN if length <= frame.cell.half]
    for_scan = {name: known[name] for name in scanned(frame.liquid.mixture, delta)}
    return (
        descriptor_values(described, available(frame, known), lengths),
        descriptor_values(described, for_scan, scan, ["inherent"]),
    )


def unseen_rows(
    described: Sequence[Described],
    target: Values,
    others: Sequence[Described],
    measured: Sequence[Configuration],
    bootstrap: Bootstrap = BOOTSTRAP,
    chosen: Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """Fit the learned predictors to all configurations and score them on others at each time."""
    rows = []
    compute_features(others, chosen)
    for name, learned in usable(described, chosen).items():
        x, y, groups = pooled_particles(learned_columns(described, name), target)
        model = fit_model(partial(learned.make, seed=bootstrap.seed), x, y, groups)
        predicted = [model.predict(part) for part in learned_columns(others, name)]
        for at, time in enumerate(measured[0].times):
            about = {
                "target": "propensity", "kind": "unseen", "name": name, "positions": "inherent",
                "length": np.nan,
            }  # fmt: skip
            target_then = [c.measured["propensity"][at] for c in measured]
            scores = _correlations(predicted, target_then, bootstrap)
            rows.append(_row(about | {"features": x.shape[1], "time": time}, scores, None))
    return rows
