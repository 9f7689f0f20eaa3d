"""Was each run an equilibrated liquid? A row per run: the checks, a verdict and its reasons.

What is checked: :mod:`softcage.paper.equilibration`.

Outputs: ``equilibration.csv``, and the same as a page, ``equilibration.html``.
"""

import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.model import Mixture
from softcage.paper.equilibration import check_run, page, reference_values
from softcage.tables import select


def main(snakemake):
    """Check every run of the study, write table and page."""
    p, files, output = snakemake.params, snakemake.input, snakemake.output
    with logged(snakemake.log[0]) as log:
        mixture = Mixture.from_dict(p.mixture)
        summaries = pd.concat([pd.read_csv(path) for path in files.summary])
        rows = []
        for point, thermo, uniform in zip(p.points, files.thermo, files.uniform, strict=True):
            row = check_run(
                pd.read_csv(thermo),
                open_trajectory(uniform),
                select(summaries, T=point["T"]).iloc[0],
                point,
                reference_values(files.reference, mixture, p.density, point["T"]),
                p.minimum_relaxation_times,
                p.block_relaxation_times,
            )
            rows.append(row)
            log.info(
                "T = %g r%d: %s. %s", *(row[k] for k in ("T", "replica", "verdict", "reasons"))
            )
            if row["errors"]:
                log.warning("T = %g r%d: errors %s", row["T"], row["replica"], row["errors"])
        with replacing(output.table) as path:
            pd.DataFrame(rows).to_csv(path, index=False, float_format="%.6g")
        with replacing(output.page) as path:
            path.write_text(page(pd.read_csv(output.table), p.study), encoding="utf-8")


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
