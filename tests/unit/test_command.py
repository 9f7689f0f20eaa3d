"""The command: from a trajectory to a table, or to one line that says why not."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import gsd.hoomd
import numba
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from tests.unit.apart import pushed_apart

import softcage
from softcage.cage.calibration import read_line
from softcage.cage.local_depth import local_depth
from softcage.cage.mean_field import measured_ranges
from softcage.cli.command import main
from softcage.dynamics.hops import p_hop
from softcage.dynamics.relaxation import hop_threshold, msd, non_gaussian_parameter
from softcage.io.external import import_trajectory, open_external
from softcage.io.particle_table import read_metadata
from softcage.model import kob_andersen
from softcage.scoring import measured_threshold

ROOT = Path(__file__).resolve().parents[2]
KA = kob_andersen()
SIDE = 3
N, FRAMES = 4 * SIDE**3, 41
BOX = (N / 1.2) ** (1 / 3)
TYPEID = np.where(np.arange(N) % 5 == 1, 1, 0)
A = np.flatnonzero(TYPEID == 0)


def lattice_walk(seed=5, noise=0.07, frames=FRAMES):
    """Particles around the sites of an fcc lattice that move to other places now and then."""
    rng = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(*3 * [np.arange(SIDE)]), axis=-1).reshape(-1, 1, 3)
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    sites = (corners + basis).reshape(-1, 3) * BOX / SIDE
    moves = rng.normal(0, 0.4, (frames, N, 3)).clip(-0.6, 0.6) * (rng.random((frames, N, 1)) < 0.02)
    walk = sites + np.cumsum(moves, axis=0) + rng.normal(0, noise, (frames, N, 3))
    return pushed_apart(walk, BOX)


def write_gsd(path, positions, box=BOX):
    with gsd.hoomd.open(str(path), "w") as handle:
        for k, frame in enumerate(positions):
            snapshot = gsd.hoomd.Frame()
            snapshot.configuration.step, snapshot.configuration.box = 200 * k, [box] * 3 + [0] * 3
            snapshot.particles.N = len(frame)
            snapshot.particles.position = frame - box * np.floor(frame / box + 0.5)
            snapshot.particles.types, snapshot.particles.typeid = ["A", "B"], TYPEID
            handle.append(snapshot)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    write_gsd(folder / "run.gsd", lattice_walk())
    write_gsd(folder / "one.gsd", lattice_walk(frames=1))
    return folder


@pytest.fixture(scope="module")
def calibration(tmp_path_factory):
    """A line and radii as a study leaves them."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "calibration").mkdir()
    shared = {"q_max": 20, "route": "curvature"}
    radii = {"r0_AA": 0.7, "r0_AB": 0.65, "r_min_AA": 1.2, "r_min_AB": 1.15}
    cages = [{"T": T, **shared, **radii} for T in (0.47, 0.8)]
    pd.DataFrame(cages).to_csv(folder / "calibration" / "cage.csv", index=False)
    line = {"relation": "c", **shared, "intercept": 900.0, "slope": -19.6}
    pd.DataFrame([line]).to_csv(folder / "calibration" / "calibration.csv", index=False)
    mixture = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())["mixture"]
    (folder / "config.yaml").write_text(yaml.safe_dump({"mixture": mixture}))
    return folder


def run(capsys, *words):
    """Return exit status and what was said."""
    try:
        status = main([str(word) for word in words])
    except SystemExit as stop:
        status = stop.code
    said = capsys.readouterr()
    assert said.out == ""
    return status, said.err


def score(capsys, path, out, *words):
    """Score the first species, as a table of the study has it."""
    return run(capsys, "score", path, "--temperature", 0.47, "--of", "A", "--out", out, *words)


