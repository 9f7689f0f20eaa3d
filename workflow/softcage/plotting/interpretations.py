"""Panels of figure S7: all interpretations of the paper compared with all its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from softcage import quantities as q
from softcage.plotting.page import Panel
from softcage.plotting.style import ALL_COLOR, GUIDE, REARRANGING_COLOR, legend

PAPER = {**GUIDE, "color": "black", "linestyle": "--"}
# how the interpretation of this study and the nearest one are drawn
OWN: dict[str, Any] = {
    "color": ALL_COLOR,
    "marker": "o",
    "markerfacecolor": "white",
    "label": "this study",
}
NEAREST: dict[str, Any] = {"color": REARRANGING_COLOR, "marker": "s", "label": "nearest"}
# name of an interpretation -> its column in the table of numbers, and its style
STYLES: dict[str, tuple[str, dict[str, Any]]] = {
    "own": ("default", OWN),
    "nearest": ("best", NEAREST),
}
SHORT = {
    "soft_share": "softer",
    "soft_share_delta": "softer",
    "shallow_share": "shallower",
    "onset_softness": "onset, S",
    "onset_depth": "onset, depth",
    "barrier_low": "smallest barrier",
    "barrier_high": "largest barrier",
    "softness_low": "hardest group",
    "softness_high": "softest group",
    "softness_high_all": "softest group, all T",
}


def deviations(panel: Panel, numbers: pd.DataFrame) -> None:
    """Draw the deviation of every number from the paper's, in per cent, one row per number."""
    rows, paper = np.arange(len(numbers)), numbers["paper"]
    for low, high, width in ((5, 95, 1.0), (25, 75, 4.0)):
        ends = [100 * (numbers[f"q{name}"] / paper - 1) for name in (low, high)]
        for row, begin, end in zip(rows, *ends, strict=True):
            style: dict[str, Any] = {"color": "0.75", "linewidth": width, "zorder": 1}
            style |= {"label": "all interpretations"} if width > 1 and row == 0 else {}
            panel.line(f"{low} to {high} %", [begin, end], [row, row], **style)
    for (column, marks), shift in zip(STYLES.values(), (-0.15, 0.15), strict=True):
        x, error = 100 * (numbers[column] / paper - 1), 100 * numbers[f"{column}_error"] / paper
        panel.markers(marks["label"], x, rows + shift, x_error=error, **marks)
    panel.axes.axvline(0, **PAPER, label="paper")
    panel.axes.set(xlim=(-105, 105), ylim=(len(rows) - 0.3, -2.9), ylabel="")
    panel.axes.set_xlabel(f"{panel.x.words} (%)")
    panel.axes.set_yticks(rows, [q.typeset(_name(row)) for row in numbers.itertuples()], size=6)
    panel.axes.tick_params(axis="y", length=0)
    keys = {"handlelength": 1.4, "columnspacing": 0.8, "fontsize": 6}
    legend(panel.axes, loc="upper center", ncols=2, **keys)
    for number, row in zip(numbers.itertuples(), rows, strict=True):
        panel.note(f"y = {row}: {_name(number)}: {number.quantity}; paper {number.paper:g}")


def _name(number: Any) -> str:
    """Return the short name of a number, with its temperature and delta."""
    conditions = [f"{name} = {getattr(number, name):g}" for name in ("T", "delta")]
    name = SHORT.get(number.id, number.id)
    return ", ".join([name, *(part for part in conditions if not part.endswith("nan"))])


def counts(panel: Panel, given: pd.DataFrame, numbers: pd.DataFrame) -> None:
    """Draw a histogram of the interpretations over how many numbers of the paper they give."""
    bars = given[given["interpretations"] > 0]
    if not len(bars):
        return
    panel.keep("interpretations", bars["given"], bars["interpretations"])
    panel.axes.bar(bars["given"], bars["interpretations"], width=0.8, color="0.75", log=True)
    panel.axes.axvline(len(numbers), **PAPER)
    for column, style in STYLES.values():
        n = int(numbers[f"{column}_given"].sum())
        panel.axes.axvline(n, color=style["color"])
        panel.note(f"{style['label']}: {n}")
    panel.axes.set_ylim(bottom=0.5)
    panel.axes.set(xlim=(-0.7, len(numbers) + 0.7), xlabel=f"numbers given, of {len(numbers)}")


def differences(panel: Panel, constraint: pd.DataFrame) -> None:
    """Draw the difference of the shares against the line's ratio, and mark our lines."""
    for name, rows in constraint.groupby("interpretation", sort=False):
        _, style = STYLES[str(name)]
        ratio = -rows["k"] / rows["peak"]
        y, error = 100 * rows["difference"], 100 * rows["difference_error"]
        panel.line(style["label"], ratio, y, error, color=style["color"])
        first = rows.iloc[0]
        our_ratio = [-first["k_ours"] / first["peak"]]
        panel.markers(f"{style['label']}, our line", our_ratio, [100 * first["ours"]], **style)
    if len(constraint.dropna(subset="excess")):
        paper = 100 * constraint["excess"].iloc[0]
        panel.axes.axhline(paper, **PAPER, label="paper")
        panel.axes.set_ylim(-0.1 * paper, 2.5 * paper)
    panel.axes.set(xlim=(-4, 1), ylabel="soft share minus shallow share (%)")
    panel.axes.set_xlabel(panel.x.axis(short=True))
    panel.axes.axvline(0, **GUIDE)
    legend(panel.axes, loc="upper left", fontsize=6)
