"""Learned predictors, judged on configurations that they have not seen.

Particles of one configuration are neighbours, so a model that was fitted to some of them has an
unfair advantage for the others. All splits are therefore by configuration, also those that choose
the penalty inside the training part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import GridSearchCV, GroupKFold, LeaveOneGroupOut
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from softcage.defaults import RESAMPLES
from softcage.ranking.correlations import correlation, stronger_by

#: Largest number of groups that configurations are split into, and fewest configurations.
FOLDS, FEWEST_CONFIGURATIONS = 5, 3
_SEEDS = 2**32  # scikit-learn takes smaller seeds only
_PENALTIES = (1.0, 10.0, 100.0, 1e3, 1e4)  # of ridge regressions
#: Share of the particles, the most mobile and the least mobile ones, that the SVM is trained on.
EXTREME = 0.1


class GroupRidge(BaseEstimator):
    """Ridge regression on standardised features, its penalty chosen inside the training part.

    The penalty is that of the least squared error of configurations that were left out, one after
    the other. It is what scikit-learn's GridSearchCV finds with LeaveOneGroupOut, StandardScaler
    and Ridge; but every fit and every error follows from the sums of products of each
    configuration, so that the particles are read only once.

    Attributes
    ----------
    coef_ : (n_features,) array
        Change of the target for one standard deviation of each feature.
    alpha_ : float
        The penalty.
    """

    def fit(self, x: np.ndarray, y: np.ndarray, groups: np.ndarray) -> GroupRidge:
        """Fit to features (n, n_features) and targets (n,) of the configurations ``groups``."""
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        self._shift, self._mean = x.mean(axis=0), float(y.mean())  # so that sums lose no digits
        z = np.column_stack([np.ones(len(x)), x - self._shift, y - self._mean])
        each = np.array([z[groups == g].T @ z[groups == g] for g in np.unique(groups)])
        self.alpha_, self.coef_, self._line = chosen_ridge(each, _PENALTIES)
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the predicted target, (n,)."""
        intercept, *slopes = self._line
        return self._mean + intercept + (np.asarray(x, dtype=float) - self._shift) @ slopes


