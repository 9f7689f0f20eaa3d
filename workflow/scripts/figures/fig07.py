"""Figure 7: g_AA(r) and g_AB(r) around all A particles and around the rearranging ones."""

import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import select
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    ALL_COLOR,
    REARRANGING_COLOR,
    figure,
    legend,
    mark_unequilibrated,
    temperature_label,
    unequilibrated,
)


def draw(table, equilibration, T, width, dpi):
    """Draw a panel a pair."""
    marks, points = unequilibrated(equilibration), Points()
    pairs = list(dict.fromkeys(table["pair"])) or ["AA", "AB"]
    fig, axes = figure(len(pairs), 1, 0.5 + 2.0 * len(pairs), width=width, dpi=dpi)
    for panel, ax, pair in zip("abcdefgh", axes, pairs, strict=False):
        points.panel(ax, panel, q.DISTANCE, q.rdf(pair), temperature_label(T, marks))
        data = select(table, pair=pair)
        data = data[data["r"] > 0.5]
        points.line(panel, "all", data["r"], data["g_all"], color=ALL_COLOR, label="all A")
        found = points.line(
            panel,
            "rearranging",
            data["r"],
            data["g_rearranging"],
            data["g_rearranging_error"],
            color=REARRANGING_COLOR,
            linestyle=(0, (5, 1.2)),
            label="rearranging A",
        )
        if not found:
            points.missing(panel, "no rearrangement", empty=False)
        if data["g_all"].notna().any():
            ax.set_xlim(0.6, data["r"].max())
            ax.set_ylim(bottom=0)
        legend(ax, loc="upper right")
    mark_unequilibrated(fig, [T], marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        tables = pd.read_csv(files.rdf), pd.read_csv(files.equilibration)
        fig, points = draw(*tables, p.temperature, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
