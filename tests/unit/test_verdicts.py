import math

import numpy as np
import pytest

from softcage.paper.verdicts import (
    NOT_MEASURABLE,
    falls,
    holds,
    last_digit,
    overlap_distance,
    plateau,
    rises,
    verdict,
)


@pytest.mark.parametrize(
    ("ours", "error", "n_sigma", "words"),
    [
        (0.75, 0.01, 0.0, "agrees within 1 sigma"),
        (0.765, 0.01, 1.5, "agrees within 2 sigma"),
        (0.721, 0.01, -2.9, "agrees within 3 sigma"),
        (0.60, 0.01, -15.0, "differs (15 sigma)"),
        (0.785, 0.01, 3.5, "differs (4 sigma)"),
    ],
)
def test_verdicts_on_numbers(ours, error, n_sigma, words):
    assert verdict(0.75, ours, error) == (pytest.approx(n_sigma, abs=1e-9), words)


@pytest.mark.parametrize(
    ("ours", "error"), [(math.nan, 0.1), (1.0, math.nan), (1.0, 0.0), (math.inf, 1.0)]
)
def test_no_value_or_no_error_is_no_verdict(ours, error):
    n_sigma, words = verdict(1.0, ours, error)
    assert math.isnan(n_sigma) and words == NOT_MEASURABLE


def test_a_rounded_number_is_not_held_to_its_zeros():
    assert verdict(0.001, 0.0012, 1e-6)[1].startswith("differs")
    assert verdict(0.001, 0.0012, 1e-6, last_digit(0.001))[1] == "agrees within 1 sigma"


@pytest.mark.parametrize(
    ("value", "half"), [(0.001, 5e-4), (0.0025, 5e-5), (700, 0.5), (1e-4, 5e-5), (0.8, 0.05)]
)
def test_last_digit(value, half):
    assert last_digit(value) == pytest.approx(half)


def test_verdicts_on_statements():
    assert holds(True) == "holds"
    assert holds(np.bool_(False)) == "does not hold"
    assert holds(None) == NOT_MEASURABLE


def test_trends():
    error = np.full(4, 0.1)
    assert rises([1, 2, 3, 4], error) is True
    assert rises([1, 2, 1.9, 4], error) is True  # a step back within the noise
    assert rises([1, 3, 2, 4], error) is False
    assert rises([1, 1.05, 1.1, 1.15], error) is None  # not clear
    assert rises([4, 3, 2, 1], error) is False
    assert falls([4, 3, 2, 1], error) is True
    assert rises([np.nan, 1, np.nan, np.nan], error) is None
    assert rises([1, 2], [np.nan, 0.1]) is None


def test_plateau_of_two_steps_and_of_one():
    time = np.logspace(-2, 4, 80)
    two = 0.4 * np.exp(-time / 0.3) + 0.6 * np.exp(-((time / 700) ** 0.7))
    at, ratio = plateau(time, two)
    assert 1 < at < 100
    assert ratio < 0.3
    _, ratio = plateau(time, np.exp(-((time / 5) ** 0.7)))
    assert ratio == pytest.approx(1.0, abs=0.05)
    assert np.isnan(plateau(time[:5], two[:5])).all()
    # cut before the second step: no two steps to be seen
    assert not plateau(time[time < 5], two[time < 5])[1] < 0.5


def test_distance_of_distributions():
    p = np.array([0.5, 0.5, 0.0, 0.0])
    assert overlap_distance(p, p, 1.0)[0] == 0
    assert overlap_distance(p, p[::-1], 1.0)[0] == pytest.approx(1.0)
    rng = np.random.default_rng(1)
    smooth = np.full(100, 0.01)
    noisy = smooth + rng.normal(0, 0.002, 100)
    distance, noise = overlap_distance(smooth, noisy, 1.0, np.full(100, 0.002))
    assert distance == pytest.approx(noise, rel=0.3)
