r"""Rules that say which particles rearrange, and when.

A particle *moves* at the frames with p_hop > p_c; an *event* is a maximal run of such frames. p_hop
at t depends on the positions from t - Dt/2 to t + Dt/2, so that the structure at t is partly
concurrent with the rearrangement. The rules of :data:`RULES` differ in the structure that is used,
in the particles that are eligible, and in which of them count as rearranging; their comparison
shows how much this matters. They combine three functions of an array ``moving`` (frames,
particles): where an event begins (:func:`starts`), whether a particle was at rest for a while
before (:func:`quiet_before`), and whether an event begins soon (:func:`begins_within`).

:func:`events_and_controls` labels the events that are followed through time. :class:`HopLabels`
labels the particles of one frame from the table of events. Other modules only count these labels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from softcage.compiled.decorator import kernel


# ---------------------------------------------------------------- events from p_hop
def events(values: np.ndarray, times: np.ndarray, p_c: float) -> pd.DataFrame:
    """Return the rearrangements: maximal runs of frames with p_hop above ``p_c``.

    Parameters
    ----------
    values : (F, n) array
    times : (F,) array
    p_c : float

    Returns
    -------
    DataFrame
        Columns particle, start_time, end_time, peak_time, p_hop_max; sorted by particle, then by
        time.
    """
    stream = EventStream(values.shape[1], p_c)
    stream.add(values, times)
    return stream.table()


class EventStream:
    """Rearrangements of n particles from p_hop, chunk by chunk; only events are kept in memory."""

    def __init__(self, n: int, p_c: float) -> None:
        self.p_c = p_c
        self.last_time = np.nan
        # Whether each particle is in an event, and its start, peak time and largest p_hop.
        self._open = np.zeros(n, dtype=np.bool_)
        self._run = np.zeros((3, n))
        self._ended: list[np.ndarray] = []

    def add(self, values: np.ndarray, times: np.ndarray) -> None:
        """Process the next frames: p_hop (k, n) and their times (k,)."""
        if not len(values):
            return
        room = np.empty(((len(values) + 1) // 2 * values.shape[1], 5))
        n = _find_events(
            values, np.asarray(times, dtype=np.float64), self.p_c, self.last_time, self._open,
            self._run, room,
        )  # fmt: skip
        self._ended.append(room[:n].copy())
        self.last_time = float(times[-1])

    def table(self) -> pd.DataFrame:
        """Return the events so far; those that still last are given the last frame as their end."""
        running = np.flatnonzero(self._open)
        start, peak, largest = self._run[:, running]
        ends = np.full(len(running), self.last_time)
        last = np.column_stack([running, start, ends, peak, largest])
        rows = np.concatenate([*self._ended, last])
        rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
        names = ["start_time", "end_time", "peak_time", "p_hop_max"]
        table = pd.DataFrame(rows[:, 1:], columns=names)
        table.insert(0, "particle", rows[:, 0].astype(np.int64))
        return table


@kernel
def _find_events(values, times, p_c, last_time, is_open, run, out):
    """Write the events that end in these frames to ``out`` and return their number."""
    n_ended = 0
    for t in range(len(values)):
        previous = times[t - 1] if t > 0 else last_time
        for i in range(values.shape[1]):
            value = values[t, i]
            if value > p_c:
                if not is_open[i]:
                    is_open[i] = True
                    run[0, i] = times[t]
                    run[2, i] = -np.inf
                if value > run[2, i]:
                    run[1, i], run[2, i] = times[t], value
            elif is_open[i]:
                is_open[i] = False
                out[n_ended, 0], out[n_ended, 1], out[n_ended, 2] = i, run[0, i], previous
                out[n_ended, 3], out[n_ended, 4] = run[1, i], run[2, i]
                n_ended += 1
    return n_ended


# ---------------------------------------------------------------- rules on frames
def starts(moving: np.ndarray) -> np.ndarray:
    """Return whether an event begins at each frame, (F, n) bool.

    At the first frame this is not known, and the value is False.
    """
    begins = np.zeros_like(moving)
    begins[1:] = moving[1:] & ~moving[:-1]
    return begins


def quiet_before(moving: np.ndarray, span: int) -> np.ndarray:
    """Return whether a particle moved in none of the ``span`` frames before each, (F, n) bool.

    It is False where fewer than ``span`` frames precede.
    """
    quiet = np.empty_like(moving)
    frames = np.zeros(moving.shape[1], dtype=np.int64)  # since the particle moved
    for now, out in zip(moving, quiet, strict=True):
        out[:] = frames >= span
        frames = np.where(now, 0, frames + 1)
    return quiet


def quiet_after(moving: np.ndarray, span: int) -> np.ndarray:
    """Return whether a particle moves in none of the ``span`` frames after each, (F, n) bool.

    It is False where fewer than ``span`` frames follow.
    """
    return quiet_before(moving[::-1], span)[::-1]


def begins_within(moving: np.ndarray, span: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where it is known whether an event begins within ``span`` frames, and where one does.

    Both are (F, n) bool. It is known at frames that ``span`` frames follow.
    """
    known = np.zeros_like(moving)
    known[: max(len(moving) - span, 0)] = True
    return known, known & ~quiet_after(starts(moving), span)


