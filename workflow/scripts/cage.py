"""The mean-field cage at one temperature: depth, softness and the range of the first shell.

Averages g(r) and S(q) over time blocks and replicas, joins lattice S(q) with the transform of
g - 1, inverts the average, and integrates Eqs. 3-6. The radii r0 and r_min come from the average
g, are frozen here and used by everything downstream. Errors are a bootstrap over blocks as long as
tau_alpha asks for, with r0 and r_min kept.

Outputs: ``cage/T{T}.npz`` (curves) and ``cage/T{T}.csv`` (one row a q_max and route;
``depth_* = -beta Phi``, positive, in units of k_B T; ``inverse_softness`` in 1 / sigma_AA^2).
``route`` is ``curvature``, ``harmonic`` (a parabola up to ``harmonic_range``) or, at the default
q_max only, ``harmonic_alternative`` (other ranges); the curvature has the range 0, as the limit of
them all. ``n_frames``: frames behind the averages, of all replicas.
"""

import numpy as np
import pandas as pd

from softcage.cage.mean_field import cage_of_structure
from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.model import Mixture
from softcage.statistics import merge, standard_error


def average(run, name, n_blocks):
    """Mean of a curve over each coarse block of one run, frames weighing alike."""
    frames = run["block_frames"].astype(float)
    total = merge(frames[:, None, None, None] * run[name], n_blocks)
    return total / merge(frames, n_blocks)[:, None, None, None]


def read_blocks(paths, n_blocks):
    """Line up the coarse blocks of all replicas.

    Returns ``r, g, q, s``, the number of frames in each block, density and fractions.
    """
    runs = [dict(np.load(path)) for path in paths]
    first = runs[0]
    for path, run in zip(paths, runs, strict=True):
        if run["g"].shape[1:] != first["g"].shape[1:] or run["box"] != first["box"]:
            raise ValueError(f"{path} has another box or binning than {paths[0]}: recompute both")
    g = np.concatenate([average(run, "g", n_blocks) for run in runs])
    s = np.concatenate([average(run, "s", n_blocks) for run in runs])
    frames = np.concatenate([merge(run["block_frames"], n_blocks) for run in runs])
    return first["r"], g, first["q"], s, frames, float(first["density"]), first["fractions"]


def compare_routes(lattice, transform, log):
    """Say how far the two routes to S(q) are apart, blocks (blocks, u, v, q) of the same frames."""
    apart = (lattice - transform).mean(axis=0)
    log.info(
        "lattice and transformed S(q) differ by at most %.3g where they meet", abs(apart).max()
    )
    # blocks of both routes come from the same frames, so the error is that of the difference
    error = standard_error(lattice - transform)
    known = np.isfinite(error) & (error > 0)
    if known.any():
        sigma = np.abs(apart[known] / error[known])
        # the variance of Student's t: errors from few blocks make the ratio scatter more
        n = len(lattice)
        expected = f"{np.sqrt((n - 1) / (n - 3)):.2f}" if n > 3 else "not known from so few blocks"
        log.info(
            "in units of the error of the difference, %d blocks: root mean square %.2f "
            "(expected by chance: %s), at most %.2f",
            n,
            np.sqrt(np.mean(sigma**2)),
            expected,
            sigma.max(),
        )


def main(snakemake):
    """Read the structure of all replicas, write curves and table."""
    p = snakemake.params
    with logged(snakemake.log[0]) as log:
        mixture = Mixture.from_dict(p.mixture)
        n_blocks = int(pd.read_csv(snakemake.input.relaxation)["blocks"].iloc[0])
        table, curves, routes = cage_of_structure(
            *read_blocks(snakemake.input.structure, n_blocks),
            mixture=mixture,
            temperature=float(snakemake.wildcards.T),
            q_max=p.q_max,
            q_max_alternatives=p.q_max_alternatives,
            harmonic_range=p.harmonic_range,
            harmonic_range_alternatives=p.harmonic_range_alternatives,
            q_bin=p.q_bin,
            q_match=p.q_match,
            core_threshold=p.core_threshold,
            resamples=p.resamples,
            seed=p.seed,
        )
        compare_routes(*routes, log)
        with replacing(snakemake.output.table) as path:
            table.to_csv(path, index=False, float_format="%.8g")
        with replacing(snakemake.output.curves) as path:
            np.savez(path, **curves)
        log.info("\n%s", table.to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
