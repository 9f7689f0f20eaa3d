"""Figure 15: the depth of the local cage in place of its softness.

(a) distributions of all A particles and of the rearranging ones, lowest temperature; (b) the
rearranging fraction against depth; (c) against 1/T for five bins of depth, inset: P_R/P_0 of all
bins against barrier / T; (d) the barrier against depth, with the weighted line through it.
"""

import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import (
    COLLAPSE_INSET,
    all_and_rearranging,
    arrhenius,
    barrier,
    rearranging_fraction,
    select,
)
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    figure,
    inset_style,
    legend,
    mark_unequilibrated,
    temperature_label,
    unequilibrated,
)


def draw(tables, summary, fits, fitted, crossing, equilibration, window, width, dpi):
    """Draw the four panels; ``tables`` go by temperature, ``summary`` is of the lowest."""
    marks, points = unequilibrated(equilibration), Points()
    fits = select(fits, quantity="depth", window=window)
    crossing = select(crossing, quantity="depth", window=window)
    chosen = {T: select(t, quantity="depth", window=window) for T, t in tables.items()}
    cold = min(tables)
    fig, (a, b, c, d) = figure(2, 2, 5.4, width=width, dpi=dpi, wide=True)
    inset = c.inset_axes(COLLAPSE_INSET)
    points.panel(a, "a", q.DEPTH, q.DEPTH_DENSITY, temperature_label(cold, marks))
    points.panel(b, "b", q.DEPTH, q.DEPTH_FRACTION)
    points.panel(c, "c", q.INVERSE_TEMPERATURE, q.DEPTH_FRACTION)
    points.panel(inset, "c inset", q.REDUCED_BARRIER, q.COLLAPSE, short=True)
    points.panel(d, "d", q.DEPTH, q.BARRIER)
    row = select(summary, quantity="depth", window=window, lag="0")
    all_and_rearranging(points, "a", chosen[cold], row, "depth")
    legend(a, loc="upper left")
    rearranging_fraction(points, "b", chosen, marks)
    legend(b, loc="lower left", ncols=2)
    arrhenius(points, "c", q.DEPTH, fits, select(fitted, quantity="depth"), crossing)
    legend(c, loc="lower left", title=q.DEPTH.axis(short=True))
    inset_style(inset)
    barrier(points, "d", fits, crossing)
    legend(d, loc="lower right")
    mark_unequilibrated(fig, tables, marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        paths = zip(p.temperatures, files.distributions, strict=True)
        tables = {T: pd.read_csv(path) for T, path in paths}
        names = ("summary", "arrhenius", "points", "crossing", "equilibration")
        others = [pd.read_csv(files[name]) for name in names]
        fig, points = draw(tables, *others, p.window, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
