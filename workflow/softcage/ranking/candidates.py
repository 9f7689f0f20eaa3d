"""Rank a descriptor of one's own among the published predictors of the propensity.

A candidate is a function of positions, types and box that returns a number for each particle, or a
column of a table. It is correlated with published propensities at each temperature and time, and
added to a set of features of a ridge regression to see whether it knows something that they do not.
"""

from __future__ import annotations

import importlib.util
import inspect
import logging
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from softcage.box import Box
from softcage.defaults import LENGTHS
from softcage.descriptors.average import averages_around
from softcage.io.progress import Progress
from softcage.isoconfigurational.files import Configuration, read_configurations
from softcage.model import Mixture
from softcage.ranking.columns import feature_columns
from softcage.ranking.correlations import (
    BOOTSTRAP,
    Bootstrap,
    Correlation,
    correlation,
    stronger_by,
)
from softcage.ranking.described import check_one_liquid
from softcage.ranking.learned import groups_of, moving, out_of_fold, ridge
from softcage.ranking.propensity import ceiling_row, descriptor_rows
from softcage.structure.rdf import wrap

log = logging.getLogger(__name__)

Propensities = Mapping[float, Sequence[Configuration]]
#: The values of each candidate for the A particles of every configuration of one temperature.
CandidateValues = dict[str, list[np.ndarray]]
_KEYS = ["T", "configuration", "particle"]


def read_propensities(folder: str | Path, mixture: Mixture, density: float) -> Propensities:
    """Read the configurations and propensities of a study, or of ``results/paper/propensity``.

    Parameters
    ----------
    folder : path
        It holds ``T<temperature>/c<number>.npz``
        (:func:`softcage.isoconfigurational.files.read_configuration`).
    mixture : Mixture
        A mixture of two species.
    density : float
        Number density of all particles.

    Returns
    -------
    dict
        The configurations by temperature, cold first.

    Raises
    ------
    ValueError
        If there are none, or if a file cannot be used.
    """
    files: dict[float, list[Path]] = {}
    for path in Path(folder).glob("T*/c*.npz"):
        of_T, number = path.parent.name[1:], path.stem[1:]
        if re.fullmatch(r"[\d.]+", of_T) and number.isdigit():
            files.setdefault(float(of_T), []).append(path)
    if not files:
        raise ValueError(
            f"{folder}: no file T<temperature>/c<number>.npz with a propensity; give the folder "
            "results/paper/propensity of the repository, or that of a study"
        )
    labels = {}
    for T in sorted(files):
        ordered = sorted(files[T], key=lambda path: int(path.stem[1:]))
        labels[T] = read_configurations(ordered, mixture, density)
        check_one_liquid(labels[T])
    return labels


def read_candidates(path: str | Path, labels: Propensities) -> dict[float, CandidateValues]:
    """Evaluate the candidates of a file for every configuration.

    Parameters
    ----------
    path : path
        A file ``.py`` with functions for :func:`evaluate_candidates`; functions whose name begins
        with ``_`` are not called. Or a table ``.csv`` or ``.parquet`` with the columns ``T``,
        ``configuration`` and ``particle``, each of the latter two from 0 on, and one column per
        candidate.
    labels : dict
        :func:`read_propensities`.

    Returns
    -------
    dict
        By temperature and name: the values of the A particles of each configuration.

    Raises
    ------
    ValueError
        If there is no candidate, values are missing, or as :func:`evaluate_candidates`.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: there is no such file")
    if path.suffix not in (".py", ".csv", ".parquet"):
        raise ValueError(f"{path}: give a file .py with functions, or a table .csv or .parquet")
    if path.suffix == ".py":
        return evaluate_candidates(_functions(path), labels, f"{path}: ")
    return _of_columns(path, labels)


def evaluate_candidates(
    functions: Mapping[str, Callable], labels: Propensities, source: str = ""
) -> dict[float, CandidateValues]:
    """Evaluate candidates for every configuration.

    Parameters
    ----------
    functions : dict
        By name: functions of wrapped positions (N, 3), types (N,) from 0 on and the edge of the
        cubic box, which return (N,) or (n_A,) numbers.
    labels : dict
        :func:`read_propensities`.
    source : str
        Begins the messages of errors.

    Returns
    -------
    dict
        By temperature and name: the values of the A particles of each configuration.

    Raises
    ------
    ValueError
        If a function fails, or returns values that are not finite, the same for all particles, or
        of another shape. The message names candidate and configuration.
    """
    found: dict[float, CandidateValues] = {T: {name: [] for name in functions} for T in labels}
    progress = Progress(sum(map(len, labels.values())) * len(functions), "evaluations")
    done = 0
    for T, configurations in labels.items():
        for number, one in enumerate(configurations):
            positions = wrap(one.positions, one.box)
            for name, function in functions.items():
                progress.update(done, f"{name} at T = {T:g}")
                done += 1
                where = f"{source}{name} of configuration {number} at T = {T:g}"
                values = _called(function, where, positions.copy(), one.species.copy(), one.box)
                found[T][name].append(_checked(values, one, where))
    return found


def _functions(path: Path) -> dict[str, Callable]:
    """Return the public functions that a file defines, by their names."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ValueError(f"{path} cannot be imported: {_in_words(error, path)}") from error
    functions: dict[str, Callable] = {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == path.stem and name[0] != "_"
    }
    if not functions:
        raise ValueError(
            f"{path}: no function; write one with the arguments (positions, types, box) that "
            "returns a number for each particle"
        )
    return functions


