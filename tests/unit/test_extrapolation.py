"""Laws of temperature: they recover what follows them, and their errors cover what does not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from softcage.md.forces import build_clusters, pair_table, potential_energy_and_virial
from softcage.model import kob_andersen
from softcage.prediction.extrapolation import (
    LAWS,
    extrapolate,
    extrapolation_table,
    law_curves,
    measured_points,
)

T = np.array([0.47, 0.53, 0.58, 0.7, 0.8])
AT = 0.44
PARAMETERS = {
    "line in 1/T": (-2.0,),
    "parabola in 1/T": (3.0, 0.4),
    "Rosenfeld-Tarazona": (2.6,),
    "Vogel-Fulcher-Tammann": (0.9, 0.7),
}
PUBLISHED = Path(__file__).parents[2] / "results" / "paper"


def values(law, at=AT):
    return LAWS[law][0](T, at, 5.0, *PARAMETERS[law])


@pytest.mark.parametrize("law", LAWS)
def test_a_law_recovers_what_follows_it(law):
    value, error, chi2 = extrapolate(law, T, values(law), np.full(5, 0.01), AT)
    assert value == pytest.approx(5.0, abs=1e-5)
    assert 0 < error < 0.2 and chi2 == pytest.approx(0, abs=1e-6)


def test_the_vogel_law_is_the_textbooks():
    function, _ = LAWS["Vogel-Fulcher-Tammann"]
    vogel, energy, constant = 0.3, 0.85, -1.2
    expected = constant + energy / (T - vogel)
    there = constant + energy / (AT - vogel)
    assert function(T, AT, there, energy, vogel / AT) == pytest.approx(expected)


@pytest.mark.parametrize("law", LAWS)
def test_errors_are_those_of_many_noisy_copies(law):
    """The spread of the value over noisy copies is its error."""
    rng = np.random.default_rng(2)
    noise = 0.01 * np.array([1.0, 0.6, 0.5, 0.3, 0.3])
    copies = [
        extrapolate(law, T, values(law) + rng.normal(0, noise), noise, AT) for _ in range(300)
    ]
    found = np.array(copies)
    plain = found[:, 1] / np.sqrt(np.maximum(1, found[:, 2]))
    assert np.std(found[:, 0]) == pytest.approx(np.median(plain), rel=0.25)


def test_an_error_grows_with_the_scatter_about_the_law():
    rng = np.random.default_rng(3)
    scattered = values("line in 1/T") + rng.normal(0, 0.1, 5)
    _, error, chi2 = extrapolate("line in 1/T", T, scattered, np.full(5, 0.01), AT)
    _, least, _ = extrapolate("line in 1/T", T, values("line in 1/T"), np.full(5, 0.01), AT)
    assert error == pytest.approx(least * np.sqrt(chi2)) and chi2 > 1


@pytest.mark.parametrize("law", LAWS)
def test_too_few_points_give_nothing(law):
    free = 1 + len(PARAMETERS[law])
    y = values(law)
    y[free:] = np.nan
    assert np.isnan(extrapolate(law, T, y, np.full(5, 0.01), AT)).all()
    assert np.isnan(extrapolate(law, T, y, np.full(5, np.nan), AT)).all()


# ---------------------------------------------------------------- the published study
@pytest.fixture(scope="module")
def points():
    cage = pd.read_csv(PUBLISHED / "calibration" / "cage.csv")
    folders = {t: PUBLISHED / "prediction" / f"T{t:g}" / "d0.09" for t in T}
    return measured_points(
        [pd.read_csv(PUBLISHED / "relaxation" / "summary" / f"T{t:g}.csv") for t in T],
        cage.query("q_max == 10 and route == 'curvature'"),
        {t: pd.read_csv(folder / "summary.csv") for t, folder in folders.items()},
        {t: pd.read_csv(folder / "distributions.csv") for t, folder in folders.items()},
        window=15,
        minimum_hops=10,
        minimum_temperatures=3,
    )


def test_what_is_foreseen_does_not_depend_on_what_was_measured_there(points):
    foreseen = extrapolation_table(points[points["T"] > 0.5], 0.47)
    both = extrapolation_table(points, 0.47)
    merged = both.merge(foreseen, on=["quantity", "law", "bin_center"], suffixes=("", "_blind"))
    assert len(merged) == len(foreseen)
    assert merged["predicted"].equals(merged["predicted_blind"])
    assert foreseen["measured"].isna().all() and foreseen["verdict"].isna().all()
    whole = both[both["bin_center"].isna()]
    assert whole["measured"].notna().all()
    near = whole["deviation"].abs() < 2
    assert (whole["verdict"] == np.where(near, "agrees", "differs")).all()


def test_the_deviation_of_the_coldest_is_that_of_its_own_extrapolation(points):
    colder = extrapolation_table(points, AT)
    colder = colder[colder["coldest"] == 0.47]  # bins may have no hops there
    keys = ["quantity", "law", "bin_center"]
    both = colder.merge(extrapolation_table(points, 0.47), on=keys, suffixes=("", "_there"))
    assert len(both) > 10
    assert np.allclose(both["coldest_deviation"], both["deviation_there"], equal_nan=True)


def test_curves_begin_at_what_is_foreseen(points):
    table = extrapolation_table(points, AT)
    curves = law_curves(points, AT)
    for row in table[table["bin_center"].isna()].itertuples():
        curve = curves[(curves["quantity"] == row.quantity) & (curves["law"] == row.law)]
        assert curve["value"].iloc[0] == pytest.approx(row.predicted)
        assert curve["error"].iloc[0] == pytest.approx(row.predicted_error)
        measured = curves[(curves["quantity"] == row.quantity) & (curves["law"] == "measured")]
        assert sorted(measured["T"]) == pytest.approx(T)


def test_public_configurations_at_the_colder_temperature_have_the_energy_foreseen(points):
    """Another group's configurations at T = 0.44 (N = 4096), of which nothing entered the fit."""
    folder = Path(__file__).parents[3] / "shared" / "data" / "botan_T0.44"
    files = sorted(folder.glob("*.npz"))
    if not files:
        pytest.skip("needs the public configurations at T = 0.44")
    mixture = kob_andersen()
    energies = []
    for path in files:
        with np.load(path) as store:
            positions = store["initial_positions"].astype(float) % 15.05658
            species = store["types"].astype(np.int64)
        pairs = pair_table(mixture, 15.05658, 0.3, 0.3, "double")
        clusters = build_clusters(positions, species, pairs)
        energies.append(potential_energy_and_virial(clusters, pairs)[0] / len(species))
    table = extrapolation_table(points, AT).set_index("quantity").loc["u"]
    error = np.std(energies, ddof=1) / np.sqrt(len(energies))
    deviation = (np.mean(energies) - table["predicted"]) / np.hypot(error, table["predicted_error"])
    assert abs(deviation) < 3
