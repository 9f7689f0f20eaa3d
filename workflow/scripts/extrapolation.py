"""What the laws of the study foresee for a colder liquid, beside what was measured there.

Outputs: ``prediction/extrapolation.csv``, one row per quantity, bin of softness and law
(:func:`softcage.prediction.extrapolation.extrapolation_table`), and
``prediction/extrapolation_curves.csv``, the laws and the measured points against temperature.
"""

import pandas as pd

from softcage.io.csv_table import write_table
from softcage.io.log import logged
from softcage.prediction.extrapolation import extrapolation_table, law_curves, measured_points
from softcage.tables import select


def main(snakemake):
    """Read the tables of all temperatures and write both tables."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log:
        by_temperature = {
            name: dict(zip(p.temperatures, map(pd.read_csv, files[name]), strict=True))
            for name in ("summary", "distributions")
        }
        cage = select(pd.read_csv(files.cage), q_max=p.q_max, route=p.route)
        points = measured_points(
            [pd.read_csv(path) for path in files.relaxation],
            cage.drop_duplicates("T"),
            by_temperature["summary"],
            by_temperature["distributions"],
            p.window,
            p.minimum_hops,
            p.minimum_temperatures,
        )
        tables = {
            "table": extrapolation_table(points, p.T),
            "curves": law_curves(points, p.T),
        }
        for name, table in tables.items():
            write_table(snakemake.output[name], table)
        whole = tables["table"][tables["table"]["bin_center"].isna()]
        log.info("\n%s", whole.dropna(axis=1, how="all").to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
