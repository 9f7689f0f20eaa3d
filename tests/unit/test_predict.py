"""Fits of the propensity as tables, and their predictions for frames of any file."""

from pathlib import Path

import gsd.hoomd
import numpy as np
import pandas as pd
import pytest
import yaml

from softcage.cli.command import main
from softcage.descriptors.frame import Snapshot
from softcage.descriptors.table import descriptors
from softcage.io.particle_table import read_metadata
from softcage.isoconfigurational.files import read_configurations
from softcage.model import kob_andersen
from softcage.ranking.described import describe, liquid_of_configurations
from softcage.ranking.features import feature_sets
from softcage.ranking.fits import check_fit, predicted_displacements, read_fit
from softcage.ranking.learned import fit_model, pooled_particles, ridge
from softcage.ranking.predictors import LEARNED, learned_columns

KA, T = kob_andersen(), 0.5
N, BOX = 300, (300 / 1.2) ** (1 / 3)
PUBLISHED_FITS = (Path(__file__).parents[2] / "results/public/short_runs").glob("*/fits.csv")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Three configurations whose propensity follows their height, at two times."""
    folder, paths = tmp_path_factory.mktemp("files"), []
    sites = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), -1).reshape(-1, 3)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        x = rng.permutation(sites)[:N] * (BOX / 7) + rng.normal(0, 0.03, (N, 3))
        types = rng.permutation(np.arange(N) % 5 == 0).astype(np.int8)
        propensity = 1 + 0.1 * x[:, 2] + rng.normal(0, 0.05, (2, N))
        paths.append(folder / f"c{seed}.npz")
        np.savez(
            paths[-1], types=types, positions=np.mod(x, BOX), box=BOX, times=[1.0, 10.0],
            propensity=propensity,
        )  # fmt: skip
    return paths


@pytest.fixture(scope="module")
def fits(tmp_path_factory, files):
    """The folder of the command that fits one predictor."""
    folder = tmp_path_factory.mktemp("fits") / "T0.5"
    words = (*files, "--temperature", T, "--predictors", "ridge_static", "--folds", 3)
    assert main(["propensity", *map(str, words), "--out", str(folder), "--quiet"]) == 0
    return folder


def frame_of(path, file, box=BOX, flip=False):
    """Write the configuration of a file as GSD."""
    with np.load(path) as content:
        with gsd.hoomd.open(file, "w") as handle:
            frame = gsd.hoomd.Frame()
            frame.configuration.step, frame.configuration.box = 0, [box] * 3 + [0] * 3
            frame.particles.N, frame.particles.types = N, ["B", "A"] if flip else ["A", "B"]
            frame.particles.typeid = content["types"]
            frame.particles.position = (content["positions"] - BOX / 2) * box / BOX
            handle.append(frame)
    return file


def test_the_table_is_the_regression(fits, files):
    """Mean, scale and weight of each feature, from the models of scikit-learn's kind."""
    configurations = read_configurations(files, KA, 1.2)
    liquid = liquid_of_configurations(configurations, KA, T)
    described = describe(configurations, liquid)
    columns = learned_columns(described, "ridge_static")
    target = [one.measured["propensity"][1] for one in configurations]
    model = fit_model(ridge, *pooled_particles(columns, target))
    fit = read_fit(fits, "ridge_static", T, 10)
    assert fit.density == pytest.approx(1.2) and fit.time == 10 and len(fit.features) == 42
    assert fit.mixture.to_dict() == KA.to_dict()
    for x in columns:
        np.testing.assert_allclose(fit.predict(x), model.predict(x), rtol=1e-6)
    first = configurations[0]
    frame = Snapshot(first.positions, first.species, first.box, liquid)
    np.testing.assert_allclose(
        predicted_displacements(fit, frame), model.predict(columns[0]), rtol=1e-6
    )
    table = pd.read_csv(fits / "fits.csv", comment="#")
    assert set(table["time"]) == {1, 10} and (table["residual"] > 0.03).all()


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".gsd", ".extxyz"])
def test_the_command_predicts_a_frame(capsys, tmp_path, fits, files, suffix):
    """One frame has its own g(r), so that predictions are those for a liquid of this frame."""
    run, out = frame_of(files[0], tmp_path / "run.gsd"), tmp_path / f"predicted{suffix}"
    words = ("predict", run, "--temperature", T, "--time", 10, "--fits", fits.parent)
    words = (*words, "--predictor", "ridge_static", "--out", out)
    assert main([*map(str, words)]) == 0
    said = capsys.readouterr().err
    assert "240 displacements until t = 10 by ridge_static, error " in said
    (one,) = read_configurations(files[:1], KA, 1.2)
    fit = read_fit(fits / "fits.csv", "ridge_static", T, 10)
    liquid = liquid_of_configurations([one], KA, T)
    expected = predicted_displacements(fit, Snapshot(one.positions, one.species, one.box, liquid))
    if suffix == ".gsd":
        with gsd.hoomd.open(out) as handle:
            found = handle[0].log["particles/propensity"]
        assert np.isnan(found[one.species == 1]).all()
        found = found[one.species == 0]
    elif suffix == ".extxyz":
        rows = [line.split() for line in out.read_text().splitlines()[2:]]
        found = np.array([float(row[5]) for row in rows if row[1] == "A"])
    else:
        table = pd.read_csv(out, comment="#") if suffix == ".csv" else pd.read_parquet(out)
        found = table["propensity"]
        assert read_metadata(out)["n_rows"] == 240
        assert table["propensity_error"].to_numpy() == pytest.approx(fit.residual, rel=1e-5)
    # GSD holds single precision, from which the short run of the cage state takes another path
    assert np.corrcoef(found, expected)[0, 1] > 0.9
    assert main([*map(str, words)]) == 0  # it may replace its own file


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"--time": 30}, "has no fit for the time 30; there are: 1, 10"),
        ({"--temperature": 0.7}, "has no fit for the temperature 0.7; there are: 0.5"),
        ({"--predictor": "ridge_named"}, "has no fit for the predictor ridge_named; there are:"),
        ({"--fits": "nowhere"}, "nowhere: has no fits.csv: give the output folder"),
        ({"--fits": "run.gsd"}, "run.gsd: is no table of fits"),
        ({"--potential": "other.yaml"}, "the fit is of another mixture than the frames"),
    ],
)
def test_one_line_and_nothing_written(capsys, tmp_path, monkeypatch, fits, files, changed, words):
    monkeypatch.chdir(tmp_path)
    frame_of(files[0], tmp_path / "run.gsd")
    other = KA.to_dict() | {"cutoff": 2.0}
    (tmp_path / "other.yaml").write_text(yaml.safe_dump({"mixture": other}))
    options = {"--temperature": T, "--time": 10, "--fits": fits, "--predictor": "ridge_static"}
    options |= {"--out": "predicted.csv"} | changed
    given = [str(word) for pair in options.items() for word in pair]
    assert main(["predict", "run.gsd", *given, "--quiet"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and words in said and not (tmp_path / "predicted.csv").exists()


@pytest.mark.parametrize("predictor", ["ridge_static", "ridge_mechanics"])
@pytest.mark.parametrize("path", sorted(PUBLISHED_FITS), ids=lambda path: path.parent.name)
def test_the_published_fits_are_of_the_features_of_this_version(path, predictor):
    table = pd.read_csv(path, comment="#")
    of_predictor = table[table["name"] == predictor]
    known = feature_sets(descriptors(KA.species), KA)[LEARNED[predictor].features]
    for _, rows in of_predictor.groupby(["target", "time"]):
        assert rows["feature"].tolist() == [feature.name for feature in known]
    assert len(of_predictor) > 0


def test_a_fit_of_another_density_or_composition(fits):
    fit = read_fit(fits, "ridge_static", T, 10)
    species = np.repeat([0, 1], [240, 60])
    check_fit(fit, KA, 1.2, species)
    with pytest.raises(ValueError, match=r"the fit is of density 1.2, the frames have 1.1"):
        check_fit(fit, KA, 1.1, species)
    with pytest.raises(ValueError, match=r"of the composition \[0.8, 0.2\], the frames have \[0.5"):
        check_fit(fit, KA, 1.2, np.repeat([0, 1], [150, 150]))
