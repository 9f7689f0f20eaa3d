"""Softness of particles and of their neighbours around the events of one run, and later hops.

Output: ``hop_environment/T{T}/r{replica}.npz``, sums over time blocks
(:func:`softcage.hop_environment.sums.sum_run`).
"""

import numpy as np
import pandas as pd

from softcage.hop_environment.series import read_series
from softcage.hop_environment.sums import longest_lag, sum_run
from softcage.io.atomic_file import replacing
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.model import Composition


def main(snakemake):
    """Read softness, hops and frames of a run and write its sums."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log:
        relaxation = pd.read_csv(files.relaxation).iloc[0]
        with open_hdf5(files.softness) as scores, open_hdf5(files.hops) as hops:
            series = read_series(scores, hops, p.window)
            if not series.known:
                log.warning("p_c is not known at this temperature: there are no events")
            pairs = Composition.from_dict(p.mixture).pairs
            shells = tuple(float(scores.attrs[f"r_min_{pair}"]) for pair in pairs)
        longest = longest_lag(relaxation["tau_alpha"], p.window, p.production_time)
        sums = sum_run(
            series,
            open_trajectory(files.uniform),
            shells,
            longest,
            int(relaxation["blocks"]),
            [p.seed, int(snakemake.wildcards.replica)],
        )
        with replacing(snakemake.output[0]) as path:
            np.savez_compressed(path, **sums)
        log.info(
            "%d frames with a softness, %g apart; %d events, %d of them with a matched control",
            len(series.frames), series.interval, sums["events"].sum(), sums["matched"].sum(),
        )  # fmt: skip


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
