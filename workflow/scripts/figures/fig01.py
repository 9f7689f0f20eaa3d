"""Figure 1: depth of the mean-field cage against its inverse softness, with the calibration lines.

(a) Depth from the wave-number integral (Eq. 4) against 1/S_av; inset: depth from the real-space
integral (Eq. 5) against depth from the wave-number integral. (b) Depth from the real-space integral
against 1/S_av. The lines are relations a, b and c of ``calibration.csv``, fitted over all
temperatures.
"""

from softcage.plotting.figure import draw_figure
from softcage.plotting.main_figures import draw_mean_cage as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
