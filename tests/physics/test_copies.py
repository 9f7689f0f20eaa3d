"""Copies of a configuration: what they share with it, and that they are of the same liquid."""

from dataclasses import replace

import numpy as np
import pytest

from softcage.descriptors.cage_state import CAGE_RADIUS
from softcage.isoconfigurational import copies
from softcage.isoconfigurational.runs import start_of
from softcage.md.integrator import Thermostat, advance, initial_state, observables, start
from softcage.md.minimise import inherent_structure
from softcage.model import kob_andersen
from softcage.structure.rdf import rdf_of_frames

KA = kob_andersen()
T, N = 0.9, 1000
ENGINE = {"timestep": 0.004, "thermostat_time": 0.25, "precision": "mixed", "melt_temperature": 3.0,
          "melt_time": 10.0}  # fmt: skip
TIME = 40.0  # about 10 tau_alpha


@pytest.fixture(scope="module")
def liquid():
    """An equilibrated configuration, and frames of the run that goes on from there."""
    engine = start(KA, initial_state(KA, N, 1.2, T, 3, 0))
    advance(engine, 10_000, 0.004, Thermostat(2.0))
    advance(engine, 10_000, 0.004, Thermostat(T))
    state, frames, energies = engine.state, [], []
    for _ in range(40):
        advance(engine, 500, 0.004, Thermostat(T))
        frames.append(engine.state.positions)
        energies.append(observables(engine, Thermostat(T))["potential_energy"])
    begin = start_of(state.species, state.positions, None, state.box, [1.0], 0.004)
    return begin, np.array(frames), np.array(energies)


@pytest.fixture(scope="module")
def redrawn(liquid):
    begin, *_ = liquid
    return [copies.with_same_sphere(begin, KA, T, TIME, seed, ENGINE) for seed in range(8)]


def apart(begin, positions):
    moved = positions - begin.positions
    return np.sqrt(((moved - begin.box * np.rint(moved / begin.box)) ** 2).sum(axis=1))


def potential_energy(begin):
    """Energy per particle, as the engine of an ordinary mixture has it."""
    state = replace(
        initial_state(KA, N, 1.2, T, 3, 0), positions=begin.positions, species=begin.types
    )
    return observables(start(KA, state, "double"), Thermostat(T))["potential_energy"]


def test_the_sphere_is_kept_and_all_else_moves(liquid, redrawn):
    begin, *_ = liquid
    depth = copies.depth_in_sphere(begin.positions, begin.box)
    held = depth > 0
    assert held.mean() == pytest.approx(np.pi / 6, abs=0.02)
    assert depth.max() == pytest.approx(begin.box / 2, abs=0.6)
    far = depth < -2.0  # in the corners of the box
    for copy in redrawn:
        moved = apart(begin, copy.positions)
        assert moved[held].max() == 0 and moved[~held].min() > 0 and moved[far].mean() > 1.5
        assert copy.positions.min() >= 0 and copy.positions.max() <= begin.box
        np.testing.assert_array_equal(copy.types, begin.types)
    assert apart(redrawn[0], redrawn[1].positions)[far].mean() > 0.7
    again = copies.with_same_sphere(begin, KA, T, TIME, 0, ENGINE)
    np.testing.assert_array_equal(again.positions, redrawn[0].positions)


def test_what_is_drawn_around_the_sphere_is_a_configuration_of_the_liquid(liquid, redrawn):
    """The energy and g(r) of the ordinary run, within the scatter of its frames."""
    begin, frames, energies = liquid
    got = np.array([potential_energy(copy) for copy in redrawn])
    error = energies.std() * np.sqrt(1 / len(got) + 1 / 10)  # about ten independent frames
    assert abs(got.mean() - energies.mean()) < 4 * error
    r, ours = rdf_of_frames([one.positions for one in redrawn], begin.types, begin.box, 3.0, 0.05)
    _, theirs = rdf_of_frames(frames % begin.box, begin.types, begin.box, 3.0, 0.05)
    assert np.abs(ours[0, 0] - theirs[0, 0]).max() < 0.15
    assert np.abs(ours[0, 1] - theirs[0, 1]).max() < 0.35  # its peak is 4 high


def test_free_particles_have_the_temperature_and_held_ones_are_at_rest(liquid, monkeypatch):
    """Of the kinetic energy in the last half of the run."""
    begin, *_ = liquid
    held = copies.depth_in_sphere(begin.positions, begin.box) > 0
    seen = []

    def in_parts(engine, n_steps, timestep, thermostat):
        seen.clear()
        for _ in range(100):
            advance(engine, n_steps // 100, timestep, thermostat)
            seen.append(engine.state.velocities)

    monkeypatch.setattr(copies, "advance", in_parts)
    copies.with_same_sphere(begin, KA, T, TIME, 0, ENGINE)
    squares = np.square(seen[50:]).mean(axis=(0, 2))
    assert squares[~held].mean() == pytest.approx(T, rel=0.02)
    assert squares[held].max() < 1e-15


def test_vibrations_are_new_in_the_same_cages(liquid):
    begin, *_ = liquid
    cold = 0.3  # so that the cages hold by themselves
    one, again, other = (copies.with_same_cages(begin, KA, cold, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.positions, again.positions)
    minimum = inherent_structure(begin.positions, begin.types, begin.box, KA)
    from_minimum = apart(replace(begin, positions=minimum), one.positions)
    assert from_minimum.max() < CAGE_RADIUS + 0.05
    # independent of each other: twice the square of the distance to what they vibrate about
    ratio = (apart(one, other.positions) ** 2).mean() / (from_minimum**2).mean()
    assert 1.4 < ratio < 2.1
    back = inherent_structure(one.positions, one.types, one.box, KA)
    assert (apart(replace(begin, positions=minimum), back) < 0.3).mean() > 0.95
