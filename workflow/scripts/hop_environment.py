"""Pool the events of all runs and make tables for all temperatures.

Outputs in ``beyond/hop_environment/``: ``around.csv`` (softness S(t - t_hop), differences, AUC),
``lead.csv`` (how long before a hop the softness differs), ``change.csv`` (change of the softness of
neighbours), ``hazard.csv`` and ``ratio.csv`` (hard particles beside hops).
"""

import numpy as np
import pandas as pd

from softcage.hop_environment.tables import tables
from softcage.io.csv_table import write_table
from softcage.io.log import logged


def main(snakemake):
    """Pool the replicas of each temperature and write the tables."""
    p, files, output = snakemake.params, snakemake.input, snakemake.output
    with logged(snakemake.log[0]) as log:
        n_runs, parts = len(files.sums) // len(p.temperatures), {}
        for place, T in enumerate(p.temperatures):
            runs = [dict(np.load(path)) for path in files.sums[place * n_runs :][:n_runs]]
            tau = float(pd.read_csv(files.relaxation[place])["tau_alpha"].iloc[0])
            of_temperature = tables(runs, tau, resamples=p.resamples, seed=p.seed)
            for name, table in of_temperature.items():
                parts.setdefault(name, []).append(table.assign(T=T))
        pooled = {name: pd.concat(each, ignore_index=True) for name, each in parts.items()}
        for name, table in pooled.items():
            write_table(output[name], table)
        log.info("\n%s\n%s", *(pooled[name].to_string(index=False) for name in ("lead", "ratio")))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
