"""Partial g(r) and lattice S(q) of one run.

Evenly spaced frames of the uniform stream are cut into many short time blocks; each block gives
its own histogram g(r), up to half the box, and its own S(q) on the wave vectors of the box. How
long blocks must be for an error bar depends on tau_alpha: who reads the file merges them.

Output ``structure/T{T}/r{replica}.npz``: ``r``, ``g`` (blocks, species, species, r), ``q``,
``s`` (blocks, species, species, q), ``n_vectors`` a shell, ``box``, ``density``, ``fractions``,
``n_frames``, ``block_frames`` (frames in each block).
"""

import numba
import numpy as np

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.sampling import evenly_spaced
from softcage.statistics import block_slices
from softcage.structure.structure_factor import lattice_vectors, structure_of_blocks


def main(snakemake):
    """Read the uniform stream, write the npz."""
    p = snakemake.params
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    with logged(snakemake.log[0]) as log:
        trajectory = open_trajectory(snakemake.input.uniform)
        chosen = evenly_spaced(trajectory.n_frames, p.frames)
        blocks = [chosen[part] for part in block_slices(len(chosen), min(p.blocks, len(chosen)))]
        vectors, shell, q = lattice_vectors(
            trajectory.box, p.q_max, p.q_bin, p.q_vectors, seed=p.seed
        )
        log.info(
            "%d of %d frames in %d blocks; %d wave vectors in %d shells up to q = %.4g",
            len(chosen),
            trajectory.n_frames,
            len(blocks),
            len(vectors),
            len(q),
            q[-1],
        )
        r, g, s = structure_of_blocks(trajectory, blocks, p.r_bin, vectors, shell)
        with replacing(snakemake.output[0]) as path:
            np.savez(
                path,
                r=r,
                g=g,
                q=q,
                s=s,
                n_vectors=np.bincount(shell),
                box=trajectory.box,
                density=trajectory.n_particles / trajectory.box**3,
                fractions=np.bincount(trajectory.species) / trajectory.n_particles,
                n_frames=len(chosen),
                block_frames=[len(frames) for frames in blocks],
            )
        log.info("first peak of g_AA: %.3f", g.mean(axis=0)[0, 0].max())


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
