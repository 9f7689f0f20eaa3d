"""One fit for all temperatures and times, beside a literal least-squares fit."""

from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from softcage.ranking import joint
from softcage.ranking.joint import KNOTS, joint_fit, joint_table

TIMES = np.geomspace(0.1, 100, 12)
TEMPERATURES = (0.45, 0.5, 0.6, 0.7)


def weights(T, time):
    """Linear in 1/T and in ln t, so that one fit can have them."""
    return np.array([1 + np.log10(time), 1.0, 2 / T - 3])


def labelled(T, n=3, noise=0.3):
    configurations, columns = [], []
    for seed in range(n):
        rng = np.random.default_rng([seed, round(100 * T)])
        x = rng.normal(1, [1, 2, 0.5], size=(150, 3))
        propensity = [
            0.1 * time**0.3 * (10 + x @ weights(T, time) + rng.normal(0, noise, 150))
            for time in TIMES
        ]
        measured = {"propensity": np.array(propensity)}
        configurations.append(SimpleNamespace(times=TIMES, measured=measured))
        columns.append(x)
    return configurations, columns


@pytest.fixture(scope="module")
def given():
    both = {T: labelled(T) for T in TEMPERATURES}
    return {T: one for T, (one, _) in both.items()}, {T: x for T, (_, x) in both.items()}


def rows_of(targets, columns):
    """Return the columns and targets of the fit, every particle at every state point a row."""
    design, y, weight = [], [], []
    # times are evenly spaced in ln t, and so are their quantiles
    knots = np.linspace(np.log(TIMES[0]), np.log(TIMES[-1]), KNOTS)
    width, middle = knots[1] - knots[0], np.mean([1 / T for T in columns])
    pooled = {T: np.concatenate(parts) for T, parts in columns.items()}
    scale = np.sqrt(np.mean([x.var(axis=0) for x in pooled.values()], axis=0))
    for (T, time), target in targets.items():
        x = (pooled[T] - pooled[T].mean(axis=0)) / scale
        hats = np.clip(1 - np.abs(np.log(time) - knots) / width, 0, None)
        functions = np.concatenate([hats, (1 / T - middle) * hats])
        design.append(np.concatenate([f * x for f in functions], axis=1))
        values = np.concatenate(target)
        y.append((values - values.mean()) / values.std())
        weight.append(np.full(len(x), 1 / len(x)))
    return map(np.concatenate, (design, y, weight))


def test_the_fit_is_ridge_regression_on_all_rows(given, monkeypatch):
    labels, columns = given
    targets = joint.targets_of(labels)
    monkeypatch.setattr(joint, "_PENALTIES", (0.01,))
    fit = joint_fit(targets, columns)
    design, y, weight = rows_of(targets, columns)
    scaler = StandardScaler().fit(design)  # all state points have as many particles here
    z = scaler.transform(design)
    model = Ridge(0.01).fit(z, y, sample_weight=weight / len(TIMES))
    start = 3 * 150 * list(targets).index((0.6, TIMES[4]))
    expected = model.predict(z[start : start + 150])
    got = fit.predict(columns[0.6], 0.6, TIMES[4])[0]
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_a_temperature_without_part_is_predicted_at_all_times(given):
    table = joint_table(*given)
    assert len(table) == len(TEMPERATURES) * len(TIMES)
    for T in TEMPERATURES:
        spread = [np.sqrt((weights(T, t) ** 2 * [1, 4, 0.25]).sum()) for t in TIMES]
        top = spread / np.sqrt(np.square(spread) + 0.3**2)
        rows = table[table["T"] == T]
        assert np.abs(rows["pearson_each"] - top).max() < 0.05
        assert (np.diff(rows["moved"]) > 0).all() and (rows["pearson_each_error"] > 0).all()


def test_a_feature_that_never_varies_is_no_obstacle(given):
    labels, columns = given
    constant = {T: [np.column_stack([x, np.ones(len(x))]) for x in xs] for T, xs in columns.items()}
    with_it, without = (joint_table(labels, given) for given in (constant, columns))
    np.testing.assert_allclose(with_it["pearson_each"], without["pearson_each"], atol=1e-4)
