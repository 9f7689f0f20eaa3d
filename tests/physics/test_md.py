"""The molecular dynamics engine against things that are not it."""

import numpy as np
import pytest
from numba import get_num_threads, set_num_threads

from softcage.forces import (
    build_neighbours,
    lennard_jones_forces,
    pair_table,
    potential_energy_and_virial,
)
from softcage.integrator import Thermostat, advance, initial_state, observables, start
from softcage.model import Mixture, box_length, kob_andersen

SKIN = 0.3


def liquid(n=500, temperature=2.0, steps=1500, seed=3):
    """Return an engine at ``temperature`` that has melted."""
    mixture = kob_andersen()
    engine = start(mixture, initial_state(mixture, n, 1.2, temperature, 3, seed), SKIN)
    advance(engine, steps, 0.0025, Thermostat(temperature))
    return engine


@pytest.fixture(scope="module")
def engine():
    return liquid()


def brute_force(mixture, positions, species, box):
    """Sum over all pairs with the mixture's own potential, a different code from the kernels."""
    d = positions[:, None] - positions[None]
    d -= box * np.rint(d / box)
    r = np.sqrt((d**2).sum(-1))
    np.fill_diagonal(r, np.inf)
    energy, virial, forces = 0.0, 0.0, np.zeros_like(positions)
    for u in range(len(mixture.species)):
        for v in range(len(mixture.species)):
            rows, columns = species == u, species == v
            block = r[np.ix_(rows, columns)]
            inside = block <= mixture.cutoff[u, v]
            energy += 0.5 * mixture.potential(u, v, block).sum()
            s6 = (mixture.sigma[u, v] / block) ** 6
            f = np.where(inside, 24 * mixture.epsilon[u, v] * (2 * s6**2 - s6) / block**2, 0.0)
            virial += 0.5 * (f * np.where(inside, block, 0.0) ** 2).sum()
            forces[rows] += (f[..., None] * d[np.ix_(rows, columns)]).sum(1)
    return energy, virial, forces


def test_forces_energy_and_virial_equal_the_sum_over_all_pairs(engine):
    state = engine.state
    forces = np.empty_like(state.positions)
    lists = build_neighbours(state.positions, state.species, state.box, engine.pairs)
    lennard_jones_forces(state.positions, state.species, state.box, engine.pairs, lists, forces)
    energy, virial, expected = brute_force(
        engine.mixture, state.positions, state.species, state.box
    )
    assert np.abs(forces - expected).max() < 1e-10 * np.abs(expected).max()
    assert np.abs(forces.sum(axis=0)).max() < 1e-9
    got = potential_energy_and_virial(
        state.positions, state.species, state.box, engine.pairs, lists
    )
    assert got == pytest.approx((energy, virial), rel=1e-12)


def test_forces_of_a_ternary_mixture(engine):
    """Nothing in the kernels knows that Kob-Andersen has two species."""
    rng = np.random.default_rng(0)
    sigma = np.array([[1.0, 0.9, 0.8], [0.9, 0.85, 0.7], [0.8, 0.7, 0.75]])
    mixture = Mixture.from_dict(
        {
            "species": ["A", "B", "C"],
            "fractions": [0.5, 0.3, 0.2],
            "sigma": sigma,
            "epsilon": [[1.0, 1.2, 0.7], [1.2, 0.5, 0.6], [0.7, 0.6, 0.4]],
            "masses": [1, 2, 3],
            "cutoff": 2 ** (1 / 6),
        }
    )
    species = rng.permutation(np.repeat([0, 1, 2], mixture.counts(500)))
    positions, box = engine.state.positions, engine.state.box
    pairs = pair_table(mixture, SKIN)
    lists = build_neighbours(positions, species, box, pairs, capacity=1)
    forces = np.empty_like(positions)
    lennard_jones_forces(positions, species, box, pairs, lists, forces)
    energy, virial, expected = brute_force(mixture, positions, species, box)
    assert np.abs(forces - expected).max() < 1e-10 * np.abs(expected).max()
    got = potential_energy_and_virial(positions, species, box, pairs, lists)
    assert got == pytest.approx((energy, virial), rel=1e-12)


def test_force_is_minus_the_gradient_of_the_energy(engine):
    state = engine.state
    lists = build_neighbours(state.positions, state.species, state.box, engine.pairs)
    forces = np.empty_like(state.positions)
    lennard_jones_forces(state.positions, state.species, state.box, engine.pairs, lists, forces)
    h = 1e-5
    for particle, axis in ((0, 0), (17, 1), (450, 2)):
        energies = []
        for sign in (1, -1):
            moved = state.positions.copy()
            moved[particle, axis] += sign * h
            energies.append(
                potential_energy_and_virial(moved, state.species, state.box, engine.pairs, lists)[0]
            )
        # A pair that crosses the cut-off (force 0.04 there) within h may add about 1e-2.
        assert forces[particle, axis] == pytest.approx(
            (energies[1] - energies[0]) / (2 * h), abs=2e-2
        )


