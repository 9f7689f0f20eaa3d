"""Tables of softness around events from the sums of all runs, with errors from blocks and runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from softcage.hop_environment.facilitation import BINS, matched_ratio
from softcage.hop_environment.sums import CENTRES, CONTROLS, VALUES
from softcage.statistics import bootstrap

# from softcage.hop_environment.sums.sum_run, with the blocks of all runs
EventSums = Mapping[str, np.ndarray]

#: Ratios of hazards: the exposed and the other group as (beside a hop, soft after it), and whether
#: S after the hop is matched in addition to S before it and the number of B neighbours.
RATIOS = {
    "soft over hard, beside a hop": ((1, True), (1, False), False),
    "soft over hard, no hop beside": ((0, True), (0, False), False),
    "beside a hop over not, soft": ((1, True), (0, True), True),
    "beside a hop over not, hard": ((1, False), (0, False), True),
}

#: Number of hops in a group below which no ratio is given.
FEWEST_HOPS = 10


def pooled(runs: Sequence[EventSums]) -> dict[str, np.ndarray]:
    """Concatenate the blocks of all runs; lags and bins are those of the first run.

    Raises
    ------
    ValueError
        If runs differ in their lags or in their bins of the distance.
    """
    first = runs[0]
    for name in ("lags", "edges"):
        if any(not np.array_equal(run[name], first[name]) for run in runs):
            raise ValueError(
                f"the runs of one temperature differ in {name}: use the same frame interval, "
                "length and number of particles for all replicas"
            )
    shared = {name: first[name] for name in ("lags", "edges")}
    others = {name: np.concatenate([run[name] for run in runs]) for name in first}
    return others | shared


def around_table(sums: EventSums, **errors: Any) -> pd.DataFrame:
    """Return S(t - t_hop) of events and of their controls, the difference, and the AUC.

    Parameters
    ----------
    sums : mapping
        Sums of all runs from :func:`pooled`.
    **errors
        ``resamples``, ``seed`` and ``n_runs`` for :func:`softcage.statistics.bootstrap`.

    Returns
    -------
    DataFrame
        One row per ``values`` (S of the frame, or its mean over the Dt/2 up to it), ``control``
        (random, matched at the event, or matched Dt before it) and ``time`` since the event; with
        n, and hopping, control_softness, difference and auc with their errors. The AUC is the
        probability that the event is the softer one of a pair.
    """
    parts = []
    for values in VALUES:
        for control in CONTROLS:
            blocks = sums[f"{values}_{control}"]
            means, error = _means_with_errors(blocks, **errors)
            columns = {"values": values, "control": control, "time": sums["lags"]}
            columns["n"] = blocks[..., 0].sum(axis=0).astype(int)
            names = ("hopping", "control_softness", "difference", "auc")
            for name, value, its_error in zip(names, means, error, strict=True):
                columns |= {name: value, f"{name}_error": its_error}
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _means(sums: np.ndarray) -> np.ndarray:
    """Return S of events, S of controls, their difference and the AUC, (4, n_lags)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        event, control, softer = sums[:, 1:].T / sums[:, 0]
    return np.stack([event, control, event - control, softer])


