"""Change of the softness of neighbours at a hop, and whether these neighbours hop afterwards."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from softcage.hop_environment.around import by_row
from softcage.hop_environment.series import HopSeries
from softcage.io.trajectory import Trajectory
from softcage.structure.rdf import wrap

#: Width of the bins of the distance from a hop, and largest distance, sigma_AA.
R_BIN, R_MAX = 0.2, 5.0
#: Share of hard particles, their bins of S for matching, and the bins of S after the hop.
HARD, HARD_BINS, BINS = 1 / 3, 4, 8
CLASSES = 8  # classes of the number of B neighbours: 0 to 6, and 7 or more


def neighbour_counts(
    positions: np.ndarray, others: np.ndarray, box: float, radius: float
) -> np.ndarray:
    """Return how many of ``others`` lie within ``radius`` of each position, in a periodic box."""
    tree = cKDTree(wrap(others, box), boxsize=box)
    return tree.query_ball_point(wrap(positions, box), radius, return_length=True)


def count_neighbours(uniform: Trajectory, frames: np.ndarray, radius: float) -> np.ndarray:
    """Return the number of B (not A) neighbours of each A particle in each frame, (F, n) uint8."""
    a = uniform.species == 0
    counts = np.empty((len(frames), np.count_nonzero(a)), dtype=np.uint8)
    for row, x in _positions(uniform, frames):
        counts[row] = neighbour_counts(x[a], x[~a], uniform.box, radius)
    return counts


def _positions(uniform: Trajectory, frames: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield the row and the positions of each of the evenly spaced frames."""
    step = int(frames[1] - frames[0])
    row = 0
    for _, part in uniform.chunks(start=int(frames[0]), stop=int(frames[-1]) + 1, stride=step):
        for x in part:
            yield row, x
            row += 1


def distances_from(positions: np.ndarray, centres: np.ndarray, box: float) -> np.ndarray:
    """Return nearest-image distances from the ``centres`` to all particles, (n_centres, n).

    The distance from a particle to itself is infinite.
    """
    vectors = positions[centres][:, None] - positions
    vectors -= box * np.rint(vectors / box)
    r = np.sqrt((vectors**2).sum(axis=-1))
    r[np.arange(len(centres)), centres] = np.inf
    return r


def sum_changes(
    r: np.ndarray, before: np.ndarray, after: np.ndarray, edges: np.ndarray
) -> np.ndarray:
    """Sum the softness of neighbours before and after an event, in bins of the distance.

    Parameters
    ----------
    r : (n_centres, n) array
        Distances from :func:`distances_from`.
    before, after : (n,) array
        Softness; NaN for particles that are left out.
    edges : (n_bins + 1,) array

    Returns
    -------
    (n_bins, 4) array
        Number of pairs, sums of S before, of S after, and of the squared change.
    """
    n_bins = len(edges) - 1
    place = np.searchsorted(edges, r, side="right") - 1
    place[~np.isfinite(after - before)[None].repeat(len(r), 0)] = n_bins
    place[place < 0] = n_bins
    place = np.minimum(place, n_bins).ravel()
    weights = (np.ones_like(before), before, after, (after - before) ** 2)
    columns = [
        np.bincount(place, np.tile(np.nan_to_num(w), len(r)), n_bins + 1)[:n_bins] for w in weights
    ]
    return np.stack(columns, axis=1)


