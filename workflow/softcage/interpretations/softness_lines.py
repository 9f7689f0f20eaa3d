r"""What a line 1/S = c0 + c1 beta Phi makes of counted depths.

It leaves the depths as they are. Up to a unit of S all that it says is :math:`k = -c_0 / c_1`, as
:math:`1/S \propto depth + k`: the softness is a map of the depth, distributions change by its
slope, :math:`P(S) \propto P(depth) (depth + k)^2`, and whoever is shallower than the peak of P(S)
is softer. So every line is applied to counts in bins of the depth. Numbers come as samples: first
of all blocks, then of all without a group of them each (:func:`value_and_error`).
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
    """What is asked of bins and lines.

    Attributes
    ----------
    softness : (n + 1,) array
        Edges in units of the typical softness, from 0 on.
    groups : int
        Groups of particles by their softness.
    minimum_hops, minimum_temperatures : int
        As :func:`softcage.prediction.arrhenius.log_weights`.
    """

    softness: np.ndarray
    groups: int
    minimum_hops: int
    minimum_temperatures: int


def peak_of_softness(counts: np.ndarray, edges: np.ndarray, k: float = np.inf) -> float:
    r"""Return the depth at the peak of P(S), :math:`P(S) \propto P(depth) (depth + k)^2`.

    Parameters
    ----------
    counts : (n,) array
        In bins of the depth.
    edges : (n + 1,) array
    k : float
        1/S is proportional to depth + k; infinite: the peak of the depth itself. Where depth + k
        is not positive a particle has no softness.
    """
    if np.isfinite(k):
        slope = np.maximum(0.5 * (edges[1:] + edges[:-1]) + k, 0.0) ** 2
        weighted = counts * slope
        counts = weighted * (counts.sum() / max(weighted.sum(), 1e-300))
    return peak(np.concatenate([[0.0], counts, [0.0]]), edges)


def peaks(counted: Counted, k: float) -> np.ndarray:
    """Return :func:`peak_of_softness` of all particles, (samples, n_T)."""
    return np.apply_along_axis(peak_of_softness, -1, counted.everyone, counted.edges, k)


def shares(counted: Counted, k: float) -> tuple[np.ndarray, np.ndarray]:
    """Share of all and of rearranging particles that are softer than the peak of P(S).

    Returns
    -------
    everyone : (samples, n_T) array
    rearranging : (samples, n_T, windows, lags, thresholds) array
    """
    found = counted.share_below(peaks(counted, k))
    return found[:, :, 0, 0, 0], found[..., 1:]


def auc_of_depth(counted: Counted) -> np.ndarray:
    """ROC AUC of minus the depth at the lowest temperature, (samples, windows, lags, p_c)."""
    counts = np.diff(counted.below[:, 0])[..., ::-1]  # from the deepest on
    moved = counts[..., 1:, :]
    return roc_auc(moved, counts[..., :1, :] - moved)


def line_numbers(counted: Counted, c0: float, c1: float, p_c: int) -> dict[str, float]:
    """What a line 1/S = c0 + c1 beta Phi makes of the lowest temperature.

    Parameters
    ----------
    counted : Counted
    c0, c1 : float
    p_c : int
        Place of the threshold; the window and the lag are the first.

    Returns
    -------
    dict
        ``peak`` of P(S), ``share_all``, ``share_rearranging``, ``auc``, each with its ``_error``;
        ``n_invalid`` of ``n_values``: values without a softness.
    """
    k = -c0 / c1
    everyone, rearranging = shares(counted, k)
    found = {
        "peak": 1.0 / (-c1 * (peaks(counted, k)[:, 0] + k)),
        "share_all": everyone[:, 0],
        "share_rearranging": rearranging[:, 0, 0, 0, p_c],
        "auc": auc_of_depth(counted)[:, 0, 0, p_c],
    }
    row: dict[str, float] = {}
    for name, samples in found.items():
        value, error = value_and_error(samples)
        row |= {name: float(value), f"{name}_error": float(error)}
    total = counted.below[0, 0, 0, 0, 0]
    invalid = np.interp(-k, counted.edges, total)
    return row | {"n_invalid": round(float(invalid)), "n_values": round(float(total[-1]))}


def group_softness(counted: Counted, k: float, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean of 1 / (depth + k) in the hardest and the softest of equal groups, (samples, n_T)."""
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
    """Lines of ln P_R against 1/T in bins of the depth: where they cross, range of the barriers.

    Parameters
    ----------
    counted : Counted
    depths : (n + 1,) array
        Ascending edges.
    bins : Bins

    Returns
    -------
    dict
        ``T_cross``, ``barrier_low``, ``barrier_high``, ``n_bins``: (samples, windows, lags, p_c)
        arrays. The errors that weigh points are those of counting.
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
    found = {"n_bins": np.broadcast_to(known.sum(axis=-1), barrier.shape[:-1]).astype(float)}
    for name, pick, nothing in (("low", np.argmin, np.inf), ("high", np.argmax, -np.inf)):
        at = pick(np.where(known, barrier[0], nothing), axis=-1)
        value = np.take_along_axis(barrier, at[None, ..., None], axis=-1)[..., 0]
        found[f"barrier_{name}"] = np.where(known.any(axis=-1), value, np.nan)
    flat = (len(x), -1, y.shape[-1])
    y, weights = (np.ascontiguousarray(part.reshape(flat)) for part in (y, weights))
    crossing = crossing_temperatures(counted.temperatures, y, weights)
    return found | {"T_cross": crossing.reshape(barrier.shape[:-1])}


def softness_edges(counted: Counted, k: float, bins: Bins) -> np.ndarray | None:
    """Edges of bins of S as depths, ascending; None if the typical particle has no softness."""
    typical = counted.quantile(0.5) + k
    if not typical > 0:
        return None
    with np.errstate(divide="ignore"):
        return (typical / bins.softness - k)[::-1].clip(counted.edges[0], counted.edges[-1])


def value_and_error(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the value and its jackknife error from samples (samples, ...).

    The first sample is of all blocks, the others are of all without one group of them each.
    """
    n = len(samples) - 1
    if n < 2:
        return samples[0], np.full(samples.shape[1:], np.nan)
    deviation = samples[1:] - samples[1:].mean(axis=0)
    return samples[0], np.sqrt((n - 1) / n * (deviation**2).sum(axis=0))
