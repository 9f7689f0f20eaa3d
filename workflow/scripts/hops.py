"""p_hop of every A particle for each window, and the rearrangements it marks, of one run.

Output: ``hops/T{T}/r{replica}.h5`` with a group ``dt{window}`` each: ``p_hop`` (frames, N_A),
``frame`` and ``time`` of the uniform stream, attributes ``p_c`` and ``window``; and a table of the
events. A window longer than the run gives a group without frames.
"""

import h5py
import numba
import numpy as np
import pandas as pd

from softcage.dynamics.hops import EventStream, stream_p_hop
from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory


def hop_threshold_of(params, summary, temperature):
    """Return p_c as measured here, or the paper's for this temperature."""
    if params.p_c == "measured":
        return float(summary["p_c"].iloc[0])
    for key, value in params.p_c_paper.items():
        if np.isclose(float(key), temperature):
            return float(value)
    raise ValueError(
        f"dynamics.p_c is 'paper', but dynamics.p_c_paper has no value for T = {temperature:g}: "
        "add one or use 'measured'"
    )


def open_window(store, window, p_c, n):
    """Return the group of a window with an empty data set of p_hop."""
    group = store.create_group(f"dt{window:g}")
    group.attrs.update(p_c=p_c, window=float(window))
    shape = {"shape": (0, n), "maxshape": (None, n), "chunks": (16, n)}
    group.create_dataset("p_hop", dtype=np.float32, **shape)
    return group


def write_windows(groups, uniform, halves, p_c):
    """Fill a group for each window in one pass over the frames; return the events of each."""
    chosen = uniform.species == 0
    chunks = ((index, positions[:, chosen]) for index, positions in uniform.chunks(size=64))
    frames = [[] for _ in groups]
    found = [EventStream(int(chosen.sum()), p_c) for _ in groups]
    for place, index, values in stream_p_hop(chunks, halves):
        # Events are those of the numbers on disk.
        values = values.astype(np.float32)
        data = groups[place]["p_hop"]
        data.resize(len(data) + len(index), axis=0)
        data[-len(index) :] = values
        frames[place].append(index)
        found[place].add(values, uniform.times[index])
    for group, parts in zip(groups, frames, strict=True):
        group["frame"] = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
        group["time"] = uniform.times[group["frame"][:]]
    return [stream.table() for stream in found]


def share_above(group, p_c, slab=64):
    """Return the share of p_hop above p_c; NaN without frames."""
    data = group["p_hop"]
    above = [np.count_nonzero(data[k : k + slab] > p_c) for k in range(0, len(data), slab)]
    return sum(above) / data.size if data.size else np.nan


def main(snakemake):
    """Stream the uniform frames once for all windows."""
    params, output = snakemake.params, snakemake.output
    numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
    with logged(snakemake.log[0]) as log:
        uniform = open_trajectory(snakemake.input.uniform)
        interval = uniform.times[1] - uniform.times[0]
        summary = pd.read_csv(snakemake.input.summary)
        p_c = hop_threshold_of(params, summary, float(snakemake.wildcards.T))
        n = int((uniform.species == 0).sum())
        with replacing(output.p_hop) as temporary:
            with h5py.File(temporary, "w") as store:
                groups = [open_window(store, window, p_c, n) for window in params.windows]
                halves = [round(0.5 * window / interval) for window in params.windows]
                tables = write_windows(groups, uniform, halves, p_c)
                for window, group in zip(params.windows, groups, strict=True):
                    share = share_above(group, p_c)
                    log.info("window %g: share above p_c = %.4g", window, share)
        tables = [
            table.assign(window=float(window))
            for table, window in zip(tables, params.windows, strict=True)
        ]
        with replacing(output.events) as temporary:
            pd.concat(tables, ignore_index=True).to_parquet(temporary, index=False)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
