"""Learned predictors beside the best published one, against time."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.published import draw_published as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
