"""A second study lives beside the first: it shares no file with it and none of its references."""

import hashlib

import pandas as pd
import pytest

pytestmark = [pytest.mark.workflow, pytest.mark.slow]

WCA = {
    "study": "tiny_wca",
    "mixture": {"cutoff": 2 ** (1 / 6)},
    "state_points": [
        {"T": 0.5, "equilibration": 10, "production": 30},
        {"T": 0.8, "equilibration": 10, "production": 30},
    ],
    "softness": {"delta": 0.04, "delta_values": [0.04], "closure": "pair"},
    "dynamics": {"hop_window": 5, "hop_window_alternatives": []},
    # the claims of the paper stay where they are: they must not be applied
}
THREE_SPECIES = {
    "study": "three",
    "system": {"particles": 600},
    "mixture": {
        "species": ["A", "B", "C"],
        "fractions": [0.6, 0.2, 0.2],
        "masses": [1.0, 1.0, 2.0],
        "sigma": [[1.0, 0.8, 0.9], [0.8, 0.88, 0.85], [0.9, 0.85, 0.94]],
        "epsilon": [[1.0, 1.5, 1.0], [1.5, 0.5, 1.0], [1.0, 1.0, 0.8]],
    },
}
ONE_LINE = {
    "a temperature": (
        {"state_points": [{"T": T, "equilibration": 10, "production": 60} for T in (0.6, 0.9)]},
        {"simulate": 2},
    ),
    "a composition": ({"mixture": {"fractions": [0.6, 0.4]}}, {"simulate": 3}),
    "a potential": ({"mixture": {"cutoff": 2 ** (1 / 6)}}, {"simulate": 3}),
    "a cut-off for each pair": ({"mixture": {"cutoff": [[2.5, 2], [2, 2.5]]}}, {"simulate": 3}),
    "a third species": (THREE_SPECIES, {"simulate": 3, "structure": 3}),
}


def files_of(study, change):
    """Return the outputs and inputs of every job of a study, without running any."""
    done = study.snakemake("--detailed-summary", change=change, check=True).stdout
    rows = [line.split("\t") for line in done.splitlines() if line.count("\t") >= 7]
    header, rows = rows[0], rows[1:]
    outputs = {row[header.index("output_file")] for row in rows}
    inputs = {name for row in rows for name in row[header.index("input-file(s)")].split(",")}
    return outputs, inputs


def test_no_file_of_one_study_is_in_the_other(fresh):
    first_made, first_read = files_of(fresh, None)
    second_made, second_read = files_of(fresh, WCA)
    assert len(first_made) > 100 and len(second_made) > 60
    assert all(name.startswith("results/tiny/") for name in first_made)
    assert all(name.startswith("results/tiny_wca/") for name in second_made)
    for read in (first_read, second_read):
        foreign = {name for name in read if not name.startswith(("results/tiny", "workflow/"))}
        assert foreign <= {"", "-"}
    assert not any(name.startswith("results/tiny/") for name in second_read)
    assert not any(name.startswith("results/tiny_wca/") for name in first_read)


@pytest.mark.parametrize("what", ONE_LINE)
def test_more_of_anything_is_a_change_of_the_configuration(fresh, what):
    change, jobs = ONE_LINE[what]
    planned = fresh.planned(change)
    assert {name: planned[name] for name in jobs} == jobs


def test_what_is_for_two_species_is_refused_for_three(fresh):
    done = fresh.snakemake("-n", "beyond", change=THREE_SPECIES)
    assert done.returncode != 0
    assert "mixture.species is ['A', 'B', 'C']; the target beyond is for mixtures" in done.stdout


def digest(folder):
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_second_study_runs_beside_the_first(study_run):
    before = digest(study_run.results)
    second = study_run.folder / "results" / "tiny_wca"
    targets = ("comparison.csv", "figures/figS1.png", "figures/fig08.png")
    study_run.snakemake(
        *(second.relative_to(study_run.folder) / t for t in targets), change=WCA, check=True
    )
    assert digest(study_run.results) == before
    assert study_run.planned() == {}

    table = pd.read_csv(second / "comparison.csv")
    claims = table[table["paper"].notna()]
    assert len(claims) > 0
    assert set(claims["verdict"]) == {"not applicable: another liquid"}
    checks = pd.read_csv(second / "equilibration.csv")
    assert checks["u_reference"].isna().all() and checks["p_reference"].isna().all()
    # only repulsion: the energy is positive, and the cage is deep all the same
    assert (checks["u"] > 0).all()
    cage = pd.read_csv(second / "calibration" / "cage.csv")
    assert (cage["depth_r"] > 0).all() and (cage["depth_q"] > 0).all()
    # C = g - 1 in every table that depends on it
    lines = pd.read_csv(second / "calibration" / "calibration.csv")
    assert set(cage["closure"]) == set(lines["closure"]) == {"pair"}
    # the first shell ends beyond the reach of the potential
    assert (cage["r_min_AA"] > 2 ** (1 / 6)).all()
