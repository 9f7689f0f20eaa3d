"""Relaxation time, hop threshold and diffusion of one temperature, over its replicas.

tau_alpha sets how long time blocks are, here and in everything that follows: ``blocks`` is the
number of them in each run, ``block_relaxation_times`` their length in units of tau_alpha. Errors
are those of a bootstrap over the blocks of all replicas. The two halves of the runs are also
evaluated apart: in equilibrium they relax alike.

Outputs: ``relaxation/T{T}.csv`` (table over time) and ``relaxation/summary/T{T}.csv`` (one row).
"""

import numpy as np
import pandas as pd

from softcage.dynamics.relaxation import (
    diffusion_coefficient,
    hop_threshold,
    msd,
    non_gaussian_parameter,
    overlap,
    relaxation_table,
    relaxation_time,
)
from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.statistics import bootstrap, count_blocks, pool


def scalars(times):
    """Return a function that maps moments to (tau_alpha, t_star, p_c, D)."""

    def statistic(sums):
        displacement = msd(sums)
        threshold = hop_threshold(times, non_gaussian_parameter(sums), displacement)
        tau = relaxation_time(times, overlap(sums))
        return np.array([tau, *threshold, diffusion_coefficient(times, displacement)])

    return statistic


def main(snakemake):
    """Read the moments of all replicas, write the table over time and one row of numbers."""
    params, output = snakemake.params, snakemake.output
    with logged(snakemake.log[0]) as log:
        runs = [np.load(path) for path in snakemake.input.sums]
        times, per_run = runs[0]["times"], [run["sums"] for run in runs]
        tau = relaxation_time(times, overlap(sum(run.sum(axis=0) for run in per_run)))
        n_blocks, enough = count_blocks(
            params.production_time, tau, params.blocks, params.block_relaxation_times
        )
        sums = pool(per_run, n_blocks)
        table = relaxation_table(times, sums, params.n_resamples, params.seed)
        statistic = scalars(times)
        value, error, _ = bootstrap(sums, statistic, params.n_resamples, params.seed)
        middle = len(per_run[0]) // 2
        parts = (slice(middle), slice(middle, None))
        halves = [sum(run[part].sum(axis=0) for run in per_run) for part in parts]
        row = {
            "T": float(snakemake.wildcards.T),
            "tau_alpha": value[0],
            "tau_alpha_error": error[0],
            "t_star": value[1],
            "t_star_error": error[1],
            "p_c": value[2],
            "p_c_error": error[2],
            "diffusion_coefficient": value[3],
            "diffusion_coefficient_error": error[3],
            "overlap_first_half_tau": relaxation_time(times, overlap(halves[0])),
            "overlap_second_half_tau": relaxation_time(times, overlap(halves[1])),
            "production_time": params.production_time,
            "blocks": n_blocks,
            "block_relaxation_times": params.production_time / n_blocks / tau,
        }
        for path, frame in ((output.table, table), (output.summary, pd.DataFrame([row]))):
            with replacing(path) as temporary:
                frame.to_csv(temporary, index=False, float_format="%.8g")
        log.info("tau_alpha %.4g +- %.2g, p_c %.4g +- %.2g", value[0], error[0], value[2], error[2])
        log.info("%d runs of %d time blocks", len(per_run), n_blocks)
        if not enough:
            log.warning(
                "two blocks of %g tau_alpha do not fit into a run of %g: all errors of this "
                "temperature are too small; make production longer",
                params.block_relaxation_times,
                params.production_time,
            )


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
