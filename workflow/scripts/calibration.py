"""The linear relations between softness and depth over all temperatures (Eq. 7, Fig. 1).

For every q_max, route and ``harmonic_range`` (0 stands for the curvature), three lines are fitted.
In terms of the potential, which is negative (Phi = -depth), they are

- ``a``: 1/S_av = a0 + a1 beta Phi_q,
- ``b``: beta Phi_q = b0 + b1 beta Phi_r,
- ``c``: 1/S_av = c0 + c1 beta Phi_r.

The paper claims that one line holds at all temperatures; ``max_relative_deviation`` and
``r_squared`` test this.

Outputs: ``calibration/cage.csv`` (the tables of all temperatures) and
``calibration/calibration.csv``.
"""

from softcage.cage.calibration import calibrate, read_cages
from softcage.io.csv_table import write_table
from softcage.io.log import logged


def main(snakemake):
    """Read the cages of all temperatures and write them as one table, and write the lines."""
    with logged(snakemake.log[0]) as log:
        cage, lines = calibrate(read_cages(snakemake.input.cages))
        write_table(snakemake.output.cages, cage, digits=None)
        write_table(snakemake.output.lines, lines, digits=8)
        log.info("\n%s", lines.to_string(index=False))
        wrong = lines[(lines["relation"] == "c") & (lines["slope"] >= 0)]
        for row in wrong.itertuples():
            log.warning(
                "c1 = %.3g is not negative at q_max = %g (%s): deeper cages would be softer. Use "
                "more frames for the structure, or a wider range of temperatures",
                row.slope,
                row.q_max,
                row.route,
            )


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
