"""The equilibration checks as a page of the report."""

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.tables import html_page, plus_minus

INTRODUCTION = """
Study {study}: {good} of {runs} runs are equilibrated. Energy u and pressure p are per particle,
beside those of other codes where there are any; the drift is that of u over the production.
tau_alpha is the time after which 1/e of the A particles are still where they were (all replicas of
a temperature together). Reduced Lennard-Jones units; errors are standard errors.
"""


def colour(row):
    """Class of a row of the page."""
    return "good" if row["verdict"] == "equilibrated" else "bad"


def for_people(table):
    """Return the columns of the page, the verdict first."""

    def number(name, error):
        return [plus_minus(*pair) for pair in zip(table[name], table[error], strict=True)]

    return pd.DataFrame(
        {
            "T": table["T"],
            "replica": table["replica"],
            "verdict": table["verdict"],
            "reasons": table["reasons"],
            "errors": table["errors"],
            "tau_alpha": [f"{tau:.3g}" if np.isfinite(tau) else "" for tau in table["tau_alpha"]],
            "of the halves": [
                f"{first:.3g}; {second:.3g}" if np.isfinite(first + second) else ""
                for first, second in zip(table["tau_first"], table["tau_second"], strict=True)
            ],
            "equilibrated for": table["equilibration_time"],
            "run for": table["production_time"],
            "u": number("u", "u_error"),
            "u of others": table["u_reference"],
            "drift": number("u_drift", "u_drift_error"),
            "p": number("pressure", "pressure_error"),
            "p of others": table["p_reference"],
            "crystalline": [f"{share:.1%}" for share in table["solid_fraction"]],
        }
    )


def main(snakemake):
    """Read the table, write the page."""
    with logged(snakemake.log[0]) as log:
        table = pd.read_csv(snakemake.input.table)
        good = int((table["verdict"] == "equilibrated").sum())
        introduction = INTRODUCTION.format(study=snakemake.params.study, good=good, runs=len(table))
        page = html_page(for_people(table), "Equilibration of every run", introduction, colour)
        with replacing(snakemake.output[0]) as path:
            path.write_text(page, encoding="utf-8")
        log.info("%d of %d runs are equilibrated", good, len(table))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
