"""Mean squared displacement, non-Gaussian parameter and overlap of one run.

Sums are kept for many short time blocks, because the length that a block must have is known only
with tau_alpha. For the errors in the table, they are merged into blocks whose length follows from
tau_alpha of this run.

Outputs: ``relaxation/T{T}/r{replica}.csv``, the table over time, and ``.npz`` with the sums,
including those of energy and pressure (:class:`softcage.dynamics.quench.Quench`).
"""

import pandas as pd

from softcage.dynamics.quench import Quench, thermo_sums
from softcage.dynamics.relaxation import (
    displacement_sums,
    overlap,
    relaxation_table,
    relaxation_time,
)
from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.statistics import count_blocks, merge


def main(snakemake):
    """Sum displacements over pairs of frames; write averages and sums."""
    params = snakemake.params
    with logged(snakemake.log[0]) as log:
        times, sums = displacement_sums(
            open_trajectory(snakemake.input.uniform),
            open_trajectory(snakemake.input.log),
            n_blocks=params.fine_blocks,
            overlap_radius=params.overlap_radius,
        )
        tau = relaxation_time(times, overlap(sums.sum(axis=0)))
        n_blocks, _ = count_blocks(
            params.production_time, tau, params.blocks, params.block_relaxation_times
        )
        blocks = merge(sums, n_blocks)
        table = relaxation_table(times, blocks, params.resamples, params.seed)
        write_table(snakemake.output.table, table, digits=8)
        thermo = thermo_sums(pd.read_csv(snakemake.input.thermo), params.fine_blocks)
        Quench(times, sums, thermo, params.about).save(snakemake.output.sums)
        log.info("%d lags up to t = %g; %d blocks", len(times), times[-1], n_blocks)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
