"""Figure 11: distribution of the local softness for each smearing width delta, lowest T."""

import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import distributions, select
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


def draw(tables, equilibration, T, window, width, dpi):
    """Draw a curve a delta; ``tables`` go by delta."""
    marks, points = unequilibrated(equilibration), Points()
    fig, (ax,) = figure(1, 1, 2.5, width=width, dpi=dpi)
    points.panel(ax, "a", q.SOFTNESS, q.SOFTNESS_DENSITY)
    ax.set_title(temperature_label(T, marks), loc="left", pad=3)
    chosen = {d: select(t, quantity="softness", window=window) for d, t in tables.items()}
    labels = {delta: f"$\\delta$ = {delta:g}" for delta in tables}
    distributions(points, "a", chosen, {d: delta_style(d) for d in tables}, labels)
    ax.set_ylim(top=1.25 * ax.get_ylim()[1])  # room for the legend above the curves
    legend(ax, loc="upper center", ncols=2)
    mark_unequilibrated(fig, [T], marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        paths = zip(p.deltas, files.distributions, strict=True)
        fig, points = draw(
            {delta: pd.read_csv(path) for delta, path in paths},
            pd.read_csv(files.equilibration),
            p.temperature,
            p.window,
            p.width,
            p.dpi,
        )
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
