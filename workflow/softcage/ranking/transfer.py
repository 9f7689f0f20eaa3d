"""Fits of the propensity at one temperature and time, tested at all others.

A fit that holds only where it was made has learned the liquid at that point; one that can be
carried to another temperature has learned what the structure does at any. Times are compared by how
far particles have moved: the fit that is closest to a tested time is that with the nearest mean
displacement on a logarithmic scale.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from softcage.io.progress import Progress
from softcage.isoconfigurational.files import Configuration
from softcage.ranking.correlations import BOOTSTRAP, WAYS, Bootstrap, correlation
from softcage.ranking.learned import (
    fit_model,
    groups_of,
    held_out,
    moving,
    pooled_particles,
    predict,
    ridge,
)

log = logging.getLogger(__name__)

#: Propensities (n_A,) of the configurations, by temperature and time.
Targets = dict[tuple[float, float], list[np.ndarray]]


def check_labels(labels: Mapping[float, Sequence[Configuration]]) -> None:
    """Refuse a single temperature, too few configurations, and times that differ or are not known.

    Raises
    ------
    ValueError
    """
    if len(labels) < 2:
        raise ValueError("there is one temperature only: give the propensities of two or more")
    for T, configurations in labels.items():
        if len(configurations) < 3:
            raise ValueError(
                f"T = {T:g} has {len(configurations)} configurations: a fit is tested on those "
                "that it has not seen, give at least 3"
            )
        if np.isnan(configurations[0].times).any():
            raise ValueError(f"the files at T = {T:g} do not say their time: give it as --time")
        for one in configurations[1:]:
            if not np.array_equal(one.times, configurations[0].times):
                raise ValueError(
                    f"{configurations[0].name} and {one.name} at T = {T:g} have different times: "
                    "give files of all configurations at each time"
                )


def transfer_table(
    labels: Mapping[float, Sequence[Configuration]],
    columns: Mapping[float, Sequence[np.ndarray]],
    bootstrap: Bootstrap = BOOTSTRAP,
) -> pd.DataFrame:
    """Fit a ridge regression at each temperature and time, and test it at every other.

    At its own temperature a fit is tested on configurations that it has not seen.

    Parameters
    ----------
    labels : mapping
        Configurations with their propensities by temperature.
    columns : mapping
        Features (n_A, n_features) of each of them
        (:func:`softcage.ranking.columns.feature_columns`).
    bootstrap : Bootstrap

    Returns
    -------
    DataFrame
        One row per pair of state points: ``T_fit``, ``time_fit``, ``moved_fit`` (mean displacement)
        of the fit, ``T``, ``time``, ``moved`` of the test, ``alike`` (this is the fit of that
        temperature with the nearest mean displacement), ``pearson_each`` and ``pearson_pooled``
        with their errors (:mod:`softcage.ranking.correlations`).
    """
    targets = targets_of(labels)
    moved = {point: float(np.concatenate(target).mean()) for point, target in targets.items()}
    rows, progress = [], Progress(len(targets), "fits")
    for number, (fit, fitted) in enumerate(targets.items()):
        progress.update(number, "transfer")
        predicted = _predictions(fit[0], fitted, columns)
        others = [moved[other] for other in targets if other[0] == fit[0]]
        for point, target in targets.items():
            distance = np.abs(np.log(np.array(others) / moved[point])).min()
            row: dict[str, Any] = {"T_fit": fit[0], "time_fit": fit[1], "moved_fit": moved[fit]}
            row |= {"T": point[0], "time": point[1], "moved": moved[point]}
            row["alike"] = bool(abs(np.log(moved[fit] / moved[point])) == distance)
            rows.append(row | pearson_columns(predicted[point[0]], target, bootstrap))
    return pd.DataFrame(rows)


def targets_of(labels: Mapping[float, Sequence[Configuration]]) -> Targets:
    """Return the propensities of all configurations by temperature and time.

    Times at which particles cannot be told apart
    (:func:`softcage.ranking.learned.moving`) are left out.
    """
    return {
        (T, float(time)): target
        for T, configurations in labels.items()
        for at, time in enumerate(configurations[0].times)
        if moving(target := [one.measured["propensity"][at] for one in configurations])
    }


def pearson_columns(
    predicted: Sequence[np.ndarray], target: Sequence[np.ndarray], bootstrap: Bootstrap
) -> dict[str, float]:
    """Return Pearson's r within a configuration and pooled, with their errors, for a table."""
    columns: dict[str, float] = {}
    for way in WAYS:
        r = correlation(predicted, target, "pearson", way, *bootstrap)
        columns |= {f"pearson_{way}": r.value, f"pearson_{way}_error": r.error}
    return columns


def _predictions(
    T_fit: float, target: Sequence[np.ndarray], columns: Mapping[float, Sequence[np.ndarray]]
) -> dict[float, list[np.ndarray]]:
    """Return what fits to one target predict for each configuration of every temperature."""
    own = columns[T_fit]
    x, y, groups = pooled_particles(own, target)
    model = fit_model(ridge, x, y, groups)
    found = {T: [model.predict(part) for part in parts] for T, parts in columns.items()}
    found[T_fit] = predict(held_out(ridge, own, target, groups_of(len(own))), own)
    return found
