"""Propensity: files of others, scores with errors, and honest splits."""

import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import chi, pearsonr, spearmanr
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from softcage.cli.command import main
from softcage.defaults import OVERLAP_RADIUS
from softcage.descriptors.table import available, descriptors, further_descriptors
from softcage.io.overwriting import is_propensity
from softcage.isoconfigurational.files import read_configuration, read_configurations
from softcage.model import KOB_ANDERSEN, Mixture, kob_andersen
from softcage.ranking.correlations import ceiling, correlation, reliability, stronger_by
from softcage.ranking.described import (
    describe,
    descriptor_values,
    liquid_of_calibration,
    liquid_of_configurations,
)
from softcage.ranking.features import feature_sets
from softcage.ranking.from_files import rank_files
from softcage.ranking.learned import (
    SoftnessSVM,
    boosting,
    extremes,
    fit_model,
    held_out,
    importance,
    jackknife_errors,
    moving,
    out_of_fold,
    ridge,
)
from softcage.ranking.predictors import LEARNED, usable
from softcage.ranking.propensity import descriptor_rows

KA = kob_andersen()
TRIALS = Path(__file__).parents[2] / "docs/feature_trials.csv"
N, BOX = 300, (300 / 1.2) ** (1 / 3)


def configuration(seed=0):
    """Particles shaken about a lattice, and their species."""
    rng = np.random.default_rng(seed)
    sites = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), -1).reshape(-1, 3)
    x = rng.permutation(sites)[:N] * (BOX / 7) + rng.normal(0, 0.05, (N, 3))
    return np.mod(x, BOX), rng.permutation(np.arange(N) % 5 == 0).astype(np.int8)


def write(path, seed=0, draws=16, width=0.3, **changed):
    start, types = configuration(seed)
    rng = np.random.default_rng(seed + 100)
    moved = rng.normal(0, 1, (draws, N, 3)) * np.broadcast_to(width, N)[:, None]
    arrays = {"types": types, "initial_positions": start, "positions": start + moved} | changed
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})
    return path


# ---------------------------------------------------------------- files
def test_propensity_of_free_particles(tmp_path):
    """Gaussian steps of variance s^2 an axis move a particle by sqrt(8 / pi) s on average."""
    got = read_configuration(write(tmp_path / "a.npz", draws=400), KA, 1.2)
    assert got.draws == 400 and got.box == pytest.approx(BOX) and len(got.positions) == N
    expected = 0.3 * np.sqrt(8 / np.pi)
    error = 0.3 * np.sqrt((3 - 8 / np.pi) / 400)
    assert got.measured["propensity"].shape == (1, 240)
    assert (
        np.abs(got.measured["propensity"].mean() / expected - 1)
        < 5 * error / np.sqrt(240) / expected
    )
    assert got.measured["propensity"].std() == pytest.approx(error, rel=0.2)
    np.testing.assert_allclose(
        got.halves["propensity"].mean(axis=0), got.measured["propensity"], rtol=1e-12
    )
    # 1 - overlap: how often a Maxwell distribution is beyond the radius
    assert got.measured["left"].mean() == pytest.approx(
        chi(3, scale=0.3).sf(OVERLAP_RADIUS), abs=0.01
    )
    np.testing.assert_allclose(got.halves["left"].mean(axis=0), got.measured["left"], rtol=1e-12)
    # nothing but noise: halves know nothing of each other
    assert abs(pearsonr(*got.halves["propensity"][:, 0])[0]) < 0.25


def test_a_file_with_the_mean_alone(tmp_path):
    start, types = configuration()
    values = np.arange(2 * N, dtype=float).reshape(2, N)
    path = tmp_path / "mean.npz"
    np.savez(path, types=types, positions=start, box=[BOX] * 3, times=[1, 10], propensity=values)
    got = read_configuration(path, KA, 1.2)
    np.testing.assert_array_equal(got.measured["propensity"], values[:, types == 0])
    assert got.halves == {} and got.times.tolist() == [1, 10]


