"""Figure 4: softness of all A particles and of the rearranging ones, at three temperatures."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.main_figures import draw_rearranging_softness as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
