"""Figure 15: the depth of the local cage instead of its softness.

(a) Distributions for all A particles and for the rearranging ones, lowest temperature. (b)
Rearranging fraction against depth. (c) Rearranging fraction against 1/T for five bins of depth;
inset: P_R/P_0 of all bins against barrier / T. (d) Barrier against depth, with a weighted line.
"""

from softcage import quantities as q
from softcage.plotting import panels
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import legend


def draw(
    page,
    distributions,
    curves,
    summary,
    arrhenius,
    arrhenius_points,
    crossing,
    window,
    minimum_hops,
):
    """Draw the four panels; ``curves`` and ``summary`` are for the lowest temperature."""
    a, b, c, d = page.add_panels(
        (q.DEPTH, q.DEPTH_DENSITY, page.label(page.coldest)),
        (q.DEPTH, q.DEPTH_FRACTION),
        (q.INVERSE_TEMPERATURE, q.DEPTH_FRACTION),
        (q.DEPTH, q.BARRIER),
        columns=2,
        row=2.5,
    )
    panels.all_and_rearranging(a, curves, summary, "depth", window)
    legend(a.axes, loc="upper left")
    tables = dict(zip(page.temperatures, distributions, strict=True))
    panels.draw_fraction(b, tables, "depth", window, minimum_hops)
    legend(b.axes, loc="lower left", ncols=2)
    panels.draw_arrhenius(c, arrhenius, arrhenius_points, crossing, "depth", window)
    panels.draw_barriers(d, arrhenius, "depth", window, crossing)
    page.mark(page.temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
