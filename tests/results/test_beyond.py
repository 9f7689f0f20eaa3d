"""The tables of docs/beyond.md say what the published ones say."""

import re
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/beyond.md").read_text(encoding="utf-8")
NAMES = {
    "depth with C = g - 1": "depth_pair",
    "depth of the paper": "depth_0.09",
    "softness of the paper": "softness_0.09",
    "AA term of the cage": "term_A",
    "potential energy": "energy",
    "Voronoi volume": "voronoi",
    "harmonic Debye-Waller factor": "debye_waller",
    "distance to the averaged position": "to_mean",
    "labels shuffled within configurations": "ridge_named_shuffled",
    "ceiling": "ceiling",
}
POSITIONS = {"single frames": "thermal", "averaged positions": "averaged", "inherent": "inherent"}

OWN = "target == 'propensity' and kind != 'unseen'"
HOPS = [f"T == {T} and target == '{target}'" for T in (0.47, 0.58) for target in ("now", "first")]
PEARSON = ["pearson_each", "pearson_pooled"]

# heading: table, rows of each column (of these the last time) and the number in it
TABLES = {
    "What comes out": ("public/botan/scores.csv", [OWN] * 2, PEARSON),
    "The liquid of the paper": (
        "paper/beyond/scores.csv",
        [f"T == {T} and {OWN}" for T in (0.47, 0.47, 0.58, 0.58)],
        PEARSON * 2,
    ),
    "Without attractions": ("public/ka_wca/scores.csv", [f"T == 0.37 and {OWN}"] * 2, PEARSON),
    "Against hops": ("paper/beyond/hops.csv", HOPS, ["auc"] * 4),
}


def rows_of(heading):
    """Words and cells of the table in a section."""
    section = TEXT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    for line in section.splitlines():
        words, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        if "±" in line and line.startswith("|"):
            yield words.replace("*", ""), [cell for cell in cells if "±" in cell]


def at_the_end(table):
    """The rows of the last time; all of them where there is but one, without a number."""
    return table[table["time"].isna() | (table["time"] == table["time"].max())]


def chosen(table, words):
    """The rows of a table that the words of the page name."""
    learned = re.search(r"`(\w+)`", words)
    if learned:
        return table[table["name"] == learned[1]]
    name, *how = (word for word in words.split(", ") if not word.startswith("delta"))
    own = table[table["name"] == NAMES[name]]
    if "averaged" in how:
        own = own[own["length"] == 1.5]
    elif own["length"].nunique() > 1:
        own = own[own["length"] == 0]
    for word in how:
        if word in POSITIONS:
            own = own[own["positions"] == POSITIONS[word]]
    return own


@pytest.mark.parametrize("heading", TABLES)
def test_a_table_of_the_page_is_that_of_the_results(heading):
    path, wheres, columns = TABLES[heading]
    table = pd.read_csv(ROOT / "results" / path)
    parts = [at_the_end(table.query(where)) for where in wheres]
    rows = list(rows_of(heading))
    assert len(rows) >= 8
    for words, cells in rows:
        for part, column, cell in zip(parts, columns, cells, strict=True):
            value, error = map(float, cell.split(" ± "))
            last_digit = 10.0 ** -len(cell.rpartition(".")[2])
            row = chosen(part, words)
            assert len(row) == 1, (words, row)
            known = row[column].item()
            if column == "auc":  # where small numbers hop, the page has 1 - AUC
                known = max(known, 1 - known)
            assert value == pytest.approx(known, abs=0.51 * last_digit), words
            assert error == pytest.approx(row[f"{column}_error"].item(), abs=0.51 * last_digit)


LEAD, RATIO = "paper/beyond/hop_environment/lead.csv", "paper/beyond/hop_environment/ratio.csv"
COLD, HOT = (f"values == 'frame' and T == {T}" for T in (0.47, 0.8))
RATIOS = "T == 0.47 and ratio == "
OVER = f"{OWN} and positions == 'inherent' and length == 1.5 and name == "
PUBLIC, OURS = "public/botan/scores.csv", "paper/beyond/T{}/scores.csv"
AHEAD, BEHIND = "over_energy_each", "-over_energy_each"

# words of the page, table, rows, column or expression, format
QUOTES = [
    ("have an AUC of {} ± {} at", LEAD, COLD, "auc", ".3f"),
    ("({} ± {} at T = 0.80)", LEAD, HOT, "auc", ".3f"),
    ("is there {} ± {} earlier", LEAD, COLD, "half_lead", ".0f"),
    ("then hop {} ± {} times", RATIO, RATIOS + "'soft over hard, beside a hop'", "value", ".2f"),
    ("hop {} ± {} (soft)", RATIO, RATIOS + "'beside a hop over not, soft'", "value", ".1f"),
    ("(soft) to {} ± {} (hard)", RATIO, RATIOS + "'beside a hop over not, hard'", "value", ".1f"),
    ("ahead of the energy by {} ± {};", PUBLIC, OVER + "'depth_pair'", AHEAD, ".3f"),
    ("is behind it by {} ± {},", PUBLIC, OVER + "'depth_0.09'", BEHIND, ".3f"),
    ("structures by {} ± {} and", OURS.format(0.47), OVER + "'softness_0.09'", BEHIND, ".3f"),
    ("and {} ± {}. *What", OURS.format(0.58), OVER + "'softness_0.09'", BEHIND, ".3f"),
]


@pytest.mark.parametrize(("words", "table", "rows", "column", "form"), QUOTES)
def test_the_page_quotes_what_the_results_are(words, table, rows, column, form):
    row = pd.read_csv(ROOT / "results" / table).query(rows)
    row = at_the_end(row) if "time" in row else row
    error = "error" if column == "value" else column.lstrip("-") + "_error"
    said = words.format(*(format(row.eval(number).item(), form) for number in (column, error)))
    assert said in " ".join(TEXT.split())
