"""Scores of thinned frames of one run for other readings of Eqs. 5 and 8 and of "structure".

Frames are evenly spaced among those that have p_hop for the default window. Depths are -beta Phi at
the default delta, in the range r0..r_min of this temperature's cage.

Output ``readings/T{T}/r{replica}.h5``, a group each with ``frame`` and ``values``: ``terms`` and
``terms_printed`` (frames, N_A, species), the terms of Eq. 5 with weight 1, with g of Eq. 8 divided
by x_v and as printed; ``average_{window}`` (frames, N_A), depths from positions averaged over so
much time up to the frame; ``inherent``, depths of the nearest minimum of the potential energy (at
the lowest temperature only, of fewer frames).
"""

import h5py
import numba
import numpy as np
import pandas as pd

from softcage.cage.local_depth import local_depth
from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.trajectory import averaged_positions, open_trajectory
from softcage.md.minimise import minimise
from softcage.model import Mixture
from softcage.prediction.variants import local_terms
from softcage.sampling import evenly_spaced

FORCE = 0.01  # root mean square force of a particle at which a minimisation stops


def single_frames(uniform, frames, size=32):
    """Yield (frame indices, positions) of the frames themselves."""
    for k in range(0, len(frames), size):
        yield frames[k : k + size], uniform.read(frames[k : k + size])


def averaged(uniform, frames, window):
    """Yield (frame indices, positions averaged over ``window`` up to them)."""
    for part, positions in averaged_positions(uniform, uniform.times[frames], window):
        yield frames[part], positions


def inherent(uniform, frames, mixture, log):
    """Yield (frame indices, positions of the minimum) and log how far the forces fell."""
    left = []
    for frame, positions in single_frames(uniform, frames, size=1):
        minimum, energy, force = minimise(
            positions[0], uniform.species, uniform.box, mixture, tolerance=FORCE
        )
        left.append(force)
        yield frame, minimum[None]
    if left:
        log.info("inherent structures: last energy %s, largest rms force %.2g", energy, max(left))


def write(store, name, chunks, score):
    """Write the scores of all chunks as the group ``name``."""
    frames, values = [np.empty(0, dtype=np.int64)], []
    for index, positions in chunks:
        frames.append(np.asarray(index))
        values += [np.asarray(score(frame), dtype=np.float32) for frame in positions]
    group = store.create_group(name)
    group["frame"] = np.concatenate(frames)
    group["values"] = np.array(values, dtype=np.float32)


def main(snakemake):
    """Read trajectory, cage and the frames of the hops, write the scores."""
    p, files = snakemake.params, snakemake.input
    numba.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]) as log:
        mixture = Mixture.from_dict(p.mixture)
        cage = pd.read_csv(files.cage).iloc[0]
        names = [f"{mixture.species[0]}{v}" for v in mixture.species]
        common = {
            "potential": mixture.potential,
            "temperature": float(snakemake.wildcards.T),
            "r0": np.array([cage[f"r0_{name}"] for name in names]),
            "r_min": np.array([cage[f"r_min_{name}"] for name in names]),
            "delta": p.delta,
        }
        uniform = open_trajectory(files.uniform)
        with h5py.File(files.hops) as hops:
            usable = hops[f"dt{p.window:g}/frame"][:]
        frames = usable[evenly_spaced(len(usable), p.frames, down=True)]

        def depth(positions):
            return local_depth(positions, uniform.species, uniform.box, **common)

        def terms(positions, per_fraction=True):
            return local_terms(
                positions, uniform.species, uniform.box, per_fraction=per_fraction, **common
            )

        with replacing(snakemake.output[0]) as path, h5py.File(path, "w") as store:
            write(store, "terms", single_frames(uniform, frames), terms)
            single = single_frames(uniform, frames)
            write(store, "terms_printed", single, lambda frame: terms(frame, per_fraction=False))
            for window in p.average_windows:
                write(store, f"average_{window:g}", averaged(uniform, frames, window), depth)
            few = frames[evenly_spaced(len(frames), p.inherent_frames, down=True)]
            minima = inherent(uniform, few, mixture, log)
            write(store, "inherent", minima, depth)
            for name in store:
                log.info("%s: %d frames", name, len(store[name]["frame"]))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
