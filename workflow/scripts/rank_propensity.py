"""Score descriptors and learned predictors against the propensity at one temperature.

Outputs: the tables that ``softcage propensity`` writes, in ``beyond/T{T}``. With fewer than three
configurations there are no learned predictors.
"""

from pathlib import Path

import freud
import numba

from softcage.cage.calibration import read_line
from softcage.descriptors.frame import liquid_of_study
from softcage.io.log import logged
from softcage.isoconfigurational.files import read_configurations
from softcage.model import Mixture
from softcage.ranking.correlations import Bootstrap
from softcage.ranking.described import check_one_liquid, describe
from softcage.ranking.learned import groups_of
from softcage.ranking.propensity import rank_propensity
from softcage.ranking.save import ranking_tables, write_tables


def main(snakemake):
    """Read the configurations and write the tables."""
    p, files = snakemake.params, snakemake.input
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    freud.parallel.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]) as log:
        mixture = Mixture.from_dict(p.mixture)
        configurations = read_configurations(files.configurations, mixture, p.density)
        check_one_liquid(configurations)
        line = read_line(files.calibration, p.q_max, p.route)
        temperature = float(snakemake.wildcards.T)
        liquid = liquid_of_study(files.curves, mixture, temperature, line)
        n = len(configurations)
        folds = groups_of(n)
        if not folds:
            log.warning("%d configurations are too few for learned predictors", n)
        described = describe(configurations, liquid, p.delta_values, p.delta)
        outcome = rank_propensity(
            configurations, described, p.lengths, folds, p.delta, Bootstrap(p.resamples, p.seed)
        )
        folder = Path(snakemake.output.scores).parent
        write_tables(folder, ranking_tables(outcome, configurations[0], mixture), mixture)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
