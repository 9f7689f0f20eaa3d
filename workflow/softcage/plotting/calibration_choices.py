"""Panels of figure S1: effects of q_max, of the range of the parabola and of the smearing width."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pandas as pd

from softcage.plotting.page import Page, Panel
from softcage.plotting.panels import finite
from softcage.plotting.style import ALL_COLOR, REARRANGING_COLOR, legend
from softcage.tables import select

_FILL: dict[str, dict] = {
    "curvature": {},
    "harmonic": {"markerfacecolor": "white", "linestyle": "none"},
}
_BLACK = {"color": "black", "linestyle": "-"}


def by_q_max(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that compare values of q_max."""
    return table[table["route"].isin(_FILL)].sort_values("q_max")


def by_range(table: pd.DataFrame, q_max: float) -> pd.DataFrame:
    """Return the rows that compare fit ranges; the first is the curvature (range 0)."""
    return select(table, q_max=q_max).sort_values("harmonic_range")


def by_width(
    page: Page, summaries: Sequence[pd.DataFrame], deltas: Sequence[float], window: float
) -> pd.DataFrame:
    """Return the summaries of the softness at all T and delta as one table, for lag 0."""
    rows = [
        select(summary, quantity="softness", window=window, lag="0").assign(T=T, delta=delta)
        for (T, delta), summary in zip(product(page.temperatures, deltas), summaries, strict=True)
    ]
    table = pd.concat([row for row in rows if len(row)] or rows)
    return table.sort_values(["T", "delta"])


def scales(panels: Sequence[Panel], cage: pd.DataFrame, widths: pd.DataFrame, q_max: float) -> None:
    """Draw S_av, computed from 1/S_av with its error, and the mean softness of single particles."""
    a, b, c = panels
    inverse = cage["inverse_softness"].where(cage["inverse_softness"] > 0)
    cage = cage.assign(s=1 / inverse, s_error=cage["inverse_softness_error"] / inverse**2)
    for (route, look), T in product(_FILL.items(), sorted(set(cage["T"]))):
        rows = select(by_q_max(cage), route=route, T=T)
        style = a.page.style(T) | look | ({"label": None} if look else {})
        a.markers(f"{route}, T = {T:g}", rows["q_max"], rows["s"], rows["s_error"], **style)
    for panel, x, y, table in (
        (b, "harmonic_range", "s", by_range(cage, q_max)),
        (c, "delta", "mean", widths),
    ):
        for T in sorted(set(table["T"])):
            rows, style = select(table, T=T), panel.page.style(T)
            panel.markers(f"T = {T:g}", rows[x], rows[y], rows[f"{y}_error"], **style)
    legend(a.axes, loc="best", ncols=2)


def linearity(
    panels: Sequence[Panel], calibration: pd.DataFrame, correlation: pd.DataFrame, q_max: float
) -> None:
    """Draw the deviations from the line, and the rank correlation between widths."""
    d, e, f = panels
    lines = select(calibration, relation="c")
    lines = lines.assign(percent=100 * lines["max_relative_deviation"])
    for route, look in _FILL.items():
        rows = select(by_q_max(lines), route=route)
        d.markers(route, rows["q_max"], rows["percent"], label=route, **_BLACK | look)
    rows = by_range(lines, q_max)
    e.markers("all ranges", rows["harmonic_range"], rows["percent"], **_BLACK)
    rows = correlation.sort_values("delta")
    f.markers("all particles", rows["delta"], rows["spearman"], rows["spearman_error"], **_BLACK)
    legend(d.axes, loc="best")


def prediction(shares: Panel, auc: Panel, x: str, table: pd.DataFrame) -> None:
    """Draw the shares and the AUC at the lowest temperature in one column."""
    table = finite(table, "auc").sort_values(x)
    for name, color, marker in (("rearranging", REARRANGING_COLOR, "s"), ("all", ALL_COLOR, "o")):
        share, error = table[f"share_{name}"], table[f"share_{name}_error"]
        style = {"color": color, "marker": marker, "linestyle": "-", "label": name}
        shares.markers(name, table[x], 100 * share, 100 * error, **style)
    auc.markers("AUC", table[x], table["auc"], table["auc_error"], **_BLACK)
