"""Scores of thinned frames of one run for other readings of Eqs. 5 and 8 and of "structure".

Frames are evenly spaced among those that have p_hop for the default window; delta is the default.

Output ``readings/T{T}/r{replica}.h5``, a group each with ``frame`` and ``values``: ``terms`` and
``terms_printed`` (frames, N_A, species), the terms of Eq. 5 with weight 1, with g of Eq. 8 divided
by x_v and as printed; ``average_{window}`` (frames, N_A), depths from positions averaged over so
much time; ``inherent``, depths in the nearest minimum of the energy (lowest T, fewer frames).
"""

import h5py
import numba
import numpy as np
import pandas as pd

from softcage.cage.local_depth import local_depth
from softcage.cage.terms import local_terms
from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.trajectory import averaged_positions, open_trajectory
from softcage.md.minimise import minimise
from softcage.model import Mixture
from softcage.sampling import evenly_spaced

FORCE = 0.01  # root mean square force of a particle at which a minimisation stops


def main(snakemake):
    """Read trajectory, cage and the frames of the hops, write the scores."""
    p, files = snakemake.params, snakemake.input
    numba.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]) as log:
        mixture = Mixture.from_dict(p.mixture)
        cage = pd.read_csv(files.cage).iloc[0]
        names = [f"{mixture.species[0]}{v}" for v in mixture.species]
        uniform = open_trajectory(files.uniform)
        common = {
            "potential": mixture.potential,
            "temperature": float(snakemake.wildcards.T),
            "delta": p.delta,
            **{r: np.array([cage[f"{r}_{name}"] for name in names]) for r in ("r0", "r_min")},
        }
        with h5py.File(files.hops) as hops:
            usable = hops[f"dt{p.window:g}/frame"][:]
        frames = usable[evenly_spaced(len(usable), p.frames, down=True)]
        few = frames[evenly_spaced(len(frames), p.inherent_frames, down=True)]

        def single(some):
            for part in np.split(some, range(32, len(some), 32)):  # so many in memory
                yield from zip(part, uniform.read(part), strict=True)

        def averaged(window):
            for part, positions in averaged_positions(uniform, uniform.times[frames], window):
                yield from zip(frames[part], positions, strict=True)

        def inherent(some):
            for frame, x in single(some):
                minimum, _, force = minimise(x, uniform.species, uniform.box, mixture, FORCE)
                if force > FORCE:
                    log.warning("frame %d: the forces fell only to %.2g", frame, force)
                yield frame, minimum

        def write(name, positions, score=local_depth, **options):
            options |= common
            scored = [(k, score(x, uniform.species, uniform.box, **options)) for k, x in positions]
            group = store.create_group(name)
            group["frame"] = np.array([k for k, _ in scored], dtype=np.int64)
            group["values"] = np.array([values for _, values in scored], dtype=np.float32)
            log.info("%s: %d frames", name, len(scored))

        with replacing(snakemake.output[0]) as path, h5py.File(path, "w") as store:
            write("terms", single(frames), local_terms)
            write("terms_printed", single(frames), local_terms, per_fraction=False)
            for window in p.average_windows:
                write(f"average_{window:g}", averaged(window))
            write("inherent", inherent(few))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
