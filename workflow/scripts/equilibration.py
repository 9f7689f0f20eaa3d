"""Is every run an equilibrated liquid? One row per run with checks, a verdict and its reasons.

The checks are described in :mod:`softcage.dynamics.equilibration`.

Outputs: ``equilibration.csv``, and the same table as a page, ``equilibration.html``.
"""

import freud
import pandas as pd

from softcage.dynamics.equilibration import check_run, equilibration_page, reference_values
from softcage.dynamics.quench import Quench
from softcage.io.atomic_file import replacing
from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.model import Mixture
from softcage.structure.crystal import crystalline_share
from softcage.tables import select


def main(snakemake):
    """Check every run of the study and every further quench; write table and page."""
    p, files, output = snakemake.params, snakemake.input, snakemake.output
    freud.parallel.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]) as log:
        mixture = Mixture.from_dict(p.mixture)
        summaries = pd.concat([pd.read_csv(path) for path in files.summary])
        quenches = [Quench.load(path) for path in [*files.sums, *files.further]]
        solid = [crystalline_share(open_trajectory(path)) for path in files.uniform]
        solid += [quench.solid_fraction for quench in quenches[len(solid) :]]
        rows = []
        for quench, share in zip(quenches, solid, strict=True):
            T = quench.about["T"]
            row = check_run(
                quench,
                share,
                select(summaries, T=T).iloc[0],
                reference_values(mixture, p.density, T),
                p.minimum_relaxation_times,
                p.block_relaxation_times,
            )
            rows.append(row)
            log.info(
                "T = %g r%d: %s. %s", *(row[k] for k in ("T", "replica", "verdict", "reasons"))
            )
            if row["errors"]:
                log.warning("T = %g r%d: errors %s", row["T"], row["replica"], row["errors"])
        table = pd.DataFrame(rows).sort_values(["T", "replica"])
        write_table(output.table, table)
        with replacing(output.page) as path:
            path.write_text(
                equilibration_page(pd.read_csv(output.table), p.study), encoding="utf-8"
            )


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
