"""The readings of the paper: what is asked of each, and which are the study's own."""

from collections import Counter

import pandas as pd
import pytest

from softcage.paper import readings

T = [0.47, 0.58, 0.80]


def every_reading(p_c="measured", of_paper=None):
    return [
        *readings.upper_limits(20.0, [10.0, 60.0], "curvature"),
        *readings.weightings(),
        *readings.structures([2.0, 7.5], T[0]),
        *readings.thresholds(p_c, of_paper or {}, T),
        *readings.counted(15.0, [15.0, 75.0], 0.09, [0.04, 0.09]),
    ]


@pytest.mark.parametrize("p_c", ["measured", "paper"])
def test_each_question_has_one_answer_of_this_study(p_c):
    found = every_reading(p_c)
    assert set(Counter(r.ambiguity for r in found if r.default).values()) == {1}
    assert {r.ambiguity for r in found if r.default} == {r.ambiguity for r in found}
    assert len({(r.ambiguity, r.name) for r in found}) == len(found)


def test_readings_are_of_the_temperatures_that_have_what_they_take():
    by_name = {r.name: r for r in every_reading(of_paper={"0.47": 0.115, "0.58": 0.141})}
    assert by_name["single frames"].among(T) == T
    assert by_name["inherent structures"].among(T) == T[:1]
    given = by_name["the paper's numbers"]
    assert given.among(T) == T[:1]  # fits need them all
    assert given.among(T[:2]) == T[:2] and given.p_c(0.58, 9.0) == 0.141
    assert {r.name: r for r in every_reading()}["the paper's numbers"].among(T) == []


def test_words_taken_literally_change_the_threshold():
    by_name = {r.name: r for r in every_reading()}
    assert by_name["MSD, measured"].p_c(0.47, 0.25) == 0.25
    assert by_name["root of the MSD"].p_c(0.47, 0.25) == 0.5
    assert by_name["MSD against the root of p_hop"].p_c(0.47, 0.25) == 0.0625


def test_the_page_has_values_with_their_errors():
    reading = readings.structures([], 0.47)[0]
    numbers = {"share_all": 0.414, "share_all_error": 0.0012, "auc": 0.6}
    table = pd.DataFrame([reading.head() | numbers]).reindex(columns=list(readings.COLUMNS))
    page = readings.page(table, "mine", 0.47)
    assert "Study mine, T = 0.47" in page and "41.4 ± 0.1" in page and "0.600" in page
    assert "nan" not in page
