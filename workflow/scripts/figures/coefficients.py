"""Coefficients of the ridge regressions, and loss of correlation if a descriptor is permuted."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.predictors import draw_coefficients as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
