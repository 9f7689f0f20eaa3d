"""Figure S2: how early softness announces a rearrangement.

(a) the share of particles softer than the peak, of the rearranging ones (filled) and of all (open);
(b) the ROC AUC; for structure looked at in the frame itself, half a hop window earlier, at the
onset of the event, and strictly ahead of it (no event in the last half window, one in the next
window).
"""

import numpy as np
import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import select
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

LAGS = {
    "0": "same frame",
    "half_window": r"$\Delta t/2$ earlier",
    "onset": "onset",
    "ahead": "strictly ahead",
}


def draw(summaries, equilibration, window, width, dpi):
    """Draw both panels; ``summaries`` go by temperature."""
    marks, points = unequilibrated(equilibration), Points()
    fig, (a, b) = figure(2, 1, 4.6, width=width, dpi=dpi)
    points.panel(a, "a", q.LAG, q.SHARE)
    points.panel(b, "b", q.LAG, q.AUC)
    for i, (T, table) in enumerate(summaries.items()):
        rows = pd.concat(
            [
                select(table, quantity="softness", window=window, lag=lag).assign(place=place)
                for place, lag in enumerate(LAGS)
            ]
        )
        # side by side, so that error bars can be told apart
        place = rows["place"] + 0.13 * (i - (len(summaries) - 1) / 2)
        style = temperature_style(T, line=False, marker=True)
        for panel, column, factor, words, fill in (
            ("a", "share_rearranging", 100, "rearranging", {}),
            ("a", "share_all", 100, "all", {"markerfacecolor": "white"}),
            ("b", "auc", 1, "AUC", {}),
        ):
            label = temperature_label(T, marks) if panel == "b" else None
            value, error = factor * rows[column], factor * rows[f"{column}_error"]
            series = f"{words}, T = {T:g}"
            points.markers(panel, series, place, value, error, label=label, **style | fill)
    b.axhline(0.5, color=GUIDE_COLOR, linewidth=0.7, linestyle=":")
    for ax in (a, b):
        ax.set_xticks(np.arange(len(LAGS)), LAGS.values())
        ax.set_xlim(-0.5, len(LAGS) - 0.5)
        ax.set_xlabel("")
        low, high = ax.get_ylim()
        ax.set_ylim(low, high + 0.32 * (high - low))
    a.set_ylabel("softer than the peak (%)")
    keys = {"color": "black", "marker": "o", "linestyle": "none"}
    a.plot([], [], label="rearranging", **keys)
    a.plot([], [], label="all", markerfacecolor="white", **keys)
    legend(a, loc="upper center", ncols=2)
    legend(b, loc="upper center", ncols=3)
    names = ", ".join(f"{place} {lag}" for place, lag in enumerate(LAGS))
    points.note(f"x: {names}; temperatures are set apart by 0.13")
    mark_unequilibrated(fig, summaries, marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        paths = zip(p.temperatures, files.summaries, strict=True)
        summaries = {T: pd.read_csv(path) for T, path in paths}
        equilibration = pd.read_csv(files.equilibration)
        fig, points = draw(summaries, equilibration, p.window, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
