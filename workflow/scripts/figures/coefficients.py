"""What the ridge regressions rest on: their coefficients, and what permuting a descriptor costs."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.predictors import draw_coefficients


def draw(page, coefficients, importances, T):
    """Draw one row of panels per regression."""
    draw_coefficients(page, coefficients, importances, T)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
