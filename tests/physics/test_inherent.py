"""Energy minimisation against a known minimum and forces summed by brute force."""

import numpy as np
import pytest

from softcage.md.minimise import minimise
from softcage.model import kob_andersen

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
