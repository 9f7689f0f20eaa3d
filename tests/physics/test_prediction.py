"""Synthetic particles whose probability to rearrange is known."""

import h5py
import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from softcage.dynamics.labels import labels
from softcage.prediction.arrhenius import fit_counts
from softcage.prediction.counts import (
    LAGS,
    bin_edges,
    block_counts,
    coarse,
    count_run,
    fine_edges,
    fine_index,
)
from softcage.prediction.distributions import (
    curve_table,
    densities,
    distribution_table,
    rearranging_share,
    share_above,
    summarise,
    summary_table,
)
from softcage.statistics import block_slices, bootstrap

EDGES = bin_edges(0.0, 0.005, 1e-4)
FINE = fine_edges(EDGES)
N_BLOCKS = 8


def probability(softness):
    return 0.2 * expit((softness - 0.0015) / 3e-4)


def liquid(n_frames=400, n=500, seed=1):
    rng = np.random.default_rng(seed)
    softness = rng.normal(0.0015, 3e-4, (n_frames, n))
    return softness, rng.random((n_frames, n)) < probability(softness)


def counts_of(softness, moving, lag="0", half=0, n_blocks=N_BLOCKS):
    frames = np.arange(len(softness))
    return block_counts(
        fine_index(softness, FINE),
        frames,
        frames,
        labels(moving, lag, half),
        block_slices(len(frames), n_blocks),
        len(FINE) - 1,
    )


def test_the_probability_that_was_put_in_comes_out():
    counts = counts_of(*liquid())
    p_r, error, _ = bootstrap(coarse(counts), rearranging_share, 200)
    center = 0.5 * (EDGES[1:] + EDGES[:-1])
    seen = coarse(counts.sum(axis=0))[1] > 100
    pull = (p_r - probability(center))[seen] / error[seen]
    assert seen.sum() > 10
    assert np.sqrt(np.mean(pull**2)) < 1.6


def test_summary_against_direct_computation():
    softness, moving = liquid()
    total = counts_of(softness, moving).sum(axis=0)
    peak, share_all, share_rearranging, auc, mean, std = summarise(total, FINE)
    assert auc == pytest.approx(roc_auc_score(moving.ravel(), softness.ravel()), abs=2e-4)
    assert peak == pytest.approx(0.0015, abs=1e-5)
    assert share_all == pytest.approx(np.mean(softness > peak), abs=1e-3)
    assert share_rearranging == pytest.approx(np.mean(softness[moving] > peak), abs=1e-3)
    assert mean == pytest.approx(softness.mean(), abs=1e-7)
    assert std == pytest.approx(softness.std(), rel=1e-3)


def test_depth_mirrors_softness():
    softness, moving = liquid()
    depth = -softness + 0.005
    high = summarise(counts_of(softness, moving).sum(axis=0), FINE)
    low = summarise(counts_of(depth, moving).sum(axis=0), FINE, soft_is_high=False)
    np.testing.assert_allclose(low[1:4], high[1:4], atol=2e-3)


@pytest.mark.parametrize("lag", LAGS)
def test_shuffled_labels_predict_nothing(lag):
    """A leak would show here: events that know nothing of the structure, yet AUC off 0.5."""
    rng = np.random.default_rng(3)
    softness = np.cumsum(rng.normal(0, 2e-5, (600, 300)), axis=0) + rng.normal(0.0025, 3e-4, 300)
    start = rng.random((600, 300)) < 0.01
    moving = start | np.roll(start, 1, axis=0) | np.roll(start, 2, axis=0)
    counts = counts_of(softness, moving, lag, half=8)
    auc, error, _ = bootstrap(counts, lambda total: summarise(total, FINE)[3], 200)
    assert abs(auc - 0.5) < 4 * error
    assert error < 0.03


def test_a_hop_that_follows_the_structure_is_seen_ahead_and_one_that_precedes_it_is_not():
    """Particles soften for 5 frames before (or after) an event and are ordinary otherwise."""
    rng = np.random.default_rng(4)
    half, aucs = 6, {}
    start = rng.random((800, 200)) < 0.004
    moving = start | np.roll(start, 1, axis=0)
    for when, shifts in (("before", range(-5, 0)), ("after", range(2, 7))):
        softness = rng.normal(0.0015, 3e-4, start.shape)
        for shift in shifts:
            softness[np.roll(start, shift, axis=0)] += 6e-4
        total = counts_of(softness, moving, "ahead", half).sum(axis=0)
        aucs[when] = summarise(total, FINE)[3]
    assert aucs["before"] > 0.6
    assert aucs["after"] == pytest.approx(0.5, abs=0.02)