# ---------------------------------------------------------------- what it writes
@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_the_table_is_what_the_library_gives(capsys, tmp_path, files, calibration, suffix):
    out = tmp_path / f"softness{suffix}"
    status, said = score(
        capsys, files / "run.gsd", out, "--interval", 0.5, "--hop-window", 6,
        "--calibration", calibration,
    )  # fmt: skip
    assert status == 0, said
    table = pd.read_parquet(out) if suffix == ".parquet" else pd.read_csv(out, comment="#")
    assert table.columns.tolist() == [
        "frame", "time", "particle", "species", "depth", "softness", "p_hop", "rearranging",
    ]  # fmt: skip
    assert len(table) == FRAMES * len(A)
    np.testing.assert_array_equal(table["particle"], np.tile(A, FRAMES))
    np.testing.assert_allclose(table["time"], 0.5 * table["frame"])

    external = open_external(files / "run.gsd", KA)
    ours = import_trajectory(external, tmp_path / "ours", KA, interval=0.5)
    positions = ours.read(range(FRAMES))
    depth = local_depth(
        positions[7], ours.species, ours.box, potential=KA.potential, temperature=0.47,
        r0=[0.7, 0.65], r_min=[1.2, 1.15], delta=0.09,
    )  # fmt: skip
    seventh = table[table["frame"] == 7]
    np.testing.assert_allclose(seventh["depth"], depth, rtol=2e-6)
    inverse = 900 + 19.6 * depth  # c0 + c1 beta Phi, beta Phi = -depth
    np.testing.assert_allclose(
        seventh["softness"].astype(float), np.where(inverse > 0, 1 / inverse, np.nan), rtol=2e-5
    )
    values = p_hop(positions[:, ours.species == 0], 6)
    table["p_hop"] = table["p_hop"].astype(float)
    got = table["p_hop"].to_numpy().reshape(FRAMES, -1)
    assert np.isnan(got[:6]).all() and np.isnan(got[-6:]).all()
    np.testing.assert_allclose(got[6:-6], values, rtol=1e-5, atol=1e-9)

    about = read_metadata(out)
    found = measured_threshold(ours)
    p_c = found.p_c
    assert about["p_c_source"].endswith("from a parabola in log t around it")
    for name, value in found._asdict().items():
        assert about[name] == pytest.approx(value, rel=1e-12)
    assert f"p_c = {p_c:.4g}, " in said and f": {found.p_c_at_lag:.4g})" in said
    assert 0.001 < p_c < 0.3
    known = table["p_hop"].notna()
    flags = table.loc[known, "rearranging"].astype(str).eq("True")
    np.testing.assert_array_equal(flags, table.loc[known, "p_hop"] > p_c)
    assert table.loc[~known, "rearranging"].isna().all()
    assert 0 < flags.sum() < len(flags)
    assert about["n_invalid"] == table["softness"].isna().sum()
    assert about["temperature"] == 0.47 and about["delta"] == 0.09
    assert about["c0"] == 900 and about["r_min_AB"] == 1.15 and about["interval"] == 0.5
    assert about["softcage"] and about["range_source"] == "calibration"
    assert list(tmp_path.glob(".*")) == []


def write_dump(path, positions, ids, step=0):
    """Write frames as LAMMPS does, atoms with any ids."""
    with open(path, "w") as handle:
        for k, frame in enumerate(positions):
            handle.write(f"ITEM: TIMESTEP\n{step + 200 * k}\nITEM: NUMBER OF ATOMS\n{N}\n")
            handle.write("ITEM: BOX BOUNDS pp pp pp\n" + 3 * f"0 {BOX:.17g}\n")
            handle.write("ITEM: ATOMS id type xu yu zu\n")
            for i, t, row in zip(ids, TYPEID, frame, strict=True):
                handle.write(f"{i} {'AB'[t]} " + " ".join(f"{x:.9g}" for x in row) + "\n")
    return path


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_ids_of_a_dump_and_several_files_as_one_run(capsys, tmp_path, suffix):
    frames, ids = lattice_walk(frames=6), 1000 + 7 * np.random.default_rng(2).permutation(N)
    whole = write_dump(tmp_path / "whole.dump", frames, ids)
    parts = [write_dump(tmp_path / f"d.{200 * k}", frames[k : k + 2], ids, 200 * k)
             for k in (4, 0, 2)]  # fmt: skip
    tables = []
    for files in ([whole], parts):
        out = tmp_path / f"table{suffix}"
        words = ("--temperature", 0.47, "--no-hops", "--interval", 0.5, "--of", "A", "--out", out)
        status, said = run(capsys, "score", *files, *words)
        assert status == 0, said
        tables.append(pd.read_parquet(out) if suffix == ".parquet" else
                      pd.read_csv(out, comment="#"))  # fmt: skip
    assert f"{parts[1]} and 2 more: 6 frames of" in said
    assert read_metadata(out)["source"] == ", ".join(str(parts[k]) for k in (1, 2, 0))
    pd.testing.assert_frame_equal(*tables)
    words = ("--temperature", 0.47, "--no-hops", "--timestep", 0.0025, "--out", out, "--quiet")
    assert run(capsys, "score", *parts, *words) == (0, "")
    assert read_metadata(out)["interval"] == 0.5
    status, said = run(capsys, "score", *parts, *words, "--interval", 0.5)
    assert status == 2 and "not allowed with argument" in said
    assert tables[0].columns.tolist()[:4] == ["frame", "time", "particle", "id"]
    # particle is the place among the sorted ids
    np.testing.assert_array_equal(tables[0]["id"], np.sort(ids)[tables[0]["particle"]])
    assert set(tables[0]["id"]) == set(ids[A])


