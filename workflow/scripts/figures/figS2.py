"""Figure S2: prediction of rearrangements by the softness at earlier times.

(a) Share of particles softer than the peak, among the rearranging ones (filled) and among all
(open). (b) ROC AUC. The softness is evaluated in the frame itself, half a hop window earlier, at
the onset of the event, and strictly ahead of it (no event in the last half window, one in the next
window).
"""

import pandas as pd

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import GUIDE, headroom, legend
from softcage.tables import select

LAGS = {
    "0": "same frame",
    "half_window": r"$\Delta t/2$ earlier",
    "onset": "onset",
    "ahead": "strictly ahead",
}


def draw(page, summary, window):
    """Draw both panels."""
    a, b = page.add_panels((q.LAG, q.SHARE), (q.LAG, q.AUC))
    # side by side, so that error bars do not overlap
    step = min(0.13, 0.65 / len(summary))
    for i, (T, table) in enumerate(zip(page.temperatures, summary, strict=True)):
        table = select(table, quantity="softness", window=window)
        rows = pd.concat([select(table, lag=lag).assign(x=x) for x, lag in enumerate(LAGS)])
        place = rows["x"] + step * (i - (len(summary) - 1) / 2)
        for panel, column, factor, words, more in (
            (a, "share_rearranging", 100, "rearranging", {"label": None}),
            (a, "share_all", 100, "all", {"label": None, "markerfacecolor": "white"}),
            (b, "auc", 1, "AUC", {}),
        ):
            value, error = factor * rows[column], factor * rows[f"{column}_error"]
            style = page.style(T, linestyle="none") | more
            panel.markers(f"{words}, T = {T:g}", place, value, error, **style)
    b.axes.axhline(0.5, **GUIDE)
    for panel in (a, b):
        panel.axes.set_xticks(range(len(LAGS)), LAGS.values())
        panel.axes.set(xlim=(-0.5, len(LAGS) - 0.5), xlabel="")
        headroom(panel.axes, 0.32)
    a.axes.set_ylabel("softer than the peak (%)")
    for label, fill in (("rearranging", "black"), ("all", "white")):
        style = {"color": "black", "marker": "o", "linestyle": "none", "markerfacecolor": fill}
        a.axes.plot([], [], label=label, **style)
    legend(a.axes, loc="upper center", ncols=2)
    legend(b.axes, loc="upper center", ncols=3)
    names = ", ".join(f"{place} {lag}" for place, lag in enumerate(LAGS))
    page.notes.append(f"x: {names}; temperatures are set apart by {step:.2g}")
    page.mark(page.temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
