"""Depth and softness of every A particle in every frame of one run.

Streams the frames through the local depth (Eqs. 5, 6, 8) with the frozen range r0..r_min of this
temperature's cage, and turns it into a softness with relation c of the calibration at the default
q_max and route. Where the line gives 1/S <= 0 the softness is NaN, and the number of such values
is an attribute of the file and a line of the log.

With ``average_window`` > 0 the structure is that of positions averaged over so much time up to
the frame; frames without a whole window behind them are then absent.

Output ``softness/T{T}/d{delta}/r{replica}.h5``: group ``uniform`` and, for the default delta,
``log``, each with ``depth`` (frames, N_A) = -beta Phi, ``softness``, ``frame``, ``time``; ``log``
also with ``block`` and ``lag`` (steps).
"""

import h5py
import numba
import numpy as np

from softcage.cage.calibration import read_line, softness_from_depth
from softcage.cage.local_depth import depth_tables, local_depths
from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.progress import Progress
from softcage.io.trajectory import averaged_positions, open_trajectory
from softcage.model import Mixture


def frames_to_score(stream, uniform, stride, window, size=64):
    """Yield (frame indices, positions) of every ``stride``-th frame of ``stream``."""
    if window <= 0:
        yield from stream.chunks(size=size, stride=stride)
        return
    frames = np.arange(0, stream.n_frames, stride)
    for part, positions in averaged_positions(uniform, stream.times[frames], window):
        yield frames[part], positions


def write_scores(group, stream, chunks, score, report):
    """Score all chunks into ``group``; return the number of invalid and of all values.

    ``report`` is called with the number of frames that are done.
    """
    n_scored = int((stream.species == 0).sum())
    shape = {"shape": (0, n_scored), "maxshape": (None, n_scored), "chunks": (16, n_scored)}
    for name in ("depth", "softness"):
        group.create_dataset(name, dtype=np.float32, **shape)
    done, frames, invalid = 0, [], 0
    for indices, positions in chunks:
        scores = [score(frame) for frame in positions]
        for name, values in zip(("depth", "softness"), zip(*scores, strict=True), strict=True):
            group[name].resize(done + len(indices), axis=0)
            group[name][done:] = np.asarray(values, dtype=np.float32)
        invalid += sum(int(np.isnan(softness).sum()) for _, softness in scores)
        done += len(indices)
        frames.extend(indices)
        report(done)
    frames = np.asarray(frames, dtype=np.int64)
    group["frame"] = frames
    group["time"] = stream.times[frames]
    return invalid, done * n_scored


def main(snakemake):
    """Read trajectory, cage and calibration, write the scores."""
    p = snakemake.params
    temperature, delta = float(snakemake.wildcards.T), float(snakemake.wildcards.delta)
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    with logged(snakemake.log[0]) as log:
        mixture = Mixture.from_dict(p.mixture)
        line = read_line(snakemake.input.calibration, p.q_max, p.route)
        names = [f"{mixture.species[0]}{v}" for v in mixture.species]
        r0, r_min = line.ranges(temperature, names)
        uniform = open_trajectory(snakemake.input.uniform)
        density = uniform.n_particles / uniform.box**3

        fractions = np.bincount(uniform.species) / uniform.n_particles
        tables = depth_tables(
            mixture.potential, temperature, r0, r_min, [delta], density, fractions
        )

        def score(frame):
            depth = local_depths(frame, uniform.species, uniform.box, tables)[0]
            return depth, softness_from_depth(depth, line.c0, line.c1)

        stream = open_trajectory(snakemake.input.log) if p.with_log else None
        n_uniform = -(-uniform.n_frames // p.stride)
        n_frames = n_uniform + (stream.n_frames if stream else 0)
        label = f"T = {temperature:g} delta = {delta:g} r{snakemake.wildcards.replica}"
        progress = Progress(label, n_frames, None, log, unit="frames")

        with replacing(snakemake.output[0]) as path, h5py.File(path, "w") as store:
            chunks = frames_to_score(uniform, uniform, p.stride, p.average_window)
            group = store.create_group("uniform")
            report = lambda done: progress.update(done, "uniform frames")  # noqa: E731
            counts = [write_scores(group, uniform, chunks, score, report)]
            if stream:
                chunks = frames_to_score(stream, uniform, 1, p.average_window)
                group = store.create_group("log")
                report = lambda done: progress.update(n_uniform + done, "log frames")  # noqa: E731
                counts.append(write_scores(group, stream, chunks, score, report))
                group["block"] = stream.block[group["frame"][:]]
                group["lag"] = stream.lag[group["frame"][:]]
            n_invalid, n_total = (int(sum(column)) for column in zip(*counts, strict=True))
            store.attrs.update(T=temperature, delta=delta, density=density)
            store.attrs.update(c0=line.c0, c1=line.c1)
            store.attrs.update(n_invalid=n_invalid, n_total=n_total)
            for name, low, high in zip(names, r0, r_min, strict=True):
                store.attrs.update({f"r0_{name}": low, f"r_min_{name}": high})
            depth = store["uniform/depth"]
            some = depth[:: max(10, len(depth) // 100)]
            log.info(
                "%d values, mean depth %.4g, standard deviation %.4g",
                n_total,
                some.mean(dtype=float),
                some.std(dtype=float),
            )
        level = log.warning if n_invalid else log.info
        level("%d of %d values have 1/S <= 0 and no softness", n_invalid, n_total)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
