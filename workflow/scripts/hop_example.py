"""p_hop(t) of one particle that rearranges a few times (figure 6)."""

import pandas as pd

from softcage.dynamics.hops import track_of_example
from softcage.io.csv_table import write_table
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.tables import select


def main(snakemake):
    """Read p_hop and events of the run and write p_hop(t) of one particle."""
    window = snakemake.params.window
    with logged(snakemake.log[0]) as log:
        events = pd.read_parquet(snakemake.input.events)
        with open_hdf5(snakemake.input.p_hop) as store:
            track = track_of_example(store[f"dt{window:g}"], select(events, window=window))
        track["T"] = snakemake.params.T
        write_table(snakemake.output[0], track)
        log.info("particle %s, %d frames", track["particle"].unique(), len(track))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