@pytest.mark.parametrize(
    ("changed", "density", "words"),
    [
        ({}, 1.0, "positions span .* give --density"),
        ({"box": np.full(3, 7.0)}, 1.2, "the density is 0.8746, not 1.2: give --density"),
        ({"box": np.array([BOX, BOX, 7.0])}, 1.2, "only a cube along x, y and z"),
        ({"types": np.arange(N) % 3}, 1.2, "2 species, 0 to 1: give --potential"),
        ({"types": np.arange(N) % 2}, 1.2, "fractions .0.5, 0.5. .* not those of the mixture"),
        ({"types": np.arange(10) % 5 == 0}, 1.2, "10 types, but positions"),
        ({"types": None}, 1.2, "no array types"),
        ({"initial_positions": None}, 1.2, "no array times"),
        ({"positions": np.zeros((16, 3, 3))}, 1.2, "expected .runs, 300, 3."),
        ({"positions": np.zeros((4, N, 3))}, 1.2, "4 runs .* at least 8"),
        ({"positions": np.full((9, N, 3), np.nan)}, 1.2, "damaged"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, changed, density, words):
    path = write(tmp_path / "bad.npz", **changed)
    with pytest.raises(ValueError, match=words) as refusal:
        read_configuration(path, KA, density)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("draws", 4, "4 runs from the configuration; a propensity needs at least 8"),
        ("propensity", np.nan, "propensity holds NaN or infinity: the file is damaged"),
        ("positions", np.inf, "positions holds NaN"),
        ("initial_positions", np.nan, "initial_positions holds NaN"),
        ("averaged", np.full((N, 3), np.nan), "averaged holds NaN"),
        ("averaged", np.zeros((N, 2)), r"averaged of shape .300, 2."),
    ],
)
def test_too_few_runs_and_what_is_no_number(tmp_path, key, value, words):
    start, types = configuration()
    content = {"types": types, "positions": start, "times": [1.0], "propensity": np.ones((1, N))}
    if key == "initial_positions":
        content = {"types": types, "positions": np.stack([start] * 8), key: start}
    content[key] = np.where(np.arange(N) == 5, value, content[key].T).T if key in content else value
    np.savez(tmp_path / "bad.npz", **content)
    with pytest.raises(ValueError, match=words):
        read_configuration(tmp_path / "bad.npz", KA, 1.2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x, runs: {"positions": runs % BOX}, "run 0 of positions is wrapped into the box"),
        (lambda x, runs: {"positions": runs - BOX * np.floor(runs / BOX + 0.5)}, "is wrapped into"),
        (lambda x, runs: {"positions": np.where(np.arange(16)[:, None, None] == 3, 0, runs)},
         "run 3 of positions was never written"),
        (lambda x, runs: {"positions": np.where(np.arange(16)[:, None, None] == 3, x, runs)},
         "run 3 of positions is the configuration itself"),
        (lambda x, runs: {"positions": np.repeat(runs[:1], 16, axis=0)}, "run 1 .* run 0 once"),
        (lambda x, runs: {"positions": runs[:, ::-1]}, "displacements as large as the box"),
        (lambda x, runs: {"positions": runs + 9 * (np.arange(N) == 7)[:, None]},
         "in run 0 particle 7 moves by 9.* the others move far less"),
        (lambda x, runs: {"box": np.array([[BOX, 0, 0], [1, BOX, 0], [0, 0, BOX]])}, "only a cube"),
        (lambda x, runs: {"initial_positions": np.vstack([x[1:2], x[1:]])}, "configuration has"),
    ],
)  # fmt: skip
def test_runs_that_do_not_fit(tmp_path, change, words):
    """Each would give a propensity: a displacement is what is left of two numbers."""
    x, _ = configuration()
    runs = x + np.random.default_rng(7).normal(0, 0.3, (16, N, 3))
    changed = {"positions": runs, **change(x, runs)}
    with pytest.raises(ValueError, match=words):
        read_configuration(write(tmp_path / "a.npz", **changed), KA, 1.2)


