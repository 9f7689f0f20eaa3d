"""Figure 2: distributions of (a) the local depth and (b) the local softness, all temperatures."""

import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import distributions, select
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    figure,
    legend,
    mark_unequilibrated,
    temperature_label,
    temperature_style,
    unequilibrated,
)


def draw(tables, equilibration, window, width, dpi):
    """Draw both distributions; ``tables`` are the bins of each temperature."""
    marks, points = unequilibrated(equilibration), Points()
    fig, (a, b) = figure(2, 1, 4.6, width=width, dpi=dpi)
    points.panel(a, "a", q.DEPTH, q.DEPTH_DENSITY)
    points.panel(b, "b", q.SOFTNESS, q.SOFTNESS_DENSITY)
    styles = {T: temperature_style(T) for T in tables}
    labels = {T: temperature_label(T, marks) for T in tables}
    for axes, panel, quantity in ((a, "a", "depth"), (b, "b", "softness")):
        chosen = {T: select(t, quantity=quantity, window=window) for T, t in tables.items()}
        distributions(points, panel, chosen, styles, labels)
        legend(axes, loc="upper right")
    mark_unequilibrated(fig, tables, marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        paths = zip(p.temperatures, files.distributions, strict=True)
        fig, points = draw(
            {T: pd.read_csv(path) for T, path in paths},
            pd.read_csv(files.equilibration),
            p.window,
            p.width,
            p.dpi,
        )
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
