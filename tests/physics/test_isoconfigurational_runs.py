"""Runs from one configuration: how free particles move, and sums that add up."""

import numpy as np
import pytest
from tests.physics.recipe import data_of

from softcage.isoconfigurational import runs as draws
from softcage.isoconfigurational.files import read_configuration
from softcage.md.integrator import initial_state
from softcage.model import kob_andersen

KA = kob_andersen()
DEEPMIND, needs_deepmind = data_of("deepmind_T0.44.npz")
DT = 0.0025


def begin(n=300, density=1.2, steps=(1, 20, 80), shaken=0.0):
    """A lattice with species at random; some of its planes are faces of the box."""
    state = initial_state(KA, n, density, 1.0, 3, 0)
    noise = np.random.default_rng(0).normal(0, shaken, (n, 3))
    positions = (state.positions - state.positions.min() + noise) % state.box
    steps = np.array(steps)
    return draws.Start(state.species, positions, positions, state.box, steps, steps * DT)


def run(start, seed, temperature=1.0):
    return draws.run_draw(
        KA, start, seed, temperature=temperature, timestep=DT, thermostat_time=0.25,
        thermostat_chain=3,
    )  # fmt: skip


@pytest.mark.parametrize("temperature", [0.5, 2.0])
@pytest.mark.parametrize(
    ("density", "steps"),
    [(1.2, [1]), (0.001, [1, 100, 400])],
    ids=["ballistic", "gas without collisions"],
)
def test_free_particles_move_with_the_mean_speed_of_maxwell(density, steps, temperature):
    """<|dr|> = t sqrt(8 T / (pi m)), for either species alike: their masses are 1."""
    start = begin(density=density, steps=steps)
    sums = draws.add_up(((k, run(start, k, temperature)) for k in range(16)), 0.3)
    got = draws.means(sums)
    speed = got["propensity"] / start.times[:, None]
    n = 16 * len(start.types)
    expected = np.sqrt(8 * temperature / np.pi)
    error = np.sqrt((3 - 8 / np.pi) * temperature / n)
    assert np.abs(speed.mean(axis=1) - expected).max() < 5 * error
    # of 16 draws, the mean of each particle differs from others by chance alone
    assert speed.std(axis=1) == pytest.approx(np.full(len(steps), error * np.sqrt(n / 16)), rel=0.2)


def test_draws_differ_and_repeat():
    start = begin()
    one, again, other = run(start, 1), run(start, 1), run(start, 2)
    np.testing.assert_array_equal(one, again)
    assert np.abs(one - other).min(axis=1).max() > 0
    assert (one > 0).all() and (np.diff(one.mean(axis=1)) > 0).all()


def test_batches_add_up_to_one(tmp_path):
    rng = np.random.default_rng(0)
    moved = [(number, rng.random((3, 50))) for number in range(9)]
    whole = draws.add_up(moved, 0.4)
    for k, part in enumerate((moved[:5], moved[5:])):
        draws.write_arrays(tmp_path / f"b{k}.npz", draws.add_up(part, 0.4))
    together = draws.read_sums([tmp_path / "b0.npz", tmp_path / "b1.npz"])
    assert together.draws.tolist() == whole.draws.tolist() == [5, 4]
    np.testing.assert_allclose(together.moved, whole.moved, rtol=1e-12)
    np.testing.assert_array_equal(together.left, whole.left)
    got, every = draws.means(whole), np.array([values for _, values in moved])
    np.testing.assert_allclose(got["propensity"], every.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(got["propensity_halves"][1], every[1::2].mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(got["left"], (every > 0.4).mean(axis=0), rtol=1e-6)


def test_what_is_written_is_what_the_command_reads(tmp_path):
    start = begin(steps=(1, 20), shaken=0.03)
    sums = draws.add_up(((k, run(start, k)) for k in range(8)), 0.3)
    draws.write_arrays(tmp_path / "c0.npz", start, draws.means(sums))
    got = read_configuration(tmp_path / "c0.npz", KA, 1.2)
    own = start.types == 0
    assert got.draws == 8 and got.times.tolist() == [DT, 20 * DT]
    measured, halves = got.measured["propensity"], got.halves["propensity"]
    np.testing.assert_allclose(measured, sums.moved.sum(axis=0)[:, own] / 8, rtol=1e-6)
    np.testing.assert_allclose(halves.mean(axis=0), measured, rtol=1e-6)
    np.testing.assert_array_equal(got.positions, start.positions)
    np.testing.assert_array_equal(got.averaged, start.averaged)


@needs_deepmind
def test_propensities_are_those_of_another_group_from_the_same_configuration():
    """DeepMind's configuration at T = 0.44, 30 runs with another code.

    Two sets of runs with the same propensity behind them correlate as two sets of ours do, which
    their halves say (Spearman-Brown), and particles move by the same on average.
    """
    with np.load(DEEPMIND) as theirs:
        types, box, own = theirs["types"].astype(int), float(theirs["box"][0]), theirs["types"] == 0
        positions, expected = theirs["positions"] % box, theirs["propensity"][:2, own]
        steps = draws.recording_steps(theirs["times"][:2], DT)
    start = draws.Start(types, positions, None, box, steps, steps * DT)
    got = draws.means(draws.add_up(((k, run(start, k, 0.44)) for k in range(32)), 0.3))
    for k in range(2):
        ours, halves = got["propensity"][k, own], got["propensity_halves"][:, k, own]
        of_halves = np.corrcoef(halves)[0, 1]
        reliability = 2 * of_halves / (1 + of_halves)
        assert np.corrcoef(ours, expected[k])[0, 1] == pytest.approx(reliability, abs=0.01)
        assert ours.mean() == pytest.approx(expected[k].mean(), rel=0.01)


def test_configurations_are_ten_relaxation_times_apart():
    places = [draws.place(k, 2, 30.0, 650.0) for k in range(6)]
    assert places == [(0, 0), (1, 0), (0, 300), (1, 300), (0, 600), (1, 600)]
    assert draws.place(4, 2, 30.0, 650.0, before=7.5) == (0, 607.5)
    with pytest.raises(ValueError, match="have room for 4 configurations"):
        draws.place(4, 2, 30.0, 650.0, before=60.0)
    with pytest.raises(ValueError, match="have room for 6 configurations .* 10 tau_alpha apart"):
        draws.place(6, 2, 30.0, 650.0)
    with pytest.raises(ValueError, match="too short to measure tau_alpha"):
        draws.place(0, 2, np.nan, 650.0)


def test_times_are_log_spaced_to_three_relaxation_times():
    steps = draws.recording_steps(draws.recording_times(600.0, 10), DT)
    assert len(steps) == 10 and steps[0] * DT == pytest.approx(0.1)
    assert steps[-1] * DT == pytest.approx(1800)
    assert np.diff(np.log(steps)) == pytest.approx(np.log(18000) / 9, rel=0.02)
    assert draws.recording_times(600.0, 1).tolist() == [1800]
    assert draws.recording_steps([1.3, 0.13], 0.004).tolist() == [32, 325]
