"""Partial g(r) and lattice S(q) of one run.

Evenly spaced frames of the uniform stream are cut into time blocks; each block gives its own
histogram g(r), up to half the box, and its own S(q) on the wave vectors of the box, so that every
later quantity can have an error bar from whole blocks.

Output ``structure/T{T}/r{replica}.npz``: ``r``, ``g`` (blocks, species, species, r), ``q``,
``s`` (blocks, species, species, q), ``n_vectors`` a shell, ``box``, ``density``, ``fractions``,
``n_frames``.
"""

import numba
import numpy as np

from softcage.files import replacing
from softcage.log import logged
from softcage.statistics import block_slices
from softcage.structure import (
    lattice_vectors,
    pair_counts,
    partial_structure_factors,
    rdf_from_counts,
)
from softcage.trajectory import open_trajectory


def structure_of_blocks(trajectory, blocks, r_bin, vectors, shell, size=16):
    """Return ``r``, ``g`` and ``s`` of each list of frame indices in ``blocks``.

    At most ``size`` frames are in memory.
    """
    counts = np.bincount(trajectory.species)
    box, g, s = trajectory.box, [], []
    for frames in blocks:
        pairs, structure_factors = 0, 0.0
        for part in (frames[k : k + size] for k in range(0, len(frames), size)):
            positions = trajectory.read(part)
            pairs = pairs + pair_counts(positions, trajectory.species, box, box / 2, r_bin)
            share = len(part) / len(frames)
            structure_factors += share * partial_structure_factors(
                positions, trajectory.species, box, vectors, shell
            )
        r, of_block = rdf_from_counts(pairs, len(frames), counts, box, r_bin)
        g.append(of_block)
        s.append(structure_factors)
    return r, np.array(g), np.array(s)


def main(snakemake):
    """Read the uniform stream, write the npz."""
    p = snakemake.params
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    with logged(snakemake.log[0]) as log:
        trajectory = open_trajectory(snakemake.input.uniform)
        n_frames = min(p.frames, trajectory.n_frames)
        chosen = np.unique(np.linspace(0, trajectory.n_frames - 1, n_frames).round().astype(int))
        blocks = [chosen[part] for part in block_slices(len(chosen), p.blocks)]
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
            )
        log.info("first peak of g_AA: %.3f", g.mean(axis=0)[0, 0].max())


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
