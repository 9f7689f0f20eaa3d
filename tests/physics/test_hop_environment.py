"""Softness around events on invented series, whose answers are known."""

from itertools import pairwise

import h5py
import numpy as np
import pytest

from softcage.cage.calibration import with_softest
from softcage.dynamics.labels import events_and_controls
from softcage.hop_environment import around, facilitation
from softcage.hop_environment.series import (
    HopSeries,
    read_series,
    trailing_mean,
)
from softcage.hop_environment.tables import half_lead, hazard_table, longest_lead, ratio_table

FORGETS = 0.9  # correlation of S from one row to the next


def memory(rng, n_rows, n, forgets=FORGETS):
    """Stationary AR(1), the Ornstein-Uhlenbeck process on rows: mean 0, variance 1."""
    values = rng.normal(size=(n_rows, n)).astype(np.float32)
    for before, now in pairwise(values):
        now *= np.sqrt(1 - forgets**2)
        now += forgets * before
    return values


def series_of(softness, moving, half=2):
    return HopSeries(np.arange(len(softness)), 1.0, half, softness, moving)


def pairs(softness, rows, who, control, lags, blocks=8):
    block = rows * blocks // len(softness)
    return around.sum_with_controls(softness, rows, who, control, lags, block, blocks)


def means(sums):
    """S of events, of controls and the AUC at each lag, and the error of the AUC over blocks."""
    total = sums.sum(axis=0)
    each = sums[..., 3] / sums[..., 0]
    return *(total[:, 1:] / total[:, :1]).T, each.std(axis=0, ddof=1) / np.sqrt(len(sums))


def test_a_bump_around_events_is_found_and_controls_have_none():
    rng = np.random.default_rng(0)
    softness = memory(rng, 1600, 200)
    moving = rng.random(softness.shape) < 0.01
    rows, who = np.nonzero(events_and_controls(moving, 2)[0])
    bump = {-3: 0.5, -1: 1.0, 0: 2.0, 2: -1.0}
    raised = softness.copy()
    for lag, height in bump.items():
        good = (rows + lag >= 0) & (rows + lag < len(raised))
        # once a cell, also where bumps of two events meet
        raised[rows[good] + lag, who[good]] = softness[rows[good] + lag, who[good]] + height
    controls = events_and_controls(moving, 2)[1]
    others = around.random_controls(rows, controls, 8, rng)
    lags = np.arange(-6, 7)
    event, control, auc, _ = means(pairs(raised, rows, who, others, lags))
    for lag, s, other, area in zip(lags, event, control, auc, strict=True):
        # an event is one of a Dt = 4, and 1 in 100 cells moves: bumps of other events are few
        assert s == pytest.approx(bump.get(lag, 0.0), abs=0.12), lag
        assert abs(other) < 0.06
        assert (area > 0.55) == (bump.get(lag, 0.0) > 0), lag


def test_events_picked_by_softness_and_their_matches_relax_as_the_process_forgets():
    """Nothing happens at these events but that soft particles have them: S returns as 0.9^|t|."""
    rng = np.random.default_rng(1)
    softness = memory(rng, 3000, 150)
    moving = rng.random(softness.shape) < 0.02 * (softness > 1)
    is_event, controls = events_and_controls(moving, 2)
    rows, who = np.nonzero(is_event)
    classes = rng.integers(3, 5, softness.shape)
    lags = np.array([-8, -4, -2, 0, 2, 4, 8])
    matched = around.matched_controls(rows, who, controls, softness, classes)
    good = matched >= 0
    assert good.mean() > 0.7
    assert (classes[rows[good], who[good]] == classes[rows[good], matched[good]]).all()
    assert controls[rows[good], matched[good]].all() and (matched != who)[good].all()
    apart = softness[rows[good], who[good]] - softness[rows[good], matched[good]]
    assert np.abs(apart).max() <= 1.01 * around.CALIPER * softness.std()
    event, control, auc, error = means(pairs(softness, rows, who, matched[:, None], lags))
    expected = event[3] * FORGETS ** np.abs(lags)
    assert event[3] > 1.2
    # controls must not move for a while, which costs the soft ones a little
    np.testing.assert_allclose(event, expected, atol=0.06)
    np.testing.assert_allclose(control, expected, atol=0.12)
    assert (np.abs(auc - 0.5) < 4 * error + 0.02).all()


def test_matches_before_the_event_are_alike_there():
    rng = np.random.default_rng(2)
    softness = memory(rng, 400, 100)
    is_event, controls = events_and_controls(rng.random((400, 100)) < 0.02, 2)
    rows, who = np.nonzero(is_event)
    matched = around.matched_controls(rows, who, controls, softness, 0 * softness, shift=-4)
    good = matched >= 0
    assert good.sum() > 100 and (matched[rows < 4] == -1).all()
    apart = softness[rows[good] - 4, who[good]] - softness[rows[good] - 4, matched[good]]
    assert np.abs(apart).max() <= 1.01 * around.CALIPER * softness.std()


