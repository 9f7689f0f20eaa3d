"""The real workflow on a tiny study: what it makes, what a change reruns, what it refuses."""

import contextlib
import dataclasses
import json
import os
import platform
import pty
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
import yaml
from tests.results.rederive import problems
from tests.workflow.conftest import Study

from softcage.dynamics.quench import Quench
from study import lock

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
FIGURES = [*(f"fig{n:02d}" for n in range(1, 16)), *(f"figS{n}" for n in range(1, 9))]
# Rules that a change of anything but the code or the model must leave alone.
MD = {"simulate"}
STRUCTURE = {"structure", "cage", "calibration"}
# Rules that look at the configuration or at all the others.
ENDS = {"study", "all", "resolved_config", "costs", "summary"}


# ---------------------------------------------------------------- what is made
@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("suffix", ["png", "pdf", "csv"])
def test_every_figure_is_drawn_with_its_points(study_run, name, suffix):
    path = study_run.results / "figures" / f"{name}.{suffix}"
    assert path.stat().st_size > 20
    if suffix == "csv":
        assert not pd.read_csv(path, comment="#").empty


def test_the_comparison_has_every_claim(study_run):
    table = pd.read_csv(study_run.results / "comparison.csv")
    config = yaml.safe_load((study_run.results / "config.yaml").read_text())
    # the claims, in their order; the paper's statements follow
    numbers = table.head(len(config["claims"]))
    assert list(numbers["id"]) == [claim["id"] for claim in config["claims"]]
    assert list(numbers["paper"].astype(float)) == [claim["value"] for claim in config["claims"]]
    assert numbers["verdict"].str.match("agrees within|differs|not measurable").all()
    # T = 0.47 is not in the tiny study, 0.8 is
    cold = table[(table["id"] == "p_c") & (table["T"] == 0.47)].iloc[0]
    warm = table[(table["id"] == "p_c") & (table["T"] == 0.80)].iloc[0]
    assert cold["verdict"] == "not measurable at this scale"
    assert 0.05 < warm["ours"] < 0.5


def test_equilibration_has_a_verdict_for_every_run(study_run):
    table = pd.read_csv(study_run.results / "equilibration.csv")
    assert list(table["T"]) == [0.6, 0.8, 1.0]
    assert set(table["verdict"]) <= {"equilibrated", "too short", "crystallised"}
    assert table["reasons"].notna().sum() == (table["verdict"] != "equilibrated").sum()
    assert not table["crystalline"].any()
    assert table["u"].is_monotonic_increasing


def test_blocks_follow_from_the_relaxation_time(study_run):
    checks = pd.read_csv(study_run.results / "equilibration.csv")
    for check in checks.to_dict("records"):
        T = f"{check['T']:g}"
        row = pd.read_csv(study_run.results / f"relaxation/summary/T{T}.csv").iloc[0]
        length = row["production_time"] / row["blocks"]
        assert 2 <= row["blocks"] <= 4  # statistics.blocks of the tiny study
        assert row["block_relaxation_times"] == pytest.approx(length / row["tau_alpha"], rel=1e-6)
        short = not row["block_relaxation_times"] >= 2
        assert str(check["errors"]).startswith("too small") == short
        with np.load(study_run.results / f"prediction/T{T}/d0.09/blocks.npz") as store:
            assert len(store["dt15_softness"]) == check["blocks"] == row["blocks"]


def test_results_say_what_they_come_from(study_run):
    cage = pd.read_csv(study_run.results / "cage" / "T0.6.csv")
    for route in ("curvature", "harmonic"):
        assert len(cage[(cage["q_max"] == 20) & (cage["route"] == route)]) == 1
    assert sorted(cage["harmonic_range"].unique()) == [0, 0.02, 0.05, 0.1, 0.2]
    assert (cage["n_frames"] == 24).all()
    fits = cage[(cage["q_max"] == 20)].sort_values("harmonic_range")
    # the potential softens outwards, and the curvature is the limit of narrow fits
    assert fits["inverse_softness"].is_monotonic_decreasing
    summary = pd.read_csv(study_run.results / "prediction" / "T0.6" / "d0.09" / "summary.csv")
    assert (summary["n_values"] == 240 * summary["n_frames"]).all()
    assert (summary["n_invalid"] <= summary["n_values"]).all()
    for name in ("r0_AA", "r0_AB", "r_min_AA", "r_min_AB"):
        assert summary[name].to_numpy() == pytest.approx(cage[name].iloc[0], rel=1e-5)
    choices = pd.read_csv(study_run.results / "prediction" / "q_max.csv").dropna(subset=["auc"])
    valid = choices[choices["n_invalid"] == 0]
    assert len(valid) > 3
    # the order of the particles does not depend on how the scale was found
    assert valid["auc"].max() - valid["auc"].min() < 2e-3


