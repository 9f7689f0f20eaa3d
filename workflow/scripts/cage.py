"""The mean-field cage at one temperature: depth, softness and the range of the first shell.

Averages g(r) and S(q) over time blocks and replicas, joins lattice S(q) with the transform of
g - 1, inverts the average, and integrates Eqs. 3-6. The radii r0 and r_min come from the average
g, are frozen here and used by everything downstream. Errors are a bootstrap over blocks, with r0
and r_min kept.

Outputs: ``cage/T{T}.npz`` (curves) and ``cage/T{T}.csv`` (one row a q_max and route;
``depth_* = -beta Phi``, positive, in units of k_B T; ``inverse_softness`` in 1 / sigma_AA^2).
"""

import numpy as np
import pandas as pd

from softcage.cage import (
    core_radius,
    depth_q,
    depth_r,
    first_minimum,
    inverse_softness,
    potential_q,
)
from softcage.files import replacing
from softcage.log import logged
from softcage.model import Mixture
from softcage.statistics import bootstrap, standard_error
from softcage.structure import direct_correlation, match, structure_factor_from_rdf

ROUTES = ("curvature", "harmonic")


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


def shell_ranges(r, g, threshold):
    """``r0`` and ``r_min`` of every pair of species, (n_species, n_species)."""
    n = len(g)
    r0 = [[core_radius(r, g[u, v], threshold) for v in range(n)] for u in range(n)]
    r_min = [[first_minimum(r, g[u, v]) for v in range(n)] for u in range(n)]
    return np.array(r0), np.array(r_min)


def cage_numbers(q, s, r, g, q_values, harmonic_range, fractions, depth_of):
    """Depth_q, then 1/S by each route, for every q_max; last the depth_r."""
    c = direct_correlation(s)
    numbers = []
    for q_max in q_values:
        numbers.append(depth_q(q, s, c, fractions, q_max))
        for route in ROUTES:
            numbers.append(inverse_softness(q, s, c, fractions, q_max, route, harmonic_range))
    return np.array([*numbers, depth_of(r, g)])


def table(numbers, errors, temperature, q_values, r0, r_min, names):
    """One row a q_max and route."""
    rows = []
    for i, q_max in enumerate(q_values):
        for k, route in enumerate(ROUTES):
            j = i * (len(ROUTES) + 1)
            row = {
                "T": temperature,
                "q_max": q_max,
                "route": route,
                "depth_q": numbers[j],
                "depth_q_error": errors[j],
                "inverse_softness": numbers[j + 1 + k],
                "inverse_softness_error": errors[j + 1 + k],
                "depth_r": numbers[-1],
                "depth_r_error": errors[-1],
            }
            for v, name in enumerate(names):
                row[f"r0_{names[0]}{name}"] = r0[0, v]
                row[f"r_min_{names[0]}{name}"] = r_min[0, v]
            rows.append(row)
    return pd.DataFrame(rows)


def main(snakemake):
    """Read the structure of all replicas, write curves and table."""
    p = snakemake.params
    temperature = float(snakemake.wildcards.T)
    with logged(snakemake.log[0]) as log:
        mixture = Mixture.from_dict(p.mixture)
        r, g_blocks, q_lattice, s_blocks, density, x = read_blocks(snakemake.input.structure)
        q_values = sorted({float(value) for value in (p.q_max, *p.q_max_alternatives)})
        q = p.q_bin * np.arange(1, round(q_values[-1] / p.q_bin) + 1)
        transforms = structure_factor_from_rdf(r, g_blocks, q, density, x)
        matched, on_grid = match(q, q_lattice, s_blocks, transforms, p.q_match)
        overlap = (q >= p.q_match[0]) & (q <= p.q_match[1])
        mismatch = np.abs((on_grid - transforms).mean(axis=0)[..., overlap]).max()
        log.info("lattice and transformed S(q) differ by at most %.3g where they meet", mismatch)

        g, s = g_blocks.mean(axis=0), matched.mean(axis=0)
        r0, r_min = shell_ranges(r, g, p.core_threshold)

        def depth_of(r, g):
            return depth_r(r, g, mixture.potential, temperature, density, x, r0, r_min)

        # The blocks are weighed alike: [1, S, g] of each, so that a sum over blocks is a mean.
        n_s = s.size
        packed = np.hstack(
            [
                np.ones((len(g_blocks), 1)),
                matched.reshape(len(matched), -1),
                g_blocks.reshape(len(g_blocks), -1),
            ]
        )

        def statistic(total):
            mean = total / total[0]
            return cage_numbers(
                q,
                mean[1 : 1 + n_s].reshape(s.shape),
                r,
                mean[1 + n_s :].reshape(g.shape),
                q_values,
                p.harmonic_range,
                x,
                depth_of,
            )

        numbers, errors, _ = bootstrap(packed, statistic, p.resamples, p.seed)
        result = table(numbers, errors, temperature, q_values, r0, r_min, mixture.species)
        with replacing(snakemake.output.table) as path:
            result.to_csv(path, index=False, float_format="%.8g")
        c = direct_correlation(s)
        delta_r = np.linspace(0.0, 0.5, 251)
        with replacing(snakemake.output.curves) as path:
            np.savez(
                path,
                r=r,
                g=g,
                g_error=standard_error(g_blocks),
                q=q,
                s=s,
                s_lattice=on_grid.mean(axis=0),
                s_transform=transforms.mean(axis=0),
                s_error=standard_error(matched),
                c=c,
                delta_r=delta_r,
                phi_q_of_delta_r=potential_q(q, s, c, x, float(p.q_max), delta_r),
                r0=r0,
                r_min=r_min,
                density=density,
                fractions=x,
            )
        log.info("\n%s", result.to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