def chosen_ridge(
    products: np.ndarray, penalties: Sequence[float]
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the ridge regression with the penalty that is best for groups that are left out.

    Parameters
    ----------
    products : (n_groups, 2 + n_features, 2 + n_features) array
        Sums of products of (1, features, target) over each group.
    penalties : sequence of float
        On the same scale as the sums; the first one is taken if there is one group only.

    Returns
    -------
    penalty : float
    coefficients : (n_features,) array
        Of the standardised features.
    line : (1 + n_features,) array
        Intercept, and coefficients of the features themselves.
    """
    total, errors = products.sum(axis=0), np.zeros(len(penalties))
    if len(products) > 1:
        left_out = [_errors_left_out(total - part, part, penalties) for part in products]
        errors = np.mean(left_out, axis=0)
    penalty = penalties[int(np.argmin(errors))]
    (coefficients,), (line,) = _ridges(total, [penalty])
    return penalty, coefficients, line


def _ridges(products: np.ndarray, penalties: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Return ridge regressions from sums of products of (1, features, target).

    Returns
    -------
    coefficients : (n_penalties, n_features) array
        Of the standardised features.
    lines : (n_penalties, 1 + n_features) array
        Intercept, and coefficients of the features themselves.
    """
    n, sums, target = products[0, 0], products[0, 1:-1], products[0, -1]
    mean = sums / n
    covariance = products[1:-1, 1:-1] - np.outer(sums, mean)
    # What rounding leaves of a feature that does not vary is no spread.
    spread = np.diag(covariance) > n * np.finfo(float).eps * np.diag(products)[1:-1]
    scale = np.sqrt(np.where(spread, np.diag(covariance) / n, 1.0))
    matrix = covariance / np.outer(scale, scale)
    vector = (products[1:-1, -1] - mean * target) / scale
    eye = np.eye(len(matrix))
    found = np.array([np.linalg.solve(matrix + alpha * eye, vector) for alpha in penalties])
    slopes = found / scale
    return found, np.column_stack([target / n - slopes @ mean, slopes])


def _errors_left_out(
    training: np.ndarray, left_out: np.ndarray, penalties: Sequence[float]
) -> np.ndarray:
    """Return the mean squared error of each penalty, from sums of products of both parts."""
    lines = _ridges(training, penalties)[1]
    residual = np.column_stack([-lines, np.ones(len(lines))])
    return np.einsum("pi,ij,pj->p", residual, left_out, residual) / left_out[0, 0]


def ridge(seed: int = 0) -> GroupRidge:
    """Return an unfitted :class:`GroupRidge`.

    It uses no random numbers; ``seed`` is an argument because the other models need it.
    """
    return GroupRidge()


def boosting(seed: int = 0) -> BaseEstimator:
    """Gradient boosting of shallow trees: a cheap test for what a linear fit misses."""
    # early stopping would leave out particles, not configurations
    return HistGradientBoostingRegressor(
        max_iter=100, learning_rate=0.1, max_leaf_nodes=8, min_samples_leaf=100,
        early_stopping=False, random_state=seed % _SEEDS,
    )  # fmt: skip


class SoftnessSVM(BaseEstimator):
    """Softness of Cubuk and Schoenholz: distance to the plane between mobile and caged particles.

    The tenth of the training particles with the largest propensity stands for mobile particles, the
    tenth with the smallest propensity for caged ones. The penalty is chosen inside the training
    part.

    Parameters
    ----------
    seed : int
        Seed of the random choice among particles with the same propensity.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    def fit(self, x: np.ndarray, y: np.ndarray, groups: np.ndarray) -> SoftnessSVM:
        """Fit the plane to features (n, n_features) and propensities (n,)."""
        chosen, mobile = extremes(y, self.seed)
        self.search_ = GridSearchCV(
            make_pipeline(StandardScaler(), LinearSVC(dual=False, random_state=self.seed % _SEEDS)),
            {"linearsvc__C": [1e-3, 1e-2, 1e-1]},
            cv=LeaveOneGroupOut(),
        ).fit(x[chosen], mobile, groups=groups[chosen])
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the softness, (n,)."""
        return self.search_.decision_function(x)


def moving(target: Sequence[np.ndarray]) -> bool:
    """Return whether a target can distinguish particles.

    In every configuration, more than a tenth of the particles must lie above the smallest value. At
    short times no particle has left its position, and 1 - overlap is 0 for all.
    """
    return all(np.mean(part > part.min()) > EXTREME for part in target)


def extremes(y: np.ndarray, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of the share :data:`EXTREME` of values at either end, and which are large.

    At short times many values are equal; if not all of them fit, they are chosen at random.
    """
    order = np.lexsort((np.random.default_rng(seed).permutation(len(y)), y))
    number = max(1, round(EXTREME * len(y)))
    upper = np.zeros(len(y), dtype=bool)
    upper[order[-number:]] = True
    chosen = np.sort(np.concatenate([order[:number], order[-number:]]))
    return chosen, upper[chosen]


def fit_model(
    make: Callable[[], BaseEstimator], x: np.ndarray, y: np.ndarray, groups: np.ndarray
) -> BaseEstimator:
    """Fit a model. Models that choose a penalty also need the configuration of each particle."""
    model = make()
    if isinstance(model, GroupRidge | SoftnessSVM):
        return model.fit(x, y, groups=groups)
    return model.fit(x, y)


def groups_of(n_configurations: int) -> int:
    """Return how many groups configurations are split into; 0 if they are too few for any."""
    return min(n_configurations, FOLDS) if n_configurations >= FEWEST_CONFIGURATIONS else 0


def held_out(
    make: Callable[[], BaseEstimator],
    features: Sequence[np.ndarray],
    target: Sequence[np.ndarray],
    folds: int = FOLDS,
) -> list[tuple[BaseEstimator, np.ndarray]]:
    """For each group of configurations, fit a model to all other configurations.

    Parameters
    ----------
    make : callable
        Returns an unfitted model.
    features : sequence of (n_particles, n_features) array
        One array for each configuration.
    target : sequence of (n_particles,) array
        One array for each configuration.
    folds : int
        Number of groups of configurations.

    Returns
    -------
    list of (model, (n,) int array)
        Each model with the numbers of the configurations that it has not seen.

    Raises
    ------
    ValueError
        If there are fewer configurations than folds, or fewer than :data:`FEWEST_CONFIGURATIONS`.
    """
    n = len(features)
    if n < max(folds, FEWEST_CONFIGURATIONS):
        raise ValueError(
            f"{n} configurations are too few for {folds} folds, because a learned predictor is "
            "judged on configurations that it has not seen: give at least "
            f"{max(folds, FEWEST_CONFIGURATIONS)} configurations, or fewer folds (at least 2)"
        )
    x, y, groups = pooled_particles(features, target)
    models = []
    for train, test in GroupKFold(folds).split(x, y, groups):
        model = fit_model(make, x[train], y[train], groups[train])
        models.append((model, np.unique(groups[test])))
    return models


def predict(
    models: Sequence[tuple[BaseEstimator, np.ndarray]], features: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """Predict each configuration by the model of :func:`held_out` that has not seen it."""
    model_of = {k: model for model, unseen in models for k in unseen}
    return [model_of[k].predict(part) for k, part in enumerate(features)]


def out_of_fold(
    make: Callable[[], BaseEstimator],
    features: Sequence[np.ndarray],
    target: Sequence[np.ndarray],
    folds: int = FOLDS,
) -> list[np.ndarray]:
    """Predict each configuration by a model of :func:`held_out`, fitted to other configurations."""
    return predict(held_out(make, features, target, folds), features)


def pooled_particles(
    features: Sequence[np.ndarray], target: Sequence[np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Concatenate all configurations: return features, target and number of the configuration."""
    groups = np.repeat(np.arange(len(features)), [len(part) for part in features])
    return np.concatenate(features), np.concatenate(target), groups


#: What :func:`fit_rows` says of each feature.
FIT_COLUMNS = ("feature", "mean", "scale", "weight", "intercept", "residual")


def fit_rows(
    names: Sequence[str],
    features: Sequence[np.ndarray],
    target: Sequence[np.ndarray],
    predicted: Sequence[np.ndarray],
) -> list[dict[str, Any]]:
    """Fit a ridge regression to all configurations; return one row per feature.

    Parameters
    ----------
    names : sequence of str
        Of the features.
    features : sequence of (n_particles, n_features) array
        One array for each configuration.
    target : sequence of (n_particles,) array
    predicted : sequence of (n_particles,) array
        Predictions of models that have not seen the configuration (:func:`predict`).

    Returns
    -------
    list of dict
        With :data:`FIT_COLUMNS`: the name of a feature, its mean and standard deviation (1 if it
        does not vary), and its weight; the ``intercept`` is the mean of the target, the
        ``residual`` the root mean square error of ``predicted``. These two are the same in all
        rows.
    """
    x, y, groups = pooled_particles(features, target)
    weights = fit_model(ridge, x, y, groups).coef_
    error = np.sqrt(np.mean((np.concatenate(predicted) - y) ** 2))
    means, scales = x.mean(axis=0), np.where(x.std(axis=0) > 0, x.std(axis=0), 1.0)
    return [
        dict(zip(FIT_COLUMNS, (*values, y.mean(), error), strict=True))
        for values in zip(names, means, scales, weights, strict=True)
    ]


def importance(
    models: Sequence[tuple[BaseEstimator, np.ndarray]],
    features: Sequence[np.ndarray],
    target: Sequence[np.ndarray],
    columns: Sequence[int],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the loss of Pearson's r when the given columns are permuted together, and its error.

    Columns are permuted among the particles of each configuration. Correlations are those within
    configurations that the model has not seen, averaged over configurations
    (:func:`softcage.ranking.correlations.correlation`).
    """
    rng, permuted = np.random.default_rng(seed), []
    for part in features:
        copy = part.copy()
        copy[:, columns] = rng.permutation(part[:, columns])
        permuted.append(copy)
    intact, without = (
        correlation(predict(models, x), target, "pearson", "each", resamples, seed)
        for x in (features, permuted)
    )
    return stronger_by(intact, without)


def jackknife_errors(models: Sequence[tuple[GroupRidge, np.ndarray]]) -> np.ndarray:
    """Return the standard errors of the coefficients, by a jackknife over the folds."""
    each = np.stack([model.coef_ for model, _ in models])
    return np.sqrt((len(each) - 1) * each.var(axis=0))
