"""The figure of the maps in motion: all frames of the slices, as an animated GIF."""

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.plotting.figure import read_table
from softcage.plotting.maps import animate
from softcage.plotting.page import Page
from softcage.plotting.style import style


def main(snakemake):
    """Read the slices and draw them as frames of an animation."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log, style():
        equilibration, films = read_table(files.equilibration), read_table(files.films)
        page = Page(p.width, p.dpi, p.temperatures, equilibration)
        with replacing(snakemake.output[0]) as temporary:
            animate(page, films, p.shown, temporary)
        log.info("%d frames", min(len(film["times"]) for film in films))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
