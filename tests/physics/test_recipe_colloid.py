"""The recipe of the colloidal monolayer against the caging potential that its authors publish."""

import re

import numpy as np
import pytest
from tests.physics.recipe import data_of, page_of, run_page

FOLDER, pytestmark = data_of("colloid2d")
PAGE = page_of("recipe_colloid")
#: Ends of the integrals in the authors' script.
FROM, TO = np.array([[0.86, 0.7], [0.7, 0.57]]), np.array([[1.4, 1.2], [1.2, 1.1]])


@pytest.fixture(scope="module")
def recipe():
    """Run the code of the page beside the data, and return what it leaves behind."""
    return run_page("recipe_colloid", FOLDER)


def pearson(recipe, averaged):
    """Return r with the published values of all, big and small particles in the bulk."""
    groups = recipe["types"] != "", recipe["types"] == "big", recipe["types"] == "small"
    chosen = [recipe["bulk"] & group for group in groups]
    return [np.corrcoef(averaged[k], recipe["published"][k])[0, 1] for k in chosen]


def literal_depth(recipe, delta=0.06, start=None, end=None, weight="x_u x_v", average_c=False):
    """Return the depth of each particle as a sum over its neighbours, without the library."""
    xy, kinds, apart = recipe["xy"], (recipe["types"] == "small").astype(int), recipe["apart"]
    start, end = (FROM, TO) if start is None else (start, end)
    density = len(xy) / np.prod(np.ptp(xy, axis=0))
    x = np.bincount(kinds) / len(kinds)
    depth = np.zeros(len(xy))
    for u, v in np.ndindex(2, 2):
        own, others = np.flatnonzero(kinds == u), np.flatnonzero(kinds == v)
        r = np.linspace(start[u][v], end[u][v], 150)
        g = np.zeros((len(own), len(r)))
        row, column = np.nonzero((apart[np.ix_(own, others)] < 2.5) & (own[:, None] != others))
        smeared = np.exp(-((r - apart[own[row], others[column]][:, None]) ** 2) / (2 * delta**2))
        np.add.at(g, row, smeared / np.sqrt(2 * np.pi) / delta)
        g /= 2 * np.pi * r * density * x[v]
        c = g[recipe["known"][own]].mean(axis=0) - 1 if average_c else g - 1
        w = {"x_u x_v": x[u] * x[v], "x_v^2": x[v] ** 2, "x_v": x[v]}[weight]
        depth[own] += np.trapezoid(2 * np.pi * r * density * w * c * g, r, axis=1)
    return depth


def averaged(recipe, depth, weights=None):
    weights = recipe["weights"] if weights is None else weights
    return weights @ np.nan_to_num(depth) / weights.sum(axis=1)


def choices(recipe):
    """Return the rows of the page's table: what was changed, and the averaged depths."""
    own, apart = recipe["scores"], recipe["apart"]
    rows = {"as above": recipe["averaged"], "no average": own.depth}
    for length in (0.5, 1.0, 1.5):
        weights = np.exp(-apart / length) * (apart < 2.5)
        rows[f"weight exp(-r / {length}) in the average"] = averaged(recipe, own.depth, weights)
    once = recipe["weights"] - np.eye(len(apart))
    rows["the particle itself counts once"] = averaged(recipe, own.depth, once)
    for delta in (0.02, 0.03, 0.04, 0.05, 0.07, 0.09):
        depth = literal_depth(recipe, delta, own.r0, own.r_min)
        rows[f"width {delta}"] = averaged(recipe, depth)
    rows["the authors' ends"] = averaged(recipe, literal_depth(recipe))
    for weight in ("x_v^2", "x_v"):
        depth = literal_depth(recipe, weight=weight)
        rows[f"the authors' ends, weights {weight}"] = averaged(recipe, depth)
    for end in (1.3, 1.5):
        depth = literal_depth(recipe, start=FROM, end=np.full((2, 2), end))
        rows[f"the authors' r0, all integrals to {end}"] = averaged(recipe, depth)
    rows["C of the average liquid"] = averaged(
        recipe, literal_depth(recipe, start=own.r0, end=own.r_min, average_c=True)
    )
    return rows


def test_the_depth_is_the_literal_sum(recipe):
    scores = recipe["scores"]
    literal = literal_depth(recipe, start=scores.r0, end=scores.r_min)
    known = recipe["known"]
    np.testing.assert_allclose(scores.depth[known], literal[known], rtol=1e-3, atol=1e-3)


def test_the_published_potential_is_found_in_the_bulk(recipe):
    assert min(pearson(recipe, recipe["averaged"])) > 0.95
    assert recipe["bulk"].sum() == 1146
    xy, bulk = recipe["xy"], recipe["bulk"]
    edge = np.minimum(xy - xy.min(axis=0), xy.max(axis=0) - xy).min(axis=1)
    assert edge[bulk].min() == pytest.approx(3.3, abs=0.05)
    slope, offset = np.polyfit(recipe["averaged"][bulk], recipe["published"][bulk], 1)
    assert (slope, offset) == pytest.approx((1.9, 2.2), abs=0.05)


@pytest.mark.slow
def test_the_page_says_what_each_choice_gives(recipe):
    said = {
        name: [float(number) for number in numbers.split("|")]
        for name, numbers in re.findall(r"^\| (?!choice)([^|]+) \| ([\d.| ]+) \|$", PAGE, re.M)
    }
    found = {name: pearson(recipe, values) for name, values in choices(recipe).items()}
    assert said.keys() == found.keys()
    for name, numbers in found.items():
        assert said[name] == pytest.approx(numbers, abs=0.0006), name
