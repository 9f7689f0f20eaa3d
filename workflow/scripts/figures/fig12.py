"""Figure 12: softness at each smearing width delta against softness at the default one."""

import numpy as np
import pandas as pd
from matplotlib.colors import LogNorm

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    figure,
    mark_unequilibrated,
    temperature_label,
    unequilibrated,
)
from softcage.tables import plus_minus, select


def grid(centers):
    """Return the edges of the regular bins that some of the centres come from, and their places."""
    known = np.unique(centers)
    step = np.diff(known).min() if len(known) > 1 else 1.0
    place = np.rint((centers - known[0]) / step).astype(int)
    return known[0] + step * (np.arange(place.max() + 2) - 0.5), place


def cells(axes, table, norm):
    """Draw the counts of one pair of widths; empty cells stay white."""
    (x, i), (y, j) = grid(table["x_center"].to_numpy()), grid(table["y_center"].to_numpy())
    counts = np.full((len(y) - 1, len(x) - 1), np.nan)
    counts[j, i] = table["count"]
    return axes.pcolormesh(x / 1e-3, y / 1e-3, counts, norm=norm, cmap="viridis_r", rasterized=True)


def draw(correlation, summary, equilibration, T, delta, width, dpi):
    """Draw a panel for each width but the default one (all, if there is only that)."""
    marks, points = unequilibrated(equilibration), Points()
    others = [d for d in summary["delta"] if not np.isclose(d, delta)] or [delta]
    columns = min(len(others), 3)
    rows = -(-len(others) // columns)
    height = 0.4 + 2.35 * rows
    fig, axes = figure(rows, columns, height, width=width, dpi=dpi, wide=columns > 1)
    table = correlation[correlation["count"] > 0]
    norm = LogNorm(1, max(2, table["count"].max() if len(table) else 2))
    image = None
    for panel, ax, other in zip("abcdefgh", axes, others, strict=False):
        x, y = q.softness_at(delta), q.softness_at(other)
        title = f"$\\delta$ = {other:g}, {temperature_label(T, marks)}"
        points.panel(ax, panel, x, y, title, short=True)
        ax.set_xlabel(f"$S$ at $\\delta$ = {delta:g} (${q.SOFTNESS.axis_unit}$)")
        ax.set_ylabel(f"$S$ at $\\delta$ = {other:g} (${q.SOFTNESS.axis_unit}$)")
        data, row = select(table, delta=float(other)), select(summary, delta=float(other))
        if data.empty:
            points.missing(panel, "no pair of softness values")
            continue
        image = cells(ax, data, norm)
        # room for the words above
        low, high = ax.get_ylim()
        ax.set_ylim(low, high + 0.17 * (high - low))
        points.keep(panel, "pairs", data["x_center"], data["y_center"], count=data["count"])
        if row.empty:
            continue
        words = [
            f"{name.capitalize()} "
            + plus_minus(row[name].iloc[0], row[f"{name}_error"].iloc[0], 4, "n/a")
            for name in ("pearson", "spearman")
        ]
        points.note(f"panel {panel}: {', '.join(words)}")
        ax.text(0.06, 0.96, "\n".join(words), transform=ax.transAxes, va="top", fontsize=6.5)
    for ax in axes[len(others) :]:
        ax.set_axis_off()
    if image is not None:
        fig.colorbar(image, ax=list(axes), label="particles and frames in a cell", pad=0.01)
    mark_unequilibrated(fig, [T], marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        fig, points = draw(
            pd.read_csv(files.correlation),
            pd.read_csv(files.summary),
            pd.read_csv(files.equilibration),
            p.temperature,
            p.delta,
            p.width,
            p.dpi,
        )
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
