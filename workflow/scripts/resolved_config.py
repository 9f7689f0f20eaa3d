"""Save the configuration of the study, merged from all sources, and the table of its runs.

The sources are the defaults, the file of the study and the command line. The table has one row for
each temperature and replica with the seed, and the lengths of the stages in reduced time units and
in integration steps.
"""

import csv

from softcage.io.atomic_file import replacing
from softcage.io.log import logged


def main(snakemake):
    """Write the configuration and the table of runs."""
    rows = snakemake.params.points
    with logged(snakemake.log[0]) as log:
        with replacing(snakemake.output.config) as temporary:
            temporary.write_text(snakemake.params.text)
        with (
            replacing(snakemake.output.runs) as temporary,
            open(temporary, "w", newline="") as file,
        ):
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        log.info("%d runs", len(rows))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
