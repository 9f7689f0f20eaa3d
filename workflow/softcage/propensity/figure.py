"""Every predictor of the propensity in one figure, beside the ceiling."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from softcage.descriptors.table import BY_NAME
from softcage.plotting.style import ACCENT_COLOR, GUIDE, REARRANGING_COLOR, ordered_style
from softcage.propensity.table import LEARNED

# Positions and whether averaged: how it is drawn.
_LOOKS = {
    ("thermal", False): {"marker": "o", "markerfacecolor": "white", "color": REARRANGING_COLOR},
    ("thermal", True): {"marker": "o", "color": REARRANGING_COLOR},
    ("inherent", False): {"marker": "s", "markerfacecolor": "white", "color": ACCENT_COLOR},
    ("inherent", True): {"marker": "s", "color": ACCENT_COLOR},
}
_LEARNED = {"marker": "D", "color": "black", "label": "learned, configurations not seen"}
_TITLES = {"each": "within a configuration", "pooled": "pooled"}


def draw(scores: pd.DataFrame) -> Figure:
    """Draw Pearson's r of all predictors at the last time, the best on top, and the ceiling.

    Parameters
    ----------
    scores : DataFrame
        As ``softcage propensity`` writes it. Descriptors that say the same as another (softness,
        further widths) are left out; of several lengths the first is drawn.
    """
    scores = scores[scores["kind"] != "unseen"]
    scores = scores[(scores["time"] == scores["time"].max()) | scores["time"].isna()]
    single = scores[scores["kind"] == "descriptor"]
    repeated = r"(?:softness|depth_0\.(?!09))"
    single = single[~single["name"].str.match(repeated)]
    length = single.loc[single["length"] > 0, "length"].iloc[0]
    single = single[single["length"].isin([0.0, length])]
    learned = scores[scores["kind"] == "learned"]
    best = single.groupby("name")["pearson_each"].agg(lambda r: r.abs().max()).sort_values()
    names = [*best.index, *learned.sort_values("pearson_each")["name"]]
    figure, panels = plt.subplots(
        1, 2, figsize=(6.8, 0.6 + 0.165 * len(names)), sharey=True, layout="constrained"
    )
    for axes, (way, title) in zip(panels, _TITLES.items(), strict=True):
        for (positions, averaged), look in _LOOKS.items():
            chosen = single[
                (single["positions"] == positions) & ((single["length"] > 0) == averaged)
            ]
            about = f", averaged, $L$ = {length:g}" if averaged else ""
            _points(axes, chosen, way, names, label=f"{positions}{about}", **look)
        _points(axes, learned, way, names, **_LEARNED)
        _ceiling(axes, scores[scores["kind"] == "ceiling"], way)
        axes.axhline(len(best) - 0.5, **GUIDE)
        axes.set(xlim=(0, 1), xlabel=rf"$|r|$ with the propensity, {title}")
        axes.set_ylim(-0.7, len(names) - 0.3)
    panels[0].set_yticks(range(len(names)), [_label(name) for name in names])
    panels[0].tick_params(axis="y", length=0)
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


#: What the curves against time show: name, positions (None for learned), averaged.
_CURVES = [
    ("ridge_named", None, False),
    ("ridge_pairs", None, False),
    ("depth_pair", "inherent", True),
    ("energy", "inherent", True),
    ("depth_0.09", "inherent", True),
    ("depth_0.09", "thermal", False),
]


def draw_times(scores: pd.DataFrame, temperatures: list[float]) -> Figure:
    """Draw the size of Pearson's r within a configuration against time, a panel a temperature.

    Parameters
    ----------
    scores : DataFrame
        As ``softcage propensity`` writes it, with a column T.
    temperatures : list of float
    """
    figure, panels = plt.subplots(
        1, len(temperatures), figsize=(0.8 + 3 * len(temperatures), 4.0), sharey=True,
        squeeze=False, layout="constrained",
    )  # fmt: skip
    for axes, T in zip(panels[0], temperatures, strict=True):
        here = scores[scores["T"] == T]
        for place, (name, positions, averaged) in enumerate(_CURVES):
            rows = here[here["name"] == name]
            if positions:
                averages = rows["length"] > 0
                rows = rows[(rows["positions"] == positions) & (averages == averaged)]
            words = ", ".join([_label(name), *([positions] if positions else [])])
            axes.errorbar(
                rows["time"], rows["pearson_each"].abs(), yerr=rows["pearson_each_error"],
                label=words + (", averaged" if averaged else ""),
                **ordered_style(place, len(_CURVES)),
            )  # fmt: skip
        top = here[here["kind"] == "ceiling"]
        axes.plot(top["time"], top["pearson_each"], "--", color="0.4", label="ceiling")
        axes.set(xscale="log", ylim=(0, 1), xlabel="$t$", title=f"$T$ = {T:g}")
    panels[0, 0].set_ylabel("$|r|$ with the propensity")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=1 + (len(temperatures) > 1))
    return figure


def _points(axes: Axes, rows: pd.DataFrame, way: str, names: list[str], **look: Any) -> None:
    axes.errorbar(
        rows[f"pearson_{way}"].abs(),
        [names.index(name) for name in rows["name"]],
        xerr=rows[f"pearson_{way}_error"],
        linestyle="none",
        **look,
    )


def _ceiling(axes: Axes, rows: pd.DataFrame, way: str) -> None:
    value = rows[f"pearson_{way}"].iloc[0] if f"pearson_{way}" in rows else np.nan
    if np.isfinite(value):
        error = np.nan_to_num(rows[f"pearson_{way}_error"].iloc[0])
        axes.axvspan(value - error, value + error, color="0.85", linewidth=0)
        axes.axvline(value, color="0.4", linestyle="--", label="ceiling, from split halves")


def _label(name: str) -> str:
    if name in LEARNED:
        return LEARNED[name][0]
    quantity = BY_NAME[name].quantity
    return f"{quantity.words}, ${quantity.symbol}$"