def test_a_drift_is_taken_out_and_said(tmp_path, caplog):
    x, _ = configuration()
    runs = x + np.random.default_rng(7).normal(0, 0.3, (16, N, 3))
    runs -= (runs - x).mean(axis=1, keepdims=True)
    still = read_configuration(write(tmp_path / "a.npz", positions=runs), KA, 1.2)
    assert not caplog.text
    moved = write(tmp_path / "b.npz", positions=runs + [3.0, 0.0, 0.0])
    moved = read_configuration(moved, KA, 1.2)
    np.testing.assert_allclose(moved.measured["propensity"], still.measured["propensity"])
    assert "the centre of mass drifts by up to 3 in the runs" in caplog.text
    other = write(tmp_path / "c.npz", positions=runs, initial_positions=x - BOX / 2)
    other = read_configuration(other, KA, 1.2)
    np.testing.assert_allclose(other.measured["propensity"], still.measured["propensity"])


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"draws": "16 runs"}, "draws holds 16 runs: numbers are needed"),
        ({"times": "one"}, "times holds one: numbers are needed"),
        (
            {"types": np.array(["Ni", "P"])[np.arange(N) % 5 // 4]},
            "types are Ni, P, but the mixture",
        ),
        ({"types": 1 + np.arange(N) % 5 // 4}, "types are 1, 2, .* 0 to 1: subtract 1 from them"),
        ({"propensity": np.full((1, N), -1.0)}, "propensity goes from -1 to -1"),
        ({"propensity": np.full((1, N), 9.97e36)}, "propensity goes from"),
        ({"propensity": np.zeros((1, N))}, "propensity is 0 for all particles"),
        ({"left": np.full((1, N), 1.5)}, "left goes from 1.5 to 1.5, 0 to 1 is possible"),
    ],
)
def test_words_in_place_of_numbers_and_numbers_that_none_can_be(tmp_path, changed, words):
    start, types = configuration()
    content = {"types": types, "positions": start, "times": 3.0, "propensity": np.ones((1, N))}
    np.savez(tmp_path / "good.npz", **content, draws="16")
    good = read_configuration(tmp_path / "good.npz", KA, 1.2)
    assert good.times.tolist() == [3.0] and good.draws == 16
    np.savez(tmp_path / "names.npz", **{**content, "types": np.array(["A", "B"])[types]})
    np.testing.assert_array_equal(
        read_configuration(tmp_path / "names.npz", KA, 1.2).species, types
    )
    np.savez(tmp_path / "bad.npz", **{**content, **changed})
    with pytest.raises(ValueError, match=words):
        read_configuration(tmp_path / "bad.npz", KA, 1.2)


def test_what_is_no_such_file(tmp_path):
    (tmp_path / "text.npz").write_text("not this")
    for name, words in (("none.npz", "cannot be read"), ("text.npz", "no npz file")):
        with pytest.raises(ValueError, match=words):
            read_configuration(tmp_path / name, KA, 1.2)
    path = write(tmp_path / "a.npz")
    (tmp_path / "b.npz").write_bytes(path.read_bytes())
    for time in (None, 5.0):
        with pytest.raises(ValueError, match="a and b are the same configuration at the same time"):
            read_configurations([path, tmp_path / "b.npz"], KA, 1.2, time)


def test_files_of_one_configuration_at_several_times_are_one(tmp_path):
    """As GlassBench has them; runs of another group from it may hold it in another image."""
    late = read_configuration(write(tmp_path / "late.npz"), KA, 1.2)
    values = np.random.default_rng(3).random((2, len(late.species)))
    shifted = late.positions + late.box * np.arange(3)
    np.savez(
        tmp_path / "early.npz", types=late.species, positions=shifted, box=late.box,
        times=[0.5, 9.0], propensity=values, propensity_halves=[values, values],
    )  # fmt: skip
    (one,) = read_configurations([tmp_path / "late.npz", tmp_path / "early.npz"], KA, 1.2, 5.0)
    own = late.species == 0
    assert one.times.tolist() == [0.5, 5, 9] and set(one.measured) == {"propensity"}
    expected = [values[0, own], late.measured["propensity"][0], values[1, own]]
    np.testing.assert_array_equal(one.measured["propensity"], expected)
    np.testing.assert_array_equal(one.halves["propensity"][1, [0, 2]], values[:, own])


# ---------------------------------------------------------------- scores
def parts(n=6, size=400, signal=0.5, seed=0):
    """Numbers and what they predict, with a level of each configuration's own."""
    rng = np.random.default_rng(seed)
    x = [rng.normal(level, 1, size) for level in rng.normal(0, 0.5, n)]
    return x, [signal * part + rng.normal(0, 1, size) for part in x]


@pytest.mark.parametrize(("measure", "peer"), [("pearson", pearsonr), ("spearman", spearmanr)])
def test_correlations_are_those_of_scipy(measure, peer):
    x, y = parts()
    pooled = correlation(x, y, measure, "pooled")
    assert pooled.value == pytest.approx(peer(np.concatenate(x), np.concatenate(y))[0], rel=1e-9)
    each = correlation(x, y, measure, "each")
    assert each.value == pytest.approx(
        np.mean([peer(*p)[0] for p in zip(x, y, strict=True)]), rel=1e-9
    )


def test_the_error_is_the_spread_over_sets_of_configurations():
    sets = [correlation(*parts(seed=s), "pearson", "pooled") for s in range(60)]
    spread = np.std([score.value for score in sets], ddof=1)
    assert np.mean([score.error for score in sets]) == pytest.approx(spread, rel=0.35)
    alone = correlation(*parts(n=1), "pearson", "each")
    assert np.isfinite(alone.value) and np.isnan(alone.error)


def test_differences_are_paired():
    x, y = parts()
    one = correlation(x, y, "pearson", "each")
    minus = correlation([-part for part in x], y, "pearson", "each")
    assert stronger_by(one, minus) == pytest.approx((0, 0), abs=1e-12)
    rng = np.random.default_rng(1)
    noisy = [part + rng.normal(0, 1, len(part)) for part in x]
    gap, error = stronger_by(one, correlation(noisy, y, "pearson", "each"))
    assert gap > 3 * error > 0


def test_the_ceiling_is_what_the_truth_reaches():
    rng = np.random.default_rng(0)
    truth = [rng.normal(0, 1, 5000) for _ in range(5)]
    halves = [t + rng.normal(0, 1, (2, len(t))) for t in truth]
    split, top = ceiling(halves, "pooled")
    assert split.value == pytest.approx(0.5, abs=0.02)
    reached = correlation(truth, [h.mean(axis=0) for h in halves], "pearson", "pooled")
    assert top.value == pytest.approx(reached.value, abs=0.01)
    assert reliability(0.738) == pytest.approx(0.85, abs=0.002)


# ---------------------------------------------------------------- learned
def world(n=6, size=300, seed=0):
    rng = np.random.default_rng(seed)
    x = [rng.normal(0, 1, (size, 4)) for _ in range(n)]
    return x, [part @ [1, -2, 0.5, 0] + rng.normal(0, 1, size) for part in x]


@pytest.mark.parametrize("make", [ridge, boosting, SoftnessSVM])
def test_what_is_there_is_found(make):
    x, y = world()
    predicted = out_of_fold(make, x, y, 3)
    assert [len(part) for part in predicted] == [300] * 6
    assert correlation(predicted, y, "pearson", "pooled").value > 0.8


@pytest.mark.parametrize("groups", [1, 2, 6])
@pytest.mark.parametrize("noise", [0.3, 30.0])
def test_ridges_are_those_of_a_search_by_scikit_learn(groups, noise):
    """The penalty that leaving out configurations chooses, and the same fit."""
    rng, n = np.random.default_rng(groups), 240
    x = rng.normal([0, 5, -3, 1e3, 2], [1, 0.1, 4, 30, 0], (n, 5)) @ np.diag([1, 1, 1, 1, 1.0])
    y = x[:, 0] + 3 * x[:, 1] + noise * rng.normal(size=n)
    number = rng.integers(groups, size=n) if groups > 1 else np.zeros(n, dtype=int)
    found = fit_model(ridge, x, y, number)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), Ridge()),
        {"ridge__alpha": [1.0, 10.0, 100.0, 1e3, 1e4]},
        cv=LeaveOneGroupOut(),
        scoring="neg_mean_squared_error",
    )
    if groups == 1:
        assert found.alpha_ == 1.0
        expected = make_pipeline(StandardScaler(), Ridge(alpha=1.0)).fit(x, y)
    else:
        expected = search.fit(x, y, groups=number).best_estimator_
        assert found.alpha_ == expected[-1].alpha
    np.testing.assert_allclose(found.coef_, expected[-1].coef_, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.predict(x), expected.predict(x), rtol=1e-9, atol=1e-9)


