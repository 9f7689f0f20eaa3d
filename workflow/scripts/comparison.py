"""The paper's numbers and statements beside ours: value, standard error, distance and a verdict.

:mod:`softcage.paper.claims` defines the claims and how each is measured; the paper's numbers are in
the key ``claims`` of the configuration. Statements (``trend_*``) are yes/no checks with a number;
the note says what the number is and what was required of it. In a study of another liquid,
statements are checked as well, and numbers are *not applicable*. If a state point is not
equilibrated, numbers that depend on a time scale get no verdict, and all others a note.

Outputs: ``comparison.csv``, and the same table as a page, ``comparison.html``.
"""

from softcage.io.atomic_file import replacing
from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.model import Mixture, is_kob_andersen
from softcage.paper.comparison import compare, comparison_page, read_results


def main(snakemake):
    """Write the comparison as a table and as a page."""
    p, output = snakemake.params, snakemake.output
    with logged(snakemake.log[0]) as log:
        results = read_results(snakemake.input, p.temperatures, p.delta_values, p.delta, p.window)
        applicable = is_kob_andersen(Mixture.from_dict(p.mixture), p.density)
        table = compare(p.claims, results, applicable)
        write_table(output.table, table, digits=4)
        with replacing(output.page) as path:
            path.write_text(comparison_page(table, results, p.study), encoding="utf-8")
        log.info("\n%s", table.to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
