"""Save what was run: the configuration, from defaults, overlay and command line, and its runs.

The table of runs has a row for each temperature and replica: its seed, and the lengths of its
stages as times in reduced units and in integration steps.
"""

import csv

from softcage.io.atomic_file import replacing
from softcage.io.log import logged


def main(snakemake):
    """Write the text and the rows that the workflow resolved."""
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
