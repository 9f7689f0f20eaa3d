"""Figure 8: g_AA(r) as the mean of smeared single-particle functions, beside the histogram."""

import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import select
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    delta_style,
    figure,
    legend,
    mark_unequilibrated,
    temperature_label,
    unequilibrated,
)

PLAIN = {"color": "0.6", "linewidth": 2.4, "solid_capstyle": "round"}


def draw(table, equilibration, T, width, dpi):
    """Draw a curve a delta."""
    marks, points = unequilibrated(equilibration), Points()
    fig, (ax,) = figure(1, 1, 2.5, width=width, dpi=dpi)
    points.panel(ax, "a", q.DISTANCE, q.rdf("AA"))
    ax.set_title(temperature_label(T, marks), loc="left", pad=3)
    plain = select(table[table["curve"] == "histogram"], pair="AA")
    points.line("a", "histogram", plain["r"], plain["g"], label="histogram", **PLAIN)
    smeared = select(table[table["curve"] == "mean"], pair="AA")
    for delta, data in smeared.groupby("delta"):
        points.line(
            "a",
            f"delta = {delta:g}",
            data["r"],
            data["g"],
            label=f"$\\delta$ = {delta:g}",
            **delta_style(delta),
        )
    if smeared["g"].notna().any():
        ax.set_xlim(0.6, smeared["r"].max())
        ax.set_ylim(bottom=0)
    legend(ax, loc="upper right")
    mark_unequilibrated(fig, [T], marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        tables = pd.read_csv(files.local_rdf), pd.read_csv(files.equilibration)
        fig, points = draw(*tables, p.temperature, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
