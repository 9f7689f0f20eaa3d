"""One scorer for all: where its line and its first shell come from, and what it refuses."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml

from softcage.cage.calibration import read_line, softness_from_depth, with_softest
from softcage.cage.local_depth import local_depth
from softcage.cage.scorer import Scorer
from softcage.model import KOB_ANDERSEN, kob_andersen

KA = kob_andersen()
N = 300
BOX = (N / 1.2) ** (1 / 3)
SPECIES = np.repeat([0, 1], [240, 60])
OWN = np.array([[0.9, 0.75], [0.75, 0.8]]), np.array([[1.4, 1.2], [1.2, 1.1]])


@pytest.fixture
def calibration(tmp_path):
    """Write a calibration of T = 0.47 and 0.8, with the configuration that it is of."""

    def write(slope=-19.6, density=1.2, **mixture):
        shared = {"q_max": 20, "route": "curvature"}
        radii = {"r0_AA": 0.86, "r0_AB": 0.76, "r_min_AA": 1.41, "r_min_AB": 1.22}
        cages = pd.DataFrame([{"T": T, **shared, **radii} for T in (0.47, 0.8)])
        cages.to_csv(tmp_path / "cage.csv", index=False)
        line = {"relation": "c", **shared, "intercept": 212.0, "slope": slope}
        pd.DataFrame([line]).to_csv(tmp_path / "calibration.csv", index=False)
        about = {"mixture": KOB_ANDERSEN | mixture, "system": {"density": density}}
        (tmp_path / "config.yaml").write_text(yaml.safe_dump(about))
        return tmp_path

    return write


def scorer(calibration, temperature=0.47, **options):
    return Scorer.from_calibration(
        calibration, KA, temperature, SPECIES, BOX, **{"measured": lambda: OWN} | options
    )


def test_the_line_and_the_first_shell_of_a_calibration(calibration):
    folder = calibration()
    for given in (folder, str(folder / "calibration.csv"), read_line(folder)):
        got = scorer(given, deltas=[0.04, 0.09])
        assert (got.c0, got.c1, got.range_source) == (212.0, -19.6, "calibration")
        assert got.pairs == {"AA": (0.86, 1.41), "AB": (0.76, 1.22)}
        assert list(got.radii()) == ["r0_AA", "r0_AB", "r_min_AA", "r_min_AB"]
    rng = np.random.default_rng(0)
    sites = np.stack(np.meshgrid(*[np.arange(7)] * 3, indexing="ij"), -1).reshape(-1, 3)
    x = rng.permutation(sites)[:N] * (BOX / 7) + rng.normal(0, 0.05, (N, 3))
    scores = got.scores(x, SPECIES, BOX)
    assert scores.shape == (2, 2, 240)
    expected = local_depth(
        x, SPECIES, BOX, potential=KA.potential, temperature=0.47, r0=[0.86, 0.76],
        r_min=[1.41, 1.22], delta=0.09,
    )  # fmt: skip
    np.testing.assert_allclose(scores[1, 0], expected, rtol=1e-4)
    np.testing.assert_array_equal(scores[:, 1], softness_from_depth(scores[:, 0], 212.0, -19.6))


def test_at_another_temperature_the_first_shell_is_measured(calibration):
    for path, T in ((calibration(), 0.5), (None, 0.47)):
        got = scorer(path, T)
        assert got.pairs == {"AA": (0.9, 1.4), "AB": (0.75, 1.2)}
        assert got.range_source == "g(r) of the trajectory"
        with pytest.raises(ValueError, match=f"no r0 and r_min of T = {T:g} "):
            scorer(path, T, measured=None)
    assert got.c0 is None and np.isnan(got.softness(np.ones(3))).all()


@pytest.mark.parametrize(
    ("change", "species", "said"),
    [
        ({"slope": 3.0}, SPECIES, r"1/S = 212 \+3 beta Phi rises"),
        ({"density": 1.1}, SPECIES, "is the calibration of density 1.1, the trajectory has 1.2"),
        ({"cutoff": 1.1224620483}, SPECIES, "is the calibration of another mixture"),
        ({"exponents": [12, 5]}, SPECIES, "is the calibration of another mixture"),
        ({"species": ["B", "A"]}, SPECIES, "is the calibration of another mixture"),
        (
            {},
            np.repeat([0, 1], 150),
            r"the composition \[0.8, 0.2\], but the types have \[0.5, 0.5\]",
        ),
    ],
)
def test_the_calibration_of_another_liquid_is_refused(calibration, change, species, said):
    folder = calibration(**change)
    with pytest.raises(ValueError, match=said):
        Scorer.from_calibration(folder, KA, 0.47, species, BOX, measured=lambda: OWN)


def test_a_study_takes_its_own_calibration_as_it_is(calibration):
    """The configuration beside it may be that of before; of a rising line it has been warned."""
    got = scorer(calibration(slope=3.0, density=1.1), same_study=True)
    assert got.c1 == 3.0 and got.density == pytest.approx(1.2)


def test_another_species_is_tagged(calibration):
    got = replace(scorer(calibration()), tagged=1)
    assert list(got.pairs) == ["BA", "BB"]
    rng = np.random.default_rng(1)
    depth = got.depth(rng.random((N, 3)) * BOX, SPECIES, BOX)
    assert depth.shape == (1, 60)


def test_who_has_no_softness_counts_as_the_softest():
    got = with_softest([3e-3, np.nan, 1e-3, np.nan])
    assert got[[0, 2]].tolist() == [3e-3, 1e-3]
    assert got[1] == got[3] > 3e-3 and got[1] == pytest.approx(3e-3, rel=1e-6)
    assert np.float32(got[1]) > np.float32(3e-3)  # as arrays of a study are kept
    assert with_softest([np.nan, np.nan]).tolist() == [0, 0]
    assert with_softest([2.0, 1.0]).tolist() == [2.0, 1.0]
    frames = np.array([[1.0, np.nan], [np.nan, 3.0], [np.nan, np.nan]], dtype=np.float32)
    each = with_softest(frames)
    assert each.dtype == np.float32
    np.testing.assert_array_equal(each, [with_softest(frame) for frame in frames])
