"""Figure 4: softness of all A particles and of the rearranging ones, at three temperatures."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.panels import softness_panels
from softcage.plotting.style import same_range


def draw(page, curves, summary, shown, window):
    """Draw one panel per temperature, from hot to cold."""
    titles = [page.label(T) for T in shown[::-1]]
    tables = curves[::-1], summary[::-1]
    panels = softness_panels(page, titles, *tables, window, row=1.85, short=True)
    # one range for all panels, so that the shift is visible
    same_range([panel.axes for panel in panels], "x")
    page.mark(shown)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
