"""A descriptor of one's own among the published ones: correlations, places, gains, and refusals."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr

from softcage.cli.command import main
from softcage.defaults import REGRESSIONS
from softcage.model import kob_andersen
from softcage.ranking.candidates import rank_candidates, read_candidates, read_propensities
from softcage.ranking.learned import ridge
from softcage.ranking.predictors import LEARNED

KA = kob_andersen()
N, BOX = 300, (300 / 1.2) ** (1 / 3)
MINE = """
import numpy as np

HALF = 0.5

def height(positions, types, box):
    return positions[:, 2]

def of_first_species(positions, types, box):
    return _square(positions[types == 0, 0])

def _square(x):
    return x**2
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Labels at two temperatures whose propensity is the height, and noise from time to time."""
    folder = tmp_path_factory.mktemp("labels")
    sites = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), -1).reshape(-1, 3)
    for T, n in ((0.5, 4), (0.58, 3)):
        (folder / f"T{T:g}").mkdir()
        for seed in range(n):
            rng = np.random.default_rng([seed, n])
            x = rng.permutation(sites)[:N] * (BOX / 7) + rng.normal(0, 0.05, (N, 3))
            x = np.mod(x, BOX)
            types = rng.permutation(np.arange(N) % 5 == 0).astype(np.int8)
            propensity = 3 + x[:, 2] + rng.normal(0, [[0.1], [4.0]], (2, N)).clip(-2.9, 9)
            np.savez(
                folder / f"T{T:g}" / f"c{seed}.npz",
                types=types, positions=x, box=BOX, times=[1.0, 10.0], propensity=propensity,
            )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def labels(folder):
    return read_propensities(folder, KA, 1.2)


def published(labels):
    """Three descriptors with correlations that one can compare with at a glance."""
    rows = [
        {"target": "propensity", "kind": kind, "name": name, "T": T, "time": time, **r}
        for T in labels
        for time in (1.0, 10.0)
        for kind, name, r in (
            ("descriptor", "weak", {"pearson_each": 0.05}),
            ("descriptor", "weak", {"pearson_each": -0.1}),
            ("descriptor", "strong", {"pearson_each": -0.99}),
            ("learned", "ridge_named", {"pearson_each": 1.0}),
        )
    ]
    return pd.DataFrame(rows)


def write(folder, text=MINE):
    path = folder / "mine.py"
    path.write_text(text)
    return path


def test_the_regressions_are_the_linear_predictors():
    assert tuple(name for name, learned in LEARNED.items() if learned.make is ridge) == REGRESSIONS


def test_correlations_places_and_gains(tmp_path, labels):
    candidates = read_candidates(write(tmp_path), labels)
    assert list(candidates) == [0.5, 0.58]
    assert set(candidates[0.5]) == {"height", "of_first_species"}
    table = rank_candidates(
        labels, candidates, KA, lengths=[1.5], base="ridge_pairs", published=published(labels)
    )
    assert len(table) == 2 * 2 * 2 * 2  # temperatures, times, candidates, lengths
    bare = table[(table["length"] == 0) & (table["name"] == "height")].set_index(["T", "time"])
    for (T, time), row in bare.iterrows():
        at = [1.0, 10.0].index(time)
        each = [
            pearsonr(one.positions[one.species == 0, 2], one.measured["propensity"][at])[0]
            for one in labels[T]
        ]
        assert row["pearson_each"] == pytest.approx(np.mean(each), rel=1e-12)
        assert (row["place"], row["of"]) == ((1 if np.mean(each) > 0.99 else 2), 3)
        assert row["best"] == "strong" and row["best_each"] == 0.99
        # what the regression lacks is the height itself
        assert row["gain_each"] == pytest.approx(row["with_base_each"] - abs(row["base_each"]))
        assert row["gain_each"] > 5 * row["gain_each_error"]
    assert bare.loc[(0.5, 1.0), "place"] == 1 and bare.loc[(0.5, 10.0), "place"] == 2
    assert bare.loc[(0.5, 1.0), "with_base_each"] > 0.99


def test_a_table_gives_what_the_function_gives(tmp_path, labels):
    by_functions = read_candidates(write(tmp_path), labels)
    rows = [
        pd.DataFrame({"T": T, "configuration": k, "particle": range(N), "height": x[:, 2]})
        for T, configurations in labels.items()
        for k, x in enumerate(one.positions for one in configurations)
    ]
    path = tmp_path / "mine.parquet"
    pd.concat(rows).sample(frac=1, random_state=1).to_parquet(path)
    by_columns = read_candidates(path, labels)
    for T in labels:
        for one, other in zip(by_functions[T]["height"], by_columns[T]["height"], strict=True):
            np.testing.assert_allclose(one, other)
    pd.concat(rows).iloc[:-1].to_parquet(path)
    last = labels[0.58][-1].species[-1]
    if last == 0:
        with pytest.raises(ValueError, match="1 of the 240 A particles of configuration 2 at T"):
            read_candidates(path, labels)
    pd.concat([*rows, rows[0]]).to_parquet(path)
    with pytest.raises(ValueError, match="particle 0 of configuration 0 at T = 0.5 is there twice"):
        read_candidates(path, labels)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("return positions", r"shape \(300, 3\); a number for each of the 300 particles is needed"),
        ("return np.full(300, np.nan)", "is NaN or infinite for 240 of 240 A particles"),
        ("return np.ones(300)", "is 1 for all particles, which can rank none of them"),
        ("return 'soft'", "is str, not an array of numbers"),
        ("return nothing", r"mine.py: f of configuration 0 .* NameError: .* \(line 4\)"),
    ],
)
def test_candidates_that_are_none(tmp_path, labels, body, words):
    path = write(tmp_path, f"import numpy as np\n\ndef f(positions, types, box):\n    {body}\n")
    with pytest.raises(ValueError, match=words):
        read_candidates(path, labels)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("mine.py", "x = 1\n", "no function; write one with the arguments"),
        ("mine.py", "def f(:\n", "mine.py cannot be imported: SyntaxError"),
        ("mine.csv", "T,configuration\n", "no column particle; needs T, configuration, particle"),
        ("mine.csv", "T,configuration,particle\n0.5,0,0\n", "no column of numbers beside"),
        ("mine.txt", "", "give a file .py with functions, or a table .csv or .parquet"),
    ],
)
def test_files_without_candidates(tmp_path, labels, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=words):
        read_candidates(tmp_path / name, labels)
    with pytest.raises(ValueError, match="there is no such file"):
        read_candidates(tmp_path / "none.py", labels)


# ---------------------------------------------------------------- the command
def command(capsys, *words):
    status = main(["rank", *map(str, words)])
    return status, capsys.readouterr().err


def test_the_command_writes_the_table_and_its_figure(capsys, tmp_path, folder, labels):
    scores, out = tmp_path / "scores.csv", tmp_path / "out"
    published(labels).to_csv(scores, index=False)
    words = (write(tmp_path), "--labels", folder, "--published", scores, "--out", out)
    status, said = command(capsys, *words, "--add-to", "none")
    assert status == 0 and "height at T = 0.5, t = 10: r = " in said and "; place 2 of 3" in said
    table = pd.read_csv(out / "rank.csv")
    expected = rank_candidates(
        labels, read_candidates(tmp_path / "mine.py", labels), KA, published=published(labels)
    )
    np.testing.assert_allclose(table["pearson_each"], expected["pearson_each"], rtol=1e-3)
    assert {path.name for path in out.iterdir()} == {"rank.csv", "rank.png", "rank.pdf"}
    assert command(capsys, *words, "--add-to", "none")[0] == 0  # it may replace its own files
    (out / "rank.csv").write_text("precious\n")
    status, said = command(capsys, *words, "--add-to", "none")
    assert status == 1 and (out / "rank.csv").read_text() == "precious\n"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"--labels": "nowhere"}, "no file T<temperature>/c<number>.npz with a propensity"),
        ({"--density": "1.1"}, "the density is 1.2, not 1.1"),
        (
            {"--published": "mine.py"},
            "mine.py is no table of scores; give the beyond/",
        ),
    ],
)
def test_one_line_and_nothing_written(capsys, tmp_path, monkeypatch, folder, changed, words):
    monkeypatch.chdir(tmp_path)
    options = {"--labels": folder, "--out": "out"} | changed
    given = [word for pair in options.items() for word in pair]
    status, said = command(capsys, write(tmp_path), *given, "--quiet")
    assert status == 1 and said.count("\n") == 1 and words in said
    assert not (tmp_path / "out").exists()