def test_depth_needs_no_order_of_the_particles(capsys, tmp_path):
    """As of XYZ that LAMMPS writes without sort: which is which is not known, species are."""
    frames, rng = lattice_walk(frames=4), np.random.default_rng(3)
    tables = []
    for mixed in (False, True):
        path = tmp_path / f"{mixed}.xyz"
        with open(path, "w") as handle:
            orders = [rng.permutation(N) if mixed else np.arange(N) for _ in frames]
            for frame, order in zip(frames, orders, strict=True):
                rows = (
                    f"{'AB'[TYPEID[i]]} " + " ".join(map(repr, frame[i].tolist())) for i in order
                )
                handle.write(f"{N}\n\n" + "\n".join(rows) + "\n")
        out = tmp_path / "table.csv"
        status, said = score(capsys, path, out, "--no-hops", "--box", BOX)
        assert status == 0, said
        tables.append(pd.read_csv(out, comment="#"))
    assert "note: " in said and "3 frames, the first of them 1, list particles in another" in said
    plain, mixed = tables
    np.testing.assert_array_equal(mixed["particle"], np.tile(np.arange(len(A)), 4))
    for k, order in enumerate(orders):
        places = order[TYPEID[order] == 0]  # of the A particles, as the frame lists them
        depth = plain[plain["frame"] == k].set_index("particle").loc[places, "depth"]
        np.testing.assert_allclose(mixed.loc[mixed["frame"] == k, "depth"], depth, rtol=1e-4)
    assert score(capsys, path, out, "--box", BOX, "--interval", 0.5)[0] == 1


@pytest.mark.parametrize("words", [(), ("--no-hops",)])
def test_times_are_those_of_the_file_and_the_interval_a_difference(capsys, tmp_path, words):
    import h5py

    frames = lattice_walk()
    atoms = [{"index": i, "name": "AB"[t]} for i, t in enumerate(TYPEID)]
    with h5py.File(tmp_path / "late.h5", "w") as store:
        store["coordinates"], store["time"] = frames, 1000 + 0.5 * np.arange(FRAMES)
        store["cell_lengths"] = np.full((FRAMES, 3), BOX)
        topology = {"chains": [{"residues": [{"name": "X", "atoms": atoms}]}]}
        store["topology"] = np.array([json.dumps(topology).encode()])
    out = tmp_path / "table.csv"
    status, said = score(capsys, tmp_path / "late.h5", out, "--hop-window", 6, *words)
    assert status == 0 and ", 0.5 between frames" in said, said
    table = pd.read_csv(out, comment="#")
    np.testing.assert_allclose(table["time"], 1000 + 0.5 * table["frame"])
    about = read_metadata(out)
    assert about["interval"] == 0.5
    assert about["hop_window"] == (None if words else 6)
    if not words:  # lags are differences too
        assert 0.5 <= about["t_star"] <= 20


def test_p_c_is_that_of_a_brute_force(tmp_path, files):
    external = open_external(files / "run.gsd", KA)
    ours = import_trajectory(external, tmp_path, KA, interval=0.5)
    positions = ours.read(range(FRAMES))[:, ours.species == 0]
    lags = sorted({round(10 ** (k / 10)) for k in range(17) if round(10 ** (k / 10)) < FRAMES})
    sums = []
    for lag in lags:
        r2 = ((positions[lag:] - positions[:-lag]) ** 2).sum(axis=2).ravel()
        sums.append([len(r2), r2.sum(), (r2**2).sum(), 0])
    sums = np.array(sums)
    expected = hop_threshold(0.5 * np.array(lags), non_gaussian_parameter(sums), msd(sums))
    found = measured_threshold(ours)
    assert (found.t_star, found.p_c) == pytest.approx(expected, rel=1e-6)
    peak = int(np.nanargmax(non_gaussian_parameter(sums)))
    measured = 0.5 * lags[peak], msd(sums)[peak]
    assert (found.t_star_at_lag, found.p_c_at_lag) == pytest.approx(measured, rel=1e-6)


def test_without_a_calibration_there_is_depth_but_no_softness(capsys, tmp_path, files):
    out = tmp_path / "table.parquet"
    status, said = score(capsys, files / "run.gsd", out, "--no-hops")
    assert status == 0 and "no softness without --calibration" in said
    table, about = pd.read_parquet(out), read_metadata(out)
    assert table["softness"].isna().all() and table["depth"].notna().all()
    assert table["p_hop"].isna().all() and table["time"].isna().all()
    assert about["c0"] is None and about["n_invalid"] == 0
    external = open_external(files / "run.gsd", KA)
    r0, r_min = measured_ranges(import_trajectory(external, tmp_path, KA, interval=1.0))
    # within float32 of the wrapped and the unwrapped frames
    assert [about["r0_AA"], about["r0_AB"]] == pytest.approx(r0[0], abs=0.0051)
    assert [about["r_min_AA"], about["r_min_AB"]] == pytest.approx(r_min[0], abs=1e-3)


