"""`snakemake beyond` on the tiny study: runs from its configurations, merged and scored."""

import numpy as np
import pandas as pd
import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


@pytest.fixture(scope="module")
def beyond(study_run, tmp_path_factory):
    """A copy of the finished tiny study, with its propensity."""
    copy = study_run.copied(tmp_path_factory.mktemp("beyond") / "copy")
    assert "propensity" not in {path.name for path in copy.results.iterdir()}  # not asked for
    copy.snakemake("beyond", check=True)
    return copy


def test_each_configuration_has_a_propensity_with_halves(beyond):
    found = []
    for configuration in range(3):
        with np.load(beyond.results / f"propensity/T1/c{configuration}.npz") as file:
            content = dict(file)
        assert content["draws"] == 8 and content["propensity"].shape == (3, 300)
        mean = content["propensity"].mean(axis=1)
        # free at first: half of the spread of one velocity, and the cage slows it
        assert 0.5 < mean[0] / (content["times"][0] * np.sqrt(8 / np.pi)) < 1
        assert (np.diff(mean) > 0).all()
        assert (np.diff(content["left"].mean(axis=1)) >= 0).all()
        halves = content["propensity_halves"]
        assert np.abs(halves[0] - halves[1]).min(axis=1).max() > 0
        np.testing.assert_allclose(halves.mean(axis=0), content["propensity"], rtol=1e-6)
        found.append(content["positions"])
    box = content["box"]
    for k in range(2):  # configurations are independent: particles are elsewhere
        moved = found[k + 1] - found[k]
        moved -= box * np.rint(moved / box)
        assert np.sqrt((moved**2).sum(axis=1)).mean() > 0.5


def test_two_batches_are_one(beyond, tmp_path):
    """One batch of eight draws is what two of four add up to."""
    copy = beyond.copied(tmp_path / "copy")
    folder = copy.results / "propensity/T1"
    with np.load(folder / "c0.npz") as file:
        before = dict(file)
    change = {"propensity": {"batch": 8}}
    copy.snakemake("results/tiny/propensity/T1/c0.npz", change=change, check=True)
    with np.load(folder / "c0.npz") as file:
        for name, values in before.items():
            np.testing.assert_allclose(file[name], values, rtol=1e-6)


def test_every_predictor_is_scored_at_every_time(beyond):
    table = pd.read_csv(beyond.results / "beyond/scores.csv")
    assert set(table["T"]) == {1.0} and table["time"].nunique() == 3
    assert (table.groupby("time")["name"].nunique() > 30).all()
    # Voronoi cells know nothing of some particles, the rest is there
    assert table.query("kind == 'descriptor'")["pearson_each"].notna().mean() > 0.95
    correlations = table.filter(regex="^(pearson|spearman)_(each|pooled)$")
    assert (correlations.abs().max() <= 1).all()
    assert set(table.query("kind == 'learned'")["name"]) >= {"ridge_named", "svm_softness"}
    assert len(table.query("kind == 'ceiling'")) == 3
    for name in ("times.png", "T1/scores.png", "T1/coefficients.csv"):
        assert (beyond.results / "beyond" / name).stat().st_size > 500


def test_more_configurations_leave_those_that_are_done(beyond):
    entry = {"T": 1.0, "configurations": 4}
    jobs = beyond.planned({"propensity": {"temperatures": [entry]}}, "beyond")
    assert jobs["configuration"] == 1 and jobs["draws"] == 2 and jobs["propensity"] == 1
    assert "simulate" not in jobs


def test_more_configurations_than_there_is_room_for_are_refused(beyond):
    done = beyond.snakemake("results/tiny/propensity/T1/c99/start.npz")
    assert done.returncode != 0
    assert "10 tau_alpha apart" in done.stdout and "propensity.temperatures" in done.stdout


def test_none_of_the_temperatures_is_in_the_study(beyond):
    entry = {"T": 0.47, "configurations": 3}
    done = beyond.snakemake("-n", "beyond", change={"propensity": {"temperatures": [entry]}})
    assert done.returncode != 0
    assert "names none of the study's temperatures, T = 0.6, 0.8, 1" in done.stdout
