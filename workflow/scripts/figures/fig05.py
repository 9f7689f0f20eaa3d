"""Figure 5: softness and rearrangement.

(a) Rearranging fraction P_R against softness. (b) P_R against 1/T for five bins of softness, with
the Arrhenius lines up to the temperature at which the lines of all bins cross; inset: P_R/P_0 of
all bins against barrier / T. (c) Barrier against softness. (d) Overlap of particles of low, middle
and high softness.
"""

from softcage.plotting.figure import draw_figure
from softcage.plotting.main_figures import draw_rearrangement as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
