"""Simulate one state point: melt, cool, equilibrate, produce.

Writes unwrapped frames in the frame of the centre of mass (uniform and log-spaced, NetCDF), the
topology, the thermodynamic table and the final state. An interrupted run goes on from its last
checkpoint and ends with the same bytes.
"""

from pathlib import Path

import numba
import numpy as np
import pandas as pd

from softcage.checkpoint import save_state
from softcage.files import replacing
from softcage.interruption import end_with_parent, stop_signals
from softcage.log import logged
from softcage.model import Mixture
from softcage.schedule import log_steps, uniform_steps
from softcage.simulation import STAGES, THERMO, Protocol, comoving_positions, simulate
from softcage.trajectory import write_topology, write_trajectory


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


def main(snakemake):
    params, output = snakemake.params, snakemake.output
    end_with_parent()
    with logged(snakemake.log[0]) as log, stop_signals() as stop:
        numba.set_num_threads(min(snakemake.threads, numba.config.NUMBA_NUM_THREADS))
        mixture = Mixture.from_dict(params.mixture)
        protocol = Protocol(**params.protocol)
        engine, recorded = simulate(
            mixture,
            protocol,
            Path(params.checkpoints),
            log,
            checkpoint_interval=params.checkpoint_interval,
            label=f"T = {protocol.temperature:g} r{snakemake.wildcards.replica}",
            stop=stop,
        )
        state, timestep = engine.state, protocol.timestep
        box = state.box
        steps = uniform_steps(protocol.produce, protocol.uniform_stride)
        write_stream(
            output.uniform, output.uniform_table, recorded.read("uniform"), steps, timestep, box
        )
        steps, block, lag = log_steps(protocol.produce, protocol.log_period)
        write_stream(
            output.log, output.log_table, recorded.read("log"), steps, timestep, box, block, lag
        )
        write_topology(
            output.topology,
            state.species,
            mixture.species,
            comoving_positions(state, mixture.masses),
            box,
        )
        with replacing(output.thermo) as temporary:
            thermo_table(list(recorded.read("thermo")), protocol).to_csv(temporary, index=False)
        with replacing(output.state) as temporary:
            save_state(temporary, state)
        recorded.clear()
        log.info("done: %d steps", state.step)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821
