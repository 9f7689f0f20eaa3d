"""Numbers quoted in prose: found, matched, refused."""

import pandas as pd
import pytest
import yaml

import quoted

README = f"""# A title with 3 numbers that nobody checks

## What comes out

{quoted.TABLE_BEGIN}

TABLE
{quoted.TABLE_END}

At T = 0.47 the relaxation time is 735 ± 12, and figure 4 (`x = 7`, [a link](page7.html)) shows
S1 and 10^-3. Of all particles 45 % are
softer.

### More

At most 0.61.

## Elsewhere

The number 99 is not checked.
"""

QUOTES = [
    'At T = 0.47 the relaxation time is {comparison.csv | id == "tau_alpha" | ours} ± '
    '{comparison.csv | id == "tau_alpha" | standard_error}',
    '{comparison.csv | id == "soft_share" and T == 0.47 | 100 * ours} % are softer',
    'At most {comparison.csv | id == "soft_share" | ours | max}.',
]


@pytest.fixture
def study(tmp_path):
    folder = tmp_path / "results" / "paper"
    folder.mkdir(parents=True)
    pd.DataFrame(
        {
            "id": ["tau_alpha", "soft_share", "soft_share", "trend_mean"],
            "quantity": ["relaxation time", "share", "share", "meets"],
            "T": [0.47, 0.47, 0.58, None],
            "delta": [None, 0.09, 0.09, 0.09],
            "paper": [700, 0.75, 0.69, None],
            "ours": [735.4, 0.4512, 0.6149, 0.05],
            "standard_error": [12.34, 0.0091, 0.0085, None],
            "verdict": ["agrees within 3 sigma", "differs (33 sigma)", "differs", "holds"],
        }
    ).to_csv(folder / "comparison.csv", index=False)
    return folder


def check(study, text=README, quotes=QUOTES, sections=("What comes out",)):
    text = text.replace("TABLE\n", quoted.table_text(study))
    listed = {"sections": list(sections), "quotes": list(quotes)}
    root = study.parents[1]
    return [
        *quoted.table_problems(text, study),
        *quoted.prose_problems(text, listed, study, root),
    ]


def test_a_true_readme_has_no_problems(study):
    assert check(study) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("735", "736", "the README says 736"),
        ("± 12", "± 12.4", "the README says 12.4"),
        ("45 %", "46 %", "the README says 46"),
        ("0.61.", "0.62.", "the README says 0.62"),
        ("S1 and", "S1 of 1200 and", "README line"),
        ("is 735 ±", "was 735 ±", "the README does not say"),
        ("| 735 ± 12 |", "| 734 ± 12 |", "a line that comparison.csv does not give"),
        ("| relaxation time | 0.47", "| relaxation time | 0.48", "a line that comparison.csv"),
        ("## What comes out", "## Results", "no section 'What comes out'"),
        (quoted.TABLE_BEGIN, "", "the README has no table"),
    ],
)
def test_any_altered_number_is_found(study, old, new, words):
    text = README.replace("TABLE\n", quoted.table_text(study))
    assert old in text
    problems = check(study, text.replace(old, new))
    assert any(words in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nothing.csv | | ours", "there is no nothing.csv"),
        ('comparison.csv | id == "soft_share" | ours', "2 rows, one is wanted"),
        ("comparison.csv | T == 2 | ours", "0 rows, one is wanted"),
        ("comparison.csv | T == | ours", "quoted: comparison.csv"),
        ("comparison.csv", "quoted: comparison.csv"),
    ],
)
def test_a_wrong_source_is_a_problem_and_no_crash(study, source, words):
    problems = check(study, quotes=[*QUOTES[:2], f"At most {{{source}}}."])
    assert any(words in problem for problem in problems), problems


def test_rounding_to_tens_has_to_be_asked_for(study):
    text, quotes = README.replace("is 735", "is 740"), QUOTES[0].replace("| ours}", "| ours to 10}")
    assert check(study, text)
    assert check(study, text, [quotes, *QUOTES[1:]]) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0.5-0.6, 1e-05 and \u22123; 95 %.", ["0.5", "0.6", "1e-05", "-3", "95"]),
        ("r^2, 10^-3, q2, v1.2.3, 1/e, T_0, float64, A-4", []),
        ("at 0.59.", ["0.59"]),
    ],
)
def test_what_is_a_number(text, numbers):
    assert quoted.numbers_in(text) == numbers


@pytest.mark.parametrize(
    ("text", "value", "right"),
    [
        ("0.59", 0.594, True),
        ("0.59", 0.596, False),
        ("700", 700.4, True),
        ("700", 735, False),
        ("1e-05", 1.2e-5, True),
        ("-0.10", -0.13, False),
    ],
)
def test_rounding(text, value, right):
    assert quoted.rounds_to(text, value) is right


def test_table_and_numbers_are_renewed(study):
    root = study.parents[1]
    readme, listed = root / "README.md", root / "quoted.yaml"
    stale = README.replace("735 ± 12", "699 ± 7").replace("45 %", "44 %").replace("0.61", "0.66")
    assert stale.count("699 ± 7") == 1
    readme.write_text(stale)
    listed.write_text(yaml.safe_dump({"sections": ["What comes out"], "quotes": QUOTES}))
    quoted.write(readme, listed, study)
    once = readme.read_text()
    assert "| relaxation time | 0.47 | 700 | 735 ± 12 | agrees within 3 sigma |" in once
    assert once == README.replace("TABLE\n", quoted.table_text(study) + "\n")
    assert quoted.problems(readme, listed, study) == []
    quoted.write(readme, listed, study)
    assert readme.read_text() == once


def test_numbers_of_other_sections_stay(study):
    root = study.parents[1]
    readme, listed = root / "README.md", root / "quoted.yaml"
    readme.write_text(README + "At most 0.66.\n")
    listed.write_text(yaml.safe_dump({"sections": ["What comes out"], "quotes": QUOTES}))
    quoted.write(readme, listed, study)
    assert readme.read_text().endswith("is not checked.\nAt most 0.66.\n")


@pytest.mark.parametrize(
    ("old", "value", "unit", "new"),
    [
        ("740", 728.0, 10, "730"),
        ("1.2e-08", 3.41e-9, 0, "3.4e-09"),
        ("+0.05", 0.071, 0, "+0.07"),
        ("\u22122.1", -3.16, 0, "\u22123.2"),
        ("1e-5", 1.2e-5, 0, "1e-5"),
    ],
)
def test_a_renewed_number_is_written_as_the_old_one(old, value, unit, new):
    assert quoted.as_written(old, value, unit) == new
