"""Figure 13: softness of all A particles and of the rearranging ones for each delta, lowest T."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.panels import softness_panels


def draw(page, curves, summary, deltas, window):
    """Draw one panel per delta."""
    T = page.coldest
    titles = [f"$\\delta$ = {delta:g}, {page.label(T)}" for delta in deltas]
    softness_panels(page, titles, curves, summary, window, columns=2)
    page.mark([T])


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