_Selected = tuple[np.ndarray, np.ndarray]  # which particles are eligible, and which rearrange


def _moves(moving: np.ndarray, half: int) -> _Selected:
    """All particles are eligible at all frames; those that move rearrange."""
    return np.ones_like(moving), moving


def _starts(moving: np.ndarray, half: int) -> _Selected:
    """All particles are eligible from the second frame on; those whose event begins rearrange."""
    eligible = np.zeros_like(moving)
    eligible[1:] = True
    return eligible, starts(moving)


def _ahead(moving: np.ndarray, half: int) -> _Selected:
    """Eligible: did not move in [t - Dt/2, t]. Rearranging: an event begins in (t, t + Dt]."""
    caged = quiet_before(moving, half) & ~moving
    known, begins = begins_within(moving, 2 * half)
    return caged & known, caged & begins


def _within(moving: np.ndarray, half: int) -> _Selected:
    """All particles are eligible; those whose event begins in (t, t + Dt] rearrange."""
    return begins_within(moving, 2 * half)


@dataclass(frozen=True)
class LabelRule:
    """A rule that says which particles are eligible at a frame, and which of them rearrange.

    Attributes
    ----------
    words : str
        Description of the rule for tables and figures.
    select : callable
        Returns which particles are eligible and which of them rearrange, (F, n) bool each, from
        ``moving`` (F, n) and Dt/2 in frames.
    earlier : bool
        Whether the structure is taken Dt/2 before the frame of the label.
    """

    words: str
    select: Callable[[np.ndarray, int], _Selected]
    earlier: bool = False


#: The rules by their names in tables, where they stand in the column ``lag``:
#: ``0``, the structure at t and p_hop(t) > p_c, as the text of the paper says; ``half_window``, the
#: structure at t - Dt/2; ``onset`` and ``before_onset``, the structure at the first frame of an
#: event and Dt/2 before it; ``ahead``, the strictly predictive rule; and ``within``, the same for
#: all particles, moving or not.
RULES = {
    "0": LabelRule("same frame", _moves),
    "half_window": LabelRule("Dt/2 earlier", _moves, earlier=True),
    "onset": LabelRule("first frame of an event", _starts),
    "before_onset": LabelRule("Dt/2 before an event", _starts, earlier=True),
    "ahead": LabelRule("at rest, and an event begins within Dt", _ahead),
    "within": LabelRule("an event begins within Dt", _within),
}

#: What :func:`labels` returns.
Labels = tuple[int, np.ndarray, np.ndarray]


def labels(moving: np.ndarray, lag: str, half: int) -> Labels:
    """Return which particles are eligible at each frame, and which of them rearrange.

    Parameters
    ----------
    moving : (F, n) bool array
        p_hop > p_c on F consecutive frames; False everywhere if p_c is not known.
    lag : str
        One of :data:`RULES`.
    half : int
        Dt/2 in frames.

    Returns
    -------
    shift : int
        Frames from the label to the structure that is used: 0 or ``-half``.
    eligible, positive : (F, n) bool array
        Eligible particles, and those of them that rearrange.

    Raises
    ------
    ValueError
        If ``lag`` is unknown.
    """
    if lag not in RULES:
        raise ValueError(f"lag {lag!r} is unknown: one of {', '.join(RULES)}")
    rule = RULES[lag]
    return (-half if rule.earlier else 0), *rule.select(np.asarray(moving, dtype=bool), half)


def events_and_controls(moving: np.ndarray, half: int) -> tuple[np.ndarray, np.ndarray]:
    """Return which particles begin an event after a time at rest, and which are controls.

    An event is a frame with p_hop > p_c after a hop window Dt without such frames. An excursion
    that fluctuates around p_c is thus counted once. A control of the same frame was at rest for Dt
    before, and stays at rest for Dt after. Nothing is required of a control at later times, because
    that would select hard particles.

    Parameters
    ----------
    moving : (F, n) bool array
    half : int
        Dt/2 in frames.

    Returns
    -------
    events, controls : (F, n) bool array
    """
    quiet = quiet_before(moving, 2 * half)
    return quiet & moving, quiet & ~moving & quiet_after(moving, 2 * half)


