"""What is read off points again, of points whose numbers are known."""

import math

import numpy as np
import pandas as pd
import pytest
from tests.results import rederive


def test_relaxation_numbers_of_a_known_curve():
    time = np.logspace(-2, 4, 241)
    curve = pd.DataFrame({"time": time, "overlap": np.exp(-((time / 700) ** 0.7))})
    curve["alpha_2"] = 1.5 - np.log(time / 120) ** 2 / 10
    curve["msd"] = 0.01 * np.sqrt(time)
    tau, p_c = rederive.relaxation_numbers(curve)
    assert tau == pytest.approx(700, rel=1e-3)
    assert p_c == pytest.approx(0.01 * math.sqrt(120), rel=1e-3)
    curve["overlap"] = 0.9
    assert math.isnan(rederive.relaxation_numbers(curve)[0])


def test_barriers_and_crossing_of_known_lines():
    temperatures = np.array([0.47, 0.53, 0.58, 0.7, 0.8])
    barriers = np.array([1.2, 2.0, 2.9])
    points = pd.DataFrame(
        [
            (b, T, p := 0.3 * math.exp(-b * (1 / T - 1 / 0.85)), 0.05 * p)
            for b in barriers
            for T in temperatures
        ],
        columns=["bin_center", "T", "p_r", "p_r_error"],
    )
    lines = rederive.barriers(points)
    assert lines["barrier"].to_numpy() == pytest.approx(barriers)
    # least squares with equal errors: sigma / sqrt(sum (x - mean)^2)
    x = 1 / temperatures
    error = 0.05 / math.sqrt(((x - x.mean()) ** 2).sum())
    assert lines["barrier_error"].to_numpy() == pytest.approx(error)
    assert rederive.crossing(points, list(temperatures)) == pytest.approx(0.85, rel=1e-5)


def test_distribution_numbers_of_two_gaussians():
    width, rng = 0.0001, np.random.default_rng(0)
    everyone = rng.normal(0.0016, 0.0003, 400_000)
    moving = rng.random(everyone.size) < 100 * everyone
    left = width * np.arange(40)
    edges = np.append(left, 40 * width)
    table = pd.DataFrame({"bin_left": left, "bin_center": left + width / 2, "bin_width": width})
    table["count_all"] = np.histogram(everyone, edges)[0]
    table["count_rearranging"] = np.histogram(everyone[moving], edges)[0]
    found = rederive.distribution_numbers(table, 0.00163, "softness")
    assert found["peak"] == pytest.approx(0.0016, abs=width / 4)
    assert found["mean"] == pytest.approx(everyone.mean(), abs=1e-6)
    assert found["std"] == pytest.approx(everyone.std(), rel=2e-3)
    assert found["share_all"] == pytest.approx(np.mean(everyone > 0.00163), abs=1e-3)
    assert found["share_rearranging"] == pytest.approx(
        np.mean(everyone[moving] > 0.00163), abs=2e-3
    )
    ranks = everyone.argsort().argsort() + 1
    n, m = moving.sum(), (~moving).sum()
    auc = (ranks[moving].sum() - n * (n + 1) / 2) / n / m
    assert found["auc"] == pytest.approx(auc, abs=1e-3)
    depth = rederive.distribution_numbers(table, 0.00163, "depth")
    assert depth["auc"] == pytest.approx(1 - found["auc"])


def test_an_error_without_the_scatter_between_runs_is_found():
    values = np.random.default_rng(0).normal(0, 1, 200)
    for runs, right, wrong in ((0.0, 1.0, 3.0), (3.0, 3.0, 1.0)):
        assert not list(rederive.scatter("u_error", right, values, runs=runs))
        (said,) = rederive.scatter("u_error", wrong, values, runs=runs)
        assert said.startswith(f"u_error is {wrong:.3g}, blocks and runs scatter by")
