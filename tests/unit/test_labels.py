"""Who rearranges: every rule of labels against its definition, written out frame by frame."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softcage.dynamics.labels import (
    RULES,
    begins_within,
    events,
    events_and_controls,
    labels,
    quiet_after,
    quiet_before,
    starts,
)


def literal(moving, lag, half):
    """Return (eligible, positive) of one particle, moving (F,), by loops."""
    n = len(moving)
    eligible, positive = np.zeros((2, n), dtype=bool)
    begins = [t for t in range(1, n) if moving[t] and not moving[t - 1]]
    for t in range(n):
        soon = any(t < start <= t + 2 * half for start in begins)
        if lag in ("0", "half_window"):
            eligible[t], positive[t] = True, moving[t]
        elif lag in ("onset", "before_onset"):
            eligible[t], positive[t] = t > 0, t in begins
        elif t + 2 * half < n:  # the window ahead is known
            if lag == "within":
                eligible[t], positive[t] = True, soon
            elif t >= half and not any(moving[t - half : t + 1]):
                eligible[t], positive[t] = True, soon
    return eligible, positive


@settings(max_examples=60, deadline=None)
@given(n=st.integers(0, 40), half=st.integers(1, 6), rate=st.floats(0, 1), seed=st.integers(0, 999))
def test_every_rule_is_its_definition(n, half, rate, seed):
    moving = np.random.default_rng(seed).random((n, 3)) < rate
    for lag, rule in RULES.items():
        shift, eligible, positive = labels(moving, lag, half)
        assert shift == (-half if rule.earlier else 0)
        for i in range(3):
            expected = literal(moving[:, i], lag, half)
            np.testing.assert_array_equal(eligible[:, i], expected[0], lag)
            np.testing.assert_array_equal(positive[:, i], expected[1], lag)


def test_rules_of_one_event():
    moving = np.zeros((20, 1), dtype=bool)
    moving[10:13] = True
    shift, eligible, positive = labels(moving, "half_window", 3)
    assert shift == -3 and eligible.all() and np.array_equal(positive, moving)
    _, eligible, positive = labels(moving, "onset", 3)
    assert np.flatnonzero(positive).tolist() == [10] and not eligible[0]
    _, eligible, positive = labels(moving, "ahead", 3)
    # known for rows 3..13; no event in the last 3 frames: 3..9; one within the next 6: 4..9
    assert np.flatnonzero(eligible).tolist() == list(range(3, 10))
    assert np.flatnonzero(positive).tolist() == list(range(4, 10))
    _, eligible, positive = labels(moving, "within", 3)
    # known for rows 0..13; the event starts at 10: within the next 6 of rows 4..9
    assert np.flatnonzero(eligible).tolist() == list(range(14))
    assert np.flatnonzero(positive).tolist() == list(range(4, 10))
    with pytest.raises(ValueError, match="'behind' is unknown: one of 0, half_window, onset"):
        labels(moving, "behind", 3)


def test_starts_are_those_of_the_events():
    values = np.random.default_rng(0).random((50, 6))
    times = 0.5 * np.arange(50)
    table = events(values, times, 0.7)
    later = table[table["start_time"] > 0]
    found = np.argwhere(starts(values > 0.7).T)
    assert found[:, 0].tolist() == later["particle"].tolist()
    np.testing.assert_allclose(times[found[:, 1]], later["start_time"])


def test_rest_is_asked_of_whole_spans():
    moving = np.random.default_rng(1).random((30, 4)) < 0.2
    for span in (1, 4, 30):
        before, after = quiet_before(moving, span), quiet_after(moving, span)
        known, begins = begins_within(moving, span)
        for k in range(30):
            expected = (k >= span) & ~moving[max(k - span, 0) : k].any(axis=0)
            np.testing.assert_array_equal(before[k], expected)
            expected = (k + span < 30) & ~moving[k + 1 : k + span + 1].any(axis=0)
            np.testing.assert_array_equal(after[k], expected)
            assert (known[k] == (k + span < 30)).all()
            within = starts(moving)[k + 1 : k + span + 1].any(axis=0)
            np.testing.assert_array_equal(begins[k], known[k] & within)


def test_events_and_controls_of_one_particle_each():
    """Frames of a window of 4: flickering is one event; whoever moves soon is no control."""
    moving = np.zeros((30, 3), dtype=bool)
    moving[[10, 13, 14, 24], 0] = True
    moving[16, 1] = True
    is_event, controls = events_and_controls(moving, 2)
    assert np.argwhere(is_event).tolist() == [[10, 0], [16, 1], [24, 0]]
    # not before there are 4 frames, nor with fewer than 4 to come
    assert np.flatnonzero(controls[:, 2]).tolist() == list(range(4, 26))
    assert np.flatnonzero(controls[:, 1]).tolist() == [*range(4, 12), *range(21, 26)]
    assert not (is_event & controls).any()
