"""S(t - t_hop): hopping particles beside others of the same frame, as they are or matched.

All sums are of pairs: an event, and a control of the same row. Both are followed through time, and
whatever brings one to the mean, such as having been picked for its softness, brings the other too.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from softcage.sampling import log_spaced
from softcage.statistics import in_order

PER_DECADE = 8
#: Further than this share of a standard deviation of S, a control is no match.
CALIPER = 0.1


def lags_of(longest: float, interval: float) -> np.ndarray:
    """Return lags in rows, log-spaced on both sides of 0, up to a time ``longest``."""
    after = log_spaced(max(1, int(longest / interval)), PER_DECADE)
    return np.concatenate([-after[::-1], [0], after])


def by_row(rows: np.ndarray) -> Iterator[tuple[int, slice]]:
    """Yield each row of ascending ``rows`` once, and the slice of them that it takes."""
    found, first = np.unique(rows, return_index=True)
    for row, begin, end in zip(found, first, np.append(first, len(rows))[1:], strict=True):
        yield int(row), slice(int(begin), int(end))


def random_controls(
    rows: np.ndarray, controls: np.ndarray, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Draw ``n`` controls of the same row for each event, (n_events, n); -1 where there is none.

    Parameters
    ----------
    rows : (n_events,) int array
        Ascending rows of events.
    controls : (F, n_particles) bool array
    n : int
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
    """Find for each event the control of its row that was nearest in S ``shift`` rows later.

    It is of the same class (number of B neighbours) there, and may serve several events.

    Parameters
    ----------
    rows, who : (n_events,) int array
        Ascending rows of events, and their particles.
    controls : (F, n_particles) bool array
    values, classes : (F, n_particles) array
        What is matched: nearly, and exactly.
    shift : int
        Negative: matched before the event.
    caliper : float
        Greatest distance in ``values``, in their standard deviations.

    Returns
    -------
    (n_events,) int64 array
        -1 where there is none.
    """
    found = np.full(len(rows), -1)
    reach = caliper * np.nanstd(values[:: max(1, len(values) // 100)])
    for row, here in by_row(rows):
        at = row + shift
        pool = np.flatnonzero(controls[row])
        if not len(pool) or not 0 <= at < len(values):
            continue
        apart = np.abs(values[at, who[here], None] - values[at, pool])
        unlike = classes[at, who[here], None] != classes[at, pool]
        apart[unlike | ~np.isfinite(apart)] = np.inf
        best = apart.argmin(axis=1)
        near = np.take_along_axis(apart, best[:, None], axis=1)[:, 0] <= reach
        found[here] = np.where(near, pool[best], -1)
    return found


def sum_with_controls(
    values: np.ndarray,
    rows: np.ndarray,
    who: np.ndarray,
    control: np.ndarray,
    lags: np.ndarray,
    block: np.ndarray,
    n_blocks: int,
) -> np.ndarray:
    """Add up S of events and of their controls at each lag, block by block.

    Parameters
    ----------
    values : (F, n_particles) array
        S; pairs with one that is NaN are left out, and so are lags before or after the run.
    rows, who, block : (n_events,) int array
        Of each event its row, its particle and its time block.
    control : (n_events, m) int array
        Its controls, -1 for none.
    lags : (n_lags,) int array
        In rows.
    n_blocks : int

    Returns
    -------
    (n_blocks, n_lags, 4) array
        Number of pairs; sum of S of the events, of the controls; how often the event was the
        softer one (:func:`softcage.statistics.in_order`). The last over the first is the ROC AUC.
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