def test_cages_without_a_well_make_a_note(capsys, tmp_path, files):
    """Of a file whose close pairs repel at this temperature, and with a closure that ignores it."""
    for closure in ("hnc", "pair"):
        out = tmp_path / f"{closure}.csv"
        status, said = score(capsys, files / "run.gsd", out, "--no-hops", "--closure", closure)
        negative = (pd.read_csv(out)["depth"] < 0).mean() > 0.5
        assert status == 0 and negative == (closure == "hnc") == ("depths are negative" in said)


def test_one_frame_gives_depth_and_a_note(capsys, tmp_path, files, calibration):
    out = tmp_path / "table.parquet"
    status, said = score(capsys, files / "one.gsd", out, "--calibration", calibration)
    assert status == 0 and "has one frame: p_hop and rearranging stay empty" in said
    table = pd.read_parquet(out)
    assert len(table) == len(A) and table["depth"].notna().all() and table["p_hop"].isna().all()


def test_a_run_shorter_than_the_window_gives_depth_and_a_note(capsys, tmp_path, files):
    out = tmp_path / "table.parquet"
    status, said = score(
        capsys, files / "run.gsd", out, "--interval", 0.5, "--hop-window", 20, "--every", 10
    )
    assert status == 0 and "41 frames are shorter than the hop window (20, 41" not in said
    status, said = score(capsys, files / "run.gsd", out, "--interval", 0.5, "--hop-window", 21)
    assert status == 0 and "41 frames are shorter than the hop window (21, 43 frames)" in said


