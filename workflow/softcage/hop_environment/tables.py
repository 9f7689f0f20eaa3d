"""Tables of events: the sums of runs put together, with errors from blocks and runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from softcage.hop_environment.facilitation import BINS, matched_ratio
from softcage.hop_environment.sums import CENTRES, CONTROLS, VALUES
from softcage.statistics import bootstrap

EventSums = Mapping[
    str, np.ndarray
]  # of softcage.hop_environment.sums.sum_run, the blocks of all runs

#: Ratios of hazards: exposed and others as (beside a hop, turned soft), and whether S after the
#: hop is matched too, not only S before it and the B neighbours.
RATIOS = {
    "soft over hard, beside a hop": ((1, True), (1, False), False),
    "soft over hard, no hop beside": ((0, True), (0, False), False),
    "beside a hop over not, soft": ((1, True), (0, True), True),
    "beside a hop over not, hard": ((1, False), (0, False), True),
}

#: Hops of a group below which a ratio is not told.
FEWEST_HOPS = 10


def pooled(runs: Sequence[EventSums]) -> dict[str, np.ndarray]:
    """Line up the blocks of all runs; lags and bins are those of the first.

    Raises
    ------
    ValueError
        If lags or bins of distance differ.
    """
    first = runs[0]
    for name in ("lags", "edges"):
        if any(not np.array_equal(run[name], first[name]) for run in runs):
            raise ValueError(
                f"runs of one temperature differ in {name}: use the same frame interval, length "
                "and number of particles for all replicas"
            )
    shared = {name: first[name] for name in ("lags", "edges")}
    others = {name: np.concatenate([run[name] for run in runs]) for name in first}
    return others | shared


def around_table(sums: EventSums, **errors: Any) -> pd.DataFrame:
    """Return S(t - t_hop) of events and of their controls, the difference, and the AUC.

    Parameters
    ----------
    sums : mapping
        :func:`pooled`.
    **errors
        ``n_resamples``, ``seed`` and ``n_runs`` of :func:`softcage.statistics.bootstrap`.

    Returns
    -------
    DataFrame
        By values (S of the frame, or its mean over the Dt/2 up to it) and control (random, matched
        at the event, or Dt before it): time (from the event), n, and hopping, control, difference
        and auc with their errors. AUC: how often the event is the softer one of a pair.
    """
    parts = []
    for values in VALUES:
        for control in CONTROLS:
            blocks = sums[f"{values}_{control}"]
            found, error = _means_with_errors(blocks, **errors)
            columns = {"values": values, "control": control, "time": sums["lags"]}
            columns["n"] = blocks[..., 0].sum(axis=0).astype(int)
            names = ("hopping", "control_softness", "difference", "auc")
            for name, value, about in zip(names, found, error, strict=True):
                columns |= {name: value, f"{name}_error": about}
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _means(sums: np.ndarray) -> np.ndarray:
    """S of events and controls, the difference and the AUC, (4, n_lags)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        event, control, softer = sums[:, 1:].T / sums[:, 0]
    return np.stack([event, control, event - control, softer])


def _means_with_errors(blocks: np.ndarray, **errors: Any) -> tuple[np.ndarray, np.ndarray]:
    found, error, _ = bootstrap(blocks, _means, **errors)
    return found, _known(error, blocks[..., 0])


