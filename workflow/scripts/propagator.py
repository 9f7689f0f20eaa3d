"""How long softness lasts, over all replicas of one temperature.

Writes C_S(t); the propagator G(S, S0, t) of hard particles at the times asked for (the longest one
that the run has stands in for longer ones; the column ``time`` is what was used); the mean softness
of groups of equal initial softness; and the overlap q(S, t) of hard, middling and soft particles.
G and the groups are of particles that stayed in their cage at every frame in between.
"""

from contextlib import ExitStack

import h5py
import numpy as np
import pandas as pd

from softcage.dynamics.propagator import SoftnessSeries, accumulate, group_centres, lagged_softness
from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.statistics import bootstrap


def open_series(path, stack):
    """Return the softness of both streams of a run; rows are read from disk when asked for."""
    store = stack.enter_context(h5py.File(path))
    return [
        SoftnessSeries(store[name]["frame"][:], store[name]["softness"])
        for name in ("uniform", "log")
    ]


def sample_of(values, most=500):
    """Return the softness in every tenth frame of (F, n) ``values``, of at most so many frames."""
    return values[:: max(10, -(-len(values) // most))].ravel()


def softness_ranges(sample):
    """Return the ranges of initial softness of the hardest, middle and softest tenth."""
    edges = np.nanquantile(sample, [0.0, 0.1, 0.45, 0.55, 0.9, 1.0])
    return np.array([[edges[0], edges[1]], [edges[2], edges[3]], [edges[4], edges[5]]])


def all_pairs(runs, n_blocks, **options):
    """Yield ``(block, pair)`` over all runs; each run has its own ``n_blocks`` blocks."""
    for number, (uniform, log, series) in enumerate(runs):
        length = uniform.steps[-1] + 1
        for pair in lagged_softness(uniform, log, *series, **options):
            yield number * n_blocks + int(pair.origin_step * n_blocks // length), pair


def ratio(total):
    """Return sum over count; NaN where nothing was counted."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return total[..., 0] / total[..., 1]


def ratio_with_error(blocks, statistics):
    """Return sum over count with its error, which one block alone cannot give: NaN."""
    value, error, _ = bootstrap(blocks, ratio, *statistics)
    return value, np.where(np.count_nonzero(blocks[..., 1], axis=0) > 1, error, np.nan)


def ratio_table(store, timestep, name, groups, statistics):
    """Return a tidy table of sum / count over lags and groups (label, s0)."""
    rows = []
    for lag in sorted(store):
        value, error = ratio_with_error(store[lag], statistics)
        count = store[lag].sum(axis=0)[..., 1]
        for k, (label, s0) in enumerate(groups):
            row = {"group": label, "s0": s0, "time": lag * timestep}
            rows.append({**row, name: value[k], f"{name}_error": error[k], "n": int(count[k])})
    return pd.DataFrame(rows)


def correlation_table(store, timestep, statistics):
    """Return C_S(t)."""
    rows = []
    for lag in sorted(store):
        value, error = ratio_with_error(store[lag], statistics)
        rows.append({"time": lag * timestep, "c_s": float(value), "c_s_error": float(error)})
    return pd.DataFrame(rows)


def propagator_table(store, times, timestep, edges, statistics):
    """Return the density of softness at the lags nearest to ``times``."""

    def density(counts):
        total = counts.sum()
        return counts / total / np.diff(edges) if total > 0 else np.full(len(counts), np.nan)

    populated = np.array([lag for lag in sorted(store) if store[lag].sum() > 0])
    if len(populated) == 0:
        columns = ["wanted_time", "time", "bin_center", "density", "density_error", "n"]
        return pd.DataFrame(columns=columns)
    parts = []
    for wanted in times:
        lag = populated[np.argmin(np.abs(populated * timestep - wanted))]
        value, error, _ = bootstrap(store[lag], density, *statistics)
        part = pd.DataFrame({"bin_center": 0.5 * (edges[1:] + edges[:-1]), "density": value})
        part["density_error"], part["n"] = error, int(store[lag].sum())
        part.insert(0, "time", lag * timestep)
        part.insert(0, "wanted_time", wanted)
        parts.append(part)
    return pd.concat(parts, ignore_index=True).drop_duplicates(["time", "bin_center"])


def main(snakemake):
    """Read trajectories and softness of all replicas, write the four tables."""
    p, files, output = snakemake.params, snakemake.input, snakemake.output
    with logged(snakemake.log[0]) as log, ExitStack() as stack:
        runs = [
            (open_trajectory(uniform), open_trajectory(logarithmic), open_series(softness, stack))
            for uniform, logarithmic, softness in zip(
                files.uniform, files.log, files.softness, strict=True
            )
        ]
        n_blocks = int(pd.read_csv(files.relaxation)["blocks"].iloc[0])
        timestep = runs[0][0].times[1] / runs[0][0].steps[1]
        sample = np.concatenate([sample_of(series[0].values) for *_, series in runs])
        centres, half_width = group_centres(sample, p.groups)
        thirds = softness_ranges(sample)
        bins = p.softness_bins
        edges = np.arange(round((bins["stop"] - bins["start"]) / bins["width"]) + 1) * bins["width"]
        sums = accumulate(
            all_pairs(
                runs,
                n_blocks,
                cage_displacement=p.cage_displacement,
                extra_lags=tuple(round(time / timestep) for time in p.times),
            ),
            n_blocks=n_blocks * len(runs),
            centres=centres,
            half_width=half_width,
            thirds=thirds,
            hard=(p.hard - 0.5 * bins["width"], p.hard + 0.5 * bins["width"]),
            edges=edges + bins["start"],
            overlap_radius=p.overlap_radius,
        )
        statistics = (p.n_resamples, p.seed)
        names = [(k, centre) for k, centre in enumerate(centres)]
        means = thirds.mean(axis=1)
        tables = {
            "correlation": correlation_table(sums.correlation, timestep, statistics),
            "propagator": propagator_table(
                sums.histogram, p.times, timestep, edges + bins["start"], statistics
            ),
            "mean_softness": ratio_table(sums.mean, timestep, "mean", names, statistics),
            "overlap": ratio_table(
                sums.overlap,
                timestep,
                "overlap",
                list(zip(("low", "middle", "high"), means, strict=True)),
                statistics,
            ),
        }
        for name, table in tables.items():
            with replacing(output[name]) as temporary:
                table.to_csv(temporary, index=False, float_format="%.8g")
        log.info(
            "%d lags up to t = %g; %d blocks a run",
            len(sums.mean),
            max(sums.mean) * timestep,
            n_blocks,
        )


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
