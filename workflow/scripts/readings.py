"""Where the paper is open to more than one reading: what each reading gives.

One row a reading (:mod:`softcage.paper.readings`): at the lowest temperature the shares softer than
the peak, of the rearranging and of all particles, the ROC AUC, and the share with 1/S <= 0, counted
as softest; over all temperatures where the Arrhenius lines cross and the range of the barriers.

Outputs: ``readings.csv``, and the same as a page, ``readings.html``.
"""

from functools import partial

import numpy as np
import pandas as pd

from softcage.cage.terms import weight_matrix
from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.model import Mixture
from softcage.paper import readings
from softcage.prediction import variants


def main(snakemake):
    """Read scores, hops, cages and tables; write one row a reading."""
    p, files = snakemake.params, snakemake.input
    temperatures, lowest, n = list(p.temperatures), p.temperatures[0], len(p.temperatures)

    def by_temperature(some):
        return dict(zip(temperatures, some, strict=True))

    with logged(snakemake.log[0]) as log:
        scores, hops = (by_temperature(np.array_split(f, n)) for f in (files.scores, files.hops))
        relaxation = pd.concat(map(pd.read_csv, files.relaxation))
        blocks = by_temperature(relaxation["blocks"].astype(int))
        curves = by_temperature(dict(np.load(path)) for path in files.curves)

        def runs_of(reading, T):
            weights = reading.weights and weight_matrix(reading.weights, curves[T]["fractions"])[0]
            return variants.read_runs(
                scores[T], hops[T], p.window, reading.scores, weights=weights,
                p_c=partial(reading.p_c, T),
            )  # fmt: skip

        line_of = partial(
            readings.line_of, calibration=files.lines, own=(p.q_max, p.route), curves=curves,
            potential=Mixture.from_dict(p.mixture).potential,
        )  # fmt: skip
        default, *_ = readings.structures((), lowest)
        usual = variants.typical_softness(runs_of(default, lowest), line_of(default))
        rows = []
        for reading in (
            *readings.upper_limits(p.q_max, p.q_max_alternatives, p.route),
            *readings.weightings(),
            *readings.structures(p.average_windows, lowest),
            *readings.thresholds(p.p_c, p.p_c_paper, temperatures),
        ):
            numbers, line = {}, line_of(reading)
            runs = {T: runs_of(reading, T) for T in reading.among(temperatures)}
            scale = variants.typical_softness(runs[lowest], line) / usual if runs else np.nan
            if 0 < scale < np.inf:  # else the typical particle has no softness
                bins = variants.scaled_bins(p.softness_bins, scale)
                numbers = variants.scored_numbers(runs, line, bins, blocks, **p.fit)
            rows.append(reading.head() | numbers)
        for reading in readings.counted(p.window, p.windows, p.delta, p.delta_values):
            k, (window, lag) = p.delta_values.index(reading.delta), (reading.window, reading.lag)
            counts = by_temperature(np.load(path) for path in files.blocks[k * n : (k + 1) * n])
            summary = pd.read_csv(files.summaries[k])
            numbers = variants.counted_numbers(summary, counts, window, lag, **p.fit)
            frames = variants.n_frames(hops[lowest], window)
            rows.append(reading.head() | numbers | {"frames": frames})

        table = pd.DataFrame(rows).reindex(columns=list(readings.COLUMNS))
        with replacing(snakemake.output.table) as path:
            table.to_csv(path, index=False, float_format="%.6g")
        with replacing(snakemake.output.page) as path:
            path.write_text(readings.page(table, p.study, lowest), encoding="utf-8")
        log.info("\n%s", table.drop(columns="paper").to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
