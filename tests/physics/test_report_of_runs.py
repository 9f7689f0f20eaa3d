"""``softcage report`` of two temperatures of the Kob-Andersen mixture, simulated here, small.

The numbers and the points of the page are those of the functions and of the other commands.
"""

import numpy as np
import pandas as pd
import pytest
from tests.unit.test_report import read, warnings_of

from softcage.cage.calibration import read_line
from softcage.cli.command import main
from softcage.dynamics.time_correlations import correlations_of_run
from softcage.io.external import import_trajectory, open_external
from softcage.md.simulation import Protocol, simulate, write_run
from softcage.model import kob_andersen
from softcage.report.findings import Choices, StatePoint, findings_of_runs
from softcage.statistics import roc_auc
from softcage.tables import plus_minus, select

TEMPERATURES = (0.7, 1.1)
HOP_WINDOW = 6
STEPS = 20_000
KA = kob_andersen()


def softcage(*words):
    """Run a command that has to succeed."""
    assert main([*map(str, words), "--quiet"]) == 0


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two short runs, as T=FILE."""
    folder = tmp_path_factory.mktemp("runs")
    words = []
    for T in TEMPERATURES:
        protocol = Protocol(
            temperature=T, particles=320, density=1.2, seed=3, melt=1000, cool=1000,
            equilibrate=4000, produce=STEPS, log_period=STEPS,
        )  # fmt: skip
        engine, checkpoints = simulate(KA, protocol, folder / f"{T}")
        write_run(folder / f"{T}", KA, protocol, engine.state, checkpoints)
        words.append(f"{T}={folder / f'{T}' / 'uniform.nc'}")
    return words


@pytest.fixture(scope="module")
def page(runs, tmp_path_factory):
    """The page, read back."""
    folder = tmp_path_factory.mktemp("page")
    softcage("report", *runs, "--hop-window", HOP_WINDOW, "--out", folder / "page.html")
    assert [one.name for one in folder.iterdir()] == ["page.html"]
    return read(folder / "page.html")


@pytest.fixture(scope="module")
def found(runs, tmp_path_factory):
    """What the functions of the library find in the same files."""
    folder, points = tmp_path_factory.mktemp("found"), []
    for T, word in zip(TEMPERATURES, runs, strict=True):
        external = open_external(word.partition("=")[2], KA)
        (folder / f"{T}").mkdir()
        run = import_trajectory(external, folder / f"{T}", KA)
        points.append(StatePoint(f"{T}", T, run, KA, 0))
    return findings_of_runs(points, Choices(hop_window=HOP_WINDOW), folder)


@pytest.fixture(scope="module")
def line(runs, tmp_path_factory):
    """The folder of ``softcage calibrate`` for the same files."""
    folder = tmp_path_factory.mktemp("line")
    softcage("calibrate", *runs, "--out", folder)
    return folder


def test_two_temperatures_have_all_figures(page, found):
    assert list(page.pictures) == [
        "structure", "relaxation", "mean_cage", "distributions", "memory", "rearranging",
        "fraction", "p_hop", "surroundings",
    ]  # fmt: skip
    assert found.quantity == "softness" and found.line.c1 < 0
    for name, points in page.points.items():
        assert len(points) and points["y"].notna().any(), name
    said = "; ".join(warnings_of(page))
    assert "the line from depth to softness goes through two temperatures only" in said
    assert "T = 1.1: the overlap" not in said and "the depth takes the place" not in said


def test_the_line_is_that_of_softcage_calibrate(found, line, page):
    theirs = read_line(line)
    # There positions are moved into the box, here they are not, and both are rounded to 32 bits.
    assert found.line.c0 == pytest.approx(theirs.c0, rel=1e-4)
    assert found.line.c1 == pytest.approx(theirs.c1, rel=1e-4)
    assert page.page.after("1/S against beta Phi from g(r): the calibration", 2) == [
        plus_minus(found.line.c0, found.line.c0_error),
        plus_minus(
            found.line.c1,
            select(found.lines, relation="c", route="curvature")["slope_error"].iloc[0],
        ),
    ]


def test_numbers_are_those_of_the_functions(page, found):
    averages = [correlations_of_run(point.run, 0)[1] for point in found.points]
    for label, name in (
        ("relaxation time tau_alpha", "tau_alpha"),
        ("p_c, mean squared displacement at t*", "p_c"),
    ):
        expected = [plus_minus(a[name], a[f"{name}_error"], nothing="not known")
                    for a in averages]  # fmt: skip
        assert page.page.after(label, 2) == expected
    depths = [select(point.cage, route="curvature").iloc[0] for point in found.points]
    expected = [plus_minus(row["depth_r"], row["depth_r_error"]) for row in depths]
    assert page.page.after("depth of the mean cage, from g(r)", 2) == expected
    rows = [select(point.tables["summary"], quantity="softness", lag="0").iloc[0]
            for point in found.points]  # fmt: skip
    expected = [plus_minus(row["auc"], row["auc_error"]) for row in rows]
    assert page.page.after("AUC of the softness, same frame", 2) == expected


def test_the_auc_is_that_of_the_table_of_every_particle(runs, found, line, tmp_path):
    """The table of softcage score has each particle in each frame; the page counts in bins."""
    point, out = found.points[1], tmp_path / "scores.parquet"
    softcage(
        "score", runs[1].partition("=")[2], "--temperature", TEMPERATURES[1], "--of", "A",
        "--calibration", line, "--hop-window", HOP_WINDOW, "--p-c", point.numbers["p_c"],
        "--out", out,
    )  # fmt: skip
    table = pd.read_parquet(out)
    table = table[table["p_hop"].notna()]
    moving = table["rearranging"].astype(bool).to_numpy()
    soft = table["softness"].astype(float).fillna(np.inf).to_numpy()
    values, place = np.unique(soft, return_inverse=True)
    counts = [np.bincount(place[some], minlength=len(values)) for some in (moving, ~moving)]
    row = select(point.tables["summary"], quantity="softness", lag="0").iloc[0]
    assert 0.1 < moving.mean() < 0.9
    assert row["n_rearranging"] == moving.sum() and row["n_all"] == len(table)
    assert row["auc"] == pytest.approx(roc_auc(*counts), abs=1e-3)
    known = np.isfinite(soft)
    assert row["mean"] == pytest.approx(soft[known].mean(), rel=0.01)


def test_points_of_figures_are_those_of_the_tables(page, found):
    cold, hot = found.points
    drawn = page.points["relaxation"]
    curve = drawn[(drawn["panel"] == "a") & (drawn["series"] == "T = 0.7")]
    np.testing.assert_allclose(curve["x"], cold.relaxation["time"], rtol=1e-5)
    np.testing.assert_allclose(curve["y"], cold.relaxation["msd"], rtol=1e-5)
    drawn = page.points["structure"]
    curve = drawn[(drawn["panel"] == "a") & (drawn["series"] == "T = 0.7")]
    r, g = cold.curves["r"], cold.curves["g"][0, 0]
    np.testing.assert_allclose(curve["y"], np.interp(curve["x"], r, g), rtol=1e-4, atol=1e-5)
    drawn = page.points["fraction"]
    curve = drawn[(drawn["panel"] == "a") & (drawn["series"] == "T = 1.1")]
    table = select(hot.tables["distributions"], quantity="softness")
    table = table[(table["count_rearranging"] >= 10) & (table["p_r_error"] > 0)]
    np.testing.assert_allclose(curve["x"], table["bin_center"], rtol=1e-5)
    np.testing.assert_allclose(curve["y"], table["p_r"], rtol=1e-5)
    np.testing.assert_allclose(
        curve["y"], table["count_rearranging"] / table["count_all"], rtol=1e-5
    )


def test_barriers_join_both_temperatures(page, found):
    lines = found.tables["arrhenius"]
    assert (lines["n_temperatures"] == 2).all() and len(lines) > 3
    cold, hot = (
        select(point.tables["distributions"], quantity="softness").set_index("bin_center")["p_r"]
        for point in found.points
    )
    for row in lines.itertuples():
        slope = np.log(hot[row.bin_center] / cold[row.bin_center])
        slope /= 1 / TEMPERATURES[0] - 1 / TEMPERATURES[1]
        assert row.barrier == pytest.approx(slope, rel=1e-9)
    assert page.page.after("bins with a line") == [f"{len(lines)}"]
