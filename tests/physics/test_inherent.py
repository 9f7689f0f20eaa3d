"""Energy minimisation against a known minimum and forces summed by brute force."""

import numpy as np
import pytest

from softcage.box import Box
from softcage.md.minimise import minimise
from softcage.md.plain_forces import PlainForces
from softcage.model import KOB_ANDERSEN, Mixture, kob_andersen

MIXTURE = kob_andersen()


def brute_force(positions, species, box):
    """Energy and forces over all pairs, with NumPy alone."""
    d = positions[:, None] - positions[None]
    d -= box * np.rint(d / box)
    r2 = (d**2).sum(axis=-1)
    np.fill_diagonal(r2, np.inf)
    sigma = np.asarray(MIXTURE.sigma)[species[:, None], species]
    epsilon = np.asarray(MIXTURE.epsilon)[species[:, None], species]
    x = (sigma**2 / r2) ** 3
    near = r2 < (2.5 * sigma) ** 2
    shift = 4 * (2.5**-12 - 2.5**-6)
    energy = 0.5 * (epsilon * (4 * (x**2 - x) - shift))[near].sum()
    pull = np.where(near, 24 * epsilon * (2 * x**2 - x) / r2, 0.0)
    return energy, (pull[..., None] * d).sum(axis=1)


def liquid(n=300, seed=1):
    """Particles shaken about a simple cubic lattice, at density 1.2."""
    rng = np.random.default_rng(seed)
    box = (n / 1.2) ** (1 / 3)
    sites = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), -1).reshape(-1, 3)
    positions = rng.permutation(sites)[:n] * (box / 7) + rng.normal(0, 0.05, (n, 3))
    return positions, rng.permutation(np.arange(n) % 5 == 0).astype(np.int64), box


@pytest.mark.parametrize("pair", [(0, 0), (0, 1), (1, 1)])
@pytest.mark.parametrize("stretch", [0.95, 1.4])
def test_two_particles_end_at_the_bottom_of_their_well(pair, stretch):
    sigma, epsilon = MIXTURE.sigma[pair], MIXTURE.epsilon[pair]
    # across the periodic boundary
    start = np.array([[0.1, 4.0, 4.0], [0.1 - stretch * sigma, 4.0, 4.0]])
    x, energy, force = minimise(start, np.array(pair), 8.0, MIXTURE, tolerance=1e-8)
    assert force < 1e-8
    assert np.linalg.norm(x[0] - x[1]) == pytest.approx(2 ** (1 / 6) * sigma, abs=1e-8)
    depth = epsilon * (1 + 4 * (2.5**-12 - 2.5**-6))
    assert 2 * energy[1] == pytest.approx(-depth, abs=1e-8)


def test_a_liquid_falls_to_a_minimum():
    positions, species, box = liquid()
    x, energy, force = minimise(positions, species, box, MIXTURE, tolerance=1e-3)
    before, _ = brute_force(positions, species, box)
    after, forces = brute_force(x, species, box)
    np.testing.assert_allclose(energy * len(x), [before, after], rtol=1e-7)
    assert after < before
    rms = np.sqrt((forces**2).sum() / len(x))
    assert rms == pytest.approx(force, abs=1e-6)
    assert rms < 1e-3
    # forces add up to nothing, so the centre of mass stays
    np.testing.assert_allclose(x.mean(axis=0), positions.mean(axis=0), atol=1e-9)


def test_a_minimum_stays_where_it_is():
    positions, species, box = liquid()
    x, _, _ = minimise(positions, species, box, MIXTURE, tolerance=1e-4)
    again, energy, _ = minimise(x, species, box, MIXTURE, tolerance=1e-4)
    np.testing.assert_array_equal(again, x)
    assert energy[0] == energy[1]


def test_what_is_left_is_said_when_the_steps_run_out():
    positions, species, box = liquid()
    _, energy, force = minimise(positions, species, box, MIXTURE, tolerance=1e-6, max_steps=20)
    assert force > 1e-6
    assert energy[1] < energy[0]


def test_a_box_that_is_too_small_is_refused():
    with pytest.raises(ValueError, match="too small"):
        minimise(np.zeros((1, 3)), np.zeros(1, dtype=int), 4.0, MIXTURE)


