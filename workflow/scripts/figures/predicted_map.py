"""A slice of one configuration: measured and predicted mean displacements."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.maps import draw_predicted_map as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
