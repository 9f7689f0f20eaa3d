"""Panels of figure 3: how long a particle keeps its softness."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from softcage.plotting.page import Panel
from softcage.plotting.style import (
    ALL_COLOR,
    DOTTED,
    GUIDE,
    central_range,
    headroom,
    legend,
    ordered_style,
)
from softcage.tables import select


def correlation_and_overlap(
    panel: Panel, T: float, correlation: pd.DataFrame, overlap: pd.DataFrame
) -> None:
    """Draw C_S(t) at one temperature (solid) and the overlap q(t) (dotted)."""
    style = panel.page.style(T, marker=None)
    for series, table, column, more in (
        ("C_S", correlation, "c_s", {"linestyle": "-"}),
        ("q", overlap, "overlap", {"linestyle": DOTTED, "label": None}),
    ):
        table = table[table["time"] > 0]
        values, errors = table[column], table[f"{column}_error"]
        panel.line(f"{series}, T = {T:g}", table["time"], values, errors, **style | more)


def propagators(panel: Panel, table: pd.DataFrame, everyone: pd.DataFrame) -> None:
    """Draw G(S, S0, t) of hard particles, one line per time, and P(S) of all particles (filled)."""
    axes, everyone = panel.axes, everyone[everyone["count_all"] > 0]
    x, y = everyone["bin_center"], everyone["density_all"]
    panel.keep("P(S) of all", x, y, everyone["density_all_error"])
    fill: dict[str, Any] = {"color": ALL_COLOR, "alpha": 0.2, "linewidth": 0, "label": "$P(S)$"}
    axes.fill_between(x / panel.x.scale, y / panel.y.scale, **fill)
    table = table[(table["n"] > 0) & np.isfinite(table["density"])]
    if table.empty:
        panel.missing("no particle of this softness\nstayed in its cage")
        return
    times = sorted(set(table["wanted_time"]))
    curves = [select(table, wanted_time=wanted) for wanted in times]
    for place, (wanted, data) in enumerate(zip(times, curves, strict=True)):
        time = data["time"].iloc[0]
        label = f"$t$ = {time:g}"
        if not np.isclose(time, wanted, rtol=0.1, atol=1e-6):
            label += f" (for {wanted:g})"
            panel.note(f"the run has no t = {wanted:g}; t = {time:g} stands in for it")
        style = ordered_style(place, len(times), label=label, marker=None)
        curve = data["bin_center"], data["density"], data["density_error"]
        panel.line(f"t = {time:g}", *curve, **style)
    shown = [(data["bin_center"], data["density"]) for data in curves]
    if inside := central_range([*shown, (x, everyone["count_all"])]):
        axes.set_xlim(inside[0] / panel.x.scale, inside[1] / panel.x.scale)
    axes.set_ylim(bottom=0)
    legend(axes, loc="upper right")


def mean_of_groups(panel: Panel, table: pd.DataFrame, summary: pd.DataFrame) -> None:
    """Draw the mean softness of groups of equal initial softness, and of all particles (dotted)."""
    axes, table = panel.axes, table[(table["time"] > 0) & np.isfinite(table["mean"])]
    if table.empty:
        panel.missing("no groups of softness")
        return
    curves = [select(table, group=group) for group in sorted(set(table["group"]))]
    for place, data in enumerate(curves):
        start = data["s0"].iloc[0]
        style = ordered_style(place, len(curves), label=f"{start / panel.y.scale:.2f}", markevery=3)
        panel.line(f"S0 = {start:.4g}", data["time"], data["mean"], data["mean_error"], **style)
    mean = summary["mean"].iloc[0] if len(summary) else np.nan
    if np.isfinite(mean):
        axes.axhline(mean / panel.y.scale, **GUIDE, label="all")
        panel.keep("mean of all", [np.nan], [mean])
    axes.set_xscale("log")
    headroom(axes, 0.42)
    legend(axes, loc="upper center", ncols=3, title=f"$S_0$ (${panel.y.axis_unit}$)")
