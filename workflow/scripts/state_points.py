"""Write the table of runs: one row per temperature and replica, with its seed and lengths.

Times are in reduced units, steps are integration steps.
"""

import csv

from softcage.io.atomic_file import replacing
from softcage.io.log import logged


def write_table(path, rows):
    """Write dictionaries with the same keys as CSV."""
    with open(path, "w", newline="") as handle:
        writer = csv.DictWriter(handle, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(snakemake):
    """Write the rows that the workflow made."""
    with logged(snakemake.log[0]) as log:
        with replacing(snakemake.output[0]) as temporary:
            write_table(temporary, snakemake.params.points)
        log.info("wrote %d runs to %s", len(snakemake.params.points), snakemake.output[0])


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
