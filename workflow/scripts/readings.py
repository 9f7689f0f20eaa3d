"""Where the paper is open to more than one reading: what each reading gives.

One row a reading (:mod:`softcage.paper.readings`): at the lowest temperature the share of
rearranging particles softer than the peak, the same share of all particles and the ROC AUC; over
all temperatures where the Arrhenius lines cross and the range of the barriers. Errors are a
bootstrap over time blocks and replicas. ``paper`` says where the paper's words or equations speak
for a reading. ``without_softness`` is the share of particles at the lowest temperature with
1/S <= 0, counted as softer than all others.

Outputs: ``readings.csv``, and the same as a page, ``readings.html``.
"""

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.model import Mixture
from softcage.paper import readings
from softcage.prediction.variants import (
    ThinnedFrames,
    counted_numbers,
    scored_numbers,
    typical_softness,
)


def main(snakemake):
    """Read scores, hops, cages and tables; write one row a reading."""
    p, files = snakemake.params, snakemake.input
    temperatures, way = list(p.temperatures), (p.q_max, p.route)
    lowest, n = temperatures[0], len(temperatures)
    arrhenius = {
        "minimum_hops": p.minimum_hops,
        "minimum_temperatures": p.arrhenius_temperatures,
        "n_resamples": p.resamples,
        "seed": p.seed,
    }

    def by_temperature(some):
        return dict(zip(temperatures, some, strict=True))

    with logged(snakemake.log[0]) as log:
        frames = ThinnedFrames(
            scores=by_temperature(np.array_split(files.scores, n)),
            hops=by_temperature(np.array_split(files.hops, n)),
            window=p.window,
            fractions=np.load(files.curves[0])["fractions"],
            n_blocks=by_temperature(
                int(pd.read_csv(f)["blocks"].iloc[0]) for f in files.relaxation
            ),
        )
        curves = by_temperature(dict(np.load(path)) for path in files.curves)
        potential = Mixture.from_dict(p.mixture).potential

        def line_of(reading):
            return readings.line_of(reading, files.lines, way, curves, potential)

        default = readings.OfScores("structure", "single frames", True)
        usual = typical_softness(readings.runs_of(default, frames)[lowest], line_of(default))
        rows = []
        for reading in (
            *readings.upper_limits(p.q_max, p.q_max_alternatives, p.route),
            *readings.weightings(),
            *readings.structures(p.average_windows, lowest),
            *readings.thresholds(p.p_c, p.p_c_paper, temperatures),
        ):
            runs, bins = readings.runs_of(reading, frames), p.softness_bins
            numbers = scored_numbers(
                runs, line_of(reading), bins, usual, frames.n_blocks, len(runs) == n, **arrhenius
            )
            rows.append(reading.head() | numbers)
        for reading in readings.counted(p.window, p.windows, p.delta, p.delta_values):
            k = p.delta_values.index(reading.delta)
            counts = by_temperature(np.load(path) for path in files.blocks[k * n : (k + 1) * n])
            summary = pd.read_csv(files.summaries[k])
            numbers = counted_numbers(summary, counts, reading.window, reading.lag, **arrhenius)
            numbers["frames"] = frames.n_frames(lowest, reading.window)
            rows.append(reading.head() | numbers)

        table = pd.DataFrame(rows).reindex(columns=list(readings.COLUMNS))
        with replacing(snakemake.output.table) as path:
            table.to_csv(path, index=False, float_format="%.6g")
        with replacing(snakemake.output.page) as path:
            path.write_text(readings.page(table, p.study, lowest), encoding="utf-8")
        log.info("\n%s", table.drop(columns="paper").to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
