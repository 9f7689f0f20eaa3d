"""Mean squared displacement, non-Gaussian parameter and overlap of one run."""

import numpy as np

from softcage.dynamics import accumulate, relaxation_table
from softcage.files import replacing
from softcage.log import logged
from softcage.trajectory import open_trajectory


def main(snakemake):
    """Sum displacements over pairs of frames, write their averages and the sums."""
    params = snakemake.params
    with logged(snakemake.log[0]) as log:
        times, sums = accumulate(
            open_trajectory(snakemake.input.uniform),
            open_trajectory(snakemake.input.log),
            n_blocks=params.n_blocks,
            overlap_radius=params.overlap_radius,
        )
        table = relaxation_table(times, sums, params.n_resamples, params.seed)
        with replacing(snakemake.output.table) as temporary:
            table.to_csv(temporary, index=False, float_format="%.8g")
        with replacing(snakemake.output.sums) as temporary:
            np.savez(temporary, times=times, sums=sums)
        log.info("%d lags up to t = %g", len(times), times[-1])


if __name__ == "__main__":
    main(snakemake)  # noqa: F821