def test_the_runs_and_the_configuration_are_saved(study_run):
    points = pd.read_csv(study_run.results / "state_points.csv")
    assert list(points["T"]) == [0.6, 0.8, 1.0]
    assert points["seed"].is_unique
    assert list(points["production_steps"]) == [24_000] * 3
    config = yaml.safe_load((study_run.results / "config.yaml").read_text())
    assert config["system"] == {"particles": 300, "density": 1.2}


def test_every_rule_leaves_a_log_and_a_benchmark(study_run):
    rules = set(re.findall(r"^(?:local)?rule (\w+):", study_run.log, flags=re.MULTILINE))
    logs = {
        path.relative_to(study_run.results / "logs").parts[0].removesuffix(".log")
        for path in (study_run.results / "logs").rglob("*.log")
    }
    times = {
        path.relative_to(study_run.results / "benchmarks").parts[0].removesuffix(".tsv")
        for path in (study_run.results / "benchmarks").rglob("*.tsv")
    }
    assert logs == times
    stems = {name.removesuffix(".log") for name in logs}
    missing = {rule for rule in rules - {"all", "study"} if rule not in stems}
    assert not missing, "no log named after these rules"
    for path in (study_run.results / "logs").rglob("*.log"):  # the copy is in no repository
        assert path.read_text().splitlines()[0].endswith(" commit unknown"), path


def test_nothing_half_written_stays(study_run):
    assert not [path for path in study_run.results.rglob(".*") if ".tmp" in path.name]


def test_the_report_is_one_file(study_run):
    study_run.snakemake("--report", "results/tiny/report.html", check=True)
    report = (study_run.results / "report.html").read_text()
    assert "comparison" in report and "fig01" in report


# ---------------------------------------------------------------- does it hold together
@pytest.fixture(scope="module")
def tables(study_run, tmp_path_factory):
    """The tables of the study that are committed for the paper's, to be spoilt."""
    folder = tmp_path_factory.mktemp("tables") / "tiny"
    large = shutil.ignore_patterns("md", "softness", "structure", "hops", "logs", "checkpoints")
    shutil.copytree(study_run.results, folder, ignore=large)
    return folder


def test_the_results_are_what_their_points_say(tables):
    assert problems(tables) == []


@pytest.mark.parametrize(
    ("table", "column", "change"),
    [
        ("comparison.csv", "ours", lambda value: f"{float(value) * 1.002:.4g}"),
        ("comparison.csv", "paper", lambda value: f"{float(value) * 1.002:.4g}"),
        ("comparison.csv", "standard_error", lambda value: f"{float(value) * 1.002:.4g}"),
        ("comparison.csv", "n_sigma", lambda value: f"{-float(value):.4g}"),
        ("comparison.csv", "verdict", lambda value: f"{value}, nearly"),
        ("comparison.csv", "note", lambda value: re.sub(r"\.\d", ".9", value) + " 12"),
        ("relaxation/summary/T0.8.csv", "tau_alpha", lambda value: f"{float(value) * 1.01:.6g}"),
        ("relaxation/T0.8.csv", "overlap", lambda value: f"{float(value) * 0.9:.6g}"),
        ("prediction/T0.8/d0.09/summary.csv", "auc", lambda value: f"{float(value) + 0.05:.6g}"),
        (
            "prediction/T0.8/d0.09/distributions.csv",
            "count_all",
            lambda value: f"{int(value) + 500}",
        ),
        ("prediction/d0.09/arrhenius_points.csv", "p_r", lambda value: f"{float(value) * 1.1}"),
        ("prediction/d0.09/arrhenius.csv", "barrier", lambda value: f"{float(value) * 1.02}"),
        ("calibration/calibration.csv", "slope", lambda value: f"{float(value) * 1.02}"),
        ("equilibration.csv", "verdict", lambda value: "equilibrated"),
    ],
)
def test_a_spoilt_number_is_found(tables, table, column, change):
    path = tables / table
    text = path.read_text()
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    filled = frame.index[frame[column] != ""]
    # one cell of the comparison; of the tables below it, the column
    for row in filled[-1:] if table == "comparison.csv" else filled:
        frame.loc[row, column] = change(frame.loc[row, column])
    try:
        frame.to_csv(path, index=False)
        assert problems(tables)
    finally:
        path.write_text(text)


def test_the_same_seed_gives_the_same_tables_to_the_byte(study_run, fresh):
    # what draws figures from tables has its own test; all else, one job at a time
    ends = ["hops/example.csv", "prediction/q_max.csv", "prediction/T0.6/rearranging_rdf.csv"]
    ends = [f"results/tiny/{end}" for end in ["comparison.csv", *ends]]
    fresh.snakemake("--cores", 1, *ends, check=True)
    tables = {path.relative_to(fresh.results) for path in fresh.results.rglob("*.csv")}
    assert len(tables) > 40
    differ = {
        str(path)
        for path in tables
        if (study_run.results / path).read_bytes() != (fresh.results / path).read_bytes()
    }
    assert not differ