@pytest.mark.parametrize("n", [256, 400, 1000])
def test_neighbour_list_holds_every_pair_within_reach(n):
    rng = np.random.default_rng(n)
    mixture = kob_andersen()
    pairs = pair_table(mixture, 0.1)
    n = n // 5 * 5
    box = max(box_length(n, 1.2), 2 * pairs.reach + 0.01)
    positions = rng.uniform(-3 * box, 3 * box, (n, 3))
    species = rng.permutation(np.repeat([0, 1], mixture.counts(n)))
    lists = build_neighbours(positions, species, box, pairs, capacity=8)
    d = positions[:, None] - positions[None]
    d -= box * np.rint(d / box)
    near = (d**2).sum(-1) < pairs.reach2[species][:, species]
    np.fill_diagonal(near, False)
    for place, i in enumerate(lists.order):
        row = lists.table[place, : lists.segments[place, -1]]
        assert set(np.flatnonzero(near[i])) <= set(lists.order[row])
        assert i not in lists.order[row]
        unique, counts = np.unique(lists.order[row], return_counts=True)
        assert (counts[near[i][unique]] == 1).all()


def test_box_smaller_than_two_cutoffs_is_refused():
    pairs = pair_table(kob_andersen(), SKIN)
    positions = np.zeros((10, 3))
    with pytest.raises(ValueError, match="twice the cut-off"):
        build_neighbours(positions, np.zeros(10, dtype=np.int64), 4.0, pairs)


def test_energy_is_conserved_without_a_thermostat():
    """Halving the time step must cut the fluctuation of the energy about fourfold."""
    spread = {}
    for timestep in (0.004, 0.002):
        engine = liquid(temperature=1.0)
        energies = []
        for _ in range(20):
            advance(engine, round(0.1 / timestep), timestep, Thermostat(1.0, time=0.0))
            energies.append(observables(engine, Thermostat(1.0, time=0.0))["conserved"])
        spread[timestep] = np.std(energies)
        drift = np.polyfit(np.arange(20) * 0.1, energies, 1)[0]
        assert abs(drift) < 1e-3
    assert spread[0.002] < 0.6 * spread[0.004]
    assert spread[0.004] < 2e-3


def test_nose_hoover_conserves_its_energy_and_samples_the_canonical_ensemble():
    engine = liquid(temperature=1.5)
    thermostat = Thermostat(1.5)
    conserved, temperature = [], []
    for _ in range(800):
        advance(engine, 25, 0.0025, thermostat)
        row = observables(engine, thermostat)
        conserved.append(row["conserved"])
        temperature.append(row["temperature"])
    temperature = np.array(temperature)
    assert np.ptp(conserved) < 5e-3
    # The kinetic energy of N_f degrees of freedom has the relative variance 2 / N_f.
    degrees = 3 * len(engine.state.positions) - 3
    blocks = temperature.reshape(20, -1).mean(axis=1)
    error = blocks.std(ddof=1) / np.sqrt(20)
    assert temperature.mean() == pytest.approx(1.5, abs=4 * error + 1e-3)
    assert temperature.var() / 1.5**2 == pytest.approx(2 / degrees, rel=0.3)
    assert np.abs(engine.state.velocities.sum(axis=0)).max() < 1e-9


@pytest.mark.parametrize(("temperature", "u", "p"), [(2.0, -4.654, 19.318), (0.80, -6.346, 7.601)])
def test_energy_and_pressure_of_the_kob_andersen_liquid(temperature, u, p):
    """Reference data of other codes (REFERENCE values: RUMD/gamdpy), rho = 1.2."""
    engine = liquid(n=1000, temperature=2.0, steps=2000)
    thermostat = Thermostat(temperature)
    advance(engine, 4000, 0.0025, thermostat)
    rows = []
    for _ in range(240):
        advance(engine, 50, 0.0025, thermostat)
        rows.append(observables(engine, thermostat))
    for key, expected, floor in (("potential_energy", u, 0.004), ("pressure", p, 0.02)):
        blocks = np.array([row[key] for row in rows]).reshape(8, -1).mean(axis=1)
        error = blocks.std(ddof=1) / np.sqrt(8)
        assert blocks.mean() == pytest.approx(expected, abs=3.5 * error + floor)


def test_result_does_not_depend_on_threads_or_on_how_the_run_is_cut():
    threads = get_num_threads()
    finals = []
    for count, pieces in ((1, [600]), (threads, [600]), (1, [1, 7, 192, 400])):
        set_num_threads(count)
        engine = liquid(n=320, steps=200)
        for steps in pieces:
            advance(engine, steps, 0.0025, Thermostat(2.0))
        finals.append(engine.state)
    set_num_threads(threads)
    for other in finals[1:]:
        np.testing.assert_array_equal(finals[0].positions, other.positions)
        np.testing.assert_array_equal(finals[0].velocities, other.velocities)


def test_a_restart_from_a_copied_state_is_bit_identical():
    engine = liquid(n=320, steps=333)
    again = start(engine.mixture, engine.state.copy(), SKIN)
    for run in (engine, again):
        advance(run, 250, 0.0025, Thermostat(2.0))
    np.testing.assert_array_equal(engine.state.positions, again.state.positions)
    np.testing.assert_array_equal(engine.state.velocities, again.state.velocities)


def test_a_time_step_too_long_is_an_error():
    engine = liquid(n=320, steps=50)
    with pytest.raises(FloatingPointError, match="time step"):
        advance(engine, 500, 0.5, Thermostat(2.0))


def test_unwrapped_displacements_are_continuous(engine):
    before = engine.state.positions.copy()
    advance(engine, 1, 0.0025, Thermostat(2.0))
    assert np.abs(engine.state.positions - before).max() < 0.05
