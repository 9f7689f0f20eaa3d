r"""What a line 1/S = c0 + c1 beta Phi makes of counted depths.

It leaves the depths as they are. Up to a unit of S all that it says is :math:`k = -c_0 / c_1`, as
:math:`1/S \propto depth + k`: the softness is a map of the depth, distributions change by its
slope, :math:`P(S) \propto P(depth) (depth + k)^2`, and whoever is shallower than the peak of P(S)
is softer. So every line is applied to counts in bins of the depth. Numbers come as samples: first
of all blocks, then of all without a group of them each (:func:`jackknife`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from softcage.interpretations.counts import Counted
from softcage.prediction.peak import peak
from softcage.statistics import weighted_line


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
    rearranging : (samples, n_T, windows, moments, thresholds) array
    """
    found = counted.share_below(peaks(counted, k))
    return found[:, :, 0, 0, 0], found[..., 1:]


def roc_auc(counted: Counted) -> np.ndarray:
    """ROC AUC of minus the depth at the lowest temperature, (samples, windows, moments, p_c)."""
    below = counted.below[:, 0]
    moved = np.diff(below[..., 1:, :])
    rest = np.diff(below[..., :1, :]) - moved
    deeper = rest.sum(axis=-1, keepdims=True) - np.cumsum(rest, axis=-1) + 0.5 * rest
    pairs = moved.sum(axis=-1) * rest.sum(axis=-1)
    return (moved * deeper).sum(axis=-1) / np.where(pairs > 0, pairs, np.nan)


def line_numbers(counted: Counted, c0: float, c1: float, p_c: int) -> dict[str, float]:
    """What a line 1/S = c0 + c1 beta Phi makes of the lowest temperature.

    Parameters
    ----------
    counted : Counted
    c0, c1 : float
    p_c : int
        Place of the threshold; the window and the moment are the first.

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
        "auc": roc_auc(counted)[:, 0, 0, p_c],
    }
    row: dict[str, float] = {}
    for name, samples in found.items():
        value, error = jackknife(samples)
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


def arrhenius(counted: Counted, depths: np.ndarray, bins: Bins) -> dict[str, np.ndarray]:
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
        ``T_cross``, ``barrier_low``, ``barrier_high``, ``n_bins``: (samples, windows, moments, p_c)
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
    crossing = crossings(x, *(np.ascontiguousarray(part.reshape(flat)) for part in (y, weights)))
    return found | {"T_cross": crossing.reshape(barrier.shape[:-1])}


@njit(cache=True)
def _chi2(u, moments):
    """Least chi2 of lines through one point at u, softcage.prediction.arrhenius."""
    square, linear, constant = 0.0, 0.0, 0.0
    for s, sx, sxx, sy, sxy, syy in moments:
        wz, wzy = sx - u * s, sxy - u * sy
        norm = max(sxx - 2 * u * sx + u * u * s, 1e-300)
        square += s - wz * wz / norm
        linear += sy - wz * wzy / norm
        constant += syy - wzy * wzy / norm
    return constant - linear * linear / max(square, 1e-300)


@njit(cache=True)
def crossings(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """:func:`softcage.prediction.arrhenius.crossing_temperature` of many sets of bins.

    x (n_T,); y, weights (n_T, sets, bins); NaN where the lines do not cross.
    """
    n_t, n_sets, n_bins = y.shape
    found = np.full(n_sets, np.nan)
    moments = np.empty((n_bins, 6))
    low, high, steps = 0.25 * x.min(), 2.0 * x.max(), 60
    for j in range(n_sets):
        m = 0
        for b in range(n_bins):
            points = 0
            moments[m] = 0.0
            for t in range(n_t):
                w, a, v = weights[t, j, b], x[t], y[t, j, b]
                points += w > 0
                moments[m, 0] += w
                moments[m, 1] += w * a
                moments[m, 2] += w * a * a
                moments[m, 3] += w * v
                moments[m, 4] += w * a * v
                moments[m, 5] += w * v * v
            m += points >= 2
        if m < 2:
            continue
        step, best, least = (high - low) / steps, 0, np.inf
        for k in range(steps + 1):
            value = _chi2(low + k * step, moments[:m])
            if value < least:
                best, least = k, value
        if best == 0 or best == steps:
            continue
        a, b = low + (best - 1) * step, low + (best + 1) * step
        for _ in range(40):  # thirds, until 1e-7 of a step
            left, right = a + (b - a) / 3, b - (b - a) / 3
            if _chi2(left, moments[:m]) < _chi2(right, moments[:m]):
                b = right
            else:
                a = left
        found[j] = 2.0 / (a + b)
    return found


def softness_edges(counted: Counted, k: float, bins: Bins) -> np.ndarray | None:
    """Edges of bins of S as depths, ascending; None if the typical particle has no softness."""
    typical = counted.quantile(0.5) + k
    if not typical > 0:
        return None
    with np.errstate(divide="ignore"):
        return (typical / bins.softness - k)[::-1].clip(counted.edges[0], counted.edges[-1])


def jackknife(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Value and standard error of (samples, ...): all blocks first, then without a group each."""
    n = len(samples) - 1
    if n < 2:
        return samples[0], np.full(samples.shape[1:], np.nan)
    deviation = samples[1:] - samples[1:].mean(axis=0)
    return samples[0], np.sqrt((n - 1) / n * (deviation**2).sum(axis=0))
