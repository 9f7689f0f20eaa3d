"""p_hop of every A particle of one run for each hop window, and the rearrangements.

Outputs: ``hops/T{T}/r{replica}.h5`` with a group ``dt{window}`` for each window, and a table of the
events.
"""

import numba
import numpy as np
import pandas as pd

from softcage.dynamics.hops import moving_share, write_p_hop
from softcage.io.atomic_file import replacing
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory


def hop_threshold_of(params, summary, temperature):
    """Return p_c as measured (NaN if it was not measurable), or the paper's for a temperature."""
    if params.p_c == "measured":
        return float(summary["p_c"].iloc[0])
    for key, value in params.p_c_paper.items():
        if np.isclose(float(key), temperature):
            return float(value)
    raise ValueError(
        f"dynamics.p_c is 'paper', but dynamics.p_c_paper has no value for T = {temperature:g}: "
        "add one, or set dynamics.p_c to 'measured'"
    )


def main(snakemake):
    """Read the uniform frames once for all windows."""
    params, output = snakemake.params, snakemake.output
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    with logged(snakemake.log[0]) as log:
        uniform = open_trajectory(snakemake.input.uniform)
        summary = pd.read_csv(snakemake.input.summary)
        p_c = hop_threshold_of(params, summary, float(snakemake.wildcards.T))
        if not np.isfinite(p_c):
            log.warning("p_c is not known at this temperature, so rearrangements are not known")
        with replacing(output.p_hop) as temporary, open_hdf5(temporary, "w") as store:
            events = write_p_hop(store, uniform, params.windows, p_c)
            for window in params.windows:
                share = moving_share(store[f"dt{window:g}/p_hop"], p_c)
                log.info("window %g: share of particles above p_c = %.4g", window, share)
        with replacing(output.events) as temporary:
            events.to_parquet(temporary, index=False)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
