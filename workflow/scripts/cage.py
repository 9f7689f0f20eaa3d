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
from softcage.statistics import bootstrap, merge, standard_error
from softcage.structure import direct_correlation, match, structure_factor_from_rdf


def average(run, name, n_blocks):
    """Mean of a curve over each coarse block of one run, frames weighing alike."""
    frames = run["block_frames"].astype(float)
    total = merge(frames[:, None, None, None] * run[name], n_blocks)
    return total / merge(frames, n_blocks)[:, None, None, None]


def read_blocks(paths, n_blocks):
    """Line up the coarse blocks of all replicas.

    Returns ``r, g, q, s, density, fractions`` and the number of frames in each block.
    """
    runs = [dict(np.load(path)) for path in paths]
    first = runs[0]
    for path, run in zip(paths, runs, strict=True):
        if run["g"].shape[1:] != first["g"].shape[1:] or run["box"] != first["box"]:
            raise ValueError(f"{path} has another box or binning than {paths[0]}: recompute both")
    g = np.concatenate([average(run, "g", n_blocks) for run in runs])
    s = np.concatenate([average(run, "s", n_blocks) for run in runs])
    frames = np.concatenate([merge(run["block_frames"], n_blocks) for run in runs])
    return first["r"], g, first["q"], s, float(first["density"]), first["fractions"], frames


def shell_ranges(r, g, threshold):
    """``r0`` and ``r_min`` of every pair of species, (n_species, n_species)."""
    n = len(g)
    r0 = [[core_radius(r, g[u, v], threshold) for v in range(n)] for u in range(n)]
    r_min = [[first_minimum(r, g[u, v]) for v in range(n)] for u in range(n)]
    return np.array(r0), np.array(r_min)


def variants(q_max, alternatives, harmonic_range, range_alternatives):
    """Every way to S_av: (q_max, route, range of the fit), the range of the curvature being 0."""
    ways = []
    for value in sorted({float(value) for value in (q_max, *alternatives)}):
        ways += [(value, "curvature", 0.0), (value, "harmonic", float(harmonic_range))]
    others = sorted(map(float, range_alternatives))
    return ways + [(float(q_max), "harmonic_alternative", end) for end in others]


def cage_numbers(q, s, fractions, ways):
    """Depth_q of every way, then 1/S of every way."""
    c = direct_correlation(s)
    depth = {q_max: depth_q(q, s, c, fractions, q_max) for q_max, *_ in ways}
    stiffness = [
        inverse_softness(q, s, c, fractions, q_max, "harmonic" if end > 0 else "curvature", end)
        for q_max, _, end in ways
    ]
    return [*(depth[q_max] for q_max, *_ in ways), *stiffness]


def table(numbers, errors, temperature, ways, n_frames, r0, r_min, names):
    """One row a way; the last number is the depth_r."""
    rows = []
    for i, (q_max, route, end) in enumerate(ways):
        row = {
            "T": temperature,
            "q_max": q_max,
            "route": route,
            "harmonic_range": end,
            "depth_q": numbers[i],
            "depth_q_error": errors[i],
            "inverse_softness": numbers[len(ways) + i],
            "inverse_softness_error": errors[len(ways) + i],
            "depth_r": numbers[-1],
            "depth_r_error": errors[-1],
            "n_frames": n_frames,
        }
        for v, name in enumerate(names):
            row[f"r0_{names[0]}{name}"] = r0[0, v]
            row[f"r_min_{names[0]}{name}"] = r_min[0, v]
        rows.append(row)
    return pd.DataFrame(rows)


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
    temperature = float(snakemake.wildcards.T)
    with logged(snakemake.log[0]) as log:
        mixture = Mixture.from_dict(p.mixture)
        n_blocks = int(pd.read_csv(snakemake.input.relaxation)["blocks"].iloc[0])
        r, g_blocks, q_lattice, s_blocks, density, x, frames = read_blocks(
            snakemake.input.structure, n_blocks
        )
        ways = variants(
            p.q_max, p.q_max_alternatives, p.harmonic_range, p.harmonic_range_alternatives
        )
        q = p.q_bin * np.arange(1, round(max(q_max for q_max, *_ in ways) / p.q_bin) + 1)
        transforms = structure_factor_from_rdf(r, g_blocks, q, density, x)
        matched, on_grid = match(q, q_lattice, s_blocks, transforms, p.q_match)
        overlap = (q >= p.q_match[0]) & (q <= p.q_match[1])
        compare_routes(on_grid[..., overlap], transforms[..., overlap], log)

        g, s, s_lattice, s_transform = (
            np.average(curve, axis=0, weights=frames)
            for curve in (g_blocks, matched, on_grid, transforms)
        )
        r0, r_min = shell_ranges(r, g, p.core_threshold)

        def depth_of(r, g):
            return depth_r(r, g, mixture.potential, temperature, density, x, r0, r_min)

        # Frames weigh alike: a sum over [1, S, g] times the frames of each block gives the mean.
        n_s = s.size
        curves = np.hstack([part.reshape(len(frames), -1) for part in (matched, g_blocks)])
        packed = frames[:, None] * np.hstack([np.ones((len(frames), 1)), curves])

        def statistic(total):
            mean = total / total[0]
            s_mean, g_mean = mean[1 : 1 + n_s].reshape(s.shape), mean[1 + n_s :].reshape(g.shape)
            return np.array([*cage_numbers(q, s_mean, x, ways), depth_of(r, g_mean)])

        numbers, errors, _ = bootstrap(packed, statistic, p.resamples, p.seed)
        n_frames = int(frames.sum())
        result = table(numbers, errors, temperature, ways, n_frames, r0, r_min, mixture.species)
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
                s_lattice=s_lattice,
                s_lattice_error=standard_error(on_grid),
                s_transform=s_transform,
                s_transform_error=standard_error(transforms),
                s_error=standard_error(matched),
                c=c,
                delta_r=delta_r,
                phi_q_of_delta_r=potential_q(q, s, c, x, float(p.q_max), delta_r),
                r0=r0,
                r_min=r_min,
                density=density,
                fractions=x,
                n_frames=n_frames,
            )
        log.info("\n%s", result.to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