def test_what_made_the_results_is_recorded_and_triggers_nothing(study_run):
    record = pd.read_csv(study_run.results / "provenance.csv", index_col="what")["value"]
    assert record["study"] == "tiny"
    assert record["Python"] == platform.python_version()
    assert {"commit", "date", "processor", "cores", "memory", "numpy", "numba"} <= set(record.index)


# ---------------------------------------------------------------- what a change reruns
def test_nothing_is_done_twice(study_run):
    assert "Nothing to be done" in study_run.snakemake(check=True).stdout


def test_the_look_of_figures_reruns_figures(study_run):
    jobs = set(study_run.planned({"figures": {"dpi": 61}}))
    assert jobs - ENDS <= set(FIGURES)
    assert jobs & set(FIGURES)


def test_other_resources_rerun_nothing(study_run):
    job = {"runtime": 7, "mem_mb": 123, "partition": "night", "account": "glass"}
    classes = ("simulation", "scoring", "analysis", "short")
    assert study_run.planned({"resources": {name: job for name in classes}}) == {}


def test_a_new_delta_reruns_no_simulation_and_no_structure(study_run):
    jobs = study_run.planned({"softness": {"delta_values": [0.04, 0.09, 0.12]}})
    assert not set(jobs) & (MD | STRUCTURE)
    assert jobs["softness"] == 3  # the new one at three temperatures


def test_a_new_temperature_simulates_only_itself(study_run):
    points = [*study_run_points(study_run), {"T": 1.2, "equilibration": 10, "production": 60}]
    jobs = study_run.planned({"state_points": points})
    assert jobs["simulate"] == 1
    assert jobs["calibration"] == 1
    # all that hangs on the calibration, at every temperature; nothing of the old runs' structure
    assert jobs["softness"] == 4 * 2
    assert jobs["structure"] == jobs["cage"] == jobs["relaxation"] == jobs["hops"] == 1


def test_a_new_replica_simulates_only_itself(study_run):
    jobs = study_run.planned({"replicas": 2})
    assert jobs["simulate"] == jobs["structure"] == jobs["relaxation"] == 3
    assert jobs["cage"] == jobs["relaxation_summary"] == 3


def test_a_further_quench_counts_as_a_replica_does(study_run, tmp_path):
    """Its sums, made apart and without its trajectory, give the numbers of two replicas."""
    copy = study_run.copied(tmp_path / "copy")
    numbers = ("results/tiny/relaxation/summary/T0.6.csv", "results/tiny/relaxation/T0.6.csv")
    done = copy.make("quench", "T=0.60", "REPLICAS=1", "LOGGER=")
    sums = copy.results / "quenches" / "T0.6" / "r1.npz"
    assert sums.exists(), done.stdout[-3000:]
    both = copy.copied(tmp_path / "both")
    shutil.rmtree(copy.results / "md" / "T0.6" / "r1")
    (copy.results / "relaxation" / "T0.6" / "r1.npz").unlink()
    jobs = copy.planned()
    assert "simulate" not in jobs and "relaxation" not in jobs
    assert jobs["relaxation_summary"] == jobs["equilibration"] == 1
    copy.snakemake(*numbers, check=True)
    both.snakemake(*numbers, change={"replicas": 2}, check=True)
    for name in numbers:
        assert (copy.folder / name).read_bytes() == (both.folder / name).read_bytes()
    table = pd.read_csv(copy.folder / numbers[0]).iloc[0]
    assert table["runs"] == 2 and table["u_error"] > 0
    copy.snakemake("results/tiny/equilibration.csv", check=True)
    checked = pd.read_csv(copy.results / "equilibration.csv")
    assert checked.loc[checked["T"] == 0.6, "replica"].tolist() == [0, 1]
    assert checked["solid_fraction"].notna().all()
    # one that was made with another configuration is refused in words
    other = Quench.load(sums)
    dataclasses.replace(other, about={**other.about, "timestep": 0.005}).save(sums)
    done = copy.snakemake(*numbers)
    assert "r1.npz cannot be combined with" in done.stdout
    assert "its timestep is 0.005" in done.stdout


def test_another_plan_of_one_run_simulates_it_alone(study_run):
    points = study_run_points(study_run)
    points[1]["equilibration"] = 20
    assert study_run.planned({"state_points": points})["simulate"] == 1


def study_run_points(study_run):
    return yaml.safe_load((study_run.folder / "config" / "tiny.yaml").read_text())["state_points"]


