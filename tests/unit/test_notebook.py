"""The notebooks of the pages run, and come to what their words say."""

import json
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
NOTEBOOKS = sorted(path.name for path in DOCS.glob("notebook*.ipynb"))


def cells(name):
    return [c for c in json.loads((DOCS / name).read_text())["cells"] if c["cell_type"] == "code"]


@pytest.fixture
def run(monkeypatch):
    """Run a notebook cell by cell as a kernel does it, in its folder; return its variables."""
    monkeypatch.chdir(DOCS)
    before = matplotlib.get_backend()
    plt.switch_backend("agg")
    plt.close("all")

    def all_cells(name):
        held = {"__name__": "__main__"}
        for number, cell in enumerate(cells(name)):
            exec(compile("".join(cell["source"]), f"{name}: cell {number}", "exec"), held)
        return held

    yield all_cells
    plt.close("all")
    plt.switch_backend(before)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_they_are_kept_without_outputs(name):
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells(name))


@pytest.mark.slow
def test_score_a_liquid(run):
    held = run("notebook.ipynb")
    assert len(plt.get_fignums()) == 2
    # a liquid at its temperature's energy, deep cages where the energy is low
    per_particle = np.mean(held["energy"])
    assert -9 < per_particle < -6
    assert held["spearmanr"](held["energy"].ravel(), held["depth"].ravel()).statistic < -0.5
    assert all(0.5 < values.mean() < 0.8 for values in held["areas"].values())


@pytest.mark.slow
def test_calibrate_a_line(run):
    held = run("notebook_calibration.ipynb")
    line, paper, cages = held["line"], held["paper"], held["cages"]
    assert len(plt.get_fignums()) == 2 and line.c1 < 0 and sorted(cages["T"]) == [0.6, 0.8, 1.0]
    # the cages that the published line covers lie on it within 15 %
    near = cages[cages["T"] <= 0.8]
    expected = paper.c0 - paper.c1 * near["depth_r"]
    np.testing.assert_allclose(near["inverse_softness"], expected, rtol=0.15)
    known = held["scores"].dropna(subset=["softness"])
    assert len(known) > 0.9 * len(held["scores"]) == 0.9 * 80 * 800
    expected = 1 / (line.c0 - line.c1 * known["depth"])
    np.testing.assert_allclose(known["softness"], expected, rtol=1e-4)


@pytest.mark.slow
def test_three_species(run):
    held = run("notebook_three_species.ipynb")
    assert len(plt.get_fignums()) == 1 and len(held["correlations"]) == 3
    assert all(value < -2 * error for value, error in held["correlations"].values())


@pytest.mark.slow
def test_rank_a_descriptor(run):
    table = run("notebook_descriptor.ipynb")["table"]
    assert len(plt.get_fignums()) == 1 and len(table) == 20
    bare = table[table["length"] == 0].set_index("time")["pearson_each"].abs()
    averaged = table[table["length"] > 0].set_index("time")["pearson_each"].abs()
    assert bare.iloc[0] > averaged.iloc[0] and averaged.iloc[-1] > bare.iloc[-1]
    assert table["place"].between(1, table["of"]).all()
