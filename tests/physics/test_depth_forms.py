"""Forms of Eq. 5 against their integrals done literally."""

import numpy as np
import pandas as pd
import pytest

from softcage.cage.calibration import linear_calibration
from softcage.cage.closures import hnc_product
from softcage.cage.local_depth import local_depth
from softcage.cage.local_rdf import local_rdf
from softcage.cage.mean_field import depth_r
from softcage.interpretations.depth_forms import (
    WEIGHTS,
    Form,
    average_integrals,
    form_line,
    integral_tables,
    local_integrals,
)
from softcage.model import kob_andersen

X = np.array([0.8, 0.2])
POTENTIAL, T, DELTAS = kob_andersen().potential, 0.5, [0.04, 0.09]
R0, R_MIN = np.array([0.85, 0.7]), np.array([1.42, 1.2])
FORMS = [
    Form(),
    Form(hnc=False),
    Form(per_fraction=False),
    Form(hnc=False, per_fraction=False, weights="1"),
    Form(weights="x_u x_v"),
    Form(weights="1"),
]


@pytest.fixture(scope="module")
def frame():
    """Particles shaken about a lattice, 4 of 5 of species 0."""
    rng = np.random.default_rng(5)
    box = (343 / 1.2) ** (1 / 3)
    sites = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), -1).reshape(-1, 3)
    positions = sites * (box / 7) + rng.normal(0, 0.06, (343, 3))
    return positions, rng.permutation(np.arange(343) % 5 == 0).astype(np.int64), box


@pytest.fixture(scope="module", params=[0, 1])
def scored(request, frame):
    """Species of the particles, and their integrals."""
    density = len(frame[1]) / frame[2] ** 3
    tables = integral_tables(POTENTIAL, T, R0, R_MIN, DELTAS, density, tagged=request.param)
    return request.param, local_integrals(*frame, tables)


def literally(form, g, r, beta_u):
    """C g of a form; g with 1/x_v or without, as it wants."""
    return hnc_product(g, beta_u) if form.hnc else (g - 1) * g


def depth_of(form, frame, tagged, particle, delta):
    """Depth of one particle by the trapezium rule on a fine grid."""
    positions, species, box = frame
    x, density, total = np.bincount(species) / len(species), len(species) / box**3, 0.0
    for v in (0, 1):
        r = np.linspace(R0[v], R_MIN[v], 4001)
        given = {"density": density, "fractions": x if form.per_fraction else np.ones(2)}
        g = local_rdf(*frame, delta, r, neighbour=v, particles=[particle], **given)[0]
        product = literally(form, g, r, POTENTIAL(tagged, v, r) / T)
        weight = WEIGHTS[form.weights](x[tagged], x[v])
        total += weight * np.trapezoid(4 * np.pi * density * r**2 * product, r)
    return total


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_its_integral(frame, scored, form):
    tagged, integrals = scored
    x = np.bincount(frame[1]) / len(frame[1])
    depths = integrals @ form.coefficients(x, tagged)
    chosen = np.flatnonzero(frame[1] == tagged)
    assert depths.shape == (len(DELTAS), len(chosen))
    for d, delta in enumerate(DELTAS):
        for k in (0, 17, 50):
            expected = depth_of(form, frame, tagged, chosen[k], delta)
            assert depths[d, k] == pytest.approx(expected, rel=2e-3, abs=2e-3 * depths[d].std())


def test_the_form_of_the_paper_is_the_local_depth(frame, scored):
    tagged, integrals = scored
    x = np.bincount(frame[1]) / len(frame[1])
    for delta, depths in zip(DELTAS, integrals @ Form().coefficients(x, tagged), strict=True):
        usual = local_depth(
            *frame, potential=POTENTIAL, temperature=T, r0=R0, r_min=R_MIN, delta=delta,
            tagged=tagged,
        )  # fmt: skip
        np.testing.assert_allclose(depths, usual, rtol=0, atol=1e-3 * usual.std())


def liquid(height):
    r = np.arange(0.0025, 2.5, 0.005)
    peak = height * np.exp(-(((r - 1.1) / 0.1) ** 2))
    g = np.where(r > 0.8, 1 + np.multiply.outer([[1.0, 1.5], [1.5, 0.5]], peak), 0.0)
    radii = {"r0": np.full((2, 2), 0.85), "r_min": np.full((2, 2), 1.4)}
    return {"r": r, "g": g, "density": np.array(1.2), "fractions": X} | radii


def test_the_average_liquid_has_the_depth_of_eq_5_and_that_of_another_closure():
    c = liquid(2.0)
    integrals = average_integrals(c, POTENTIAL, T)
    for u in (0, 1):
        expected = depth_r(c["r"], c["g"], POTENTIAL, T, 1.2, X, c["r0"], c["r_min"], tagged=u)
        assert integrals[u] @ Form().coefficients(X, u) == pytest.approx(expected, rel=1e-12)
    grid = np.linspace(0.85, 1.4, 20001)
    g = [X[v] * np.interp(grid, c["r"], c["g"][0, v]) for v in (0, 1)]
    expected = sum(np.trapezoid(4 * np.pi * 1.2 * grid**2 * (part - 1) * part, grid) for part in g)
    form = Form(hnc=False, per_fraction=False, weights="1")
    assert integrals[0] @ form.coefficients(X) == pytest.approx(expected, rel=1e-3)


def test_the_line_of_a_form_is_that_of_its_depths():
    temperatures, heights = [0.5, 0.6, 0.8], [2.0, 1.8, 1.5]
    integrals = {
        t: average_integrals(liquid(h), POTENTIAL, t)
        for t, h in zip(temperatures, heights, strict=True)
    }
    for form, pairs in ((Form(), [0]), (Form(hnc=False, weights="1"), [0, 1])):
        depth = np.array(
            [sum(part[u] @ form.coefficients(X, u) for u in pairs) for part in integrals.values()]
        )
        cages = pd.DataFrame({"T": temperatures, "depth_r": depth, "depth_r_error": 0.1})
        cages = cages.assign(inverse_softness=200 + 20 * depth, inverse_softness_error=1.0)
        found = form_line(form, integrals, X, cages, all_pairs=len(pairs) == 2)
        assert found == pytest.approx((200, -20), rel=1e-6)
        options = {"all_pairs": len(pairs) == 2, "origin": True}
        found = form_line(form, integrals, X, cages, 7 * depth, **options)
        assert found == pytest.approx((0, -7), rel=1e-12)
        line = linear_calibration(-depth, depth**2, np.full(3, 0.1), depth**2 / (200 + 20 * depth))
        found = form_line(form, integrals, X, cages, depth**2, all_pairs=len(pairs) == 2)
        assert found == pytest.approx((line.intercept, line.slope), rel=1e-6)
