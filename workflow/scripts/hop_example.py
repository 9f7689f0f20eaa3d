"""p_hop(t) of one particle that rearranges a few times (figure 6).

The particle is the middle one, by its largest p_hop, of those with two to five events; if the run
is too short for that, of those with one; no particle is picked by eye.
"""

import h5py
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged


def representative(table, fewest=2, most=5):
    """Return the particle whose largest p_hop is the median among those with a few events."""
    counts = table.groupby("particle").size()
    for low, high in ((fewest, most), (1, most), (1, counts.max() if len(counts) else 1)):
        some = counts.index[(counts >= low) & (counts <= high)]
        if len(some):
            largest = table[table["particle"].isin(some)].groupby("particle")["p_hop_max"].max()
            return int(largest.sort_values(kind="stable").index[len(largest) // 2])
    return 0


def main(snakemake):
    """Read the run's p_hop and events, write the track of one particle."""
    window = snakemake.params.window
    with logged(snakemake.log[0]) as log:
        table = pd.read_parquet(snakemake.input.events)
        particle = representative(table[table["window"] == window])
        with h5py.File(snakemake.input.p_hop) as store:
            group = store[f"dt{window:g}"]
            track = pd.DataFrame({"time": group["time"][:], "p_hop": group["p_hop"][:, particle]})
            track["p_c"] = group.attrs["p_c"]
        track["particle"], track["T"] = particle, snakemake.params.T
        with replacing(snakemake.output[0]) as temporary:
            track.to_csv(temporary, index=False, float_format="%.6g")
        log.info("particle %d, %d frames", particle, len(track))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