def test_without_a_match_there_is_none():
    softness = np.array([[0.0, 1.0, 5.0]] * 3, dtype=np.float32)
    controls = np.array([[False, True, True]] * 3)
    rows, who = np.array([1]), np.array([0])
    one = np.zeros((3, 3), dtype=int)
    kwargs = {"caliper": 1.0}  # 2.2
    assert around.matched_controls(rows, who, controls, softness, one, **kwargs) == [1]
    assert around.matched_controls(rows, who, controls, softness, one, caliper=0.1) == [-1]
    one[:, 1] = 1  # of another number of neighbours, and the third is too far
    assert around.matched_controls(rows, who, controls, softness, one, **kwargs) == [-1]


def test_hops_that_know_nothing_of_softness_have_no_auc_and_no_hazard_ratio():
    rng = np.random.default_rng(3)
    softness = memory(rng, 3000, 300)
    moving = rng.random(softness.shape) < 0.02
    series = series_of(softness, moving)
    is_event, controls = events_and_controls(moving, series.half)
    rows, who = np.nonzero(is_event)
    others = around.random_controls(rows, controls, 8, rng)
    lags = np.array([-8, -1, 0, 5])
    *_, auc, error = means(pairs(softness, rows, who, others, lags))
    assert (error < 0.01).all()
    assert (np.abs(auc - 0.5) < 4 * error).all()

    counts = facilitation.count_hazards(
        series, trailing_mean(softness, 2), rng.random(softness.shape) < 0.1,
        rng.integers(3, 6, softness.shape), np.arange(3000) * 8 // 3000,
    )  # fmt: skip
    by_beside = counts.sum(axis=0)
    soft = slice(facilitation.BINS // 2, None)
    ratios = [
        facilitation.matched_ratio(by_beside[1], by_beside[0]),
        facilitation.matched_ratio(
            by_beside[1][:, soft].sum(axis=1), by_beside[1][:, : soft.start].sum(axis=1)
        ),
    ]
    assert ratios == pytest.approx([1, 1], abs=0.12)
    # who hops in 4 rows of 0.02 each
    hazard = by_beside[..., 1].sum() / by_beside[..., 0].sum()
    assert hazard == pytest.approx(1 - 0.98**4, rel=0.05)


def test_a_hazard_that_doubles_beside_hops_is_found():
    """Particles that became soft hop twice as often, and three times if a hop was beside them."""
    rng = np.random.default_rng(4)
    softness = memory(rng, 6000, 300, 0.7)
    mean, half = trailing_mean(softness, 2), 2
    beside = rng.random(softness.shape) < 0.05
    rate = np.full(softness.shape, 0.01)
    rate[mean > np.nanmedian(mean)] = 0.02
    lately = np.zeros_like(beside)
    for k in range(1, 12):
        lately[k:] |= beside[:-k]
    rate[lately] *= 3
    moving = rng.random(softness.shape) < rate
    counts = facilitation.count_hazards(
        series_of(softness, moving, half), mean, beside,
        np.full(softness.shape, 4), np.zeros(6000, dtype=int),
    )[0]  # fmt: skip
    beside_ratio = facilitation.matched_ratio(counts[1], counts[0])
    assert 2.2 < beside_ratio < 3.1  # S goes on changing after t1, and few are beside for long
    half_bins = facilitation.BINS // 2
    soft_ratio = facilitation.matched_ratio(
        counts[0][:, half_bins:].sum(axis=1), counts[0][:, :half_bins].sum(axis=1)
    )
    assert 1.2 < soft_ratio < 2.05


def test_without_a_threshold_no_hazard_is_known():
    rng = np.random.default_rng(7)
    softness = memory(rng, 600, 50)
    nobody = np.zeros(softness.shape, dtype=bool)
    series = HopSeries(np.arange(600), 1.0, 2, softness, nobody, known=False)
    counts = facilitation.count_hazards(
        series, trailing_mean(softness, 2), nobody, np.full(softness.shape, 4),
        np.arange(600) // 300,
    )  # fmt: skip
    assert counts[..., 0].sum() > 0 and np.isnan(counts[..., 1]).all()
    sums = {"hazard": counts}
    assert hazard_table(sums, resamples=5)[["hops", "hazard"]].isna().all(axis=None)
    assert ratio_table(sums, resamples=5)["value"].isna().all()


def test_the_matched_ratio_is_that_of_each_stratum():
    """Strata of other hazards and other sizes, in each the exposed hop 1.5 times as often."""
    exposed = np.array([[1000, 150], [50, 30]])
    other = np.array([[200, 20], [4000, 1600]])
    assert facilitation.matched_ratio(exposed, other) == pytest.approx(1.5)
    crude = exposed.sum(axis=0)[1] / exposed.sum(axis=0)[0] / (other.sum(axis=0)[1] / 4200)
    assert crude < 0.5  # what it would be without
    assert np.isnan(facilitation.matched_ratio(exposed, 0 * other))


def test_changes_are_those_of_the_neighbours_at_each_distance():
    """Neighbours on a line through the boundary: those at 1 rise by 2, those at 2 fall by 1."""
    box = 10.0
    x = np.array([9.9, 0.9, 1.9, 8.9, 7.9, 5.0])
    positions = np.stack([x, 0 * x + 9.8, 0 * x], axis=1)
    positions[1:] += [3 * box, -2 * box, box]  # unwrapped
    rise = np.array([7.0, 2.0, -1.0, 2.0, -1.0, 0.0])
    before = np.ones(6)
    r = facilitation.distances_from(positions, np.array([0]), box)
    edges = np.array([0.5, 1.5, 2.5, 4.0, 5.0])
    sums = facilitation.sum_changes(r, before, before + rise, edges)
    np.testing.assert_allclose(sums[:, 0], [2, 2, 0, 1])
    np.testing.assert_allclose(sums[:, 2] - sums[:, 1], [4, -2, 0, 0])
    np.testing.assert_allclose(sums[:, 3], [8, 2, 0, 0])
    before[1] = np.nan  # moved itself: left out
    assert facilitation.sum_changes(r, before, before + rise, edges)[0, 0] == 1


def test_distances_and_neighbours_agree_with_a_literal_sum():
    rng = np.random.default_rng(5)
    box, radius = 6.0, 1.3
    positions, others = rng.uniform(-20, 20, (60, 3)), rng.uniform(-20, 20, (40, 3))
    images = np.array(np.meshgrid(*[[-1, 0, 1]] * 3)).reshape(3, -1).T * box

    def distance(a, b):
        return np.sqrt((((a % box) - (b % box) + images) ** 2).sum(axis=1)).min()

    r = facilitation.distances_from(positions, np.array([7, 20]), box)
    for k, centre in enumerate((7, 20)):
        for j in range(60):
            expected = np.inf if j == centre else distance(positions[centre], positions[j])
            assert r[k, j] == pytest.approx(expected)
    counts = facilitation.neighbour_counts(positions, others, box, radius)
    assert list(counts) == [sum(distance(a, b) < radius for b in others) for a in positions]


def test_a_run_without_events_has_no_rows():
    nobody = np.empty(0, dtype=int)
    assert list(around.by_row(nobody)) == []
    assert pairs(np.zeros((5, 2)), nobody, nobody, nobody[:, None], np.array([0])).sum() == 0


def test_leads_of_a_known_curve():
    """AUC - 1/2 falls from 0.2 by 0.01 a time unit: half of it at 10, none from 20 on."""
    times = np.array([-40, -20, -16, -12, -4, 0, 4])
    auc = 0.5 + np.maximum(0.2 - 0.01 * np.abs(times), 0)
    assert half_lead(times, auc) == pytest.approx(10)
    assert longest_lead(times, auc, np.full(7, 0.01)) == 16
    assert np.isnan(half_lead(times, np.full(7, 0.6))) and np.isnan(half_lead(times, 1 - auc))
    assert longest_lead(times, np.full(7, 0.6), np.full(7, 0.01)) == 40
    assert np.isnan(longest_lead(times, auc, np.full(7, 0.2)))


def test_the_mean_is_of_the_rows_before():
    values = np.arange(12, dtype=np.float32).reshape(6, 2) ** 2
    mean = trailing_mean(values, 3)
    assert np.isnan(mean[:2]).all()
    np.testing.assert_allclose(mean[2:], [values[k - 2 : k + 1].mean(axis=0) for k in range(2, 6)])


def test_rows_between_are_asked_for_hops_alone(tmp_path):
    """60 frames 0.5 apart, a window of 6 in 4 rows: every third frame, hops of all of them."""
    rng = np.random.default_rng(6)
    frames = np.arange(4, 64)
    p_hop = rng.random((60, 5)).astype(np.float32)
    softness = rng.random((70, 5)).astype(np.float32)
    softness[10, 2] = np.nan  # softer than any: the rule of with_softest
    with h5py.File(tmp_path / "a.h5", "w") as store:
        store["uniform/frame"], store["uniform/softness"] = np.arange(70), softness
        group = store.create_group("dt6")
        group["frame"], group["time"], group["p_hop"] = frames, 0.5 * frames, p_hop
        group.attrs["p_c"] = 0.9
        series = read_series(store, store, 6, rows=4)
        assert series.frames.tolist() == list(range(4, 64, 3))
        assert (series.interval, series.half) == (1.5, 2)
        np.testing.assert_array_equal(series.softness, with_softest(softness)[4:64:3])
        assert series.softness[2].argmax() == 2 and np.isfinite(series.softness).all()
        expected = (p_hop > 0.9).reshape(20, 3, 5).any(axis=1)
        np.testing.assert_array_equal(series.moving, expected)
        with pytest.raises(
            ValueError, match=r"fewer than three hop windows .* dynamics.hop_window"
        ):
            group["time"][:] *= 0.1
            del group["time"]
            group["time"] = 0.05 * frames
            read_series(store, store, 6)
