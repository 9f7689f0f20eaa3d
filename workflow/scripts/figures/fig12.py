"""Figure 12: softness at each smearing width delta against softness at the default one."""

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm

from softcage import quantities as q
from softcage.plotting.run import run
from softcage.plotting.style import headroom
from softcage.tables import plus_minus, select


def edges(centers):
    """Return the edges of the regular bins that some of the centres come from."""
    known = np.unique(centers)
    step = np.diff(known).min() if len(known) > 1 else 1.0
    return np.arange(known[0] - step / 2, known[-1] + step, step)


def cells(panel, table, colors):
    """Draw the counts of one pair of widths; empty cells stay white."""
    x, y = table["x_center"] / panel.x.scale, table["y_center"] / panel.y.scale
    panel.axes.hist2d(
        x,
        y,
        bins=(edges(x), edges(y)),
        weights=table["count"],
        cmin=1,
        norm=colors.norm,
        cmap=colors.cmap,
        rasterized=True,
    )
    panel.axes.use_sticky_edges = False  # white around the cells
    panel.axes.autoscale()
    panel.keep("pairs", table["x_center"], table["y_center"], count=table["count"])


def coefficients(panel, row):
    """Write both correlation coefficients into a panel."""
    words = [
        f"{name.capitalize()} {plus_minus(row[name], row[f'{name}_error'], 4, 'n/a')}"
        for name in ("pearson", "spearman")
    ]
    panel.note(", ".join(words))
    place = {"x": 0.06, "y": 0.96, "va": "top", "transform": panel.axes.transAxes}
    panel.axes.text(**place, s="\n".join(words), fontsize=6.5)


def draw(page, correlation, correlation_summary, delta):
    """Draw a panel for each width but the default one (all, if there is only that), lowest T."""
    T, unit = page.coldest, q.SOFTNESS.axis_unit
    others = [d for d in correlation_summary["delta"] if not np.isclose(d, delta)] or [delta]
    x, titles = q.softness_at(delta), [f"$\\delta$ = {d:g}, {page.label(T)}" for d in others]
    shown = zip([x] * len(others), map(q.softness_at, others), titles, strict=True)
    panels = page.add_panels(*shown, columns=3, row=2.35)
    table = correlation[correlation["count"] > 0]
    most = table["count"].max() if len(table) else 2
    colors = ScalarMappable(LogNorm(1, max(2, most)), "viridis_r")
    for panel, other in zip(panels, others, strict=True):
        data = select(table, delta=float(other))
        if data.empty:
            panel.missing("no pair of softness values")
            continue
        cells(panel, data, colors)
        for axis, d in ((panel.axes.xaxis, delta), (panel.axes.yaxis, other)):
            axis.set_label_text(f"$S$ at $\\delta$ = {d:g} (${unit}$)")
        headroom(panel.axes, 0.17)
        for _, row in select(correlation_summary, delta=float(other)).iterrows():
            coefficients(panel, row)
    if len(table):
        every = [panel.axes for panel in panels]
        page.fig.colorbar(colors, ax=every, label="particles and frames in a cell", pad=0.01)
    page.mark([T])


if __name__ == "__main__":
    run(snakemake, draw)  # noqa: F821  (injected by Snakemake)
