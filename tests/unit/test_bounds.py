"""What a part of the structure can know: invented propensities of which the answer is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softcage.isoconfigurational.copies import depth_in_sphere
from softcage.isoconfigurational.files import Configuration
from softcage.ranking.bounds import (
    DISTANCE_BIN,
    LEAST_PARTICLES,
    bounds_of_cages,
    bounds_of_spheres,
)
from softcage.ranking.correlations import Bootstrap, ceiling

BOX, N = 12.0, 2000
ERRORS = Bootstrap(100, 1)


def pair(rng, share, noise, mean=0.0):
    """Two configurations whose propensities have a share of the variance in common."""
    positions = rng.uniform(0, BOX, (N, 3))
    species = (np.arange(N) % 5 == 4).astype(np.int64)
    n = int((species == 0).sum())
    share = np.broadcast_to(share, N)[species == 0]
    common = rng.normal(size=n)
    both = []
    for _ in range(2):
        true = mean + np.sqrt(share) * common + np.sqrt(1 - share) * rng.normal(size=n)
        halves = true + noise * rng.normal(size=(2, 1, n))
        measured = {"propensity": halves.mean(axis=0)}
        both.append(
            Configuration(
                "c", positions, species, BOX, np.array([5.0]), measured, {"propensity": halves}, 32
            )
        )
    return tuple(both), common


@settings(max_examples=20, deadline=None)
@given(share=st.floats(0.05, 1.0), noise=st.floats(0.0, 1.0), seed=st.integers(0, 1000))
def test_the_best_predictor_has_the_correlation_of_the_bound(share, noise, seed):
    """What both have in common is the best prediction; noise of the runs lowers nothing."""
    rng = np.random.default_rng(seed)
    pairs, common = zip(*(pair(rng, share, noise, mean=k) for k in range(6)), strict=True)
    (row,) = bounds_of_cages(pairs, ERRORS).to_dict("records")
    assert row["shared"] == "cages" and row["time"] == 5.0 and row["particles"] == 9600
    assert row["share"] == pytest.approx(share, abs=0.08)
    assert row["bound"] == pytest.approx(np.sqrt(share), abs=0.08)
    each = [np.corrcoef(x, one.measured["propensity"][0])[0, 1]
            for x, (one, _) in zip(common, pairs, strict=True)]  # fmt: skip
    assert row["bound"] * row["ceiling"] == pytest.approx(np.mean(each), abs=0.08)
    top = ceiling([one.halves["propensity"][:, 0] for one, _ in pairs], "each")[1]
    assert row["ceiling"] == pytest.approx(top.value, abs=0.01)


def test_the_error_is_that_of_repetitions():
    """Sets of six configurations scatter as the error says; a single one has none."""
    rng = np.random.default_rng(2)
    tables = [bounds_of_cages([pair(rng, 0.5, 0.3)[0] for _ in range(6)], ERRORS)
              for _ in range(30)]  # fmt: skip
    table = pd.concat(tables)
    assert table["bound_error"].mean() == pytest.approx(table["bound"].std(), rel=0.4)
    assert abs(table["bound"].mean() - np.sqrt(0.5)) < 5 * table["bound"].std() / np.sqrt(30)
    single = bounds_of_cages([pair(rng, 0.5, 0.3)[0]], ERRORS)
    assert single["bound"].notna().all() and single["bound_error"].isna().all()


def test_independent_configurations_know_nothing_of_each_other():
    rng = np.random.default_rng(3)
    (row,) = bounds_of_cages([pair(rng, 0.0, 0.3)[0] for _ in range(6)], ERRORS).to_dict("records")
    assert abs(row["share"]) < 0.05 and row["bound"] < 0.22


def test_propensities_without_variance_have_no_bound():
    rng = np.random.default_rng(5)
    (one, other), _ = pair(rng, 0.5, 0.3)
    noise = {"propensity": np.stack([rng.normal(size=(1, 1600))] * 2) * [[[1.0]], [[-0.5]]]}
    two = [(replace(one, halves=noise), other), (replace(one, halves=noise), other)]
    table = bounds_of_cages(two, ERRORS)
    assert table["bound"].isna().all() and (table["ceiling"] == 0).all()
    none = {"propensity": np.zeros((2, 1, 1600))}  # nobody has left yet
    (row,) = bounds_of_cages([(replace(one, halves=none), other)], ERRORS).to_dict("records")
    assert np.isnan([row["share"], row["bound"], row["ceiling"]]).all()


def test_distances_to_the_surface_are_told_apart():
    """Particles that are deep in the sphere share all, those near its surface nothing."""
    rng, pairs = np.random.default_rng(4), []
    for _ in range(8):
        positions = np.random.default_rng(len(pairs)).uniform(0, BOX, (N, 3))
        depth = depth_in_sphere(positions, BOX)
        (one, other), _ = pair(rng, (depth > 2.0).astype(float), 0.1)
        pairs.append(tuple(
            Configuration("c", positions, *(getattr(x, name) for name in (
                "species", "box", "times", "measured", "halves", "draws")))
            for x in (one, other)
        ))  # fmt: skip
    table = bounds_of_spheres(pairs, ERRORS)
    assert set(table["shared"]) == {"sphere"}
    assert (table["particles"] >= LEAST_PARTICLES).all()
    np.testing.assert_allclose(np.diff(table["distance"]), DISTANCE_BIN)
    assert table["distance"].iloc[0] == DISTANCE_BIN / 2 and table["distance"].max() < BOX / 2
    deep = table[table["distance"] > 2.0]
    np.testing.assert_allclose(deep["bound"], 1.0, atol=0.05)
    assert table[table["distance"] < 2.0]["share"].abs().max() < 0.15


def test_depth_is_measured_from_the_faces_of_the_box():
    points = np.array([[0.5, 0.5, 0.5], [0.5, 0.5, 0.0], [0, 0, 0], [0.25, 0.5, 0.5]]) * 8.0
    got = depth_in_sphere(points, 8.0)
    np.testing.assert_allclose(got, [4.0, 0.0, 4.0 - np.sqrt(48), 2.0])
