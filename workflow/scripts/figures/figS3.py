"""Figure S3: the rearranging fraction against softness for each hop window, and the ROC AUC."""

import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import rearranging_fraction, select
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    GUIDE_COLOR,
    figure,
    legend,
    mark_unequilibrated,
    temperature_label,
    temperature_style,
    unequilibrated,
)


def draw(tables, summaries, equilibration, windows, width, dpi):
    """Draw a panel a window and one of the AUC; both dictionaries go by temperature."""
    marks, points = unequilibrated(equilibration), Points()
    rows = (len(windows) + 2) // 2
    fig, axes = figure(rows, 2, 0.4 + 2.3 * rows, width=width, dpi=dpi, wide=True)
    panels = list("abcdefgh"[: len(windows) + 1])
    for panel, ax, window in zip(panels, axes, windows, strict=False):
        points.panel(ax, panel, q.SOFTNESS, q.FRACTION, f"$\\Delta t$ = {window:g}")
        chosen = {T: select(t, quantity="softness", window=window) for T, t in tables.items()}
        empty = "no rearrangement, or the runs\nare shorter than this window"
        rearranging_fraction(points, panel, chosen, marks, empty)
    last, ax = panels[-1], axes[len(windows)]
    points.panel(ax, last, q.WINDOW, q.AUC)
    for T, summary in summaries.items():
        rows = select(summary, quantity="softness", lag="0").sort_values("window")
        points.markers(
            last,
            f"T = {T:g}",
            rows["window"],
            rows["auc"],
            rows["auc_error"],
            label=temperature_label(T, marks),
            **temperature_style(T, marker=True),
        )
    ax.axhline(0.5, color=GUIDE_COLOR, linewidth=0.7, linestyle=":")
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.3 * (high - low))
    for extra in axes[len(windows) + 1 :]:
        extra.set_axis_off()
    legend(axes[0], loc="lower right", ncols=2)
    legend(ax, loc="upper center", ncols=3)
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
        fig, points = draw(*by_temperature, equilibration, p.windows, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
