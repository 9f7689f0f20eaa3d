"""Simulate one state point: melt, cool, equilibrate, produce.

Writes unwrapped frames in the frame of the centre of mass (uniform and log-spaced, NetCDF), the
topology, the thermodynamic table and the final state. An interrupted run goes on from its last
checkpoint and ends with the same bytes.
"""

from pathlib import Path

import numba
import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.trajectory import write_topology, write_trajectory
from softcage.kernels import compile_kernels
from softcage.md.checkpoint import exclusive, save_state
from softcage.md.interruption import end_with_parent, stop_signals
from softcage.md.schedule import log_steps, uniform_steps
from softcage.md.simulation import STAGES, THERMO, Protocol, comoving_positions, simulate
from softcage.model import Mixture


def write_stream(path, table, chunks, steps, timestep, box, block=None, lag=None):
    """Write one stream of frames and the table of their steps."""
    frames = pd.DataFrame(
        {
            "frame": np.arange(len(steps)),
            "step": steps,
            "time": np.round(steps * timestep, 9),
            "block": 0 if block is None else block,
            "lag": 0 if lag is None else lag,
        }
    )
    write_trajectory(path, chunks, frames["time"].to_numpy(), box)
    with replacing(table) as temporary:
        frames.to_csv(temporary, index=False)


def thermo_table(rows, protocol):
    """Return the rows recorded by the simulation as a table with stage and time."""
    table = pd.DataFrame(np.concatenate(rows), columns=list(THERMO)).astype({"step": np.int64})
    table.insert(0, "stage", [STAGES[protocol.stage(max(step - 1, 0))] for step in table["step"]])
    table.insert(2, "time", np.round(table["step"] * protocol.timestep, 9))
    return table


def write_outputs(output, protocol, mixture, state, recorded):
    """Write everything that the run has left in its checkpoints, and its final state."""
    timestep, box = protocol.timestep, state.box
    steps = uniform_steps(protocol.produce, protocol.uniform_stride)
    write_stream(
        output.uniform, output.uniform_table, recorded.read("uniform"), steps, timestep, box
    )
    steps, block, lag = log_steps(protocol.produce, protocol.log_period)
    write_stream(
        output.log, output.log_table, recorded.read("log"), steps, timestep, box, block, lag
    )
    positions = comoving_positions(state, mixture.masses)
    write_topology(output.topology, state.species, mixture.species, positions, box)
    with replacing(output.thermo) as temporary:
        thermo_table(list(recorded.read("thermo")), protocol).to_csv(temporary, index=False)
    with replacing(output.state) as temporary:
        save_state(temporary, state)


def main(snakemake):
    params = snakemake.params
    folder = Path(params.checkpoints)
    end_with_parent()
    with logged(snakemake.log[0]) as log, stop_signals() as stop, exclusive(folder, log):
        compile_kernels()
        numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
        mixture = Mixture.from_dict(params.mixture)
        protocol = Protocol(**params.protocol)
        engine, recorded = simulate(
            mixture,
            protocol,
            folder,
            log,
            # Not a param: how often a run is saved cannot change it, so it is no reason to rerun.
            checkpoint_interval=snakemake.config["md"]["checkpoint_interval"],
            label=f"T = {protocol.temperature:g} r{snakemake.wildcards.replica}",
            stop=stop,
        )
        write_outputs(snakemake.output, protocol, mixture, engine.state, recorded)
        recorded.clear()
        log.info("done: %d steps", engine.step)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821
