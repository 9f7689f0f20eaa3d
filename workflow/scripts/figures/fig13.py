"""Figure 13: softness of all A particles and of the rearranging ones for each delta, lowest T."""

import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import all_and_rearranging, select
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    figure,
    legend,
    mark_unequilibrated,
    temperature_label,
    unequilibrated,
)


def draw(tables, summaries, equilibration, T, window, width, dpi):
    """Draw a panel a delta; both dictionaries go by delta."""
    marks, points = unequilibrated(equilibration), Points()
    columns = min(len(tables), 2)
    rows = -(-len(tables) // columns)
    height = 0.4 + 2.1 * rows
    fig, axes = figure(rows, columns, height, width=width, dpi=dpi, wide=columns > 1)
    for panel, ax, delta in zip("abcdefgh", axes, tables, strict=False):
        words = f"$\\delta$ = {delta:g}, {temperature_label(T, marks)}"
        points.panel(ax, panel, q.SOFTNESS, q.SOFTNESS_DENSITY, words)
        all_and_rearranging(
            points,
            panel,
            select(tables[delta], quantity="softness", window=window),
            select(summaries[delta], quantity="softness", window=window, lag="0"),
        )
    for ax in axes[len(tables) :]:
        ax.set_axis_off()
    legend(axes[0], loc="upper left")
    mark_unequilibrated(fig, [T], marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        by_delta = [
            {delta: pd.read_csv(path) for delta, path in zip(p.deltas, paths, strict=True)}
            for paths in (files.distributions, files.summaries)
        ]
        equilibration = pd.read_csv(files.equilibration)
        fig, points = draw(*by_delta, equilibration, p.temperature, p.window, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
