"""Error bars against cases whose error is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lfilter
from scipy.stats import mannwhitneyu
from sklearn.metrics import roc_auc_score

from softcage.statistics import (
    auc_sums,
    between_runs,
    block_slices,
    bootstrap,
    count_blocks,
    count_pairs,
    in_order,
    merge,
    pool,
    rank_counts,
    roc_auc,
    standard_error,
)


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


# ---------------------------------------------------------------- noise with a known error
def ornstein_uhlenbeck(n, n_studies, tau, rng):
    """Return exact samples at times 0, 1, ... of stationary noise, (n, n_studies).

    It has unit variance and the correlation exp(-t / tau).
    """
    keep = np.exp(-1 / tau)
    noise = rng.normal(size=(n, n_studies)) * np.sqrt(1 - keep**2)
    noise[0] = rng.normal(size=n_studies)
    return lfilter([1.0], [1.0, -keep], noise, axis=0)


def exact_variance(n, tau):
    """Variance of the mean of ``n`` values: sum over all pairs of their correlation."""
    lag = np.arange(1, n)
    return (1 + 2 * np.sum((1 - lag / n) * np.exp(-lag / tau))) / n


def typical_error(runs, n_blocks):
    """Root mean square, over many studies, of the bootstrap error of the mean over replicas.

    ``runs`` is a list of replicas, each (n, n_studies); they are pooled as the scripts do it.
    """
    fine = [np.stack([run, np.ones_like(run)], axis=1) for run in runs]
    _, error, _ = bootstrap(pool(fine, n_blocks), lambda s: s[0] / s[1], 4000)
    return np.sqrt(np.mean(error**2))


def test_the_noise_has_the_variance_it_should():
    x = ornstein_uhlenbeck(400, 4000, 10, np.random.default_rng(4))
    assert x.var() == pytest.approx(1, rel=0.03)
    assert x.mean(axis=0).var() == pytest.approx(exact_variance(400, 10), rel=0.1)


@pytest.mark.parametrize(("relaxation_times", "share"), [(0.1, 0.22), (2, 0.75), (10, 0.95)])
def test_block_errors_of_correlated_noise(relaxation_times, share):
    """Blocks of k tau show the share sqrt(1 - (1 - exp(-k)) / k) of the true error.

    With k = 2 that is 75 %, with blocks much shorter than tau next to nothing.
    """
    tau, n_blocks, k = 50.0, 40, relaxation_times
    n = round(k * tau) * n_blocks
    runs = [ornstein_uhlenbeck(n, 300, tau, np.random.default_rng(5))]
    v_block, v_run = exact_variance(n // n_blocks, tau), exact_variance(n, tau)
    found = typical_error(runs, n_blocks) / np.sqrt(v_run)
    # expected of the scatter of block means about their common mean, exactly
    assert found == pytest.approx(np.sqrt((v_block / v_run - 1) / (n_blocks - 1)), rel=0.06)
    # the formula of the docstring is that of many blocks
    assert np.sqrt(1 - (1 - np.exp(-k)) / k) == pytest.approx(share, abs=0.01)
    assert found == pytest.approx(share, abs=0.06)


@pytest.mark.parametrize("n_blocks", [2, 3, 8])
def test_errors_of_few_blocks_are_not_too_small(n_blocks):
    """The mean of the squared error is the variance of the mean, even with two blocks."""
    runs = [np.random.default_rng(6).normal(size=(n_blocks, 2000))]
    assert typical_error(runs, n_blocks) == pytest.approx(n_blocks**-0.5, rel=0.08)


def test_errors_shrink_with_replicas():
    """n replicas give an error 1 / sqrt(n) as large; blocks of all of them are pooled."""
    rng = np.random.default_rng(7)
    tau, n, n_blocks = 20.0, 1600, 8  # blocks of 10 tau
    single = np.sqrt(exact_variance(n, tau))
    shares = []
    for n_replicas in (1, 2, 4, 16):
        runs = [ornstein_uhlenbeck(n, 200, tau, rng) for _ in range(n_replicas)]
        shares.append(typical_error(runs, n_blocks) / single * np.sqrt(n_replicas))
    # blocks of 10 tau show 95 % of the true error, whatever the number of replicas
    assert shares == pytest.approx([0.95] * 4, rel=0.08)


# ---------------------------------------------------------------- the scatter between runs
def ratio(total):
    return total[..., 0] / total[..., 1]


def quenches(n_runs, frozen, rng, n_studies=400, n_blocks=8):
    """Return blocks of runs that differ by ``frozen`` and noise of variance 1 in each block."""
    own = frozen * rng.normal(size=(n_runs, 1, n_studies))
    values = own + rng.normal(size=(n_runs, n_blocks, n_studies))
    return np.stack([values, np.ones_like(values)], axis=-1).reshape(-1, n_studies, 2)


@pytest.mark.parametrize("n_runs", [4, 8])
def test_what_differs_between_runs_is_in_the_error(n_runs):
    """Means of runs scatter by 1, blocks by 1: the error is sqrt((1 + 1/8) / n)."""
    blocks = quenches(n_runs, 1.0, np.random.default_rng(8))
    exact = np.sqrt((1 + 1 / 8) / n_runs)
    _, of_blocks, _ = bootstrap(blocks, ratio, 300)
    value, error, samples = bootstrap(blocks, ratio, 300, n_runs=n_runs)
    assert value.std() == pytest.approx(exact, rel=0.15)
    assert np.sqrt(np.mean(of_blocks**2)) < 0.6 * exact
    # Student's t: a few runs are given more than what they show
    assert exact < np.sqrt(np.mean(error**2)) < 1.35 * exact
    np.testing.assert_allclose(samples.std(axis=0, ddof=1), error, rtol=1e-9)
    # 68 % within one error, though the error is of few runs
    assert np.mean(np.abs(value) < error) == pytest.approx(0.68, abs=0.08)


def test_runs_that_are_alike_leave_the_error_of_the_blocks():
    blocks = quenches(8, 0.0, np.random.default_rng(9))
    _, error, _ = bootstrap(blocks, ratio, 300, n_runs=8)
    _, of_blocks, _ = bootstrap(blocks, ratio, 300)
    assert (error >= of_blocks).all()
    assert np.mean(error) < 1.25 * np.mean(of_blocks)


def test_the_scatter_between_two_runs_is_half_their_difference():
    blocks = np.array([[1.0, 1], [1, 1], [5, 1], [5, 1]])
    assert between_runs(blocks, ratio, 2) == pytest.approx(1.8371 * 2.0, rel=1e-3)
    with pytest.raises(ValueError, match="4 blocks cannot be the same number from each of 3 runs"):
        between_runs(blocks, ratio, 3)


# ---------------------------------------------------------------- how many blocks
@pytest.mark.parametrize(
    ("production", "tau", "n_blocks", "enough"),
    [
        (1600, 100, 8, True),
        (1599, 100, 7, True),
        (8100, 700, 5, True),
        (1e6, 1, 8, True),
        (400, 100, 2, True),
        (399, 100, 2, False),
        (10, 100, 2, False),
        (1600, np.nan, 2, False),
    ],
)
def test_the_relaxation_time_says_how_many_blocks(production, tau, n_blocks, enough):
    assert count_blocks(production, tau, most=8, relaxation_times=2) == (n_blocks, enough)


@given(
    production=st.floats(1, 1e5), tau=st.floats(1e-2, 1e5), most=st.integers(2, 50),
    times=st.floats(0.1, 20),
)  # fmt: skip
def test_blocks_are_long_enough_and_as_many_as_fit(production, tau, most, times):
    n_blocks, enough = count_blocks(production, tau, most, times)
    assert 2 <= n_blocks <= max(most, 2)
    if enough:
        assert production / n_blocks >= times * tau * (1 - 1e-6)
    if n_blocks < most:
        assert production / (n_blocks + 1) < times * tau * (1 + 1e-6)


@given(n_fine=st.integers(1, 60), n_blocks=st.integers(1, 70))
def test_merging_loses_nothing_and_keeps_the_order(n_fine, n_blocks):
    fine = np.stack([np.ones(n_fine, int), np.arange(n_fine)], axis=1)
    coarse = merge(fine, n_blocks)
    sizes = coarse[:, 0]
    assert len(coarse) == min(n_fine, n_blocks)
    assert (coarse.sum(axis=0) == fine.sum(axis=0)).all()
    assert sizes.max() - sizes.min() <= 1
    # means of consecutive numbers that grow: each block holds neighbours
    assert (np.diff(coarse[:, 1] / sizes) > 0).all()


def test_blocks_do_not_reach_over_the_end_of_a_run():
    runs = [np.full((6, 1), value) for value in (1.0, 10.0)]
    assert pool(runs, 3).ravel().tolist() == [2, 2, 2, 20, 20, 20]


def test_one_block_has_no_error():
    _, error, _ = bootstrap(np.ones((1, 2)), lambda s: s[0] / s[1], 20)
    assert np.isnan(error)


@pytest.mark.parametrize("n_runs", [1, 2, 4])
def test_a_number_of_one_block_alone_has_no_error(n_runs):
    """Three blocks are empty: the scatter of the resamples would be 0, or rounding."""
    blocks = np.zeros((4, 2))
    blocks[1] = 0.3, 0.9
    value, error, _ = bootstrap(blocks, share, 50, n_runs=n_runs)
    assert value == pytest.approx(1 / 3)
    assert np.isnan(error)


def test_a_number_that_all_blocks_agree_on_has_the_error_zero():
    blocks = np.array([[2.0, 2.0], [3.0, 3.0], [0.0, 0.0], [1.0, 1.0]])
    value, error, _ = bootstrap(blocks, share, 50)
    assert (value, error) == (1, 0)


def test_blocks_that_agree_by_chance_tell_no_error():
    """A bin has 3 of 48 particles in either block; none or all of them would be another thing."""
    blocks = np.stack([np.array([[3.0, 0.0, 48.0], [48.0] * 3])] * 2)
    value, error, _ = bootstrap(blocks, share, 50)
    np.testing.assert_array_equal(value, [1 / 16, 0, 1])
    np.testing.assert_array_equal(error, [np.nan, 0, 0])
    np.testing.assert_array_equal(standard_error([[0.1, 0, 1], [0.1, 0, 1]]), [np.nan, 0, 0])


def test_columns_of_which_one_has_a_single_block():
    """Only the error of that column is unknown."""
    rng = np.random.default_rng(1)
    blocks = np.stack([rng.random((6, 2)), np.ones((6, 2))], axis=1)  # sums, numbers
    blocks[1:, :, 1] = 0
    _, whole, _ = bootstrap(blocks[..., 0], share, 100)
    _, error, _ = bootstrap(blocks, share, 100)
    assert error[0] == pytest.approx(whole)
    assert np.isnan(error[1])


def share(sums):
    """Return a sum over a number; NaN where there is none."""
    return np.divide(sums[0], sums[1], out=np.full_like(sums[0], np.nan), where=sums[1] > 0)


# ---------------------------------------------------------------- the ROC AUC
def test_the_area_of_ties_is_that_of_others():
    """Integers, many of them equal, against scikit-learn, SciPy and all pairs one by one."""
    rng = np.random.default_rng(5)
    values, positive = rng.integers(0, 6, 300), rng.random(300) < 0.3
    counts = rank_counts(values, positive)
    assert roc_auc(*counts) == pytest.approx(roc_auc_score(positive, values), abs=1e-12)
    pairs, ordered = count_pairs(*counts)
    assert pairs == positive.sum() * (~positive).sum()
    assert ordered == mannwhitneyu(values[positive], values[~positive]).statistic
    assert ordered == in_order(values[positive][:, None], values[~positive]).sum()
    # bins without anybody change nothing
    spread = [np.insert(part, [0, 3, 6], 0) for part in counts]
    assert count_pairs(*spread) == (pairs, ordered)


def test_areas_of_many_histograms_at_once():
    rng = np.random.default_rng(6)
    positive, negative = rng.poisson(3.0, (2, 4, 5, 20))
    positive[1, 2] = 0
    found = roc_auc(positive, negative)
    assert found.shape == (4, 5)
    for place in np.ndindex(found.shape):
        labels = np.repeat([1, 0], [positive[place].sum(), negative[place].sum()])
        score = np.concatenate(
            [np.repeat(np.arange(20), part[place]) for part in (positive, negative)]
        )
        if place == (1, 2):
            assert np.isnan(found[place])
        else:
            assert found[place] == pytest.approx(roc_auc_score(labels, score), abs=1e-12)
    mirrored = roc_auc(positive[..., ::-1], negative[..., ::-1])
    np.testing.assert_allclose(mirrored, 1 - found)


def test_sums_of_pairs_give_the_area():
    rng = np.random.default_rng(2)
    values, positive = rng.normal(size=(200, 3)), rng.random(200) < 0.2
    counted = rng.random(200) < 0.8
    pairs, ordered = auc_sums(values, counted, positive).T
    expected = [roc_auc_score(positive[counted], v) for v in values[counted].T]
    np.testing.assert_allclose(ordered / pairs, expected)
    nobody = np.zeros(200, dtype=bool)
    assert not auc_sums(values, counted, nobody).any()
    assert not auc_sums(values, nobody, positive).any()
