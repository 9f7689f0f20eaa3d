"""Labels of a study's own frames, Kaplan and Meier, the ROC AUC with its errors."""

import figures.survival as survival_figure
import numpy as np
import pandas as pd
import pytest
from figures import hop_predictors

from softcage.cage.calibration import with_softest
from softcage.descriptors.run import (
    DescribedRun,
    read_descriptors,
    spread_out,
    write_descriptors,
)
from softcage.dynamics.labels import events, hazard_sums, hop_labels, surviving
from softcage.plotting.page import Page
from softcage.plotting.style import COLUMN, style
from softcage.ranking.hops import followed, label_run, rank_hops, survival

TABLE = pd.DataFrame(
    # two of one particle; one under way at t = 20; one that ended 2 before, one 6 before
    [(0, 22.0, 24.0), (0, 30.0, 31.0), (1, 19.0, 21.0), (2, 17.0, 18.0), (3, 12.0, 14.0)],
    columns=["particle", "start_time", "end_time"],
)


def test_hop_labels_of_five_particles():
    got = hop_labels(TABLE, 5, time=20.0, half=5.0, end=95.0)
    assert got.now.tolist() == [False, True, False, False, False]
    assert got.caged.tolist() == [True, False, False, True, True]
    assert got.wait.tolist() == [2, 75, 75, 75, 75]
    assert got.seen.tolist() == [True, False, False, False, False]
    counted, hops = got.hops_within(2.0)
    assert (counted & hops).tolist() == [True, False, False, False, False]
    assert not got.hops_within(1.9)[1].any()
    assert not got.hops_within(76.0)[0].any()  # the record is shorter
    for time in (9.0, 96.0):
        with pytest.raises(ValueError, match="cannot be labelled: .* from 10 to 95"):
            hop_labels(TABLE, 5, time=time, half=5.0, end=95.0)


def test_hop_labels_are_those_of_p_hop():
    """Brute force from p_hop itself."""
    rng = np.random.default_rng(0)
    p_hop, p_c, half = rng.exponential(1, (120, 40)), 3.0, 5
    times = 0.5 * (half + np.arange(120))
    moving = p_hop > p_c
    for row in (half, 30, 90, 119):
        got = hop_labels(events(p_hop, times, p_c), 40, times[row], 0.5 * half, times[-1])
        np.testing.assert_array_equal(got.now, moving[row])
        np.testing.assert_array_equal(got.caged, ~moving[row - half : row + 1].any(axis=0))
        starts = moving[row + 1 :] & ~moving[row:-1]
        np.testing.assert_array_equal(got.seen, starts.any(axis=0))
        first = times[row + 1 :][starts.argmax(axis=0)[got.seen]] if len(starts) else []
        np.testing.assert_allclose(got.wait[got.seen], np.array(first) - times[row])
        np.testing.assert_allclose(got.wait[~got.seen], times[-1] - times[row])


def test_kaplan_and_meier_by_hand():
    """Six remission times, + censored: 1, 2, 2+, 3, 3+, 5: 5/6, 5/6 4/5, 2/3 2/3, 0 at 5."""
    wait, seen = np.array([1, 2, 2, 3, 3, 5]), np.array([1, 1, 0, 1, 0, 1], dtype=bool)
    sums = hazard_sums(wait, seen, np.arange(1.0, 7.0))
    assert sums.tolist() == [[6, 5, 3, 1, 1, 0], [1, 1, 1, 0, 1, 0]]
    np.testing.assert_allclose(surviving(sums), [5 / 6, 2 / 3, 4 / 9, 4 / 9, 0, np.nan])
    # what two frames know adds up
    halves = [hazard_sums(wait[k::2], seen[k::2], np.arange(1.0, 7.0)) for k in (0, 1)]
    np.testing.assert_array_equal(np.sum(halves, axis=0), sums)


def test_censored_records_do_not_bend_the_curve():
    """Waiting times of a constant rate, half of the records short: S(t) = exp(-t)."""
    rng = np.random.default_rng(1)
    waits, records = rng.exponential(1, 40_000), np.repeat([0.5, 3.0], 20_000)
    grid = 0.01 * np.arange(1, 301)
    sums = hazard_sums(
        np.ceil(np.minimum(waits, records) / 0.01 - 1e-9) * 0.01, waits <= records, grid
    )
    np.testing.assert_allclose(surviving(sums), np.exp(-grid), atol=0.015)


