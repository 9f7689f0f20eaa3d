r"""What happens to the particles of one frame: do they rearrange now, and when do they next?

Rearrangements are those of the study, maximal runs of frames with p_hop > p_c
(:mod:`softcage.dynamics.hops`). p_hop at t looks half a window back and half a window ahead, so
that the structure at t is partly concurrent with a hop *now*. The *first hop* is strictly ahead:
only particles without a rearrangement in [t - Dt/2, t] count, and theirs has to begin after t.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu


@dataclass(frozen=True, eq=False)
class Fates:
    """Labels of the particles of one frame.

    Attributes
    ----------
    now : (n,) bool array
        p_hop > p_c at the frame.
    caged : (n,) bool array
        Without a rearrangement in the half window up to the frame.
    wait : (n,) array
        Time to the next rearrangement, or to the end of the record.
    seen : (n,) bool array
        There is one; else the waiting time is censored.
    record : float
        Time to the end of the record, where the waiting times of all are censored.
    """

    now: np.ndarray
    caged: np.ndarray
    wait: np.ndarray
    seen: np.ndarray
    record: float

    def hops_now(self) -> tuple[np.ndarray, np.ndarray]:
        """Return who counts, which is everybody, and who rearranges, (n,) bool."""
        return np.ones_like(self.now), self.now

    def hops_within(self, time: float) -> tuple[np.ndarray, np.ndarray]:
        """Return who is caged, and who of all rearranges first within ``time``, (n,) bool.

        Nobody counts where the record ends before: who has not hopped by then is not known to stay.
        """
        known = self.record >= time - 1e-9
        return self.caged & known, self.seen & (self.wait <= time + 1e-9)


def fates(events: pd.DataFrame, n: int, time: float, half: float, end: float) -> Fates:
    """Label the particles of one frame.

    Parameters
    ----------
    events : DataFrame
        Columns particle, start_time and end_time (:func:`softcage.dynamics.hops.events`), of one
        hop window.
    n : int
        Particles.
    time : float
        Of the frame.
    half : float
        Dt / 2. p_hop is known from Dt / 2 on.
    end : float
        Time of the last p_hop.

    Raises
    ------
    ValueError
        If the frame lies where p_hop is not known.
    """
    if time < 2 * half - 1e-9 or time > end + 1e-9:
        raise ValueError(
            f"a frame at t = {time:g} cannot be labelled: p_hop in the half window before it and "
            f"at it is known for t from {2 * half:g} to {end:g}"
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
    return Fates(now, ~recent, np.where(seen, following, end) - time, seen, end - time)


def hazard_sums(wait: np.ndarray, seen: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Return how many are at risk at each time, and how many of them rearrange then.

    Sums of several frames add up, whatever the length of their records.

    Parameters
    ----------
    wait : (n,) array
    seen : (n,) bool array
    grid : (n_times,) array
        All times at which a rearrangement can be seen, ascending.

    Returns
    -------
    (2, n_times) array
        Who is censored at a time is at risk at it.
    """
    # to the nearest: times are sums of floating-point numbers
    places = np.clip(np.searchsorted(grid, wait), 1, len(grid) - 1)
    places -= wait - grid[places - 1] < grid[places] - wait
    inside = seen & (wait < grid[-1] + 1e-6)
    hops = np.bincount(places[inside], minlength=len(grid))
    return np.stack([(wait[:, None] >= grid - 1e-6).sum(axis=0), hops])


def surviving(sums: np.ndarray) -> np.ndarray:
    r"""Share that has not rearranged by each time, after Kaplan and Meier.

    .. math:: S(t) = \prod_{t_k \le t} (1 - d_k / n_k)

    Parameters
    ----------
    sums : (2, n_times) array
        n_k and d_k, :func:`hazard_sums`.

    Returns
    -------
    (n_times,) array
        NaN from where nobody is at risk.
    """
    at_risk, hops = np.asarray(sums, dtype=float)
    kept = np.divide(at_risk - hops, at_risk, out=np.full_like(at_risk, np.nan), where=at_risk > 0)
    return np.cumprod(kept)


def auc_sums(values: np.ndarray, counted: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Return the pairs of a positive and a negative particle, and those of them in order.

    Pairs are those within one frame: sums of several frames add up, and the ratio is the ROC AUC.

    Parameters
    ----------
    values : (n_particles, n_columns) array
        Numbers that may tell positive from negative.
    counted, positive : (n_particles,) bool array

    Returns
    -------
    (n_columns, 2) array
        Zero where one kind is absent.
    """
    labels = positive[counted]
    pairs = float(labels.sum()) * float((~labels).sum())
    if not pairs:
        return np.zeros((values.shape[1], 2))
    columns = values[counted]
    # U of Mann and Whitney, a tie for half a pair: for all columns at once, as roc_auc_score is not
    ordered = mannwhitneyu(columns[labels], columns[~labels], method="asymptotic").statistic
    return np.column_stack([np.full(len(ordered), pairs), ordered])
