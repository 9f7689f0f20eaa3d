"""p_hop against its definition written out, and against a track with a known answer."""

import h5py
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softcage.dynamics.hops import (
    moving_share,
    p_hop,
    representative,
    stream_p_hop,
    write_p_hop,
)
from softcage.dynamics.labels import EventStream, events
from softcage.io.trajectory import open_trajectory, write_stream, write_topology


def literal(positions, half):
    """Eq. 2 (without the extra root) as two nested loops."""
    frames, n, _ = positions.shape
    result = np.empty((frames - 2 * half, n))
    for t in range(half, frames - half):
        before, after = positions[t - half : t + 1], positions[t : t + half + 1]
        for i in range(n):
            a = ((after[:, i] - before[:, i].mean(axis=0)) ** 2).sum(axis=1).mean()
            b = ((before[:, i] - after[:, i].mean(axis=0)) ** 2).sum(axis=1).mean()
            result[t - half, i] = np.sqrt(a * b)
    return result


@settings(max_examples=25, deadline=None)
@given(
    half=st.integers(1, 8), n=st.integers(1, 5), extra=st.integers(0, 20), seed=st.integers(0, 99)
)
def test_equals_the_double_loop(half, n, extra, seed):
    rng = np.random.default_rng(seed)
    positions = 50 + np.cumsum(rng.normal(0, 0.1, (2 * half + 1 + extra, n, 3)), axis=0)
    np.testing.assert_allclose(p_hop(positions, half), literal(positions, half), rtol=1e-9)


def test_a_jump_between_two_points_has_a_closed_form():
    """At rest, then at rest a distance d away: p_hop is d^2 at the jump and falls off linearly.

    After the jump U holds m of w frames before it, so that its mean is m d / w from the new place
    and its variance m (w - m) d^2 / w^2; V is all at the new place: p_hop^2 = (m / w)^3 d^4.
    """
    half, d, jump = 5, 0.7, 12
    w = half + 1
    track = np.zeros((30, 1, 3))
    track[jump:, 0, 1] = d
    values = p_hop(track, half)[:, 0]
    for t in range(jump, jump + half):
        m = jump - (t - half)
        assert values[t - half] == pytest.approx(d**2 * np.sqrt((m / w) ** 3), rel=1e-12)
    assert values[:2].max() == 0.0 and values[-3:].max() < 1e-12
    found = events(p_hop(track, half), np.arange(half, 30 - half) * 0.5, 0.3)
    assert len(found) == 1
    assert found["particle"][0] == 0
    assert found["start_time"][0] <= jump * 0.5 <= found["end_time"][0] + 0.5


def test_a_caged_particle_stays_below_and_far_away_positions_lose_nothing():
    rng = np.random.default_rng(0)
    caged = rng.normal(0, 0.07, (400, 20, 3))
    values = p_hop(caged, 15)
    assert values.max() < 0.115
    np.testing.assert_allclose(p_hop(caged + 1e4, 15), values, rtol=1e-6)


@pytest.mark.parametrize("size", [1, 3, 7, 64])
def test_streaming_in_chunks_gives_every_frame_once(size):
    rng = np.random.default_rng(1)
    positions = np.cumsum(rng.normal(0, 0.1, (50, 4, 3)), axis=0)
    chunks = (
        (np.arange(k, min(k + size, 50)), positions[k : k + size]) for k in range(0, 50, size)
    )
    parts = list(stream_p_hop(chunks, [6, 2]))
    for place, half in enumerate((6, 2)):
        frames = np.concatenate([frames for k, frames, _ in parts if k == place])
        values = np.concatenate([values for k, _, values in parts if k == place])
        assert frames.tolist() == list(range(half, 50 - half))
        np.testing.assert_array_equal(values, p_hop(positions, half))


def test_chunks_may_grow():
    positions = np.cumsum(np.random.default_rng(2).normal(0, 0.1, (60, 4, 3)), axis=0)
    edges = [0, 2, 3, 20, 60]
    chunks = ((np.arange(a, b), positions[a:b]) for a, b in zip(edges, edges[1:], strict=False))
    values = np.concatenate([values for _, _, values in stream_p_hop(chunks, [5])])
    np.testing.assert_array_equal(values, p_hop(positions, 5))


def test_a_window_longer_than_the_run_has_no_frames():
    assert p_hop(np.zeros((10, 2, 3)), 6).shape == (0, 2)
    assert list(stream_p_hop(iter([(np.arange(10), np.zeros((10, 2, 3)))]), [6])) == []
    with pytest.raises(ValueError, match="longer window"):
        p_hop(np.zeros((10, 2, 3)), 0)


