"""Softness before and after a hop, compared with controls, and prediction of hops in advance.

(a, b) Softness of hopping particles and of controls against the time from the event, at the lowest
and at the highest temperature. (c, d) Area under the ROC curve against the time before the event,
for the softness of one frame and for its average over half a hop window.
"""

from matplotlib.ticker import NullFormatter

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import (
    ACCENT_COLOR,
    ALL_COLOR,
    DASHED,
    DOTTED,
    GUIDE,
    REARRANGING_COLOR,
    SECOND_COLOR,
    headroom,
    legend,
    same_range,
)
from softcage.tables import select

TICKS = (3, 10, 30, 100, 300, 1000, 3000, 10_000)
HOPPING = {"color": REARRANGING_COLOR, "marker": "o", "linestyle": "-", "label": "hopping"}
CONTROLS = {
    "random": {"label": "others of the frame", "color": ALL_COLOR, "linestyle": "-"},
    "at": {"label": "matched at the event", "color": ACCENT_COLOR, "linestyle": DASHED},
    "before": {
        "label": r"matched $\Delta t$ before it", "color": SECOND_COLOR, "linestyle": DOTTED,
    },
}  # fmt: skip
VALUES = {"frame": "$S$ of one frame", "mean": r"$S$ averaged over $\Delta t/2$"}


def softness(panel, rows, window):
    """Draw the softness of hopping particles and of controls; the time of the hop is shaded."""
    axes, pairs = panel.axes, select(rows, control="random")
    curve = pairs["time"], pairs["hopping"], pairs["hopping_error"]
    panel.markers("hopping", *curve, **HOPPING)
    for control, look in CONTROLS.items():
        table = select(rows, control=control)
        curve = table["time"], table["control_softness"], table["control_softness_error"]
        panel.markers(look["label"], *curve, marker="", **look)
    axes.axvspan(0, window / 2, color="0.88", linewidth=0)
    axes.set_xscale("symlog", linthresh=window, linscale=0.7)
    ends = [t for t in (window, 100, 1000) if t <= rows["time"].max()]
    ticks = [*(-t for t in ends), 0, *ends]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    headroom(axes, 0.3)
    legend(axes, loc="upper left", ncols=2)


def lead(panel, rows, temperatures):
    """Draw the AUC against the time before the event, for all temperatures."""
    axes = panel.axes
    for T in temperatures:
        before = select(rows, T=T).query("time < 0")
        curve = -before["time"], before["auc"], before["auc_error"]
        panel.markers(f"T = {T:g}", *curve, **panel.page.style(T))
    axes.axhline(0.5, **GUIDE)
    ticks = [t for t in TICKS if t <= rows["time"].max()]
    axes.set_xscale("log")
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.xaxis.set_minor_formatter(NullFormatter())
    legend(axes, loc="upper right")


def draw(page, around, window):
    """Draw the four panels."""
    temperatures = sorted(set(around["T"]))
    ends = (temperatures[0], temperatures[-1])
    panels = page.add_panels(
        *[(q.EVENT_TIME, q.SOFTNESS, page.label(T)) for T in ends],
        *[(q.LEAD_TIME, q.AUC, words) for words in VALUES.values()],
        columns=2,
        row=2.25,
    )
    for panel, T in zip(panels[:2], ends, strict=True):
        softness(panel, select(around, T=T, values="frame"), window)
    for panel, values in zip(panels[2:], VALUES, strict=True):
        lead(panel, select(around, values=values, control="random"), temperatures)
    same_range([panel.axes for panel in panels[2:]], "y")
    page.mark(temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
