"""Figure 11: distribution of the local softness for each smearing width delta, lowest T."""

from softcage import quantities as q
from softcage.plotting import panels
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import headroom, legend


def draw(page, curves, deltas):
    """Draw one curve per delta."""
    T = page.coldest
    (panel,) = page.add_panels((q.SOFTNESS, q.SOFTNESS_DENSITY, page.label(T)))
    styles = panels.width_styles(deltas)
    panels.draw_distributions(panel, curves, [styles[d] for d in deltas], "softness")
    headroom(panel.axes, 0.25)
    legend(panel.axes, loc="upper center", ncols=2)
    page.mark([T])


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
