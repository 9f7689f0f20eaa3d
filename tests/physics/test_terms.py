"""Terms of Eq. 5 against the depth that they add up to."""

import numpy as np
import pytest

from softcage.cage.local_depth import ERROR_TARGET, local_depth
from softcage.cage.local_rdf import local_rdf
from softcage.cage.mean_field import depth_r, hnc_product
from softcage.cage.terms import WEIGHTS, local_terms, mean_terms, weight_matrix
from softcage.model import kob_andersen

X = np.array([0.8, 0.2])
SHELL = {
    "potential": kob_andersen().potential,
    "temperature": 0.5,
    "r0": np.array([0.85, 0.7]),
    "r_min": np.array([1.42, 1.2]),
    "delta": 0.09,
}


@pytest.fixture(scope="module")
def frame():
    """Particles shaken about a lattice, 4 of 5 of species 0."""
    rng = np.random.default_rng(5)
    box = (343 / 1.2) ** (1 / 3)
    sites = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), -1).reshape(-1, 3)
    positions = sites * (box / 7) + rng.normal(0, 0.06, (343, 3))
    return positions, rng.permutation(np.arange(343) % 5 == 0).astype(np.int64), box


def integral(frame, particle, v, fraction):
    """Term of one particle and species by the trapezium rule on a fine grid."""
    positions, species, box = frame
    r = np.linspace(SHELL["r0"][v], SHELL["r_min"][v], 4001)
    given = {"density": len(species) / box**3, "fractions": np.full(2, fraction)}
    g = local_rdf(*frame, 0.09, r, neighbour=v, particles=[particle], **given)[0]
    beta_u = SHELL["potential"](0, v, r) / SHELL["temperature"]
    return np.trapezoid(4 * np.pi * given["density"] * r**2 * hnc_product(g, beta_u), r)


@pytest.mark.parametrize("per_fraction", [True, False])
def test_local_terms_are_the_integrals_of_each_species(frame, per_fraction):
    terms = local_terms(*frame, per_fraction=per_fraction, **SHELL)
    chosen = np.flatnonzero(frame[1] == 0)
    x = [np.mean(frame[1] == v) if per_fraction else 1.0 for v in (0, 1)]
    for k in (0, 17, 200):
        expected = [integral(frame, chosen[k], v, x[v]) for v in (0, 1)]
        np.testing.assert_allclose(terms[k], expected, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("tagged", [0, 1])
def test_weighted_local_terms_are_the_depth(frame, tagged):
    x = np.bincount(frame[1]) / len(frame[1])
    terms = local_terms(*frame, tagged=tagged, **SHELL)
    w = weight_matrix("sqrt(x_u x_v)", x)[tagged]
    depth = local_depth(*frame, tagged=tagged, **SHELL)
    rounding = 0.1 * ERROR_TARGET * np.abs(depth).mean()
    np.testing.assert_allclose(terms @ w, depth, rtol=0, atol=rounding)


def test_weighted_mean_terms_are_the_mean_depth():
    r = np.arange(0.0025, 2.5, 0.005)
    g = np.where(r > 0.8, 1 + 2 * np.exp(-(((r - 1.1) / 0.1) ** 2)), 0.0)
    g = np.broadcast_to(g, (2, 2, len(r)))
    radii = np.full((2, 2), 0.85), np.full((2, 2), 1.4)
    rest = kob_andersen().potential, 0.5, 1.2
    terms = mean_terms(r, g, *rest, *radii)
    w = weight_matrix("sqrt(x_u x_v)", X)
    for u in (0, 1):
        expected = depth_r(r, g, *rest, X, *radii, tagged=u)
        assert (w * terms)[u].sum() == pytest.approx(expected, rel=1e-12)


def test_weights_by_their_names():
    for name in WEIGHTS:
        assert weight_matrix(name, X).shape == (2, 2)
    np.testing.assert_allclose(weight_matrix("sqrt(x_u x_v)", X), [[0.8, 0.4], [0.4, 0.2]])
    np.testing.assert_allclose(weight_matrix("x_u x_v", X), [[0.64, 0.16], [0.16, 0.04]])
    assert (weight_matrix("1", X) == 1).all()
