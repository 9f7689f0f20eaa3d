"""Figure 2: distributions of (a) the local depth and (b) the local softness, all temperatures."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.main_figures import draw_depth_and_softness as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
