"""A crystal is called one, a liquid is not."""

import numpy as np
import pytest

from softcage.structure.crystal import solid_fraction


def fcc(cells, noise, seed=1):
    cell = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    grid = np.stack(np.meshgrid(*[np.arange(cells)] * 3, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    edge = np.sqrt(2.0) * 1.07
    positions = ((grid + cell) * edge).reshape(-1, 3)
    return positions + noise * np.random.default_rng(seed).standard_normal(
        positions.shape
    ), cells * edge


def test_a_warm_fcc_crystal_is_solid():
    positions, box = fcc(5, noise=0.05)
    assert solid_fraction(positions, box) > 0.99


def test_wrapping_changes_nothing():
    positions, box = fcc(4, noise=0.12)
    moved = positions + 3 * box * np.random.default_rng(2).integers(-2, 3, positions.shape)
    assert solid_fraction(positions, box) == solid_fraction(moved, box)


def test_random_points_are_not_solid():
    box = 8.0
    positions = np.random.default_rng(3).uniform(0, box, (500, 3))
    assert solid_fraction(positions, box) < 0.02


def test_agrees_with_freud():
    freud = pytest.importorskip("freud")
    positions, box = fcc(4, noise=0.12)
    centred = np.mod(positions, box) - box / 2
    order = freud.order.SolidLiquid(l=6, q_threshold=0.7, solid_threshold=8)
    order.compute((freud.box.Box.cube(box), centred), neighbors={"r_max": 1.4})
    ours = solid_fraction(positions, box, cutoff=1.4)
    assert 0.05 < ours < 0.999
    assert ours == pytest.approx(np.mean(order.num_connections >= 8), abs=0.01)


def test_a_cutoff_beyond_half_of_the_box_is_refused():
    with pytest.raises(ValueError, match="half of the box"):
        solid_fraction(np.zeros((2, 3)), 2.0, cutoff=1.4)
