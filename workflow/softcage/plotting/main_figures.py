"""The figures that the study draws of its results, and ``softcage report`` of any trajectory.

They are figures 1 to 7 of the paper, and curves of figures S4 and S5. Arguments are tables as the
rules write them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from softcage import quantities as q
from softcage.plotting import panels
from softcage.plotting.page import Page, Panel
from softcage.plotting.softness_memory import correlation_and_overlap, mean_of_groups, propagators
from softcage.plotting.style import (
    ALL_COLOR,
    DASHED,
    DOTTED,
    GUIDE,
    REARRANGING_COLOR,
    legend,
    ordered_style,
    same_range,
)
from softcage.tables import select

# The distances and the wave numbers that figures of g(r) and S(q) show.
R_RANGE, Q_LOWEST = (0.6, 3.5), 1.0


# ---------------------------------------------------------------- figure 1
def draw_mean_cage(
    page: Page, cage: pd.DataFrame, calibration: pd.DataFrame, q_max: float, route: str
) -> None:
    """Draw the depth of the mean-field cage against its inverse softness, and the lines.

    (a) The depth from the wave-number integral (Eq. 4); inset: that from the real-space integral
    (Eq. 5) against it. (b) The depth from the real-space integral. The lines are relations a, b and
    c of ``calibration``, for one ``q_max`` and ``route``.
    """
    cages = select(cage, q_max=q_max, route=route).sort_values("T")
    a, b = page.add_panels(
        (q.INVERSE_SOFTNESS, q.DEPTH_WAVE), (q.INVERSE_SOFTNESS, q.DEPTH_AVERAGE), row=2.25
    )
    inset = a.inset((0.62, 0.17, 0.36, 0.40), q.DEPTH_WAVE, q.DEPTH_AVERAGE)
    for panel, x, y, letter in (
        (a, "inverse_softness", "depth_q", "a"),
        (inset, "depth_q", "depth_r", "b"),
        (b, "inverse_softness", "depth_r", "c"),
    ):
        lines = select(calibration, q_max=q_max, route=route, relation=letter)
        lines = lines.dropna(subset=["intercept", "slope"])
        line = None if lines.empty else lines.iloc[0]
        _relation(panel, cages, x, y, line)
        if line is not None and panel is not inset:
            _words_on_line(panel, line, "\\beta\\Phi_q" if panel is a else "\\beta\\Phi_r", letter)
    legend(b.axes, loc="lower right")
    page.mark(cages["T"])


def _relation(panel: Panel, cages: pd.DataFrame, x: str, y: str, line: pd.Series | None) -> None:
    """Draw one point per temperature and the line ``left = intercept - slope * depth``."""
    for _, row in cages.iterrows():
        panel.markers(
            f"T = {row['T']:g}",
            [row[x]],
            [row[y]],
            [row[f"{y}_error"]],
            [row[f"{x}_error"]],
            **panel.page.style(row["T"], linestyle="none"),
        )
    if line is None:
        panel.missing("too few temperatures for a line", empty=False)
        return
    middle = cages[y].mean()
    depth = middle + 1.06 * (np.array([cages[y].min(), cages[y].max()]) - middle)
    # relation b gives beta Phi of the other depth, which has the opposite sign
    sign = -1 if x.startswith("depth") else 1
    left = sign * (line["intercept"] - line["slope"] * depth)
    panel.line("fit", left, depth, color="black", linewidth=0.8)


def _words_on_line(panel: Panel, line: pd.Series, right: str, letter: str) -> None:
    """Write the fitted relation with its errors."""
    text = (
        f"$1/S = {letter}_0 + {letter}_1 {right}$\n"
        f"${letter}_0 = {line['intercept']:.0f} \\pm {line['intercept_error']:.0f}$, "
        f"${letter}_1 = {line['slope']:.1f} \\pm {line['slope_error']:.1f}$"
    )
    panel.axes.text(0.03, 0.97, text, transform=panel.axes.transAxes, va="top", fontsize=6.5)


# ---------------------------------------------------------------- figure 2
def draw_depth_and_softness(
    page: Page, curves: Sequence[pd.DataFrame], quantities: Sequence[str] = ("depth", "softness")
) -> None:
    """Draw the distributions over all particles, one curve per temperature."""
    shown = page.add_panels(*[panels.AXES[quantity] for quantity in quantities])
    styles = [page.style(T, marker=None) for T in page.temperatures]
    for panel, quantity in zip(shown, quantities, strict=True):
        panels.draw_distributions(panel, curves, styles, quantity)
        legend(panel.axes, loc="upper right")
    page.mark(page.temperatures)


# ---------------------------------------------------------------- figure 3
def draw_softness_memory(
    page: Page,
    correlation: Sequence[pd.DataFrame],
    overlap: Sequence[pd.DataFrame],
    propagator: pd.DataFrame,
    mean_softness: pd.DataFrame,
    distributions: pd.DataFrame,
    summary: pd.DataFrame,
    shown: Sequence[float],
    window: float,
) -> None:
    """Draw how long particles keep their softness.

    (a) Pearson correlation C_S(t) of a particle's softness with its earlier value (solid) and the
    overlap q(t) (dotted), at the temperatures ``shown``, of which ``correlation`` and ``overlap``
    have a table each. (b) Propagator G(S, S0, t) of hard particles that stayed in their cage, and
    P(S) of all particles (filled). (c) Mean softness of groups of equal initial softness. (b) and
    (c) are for the lowest temperature.
    """
    cold = page.label(page.coldest)
    a, b, c = page.add_panels(
        (q.TIME, q.SOFTNESS_CORRELATION),
        (q.SOFTNESS, q.PROPAGATOR, cold),
        (q.TIME, q.MEAN_SOFTNESS, cold),
        row=2.13,
    )
    draw_correlations(a, shown, correlation, overlap)
    softness: dict[str, Any] = {"quantity": "softness", "window": window}
    propagators(b, propagator, select(distributions, **softness))
    mean_of_groups(c, mean_softness, select(summary, **softness, lag="0"))
    page.mark(shown)


def draw_correlations(
    panel: Panel,
    shown: Sequence[float],
    correlation: Sequence[pd.DataFrame],
    overlap: Sequence[pd.DataFrame],
    symbol: str = "C_S(t)",
) -> None:
    """Draw how a quantity of a particle correlates with its earlier value, and the overlap."""
    for T, *tables in zip(shown, correlation, overlap, strict=True):
        correlation_and_overlap(panel, T, *tables)
    for text, dashes in ((f"${symbol}$", "-"), ("$q(t)$", DOTTED)):
        panel.axes.plot([], [], color="black", linestyle=dashes, label=text)
    panel.axes.axhline(np.exp(-1), **GUIDE | {"linestyle": "-", "zorder": 0})
    panel.axes.set(xscale="log", ylim=(-0.05, 1.05))
    legend(panel.axes, loc="lower left", ncols=2)


# ---------------------------------------------------------------- figure 4
def draw_rearranging_softness(
    page: Page,
    curves: Sequence[pd.DataFrame],
    summary: Sequence[pd.DataFrame],
    shown: Sequence[float],
    window: float,
    quantity: str = "softness",
) -> None:
    """Draw the softness of all and of rearranging particles, one panel per temperature.

    The hottest is on top.
    """
    titles = [page.label(T) for T in shown[::-1]]
    tables = curves[::-1], summary[::-1]
    drawn = panels.softness_panels(page, titles, *tables, window, quantity, row=1.85, short=True)
    # one range for all panels, so that the shift is visible
    same_range([panel.axes for panel in drawn], "x")
    page.mark(shown)


# ---------------------------------------------------------------- figure 5
def draw_rearrangement(
    page: Page,
    distributions: Sequence[pd.DataFrame],
    arrhenius: pd.DataFrame | None,
    arrhenius_points: pd.DataFrame | None,
    crossing: pd.DataFrame | None,
    overlap: Sequence[pd.DataFrame],
    shown: Sequence[float],
    window: float,
    minimum_hops: int,
    quantity: str = "softness",
) -> None:
    """Draw softness and rearrangement.

    (a) Rearranging fraction P_R against softness. (b) P_R against 1/T for five bins of softness,
    with the Arrhenius lines up to the temperature at which the lines of all bins cross; inset:
    P_R/P_0 of all bins against barrier / T. (c) Barrier against softness. (d) Overlap of particles
    of low, middle and high softness, at the temperatures ``shown``.

    Without lines (None), as at one temperature, there are no (b) and (c); without tables in
    ``overlap`` there is no (d).
    """
    value, fraction = panels.AXES[quantity][0], panels.FRACTIONS[quantity]
    wanted = {"fraction": (value, fraction)}
    if arrhenius is not None:
        wanted |= {"lines": (q.INVERSE_TEMPERATURE, fraction), "barriers": (value, q.BARRIER)}
    if len(overlap):
        wanted["overlap"] = (q.TIME, q.SOFTNESS_OVERLAP)
    drawn = page.add_panels(*wanted.values(), columns=2, row=2.5)
    named = dict(zip(wanted, drawn, strict=True))
    tables = dict(zip(page.temperatures, distributions, strict=True))
    panels.draw_fraction(named["fraction"], tables, quantity, window, minimum_hops)
    corner = "lower right" if quantity == "softness" else "lower left"
    legend(named["fraction"].axes, loc=corner, ncols=2)
    if arrhenius is not None and arrhenius_points is not None and crossing is not None:
        lines = arrhenius, arrhenius_points, crossing
        panels.draw_arrhenius(named["lines"], *lines, quantity, window)
        panels.draw_barriers(named["barriers"], arrhenius, quantity, window)
    if "overlap" in named:
        _overlaps(named["overlap"], dict(zip(shown, overlap, strict=True)))
    page.mark(page.temperatures)


def _overlaps(panel: Panel, tables: Mapping[float, pd.DataFrame]) -> None:
    """Draw q(S, t) from one table per temperature: solid at the lowest, dashed at the other."""
    for (T, table), dashes in zip(tables.items(), ("-", DASHED), strict=False):
        for place, group in enumerate(("low", "middle", "high")):
            data = select(table[table["time"] > 0], group=group)
            curve = data["time"], data["overlap"], data["overlap_error"]
            label = f"{group} $S$" if dashes == "-" else None
            style = ordered_style(place, 3, label=label, marker=None, linestyle=dashes)
            panel.line(f"{group} S, T = {T:g}", *curve, **style)
        key: dict[str, Any] = {"color": "black", "linestyle": dashes, "label": panel.page.label(T)}
        panel.axes.plot([], [], **key)
    panel.axes.set(xscale="log", ylim=(-0.05, 1.05))
    legend(panel.axes, loc="lower left")


# ---------------------------------------------------------------- figures 6 and 7
def draw_hop_example(page: Page, example: pd.DataFrame, species: str = "A") -> None:
    """Draw p_hop(t) of one particle, which rearranges where it exceeds p_c."""
    (panel,) = page.add_panels((q.TIME, q.P_HOP), row=1.9)
    example = panels.finite(example, "p_hop")
    if example.empty:
        panel.missing("no particle rearranged,\nor the run is shorter than the window")
        return
    axes, T, p_c = panel.axes, example["T"].iloc[0], example["p_c"].iloc[0]
    time, p_hop = example["time"], example["p_hop"]
    name = f"{species} particle {example['particle'].iloc[0]:g}"
    color = page.style(T)["color"]
    panel.line(name, time, p_hop, color=color, linewidth=0.8, label=name)
    panel.line("p_c", time, example["p_c"], color="black", linestyle="--", label="$p_c$")
    above = np.maximum(p_hop, p_c)
    axes.fill_between(time, p_c, above, color=REARRANGING_COLOR, alpha=0.35, linewidth=0)
    axes.set(xlim=(time.min(), time.max()), ylim=(0, 1.3 * max(p_hop.max(), p_c)))
    axes.set_title(page.label(T), loc="left", pad=3)
    legend(axes, loc="upper right", ncols=2)
    page.mark([T])


def draw_rearranging_rdf(
    page: Page, rearranging_rdf: pd.DataFrame, species: str = "A", low: float = R_RANGE[0]
) -> None:
    """Draw g(r) around all and around rearranging particles of a species, lowest temperature.

    There is one panel for each species of neighbours; distances are shown from ``low`` on.
    """
    T = page.coldest
    pairs = list(dict.fromkeys(rearranging_rdf["pair"])) or [f"{species}{other}" for other in "AB"]
    drawn = page.add_panels(*[(q.DISTANCE, q.rdf(pair), page.label(T)) for pair in pairs])
    for panel, pair in zip(drawn, pairs, strict=True):
        data = select(rearranging_rdf, pair=pair)
        data = data[data["r"] > low - 0.1]
        panel.line("all", data["r"], data["g_all"], color=ALL_COLOR, label=f"all {species}")
        style: dict[str, Any] = {
            "color": REARRANGING_COLOR,
            "linestyle": DASHED,
            "label": f"rearranging {species}",
        }
        g, error = data["g_rearranging"], data["g_rearranging_error"]
        if not panel.line("rearranging", data["r"], g, error, **style):
            panel.missing("no rearrangement", empty=False)
        if data["g_all"].notna().any():
            panel.axes.set_xlim(low, data["r"].max())
            panel.axes.set_ylim(bottom=0)
        legend(panel.axes, loc="upper right")
    page.mark([T])


# ---------------------------------------------------------------- curves of figures S4 and S5
def draw_partial_curves(
    panel: Panel,
    cages: Sequence[Mapping[str, np.ndarray]],
    x: str,
    name: str,
    pair: tuple[int, int],
    inside: tuple[float, float],
) -> None:
    """Draw one function of a pair of species at every temperature."""
    for T, cage in zip(panel.page.temperatures, cages, strict=True):
        keep = (cage[x] >= inside[0]) & (cage[x] <= inside[1])
        values, errors = cage[name][pair][keep], cage[f"{name}_error"][pair][keep]
        style = panel.page.style(T, marker=None, linewidth=0.9)
        panel.line(f"T = {T:g}", cage[x][keep], values, errors, **style)
    panel.axes.set_xlim(*inside)


def draw_relaxation(shown: Mapping[str, Panel], relaxation: Sequence[pd.DataFrame]) -> None:
    """Draw averages over time, one curve per temperature.

    ``shown`` has the panel of each of the columns ``msd``, ``overlap`` and ``alpha_2``.
    """
    first = shown["msd"]
    for T, table in zip(first.page.temperatures, relaxation, strict=True):
        for column, panel in shown.items():
            curve = table["time"], table[column], table[f"{column}_error"]
            panel.line(f"T = {T:g}", *curve, **panel.page.style(T, marker=None))
    first.axes.set_yscale("log")
    for panel in shown.values():
        panel.axes.set_xscale("log")
    shown["overlap"].axes.axhline(np.exp(-1), **GUIDE)
    legend(first.axes, loc="upper left")
