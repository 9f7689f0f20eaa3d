"""The numbers that the README quotes are those of the tables in results/."""

import re
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
SCORES = "quantity == 'softness' and window == 15 and lag == '0'"
AHEAD = SCORES.replace("'0'", "'ahead'")

PUBLIC, POOLED = "../public/botan/scores.csv", "pearson_pooled"
LEARNED = "target == 'propensity' and kind != 'unseen' and name == "
ALONE = "target == 'propensity' and positions == 'inherent' and length == 1.5 and name == "

# words of the README, table, rows, column or expression, format
QUOTES = [
    ("grows from {} at T = 0.80", "prediction/T0.8/d0.09/summary.csv", SCORES, "auc", ".3f"),
    ("to {} at T = 0.47. The", "prediction/T0.47/d0.09/summary.csv", SCORES, "auc", ".3f"),
    ("The lines cross at T = {},", "comparison.csv", "id == 'onset_softness'", "ours", ".3f"),
    ("those of the paper at {}.", "comparison.csv", "id == 'onset_softness'", "paper", "g"),
    ("At T = 0.47, {} of", "comparison.csv", "id == 'soft_share' and T == 0.47", "ours", ".0%"),
    ("the paper has {}.", "comparison.csv", "id == 'soft_share' and T == 0.47", "paper", ".0%"),
    ("{} of all particles", "prediction/T0.47/d0.09/summary.csv", SCORES, "share_all", ".0%"),
    ("reach up to {}, the", "comparison.csv", "id == 'barrier_high'", "ours", ".1f"),
    ("the paper's up to {},", "comparison.csv", "id == 'barrier_high'", "paper", ".1f"),
    ("falls to {}:", "prediction/T0.47/d0.09/summary.csv", AHEAD, "auc", ".3f"),
    ("of the paper has {},", PUBLIC, ALONE + "'depth_0.09'", f"-{POOLED}", ".2f"),
    ("the potential energy {},", PUBLIC, ALONE + "'energy'", POOLED, ".2f"),
    ("with C = g - 1 {},", PUBLIC, ALONE + "'depth_pair'", f"-{POOLED}", ".2f"),
    ("can name {},", PUBLIC, LEARNED + "'ridge_named'", POOLED, ".2f"),
    ("of {} that the data allow", PUBLIC, LEARNED + "'ceiling'", POOLED, ".2f"),
]
OF_PUBLIC_DATA = [quote for quote in QUOTES if quote[1] == PUBLIC]


@pytest.mark.parametrize(("words", "table", "rows", "column", "form"), QUOTES)
def test_the_readme_says_what_the_tables_say(words, table, rows, column, form):
    value = pd.read_csv(ROOT / "results/paper" / table).query(rows).eval(column).item()
    assert words.format(format(value, form)) in TEXT


def test_the_readme_says_what_runs_of_our_own_say():
    table = pd.read_csv(ROOT / "results/paper/beyond/T0.47/scores.csv").query("time == time.max()")
    r = [table.query(rows).eval(column).item() for _, _, rows, column, _ in OF_PUBLIC_DATA]
    assert "same four have {:.2f}, {:.2f}, {:.2f} and {:.2f}, of {:.2f}.".format(*r) in TEXT


def test_the_readme_quotes_no_other_number():
    section = TEXT.partition("## What comes out")[2].partition("## Change the study")[0]
    found = re.findall(r"(?<!T = )\b\d+(?:\.\d+|%)", section)
    published = 2  # of graph networks
    assert len(found) <= len(QUOTES) + len(OF_PUBLIC_DATA) + published == 22


@pytest.mark.parametrize(
    ("level", "file"), [("AVX2", "md_peers_avx2.csv"), ("AVX-512", "md_peers.csv")]
)
def test_the_readme_says_what_the_benchmark_measured(level, file):
    table = pd.read_csv(ROOT / "benchmarks/results" / file, comment="#")
    speed = table.set_index(["code", "threads"])["value"]
    beside = ", beside a spinning process"
    ratios = [
        speed["softcage mixed", 1] / speed["GROMACS mixed", 1],
        speed["softcage mixed", 2] / speed["GROMACS mixed", 2],
        speed["softcage mixed" + beside, 2] / speed["GROMACS mixed" + beside, 2],
        speed["softcage double", 1] / speed["LAMMPS -sf opt", 1],
    ]
    assert f"| {level} | " + " | ".join(f"{ratio:.1f}" for ratio in ratios) + " |" in TEXT
