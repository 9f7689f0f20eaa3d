"""Score descriptors and learned predictors against the propensity in files made elsewhere.

Outputs: the tables that ``softcage propensity`` writes, in ``public/<name>``, or only those of the
fits if some regressions are asked for. With fewer than three configurations there are no learned
predictors.
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
            time=p.time,
            chosen=p.predictors,
        )
        outputs = [Path(path) for path in snakemake.output]
        wanted = {path.stem: tables[path.stem] for path in outputs}
        write_tables(outputs[0].parent, wanted, mixture)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
