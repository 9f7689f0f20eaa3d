"""How well every descriptor and every learned predictor predicts the propensity, one temperature.

One row per predictor, the best on top; one panel for the mean displacement and one for 1 - overlap,
both at the last time.
"""

from softcage.plotting.figure import draw_figure
from softcage.plotting.predictors import draw_predictors


def draw(page, scores, T, delta):
    """Draw one panel per target."""
    draw_predictors(page, scores, T, delta)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
