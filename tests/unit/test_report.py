"""The verdicts: on invented tables with known answers."""

import dataclasses
import importlib.util
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow" / "scripts"


def script(name):
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


comparison, equilibration = script("comparison"), script("equilibration")


# ---------------------------------------------------------------- comparison
@pytest.fixture
def tables():
    summary = pd.DataFrame(
        {
            "quantity": ["softness", "softness", "depth"],
            "window": [15.0, 30.0, 15.0],
            "lag": ["0", "0", "0"],
            "share_all": [0.45, 0.4, 0.46],
            "share_all_error": 0.01,
            "share_rearranging": [0.6, 0.7, 0.61],
            "share_rearranging_error": 0.02,
            "auc": [0.59, 0.6, 0.59],
        }
    )
    arrhenius = pd.DataFrame(
        {
            "quantity": ["softness"] * 3 + ["depth"],
            "window": 15.0,
            "bin_center": [0.001, 0.002, 0.003, 30],
            "barrier": [2.9, 1.2, math.nan, 0.1],
            "barrier_error": 0.1,
        }
    )
    crossing = pd.DataFrame(
        {
            "quantity": ["softness"],
            "window": [15],
            "T_cross": [0.8],
            "T_low": [0.7],
            "T_high": [1.0],
            "share_crossing": [1.0],
        }
    )
    groups = pd.DataFrame(
        {
            "group": [0, 1, 0, 1],
            "time": [0.0, 0.0, 1.0, 1.0],
            "mean": [0.001, 0.002, 0.0015, 0.0016],
            "mean_error": 1e-5,
        }
    )
    relaxation = pd.Series({"p_c": 0.12, "p_c_error": 0.01, "tau_alpha": 700.0})
    return {
        "relaxation": {0.47: relaxation},
        "summary": {(0.47, 0.09): summary},
        "arrhenius": arrhenius,
        "crossing": crossing,
        "groups": {0.47: groups},
    }


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("p_c", 0.12),
        ("soft_share", 0.6),
        ("shallow_share", 0.61),
        ("onset_softness", 0.8),
        ("barrier_low", 1.2),
        ("barrier_high", 2.9),
        ("softness_low", 0.001),
        ("softness_high", 0.002),
        ("softness_high_all", 0.002),
    ],
)
def test_each_claim_finds_its_number(tables, name, ours):
    claim = {"id": name, "T": 0.47, "delta": 0.09}
    assert comparison.measure(claim, tables, 15)[0] == pytest.approx(ours)


def test_what_was_not_measured_is_no_number(tables):
    for claim in ({"id": "p_c", "T": 0.8}, {"id": "soft_share", "T": 0.8}, {"id": "onset_depth"}):
        assert math.isnan(comparison.measure({"delta": 0.09, **claim}, tables, 15)[0])


def test_a_study_without_fits_has_no_barrier(tables, tmp_path):
    tables["arrhenius"].head(0).to_csv(tmp_path / "arrhenius.csv", index=False)
    tables["arrhenius"] = pd.read_csv(tmp_path / "arrhenius.csv")
    claim = {"id": "barrier_low", "delta": 0.09}
    value, _, note = comparison.measure(claim, tables, 15)
    assert math.isnan(value) and note == "no bin has a fit"


def test_rows_that_rest_on_short_runs_say_so(tables):
    table = comparison.compare([{"id": "p_c", "T": 0.47, "value": 0.115}], tables, {0.47}, 0.09, 15)
    assert table["note"][0] == "too short: T = 0.47"


def test_numbers_of_the_paper_are_not_applied_to_another_liquid(tables):
    claims = [{"id": "p_c", "T": 0.47, "value": 0.115}, {"id": "onset_depth", "value": 0.8}]
    table = comparison.compare(claims, tables, set(), 0.09, 15, applicable=False)
    assert set(table["verdict"]) == {"not applicable: another liquid"}
    assert table["n_sigma"].isna().all()
    assert comparison.colour(table.iloc[0]) == "open"


# ---------------------------------------------------------------- equilibration
def test_a_drift_is_measured_with_its_error():
    rng = np.random.default_rng(0)
    values = 0.5 * np.linspace(-0.5, 0.5, 8000) + rng.standard_normal(8000)
    mean, error, drift, drift_error = equilibration.mean_and_drift(values, 8)
    assert mean == pytest.approx(0.0, abs=0.05)
    assert drift == pytest.approx(0.5, abs=4 * drift_error)
    # a straight line through white noise: sigma sqrt(12 / n)
    assert drift_error == pytest.approx(math.sqrt(12 / 8000), rel=0.6)


def row(**changes):
    good = {
        "tau_alpha": 10.0,
        "equilibration_time": 200.0,
        "production_time": 200.0,
        "u": -6.349,
        "u_error": 0.002,
        "u_reference": -6.346,
        "u_drift": 0.001,
        "u_drift_error": 0.002,
        "tau_first": 9.0,
        "tau_second": 11.0,
        "solid_fraction": 0.004,
    }
    return good | changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, None),
        ({"u_reference": math.nan, "tau_first": math.nan}, None),
        ({"tau_alpha": math.nan}, "tau_alpha was not reached"),
        ({"equilibration_time": 50.0}, "equilibration 50 < 10 tau_alpha = 100"),
        ({"production_time": 50.0}, "production 50 < 10 tau_alpha = 100"),
        ({"u_drift": -0.02}, "u drifts by -0.0200 +- 0.0020"),
        ({"u": -6.30}, "u is +0.0460 from the reference"),
        ({"tau_second": 20.0}, "tau_alpha of the two halves is 9 and 20"),
        ({"solid_fraction": 0.4}, "40% of the A particles are crystalline"),
    ],
)
def test_reasons_are_words(changes, words):
    assert equilibration.reasons(row(**changes), 10, 8) == ([words] if words else [])


def test_the_reference_is_for_its_own_model_only():
    from softcage.model import kob_andersen

    path = SCRIPTS.parent / "softcage" / "paper" / "reference.csv"
    model = kob_andersen()
    assert equilibration.reference_values(path, model, 1.2, 0.8) == (-6.346, 7.601)
    for density, temperature in ((1.1, 0.8), (1.2, 0.9)):
        assert np.isnan(equilibration.reference_values(path, model, density, temperature)).all()
    wca = dataclasses.replace(model, cutoff=2 ** (1 / 6) * model.sigma)
    other = dataclasses.replace(model, fractions=np.array([0.6, 0.4]))
    renamed = dataclasses.replace(model, species=("Ni", "P"))
    assert np.isnan(equilibration.reference_values(path, wca, 1.2, 0.8)).all()
    assert np.isnan(equilibration.reference_values(path, other, 1.2, 0.8)).all()
    assert equilibration.reference_values(path, renamed, 1.2, 0.8) == (-6.346, 7.601)
