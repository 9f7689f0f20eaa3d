"""Pair potentials other than Lennard-Jones 12-6, and tables of LAMMPS."""

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from softcage import score_frames
from softcage.descriptors.frame import Liquid
from softcage.io.mixture import read_mixture
from softcage.io.plausibility import core
from softcage.md.forces import pair_table
from softcage.model import Mixture, is_kob_andersen, known_forces, kob_andersen
from softcage.potentials import KEYS, Hertzian, InversePower, LennardJones, Mie, Table, Yukawa
from study.checks import problems

R = np.linspace(0.8, 2.4, 9)
COMPOSITION = {"species": ["A", "B"], "fractions": [0.8, 0.2], "masses": [1.0, 1.0]}
SCALES = {"sigma": [[1.0, 0.8], [0.8, 0.88]], "epsilon": [[1.0, 1.5], [1.5, 0.5]], "cutoff": 2.5}


def rows_of(mixture, u, v, n=2000, first=0.55):
    """Return r, U and -U' of a pair up to its cut-off, not shifted."""
    r = np.linspace(first * mixture.sigma[u, v], mixture.cutoff[u, v], n)
    pair = mixture.pair(u, v)
    return {
        "r": r.tolist(), "energy": pair.energy(r).tolist(), "force": (pair.virial(r) / r).tolist()
    }  # fmt: skip


def table_of(mixture):
    pairs = {"AA": (0, 0), "AB": (0, 1), "BB": (1, 1)}
    tables = {name: rows_of(mixture, *pair) for name, pair in pairs.items()}
    return COMPOSITION | {"potential": "table", "tables": tables}


KINDS = {
    "n-m": {"potential": "lennard-jones", "exponents": [18, 7], **SCALES},
    "WCA": {"potential": "lennard-jones", **SCALES, "cutoff": 2 ** (1 / 6)},
    "inverse power": {"potential": "inverse-power", "exponents": [10], **SCALES},
    "Yukawa": {"potential": "yukawa", "kappa": [[3.0, 4.0], [4.0, 5.0]], **SCALES},
    "Hertzian": {"potential": "hertzian", **SCALES, "cutoff": 1.0},
    "table": table_of(kob_andersen()),
}
ROWS = KINDS["table"]["tables"]["AB"]


@pytest.mark.parametrize(
    ("potential", "energies"),
    [
        (Mie(1.1, 1.3, 12, 6), LennardJones(1.1, 1.3).energy(R)),
        (
            Mie(1.0, 2.0, 9, 6),
            2.0 * 6.75 * (R**-9.0 - R**-6.0),  # 6.75 = 27 / 4
        ),
        (InversePower(1.1, 1.3, 12), 1.3 * (1.1 / R) ** 12),
        (Yukawa(1.1, 1.3, 2.0), 1.3 * 1.1 / R * np.exp(2.0 * (1.1 - R))),
        (Hertzian(1.5, 1.3), 1.3 * np.where(R < 1.5, np.abs(1.0 - R / 1.5) ** 2.5, 0.0)),
    ],
    ids=lambda one: type(one).__name__ if not isinstance(one, np.ndarray) else "",
)
def test_energies_are_those_of_the_equations(potential, energies):
    np.testing.assert_allclose(potential.energy(R), energies, rtol=1e-12)


def test_n_m_has_its_minimum_at_minus_epsilon():
    r = np.linspace(1.0, 1.5, 100_001)
    assert Mie(1.0, 1.7, 36, 6).energy(r).min() == pytest.approx(-1.7, abs=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_virial_and_curvature_are_derivatives_and_the_energy_ends_at_the_cutoff(kind):
    mixture, h = Mixture.from_dict(COMPOSITION | KINDS[kind]), 1e-4
    for u, v in ((0, 0), (0, 1), (1, 1)):
        end = mixture.cutoff[u, v]
        r = np.linspace(0.7, 0.98, 25) * end if kind != "table" else R[R < 0.9 * end]
        low, here, high = (mixture.potential(u, v, x) for x in (r - h, r, r + h))
        slope, second = (high - low) / (2 * h), (high - 2 * here + low) / h**2
        np.testing.assert_allclose(mixture.virial(u, v, r), -r * slope, rtol=1e-5, atol=1e-5)
        rough = {"rtol": 1e-2, "atol": 1e-2} if kind == "table" else {"rtol": 1e-3, "atol": 1e-4}
        np.testing.assert_allclose(mixture.curvature(u, v, r), second, **rough)
        assert mixture.potential(u, v, end) == pytest.approx(0.0, abs=1e-12)
        for beyond in (mixture.potential, mixture.virial, mixture.curvature):
            assert beyond(u, v, 1.001 * end) == 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_plain_types_are_the_same_mixture(kind, tmp_path):
    mixture = Mixture.from_dict(COMPOSITION | KINDS[kind])
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump({"mixture": mixture.to_dict()}))
    again = read_mixture(path)
    assert again.form == mixture.form
    np.testing.assert_array_equal(again.potential(0, 1, R), mixture.potential(0, 1, R))