@pytest.mark.parametrize(
    ("module", "untouched"),
    [
        ("io/log", {"simulate"}),
        ("io/progress", {"simulate"}),
        ("compiled/kernels", {"simulate"}),
        ("cage/mean_field", MD | {"structure"}),
        ("md/forces", {"resolved_config"}),
        ("structure/crystal", MD | STRUCTURE | {"softness"}),
    ],
)
def test_an_edited_module_reruns_the_rules_that_use_it(study_run, module, untouched):
    path = study_run.folder / "workflow" / "softcage" / f"{module}.py"
    text = path.read_text()
    try:
        path.write_text(text + "\n# edited\n")
        jobs = set(study_run.planned())
        assert bool(jobs) == (module not in {"io/progress", "compiled/kernels"})
        assert ("simulate" in jobs) == (module == "md/forces")
        assert not jobs & untouched
    finally:
        path.write_text(text)
    assert study_run.planned() == {}


def test_an_edited_script_reruns_its_rule(study_run):
    script = study_run.folder / "workflow" / "scripts" / "figures" / "fig06.py"
    text = script.read_text()
    try:
        script.write_text(text + "\n# edited\n")
        assert set(study_run.planned()) - {"study", "all"} == {"fig06", "costs", "summary"}
    finally:
        script.write_text(text)
    assert study_run.planned() == {}


@pytest.mark.parametrize("records", ["with records", "without records"])
def test_new_times_of_the_code_rerun_nothing(study_run, tmp_path, records):
    """As after a checkout of another commit and back, or in an image that was built anew."""
    copy = study_run.copied(tmp_path / "copy")
    if records == "without records":
        shutil.rmtree(copy.folder / ".snakemake")
    for folder in ("workflow", "config", "envs"):
        for path in (copy.folder / folder).rglob("*"):
            os.utime(path)
    assert copy.planned() == {}


def test_a_copy_with_new_times_of_all_files_reruns_nothing(study_run, tmp_path):
    """Trajectories are the largest inputs; they too are compared by contents."""
    copy = Study(tmp_path / "copy")
    shutil.copytree(study_run.folder, copy.folder, copy_function=shutil.copy)
    for path in sorted(copy.results.glob("md/*/*/*")):  # newer than all that is made of them
        os.utime(path)
    assert copy.planned() == {}


def test_another_spelling_of_the_configuration_reruns_nothing(study_run):
    points = [
        {name: float(value) for name, value in point.items()}
        for point in reversed(study_run_points(study_run))
    ]
    spelled = {
        "state_points": points,
        "mixture": {"masses": [1, 1.0], "cutoff": [[2.5, 2.5], [2.5, 2.5]]},
        "dynamics": {"hop_window": 15, "hop_window_alternatives": [75.0, 30]},
        "structure": {"q_max_alternatives": [30.0, 10.0], "q_match": [10, 14]},
        "softness": {"delta_values": [0.09, 0.04]},
        "claims": [{**claim, "value": float(claim["value"])} for claim in claims(study_run)],
    }
    assert study_run.planned(spelled) == {}


def claims(study_run):
    return yaml.safe_load((study_run.results / "config.yaml").read_text())["claims"]


# ---------------------------------------------------------------- copies, large files, publication
def test_a_copy_of_the_folder_is_up_to_date(study_run, tmp_path):
    copy = study_run.copied(tmp_path / "copy")
    assert copy.planned() == {}
    # and it is exact from there: what changes reruns, and nothing else
    jobs = set(copy.planned({"figures": {"dpi": 61}}))
    assert jobs - ENDS <= set(FIGURES)
    assert copy.planned({"softness": {"delta_values": [0.04, 0.09, 0.12]}})["softness"] == 3


def test_a_study_without_claims_has_statements_alone(study_run, tmp_path):
    copy = study_run.copied(tmp_path / "copy")
    copy.snakemake("results/tiny/comparison.csv", change={"claims": []}, check=True)
    table = pd.read_csv(copy.results / "comparison.csv")
    assert len(table) and table["id"].str.startswith("trend_").all()


def test_large_files_can_be_dropped(study_run, tmp_path):
    copy = study_run.copied(tmp_path / "copy")
    expected = sum(p.stat().st_size for p in copy.results.glob("md/*/*/*.nc"))
    done = copy.make("clean-trajectories")
    assert done.returncode == 0, done.stdout
    assert f"{expected / 1e6:.3g} MB freed" in done.stdout
    assert not list(copy.results.glob("md/*/*/*.nc"))
    done = copy.make("clean-arrays")
    assert done.returncode == 0, done.stdout
    assert not list(copy.results.rglob("*.h5"))
    assert copy.planned() == {}
    # figures are redrawn for real without them
    change = {"figures": {"dpi": 61}}
    jobs = set(copy.planned(change))
    assert jobs - ENDS <= set(FIGURES)
    copy.snakemake("results/tiny/figures/fig09.png", change=change, check=True)
    # what needs them says so
    jobs = copy.planned({"dynamics": {"overlap_radius": 0.31}})
    assert jobs["simulate"] == 3
    # nothing is dropped from a study that is not finished
    (copy.results / "comparison.csv").unlink()
    done = copy.make("clean-arrays")
    assert done.returncode != 0 and "is not finished" in done.stdout


