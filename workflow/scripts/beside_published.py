"""Put learned predictors beside the best published one at each time.

Output: ``public/<name>/published.csv`` (:func:`softcage.ranking.published.beside_published`).
"""

import pandas as pd

from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.ranking.published import beside_published, read_published


def main(snakemake):
    """Compare the scores with the published table."""
    files = snakemake.input
    with logged(snakemake.log[0]):
        published = read_published(files.published)
        table = beside_published(pd.read_csv(files.scores), snakemake.params.temperature, published)
        write_table(snakemake.output[0], table, digits=4)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
