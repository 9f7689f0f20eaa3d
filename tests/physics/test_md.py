"""The molecular dynamics engine against things that are not it."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import get_num_threads, set_num_threads

from softcage.md.forces import build_clusters, pair_forces, pair_table, potential_energy_and_virial
from softcage.md.integrator import (
    Thermostat,
    _threads_to_use,
    advance,
    initial_state,
    observables,
    start,
)
from softcage.model import Mixture, box_length, kob_andersen
from softcage.structure.rdf import pair_counts

PRECISIONS = ["mixed", "double"]
# Largest error of a force relative to the largest force, and of a sum of energies to the sum.
FORCE_ERROR = {"mixed": 2e-6, "double": 1e-12}
ENERGY_ERROR = {"mixed": 1e-8, "double": 1e-11}


def liquid(n=500, temperature=2.0, steps=1500, seed=3, precision="mixed"):
    """Return an engine at ``temperature`` that has melted."""
    mixture = kob_andersen()
    engine = start(mixture, initial_state(mixture, n, 1.2, temperature, 3, seed), precision)
    advance(engine, steps, 0.0025, Thermostat(temperature))
    return engine


@pytest.fixture(scope="module")
def engine():
    return liquid()


@pytest.fixture(scope="module")
def state(engine):
    return engine.state


def evaluate(mixture, positions, species, box, precision, **options):
    """Return energy, virial and forces of the kernels."""
    pairs = pair_table(mixture, box, 0.3, 0.1, precision)
    clusters = build_clusters(positions, species, pairs, **options)
    return (*potential_energy_and_virial(clusters, pairs), pair_forces(clusters, pairs))


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


def assert_equal_to_brute_force(mixture, positions, species, box, precision, **options):
    energy, virial, forces = brute_force(mixture, positions, species, box)
    got = evaluate(mixture, positions, species, box, precision, **options)
    assert got[:2] == pytest.approx((energy, virial), rel=ENERGY_ERROR[precision])
    assert np.abs(got[2] - forces).max() < FORCE_ERROR[precision] * np.abs(forces).max()
    assert (got[2].sum(axis=0) == 0).all()  # exactly


@pytest.mark.parametrize("precision", PRECISIONS)
def test_forces_energy_and_virial_equal_the_sum_over_all_pairs(state, precision):
    mixture = kob_andersen()
    assert_equal_to_brute_force(mixture, state.positions, state.species, state.box, precision)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_forces_of_a_ternary_mixture(state, precision):
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
    # rows that start out too short have to grow
    assert_equal_to_brute_force(mixture, state.positions, species, state.box, precision, capacity=1)


@given(
    n=st.integers(1, 120),
    edge=st.floats(6.2, 9.0),
    seed=st.integers(0, 10**6),
    precision=st.sampled_from(PRECISIONS),
)
@settings(max_examples=40, deadline=None)
def test_forces_of_any_number_of_particles_anywhere(n, edge, seed, precision):
    """Empty lanes, empty columns, images far away and pairs at the cut-off make no difference."""
    rng = np.random.default_rng(seed)
    sites = rng.permutation(6**3)[:n]  # on a jittered lattice: no overlaps
    positions = np.stack(np.unravel_index(sites, (6, 6, 6)), axis=1) * (edge / 6)
    positions += rng.uniform(-0.05, 0.05, (n, 3)) + edge * rng.integers(-3, 4, (n, 3))
    species = rng.integers(0, 2, n)
    energy, virial, forces = brute_force(kob_andersen(), positions, species, edge)
    got = evaluate(kob_andersen(), positions, species, edge, precision)
    tolerance = ENERGY_ERROR[precision] * n * 100
    assert got[:2] == pytest.approx((energy, virial), abs=tolerance)
    scale = max(np.abs(forces).max(initial=0.0), 1.0)
    rounding = {"mixed": 2.0**-16, "double": 2.0**-38}[precision]  # the unit of force
    error = np.abs(got[2] - forces).max(initial=0.0)
    assert error < 2 * FORCE_ERROR[precision] * scale + 4 * rounding


def test_force_is_minus_the_gradient_of_the_energy(state):
    arguments = (kob_andersen(), state.species, state.box)
    h = 1e-5
    forces = evaluate(arguments[0], state.positions, *arguments[1:], "double")[2]
    for particle, axis in ((0, 0), (17, 1), (450, 2)):
        energies = []
        for sign in (1, -1):
            moved = state.positions.copy()
            moved[particle, axis] += sign * h
            energies.append(evaluate(arguments[0], moved, *arguments[1:], "double")[0])
        # A pair that crosses the cut-off (force 0.04 there) within h may add about 1e-2.
        assert forces[particle, axis] == pytest.approx(
            (energies[1] - energies[0]) / (2 * h), abs=2e-2
        )


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("n", [256, 400, 1003, 2500])
def test_neighbour_lists_hold_every_pair_within_reach_once(n, precision):
    rng = np.random.default_rng(n)
    mixture = kob_andersen()
    skins = (0.3, 0.1)
    box = max(box_length(n, 1.2), 2 * (2.5 + skins[0]) + 0.01)
    pairs = pair_table(mixture, box, *skins, precision)
    positions = rng.uniform(-3 * box, 3 * box, (n, 3))
    species = rng.integers(0, 2, n)
    lists = build_clusters(positions, species, pairs, capacity=8)
    d = positions[:, None] - positions[None]
    d -= box * np.rint(d / box)
    distance2 = (d**2).sum(-1)
    width = pairs.precision.lanes
    members = lists.order.reshape(-1, width)
    assert sorted(lists.order[lists.order >= 0]) == list(range(n))
    for skin, table, length in (
        (skins[0], lists.wide, lists.wide_length),
        (skins[1], lists.table, lists.length),
    ):
        met = np.zeros((n, n), dtype=int)
        for lane, i in enumerate(lists.order):
            if i >= 0:
                clusters = table[lane, : length[lane]] // (3 * width)
                for c in [*clusters, lane // width]:
                    others = members[c][members[c] >= 0]
                    met[i, others] += 1
                    if c != lane // width:
                        met[others, i] += 1
        near = distance2 < (mixture.cutoff + skin)[species][:, species] ** 2 * (1 - 1e-9)
        assert (met[near] == 1).all()
        assert met.max() == 1


@pytest.mark.parametrize("precision", PRECISIONS)
def test_of_two_clusters_the_one_with_fewer_rows_lists_the_other(state, precision):
    mixture = kob_andersen()
    pairs = pair_table(mixture, state.box, 0.3, 0.1, precision)
    lists = build_clusters(state.positions, state.species, pairs)
    width, x = pairs.precision.lanes, state.positions[lists.order]
    d = x[:, None] - x[None]
    d -= state.box * np.rint(d / state.box)
    reach = np.pad(mixture.cutoff + 0.1, (0, 1))[lists.species][:, lists.species]  # empty lanes: 0
    near = ((d**2).sum(-1) < reach**2).reshape(-1, width, len(x) // width, width)
    rows = near.any(axis=3).sum(axis=1)  # of one cluster, that reach to another
    listed = np.zeros_like(rows)
    for lane, length in enumerate(lists.length):
        np.add.at(listed[lane // width], lists.table[lane, :length] // (3 * width), 1)
    np.fill_diagonal(rows, 0)
    assert listed.sum() == np.triu(np.minimum(rows, rows.T)).sum()
    assert listed.sum() < 0.95 * np.triu(rows).sum()


def test_a_box_that_does_not_hold_the_cutoff_is_refused():
    with pytest.raises(ValueError, match="too small for the cut-off"):
        pair_table(kob_andersen(), 4.0, 0.3, 0.1)
    state = initial_state(kob_andersen(), 100, 1.2, 1.0, 3, 0)
    with pytest.raises(ValueError, match="too small for the cut-off"):
        start(kob_andersen(), state)
    with pytest.raises(ValueError, match="precision 'single' is not one of mixed, double"):
        pair_table(kob_andersen(), 8.0, 0.3, 0.1, "single")


@pytest.mark.parametrize("precision", PRECISIONS)
def test_energy_is_conserved_without_a_thermostat(precision):
    """Halving the time step must cut the fluctuation of the energy about fourfold."""
    spread = {}
    for timestep in (0.004, 0.002):
        engine = liquid(temperature=1.0, precision=precision)
        energies = []
        for _ in range(20):
            advance(engine, round(0.1 / timestep), timestep, Thermostat(1.0, time=0.0))
            energies.append(observables(engine, Thermostat(1.0, time=0.0))["conserved"])
        spread[timestep] = np.std(energies)
        drift = np.polyfit(np.arange(20) * 0.1, energies, 1)[0]
        assert abs(drift) < 1e-3
    assert spread[0.002] < 0.6 * spread[0.004]
    assert spread[0.004] < 2e-3


@pytest.mark.parametrize("precision", PRECISIONS)
def test_nose_hoover_conserves_its_energy_and_samples_the_canonical_ensemble(precision):
    engine = liquid(temperature=1.5, precision=precision)
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
    degrees = 3 * len(engine.species) - 3
    blocks = temperature.reshape(20, -1).mean(axis=1)
    error = blocks.std(ddof=1) / np.sqrt(20)
    assert temperature.mean() == pytest.approx(1.5, abs=4 * error + 1e-3)
    assert temperature.var() / 1.5**2 == pytest.approx(2 / degrees, rel=0.3)
    assert np.abs(engine.state.velocities.sum(axis=0)).max() < 1e-9


def averages(precision, seed):
    """Return u, p, g_AA near its peak, MSD at two lags and drift of the conserved energy."""
    engine = liquid(n=500, temperature=1.0, steps=3000, seed=seed, precision=precision)
    thermostat = Thermostat(1.0)
    rows, frames = [], []
    for _ in range(160):
        advance(engine, 50, 0.0025, thermostat)
        rows.append(observables(engine, thermostat))
        frames.append(engine.state.positions)
    values = {key: np.mean([row[key] for row in rows]) for key in ("potential_energy", "pressure")}
    values["drift"] = np.polyfit(np.arange(160) * 0.125, [r["conserved"] for r in rows], 1)[0]
    species, box = engine.species, engine.pairs.box
    counts = np.sum([pair_counts(x, species, box, 1.5, 0.05)[0, 0] for x in frames[::8]], axis=0)
    for k in (20, 21, 22, 26):  # about the peak, and beyond it
        values[f"g{k}"] = counts[k] / 1e4
    for lag in (8, 40):
        moved = [
            ((b - a) ** 2).sum(axis=1).mean() for a, b in zip(frames, frames[lag:], strict=False)
        ]
        values[f"msd{lag}"] = np.mean(moved)
    return values


def test_mixed_precision_gives_the_averages_of_double_precision():
    """Independent runs of both: every difference is within the errors of their means."""
    runs = {
        precision: [averages(precision, seed + offset) for seed in range(6)]
        for precision, offset in (("mixed", 10), ("double", 20))
    }
    for key in runs["mixed"][0]:
        mixed, double = (np.array([run[key] for run in runs[p]]) for p in PRECISIONS)
        error = np.sqrt((mixed.var(ddof=1) + double.var(ddof=1)) / 6)
        assert abs(mixed.mean() - double.mean()) < 4.5 * error, key


def test_precisions_follow_the_same_trajectory_until_chaos_parts_them():
    state = liquid(n=500).state
    finals = []
    for precision in PRECISIONS:
        engine = start(kob_andersen(), state, precision)
        advance(engine, 200, 0.0025, Thermostat(2.0))
        finals.append(engine.state.positions)
    assert np.abs(finals[0] - finals[1]).max() < 2e-4


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


@pytest.mark.parametrize("precision", PRECISIONS)
def test_result_depends_on_neither_threads_nor_lists_nor_pieces(precision):
    """Forces and sums are sums of integers: their order cannot matter."""
    threads = get_num_threads()
    mixture = kob_andersen()
    first = liquid(n=320, steps=200, precision=precision).state
    finals = []
    for count, pieces, skins in (
        (1, [600], (0.6, 0.15)),
        (threads, [600], (0.6, 0.15)),
        (1, [1, 7, 192, 400], (0.6, 0.15)),
        (threads, [300, 300], (0.2, 0.2)),
    ):
        set_num_threads(count)
        engine = start(mixture, first, precision, *skins)
        for steps in pieces:
            advance(engine, steps, 0.0025, Thermostat(2.0))
        finals.append((engine.state, observables(engine, Thermostat(2.0))))
    set_num_threads(threads)
    for state, row in finals[1:]:
        for name, value in vars(finals[0][0]).items():
            np.testing.assert_array_equal(getattr(state, name), value)
        assert row == finals[0][1]


def test_threads_slower_than_one_are_left_alone_and_tried_again():
    """As they are where another process keeps one of their cores busy."""
    engine = SimpleNamespace(buffers=np.zeros((2, 8)), pace={}, trials=0)
    assert _threads_to_use(engine) == 1
    engine.pace = {1: 1.0}
    assert _threads_to_use(engine) == 2
    engine.pace[2] = 0.6
    assert _threads_to_use(engine) == 2
    engine.pace[2] = 1.5
    used = [_threads_to_use(engine) for _ in range(200)]
    assert 2 <= used.count(2) <= 10
    assert used.count(1) == 200 - used.count(2)


def test_a_restart_from_a_saved_state_is_bit_identical():
    engine = liquid(n=320, steps=333)
    again = start(engine.mixture, engine.state)
    for run in (engine, again):
        advance(run, 250, 0.0025, Thermostat(2.0))
    for name, value in vars(engine.state).items():
        np.testing.assert_array_equal(getattr(again.state, name), value)


def test_a_time_step_too_long_is_an_error():
    engine = liquid(n=320, steps=50)
    with pytest.raises(FloatingPointError, match="time step"):
        advance(engine, 500, 0.5, Thermostat(2.0))


def test_overlapping_particles_are_an_error():
    state = initial_state(kob_andersen(), 320, 1.2, 2.0, 3, 0)
    state.positions[1] = state.positions[0] + 0.05
    engine = start(kob_andersen(), state)
    with pytest.raises(FloatingPointError, match="overlaps"):
        advance(engine, 10, 0.0025, Thermostat(2.0))


def test_unwrapped_displacements_are_continuous(engine):
    before = engine.state.positions
    advance(engine, 1, 0.0025, Thermostat(2.0))
    assert 0 < np.abs(engine.state.positions - before).max() < 0.05
