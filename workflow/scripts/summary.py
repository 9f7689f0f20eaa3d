"""Write the outcome of the study on one page, ``SUMMARY.md``."""

from pathlib import Path

import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.report.summary import summary

TABLES = ("comparison", "equilibration", "interpretations", "costs", "provenance")


def main(snakemake):
    """Read the tables and the verdict and write the page."""
    with logged(snakemake.log[0]):
        tables = {name: pd.read_csv(snakemake.input[name]) for name in TABLES}
        verdict = Path(snakemake.input.verdict).read_text(encoding="utf-8")
        page = summary(snakemake.params.study, verdict, **tables)
        with replacing(snakemake.output[0]) as path:
            path.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
