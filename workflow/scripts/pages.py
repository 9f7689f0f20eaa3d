"""Write the tables that the pages of the documentation include.

Outputs: tables in Markdown, ``propensity`` (:func:`softcage.report.pages.propensity_table`) and
``hops`` (:func:`~softcage.report.pages.hop_table`), each from the input of the same name.
"""

import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.report.pages import hop_table, propensity_table


def main(snakemake):
    """Read the scores and write the tables."""
    p = snakemake.params
    with logged(snakemake.log[0]):
        for name, output in snakemake.output.items():
            scores = pd.read_csv(snakemake.input[name])
            text = (
                hop_table(scores, p.delta, p.temperatures)
                if name == "hops"
                else propensity_table(scores, p.delta)
            )
            with replacing(output) as temporary:
                temporary.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
