"""Displacements against motions whose answer is known."""

import numpy as np
import pytest

from softcage.dynamics.quench import Quench
from softcage.dynamics.relaxation import (
    diffusion_coefficient,
    displacement_moments,
    displacement_sums,
    hop_threshold,
    msd,
    non_gaussian_parameter,
    overlap,
    relaxation_summary,
    relaxation_table,
    relaxation_time,
)
from softcage.io.trajectory import Trajectory
from softcage.md.schedule import log_steps

TIMESTEP, INTERVAL, FRAMES = 0.0025, 200, 201


class Invented(Trajectory):
    """A trajectory whose positions are a function of time."""

    def at(self, motion):
        object.__setattr__(self, "motion", motion)
        return self

    def chunks(self, size=64, start=0, stop=None, stride=1):
        frames = np.arange(start, self.n_frames if stop is None else stop, stride)
        for k in range(0, len(frames), size):
            part = frames[k : k + size]
            yield part, np.stack([self.motion(t) for t in self.times[part]])


def streams(motion, species):
    uniform = np.arange(FRAMES) * INTERVAL
    steps, block, lag = log_steps(int(uniform[-1]), 5000)
    return [
        Invented(None, 10.0, species, s, s * TIMESTEP, b, k).at(motion)
        for s, b, k in ((uniform, 0 * uniform, 0 * uniform), (steps, block, lag))
    ]


def test_ballistic_motion():
    """Free flight: MSD = <v^2> t^2 at every lag, of the A particles only."""
    rng = np.random.default_rng(0)
    species = np.repeat([0, 1], [400, 100])
    velocity = rng.normal(size=(500, 3)) * np.where(species == 0, 1.0, 30.0)[:, None]
    times, sums = displacement_sums(*streams(lambda t: velocity * t, species), n_blocks=4)
    assert times[0] == TIMESTEP and times[-1] <= (FRAMES - 1) * INTERVAL * TIMESTEP
    assert 4 * TIMESTEP == pytest.approx(times[3])
    expected = (velocity[species == 0] ** 2).sum(axis=1).mean() * times**2
    np.testing.assert_allclose(msd(sums.sum(axis=0)), expected, rtol=1e-9)
    np.testing.assert_allclose(relaxation_table(times, sums)["msd"], expected, rtol=1e-9)


def test_gaussian_displacements_have_no_non_gaussian_parameter():
    rng = np.random.default_rng(1)
    moments = np.array(displacement_moments(rng.normal(0, 0.4, (400_000, 3)), 0.0, 0.3))
    assert msd(moments) == pytest.approx(3 * 0.16, rel=0.01)
    assert non_gaussian_parameter(moments) == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_gaussian_displacements_in_other_dimensions(dimension):
    step = np.random.default_rng(1).normal(0, 0.3, (400_000, dimension))
    sums = np.array(displacement_moments(step, 0 * step, 0.3))
    assert non_gaussian_parameter(sums, dimension) == pytest.approx(0.0, abs=0.01)


def test_two_populations_have_the_textbook_non_gaussian_parameter():
    """Half with variance s, half with none: <r^4> / <r^2>^2 doubles, so alpha_2 = 1."""
    rng = np.random.default_rng(2)
    moving = rng.normal(0, 1, (300_000, 3)) * np.repeat([0, 1], 150_000)[:, None]
    moments = np.array(displacement_moments(moving, 0.0, 0.3))
    assert non_gaussian_parameter(moments) == pytest.approx(1.0, abs=0.03)


def test_overlap_counts_displacements_up_to_the_radius():
    moved = np.zeros((4, 3))
    moved[:, 0] = [0.0, 0.29, 0.31, 5.0]
    assert overlap(np.array(displacement_moments(moved, np.zeros((4, 3)), 0.3))) == 0.5


def test_relaxation_time_of_an_exponential_and_of_one_that_never_gets_there():
    times = np.logspace(-2, 3, 60)
    assert relaxation_time(times, np.exp(-times / 42.0)) == pytest.approx(42.0, rel=0.01)
    assert np.isnan(relaxation_time(times, np.full(60, 0.8)))


def test_threshold_is_the_msd_at_the_maximum_of_alpha():
    times = np.logspace(-2, 3, 51)
    alpha = np.exp(-(np.log(times / 7.3) ** 2) / 8)
    t_star, p_c = hop_threshold(times, alpha, 0.02 * times)
    assert t_star == pytest.approx(7.3, rel=0.02)
    assert p_c == pytest.approx(0.02 * 7.3, rel=0.02)


