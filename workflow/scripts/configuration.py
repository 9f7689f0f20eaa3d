"""Take one configuration from the production run of an equilibrated liquid.

Output: ``propensity/T{T}/c{configuration}/start.npz``
(:class:`softcage.isoconfigurational.runs.Start`).
"""

import numpy as np
import pandas as pd

from softcage.io.log import logged
from softcage.io.trajectory import averaged_positions, open_trajectory
from softcage.isoconfigurational.runs import place, recording_times, start_of, write_arrays


def main(snakemake):
    """Choose the frame and write it with the steps at which its runs record displacements."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log:
        tau = float(pd.read_csv(files.relaxation)["tau_alpha"].iloc[0])
        run = open_trajectory(files.uniform)
        replica, time = place(
            int(snakemake.wildcards.configuration), p.runs, tau, run.times[-1], p.average_window
        )
        frame = int(np.searchsorted(run.times, time - 1e-9))
        _, (mean,) = next(averaged_positions(run, run.times[[frame]], p.average_window))
        times = recording_times(tau, p.times) if isinstance(p.times, int) else p.times
        start = start_of(run.species, run.read([frame])[0], mean, run.box, times, p.timestep)
        write_arrays(snakemake.output[0], start)
        log.info("replica %d, t = %g; runs of %d steps", replica, run.times[frame], start.steps[-1])


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