def test_the_extremes_are_a_tenth_each_where_most_are_equal():
    y = np.r_[np.zeros(700), np.linspace(0.1, 1, 300)]
    chosen, upper = extremes(y)
    assert len(chosen) == len(set(chosen)) == 200 and upper.sum() == 100
    assert (y[chosen[upper]] == y[900:]).all() and (y[chosen[~upper]] == 0).all()
    assert np.ptp(chosen[~upper]) > 350  # not the first of those that are equal


@pytest.mark.parametrize("make", [ridge, boosting, SoftnessSVM])
def test_shuffled_labels_give_nothing(make):
    x, y = world()
    rng = np.random.default_rng(1)
    y = [rng.permutation(part) for part in y]
    score = correlation(out_of_fold(make, x, y, 3), y, "pearson", "pooled")
    assert abs(score.value) < 4 / np.sqrt(6 * 300)


def test_levels_of_configurations_leak_nothing():
    """Labels that are a number a configuration cannot be told from features that name it."""
    rng = np.random.default_rng(2)
    x = [np.full((200, 1), level) + rng.normal(0, 1e-3, (200, 1)) for level in rng.normal(0, 1, 8)]
    y = [np.full(200, level) for level in rng.normal(0, 1, 8)]
    seen = LinearRegression().fit(np.concatenate(x), np.concatenate(y))
    fitted = correlation([seen.predict(p) for p in x], y, "pearson", "pooled").value
    unseen = correlation(out_of_fold(ridge, x, y, len(x)), y, "pearson", "pooled").value
    assert unseen < fitted


@pytest.mark.parametrize(("n", "folds"), [(4, 5), (2, 2)])
def test_fewer_configurations_than_folds(n, folds):
    with pytest.raises(ValueError, match=f"{n} configurations are too few for {folds} folds"):
        out_of_fold(ridge, *world(n), folds)