def _called(function: Callable, where: str, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Exception as error:
        file = Path(inspect.getfile(function))
        raise ValueError(f"{where} fails: {_in_words(error, file)}") from error


def _in_words(error: Exception, file: Path) -> str:
    """Return the kind and the words of an error, and the line of the file that it came from."""
    places = [p for p in traceback.extract_tb(error.__traceback__) if Path(p.filename) == file]
    line = f" (line {places[-1].lineno})" if places else ""
    return f"{type(error).__name__}: {error}{line}"


def _of_columns(path: Path, labels: Propensities) -> dict[float, CandidateValues]:
    table = pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    if missing := [key for key in _KEYS if key not in table]:
        raise ValueError(
            f"{path}: no column {missing[0]}; needs {', '.join(_KEYS)}, and one for each candidate"
        )
    names = [n for n in table.select_dtypes("number").columns if n not in _KEYS]
    if not names:
        raise ValueError(f"{path}: no column of numbers beside {', '.join(_KEYS)}")
    table = table.set_index(_KEYS).sort_index()
    if table.index.has_duplicates:
        T, number, particle = table.index[table.index.duplicated()][0]
        raise ValueError(
            f"{path}: particle {particle} of configuration {number} at T = {T:g} is there twice"
        )
    found: dict[float, CandidateValues] = {T: {name: [] for name in names} for T in labels}
    for T, configurations in labels.items():
        for number, one in enumerate(configurations):
            own = np.flatnonzero(one.species == 0)
            wanted = pd.MultiIndex.from_product([[T], [number], own], names=_KEYS)
            if lost := np.count_nonzero(~wanted.isin(table.index)):
                raise ValueError(
                    f"{path}: {lost} of the {len(own)} A particles of configuration {number} at T "
                    f"= {T:g} are missing"
                )
            for name in names:
                where = f"{path}: {name} of configuration {number} at T = {T:g}"
                values = table.loc[wanted, name].to_numpy()
                found[T][name].append(_checked(values, one, where))
    return found


def _checked(values: Any, configuration: Configuration, where: str) -> np.ndarray:
    """Return the values of the A particles, (n_A,) float64, if they are such."""
    own = configuration.species == 0
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{where} is {type(values).__name__}, not an array of numbers") from None
    if array.shape == own.shape:
        array = array[own]
    if array.shape != (own.sum(),):
        raise ValueError(
            f"{where} has the shape {array.shape}; a number for each of the {len(own)} particles "
            f"is needed, or for each of the {own.sum()} A particles"
        )
    if bad := np.count_nonzero(~np.isfinite(array)):
        raise ValueError(f"{where} is NaN or infinite for {bad} of {len(array)} A particles")
    if np.ptp(array) == 0:
        raise ValueError(f"{where} is {array[0]:g} for all particles, which can rank none of them")
    return array


def rank_candidates(
    labels: Propensities,
    candidates: Mapping[float, CandidateValues],
    mixture: Mixture,
    *,
    lengths: Sequence[float] = LENGTHS,
    base: str | None = None,
    published: pd.DataFrame | None = None,
    bootstrap: Bootstrap = BOOTSTRAP,
) -> pd.DataFrame:
    """Correlate candidates with the propensity, and rank them among published predictors.

    Parameters
    ----------
    labels, candidates
        From :func:`read_propensities` and :func:`read_candidates`.
    mixture : Mixture
    lengths : sequence of float
        Lengths L of the averages over A particles, which are ranked beside the bare values.
    base : str, optional
        One of ``softcage.defaults.REGRESSIONS``: what a ridge regression with its features
        gains if a candidate and its averages are added. This needs three configurations at a
        temperature, and takes up to 15 s for each; one process per core works on them.
    published : DataFrame, optional
        ``beyond/scores.csv`` of a study with the same labels.
    bootstrap : Bootstrap

    Returns
    -------
    DataFrame
        One row per T, time, candidate and length (0: not averaged), with ``pearson_each``,
        ``pearson_pooled``, ``spearman_each`` and ``spearman_pooled``, each with its ``_error``
        (:mod:`softcage.ranking.correlations`); ``ceiling_each``, the largest that noise allows;
        ``place`` of its absolute ``pearson_each`` among the ``of`` published single descriptors and
        itself; the ``best`` of these and its ``best_each``; and ``with_base_each``, ``base_each``
        and ``gain_each`` of the regression, the same in all rows of a candidate at a time.
    """
    rows: list[dict[str, Any]] = []
    for T, configurations in labels.items():
        values = _averaged(configurations, candidates[T], lengths)
        columns = _base_columns(configurations, mixture, T, base)
        for at, time in enumerate(configurations[0].times):
            target = [one.measured["propensity"][at] for one in configurations]
            if not moving(target):
                continue
            ceiling = ceiling_row(configurations, "propensity", at, bootstrap)
            others = _published_at(published, T, time)
            gains = _gains(columns, values, target, bootstrap)
            for row in descriptor_rows(values, target, bootstrap):
                about = {"T": T, "time": time, "name": row["name"], "length": row["length"]}
                numbers = {key: row[key] for key in row if re.match("(pearson|spearman)_", key)}
                about |= numbers | {"ceiling_each": ceiling.get("pearson_each", np.nan)}
                rows.append(about | _place(row, others) | gains.get(row["name"], {}))
    return pd.DataFrame(rows)


def _averaged(
    configurations: Sequence[Configuration], values: CandidateValues, lengths: Sequence[float]
) -> dict[tuple[str, str, float], list[np.ndarray]]:
    """Return values and averages by (name, positions, length), as descriptors are scored."""
    found = {(name, "", 0.0): parts for name, parts in values.items()}
    for number, one in enumerate(configurations):
        own = one.positions[one.species == 0]
        columns = [parts[number] for parts in values.values()]
        smooth = averages_around(own, own, Box.of(one.box), columns, lengths)
        for name, of_name in zip(values, smooth, strict=True):
            for length, part in zip(lengths, of_name, strict=True):
                found.setdefault((name, "", length), []).append(part)
    return found


def _base_columns(
    configurations: Sequence[Configuration], mixture: Mixture, T: float, base: str | None
) -> list[np.ndarray] | None:
    """Return the features of the regression for each configuration; None if there is none."""
    if base is None:
        return None
    if len(configurations) < 3:
        log.warning("T = %g: %d configurations are too few for %s", T, len(configurations), base)
        return None
    return feature_columns(configurations, mixture, T, base)


def _gains(
    columns: list[np.ndarray] | None,
    values: Mapping[tuple[str, str, float], list[np.ndarray]],
    target: list[np.ndarray],
    bootstrap: Bootstrap,
) -> dict[str, dict[str, float]]:
    """Return what a ridge regression reaches with and without each candidate, by its name."""
    if columns is None:
        return {}
    folds = groups_of(len(columns))

    def reached(features: list[np.ndarray]) -> Correlation:
        predicted = out_of_fold(ridge, features, target, folds)
        return correlation(predicted, target, "pearson", "each", *bootstrap)

    without, found = reached(columns), {}
    for name in dict.fromkeys(key[0] for key in values):
        own = [parts for key, parts in values.items() if key[0] == name]
        whole = reached([np.column_stack(part) for part in zip(columns, *own, strict=True)])
        gain, error = stronger_by(whole, without)
        found[name] = {
            "base_each": without.value,
            "with_base_each": whole.value,
            "gain_each": gain,
            "gain_each_error": error,
        }
    return found


def _published_at(published: pd.DataFrame | None, T: float, time: float) -> pd.Series | None:
    """Return the largest absolute correlation of each published descriptor, by name."""
    if published is None:
        return None
    rows = published[
        (published["target"] == "propensity")
        & (published["kind"] == "descriptor")
        & np.isclose(published["T"], T)
        & np.isclose(published["time"], time, rtol=1e-3)
    ]
    strongest = rows["pearson_each"].abs().groupby(rows["name"]).max().dropna()
    return strongest if len(strongest) else None


def _place(row: Mapping[str, Any], others: pd.Series | None) -> dict[str, Any]:
    """Return the place of a correlation among the published ones, and the best of these."""
    if others is None:
        return {}
    place = 1 + int((others > abs(row["pearson_each"])).sum())
    best = str(others.idxmax())
    return {"place": place, "of": len(others) + 1, "best": best, "best_each": others.max()}
