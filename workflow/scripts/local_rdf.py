"""Radial distribution functions of single particles at the lowest temperature (Figs. 8-10).

Output: ``softness/local_rdf.csv`` with the columns curve, delta, pair, r and g. The curves are

- ``mean``: g of Eq. 8 averaged over A particles and frames, for each delta,
- ``histogram``: the ordinary g(r), with which the former agrees for small delta (Eq. B2),
- ``particle``: one particle in one frame for each delta. In the middle frame, it is the particle
  whose depth is closest to the median.
- ``rearranging``, ``caged``: one particle each at the default delta, chosen without using its g.
  Among all pairs of particle and frame with p_hop above (not above) p_c, it is the pair whose depth
  is closest to the median depth of this group. At most 200 evenly spaced frames are used.
"""

import numpy as np
import pandas as pd

from softcage.cage.examples import closest_to_median, rearranging_and_caged
from softcage.cage.local_rdf import local_rdf
from softcage.io.csv_table import write_table
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.model import Composition
from softcage.sampling import evenly_spaced

N_FRAMES_MEAN = 20


def main(snakemake):
    """Read trajectory, cage, softness and hops; write the table."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log:
        trajectory = open_trajectory(files.uniform)
        species, box = trajectory.species, trajectory.box
        r = np.arange(0.6, min(2.6, 0.5 * box), 0.01)
        tables, pair = [], Composition.from_dict(p.mixture).pairs[0]

        def add(name, delta, g, r=r):
            curve = {"curve": name, "delta": delta, "pair": pair, "r": r, "g": g}
            tables.append(pd.DataFrame(curve))

        def rdf_of_particle(frame, particle, delta):
            position = trajectory.read([frame])[0]
            return local_rdf(position, species, box, delta, r, particles=[particle])[0]

        frames = trajectory.read(evenly_spaced(trajectory.n_frames, N_FRAMES_MEAN))
        for delta in p.delta_values:
            curves = [local_rdf(x, species, box, delta, r).mean(axis=0) for x in frames]
            add("mean", delta, np.mean(curves, axis=0))
        cage = np.load(files.cage)
        near = (cage["r"] >= r[0]) & (cage["r"] <= r[-1])
        add("histogram", np.nan, cage["g"][0, 0, near], cage["r"][near])

        with open_hdf5(files.softness) as scores, open_hdf5(files.hops) as hops:
            group = scores["uniform"]
            middle = len(group["frame"]) // 2
            depth, frame = group["depth"][middle][None], int(group["frame"][middle])
            particle = closest_to_median(depth, np.ones(depth.shape, dtype=bool))[1]
            examples = rearranging_and_caged(hops[f"dt{p.hop_window:g}"], group)
        for delta in p.delta_values:
            add("particle", delta, rdf_of_particle(frame, particle, delta))
        for name, example in examples.items():
            add(name, p.delta, rdf_of_particle(*example, p.delta))
        for name, (at_frame, which) in ({"particle": (frame, particle)} | examples).items():
            log.info("%s: particle %d in frame %d", name, which, at_frame)
        write_table(snakemake.output[0], pd.concat(tables))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
