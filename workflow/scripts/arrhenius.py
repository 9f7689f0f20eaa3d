"""Arrhenius fits of the rearranging fraction over all temperatures, for one delta.

For every bin of softness and of depth with enough rearrangements at enough temperatures,
ln P_R = ln P_0 - barrier / T is fitted by weighted least squares. A second fit gives the
temperature at which the lines of all bins cross. Errors of P_R come from the blocks of every
temperature. The interval of the crossing and the errors of the trend of the barriers come from fits
to resampled blocks.

Outputs in ``prediction/d{delta}/``: ``arrhenius.csv`` with the lines, ``arrhenius_points.csv`` with
the fitted points of the default window, and ``crossing.csv`` with the crossing and

- ``share_crossing``: share of the resamples in which the lines cross,
- ``barrier_slope``, ``r_squared``, ``line_chi2`` (per degree of freedom): weighted line through the
  barriers,
- ``collapse_rms``: root mean square of log10(P_R / P_0) + barrier / (T ln 10) over all points.
"""

from itertools import product

import numpy as np
import pandas as pd

from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.prediction.arrhenius import (
    fit_counts,
    lines_table,
    points_table,
    summary_of_lines,
)
from softcage.prediction.counts import QUANTITIES, counts_name


def main(snakemake):
    """Read the blocks of all temperatures and write three tables."""
    p = snakemake.params
    with logged(snakemake.log[0]) as log:
        stores = [dict(np.load(path)) for path in snakemake.input.blocks]
        all_lines, all_points, crossings = [], [], []
        for window, quantity in product(p.windows, QUANTITIES):
            edges = stores[0][f"{quantity}_edges"]
            centers = 0.5 * (edges[1:] + edges[:-1])
            counts = [store[counts_name(window, quantity)] for store in stores]
            fits = fit_counts(p.temperatures, counts, **p.fit)
            lines, points = lines_table(fits, centers), points_table(fits, centers)
            crossings.append(summary_of_lines(fits, centers, quantity, window))
            lines.insert(0, "quantity", quantity)
            lines.insert(1, "window", window)
            all_lines.append(lines)
            if window == p.windows[0]:
                points.insert(0, "quantity", quantity)
                all_points.append(points)
            if lines.empty:
                words = "%s, window %g: no bin has %d hops at %d temperatures"
                least = p.fit["minimum_hops"], p.fit["minimum_temperatures"]
                log.warning(words, quantity, window, *least)
        tables = {
            "arrhenius": pd.concat(all_lines),
            "points": pd.concat(all_points),
            "crossing": pd.DataFrame(crossings),
        }
        for name, table in tables.items():
            write_table(snakemake.output[name], table)
        log.info("\n%s", tables["crossing"].to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
