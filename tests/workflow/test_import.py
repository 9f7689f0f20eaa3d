"""A study takes a trajectory made elsewhere in place of a simulation, and gets the same from it."""

import json
import subprocess
import sys

import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml

from softcage.cli.command import main
from softcage.io.trajectory import open_trajectory
from softcage.io.unwrap import follow

pytestmark = [pytest.mark.workflow, pytest.mark.slow]


PATH = "warm.lammpstrj"
SOURCE = {"path": PATH, "species": {"A": 1, "B": 2}, "interval": 0.5}


def export(study_run, replica, path):
    """Write the middle temperature's uniform frames as LAMMPS would: wrapped, in any order."""
    run = open_trajectory(study_run.results / f"md/T0.8/r{replica}/uniform.nc")
    rng = np.random.default_rng(replica)
    ids = rng.permutation(run.n_particles) + 1
    with open(path, "w") as handle:
        for k, frame in enumerate(run.read(range(run.n_frames))):
            inside = frame % run.box
            handle.write(f"ITEM: TIMESTEP\n{run.steps[k]}\n")
            handle.write(f"ITEM: NUMBER OF ATOMS\n{run.n_particles}\nITEM: BOX BOUNDS pp pp pp\n")
            handle.write(3 * f"0 {run.box:.17g}\n" + "ITEM: ATOMS id type x y z\n")
            for i in rng.permutation(run.n_particles):
                x, y, z = inside[i]
                handle.write(f"{ids[i]} {run.species[i] + 1} {x:.9g} {y:.9g} {z:.9g}\n")
    # a file is read in the order of its ids, then by species
    by_id = np.argsort(ids)
    return by_id[np.argsort(run.species[by_id], kind="stable")]


@pytest.fixture(scope="module")
def imported(study_run):
    """The tiny study again, under another name, with T = 0.8 read from LAMMPS dumps."""
    order = export(study_run, 0, study_run.folder / PATH)
    points = yaml.safe_load((study_run.folder / "config" / "tiny.yaml").read_text())["state_points"]
    points[1]["trajectory"] = SOURCE
    change = {"study": "imported", "state_points": points}
    study_run.snakemake(
        "results/imported/softness/T0.8/d0.09/r0.h5",
        "results/imported/hops/T0.8/r0.h5",
        "results/imported/equilibration.csv",
        "results/imported/propagator/T0.8/correlation.csv",
        change=change,
        check=True,
    )
    return study_run.folder / "results" / "imported", order


def test_only_the_other_temperatures_are_simulated(imported):
    folder, _ = imported
    assert sorted(p.name for p in (folder / "logs/simulate").iterdir()) == ["T0.6", "T1"]
    assert [p.name for p in (folder / "logs/import_trajectory").iterdir()] == ["T0.8"]


def test_positions_are_those_of_the_run(study_run, imported):
    folder, order = imported
    direct = open_trajectory(study_run.results / "md/T0.8/r0/uniform.nc")
    ours = open_trajectory(folder / "md/T0.8/r0/uniform.nc")
    np.testing.assert_array_equal(ours.steps, direct.steps)
    assert ours.box == direct.box
    frames = np.arange(0, direct.n_frames, 10)
    a, b = ours.read(frames), direct.read(frames)[:, order]
    np.testing.assert_allclose(a - a[0], b - b[0], atol=1e-5)
    log = open_trajectory(folder / "md/T0.8/r0/log.nc")
    assert np.all(log.lag % 200 == 0) and np.count_nonzero(log.lag == 0) > 2


def test_results_are_those_of_the_run(study_run, imported):
    folder, order = imported
    a_particles = order[order < 240]
    for name, value in (("cage", "inverse_softness"), ("cage", "depth_r"), ("cage", "r_min_AB")):
        ours, direct = (pd.read_csv(f / name / "T0.8.csv") for f in (folder, study_run.results))
        np.testing.assert_allclose(ours[value], direct[value], rtol=2e-4)
    ours, direct = (
        pd.read_csv(f / "relaxation/summary/T0.8.csv").iloc[0] for f in (folder, study_run.results)
    )
    for value in ("tau_alpha", "p_c", "t_star"):
        assert ours[value] == pytest.approx(direct[value], rel=1e-3), value
    with (
        h5py.File(folder / "softness/T0.8/d0.09/r0.h5") as ours,
        h5py.File(study_run.results / "softness/T0.8/d0.09/r0.h5") as direct,
    ):
        got, expected = ours["uniform/depth"][:], direct["uniform/depth"][:][:, a_particles]
        # r0 and r_min are measured anew, to the digits of the file
        np.testing.assert_allclose(got, expected, atol=0.01)
    with (
        h5py.File(folder / "hops/T0.8/r0.h5") as ours,
        h5py.File(study_run.results / "hops/T0.8/r0.h5") as direct,
    ):
        got, expected = ours["dt15/p_hop"][:], direct["dt15/p_hop"][:][:, a_particles]
        np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("stride", [1, 5, 20])
