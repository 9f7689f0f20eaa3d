"""How long particles keep their softness, from all replicas of one temperature.

Outputs:

- the autocorrelation C_S(t) of the softness,
- the propagator G(S, S0, t) of hard particles at the requested times. Times longer than the run are
  replaced by the longest time of the run; the column ``time`` has the time that was used.
- the mean softness of groups of equal initial softness,
- the overlap q(S, t) of particles of low, middle and high softness.

G and the groups include only particles that stayed in their cage at every frame in between.
"""

from contextlib import ExitStack

import pandas as pd

from softcage.dynamics.propagator import SoftnessSeries, memory_tables
from softcage.io.csv_table import write_table
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.prediction.counts import bin_edges


def open_series(path, stack):
    """Return the softness of the uniform and log-spaced frames of a run, read only when needed."""
    groups = map(stack.enter_context(open_hdf5(path)).get, ("uniform", "log"))
    return [SoftnessSeries(group["frame"][:], group["softness"]) for group in groups]


def main(snakemake):
    """Read trajectories and softness of all replicas and write the four tables."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log, ExitStack() as stack:
        runs = [
            (open_trajectory(uniform), open_trajectory(short), *open_series(softness, stack))
            for uniform, short, softness in zip(
                files.uniform, files.log, files.softness, strict=True
            )
        ]
        n_blocks = int(pd.read_csv(files.relaxation)["blocks"].iloc[0])
        tables = memory_tables(
            runs,
            n_blocks=n_blocks,
            edges=bin_edges(**p.softness_bins),
            hard=p.hard,
            times=p.times,
            groups=p.groups,
            cage_displacement=p.cage_displacement,
            overlap_radius=p.overlap_radius,
            resamples=p.resamples,
            seed=p.seed,
        )
        for name, table in tables.items():
            write_table(snakemake.output[name], table, digits=8)
        lags = tables["mean_softness"]["time"].unique()
        log.info("%d lags up to t = %g; %d blocks per run", len(lags), lags.max(), n_blocks)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