def test_what_matters_is_what_the_labels_are_made_of():
    """Labels are x0 - 2 x1 + x2 / 2 and noise of spread 1."""
    x, y = world()
    models = held_out(ridge, x, y, 6)
    lost = [importance(models, x, y, [k]) for k in range(4)]
    assert lost[1][0] > lost[0][0] > lost[2][0] > 3 * lost[2][1]
    assert abs(lost[3][0]) < 3 * lost[3][1] + 1e-3
    all_four, error = importance(models, x, y, [0, 1, 2, 3])
    assert all_four == pytest.approx(5.25 / np.sqrt(5.25 * 6.25), abs=0.1) and error < 0.05
    # the error of a coefficient of least squares, noise / sqrt(n)
    assert np.median(jackknife_errors(models)) == pytest.approx(1 / np.sqrt(6 * 300), rel=0.6)


def test_targets_that_tell_no_particles_apart():
    """At short times 1 - overlap is 0 for all but a few."""
    few, many = np.zeros(100), np.zeros(100)
    few[:9], many[:20] = 0.1, 0.1
    assert moving([many, many]) and not moving([many, few]) and not moving([np.zeros(5)])


def test_features_have_names_and_stay_few():
    known = descriptors(KA.species)
    sets = feature_sets(known, KA)
    sizes = {label: len({f.name for f in features}) for label, features in sets.items()}
    assert sizes == {"cage": 12, "pairs": 12, "named": 40, "static": 42, "mechanics": 60}
    everything = known | further_descriptors(KA.species)
    for features in sets.values():
        for f in features:
            assert f.positions in everything[f.descriptor].positions, f.name
    static = set(sets["static"])
    beyond = [f.descriptor for f in sets["mechanics"] if f not in static]
    assert static < set(sets["mechanics"]) and all(name.startswith("rest_") for name in beyond)
    assert not any(f.descriptor.startswith("rest_") for f in static)
    names = [f.name for f in sets["named"]]
    assert names[:3] == ["term_B, inherent", "term_B, inherent, over A at 1",
                         "term_B, inherent, over A at 2"]  # fmt: skip
    assert "to_inherent, thermal, over B at 2" in names


def test_features_have_the_names_of_the_species():
    alloy = replace(KA, species=("Ni", "P"))
    sets = feature_sets(descriptors(alloy.species), alloy)
    assert {f.descriptor for f in sets["cage"]} == {"term_Ni", "term_P"}
    assert "energy_P, inherent, over Ni at 2" in [f.name for f in sets["pairs"]]


def mixture_of(n):
    """Particles of ``n`` species that differ in nothing."""
    one = np.ones((n, n))
    names = ("A", "B", "C")[:n]
    return Mixture(names, np.full(n, 1 / n), one, one, 2.5 * one, np.ones(n))


@pytest.mark.parametrize("n", [1, 3])
def test_features_are_for_two_species(n):
    with pytest.raises(ValueError, match=f"has {n} species.*need a mixture of two species"):
        feature_sets(descriptors(mixture_of(n).species), mixture_of(n))


