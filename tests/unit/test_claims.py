"""The claims of the paper on invented tables with known answers."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from softcage.paper.claims import NUMBERS, STATEMENTS, Results
from softcage.paper.comparison import colour, compare

CONFIG = Path(__file__).resolve().parents[2] / "config" / "config.yaml"


@pytest.fixture
def results():
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
    return Results(
        delta=0.09,
        window=15,
        relaxation={0.47: pd.Series({"p_c": 0.12, "p_c_error": 0.01, "tau_alpha": 700.0})},
        summary={(0.47, 0.09): summary},
        groups={0.47: groups},
        arrhenius=arrhenius,
        crossing=crossing,
    )


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
def test_each_claim_finds_its_number(results, name, ours):
    T = None if name == "softness_high_all" else 0.47
    assert NUMBERS[name].measure(results, T, 0.09).value == pytest.approx(ours)


@pytest.mark.parametrize(("name", "T"), [("p_c", 0.8), ("soft_share", 0.8), ("onset_depth", None)])
def test_what_was_not_measured_is_no_number(results, name, T):
    assert math.isnan(NUMBERS[name].measure(results, T, 0.09).value)


def test_a_study_without_fits_has_no_barrier(results, tmp_path):
    results.arrhenius.head(0).to_csv(tmp_path / "arrhenius.csv", index=False)
    results = replace(results, arrhenius=pd.read_csv(tmp_path / "arrhenius.csv"))
    value, _, note, _ = NUMBERS["barrier_low"].measure(results, None, 0.09)
    assert math.isnan(value) and note == "no bin has a fit"


def numbers(claims, results, applicable=True):
    """Return the rows of the paper's numbers alone: the statements need more tables."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("softcage.paper.comparison.STATEMENTS", ())
        return compare(claims, results, applicable)


def test_rows_that_rest_on_short_runs_say_so(results):
    checks = pd.DataFrame({"T": [0.47], "verdict": ["too short"]})
    claims = [{"id": name, "T": 0.47, "value": 0.6} for name in ("p_c", "soft_share")]
    table = numbers(claims, replace(results, equilibration=checks))
    assert table["note"][0] == "too short: T = 0.47"
    assert table["note"][1].endswith("; too short: T = 0.47")
    # a share of particles means something without equilibrium, a time scale does not
    assert table["verdict"].tolist() == ["not measurable at this scale", "agrees within 1 sigma"]


def test_what_the_study_does_not_have_is_said(results):
    claims = [
        {"id": "soft_share", "T": 0.8, "value": 0.6},
        {"id": "soft_share_delta", "T": 0.47, "delta": 0.02, "value": 0.6},
    ]
    table = numbers(claims, results)
    assert table["note"][0] == "no such temperature in this study"
    assert table["note"][1] == "no such delta in this study"
    assert set(table["verdict"]) == {"not measurable at this scale"}


def test_numbers_of_the_paper_are_not_applied_to_another_liquid(results):
    claims = [{"id": "p_c", "T": 0.47, "value": 0.115}, {"id": "onset_depth", "value": 0.8}]
    table = numbers(claims, results, applicable=False)
    assert set(table["verdict"]) == {"not applicable: another liquid"}
    assert table["n_sigma"].isna().all()
    assert colour(table.iloc[0]) == "open"


def test_the_claims_of_the_configuration_are_those_that_can_be_measured():
    claims = yaml.safe_load(CONFIG.read_text())["claims"]
    assert {claim["id"] for claim in claims} == set(NUMBERS)
    assert len({claim.id for claim in STATEMENTS} | set(NUMBERS)) == len(STATEMENTS) + len(NUMBERS)
