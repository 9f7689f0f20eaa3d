"""Softness at each delta against softness at the default delta, lowest temperature (Fig. 12).

Pairs are the same particle in the same frame, in at most ``frames`` evenly spaced frames of all
replicas. Pearson and Spearman coefficients are means over time blocks with their standard errors;
particles without a softness at either delta are left out and counted.

Outputs: ``prediction/correlation.csv`` (delta, delta_reference, x_center, y_center, count: a two-
dimensional histogram over the central 99.8 % of either softness, x at the default delta; empty
cells are absent) and ``prediction/correlation_summary.csv`` (delta, pearson, spearman, errors).
"""

import h5py
import numpy as np
import pandas as pd
from scipy.stats import rankdata

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.sampling import evenly_spaced
from softcage.statistics import block_slices, standard_error

N_BINS = 60


def read_softness(path, frames):
    """Softness of the given frames of the uniform stream, (k, N)."""
    with h5py.File(path) as store:
        rows = np.searchsorted(store["uniform/frame"][:], frames)
        return store["uniform/softness"][rows].astype(np.float64)


def common_frames(paths, n):
    """At most n evenly spaced frames that every file has."""
    frames = None
    for path in paths:
        with h5py.File(path) as store:
            here = store["uniform/frame"][:]
        frames = here if frames is None else np.intersect1d(frames, here)
    return frames[evenly_spaced(len(frames), n)]


def coefficients(x, y):
    """Pearson and Spearman coefficient of two samples."""
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan, np.nan
    return np.corrcoef(x, y)[0, 1], np.corrcoef(rankdata(x), rankdata(y))[0, 1]


def histogram(x, y):
    """Non-empty cells of the joint distribution: centres and counts."""
    edges = [np.linspace(*np.quantile(values, [0.001, 0.999]), N_BINS + 1) for values in (x, y)]
    count, *_ = np.histogram2d(x, y, bins=edges)
    i, j = np.nonzero(count)
    centers = [0.5 * (e[1:] + e[:-1]) for e in edges]
    return pd.DataFrame(
        {"x_center": centers[0][i], "y_center": centers[1][j], "count": count[i, j].astype(int)}
    )


def main(snakemake):
    """Read the softness of all delta and replicas, write both tables."""
    p, paths = snakemake.params, list(snakemake.input.softness)
    with logged(snakemake.log[0]) as log:
        n_blocks = int(pd.read_csv(snakemake.input.relaxation)["blocks"].iloc[0])
        # Files come delta by delta, the replicas of each together.
        n_replicas = len(paths) // len(p.delta_values)
        by_delta = {
            delta: paths[k * n_replicas : (k + 1) * n_replicas]
            for k, delta in enumerate(p.delta_values)
        }
        per_replica = max(n_blocks, p.frames // n_replicas)
        frames = [
            common_frames([files[k] for files in by_delta.values()], per_replica)
            for k in range(n_replicas)
        ]
        reference = [read_softness(*pair) for pair in zip(by_delta[p.delta], frames, strict=True)]
        tables, rows = [], []
        for delta, files in by_delta.items():
            xs, ys, values, left_out = [], [], [], 0
            for path, some, x in zip(files, frames, reference, strict=True):
                y = read_softness(path, some)
                good = np.isfinite(x) & np.isfinite(y)
                left_out += int((~good).sum())
                for part in block_slices(len(some), min(n_blocks, len(some))):
                    values.append(coefficients(x[part][good[part]], y[part][good[part]]))
                xs.append(x[good])
                ys.append(y[good])
            (pearson, spearman), errors = np.nanmean(values, axis=0), standard_error(values)
            rows.append(
                {
                    "delta": delta,
                    "delta_reference": p.delta,
                    "pearson": pearson,
                    "pearson_error": errors[0],
                    "spearman": spearman,
                    "spearman_error": errors[1],
                    "n_left_out": left_out,
                }
            )
            table = histogram(np.concatenate(xs), np.concatenate(ys))
            table.insert(0, "delta", delta)
            table.insert(1, "delta_reference", p.delta)
            tables.append(table)
        with replacing(snakemake.output.histogram) as path:
            pd.concat(tables).to_csv(path, index=False, float_format="%.6g")
        with replacing(snakemake.output.summary) as path:
            pd.DataFrame(rows).to_csv(path, index=False, float_format="%.6g")
        log.info("\n%s", pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
