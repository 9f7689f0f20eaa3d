"""Figure 4: softness of all A particles and of the rearranging ones, at three temperatures."""

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


def draw(tables, summaries, equilibration, window, width, dpi):
    """Draw a panel a temperature, hot to cold; both dictionaries go by temperature."""
    marks, points = unequilibrated(equilibration), Points()
    hot_first = sorted(tables, reverse=True)
    fig, axes = figure(len(tables), 1, 0.5 + 1.75 * len(tables), width=width, dpi=dpi)
    for panel, ax, T in zip("abcdefgh", axes, hot_first, strict=False):
        words = temperature_label(T, marks)
        points.panel(ax, panel, q.SOFTNESS, q.SOFTNESS_DENSITY, words, short=panel != "a")
        all_and_rearranging(
            points,
            panel,
            select(tables[T], quantity="softness", window=window),
            select(summaries[T], quantity="softness", window=window, lag="0"),
        )
        ax.set_xlabel(q.SOFTNESS.axis())
    # one range for all panels, so that the shift shows
    ranges = [ax.get_xlim() for ax in axes]
    for ax in axes:
        ax.set_xlim(min(low for low, _ in ranges), max(high for _, high in ranges))
    legend(axes[0], loc="upper left")
    mark_unequilibrated(fig, tables, marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        by_temperature = [
            {T: pd.read_csv(path) for T, path in zip(p.temperatures, paths, strict=True)}
            for paths in (files.distributions, files.summaries)
        ]
        equilibration = pd.read_csv(files.equilibration)
        fig, points = draw(*by_temperature, equilibration, p.window, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
