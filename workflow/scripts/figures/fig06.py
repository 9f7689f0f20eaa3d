"""Figure 6: p_hop(t) of one particle that rearranges a few times, with the threshold p_c."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.main_figures import draw_hop_example as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