def _known(error: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return errors, NaN where fewer than two of the blocks, the first axis of n, have any."""
    return np.where(np.count_nonzero(n, axis=0) > 1, error, np.nan)


def half_lead(times: np.ndarray, auc: np.ndarray) -> float:
    """Return how long before the event AUC - 1/2 is half of what it is at the event.

    Parameters
    ----------
    times, auc : (n,) array
        Ascending, with 0; what is after 0 is not looked at.

    Returns
    -------
    float
        Positive, between two times on a straight line; NaN where it never falls so low.
    """
    lead, excess = -times[times <= 0][::-1], (auc[times <= 0] - 0.5)[::-1]
    below = np.flatnonzero(excess < 0.5 * excess[0])
    if not len(below) or not excess[0] > 0:
        return np.nan
    k = below[0]
    return float(np.interp(0.5 * excess[0], excess[[k, k - 1]], lead[[k, k - 1]]))


def longest_lead(times: np.ndarray, auc: np.ndarray, error: np.ndarray) -> float:
    """Return up to how long before the event AUC is above 1/2 by two errors, without a gap.

    It grows with the data, as :func:`half_lead` does not. NaN if not even at the event.
    """
    lead = np.abs(times[times <= 0][::-1])
    seen = (auc - 0.5 > 2 * error)[times <= 0][::-1]
    n = len(seen) if seen.all() else int(seen.argmin())
    return float(lead[n - 1]) if n else np.nan


def lead_table(sums: EventSums, tau: float, **errors: Any) -> pd.DataFrame:
    """Return how far ahead hops can be seen: half of the AUC's excess, and the last sign of it.

    Parameters
    ----------
    sums, errors
        As :func:`around_table`.
    tau : float
        tau_alpha.
    """
    rows, times = [], sums["lags"]
    for values in VALUES:
        blocks = sums[f"{values}_random"]
        found, error = _means_with_errors(blocks, **errors)
        half, half_error, _ = bootstrap(
            blocks, lambda total: np.array(half_lead(times, _means(total)[3])), **errors
        )
        at = int(np.flatnonzero(times == 0)[0])
        longest = longest_lead(times, found[3], error[3])
        known = np.isfinite(longest)  # half of nothing says nothing
        rows.append({
            "values": values,
            "tau_alpha": tau,
            "auc": found[3, at],
            "auc_error": error[3, at],
            "half_lead": float(half) if known else np.nan,
            "half_lead_error": float(half_error) if known else np.nan,
            "longest_lead": longest,
            "longest_looked_at": abs(times[0]),
        })  # fmt: skip
    return pd.DataFrame(rows)


def change_table(sums: EventSums, **errors: Any) -> pd.DataFrame:
    """Return S of neighbours before a hop and its change, against the distance.

    Returns
    -------
    DataFrame
        By centre (of :data:`softcage.hop_environment.sums.CENTRES`, and the differences ``hop -
        at`` and ``hop - random``): r, n, before, change, spread (root mean square change), with
        errors.
    """
    blocks = np.stack([sums[f"change_{centre}"] for centre in CENTRES], axis=1)

    def statistic(total: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            before, after, square = np.moveaxis(total[..., 1:] / total[..., :1], -1, 0)
        each = np.stack([before, after - before, np.sqrt(square)])
        return np.concatenate([each, each[:, :1] - each[:, 1:]], axis=1)

    found, error, _ = bootstrap(blocks, statistic, **errors)
    n = blocks[..., 0]
    n = np.concatenate([n, np.minimum(n[:, :1], n[:, 1:])], axis=1)  # and of the differences
    error, counts = _known(error, n), n.sum(axis=0)
    names = [*CENTRES, *(f"hop - {centre}" for centre in CENTRES[1:])]
    parts = []
    for k, name in enumerate(names):
        columns = {"centre": name, "r": 0.5 * (sums["edges"][1:] + sums["edges"][:-1])}
        columns["n"] = counts[k].astype(int)
        for place, what in enumerate(("before", "change", "spread")):
            columns |= {what: found[place, k], f"{what}_error": error[place, k]}
        parts.append(pd.DataFrame(columns))
    table = pd.concat(parts, ignore_index=True)
    return table[table["n"] > 0]


def hazard_table(sums: EventSums, **errors: Any) -> pd.DataFrame:
    """Return the share of particles, hard before, that hop within Dt, against S after the hop.

    Returns
    -------
    DataFrame
        By beside (whether a hop was): rank (of S among all particles, 0 to 1), n, hops, hazard.
    """
    blocks = sums["hazard"].sum(axis=(2, 4))

    def statistic(total: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return total[..., 1] / total[..., 0]

    found, error, _ = bootstrap(blocks, statistic, **errors)
    error = _known(error, blocks[..., 0])
    n, hops = np.moveaxis(blocks.sum(axis=0), -1, 0)
    return pd.concat(
        [
            pd.DataFrame({
                "beside": bool(beside),
                "rank": (np.arange(BINS) + 0.5) / BINS,
                "n": n[beside],
                "hops": hops[beside],
                "hazard": found[beside],
                "hazard_error": error[beside],
            })
            for beside in (0, 1)
        ],
        ignore_index=True,
    )  # fmt: skip


def ratio_table(sums: EventSums, **errors: Any) -> pd.DataFrame:
    """Return the ratios of hazards of :data:`RATIOS`, matched, with errors.

    Returns
    -------
    DataFrame
        ratio (its name), value, error, and the hops of both groups; a ratio of fewer than
        :data:`FEWEST_HOPS` in one of them is NaN.
    """
    value, error, _ = bootstrap(sums["hazard"], _ratios, **errors)
    hops = [[group[..., 1].sum() for group in pair] for pair in _groups(sums["hazard"].sum(axis=0))]
    exposed, other = np.transpose(hops)
    enough = np.minimum(exposed, other) >= FEWEST_HOPS
    return pd.DataFrame({
        "ratio": list(RATIOS),
        "value": np.where(enough, value, np.nan),
        "error": np.where(enough, error, np.nan),
        "hops_exposed": exposed,
        "hops_other": other,
    })  # fmt: skip


def _ratios(total: np.ndarray) -> np.ndarray:
    return np.array([matched_ratio(*pair) for pair in _groups(total)])


def _groups(total: np.ndarray) -> list[list[np.ndarray]]:
    """Return the counts of the two groups of each ratio, in the strata that are matched."""
    return [
        [group if after_too else group.sum(axis=1) for group in (_of(total, *a), _of(total, *b))]
        for a, b, after_too in RATIOS.values()
    ]


def _of(total: np.ndarray, beside: int, soft: bool) -> np.ndarray:
    """Return the counts of one group: beside a hop or not, in the soft half afterwards or not."""
    half = BINS // 2
    return total[beside][:, half:] if soft else total[beside][:, :half]


#: The tables of a temperature by name.
EVENT_TABLES = {
    "around": around_table,
    "change": change_table,
    "hazard": hazard_table,
    "ratio": ratio_table,
}


def tables(runs: Sequence[EventSums], tau: float, **errors: Any) -> dict[str, pd.DataFrame]:
    """Return all tables of one temperature: those of :data:`EVENT_TABLES`, and ``lead``.

    Parameters
    ----------
    runs : sequence of mapping
        Of each replica.
    tau : float
    **errors
        ``n_resamples`` and ``seed`` of the bootstrap.
    """
    sums = pooled(runs)
    errors = {**errors, "n_runs": len(runs)}
    found = {name: table(sums, **errors) for name, table in EVENT_TABLES.items()}
    return found | {"lead": lead_table(sums, tau, **errors)}
