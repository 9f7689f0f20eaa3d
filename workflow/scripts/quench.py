"""Summarise one run in a small file: its sums for tau_alpha, p_c and u, and its crystalline share.

Output: ``quenches/T{T}/r{replica}.npz`` (:class:`softcage.dynamics.quench.Quench`), which can be
added as a further quench to a study with the same configuration.
"""

import dataclasses

import freud

from softcage.dynamics.quench import Quench
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.structure.crystal import crystalline_share


def main(snakemake):
    """Read the sums and a few frames of a run and write one file."""
    freud.parallel.set_num_threads(snakemake.threads)
    with logged(snakemake.log[0]) as log:
        sums = Quench.load(snakemake.input.sums)
        solid = crystalline_share(open_trajectory(snakemake.input.uniform))
        dataclasses.replace(sums, solid_fraction=solid).save(snakemake.output[0])
        log.info("seed %d, %.2g of the A particles crystalline", sums.about["seed"], solid)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