# ---------------------------------------------------------------- tables
KEYS = [
    *(("energy", "inherent", length) for length in (0.0, 1.5)),
    *(("depth_pair", "inherent", length) for length in (0.0, 1.5)),
    *(("depth_0.09", "thermal", length) for length in (0.0, 1.5)),
    *(("energy", "thermal", length) for length in (0.0, 1.5)),
]


def world(n_runs=2, n_frames=6, n=400, seed=0):
    """Particles whose rate of hops grows with their energy and knows nothing of their depth."""
    rng = np.random.default_rng(seed)
    runs, tables = [], []
    for _ in range(n_runs):
        energy = rng.normal(size=n)
        gaps = rng.exponential(40 * np.exp(-energy), (60, n))
        start = np.cumsum(gaps, axis=0)
        particle = np.broadcast_to(np.arange(n), start.shape)
        known = start < 290
        table = pd.DataFrame(
            {"particle": particle[known], "start_time": np.round(start[known] * 2) / 2}
        )
        tables.append(table.assign(end_time=table["start_time"] + 1))
        frames = spread_out(0.5 * np.arange(600), n_frames, 15, 7.5)
        about = {"energy": energy, "depth_pair": rng.normal(size=n), "depth_0.09": -energy}
        values = {
            key: np.repeat([about[key[0]]], n_frames, axis=0).astype(np.float32) for key in KEYS
        }
        runs.append(DescribedRun(0.5 * frames, 299.5, values))
    return runs, [label_run(run, table, 15.0) for run, table in zip(runs, tables, strict=True)]


def test_what_makes_hops_is_found_and_chance_is_half():
    runs, labels = world(n_runs=4)
    table = rank_hops(runs, labels, [15.0, 500.0])
    assert set(zip(table["target"], table["time"], strict=True)) == {
        ("now", 0.0), ("first", 15.0), ("first", 500.0),
    }  # fmt: skip
    rows = table[table["length"] == 0].set_index(["target", "time", "name", "positions"])
    rows = rows.sort_index()
    for target in (("now", 0.0), ("first", 15.0)):
        here = rows.loc[target]
        energy = here.loc["energy", "inherent"]
        assert energy["auc"] > 0.6 and np.isnan(energy["over_energy"])
        assert here.loc[("depth_0.09", "thermal"), "auc"] < 0.4
        assert here.loc[("depth_0.09", "thermal"), "over_energy"] == pytest.approx(0, abs=2e-3)
        for name in ("depth_pair", "energy_shuffled"):
            row = here.loc[name, "inherent"]
            assert abs(row["auc"] - 0.5) < 4 * row["auc_error"] < 0.3
        pair = here.loc["depth_pair", "inherent"]
        assert pair["over_energy"] < -3 * pair["over_energy_error"] < 0
        assert energy["configurations"] == 24 and 0 < energy["hops"] < energy["particles"]
    assert rows.loc["now", "particles"].eq(24 * 400).all()
    assert (rows.loc["first", "particles"] < 24 * 400).all()
    late = rows.loc[("first", 500.0)]  # no record is that long
    assert late["auc"].isna().all() and late["configurations"].eq(0).all()


def test_the_score_is_the_mean_over_pairs_of_a_frame():
    """A level of the whole frame is no help, and no harm."""
    runs, labels = world(n_runs=1)
    table = rank_hops(runs, labels, [15.0])
    for run in runs:
        for values in run.values.values():
            values += 100 * np.arange(6)[:, None]
    chosen = table["kind"] == "descriptor"
    shifted = rank_hops(runs, labels, [15.0])
    np.testing.assert_allclose(shifted["auc"][chosen], table["auc"][chosen], atol=1e-4)


def test_particles_without_a_softness_are_softer_than_all():
    runs, labels = world(n_runs=1)
    values = runs[0].values["energy", "inherent", 0.0].copy()
    for name, kept in (("few", np.where(values > 1, np.nan, values)), ("none", values * np.nan)):
        filled = np.array([with_softest(frame) for frame in kept], dtype=np.float32)
        runs[0].values[name, "thermal", 0.0] = filled
    runs[0].values["capped", "thermal", 0.0] = np.minimum(values, 1)
    table = rank_hops(runs, labels, [15.0])
    auc = table[table["target"] == "first"].set_index("name")["auc"]
    assert auc["few"] == auc["capped"] > 0.55 and auc["none"] == 0.5