def test_no_run_of_the_study_alarms_the_checks_of_displacements(study_run, stride):
    """At every temperature; wrapped as far as the nearest image is safe."""
    for path in sorted(study_run.results.glob("md/T*/r0/uniform.nc")):
        run = open_trajectory(path)
        frames = run.read(range(0, run.n_frames, stride))
        assert len(list(follow(frames, run.box, path, wrapped=False))) == len(frames)
        if np.abs(np.diff(frames, axis=0)).max() < 0.25 * run.box:
            unwrapped = list(follow(frames % run.box, run.box, path))
            np.testing.assert_allclose(unwrapped - unwrapped[0], frames - frames[0], atol=1e-9)


def test_energies_are_computed_from_the_positions(study_run, imported):
    folder, _ = imported
    ours = pd.read_csv(folder / "md/T0.8/r0/thermo.csv")
    direct = pd.read_csv(study_run.results / "md/T0.8/r0/thermo.csv")
    direct = direct[direct["stage"] == "produce"]
    offset = direct["step"].max() - ours["step"].max()
    both = ours.assign(step=ours["step"] + offset).merge(direct, on="step", suffixes=("", "_md"))
    assert len(both) > 100
    np.testing.assert_allclose(both["potential_energy"], both["potential_energy_md"], atol=1e-4)
    # the kinetic part is that of T, not of the moment
    assert both["pressure"].mean() == pytest.approx(both["pressure_md"].mean(), abs=0.05)
    checks = pd.read_csv(folder / "equilibration.csv")
    assert sorted(set(checks["T"])) == [0.6, 0.8, 1.0] and checks["u"].notna().all()


def test_a_trajectory_that_does_not_fit_is_refused_in_one_line(study_run, imported):
    points = yaml.safe_load((study_run.folder / "config" / "tiny.yaml").read_text())["state_points"]
    points[1] |= {"trajectory": SOURCE, "production": 600}
    done = study_run.snakemake(
        "results/imported2/md/T0.8/r0/uniform.nc",
        change={"study": "imported2", "state_points": points},
    )
    assert done.returncode != 0
    assert "covers a time of 60, less than the production of 600" in done.stdout
    assert not list((study_run.folder / "results/imported2").rglob("*.nc"))


# ---------------------------------------------------------------- the command, on a real liquid
def test_score_gives_what_the_study_gives(study_run, imported, tmp_path):
    out = tmp_path / "table.parquet"
    command = [sys.executable, "-m", "softcage.cli.command", "score", PATH]
    command += ["--species", "A=1,B=2", "--temperature", "0.8", "--interval", "0.5", "--out", out]
    command += ["--calibration", "results/imported", "--of", "A"]
    environment = {"PYTHONPATH": str(study_run.folder / "workflow")}
    done = subprocess.run(
        command, cwd=study_run.folder, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    table = pd.read_parquet(out)
    about = json.loads(pq.read_schema(out).metadata[b"softcage"])
    assert about["temperature"] == 0.8 and about["range_source"] == "calibration"
    folder, _ = imported
    with (
        h5py.File(folder / "softness/T0.8/d0.09/r0.h5") as scores,
        h5py.File(folder / "hops/T0.8/r0.h5") as hops,
    ):
        depth, softness = scores["uniform/depth"][:], scores["uniform/softness"][:]
        p_hop, frames = hops["dt15/p_hop"][:], hops["dt15/frame"][:]
    shape = depth.shape
    np.testing.assert_allclose(table["depth"].to_numpy().reshape(shape), depth, rtol=1e-5)
    np.testing.assert_allclose(
        table["softness"].to_numpy().reshape(shape), softness, rtol=1e-4, equal_nan=True
    )
    np.testing.assert_allclose(
        table["p_hop"].to_numpy().reshape(shape)[frames], p_hop, rtol=1e-3, atol=1e-5
    )


def test_calibrate_gives_the_line_of_the_study(study_run, tmp_path, capsys):
    runs = [f"{T}={study_run.results}/md/T{T}/r0/uniform.nc" for T in ("0.6", "0.8", "1")]
    folder = tmp_path / "line"
    status = main(["calibrate", *runs, "--out", str(folder), "--frames", "24", "--blocks", "4"])
    assert status == 0, capsys.readouterr().err
    ours, direct = (
        pd.read_csv(folder / "cage.csv"),
        pd.read_csv(study_run.results / "calibration/cage.csv"),
    )
    direct = direct[np.isclose(direct["q_max"], 20)]
    keys = ["route", "T"]
    both = ours.merge(direct, on=keys, suffixes=("", "_study"))
    assert len(both) == 6
    np.testing.assert_allclose(both["depth_r"], both["depth_r_study"], rtol=1e-5)
    # other wave vectors are drawn in the large shells
    np.testing.assert_allclose(both["inverse_softness"], both["inverse_softness_study"], rtol=0.05)
