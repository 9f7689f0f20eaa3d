"""The mean-field cage at one temperature: depth, softness and the range of the first shell.

The radii r0 and r_min are determined here from the average g(r) and used by all later steps. Errors
come from a bootstrap over blocks, whose length follows from tau_alpha, or from the scatter between
replicas if that is larger; r0 and r_min are not varied.

Outputs: ``cage/T{T}.npz`` with curves, and ``cage/T{T}.csv`` with one row for each q_max and route:

- ``depth_*``: -beta Phi, positive, in units of k_B T,
- ``inverse_softness``: in 1 / sigma_AA^2,
- ``route``: ``curvature``, ``harmonic`` (a parabola up to ``harmonic_range``) or, at the default
  q_max only, ``harmonic_alternative`` (other ranges),
- ``n_frames``: number of frames averaged over, of all replicas.
"""

import numpy as np
import pandas as pd

from softcage.cage.average import cage_of_structure
from softcage.io.atomic_file import replacing
from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.model import Mixture
from softcage.structure.blocks import Structure, pool_structure


def main(snakemake):
    """Read the structure of all replicas and write curves and table."""
    p, paths = snakemake.params, snakemake.input.structure
    with logged(snakemake.log[0]) as log:
        n_blocks = int(pd.read_csv(snakemake.input.relaxation)["blocks"].iloc[0])
        structure = pool_structure([Structure.load(path) for path in paths], paths, n_blocks)
        table, curves = cage_of_structure(
            structure,
            Mixture.from_dict(p.mixture),
            float(snakemake.wildcards.T),
            q_max=p.q_max,
            q_max_alternatives=p.q_max_alternatives,
            harmonic_range=p.harmonic_range,
            harmonic_range_alternatives=p.harmonic_range_alternatives,
            q_bin=p.q_bin,
            q_match=p.q_match,
            core_threshold=p.core_threshold,
            resamples=p.resamples,
            seed=p.seed,
            n_runs=len(paths),
            closure=p.closure,
        )
        write_table(snakemake.output.table, table, digits=8)
        with replacing(snakemake.output.curves) as path:
            np.savez(path, **curves)
        log.info("\n%s", table.to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