def test_resamples_and_seed_reach_the_errors():
    runs, labels = world()
    tables = [rank_hops(runs, labels, [15.0], n, seed) for n, seed in ((50, 0), (50, 1), (60, 0))]
    chosen = tables[0]["kind"] == "descriptor"
    for other in tables[1:]:
        np.testing.assert_array_equal(other["auc"][chosen], tables[0]["auc"][chosen])
        assert (other["auc_error"][chosen] != tables[0]["auc_error"][chosen]).any()
    curves = [survival(runs, labels, 0.5, 60.0, resamples=n) for n in (50, 60)]
    assert not curves[0]["surviving_error"].equals(curves[1]["surviving_error"])
    with pytest.raises(KeyError, match=r"depth_0\.12"):
        survival(runs, labels, 0.5, 60.0, delta=0.12)


def test_one_frame_has_no_error():
    runs, labels = world(n_runs=1, n_frames=1)
    table = rank_hops(runs, labels, [15.0])
    assert table["auc"].notna().all() and table["auc_error"].isna().all()


def test_the_error_is_the_spread_over_worlds():
    tables = [rank_hops(*world(1, 4, 100, seed), [15.0]) for seed in range(40)]
    name = (tables[0]["name"] == "depth_pair") & (tables[0]["target"] == "now")
    values = np.array([t.loc[name, ["auc", "auc_error"]].to_numpy()[0] for t in tables])
    # frames of one world share its particles, so that the error may be too small, but not by much
    assert 0.4 < values[:, 1].mean() / values[:, 0].std(ddof=1) < 1.3


def test_the_softest_fifth_leaves_first():
    runs, labels = world()
    curves = survival(runs, labels, 0.5, 60.0)
    assert len(curves.groupby(["name", "group"])) == 2 * len(followed())
    last = curves[curves["time"] == 60.0].set_index(["name", "group"])
    for name in ("energy", "depth_0.09"):
        softest, hardest = last.loc[(name, "softest")], last.loc[(name, "hardest")]
        apart = hardest["surviving"] - softest["surviving"]
        assert apart > 0.3 and softest["surviving_error"] > 0
    chance = last.loc["depth_pair"]
    allowed = 4 * np.hypot(*chance["surviving_error"])
    assert abs(np.diff(chance["surviving"])[0]) < allowed
    assert (np.diff(curves[curves["group"] == "softest"].groupby("name").head(9)["surviving"][:9])
            <= 0).all()  # fmt: skip


def test_all_rows_can_be_drawn_from_the_tables():
    """As the rules have them: what is written is what the figures read."""
    runs, labels = world()
    table = rank_hops(runs, labels, [15.0, 500.0]).assign(T=0.5)
    curves = survival(runs, labels, 0.5, 60.0)
    both = pd.concat([curves.assign(T=T) for T in (0.5, 0.6)], ignore_index=True)
    with style():
        page = Page(COLUMN, 50, [0.5, 0.6])
        hop_predictors.draw(page, table, 0.5, 0.09)
        assert page.table()["panel"].unique().tolist() == ["a", "b"]  # no record is that long
        page = Page(COLUMN, 50, [0.5, 0.6])
        survival_figure.draw(page, both)
        assert len(page.table()) == len(both)


# ---------------------------------------------------------------- frames of a run
def test_frames_are_spread_out():
    times = 0.5 * np.arange(601)
    chosen = times[spread_out(times, 4, 15.0, 7.5)]
    assert (np.diff(chosen) == pytest.approx(277.5 / 4, abs=0.5)) and chosen[0] > 15
    assert chosen[-1] < 292.5
    for n, length in ((4, 22.0), (99, 30.0)):
        with pytest.raises(ValueError, match=f"no room for {n} frames .*descriptors.frames"):
            spread_out(np.arange(0, length + 0.1, 0.5), n, 15.0, 7.5)


def test_described_runs_come_back_from_disk(tmp_path):
    (run,), _ = world(n_runs=1)
    write_descriptors(tmp_path / "r0.h5", run)
    back = read_descriptors(tmp_path / "r0.h5")
    assert back.end == run.end and set(back.values) == set(run.values)
    np.testing.assert_array_equal(back.times, run.times)
    for key, values in run.values.items():
        np.testing.assert_array_equal(back.values[key], values)