def test_every_tenth_frame_and_a_threshold(capsys, tmp_path, files):
    out, words = tmp_path / "table.parquet", ("--interval", 0.5, "--hop-window", 6, "--p-c", 0.2)
    assert score(capsys, files / "run.gsd", out, *words, "--every", 10, "--quiet") == (0, "")
    table = pd.read_parquet(out)
    assert sorted(table["frame"].unique()) == [0, 10, 20, 30, 40]
    assert (read_metadata(out)["p_c"], read_metadata(out)["p_c_source"]) == (0.2, "--p-c")
    score(capsys, files / "run.gsd", out, *words)
    whole = pd.read_parquet(out)
    whole = whole[whole["frame"] % 10 == 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(table, whole)


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_several_widths_have_a_column_each(capsys, tmp_path, files, calibration, suffix):
    """Beside each other: the rows, p_hop and the rest are those of one width."""
    words = ("--interval", 0.5, "--hop-window", 6, "--calibration", calibration, "--every", 10)
    read = pd.read_parquet if suffix == ".parquet" else lambda p: pd.read_csv(p, comment="#")
    out = tmp_path / f"several{suffix}"
    several = ("--delta", "0.04,0.09,0.02,0.09")
    status, said = score(capsys, files / "run.gsd", out, *words, *several)
    assert status == 0, said
    table, about = read(out), read_metadata(out)
    assert table.columns.tolist() == [
        "frame", "time", "particle", "species", "depth_0.04", "softness_0.04", "depth_0.09",
        "softness_0.09", "depth_0.02", "softness_0.02", "p_hop", "rearranging",
    ]  # fmt: skip
    assert about["delta"] == [0.04, 0.09, 0.02]
    invalid = 0
    for delta in about["delta"]:
        one = tmp_path / f"{delta}{suffix}"
        assert score(capsys, files / "run.gsd", one, *words, "--delta", delta)[0] == 0
        single = read(one)
        for name in ("depth", "softness"):
            np.testing.assert_allclose(
                table[f"{name}_{delta:g}"].astype(float), single[name].astype(float), rtol=1e-3
            )
        same = ["frame", "time", "particle", "p_hop", "rearranging"]
        pd.testing.assert_frame_equal(table[same], single[same])
        assert read_metadata(one)["delta"] == delta
        invalid += read_metadata(one)["n_invalid"]
    assert about["n_invalid"] == invalid and about["n_rows"] == len(table)


def test_memory_does_not_grow_with_frames(capsys, tmp_path, calibration):
    """Rows go to disk in groups of some frames."""
    path = write_gsd(tmp_path / "long.gsd", lattice_walk(frames=210))
    out = tmp_path / "table.parquet"
    status, said = score(capsys, path, out, "--no-hops", "--calibration", calibration)
    assert status == 0, said
    meta = pq.read_metadata(out)
    assert meta.num_row_groups == 4
    assert max(meta.row_group(k).num_rows for k in range(4)) == 64 * len(A)


def test_the_calibration_of_another_temperature_gives_only_the_line(
    capsys, tmp_path, files, calibration
):
    out = tmp_path / "table.csv"
    words = ("--interval", 0.5, "--hop-window", 6, "--calibration", calibration)
    status, said = run(
        capsys, "score", files / "run.gsd", "--temperature", 0.9, "--out", out, *words
    )
    assert status == 0, said
    assert "T = 0.9 is outside the temperatures of the calibration, 0.47 to 0.8" in said
    assert read_metadata(out)["range_source"] == "g(r) of the trajectory"


# ---------------------------------------------------------------- calibrate
def test_calibrate_and_score_with_it(capsys, tmp_path):
    runs = []
    for T, noise in ((0.5, 0.09), (0.7, 0.07), (0.9, 0.05)):
        path = write_gsd(tmp_path / f"{T}.gsd", lattice_walk(3, noise))
        runs.append(f"{T}={path}")
    folder = tmp_path / "line"
    status, said = run(capsys, "calibrate", *runs, "--out", folder, "--blocks", 4)
    assert status == 0, said
    lines, cages = pd.read_csv(folder / "calibration.csv"), pd.read_csv(folder / "cage.csv")
    assert set(lines["relation"]) == {"a", "b", "c"}
    assert sorted(cages["T"].unique()) == [0.5, 0.7, 0.9]
    assert list(tmp_path.glob("**/.*")) == []
    out = tmp_path / "table.parquet"
    path = tmp_path / "0.7.gsd"
    status, said = run(
        capsys, "score", path, "--temperature", 0.7, "--out", out, "--no-hops",
        "--calibration", folder,
    )  # fmt: skip
    assert status == 0, said
    about = read_metadata(out)
    assert about["range_source"] == "A: calibration, B: g(r) of the trajectory"
    table = pd.read_parquet(out)
    assert table.groupby("species")["depth"].apply(lambda depth: depth.notna().all()).all()
    assert table.loc[table["species"] == "B", "softness"].isna().all()
    row = cages[np.isclose(cages["T"], 0.7)].iloc[0]
    assert about["r_min_AA"] == row["r_min_AA"]


@pytest.mark.parametrize("q_max", [8, 12, 13.5, 30])
def test_calibrate_with_any_upper_limit(capsys, tmp_path, q_max):
    """Wave vectors go as far as S(q) is joined with the transform, wherever integrals end."""
    runs = []
    for T, noise in ((0.5, 0.09), (0.9, 0.05)):
        runs.append(f"{T}={write_gsd(tmp_path / f'{T}.gsd', lattice_walk(3, noise))}")
    folder = tmp_path / "line"
    words = ("--out", folder, "--blocks", 4, "--frames", 8)
    status, said = run(capsys, "calibrate", *runs, *words, "--q-max", q_max)
    assert status == 0, said
    cages = pd.read_csv(folder / "cage.csv")
    assert set(cages["q_max"]) == {q_max} and cages["inverse_softness"].notna().all()
    assert read_line(folder, q_max).q_max == q_max
    assert run(capsys, "calibrate", *runs, *words)[0] == 0
    usual = pd.read_csv(folder / "cage.csv")
    # g(r) and what follows from it has nothing to do with q
    np.testing.assert_array_equal(cages["depth_r"], usual["depth_r"])
    grows = cages["inverse_softness"] > usual["inverse_softness"]
    assert (grows == (q_max > 20))[cages["route"] == "curvature"].all()


def test_an_upper_limit_that_is_too_low_is_said_in_words(capsys, tmp_path, files):
    runs = [f"0.5={files / 'run.gsd'}"]
    runs += [f"0.9={write_gsd(tmp_path / 'hot.gsd', lattice_walk(4, 0.09))}"]
    words = ("--out", tmp_path / "line", "--q-max", 0.1, "--frames", 2, "--quiet")
    status, said = run(capsys, "calibrate", *runs, *words)
    assert status == 1 and said.count("\n") == 1
    assert "q_max = 0.1 is less than two steps of q" in said
    assert not (tmp_path / "line").exists()


def toy_runs(folder, noises):
    """Write runs of temperatures 0.5, 0.7 and 0.9; more noise makes 1/S small."""
    return [
        f"{T}={write_gsd(folder / f'{T}.gsd', lattice_walk(3, noise))}"
        for T, noise in zip((0.5, 0.7, 0.9), noises, strict=True)
    ]


def test_a_line_through_two_points_is_not_praised(capsys, tmp_path):
    words = ("--out", tmp_path / "line", "--blocks", 4)
    runs = toy_runs(tmp_path, (0.09, 0.07, 0.05))
    status, said = run(capsys, "calibrate", *runs, *words)
    assert status == 0 and "R^2 = " in said and "is not tested" not in said
    runs = toy_runs(tmp_path, (0.09, 0.07, 0.05))[::2]
    status, said = run(capsys, "calibrate", *runs, *words, "--frames", 8)
    assert status == 0 and "only two temperatures, so that its linearity is not tested" in said
    assert "R^2" not in said


def test_a_line_that_rises_is_refused(capsys, tmp_path, files, calibration):
    """As of runs whose temperatures were swapped; and if somebody gives such a line to score."""
    runs = toy_runs(tmp_path, (0.05, 0.07, 0.09))
    status, said = run(capsys, "calibrate", *runs, "--out", tmp_path / "line", "--blocks", 4)
    assert status == 1 and "error: the line rises, curvature: 1/S = " in said
    assert not (tmp_path / "line").exists()
    folder = tmp_path / "rising"
    shutil.copytree(calibration, folder)
    table = folder / "calibration" / "calibration.csv"
    table.write_text(table.read_text().replace("-19.6", "19.6"))
    status, said = score(
        capsys, files / "run.gsd", tmp_path / "t.csv", "--no-hops", "--calibration", folder
    )
    assert status == 1 and "the line 1/S = 900 +19.6 beta Phi rises" in said
    assert not (tmp_path / "t.csv").exists()


def test_a_run_counts_once(capsys, tmp_path, files):
    """Whether under one name or two."""
    shutil.copy(files / "run.gsd", tmp_path / "copy.gsd")
    for again in (files / "run.gsd", tmp_path / "copy.gsd"):
        for T in (0.5, 0.9):
            runs = [f"0.5={files / 'run.gsd'}", f"{T}={again}", f"0.7={files / 'one.gsd'}"]
            status, said = run(capsys, "calibrate", *runs, "--out", tmp_path / "line")
            assert status == 1 and f"and {again} are the same trajectory: give each" in said


def test_files_that_fit_a_pattern_are_one_run_of_a_temperature(capsys, tmp_path):
    words = ("--blocks", 4, "--frames", 8)
    lines = []
    for parts in (1, 2):
        runs = []
        for T, noise in ((0.5, 0.09), (0.9, 0.05)):
            frames = lattice_walk(3, noise, frames=8)
            for k in range(parts):
                part = frames[8 // parts * k : 8 // parts * (k + 1)]
                write_dump(tmp_path / f"{T}.{parts}.{k}", part, range(N), 1600 // parts * k)
            runs.append(f"{T}={tmp_path}/{T}.{parts}.*")
        status, said = run(capsys, "calibrate", *runs, "--out", tmp_path / f"{parts}", *words)
        assert status == 0, said
        lines.append((tmp_path / f"{parts}" / "calibration.csv").read_text())
    assert "0.9.2.*: 8 of 8 frames" in said and lines[0] == lines[1]
    runs[1] = f"0.9={tmp_path}/nowhere.*"
    status, said = run(capsys, "calibrate", *runs, "--out", tmp_path / "line")
    assert status == 1 and "nowhere.*: there is no such file" in said


@pytest.mark.parametrize("words", [("--frames", 1), ("--frames", 8, "--blocks", 1)])
def test_a_line_without_an_error_is_refused(capsys, tmp_path, words):
    """That of one frame is off by more than that of sixty frames has as an error."""
    runs = toy_runs(tmp_path, (0.09, 0.07, 0.05))
    status, said = run(capsys, "calibrate", *runs, *words, "--out", tmp_path / "line")
    assert status == 1 and f"T = 0.5: the error of the cage is not known from {words[1]} " in said
    assert "use at least two frames (--frames) and two blocks (--blocks)" in said
    assert not (tmp_path / "line").exists()


@pytest.mark.parametrize("known", [True, False])
def test_score_says_that_the_error_of_a_line_is_not_known(
    capsys, tmp_path, files, calibration, known
):
    folder = tmp_path / "study"
    shutil.copytree(calibration, folder)
    table = folder / "calibration" / "calibration.csv"
    lines = pd.read_csv(table).assign(intercept_error=5.0 if known else np.nan)
    lines.to_csv(table, index=False)
    status, said = score(capsys, files / "one.gsd", tmp_path / "t.csv", "--calibration", folder)
    assert status == 0 and ("the error of this line is not known" in said) == (not known)


def test_a_closed_error_stream_loses_words_only(tmp_path, files):
    out = tmp_path / "table.csv"
    code = "import sys\nfrom softcage.cli.command import main\nsys.exit(main(sys.argv[1:]))"
    words = ["score", files / "one.gsd", "--temperature", 0.47, "--out", out]
    command = " ".join(f"'{word}'" for word in [sys.executable, "-c", code, *words])
    done = subprocess.run(["sh", "-c", f"{command} 2>&-"], stdout=subprocess.PIPE, check=False,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")})  # fmt: skip
    assert (done.returncode, done.stdout) == (0, b"") and len(pd.read_csv(out, comment="#"))


@pytest.mark.parametrize("stream", [1, 2])
def test_a_reader_who_leaves_loses_words_only(tmp_path, files, stream):
    """As in ``softcage ... | head``: no traceback, and the table is written."""
    code = "import sys\nfrom softcage.cli.command import main\nsys.exit(main(sys.argv[1:]))"
    out = tmp_path / "table.csv"
    words = ["score", files / "one.gsd", "--temperature", "0.47", "--out", out]
    read, write = os.pipe()
    os.close(read)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    streams["stdout" if stream == 1 else "stderr"] = write
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words if stream == 2 else ["score", "--help"])],
        **streams, check=False, env={**os.environ, "PYTHONPATH": str(ROOT / "workflow")},
    )  # fmt: skip
    os.close(write)
    assert done.returncode == 0 and not done.stdout and not done.stderr
    if stream == 2:
        assert len(pd.read_csv(out, comment="#"))


def test_calibrate_needs_two_temperatures(capsys, tmp_path, files):
    status, said = run(capsys, "calibrate", f"0.5={files / 'run.gsd'}", "--out", tmp_path / "line")
    assert status == 2 and "at least two temperatures" in said
    assert not (tmp_path / "line").exists()


# ---------------------------------------------------------------- what it refuses
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--temperature", 0], "0 must be greater than 0"),
        (["--temperature", -0.5], "-0.5 must be greater than 0"),
        (["--temperature", "0,8"], "'0,8' is not a number: write 0.8"),
        (["--delta", 0], "0 must be greater than 0"),
        (["--delta", "0.09,"], "'' is not a number"),
        (["--every", 0], "'0' must be a whole number, at least 1"),
        (["--every", 2.5], "'2.5' must be a whole number, at least 1"),
        (["--species", "A:1"], "'A:1' is not of the form A=1,B=2"),
        (["--species", "big one=1,B=2"], "the name 'big one' has a space or a letter"),
        (["--out", "table.xlsx"], "give a name that ends in .parquet or .csv"),
    ],
)
def test_options_that_make_no_sense(capsys, tmp_path, files, words, message):
    status, said = score(capsys, files / "run.gsd", tmp_path / "table.csv", *words)
    assert status == 2 and message in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "has no times (frames are 200 steps apart): give the time between frames"),
        (["--interval", 0.4], "--hop-window 15 is not a multiple of twice the time"),
        (["--no-hops", "--species", "A=A"], "are labelled A (86), B (22); say which is which"),
        (["--no-hops", "--species", "A=B,B=A"], "the composition A:B is 20.37:79.63"),
        (["--no-hops", "--length-unit", 0.1], "density would be 0.0012"),
        (["--no-hops", "--length-unit", 3], "(with 1 the density would be 1.2)"),
        (["--no-hops", "--potential", "nowhere.yaml"], "nowhere.yaml: cannot be read: No such"),
        (["--no-hops", "--potential", __file__], "needs the group mixture"),
        (["--no-hops", "--calibration", "nowhere"], "nowhere: has no calibration"),
        (["--no-hops", "--calibration", "CALIBRATION", "--q-max", 30], "no line for q_max 30"),
        (["--no-hops", "--delta", 0.5], "beyond half the box (2.24)"),
    ],
)  # fmt: skip
def test_one_line_and_nothing_half_written(capsys, tmp_path, files, calibration, words, message):
    words = [calibration if word == "CALIBRATION" else word for word in words]
    out = tmp_path / "table.parquet"
    status, said = score(capsys, files / "run.gsd", out, "--quiet", *words)
    assert status == 1
    assert message in said
    assert said.startswith("softcage score: error: ") and said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_box_that_is_too_small(capsys, tmp_path):
    """Half the box must hold the first shell."""
    path = write_gsd(tmp_path / "run.gsd", lattice_walk() * 0.55, BOX * 0.55)
    status, said = score(capsys, path, tmp_path / "t.csv", "--no-hops", "--quiet")
    assert status == 1 and said.count("\n") == 1
    assert not (tmp_path / "t.csv").exists()


