r"""Numbers for a line 1/S = c0 + c1 beta Phi from counts in bins of the depth.

The depths do not depend on the line. Up to the unit of S, the line is given by
:math:`k = -c_0 / c_1`, because :math:`1/S \propto depth + k`. The softness is a monotonic function
of the depth: distributions transform as :math:`P(S) \propto P(depth) (depth + k)^2`, and particles
shallower than the depth at the peak of P(S) are softer than the peak. Every line is therefore
applied to the same counts. Numbers are computed for samples: the first has all blocks, each other
lacks one group of blocks (:func:`value_and_error`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from softcage.interpretations.counts import Counted
from softcage.prediction.arrhenius import crossing_temperatures
from softcage.prediction.peak import peak
from softcage.statistics import roc_auc, weighted_line


@dataclass(frozen=True)
class Bins:
    """Bins of the softness and requirements for Arrhenius lines.

    Attributes
    ----------
    softness : (n + 1,) array
        Edges in units of the typical softness, from 0 on.
    groups : int
        Number of groups of particles by softness.
    minimum_hops, minimum_temperatures : int
        As for :func:`softcage.prediction.arrhenius.log_weights`.
    """

    softness: np.ndarray
    groups: int
    minimum_hops: int
    minimum_temperatures: int


def peak_of_softness(counts: np.ndarray, edges: np.ndarray, k: float = np.inf) -> np.ndarray:
    r"""Return the depth at the peak of P(S), :math:`P(S) \propto P(depth) (depth + k)^2`, (...).

    Parameters
    ----------
    counts : (..., n) array
        Counts in bins of the depth.
    edges : (n + 1,) array
        Edges of the bins.
    k : float
        1/S is proportional to depth + k. If k is infinite, the peak is that of the depth. Particles
        for which depth + k is not positive have no softness.
    """
    if np.isfinite(k):
        slope = np.maximum(0.5 * (edges[1:] + edges[:-1]) + k, 0.0) ** 2
        weighted = counts * slope
        total = np.maximum(weighted.sum(axis=-1, keepdims=True), 1e-300)
        counts = weighted * (counts.sum(axis=-1, keepdims=True) / total)
    outside = np.zeros((*counts.shape[:-1], 1))
    return peak(np.concatenate([outside, counts, outside], axis=-1), edges)


def peaks(counted: Counted, k: float) -> np.ndarray:
    """Return :func:`peak_of_softness` for all particles, (samples, n_T)."""
    return peak_of_softness(counted.everyone, counted.edges, k)


def shares(counted: Counted, k: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of all and of rearranging particles that are softer than the peak of P(S).

    Returns
    -------
    everyone : (samples, n_T) array
    rearranging : (samples, n_T, windows, lags, thresholds) array
    """
    below = counted.share_below(peaks(counted, k))
    return below[:, :, 0, 0, 0], below[..., 1:]


def auc_of_depth(counted: Counted) -> np.ndarray:
    """Return the ROC AUC of minus the depth at the lowest T, (samples, windows, lags, p_c)."""
    counts = np.diff(counted.below[:, 0])[..., ::-1]  # from the deepest on
    moved = counts[..., 1:, :]
    return roc_auc(moved, counts[..., :1, :] - moved)


def line_numbers(counted: Counted, c0: float, c1: float, p_c: int) -> dict[str, float]:
    """Return the numbers of the lowest temperature for a line 1/S = c0 + c1 beta Phi.

    Parameters
    ----------
    counted : Counted
    c0, c1 : float
    p_c : int
        Index of the threshold; the window and the lag are the first ones.

    Returns
    -------
    dict
        ``peak`` of P(S), ``share_all``, ``share_rearranging``, ``auc``, each with its ``_error``;
        ``n_values``, and ``n_invalid``, the number of values without a softness.
    """
    k = -c0 / c1
    everyone, rearranging = shares(counted, k)
    by_name = {
        "peak": 1.0 / (-c1 * (peaks(counted, k)[:, 0] + k)),
        "share_all": everyone[:, 0],
        "share_rearranging": rearranging[:, 0, 0, 0, p_c],
        "auc": auc_of_depth(counted)[:, 0, 0, p_c],
    }
    row: dict[str, float] = {}
    for name, samples in by_name.items():
        value, error = value_and_error(samples)
        row |= {name: float(value), f"{name}_error": float(error)}
    total = counted.below[0, 0, 0, 0, 0]
    invalid = np.interp(-k, counted.edges, total)
    return row | {"n_invalid": round(float(invalid)), "n_values": round(float(total[-1]))}


