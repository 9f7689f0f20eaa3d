"""Figure S6: where the paper is open to more than one reading, what each gives.

One row a reading, grouped by what is open: (a) the share of particles softer than the peak, of
the rearranging ones (filled) and of all (open); (b) the ROC AUC, both at the lowest temperature;
(c) the temperature where the Arrhenius lines cross. Vertical lines are the paper's values.
"""

import re

import numpy as np
import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    ALL_COLOR,
    GUIDE_COLOR,
    REARRANGING_COLOR,
    figure,
    legend,
    limits,
    mark_unequilibrated,
    unequilibrated,
)

# Names of the groups, and of readings that need mathematics.
GROUPS = {
    "q_max": r"$q_\mathrm{max}$",
    "1/S_av": r"$1/S^\mathrm{av}$",
    "p_c": r"$p_\mathrm{c}$",
    "P_R": r"$P_\mathrm{R}$",
    "delta": r"$\delta$",
    "window": r"$\Delta t$",
}
SYMBOLS = {
    "sqrt(x_u x_v)": r"$\sqrt{x_u x_v}$",
    "x_u x_v": "$x_u x_v$",
    "g/x_v": "$g/x_v$",
    "x_v": "$x_v$",
    "q_max": r"$q_\mathrm{max}$",
    "p_hop": r"$p_\mathrm{hop}$",
    "p_c": r"$p_\mathrm{c}$",
    "delta": r"$\delta$",
    "Dt": r"$\Delta t$",
    " g ": " $g$ ",
}
GAP = 0.7  # between groups, in rows


def words(reading):
    """Text of a reading with its symbols set."""
    # in one pass, the longer names first: some are parts of others
    return re.sub("|".join(map(re.escape, SYMBOLS)), lambda name: SYMBOLS[name[0]], reading)


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


def draw(readings, equilibration, temperatures, claims, width, dpi):
    """Draw the three panels."""
    marks, points, lowest = unequilibrated(equilibration), Points(), min(temperatures)
    table = readings.assign(place=places(readings))
    height = 1.0 + 0.135 * (table["place"].max() + 1 if len(table) else 8)
    fig, (a, b, c) = figure(1, 3, height, width=width, dpi=dpi, wide=True, sharey=True)
    points.panel(a, "a", q.SHARE, q.READING)
    points.panel(b, "b", q.AUC, q.READING)
    points.panel(c, "c", q.ONSET, q.READING)
    for panel, column, factor, series, style in (
        ("a", "share_all", 100, "all", {"color": ALL_COLOR, "markerfacecolor": "white"}),
        ("a", "share_rearranging", 100, "rearranging", {"color": REARRANGING_COLOR}),
        ("b", "auc", 1, "AUC", {"color": "black"}),
        ("c", "T_cross", 1, "crossing", {"color": "#0060a8", "marker": "s"}),
    ):
        x, error = factor * table[column], factor * table[f"{column}_error"]
        points.markers(panel, series, x, table["place"], x_error=error, label=series, **style)
    for axes, value in (
        (a, 100 * claimed(claims, "soft_share", lowest)),
        (c, claimed(claims, "onset_softness")),
    ):
        if np.isfinite(value):
            label = "paper" if axes is c else None  # the keys of (a) fill its width
            axes.axvline(value, color=GUIDE_COLOR, linewidth=0.8, linestyle="--", label=label)
    b.axvline(0.5, color=GUIDE_COLOR, linewidth=0.7, linestyle=":")
    onset_limits(c, table, claimed(claims, "onset_softness"))
    name_rows(a, table)
    for axes in (a, b, c):
        axes.set_ylabel("")
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", color="0.92", linewidth=0.5)
        axes.set_axisbelow(True)
    a.set_xlabel(f"softer than the peak, $T$ = {lowest:g} (%)")
    b.set_xlabel(f"AUC, $T$ = {lowest:g}")
    for axes in (a, c):
        legend(axes, loc="lower right", bbox_to_anchor=(1.02, 0.99), ncols=3)
    rows = zip(table["place"], table["ambiguity"], table["reading"], strict=True)
    for place, ambiguity, reading in rows:
        points.note(f"y = {place:.1f}: {ambiguity}: {reading}")
    mark_unequilibrated(fig, temperatures, marks)
    return fig, points


def onset_limits(axes, table, paper):
    """Limits of the temperatures: far ones with a wide error must not squeeze the others."""
    values = [*table["T_cross"].astype(float), paper]
    values = np.array(values)[np.isfinite(values)]
    if len(values):
        near = values[np.abs(values - np.median(values)) < 0.5 * np.median(values)]
        axes.set_xlim(*limits(near, 0.25))


def name_rows(axes, table):
    """Write the readings beside their rows, the default in bold black, the group at its first."""
    axes.set_yticks(table["place"], [words(reading) for reading in table["reading"]])
    for tick, default in zip(axes.get_yticklabels(), table["default"], strict=True):
        usual = default == "default"
        # symbols are never bold, so the colour says it too
        tick.set(fontweight="bold" if usual else "normal", color="black" if usual else "0.4")
    if not len(table):
        return
    axes.set_ylim(table["place"].max() + 0.8, -0.8)
    for group, rows in table.groupby("ambiguity", sort=False):
        axes.annotate(
            GROUPS.get(group, group),
            (-0.95, rows["place"].iloc[0]),
            xycoords=("axes fraction", "data"),
            ha="left",
            va="center",
            fontsize=7,
            color="#0060a8",
            annotation_clip=False,
        )


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        readings = pd.read_csv(files.readings)
        equilibration = pd.read_csv(files.equilibration)
        fig, points = draw(readings, equilibration, p.temperatures, p.claims, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