def test_the_calibration_of_another_mixture(capsys, tmp_path, files, calibration):
    mixture = yaml.safe_load((calibration / "config.yaml").read_text())
    mixture["mixture"]["cutoff"] = 1.122462048309373
    (tmp_path / "wca.yaml").write_text(yaml.safe_dump(mixture))
    status, said = score(
        capsys, files / "run.gsd", tmp_path / "t.csv", "--no-hops",
        "--calibration", calibration, "--potential", tmp_path / "wca.yaml",
    )  # fmt: skip
    assert status == 1 and "is the calibration of another mixture" in said


def test_the_calibration_of_another_density(capsys, tmp_path, files, calibration):
    folder = tmp_path / "study"
    shutil.copytree(calibration, folder)
    config = (folder / "config.yaml").read_text()
    for density, status in ((1.2005, 0), (1.1, 1)):
        (folder / "config.yaml").write_text(config + f"system: {{density: {density}}}\n")
        got, said = score(
            capsys, files / "run.gsd", tmp_path / "t.csv", "--no-hops", "--calibration", folder
        )
        assert got == status, said
    assert "is the calibration of density 1.1, the trajectory has 1.2" in said


def test_an_old_table_stays_when_the_command_fails(capsys, tmp_path, files):
    out = tmp_path / "table.csv"
    out.write_text("precious\n")
    assert score(capsys, files / "run.gsd", out)[0] == 1
    assert out.read_text() == "precious\n"


