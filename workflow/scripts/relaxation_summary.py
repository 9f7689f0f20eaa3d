"""Relaxation time, hop threshold and diffusion of one temperature, over its replicas.

Errors are those of a bootstrap over time blocks and replicas. The two halves of the runs are also
evaluated apart: in equilibrium they relax alike.
"""

import numpy as np
import pandas as pd

from softcage.dynamics import (
    diffusion_coefficient,
    hop_threshold,
    msd,
    non_gaussian_parameter,
    overlap,
    relaxation_table,
    relaxation_time,
)
from softcage.files import replacing
from softcage.log import logged
from softcage.statistics import bootstrap


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
        sums = np.concatenate(per_run)
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
        }
        for path, frame in ((output.table, table), (output.summary, pd.DataFrame([row]))):
            with replacing(path) as temporary:
                frame.to_csv(temporary, index=False, float_format="%.8g")
        log.info("tau_alpha %.4g +- %.2g, p_c %.4g +- %.2g", value[0], error[0], value[2], error[2])


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