def test_twelve_six_has_one_spelling_and_is_the_only_one_with_forces():
    mixture = Mixture.from_dict(
        COMPOSITION | SCALES | {"potential": "lennard-jones", "exponents": [12, 6]}
    )
    assert is_kob_andersen(mixture, 1.2) and mixture.has_forces
    assert mixture.to_dict() == kob_andersen().to_dict()
    for kind in KINDS.keys() - {"WCA"}:
        other = Mixture.from_dict(COMPOSITION | KINDS[kind])
        assert not is_kob_andersen(other, 1.2)
        with pytest.raises(ValueError, match=r"have the forces of Lennard-Jones 12-6 only"):
            known_forces(other)
        with pytest.raises(ValueError, match=r"have the forces of Lennard-Jones 12-6 only"):
            pair_table(other, 10.0, 0.3, 0.1)
        liquid = Liquid(other, 0.5, R, R, R, R)
        assert liquid.known == {"potential", "temperature"} and liquid.of_pairs is other


def test_a_soft_potential_or_a_table_sets_no_core():
    hard = core(kob_andersen(), 1.2)
    assert core(Mixture.from_dict(COMPOSITION | KINDS["n-m"]), 1.2) == hard
    for kind in ("inverse power", "Yukawa", "Hertzian", "table"):
        assert core(Mixture.from_dict(COMPOSITION | KINDS[kind]), 1.2) < 0.6 * hard


def test_energies_beyond_the_listed_pairs_are_refused():
    mixture = Mixture.from_dict(COMPOSITION | KINDS["Yukawa"] | {"cutoff": 4.0})
    with pytest.raises(ValueError, match="within the cut-off 4, and descriptors list those within"):
        _ = Liquid(mixture, None, R, R, R, R).of_pairs


# ---------------------------------------------------------------- tables in files
def write_table(path, name, rows, said=None, skip=None):
    """Write a section as ``pair_write`` does, without row ``skip``."""
    r = rows["r"]
    numbered = enumerate(zip(*(rows[key] for key in ("r", "energy", "force")), strict=True), 1)
    said = said or f"N {len(r)} R {r[0]:.15g} {r[-1]:.15g}"
    lines = [f"# pair {name}: i,r,energy,force", "", name, said, ""]
    lines += [" ".join(f"{x:.15g}" for x in (i, *row)) for i, row in numbered if i != skip]
    with path.open("a") as file:
        file.write("\n".join(lines) + "\n")


def yaml_of(folder, tables, **more):
    path = folder / "mine.yaml"
    group = COMPOSITION | {"potential": "table", "tables": tables} | more
    path.write_text(yaml.safe_dump({"mixture": group}))
    return path