# ---------------------------------------------------------------- the package
def test_help_needs_none_of_the_heavy_packages():
    """What takes seconds to import is imported when the options are known to make sense."""
    code = (
        "import sys\nfrom softcage.cli.command import parser\nparser().format_help()\n"
        "parser().parse_args(['score', 'x.gsd', '--temperature', '1', '--out', 'x.csv'])\n"
        "assert not {'numpy', 'numba', 'pandas', 'scipy', 'yaml'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT / "workflow")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("softcage sc", {"score"}),
        ("softcage score --clo", {"--closure"}),
        ("softcage score --closure ", {"hnc", "pair"}),
    ],
)
def test_a_shell_is_told_what_may_follow(tmp_path, line, expected):
    """The variables are those that argcomplete sets in bash and zsh."""
    answer = tmp_path / "answer"
    asked = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "COMP_TYPE": "9",
    }
    command = [sys.executable, "-m", "softcage"]
    subprocess.run(command, env=os.environ | asked, cwd=ROOT / "workflow", check=True)
    assert {word.strip() for word in answer.read_text().split("\n")} >= expected
    assert len(answer.read_text().split()) < 4


def test_the_package_is_the_command():
    command = [sys.executable, "-m", "softcage"]
    said = subprocess.run([*command, "--version"], capture_output=True, cwd=ROOT / "workflow")
    first, *others = said.stdout.decode().splitlines()
    assert said.returncode == 0 and first == f"softcage {softcage.__version__}"
    assert f"numba {numba.__version__}" in others and re.search(
        r"processor .*, \d+ thr", others[-1]
    )
    said = subprocess.run([*command, "view"], capture_output=True, cwd=ROOT / "workflow")
    assert said.returncode == 2 and b"softcage view: error: the following" in said.stderr


