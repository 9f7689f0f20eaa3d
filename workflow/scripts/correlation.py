"""Softness at each delta against softness at the default delta, lowest temperature (Fig. 12).

A pair is the softness of one particle in one frame at both widths. At most ``frames`` evenly spaced
frames of all replicas are used. Pearson's and Spearman's coefficients are means over time blocks
with their standard errors. Particles without a softness at either delta are left out and counted.

Outputs: ``prediction/correlation.csv`` (delta, delta_reference, x_center, y_center, count), a two-
dimensional histogram over the central 99.8 % of either softness, with x at the default delta and
without empty cells; and ``prediction/correlation_summary.csv`` (delta, pearson, spearman, errors).
"""

from functools import reduce

import numpy as np
import pandas as pd

from softcage.io.csv_table import write_table
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.prediction.correlation import correlate_widths
from softcage.sampling import evenly_spaced


def read_common(paths, most):
    """Return the softness in evenly spaced frames that all files have, one (k, N) array per file.

    At most ``most`` frames are chosen.
    """
    stores = [open_hdf5(path) for path in paths]
    frames = reduce(np.intersect1d, (store["uniform/frame"][:] for store in stores))
    chosen = frames[evenly_spaced(len(frames), most)]
    softness = []
    for store in stores:
        with store:
            rows = np.searchsorted(store["uniform/frame"][:], chosen)
            softness.append(store["uniform/softness"][rows].astype(np.float64))
    return softness


def main(snakemake):
    """Read the softness for all delta and replicas and write both tables."""
    p, paths = snakemake.params, snakemake.input.softness
    with logged(snakemake.log[0]) as log:
        n_blocks = int(pd.read_csv(snakemake.input.relaxation)["blocks"].iloc[0])
        # files are sorted by delta, then by replica
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
        write_table(snakemake.output.histogram, pd.concat(tables))
        write_table(snakemake.output.summary, pd.DataFrame(rows))
        log.info("\n%s", pd.DataFrame(rows).to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