@pytest.fixture(scope="module")
def crystal():
    """Particles of two species near the sites of a lattice, at a density of 1.2."""
    rng, n = np.random.default_rng(1), 8
    sites = np.stack(np.meshgrid(*3 * [np.arange(n)]), axis=-1).reshape(-1, 3)
    edge = (n**3 / 1.2) ** (1 / 3)
    types = np.zeros(n**3, dtype=int)
    types[rng.permutation(n**3)[: n**3 // 5]] = 1
    return sites * (edge / n) + rng.normal(0.0, 0.06, (n**3, 3)), types, edge


def test_a_table_of_lennard_jones_gives_its_depth(tmp_path, crystal):
    """In one file with a section a pair, and in one file a pair, with rows of zeros at the end."""
    model, where = kob_andersen(), {"AA": (0, 0), "BA": (0, 1), "BB": (1, 1)}
    for name, pair in where.items():
        rows = rows_of(model, *pair)
        write_table(tmp_path / "all.table", name, rows)
        rows["energy"][-1] = rows["force"][-1] = 0.0  # as pair_write has it at the cut-off
        write_table(tmp_path / f"{name}.table", "LJ", rows)
    positions, types, edge = crystal
    expected = score_frames(positions, types, edge, 0.6).depth
    assert np.isfinite(expected).all()
    for tables in ("all.table", {name: f"{name}.table" for name in where}):
        mixture = read_mixture(yaml_of(tmp_path, tables))
        np.testing.assert_allclose(mixture.cutoff, model.cutoff)
        found = score_frames(positions, types, edge, 0.6, mixture=mixture).depth
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6)


def test_the_examples_of_the_documentation_are_read(tmp_path):
    model, words = kob_andersen(), set()
    for name, pair in {"AA": (0, 0), "AB": (0, 1), "BB": (1, 1)}.items():
        write_table(tmp_path / "my.table", name, rows_of(model, *pair))
    page = Path(__file__).parents[2] / "docs/score.md"
    for example in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.S):
        (tmp_path / "mine.yaml").write_text(example)
        mixture = read_mixture(tmp_path / "mine.yaml")
        words.add(mixture.form["potential"])
        assert np.isfinite(mixture.potential(0, 0, R)).all()
    assert words == set(KEYS)


def test_rows_even_in_r_squared_uneven_rows_and_a_cut_before_the_end(tmp_path):
    pair = InversePower(1.0, 1.0, 12)
    even = np.sqrt(np.linspace(0.7**2, 2.5**2, 800))
    for name, r, said in (
        ("even", even, "N 800 RSQ 0.7 2.5"),
        ("uneven", np.geomspace(0.7, 2.5, 800), "N 800"),
    ):
        rows = {"r": r, "energy": pair.energy(r), "force": pair.virial(r) / r}
        write_table(tmp_path / f"{name}.table", name, rows, said)
        one = {"species": ["A"], "fractions": [1.0], "masses": [1.0]}
        mixture = read_mixture(yaml_of(tmp_path, f"{name}.table", **one, cutoff=1.5))
        expected = Mixture.from_dict(
            one | {"potential": "inverse-power", "exponents": [12], "sigma": [[1]],
                   "epsilon": [[1]], "cutoff": 1.5}
        )  # fmt: skip
        x = np.linspace(0.75, 1.6, 100)
        np.testing.assert_allclose(
            mixture.potential(0, 0, x), expected.potential(0, 0, x), atol=2e-6
        )


def test_a_table_that_ends_smoothly_keeps_its_end():
    pair, r = Hertzian(1.0, 1.0), np.linspace(0.5, 1.2, 141)
    table = Table(r, pair.energy(r), pair.virial(r) / r)
    assert table.r[-1] == pytest.approx(1.0) and abs(table.energy(table.r[-1])) < 1e-20


def test_below_its_first_row_a_table_is_refused():
    table = Table(**rows_of(kob_andersen(), 0, 0, first=0.8), name="AA")
    with pytest.raises(ValueError, match=r"the table of AA begins at r = 0.8, and the energy at "):
        table.energy(np.array([1.0, 0.7]))


