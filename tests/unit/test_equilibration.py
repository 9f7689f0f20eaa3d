"""The checks of equilibrium on invented runs."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from softcage.dynamics.equilibration import (
    REFERENCE_TABLE,
    mean_and_drift,
    reasons,
    reference_values,
)
from softcage.model import kob_andersen


def test_a_drift_is_measured_with_its_error():
    rng = np.random.default_rng(0)
    values = 0.5 * np.linspace(-0.5, 0.5, 8000) + rng.standard_normal(8000)
    sums = np.column_stack([np.ones(8000), values])
    mean, error, drift, drift_error = mean_and_drift(sums, 8)
    assert mean == pytest.approx(0.0, abs=0.05)
    assert drift == pytest.approx(0.5, abs=4 * drift_error)
    # a straight line through white noise: sigma sqrt(12 / n)
    assert drift_error == pytest.approx(math.sqrt(12 / 8000), rel=0.6)


def row(**changes):
    good = {
        "tau_alpha": 10.0,
        "equilibration_time": 200.0,
        "production_time": 200.0,
        "u": -6.349,
        "u_error": 0.002,
        "u_reference": -6.346,
        "u_drift": 0.001,
        "u_drift_error": 0.002,
        "tau_first": 9.0,
        "tau_second": 11.0,
        "solid_fraction": 0.004,
    }
    return good | changes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, None),
        ({"u_reference": math.nan}, None),
        ({"tau_alpha": math.nan}, "tau_alpha was not reached"),
        ({"equilibration_time": 50.0}, "equilibration 50 < 10 tau_alpha = 100"),
        ({"production_time": 50.0}, "production 50 < 10 tau_alpha = 100"),
        ({"u_drift": -0.02}, "u drifts by -0.0200 +- 0.0020"),
        ({"u": -6.30}, "u is +0.0460 from the reference"),
        ({"tau_second": 20.0}, "tau_alpha of the two halves is 9 and 20"),
        ({"solid_fraction": 0.4}, "40% of the A particles are crystalline"),
        # what is not known is no sign of equilibrium
        ({"tau_first": math.nan}, "tau_alpha of the first half was not reached"),
        ({"tau_second": math.nan}, "tau_alpha of the second half was not reached"),
        (
            {"tau_first": math.nan, "tau_second": math.nan},
            "tau_alpha of the first and of the second half was not reached",
        ),
        ({"u_drift_error": math.nan}, "the drift of u has no error: fewer than three time blocks"),
        ({"u_error": math.nan}, "u has no error: fewer than two time blocks"),
        ({"solid_fraction": math.nan}, "crystalline order was not looked at"),
    ],
)
def test_reasons_are_words(changes, words):
    assert reasons(row(**changes), 10, 8) == ([words] if words else [])


def test_every_row_of_the_reference_has_a_source_that_is_explained():
    head = [line for line in REFERENCE_TABLE.read_text().splitlines() if line.startswith("# ")]
    explained = {line[2:].partition(":")[0] for line in head}
    assert set(pd.read_csv(REFERENCE_TABLE, comment="#")["source"]) == {
        "RUMD/gamdpy",
        "interpolated",
    }
    assert {"RUMD/gamdpy", "interpolated"} <= explained


def test_the_reference_is_for_its_own_model_only():
    model = kob_andersen()
    assert reference_values(model, 1.2, 0.8) == (-6.346, 7.601)
    for density, temperature in ((1.1, 0.8), (1.2, 0.9)):
        assert np.isnan(reference_values(model, density, temperature)).all()
    wca = dataclasses.replace(model, cutoff=2 ** (1 / 6) * model.sigma)
    other = dataclasses.replace(model, fractions=np.array([0.6, 0.4]))
    renamed = dataclasses.replace(model, species=("Ni", "P"))
    assert np.isnan(reference_values(wca, 1.2, 0.8)).all()
    assert np.isnan(reference_values(other, 1.2, 0.8)).all()
    assert reference_values(renamed, 1.2, 0.8) == (-6.346, 7.601)
