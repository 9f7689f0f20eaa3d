"""The notebook of the pages runs, and comes to what its words say."""

import json
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "notebook.ipynb"
CELLS = [c for c in json.loads(NOTEBOOK.read_text())["cells"] if c["cell_type"] == "code"]


def test_it_is_kept_without_outputs():
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in CELLS)


@pytest.mark.slow
def test_the_notebook_runs(monkeypatch):
    """Cell by cell as a kernel does it, in the folder of the notebook."""
    monkeypatch.chdir(NOTEBOOK.parent)
    before = matplotlib.get_backend()
    plt.switch_backend("agg")
    plt.close("all")
    held = {"__name__": "__main__"}
    for number, cell in enumerate(CELLS):
        exec(compile("".join(cell["source"]), f"{NOTEBOOK.name}: cell {number}", "exec"), held)
    assert len(plt.get_fignums()) == 2
    plt.close("all")
    plt.switch_backend(before)
    # a liquid at its temperature's energy, deep cages where the energy is low
    per_particle = np.mean(held["energy"])
    assert -9 < per_particle < -6
    assert held["spearmanr"](held["energy"].ravel(), held["depth"].ravel()).statistic < -0.5
    assert all(0.5 < values.mean() < 0.8 for values in held["areas"].values())
