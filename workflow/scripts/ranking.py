"""Combine the scores of all temperatures in one table, ``beyond/scores.csv``."""

import pandas as pd

from softcage.io.csv_table import write_table
from softcage.io.log import logged


def main(snakemake):
    """Read the tables and write one."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log:
        tables = [
            pd.read_csv(path).assign(T=T)
            for path, T in zip(files.scores, p.temperatures, strict=True)
        ]
        scores = pd.concat(tables, ignore_index=True)
        write_table(snakemake.output[0], scores, digits=None)
        log.info("%d rows", len(scores))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
