"""Fits at one state point tested at others, beside fits of scikit-learn."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from softcage.cli.command import main
from softcage.plotting.transfer import relaxed_matrix
from softcage.ranking.learned import GroupRidge
from softcage.ranking.transfer import check_labels, transfer_table

TIMES = [1.0, 10.0]
WEIGHTS = {0.5: [[1.0, 0.0], [0.0, 1.0]], 0.6: [[1.0, 0.0], [1.0, 0.0]]}


def labelled(T, n, noise):
    """Return configurations of 200 particles and features; at 0.5 weights change with time."""
    configurations, columns = [], []
    for seed in range(n):
        rng = np.random.default_rng([seed, round(100 * T)])
        x = rng.normal(size=(200, 2))
        moved = [0.2 + 0.1 * T, 0.7 + 0.1 * T]
        propensity = np.array(
            [
                mean + 0.05 * (x @ weights + rng.normal(0, noise, 200))
                for mean, weights in zip(moved, WEIGHTS[T], strict=True)
            ]
        )
        measured = {"propensity": propensity}
        configurations.append(SimpleNamespace(times=np.array(TIMES), measured=measured))
        columns.append(x)
    return configurations, columns


@pytest.fixture(scope="module")
def given():
    both = {T: labelled(T, n, 0.5) for T, n in ((0.5, 4), (0.6, 3))}
    return {T: one for T, (one, _) in both.items()}, {T: x for T, (_, x) in both.items()}


@pytest.fixture(scope="module")
def table(given):
    return transfer_table(*given)


def cell(table, T_fit, time_fit, T, time):
    rows = table[
        (table["T_fit"] == T_fit) & (table["time_fit"] == time_fit)
        & (table["T"] == T) & (table["time"] == time)
    ]  # fmt: skip
    return rows.iloc[0]


def test_a_fit_elsewhere_is_one_fit_to_everything_there(given, table):
    labels, columns = given
    x = np.concatenate(columns[0.5])
    y = np.concatenate([one.measured["propensity"][1] for one in labels[0.5]])
    groups = np.repeat(range(4), 200)
    alpha = GroupRidge().fit(x, y, groups).alpha_
    model = make_pipeline(StandardScaler(), Ridge(alpha)).fit(x, y)
    expected = [
        pearsonr(model.predict(part), one.measured["propensity"][0])[0]
        for part, one in zip(columns[0.6], labels[0.6], strict=True)
    ]
    found = cell(table, 0.5, 10.0, 0.6, 1.0)
    assert found["pearson_each"] == pytest.approx(np.mean(expected), rel=1e-9)
    assert found["pearson_each_error"] > 0


def test_fits_of_the_same_weights_transfer_and_others_do_not(table):
    top = 1 / np.sqrt(1 + 0.5**2)
    assert cell(table, 0.5, 1.0, 0.6, 10.0)["pearson_each"] == pytest.approx(top, abs=0.03)
    assert cell(table, 0.6, 1.0, 0.5, 1.0)["pearson_each"] == pytest.approx(top, abs=0.03)
    assert abs(cell(table, 0.6, 10.0, 0.5, 10.0)["pearson_each"]) < 0.15


def test_at_its_own_temperature_a_fit_has_not_seen_the_configuration(given):
    """Labels that nothing predicts: a fit to the same particles would correlate with them."""
    _, columns = given
    rng = np.random.default_rng(1)
    many = {T: [rng.normal(size=(60, 40)) for _ in parts] for T, parts in columns.items()}
    labels = {
        T: [
            SimpleNamespace(
                times=np.array([1.0]), measured={"propensity": rng.uniform(0.5, 1, (1, 60))}
            )
            for _ in parts
        ]
        for T, parts in many.items()
    }
    table = transfer_table(labels, many)
    assert table["pearson_each"].abs().max() < 0.3
    x, y = many[0.5][0], labels[0.5][0].measured["propensity"][0]
    seen = x @ np.linalg.lstsq(x, y - y.mean(), rcond=None)[0]
    assert pearsonr(seen, y)[0] > 0.5


def test_alike_is_the_nearest_displacement(table):
    assert len(table) == 16 and table["alike"].sum() == 8
    alike = table[table["alike"]]
    assert (alike["time"] == alike["time_fit"]).all()
    matrix = relaxed_matrix(table)
    assert list(matrix.index) == list(matrix.columns) == [0.5, 0.6]
    # particles have moved by 0.75 and 0.76 at the later time, by 0.25 and 0.26 at the earlier one
    assert matrix.loc[0.5, 0.6] == cell(table, 0.5, 10.0, 0.6, 10.0)["pearson_each"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda labels: {0.5: labels[0.5]}, "one temperature only"),
        (lambda labels: labels | {0.6: labels[0.6][:2]}, "T = 0.6 has 2 configurations"),
        (
            lambda labels: (
                labels
                | {0.7: [SimpleNamespace(name=f"c{k}", times=np.array([k])) for k in range(3)]}
            ),
            "c0 and c1 at T = 0.7 have different times: give files of all configurations",
        ),
        (
            lambda labels: labels | {0.7: 3 * [SimpleNamespace(times=np.array([np.nan]))]},
            "the files at T = 0.7 do not say their time: give it as --time",
        ),
    ],
)
def test_what_cannot_be_tested_is_refused(given, change, words):
    with pytest.raises(ValueError, match=words):
        check_labels(change(given[0]))


# ---------------------------------------------------------------- the command
@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Propensities at two temperatures that grow along one axis."""
    folder, n = tmp_path_factory.mktemp("labels"), 300
    box = (n / 1.2) ** (1 / 3)
    sites = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), -1).reshape(-1, 3)
    for T in (0.5, 0.58):
        (folder / f"T{T:g}").mkdir()
        for seed in range(3):
            rng = np.random.default_rng([seed, round(100 * T)])
            x = np.mod(rng.permutation(sites)[:n] * (box / 7) + rng.normal(0, 0.05, (n, 3)), box)
            types = rng.permutation(np.arange(n) % 5 == 0).astype(np.int8)
            np.savez(
                folder / f"T{T:g}" / f"c{seed}.npz", types=types, positions=x, box=box,
                times=[1.0, 10.0], propensity=3 + x[:, 2] + rng.normal(0, 0.5, (2, n)),
            )  # fmt: skip
    return folder


