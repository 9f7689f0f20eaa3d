"""The value of c0 / c1 that follows from two shares that the paper gives at one temperature.

The paper gives the shares of the rearranging particles that are softer than the peak of P(S), and
shallower than the peak of the distribution of the depth. The softness is a function of the depth,
1/S = c0 + c1 beta Phi, in which the peak moves with c0 / c1 alone. The difference between the two
shares therefore determines c0 / c1, whatever the other choices are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from softcage.interpretations.combinations import InterpretationScores
from softcage.interpretations.counts import Counted, read_counts
from softcage.interpretations.questions import Option, default_of, series_of
from softcage.interpretations.softness_lines import peak_of_softness, shares, value_and_error
from softcage.tables import plus_minus

_COLUMNS = (
    *("interpretation", "excess", "ours", "k_ours", "k_paper", "k_paper_error"),
    *("peak", "k", "difference", "difference_error"),
)


def constraint(
    counted: Counted, label: Sequence[int], excess: float, points: int = 61
) -> tuple[pd.DataFrame, tuple[float, float]]:
    """Find the line for which the two shares at the lowest temperature differ as in the paper.

    1/S is proportional to depth + k with k = -c0 / c1. For infinite k both peaks are at the same
    depth; the smaller k is, the deeper is the peak of P(S).

    Parameters
    ----------
    counted : Counted
    label : (window, moment, p_c)
        Indices of the answers that determine which particles rearrange.
    excess : float
        The paper's share for the softness minus that for the depth.
    points : int
        Number of points of the curve.

    Returns
    -------
    curve : DataFrame
        ``k``, the ``difference`` of the shares, ``difference_error``, and ``peak``, the depth at
        the peak of its distribution.
    k : (value, error)
        The largest k that gives the paper's difference; NaN if none does.
    """
    coldest = Counted(counted.temperatures[:1], counted.edges, counted.below[:, :1])
    peak = float(peak_of_softness(coldest.everyone[0, 0], coldest.edges))
    # evenly spaced in 1 / (peak + k), from no difference to a line without softness for 5 %
    inverse = np.linspace(0.0, 1.0 / max(peak - coldest.quantile(0.05), 1e-9), points)
    k = np.append(np.inf, 1.0 / inverse[1:] - peak)
    samples = np.array([excess_of_shares(coldest, value, label) for value in k]).T
    asked = np.array([_first_crossing(inverse, sample, excess) for sample in samples])
    value, error = value_and_error(1.0 / asked - peak)
    curve = dict(zip(("difference", "difference_error"), value_and_error(samples), strict=True))
    return pd.DataFrame({"k": k, "peak": peak} | curve), (float(value), float(error))


def excess_of_shares(counted: Counted, k: float, label: Sequence[int]) -> np.ndarray:
    """Return the share softer than the peak of P(S) minus that for the depth, (samples,)."""
    of_softness, of_depth = (shares(counted, value)[1] for value in (k, np.inf))
    window, moment, p_c = label
    return (of_softness - of_depth)[:, 0, window, moment, p_c]


def _first_crossing(x: np.ndarray, y: np.ndarray, level: float) -> float:
    """Return where y first rises through ``level``, linear between points; NaN if nowhere."""
    above = np.flatnonzero((y[1:] >= level) & (y[:-1] < level))
    if not len(above):
        return math.nan
    i = above[0]
    return float(x[i] + (x[i + 1] - x[i]) * (level - y[i]) / (y[i + 1] - y[i]))


def constraints(
    asked: Mapping[str, Sequence[Option]],
    files: Mapping[float, Sequence[str]],
    lines: np.ndarray,
    scores: InterpretationScores,
) -> tuple[pd.DataFrame, list[str]]:
    """Return :func:`constraint` for the default and the nearest interpretation, and sentences.

    Both are empty if the paper's two shares at the lowest temperature are not among the claims.
    """
    value = {c["id"]: c["value"] for c in scores.claims if c.get("T") == min(files)}
    tables, words = [pd.DataFrame(columns=list(_COLUMNS))], []
    if {"soft_share", "shallow_share"} <= set(value):
        excess = value["soft_share"] - value["shallow_share"]
        for name, place in (("own", default_of(asked)), ("nearest", scores.nearest()[0])):
            kind, series = series_of(asked, place)
            if (counted := read_counts(files, kind, series)) is None:
                continue
            c0, c1 = lines[series[1], place[5], place[6]]
            curve, k = constraint(counted, place[7:], excess)
            ours = value_and_error(excess_of_shares(counted, -c0 / c1, place[7:]))
            words.append(_words(name, c0 / c1, k, excess, ours))
            row = dict(zip(_COLUMNS, (name, excess, ours[0], -c0 / c1, *k), strict=False))
            tables.append(curve.assign(**row)[list(_COLUMNS)])
    return pd.concat(tables[1:] or tables), words


def _words(
    name: str,
    ratio: float,
    k: tuple[float, float],
    excess: float,
    ours: tuple[np.ndarray, np.ndarray],
) -> str:
    points = plus_minus(100 * float(ours[0]), 100 * float(ours[1]))
    whose = {"own": "interpretation of the study", "nearest": "nearest interpretation"}[name]
    start = (
        f"In the {whose}, the share softer than the peak of P(S) exceeds the share shallower than "
        f"the peak of the depth by {points} percentage points, in the paper by {100 * excess:.0f}. "
        f"Its c0/c1 is {ratio:z.3g}; the difference in the paper requires "
    )
    return start + plus_minus(-k[0], k[1], nothing="a value that does not exist") + "."
