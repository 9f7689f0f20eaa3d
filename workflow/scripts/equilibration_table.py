"""The equilibration checks as a page of the report."""

import pandas as pd

from softcage.files import replacing
from softcage.log import logged
from softcage.tables import html_page


def colour(row):
    """Class of a row of the page."""
    return "good" if row["verdict"] == "equilibrated" else "bad"


def main(snakemake):
    """Read the table, write the page."""
    with logged(snakemake.log[0]) as log:
        table = pd.read_csv(snakemake.input.table)
        order = ["T", "replica", "verdict", "reasons", "errors"]
        table = table[[*order, *(name for name in table.columns if name not in order)]]
        good = int((table["verdict"] == "equilibrated").sum())
        introduction = (
            f"Study {snakemake.params.study}: {good} of {len(table)} runs are equilibrated. "
            "Energies and pressures are per particle, in reduced Lennard-Jones units."
        )
        page = html_page(table, "Equilibration of every run", introduction, colour)
        with replacing(snakemake.output[0]) as path:
            path.write_text(page, encoding="utf-8")
        log.info("%d of %d runs are equilibrated", good, len(table))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
