"""Numbers of scored frames: what was put in comes out."""

import h5py
import numpy as np
import pytest

from softcage.prediction.counts import coarse, fine_edges
from softcage.prediction.distributions import summary_of
from softcage.prediction.variants import (
    count_scored,
    crossing_and_barriers,
    read_runs,
    scaled_bins,
    scored_numbers,
    typical_softness,
)

LINE = (-200.0, -20.0)  # c0, c1
OPTIONS = {"minimum_hops": 10, "minimum_temperatures": 3, "n_resamples": 100, "seed": 1}
BINS = {"start": 0.0, "stop": 0.005, "width": 1e-4}


def run(T, rng, n=(300, 400)):
    """Depths and rearrangements whose lines cross at T = 0.85, harder particles less mobile."""
    softness = rng.normal(1.8e-3, 3e-4, n)
    barrier = 4.0 - 1e3 * softness
    p_r = 0.05 * np.exp(-barrier * (1 / T - 1 / 0.85))
    return (200 + 1 / softness) / 20, rng.random(n) < p_r


def test_the_crossing_and_the_barriers_that_were_put_in_come_out():
    rng, T = np.random.default_rng(7), (0.5, 0.6, 0.7)
    runs = {t: [run(t, rng), run(t, rng)] for t in T}
    row = scored_numbers(runs, LINE, scaled_bins(BINS, 1), dict.fromkeys(T, 4), **OPTIONS)
    assert row["T_cross"] == pytest.approx(0.85, abs=4 * row["T_cross_error"])
    assert 0 < row["T_cross_error"] < 0.1
    assert row["T_low"] < row["T_cross"] < row["T_high"]
    assert row["barrier_low"] < 2.2 < row["barrier_high"]
    assert row["without_softness"] == 0 and row["frames"] == 600


def test_the_unit_of_the_softness_changes_no_number():
    runs = {0.5: [run(0.5, np.random.default_rng(8))]}
    usual, numbers = typical_softness(runs[0.5], LINE), []
    for scale in (1.0, 3.0):
        line = (LINE[0] / scale, LINE[1] / scale)  # 1/S a third: S three times as large
        bins = scaled_bins(BINS, typical_softness(runs[0.5], line) / usual)
        numbers.append(scored_numbers(runs, line, bins, {0.5: 4}, **OPTIONS))
    for name in ("share_rearranging", "share_all", "auc"):
        for column in (name, f"{name}_error"):
            assert numbers[0][column] == pytest.approx(numbers[1][column], rel=1e-6)
    assert numbers[1]["peak"] == pytest.approx(3 * numbers[0]["peak"], rel=1e-6)
    # the rearranging ones are softer
    assert numbers[0]["share_rearranging"] > numbers[0]["share_all"] + 0.05
    assert numbers[0]["auc"] > 0.55


def test_particles_without_a_softness_are_counted_as_soft():
    depth = np.full((8, 10), 40.0)
    depth[:, 0] = 5.0  # 1/S = -200 + 20 * 5 < 0
    moving = depth < 10
    counts, invalid = count_scored([(depth, moving)], LINE, fine_edges(scaled_bins(BINS, 1)), 2)
    assert invalid == 8
    assert counts[:, :, -1].sum(axis=0).tolist() == [8, 8]  # all, rearranging


def test_nothing_measured_gives_no_numbers():
    none = np.zeros((0, 0)), np.zeros((0, 0), dtype=bool)
    edges = fine_edges(scaled_bins(BINS, 1))
    counts, invalid = count_scored([none], LINE, edges, 4)
    assert invalid == 0
    assert np.isnan(list(summary_of(counts, edges, 5, 1).values())).all()
    assert crossing_and_barriers([0.5, 0.6, 0.7], [coarse(counts)] * 3, **OPTIONS) == {"n_bins": 0}
    assert crossing_and_barriers([0.5], [coarse(counts)], **OPTIONS) == {}
    assert np.isnan(typical_softness([none], LINE))


@pytest.mark.parametrize(("most", "known"), [(None, [4, 6, 8]), (2, [4, 8]), (0, [])])
def test_scored_frames_are_those_that_have_p_hop_too(tmp_path, most, known):
    with h5py.File(tmp_path / "scores.h5", "w") as store:
        store["terms/frame"] = np.arange(0, 10, 2)
        store["terms/values"] = np.arange(0, 10, 2)[:, None] * np.ones(3)
    with h5py.File(tmp_path / "hops.h5", "w") as store:
        store["dt15/frame"] = np.arange(3, 9)
        store["dt15/p_hop"] = 0.01 * np.arange(3, 9)[:, None] * np.ones(3)
        store["dt15"].attrs["p_c"] = 0.05
    paths = [tmp_path / "scores.h5"], [tmp_path / "hops.h5"]
    [(values, moving)] = read_runs(*paths, 15, "terms", most=most)
    assert values[:, :1].ravel().tolist() == known
    assert moving[:, :1].ravel().tolist() == [frame > 5 for frame in known]
    [(_, moving)] = read_runs(*paths, 15, "terms", most=most, p_c=lambda p_c: p_c + 0.02)
    assert moving[:, :1].ravel().tolist() == [frame > 7 for frame in known]
