"""The recipe of the ternary Kob-Andersen mixture in two dimensions, on GlassBench's files."""

import re

import numpy as np
import pytest
from tests.physics.recipe import data_of, page_of, run_page

from softcage.cage.frames import score_frames

FOLDER, pytestmark = data_of("ka2d")
PAGE = page_of("recipe_ka2d")


@pytest.fixture(scope="module")
def recipe():
    """Run the code of the page beside the data, and return what it leaves behind."""
    return run_page("recipe_ka2d", FOLDER)


def test_the_page_has_the_depths_and_correlations(recipe):
    words = {"thermal": "initial_positions", "inherent": "initial_positions_inherent"}
    rows = re.findall(r"^\| (pair|hnc) \| (\w+) \| (\w) \| (.*) \|$", PAGE, re.M)
    said = {
        (closure, words[positions], name): [float(number) for number in numbers.split("|")]
        for closure, positions, name, numbers in rows
    }
    assert said.keys() == recipe["table"].keys()
    for key, numbers in recipe["table"].items():
        assert said[key] == pytest.approx(numbers, abs=0.0051), key


def test_deep_cages_relax_late(recipe):
    last = np.array([numbers[-1] for numbers in recipe["table"].values()])
    assert (last < 0).all() and last.mean() < -0.1
    assert recipe["propensity"][-1].mean() == pytest.approx(0.67, abs=0.005)
    assert len(recipe["propensity"]) == 6


def test_the_ends_of_the_first_shells(recipe):
    expected = [[1.42, 1.24, 1.44], [1.24, 2.10, 1.21], [1.44, 1.21, 1.39]]
    np.testing.assert_allclose(recipe["scores"].r_min, expected, atol=0.006)


def test_without_a_potential_the_depths_are_the_same(recipe):
    frames, types, edge = recipe["frames"], recipe["types"], recipe["edge"]
    without = score_frames(frames, types, [edge, edge], closure="pair")
    found = [without.depth[0, types == k].mean() for k in (1, 2, 3)]
    wanted = [recipe["table"]["pair", "initial_positions_inherent", name][0] for name in "ABC"]
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def forces(positions, recipe, smoothed):
    """Return the force on each particle by a literal sum over all pairs within 2.5 sigma."""
    mixture, kinds, edge = recipe["mixture"], recipe["types"] - 1, recipe["edge"]
    apart = positions[:, None] - positions
    apart -= edge * np.rint(apart / edge)
    r = np.linalg.norm(apart, axis=2)
    np.fill_diagonal(r, np.inf)
    sigma, epsilon = mixture.sigma[kinds][:, kinds], mixture.epsilon[kinds][:, kinds]
    x = np.minimum(r / sigma, 2.5)
    force = 12 * x**-13 - 6 * x**-7
    if smoothed:  # - c2 x^2 - c4 x^4, by which force and slope vanish at the cut-off
        end = 2.5
        slopes = [[2 * end, 4 * end**3], [2, 12 * end**2]]
        wanted = [12 * end**-13 - 6 * end**-7, -156 * end**-14 + 42 * end**-8]
        c2, c4 = np.linalg.solve(slopes, wanted)
        force -= 2 * c2 * x + 4 * c4 * x**3
    force = np.where(r < 2.5 * sigma, 4 * epsilon / sigma * force, 0.0)
    return np.einsum("ij,ijk->ik", force / r, apart)


def test_the_forces_of_the_potential_cancel_in_the_inherent_structure(recipe):
    thermal, inherent = (
        recipe["files"][0][name] for name in ("initial_positions", "initial_positions_inherent")
    )
    rms = [forces(x, recipe, smoothed).std() for x in (inherent, thermal) for smoothed in (1, 0)]
    assert rms == pytest.approx([0.0175, 0.0721, 9.418, 9.416], rel=0.01)
