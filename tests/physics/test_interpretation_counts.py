"""Counts of every form and label, and what lines make of them, against the same done directly."""

import h5py
import numpy as np
import pytest

from softcage.cage.calibration import softness_from_depth
from softcage.dynamics.labels import labels
from softcage.interpretations.counts import (
    ASKED_LAGS,
    labels_of_frame,
    read_counts,
    write_counts,
)
from softcage.interpretations.softness_lines import (
    Bins,
    auc_of_depth,
    group_softness,
    line_numbers,
    lines_in_bins,
    peak_of_softness,
    shares,
    softness_edges,
    value_and_error,
)
from softcage.prediction import arrhenius, counts, distributions
from softcage.prediction.peak import peak

C0, C1 = -200.0, -20.0  # K = 10 of 1/S proportional to depth - 10
K = -C0 / C1
TEMPERATURES = (0.5, 0.6, 0.7)
BINS = Bins(np.linspace(0.0, 3.0, 31), 5, 10, 3)


def hops_of(path, values, windows=(1.0,), interval=0.5):
    """A file of p_hop, the same values for every window of ``2 half`` frames."""
    with h5py.File(path, "w") as store:
        for window in windows:
            half, group = round(0.5 * window / interval), store.create_group(f"dt{window:g}")
            group["p_hop"] = values[half : len(values) - half].astype(np.float32)
            group["frame"] = np.arange(half, len(values) - half)
            group["time"] = interval * group["frame"][:]
    return path


def test_labels_are_those_of_the_counts(tmp_path):
    rng, limits = np.random.default_rng(1), np.array([0.3, np.nan, 0.7])
    values = rng.random((30, 7)).astype(np.float32)
    hops_of(tmp_path / "hops.h5", values, windows=(2.0, 4.0))
    with h5py.File(tmp_path / "hops.h5") as hops:
        found = np.array([labels_of_frame(hops, (2.0, 4.0), frame, limits) for frame in range(30)])
    for w, half in enumerate((2, 4)):
        p_hop = values[half : 30 - half]
        for k, limit in enumerate(limits):
            moving = p_hop > limit
            now = labels(moving, "onset", half)[1:]  # eligible, and where an event starts
            for moment, (shift, expected) in enumerate(
                ((0, moving), (-half, moving), (0, now[1]), (-half, now[1]))
            ):
                rows = np.arange(half, 30 - half) + shift
                ours = found[rows, w, moment]
                np.testing.assert_array_equal(ours[:, 0], now[0])
                np.testing.assert_array_equal(ours[:, 1 + k], expected & now[0])
    assert not found[:4, 1, 0].any() and not found[28:].any()  # p_hop is not known


def written(path, runs, n_forms=1):
    """Write runs of (depth (F, N), moving (F, N)), all windows and moments the same."""
    with h5py.File(path, "w") as store:
        group = store.create_group("single")
        depth, moving = runs

        def scored():
            for place in range(len(depth)):
                label = np.stack([np.ones_like(moving[place]), moving[place]])
                label = np.broadcast_to(label, (1, len(ASKED_LAGS), *label.shape))
                yield place, np.repeat(depth[place][None], n_forms, axis=0), label

        write_counts(group, scored(), len(depth), (1, n_forms))
    return path


def read(tmp_path, by_temperature):
    files = {
        T: [written(tmp_path / f"{T}_{k}.h5", run) for k, run in enumerate(runs)]
        for T, runs in by_temperature.items()
    }
    return read_counts(files, "single", (0, 0))


def run(T, rng, n=(300, 400)):
    """Depths and rearrangements whose lines cross at T = 0.85, harder particles less mobile."""
    softness = np.maximum(rng.normal(1.8e-3, 3e-4, n), 5e-4)
    barrier = 4.0 - 1e3 * softness
    p_r = 0.05 * np.exp(-barrier * (1 / T - 1 / 0.85))
    return (C0 - 1 / softness) / C1, rng.random(n) < p_r


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    rng = np.random.default_rng(7)
    runs = {T: [run(T, rng), run(T, rng)] for T in TEMPERATURES}
    return runs, read(tmp_path_factory.mktemp("counts"), runs)


def test_runs_that_spread_differently_add_up(tmp_path):
    rng = np.random.default_rng(2)
    runs = [(rng.normal(m, s, (40, 50)), rng.random((40, 50)) < 0.2) for m, s in ((30, 9), (22, 2))]
    counted = read(tmp_path, {0.5: runs})
    depth, moving = (np.concatenate([r[k].ravel() for r in runs]) for k in (0, 1))
    inside = (depth > counted.edges[0]) & (depth < counted.edges[-1])
    assert inside.all()
    np.testing.assert_array_equal(counted.everyone[0, 0], np.histogram(depth, counted.edges)[0])
    expected = np.histogram(depth[moving], counted.edges)[0]
    np.testing.assert_array_equal(np.diff(counted.below[0, 0, 0, 2, 1]), expected)
    # each sample lacks one of 8 groups, here a fourth of a run
    assert counted.everyone[1:].sum(axis=-1).ravel().tolist() == [len(depth) * 7 / 8] * 8
    assert counted.quantile(0.3) == pytest.approx(np.quantile(depth, 0.3), abs=0.3)


