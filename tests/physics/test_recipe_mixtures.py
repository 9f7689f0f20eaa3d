"""The recipe of mixtures that other programs wrote: no potential, the cell in a comment line."""

import os
import re
import shlex
from pathlib import Path

import freud
import numpy as np
import pandas as pd
import pytest
from tests.physics.recipe import data_of, page_of

from softcage.cage.frames import score_frames
from softcage.cli.command import main
from softcage.io.readers.text import xyz_frames
from softcage.structure.rdf import pair_counts, rdf_from_counts

FOLDER, pytestmark = data_of("partycls")
PAGE = page_of("recipe_mixtures")
FILES = {"Wahnstroem": "wahn_N1000.xyz", "silica": "SiO2_N2000.xyz"}


def frame_of(liquid):
    """Return positions, species from 0 and box of the only frame of a file."""
    (frame,) = xyz_frames(FOLDER / FILES[liquid], None)
    return frame.positions, np.unique(frame.labels, return_inverse=True)[1], frame.box


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Run the commands of the page where links lead to the data, and return their tables."""
    folder, before = tmp_path_factory.mktemp("recipe"), Path.cwd()
    for path in FOLDER.iterdir():
        (folder / path.name).symlink_to(path)
    (block,) = re.findall(r"^```\n(.*?)^```", PAGE, re.M | re.S)
    os.chdir(folder)
    try:
        found = {}
        for command in block.splitlines():
            program, *words = shlex.split(command)
            assert program == "softcage"
            paths = [
                path
                for word in words
                for path in (sorted(map(str, Path().glob(word))) if "*" in word else [word])
            ]
            assert main(paths) in (0, None)
            found[words[-1]] = pd.read_csv(words[-1], dtype={"species": str}, comment="#")
    finally:
        os.chdir(before)
    return dict(zip(("Wahnstroem", "silica", "RUMD"), found.values(), strict=True))


@pytest.mark.parametrize("liquid", FILES)
def test_g_of_r_is_that_of_freud(liquid):
    positions, species, box = frame_of(liquid)
    r_max, r_bin = 3.0, 0.05
    counts = pair_counts(positions, species, box, r_max, r_bin)
    g = rdf_from_counts(counts, 1, np.bincount(species), box, r_bin)[1]
    cell = freud.box.Box.from_box(box)
    points = cell.wrap(positions)
    for u, v in np.ndindex(2, 2):
        theirs = freud.density.RDF(bins=60, r_max=r_max)
        theirs.compute(
            (cell, points[species == v]),
            query_points=points[species == u],
            neighbors={"r_max": r_max, "exclude_ii": u == v},
        )
        # freud's float32 moves a pair at the edge of a bin into the next one
        assert np.abs(theirs.bin_counts.astype(int) - counts[u, v]).max() <= 2
        np.testing.assert_allclose(theirs.rdf, g[u, v], atol=1e-3)


def test_the_page_has_the_depths(tables):
    rows = re.findall(
        r"^\| (\w+) \| (\w+) \| (\d+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \|", PAGE, re.M
    )
    found = {
        (liquid, name): (
            len(part) // part["frame"].nunique(),
            part["frame"].nunique(),
            part["depth"].mean(),
            part["depth"].median(),
        )
        for liquid, table in tables.items()
        for name, part in table.groupby("species")
    }
    said = {(liquid, name): tuple(map(float, numbers)) for liquid, name, *numbers in rows}
    assert said.keys() == found.keys()
    for key, numbers in found.items():
        assert said[key] == pytest.approx(numbers, abs=0.0051), key
    assert all(table["depth"].notna().all() for table in tables.values())


@pytest.mark.parametrize("liquid", FILES)
def test_the_command_and_the_function_agree(tables, liquid):
    positions, species, box = frame_of(liquid)
    scores = score_frames(positions, species, box, closure="pair")
    np.testing.assert_allclose(tables[liquid]["depth"], scores.depth, rtol=1e-5, atol=1e-5)
    ends = re.findall(rf"^\| {liquid} \|.*\| ([\d.]+) \(.*?\), ([\d.]+) \(.*?\) \|$", PAGE, re.M)
    np.testing.assert_allclose(scores.r_min, np.array(ends, dtype=float), atol=0.0051)


def test_silica_has_the_coordination_of_silica(tables):
    positions, species, box = frame_of("silica")
    r_min = score_frames(positions, species, box, closure="pair").r_min[0, 1]
    pairs = pair_counts(positions, species, box, r_min, r_min)[0, 1, 0]
    said = re.search(r"on average\s+([\d.]+) atoms of O, and an atom of O has ([\d.]+) of Si", PAGE)
    found = pairs / np.bincount(species)
    np.testing.assert_allclose(found, [float(number) for number in said.groups()], atol=0.006)
    assert found == pytest.approx([4, 2], rel=0.03)
