"""`snakemake beyond` on the tiny study: runs from its configurations, merged and scored."""

import re
import shutil
import sys
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score

from softcage.descriptors.run import read_descriptors
from softcage.io.trajectory import open_trajectory
from softcage.isoconfigurational.copies import depth_in_sphere

pytestmark = [pytest.mark.workflow, pytest.mark.slow]
OF_PROPENSITY = ("predictors_T1", "averaging_lengths_T1", "coefficients_T1", "predicted_map_T1")
FIGURES = (
    *OF_PROPENSITY,
    "bounds_T1",
    *(f"hop_predictors_T{T}" for T in ("0.6", "0.8", "1")),
    *("predictors_in_time", "survival", "before_and_after_hops", "facilitation", "maps"),
)
REPORT = Path(__file__).parents[2] / "workflow" / "report"
CAPTIONS = sorted({REPORT / f"{name.partition('_T')[0]}.rst" for name in FIGURES})


def apart(start, positions, kind="positions"):
    """Distance of each particle of a configuration from other positions of it."""
    moved = start[kind] - positions
    return np.linalg.norm(moved - start["box"] * np.rint(moved / start["box"]), axis=1)


@pytest.fixture(scope="module")
def beyond(study_run, beyond_run, tmp_path_factory):
    """The finished tiny study, with its propensity."""
    assert "propensity" not in {path.name for path in study_run.results.iterdir()}  # not asked for
    return beyond_run.copied(tmp_path_factory.mktemp("beyond") / "copy")


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
        found.append(content)
    for k in range(2):  # configurations are independent: particles are elsewhere
        assert apart(found[k + 1], found[k]["positions"]).mean() > 0.5
    run = open_trajectory(beyond.results / "md/T1/r0/uniform.nc")
    frames = run.read(range(run.n_frames))
    for start in found:  # the average over 2 is that of four frames, the last of them its own
        at = min(range(run.n_frames), key=lambda k: apart(start, frames[k]).max())
        assert apart(start, frames[at]).max() < 1e-5
        assert apart(start, frames[at - 3 : at + 1].mean(axis=0), "averaged").max() < 1e-5


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
    assert (table.groupby(["target", "time"])["name"].nunique() > 30).all()
    assert set(table["positions"].dropna()) == {"thermal", "averaged", "inherent"}
    # Voronoi cells know nothing of some particles, the rest is there
    assert table.query("kind == 'descriptor'")["pearson_each"].notna().mean() > 0.95
    correlations = table.filter(regex="^(pearson|spearman)_(each|pooled)$")
    assert (correlations.abs().max() <= 1).all()
    assert set(table.query("kind == 'learned'")["name"]) >= {"ridge_named", "svm_softness"}
    top = table.query("kind == 'ceiling'").groupby("target").size()
    assert top["propensity"] == 3 and 1 <= top["left"] < 3  # nobody has left at first
    assert set(table["target"]) == {"propensity", "left"}
    for name in ("lengths", "coefficients", "importances", "predicted"):
        assert (beyond.results / f"beyond/T1/{name}.csv").stat().st_size > 500
    assert len(pd.read_csv(beyond.results / "beyond/T1/predicted.csv")) == 300


def test_copies_share_their_part_and_bound_what_is_known(beyond):
    for number in range(2):
        folder = beyond.results / "propensity/T1"
        original, cages, sphere = (
            dict(np.load(folder / f"c{number}{suffix}.npz"))
            for suffix in ("", "/same_cages", "/same_sphere")
        )
        moved = apart(original, cages["positions"])
        assert 0.1 < np.median(moved) < 0.5 and moved.max() < 1.2
        moved = apart(original, sphere["positions"])
        inside = depth_in_sphere(original["positions"], float(original["box"])) > 0
        assert moved[inside].max() == 0 < moved[~inside].min() and moved[~inside].mean() > 0.5
        for copy in (cages, sphere):
            assert copy["draws"] == 8 and (copy["times"] == original["times"]).all()
    table = pd.read_csv(beyond.results / "beyond/T1/bounds.csv")
    assert set(table["shared"]) == {"cages", "sphere"}
    assert table["bound"].dropna().between(0, 2).all()
    cages = table[(table["shared"] == "cages") & (table["target"] == "propensity")]
    assert cages["particles"].tolist() == [480] * 3 and cages["bound"].notna().all()


