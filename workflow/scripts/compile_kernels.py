"""Compile the Numba kernels into their cache by running each stage's kernels on a few particles."""

import numpy as np

from softcage.integrator import Thermostat, advance, initial_state, observables, start
from softcage.log import logged
from softcage.model import kob_andersen


def main(snakemake):
    with logged(snakemake.log[0]) as log:
        mixture = kob_andersen()
        engine = start(mixture, initial_state(mixture, 320, 1.2, 2.0, 3, 0), 0.3)
        advance(engine, 50, 0.0025, Thermostat(2.0))
        row = observables(engine, Thermostat(2.0))
        if not np.isfinite(row["conserved"]):
            raise FloatingPointError("the kernels do not work on this machine")
        log.info("molecular dynamics kernels are compiled")


if __name__ == "__main__":
    main(snakemake)  # noqa: F821
