"""Fits of the propensity at one temperature, tested at all others."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.transfer import draw_transfer


def draw(page, transfer, joint):
    """Draw the matrix of temperatures, and each temperature against the mean displacement."""
    draw_transfer(page, transfer, joint)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
