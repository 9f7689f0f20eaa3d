"""Neighbourhood of the rearranging particles: g(r) around them and around all A particles (Fig. 7).

Evenly spaced frames with p_hop are taken from all replicas, the same for both curves. A particle
rearranges in a frame if p_hop > p_c in this frame, for the default window. Errors come from a
bootstrap over time blocks.

Output ``prediction/T{T}/rearranging_rdf.csv``: pair [AA | AB], r, g_all, g_rearranging,
g_rearranging_error.
"""

import numba
import pandas as pd

from softcage.io.csv_table import write_table
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.sampling import evenly_spaced
from softcage.structure.tagged_rdf import rearranging_rdf


def read_moving(path, window, most):
    """Return at most ``most`` evenly spaced frames, and which A particles rearrange in them."""
    with open_hdf5(path) as store:
        group = store[f"dt{window:g}"]
        rows = evenly_spaced(len(group["frame"]), most)
        if not len(rows):
            raise ValueError(
                f"{path}: the production run is too short, no frame has p_hop for the window "
                f"{window:g}: make production longer"
            )
        return group["frame"][:][rows], group["p_hop"][rows] > group.attrs["p_c"]


def main(snakemake):
    """Read trajectories and hops of all replicas and write the table."""
    p, files = snakemake.params, snakemake.input
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    with logged(snakemake.log[0]) as log:
        n_blocks = int(pd.read_csv(files.relaxation)["blocks"].iloc[0])
        runs = [
            (open_trajectory(uniform), *read_moving(hops, p.window, p.frames // len(files.uniform)))
            for uniform, hops in zip(files.uniform, files.hops, strict=True)
        ]
        table, counts = rearranging_rdf(
            runs,
            [f"{p.species[0]}{name}" for name in p.species],
            n_blocks,
            r_max=p.r_max,
            r_bin=p.r_bin,
            resamples=p.resamples,
            seed=p.seed,
        )
        write_table(snakemake.output[0], table)
        log.info("%d A particles in all frames, %d of them rearranging", *counts)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
