"""Partial g(r) and lattice S(q) of one run, in many short time blocks.

Output: ``structure/T{T}/r{replica}.npz`` with ``r``, ``g`` (blocks, species, species, r), ``q``,
``s`` (blocks, species, species, q), ``n_vectors`` (wave vectors in each shell of q), ``box``,
``density``, ``fractions``, ``n_frames`` and ``block_frames`` (frames in each block).
"""

import numba

from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.structure.blocks import structure_of_run


def main(snakemake):
    """Read the uniformly spaced frames and write the npz file."""
    p = snakemake.params
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    with logged(snakemake.log[0]) as log:
        trajectory = open_trajectory(snakemake.input.uniform)
        structure = structure_of_run(
            trajectory,
            frames=p.frames,
            blocks=p.blocks,
            r_bin=p.r_bin,
            q_max=p.q_max,
            q_match=p.q_match,
            q_bin=p.q_bin,
            q_vectors=p.q_vectors,
            seed=p.seed,
        )
        structure.save(snakemake.output[0])
        log.info(
            "%d of %d frames in %d blocks; %d wave vectors in %d shells up to q = %.4g",
            structure.n_frames,
            trajectory.n_frames,
            len(structure.block_frames),
            structure.n_vectors.sum(),
            len(structure.q),
            structure.q[-1],
        )
        log.info("first peak of g_AA: %.3f", structure.g.mean(axis=0)[0, 0].max())


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
