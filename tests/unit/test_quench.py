"""Runs that are nothing but sums, and what is refused to be added up."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from softcage.dynamics.quench import Quench, load_quenches, thermo_sums

ABOUT = {"T": 0.47, "replica": 0, "seed": 5, "timestep": 0.0025, "mixture": {"sigma": [[1.0]]}}


def quench(**about):
    rng = np.random.default_rng(about.get("seed", 5))
    sums = rng.random((8, 3, 4))
    return Quench(np.array([0.1, 1.0, 10.0]), sums, rng.random((8, 3)), ABOUT | about, 0.01)


def saved(folder, *quenches):
    paths = [folder / f"r{k}.npz" for k in range(len(quenches))]
    for path, run in zip(paths, quenches, strict=True):
        run.save(path)
    return paths


def test_a_quench_is_what_was_saved(tmp_path):
    (found,) = load_quenches(saved(tmp_path, quench()))
    assert found.about == ABOUT and found.solid_fraction == 0.01
    for name in ("times", "sums", "thermo"):
        np.testing.assert_array_equal(getattr(found, name), getattr(quench(), name))
    assert np.isnan(dataclasses.replace(found, solid_fraction=np.nan).solid_fraction)


def test_runs_of_one_plan_add_up(tmp_path):
    other = quench(replica=4, seed=6)
    assert len(load_quenches(saved(tmp_path, quench(), other))) == 2


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"seed": 6, "timestep": 0.005}, r"its timestep is 0.005, there it is 0.0025"),
        ({"seed": 6, "mixture": {"sigma": [[0.9]]}}, r"its mixture is .*0.9"),
        ({"seed": 6, "fine_blocks": 64}, r"its fine_blocks is 64, there it is None"),
        ({"replica": 4}, r"r1.npz is the same run as .*r0.npz \(same seed\)"),
    ],
)
def test_what_does_not_belong_together_is_refused(about, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        load_quenches(saved(tmp_path, quench(), quench(**about)))


def test_energies_of_the_production_are_summed():
    table = pd.DataFrame(
        {
            "stage": ["melt", *["produce"] * 6],
            "potential_energy": [9.0, *range(6)],
            "pressure": [9.0, *range(10, 16)],
        }
    )
    assert thermo_sums(table, 2).tolist() == [[3, 3, 33], [3, 12, 42]]
    assert thermo_sums(table, 64).sum(axis=0).tolist() == [6, 15, 75]
