"""Neighbourhood of the rearranging particles: g(r) around them and around all A particles (Fig. 7).

Evenly spaced frames with p_hop are taken from all replicas, the same for both curves. A particle
rearranges in a frame if p_hop > p_c in this frame, for the default window. Errors come from a
bootstrap over time blocks.

Output ``prediction/T{T}/rearranging_rdf.csv``: pair [AA | AB], r, g_all, g_rearranging,
g_rearranging_error.
"""

import numba
import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.sampling import evenly_spaced
from softcage.statistics import block_slices, bootstrap
from softcage.structure.tagged_rdf import count_around, rdf_around


def read_moving(path, window, most):
    """Return at most ``most`` evenly spaced frames, and which A particles rearrange in them."""
    with open_hdf5(path) as store:
        group = store[f"dt{window:g}"]
        rows = evenly_spaced(len(group["frame"]), most)
        if not len(rows):
            raise ValueError(
                f"{path}: the production run is too short, no frame has p_hop for the window "
                f"{window:g}: make production longer"
            )
        return group["frame"][:][rows], group["p_hop"][rows] > group.attrs["p_c"]


def main(snakemake):
    """Read trajectories and hops of all replicas and write the table."""
    p, files = snakemake.params, snakemake.input
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    with logged(snakemake.log[0]) as log:
        n_blocks = int(pd.read_csv(files.relaxation)["blocks"].iloc[0])
        blocks = []
        for uniform, hops in zip(files.uniform, files.hops, strict=True):
            trajectory = open_trajectory(uniform)
            species, box = trajectory.species, trajectory.box
            frames, moving = read_moving(hops, p.window, p.frames // len(files.uniform))
            for part in block_slices(len(frames), min(n_blocks, len(frames))):
                positions = (trajectory.read([frame])[0] for frame in frames[part])
                r_max = min(p.r_max, box / 2)
                blocks.append(count_around(positions, moving[part], species, box, r_max, p.r_bin))
        density = np.bincount(species) / box**3
        g, error, _ = bootstrap(
            np.array(blocks),
            lambda total: rdf_around(total, density, p.r_bin),
            p.resamples,
            p.seed,
            len(files.uniform),
        )
        table = pd.concat(
            pd.DataFrame(
                {
                    "pair": f"{p.species[0]}{name}",
                    "r": p.r_bin * (np.arange(g.shape[-1]) + 0.5),
                    "g_all": g[0, v],
                    "g_rearranging": g[1, v],
                    "g_rearranging_error": error[1, v],
                }
            )
            for v, name in enumerate(p.species)
        )
        with replacing(snakemake.output[0]) as path:
            table.to_csv(path, index=False, float_format="%.6g")
        n_all, n_moving = np.array(blocks)[:, :, 0, 0].sum(axis=0)
        log.info("%d A particles in all frames, %d of them rearranging", n_all, n_moving)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