def test_the_longest_simulations_start_first(fresh):
    """Equilibration counts. One that started last would run alone for long."""
    script = fresh.folder / "workflow" / "scripts" / "simulate.py"
    script.write_text(
        "from pathlib import Path\n\nfor path in snakemake.output:\n    Path(path).touch()\n"
    )
    times = {0.6: (10, 60), 0.7: (5, 80), 0.8: (5, 200), 1.0: (40, 60)}
    points = [{"T": T, "equilibration": e, "production": p} for T, (e, p) in times.items()]
    done = fresh.snakemake(
        "--cores=1", "--until=simulate", change={"state_points": points}, check=True
    )
    started = re.findall(r"output: results/tiny/md/T(.*?)/", done.stdout)
    assert started == ["0.8", "1", "0.7", "0.6"]


def test_a_study_without_what_is_beyond_the_paper_is_not_published(study_run, tmp_path):
    done = study_run.copied(tmp_path / "copy").make("publish")
    assert done.returncode != 0 and "results/tiny is not finished, or older" in done.stdout
    assert "rank_hops" in done.stdout  # of the target beyond


def test_what_is_published_replaces_what_was(beyond_run, tmp_path):
    copy = beyond_run.copied(tmp_path / "copy")
    published = copy.folder / "results" / "public" / "tiny"
    published.mkdir(parents=True)
    (published / "of_another_study.csv").touch()
    (copy.results / "figures" / "of_another_figure.png").touch()
    done = copy.make("publish")
    assert done.returncode == 0, done.stdout
    files = {str(p.relative_to(published)) for p in published.rglob("*") if p.is_file()}
    assert {"config.yaml", "comparison.csv", "comparison.html", "figures/figS6.pdf"} <= files
    assert {"prediction/T0.6/d0.09/blocks.npz", "hops/example.csv", "cage/T1.npz"} <= files
    assert {"propensity/T1/c0.npz", "beyond/scores.csv", "beyond/tables/hops.md"} <= files
    assert not [name for name in files if "of_another" in name]
    assert not {name.partition("/")[0] for name in files} & {"md", "logs", "benchmarks"}
    assert not {Path(name).suffix for name in files} & {".h5", ".nc", ".parquet", ".log", ".tsv"}
    table = pd.read_csv(published / "commits.csv", index_col="file")
    assert files == {*table.index, "commits.csv", "ro-crate-metadata.json"}
    assert table["rule"]["beyond/hops.csv"] == "rank_hops" and set(table["commit"]) == {"unknown"}
    assert all((published / n).read_bytes() == (copy.results / n).read_bytes() for n in table.index)
    assert problems(published) == []
    assert copy.planned() == {}
    # neither a study at work nor one that is not finished is published
    leave_lock(copy, "elsewhere")
    done = copy.make("publish")
    assert done.returncode != 0 and "A run is at work here" in done.stdout
    shutil.rmtree(copy.folder / lock.LOCKS)
    (copy.results / "comparison.csv").unlink()
    done = copy.make("publish")
    assert done.returncode != 0 and "results/tiny is not finished" in done.stdout
    assert (published / "comparison.csv").exists()


def test_every_table_says_what_made_it(study_run, tmp_path):
    copy = study_run.copied(tmp_path / "copy")
    done = copy.run([sys.executable, "-m", "study", "commits", "config/tiny.yaml"])
    assert done.returncode == 0, done.stdout
    table = pd.read_csv(copy.results / "commits.csv", index_col="file")
    folders = {"md", "structure", "logs", "benchmarks"}
    tables = {p.relative_to(copy.results) for p in copy.results.rglob("*.csv")}
    tables = {str(path) for path in tables if path.parts[0] not in folders} - {"commits.csv"}
    assert tables <= set(table.index)
    assert table["rule"]["calibration/cage.csv"] == "calibration"
    assert problems(copy.results) == []
    with open(copy.results / "prediction" / "q_max.csv", "a") as file:
        file.write("\n")
    (problem,) = problems(copy.results)
    assert problem.startswith("prediction/q_max.csv is not the file that commits.csv names")


def test_no_run_writes_what_is_published(fresh):
    done = fresh.snakemake("-n", change={"study": "paper"})
    assert done.returncode != 0 and "is a published snapshot" in done.stdout
    assert "Traceback" not in done.stdout


def test_published_results_outlive_a_script(fresh):
    """A clone has them, and scripts may have other names than when they were made."""
    shutil.copytree(ROOT / "results" / "paper", fresh.folder / "results" / "paper")
    rules = fresh.folder / "workflow" / "rules" / "study.smk"
    script = fresh.folder / "workflow" / "scripts" / "resolved_config.py"
    script.rename(script.with_name("what_was_run.py"))
    rules.write_text(rules.read_text().replace(script.name, "what_was_run.py"))
    done = fresh.run([sys.executable, "-m", "snakemake", "-n", "--cores", "1"])
    assert done.returncode == 0, done.stdout[-3000:]
    assert "results/ka/state_points.csv" in done.stdout
    assert fresh.planned()["resolved_config"] == 1


