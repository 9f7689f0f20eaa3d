"""Bounds of what any predictor can know of the propensity from a part of the structure.

Output: ``beyond/T{T}/bounds.csv``, the tables of :mod:`softcage.ranking.bounds`.
"""

import pandas as pd

from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.isoconfigurational.files import read_configuration
from softcage.model import Mixture
from softcage.ranking.bounds import bounds_of_cages, bounds_of_spheres
from softcage.ranking.correlations import Bootstrap


def main(snakemake):
    """Pair the configurations with their copies."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        mixture, errors = Mixture.from_dict(p.mixture), Bootstrap(p.resamples, p.seed)

        def pairs(copies):
            both = zip(files.originals, copies, strict=True)
            return [[read_configuration(path, mixture, p.density) for path in two] for two in both]

        tables = [
            bounds_of_cages(pairs(files.same_cages), errors),
            bounds_of_spheres(pairs(files.same_sphere), errors),
        ]
        write_table(snakemake.output[0], pd.concat(tables))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