def test_every_figure_is_drawn_with_its_points(beyond):
    for name in FIGURES:
        for suffix, least in (("png", 1000), ("pdf", 1000), ("csv", 500)):
            assert (beyond.results / f"figures/{name}.{suffix}").stat().st_size > least
        path = beyond.results / f"figures/{name}.csv"
        assert path.read_text().startswith(f"# rule figure_{name.partition('_T')[0]}, study tiny, ")
        assert not pd.read_csv(path, comment="#").dropna(subset="x").empty
    with Image.open(beyond.results / "figures/maps.gif") as film:
        assert film.n_frames > 1
    # nothing is drawn beside the tables; those for the pages are in Markdown
    beside = {path.suffix for path in (beyond.results / "beyond").rglob("*.*")}
    assert beside == {".csv", ".md"}


def test_the_look_of_figures_computes_nothing(beyond):
    """All figures are redrawn, and nothing but them."""
    for look in ({"dpi": 61}, {"width": 3.5}):
        jobs = beyond.planned({"figures": look}, "study", "beyond")
        ends = {"study", "all", "beyond", "resolved_config", "costs", "summary", "animation"}
        drawn = [name for name in jobs if re.fullmatch(r"fig(ure_\w+|\d\d|S\d)", name)]
        assert set(jobs) - set(drawn) <= ends
        assert sum(jobs[name] for name in drawn) == 23 + len(FIGURES)


def test_softness_around_events_is_told_for_all_temperatures(beyond):
    folder = beyond.results / "beyond/hop_environment"
    around, lead, change, hazard, ratio = (
        pd.read_csv(folder / f"{name}.csv")
        for name in ("around", "lead", "change", "hazard", "ratio")
    )
    for table in (around, lead, hazard, ratio):
        assert set(table["T"]) == {0.6, 0.8, 1.0}
    assert set(around["control"]) == {"random", "at", "before"} and around["auc"].max() <= 1
    # S of a liquid at these temperatures, of hoppers and of others, at whatever time
    known = around[around["n"] > 100]
    assert len(known) and known[["hopping", "control_softness"]].stack().between(1e-3, 4e-3).all()
    assert change["r"].max() < 5 and (change["n"] > 0).all()
    assert (hazard["hops"] <= hazard["n"]).all()


def check_against_the_study(results, now):
    """Depths and hops at T = 0.6 are those of the rules softness and hops, frame by frame."""
    run = read_descriptors(results / "descriptors/T0.6/r0.h5")
    with h5py.File(results / "softness/T0.6/d0.09/r0.h5") as store:
        rows = np.searchsorted(store["uniform/time"][:], run.times - 1e-6)
        depth = store["uniform/depth"][:][rows]
    np.testing.assert_allclose(
        run.values["depth_0.09", "thermal", 0.0], depth, rtol=1e-3, atol=0.01
    )
    with h5py.File(results / "hops/T0.6/r0.h5") as store:
        p_hop, p_c = store["dt15/p_hop"][:], store["dt15"].attrs["p_c"]
        rows = np.searchsorted(store["dt15/time"][:], run.times - 1e-6)
    moving = p_hop[rows] > p_c
    assert now["hops"].eq(moving.sum()).all() and moving.any()
    row = now[(now["name"] == "energy") & (now["positions"] == "inherent") & (now["length"] == 0)]
    energy = run.values["energy", "inherent", 0.0]
    pairs = moving.sum(axis=1) * (~moving).sum(axis=1)
    areas = [roc_auc_score(*both) for both in zip(moving, energy, strict=True)]
    assert row["auc"].item() == pytest.approx(np.average(areas, weights=pairs), abs=1e-4)


def test_every_descriptor_is_scored_against_the_hops(beyond):
    table = pd.read_csv(beyond.results / "beyond/hops.csv")
    assert set(table["T"]) == {0.6, 0.8, 1.0} and set(table["target"]) == {"now", "first"}
    assert {"depth_0.04", "softness_0.09", "energy", "debye_waller", "Q6"} <= set(table["name"])
    assert set(table["positions"]) == {"thermal", "averaged", "inherent"}
    now = table[table["target"] == "now"]
    assert now["auc"].between(0, 1).all() and now["particles"].eq(2 * 240).all()
    check_against_the_study(beyond.results, now[now["T"] == 0.6])
    assert (beyond.results / "beyond" / "survival.csv").stat().st_size > 500


def test_the_report_says_of_each_figure_what_is_seen(beyond):
    beyond.snakemake("beyond", "--report", "results/tiny/beyond.html", check=True)
    report = (beyond.results / "beyond.html").read_text()
    first_words = [path.read_text()[:40] for path in CAPTIONS]
    assert [words for words in first_words if f"<p>{words}" not in report] == []


