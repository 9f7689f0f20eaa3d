"""Evenly spaced and log-spaced indices."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from softcage.sampling import evenly_spaced, log_spaced


@given(st.integers(0, 500), st.integers(0, 500), st.booleans())
def test_evenly_spaced_indices_are_spread_from_the_first_to_the_last(n, most, down):
    chosen = evenly_spaced(n, most, down)
    assert len(chosen) == min(n, most)
    if len(chosen) > 1:
        assert chosen[0] == 0 and chosen[-1] == n - 1
        assert np.ptp(np.diff(chosen)) <= 1


def test_places_between_two_items():
    assert list(evenly_spaced(4, 3)) == [0, 2, 3]  # 1.5 rounds to 2
    assert list(evenly_spaced(4, 3, down=True)) == [0, 1, 3]


@given(st.integers(0, 10**6), st.integers(1, 12))
def test_log_spaced_numbers_have_equal_ratios(last, per_decade):
    numbers = log_spaced(last, per_decade)
    assert numbers[0] == 1 and (np.diff(numbers) > 0).all() and numbers[-1] <= max(last, 1)
    large = numbers[numbers > 20 * per_decade]
    np.testing.assert_allclose(large[1:] / large[:-1], 10 ** (1 / per_decade), rtol=0.02)
    assert max(last, 1) < numbers[-1] * 10 ** (1 / per_decade) + 1