# ---------------------------------------------------------------- the command
@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files in which particles beside many B move little."""
    folder = tmp_path_factory.mktemp("files")
    found = []
    for seed in range(4):
        start, types = configuration(seed)
        d = start[:, None] - start[None]
        d -= BOX * np.rint(d / BOX)
        beside = (np.sqrt((d**2).sum(-1)) < 1.2) @ (types == 1)
        found.append(write(folder / f"c{seed}.npz", seed, 32, 0.6 / (1 + beside)))
    return found


def command(capsys, *words):
    try:
        status = main(["propensity", *map(str, words)])
    except SystemExit as stop:
        status = stop.code
    said = capsys.readouterr()
    assert said.out == ""
    return status, said.err


def test_the_command_finds_what_the_files_hold(capsys, tmp_path, files):
    out = tmp_path / "beyond"
    status, said = command(
        capsys, *files[:3], "--temperature", 0.44, "--out", out, "--folds", 3,
        "--unseen", files[3],
    )  # fmt: skip
    assert status == 0, said
    table = pd.read_csv(out / "scores.csv")
    assert not table["name"].str.startswith("softness").any()
    assert set(table["target"]) == {"propensity", "left"}
    table = table[table["target"] == "propensity"]
    bare = table.query("kind == 'descriptor' and length == 0").set_index(["name", "positions"])
    beside = bare.loc[("neighbours_B", "thermal")]
    assert beside["pearson_each"] < -0.3 and beside["over_energy_each"] > 0
    assert abs(beside["pearson_each"]) > abs(bare.loc[("Q6", "thermal"), "pearson_each"])
    top = table.query("kind == 'ceiling'").iloc[0]
    assert 0.9 < top["pearson_each"] < 1 and top["split_half_each"] < top["pearson_each"]
    learned = table.query("kind == 'learned'").set_index("name")
    assert learned.loc["ridge_named", "features"] == 40
    assert learned.loc["ridge_named", "pearson_each"] > 0.25
    check = table.query("kind == 'check'").iloc[0]
    assert abs(check["pearson_each"]) < 0.2
    assert set(table.query("kind == 'unseen'")["name"]) == set(learned.index)
    figures = ("predictors", "averaging_lengths", "coefficients", "predicted_map")
    for name in figures:
        assert (out / f"{name}.png").stat().st_size > 20_000
        assert (out / f"{name}.pdf").stat().st_size > 5_000
    assert len(list(out.iterdir())) == 2 * len(figures) + 6
    assert all(is_propensity(path) for path in out.iterdir())  # so that a second run replaces them
    predicted = pd.read_csv(out / "predicted.csv")
    assert len(predicted) == N and predicted["predicted"].notna().sum() == 240
    fitted = pd.read_csv(out / "coefficients.csv").query("target == 'propensity'")
    assert fitted.groupby("name").size().to_dict() == {
        "ridge_cage": 12, "ridge_mechanics": 60, "ridge_named": 40, "ridge_pairs": 12,
        "ridge_static": 42,
    }  # fmt: skip
    worth = pd.read_csv(out / "importances.csv").query("target == 'propensity'")
    assert worth.groupby("name").size().to_dict() == {
        "ridge_cage": 2, "ridge_mechanics": 35, "ridge_named": 8, "ridge_pairs": 4,
        "ridge_static": 17,
    }  # fmt: skip
    # up to half the box, 3.15
    lengths = pd.read_csv(out / "lengths.csv")
    assert sorted(set(lengths["length"])) == [0, 0.5, 0.75, 1, 1.5, 2, 3]


def test_chosen_predictors_beside_published_ones(capsys, tmp_path, files):
    """Only they are computed; a second run may replace the folder."""
    table = tmp_path / "published.csv"
    table.write_text(
        "network,T,time,pearson_each,pearson_pooled\n"
        "X,0.44,4120,0.1,0.9\nY,0.44,4120,0.2,0.3\nX,0.5,4120,0.99,0.99\nX,0.44,1,0.99,0.99\n"
    )
    words = [
        *files[:3], "--temperature", 0.44, "--out", tmp_path / "out", "--folds", 3, "--time", 4120,
        "--predictors", "ridge_pairs,ridge_cage", "--published", table,
    ]  # fmt: skip
    for _ in range(2):
        status, said = command(capsys, *words)
        assert status == 0, said
    scores = pd.read_csv(tmp_path / "out/scores.csv")
    assert set(scores["kind"]) == {"ceiling", "learned"} and set(scores["time"]) == {4120}
    beside = pd.read_csv(tmp_path / "out/published.csv")
    assert len(beside) == 4 and set(beside["name"]) == {"ridge_pairs", "ridge_cage"}
    each = beside[beside["way"] == "each"]
    assert set(each["network"]) == {"Y"} and set(each["best"]) == {0.2}
    assert set(beside.loc[beside["way"] == "pooled", "network"]) == {"X"}
    learned = scores[(scores["target"] == "propensity") & (scores["kind"] == "learned")]
    ours = each.set_index("name")["ours"].sort_index()
    np.testing.assert_array_equal(ours, learned.set_index("name")["pearson_each"].sort_index())
    np.testing.assert_allclose(beside["difference"], beside["ours"] - beside["best"], atol=2e-4)
    assert [path.name for path in (tmp_path / "out").glob("*.png")] == ["published.png"]


def test_predictors_with_runs_need_the_forces_of_the_engine(files):
    found = read_configurations(files[:1], KA, 1.2)
    other = Mixture.from_dict(KOB_ANDERSEN | {"potential": "lennard-jones", "exponents": [18, 6]})
    of_engine, of_other = (
        usable(describe(found, liquid_of_configurations(found, mixture, 0.44)))
        for mixture in (KA, other)
    )
    assert list(of_engine) == list(LEARNED)
    assert set(of_engine) - set(of_other) == {"ridge_static", "ridge_mechanics"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--folds", "3", "--predictors", "ridge_none"], "no learned predictor ridge_none: choose"),
        (["--no-learned", "--predictors", "ridge_cage"], "--predictors names learned predictors"),
        (["--published", TRIALS], "no column network"),
        (["--published", __file__], "not a CSV table: needs columns network, T, time"),
        (["--folds", "5"], "4 configurations are too few for 5 folds"),
        (["--no-learned", "--lengths", "3.5"], "L = 3.5 in the weight .* must be positive"),
        (["--no-learned", "--density", "1.1"], "give --density"),
        (["--no-learned", "--calibration", "nowhere"], "has no calibration"),
    ],
)
def test_the_command_says_what_is_wrong_in_one_line(capsys, tmp_path, files, words, said):
    out = tmp_path / "beyond"
    status, got = command(capsys, *files, "--temperature", 0.44, "--out", out, "--quiet", *words)
    assert status == 1 and got.count("\n") == 1
    assert re.search(said, got) and not out.exists()


def calibration(folder, T=0.44, slope=-19.6, density=1.2, cutoff=2.5, r0_AB=0.71):
    """A line, the cages that it was fitted to, and the configuration that it is of."""
    folder.mkdir(exist_ok=True)
    shared = {"q_max": 20, "route": "curvature"}
    radii = {"r0_AA": 0.82, "r0_AB": r0_AB, "r_min_AA": 1.43, "r_min_AB": 1.24}
    cages = pd.DataFrame([{"T": at, **shared, **radii} for at in (T, 0.8)])
    cages.to_csv(folder / "cage.csv", index=False)
    line = {"relation": "c", **shared, "intercept": 9000.0, "slope": slope}
    pd.DataFrame([line]).to_csv(folder / "calibration.csv", index=False)
    about = {"mixture": KOB_ANDERSEN | {"cutoff": cutoff}, "system": {"density": density}}
    (folder / "config.yaml").write_text(yaml.safe_dump(about))
    return folder


def test_the_first_shell_is_the_best_that_is_known(tmp_path, files):
    """That of the study, or of the cages beside the line, or of the configurations."""
    configurations = read_configurations(files[:1], KA, 1.2)
    own = liquid_of_configurations(configurations, KA, 0.44)
    found, measured = {"none": own}, "g(r) of the configurations"
    for name in ("other", "cages", "study"):
        folder = calibration(tmp_path / name, 0.5 if name == "other" else 0.44)
        if name == "study":
            curves = {key: getattr(own, key) for key in ("r", "g", "r_min")}
            (folder / "cage").mkdir()
            np.savez(folder / "cage/T0.44.npz", r0=own.r0 + 0.01, **curves)
        found[name], source = liquid_of_calibration(folder, configurations, KA, 0.44)
        assert found[name].line == (9000.0, -19.6)
        assert (
            source
            == {
                "other": measured,
                "cages": f"{folder}/calibration.csv, pairs of A; others: {measured}",
                "study": f"{folder}/cage/T0.44.npz",
            }[name]
        )
    np.testing.assert_array_equal(found["other"].r0, own.r0)
    np.testing.assert_array_equal(found["study"].r0, own.r0 + 0.01)
    assert found["cages"].r0.tolist() == [[0.82, 0.71], [0.71, own.r0[1, 1]]]
    assert found["cages"].r_min.tolist() == [[1.43, 1.24], [1.24, own.r_min[1, 1]]]
    depths = {}
    for name, liquid in found.items():
        (described,) = describe(configurations, liquid)
        depths[name] = described.values("depth_0.09", "thermal")
        assert ("softness_0.09" in available(described.frame, described.known)) == (name != "none")
    np.testing.assert_array_equal(depths["none"], depths["other"])
    for one, other in (("none", "cages"), ("cages", "study"), ("study", "none")):
        assert (depths[one] != depths[other]).any()


def test_the_command_says_where_the_first_shell_is_from(capsys, tmp_path, files):
    status, said = command(
        capsys, *files[:1], "--no-learned", "--temperature", 0.44, "--out", tmp_path / "out",
        "--calibration", calibration(tmp_path / "line"),
    )  # fmt: skip
    assert status == 0, said
    assert "line/calibration.csv, pairs of A; others: g(r) of the configurations\n" in said
    assert "AB: r0 = 0.71, r_min = 1.24\n" in said
    names = pd.read_csv(tmp_path / "out/scores.csv")["name"]
    assert names.str.startswith("softness").any()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"slope": 2.0}, r"1/S = 9000 \+2 beta Phi rises, so deeper cages would be softer"),
        ({"density": 1.1}, "is the calibration of density 1.1, the trajectory has 1.2"),
        ({"cutoff": 1.5}, "is the calibration of another mixture"),
    ],
)
def test_a_line_of_another_liquid_is_refused(capsys, tmp_path, files, change, words):
    folder, out = calibration(tmp_path / "line", **change), tmp_path / "out"
    status, said = command(
        capsys, *files[:1], "--no-learned", "--temperature", 0.44, "--out", out, "--quiet",
        "--calibration", folder,
    )  # fmt: skip
    assert status == 1 and said.count("\n") == 1 and re.search(words, said) and not out.exists()


def test_an_unseen_configuration_may_have_another_density(tmp_path, files):
    """A published one is denser by 0.3 %, for which a line would not hold; no predictor has one."""
    (start, types), scale = configuration(8), 0.999
    other = tmp_path / "denser.npz"
    moved = start + np.random.default_rng(8).normal(0, 0.3, (16, N, 3))
    np.savez(
        other, types=types, initial_positions=scale * start, positions=scale * moved,
        box=3 * [scale * BOX],
    )  # fmt: skip
    tables = rank_files(
        files[:3], KA, 0.44, 1.2, calibration=calibration(tmp_path / "line"), unseen=[other],
        folds=3, chosen=["ridge_cage"],
    )  # fmt: skip
    (row,) = tables["scores"].query("kind == 'unseen'").to_dict("records")
    assert row["name"] == "ridge_cage" and abs(row["pearson_each"]) < 0.5


@pytest.mark.parametrize("n", [1, 3])
def test_a_mixture_of_other_than_two_species_is_refused(capsys, tmp_path, files, n):
    potential = tmp_path / "mixture.yaml"
    potential.write_text(yaml.safe_dump({"mixture": mixture_of(n).to_dict()}))
    words = (*files[:1], "--temperature", 0.44, "--out", tmp_path / "out", "--quiet")
    status, said = command(capsys, *words, "--potential", potential)
    assert status == 1 and said.count("\n") == 1
    assert f"the mixture has {n} species" in said and "a mixture of two species" in said


def test_a_propensity_that_is_the_same_for_all_is_refused(capsys, tmp_path):
    """There is nothing to predict, and no row for a table."""
    start, types = configuration()
    path, out = tmp_path / "constant.npz", tmp_path / "out"
    np.savez(path, types=types, positions=start, times=[3.0], propensity=np.ones((1, N)))
    words = (path, "--no-learned", "--temperature", 0.44, "--out", out, "--quiet")
    status, said = command(capsys, *words)
    assert status == 1 and said.count("\n") == 1 and not out.exists()
    assert "constant: the propensity at the last time is the same for nearly all" in said


def test_files_with_different_numbers_of_times_are_refused(capsys, tmp_path):
    rng, out = np.random.default_rng(3), tmp_path / "out"
    paths = [tmp_path / "two.npz", tmp_path / "three.npz"]
    for seed, path in enumerate(paths):
        (start, types), times = configuration(seed), np.arange(2.0 + seed)
        moved = rng.random((len(times), N))
        np.savez(path, types=types, positions=start, times=times, propensity=moved)
    words = (*paths, "--no-learned", "--temperature", 0.44, "--out", out, "--quiet")
    status, said = command(capsys, *words)
    assert status == 1 and said.count("\n") == 1 and not out.exists()
    assert "two has 2 times, three has 3: give configurations with the same times" in said


def test_files_of_two_liquids_are_refused(capsys, tmp_path, files):
    start, types = configuration(7)
    keep = np.arange(N) != np.flatnonzero(types == 0)[0]
    other = tmp_path / "other.npz"
    np.savez(
        other, types=types[keep], initial_positions=start[keep], box=[BOX] * 3,
        positions=start[keep] + np.random.default_rng(1).normal(0, 0.1, (16, N - 1, 3)),
    )  # fmt: skip
    words = (*files[:1], other, "--no-learned", "--temperature", 0.44, "--out", tmp_path / "out")
    status, said = command(capsys, *words)
    assert status == 1 and "differ in box or composition" in said


# ---------------------------------------------------------------- public data
#: Mean |Spearman| over fifteen configurations, of an independent trial; eight of them are here.
TRIAL = {
    ("depth_0.09", "thermal"): (0.211, 0.419),
    ("depth_0.09", "inherent"): (0.229, 0.442),
    ("energy", "thermal"): (0.210, 0.452),
    ("energy", "inherent"): (0.253, 0.487),
    ("density", "thermal"): (0.399, 0.400),
    ("neighbours_B", "thermal"): (0.169, 0.366),
    ("neighbours_B", "inherent"): (0.173, 0.376),
    ("depth_pair", "thermal"): (0.255, 0.494),
    ("depth_pair", "inherent"): (0.298, 0.555),
}


@pytest.mark.slow
def test_public_files_give_the_table_of_the_trial():
    beside = Path(__file__).parents[3] / "shared" / "data"
    folder = Path(os.environ.get("SOFTCAGE_DATA", beside)) / "botan_T0.44"
    paths = sorted(folder.glob("*.npz"))
    if not paths:
        pytest.skip(f"{folder} is not here (SOFTCAGE_DATA: the folder of such files)")
    configurations = read_configurations(paths, KA, 1.2)
    described = describe(configurations, liquid_of_configurations(configurations, KA, 0.44))
    known = descriptors(KA.species)
    chosen = {name: known[name] for name, _ in TRIAL}
    values = descriptor_values(described, chosen, [1.5])
    rows = descriptor_rows(values, [c.measured["propensity"][0] for c in configurations])
    table = pd.DataFrame(rows).set_index(["name", "positions", "length"])
    for key, expected in TRIAL.items():
        for length, value, error in zip((0.0, 1.5), expected, (0.009, 0.04), strict=True):
            row = table.loc[(*key, length)]
            allowed = 3 * np.hypot(error, row["spearman_each_error"])
            assert abs(row["spearman_each"]) == pytest.approx(value, abs=allowed), (key, length)
