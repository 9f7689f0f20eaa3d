"""Simulate one run at a state point: melt, cool, equilibrate, produce.

Outputs: unwrapped positions relative to the centre of mass in uniformly spaced and log-spaced
frames (NetCDF), the topology, the thermodynamic table and the final state. An interrupted run
continues from its last checkpoint and ends with the same bytes.
"""

from pathlib import Path

import numba

from softcage.compiled.kernels import compile_kernels
from softcage.io.log import logged
from softcage.md.checkpoint import exclusive
from softcage.md.interruption import end_with_parent, stop_signals
from softcage.md.simulation import Protocol, simulate, write_run
from softcage.model import Mixture


def main(snakemake):
    """Run the rest of the protocol, write the outputs and remove the checkpoints."""
    params = snakemake.params
    folder = Path(params.checkpoints)
    end_with_parent()
    with logged(snakemake.log[0]) as log, stop_signals() as stop, exclusive(folder):
        compile_kernels()
        numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
        mixture = Mixture.from_dict(params.mixture)
        protocol = Protocol(**params.protocol)
        engine, checkpoints = simulate(
            mixture,
            protocol,
            folder,
            # not a param of the rule: it does not change the results, so must not cause a rerun
            checkpoint_interval=snakemake.config["md"]["checkpoint_interval"],
            label=f"T = {protocol.temperature:g} r{snakemake.wildcards.replica}",
            stop=stop,
        )
        write_run(
            Path(snakemake.output.uniform).parent, mixture, protocol, engine.state, checkpoints
        )
        checkpoints.clear()
        log.info("done: %d steps", engine.step)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