def test_the_command_writes_the_table_and_its_figure(capsys, tmp_path, folder):
    cold = f"0.5={folder / 'T0.5' / 'c*.npz'}"
    (tmp_path / "warm").mkdir()
    (tmp_path / "warm" / "T0.58").symlink_to(folder / "T0.58")
    out = tmp_path / "out"
    words = ["transfer", cold, str(tmp_path / "warm"), "--predictor", "ridge_pairs"]
    assert main([*words, "--out", str(out)]) == 0
    assert "fit at T = 0.5: " in capsys.readouterr().err
    written = {f"transfer.{kind}" for kind in ("csv", "png", "pdf")} | {"joint.csv"}
    assert {path.name for path in out.iterdir()} == written
    joint = pd.read_csv(out / "joint.csv")
    assert joint["T"].tolist() == [0.5, 0.5, 0.58, 0.58] and joint["time"].tolist() == 2 * TIMES
    assert joint["pearson_each"].notna().all()
    table = pd.read_csv(out / "transfer.csv")
    assert len(table) == 16 and table[["pearson_each", "pearson_pooled"]].notna().all(axis=None)
    assert main([*words, "--out", str(out)]) == 0  # it may replace its own files
    (out / "transfer.csv").write_text("precious\n")
    assert main([*words, "--out", str(out)]) == 1
    assert (out / "transfer.csv").read_text() == "precious\n"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["{}/nowhere"], "no file T<temperature>/c<number>.npz with a propensity"),
        (["{}", "0.5={}/T0.5/c*.npz"], "T = 0.5 is there twice, in a folder and in files"),
        (["{}", "{}"], "T = 0.5 is there twice"),
        (["0.5={}/T0.5/c*.npz"], "one temperature only"),
    ],
)
def test_one_line_and_nothing_written(capsys, tmp_path, folder, given, words):
    files = [word.replace("{}", str(folder)) for word in given]
    assert main(["transfer", *files, "--out", str(tmp_path / "out"), "--quiet"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and words in said
    assert not (tmp_path / "out").exists()
