"""What ``softcage info`` says of a file, and that the commands it proposes can be typed."""

import json
import shlex

import mdtraj
import numpy as np
import pandas as pd
import pytest
from tests.unit.test_boxes_of_files import BRICK, PLANE, dump, liquid
from tests.unit.test_command import BOX, TYPEID, lattice_walk, write_gsd

from softcage.cli.command import main
from softcage.io.contents import contents_of
from softcage.io.readers import TrajectoryError

N = len(TYPEID)
WALK = lattice_walk()
FILL = {"T": "0.47", "DT": "0.5", "L": f"{BOX:.9g}"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Commands name relative paths."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lammps(path, positions=WALK, times=True, box=BOX, unit=1.0, flat=False, types=TYPEID + 1):
    """Write a dump without images; flat in the plane z = 0."""
    edges = 2 * [box * unit] + [1.0 if flat else box * unit]
    with open(path, "w") as handle:
        for k, frame in enumerate(positions):
            if times:
                handle.write(f"ITEM: TIME\n{0.5 * k}\n")
            handle.write(f"ITEM: TIMESTEP\n{200 * k}\nITEM: NUMBER OF ATOMS\n{len(frame)}\n")
            handle.write("ITEM: BOX BOUNDS pp pp pp\n")
            handle.writelines(f"0 {edge:.12g}\n" for edge in edges)
            handle.write("ITEM: ATOMS id type x y z\n")
            for i, (kind, row) in enumerate(zip(types, unit * (frame % box), strict=True), 1):
                handle.write(f"{i} {kind} " + " ".join(f"{x:.9g}" for x in row) + "\n")
    return path


def info(capsys, *words):
    """Return what is said, and the same as JSON."""
    assert main(["info", *map(str, words), "--quiet"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert main(["info", *map(str, words), "--quiet", "--json"]) == 0
    return said.out, json.loads(capsys.readouterr().out)


def run_all(capsys, found, fill=FILL, dynamics=False):
    """Type the proposed commands, with what only the user knows filled in.

    That for averages over time, whose figure takes seconds, only with ``dynamics``.
    """
    for line in found["next"][: None if dynamics else 1]:
        words = [fill.get(word, word) for word in shlex.split(line)]
        assert words[0] == "softcage"
        assert main([*words[1:], "--quiet"]) == 0, (line, capsys.readouterr().err)


def test_species_with_few_particles_are_left_out_of_the_commands(capsys):
    types = np.where(np.arange(N) < 5, 3, TYPEID + 1)
    _, found = info(capsys, lammps("run.lammpstrj", types=types))
    score, dynamics, report = found["next"]
    assert "--of 1,2" in score and "--of 1 " in report and "--of" not in dynamics
    run_all(capsys, found, FILL)
    assert set(pd.read_parquet("scores.parquet")["species"]) == {"1", "2"}
    _, found = info(capsys, "run.lammpstrj", "--species", "C=3,A=1,B=2")
    assert "--species C=3,A=1,B=2" in found["next"][0] and "--of A,B" in found["next"][0]
    assert "--of A " in found["next"][2]
    run_all(capsys, found, FILL)


def test_a_damaged_frame_leaves_no_gap_in_the_times(capsys):
    positions = WALK.copy()
    positions[3, 7, 1] = np.nan
    said, found = info(capsys, lammps("run.lammpstrj", positions=positions))
    assert "frame 3 holds NaN" in found["obstacle"] and not found["next"]
    assert found["times"]["even"] and "from 0 to 20, 0.5 apart" in said


def test_a_dump_with_all_that_is_needed(capsys):
    said, found = info(capsys, lammps("run.lammpstrj"))
    assert found["format"] == "LAMMPS dump" and found["frames"] == 41
    assert found["types"] == {"1": 86, "2": 22} and "86 of type 1 (79.63 %)" in said
    assert found["box"]["shape"] == "cube" and not found["box"]["changes"]
    assert found["density"] == pytest.approx(1.2)
    assert found["times"] == {"source": "file", "first": 0, "last": 20, "interval": 0.5,
                              "even": True}  # fmt: skip
    assert not found["unwrapped"] and "wrapped: they never extend over more" in said
    apart = WALK[:, :, None] - WALK[:, None]
    apart -= BOX * np.rint(apart / BOX)
    distance = np.linalg.norm(apart, axis=-1)[:, ~np.eye(N, dtype=bool)]
    assert found["closest"] == pytest.approx(distance.min(), rel=1e-6)
    step = np.diff(WALK, axis=0)
    step -= step.mean(axis=1, keepdims=True)
    assert found["displacement"] == pytest.approx(np.median((step**2).sum(-1).mean(1)), rel=1e-6)
    assert not found["missing"] and found["obstacle"] is None
    score, dynamics, report = found["next"]
    assert score == (
        "softcage score run.lammpstrj --species A=1,B=2 --temperature T --out scores.parquet"
    )
    assert dynamics == "softcage dynamics run.lammpstrj --species A=1,B=2 --out dynamics"
    assert report == (
        "softcage report run.lammpstrj --species A=1,B=2 --temperature T --out page.html"
    )
    assert found["fill_in"] == {"T": "the temperature in reduced units"}
    run_all(capsys, found, dynamics=True)
    table = pd.read_parquet("scores.parquet")
    assert len(table) == 41 * N and table["p_hop"].notna().any()


def test_a_file_with_steps_but_no_times(capsys, tmp_path):
    write_gsd(tmp_path / "run.gsd", WALK)
    said, found = info(capsys, "run.gsd")
    assert found["format"] == "GSD" and found["times"]["source"] == "steps"
    assert "none; steps of the file, from 0 to 8000, 200 apart" in said
    assert "what is missing: --interval DT, the time between frames (200 steps)" in said
    assert "--no-hops" in found["next"][0] and "--interval DT" in found["next"][1]
    run_all(capsys, found, dynamics=True)
    _, found = info(capsys, "run.gsd", "--timestep", 0.0025)
    assert found["times"] == {"source": "timestep", "first": 0, "last": 20, "interval": 0.5,
                              "even": True}  # fmt: skip
    assert not found["missing"] and "--timestep 0.0025" in found["next"][0]
    run_all(capsys, found)


def test_a_file_without_a_box(capsys, tmp_path):
    with open("run.xyz", "w") as handle:
        for frame in WALK % BOX:
            handle.write(f"{N}\nframe\n")
            for t, row in zip(TYPEID, frame, strict=True):
                handle.write(f"{'AB'[t]} " + " ".join(f"{x:.9f}" for x in row) + "\n")
    said, found = info(capsys, "run.xyz")
    assert found["box"] is None and found["density"] is None and found["closest"] is None
    assert (
        "what is missing: --box L, the box: its edges; the particles of the first frame extend"
        in said
    )
    assert "--box L" in found["next"][0] and found["obstacle"] is None
    run_all(capsys, found)
    _, found = info(capsys, "run.xyz", "--box", f"{BOX:.9g}", "--interval", 0.5)
    assert found["density"] == pytest.approx(1.2) and not found["missing"]
    assert found["displacement"] > 0 and len(found["next"]) == 3
    run_all(capsys, found)


def test_a_file_without_types_in_another_unit(capsys, tmp_path):
    trajectory = mdtraj.Trajectory((WALK % BOX).astype(np.float32), None)
    trajectory.unitcell_lengths = np.full((len(WALK), 3), BOX)
    trajectory.unitcell_angles = np.full((len(WALK), 3), 90.0)
    trajectory.save_dcd("run.dcd")
    (tmp_path / "types.txt").write_text("\n".join("AB"[t] for t in TYPEID))
    said, found = info(capsys, "run.dcd")
    assert found["format"] == "DCD" and found["types"] is None
    assert found["missing"]["--length-unit"][0] == "10" and "mdtraj" in said
    assert found["density"] == pytest.approx(1.2, rel=1e-5) and found["length_unit"] == 10
    assert found["displacement"] > 0  # the types are not needed for it
    assert "--closure pair" in found["next"][0] and "--top FILE" in found["next"][0]
    run_all(capsys, found, FILL | {"FILE": "types.txt"})


def test_another_unit_that_nobody_knows(capsys):
    said, found = info(capsys, lammps("run.dump", unit=2.5))
    assert found["missing"]["--length-unit"][0] == "2.5"
    assert "--length-unit 2.5, the unit of length" in said and "that of no liquid" in said
    run_all(capsys, found)


def test_a_file_that_ends_within_a_frame(capsys, tmp_path):
    whole = lammps(tmp_path / "whole.dump").read_text()
    (tmp_path / "run.dump").write_text(whole[: int(0.98 * len(whole))])
    said, found = info(capsys, "run.dump")
    assert found["frames"] == 40
    assert "what stands in the way: run.dump: frame 40 is truncated" in said
    assert said.count("--whole-frames leaves it out") == 1
    assert found["next"][0].count("--whole-frames") == 1
    run_all(capsys, found)
    _, found = info(capsys, "run.dump", "--whole-frames")
    assert found["obstacle"] is None and found["next"][0].count("--whole-frames") == 1


def test_a_tilted_box_that_changes(capsys, tmp_path):
    places, cells, types = liquid(BRICK, shears=0.4, grows=0.06)
    dump(tmp_path / "run.dump", places, cells, types)
    said, found = info(capsys, "run.dump", "--interval", 0.5)
    assert found["box"]["changes"]
    volumes = np.linalg.det(cells)
    np.testing.assert_allclose(found["box"]["volume"], [volumes.min(), volumes.max()], rtol=1e-9)
    assert "changes, its volume from" in said
    assert not found["unwrapped"] and found["displacement"] > 0
    run_all(capsys, found)


def test_two_dimensions(capsys, tmp_path):
    places, cells, types = liquid(PLANE, dimension=2)
    dump(tmp_path / "plane.dump", places, cells, types, flat=True)
    _, found = info(capsys, "plane.dump", "--interval", 0.5)
    assert found["dimension"] == 2 and found["box"]["shape"] == "tilted box"
    assert len(found["box"]["edges"]) == 2 and len(found["box"]["angles"]) == 1
    assert "--closure pair" in found["next"][0]  # 80:20, but not the liquid of the paper
    run_all(capsys, found)
    # a layer in a box of three dimensions: LAMMPS does not say that there are two
    places, cells, types = liquid(np.diag([22.0, 22.0, 1.0]), dimension=2)
    lammps("layer.dump", places @ cells[0], box=22.0, flat=True, types=types)
    said, found = info(capsys, "layer.dump")
    assert (
        "--dimension 2, the dimension: all particles are at z = 0" in said
        and found["dimension"] == 2
    )
    assert "--dimension 2" in found["next"][0] and found["obstacle"] is None
    run_all(capsys, found)


def test_what_the_checks_refuse_is_said_and_the_file_is_read_to_its_end(capsys):
    restarted = np.concatenate([WALK[:20], WALK[10:]])
    said, found = info(capsys, lammps("restarted.dump", restarted))
    assert found["frames"] == len(restarted)
    assert "what stands in the way: restarted.dump: frame 20 has the positions of frame 10" in said
    assert found["next"] == [] and "nothing, before that is settled" in said
    # frames too far apart have depths, but no displacements
    rng = np.random.default_rng(0)
    far = np.array([frame[rng.permutation(N)] for frame in WALK])
    said, found = info(capsys, lammps("far.dump", far))
    assert "too far apart to unwrap" in found["obstacle"] and found["frames"] == len(far)
    assert len(found["next"]) == 1 and "--no-hops" in found["next"][0]
    run_all(capsys, found)


def test_frames_that_are_unevenly_spaced(capsys, tmp_path):
    text = lammps(tmp_path / "run.dump").read_text().replace("TIME\n20.0\n", "TIME\n33\n")
    (tmp_path / "run.dump").write_text(text)
    said, found = info(capsys, "run.dump")
    assert found["times"]["even"] is False and "unevenly spaced" in said
    assert len(found["next"]) == 1 and "--no-hops" in found["next"][0]
    run_all(capsys, found)


def test_several_files_and_names_that_a_shell_would_split(capsys, tmp_path):
    text = lammps(tmp_path / "whole.dump").read_text().split("ITEM: TIME\n")[1:]
    parts = [tmp_path / f"part {k}.dump" for k in range(2)]
    for k, path in enumerate(parts):
        path.write_text("".join(f"ITEM: TIME\n{one}" for one in text[k * 20 : (k + 1) * 20 + 1]))
    said, found = info(capsys, "part 1.dump", "part 0.dump")
    assert found["files"] == ["part 0.dump", "part 1.dump"] and "and 1 more" in said
    assert found["obstacle"] is None
    run_all(capsys, found)


def test_only_a_file_that_cannot_be_read_is_an_error(capsys, tmp_path):
    (tmp_path / "run.dump").write_text("ITEM: TIMESTEP\n0\n")
    for path in ("run.dump", "nowhere.gsd"):
        assert main(["info", path]) == 1
        said = capsys.readouterr()
        assert said.out == "" and said.err.startswith("softcage info: error: ")
        assert said.err.count("\n") == 1 and "softcage info FILE" not in said.err


def test_other_commands_lead_to_it(capsys, tmp_path):
    write_gsd(tmp_path / "run.gsd", WALK)
    words = ["score", "--temperature", "1", "--out", "t.csv", "--quiet"]
    assert main([*words, "run.gsd"]) == 1
    said = capsys.readouterr().err
    assert said.endswith("; softcage info FILE says what the file holds\n")
    assert said.count("\n") == said.count("softcage info") == 1
    assert main([*words, "nowhere.gsd"]) == 1
    assert "softcage info" not in capsys.readouterr().err
    assert main([*words, "run.gsd", "--no-hops", "--delta", "0.5"]) == 1  # not of the file
    assert "softcage info" not in capsys.readouterr().err


def test_the_library_says_it_as_numbers(tmp_path):
    lammps("run.dump")
    contents = contents_of("run.dump", interval=0.25)
    assert contents.times.source == "interval" and contents.times.interval == 0.25
    assert contents.kob_andersen == {"A": "1", "B": "2"} and contents.hops and contents.scores
    assert contents_of("run.dump", species={"A": 2, "B": 1}).kob_andersen is None
    with pytest.raises(TrajectoryError, match="there is no such file"):
        contents_of("nowhere.dump")