def test_make_clean_leaves_all_but_the_demo(fresh):
    for name in ("demo", "tiny", "paper", "ka"):
        (fresh.folder / "results" / name).mkdir(parents=True)
    (fresh.folder / "tests").mkdir()
    assert fresh.make("clean").returncode == 0
    assert {p.name for p in (fresh.folder / "results").iterdir()} == {"tiny", "paper", "ka"}


# ---------------------------------------------------------------- looking changes nothing
def snapshot(folder):
    """Return the time and the bytes of every file, but for caches and what Snakemake says."""
    apart = {"__pycache__", "iocache", "log"}
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name not in apart
    }


@pytest.mark.parametrize("arguments", [["-n"], ["--lint"]], ids=lambda words: words[0])
def test_reading_the_workflow_changes_nothing(fresh, arguments):
    left = leave_lock(fresh, socket.gethostname())
    before = snapshot(fresh.folder)
    fresh.snakemake(*arguments, check=True)
    assert snapshot(fresh.folder) == before and left.exists()


def test_looking_at_a_study_changes_nothing(study_run):
    left = leave_lock(study_run, "elsewhere")
    before = snapshot(study_run.folder)
    try:
        assert "Nothing to be done" in study_run.snakemake("-n").stdout
        status = study_run.make("status")
        assert status.returncode == 0, status.stdout
        assert "a run is at work" in status.stdout
        assert snapshot(study_run.folder) == before
    finally:
        shutil.rmtree(left.parent)
    assert "nothing is left to do" in study_run.make("status").stdout


# ---------------------------------------------------------------- what a person sees
@pytest.mark.parametrize("logger", ["", "--logger rich"])
def test_a_failure_is_plain(study_run, tmp_path, logger):
    copy = study_run.copied(tmp_path / "copy")
    (copy.results / "cage" / "T0.6.csv").write_text("T,nothing\n0.6,1\n")
    (copy.results / "figures" / "fig06.png").unlink()
    done = copy.make("study", f"LOGGER={logger}")
    assert done.returncode != 0
    # the first that reads the broken table
    rule = re.search(r"(?:Failed|Error in rule) (\w+)", done.stdout)[1]
    log = re.search(rf"results/tiny/logs/({rule}\S*)\.log", done.stdout)
    reason = (copy.folder / log[0]).read_text().splitlines()[-1]
    assert re.match(r"\w*Error: ", reason)
    assert "".join(reason.split()) in "".join(done.stdout.split())  # wrapped, maybe
    status = copy.make("status").stdout
    line = rf"^  {log[1].replace('/', ' ')}: {re.escape(reason)}, .* \(log: {log[0]}\)$"
    assert re.search(line, status.partition("\nfailed:\n")[2], re.MULTILINE)
    assert re.search(r"simulate +3 of +3", status)
    assert re.search(r"figures +\d+ of +23", status)
    assert "disk: " in status


def test_the_status_has_every_rule(study_run):
    rules = set(re.findall(r"^(?:local)?rule (\w+):", study_run.log, flags=re.MULTILINE))
    rules = {"figures" if rule.startswith("fig") else rule for rule in rules - {"all", "study"}}
    status = study_run.make("status").stdout
    assert set(re.findall(r"^  (\w+) +\d+ of +\d+ ", status, flags=re.MULTILINE)) == rules