def test_no_folder_that_can_be_written_is_said_in_one_line(tmp_path):
    """No place for what Numba compiles: here none that it looks for is allowed."""
    command = [sys.executable, "-m", "softcage.cli.command", "score", "x.gsd", "--temperature", "1"]
    done = subprocess.run(
        [*command, "--out", "x.csv"], capture_output=True, text=True, cwd=tmp_path, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow"),
             "NUMBA_CACHE_LOCATOR_CLASSES": "ZipCacheLocator"},
    )  # fmt: skip
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert "there is no folder for what Numba compiles: " in done.stderr
    assert "export NUMBA_CACHE_DIR=FOLDER" in done.stderr


def test_help_is_for_people(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["score", "--help"])
    said = capsys.readouterr().out
    assert stop.value.code == 0
    assert "--calibration" in said and "examples:" in said
    assert all(len(line) <= 120 for line in said.splitlines())


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_packages_hold_the_library_its_data_and_the_command(tmp_path, kind):
    """Built from a copy: a build leaves folders behind."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "workflow" / "softcage", copy / "workflow" / "softcage",
                    ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, copy)
    code = f"import setuptools.build_meta as b; print(b.build_{kind}({str(tmp_path)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=copy, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    package = tmp_path / done.stdout.split()[-1]
    if kind == "wheel":
        with zipfile.ZipFile(package) as archive:
            names = archive.namelist()
            entry = next(name for name in names if name.endswith("entry_points.txt"))
            assert b"softcage = softcage.cli.command:main" in archive.read(entry)
    else:
        with tarfile.open(package) as archive:
            names = archive.getnames()
    for wanted in ("softcage/cli/command.py", "softcage/dynamics/reference.csv"):
        assert any(name.endswith(wanted) for name in names), wanted
    assert not [name for name in names if "__pycache__" in name or "tests/" in name]


def test_metadata_is_plain_json_in_the_schema(capsys, tmp_path, files):
    out = tmp_path / "table.parquet"
    score(capsys, files / "one.gsd", out)
    about = json.loads(pq.read_schema(out).metadata[b"softcage"])
    assert about["temperature"] == 0.47 and about["n_particles"] == N
    counts = {
        "n_rows": len(A),
        "n_invalid": 0,
        "n_negative": int((pd.read_parquet(out)["depth"] < 0).sum()),
    }
    assert read_metadata(out) == {**about, **counts}


def test_a_closed_terminal_ends_the_command_but_not_under_nohup(capsys):
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    try:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        assert main(["info", "nowhere.dump"]) == 1
        with pytest.raises(SystemExit) as ended:
            signal.raise_signal(signal.SIGHUP)
        assert ended.value.code == 128 + signal.SIGHUP
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        assert main(["info", "nowhere.dump"]) == 1
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