def test_events_are_the_maximal_runs():
    values = np.array([[0, 2, 3, 0, 2, 2], [2, 2, 0, 0, 0, 5], [0, 0, 0, 0, 0, 0]], dtype=float).T
    found = events(values, np.arange(6) * 0.5, 1.0)
    assert found["particle"].tolist() == [0, 0, 1, 1]
    assert found["start_time"].tolist() == [0.5, 2.0, 0.0, 2.5]
    assert found["end_time"].tolist() == [1.0, 2.5, 0.5, 2.5]
    assert found["peak_time"].tolist() == [1.0, 2.0, 0.0, 2.5]
    assert found["p_hop_max"].tolist() == [3, 2, 2, 5]
    assert len(events(values, np.arange(6), 9.0)) == 0


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), n=st.integers(1, 6), cuts=st.lists(st.integers(1, 39), max_size=5))
def test_events_do_not_depend_on_the_chunks(seed, n, cuts):
    values = np.random.default_rng(seed).random((40, n))
    times = 0.5 * np.arange(40) + 7.0
    found, edges = EventStream(n, 0.6), [0, *sorted(set(cuts)), 40]
    for a, b in zip(edges, edges[1:], strict=False):
        found.add(values[a:b], times[a:b])
    pd.testing.assert_frame_equal(found.table(), events(values, times, 0.6))
    # As many starts as there are frames above with the frame before below.
    above = values > 0.6
    assert len(found.table()) == above[0].sum() + (above[1:] & ~above[:-1]).sum()


def test_a_run_on_disk_has_p_hop_and_events_of_each_window(tmp_path):
    rng = np.random.default_rng(3)
    frames, n, p_c = 150, 10, 0.3  # more frames than are in memory at once
    positions = np.cumsum(rng.normal(0, 0.15, (frames, n, 3)), axis=0)
    species, steps = np.repeat([0, 1], [8, 2]), np.arange(frames) * 200
    write_stream(tmp_path / "uniform.nc", iter([positions]), 9.0, steps, steps * 0.0025)
    write_topology(tmp_path / "topology.pdb", species, ("A", "B"), positions[0], 9.0)
    run = open_trajectory(tmp_path / "uniform.nc")
    with h5py.File(tmp_path / "hops.h5", "w") as store:
        table = write_p_hop(store, run, [6.0, 3.0, 200.0], p_c)
        for window, half in ((6.0, 6), (3.0, 3)):
            group = store[f"dt{window:g}"]
            expected = p_hop(run.read(range(frames))[:, :8], half).astype(np.float32)
            np.testing.assert_array_equal(group["p_hop"][:], expected)
            assert group["frame"][:].tolist() == list(range(half, frames - half))
            np.testing.assert_array_equal(group["time"][:], run.times[half:-half])
            assert dict(group.attrs) == {"p_c": p_c, "window": window}
            share = moving_share(group["p_hop"], p_c)
            assert share == np.mean(expected > p_c) and 0 < share < 1
            own = table[table["window"] == window].drop(columns="window").reset_index(drop=True)
            pd.testing.assert_frame_equal(own, events(expected, group["time"][:], p_c))
        assert store["dt200/p_hop"].shape == (0, 8)
        assert np.isnan(moving_share(store["dt200/p_hop"], p_c))


def test_without_a_threshold_nobody_is_known_to_rearrange(tmp_path):
    positions = np.cumsum(np.random.default_rng(4).normal(0, 0.3, (60, 5, 3)), axis=0)
    species, steps = np.zeros(5, dtype=int), np.arange(60) * 200
    write_stream(tmp_path / "uniform.nc", iter([positions]), 9.0, steps, steps * 0.0025)
    write_topology(tmp_path / "topology.pdb", species, ("A",), positions[0], 9.0)
    with h5py.File(tmp_path / "hops.h5", "w") as store:
        table = write_p_hop(store, open_trajectory(tmp_path / "uniform.nc"), [6.0], np.nan)
        assert table.empty and np.isnan(store["dt6"].attrs["p_c"])
        assert store["dt6/p_hop"].shape == (48, 5) and (store["dt6/p_hop"][:] > 0).all()
        assert np.isnan(moving_share(store["dt6/p_hop"], np.nan))


def test_the_particle_that_is_shown_is_a_middle_one():
    columns = ["particle", "p_hop_max"]
    often = [[4, 9.0]] * 6
    few = [[k, height] for k, height in ((1, 0.5), (2, 0.9), (3, 0.7)) for _ in range(2)]
    table = pd.DataFrame([*often, *few, [0, 5.0]], columns=columns)
    assert representative(table) == 3  # 0.5, 0.7, 0.9
    assert representative(pd.DataFrame([*often, [0, 5.0]], columns=columns)) == 0
    assert representative(pd.DataFrame(often, columns=columns)) == 4
    assert representative(pd.DataFrame([], columns=columns)) == 0
