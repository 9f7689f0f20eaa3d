"""Compile the Numba kernels into their cache, once, by running them on a few particles.

Jobs that start together would otherwise all compile the same kernels, and could meet in the cache.
"""

import numpy as np

from softcage.cage.local_depth import local_depth
from softcage.dynamics.hops import p_hop
from softcage.io.log import logged
from softcage.md.integrator import Thermostat, advance, initial_state, observables, start
from softcage.model import kob_andersen
from softcage.structure.rdf import pair_counts
from softcage.structure.structure_factor import lattice_vectors, partial_structure_factors


def main(snakemake):
    """Run every kernel."""
    with logged(snakemake.log[0]) as log:
        mixture, temperature = kob_andersen(), 2.0
        state = initial_state(mixture, 320, 1.2, temperature, 3, 0)
        # not from params: a change of them would be a reason to run (rules/simulate.smk)
        engine = start(mixture, state, snakemake.config["md"]["precision"])
        advance(engine, 200, 0.0025, Thermostat(temperature))
        if not np.isfinite(observables(engine, Thermostat(temperature))["conserved"]):
            raise FloatingPointError("the kernels do not work on this machine")
        log.info("molecular dynamics kernels are compiled")
        x, species, box = engine.state.positions, state.species, state.box
        pair_counts(x, species, box, 0.5 * box, 0.01)
        vectors, shell, _ = lattice_vectors(box, 3.0, 0.5, 10, 0)
        partial_structure_factors(x, species, box, vectors, shell)
        local_depth(
            x, species, box, potential=mixture.potential, temperature=temperature,
            r0=[0.85, 0.7], r_min=[1.4, 1.25], delta=0.09,
        )  # fmt: skip
        p_hop(np.stack([x, x, x]), 1)
        log.info("analysis kernels are compiled")


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
