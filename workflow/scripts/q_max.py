"""Which results depend on the choices behind S_av, and which do not (Fig. S1).

The paper gives neither its q_max nor the range of its parabola, and 1/S_av depends on both. For
every q_max, route and range, the depths at the lowest temperature are converted to softness with
the line that belongs to this choice. S decreases with the depth for any line, so ranks and the AUC
must stay the same, while the scale of S and the position of the peak change.

Output: ``prediction/q_max.csv``, one row for each q_max, route, harmonic_range and T. It has
``inverse_softness``, ``softness`` (S_av) and the line c0, c1. ``peak``, ``share_*`` and ``auc`` of
single particles are given only for the lowest T, where ``n_invalid`` of ``n_values`` values have
1/S <= 0.
"""

import pandas as pd

from softcage.cage.calibration import closure_of
from softcage.interpretations.counts import read_counts
from softcage.interpretations.depth_forms import Form
from softcage.interpretations.questions import FORMS
from softcage.interpretations.softness_lines import line_numbers
from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.tables import select

WAY = ["q_max", "route", "harmonic_range"]
LINE = {"intercept": "c0", "intercept_error": "c0_error", "slope": "c1", "slope_error": "c1_error"}
OF_CAGE = [
    *("inverse_softness", "inverse_softness_error", "softness", "softness_error"),
    *("c0", "c0_error", "c1", "c1_error", "r_squared", "max_relative_deviation"),
]
SUMMARY = ["peak", "share_all", "share_rearranging", "auc"]
OF_PARTICLES = [*SUMMARY, *(f"{name}_error" for name in SUMMARY), "n_invalid", "n_values"]


def main(snakemake):
    """Read calibration and counts and write the table."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log:
        cage = pd.read_csv(files.cage).sort_values("T")
        coldest = cage["T"].min()
        cage["softness"] = 1.0 / cage["inverse_softness"]
        cage["softness_error"] = cage["inverse_softness_error"] * cage["softness"] ** 2
        lines = select(pd.read_csv(files.calibration), relation="c")
        hnc = closure_of(lines) == "hnc"
        form = FORMS.index(Form(hnc, weights="sqrt(x_u x_v)" if hnc else "x_u x_v"))
        counted = read_counts({coldest: files.counts}, "single", (p.place_of_delta, form))
        particles = []
        for line in lines.to_dict("records"):
            row = {name: line[name] for name in WAY} | {"T": coldest}
            if counted is not None:
                row |= line_numbers(counted, line["intercept"], line["slope"], p.place_of_p_c)
            particles.append(row)
        table = lines.merge(cage, on=WAY)
        table = table.merge(pd.DataFrame(particles), on=[*WAY, "T"], how="left")
        table = table.rename(columns=LINE).reindex(columns=[*WAY, "T", *OF_CAGE, *OF_PARTICLES])
        write_table(snakemake.output[0], table)
        log.info("\n%s", table.dropna(subset="peak").T.to_string())


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
