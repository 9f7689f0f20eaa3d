"""Slices of the sample at successive times, with the softness of particles and their next hops.

Output: ``maps/T{T}.npz``, made by :func:`softcage.hop_environment.film.film_run` from the first
run.
"""

import numpy as np
import pandas as pd

from softcage.hop_environment.film import film_run
from softcage.io.atomic_file import replacing
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.model import Mixture
from softcage.tables import select


def main(snakemake):
    """Read a few frames of the run and write their slices."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log:
        events = select(pd.read_parquet(files.events), window=p.window)
        tau = pd.read_csv(files.relaxation)["tau_alpha"].iloc[0]
        run, mixture = open_trajectory(files.uniform), Mixture.from_dict(p.mixture)
        with open_hdf5(files.p_hop) as hops, open_hdf5(files.softness) as scores:
            times = hops[f"dt{p.window:g}/time"][:]
            film = film_run(run, mixture, scores["uniform"], events, times, tau)
        with replacing(snakemake.output[0]) as temporary:
            np.savez_compressed(temporary, **film)
        log.info("%d frames", len(film["times"]))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
