"""Radial distribution functions of single particles at the lowest temperature (Figs. 8-10).

``mean``: g of Eq. 8 averaged over A particles and frames, for each delta; ``histogram``: the plain
one (Eq. B2 says that they agree for small delta). ``particle``: one particle in one snapshot for
each delta, the one whose depth is closest to the median of the middle frame. ``rearranging`` and
``caged``: one particle each at the default delta, chosen without a look at its g: among all pairs
of particle and frame with p_hop above (not above) p_c, the one whose depth is closest to the median
depth of that group. Frames are at most 200, evenly spaced.

Output ``softness/local_rdf.csv``: curve, delta, pair, r, g.
"""

import h5py
import numpy as np
import pandas as pd

from softcage.cage.local_rdf import local_rdf
from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.sampling import evenly_spaced

N_FRAMES_MEAN = 20
N_FRAMES_CHOICE = 200


def closest_to_median(depth, chosen):
    """Row and column of the entry of ``depth`` nearest to the median over ``chosen``."""
    rows, columns = np.nonzero(chosen)
    values = depth[rows, columns]
    k = int(np.argmin(np.abs(values - np.median(values))))
    return int(rows[k]), int(columns[k])


def rearranging_and_caged(hops, scores, window, log):
    """Representative (frame, particle) of either kind, from one run's p_hop and depths."""
    group = hops[f"dt{window:g}"]
    frames, in_hops, in_scores = np.intersect1d(
        group["frame"][:], scores["uniform/frame"][:], return_indices=True
    )
    if len(frames) == 0:
        raise ValueError(
            f"no frame has both p_hop (window {window:g}) and softness: the run is shorter than "
            "the window; lengthen production or shorten dynamics.hop_window"
        )
    some = evenly_spaced(len(frames), N_FRAMES_CHOICE)
    p_hop = group["p_hop"][np.sort(in_hops[some])]
    depth = scores["uniform/depth"][np.sort(in_scores[some])]
    p_c = group.attrs["p_c"]
    moving = p_hop > p_c
    if not moving.any():
        log.warning("no particle has p_hop > p_c = %.3g: the largest p_hop stands in", p_c)
        moving = p_hop == p_hop.max()
    result = {}
    for kind, chosen in (("rearranging", moving), ("caged", ~moving)):
        row, particle = closest_to_median(depth, chosen)
        result[kind] = (int(frames[some][row]), particle)
        log.info(
            "%s: particle %d in frame %d, p_hop %.3g, depth %.4g (median of %d entries)",
            kind,
            particle,
            result[kind][0],
            p_hop[row, particle],
            depth[row, particle],
            chosen.sum(),
        )
    return result


def curve(name, delta, r, g):
    """Rows of one curve; the pair is always AA."""
    return pd.DataFrame({"curve": name, "delta": delta, "pair": "AA", "r": r, "g": g})


def main(snakemake):
    """Read trajectory, cage, softness and hops; write the table."""
    p = snakemake.params
    with logged(snakemake.log[0]) as log:
        trajectory = open_trajectory(snakemake.input.uniform)
        species, box = trajectory.species, trajectory.box
        r = np.arange(0.6, min(2.6, 0.5 * box), 0.01)
        tables = []

        frames = trajectory.read(evenly_spaced(trajectory.n_frames, N_FRAMES_MEAN))
        for delta in p.delta_values:
            g = np.mean([local_rdf(f, species, box, delta, r).mean(axis=0) for f in frames], axis=0)
            tables.append(curve("mean", delta, r, g))
        cage = np.load(snakemake.input.cage)
        near = (cage["r"] >= r[0]) & (cage["r"] <= r[-1])
        tables.append(curve("histogram", np.nan, cage["r"][near], cage["g"][0, 0, near]))

        with h5py.File(snakemake.input.softness) as scores, h5py.File(snakemake.input.hops) as hops:
            middle = len(scores["uniform/frame"]) // 2
            depth = scores["uniform/depth"][middle]
            particle = closest_to_median(depth[None], np.ones((1, len(depth)), dtype=bool))[1]
            frame = int(scores["uniform/frame"][middle])
            log.info("particle: %d in frame %d, depth %.4g", particle, frame, depth[particle])
            kinds = rearranging_and_caged(hops, scores, p.hop_window, log)
        position = trajectory.read([frame])[0]
        for delta in p.delta_values:
            g = local_rdf(position, species, box, delta, r, particles=[particle])[0]
            tables.append(curve("particle", delta, r, g))
        for kind, (frame, particle) in kinds.items():
            position = trajectory.read([frame])[0]
            g = local_rdf(position, species, box, p.delta, r, particles=[particle])[0]
            tables.append(curve(kind, p.delta, r, g))
        with replacing(snakemake.output[0]) as path:
            pd.concat(tables).to_csv(path, index=False, float_format="%.6g")


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