# ---------------------------------------------------------------- other boxes, other potentials
def test_a_cube_in_a_tilted_cell_falls_to_the_same_minimum():
    """Two cubes in a cell of twice the volume, whose forces are computed in NumPy."""
    positions, species, box = liquid()
    cell = box * np.array([[2.0, 0, 0], [1, 1, 0], [0, 0, 1]])
    both = np.concatenate([positions, positions + [box, 0, 0]])
    one, energy, _ = minimise(positions, species, box, MIXTURE)
    two, energies, force = minimise(both, np.tile(species, 2), cell, MIXTURE)
    assert force < 1e-3
    np.testing.assert_allclose(energies, energy, rtol=1e-7)
    np.testing.assert_allclose(two, np.concatenate([one, one + [box, 0, 0]]), atol=1e-4)


def test_forces_in_numpy_are_those_of_brute_force():
    positions, species, box = liquid()
    plain = PlainForces(MIXTURE, species, box)
    energy, forces = brute_force(positions, species, box)
    assert plain.energy(positions) == pytest.approx(energy, rel=1e-12)
    np.testing.assert_allclose(plain.forces(positions), forces, atol=1e-9 * np.abs(forces).max())
    # from a list that is kept, and from one that is made again
    for step in (0.05, 0.4):
        moved = positions + step * np.random.default_rng(2).uniform(-1, 1, positions.shape)
        _, forces = brute_force(moved, species, box)
        scale = np.abs(forces).max()
        np.testing.assert_allclose(plain.forces(moved), forces, atol=1e-9 * scale)


@pytest.mark.parametrize("columns", [2, 3])
def test_a_hexagonal_crystal_in_a_plane_comes_to_rest(columns):
    n, a = 12, 1.1
    cell = n * a * np.array([[1.0, 0.0], [0.5, np.sqrt(0.75)]])
    places = np.stack(np.meshgrid(*[np.arange(n) / n] * 2, indexing="ij"), -1).reshape(-1, 2)
    sites = places @ cell
    shaken = sites + np.random.default_rng(0).normal(0, 0.04, sites.shape)
    one = Mixture.from_dict(
        {"species": ["A"], "fractions": [1.0], "masses": [1.0], "sigma": [[1.0]],
         "epsilon": [[1.0]], "cutoff": 2.5}
    )  # fmt: skip
    vectors = np.zeros((3, 3))
    vectors[:2, :2], shaken = cell, np.pad(shaken, ((0, 0), (0, columns - 2)))
    x, energy, force = minimise(shaken, np.zeros(n * n, dtype=int), vectors, one, 1e-7)
    assert force < 1e-7 and energy[1] < energy[0]
    moved = x[:, :2] - sites
    np.testing.assert_allclose(moved - moved.mean(axis=0), 0, atol=1e-6)


@pytest.mark.parametrize(
    ("more", "distance"),
    [
        ({"potential": "lennard-jones", "exponents": [18, 6]}, 3 ** (1 / 12)),
        ({"potential": "hertzian"}, 1.0),
        ({"potential": "lennard-jones", "cutoff": 2 ** (1 / 6)}, 2 ** (1 / 6)),
    ],
)
def test_two_particles_of_another_potential_come_to_rest(more, distance):
    mixture = Mixture.from_dict(KOB_ANDERSEN | more)
    start = np.array([[0.1, 4.0, 4.0], [0.1 - 0.97 * distance, 4.0, 4.0]])
    x, energy, force = minimise(start, np.array([0, 0]), 8.0, mixture, tolerance=1e-6)
    assert force < 1e-6 and energy[1] < energy[0]
    # where the repulsion ends softly, so does the fall
    assert np.linalg.norm(x[0] - x[1]) == pytest.approx(distance, rel=1e-3)


def test_an_edge_that_is_not_periodic_is_refused():
    positions, species, box = liquid()
    view = Box.of(box, periodic=(True, True, False))
    with pytest.raises(ValueError, match="periodic in all directions"):
        minimise(positions % box, species, view, MIXTURE)
