"""Turn a trajectory made elsewhere into the files of a simulated run.

The frames that the study's ``md.frame_interval`` asks for become the uniform stream (all frames, if
they are further apart than that). Log-spaced blocks take the lags that the file has: none below
the time between its frames. Energies and the virial are computed from the positions with the
study's potential, so that the checks of equilibration see them; the kinetic temperature is not
known. The final state has positions but velocities of zero: a run that starts from it draws its
own.
"""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.external import import_trajectory, open_external
from softcage.io.log import logged
from softcage.io.readers import TrajectoryError
from softcage.io.trajectory import write_topology, write_trajectory
from softcage.kernels import compile_kernels
from softcage.md.checkpoint import save_state
from softcage.md.integrator import State, Thermostat, observables, start
from softcage.md.schedule import log_steps
from softcage.model import Mixture, box_length
from softcage.sampling import evenly_spaced

THERMO_FRAMES = 500  # at most so many frames are evaluated for the energy
BOX_TOLERANCE = 1e-4


def chosen_frames(run, protocol, windows, path):
    """Return the frames of the uniform and of the log stream, with the blocks and lags of these."""
    apart = int(run.steps[1])
    produce, wanted = protocol["produce"], protocol["uniform_stride"]
    if run.steps[-1] < produce:
        raise TrajectoryError(
            f"{path}: covers a time of {run.times[-1]:g}, less than the production of "
            f"{produce * protocol['timestep']:g} in the configuration"
        )
    stride = wanted if wanted % apart == 0 else apart
    if stride != wanted and apart < wanted:
        raise TrajectoryError(
            f"{path}: the time between frames, {run.times[1]:g}, does not divide "
            f"md.frame_interval, {wanted * protocol['timestep']:g}"
        )
    for window in windows:
        half = 0.5 * window / (stride * protocol["timestep"])
        if half < 0.999 or abs(half - round(half)) > 1e-6 * half:
            raise TrajectoryError(
                f"{path}: half the hop window {window:g} is no whole number of frames, which are "
                f"{stride * protocol['timestep']:g} apart"
            )
    uniform = np.arange(0, produce // stride * stride + 1, stride)
    period = max(1, round(protocol["log_period"] / apart)) * apart
    steps, block, lag = log_steps(int(uniform[-1]), period)
    there = steps % apart == 0
    return uniform // apart, (steps[there] // apart, block[there], lag[there])


def write_stream(run, box, path, table, frames, block=0, lag=0):
    """Write some frames of the imported run as a stream of their own."""
    chunks = (run.read(frames[k : k + 64]) for k in range(0, len(frames), 64))
    write_trajectory(path, chunks, run.times[frames], box)
    columns = {"frame": np.arange(len(frames)), "step": run.steps[frames]}
    columns |= {"time": run.times[frames], "block": block, "lag": lag}
    with replacing(table) as temporary:
        pd.DataFrame(columns).to_csv(temporary, index=False)


def state_of(run, positions, step, box):
    """Return a state without motion."""
    return State(
        positions, np.zeros_like(positions), run.species, box, int(step), np.zeros(3), np.zeros(3)
    )


def thermo_table(run, frames, mixture, protocol, box):
    """Return energy and pressure of some frames; the ideal part of the pressure is that of T."""
    some = evenly_spaced(len(frames), THERMO_FRAMES, down=True)
    rows, temperature = [], protocol["temperature"]
    for frame in frames[some]:
        state = state_of(run, run.read([frame])[0], run.steps[frame], box)
        seen = observables(start(mixture, state, protocol["precision"]), Thermostat(temperature))
        rows.append(
            {
                "stage": "produce",
                "step": run.steps[frame],
                "time": run.times[frame],
                "temperature": np.nan,
                "potential_energy": seen["potential_energy"],
                "pressure": seen["pressure"] + temperature * run.n_particles / box**3,
                "conserved": np.nan,
            }
        )
    return pd.DataFrame(rows)


def check_system(run, protocol, path):
    """Return the edge of the study's box, the same to the last digit for every run; check it."""
    box = box_length(protocol["particles"], protocol["density"])
    if run.n_particles != protocol["particles"]:
        raise TrajectoryError(
            f"{path}: has {run.n_particles} particles, system.particles is "
            f"{protocol['particles']}: runs of a study have the same size"
        )
    if abs(run.box / box - 1) > BOX_TOLERANCE:
        raise TrajectoryError(
            f"{path}: has the density {run.n_particles / run.box**3:.6g}, system.density is "
            f"{protocol['density']:g}"
        )
    return box


def main(snakemake):
    """Read, check and convert one run."""
    p, output, path = snakemake.params, snakemake.output, snakemake.input.trajectory
    protocol, source = p.protocol, p.source
    with logged(snakemake.log[0]) as log:
        compile_kernels()
        mixture = Mixture.from_dict(p.mixture)
        external = open_external(
            path,
            mixture,
            species=source.get("species"),
            topology=source.get("topology"),
            length_unit=source.get("length_unit"),
            unwrapped=source.get("unwrapped"),
        )
        folder = Path(output.uniform).parent
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".import.", dir=folder) as scratch:
            run = import_trajectory(
                external,
                scratch,
                mixture,
                interval=source.get("interval"),
                timestep=protocol["timestep"],
            )
            box = check_system(run, protocol, path)
            if run.n_frames < 2:
                raise TrajectoryError(f"{path}: holds one frame; a study needs a trajectory")
            uniform, (frames, block, lag) = chosen_frames(run, protocol, p.hop_windows, path)
            write_stream(run, box, output.uniform, output.uniform_table, uniform)
            write_stream(run, box, output.log, output.log_table, frames, block, lag)
            last = run.read([uniform[-1]])[0]
            write_topology(output.topology, run.species, mixture.species, last, box)
            thermo = thermo_table(run, uniform, mixture, protocol, box)
            with replacing(output.thermo) as temporary:
                thermo.to_csv(temporary, index=False)
            with replacing(output.state) as temporary:
                save_state(temporary, state_of(run, last, run.steps[uniform[-1]], box))
        log.info("%s: %d frames read, %d used", path, run.n_frames, len(uniform))
        log.info("u = %.5f, from the positions", thermo["potential_energy"].mean())


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
