"""Test fits of the propensity at one temperature and time at all others, and fits of all others.

Outputs: the tables of ``softcage transfer``, ``public/transfer/transfer.csv`` and ``joint.csv``.
"""

from softcage.defaults import REGRESSION
from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.isoconfigurational.files import read_configurations
from softcage.model import Mixture
from softcage.ranking.columns import feature_columns
from softcage.ranking.joint import joint_table
from softcage.ranking.transfer import check_labels, transfer_table


def main(snakemake):
    """Read the configurations of each temperature and write both tables."""
    p, outputs = snakemake.params, snakemake.output
    with logged(snakemake.log[0]):
        mixture = Mixture.from_dict(p.mixture)
        labels = {
            of["temperature"]: read_configurations(of["files"], mixture, of["density"], of["time"])
            for of in sorted(p.sets, key=lambda of: of["temperature"])
        }
        check_labels(labels)
        columns = {
            T: feature_columns(some, mixture, T, REGRESSION, snakemake.threads)
            for T, some in labels.items()
        }
        write_table(outputs.transfer, transfer_table(labels, columns), digits=4)
        write_table(outputs.joint, joint_table(labels, columns), digits=4)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
