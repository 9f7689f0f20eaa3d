"""The recipe of the metallic glass: LAMMPS's input and the commands of the page, on fewer atoms."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import freud
import numpy as np
import pandas as pd
import pytest
from tests.physics.recipe import page_of

from benchmarks.peers import lammps_programs
from softcage.box import Box
from softcage.cli.command import main
from softcage.io.external import import_trajectory, open_external
from softcage.io.readers import read_frames
from softcage.structure.rdf import rdf_of_frames

PAGE = page_of("recipe_glass")
THERMO = "thermo 20\nthermo_style custom step vol xy xz yz\n"
UNIT = 2.7


@pytest.fixture(scope="module")
def glass(tmp_path_factory):
    """Run the input of the page with 864 atoms and 200 steps of each kind; return the folder."""
    try:
        program, _ = lammps_programs()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("glass")
    (text,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.M | re.S)
    (folder / "glass.in").write_text(text.replace("dump frames", THERMO + "dump frames"))
    potentials = Path(importlib.util.find_spec("lammps").origin).parent / "share/lammps/potentials"
    environment = os.environ | {
        "LAMMPS_POTENTIALS": str(potentials),
        "LD_LIBRARY_PATH": f"{sys.prefix}/lib",
        "OMP_NUM_THREADS": "1",
    }
    command = [program, "-in", "glass.in", "-var", "n", "6", "-var", "steps", "200"]
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="module")
def run(glass):
    external = open_external(
        glass / "glass.lammpstrj", None, species={"Cu": 1, "Zr": 2}, length_unit=UNIT
    )
    return import_trajectory(external, glass / "ours", external.liquid, file_timestep=0.002)


def test_boxes_are_those_that_lammps_computed_with(glass, run):
    log = (glass / "log.lammps").read_text()
    block = log.rsplit("Step         Volume", 1)[1].split("Loop time")[0].splitlines()[1:]
    said = np.array([line.split() for line in block if line.strip()], dtype=float)
    assert len(said) == run.n_frames == 11 and said[:, 2:].any()
    np.testing.assert_allclose(np.linalg.det(run.boxes) * UNIT**3, said[:, 1], rtol=1e-5)
    tilts = run.boxes[:, [1, 2, 2], [0, 0, 1]] * UNIT
    np.testing.assert_allclose(tilts, said[:, 2:], atol=1e-5)


def test_g_of_r_is_that_of_freud_in_the_box_of_each_frame(run):
    positions, boxes = run.frames(range(run.n_frames))
    frames = list(positions)
    r_max, r_bin = 3.0, 0.05
    g = rdf_of_frames(frames, run.species, boxes, r_max, r_bin)[1]
    rdf = freud.density.RDF(bins=round(r_max / r_bin), r_max=r_max)
    own, others = np.flatnonzero(run.species == 0), np.flatnonzero(run.species == 1)
    expected = 0.0
    for frame, box in zip(frames, boxes, strict=True):
        (a, _, _), (bx, b, _), (cx, cy, c) = box.vectors
        cell = freud.box.Box(a, b, c, bx / b, cx / c, cy / c)
        system = (cell, cell.wrap(frame[others]))
        rdf.compute(system, query_points=cell.wrap(frame[own]))
        expected = expected + rdf.rdf / len(frames)
    # freud's positions have single precision
    np.testing.assert_allclose(g[0, 1], expected, atol=5e-3)


def test_displacements_have_no_part_in_the_deformation(glass, run):
    """They are those of the places in units of the vectors, in the first box."""
    raw = list(read_frames(glass / "glass.lammpstrj"))
    order = np.argsort(np.array(raw[0].labels), kind="stable")
    first, last = raw[0], raw[-1]
    places = [(f.positions - f.origin) @ np.linalg.inv(f.box) for f in (first, last)]
    moved = ((places[1] - places[0]) @ first.box / UNIT)[order]
    got = run.read([0, run.n_frames - 1])
    masses = np.ones(len(moved)) / len(moved)
    np.testing.assert_allclose(got[1] - got[0], moved - masses @ moved, atol=2e-5)


def test_the_commands_of_the_page_run(glass, monkeypatch):
    monkeypatch.chdir(glass)
    (block,) = re.findall(r"^```\n(softcage.*?)^```", PAGE, re.M | re.S)
    for command in block.splitlines():
        program, *words = shlex.split(command)
        assert program == "softcage" and main(words) in (0, None)
    depth = pd.read_csv("depth.csv", comment="#")
    assert depth.groupby("frame").size().tolist() == [864] * 11
    assert depth["depth"].notna().all() and set(depth["species"]) == {"Cu", "Zr"}
    described = pd.read_csv("table.csv", comment="#")
    assert described["voronoi"].mean() == pytest.approx(
        np.mean([Box.of(frame.box).volume for frame in read_frames("glass.lammpstrj")][::10])
        / UNIT**3 / 864,
        rel=1e-4,
    )  # fmt: skip
