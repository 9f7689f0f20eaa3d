"""Figure 5: softness and rearrangement.

(a) the rearranging fraction P_R against softness; (b) against 1/T for five bins of softness, with
the Arrhenius lines up to where the lines of all bins cross, inset: P_R/P_0 of all bins against
barrier / T; (c) the barrier against softness; (d) the overlap of hard, middling and soft particles.
"""

import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import (
    COLLAPSE_INSET,
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
    order_style,
    temperature_label,
    unequilibrated,
)


def overlap(points, axes, tables, marks):
    """Draw q(S, t): solid at the lowest temperature, dashed at the other."""
    for T, table in tables.items():
        for i, group in enumerate(("low", "middle", "high")):
            data = select(table[table["time"] > 0], group=group)
            dashes = "-" if min(tables) == T else (0, (4, 1.2))
            points.line(
                "d",
                f"{group} S, T = {T:g}",
                data["time"],
                data["overlap"],
                data["overlap_error"],
                label=f"{group} $S$" if min(tables) == T else None,
                **order_style(i, 3, marker=False) | {"linestyle": dashes},
            )
    for T in sorted(tables):
        dashes = "-" if min(tables) == T else (0, (4, 1.2))
        axes.plot([], [], color="black", linestyle=dashes, label=temperature_label(T, marks))
    axes.set_xscale("log")
    axes.set_ylim(-0.05, 1.05)
    legend(axes, loc="lower left")


def draw(tables, fits, fitted, crossing, overlaps, equilibration, window, width, dpi):
    """Draw the four panels; ``tables`` and ``overlaps`` go by temperature."""
    marks, points = unequilibrated(equilibration), Points()
    fits = select(fits, quantity="softness", window=window)
    crossing = select(crossing, quantity="softness", window=window)
    fig, (a, b, c, d) = figure(2, 2, 5.4, width=width, dpi=dpi, wide=True)
    inset = b.inset_axes(COLLAPSE_INSET)
    points.panel(a, "a", q.SOFTNESS, q.FRACTION)
    points.panel(b, "b", q.INVERSE_TEMPERATURE, q.FRACTION)
    points.panel(inset, "b inset", q.REDUCED_BARRIER, q.COLLAPSE, short=True)
    points.panel(c, "c", q.SOFTNESS, q.BARRIER)
    points.panel(d, "d", q.TIME, q.SOFTNESS_OVERLAP)
    chosen = {T: select(t, quantity="softness", window=window) for T, t in tables.items()}
    rearranging_fraction(points, "a", chosen, marks)
    legend(a, loc="lower right", ncols=2)
    arrhenius(points, "b", q.SOFTNESS, fits, select(fitted, quantity="softness"), crossing)
    legend(b, loc="lower left", title=q.SOFTNESS.axis(short=True))
    inset_style(inset)
    barrier(points, "c", fits)
    overlap(points, d, overlaps, marks)
    mark_unequilibrated(fig, tables, marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        paths = zip(p.temperatures, files.distributions, strict=True)
        tables = {T: pd.read_csv(path) for T, path in paths}
        paths = zip(p.overlap_temperatures, files.overlap, strict=True)
        overlaps = {T: pd.read_csv(path) for T, path in paths}
        fig, points = draw(
            tables,
            pd.read_csv(files.arrhenius),
            pd.read_csv(files.points),
            pd.read_csv(files.crossing),
            overlaps,
            pd.read_csv(files.equilibration),
            p.window,
            p.width,
            p.dpi,
        )
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
