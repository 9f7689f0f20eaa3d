"""The mean-field cage at one temperature: depth, softness and the range of the first shell.

Averages g(r) and S(q) over time blocks and replicas, joins lattice S(q) with the transform of
g - 1, inverts the average, and integrates Eqs. 3-6. The radii r0 and r_min come from the average
g, are frozen here and used by everything downstream. Errors are a bootstrap over blocks, with r0
and r_min kept.

Outputs: ``cage/T{T}.npz`` (curves) and ``cage/T{T}.csv`` (one row a q_max and route;
``depth_* = -beta Phi``, positive, in units of k_B T; ``inverse_softness`` in 1 / sigma_AA^2).
"""

import numpy as np

from softcage.calibration import cage_of_structure
from softcage.files import replacing
from softcage.log import logged
from softcage.model import Mixture


def read_blocks(paths):
    """Stack the blocks of all replicas; returns ``r, g, q, s, density, fractions``."""
    runs = [dict(np.load(path)) for path in paths]
    first = runs[0]
    for path, run in zip(paths, runs, strict=True):
        if run["g"].shape[1:] != first["g"].shape[1:] or run["box"] != first["box"]:
            raise ValueError(f"{path} has another box or binning than {paths[0]}: recompute both")
    g = np.concatenate([run["g"] for run in runs])
    s = np.concatenate([run["s"] for run in runs])
    return first["r"], g, first["q"], s, float(first["density"]), first["fractions"]


def main(snakemake):
    """Read the structure of all replicas, write curves and table."""
    p = snakemake.params
    with logged(snakemake.log[0]) as log:
        r, g_blocks, q_lattice, s_blocks, density, x = read_blocks(snakemake.input.structure)
        result, curves = cage_of_structure(
            r,
            g_blocks,
            q_lattice,
            s_blocks,
            density,
            x,
            mixture=Mixture.from_dict(p.mixture),
            temperature=float(snakemake.wildcards.T),
            q_max=p.q_max,
            q_max_alternatives=p.q_max_alternatives,
            q_bin=p.q_bin,
            q_match=p.q_match,
            harmonic_range=p.harmonic_range,
            core_threshold=p.core_threshold,
            resamples=p.resamples,
            seed=p.seed,
        )
        mismatch = curves.pop("mismatch")
        log.info("lattice and transformed S(q) differ by at most %.3g where they meet", mismatch)
        with replacing(snakemake.output.table) as path:
            result.to_csv(path, index=False, float_format="%.8g")
        with replacing(snakemake.output.curves) as path:
            np.savez(path, **curves)
        log.info("\n%s", result.to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
