"""The checks of equilibrium on invented runs."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from softcage.dynamics import equilibration
from softcage.dynamics.equilibration import mean_and_drift, reasons, reference_values
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
        ({"u_reference": math.nan, "tau_first": math.nan}, None),
        ({"tau_alpha": math.nan}, "tau_alpha was not reached"),
        ({"equilibration_time": 50.0}, "equilibration 50 < 10 tau_alpha = 100"),
        ({"production_time": 50.0}, "production 50 < 10 tau_alpha = 100"),
        ({"u_drift": -0.02}, "u drifts by -0.0200 +- 0.0020"),
        ({"u": -6.30}, "u is +0.0460 from the reference"),
        ({"tau_second": 20.0}, "tau_alpha of the two halves is 9 and 20"),
        ({"solid_fraction": 0.4}, "40% of the A particles are crystalline"),
    ],
)
def test_reasons_are_words(changes, words):
    assert reasons(row(**changes), 10, 8) == ([words] if words else [])


def test_the_reference_is_for_its_own_model_only():
    path = Path(equilibration.__file__).with_name("reference.csv")
    model = kob_andersen()
    assert reference_values(path, model, 1.2, 0.8) == (-6.346, 7.601)
    for density, temperature in ((1.1, 0.8), (1.2, 0.9)):
        assert np.isnan(reference_values(path, model, density, temperature)).all()
    wca = dataclasses.replace(model, cutoff=2 ** (1 / 6) * model.sigma)
    other = dataclasses.replace(model, fractions=np.array([0.6, 0.4]))
    renamed = dataclasses.replace(model, species=("Ni", "P"))
    assert np.isnan(reference_values(path, wca, 1.2, 0.8)).all()
    assert np.isnan(reference_values(path, other, 1.2, 0.8)).all()
    assert reference_values(path, renamed, 1.2, 0.8) == (-6.346, 7.601)