def test_each_bad_table_is_one_sentence(tmp_path):
    rows = rows_of(kob_andersen(), 0, 0, n=50, first=0.85)
    bad = {
        "missing.table": None,
        "BB.table": {"name": "BB"},
        "gap.table": {"skip": 7},
        "short.table": {"skip": 50},
        "shifted.table": {"said": "N 50 R 0.9 2.5"},
        "bitmap.table": {"said": "N 50 BITMAP 0.9 2.5"},
        "words.table": {"said": "N fifty"},
        "sign.table": {"force": [-f for f in rows["force"]]},
        "down.table": {"r": [*rows["r"][:9], 0.9, *rows["r"][10:]], "said": "N 50"},
        "nan.table": {"energy": [*rows["energy"][:9], np.nan, *rows["energy"][10:]]},
        "digit.table": {"energy": [*rows["energy"][:20], 3.0, *rows["energy"][21:]]},
    }
    said = {}
    for name, change in bad.items():
        if change is not None:
            how = {key: change[key] for key in ("said", "skip") if key in change}
            write_table(tmp_path / name, change.get("name", "AA"), rows | change, **how)
        if name == "BB.table":
            write_table(tmp_path / name, "AB", rows)
        with pytest.raises(ValueError, match="mine.yaml: ") as error:
            read_mixture(yaml_of(tmp_path, name, species=["A"], fractions=[1.0], masses=[1.0]))
        said[name] = str(error.value).replace(str(tmp_path), "")
        assert "\n" not in said[name] and said[name].count(". ") == 0
    for name, words in {
        "missing.table": "table /missing.table: cannot be read: No such file",
        "BB.table": "/BB.table: has no section AA, only BB, AB",
        "gap.table": "section AA: row 7 is missing, and its second line says 50 rows",
        "short.table": "row 50 is missing",
        "shifted.table": "row 1 has r = 0.85, where R 0.9 2.5 says 0.9: its spacing is irregular",
        "bitmap.table": "is bitmapped: write it with r or rsq",
        "words.table": "has a line that is none of its format",
        "sign.table": "the table of AA has forces that contradict its energies",
        "down.table": "the table of AA has r = 0.9 in row 10: distances must ascend",
        "nan.table": "the table of AA has numbers that are not finite",
        "digit.table": "the table of AA has forces that contradict its energies: between r = 1.5",
    }.items():
        assert words in said[name]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"potential": "morse"}, "mixture.potential is 'morse': choose one of lennard-jones, inv"),
        ({"exponents": [6, 12]}, "mixture.exponents is [6, 12]: Lennard-Jones n-m needs [n, m]"),
        ({"kappa": 2.0}, "mixture.kappa is no key of the potential lennard-jones"),
        ({"potential": "inverse-power"}, "mixture.exponents is missing, which the potential inv"),
        ({"potential": "inverse-power", "exponents": [12, 6]}, "an inverse power needs [n]"),
        ({"potential": "yukawa"}, "mixture.kappa is missing"),
        ({"potential": "yukawa", "kappa": -1.0}, "mixture.kappa is -1.0: it must not be negative"),
        ({"potential": "yukawa", "kappa": [1.0, 2.0]}, "must be a number or a symmetric matrix"),
        ({"potential": "table"}, "mixture.tables is missing"),
        ({"potential": "table", "tables": 3}, "mixture.tables must give r, energy and force"),
        (
            {**KINDS["table"], "tables": {"AA": KINDS["table"]["tables"]["AA"]}, "cutoff": 2.5},
            "mixture.tables has no table of the pair AB: its tables are AA",
        ),
        (
            {**KINDS["table"], "tables": {**KINDS["table"]["tables"], "BA": {}, "AC": {}}},
            "mixture.tables must give r, energy and force for each pair",
        ),
        (
            {**KINDS["table"], "tables": {**KINDS["table"]["tables"], "AC": ROWS}},
            "mixture.tables has AC, which is no pair of these species",
        ),
        (
            {**KINDS["table"], "tables": {**KINDS["table"]["tables"], "BA": ROWS}},
            "mixture.tables has more than one table of the pair AB",
        ),
        ({**KINDS["table"], "cutoff": 2.5}, "mixture.cutoff of AB is 2.5, beyond the end of its"),
    ],
)
def test_each_bad_key_is_one_sentence(tmp_path, change, words):
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"mixture": COMPOSITION | SCALES | change}))
    with pytest.raises(ValueError, match=re.escape(words)) as error:
        read_mixture(path)
    assert str(error.value).startswith(f"{path}: ") and "\n" not in str(error.value)


def test_a_study_says_that_its_liquid_is_twelve_six():
    (said,) = problems({"mixture": {**kob_andersen().to_dict(), "potential": "yukawa"}})
    assert said.startswith("mixture.potential is no key of a study; its liquid is Lennard-Jones 12")
