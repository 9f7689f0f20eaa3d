"""Distributions, P_R, shares on the soft side of the peak and ROC AUC, computed from counts.

Everything is a function of two histograms: that of all A particles and that of the rearranging ones
(:mod:`softcage.prediction.counts`).
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from softcage.prediction.counts import SUB_BINS, Counts, coarse
from softcage.prediction.peak import density, peak
from softcage.statistics import bootstrap, roc_auc

# Smooth curves are written at the centre of every second fine bin.
_CURVE_STRIDE = 2

#: What :func:`summarise` returns.
SUMMARY = ("peak", "share_all", "share_rearranging", "auc", "mean", "std")


def rearranging_share(counts: np.ndarray) -> np.ndarray:
    """Return P_R(S), the fraction of the particles with softness S at t that rearrange at t.

    Parameters
    ----------
    counts : (..., 2, n_bins) array
        Counts of all and of rearranging particles.

    Returns
    -------
    (..., n_bins) array
        NaN where there are no particles.
    """
    everyone, rearranging = counts[..., 0, :], counts[..., 1, :]
    return np.divide(rearranging, everyone, out=np.full(everyone.shape, np.nan), where=everyone > 0)


def densities(counts: np.ndarray, width: float) -> np.ndarray:
    """Return P(S) of all and of rearranging particles, (2, n_bins); NaN without particles.

    ``counts`` are fine counts; ``width`` is that of the bins of the table.
    """
    total = counts.sum(axis=-1, keepdims=True)
    return np.divide(
        coarse(counts),
        total * width,
        out=np.full((*counts.shape[:-1], (counts.shape[-1] - 2) // SUB_BINS), np.nan),
        where=total > 0,
    )


def share_above(counts: np.ndarray, edges: np.ndarray, value: np.ndarray | float) -> np.ndarray:
    """Return the share of the counts above ``value``, linear within a bin; NaN without counts.

    Parameters
    ----------
    counts : (..., n + 2) array
        Fine counts; the first and the last are those below and above all bins.
    edges : (n + 1,) array
        Edges of the fine bins.
    value : (...) array

    Returns
    -------
    (...) array
    """
    total, value = counts.sum(axis=-1), np.asarray(value, dtype=float)
    cumulative = np.cumsum(counts[..., :-1], axis=-1)
    share = np.full(total.shape, np.nan)
    for place in np.ndindex(total.shape):
        if total[place] > 0 and np.isfinite(value[place]):
            share[place] = 1.0 - np.interp(value[place], edges, cumulative[place]) / total[place]
    return share


def summarise(counts: np.ndarray, edges: np.ndarray, soft_is_high: bool = True) -> np.ndarray:
    """Return the peak of P, the shares on its soft side, the AUC, the mean and standard deviation.

    Parameters
    ----------
    counts : (..., 2, n + 2) array
        Fine counts of all and of rearranging particles.
    edges : (n + 1,) array
        Edges of the fine bins.
    soft_is_high : bool
        True for the softness, False for the depth.

    Returns
    -------
    (..., 6) array
        The numbers in the order of :data:`SUMMARY`. The AUC is that of the softness, or of minus
        the depth, for rearranging against all other particles. Mean and standard deviation are
        those of the particles inside the edges.
    """
    everyone, rearranging = counts[..., 0, :], counts[..., 1, :]
    top = peak(everyone, edges)
    shares = [share_above(part, edges, top) for part in (everyone, rearranging)]
    auc = roc_auc(rearranging, everyone - rearranging)
    if not soft_is_high:
        shares, auc = [1.0 - share for share in shares], 1.0 - auc
    centers, weights = 0.5 * (edges[1:] + edges[:-1]), everyone[..., 1:-1].astype(float)
    with np.errstate(invalid="ignore"):  # NaN without particles inside the edges
        total = weights.sum(axis=-1)
        mean = (centers * weights).sum(axis=-1) / total
        squares = (centers - mean[..., None]) ** 2
        std = np.sqrt((squares * weights).sum(axis=-1) / total)
    return np.stack([top, *shares, auc, mean, std], axis=-1)


def summary_of(
    counts: np.ndarray,
    edges: np.ndarray,
    resamples: int,
    seed: int,
    soft_is_high: bool = True,
    n_runs: int = 1,
) -> dict[str, float]:
    """Return :func:`summarise` of counts (n_blocks, 2, n + 2) by name, each with its ``_error``."""
    statistic = partial(summarise, edges=edges, soft_is_high=soft_is_high)
    values, errors, _ = bootstrap(counts, statistic, resamples, seed, n_runs, many=True)
    row = {}
    for name, value, error in zip(SUMMARY, values, errors, strict=True):
        row[name], row[f"{name}_error"] = float(value), float(error)
    return row


# ---------------------------------------------------------------- tables
def summary_table(
    counts: Counts, edges: dict[str, np.ndarray], resamples: int, seed: int, n_runs: int = 1
) -> pd.DataFrame:
    """Return one row for each window, lag and quantity of ``counts``.

    Parameters
    ----------
    counts : dict
        Counts from :func:`softcage.prediction.counts.count_run`, with the blocks of all runs
        concatenated.
    edges : dict
        Edges of the fine bins of each quantity.
    resamples, seed, n_runs : int
        As for :func:`softcage.statistics.bootstrap`.

    Returns
    -------
    DataFrame
        Columns quantity, window, lag, :data:`SUMMARY` with errors, n_all, n_rearranging.
    """
    rows = []
    for (window, lag, quantity), blocks in counts.items():
        soft_is_high = quantity == "softness"
        numbers = summary_of(blocks, edges[quantity], resamples, seed, soft_is_high, n_runs)
        n_all, n_rearranging = blocks.sum(axis=(0, 2))
        head = {"quantity": quantity, "window": window, "lag": lag}
        rows.append(head | numbers | {"n_all": int(n_all), "n_rearranging": n_rearranging})
    return pd.DataFrame(rows)


def distribution_table(
    counts: Counts, edges: dict[str, np.ndarray], resamples: int, seed: int, n_runs: int = 1
) -> pd.DataFrame:
    """Return P, P of rearranging particles and P_R in bins, for each window and quantity at lag 0.

    The arguments are those of :func:`summary_table`, but ``edges`` are those of the bins of the
    table.
    """
    tables = []
    for (window, lag, quantity), blocks in counts.items():
        if lag == "0":
            table = _distribution(blocks, edges[quantity], resamples, seed, n_runs)
            table.insert(0, "quantity", quantity)
            table.insert(1, "window", window)
            tables.append(table)
    return pd.concat(tables)


def _distribution(
    counts: np.ndarray, edges: np.ndarray, resamples: int, seed: int, n_runs: int
) -> pd.DataFrame:
    width = edges[1] - edges[0]

    def statistic(total: np.ndarray) -> np.ndarray:
        return np.vstack([densities(total, width), rearranging_share(coarse(total))])

    values, errors, _ = bootstrap(counts, statistic, resamples, seed, n_runs)
    everyone, rearranging = coarse(counts.sum(axis=0))
    everyone = everyone.astype(np.int64)
    return pd.DataFrame(
        {
            "bin_left": edges[:-1],
            "bin_center": 0.5 * (edges[1:] + edges[:-1]),
            "bin_width": width,
            "count_all": everyone,
            "count_rearranging": rearranging,
            "density_all": values[0],
            "density_all_error": errors[0],
            "density_rearranging": values[1],
            "density_rearranging_error": errors[1],
            "p_r": values[2],
            "p_r_error": errors[2],
        }
    )


def curve_table(
    counts: Counts,
    edges: dict[str, np.ndarray],
    window: float,
    resamples: int,
    seed: int,
    n_runs: int = 1,
) -> pd.DataFrame:
    """Return the smoothed P of all and of rearranging particles, for one window and lag 0.

    The arguments are those of :func:`summary_table`. The curves are computed by
    :func:`softcage.prediction.peak.density`.

    Returns
    -------
    DataFrame
        Columns quantity, value, density_all and density_rearranging with errors; from the first
        to the last value that occurs.
    """
    tables = []
    for quantity, fine in edges.items():
        blocks = counts[window, "0", quantity]
        values, errors, _ = bootstrap(blocks, partial(density, edges=fine), resamples, seed, n_runs)
        table = {"quantity": quantity, "value": 0.5 * (fine[1:] + fine[:-1])}
        for name, curve, error in zip(("all", "rearranging"), values, errors, strict=True):
            table |= {f"density_{name}": curve, f"density_{name}_error": error}
        seen = np.flatnonzero(blocks.sum(axis=0)[0, 1:-1])
        shown = slice(seen[0], seen[-1] + 1, _CURVE_STRIDE) if len(seen) else slice(0)
        tables.append(pd.DataFrame(table).iloc[shown])
    return pd.concat(tables)
