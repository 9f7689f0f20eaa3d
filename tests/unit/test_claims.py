"""The claims of the paper on invented tables with known answers."""

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml

from softcage.paper.claims import NUMBERS, STATEMENTS, Results
from softcage.paper.comparison import compare, verdict_colour

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
    assert verdict_colour(table.iloc[0]) == "open"


def test_the_claims_of_the_configuration_are_those_that_can_be_measured():
    claims = yaml.safe_load(CONFIG.read_text())["claims"]
    assert {claim["id"] for claim in claims} == set(NUMBERS)
    assert len({claim.id for claim in STATEMENTS} | set(NUMBERS)) == len(STATEMENTS) + len(NUMBERS)


# ---------------------------------------------------------------- statements
def statement(name, results):
    return {claim.id: claim for claim in STATEMENTS}[name].measure(results)


def cooled(auc, **changes):
    """Two temperatures, 0.8 and 0.47, whose summaries differ in mean, width and AUC."""
    summaries = {}
    for T, value, scale in ((0.8, 0.52, 1.0), (0.47, auc, 0.7)):
        row = {"lag": "0", "window": 15.0, "auc": value, "auc_error": 0.01}
        row |= {"mean": 2e-3 * scale, "mean_error": 1e-5, "std": 3e-4 * scale, "std_error": 1e-5}
        summaries[T, 0.09] = pd.DataFrame([row | {"quantity": "softness"}])
    relaxation = {T: pd.Series({"tau_alpha": 100.0}) for T in (0.47, 0.8)}
    return Results(0.09, 15.0, relaxation=relaxation, summary=summaries, **changes)


@pytest.mark.parametrize(("auc", "answer"), [(0.60, True), (0.44, False), (0.53, None)])
def test_prediction_on_cooling(auc, answer):
    found = statement("trend_prediction", cooled(auc))
    assert found.value == pytest.approx(auc - 0.52)
    assert found.error == pytest.approx(0.01 * math.sqrt(2))
    assert found.answer is answer


def test_a_threshold_that_is_not_known_is_said(results):
    """Three temperatures, the coldest without p_c: the others alone do not answer for it."""
    unknown = results.summary[0.47, 0.09].assign(auc=math.nan, share_rearranging=math.nan)
    row = pd.Series({"p_c": math.nan, "p_c_error": math.nan, "tau_alpha": math.nan})
    study = replace(results, relaxation={0.47: row}, summary={(0.47, 0.09): unknown})
    assert "p_c is not known" in NUMBERS["p_c"].measure(study, 0.47, 0.09).note
    share = NUMBERS["soft_share"].measure(study, 0.47, 0.09)
    assert math.isnan(share.value) and share.note.endswith("no particle is known to rearrange")
    warm = cooled(0.6)
    summary = {(T + 0.1, d): table for (T, d), table in warm.summary.items()}
    summary[0.47, 0.09] = warm.summary[0.47, 0.09].assign(auc=math.nan, auc_error=math.nan)
    relaxation = {T: pd.Series({"tau_alpha": 100.0}) for T, _ in summary}
    found = statement("trend_prediction", replace(warm, relaxation=relaxation, summary=summary))
    assert math.isnan(found.value) and found.answer is None


def test_a_distribution_that_narrows_and_moves_down():
    found = statement("trend_softness", cooled(0.6))
    assert found.answer is True and found.value == pytest.approx(0.7)
    assert found.note.endswith("ratio of the means 0.7")


@pytest.mark.parametrize(
    ("last", "time", "answer"), [(0.05, 200, True), (0.5, 200, False), (0.05, 50, None)]
)
def test_groups_meet_or_do_not_or_have_not_had_the_time(last, time, answer):
    table = pd.DataFrame({"group": [0, 1, 0, 1], "time": [0, 0, time, time], "mean_error": 1e-6})
    table["mean"] = [1e-3, 2e-3, 1.5e-3, 1.5e-3 + last * 1e-3]
    found = statement("trend_mean", cooled(0.6, groups={0.47: table}))
    assert found.value == pytest.approx(last) and found.answer is answer


@pytest.mark.parametrize(
    ("r_squared", "chi2", "answer"),
    [(0.95, 3.0, True), (0.5, 3.0, False), (0.5, 1.0, None), (math.nan, math.nan, None)],
)
def test_scatter_that_is_all_noise_leaves_a_line_open(r_squared, chi2, answer):
    row = {"quantity": "depth", "window": 15.0, "n_bins": 9, "r_squared": r_squared}
    results = cooled(0.6, crossing=pd.DataFrame([row | {"line_chi2": chi2}]))
    assert statement("trend_barrier_depth", results).answer is answer


def test_the_weakest_correlation_counts():
    table = pd.DataFrame({"delta": [0.02, 0.09, 0.12], "spearman": [0.7, 1.0, 0.95]})
    found = statement("trend_delta", cooled(0.6, correlation=table))
    assert found.value == 0.7 and found.answer is False
