import math

import pandas as pd
import pytest

from softcage.tables import html_page, plus_minus, select, text_of


def test_rows_are_selected_by_words_and_by_numbers_up_to_rounding():
    table = pd.DataFrame({"quantity": ["depth", "softness", "softness"], "lag": [0, 0, 1]})
    table["delta"] = [0.09, 0.1 - 0.01, 0.04]
    assert select(table, quantity="softness").index.tolist() == [1, 2]
    assert select(table, quantity="softness", delta=0.09).index.tolist() == [1]
    assert select(table, lag="0", delta=0.09).index.tolist() == [0, 1]
    assert select(table, delta=0.02).empty


def test_page_is_plain_and_escaped():
    table = pd.DataFrame({"id": ["<b>"], "n_sigma": [math.nan], "ours": [0.123456], "k": [3]})
    table["verdict"] = "holds"
    page = html_page(table, "A & B", "one\n\ntwo", lambda row: "good")
    assert "&lt;b&gt;" in page and "<b>" not in page
    assert "A &amp; B" in page and "0.1235" in page and "nan" not in page
    assert '<tr class="good">' in page and page.count("<p>") == 2


def test_cells():
    assert text_of(None) == "" and text_of(math.nan) == ""
    assert text_of(12) == "12" and text_of(1e-5) == "1e-05" and text_of(True) == "True"


def test_page_of_several_tables_has_their_headings():
    table = pd.DataFrame({"ours": ["0.12 ± 0.01", ""], "note": ["a" * 70, ""]})
    page = html_page({"Numbers": table, "A < B": table}, "title")
    assert "<h2>Numbers</h2>" in page and "<h2>A &lt; B</h2>" in page
    assert page.count('<th class="number">ours</th>') == 2
    assert page.count('<th class="wide">note</th>') == 2


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (735.4, 12.34, "735 ± 12"),
        (0.4512, 0.0091, "0.4512 ± 0.0091"),
        (-0.699, math.nan, "-0.699"),
        (math.nan, 0.1, ""),
        (0.0008996, 0.0000049, "(8.996 ± 0.049)e-4"),
        (1.0, 0.0, "1"),
        (108.2, 4e-14, "108"),  # all resamples the same, up to rounding
    ],
)
def test_numbers_with_their_errors(value, error, text):
    assert plus_minus(value, error) == text
