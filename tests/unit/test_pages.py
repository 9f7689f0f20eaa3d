"""The tables that pages include: the published ones are what the published scores give."""

from pathlib import Path

import pandas as pd
import pytest

from softcage.quantities import predictor_name
from softcage.report import pages

RESULTS = Path(__file__).resolve().parents[2] / "results"


def cells(table):
    """Return the cells of a table in Markdown, line by line."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


@pytest.mark.parametrize(
    ("folder", "scores", "table", "delta"),
    [
        ("paper/beyond", "scores.csv", "tables/propensity.md", 0.09),
        ("public/botan", "scores.csv", "table.md", 0.09),
        ("public/ka_wca", "scores.csv", "table.md", 0.04),  # softness.delta of config/ka_wca.yaml
    ],
)
def test_the_published_table_is_made_of_the_published_scores(folder, scores, table, delta):
    made = pages.propensity_table(pd.read_csv(RESULTS / folder / scores), delta)
    assert (RESULTS / folder / table).read_text(encoding="utf-8") == made


def test_the_published_table_of_hops_is_made_of_the_published_scores():
    folder = RESULTS / "paper" / "beyond"
    made = pages.hop_table(pd.read_csv(folder / "hops.csv"), 0.09, [0.47, 0.58])
    assert (folder / "tables/hops.md").read_text(encoding="utf-8") == made


def propensity_scores():
    """Scores of a learned predictor, a descriptor and the ceiling, at two T and two times."""
    rows = []
    for T, time in ((0.5, 1.0), (0.5, 30.0), (0.6, 1.0), (0.6, 20.0)):
        base = {"target": "propensity", "T": T, "time": time}
        value = T + time / 1000
        errors = {"pearson_each_error": 0.01, "pearson_pooled_error": 0.02}
        numbers = {"pearson_each": value, "pearson_pooled": -value} | errors
        learned = {"kind": "learned", "name": "ridge_pairs", "features": 12, "length": float("nan")}
        rows += [base | numbers | learned, base | numbers | learned | {"kind": "unseen"}]
        rows.append(base | numbers | {"kind": "ceiling", "name": "ceiling", "length": 0})
        for length in (0.0, 1.5, 3.0):
            descriptor = {"kind": "descriptor", "name": "energy", "positions": "inherent"}
            about = descriptor | {"features": 1, "length": length, "pearson_each": value - length}
            rows.append(base | numbers | about)
            rows.append(base | numbers | about | {"target": "left"})
    return pd.DataFrame(rows)


def test_the_last_time_of_each_temperature_and_the_first_length_are_shown():
    heading, _, *rows = cells(pages.propensity_table(propensity_scores(), 0.09))
    assert heading == [
        *("", "numbers", "T = 0.5, each", "T = 0.5, pooled", "T = 0.6, each", "T = 0.6, pooled")
    ]
    ridge, energy, ceiling = rows  # those that the scores do not have are left out
    assert ridge[1:] == ["12", "0.530 ± 0.010", "-0.530 ± 0.020", "0.620 ± 0.010", "-0.620 ± 0.020"]
    assert ridge[0] == f"{predictor_name('ridge_pairs')} (`ridge_pairs`)"
    words = predictor_name("energy")
    assert energy[0] == f"{words}, inherent structures, averaged over L = 1.5 (`energy`)"
    assert energy[2] == "-0.970 ± 0.010" and energy[4] == "-0.880 ± 0.010"
    assert ceiling[:3] == ["ceiling, from split halves (`ceiling`)", "", "0.530 ± 0.010"]


def test_of_one_temperature_the_heading_has_none():
    scores = propensity_scores().query("T == 0.5").drop(columns="T")
    assert cells(pages.propensity_table(scores, 0.09))[0] == ["", "numbers", "each", "pooled"]


def test_hops_have_an_area_above_a_half_and_the_time_of_the_first():
    rows = []
    about = {"name": "softness_0.04", "positions": "thermal", "length": 0.0, "auc_error": 0.001}
    for T in (0.5, 0.6):
        rows += [
            about | {"T": T, "target": "now", "time": 0.0, "auc": 0.4},
            about | {"T": T, "target": "first", "time": 15.0, "auc": 0.6},
            about | {"T": T, "target": "first", "time": 1234.5, "auc": 0.7},
        ]
    table = pd.DataFrame(rows)
    heading, _, row = cells(pages.hop_table(table, 0.04, [0.5]))
    assert heading == ["", "T = 0.5, hop now", "T = 0.5, first hop within 1230"]
    assert row[1:] == ["0.600 ± 0.001", "0.700 ± 0.001"]
