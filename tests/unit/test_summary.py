"""The page that a study ends with."""

import re
from pathlib import Path

import pandas as pd
import pytest

from softcage.report import summary

RULES = Path(__file__).resolve().parents[2] / "workflow" / "rules"


def test_a_table_in_markdown_keeps_its_cells_apart():
    table = pd.DataFrame({"T": [0.47, 1.0], "what": ["|S|", None]})
    lines = summary.markdown_table(table).splitlines()
    assert lines == ["| T | what |", "| --- | --- |", r"| 0.47 | \|S\| |", "| 1 |  |"]


def test_verdicts_are_counted_by_kind():
    words = ["agrees within 1 sigma", "agrees within 3 sigma", "differs (12 sigma)"]
    table = pd.DataFrame({"verdict": [*words, "not measurable at this scale"]})
    counts = summary.verdicts(table)
    assert counts == "agrees: 2, differs: 1, not measurable at this scale: 1"
    assert summary.verdicts(table.head(0)) == "none"


def test_a_row_that_was_not_measured_has_no_number():
    row = {"id": "soft_share_delta", "quantity": "share", "T": None, "delta": 0.02, "paper": 0.66}
    row |= {"ours": None, "standard_error": None, "verdict": "not measurable", "note": None}
    table = summary.comparison_table(
        pd.DataFrame([row]).astype({"ours": float, "standard_error": float})
    )
    assert summary.markdown_table(table).splitlines()[2] == (
        "| share (delta = 0.02) | all | 0.66 |  | not measurable |  |"
    )


def test_a_study_without_claims_has_a_page_too():
    columns = ["id", "quantity", "T", "delta", "paper", "ours", "standard_error", "verdict", "note"]
    table = pd.DataFrame([["trend_depth", "deepens", None, 0.09, None, 1.3, 0.1, "holds", "words"]])
    table.columns = columns
    none = summary.comparison_table(table.head(0).astype({"ours": float}))
    assert list(none) == ["quantity", "T", "ours", "verdict", "note"] and none.empty
    assert summary.comparison_table(table)["ours"].tolist() == ["1.30 ± 0.10"]


def test_a_run_too_short_is_named_with_its_reasons():
    run = {"T": 0.6, "tau_alpha": 20.0, "equilibration_time": 40, "production_time": 60}
    run |= {"u": -6.0, "u_reference": float("nan"), "solid_fraction": 0.0}
    runs = [
        run | {"verdict": v, "reasons": r} for v, r in (("too short", "b"), ("equilibrated", None))
    ]
    (row,) = summary.equilibration_table(pd.DataFrame(runs)).to_dict("records")
    assert (row["runs"], row["run for (tau_alpha)"]) == (2, 3)
    assert (row["verdicts"], row["reasons"]) == ("equilibrated, too short", "b")


def test_costs_are_added_up_by_stage():
    jobs = [("simulate", 600, 500), ("simulate", 300, 200), ("fig01", 60, 170)]
    table = pd.DataFrame(jobs, columns=["rule", "cpu_seconds", "max_rss_mb"])
    assert summary.costs_table(table).to_numpy().tolist() == [
        ["simulations", 2, 15, 500],
        ["figures and tables", 1, 1, 170],
    ]


def rules_of(path):
    return set(re.findall(r"^ *(?:use rule \w+ as|rule) (\w+)(?: with)?:", path.read_text(), re.M))


def test_every_rule_of_a_stage_exists():
    assert set(summary.STAGE_OF) <= set().union(*map(rules_of, RULES.glob("*.smk")))


@pytest.mark.parametrize("path", sorted(RULES.glob("*.smk")), ids=lambda path: path.stem)
def test_every_rule_belongs_to_a_stage(path):
    rules = rules_of(path) - {"propensities"}  # a target, which costs nothing
    known = rules & set(summary.STAGE_OF)
    assert known == (set() if path.stem in ("study", "figures", "animation", "report") else rules)
