"""Nothing that a command did not write is replaced."""

import os
import shutil

import numpy as np
import pandas as pd
import pytest
import yaml

from softcage.cli.command import main
from softcage.io.overwriting import check_output, is_calibration, is_page, is_propensity, is_scores
from softcage.model import KOB_ANDERSEN

SIDE = 3
N = 4 * SIDE**3
BOX = (N / 1.2) ** (1 / 3)
TYPES = np.where(np.arange(N) % 5 == 1, 2, 1)


def write_run(path, seed=0, noise=0.07, frames=4, comment=""):
    """Write particles about the sites of a lattice, as a LAMMPS dump or extended XYZ."""
    rng = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(*3 * [np.arange(SIDE)]), axis=-1).reshape(-1, 1, 3)
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    sites = (corners + basis).reshape(-1, 3) * BOX / SIDE
    text = ""
    for k in range(frames):
        x = sites + rng.normal(0, noise, (N, 3))
        if path.suffix == ".extxyz":
            text += f'{N}\nLattice="{BOX} 0 0 0 {BOX} 0 0 0 {BOX}" Time={0.5 * k}\n'
            text += "".join(
                "AB"[t - 1] + " {} {} {}\n".format(*r) for t, r in zip(TYPES, x, strict=True)
            )
            continue
        text += (
            f"ITEM: TIMESTEP\n{200 * k}\nITEM: NUMBER OF ATOMS\n{N}\nITEM: BOX BOUNDS pp pp pp\n"
        )
        text += 3 * f"0 {BOX!r}\n" + "ITEM: ATOMS id type xu yu zu\n"
        text += "".join(
            f"{i} {t} {a} {b} {c}\n" for i, (t, (a, b, c)) in enumerate(zip(TYPES, x, strict=True))
        )
    path.write_text(text)
    return path


def run(capsys, *words):
    try:
        status = main([str(word) for word in words])
    except SystemExit as stop:
        status = stop.code
    return status, capsys.readouterr().err


def score(capsys, path, out, *more):
    words = ["--temperature", 0.8, "--no-hops", "--species", "A=1,B=2", "--quiet"]
    words = words if path.suffix == ".lammpstrj" else words[:3] + words[5:]
    return run(capsys, "score", path, "--out", out, *words, *more)


@pytest.mark.parametrize("name", ["run.lammpstrj", "run.extxyz"])
@pytest.mark.parametrize("link", [None, os.symlink, os.link])
def test_an_output_that_is_the_input_is_refused(capsys, tmp_path, name, link):
    path = write_run(tmp_path / name)
    before, out = path.read_bytes(), path
    if link:
        out = tmp_path / f"other{path.suffix}"
        link(path, out)
    status, said = score(capsys, path, out)
    assert status == 1 and "which would be lost: give another --out" in said
    assert path.read_bytes() == before and out.read_bytes() == before
    assert out.is_symlink() == (link is os.symlink)


def test_a_table_of_names_or_a_potential_is_an_input_too(capsys, tmp_path):
    path = write_run(tmp_path / "run.extxyz")
    top = write_run(tmp_path / "top.extxyz", frames=1)
    assert "is the input" in score(capsys, path, top, "--top", top)[1]


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".gsd", ".extxyz", ".lammpstrj"])
def test_scores_of_before_are_replaced_and_nothing_else_is(capsys, tmp_path, suffix):
    path, out = write_run(tmp_path / "run.extxyz"), tmp_path / f"out{suffix}"
    for _ in range(2):
        status, said = score(capsys, path, out)
        assert (status, said) == (0, "")
    assert is_scores(out)
    other = write_run(tmp_path / f"other{suffix}") if "j" in suffix or "x" in suffix else None
    if other is None:
        other = tmp_path / f"other{suffix}"
        table = pd.DataFrame({"frame": [1], "depth": [2.0]})
        table.to_parquet(other) if suffix == ".parquet" else table.to_csv(other)
    before = other.read_bytes()
    status, said = score(capsys, path, other)
    assert status == 1 and "exists, and softcage did not write it" in said and "\n" not in said[:-1]
    assert other.read_bytes() == before
    other.write_bytes(b"")  # as mktemp leaves it
    assert score(capsys, path, other)[0] == 0


def test_calibrate_replaces_its_own_folder_and_no_other_configuration(capsys, tmp_path):
    runs = [f"{T}={write_run(tmp_path / f'{T}.lammpstrj', 3, noise)}"
            for T, noise in ((0.5, 0.09), (0.9, 0.05))]  # fmt: skip
    words = ["--species", "A=1,B=2", "--blocks", 2, "--quiet", "--out"]
    folder = tmp_path / "line"
    for _ in range(2):
        status, said = run(capsys, "calibrate", *runs, *words, folder)
        assert (status, said) == (0, "")
    assert is_calibration(folder / "config.yaml")
    study = tmp_path / "study"
    shutil.copytree(folder, study)
    about = {"mixture": KOB_ANDERSEN, "system": {"density": 1.2, "particles": 4000}}
    for content in (yaml.safe_dump(about), "name: mine\n", "- 1\n", "{"):
        (study / "config.yaml").write_text(content)
        status, said = run(capsys, "calibrate", *runs, *words, study)
        assert status == 1 and "config.yaml: exists, and softcage did not write it" in said
        assert (study / "config.yaml").read_text() == content
    (study / "config.yaml").unlink()
    (study / "cage.csv").write_text("precious\n")
    assert "cage.csv: exists, and" in run(capsys, "calibrate", *runs, *words, study)[1]
    assert not (study / "config.yaml").exists()


def test_pages_and_folders_of_scores_are_known_by_their_content(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<html>mine</html>")
    assert not is_page(page)
    page.write_text('<html><div id="softcage"></div></html>')
    assert is_page(page)
    scores = tmp_path / "study" / "beyond" / "T0.5" / "scores.png"
    scores.parent.mkdir(parents=True)
    for name, columns in (("scores", "target,kind,name,"),
                          ("coefficients", "target,name,feature,"),
                          ("importances", "target,name,descriptor,")):  # fmt: skip
        assert not is_propensity(scores)
        (scores.parent / f"{name}.csv").write_text(f"{columns}error\n")
    assert is_propensity(scores)
    (tmp_path / "study" / "provenance.csv").write_text("")
    assert not is_propensity(scores)


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    check_output(tmp_path / "new" / "table.csv", [], is_scores)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ValueError, match=f"you may not write into the folder {tmp_path}: give"):
        check_output(tmp_path / "new" / "table.csv", [], is_scores)
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="is no folder: give another --out"):
        check_output(tmp_path / "file" / "table.csv", [], is_scores)