def test_shares_and_auc_are_those_of_the_softness_itself(study):
    runs, counted = study
    depth, moving = (np.concatenate([r[k].ravel() for r in runs[0.5]]) for k in (0, 1))
    softness = softness_from_depth(depth, C0, C1)
    edges = counts.fine_edges(counts.bin_edges(0, 5e-3, 1e-4))
    fine = np.array(
        [
            np.bincount(counts.fine_index(part, edges), minlength=len(edges) + 1)
            for part in (softness, softness[moving])
        ]
    )
    row = line_numbers(counted, C0, C1, 0)
    expected = dict(zip(distributions.SUMMARY, distributions.summarise(fine, edges), strict=True))
    assert row["peak"] == pytest.approx(expected["peak"], rel=0.02)
    beyond = softness > row["peak"]
    assert row["share_all"] == pytest.approx(beyond.mean(), abs=0.01)
    assert row["share_rearranging"] == pytest.approx(beyond[moving].mean(), abs=0.01)
    assert row["share_rearranging"] > row["share_all"] + 0.05
    assert row["auc"] == pytest.approx(expected["auc"], abs=1e-3)
    assert row["n_invalid"] == 0 and row["n_values"] == depth.size
    assert 0 < row["share_rearranging_error"] < 0.05
    hard, soft = group_softness(counted, K, 5)
    ordered = np.sort(softness)
    fifth = len(ordered) // 5
    assert -soft[0, 0] / C1 == pytest.approx(ordered[-fifth:].mean(), rel=5e-3)
    assert -hard[0, 0] / C1 == pytest.approx(ordered[:fifth].mean(), rel=5e-3)


def test_the_peak_of_the_softness_is_where_the_slope_of_the_map_puts_it():
    mean, sd, edges = 28.0, 8.0, np.linspace(-40.0, 100.0, 561)
    centers = 0.5 * (edges[1:] + edges[:-1])
    n = 1e6 * np.exp(-0.5 * ((centers - mean) / sd) ** 2)
    assert peak_of_softness(n, edges) == pytest.approx(mean, abs=0.05)
    assert peak_of_softness(n, edges) == peak(np.pad(n, 1), edges)
    for k in (40.0, 10.0, -5.0):
        # d/dx [-(x - mean)^2 / 2 sd^2 + 2 ln(x + k)] = 0
        b, c = k - mean, -(mean * k + 2 * sd**2)
        assert peak_of_softness(n, edges, k) == pytest.approx(
            0.5 * (-b + np.sqrt(b * b - 4 * c)), abs=0.1
        )


def test_particles_without_a_softness_are_soft(tmp_path):
    rng = np.random.default_rng(3)
    depth = rng.normal(40.0, 3.0, (16, 100))
    depth[:, :10] = 5.0  # 1/S = -200 + 20 * 5 < 0
    counted = read(tmp_path, {0.5: [(depth, depth < 10)]})
    row = line_numbers(counted, C0, C1, 0)
    assert row["n_invalid"] == 160 and row["share_rearranging"] == 1.0


def test_lines_are_those_of_the_arrhenius_fits(study):
    _, counted = study
    edges = softness_edges(counted, K, BINS)
    found = lines_in_bins(counted, edges, BINS)
    n = np.diff(counted.at(edges))[0, :, 0, 0]  # temperatures, all and rearranging, bins
    p_r = n[:, 1] / np.where(n[:, 0] > 0, n[:, 0], np.nan)
    weights = arrhenius.log_weights(p_r, np.full(p_r.shape, np.nan), n[:, 1], 10, 3)
    fit = arrhenius.fit_lines(TEMPERATURES, p_r, weights)
    place = (0, 0, 0, 0)
    assert found["n_bins"][place] == fit.fitted.sum() > 5
    for name, expected in (("low", np.nanmin(fit.barrier)), ("high", np.nanmax(fit.barrier))):
        assert found[f"barrier_{name}"][place] == pytest.approx(expected, rel=1e-9)
    expected = arrhenius.crossing_temperature(TEMPERATURES, p_r, weights)
    assert found["T_cross"][place] == pytest.approx(expected, rel=1e-5)
    value, error = value_and_error(found["T_cross"])
    assert value[0, 0, 0] == pytest.approx(0.85, abs=4 * error[0, 0, 0])
    assert 0 < error[0, 0, 0] < 0.1
    assert found["barrier_low"][place] < 2.2 < found["barrier_high"][place]


def test_too_few_hops_give_no_lines(study):
    _, counted = study
    edges = softness_edges(counted, K, BINS)
    found = lines_in_bins(counted, edges, Bins(BINS.softness, 5, 10**9, 3))
    assert np.isnan(found["T_cross"]).all() and (found["n_bins"] == 0).all()
    assert softness_edges(counted, -1e3, BINS) is None  # the typical particle has no softness


def test_the_jackknife_of_a_mean_is_its_standard_error():
    x = np.random.default_rng(4).normal(size=8)
    samples = np.array([x.mean(), *((x.sum() - x) / 7)])
    value, error = value_and_error(samples)
    assert value == x.mean()
    assert error == pytest.approx(x.std(ddof=1) / np.sqrt(8))
    assert np.isnan(value_and_error(samples[:2])[1])


def test_nothing_measured_gives_no_counts(tmp_path):
    nothing = np.zeros((0, 5)), np.zeros((0, 5), dtype=bool)
    assert read(tmp_path, {0.5: [nothing]}) is None


def test_nobody_rearranges(tmp_path):
    depth = np.random.default_rng(5).normal(30, 5, (8, 50))
    counted = read(tmp_path, {0.5: [(depth, np.zeros(depth.shape, dtype=bool))]})
    everyone, rearranging = shares(counted, K)
    assert np.isfinite(everyone).all() and np.isnan(rearranging).all()
    assert np.isnan(auc_of_depth(counted)).all()
