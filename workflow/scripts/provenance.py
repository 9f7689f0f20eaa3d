"""Record the commit, versions, machine and date of the comparison.

The record is written together with the comparison. It is not renewed for another commit or machine,
because it describes how the present numbers were made. Trajectories may be older than the date.

Outputs: ``provenance.csv`` (what, value), and the same table as a page, ``provenance.html``.
"""

from datetime import UTC, datetime

import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.io.provenance import commit, machine, versions
from softcage.tables import html_page

PACKAGES = (
    *("numpy", "numba", "llvmlite", "scipy", "pandas"),
    *("h5py", "netCDF4", "mdtraj", "matplotlib", "snakemake"),
)


def main(snakemake):
    """Write the record as a table and as a page."""
    with logged(snakemake.log[0]) as log:
        head, changed = commit() or ("unknown", None)
        state = {None: "unknown", True: "yes", False: "no"}[changed]
        record = {
            "study": snakemake.params.study,
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "commit": head,
            "files changed since the commit": state,
            **machine(),
            **versions(PACKAGES),
        }
        table = pd.DataFrame(record.items(), columns=["what", "value"])
        write_table(snakemake.output.table, table, digits=None)
        introduction = "Written when the comparison with the paper was made."
        with replacing(snakemake.output.page) as path:
            page = html_page(table, "What made these results", introduction)
            path.write_text(page, encoding="utf-8")
        log.info("\n%s", table.to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
