"""Figure S6: results of the possible interpretations of the paper, one question at a time.

There is one row per interpretation, grouped by the question that the paper leaves open. (a) Share
of particles softer than the peak, among the rearranging ones (filled) and among all (open), and (b)
ROC AUC, both at the lowest temperature. (c) Temperature at which the Arrhenius lines cross. Dashed
lines are the paper's values.
"""

import numpy as np

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import (
    ACCENT_COLOR,
    ALL_COLOR,
    GUIDE,
    REARRANGING_COLOR,
    legend,
    limits,
)


def rows_of(table):
    """Return the label of every row by its name, with an empty row between groups."""
    names = {}
    for group, rows in table.groupby("ambiguity", sort=False):
        if names:
            names[f"before {group}"] = ""
        names |= {row.name: q.typeset(row.interpretation) for row in rows.itertuples()}
    return names


def claimed(claims, name, temperature=None):
    """Return the paper's value of a claim, NaN if the study has none."""
    for claim in claims:
        here = temperature is None or np.isclose(claim.get("T", np.nan), temperature)
        if claim["id"] == name and here:
            return float(claim["value"])
    return np.nan


def draw(page, interpretations, claims):
    """Draw the three panels."""
    lowest = page.coldest
    table = interpretations.assign(
        name=interpretations["ambiguity"] + ": " + interpretations["interpretation"]
    )
    names = rows_of(table)
    height = 0.6 + 0.125 * (len(names) or 8)
    shown = [(x, q.INTERPRETATION) for x in (q.SHARE, q.AUC, q.ONSET)]
    a, b, c = page.add_panels(*shown, columns=3, row=height, sharey=True)
    for panel, column, factor, series, look, fill in (
        (a, "share_all", 100, "all", {"color": ALL_COLOR, "marker": "o"}, "white"),
        (a, "share_rearranging", 100, "rearranging", {"color": REARRANGING_COLOR, "marker": "o"},
         None),
        (b, "auc", 1, "AUC", {"color": "black", "marker": "o"}, None),
        (c, "T_cross", 1, "crossing", {"color": ACCENT_COLOR, "marker": "s"}, None),
    ):  # fmt: skip
        value, error = factor * table[column], factor * table[f"{column}_error"]
        rows = table.assign(value=value, value_error=error, look=series)
        style = {"markerfacecolor": fill} if fill else {}
        panel.rows(rows, "value", names, {series: look | {"label": series}}, **style)
    share = 100 * claimed(claims, "soft_share", lowest)
    onset = claimed(claims, "onset_softness")
    # the legend of (a) has no room for another entry
    for panel, value, label in ((a, share, None), (c, onset, "paper")):
        if np.isfinite(value):
            panel.axes.axvline(value, **GUIDE | {"linestyle": "--", "label": label})
    b.axes.axvline(0.5, **GUIDE)
    onset_limits(c.axes, table, onset)
    name_rows(a.axes, table, names)
    for panel in (a, b, c):
        panel.axes.set_ylabel("")
        panel.axes.grid(axis="y", color="0.92", linewidth=0.5)
    a.axes.set_xlabel(f"softer than the peak, $T$ = {lowest:g} (%)")
    b.axes.set_xlabel(f"AUC, $T$ = {lowest:g}")
    for panel in (a, c):
        legend(panel.axes, loc="lower right", bbox_to_anchor=(1.02, 0.99), ncols=3)
    page.mark(page.temperatures)


def onset_limits(axes, table, paper):
    """Set the limits of the temperatures; outliers with large errors do not count."""
    values = [*table["T_cross"].astype(float), paper]
    values = np.array(values)[np.isfinite(values)]
    if len(values):
        near = values[np.abs(values - np.median(values)) < 0.5 * np.median(values)]
        axes.set_xlim(*limits(near, 0.25))


def name_rows(axes, table, names):
    """Write the default of each group in bold black, and the group beside its first row."""
    if not len(table):
        return
    heights = {name: place for place, name in enumerate(names)}
    defaults = set(table.loc[table["default"] == "default", "name"])
    for tick, name in zip(axes.get_yticklabels(), filter(names.get, names), strict=False):
        # symbols are never bold, so the default also has another colour
        bold = name in defaults
        tick.set(fontweight="bold" if bold else "normal", color="black" if bold else "0.4")
    for group, rows in table.groupby("ambiguity", sort=False):
        axes.annotate(
            q.typeset(group),
            (-0.95, heights[rows["name"].iloc[0]]),
            xycoords=("axes fraction", "data"),
            ha="left",
            va="center",
            fontsize=7,
            color=ACCENT_COLOR,
            annotation_clip=False,
        )


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
