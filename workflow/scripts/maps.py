"""Slices of the sample, coloured by softness, with the hops that follow: figure and animation.

The coldest temperature stands beside the hottest. Outputs: ``beyond/maps.png`` (and PDF) and
``beyond/maps.gif``.
"""

import h5py
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.model import Mixture
from softcage.plotting.maps import animate, draw_sample, film
from softcage.plotting.style import save_figure
from softcage.tables import select


def main(snakemake):
    """Read a few frames of the runs, draw them."""
    p, files, output = snakemake.params, snakemake.input, snakemake.output
    with logged(snakemake.log[0]) as log:
        mixture, films = Mixture.from_dict(p.mixture), []
        for k, T in enumerate(p.temperatures):
            events = select(pd.read_parquet(files.events[k]), window=p.window)
            tau = pd.read_csv(files.relaxation[k])["tau_alpha"].iloc[0]
            with h5py.File(files.p_hop[k]) as hops, h5py.File(files.softness[k]) as scores:
                times = hops[f"dt{p.window:g}/time"][:]
                run = open_trajectory(files.uniform[k])
                films.append(film(run, T, scores["uniform"], events, times, tau))
            log.info("T = %g: %d frames", T, len(films[-1].times))
        figure = draw_sample(films, mixture)
        save_figure(figure, [output.png, output.pdf], p.dpi)
        with replacing(output.gif) as temporary:
            animate(temporary, films, mixture)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
