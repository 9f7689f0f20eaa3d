"""The linear relations between softness and depth over the temperatures (Eq. 7, Fig. 1).

In terms of the potential (negative, Phi = -depth): ``a``: 1/S_av = a0 + a1 beta Phi_q; ``b``:
beta Phi_q = b0 + b1 beta Phi_r; ``c``: 1/S_av = c0 + c1 beta Phi_r, for every q_max and route.
That one line serves all temperatures is a claim: ``max_relative_deviation`` and ``r_squared``
test it.

Outputs: ``calibration/cage.csv`` (the tables of all temperatures) and
``calibration/calibration.csv``.
"""

from dataclasses import asdict

import pandas as pd

from softcage.cage import linear_calibration
from softcage.files import replacing
from softcage.log import logged


def relations(cage):
    """Fit a, b and c to the rows of one q_max and route."""
    phi_q = (-cage["depth_q"], cage["depth_q_error"])
    phi_r = (-cage["depth_r"], cage["depth_r_error"])
    stiffness = (cage["inverse_softness"], cage["inverse_softness_error"])
    pairs = {"a": (phi_q, stiffness), "b": (phi_r, phi_q), "c": (phi_r, stiffness)}
    for name, ((x, x_error), (y, y_error)) in pairs.items():
        yield {"relation": name, **asdict(linear_calibration(x, y, x_error, y_error))}


def main(snakemake):
    """Read the cages of all temperatures, write them as one table, and the lines."""
    with logged(snakemake.log[0]) as log:
        cage = pd.concat([pd.read_csv(path) for path in snakemake.input.cages])
        cage = cage.sort_values(["q_max", "route", "T"])
        rows = [
            {"relation": row.pop("relation"), "q_max": q_max, "route": route, **row}
            for (q_max, route), part in cage.groupby(["q_max", "route"])
            for row in relations(part)
        ]
        lines = pd.DataFrame(rows)
        with replacing(snakemake.output.cages) as path:
            cage.to_csv(path, index=False)
        with replacing(snakemake.output.lines) as path:
            lines.to_csv(path, index=False, float_format="%.8g")
        log.info("\n%s", lines.to_string(index=False))
        wrong = lines[(lines["relation"] == "c") & (lines["slope"] >= 0)]
        for row in wrong.itertuples():
            log.warning(
                "c1 = %.3g is not negative at q_max = %g (%s): deeper cages would be softer; the "
                "structure needs more frames or the temperatures a wider range",
                row.slope,
                row.q_max,
                row.route,
            )


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
