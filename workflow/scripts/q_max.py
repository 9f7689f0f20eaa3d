"""What the choices behind S_av change, and what not (Fig. S1).

The paper gives neither its q_max nor the range of its parabola, and 1/S_av depends on both. For
every q_max, route and range the depths of the lowest temperature are turned into softness with that
choice's own line; peak, shares and AUC follow as everywhere. S falls with the depth whatever the
line, so ranks and the AUC must stay the same, while the scale of S and the position of the peak do
not.

Output ``prediction/q_max.csv``, one row a q_max, route, harmonic_range and T:
``inverse_softness``, ``softness`` (S_av) and the line c0, c1; ``peak``, ``share_*``, ``auc``,
``mean_softness``, ``std_softness`` of single particles only in the rows of the lowest T
(``n_invalid`` of ``n_values``: those with 1/S <= 0).
"""

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.prediction.variants import read_runs, scaled_bins, scored_numbers
from softcage.tables import select

WAY = ["q_max", "route", "harmonic_range"]
RENAMED = {
    **{"intercept": "c0", "intercept_error": "c0_error", "slope": "c1", "slope_error": "c1_error"},
    **{
        f"{name}{end}": f"{name}_softness{end}"
        for name in ("mean", "std")
        for end in ("", "_error")
    },
}
OF_CAGE = [
    *("inverse_softness", "inverse_softness_error", "softness", "softness_error"),
    *("c0", "c0_error", "c1", "c1_error", "r_squared", "max_relative_deviation"),
]
SUMMARY = ["peak", "share_all", "share_rearranging", "auc", "mean_softness", "std_softness"]
OF_PARTICLES = [*SUMMARY, *(f"{name}_error" for name in SUMMARY), "n_invalid", "n_values"]


def main(snakemake):
    """Read calibration, depths and hops, write the table."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log:
        cage = pd.read_csv(files.cage).sort_values("T")
        coldest, options = cage["T"].min(), {"n_resamples": p.resamples, "seed": p.seed}
        cage["softness"] = 1.0 / cage["inverse_softness"]
        cage["softness_error"] = cage["inverse_softness_error"] * cage["softness"] ** 2
        lines = select(pd.read_csv(files.calibration), relation="c")
        n_blocks = int(pd.read_csv(files.relaxation)["blocks"].iloc[0])
        runs = read_runs(files.softness, files.hops, p.window, "uniform", "depth", p.frames)
        runs = [run for run in runs if len(run[0])]
        depth = np.mean([depth.mean(dtype=float) for depth, _ in runs]) if runs else np.nan

        # Softness of the mean depth: the scale of S of each choice.
        typical = 1.0 / (lines["intercept"] - lines["slope"] * depth)
        usual = typical[select(lines, q_max=p.q_max, route=p.route).index[0]]
        particles = []
        for own, scale in zip(lines.to_dict("records"), typical, strict=True):
            row = {name: own[name] for name in WAY}
            if scale > 0 and usual > 0:  # else the typical particle has no softness
                # Bins grow with the scale of S, so that every distribution is as well resolved.
                bins = scaled_bins(p.softness_bins, scale / usual)
                line = own["intercept"], own["slope"]
                row |= scored_numbers({coldest: runs}, line, bins, {coldest: n_blocks}, **options)
            particles.append(row | {"T": coldest})
        table = lines.merge(cage, on=WAY)
        table = table.merge(pd.DataFrame(particles), on=[*WAY, "T"], how="left")
        table = table.rename(columns=RENAMED).reindex(columns=[*WAY, "T", *OF_CAGE, *OF_PARTICLES])
        with replacing(snakemake.output[0]) as path:
            table.to_csv(path, index=False, float_format="%.6g")
        log.info("\n%s", table.dropna(subset="peak").T.to_string())


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
