"""Figure 5: softness and rearrangement.

(a) Rearranging fraction P_R against softness. (b) P_R against 1/T for five bins of softness, with
the Arrhenius lines up to the temperature at which the lines of all bins cross; inset: P_R/P_0 of
all bins against barrier / T. (c) Barrier against softness. (d) Overlap of particles of low, middle
and high softness.
"""

from softcage import quantities as q
from softcage.plotting import panels
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import DASHED, legend, ordered_style
from softcage.tables import select


def overlaps(panel, tables):
    """Draw q(S, t) from one table per temperature: solid at the lowest, dashed at the other."""
    for (T, table), dashes in zip(tables.items(), ("-", DASHED), strict=False):
        for place, group in enumerate(("low", "middle", "high")):
            data = select(table[table["time"] > 0], group=group)
            curve = data["time"], data["overlap"], data["overlap_error"]
            label = f"{group} $S$" if dashes == "-" else None
            style = ordered_style(place, 3, label=label, marker=None, linestyle=dashes)
            panel.line(f"{group} S, T = {T:g}", *curve, **style)
        key = {"color": "black", "linestyle": dashes, "label": panel.page.label(T)}
        panel.axes.plot([], [], **key)
    panel.axes.set(xscale="log", ylim=(-0.05, 1.05))
    legend(panel.axes, loc="lower left")


def draw(
    page,
    distributions,
    arrhenius,
    arrhenius_points,
    crossing,
    overlap,
    shown,
    window,
    minimum_hops,
):
    """Draw the four panels; ``overlap`` has one table for each of the temperatures ``shown``."""
    a, b, c, d = page.add_panels(
        (q.SOFTNESS, q.FRACTION),
        (q.INVERSE_TEMPERATURE, q.FRACTION),
        (q.SOFTNESS, q.BARRIER),
        (q.TIME, q.SOFTNESS_OVERLAP),
        columns=2,
        row=2.5,
    )
    tables = dict(zip(page.temperatures, distributions, strict=True))
    panels.draw_fraction(a, tables, "softness", window, minimum_hops)
    legend(a.axes, loc="lower right", ncols=2)
    panels.draw_arrhenius(b, arrhenius, arrhenius_points, crossing, "softness", window)
    panels.draw_barriers(c, arrhenius, "softness", window)
    overlaps(d, dict(zip(shown, overlap, strict=True)))
    page.mark(page.temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
