"""Tables of predictors in Markdown, which ``docs/`` includes from the published results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from softcage.quantities import predictor_name
from softcage.report.summary import markdown_table
from softcage.tables import plus_minus


@dataclass(frozen=True)
class Row:
    """A row of a table: a predictor by its name in ``scores.csv`` and ``hops.csv``.

    Attributes
    ----------
    name : str
        ``{delta}`` stands for the width of the study.
    positions : str
        Kind of positions from which a descriptor is computed; "" for other predictors.
    averaged : bool
        Whether it is averaged over neighbours, with the smallest length of the table.
    """

    name: str
    positions: str = ""
    averaged: bool = False


#: Predictors of the propensity; those without scores in a study are left out.
PROPENSITY_ROWS = (
    Row("ridge_mechanics"),
    Row("ridge_static"),
    Row("ridge_named"),
    Row("boosting_named"),
    Row("ridge_pairs"),
    Row("ridge_cage"),
    Row("svm_softness"),
    Row("depth_pair", "averaged", averaged=True),
    Row("depth_pair", "inherent", averaged=True),
    Row("term_A", "averaged", averaged=True),
    Row("debye_waller", "inherent", averaged=True),
    Row("softness_{delta}", "averaged", averaged=True),
    Row("softness_{delta}", "inherent", averaged=True),
    Row("depth_{delta}", "inherent", averaged=True),
    Row("energy", "inherent", averaged=True),
    Row("voronoi", "inherent", averaged=True),
    Row("ridge_named_shuffled"),
    Row("ceiling"),
)
#: Descriptors as predictors of hops.
HOP_ROWS = (
    Row("softness_{delta}", "thermal"),
    Row("softness_{delta}", "averaged"),
    Row("softness_{delta}", "inherent"),
    Row("depth_pair", "averaged", averaged=True),
    Row("energy", "thermal"),
    Row("energy", "inherent", averaged=True),
    Row("voronoi", "inherent", averaged=True),
    Row("debye_waller", "inherent", averaged=True),
    Row("to_mean", "thermal"),
)
_POSITIONS = {
    "thermal": "single frames",
    "averaged": "averaged positions",
    "inherent": "inherent structures",
}
_OTHERS = {
    "ceiling": "ceiling, from split halves",
    "ridge_named_shuffled": "labels shuffled within configurations",
}


def propensity_table(scores: pd.DataFrame, delta: float) -> str:
    """Return Pearson's r of predictors and propensity, at the last time of each temperature.

    Parameters
    ----------
    scores : DataFrame
        ``scores.csv`` of a study, or of one temperature without a column T.
    delta : float
        Width of the study, sigma_AA.
    """
    scores = scores[(scores["target"] == "propensity") & (scores["kind"] != "unseen")]
    columns = {}
    for T, at_T in _by_temperature(scores):
        last = at_T[at_T["time"].isna() | (at_T["time"] == at_T["time"].max())]
        for way in ("each", "pooled"):
            columns[f"{T}{way}"] = (last, f"pearson_{way}")
    return _table(scores, PROPENSITY_ROWS, columns, delta, numbers=True)


def hop_table(scores: pd.DataFrame, delta: float, temperatures: Sequence[float]) -> str:
    """Return the ROC AUC of descriptors for hops now and for the first hop in the future.

    If particles with small values hop, 1 - AUC is given. The first hop is that within the longest
    time of the temperature.

    Parameters
    ----------
    scores : DataFrame
        ``hops.csv``.
    delta : float
        Width of the study, sigma_AA.
    temperatures : sequence of float
        Temperatures to show.
    """
    scores = scores.assign(auc=0.5 + (scores["auc"] - 0.5).abs())
    columns = {}
    for T, at_T in _by_temperature(scores[scores["T"].isin(temperatures)]):
        first = at_T[at_T["target"] == "first"]
        columns[f"{T}hop now"] = (at_T[at_T["target"] == "now"], "auc")
        if len(first):
            longest = first["time"].max()
            within = f"{float(f'{longest:.3g}'):g}"  # in digits, never as a power of ten
            columns[f"{T}first hop within {within}"] = (first[first["time"] == longest], "auc")
    return _table(scores, HOP_ROWS, columns, delta)


def _by_temperature(scores: pd.DataFrame) -> Iterable[tuple[str, pd.DataFrame]]:
    """Yield the beginning of the headings, and the rows, of each temperature."""
    if "T" not in scores:
        yield "", scores
    else:
        for T, at_T in scores.groupby("T"):
            yield f"T = {T:g}, ", at_T


def _table(
    scores: pd.DataFrame,
    rows: Sequence[Row],
    columns: dict[str, tuple[pd.DataFrame, str]],
    delta: float,
    numbers: bool = False,
) -> str:
    """Return the table of ``rows``; ``columns`` maps headings to scores and a column of them."""
    lengths = scores["length"].where(scores["length"] > 0)
    table = []
    for row in rows:
        name, length = row.name.format(delta=f"{delta:g}"), lengths.min() if row.averaged else 0.0
        cells = {"predictor": _words(name, row.positions, length)}
        if numbers:
            n_features = scores.loc[scores["name"] == name, "features"].dropna()
            cells["numbers"] = f"{n_features.iloc[0]:.0f}" if len(n_features) else ""
        for heading, (part, value) in columns.items():
            scored = _chosen(part, name, row.positions, length)
            cells[heading] = (
                plus_minus(scored[value].iloc[0], scored[f"{value}_error"].iloc[0], 3)
                if len(scored)
                else ""
            )
        if any(cells[heading] for heading in columns):
            table.append(cells)
    return markdown_table(pd.DataFrame(table).rename(columns={"predictor": ""})) + "\n"


def _chosen(scores: pd.DataFrame, name: str, positions: str, length: float) -> pd.DataFrame:
    """Return the row of a predictor; only descriptors are selected by positions and length."""
    chosen = scores[scores["name"] == name]
    if positions:
        at_length = np.isclose(chosen["length"], length)
        chosen = chosen[(chosen["positions"] == positions) & at_length]
    return chosen


def _words(name: str, positions: str, length: float) -> str:
    """Return the description of a predictor, with its name in the tables."""
    if name in _OTHERS:
        return f"{_OTHERS[name]} (`{name}`)"
    if not positions:
        return f"{predictor_name(name)} (`{name}`)"
    words = [predictor_name(name), _POSITIONS[positions]]
    words += [f"averaged over L = {length:g}"] if length else []
    return f"{', '.join(words)} (`{name}`)"
