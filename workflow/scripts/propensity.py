"""Combine the batches of runs from one configuration.

Output: ``propensity/T{T}/c{configuration}.npz``, which ``softcage propensity`` can read. It has
``types``, ``positions``, ``box``, ``times`` and, for every particle at each time, ``propensity``
(mean |dr|) and ``left`` (mean of 1 - overlap), each also for the two halves of the runs.
"""

from softcage.io.log import logged
from softcage.isoconfigurational.runs import means, read_start, read_sums, write_arrays


def main(snakemake):
    """Add the sums of all batches and write the means together with the configuration."""
    with logged(snakemake.log[0]) as log:
        sums = read_sums(snakemake.input.batches)
        write_arrays(snakemake.output[0], read_start(snakemake.input.start), means(sums))
        log.info("%d draws", sums.draws.sum())


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
