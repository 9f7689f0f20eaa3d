"""Score descriptors and learned predictors against the propensity in files made elsewhere.

Outputs: the tables that ``softcage propensity`` writes, in ``public/<name>``. With fewer than three
configurations there are no learned predictors.
"""

from pathlib import Path

import freud
import numba

from softcage.io.log import logged
from softcage.model import Mixture
from softcage.ranking.from_files import rank_files
from softcage.ranking.save import write_tables


def main(snakemake):
    """Rank the predictors and write the tables."""
    p, files = snakemake.params, snakemake.input
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    freud.parallel.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]):
        mixture = Mixture.from_dict(p.mixture)
        tables = rank_files(
            files.files,
            mixture,
            p.temperature,
            p.density,
            calibration=next(iter(files.calibration), None),
            unseen=files.unseen,
        )
        write_tables(Path(snakemake.output[0]).parent, tables, mixture)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
