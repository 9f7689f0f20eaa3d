"""Frame schedules."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from softcage.md.schedule import log_lags, log_steps, uniform_steps


def test_lags_hold_the_times_of_the_figures():
    lags = log_lags(5000)
    assert lags[:9].tolist() == [0, 1, 2, 3, 4, 5, 6, 8, 10]
    assert lags[-1] == 5000


@settings(deadline=None)
@given(total=st.integers(1, 100_000), stride=st.integers(1, 5000))
def test_uniform_steps(total, stride):
    steps = uniform_steps(total, stride)
    assert steps[0] == 0 and steps[-1] <= total < steps[-1] + stride
    assert (np.diff(steps) == stride).all()


@settings(deadline=None)
@given(total=st.integers(1, 50_000), period=st.integers(1, 20_000))
def test_log_blocks_are_increasing_and_start_at_their_origins(total, period):
    steps, block, lag = log_steps(total, period)
    assert (np.diff(steps) > 0).all()
    assert steps[0] == 0 and steps[-1] <= total
    np.testing.assert_array_equal(steps - lag, block * min(period, total))
    assert len(steps) == len(block) == len(lag)
