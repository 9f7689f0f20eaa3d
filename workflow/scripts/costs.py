"""Time and memory of every job: the benchmark files of all rules in one table.

A job that was not rerun keeps the numbers of its last run; a job without a benchmark file is
absent.

Outputs: ``costs.csv`` (rule, wildcards, seconds, max_rss_mb, cpu_seconds), and ``costs.html`` with
sums over the jobs of each rule.
"""

from pathlib import Path

import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.tables import html_page

COLUMNS = ["rule", "wildcards", "seconds", "max_rss_mb", "cpu_seconds"]


def job(path, folder):
    """Return the row of one benchmark file, whose path contains the rule and the wildcards."""
    # remove only .tsv: a wildcard such as T0.47 also looks like a name with a suffix
    rule, *wildcards = path.relative_to(folder).as_posix().removesuffix(".tsv").split("/")
    row = pd.read_csv(path, sep="\t", na_values="-").iloc[0]
    values = [row["s"], row.get("max_rss"), row.get("cpu_time")]
    return dict(zip(COLUMNS, [rule, " ".join(wildcards), *values], strict=True))


def by_rule(table):
    """Return jobs, time and largest memory of each rule, the most expensive rule first."""
    groups = table.groupby("rule")
    summary = pd.DataFrame(
        {
            "jobs": groups.size(),
            "seconds, all jobs": groups["seconds"].sum().round(1),
            "seconds, longest job": groups["seconds"].max().round(1),
            "CPU seconds, all jobs": groups["cpu_seconds"].sum().round(1),
            "largest memory (MB)": groups["max_rss_mb"].max().round(),
        }
    )
    return summary.sort_values("seconds, all jobs", ascending=False).reset_index()


def main(snakemake):
    """Collect the benchmark files and write table and page."""
    folder = Path(snakemake.params.benchmarks)
    with logged(snakemake.log[0]) as log:
        rows = [job(path, folder) for path in sorted(folder.rglob("*.tsv"))]
        table = pd.DataFrame(rows, columns=COLUMNS)
        numbers = COLUMNS[2:]
        table[numbers] = table[numbers].astype(float)
        with replacing(snakemake.output.table) as path:
            table.to_csv(path, index=False, float_format="%.4f")
        summary = by_rule(table)
        introduction = (
            f"Study {snakemake.params.study}: {len(table)} jobs, "
            f"{table['seconds'].sum() / 3600:.3g} hours of wall time in total."
        )
        page = html_page(summary, "Cost of every rule", introduction)
        with replacing(snakemake.output.page) as path:
            path.write_text(page, encoding="utf-8")
        log.info("\n%s", summary.to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
