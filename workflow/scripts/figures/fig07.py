"""Figure 7: g_AA(r) and g_AB(r) around all A particles and around the rearranging ones."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.main_figures import draw_rearranging_rdf as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
