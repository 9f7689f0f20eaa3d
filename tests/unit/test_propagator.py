"""The memory of softness on invented series."""

import numpy as np
import pytest

from softcage.dynamics.propagator import (
    SoftnessSeries,
    group_centres,
    lagged_softness,
    softness_correlation,
    sum_pairs,
    tenths,
)
from softcage.io.trajectory import Trajectory
from softcage.md.schedule import log_steps

N, FRAMES, INTERVAL = 300, 41, 10


class Invented(Trajectory):
    """A trajectory from an array."""

    def with_positions(self, positions):
        object.__setattr__(self, "positions", positions)
        return self

    def chunks(self, size=7, start=0, stop=None, stride=1):
        for k in range(0, self.n_frames, size):
            part = np.arange(k, min(k + size, self.n_frames))
            yield part, self.positions[part]


@pytest.fixture
def system():
    """AR(1) softness, one step of 0.9 each frame; particle 0 leaves its cage and comes back."""
    rng = np.random.default_rng(0)
    species = np.zeros(N, dtype=np.int64)
    uniform_steps = np.arange(FRAMES) * INTERVAL
    steps, block, lag = log_steps(int(uniform_steps[-1]), 100)
    values = np.empty((FRAMES, N))
    values[0] = rng.normal(size=N)
    for k in range(1, FRAMES):
        values[k] = 0.9 * values[k - 1] + np.sqrt(1 - 0.81) * rng.normal(size=N)
    positions = np.zeros((FRAMES, N, 3))
    positions[3, 0, 0] = 2.0
    uniform = Invented(
        None, 9.0, species, uniform_steps, uniform_steps * 0.1, 0 * uniform_steps, 0 * uniform_steps
    ).with_positions(positions)
    log = Invented(None, 9.0, species, steps, steps * 0.1, block, lag).with_positions(
        np.zeros((len(steps), N, 3))
    )
    series = SoftnessSeries(np.arange(FRAMES), values)
    log_series = SoftnessSeries(np.arange(len(steps)), rng.normal(size=(len(steps), N)))
    return uniform, log, series, log_series


def pairs(system, **more):
    return list(lagged_softness(*system, cage_displacement=0.5, per_decade=10, **more))


def test_correlation_of_a_series_with_itself_with_noise_and_with_holes():
    rng = np.random.default_rng(1)
    s = rng.normal(size=5000)
    assert softness_correlation(s, s) == pytest.approx(1.0)
    assert softness_correlation(s, -s) == pytest.approx(-1.0)
    assert abs(softness_correlation(s, rng.normal(size=5000))) < 0.06
    holes = np.where(np.arange(5000) % 7 == 0, np.nan, s)
    assert softness_correlation(holes, s) == pytest.approx(1.0)
    assert np.isnan(softness_correlation(np.full(5, np.nan), s[:5]))


def test_correlation_of_an_ar1_process_decays_as_it_must(system):
    found = {}
    for pair in pairs(system):
        found.setdefault(pair.lag, []).append(softness_correlation(pair.s0, pair.s))
    assert np.mean(found[0]) == pytest.approx(1.0)
    for frames in (1, 3, 10):
        assert np.mean(found[frames * INTERVAL]) == pytest.approx(0.9**frames, abs=0.06)
    # The log stream's series was made white: nothing is left below the frame interval.
    assert abs(np.mean(found[4])) < 0.1


def test_who_left_and_came_back_did_not_stay(system):
    for pair in pairs(system):
        begin, end = pair.origin_step // INTERVAL, (pair.origin_step + pair.lag) // INTERVAL
        if pair.lag >= INTERVAL:
            away = begin < 3 <= end or begin == 3  # it stands at 2.0 in frame 3 alone
            assert pair.stayed[0] == (not away), (begin, end)
            assert pair.stayed[1:].all()


def test_lags_asked_for_are_there(system):
    assert 17 * INTERVAL in {pair.lag for pair in pairs(system, extra_lags=(17 * INTERVAL,))}
    assert 17 * INTERVAL not in {pair.lag for pair in pairs(system)}


def test_groups_relax_to_the_mean_and_count_everything(system):
    sample = system[2].values
    centres, half_width = group_centres(sample, 5)
    sums = sum_pairs(
        ((0, pair) for pair in pairs(system)),
        n_blocks=2,
        centres=centres,
        half_width=half_width,
        tenths=np.array([[-9.0, -1.0], [-0.1, 0.1], [1.0, 9.0]]),
        hard=(-9.0, -1.0),
        edges=np.linspace(-6, 6, 25),
        overlap_radius=0.3,
    )
    mean = {lag: m[0, :, 0] / m[0, :, 1] for lag, m in sums.mean.items()}
    np.testing.assert_allclose(mean[0], centres, atol=half_width)
    spread = {lag: np.ptp(m) for lag, m in mean.items()}
    assert spread[10 * INTERVAL] == pytest.approx(0.9**10 * spread[0], rel=0.35)
    assert sums.overlap[INTERVAL].shape == (2, 3, 2)
    assert sums.overlap[INTERVAL][1].sum() == 0  # nothing was put into the second block
    share = sums.overlap[INTERVAL][0, :, 0] / sums.overlap[INTERVAL][0, :, 1]
    assert (share > 0.98).all()
    assert sums.histogram[0][0].sum() > 0


def test_tenths_are_the_hardest_the_middle_and_the_softest():
    sample = np.append(np.arange(1001.0), np.nan)
    np.testing.assert_allclose(tenths(sample), [[0, 100], [450, 550], [900, 1000]])
