"""Figure 2: distributions of (a) the local depth and (b) the local softness, all temperatures."""

from softcage import quantities as q
from softcage.plotting import panels
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import legend


def draw(page, curves):
    """Draw both distributions, one curve per temperature."""
    shown = page.add_panels((q.DEPTH, q.DEPTH_DENSITY), (q.SOFTNESS, q.SOFTNESS_DENSITY))
    styles = [page.style(T, marker=None) for T in page.temperatures]
    for panel, quantity in zip(shown, ("depth", "softness"), strict=True):
        panels.draw_distributions(panel, curves, styles, quantity)
        legend(panel.axes, loc="upper right")
    page.mark(page.temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
