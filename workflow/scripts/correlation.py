"""Softness at each delta against softness at the default delta, lowest temperature (Fig. 12).

Pairs are the same particle in the same frame, in at most ``frames`` evenly spaced frames of all
replicas. Pearson and Spearman coefficients are means over time blocks with their standard errors;
particles without a softness at either delta are left out and counted.

Outputs: ``prediction/correlation.csv`` (delta, delta_reference, x_center, y_center, count: a two-
dimensional histogram over the central 99.8 % of either softness, x at the default delta; empty
cells are absent) and ``prediction/correlation_summary.csv`` (delta, pearson, spearman, errors).
"""

from functools import reduce

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.prediction.correlation import correlate_widths
from softcage.sampling import evenly_spaced


def read_common(paths, most):
    """Return the softness in evenly spaced frames that all files have, a (k, N) array each."""
    stores = [open_hdf5(path) for path in paths]
    frames = reduce(np.intersect1d, (store["uniform/frame"][:] for store in stores))
    some = frames[evenly_spaced(len(frames), most)]
    found = []
    for store in stores:
        with store:
            rows = np.searchsorted(store["uniform/frame"][:], some)
            found.append(store["uniform/softness"][rows].astype(np.float64))
    return found


def main(snakemake):
    """Read the softness of all delta and replicas, write both tables."""
    p, paths = snakemake.params, snakemake.input.softness
    with logged(snakemake.log[0]) as log:
        n_blocks = int(pd.read_csv(snakemake.input.relaxation)["blocks"].iloc[0])
        # Files come delta by delta, the replicas of each together.
        n_replicas = len(paths) // len(p.delta_values)
        most = max(n_blocks, p.frames // n_replicas)
        runs = [read_common(paths[k::n_replicas], most) for k in range(n_replicas)]
        by_delta = dict(zip(p.delta_values, zip(*runs, strict=True), strict=True))
        tables, rows = [], []
        for delta, softness in by_delta.items():
            row, table = correlate_widths(by_delta[p.delta], softness, n_blocks)
            head = {"delta": delta, "delta_reference": p.delta}
            rows.append(head | row)
            tables.append(pd.DataFrame(head | dict(table.items())))
        with replacing(snakemake.output.histogram) as path:
            pd.concat(tables).to_csv(path, index=False, float_format="%.6g")
        with replacing(snakemake.output.summary) as path:
            pd.DataFrame(rows).to_csv(path, index=False, float_format="%.6g")
        log.info("\n%s", pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