def group_softness(counted: Counted, k: float, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of 1 / (depth + k) in the hardest and the softest group, (samples, n_T)."""
    depth = 0.5 * (counted.edges[1:] + counted.edges[:-1]) + k
    softness = np.divide(1.0, depth, out=np.zeros_like(depth), where=depth > 0)
    below = counted.below[:, :, 0, 0, 0] / counted.below[:, :, 0, 0, 0, -1:]
    ends = []
    for low, high in ((1 - 1 / groups, 1.0), (0.0, 1 / groups)):
        part = np.diff(np.clip(below, low, high)) * (depth > 0)
        total = part.sum(axis=-1)
        ends.append((part * softness).sum(axis=-1) / np.where(total > 0, total, np.nan))
    return ends[0], ends[1]


def lines_in_bins(counted: Counted, depths: np.ndarray, bins: Bins) -> dict[str, np.ndarray]:
    """Fit ln P_R against 1/T in bins of the depth; return crossing and range of the barriers.

    Parameters
    ----------
    counted : Counted
    depths : (n + 1,) array
        Edges of the bins, ascending.
    bins : Bins

    Returns
    -------
    dict
        Arrays ``T_cross``, ``barrier_low``, ``barrier_high`` and ``n_bins`` (samples, windows,
        lags, p_c). The weights of the points are those of the counting noise.
    """
    counts = np.moveaxis(np.diff(counted.at(depths)), 1, 0)  # temperatures first
    everyone, hops = counts[..., :1, :], counts[..., 1:, :]
    usable = hops[:, 0] >= max(1, bins.minimum_hops)
    usable &= usable.sum(axis=0) >= bins.minimum_temperatures
    kept = usable.any(axis=(0, 1, 2, 3))
    if not kept.any():
        none = np.full(hops.shape[1:-1], np.nan)
        names = ("T_cross", "barrier_low", "barrier_high")
        return dict.fromkeys(names, none) | {"n_bins": np.zeros(none.shape)}
    everyone, hops, usable = everyone[..., kept], hops[..., kept], usable[..., kept]
    weights = np.where(usable[:, None] & (hops > 0), hops[:, :1], 0.0)
    used = weights > 0
    y = np.log(np.where(used, hops, 1.0) / np.where(used, everyone, 1.0))
    x = 1.0 / counted.temperatures
    barrier = -weighted_line(x.reshape(-1, *[1] * (y.ndim - 1)), y, weights).slope
    barrier = np.where(used.sum(axis=0) >= 2, barrier, np.nan)
    known = np.isfinite(barrier[0])
    numbers = {"n_bins": np.broadcast_to(known.sum(axis=-1), barrier.shape[:-1]).astype(float)}
    for name, pick, nothing in (("low", np.argmin, np.inf), ("high", np.argmax, -np.inf)):
        at = pick(np.where(known, barrier[0], nothing), axis=-1)
        value = np.take_along_axis(barrier, at[None, ..., None], axis=-1)[..., 0]
        numbers[f"barrier_{name}"] = np.where(known.any(axis=-1), value, np.nan)
    flat = (len(x), -1, y.shape[-1])
    y, weights = (np.ascontiguousarray(part.reshape(flat)) for part in (y, weights))
    crossing = crossing_temperatures(counted.temperatures, y, weights)
    return numbers | {"T_cross": crossing.reshape(barrier.shape[:-1])}


def softness_edges(counted: Counted, k: float, bins: Bins) -> np.ndarray | None:
    """Return the edges of bins of S as depths, ascending; None if the typical depth has no S."""
    typical = counted.quantile(0.5) + k
    if not typical > 0:
        return None
    with np.errstate(divide="ignore"):
        return (typical / bins.softness - k)[::-1].clip(counted.edges[0], counted.edges[-1])


def value_and_error(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return value and jackknife error from ``samples`` (samples, ...).

    The first sample has all blocks; each other sample lacks one group of them.
    """
    n = len(samples) - 1
    if n < 2:
        return samples[0], np.full(samples.shape[1:], np.nan)
    deviation = samples[1:] - samples[1:].mean(axis=0)
    return samples[0], np.sqrt((n - 1) / n * (deviation**2).sum(axis=0))
