"""Everything that one run says of its events, as sums that add up with those of other runs."""

from __future__ import annotations

import numpy as np

from softcage.dynamics.labels import events_and_controls, quiet_before
from softcage.hop_environment.around import (
    lags_of,
    matched_controls,
    random_controls,
    sum_with_controls,
)
from softcage.hop_environment.facilitation import (
    R_BIN,
    R_MAX,
    count_hazards,
    count_neighbours,
    sweep,
)
from softcage.hop_environment.series import HopSeries, trailing_mean
from softcage.io.trajectory import Trajectory
from softcage.statistics import block_slices

#: S of the frame, and averaged over the Dt/2 up to it.
VALUES = ("frame", "mean")
#: Whom an event is compared with: others of its frame as they come; those of the same S and number
#: of B neighbours at the event, and Dt before it.
CONTROLS = ("random", "at", "before")
#: Whose neighbours are looked at: of events, of controls matched at the event, of random controls.
CENTRES = ("hop", "at", "random")
OTHERS = 8  # random controls of an event


def longest_lag(tau: float, window: float, length: float) -> float:
    """Return how far S is followed: 5 tau_alpha, at least 2 Dt, at most half of the run."""
    return min(max(5 * np.nan_to_num(tau), 2 * window), 0.5 * length)


def sum_run(
    series: HopSeries,
    uniform: Trajectory,
    shells: tuple[float, float],
    longest: float,
    n_blocks: int,
    seed: int | list[int],
) -> dict[str, np.ndarray]:
    """Sum over the events of one run, in time blocks.

    All rows are in memory, with about 15 bytes per row and A particle: 0.3 GB for 3200 of them and
    a run of 8100, 1.5 apart.

    Parameters
    ----------
    series : HopSeries
    uniform : Trajectory
        The same run.
    shells : pair of float
        Ends of the first shells of A and of B particles around an A particle.
    longest : float
        Longest lag, a time.
    n_blocks : int
        Time blocks.
    seed : int or list of int
        Of the random controls.

    Returns
    -------
    dict
        ``lags`` (a time) and, for each of :data:`VALUES` and :data:`CONTROLS`,
        ``{values}_{control}`` (:func:`softcage.hop_environment.around.sum_with_controls`);
        ``edges`` and, for each of :data:`CENTRES`, ``change_{centre}``
        (:func:`softcage.hop_environment.facilitation.sweep`); ``hazard``
        (:func:`softcage.hop_environment.facilitation.count_hazards`); ``events`` and ``matched``,
        (n_blocks,) numbers of events, and of those matched at the event.
    """
    n_rows, window = len(series.frames), 2 * series.half
    slices = block_slices(n_rows, min(n_blocks, n_rows))
    block = np.repeat(np.arange(len(slices)), [part.stop - part.start for part in slices])
    is_event, controls = events_and_controls(series.moving, series.half)
    rows, who = np.nonzero(is_event)
    a_shell, b_shell = shells
    classes = count_neighbours(uniform, series.frames, b_shell)
    mean = trailing_mean(series.softness, series.half)
    lags = lags_of(longest, series.interval)
    rng = np.random.default_rng(seed)
    others = random_controls(rows, controls, OTHERS, rng)

    found: dict[str, np.ndarray] = {"lags": lags * series.interval}
    for name, values in zip(VALUES, (series.softness, mean), strict=True):
        at, before = (
            matched_controls(rows, who, controls, values, classes, shift)[:, None]
            for shift in (0, -window)
        )
        for control, chosen in zip(CONTROLS, (others, at, before), strict=True):
            found[f"{name}_{control}"] = sum_with_controls(
                values, rows, who, chosen, lags, block[rows], len(slices)
            )
    matched = at[:, 0]  # in the mean, of the two
    centres = {"hop": (rows, who)}
    for name, chosen in (("at", matched), ("random", others[:, 0])):
        centres[name] = (rows[chosen >= 0], chosen[chosen >= 0])
    edges = np.arange(0, min(R_MAX, 0.5 * uniform.box) + 1e-9, R_BIN)
    quiet = quiet_before(series.moving, window)
    changes, beside = sweep(uniform, series, mean, quiet, centres, a_shell, block, edges)
    found |= {"edges": edges} | {f"change_{name}": sums for name, sums in changes.items()}
    found["hazard"] = count_hazards(series, mean, beside, classes, block)
    found["events"] = np.bincount(block[rows], minlength=len(slices))
    found["matched"] = np.bincount(block[rows[matched >= 0]], minlength=len(slices))
    return found