# ---------------------------------------------------------------- the particles of one frame
@dataclass(frozen=True, eq=False)
class HopLabels:
    """Labels of the particles of one frame.

    Attributes
    ----------
    now : (n,) bool array
        p_hop > p_c at the frame.
    caged : (n,) bool array
        No rearrangement in the half window up to the frame.
    wait : (n,) array
        Time to the next rearrangement, or to the end of the record if there is none.
    seen : (n,) bool array
        Whether a rearrangement follows; otherwise the waiting time is censored.
    record : float
        Time to the end of the record, at which all waiting times are censored.
    """

    now: np.ndarray
    caged: np.ndarray
    wait: np.ndarray
    seen: np.ndarray
    record: float

    def hops_now(self) -> tuple[np.ndarray, np.ndarray]:
        """Return which particles are eligible (all of them) and which rearrange, (n,) bool."""
        return np.ones_like(self.now), self.now

    def hops_within(self, time: float) -> tuple[np.ndarray, np.ndarray]:
        """Return which particles are eligible (the caged ones) and which rearrange within ``time``.

        Both are (n,) bool; the second is not restricted to the first. No particle is eligible if
        the record ends earlier, because a particle that has not hopped yet may still hop.
        """
        known = self.record >= time - 1e-9
        return self.caged & known, self.seen & (self.wait <= time + 1e-9)


def hop_labels(events: pd.DataFrame, n: int, time: float, half: float, end: float) -> HopLabels:
    """Label the particles of one frame.

    Parameters
    ----------
    events : DataFrame
        Events of one hop window, with the columns particle, start_time and end_time
        (:func:`events`).
    n : int
        Number of particles.
    time : float
        Time of the frame.
    half : float
        Dt / 2, which is also the time of the first p_hop.
    end : float
        Time of the last p_hop.

    Raises
    ------
    ValueError
        If p_hop is not known at the frame or in the half window before it.
    """
    if time < 2 * half - 1e-9 or time > end + 1e-9:
        raise ValueError(
            f"the frame at t = {time:g} cannot be labelled: p_hop at the frame and in the half "
            f"window before it is known only for t from {2 * half:g} to {end:g}"
        )
    particle, start, stop = (
        events[name].to_numpy() for name in ("particle", "start_time", "end_time")
    )
    now, recent = np.zeros((2, n), dtype=bool)
    now[particle[(start <= time) & (stop >= time)]] = True
    recent[particle[(start <= time) & (stop >= time - half - 1e-9)]] = True
    following = np.full(n, np.inf)
    np.minimum.at(following, particle[start > time], start[start > time])
    seen = np.isfinite(following)
    return HopLabels(now, ~recent, np.where(seen, following, end) - time, seen, end - time)


def hazard_sums(wait: np.ndarray, seen: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Return how many particles are at risk at each time, and how many of them rearrange then.

    Sums of several frames can be added, whatever the length of their records.

    Parameters
    ----------
    wait : (n,) array
        Waiting times (:class:`HopLabels`).
    seen : (n,) bool array
        Whether a rearrangement ends the waiting time; otherwise it is censored.
    grid : (n_times,) array
        All times at which a rearrangement can be seen, ascending.

    Returns
    -------
    (2, n_times) array
        Numbers at risk, and of rearrangements. A particle whose record ends at a time is still at
        risk at this time.
    """
    # the nearest grid time, because times are sums of floating-point numbers
    places = np.clip(np.searchsorted(grid, wait), 1, len(grid) - 1)
    places -= wait - grid[places - 1] < grid[places] - wait
    inside = seen & (wait < grid[-1] + 1e-6)
    hops = np.bincount(places[inside], minlength=len(grid))
    return np.stack([(wait[:, None] >= grid - 1e-6).sum(axis=0), hops])


def surviving(sums: np.ndarray) -> np.ndarray:
    r"""Return the share of particles that have not rearranged by each time (Kaplan-Meier).

    .. math:: S(t) = \prod_{t_k \le t} (1 - d_k / n_k)

    Parameters
    ----------
    sums : (2, n_times) array
        n_k and d_k from :func:`hazard_sums`.

    Returns
    -------
    (n_times,) array
        NaN from the time on at which no particle is at risk.
    """
    at_risk, hops = np.asarray(sums, dtype=float)
    kept = np.divide(at_risk - hops, at_risk, out=np.full_like(at_risk, np.nan), where=at_risk > 0)
    return np.cumprod(kept)
