"""What other readings of the paper give: numbers of frames that are scored in another way.

Another line 1/S = c0 + c1 beta Phi leaves the depths, and the ranks, as they are; other terms,
weights, positions or thresholds do not. Bins of S grow with its scale, so that every reading is as
well resolved.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import h5py
import numpy as np
import pandas as pd

from softcage.cage.calibration import softness_from_depth
from softcage.cage.terms import weight_matrix
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

Scored = tuple[np.ndarray, np.ndarray]  # scores and p_hop > p_c of some frames of a run, (k, N)
Line = tuple[float, float]  # c0, c1 of 1/S = c0 + c1 beta Phi


def read_runs(
    scores: Sequence[str],
    hops: Sequence[str],
    window: float,
    kind: str,
    values: str = "values",
    most: int | None = None,
    p_c: Callable[[float], float] | None = None,
) -> list[Scored]:
    """Read scores of evenly spaced frames that have p_hop too, and who rearranges in them.

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
    p_c : callable, optional
        Threshold of p_hop, from the one that was measured.

    Returns
    -------
    list of (scores, moving)
        For each run; (0, 0) arrays if there is no such frame.
    """
    runs = []
    for path, hop in zip(scores, hops, strict=True):
        with h5py.File(path) as store, h5py.File(hop) as h:
            scored, group = store[kind], h[f"dt{window:g}"]
            known, asked = scored["frame"][:], group["frame"][:]
            common, i, j = np.intersect1d(known, asked, return_indices=True)
            some = evenly_spaced(len(common), len(common) if most is None else most)
            if len(some):
                threshold = group.attrs["p_c"] if p_c is None else p_c(group.attrs["p_c"])
                runs.append((scored[values][i[some]], group["p_hop"][j[some]] > threshold))
            else:
                runs.append((np.zeros((0, 0)), np.zeros((0, 0), dtype=bool)))
    return runs


@dataclass(frozen=True, eq=False)
class ThinnedFrames:
    """Some frames of every run of a study, with scores of several kinds.

    Attributes
    ----------
    scores, hops : mapping of temperature to paths
        Files of its runs (:func:`read_runs`), from the lowest temperature on.
    window : float
        The hop window.
    fractions : (n_species,) array
    n_blocks : mapping of temperature to int
        Time blocks of a run.
    """

    scores: Mapping[float, Sequence[str]]
    hops: Mapping[float, Sequence[str]]
    window: float
    fractions: np.ndarray
    n_blocks: Mapping[float, int]

    def runs(
        self,
        temperature: float,
        kind: str,
        weights: str | None = None,
        p_c: Callable[[float, float], float] | None = None,
    ) -> list[Scored]:
        """Read the depths of one temperature, run by run, and who rearranges.

        Parameters
        ----------
        temperature : float
        kind : str
            Name of the scores.
        weights : str, optional
            Of :data:`softcage.cage.terms.WEIGHTS`, if the scores are terms of Eq. 5; by default
            they are depths.
        p_c : callable, optional
            Threshold of p_hop, from the temperature and the one that was measured.
        """
        runs = read_runs(
            self.scores[temperature],
            self.hops[temperature],
            self.window,
            kind,
            p_c=p_c and partial(p_c, temperature),
        )
        if weights is None:
            return runs
        w = weight_matrix(weights, self.fractions)[0]
        return [(terms @ w if len(terms) else terms, moving) for terms, moving in runs]

    def n_frames(self, temperature: float, window: float) -> int:
        """Return the number of frames of all runs that have p_hop for a window."""
        total = 0
        for path in self.hops[temperature]:
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
    runs : sequence of (depth, moving) pairs
        Each (k, N), of one run.
    line : (c0, c1)
        1/S = c0 + c1 beta Phi.
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
        softness = softness_from_depth(depth, *line)
        invalid += int(np.isnan(softness).sum())
        rows = np.arange(len(softness))
        blocks = block_slices(len(rows), min(n_blocks, len(rows))) if len(rows) else []
        everyone = np.ones(moving.shape, dtype=bool)
        index = fine_index(softness, edges)
        counts.append(
            block_counts(index, rows, rows, (0, everyone, moving), blocks, len(edges) - 1)
        )
    return np.concatenate(counts), invalid


def crossing_and_barriers(
    temperatures: Sequence[float], counts: Sequence[np.ndarray], **options: int
) -> dict[str, float]:
    """Crossing temperature and range of the barriers, with errors.

    Parameters
    ----------
    temperatures, counts, **options
        As :func:`softcage.prediction.arrhenius.fit_counts`.

    Returns
    -------
    dict
        ``n_bins``, the bins with a line, and, if there are any, what
        :func:`softcage.prediction.arrhenius.crossing` and
        :func:`softcage.prediction.arrhenius.barrier_range` say.
    """
    if len(temperatures) < 2:
        return {"n_bins": 0}
    found = fit_counts(temperatures, counts, **options)
    n_bins = int(found.lines.fitted.sum())
    return {"n_bins": n_bins} | (crossing(found) | barrier_range(found.lines) if n_bins else {})


def scored_numbers(
    runs: Mapping[float, Sequence[Scored]],
    line: Line,
    bins: Mapping[str, float],
    usual: float,
    n_blocks: Mapping[float, int],
    with_lines: bool = True,
    **options: int,
) -> dict[str, float]:
    """What scored frames say: summary of the lowest temperature, Arrhenius lines of all.

    Parameters
    ----------
    runs : mapping
        Temperature to (depth, moving) of each of its runs, from the lowest on.
    line : (c0, c1)
    bins : mapping
        start, stop and width of the bins of the softness; they grow with its scale.
    usual : float
        :func:`typical_softness` for which the bins are made.
    n_blocks : mapping
        Temperature to the time blocks of a run.
    with_lines : bool
        Whether to fit Arrhenius lines.
    **options
        As :func:`softcage.prediction.arrhenius.fit_counts`.

    Returns
    -------
    dict
        :func:`softcage.prediction.distributions.summary_of`, ``without_softness`` (share of the
        values), ``frames`` and :func:`crossing_and_barriers`; empty if the typical particle has no
        softness, or there are no frames.
    """
    if not runs:
        return {}
    lowest = min(runs)
    scale = typical_softness(runs[lowest], line) / usual
    if not (np.isfinite(scale) and scale > 0):
        return {}
    edges = fine_edges(scaled_bins(bins, scale))
    counts = {T: count_scored(some, line, edges, n_blocks[T]) for T, some in runs.items()}
    blocks, invalid = counts[lowest]
    row = summary_of(blocks, edges, options["n_resamples"], options["seed"])
    row["without_softness"] = invalid / sum(depth.size for depth, _ in runs[lowest])
    row["frames"] = sum(len(depth) for depth, _ in runs[lowest])
    if with_lines:
        coarse_counts = [coarse(blocks) for blocks, _ in counts.values()]
        row |= crossing_and_barriers(list(runs), coarse_counts, **options)
    return row


def counted_numbers(
    summary: pd.DataFrame,
    stores: Mapping[float, Mapping[str, np.ndarray]],
    window: float,
    lag: str,
    **options: int,
) -> dict[str, float]:
    """What the counts of every frame say, as :func:`scored_numbers` of thinned ones.

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
    numbers = crossing_and_barriers(list(stores), counts, **options)
    shares = {str(name): row[name].iloc[0] for name in row} if len(row) else {}
    return shares | numbers
