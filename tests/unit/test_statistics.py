"""Error bars against cases whose error is known."""

import numpy as np
import pytest

from softcage.statistics import block_slices, bootstrap, standard_error


def test_blocks_cover_everything_once():
    slices = block_slices(103, 8)
    assert sum((list(range(103))[s] for s in slices), []) == list(range(103))
    with pytest.raises(ValueError, match="fewer blocks"):
        block_slices(3, 8)


def test_standard_error_of_normal_blocks():
    rng = np.random.default_rng(1)
    blocks = rng.normal(5, 2, (400, 50))
    assert standard_error(blocks).mean() == pytest.approx(2 / np.sqrt(400), rel=0.05)


def test_bootstrap_error_of_a_ratio():
    """A ratio of Poisson counts, k / n with k, n large: relative error sqrt(1/k + 1/n)."""
    rng = np.random.default_rng(2)
    blocks = np.stack([rng.poisson(100, 200), rng.poisson(400, 200)], axis=1)
    estimate, error, samples = bootstrap(blocks, lambda s: s[0] / s[1], 400)
    assert estimate == pytest.approx(0.25, rel=0.02)
    expected = 0.25 * np.sqrt(1 / blocks[:, 0].sum() + 1 / blocks[:, 1].sum())
    assert error == pytest.approx(expected, rel=0.25)
    assert samples.shape == (400,)


def test_block_error_sees_correlated_noise_and_a_naive_one_does_not():
    """AR(1) noise with correlation time tau has the error sqrt(2 tau / n), blocks >> tau see it."""
    rng = np.random.default_rng(3)
    n, phi = 200_000, 0.98
    noise = rng.normal(size=n)
    x = np.empty(n)
    x[0] = noise[0] / np.sqrt(1 - phi**2)
    for k in range(1, n):
        x[k] = phi * x[k - 1] + noise[k]
    exact = np.sqrt(1 / (1 - phi) ** 2 / n)
    blocks = np.array([x[s].sum() for s in block_slices(n, 100)])
    sizes = np.array([s.stop - s.start for s in block_slices(n, 100)])
    _, error, _ = bootstrap(np.stack([blocks, sizes], 1), lambda s: s[0] / s[1], 300)
    assert error == pytest.approx(exact, rel=0.3)
    assert x.std() / np.sqrt(n) < 0.3 * exact


def test_one_block_has_no_error():
    _, error, _ = bootstrap(np.ones((1, 2)), lambda s: s[0] / s[1], 20)
    assert np.isnan(error)
