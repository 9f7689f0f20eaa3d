"""Figure S1: what the choices behind the softness change, and what not.

A column a choice: the upper limit q_max of the wave-number integrals, the range of the parabola
(0: the curvature) and the width delta of the smearing. Rows: the scale of the softness, of the
mean-field cage (curvature filled, parabola open) and for delta of single particles; how far 1/S_av
is from its line against the real-space depth, and for delta the rank correlation with the default
width; shares softer than the peak; ROC AUC. The last two are of single particles at the lowest
temperature.
"""

from itertools import chain, product

import numpy as np
import pandas as pd

from softcage.plotting import quantities as q
from softcage.plotting.panels import finite
from softcage.plotting.run import run
from softcage.plotting.style import ALL_COLOR, GUIDE, REARRANGING_COLOR, legend, same_range
from softcage.tables import select

FILL = {"curvature": {}, "harmonic": {"markerfacecolor": "white", "linestyle": "none"}}
BLACK = {"color": "black", "linestyle": "-"}


def by_q_max(table):
    """The rows that compare upper wave numbers."""
    return table[table["route"].isin(FILL)].sort_values("q_max")


def by_range(table, q_max):
    """The rows that compare fit ranges, the curvature first (range 0)."""
    return select(table, q_max=q_max).sort_values("harmonic_range")


def by_width(page, summaries, deltas, window):
    """The summaries of all T and delta as one table: softness, default window, lag 0."""
    rows = [
        select(summary, quantity="softness", window=window, lag="0").assign(T=T, delta=delta)
        for (T, delta), summary in zip(product(page.temperatures, deltas), summaries, strict=True)
    ]
    table = pd.concat([row for row in rows if len(row)] or rows)
    return table.sort_values(["T", "delta"])


def softness(panels, cage, widths, q_max):
    """Draw the first row: S_av = 1 / (1/S_av) with its error, and the mean of single particles."""
    a, b, c = panels
    inverse = cage["inverse_softness"].where(cage["inverse_softness"] > 0)
    cage = cage.assign(s=1 / inverse, s_error=cage["inverse_softness_error"] / inverse**2)
    for (route, T), rows in by_q_max(cage).groupby(["route", "T"]):
        style = a.page.style(T) | FILL[route] | ({"label": None} if FILL[route] else {})
        a.markers(f"{route}, T = {T:g}", rows["q_max"], rows["s"], rows["s_error"], **style)
    for panel, x, y, table in (
        (b, "harmonic_range", "s", by_range(cage, q_max)),
        (c, "delta", "mean", widths),
    ):
        for T, rows in table.groupby("T"):
            style = panel.page.style(T)
            panel.markers(f"T = {T:g}", rows[x], rows[y], rows[f"{y}_error"], **style)
    legend(a.axes, loc="best", ncols=2)


def linearity(panels, calibration, correlation, q_max):
    """Draw the second row: deviations from the line, and the rank correlation of the widths."""
    d, e, f = panels
    lines = select(calibration, relation="c")
    lines = lines.assign(percent=100 * lines["max_relative_deviation"])
    for route, rows in by_q_max(lines).groupby("route"):
        d.markers(route, rows["q_max"], rows["percent"], label=route, **BLACK | FILL[route])
    rows = by_range(lines, q_max)
    e.markers("all ranges", rows["harmonic_range"], rows["percent"], **BLACK)
    rows = correlation.sort_values("delta")
    f.markers("all particles", rows["delta"], rows["spearman"], rows["spearman_error"], **BLACK)
    legend(d.axes, loc="best")


def prediction(shares, auc, x, table):
    """Draw the shares and the AUC of the lowest temperature in one column."""
    table = finite(table, "auc").sort_values(x)
    for name, color, marker in (("rearranging", REARRANGING_COLOR, "s"), ("all", ALL_COLOR, "o")):
        share, error = table[f"share_{name}"], table[f"share_{name}_error"]
        style = {"color": color, "marker": marker, "linestyle": "-", "label": name}
        shares.markers(name, table[x], 100 * share, 100 * error, **style)
    auc.markers("AUC", table[x], table["auc"], table["auc_error"], **BLACK)


def frame(page, values):
    """Return the rows of panels; dotted lines are the ``values`` of this study."""
    columns = {
        q.Q_MAX: "upper wave number",
        q.FIT_RANGE: "range of the parabola",
        q.SMEARING: "smearing",
    }
    rows = (
        (q.AVERAGE_SOFTNESS, q.AVERAGE_SOFTNESS, q.MEAN_LOCAL_SOFTNESS),
        (q.DEVIATION, q.DEVIATION, q.RANK_CORRELATION),
        (q.SHARE, q.SHARE, q.SHARE),
        (q.AUC, q.AUC, q.AUC),
    )
    titles = [*columns.values(), "", "", *[page.label(page.coldest)] * 7]
    shown = zip([*columns] * len(rows), chain(*rows), titles, strict=True)
    panels = page.add_panels(*shown, columns=3, row=1.8, short=True)
    for place, panel in enumerate(panels):
        panel.axes.axvline(values[place % 3], **GUIDE)
        panel.axes.set_xlabel(panel.x.axis(short=place % 3 > 0))
    for panel in panels[3:5]:
        panel.axes.set_ylabel("deviation from the line (%)")
    panels[5].axes.set_ylabel("rank correlation")
    for panel in panels[6:9]:
        panel.axes.set_ylabel("softer than the peak (%)")
    return panels[:3], panels[3:6], panels[6:9], panels[9:]


def draw(
    page,
    cage,
    calibration,
    choices,
    summary,
    correlation_summary,
    q_max,
    route,
    harmonic_range,
    delta,
    deltas,
    window,
):
    """Draw all panels; ``summary`` goes by temperature, then width."""
    parabola = 0.0 if route == "curvature" else harmonic_range
    scales, lines, shares, auc = frame(page, (q_max, parabola, delta))
    widths = by_width(page, summary, deltas, window)
    softness(scales, cage, widths, q_max)
    linearity(lines, calibration, correlation_summary, q_max)
    compared = (
        ("q_max", choices[choices["route"] == route]),
        ("harmonic_range", by_range(choices, q_max)),
        ("delta", widths[np.isclose(widths["T"], page.coldest)]),
    )
    for *column, (x, table) in zip(shares, auc, compared, strict=True):
        prediction(*column, x, table)
    for panel in auc:
        panel.axes.axhline(0.5, **GUIDE)
    # one range a row, so that its panels can be compared
    for row in (lines[:2], shares, auc):
        same_range([panel.axes for panel in row], "y")
    for panel in (*scales, *lines[:2]):
        panel.axes.set_ylim(0, 1.06 * panel.axes.get_ylim()[1])
    legend(shares[0].axes, loc="best")
    page.mark(page.temperatures)


if __name__ == "__main__":
    run(snakemake, draw)  # noqa: F821  (injected by Snakemake)
