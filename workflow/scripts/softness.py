"""Depth and softness of every A particle in every frame of one run.

The local depth (Eqs. 5, 6 and 8) is computed with r0 and r_min of the average cage at this
temperature, and converted to a softness by relation c of the calibration at the default q_max and
route. The softness is NaN where the line gives 1/S <= 0; the number of such values is an attribute
of the file and is logged.

Output: ``softness/T{T}/d{delta}/r{replica}.h5`` with the group ``uniform`` and, for the default
delta, ``log``. Each has ``depth`` (frames, N_A), which is -beta Phi, ``softness``, ``frame`` and
``time``; ``log`` also has ``block`` and ``lag`` (steps).
"""

import numba

from softcage.cage.runs import score_run
from softcage.cage.scorer import Scorer
from softcage.io.atomic_file import replacing
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.model import Mixture


def main(snakemake):
    """Read trajectory, cage and calibration and write the scores."""
    p, files = snakemake.params, snakemake.input
    temperature, delta = float(snakemake.wildcards.T), float(snakemake.wildcards.delta)
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    with logged(snakemake.log[0]) as log:
        mixture = Mixture.from_dict(p.mixture)
        uniform = open_trajectory(files.uniform)
        scorer = Scorer.from_calibration(
            files.calibration,
            mixture,
            temperature,
            uniform.species,
            uniform.box,
            deltas=[delta],
            q_max=p.q_max,
            route=p.route,
            same_study=True,
            closure=p.closure,
        )
        stream = open_trajectory(files.log) if p.with_log else None
        with replacing(snakemake.output[0]) as path, open_hdf5(path, "w") as store:
            n_invalid, n_total = score_run(
                store, scorer, uniform, stream, p.stride, p.average_window
            )
            depth = store["uniform/depth"]
            sampled = depth[:: max(10, len(depth) // 100)]
            log.info(
                "%d values, mean depth %.4g, standard deviation %.4g",
                n_total,
                sampled.mean(dtype=float),
                sampled.std(dtype=float),
            )
        level = log.warning if n_invalid else log.info
        level("%d of %d values have 1/S <= 0 and no softness", n_invalid, n_total)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