def test_half_window_reads_the_earlier_structure():
    softness = np.full((10, 1), 0.001)
    softness[4] = 0.002
    moving = np.zeros((10, 1), dtype=bool)
    moving[6] = True
    total = counts_of(softness, moving, "half_window", 2, n_blocks=1)[0]
    assert total[0].sum() == 8  # the first two frames have no structure before them
    assert np.flatnonzero(total[1]) == fine_index(np.array([0.002]), FINE)


def test_missing_frames_of_the_structure_are_left_out():
    softness, moving = liquid(40, 10)
    index = fine_index(softness[::3], FINE)
    blocks = block_slices(40, 4)
    counts = block_counts(
        index, np.arange(0, 40, 3), np.arange(40), labels(moving, "0", 0), blocks, len(FINE) - 1
    )
    assert counts[:, 0].sum() == index.size
    assert counts[:, 1].sum() == moving[::3].sum()


def test_a_run_shorter_than_the_window_gives_nothing_instead_of_failing():
    index = fine_index(liquid(10, 5)[0], FINE)
    none = np.zeros((0, 5), dtype=bool)
    for lag in LAGS:
        counts = block_counts(
            index, np.arange(10), np.arange(0), labels(none, lag, 4), [], len(FINE) - 1
        )
        assert coarse(counts).shape == (0, 2, len(EDGES) - 1)
        values, errors, _ = bootstrap(counts, lambda total: summarise(total, FINE), 5)
        assert np.isnan(values).all() and np.isnan(errors).all()


def test_particles_without_softness_count_as_softest():
    values = np.array([[0.001, np.nan, 0.9, -0.1]])
    index = fine_index(values, FINE)
    assert index.tolist() == [[101, 501, 501, 0]]
    counts = np.bincount(index.ravel(), minlength=502)
    assert share_above(counts, FINE, 0.002) == pytest.approx(0.5)
    both = np.stack([counts, counts])
    assert densities(both, 1e-4).sum() * 1e-4 == pytest.approx(2 * 0.25)


def test_without_a_threshold_nothing_is_said_of_the_rearranging(tmp_path):
    """P of all particles is known, P_R is not: neither 0 nor 1."""
    softness, _ = liquid(60, 20)
    with h5py.File(tmp_path / "run.h5", "w") as store:
        for name in ("softness", "depth"):
            store[f"uniform/{name}"] = softness
        store["uniform/frame"] = np.arange(60)
        group = store.create_group("dt2")
        group["frame"], group["time"] = np.arange(2, 58), 0.5 * np.arange(2, 58)
        group["p_hop"], group.attrs["p_c"] = softness[2:58], np.nan
        counts, _ = count_run(store, store, [2.0], {"softness": FINE, "depth": FINE}, 4)
    summary = summary_table(counts, {"softness": FINE, "depth": FINE}, 20, 0)
    first = summary[summary["lag"] == "0"]
    assert first["peak"].notna().all() and first["n_all"].eq(56 * 20).all()
    unknown = ["share_rearranging", "auc", "share_rearranging_error", "auc_error", "n_rearranging"]
    assert summary[unknown].isna().all(axis=None)
    table = distribution_table(counts, {"softness": EDGES, "depth": EDGES}, 20, 0)
    assert table["density_all"].notna().all() and table["count_all"].sum() > 0
    assert table[["p_r", "density_rearranging", "count_rearranging"]].isna().all(axis=None)
    curve = curve_table(counts, {"softness": FINE, "depth": FINE}, 2.0, 20, 0)
    assert curve["density_all"].notna().all() and curve["density_rearranging"].isna().all()
    coarse_counts = coarse(counts[2.0, "0", "softness"])
    measured = coarse(counts_of(*liquid(400, 200), n_blocks=4))
    fit = fit_counts(
        (0.5, 0.6, 0.7, 0.8), [coarse_counts, *[measured] * 3],
        minimum_hops=10, minimum_temperatures=3, resamples=5, seed=0,
    )  # fmt: skip
    assert (fit.weights[0] == 0).all() and fit.lines.fitted.any()
    assert (fit.lines.n_temperatures[fit.lines.fitted] == 3).all()


def test_errors_grow_with_correlation_in_time():
    """As many frames, but labels that live for 20 frames: the error must grow by about sqrt(20)."""
    rng = np.random.default_rng(6)
    n_frames, n, life = 640, 100, 20

    def error_of(n_blocks, moving, softness):
        counts = counts_of(softness, moving, n_blocks=n_blocks)
        return bootstrap(counts, lambda total: summarise(total, FINE)[3], 200)[1]

    softness = rng.normal(0.0015, 3e-4, (n_frames, n))
    independent = error_of(16, rng.random((n_frames, n)) < 0.1, softness)
    slow_softness = np.repeat(softness[: n_frames // life], life, axis=0)
    slow = np.repeat(rng.random((n_frames // life, n)) < 0.1, life, axis=0)
    correlated = error_of(16, slow, slow_softness)
    assert 2.5 < correlated / independent < 8