def test_more_configurations_leave_those_that_are_done(beyond):
    entry = {"T": 1.0, "configurations": 4}
    jobs = beyond.planned({"propensity": {"temperatures": [entry]}}, "beyond")
    assert (
        jobs["configuration"] == 1
        and jobs["isoconfigurational_runs"] == 2
        and jobs["propensity"] == 1
    )
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


def test_configurations_in_files_need_no_state_point(beyond, tmp_path):
    copy = beyond.copied(tmp_path / "copy")
    shutil.copytree(copy.results / "propensity/T1", copy.folder / "others")
    entry = {"T": 0.9, "configurations": 2, "files": "others/c*.npz", "times": [0.1, 1]}
    change = {"propensity": {"temperatures": [entry]}}
    jobs = copy.planned(change, "propensities")
    assert jobs["configuration_of_file"] == jobs["propensity"] == 2 and "simulate" not in jobs
    copy.snakemake("propensities", change=change, check=True)
    for k in range(2):
        with (
            np.load(copy.results / f"propensity/T0.9/c{k}.npz") as made,
            np.load(copy.folder / f"others/c{k}.npz") as source,
        ):
            assert np.array_equal(made["positions"], source["positions"])
            assert made["times"].tolist() == [0.1, 1]
            # before particles collide, they are as fast as their temperature says
            ratio = made["propensity"][0].mean() / source["propensity"][0].mean()
            assert source["times"][0] == 0.1 and 0.9 < ratio < 0.99
    done = copy.snakemake("-n", "results/tiny/propensity/T0.9/c9.npz", change=change)
    assert done.returncode != 0 and "has 3 files there, which are counted from 0" in done.stdout


def test_public_files_are_ranked_and_published_by_their_names(beyond, tmp_path):
    """As the study's own configurations are, whose files these are."""
    copy = beyond.copied(tmp_path / "copy")
    entry = {
        "name": "others",
        "files": "results/tiny/propensity/T1/c*.npz",
        "temperature": 1.0,
        "calibration": "results/tiny/calibration/calibration.csv",
    }
    table = copy.folder / "networks.csv"
    times = pd.read_csv(copy.results / "beyond/scores.csv")["time"].unique()
    rows = [f"a network,1.0,{time:.4g},0.5,0.6" for time in times]
    table.write_text("network,T,time,pearson_each,pearson_pooled\n" + "\n".join(rows) + "\n")
    fitted = [
        {"name": f"fits/T{T}", "files": entry["files"], "temperature": T, "transfer": True}
        | {"predictors": ["ridge_static", "ridge_mechanics"]}
        for T in (0.9, 1.0)
    ]
    fitted[1]["published"] = "networks.csv"
    copy.snakemake("public", change={"public": [entry, *fitted]}, check=True)
    overlays = ["config/tiny.yaml", "config/change.yaml"]
    done = copy.run([sys.executable, "-m", "study", "publish-public", *overlays])
    assert done.returncode == 0, done.stdout
    published = copy.folder / "results" / "public" / "others"
    ours, others = (
        pd.read_csv(folder / "scores.csv").query("name == 'energy' and positions == 'inherent'")
        for folder in (copy.results / "beyond/T1", published)
    )
    assert len(ours) and ours["pearson_each"].tolist() == others["pearson_each"].tolist()
    assert "`energy`" in (published / "table.md").read_text()
    for name in ("predictors", "averaging_lengths", "coefficients", "predicted_map"):
        points = (published / "figures" / f"{name}.csv").read_text()
        assert points.startswith(f"# rule figure_public_{name}, study tiny")
        assert (published / "figures" / f"{name}.pdf").stat().st_size > 1000
    assert "table.md,public_page,unknown," in (published / "commits.csv").read_text()
    folder = published.with_name("fits")
    assert {path.name for path in (folder / "T0.9").glob("*.csv")} == {
        *("scores.csv", "coefficients.csv", "importances.csv", "fits.csv", "commits.csv")
    }
    scores = pd.read_csv(folder / "T1.0/scores.csv").query("kind == 'learned'")
    assert set(scores["name"]) == {"ridge_static", "ridge_mechanics"}
    beside = pd.read_csv(folder / "T1.0/published.csv").query("way == 'each'")
    assert len(beside) == 2 * len(times) and set(beside["best"]) == {0.5}
    assert (folder / "T1.0/figures/published.pdf").stat().st_size > 1000
    transfer = pd.read_csv(published.with_name("transfer") / "transfer.csv")
    assert set(transfer["T"]) == set(transfer["T_fit"]) == {0.9, 1.0}
    assert (
        "rule figure_public_transfer"
        in (published.with_name("transfer") / "figures/transfer.csv").read_text()
    )
