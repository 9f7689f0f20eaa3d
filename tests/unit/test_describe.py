"""``softcage describe``: the table has the numbers of the functions, for any trajectory."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.unit.test_species import KINDS, NAMES, THREE, N, run, walk, write_gsd

from softcage.descriptors.average import averages
from softcage.descriptors.frame import Snapshot, liquid_of_frames
from softcage.descriptors.table import descriptors, evaluate
from softcage.io.external import import_trajectory, open_external
from softcage.io.particle_table import read_metadata

PAPER = Path(__file__).resolve().parents[2] / "results" / "paper"
FRAMES = 6


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("described")
    write_gsd(folder / "run.gsd", walk(frames=FRAMES))
    (folder / "three.yaml").write_text(yaml.safe_dump({"mixture": THREE.to_dict()}))
    return folder


def described(capsys, files, out, *words):
    status, said = run(capsys, "describe", files / "run.gsd", "--out", out, *words)
    assert status == 0, said
    read = pd.read_csv if out.suffix == ".csv" else lambda path, comment: pd.read_parquet(path)
    return read(out, comment="#")


def snapshot(files, folder, frame, mixture=None, mean=None, **how):
    """Return a frame of the file as the command sees it."""
    external = open_external(files / "run.gsd", mixture)
    run = import_trajectory(external, folder, external.liquid, hops=mean is not None, **how)
    positions = run.read(range(FRAMES))
    liquid = liquid_of_frames(positions, run.species, run.box, external.liquid, 0.6)
    mean = None if mean is None else positions[mean].mean(axis=0)
    return Snapshot(positions[frame], run.species, run.box, liquid, mean), external.order


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_all_that_needs_no_potential(capsys, tmp_path, files, suffix):
    table = described(capsys, files, tmp_path / f"table{suffix}", "--average", "1,2", "--every", 2)
    assert table.columns.tolist()[:7] == [
        "frame", "time", "particle", "species", "depth_pair", "depth_pair_L1", "depth_pair_L2",
    ]  # fmt: skip
    assert sorted(set(table["frame"])) == [0, 2, 4] and len(table) == 3 * N
    assert table.drop(columns="time").notna().all(axis=None)
    np.testing.assert_array_equal(table["particle"][:N], np.arange(N))
    assert table["species"][:N].tolist() == np.array(NAMES)[KINDS].tolist()
    frame, order = snapshot(files, tmp_path / "ours", 2)
    known = descriptors(NAMES)
    now = table[table["frame"] == 2].reset_index(drop=True)
    columns = [name for name in table.columns[4:] if "_L" not in name]
    assert {"depth_pair", "term_Si", "s2_O", "voronoi", "Q6", "neighbours_11"} <= set(columns)
    assert not {"energy", "depth_0.09", "to_inherent", "to_mean", "softness_0.09"} & set(columns)
    for u, name in enumerate(NAMES):
        own = order[frame.species == u]
        for column in columns:
            values = evaluate(frame, known[column], "thermal", u)
            np.testing.assert_allclose(now[column][own], values, rtol=2e-5, atol=2e-5)
        depth = evaluate(frame, known["depth_pair"], "thermal", u)
        around = averages(frame, [depth], [1.0, 2.0], u, u)[0]
        np.testing.assert_allclose(now["depth_pair_L2"][own], around[1], rtol=2e-5)
        assert set(now["species"][own]) == {name}
    about = read_metadata(tmp_path / f"table{suffix}")
    assert about["species"] == list(NAMES) and about["lengths"] == [1.0, 2.0]
    assert about["n_rows"] == len(table) and about["positions"] == "thermal"
    assert about["r_min_OSi"] == pytest.approx(frame.liquid.r_min[1, 2], abs=1e-6)


def test_averaged_positions_are_those_of_the_frames_before(capsys, tmp_path, files):
    names = "depth_pair,voronoi,s2"
    table = described(
        capsys, files, tmp_path / "table.csv", "--descriptors", names, "--average", 1.5,
        "--of", "O", "--positions", "averaged", "--average-window", 1.5, "--interval", 0.5,
    )  # fmt: skip
    assert table.columns.tolist()[4:] == [
        f"{name}{end}" for name in names.split(",") for end in ("", "_L1.5")
    ]
    assert sorted(set(table["frame"])) == [2, 3, 4, 5] and set(table["species"]) == {"O"}
    frame, order = snapshot(files, tmp_path / "ours", 4, mean=slice(2, 5), interval=0.5)
    now, known = table[table["frame"] == 4], descriptors(NAMES)
    own = np.argsort(order[frame.species == 1])
    for name in names.split(","):
        values = evaluate(frame, known[name], "averaged", 1)
        np.testing.assert_allclose(now[name], values[own], rtol=2e-5)
    around = averages(frame.averaged, [evaluate(frame, known["s2"], "averaged", 1)], [1.5], 1, 1)
    np.testing.assert_allclose(now["s2_L1.5"], around[0, 0][own], rtol=2e-5)


def test_with_a_potential_energies_and_inherent_positions(capsys, tmp_path, files):
    potential = ("--potential", files / "three.yaml", "--temperature", 0.6)
    words = ("--descriptors", "energy,depth_0.09,debye_waller,voronoi", "--every", 5)
    table = described(
        capsys, files, tmp_path / "table.csv", *potential, *words, "--positions", "inherent"
    )
    frame, order = snapshot(files, tmp_path / "ours", 5, THREE)
    known, now = descriptors(NAMES), table[table["frame"] == 5].set_index("particle")
    for u in range(3):
        rows = now.loc[order[frame.species == u]]
        for name in ("energy", "depth_0.09", "debye_waller", "voronoi"):
            values = evaluate(frame, known[name], "inherent", u)
            np.testing.assert_allclose(rows[name], values, rtol=1e-3, atol=1e-4)


def test_a_species_split_at_random_has_the_sums_of_the_whole(capsys, tmp_path, files):
    """Energy, virial and local density of the neighbours add up, cells do not change."""
    split = np.where(KINDS == 2, np.where(np.arange(N) % 3 == 0, 3, 2), KINDS)
    names = ("11", "O", "S1", "S2")
    write_gsd(tmp_path / "run.gsd", walk(frames=FRAMES), split, names)
    twice = np.array([0, 1, 2, 2])
    four = THREE.to_dict() | {
        "species": list(names),
        "fractions": (np.bincount(split) / N).tolist(),
        "masses": [1.0] * 4,
        "sigma": THREE.sigma[np.ix_(twice, twice)].tolist(),
        "epsilon": THREE.epsilon[np.ix_(twice, twice)].tolist(),
        "cutoff": (THREE.cutoff / THREE.sigma)[np.ix_(twice, twice)].tolist(),
    }
    (tmp_path / "four.yaml").write_text(yaml.safe_dump({"mixture": four}))
    words = ("--every", 5, "--temperature", 0.6, "--descriptors")
    parts, whole = [], []
    for kind in ("energy", "virial", "density"):
        parts += [f"{kind}_{name}" for name in names] + [kind]
        whole += [f"{kind}_{name}" for name in NAMES] + [kind]
    one = described(
        capsys, files, tmp_path / "one.csv", "--potential", files / "three.yaml", *words,
        ",".join([*whole, "voronoi", "Q6"]),
    )  # fmt: skip
    two = described(
        capsys, tmp_path, tmp_path / "two.csv", "--potential", tmp_path / "four.yaml", *words,
        ",".join([*parts, "voronoi", "Q6"]),
    )  # fmt: skip
    assert set(two["species"]) == set(names)
    for kind in ("energy", "virial", "density"):
        together = two[f"{kind}_S1"] + two[f"{kind}_S2"]
        np.testing.assert_allclose(together, one[f"{kind}_Si"], rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(two[kind], one[kind], rtol=1e-4, atol=1e-4)
    for name in ("voronoi", "Q6", "energy_O", "virial_11"):
        np.testing.assert_allclose(two[name], one[name], rtol=1e-5, atol=1e-5)


def test_the_softness_is_that_of_the_species_of_the_line(capsys, tmp_path):
    kinds = np.where(KINDS == 0, 1, 0)  # 400 of A, 100 of B
    write_gsd(tmp_path / "run.gsd", walk(frames=2), kinds, ("A", "B"))
    words = ("--potential", "kob-andersen", "--temperature", 0.47, "--calibration", PAPER)
    table = described(
        capsys, tmp_path, tmp_path / "d.csv", *words, "--descriptors", "depth_0.09,softness_0.09"
    )
    status, said = run(
        capsys, "score", tmp_path / "run.gsd", "--out", tmp_path / "s.csv", *words[2:], "--no-hops"
    )
    assert status == 0, said
    scores = pd.read_csv(tmp_path / "s.csv", comment="#")
    a = table["species"] == "A"
    np.testing.assert_allclose(table["depth_0.09"][a], scores["depth"][a], rtol=1e-4, atol=1e-4)
    known = scores["softness"].notna()
    assert (known == (a & known)).all() and table["softness_0.09"][~a].isna().all()
    np.testing.assert_allclose(table["softness_0.09"][known], scores["softness"][known], rtol=1e-3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--descriptors", "depth_pair,psi_6"),
            "there is no descriptor psi_6; there are depth",
        ),
        (("--descriptors", "energy"), "the descriptor energy needs the pair potential of the"),
        (("--descriptors", "softness_0.09"), "the descriptor softness_0.09 needs a calibration"),
        (("--descriptors", "to_mean"), "to_mean needs averaged positions beside thermal ones"),
        (("--positions", "inherent"), "no pair potential of this liquid is given (--potential)"),
        (
            ("--potential", "three", "--descriptors", "debye_waller"),
            "needs the temperature: ",
        ),
        (
            ("--potential", "three", "--temperature", 0.6, "--descriptors", "debye_waller"),
            "the descriptor debye_waller needs inherent positions, not thermal ones",
        ),
        (("--average", 4), "L = 4 in the weight exp(-r/L) must be positive and at most half"),
        (("--of", "Al"), "there is no species Al to score, only 11, O, Si"),
        (("--calibration", PAPER), "required: --temperature"),
        (("--positions", "averaged", "--interval", 0.5), "the trajectory is shorter, 2.5"),
        (("--out", "table.gsd"), "give a name that ends in .parquet or .csv"),
    ],
)
def test_what_is_not_possible_is_said_in_one_sentence(capsys, tmp_path, files, words, said):
    out = tmp_path / "table.csv"
    words = [files / "three.yaml" if word == "three" else word for word in words]
    status, told = run(capsys, "describe", files / "run.gsd", "--out", out, "--quiet", *words)
    assert status in (1, 2) and said in told and not out.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_ours_is_not_replaced(capsys, tmp_path, files):
    out = tmp_path / "table.csv"
    out.write_text("mine\n")
    words = ("describe", files / "run.gsd", "--out", out, "--descriptors", "voronoi", "--quiet")
    status, said = run(capsys, *words)
    assert status == 1 and "softcage did not write it" in said and out.read_text() == "mine\n"
    out.unlink()
    assert run(capsys, *words) == (0, "")
    assert run(capsys, *words) == (0, "")
