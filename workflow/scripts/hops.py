"""p_hop of every A particle for each window, and the rearrangements it marks, of one run.

Output: ``hops/T{T}/r{replica}.h5`` with a group ``dt{window}`` each: ``p_hop`` (frames, N_A),
``frame`` and ``time`` of the uniform stream, attributes ``p_c`` and ``window``; and a table of the
events. A window longer than the run gives a group without frames.
"""

import h5py
import numpy as np
import pandas as pd

from softcage.files import replacing
from softcage.hops import events, stream_p_hop
from softcage.log import logged
from softcage.trajectory import open_trajectory


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


def write_window(group, uniform, half):
    """Fill ``group`` with p_hop, chunk by chunk."""
    chosen = uniform.species == 0
    n = int(chosen.sum())
    data = group.create_dataset(
        "p_hop", shape=(0, n), maxshape=(None, n), chunks=(16, n), dtype=np.float32
    )
    frames = []
    chunks = ((index, positions[:, chosen]) for index, positions in uniform.chunks(size=256))
    for index, values in stream_p_hop(chunks, half):
        data.resize(len(data) + len(index), axis=0)
        data[-len(index) :] = values
        frames.append(index)
    frames = np.concatenate(frames) if frames else np.empty(0, dtype=np.int64)
    group["frame"] = frames
    group["time"] = uniform.times[frames]


def window_events(group, p_c, slab=128):
    """Return the events of a window; particles are read a slab at a time."""
    found = []
    for begin in range(0, group["p_hop"].shape[1], slab):
        table = events(group["p_hop"][:, begin : begin + slab], group["time"][:], p_c)
        found.append(table.assign(particle=table["particle"] + begin))
    return pd.concat(found, ignore_index=True)


def main(snakemake):
    """Stream the uniform frames once for each window."""
    params, output = snakemake.params, snakemake.output
    with logged(snakemake.log[0]) as log:
        uniform = open_trajectory(snakemake.input.uniform)
        interval = uniform.times[1] - uniform.times[0]
        summary = pd.read_csv(snakemake.input.summary)
        p_c = hop_threshold_of(params, summary, float(snakemake.wildcards.T))
        tables = []
        with replacing(output.p_hop) as temporary:
            with h5py.File(temporary, "w") as store:
                for window in params.windows:
                    group = store.create_group(f"dt{window:g}")
                    group.attrs.update(p_c=p_c, window=float(window))
                    write_window(group, uniform, round(0.5 * window / interval))
                    tables.append(window_events(group, p_c).assign(window=float(window)))
                    share = np.mean(group["p_hop"][:] > p_c) if len(group["frame"]) else np.nan
                    log.info("window %g: share above p_c = %.4g", window, share)
        with replacing(output.events) as temporary:
            pd.concat(tables, ignore_index=True).to_parquet(temporary, index=False)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
