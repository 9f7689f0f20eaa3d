"""Correlation of averaged descriptors with the propensity, against the length of the average."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.predictors import draw_averaging_lengths


def draw(page, lengths, scores, T):
    """Draw one panel per target."""
    draw_averaging_lengths(page, lengths, scores, T)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
