"""Correlation of every descriptor and learned predictor with the propensity, one temperature.

There is one row per predictor, the best on top, and one panel each for the mean displacement and
for 1 - overlap, both at the last time.
"""

from softcage.plotting.figure import draw_figure
from softcage.plotting.predictors import draw_predictors as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
