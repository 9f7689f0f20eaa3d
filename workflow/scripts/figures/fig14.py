"""Figure 14: the rearranging fraction against softness for each smearing width delta, all T."""

from itertools import product

import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import rearranging_fraction, select
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import figure, legend, log_ticks, mark_unequilibrated, unequilibrated


def draw(tables, equilibration, window, width, dpi):
    """Draw a panel a delta; ``tables`` go by (T, delta)."""
    marks, points = unequilibrated(equilibration), Points()
    temperatures, deltas = ({key[k]: None for key in tables} for k in (0, 1))
    columns = min(len(deltas), 2)
    rows = -(-len(deltas) // columns)
    height = 0.4 + 2.2 * rows
    fig, axes = figure(rows, columns, height, width=width, dpi=dpi, wide=columns > 1)
    for panel, ax, delta in zip("abcdefgh", axes, deltas, strict=False):
        points.panel(ax, panel, q.SOFTNESS, q.FRACTION, f"$\\delta$ = {delta:g}")
        chosen = {
            T: select(tables[T, delta], quantity="softness", window=window) for T in temperatures
        }
        rearranging_fraction(points, panel, chosen, marks)
    # one range for all panels, so that they can be compared
    ranges = [ax.get_ylim() for ax in axes if ax.get_yscale() == "log"]
    for ax in axes[: len(deltas)]:
        if ax.get_yscale() == "log":
            ax.set_ylim(min(low for low, _ in ranges), max(high for _, high in ranges))
            log_ticks(ax)
    for ax in axes[len(deltas) :]:
        ax.set_axis_off()
    legend(axes[0], loc="lower right", ncols=2)
    mark_unequilibrated(fig, temperatures, marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        keys = product(p.temperatures, p.deltas)
        tables = {
            key: pd.read_csv(path) for key, path in zip(keys, files.distributions, strict=True)
        }
        equilibration = pd.read_csv(files.equilibration)
        fig, points = draw(tables, equilibration, p.window, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
