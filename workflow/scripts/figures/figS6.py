"""Figure S6: where the paper is open to more than one interpretation, what each gives.

One row an interpretation, grouped by what is open: (a) the share of particles softer than the peak,
of the rearranging ones (filled) and of all (open); (b) the ROC AUC, both at the lowest temperature;
(c) the temperature where the Arrhenius lines cross. Vertical lines are the paper's values.
"""

import numpy as np

from softcage import quantities as q
from softcage.plotting.run import run
from softcage.plotting.style import (
    ACCENT_COLOR,
    ALL_COLOR,
    GUIDE,
    REARRANGING_COLOR,
    legend,
    limits,
)

GAP = 0.7  # between groups, in rows


def places(table):
    """Height of every row, counted downwards, with a gap between groups."""
    new = table["ambiguity"] != table["ambiguity"].shift()
    return np.arange(len(table)) + GAP * (new.cumsum() - 1)


def claimed(claims, name, temperature=None):
    """The paper's value of a claim, NaN if the study has none."""
    for claim in claims:
        here = temperature is None or np.isclose(claim.get("T", np.nan), temperature)
        if claim["id"] == name and here:
            return float(claim["value"])
    return np.nan


def draw(page, interpretations, claims):
    """Draw the three panels."""
    table, lowest = interpretations.assign(place=places(interpretations)), page.coldest
    height = 0.6 + 0.135 * (table["place"].max() + 1 if len(table) else 8)
    shown = [(x, q.INTERPRETATION) for x in (q.SHARE, q.AUC, q.ONSET)]
    a, b, c = page.add_panels(*shown, columns=3, row=height, sharey=True)
    for panel, column, factor, series, style in (
        (a, "share_all", 100, "all", {"color": ALL_COLOR, "markerfacecolor": "white"}),
        (a, "share_rearranging", 100, "rearranging", {"color": REARRANGING_COLOR}),
        (b, "auc", 1, "AUC", {"color": "black"}),
        (c, "T_cross", 1, "crossing", {"color": ACCENT_COLOR, "marker": "s"}),
    ):
        x, error = factor * table[column], factor * table[f"{column}_error"]
        panel.markers(series, x, table["place"], x_error=error, label=series, **style)
    share = 100 * claimed(claims, "soft_share", lowest)
    onset = claimed(claims, "onset_softness")
    # the keys of (a) fill its width
    for panel, value, label in ((a, share, None), (c, onset, "paper")):
        if np.isfinite(value):
            panel.axes.axvline(value, **GUIDE | {"linestyle": "--", "label": label})
    b.axes.axvline(0.5, **GUIDE)
    onset_limits(c.axes, table, onset)
    name_rows(a.axes, table)
    for panel in (a, b, c):
        panel.axes.set_ylabel("")
        panel.axes.tick_params(axis="y", length=0)
        panel.axes.grid(axis="y", color="0.92", linewidth=0.5)
    a.axes.set_xlabel(f"softer than the peak, $T$ = {lowest:g} (%)")
    b.axes.set_xlabel(f"AUC, $T$ = {lowest:g}")
    for panel in (a, c):
        legend(panel.axes, loc="lower right", bbox_to_anchor=(1.02, 0.99), ncols=3)
    for row in table.itertuples():
        page.notes.append(f"y = {row.place:.1f}: {row.ambiguity}: {row.interpretation}")
    page.mark(page.temperatures)


def onset_limits(axes, table, paper):
    """Limits of the temperatures: far ones with a wide error must not squeeze the others."""
    values = [*table["T_cross"].astype(float), paper]
    values = np.array(values)[np.isfinite(values)]
    if len(values):
        near = values[np.abs(values - np.median(values)) < 0.5 * np.median(values)]
        axes.set_xlim(*limits(near, 0.25))


def name_rows(axes, table):
    """Write the interpretations beside their rows, the default in bold black, the group at its
    first.
    """
    axes.set_yticks(
        table["place"], [q.typeset(interpretation) for interpretation in table["interpretation"]]
    )
    for tick, default in zip(axes.get_yticklabels(), table["default"], strict=True):
        usual = default == "default"
        # symbols are never bold, so the colour says it too
        tick.set(fontweight="bold" if usual else "normal", color="black" if usual else "0.4")
    if not len(table):
        return
    axes.set_ylim(table["place"].max() + 0.8, -0.8)
    for group, rows in table.groupby("ambiguity", sort=False):
        axes.annotate(
            q.typeset(group),
            (-0.95, rows["place"].iloc[0]),
            xycoords=("axes fraction", "data"),
            ha="left",
            va="center",
            fontsize=7,
            color=ACCENT_COLOR,
            annotation_clip=False,
        )


if __name__ == "__main__":
    run(snakemake, draw)  # noqa: F821  (injected by Snakemake)