@pytest.mark.parametrize("last", [4.0, 7.0])
def test_a_threshold_that_the_lags_do_not_show_is_not_known(last):
    """alpha_2 still rises at the last lag, falls from the first one on, or has three lags."""
    times = np.logspace(-2, np.log10(last), 40)
    alpha = np.exp(-(np.log(times / 7.3) ** 2) / 8)
    assert np.isnan(hop_threshold(times, alpha, 0.02 * times)).all()
    assert np.isnan(hop_threshold(times, alpha[::-1], 0.02 * times)).all()
    three = np.array([1.0, 2.0, 4.0])
    assert np.isnan(hop_threshold(three, np.array([0.1, 0.3, 0.2]), three)).all()
    assert np.isnan(hop_threshold(times, np.full(40, np.nan), times)).all()
    four = np.array([1.0, 2.0, 4.0, 8.0])
    assert 1 < hop_threshold(four, np.array([0.1, 0.3, 0.2, 0.1]), four)[0] < 4


def test_diffusion_coefficient_needs_particles_that_diffuse():
    times = np.logspace(-1, 3, 41)
    assert diffusion_coefficient(times, 6 * 0.005 * times) == pytest.approx(0.005)
    assert np.isnan(diffusion_coefficient(times, np.full(41, 0.05)))


def test_a_uniform_stream_alone_gives_the_lags_from_its_interval_on():
    species = np.zeros(5, dtype=int)
    uniform, log = streams(lambda t: np.full((5, 3), t), species)
    times, sums = displacement_sums(uniform, log, n_blocks=2)
    long = times >= INTERVAL * TIMESTEP
    alone, sums_alone = displacement_sums(uniform, n_blocks=2)
    np.testing.assert_array_equal(alone, times[long])
    np.testing.assert_array_equal(sums_alone, sums[:, long])


def test_the_summary_of_runs_that_are_alike():
    """q falls as exp(-t / 5) and alpha_2 is largest at t = 3, in every block of two runs."""
    times = np.logspace(-1, 2, 61)
    r2 = 0.05 * times
    alpha = np.exp(-(np.log(times / 3.0) ** 2) / 4)
    r4 = (1 + alpha) * r2**2 / 0.6
    block = 1000.0 * np.stack([np.ones(61), r2, r4, np.exp(-times / 5.0)], axis=1)
    thermo = np.array([[[100.0, 100 * u, 300.0]] * 16 for u in (-6.0, -7.0)])
    runs = [
        Quench(times, np.stack([n * block] * 16), sums, {})
        for n, sums in zip((1, 2), thermo, strict=True)
    ]
    ask = {"blocks": 8, "block_relaxation_times": 2.0, "resamples": 10}
    table, numbers, enough = relaxation_summary(runs, 100.0, **ask)
    assert enough and numbers["blocks"] == 8
    assert numbers["tau_alpha"] == pytest.approx(5.0, rel=0.01)
    for half in ("first", "second"):
        assert numbers[f"overlap_{half}_half_tau"] == pytest.approx(numbers["tau_alpha"])
    assert numbers["block_relaxation_times"] == pytest.approx(100 / 8 / numbers["tau_alpha"])
    assert numbers["t_star"] == pytest.approx(3.0, rel=0.02)
    assert numbers["p_c"] == pytest.approx(0.15, rel=0.02)
    assert (numbers["runs"], numbers["u"], numbers["pressure"]) == (2, -6.5, 3.0)
    # half the difference of the two runs, with Student's t of one degree of freedom
    assert numbers["u_error"] == pytest.approx(0.5 * 1.8371, rel=1e-3)
    assert np.isnan(numbers["tau_alpha_error"])  # all blocks agree
    np.testing.assert_allclose(table["msd"], r2)
    assert table["n_displacements"].tolist() == [48_000] * 61
    _, numbers, enough = relaxation_summary(runs, 12.0, **ask)
    assert not enough and numbers["blocks"] == 2


def test_a_summary_without_the_maximum_of_alpha_has_no_threshold():
    times = np.logspace(-1, 1, 41)
    r2 = 0.05 * times
    r4 = (1 + 0.1 * times) * r2**2 / 0.6
    block = 1000.0 * np.stack([np.ones(41), r2, r4, np.exp(-times / 5.0)], axis=1)
    runs = [Quench(times, np.stack([block] * 16), np.ones((16, 3)), {})]
    _, numbers, _ = relaxation_summary(runs, 100.0, blocks=8, block_relaxation_times=2.0)
    assert np.isnan([numbers[name] for name in ("t_star", "p_c", "p_c_error")]).all()
    assert numbers["tau_alpha"] == pytest.approx(5.0, rel=0.01)
