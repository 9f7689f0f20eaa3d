"""Effect of a hop on its neighbours: change of their softness, and how many of them hop next.

(a) Change of softness against the distance from a hop and from controls, lowest temperature. (b)
Difference between the change around hops and around matched controls, all temperatures. (c) Share
of hard particles that hop next against the rank of their softness, with and without a hop beside
them, lowest temperature. (d) Ratios of such shares against temperature.
"""

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import (
    ACCENT_COLOR,
    ALL_COLOR,
    GUIDE,
    REARRANGING_COLOR,
    legend,
    ordered_style,
)
from softcage.tables import select

CENTRES = {
    "hop": {"label": "around a hop", "color": REARRANGING_COLOR, "marker": "o"},
    "at": {"label": "around a matched control", "color": ACCENT_COLOR, "marker": "s"},
    "random": {"label": "around any control", "color": ALL_COLOR, "marker": "^"},
}
BESIDE = {
    True: {"label": "beside a hop", "color": REARRANGING_COLOR, "marker": "o"},
    False: {"label": "no hop beside", "color": ALL_COLOR, "marker": "^"},
}


def changes(coldest, differences, change, temperatures):
    """Draw panels a (lowest temperature) and b (differences at all temperatures)."""
    for centre, look in CENTRES.items():
        rows = select(change, T=temperatures[0], centre=centre)
        curve = rows["r"], rows["change"], rows["change_error"]
        coldest.markers(look["label"], *curve, linestyle="-", **look)
    for T in temperatures:
        rows = select(change, T=T, centre="hop - at")
        curve = rows["r"], rows["change"], rows["change_error"]
        differences.markers(f"T = {T:g}", *curve, **differences.page.style(T))
    for panel in (coldest, differences):
        panel.axes.axhline(0, **GUIDE)
        panel.axes.set_xlim(0.8, None)
        legend(panel.axes, loc="lower right")


def hazards(panel, hazard):
    """Draw panel c, at one temperature."""
    for is_beside, look in BESIDE.items():
        rows = hazard[hazard["beside"] == is_beside]
        curve = rows["rank"], rows["hazard"], rows["hazard_error"]
        panel.markers(look["label"], *curve, linestyle="-", **look)
    panel.axes.set(xlim=(0, 1), ylim=(0, None))
    legend(panel.axes, loc="upper left")


def ratios(panel, ratio):
    """Draw panel d; the sets are shifted sideways, so that error bars do not overlap."""
    names = list(dict.fromkeys(ratio["ratio"]))
    for place, name in enumerate(names):
        rows = select(ratio, ratio=name)
        style = ordered_style(place, len(names), label=name, linestyle="none")
        panel.markers(name, rows["T"] * (1 + 0.006 * place), rows["value"], rows["error"], **style)
    panel.axes.axhline(1, **GUIDE)
    legend(panel.axes, loc="upper right")  # ratios decrease on heating


def draw(page, change, hazard, ratio):
    """Draw the four panels."""
    temperatures = sorted(set(change["T"]))
    cold = page.label(temperatures[0])
    a, b, c, d = page.add_panels(
        (q.DISTANCE, q.SOFTNESS_CHANGE, cold),
        (q.DISTANCE, q.SOFTNESS_CHANGE, "around a hop less around a matched control"),
        (q.SOFTNESS_RANK, q.HAZARD, f"hard before, {cold}"),
        (q.TEMPERATURE, q.HAZARD_RATIO),
        columns=2,
        row=2.25,
    )
    changes(a, b, change, temperatures)
    hazards(c, select(hazard, T=temperatures[0]))
    c.axes.set(xlabel=c.x.words, ylabel=r"share that hops within $\Delta t$")
    ratios(d, ratio)
    d.axes.set_ylabel(d.y.words)
    page.mark(temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
