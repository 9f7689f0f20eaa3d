r"""One fit of the propensity for all temperatures and times, tested at a temperature left out.

The fit is linear in the features of a particle, and its weights are functions of time and
temperature: piecewise linear in the logarithm of t, and linear in 1/T,

.. math:: y_i(T, t) = \sum_k h_k(\ln t) \left[\mathbf{a}_k + \mathbf{b}_k (1/T - c)\right]
          \cdot (\mathbf{x}_i - \bar{\mathbf{x}}_T)

with hat functions :math:`h_k` between :data:`KNOTS` times. It predicts y, the propensity less its
mean at this T and t, in units of its standard deviation there, from the features less their mean
at this temperature. The mean displacement itself is not predicted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from softcage.isoconfigurational.files import Configuration
from softcage.ranking.correlations import BOOTSTRAP, Bootstrap
from softcage.ranking.learned import chosen_ridge, groups_of
from softcage.ranking.transfer import Targets, pearson_columns, targets_of

#: Number of times between which weights are interpolated: quantiles of those that are fitted.
KNOTS = 8
_PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)  # for standardised features and targets


@dataclass(frozen=True, eq=False)
class JointFit:
    """A fit for all temperatures and times.

    Attributes
    ----------
    scale : (n_features,) array
        Standard deviation of the features about their mean at each temperature.
    knots : (n_knots,) array
        Values of ln t.
    middle : float
        Mean of 1/T of the temperatures that were fitted.
    weights : (2 n_knots, n_features) array
        Of the standardised features, for each function of T and t.
    """

    scale: np.ndarray
    knots: np.ndarray
    middle: float
    weights: np.ndarray

    def predict(self, columns: Sequence[np.ndarray], T: float, time: float) -> list[np.ndarray]:
        """Return y of the particles of each configuration from their features."""
        weights = _functions(T, time, self.knots, self.middle) @ self.weights / self.scale
        mean = np.concatenate(columns).mean(axis=0)
        return [(part - mean) @ weights for part in columns]


def joint_fit(targets: Targets, columns: Mapping[float, Sequence[np.ndarray]]) -> JointFit:
    """Fit a ridge regression to the propensities at all state points together.

    All temperatures have the same weight, and so have all times of one. The penalty is that with
    the least squared error in configurations that are left out, in groups as those of
    :func:`softcage.ranking.learned.groups_of`.

    Parameters
    ----------
    targets : mapping
        Propensities of the configurations, by temperature and time
        (:func:`softcage.ranking.transfer.targets_of`).
    columns : mapping
        Features (n_A, n_features) of the configurations, by temperature.
    """
    temperatures = sorted({T for T, _ in targets})
    pooled = {T: np.concatenate(columns[T]) for T in temperatures}
    scale = _spread(list(pooled.values()))
    standard = {T: (x - x.mean(axis=0)) / scale for T, x in pooled.items()}
    number = {T: np.repeat(range(len(columns[T])), [len(x) for x in columns[T]]) for T in pooled}
    knots = np.quantile(np.log(sorted({time for _, time in targets})), np.linspace(0, 1, KNOTS))
    middle = float(np.mean([1 / T for T in temperatures]))
    n_groups = groups_of(max(len(columns[T]) for T in temperatures))
    times = Counter(T for T, _ in targets)
    products = np.zeros((n_groups, *2 * [2 * KNOTS * len(scale) + 2]))
    for (T, time), target in targets.items():
        y = np.concatenate(target)
        rows = np.column_stack([np.ones(len(y)), standard[T], (y - y.mean()) / y.std()])
        expand = _expansion(_functions(T, time, knots, middle), len(scale))
        for k in range(n_groups):
            part = rows[number[T] % n_groups == k]
            products[k] += expand @ (part.T @ part) @ expand.T / len(rows) / times[T]
    _, _, (_, *weights) = chosen_ridge(products, _PENALTIES)
    return JointFit(scale, knots, middle, np.reshape(weights, (2 * KNOTS, -1)))


def _spread(features: Sequence[np.ndarray]) -> np.ndarray:
    """Return the standard deviation of each feature about its mean at each temperature.

    Of a feature that does not vary it is infinite, so that the feature has no part.
    """
    spread = np.sqrt(np.mean([x.var(axis=0) for x in features], axis=0))
    rounding = 1e-12 * np.max([np.abs(x).max(axis=0) for x in features], axis=0)
    return np.where(spread > rounding, spread, np.inf)


def _functions(T: float, time: float, knots: np.ndarray, middle: float) -> np.ndarray:
    """Return the functions of T and t that features are multiplied by, (2 n_knots,)."""
    hats = np.array([np.interp(np.log(time), knots, hat) for hat in np.eye(len(knots))])
    return np.concatenate([hats, (1 / T - middle) * hats])


def _expansion(functions: np.ndarray, n_features: int) -> np.ndarray:
    """Return the matrix that makes (1, all features times all functions, y) of (1, features, y).

    With it, the particles are read for the products of the latter only.
    """
    expand = np.zeros((len(functions) * n_features + 2, n_features + 2))
    expand[0, 0] = expand[-1, -1] = 1
    expand[1:-1, 1:-1] = np.kron(functions[:, None], np.eye(n_features))
    return expand


def joint_table(
    labels: Mapping[float, Sequence[Configuration]],
    columns: Mapping[float, Sequence[np.ndarray]],
    bootstrap: Bootstrap = BOOTSTRAP,
) -> pd.DataFrame:
    """Leave out each temperature, fit all others together, and test the fit at the one left out.

    Parameters
    ----------
    labels, columns, bootstrap
        As :func:`softcage.ranking.transfer.transfer_table`.

    Returns
    -------
    DataFrame
        One row per state point: ``T``, ``time``, ``moved`` (mean displacement), ``pearson_each``
        and ``pearson_pooled`` with their errors.
    """
    targets, rows = targets_of(labels), []
    for T in sorted({T for T, _ in targets}):
        others = {point: target for point, target in targets.items() if point[0] != T}
        fit = joint_fit(others, columns)
        for (of, time), target in targets.items():
            if of == T:
                predicted = fit.predict(columns[T], T, time)
                about = {"T": T, "time": time, "moved": float(np.concatenate(target).mean())}
                rows.append(about | pearson_columns(predicted, target, bootstrap))
    return pd.DataFrame(rows)