def _means_with_errors(blocks: np.ndarray, **errors: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return :func:`_means` with their errors, both (4, n_lags)."""
    means, error, _ = bootstrap(blocks, _means, **errors)
    return means, _known(error, blocks[..., 0])


def _known(error: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return ``error``, with NaN where fewer than two blocks (the first axis of n) have counts."""
    return np.where(np.count_nonzero(n, axis=0) > 1, error, np.nan)


def half_lead(times: np.ndarray, auc: np.ndarray) -> float:
    """Return how long before the event AUC - 1/2 is half of its value at the event.

    Parameters
    ----------
    times, auc : (n,) array
        Ascending times since the event, which include 0, and the AUC; positive times are ignored.

    Returns
    -------
    float
        A positive time, linearly interpolated; NaN if AUC - 1/2 never falls so low.
    """
    lead, excess = -times[times <= 0][::-1], (auc[times <= 0] - 0.5)[::-1]
    below = np.flatnonzero(excess < 0.5 * excess[0])
    if not len(below) or not excess[0] > 0:
        return np.nan
    k = below[0]
    return float(np.interp(0.5 * excess[0], excess[[k, k - 1]], lead[[k, k - 1]]))


def longest_lead(times: np.ndarray, auc: np.ndarray, error: np.ndarray) -> float:
    """Return the longest time before the event up to which AUC - 1/2 exceeds two errors throughout.

    Unlike :func:`half_lead`, this time grows with the amount of data. It is NaN if AUC - 1/2 does
    not exceed two errors at the event.
    """
    lead = np.abs(times[times <= 0][::-1])
    seen = (auc - 0.5 > 2 * error)[times <= 0][::-1]
    n = len(seen) if seen.all() else int(seen.argmin())
    return float(lead[n - 1]) if n else np.nan


def lead_table(sums: EventSums, tau: float, **errors: Any) -> pd.DataFrame:
    """Return how long before hops the softness predicts them: half lead and longest lead.

    Parameters
    ----------
    sums, errors
        As for :func:`around_table`.
    tau : float
        tau_alpha of the temperature.
    """
    rows, times = [], sums["lags"]
    for values in VALUES:
        blocks = sums[f"{values}_random"]
        means, error = _means_with_errors(blocks, **errors)
        half, half_error, _ = bootstrap(
            blocks, lambda total: np.array(half_lead(times, _means(total)[3])), **errors
        )
        at = int(np.flatnonzero(times == 0)[0])
        longest = longest_lead(times, means[3], error[3])
        known = np.isfinite(longest)  # without an excess at the event its half has no meaning
        rows.append({
            "values": values,
            "tau_alpha": tau,
            "auc": means[3, at],
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
        One row per ``centre`` (one of :data:`softcage.hop_environment.sums.CENTRES`, or a
        difference ``hop - at`` or ``hop - random``) and distance r, with n, and before, change and
        spread (root mean square change) with errors.
    """
    blocks = np.stack([sums[f"change_{centre}"] for centre in CENTRES], axis=1)

    def statistic(total: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            before, after, square = np.moveaxis(total[..., 1:] / total[..., :1], -1, 0)
        each = np.stack([before, after - before, np.sqrt(square)])
        return np.concatenate([each, each[:, :1] - each[:, 1:]], axis=1)

    numbers, error, _ = bootstrap(blocks, statistic, **errors)
    n = blocks[..., 0]
    n = np.concatenate([n, np.minimum(n[:, :1], n[:, 1:])], axis=1)  # the last: of differences
    error, counts = _known(error, n), n.sum(axis=0)
    names = [*CENTRES, *(f"hop - {centre}" for centre in CENTRES[1:])]
    parts = []
    for k, name in enumerate(names):
        columns = {"centre": name, "r": 0.5 * (sums["edges"][1:] + sums["edges"][:-1])}
        columns["n"] = counts[k].astype(int)
        for place, column in enumerate(("before", "change", "spread")):
            columns |= {column: numbers[place, k], f"{column}_error": error[place, k]}
        parts.append(pd.DataFrame(columns))
    table = pd.concat(parts, ignore_index=True)
    return table[table["n"] > 0]


def hazard_table(sums: EventSums, **errors: Any) -> pd.DataFrame:
    """Return the share of hard particles that hop within Dt, against their S after the hop.

    Returns
    -------
    DataFrame
        One row per ``beside`` (whether a hop was beside the particle) and ``rank`` (of S among all
        particles, 0 to 1), with n, hops and hazard.
    """
    blocks = sums["hazard"].sum(axis=(2, 4))

    def statistic(total: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return total[..., 1] / total[..., 0]

    numbers, error, _ = bootstrap(blocks, statistic, **errors)
    error = _known(error, blocks[..., 0])
    n, hops = np.moveaxis(blocks.sum(axis=0), -1, 0)
    return pd.concat(
        [
            pd.DataFrame({
                "beside": bool(beside),
                "rank": (np.arange(BINS) + 0.5) / BINS,
                "n": n[beside],
                "hops": hops[beside],
                "hazard": numbers[beside],
                "hazard_error": error[beside],
            })
            for beside in (0, 1)
        ],
        ignore_index=True,
    )  # fmt: skip


def ratio_table(sums: EventSums, **errors: Any) -> pd.DataFrame:
    """Return the matched ratios of hazards of :data:`RATIOS`, with errors.

    Returns
    -------
    DataFrame
        Columns ratio (its name), value, error, hops_exposed and hops_other. The ratio is NaN if one
        of the groups has fewer than :data:`FEWEST_HOPS` hops.
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
    """Return the counts of the two groups of each ratio, in the strata for matching."""
    return [
        [
            group if after_too else group.sum(axis=1)
            for group in (_group(total, *a), _group(total, *b))
        ]
        for a, b, after_too in RATIOS.values()
    ]


def _group(total: np.ndarray, beside: int, soft: bool) -> np.ndarray:
    """Return the counts of one group: beside a hop or not, afterwards in the soft half or not."""
    half = BINS // 2
    return total[beside][:, half:] if soft else total[beside][:, :half]


#: The tables of a temperature, by name.
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
        Sums of each replica.
    tau : float
        tau_alpha of the temperature.
    **errors
        ``resamples`` and ``seed`` of the bootstrap.
    """
    sums = pooled(runs)
    errors = {**errors, "n_runs": len(runs)}
    by_name = {name: table(sums, **errors) for name, table in EVENT_TABLES.items()}
    return by_name | {"lead": lead_table(sums, tau, **errors)}