def sweep(
    uniform: Trajectory,
    series: HopSeries,
    mean: np.ndarray,
    quiet: np.ndarray,
    centres: Mapping[str, tuple[np.ndarray, np.ndarray]],
    shell: float,
    block: np.ndarray,
    edges: np.ndarray,
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    r"""Sum the changes of softness around centres, in one pass over the frames.

    *Before* is the mean of S over the Dt/2 up to the event. *After* is the mean over the Dt/2 that
    begins Dt/2 after the event, when the hop is over. Neighbours that moved in the Dt before the
    event are left out, because their softness is changed by their own hop.

    Parameters
    ----------
    uniform : Trajectory
    series : HopSeries
    mean : (F, n) array
        S averaged over the Dt/2 up to each row, from
        :func:`softcage.hop_environment.series.trailing_mean`.
    quiet : (F, n) bool array
        :func:`softcage.dynamics.labels.quiet_before` over Dt.
    centres : mapping of name to (rows, particles)
        Rows, ascending. The centres named ``hop`` are the events.
    shell : float
        Distance within which a particle is beside a hop, sigma_AA.
    block : (F,) int array
        Time block of each row.
    edges : (n_bins + 1,) array
        Edges of the bins of the distance, sigma_AA.

    Returns
    -------
    sums : dict of name to (n_blocks, n_bins, 4) array
        :func:`sum_changes` for each name and block.
    beside : (F, n) bool array
        Whether an event of another particle nearer than ``shell`` begins at this row.
    """
    places = {name: dict(by_row(rows)) for name, (rows, _) in centres.items()}
    shape = (block[-1] + 1, len(edges) - 1, 4)
    sums = {name: np.zeros(shape) for name in centres}
    beside = np.zeros_like(series.moving)
    a, window = uniform.species == 0, 2 * series.half
    for row, x in _positions(uniform, series.frames):
        after = mean[row + window] if row + window < len(mean) else np.full_like(mean[0], np.nan)
        before = np.where(quiet[row], mean[row], np.nan)
        for name, (_, particles) in centres.items():
            if row not in places[name]:
                continue
            r = distances_from(x[a], particles[places[name][row]], uniform.box)
            sums[name][block[row]] += sum_changes(r, before, after, edges)
            if name == "hop":
                beside[row] = (r < shell).any(axis=0)
    return sums, beside


def count_hazards(
    series: HopSeries,
    mean: np.ndarray,
    beside: np.ndarray,
    classes: np.ndarray,
    block: np.ndarray,
) -> np.ndarray:
    """Count hard particles that hop, by their softness after t0 and whether a hop was beside them.

    The times t0 are Dt apart. A particle is *hard* if its S, averaged over the Dt/2 before t0, is
    in the lowest third of the run. A hop was beside it if a hop in its first shell begins in
    (t0, t0 + Dt/2]; no hop was beside it if none begins in (t0 - Dt/2, t1]; all other particles are
    left out. With t1 = t0 + 3 Dt/2, S averaged over the Dt/2 up to t1 is the softness after the
    hop. Particles that moved in (t0 - Dt, t1] are not at risk. A particle at risk hops if it moves
    in (t1, t1 + Dt].

    Parameters
    ----------
    series : HopSeries
    mean, beside : (F, n) array
        As for :func:`sweep`.
    classes : (F, n) int array
        Number of B neighbours.
    block : (F,) int array
        Time block of each row.

    Returns
    -------
    (n_blocks, 2, HARD_BINS, BINS, CLASSES, 2) array
        Numbers of particles at risk and of those that hop (NaN if p_c is not known), by whether a
        hop was beside (0 no, 1 yes), S at t0, S at t1 and number of B neighbours at t0. The bins of
        S are quantiles: each holds the same share of the particles of the run.
    """
    half, moving = series.half, series.moving
    window = 2 * half
    sample = mean[window :: max(1, len(mean) // 200)]
    hard_edges = np.nanquantile(sample, HARD * np.arange(1, HARD_BINS + 1) / HARD_BINS)
    edges = np.nanquantile(sample, np.arange(1, BINS) / BINS)
    shape = (int(block[-1]) + 1, 2, HARD_BINS, BINS, CLASSES)
    counts = np.zeros((math.prod(shape), 2), dtype=np.int64)
    for t0 in range(window, len(moving) - 5 * half, window):
        t1 = t0 + 3 * half
        near = np.any(beside[t0 + 1 : t0 + half + 1], axis=0)
        far = ~np.any(beside[t0 - half + 1 : t1 + 1], axis=0)
        hard = mean[t0] <= hard_edges[-1]
        quiet = ~np.any(moving[t0 - window + 1 : t1 + 1], axis=0)
        at_risk = np.flatnonzero(hard & np.isfinite(mean[t1]) & (near | far) & quiet)
        hops = np.any(moving[t1 + 1 : t1 + window + 1], axis=0)[at_risk]
        indices: Any = (
            block[t1],
            near[at_risk].astype(int),
            np.searchsorted(hard_edges, mean[t0][at_risk]),
            np.searchsorted(edges, mean[t1][at_risk]),
            np.minimum(classes[t0][at_risk], CLASSES - 1),
        )
        cell = np.ravel_multi_index(indices, shape)
        counts[:, 0] += np.bincount(cell, minlength=len(counts))
        counts[:, 1] += np.bincount(cell[hops], minlength=len(counts))
    if not series.known:
        counts = np.where([False, True], np.nan, counts)
    return counts.reshape(*shape, 2)


def matched_ratio(exposed: np.ndarray, other: np.ndarray) -> np.ndarray:
    r"""Return the Mantel-Haenszel ratio of the hazards of two groups, matched in strata.

    .. math:: \frac{\sum_s a_s n_s / (m_s + n_s)}{\sum_s b_s m_s / (m_s + n_s)}

    In stratum s, a of the m exposed particles and b of the n other particles hop.

    Parameters
    ----------
    exposed, other : (..., 2) array
        Numbers of particles at risk and of those that hop; all axes but the last are strata.
    """
    total = exposed[..., 0] + other[..., 0]
    share = np.divide(1.0, total, out=np.zeros(total.shape), where=total > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (exposed[..., 1] * other[..., 0] * share).sum() / (
            other[..., 1] * exposed[..., 0] * share
        ).sum()
