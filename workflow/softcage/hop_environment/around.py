"""S(t - t_hop) of hopping particles and of controls of the same frame, random or matched.

All sums are sums over pairs of an event and a control of the same row. Both are followed through
time, so that regression to the mean, for example after a selection by softness, affects both alike.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softcage.sampling import log_spaced
from softcage.statistics import in_order

PER_DECADE = 8
#: Largest difference in S between an event and a matched control, in standard deviations of S.
CALIPER = 0.1


def lags_of(longest: float, interval: float) -> np.ndarray:
    """Return lags in rows, log-spaced on both sides of 0, up to the time ``longest``."""
    after = log_spaced(max(1, int(longest / interval)), PER_DECADE)
    return np.concatenate([-after[::-1], [0], after])


def by_row(rows: np.ndarray) -> Iterator[tuple[int, slice]]:
    """Yield each distinct value of the ascending ``rows``, and the slice of ``rows`` with it."""
    distinct, first = np.unique(rows, return_index=True)
    for row, begin, end in zip(distinct, first, np.append(first, len(rows))[1:], strict=True):
        yield int(row), slice(int(begin), int(end))


def random_controls(
    rows: np.ndarray, controls: np.ndarray, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw ``n`` controls of the same row for each event, (n_events, n); -1 where there is none.

    Parameters
    ----------
    rows : (n_events,) int array
        Rows of the events, ascending.
    controls : (F, n_particles) bool array
        Particles that can serve as controls, for each row.
    n : int
        Number of controls for each event.
    rng : Generator
    """
    drawn = np.full((len(rows), n), -1)
    for row, here in by_row(rows):
        pool = np.flatnonzero(controls[row])
        if len(pool):
            drawn[here] = rng.choice(pool, (here.stop - here.start, n))
    return drawn


def matched_controls(
    rows: np.ndarray,
    who: np.ndarray,
    controls: np.ndarray,
    values: np.ndarray,
    classes: np.ndarray,
    shift: int = 0,
    caliper: float = CALIPER,
) -> np.ndarray:
    """Return for each event the control of its row that is nearest in S ``shift`` rows later.

    Event and control are then in the same class (number of B neighbours). A control may serve
    several events.

    Parameters
    ----------
    rows, who : (n_events,) int array
        Rows of the events, ascending, and their particles.
    controls : (F, n_particles) bool array
        Particles that can serve as controls, for each row.
    values, classes : (F, n_particles) array
        Quantities that are matched approximately and exactly.
    shift : int
        Rows from the event to the row of the match; negative for a match before the event.
    caliper : float
        Largest difference in ``values``, in their standard deviations.

    Returns
    -------
    (n_events,) int64 array
        Particles; -1 for events without a control.
    """
    matched = np.full(len(rows), -1)
    reach = caliper * np.nanstd(values[:: max(1, len(values) // 100)])
    for row, here in by_row(rows):
        at = row + shift
        pool = np.flatnonzero(controls[row])
        if not len(pool) or not 0 <= at < len(values):
            continue
        difference = np.abs(values[at, who[here], None] - values[at, pool])
        other_class = classes[at, who[here], None] != classes[at, pool]
        difference[other_class | ~np.isfinite(difference)] = np.inf
        best = difference.argmin(axis=1)
        near = np.take_along_axis(difference, best[:, None], axis=1)[:, 0] <= reach
        matched[here] = np.where(near, pool[best], -1)
    return matched


def sum_with_controls(
    values: np.ndarray,
    rows: np.ndarray,
    who: np.ndarray,
    control: np.ndarray,
    lags: np.ndarray,
    block: np.ndarray,
    n_blocks: int,
) -> np.ndarray:
    """Sum S of events and of their controls at each lag, in time blocks.

    Parameters
    ----------
    values : (F, n_particles) array
        The softness S. Pairs in which it is NaN are left out, and so are lags before the start or
        after the end of the run.
    rows, who, block : (n_events,) int array
        Row, particle and time block of each event.
    control : (n_events, m) int array
        Controls of each event; -1 for none.
    lags : (n_lags,) int array
        Lags in rows.
    n_blocks : int

    Returns
    -------
    (n_blocks, n_lags, 4) array
        Number of pairs, sum of S of the events, sum of S of the controls, and how often the event
        is the softer one (:func:`softcage.statistics.in_order`). The last divided by the first is
        the ROC AUC.
    """
    m = control.shape[1]
    rows, who, block = (np.repeat(array, m) for array in (rows, who, block))
    control = control.ravel()
    sums = np.zeros((n_blocks, len(lags), 4))
    for k, lag in enumerate(lags):
        at = rows + lag
        good = np.flatnonzero((at >= 0) & (at < len(values)) & (control >= 0))
        event = values[at[good], who[good]].astype(float)
        other = values[at[good], control[good]].astype(float)
        finite = np.isfinite(event) & np.isfinite(other)
        event, other, where = event[finite], other[finite], block[good][finite]
        for place, weights in enumerate((None, event, other, in_order(event, other))):
            sums[:, k, place] = np.bincount(where, weights, n_blocks)
    return sums
