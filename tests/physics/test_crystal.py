"""A crystal is called one, a liquid is not."""

import numpy as np
import pytest
from scipy.special import sph_harm_y

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


def literal(positions, box, cutoff=1.4, threshold=0.7, minimum_bonds=8):
    """The definition of ten Wolde, Ruiz-Montero and Frenkel, pair by pair."""
    apart = positions[:, None] - positions
    apart -= box * np.rint(apart / box)
    r = np.linalg.norm(apart, axis=-1)
    near = (r <= cutoff) & ~np.eye(len(r), dtype=bool)
    polar = np.arccos(np.divide(apart[..., 2], r, out=np.zeros_like(r), where=near))
    azimuth = np.arctan2(apart[..., 1], apart[..., 0])
    q = np.array([(sph_harm_y(6, m, polar, azimuth) * near).sum(axis=1) for m in range(-6, 7)])
    q /= np.linalg.norm(q, axis=0)
    bonds = near & (np.einsum("mi,mj->ij", q, q.conj()).real > threshold)
    return np.mean(bonds.sum(axis=1) >= minimum_bonds)


@pytest.mark.parametrize("noise", [0.06, 0.09, 0.12, 0.15, 0.2])
def test_the_share_is_that_of_the_definition(noise):
    positions, box = fcc(4, noise)
    assert solid_fraction(positions, box) == pytest.approx(literal(positions, box), abs=1e-9)
    assert (solid_fraction(positions, box) > 0.5) == (noise < 0.13)


def test_a_cutoff_beyond_half_of_the_box_is_refused():
    with pytest.raises(ValueError, match="half of the box"):
        solid_fraction(np.zeros((2, 3)), 2.0, cutoff=1.4)
