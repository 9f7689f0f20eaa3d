"""Slices of the sample at the lowest and highest temperature: softness and hopping particles."""

from softcage.plotting.figure import draw_figure
from softcage.plotting.maps import draw_maps as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
