"""Sums over the events of one run, which can be added to those of other runs."""

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

#: The softness S that is followed: that of the frame, and the mean over the Dt/2 up to it.
VALUES = ("frame", "mean")
#: The controls with which an event is compared: random ones of its frame, and those with the same S
#: and number of B neighbours at the event, or Dt before it.
CONTROLS = ("random", "at", "before")
#: The particles whose neighbours are followed: events, controls matched at the event, random ones.
CENTRES = ("hop", "at", "random")
OTHERS = 8  # random controls for each event


def longest_lag(tau: float, window: float, length: float) -> float:
    """Return the longest lag: 5 tau_alpha, but at least 2 Dt and at most half of the run."""
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

    All rows are in memory and take about 15 bytes per row and A particle: 0.3 GB for 3200 A
    particles and a run of length 8100 with rows 1.5 apart.

    Parameters
    ----------
    series : HopSeries
        Softness and hops of the run.
    uniform : Trajectory
        Evenly spaced frames of the run.
    shells : pair of float
        Outer radii of the first shells of A and of B particles around an A particle, sigma_AA.
    longest : float
        Longest lag, a time.
    n_blocks : int
        Number of time blocks.
    seed : int or list of int
        Seed of the random controls.

    Returns
    -------
    dict
        ``lags`` (a time) and, for each of :data:`VALUES` and :data:`CONTROLS`,
        ``{values}_{control}`` (:func:`softcage.hop_environment.around.sum_with_controls`);
        ``edges`` and, for each of :data:`CENTRES`, ``change_{centre}``
        (:func:`softcage.hop_environment.facilitation.sweep`); ``hazard``
        (:func:`softcage.hop_environment.facilitation.count_hazards`); ``events`` and ``matched``,
        numbers of events and of those with a control matched at the event, (n_blocks,).
    """
    n_rows, window = len(series.frames), 2 * series.half
    slices = block_slices(n_rows, min(n_blocks, n_rows))
    block = np.repeat(np.arange(len(slices)), [part.stop - part.start for part in slices])
    is_event, controls = events_and_controls(series.moving, series.half)
    rows, particles = np.nonzero(is_event)
    a_shell, b_shell = shells
    classes = count_neighbours(uniform, series.frames, b_shell)
    mean = trailing_mean(series.softness, series.half)
    lags = lags_of(longest, series.interval)
    rng = np.random.default_rng(seed)
    random = random_controls(rows, controls, OTHERS, rng)

    sums: dict[str, np.ndarray] = {"lags": lags * series.interval}
    for name, values in zip(VALUES, (series.softness, mean), strict=True):
        at, before = (
            matched_controls(rows, particles, controls, values, classes, shift)[:, None]
            for shift in (0, -window)
        )
        for control, selected in zip(CONTROLS, (random, at, before), strict=True):
            sums[f"{name}_{control}"] = sum_with_controls(
                values, rows, particles, selected, lags, block[rows], len(slices)
            )
    matched = at[:, 0]  # matched in the mean, which comes last in VALUES
    centres = {"hop": (rows, particles)}
    for name, selected in (("at", matched), ("random", random[:, 0])):
        centres[name] = (rows[selected >= 0], selected[selected >= 0])
    edges = np.arange(0, min(R_MAX, 0.5 * uniform.box) + 1e-9, R_BIN)
    quiet = quiet_before(series.moving, window)
    changes, beside = sweep(uniform, series, mean, quiet, centres, a_shell, block, edges)
    sums |= {"edges": edges} | {f"change_{name}": change for name, change in changes.items()}
    sums["hazard"] = count_hazards(series, mean, beside, classes, block)
    sums["events"] = np.bincount(block[rows], minlength=len(slices))
    sums["matched"] = np.bincount(block[rows[matched >= 0]], minlength=len(slices))
    return sums
