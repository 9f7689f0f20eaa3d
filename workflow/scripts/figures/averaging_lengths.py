"""Correlation of averaged descriptors with the propensity, against the length of the average."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.predictors import draw_averaging_lengths as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
