"""The peak of distributions whose peak is known, in bins of many kinds."""

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from softcage.prediction.counts import bin_edges, fine_edges
from softcage.prediction.peak import bandwidth, density, peak
from softcage.statistics import bootstrap

FINE = fine_edges(bin_edges(0.0, 0.005, 1e-4))


def count(values, edges=FINE):
    return np.histogram(values, [-np.inf, *edges, np.inf])[0]


def gamma(rng, size, shape=9.0, scale=2e-4):
    """Skewed values whose peak is at (shape - 1) scale."""
    return rng.gamma(shape, scale, size)


def test_the_curve_is_that_of_all_single_values():
    values = gamma(np.random.default_rng(1), 3000)
    counts = count(values)
    h, centers = bandwidth(counts, FINE), 0.5 * (FINE[1:] + FINE[:-1])
    exact = gaussian_kde(values, h / values.std(ddof=1))(centers)
    assert h > 5 * (FINE[1] - FINE[0])
    np.testing.assert_allclose(density(counts, FINE), exact, atol=0.005 * exact.max())


@pytest.mark.parametrize(
    ("draw", "expected", "spread"),
    [
        (lambda rng, n: rng.normal(0.0015, 3e-4, n), 0.0015, 3e-4),
        (gamma, 1.6e-3, 6e-4),
        (lambda rng, n: np.r_[rng.normal(1e-3, 1e-4, n), rng.normal(2e-3, 3e-4, n)], 1e-3, 5e-4),
    ],
    ids=["normal", "skewed", "with a lower second peak"],
)
def test_the_peak_of_known_distributions(draw, expected, spread):
    found = [peak(count(draw(np.random.default_rng(k), 20_000)), FINE) for k in range(20)]
    assert np.mean(found) == pytest.approx(expected, abs=0.03 * spread)
    assert np.std(found) < 0.08 * spread


def test_more_values_find_it_better():
    errors = [
        np.std([peak(count(gamma(np.random.default_rng(k), n)), FINE) for k in range(30)])
        for n in (1000, 100_000)
    ]
    assert errors[1] < 0.4 * errors[0]


def test_the_bootstrap_error_is_the_scatter_between_samples():
    rng = np.random.default_rng(3)
    studies = [[count(rng.normal(0.0015, 3e-4, 500)) for _ in range(16)] for _ in range(80)]
    found = [bootstrap(blocks, lambda total: peak(total, FINE), 60) for blocks in studies]
    scatter = np.std([value for value, *_ in found], ddof=1)
    error = np.sqrt(np.mean([error**2 for _, error, _ in found]))
    assert error == pytest.approx(scatter, rel=0.3)


@pytest.mark.parametrize("width", [2.5e-6, 5e-6, 1e-5, 2e-5])
def test_bins_do_not_move_it(width):
    """Other places and widths of the bins move the peak by less than a fifth of its error."""
    blocks = np.split(gamma(np.random.default_rng(4), 40_000), 8)

    def found(width, shift):
        edges = shift * width + width * np.arange(round(0.005 / width) + 1)
        counts = [count(part, edges) for part in blocks]
        return bootstrap(counts, lambda total: peak(total, edges), 60)[:2]

    reference, error = found(1e-5, 0.0)
    assert 0 < error < 5e-5
    for shift in (0.0, 0.25, 0.5, 0.9):
        assert found(width, shift)[0] == pytest.approx(reference, abs=0.2 * error)


def test_what_has_no_peak():
    nothing, below, one = np.zeros((3, len(FINE) + 1))
    below[0], one[101] = 50, 1
    assert np.isnan(peak(nothing, FINE)) and np.isnan(density(nothing, FINE)).all()
    assert np.isnan(peak(below, FINE))
    assert peak(one, FINE) == pytest.approx(0.5 * (FINE[100] + FINE[101]))
    one[-1] = 3  # above all: part of the whole, not of the curve
    assert density(one, FINE).sum() * 1e-5 == pytest.approx(0.25)
