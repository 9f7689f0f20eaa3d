"""Relaxation time, hop threshold, diffusion and energy at one temperature, from all its runs.

Runs are the replicas of the study and its further quenches, of which only sums are known. Errors
come from a bootstrap over time blocks and from the scatter between runs, here and in all later
steps. The length of a block follows from tau_alpha; there are ``blocks`` of them in each run.

Outputs: ``relaxation/T{T}.csv`` (table over time) and ``relaxation/summary/T{T}.csv`` (one row).
"""

import numpy as np
import pandas as pd

from softcage.dynamics.quench import load_quenches
from softcage.dynamics.relaxation import relaxation_summary
from softcage.io.csv_table import write_table
from softcage.io.log import logged


def main(snakemake):
    """Read the sums of all runs; write the table over time and one row of numbers."""
    params, output = snakemake.params, snakemake.output
    with logged(snakemake.log[0]) as log:
        quenches = load_quenches([*snakemake.input.sums, *snakemake.input.further])
        table, numbers, enough = relaxation_summary(
            quenches,
            params.production_time,
            blocks=params.blocks,
            block_relaxation_times=params.block_relaxation_times,
            resamples=params.resamples,
            seed=params.seed,
        )
        row = pd.DataFrame([{"T": float(snakemake.wildcards.T), **numbers}])
        for path, frame in ((output.table, table), (output.summary, row)):
            write_table(path, frame, digits=8)
        log.info(
            "tau_alpha %.4g +- %.2g, p_c %.4g +- %.2g",
            *(numbers[name] for name in ("tau_alpha", "tau_alpha_error", "p_c", "p_c_error")),
        )
        log.info("%d runs of %d time blocks", len(quenches), numbers["blocks"])
        if not np.isfinite(numbers["p_c"]):
            log.warning(
                "p_c is not known, because alpha_2 has no maximum at lags up to t = %g. With "
                "dynamics.p_c: measured, rearrangements at this temperature are then not known: "
                "make production longer",
                table["time"].iloc[-1],
            )
        if not enough:
            log.warning(
                "two blocks of %g tau_alpha do not fit into a run of %g, so all errors at this "
                "temperature are too small: make production longer",
                params.block_relaxation_times,
                params.production_time,
            )


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
