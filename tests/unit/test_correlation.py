"""Softness at two widths: samples whose correlation is known."""

import numpy as np
import pytest

from softcage.prediction.correlation import correlate_widths, joint_histogram, pearson_and_spearman


def test_coefficients_of_a_line_of_a_monotonic_curve_and_of_a_constant():
    x = np.linspace(0, 1, 100)
    assert pearson_and_spearman(x, 3 - x) == pytest.approx((-1, -1))
    pearson, spearman = pearson_and_spearman(x, x**9)
    assert pearson < 0.9 and spearman == pytest.approx(1)
    assert np.isnan(pearson_and_spearman(x, np.ones(100))).all()


def test_the_correlation_that_was_put_in_comes_out():
    rng = np.random.default_rng(0)
    xs = [rng.normal(size=(40, 500)) for _ in range(2)]
    ys = [0.6 * x + 0.8 * rng.normal(size=x.shape) for x in xs]
    xs[0][3, :7], ys[1][0, 0] = np.nan, np.nan
    row, table = correlate_widths(xs, ys, n_blocks=4)
    assert row["pearson"] == pytest.approx(0.6, abs=4 * row["pearson_error"])
    assert row["pearson_error"] == pytest.approx((1 - 0.36) / np.sqrt(2 * 40 * 500), rel=0.6)
    assert row["n_left_out"] == 8
    assert table["count"].sum() == pytest.approx(2 * 40 * 500 * 0.996, rel=2e-3)


def test_empty_cells_are_absent():
    x = np.repeat([0.0, 1.0], 1000)
    table = joint_histogram(x, x, n_bins=2)
    assert table.to_numpy().tolist() == [[0.25, 0.25, 1000], [0.75, 0.75, 1000]]
