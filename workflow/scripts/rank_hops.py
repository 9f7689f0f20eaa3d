"""Score every descriptor against the hops of the same particles, at all temperatures.

Outputs: ``beyond/hops.csv`` (:func:`softcage.ranking.hops.rank_hops`, with a column T) and
``beyond/survival.csv`` (:func:`~softcage.ranking.hops.survival`).
"""

import numpy as np
import pandas as pd

from softcage.descriptors.run import read_descriptors
from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.ranking.hops import label_run, rank_hops, survival


def main(snakemake):
    """Score the descriptors at each temperature and write the tables."""
    p, files, output = snakemake.params, snakemake.input, snakemake.output
    replicas = len(files.descriptors) // len(p.temperatures)
    scores, curves = [], []
    with logged(snakemake.log[0]) as log:
        for place, T in enumerate(p.temperatures):
            here = slice(place * replicas, (place + 1) * replicas)
            runs = [read_descriptors(path) for path in files.descriptors[here]]
            events = [pd.read_parquet(path) for path in files.events[here]]
            events = [table[np.isclose(table["window"], p.hop_window)] for table in events]
            tau = float(pd.read_csv(files.relaxation[place])["tau_alpha"].iloc[0])
            times = sorted({p.hop_window, *([tau] if np.isfinite(tau) else [])})
            labels = [
                label_run(run, table, p.hop_window) for run, table in zip(runs, events, strict=True)
            ]
            errors = {"resamples": p.resamples, "seed": p.seed}
            scores.append(rank_hops(runs, labels, times, **errors).assign(T=T))
            curve = survival(runs, labels, p.interval, max(times), p.delta, **errors)
            curves.append(curve.assign(T=T))
            log.info("T = %g: first hops within %s", T, " and ".join(f"{t:.4g}" for t in times))
        scores, curves = (pd.concat(tables, ignore_index=True) for tables in (scores, curves))
        for path, table in ((output.scores, scores), (output.survival, curves)):
            write_table(path, table, digits=5)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
