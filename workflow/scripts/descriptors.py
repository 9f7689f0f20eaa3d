"""All descriptors of every A particle, in chosen frames of one run.

Output: ``descriptors/T{T}/r{replica}.h5`` (:mod:`softcage.descriptors.run`) with the ``time`` of
the frames and, for each descriptor, a dataset (frames, N_A) such as ``energy/inherent/1.5``. Its
name consists of the descriptor, the positions, and the length L of the average (0 stands for the
particle itself).
"""

import freud
import numba

from softcage.cage.calibration import read_line
from softcage.descriptors.frame import liquid_of_study
from softcage.descriptors.run import describe_run, spread_out, write_descriptors
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.model import Mixture


def main(snakemake):
    """Choose the frames and compute descriptors with the cage and the line of the study."""
    p, files = snakemake.params, snakemake.input
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    freud.parallel.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]) as log:
        line = read_line(files.calibration, p.q_max, p.route)
        mixture, temperature = Mixture.from_dict(p.mixture), float(snakemake.wildcards.T)
        liquid = liquid_of_study(files.curves, mixture, temperature, line)
        uniform = open_trajectory(files.uniform)
        before = max(p.hop_window, p.average_window)
        frames = spread_out(uniform.times, p.frames, before, 0.5 * p.hop_window)
        run = describe_run(
            uniform, frames, liquid, p.average_window, p.lengths, p.delta_values, p.delta
        )
        write_descriptors(snakemake.output[0], run)
        log.info("%d descriptors of each particle in %d frames", len(run.values), len(frames))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
