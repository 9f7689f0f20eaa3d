"""Rest path, cage state, sums over shells and own stiffness, against literal versions of each."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from softcage.descriptors.cage_state import CAGE_RADIUS, _turn_back, cage_state
from softcage.descriptors.frame import Liquid, Snapshot
from softcage.descriptors.released import RELEASE_STEP, released
from softcage.descriptors.rest_path import REST_TIMES, rest_path
from softcage.descriptors.shells import SHELLS
from softcage.descriptors.table import (
    POSITIONS,
    all_values,
    available,
    descriptors,
    evaluate,
    further_descriptors,
)
from softcage.md.integrator import Thermostat, advance, observables, thermal_velocities
from softcage.model import Composition, Mixture, kob_andersen

KA = kob_andersen()
T, N = 0.5, 300
BOX = (N / 1.2) ** (1 / 3)
FURTHER = further_descriptors(KA.species)


@pytest.fixture(scope="module")
def frame():
    """A glass at its temperature."""
    rng = np.random.default_rng(1)
    sites = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), -1).reshape(-1, 3)
    positions = rng.permutation(sites)[:N] * (BOX / 7) + rng.normal(0, 0.05, (N, 3))
    species = rng.permutation(np.arange(N) % 5 == 0).astype(np.int64)
    r = np.arange(0.0025, 3, 0.005)
    curves = [
        np.where(r > 0.8, 1 + np.exp(-(((r - a) / 0.1) ** 2)) + 0.1 * np.sin(5 * r), 0)
        for a in (1.1, 0.9, 1.3)
    ]
    g = np.array([[curves[0], curves[1]], [curves[1], curves[2]]])
    liquid = Liquid(KA, T, r, g, np.full((2, 2), 0.8), np.full((2, 2), 1.4))
    glass = Snapshot(positions, species, BOX, liquid).inherent.positions
    velocities = thermal_velocities(KA, species, T, rng)
    engine = released(glass, velocities, species, BOX, KA, "double")
    advance(engine, 1000, RELEASE_STEP, Thermostat(T))
    return Snapshot(engine.state.positions, species, BOX, liquid)


def apart(positions):
    """Vectors from all others to a particle, and their distances, with NumPy alone."""
    d = positions[:, None] - positions[None]
    d -= BOX * np.rint(d / BOX)
    r = np.sqrt((d**2).sum(axis=-1))
    np.fill_diagonal(r, np.inf)
    return d, r


def forces(positions, species):
    d, r = apart(positions)
    strength = np.zeros((N, N))
    for u in (0, 1):
        for v in (0, 1):
            pairs = np.ix_(species == u, species == v)
            strength[pairs] = KA.virial(u, v, r[pairs]) / r[pairs] ** 2
    return (strength[..., None] * d).sum(axis=1)


# ---------------------------------------------------------------- rest path
@pytest.mark.parametrize(("precision", "atol"), [("double", 1e-7), ("mixed", 5e-5)])
def test_the_rest_path_is_that_of_plain_velocity_verlet(frame, precision, atol):
    times, window = (0.1, 0.45, 1.0), (0.5, 1.0)
    got = rest_path(frame.positions, frame.species, BOX, KA, times, window, precision)
    x, v, path = frame.positions.copy(), np.zeros((N, 3)), []
    f = forces(x, frame.species)
    for _ in range(200):
        v += 0.5 * RELEASE_STEP * f
        x += RELEASE_STEP * v
        f = forces(x, frame.species)
        v += 0.5 * RELEASE_STEP * f
        path.append(x - frame.positions)
    for moved, t in zip(got.moved, times, strict=True):
        np.testing.assert_allclose(moved, path[round(t / RELEASE_STEP) - 1], atol=atol)
    sampled = np.array(path[99::20])
    np.testing.assert_allclose(got.mean, sampled.mean(axis=0), atol=atol)
    np.testing.assert_allclose(got.variance, sampled.var(axis=0).sum(axis=1), atol=atol)


def test_the_rest_path_begins_along_the_force_and_keeps_the_energy(frame):
    early = rest_path(frame.positions, frame.species, BOX, KA, (0.01,), (0.1, 0.1)).moved[0]
    expected = 0.5 * 0.01**2 * forces(frame.positions, frame.species)
    np.testing.assert_allclose(early, expected, atol=0.05 * np.abs(expected).max())
    off = Thermostat(0.0, 0.0)
    start = frame.positions, np.zeros((N, 3)), frame.species
    engine = released(*start, BOX, KA, "double")
    before = observables(engine, off)
    advance(engine, 2000, RELEASE_STEP, off)
    after = observables(engine, off)
    gained = after["temperature"] - before["temperature"]
    assert before["temperature"] == 0 and gained > 0.1
    assert abs(after["conserved"] - before["conserved"]) < 0.01 * gained


# ---------------------------------------------------------------- cage state
def test_nobody_leaves_its_cage(frame):
    got = frame.cage_state
    assert 0.1 < got.farthest < CAGE_RADIUS + 0.05
    hot = cage_state(frame.inherent.positions, frame.species, BOX, KA, 3.0, time=10)
    assert CAGE_RADIUS < hot.farthest < CAGE_RADIUS + 0.15  # else they would diffuse
    assert hot.variance.mean() > 2 * got.variance.mean()
    assert hot.variance.max() < CAGE_RADIUS**2


def test_a_cold_cage_state_is_the_inherent_structure(frame):
    inherent = frame.inherent.positions
    apart_at = []
    for cold in (1e-2, 1e-6):
        got = cage_state(inherent, frame.species, BOX, KA, cold, time=10)
        apart_at.append(np.sqrt(((got.positions - inherent) ** 2).sum(axis=1)).max())
    assert apart_at[1] < 0.3 * apart_at[0] and apart_at[1] < 2e-3


def test_equal_seeds_give_equal_cages_and_others_nearly_the_same(frame):
    inherent = frame.inherent.positions
    first, again, other = (
        cage_state(inherent, frame.species, BOX, KA, T, seed=seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first.positions, again.positions)
    np.testing.assert_array_equal(first.positions, frame.cage.positions)
    error = ((first.positions - other.positions) ** 2).sum(axis=1).mean() / 2
    assert 0 < error < 0.1 * first.variance.mean()
    assert np.corrcoef(first.variance, other.variance)[0, 1] > 0.8


def test_only_the_outward_velocity_of_who_is_outside_is_reversed():
    rng = np.random.default_rng(0)
    centres, v = rng.normal(size=(2, 16, 3))
    x = centres + 0.2 * rng.normal(size=(16, 3))
    width = 8

    def blocked(values):
        return np.ascontiguousarray(values.reshape(2, width, 3).transpose(0, 2, 1)).ravel()

    got = blocked(v)
    _turn_back(blocked(x), got, blocked(centres), width, CAGE_RADIUS**2)
    d = x - centres
    along = (d * v).sum(axis=1)
    turned = (np.sqrt((d**2).sum(axis=1)) > CAGE_RADIUS) & (along > 0)
    expected = v - np.where(turned, 2 * along / (d**2).sum(axis=1), 0.0)[:, None] * d
    np.testing.assert_allclose(got, blocked(expected), rtol=1e-12)
    assert 0 < turned.sum() < 16
    np.testing.assert_allclose((got**2).sum(), (v**2).sum(), rtol=1e-12)  # energy is kept


# ---------------------------------------------------------------- columns
def test_distances_and_spreads_are_literal(frame):
    def norm(d):
        return np.sqrt(((d - d.mean(axis=0)) ** 2).sum(axis=1))

    own = frame.species == 0
    to_cage = norm(frame.positions - frame.cage_state.positions)[own]
    np.testing.assert_allclose(evaluate(frame, FURTHER["to_cage"], "thermal"), to_cage)
    squared = evaluate(frame, FURTHER["to_cage_squared"], "thermal")
    np.testing.assert_allclose(squared, to_cage**2)
    spread = evaluate(frame, FURTHER["cage_spread"], "thermal", 1)
    np.testing.assert_array_equal(spread, frame.cage_state.variance[~own])
    for k, t in enumerate(REST_TIMES):
        moved = np.sqrt((frame.rest_path.moved[k] ** 2).sum(axis=1))[own]
        np.testing.assert_array_equal(evaluate(frame, FURTHER[f"rest_{t:g}"], "thermal"), moved)
        squared = evaluate(frame, FURTHER[f"rest_squared_{t:g}"], "thermal")
        np.testing.assert_allclose(squared, moved**2)
    mean = np.sqrt((frame.rest_path.mean**2).sum(axis=1))[own]
    np.testing.assert_array_equal(evaluate(frame, FURTHER["rest_mean"], "thermal"), mean)


def test_a_particle_at_rest_begins_to_move_along_its_force(frame):
    """By F t^2 / 2, less what the curvature of the energy takes."""
    d, r = apart(frame.positions)
    strength = np.zeros_like(r)
    for u in (0, 1):
        for v in (0, 1):
            pairs = np.ix_(frame.species == u, frame.species == v)
            strength[pairs] = KA.virial(u, v, r[pairs]) / r[pairs] ** 2
    force = (strength[..., None] * d).sum(axis=1)
    expected = ((force * 0.03**2 / 2) ** 2).sum(axis=1)[frame.species == 0]
    got = evaluate(frame, FURTHER["rest_squared_0.03"], "thermal")
    assert np.corrcoef(got, expected)[0, 1] > 0.995
    assert 0.8 < got.sum() / expected.sum() < 1


@pytest.mark.parametrize("positions", ["thermal", "cage"])
def test_sums_over_shells_are_literal(frame, positions):
    at = frame.at(positions)
    _, r = apart(at.positions)
    for v, name in enumerate(KA.species):
        for n, (low, high) in enumerate(SHELLS):
            for u in (0, 1):
                pairs = r[np.ix_(frame.species == u, frame.species == v)]
                excess = np.interp(pairs, frame.liquid.r, frame.liquid.g[u, v]) - 1
                expected = np.where((low <= pairs) & (pairs < high), excess, 0).sum(axis=1)
                got = evaluate(frame, FURTHER[f"shell{n + 1}_{name}"], positions, u)
                np.testing.assert_allclose(got, expected, atol=1e-4 * np.abs(expected).max())


def test_own_stiffness_is_the_second_derivative_of_the_energy(frame):
    def energy(x, particle):
        d = x - np.delete(frame.positions, particle, axis=0)
        d -= BOX * np.rint(d / BOX)
        r, others = np.sqrt((d**2).sum(axis=1)), np.delete(frame.species, particle)
        return sum(KA.potential(0, v, r[others == v]).sum() for v in (0, 1))

    laplacian = evaluate(frame, FURTHER["laplacian"], "thermal")
    least = evaluate(frame, FURTHER["least_stiffness"], "thermal")
    h, own = 1e-4, np.flatnonzero(frame.species == 0)
    step = h * np.eye(3)
    for number in (0, 7, 100):
        x = frame.positions[own[number]]
        hessian = np.array(
            [
                [
                    sum(
                        a * b * energy(x + a * step[i] + b * step[j], own[number])
                        for a in (-1, 1)
                        for b in (-1, 1)
                    )
                    / (4 * h * h)
                    for j in range(3)
                ]
                for i in range(3)
            ]
        )
        values = np.linalg.eigvalsh(hessian)
        assert laplacian[number] == pytest.approx(values.sum(), rel=1e-3)
        assert least[number] == pytest.approx(values[0], abs=1e-3 * values[-1])


def transformed(frame, kind):
    order = np.arange(N)
    positions = frame.positions
    if kind == "translated":
        positions = positions + [0.3 * BOX, BOX, -0.7]
    elif kind == "turned":
        positions = positions[:, [1, 2, 0]] * [1, 1, -1]
    else:
        order = np.random.default_rng(5).permutation(N)
    return Snapshot(positions[order], frame.species[order], BOX, frame.liquid), order


@pytest.mark.parametrize("kind", ["translated", "turned", "permuted"])
def test_columns_do_not_depend_on_origin_axes_and_order(frame, kind):
    """Averages over a chaotic path are equal up to their error.

    Those of the cage state begin with other velocities; those of the rest path from t = 2 to 27
    with other errors of rounding.
    """
    other, order = transformed(frame, kind)
    own = np.flatnonzero(frame.species == 0)
    place = {particle: k for k, particle in enumerate(own)}
    mine = [place[particle] for particle in order if frame.species[particle] == 0]
    for name, descriptor in FURTHER.items():
        expected = evaluate(frame, descriptor, "thermal")[mine]
        got = evaluate(other, descriptor, "thermal")
        if "cage" in name or name in ("rest_mean", "rest_spread"):
            assert spearmanr(got, expected)[0] > 0.8, name
        else:
            np.testing.assert_allclose(got, expected, 1e-4, 1e-4 * expected.std(), err_msg=name)


# ---------------------------------------------------------------- what is left out, and refused
def test_the_tables_of_all_descriptors_do_not_hold_them(frame):
    """No run is made for them."""
    known = descriptors(KA.species)
    assert not set(known) & set(FURTHER) and "cage" in POSITIONS
    other = Snapshot(frame.positions, frame.species, BOX, frame.liquid)
    chosen = {name: known[name] for name in ("energy", "voronoi")}
    found = all_values(other, available(other, chosen), [1.0])
    assert {positions for _, positions, _ in found} == {"thermal", "inherent"}
    assert not {"cage", "cage_state", "rest_path"} & set(vars(other))


def test_every_further_descriptor_has_a_name_and_says_what_it_needs(frame):
    for descriptor in FURTHER.values():
        assert descriptor.quantity.symbol and descriptor.quantity.words
        for tagged in (0, 1):
            got = evaluate(frame, descriptor, "thermal", tagged)
            assert got.shape == (np.count_nonzero(frame.species == tagged),)
            assert np.isfinite(got).all() and got.std() > 0, descriptor.name
    assert descriptors(KA.species)["energy"].quantity.words != FURTHER["rest_0.1"].quantity.words
    assert FURTHER["rest_0.1"].quantity.words == "rest path, t = 0.1"


def test_what_the_engine_cannot_run_is_refused_in_a_sentence(frame):
    other_form = {"potential": "lennard-jones", "exponents": [18, 6]}
    form = Mixture.from_dict(kob_andersen().to_dict() | other_form)
    unknown = Composition(KA.species, KA.fractions)
    for mixture, words in (
        (unknown, "potential"),
        (form, "Lennard-Jones 12-6 only, and the potential of this liquid is"),
    ):
        liquid = replace(frame.liquid, mixture=mixture)
        for name in ("rest_path", "cage_state"):
            one = Snapshot(frame.positions, frame.species, BOX, liquid)
            with pytest.raises(ValueError, match=words):
                getattr(one, name)
    athermal = Snapshot(
        frame.positions, frame.species, BOX, replace(frame.liquid, temperature=None)
    )
    with pytest.raises(ValueError, match="temperature of this liquid is needed"):
        _ = athermal.cage_state
    tilted = np.diag([BOX, BOX, BOX]) + [[0, 0, 0], [0.5, 0, 0], [0, 0, 0]]
    with pytest.raises(ValueError, match="needs a periodic cube along x, y and z"):
        rest_path(frame.positions, frame.species, tilted, KA)


def test_neighbours_can_be_forgotten_and_listed_again(frame):
    before = evaluate(frame, FURTHER["shell1_A"], "cage")
    assert "pairs" in vars(frame.cage)
    frame.forget_neighbours()
    assert "pairs" not in vars(frame.cage) and "pairs" not in vars(frame)
    np.testing.assert_array_equal(evaluate(frame, FURTHER["shell1_A"], "cage"), before)
