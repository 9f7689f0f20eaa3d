"""Neighbourhood of the rearranging particles: g(r) around them and around all A particles (Fig. 7).

Evenly spaced frames for which p_hop is known, of all replicas; a particle rearranges in a frame if
p_hop > p_c there (default window). Both curves come from the same frames. Errors are a bootstrap
over time blocks.

Output ``prediction/T{T}/rearranging_rdf.csv``: pair [AA | AB], r, g_all, g_rearranging,
g_rearranging_error.
"""

import h5py
import numba
import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.sampling import evenly_spaced
from softcage.statistics import block_slices, bootstrap
from softcage.structure.rdf import pair_counts


def count_frames(trajectory, frames, moving, r_max, r_bin):
    """Ordered pairs around tagged A particles of some frames.

    Returns an array (2, n_species, 1 + n_bins): for all and for rearranging A particles and each
    species of neighbour, the number of tagged particles and then the histogram.
    """
    species = trajectory.species
    n_species = int(species.max()) + 1
    total = None
    for frame, moves in zip(frames, moving, strict=True):
        # Rearranging A particles get a species of their own, so one histogram holds both curves.
        label = species.copy()
        label[np.flatnonzero(species == 0)[moves]] = n_species
        pairs = pair_counts(trajectory.read([frame]), label, trajectory.box, r_max, r_bin)
        if len(pairs) == n_species:  # nobody moves in this frame
            pairs = np.pad(pairs, ((0, 1), (0, 1), (0, 0)))
        around = pairs[:, :n_species].copy()
        around[:, 0] += pairs[:, n_species]
        both = np.stack([around[0] + around[n_species], around[n_species]])
        tagged = np.array([moves.size, moves.sum()])
        heads = np.broadcast_to(tagged[:, None, None], (2, n_species, 1))
        counts = np.concatenate([heads, both], axis=2)
        total = counts if total is None else total + counts
    return total


def radial_distributions(total, density, shells):
    """g(r) of shape (2, n_species, n_bins) from the counts; NaN without tagged particles.

    ``density`` is that of each species of neighbour.
    """
    ideal = total[..., :1] * density[:, None] * shells
    pairs = total[..., 1:]
    return np.divide(pairs, ideal, out=np.full(pairs.shape, np.nan), where=ideal > 0)


def main(snakemake):
    """Read trajectories and hops of all replicas, write the table."""
    p, files = snakemake.params, snakemake.input
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    with logged(snakemake.log[0]) as log:
        n_blocks = int(pd.read_csv(files.relaxation)["blocks"].iloc[0])
        blocks, trajectory = [], None
        for uniform, hops in zip(files.uniform, files.hops, strict=True):
            trajectory = open_trajectory(uniform)
            r_max = min(p.r_max, trajectory.box / 2)
            with h5py.File(hops) as store:
                group = store[f"dt{p.window:g}"]
                rows = evenly_spaced(len(group["frame"]), p.frames // len(files.uniform))
                if not len(rows):
                    raise ValueError(
                        f"{hops} has no frame with p_hop for the window {p.window:g}: "
                        "the production run is too short"
                    )
                frames = group["frame"][:][rows]
                moving = group["p_hop"][rows] > group.attrs["p_c"]
            for part in block_slices(len(frames), min(n_blocks, len(frames))):
                blocks.append(count_frames(trajectory, frames[part], moving[part], r_max, p.r_bin))
        blocks = np.array(blocks)
        n_bins = blocks.shape[-1] - 1
        edges = p.r_bin * np.arange(n_bins + 1)
        shells = 4.0 / 3.0 * np.pi * np.diff(edges**3)
        density = np.bincount(trajectory.species) / trajectory.box**3

        def statistic(total):
            return radial_distributions(total, density, shells)

        g, error, _ = bootstrap(blocks, statistic, p.resamples, p.seed)
        tables = [
            pd.DataFrame(
                {
                    "pair": f"{p.species[0]}{name}",
                    "r": 0.5 * (edges[1:] + edges[:-1]),
                    "g_all": g[0, v],
                    "g_rearranging": g[1, v],
                    "g_rearranging_error": error[1, v],
                }
            )
            for v, name in enumerate(p.species)
        ]
        with replacing(snakemake.output[0]) as path:
            pd.concat(tables).to_csv(path, index=False, float_format="%.6g")
        n_all, n_moving = blocks[:, :, 0, 0].sum(axis=0)
        log.info("%d A particles in all frames, %d of them rearranging", n_all, n_moving)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
