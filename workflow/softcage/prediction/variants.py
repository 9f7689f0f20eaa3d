"""What other readings of the paper give: numbers of frames that are scored in another way.

Another line 1/S = c0 + c1 beta Phi leaves the depths, and the ranks, as they are; other terms,
weights, positions or thresholds do not. Bins of S grow with its scale, so that every reading is as
well resolved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import h5py
import numpy as np
import pandas as pd

from softcage.cage.calibration import softness_from_depth
from softcage.prediction.arrhenius import barrier_range, crossing, fit_counts
from softcage.prediction.counts import (
    bin_edges,
    block_counts,
    coarse,
    counts_name,
    fine_edges,
    fine_index,
)
from softcage.prediction.distributions import summary_of
from softcage.sampling import evenly_spaced
from softcage.statistics import block_slices
from softcage.tables import select

Scored = tuple[np.ndarray, np.ndarray]  # depth and p_hop > p_c of some frames of a run, (k, N)
Line = tuple[float, float]  # c0, c1 of 1/S = c0 + c1 beta Phi


def read_runs(
    scores: Sequence[str],
    hops: Sequence[str],
    window: float,
    kind: str,
    values: str = "values",
    most: int | None = None,
    weights: np.ndarray | None = None,
    p_c: Callable[[float], float] | None = None,
) -> list[Scored]:
    """Read depths in evenly spaced frames that have p_hop too, and who rearranges in them.

    Parameters
    ----------
    scores, hops : sequence of paths
        HDF5 files, a pair a run.
    window : float
        Hop window; the group ``dt{window}`` has ``frame`` and ``p_hop``, and p_c as an attribute.
    kind, values : str
        Group of the scores, with ``frame``, and their name in it.
    most : int, optional
        At most so many frames of a run; all by default.
    weights : (n_species,) array, optional
        If the scores are terms of Eq. 5: what they add up with.
    p_c : callable, optional
        Threshold of p_hop, from the one that was measured.

    Returns
    -------
    list of (depth, moving)
        For each run, (k, N); (0, 0) arrays if there is no such frame.
    """
    runs = []
    for path, hop in zip(scores, hops, strict=True):
        with h5py.File(path) as store, h5py.File(hop) as h:
            scored, group = store[kind], h[f"dt{window:g}"]
            known, asked = scored["frame"][:], group["frame"][:]
            common, i, j = np.intersect1d(known, asked, return_indices=True)
            some = evenly_spaced(len(common), len(common) if most is None else most)
            if len(some):
                depth = scored[values][i[some]]
                threshold = group.attrs["p_c"] if p_c is None else p_c(group.attrs["p_c"])
                moving = group["p_hop"][j[some]] > threshold
                runs.append((depth if weights is None else depth @ weights, moving))
            else:
                runs.append((np.zeros((0, 0)), np.zeros((0, 0), dtype=bool)))
    return runs


def n_frames(hops: Sequence[str], window: float) -> int:
    """Return how many frames of some runs have p_hop for a window."""
    total = 0
    for path in hops:
        with h5py.File(path) as store:
            total += len(store[f"dt{window:g}/frame"])
    return total


def scaled_bins(bins: Mapping[str, float], scale: float) -> np.ndarray:
    """Edges of bins that grow with the scale of the softness: a reading may change its unit."""
    return bin_edges(**{key: scale * value for key, value in bins.items()})


def typical_softness(runs: Sequence[Scored], line: Line) -> float:
    """Median softness of all particles of some runs; not finite if most particles have none."""
    values = np.concatenate([softness_from_depth(depth, *line).ravel() for depth, _ in runs])
    return float(np.median(np.nan_to_num(values, nan=np.inf))) if len(values) else float("nan")


def count_scored(
    runs: Sequence[Scored], line: Line, edges: np.ndarray, n_blocks: int
) -> tuple[np.ndarray, int]:
    """Count the particles of all runs of one temperature in fine bins of softness.

    Parameters
    ----------
    runs : sequence of (depth, moving)
    line : (c0, c1)
    edges : (n + 1,) array
        Fine bins of the softness.
    n_blocks : int
        Time blocks of a run; fewer if there are fewer frames.

    Returns
    -------
    counts : (n_blocks * n_runs, 2, n + 2) int64 array
        As :func:`softcage.prediction.counts.block_counts`.
    n_invalid : int
        Values without a softness, of all in ``runs``.
    """
    counts, invalid = [], 0
    for depth, moving in runs:
        softness, rows = softness_from_depth(depth, *line), np.arange(len(depth))
        blocks = block_slices(len(rows), min(n_blocks, len(rows))) if len(rows) else []
        labelled = (0, np.ones(moving.shape, dtype=bool), moving)
        index = fine_index(softness, edges)
        counts.append(block_counts(index, rows, rows, labelled, blocks, len(edges) - 1))
        invalid += int(np.isnan(softness).sum())
    return np.concatenate(counts), invalid


def scored_numbers(
    runs: Mapping[float, Sequence[Scored]],
    line: Line,
    bins: np.ndarray,
    n_blocks: Mapping[float, int],
    **options: int,
) -> dict[str, float]:
    """What scored frames say: summary of the lowest temperature, Arrhenius lines of all.

    Parameters
    ----------
    runs : mapping
        Temperature to (depth, moving) of each of its runs, from the lowest on.
    line : (c0, c1)
    bins : (n + 1,) array
        Edges of the bins of the softness.
    n_blocks : mapping
        Temperature to the time blocks of a run.
    **options
        As :func:`softcage.prediction.arrhenius.fit_counts`.

    Returns
    -------
    dict
        :func:`softcage.prediction.distributions.summary_of`; values without a softness
        (``n_invalid`` of ``n_values``, share ``without_softness``) in so many ``frames``;
        :func:`crossing_and_barriers`.
    """
    edges, lowest = fine_edges(bins), min(runs)
    counts = {T: count_scored(some, line, edges, n_blocks[T]) for T, some in runs.items()}
    blocks, invalid = counts[lowest]
    row = summary_of(blocks, edges, options["n_resamples"], options["seed"])
    n_values = sum(depth.size for depth, _ in runs[lowest])
    row |= {"n_invalid": invalid, "n_values": n_values, "without_softness": invalid / n_values}
    row["frames"] = sum(len(depth) for depth, _ in runs[lowest])
    return row | crossing_and_barriers([*runs], [coarse(c) for c, _ in counts.values()], **options)


def counted_numbers(
    summary: pd.DataFrame,
    stores: Mapping[float, Mapping[str, np.ndarray]],
    window: float,
    lag: str,
    **options: int,
) -> dict[str, float]:
    """The same of the counts of every frame.

    Parameters
    ----------
    summary : DataFrame
        Of the lowest temperature, :func:`softcage.prediction.distributions.summary_table`.
    stores : mapping
        Temperature to counts by name, :func:`softcage.prediction.counts.counts_name`.
    window : float
    lag : str
    **options
        As :func:`softcage.prediction.arrhenius.fit_counts`.
    """
    row = select(summary, quantity="softness", window=window, lag=lag)
    counts = [store[counts_name(window, "softness", lag)] for store in stores.values()]
    shares = {str(name): row[name].iloc[0] for name in row} if len(row) else {}
    return shares | crossing_and_barriers([*stores], counts, **options)


def crossing_and_barriers(
    temperatures: Sequence[float], counts: Sequence[np.ndarray], **options: int
) -> dict[str, float]:
    """Where Arrhenius lines cross and how far the barriers reach, with errors.

    The arguments are those of :func:`softcage.prediction.arrhenius.fit_counts`; of one temperature
    nothing is returned, without a bin that has a line only ``n_bins``, their number.
    """
    if len(temperatures) < 2:
        return {}
    found = fit_counts(temperatures, counts, **options)
    n_bins = int(found.lines.fitted.sum())
    return {"n_bins": n_bins} | (crossing(found) | barrier_range(found.lines) if n_bins else {})