def test_a_terminal_shows_what_runs(study_run, tmp_path):
    copy = study_run.copied(tmp_path / "copy")
    (copy.results / "figures" / "fig06.png").unlink()
    ours, theirs = pty.openpty()
    command = ["make", "study", "STUDY=tiny", f"PY={sys.executable}"]
    with subprocess.Popen(
        command, cwd=copy.folder, env=copy.environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        screen = b""
        with contextlib.suppress(OSError):  # what a terminal says when its other end is closed
            while part := os.read(ours, 4096):
                screen += part
    assert process.returncode == 0
    assert "fig06" in (text := screen.decode()) and "Total Progress" in text and "100%" in text


# ---------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"softnes": {"delta": 0.1}}, "softnes is an unknown key; did you mean softness?"),
        (
            {"state_points": [{"T": -0.5, "equilibration": 10, "production": 60}]},
            "state_points[0].T is -0.5; it must be at least 0.001",
        ),
        ({"softness": {"delta": 0}}, "softness.delta is 0; it must be greater than 0"),
        ({"system": {"particles": 100}}, "system.particles is 100; the box edge"),
        ({"dynamics": {"hop_window": 0.5}}, "dynamics.hop_window is 0.5; it must hold at least"),
        ({"results": "config/config.yaml/results"}, "results is 'config/config.yaml/results'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_bad_configuration_stops_before_any_job(fresh, change, words):
    done = fresh.snakemake(change=change)
    assert done.returncode != 0
    assert words in done.stdout
    assert "Traceback" not in done.stdout
    assert "rule " not in done.stdout
    assert not (fresh.folder / "results").exists()


def test_a_configuration_that_is_no_yaml_is_refused(fresh):
    (fresh.folder / "config" / "tiny.yaml").write_text("study: [tiny\n")
    done = fresh.snakemake()
    assert done.returncode != 0
    assert not (fresh.folder / "results").exists()


def test_a_temperature_in_another_spelling_is_no_other_run(fresh):
    assert fresh.snakemake("-n", "results/tiny/md/T0.6/r0/final.npz").returncode == 0
    done = fresh.snakemake("-n", "results/tiny/md/T0.60/r0/final.npz")
    assert done.returncode != 0 and "MissingRuleException" in done.stdout


def test_a_key_given_twice_is_refused(fresh):
    path = fresh.folder / "config" / "tiny.yaml"
    path.write_text(path.read_text() + "replicas: 3\n")
    done = fresh.snakemake("-n")
    assert done.returncode != 0
    assert re.search(
        r"config/tiny.yaml: replicas is given twice, in lines \d+ and \d+", done.stdout
    )
    assert "Traceback" not in done.stdout


# ---------------------------------------------------------------- after a kill
def leave_lock(study, host, pid=2**22 + 1, started=0.0):
    """Leave the lock of a run as it was signed on a machine; return it."""
    folder = study.folder / lock.LOCKS
    folder.mkdir(parents=True, exist_ok=True)
    note = {"host": host, "pid": pid, "started": started}
    (folder / f"{pid}.json").write_text(json.dumps(note))
    (folder / "0.input.lock").write_text("workflow/softcage/model.py\n")
    (folder / "0.output.lock").write_text("results/tiny/config.yaml\nresults/tiny/md\n")
    return folder / "0.output.lock"


@pytest.mark.parametrize("host", ["this", "another"])
def test_the_lock_of_a_killed_run_is_removed_if_the_run_was_on_this_machine(study_run, host):
    left = leave_lock(study_run, socket.gethostname() if host == "this" else "elsewhere")
    try:
        done = study_run.make("study")
        assert (done.returncode == 0) == (host == "this"), done.stdout[-3000:]
        assert ("its lock is removed" in done.stdout) == (host == "this")
        assert ("--unlock" in done.stdout) == (host == "another")
    finally:
        shutil.rmtree(left.parent, ignore_errors=True)


def test_a_lock_that_no_run_has_signed_is_kept(fresh):
    left = leave_lock(fresh, "this")
    for note in left.parent.glob("*.json"):
        note.unlink()
    fresh.make("study")
    assert left.exists()


def test_the_lock_of_a_run_that_goes_on_is_kept(fresh):
    other = psutil.Popen(["sleep", "600"])
    left = leave_lock(fresh, socket.gethostname(), other.pid, other.create_time())
    try:
        assert fresh.snakemake("results/tiny/config.yaml").returncode != 0
        fresh.make("study")
        assert left.exists()
    finally:
        other.kill()
        other.wait()
    fresh.run([sys.executable, "-m", "study", "unlock"])
    fresh.snakemake("results/tiny/config.yaml", check=True)
    assert not left.exists()


def test_a_run_signs_its_lock(fresh):
    rules = fresh.folder / "workflow" / "rules" / "study.smk"
    rules.write_text(
        rules.read_text()
        + """

rule look:
    output: "seen.txt"
    shell: "cat .snakemake/locks/*.json > {output}"
"""
    )
    fresh.snakemake("seen.txt", check=True)
    note = json.loads((fresh.folder / "seen.txt").read_text())
    assert note["host"] == socket.gethostname() and not psutil.pid_exists(note["pid"])
    assert not list((fresh.folder / lock.LOCKS).glob("*"))


def test_a_note_that_cannot_be_read_is_named(fresh):
    left = leave_lock(fresh, "this")
    for text in ("", '{"host": "here"'):
        for note in left.parent.glob("*.json"):
            note.write_text(text)
        done = fresh.run([sys.executable, "-m", "study", "unlock"])
        assert done.returncode == 0 and left.exists()
        assert f"{note.relative_to(fresh.folder)} cannot be read" in done.stdout
        assert "snakemake --unlock" in done.stdout
    fresh.snakemake("--unlock", check=True)
    fresh.snakemake("results/tiny/config.yaml", check=True)


# ---------------------------------------------------------------- results that folders share
def elsewhere(study, folder, *arguments, **change):
    """Run the workflow of a study from another folder, with the same results."""
    folder.mkdir(exist_ok=True)
    config = yaml.safe_load((study.folder / "config" / "tiny.yaml").read_text())
    config |= {"results": str(study.folder / "results"), **change}
    (folder / "mine.yaml").write_text(yaml.safe_dump(config))
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "-s", study.folder / "Snakefile"]
    return subprocess.run(
        [*command, "--configfile", "mine.yaml", *arguments],
        cwd=folder,
        env=study.environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def test_results_of_another_configuration_are_refused(study_run, tmp_path):
    copy = study_run.copied(tmp_path / "copy")
    system = {"particles": 300, "density": 1.15}
    done = elsewhere(copy, tmp_path / "other", "-n", seed=99, system=system)
    assert done.returncode != 0
    assert "seed is 1 in its config.yaml and 99 in this one" in done.stdout
    assert "Traceback" not in done.stdout
    done = elsewhere(copy, tmp_path / "other", "-n", system=system)
    assert "system.density is 1.2 in its config.yaml and 1.15 in this one" in done.stdout
    done = elsewhere(copy, tmp_path / "other", "-n")
    assert done.returncode == 0 and "Nothing to be done" in done.stdout
    # where they were made, the records say what a change reruns
    assert "simulate" in copy.planned({"system": system})


def test_a_second_run_on_the_same_results_is_refused(fresh, tmp_path):
    """Whoever holds the lock is named; a lock whose process is gone is taken over."""
    fresh.results.mkdir(parents=True)
    note, target = fresh.results / lock.NAME, fresh.results / "config.yaml"
    other = psutil.Popen(["sleep", "600"])
    holder = {"host": socket.gethostname(), "pid": other.pid, "started": other.create_time()}
    note.write_text(json.dumps(holder | {"folder": "/home/you"}))
    try:
        done = elsewhere(fresh, tmp_path / "other", "--", target)
        assert done.returncode != 0 and not target.exists()
        assert f"a run is at work on {fresh.results}: process {other.pid} on" in done.stdout
        assert "/home/you" in done.stdout and "Traceback" not in done.stdout
        assert "--unlock" not in elsewhere(fresh, tmp_path / "other", "-n").stdout
    finally:
        other.kill()
        other.wait()
    assert elsewhere(fresh, tmp_path / "other", "--", target).returncode == 0
    assert target.exists() and not note.exists()


def test_a_run_that_fails_gives_its_lock_back(fresh):
    (fresh.folder / "workflow" / "scripts" / "resolved_config.py").write_text("raise SystemExit(1)")
    assert fresh.snakemake("results/tiny/config.yaml").returncode != 0
    assert not (fresh.results / lock.NAME).exists()


# ---------------------------------------------------------------- looking at a study
@pytest.mark.parametrize("task", ["status", "clean-arrays", "publish"])
def test_a_task_says_why_a_configuration_is_refused(fresh, task):
    (fresh.folder / "config" / "bad.yaml").write_text("study: tiny\nreplicas: yes\n")
    done = fresh.run([sys.executable, "-m", "study", task, "config/bad.yaml"])
    assert done.returncode == 1
    assert done.stdout.strip() == "replicas is True; it must be a whole number"


def test_results_that_cannot_be_written_can_be_looked_at(study_run, tmp_path):
    mount = ["unshare", "-m", "sh", "-c"]
    if subprocess.run([*mount, "mount --bind /tmp /tmp"], capture_output=True).returncode:
        pytest.skip("no mounts of our own here")
    copy = study_run.copied(tmp_path / "copy")
    read_only = "mount --bind results results && mount -o remount,ro,bind results && exec "
    python = f"{sys.executable} -m "
    overlay = "config/tiny.yaml"
    for command in (
        f"study status {overlay}",
        f"snakemake -n --configfile {overlay}",
        f"snakemake --cores 1 --configfile {overlay} --report {tmp_path / 'report.html'}",
    ):
        done = copy.run([*mount, read_only + python + command])
        assert done.returncode == 0, done.stdout
    run = f"snakemake --cores 1 --configfile {overlay} --config study=other"
    done = copy.run([*mount, read_only + python + run])
    assert done.returncode != 0
    assert "results/other cannot be written: Read-only file system" in done.stdout
    assert "Traceback" not in done.stdout


# ---------------------------------------------------------------- what the README promises
def test_the_library_example_of_the_readme_runs(study_run, monkeypatch):
    readme = (ROOT / "README.md").read_text()
    code = re.search(r"```python\n(.*?)```", readme, re.DOTALL)[1]
    monkeypatch.chdir(study_run.folder)
    scope = {}
    exec(code.replace("results/demo", "results/tiny").replace("0.47", "0.6"), scope)
    first = scope["run"].species == 0
    assert first.sum() == 240 and np.isfinite(scope["softness"][first]).mean() > 0.9
    assert np.isnan(scope["softness"][~first]).all()
    assert np.isfinite(scope["depth"]).all()
    assert 10 < scope["depth"][first].mean() < 40
