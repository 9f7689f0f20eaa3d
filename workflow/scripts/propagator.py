"""How long particles keep their softness, from all replicas of one temperature.

Outputs:

- the autocorrelation C_S(t) of the softness,
- the propagator G(S, S0, t) of hard particles at the requested times. Times longer than the run are
  replaced by the longest time of the run; the column ``time`` has the time that was used.
- the mean softness of groups of equal initial softness,
- the overlap q(S, t) of particles of low, middle and high softness.

G and the groups include only particles that stayed in their cage at every frame in between.
"""

from contextlib import ExitStack

import numpy as np
import pandas as pd

from softcage.dynamics import propagator
from softcage.io.atomic_file import replacing
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.prediction.counts import bin_edges


def open_series(path, stack):
    """Return the softness of the uniform and log-spaced frames of a run, read only when needed."""
    groups = map(stack.enter_context(open_hdf5(path)).get, ("uniform", "log"))
    return [propagator.SoftnessSeries(group["frame"][:], group["softness"]) for group in groups]


def main(snakemake):
    """Read trajectories and softness of all replicas and write the four tables."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log, ExitStack() as stack:
        runs = [
            (open_trajectory(uniform), open_trajectory(short), *open_series(softness, stack))
            for uniform, short, softness in zip(
                files.uniform, files.log, files.softness, strict=True
            )
        ]
        n_blocks = int(pd.read_csv(files.relaxation)["blocks"].iloc[0])
        timestep = runs[0][0].times[1] / runs[0][0].steps[1]
        sample = np.concatenate([propagator.softness_sample(series) for _, _, series, _ in runs])
        centres, half_width = propagator.group_centres(sample, p.groups)
        ranges = propagator.tenths(sample)
        edges, half_bin = bin_edges(**p.softness_bins), 0.5 * p.softness_bins["width"]
        lags = tuple(round(time / timestep) for time in p.times)
        sums = propagator.sum_pairs(
            propagator.pairs_of_runs(runs, n_blocks, p.cage_displacement, lags),
            n_blocks=n_blocks * len(runs),
            centres=centres,
            half_width=half_width,
            tenths=ranges,
            hard=(p.hard - half_bin, p.hard + half_bin),
            edges=edges,
            overlap_radius=p.overlap_radius,
        )
        errors = {"n_resamples": p.n_resamples, "seed": p.seed, "n_runs": len(runs)}
        hardness = list(zip(("low", "middle", "high"), ranges.mean(axis=1), strict=True))
        tables = {
            "correlation": propagator.correlation_table(sums.correlation, timestep, **errors),
            "propagator": propagator.propagator_table(
                sums.histogram, p.times, timestep, edges, **errors
            ),
            "mean_softness": propagator.group_table(
                sums.mean, timestep, "mean", list(enumerate(centres)), **errors
            ),
            "overlap": propagator.group_table(
                sums.overlap, timestep, "overlap", hardness, **errors
            ),
        }
        for name, table in tables.items():
            with replacing(snakemake.output[name]) as path:
                table.to_csv(path, index=False, float_format="%.8g")
        longest = max(sums.mean) * timestep
        log.info("%d lags up to t = %g; %d blocks per run", len(sums.mean), longest, n_blocks)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
