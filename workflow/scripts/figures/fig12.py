"""Figure 12: softness at each smearing width delta against softness at the default width."""

import numpy as np
import seaborn as sns
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.ticker import MaxNLocator

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import headroom
from softcage.tables import plus_minus, select


def regular(centers, scale):
    """Return the centres of all regular bins, of which some are given, on the scale of the axis."""
    known = np.unique(centers) / scale
    step = np.diff(known).min() if len(known) > 1 else 1.0
    count = round((known[-1] - known[0]) / step) + 1
    return np.linspace(known[0], known[-1], count)


def cells(panel, table, norm):
    """Draw the counts of one pair of widths as a heat map; empty cells stay white."""
    axes, bins = panel.axes, {}
    for name, scale in (("y", panel.y.scale), ("x", panel.x.scale)):
        centers = table[f"{name}_center"] / scale
        bins[name] = regular(table[f"{name}_center"], scale)
        table = table.assign(
            **{name: np.abs(np.subtract.outer(centers.to_numpy(), bins[name])).argmin(axis=1)}
        )
    counts = table.pivot_table(index="y", columns="x", values="count", aggfunc="sum")
    counts = counts.reindex(index=range(len(bins["y"])), columns=range(len(bins["x"])))
    look = {"norm": norm, "cmap": "viridis_r", "cbar": False, "rasterized": True}
    sns.heatmap(counts, xticklabels=False, yticklabels=False, ax=axes, **look)
    axes.invert_yaxis()
    sns.despine(ax=axes, top=False, right=False, left=False, bottom=False)
    for axis, name in ((axes.xaxis, "x"), (axes.yaxis, "y")):
        known = bins[name]
        values = MaxNLocator(5, steps=[1, 2, 5]).tick_values(known[0], known[-1])
        values = values[(values >= known[0]) & (values <= known[-1])]
        axis.set_ticks(
            np.interp(values, known, np.arange(len(known)) + 0.5), [f"{v:g}" for v in values]
        )
    axes.tick_params(axis="y", rotation=0)
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
    """Draw one panel for each width except the default one, at the lowest T.

    If the study has only the default width, this width is drawn.
    """
    T, unit = page.coldest, q.SOFTNESS.axis_unit
    others = [d for d in correlation_summary["delta"] if not np.isclose(d, delta)] or [delta]
    x, titles = q.softness_at(delta), [f"$\\delta$ = {d:g}, {page.label(T)}" for d in others]
    shown = zip([x] * len(others), map(q.softness_at, others), titles, strict=True)
    panels = page.add_panels(*shown, columns=3, row=2.35)
    table = correlation[correlation["count"] > 0]
    most = table["count"].max() if len(table) else 2
    norm = LogNorm(1, max(2, most))
    for panel, other in zip(panels, others, strict=True):
        data = select(table, delta=float(other))
        if data.empty:
            panel.missing("no pair of softness values")
            continue
        cells(panel, data, norm)
        for axis, d in ((panel.axes.xaxis, delta), (panel.axes.yaxis, other)):
            axis.set_label_text(f"$S$ at $\\delta$ = {d:g} (${unit}$)")
        headroom(panel.axes, 0.17)
        for _, row in select(correlation_summary, delta=float(other)).iterrows():
            coefficients(panel, row)
    if len(table):
        page.fig.colorbar(
            ScalarMappable(norm, "viridis_r"),
            ax=[panel.axes for panel in panels],
            label="particles and frames in a cell",
            pad=0.01,
        )
    page.mark([T])


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
