"""Fits of the propensity at one temperature, tested at all others."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.transfer import draw_transfer as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
