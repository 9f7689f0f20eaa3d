"""Import a trajectory of another program as a run of a study, with the files of a simulation.

The uniform stream has the frames that ``uniform_stride`` of the protocol asks for, or all frames if
they are further apart. Log-spaced blocks have the lags that are in the file: none below the time
between its frames. Energies and the virial are computed from the positions, for the checks of
equilibration; the kinetic temperature is not known. The final state has positions, but velocities
of zero: a run that starts from it draws new velocities.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing, scratch_folder
from softcage.io.external import External, import_trajectory
from softcage.io.readers import TrajectoryError
from softcage.io.trajectory import Trajectory, write_stream, write_topology
from softcage.md.checkpoint import save_state
from softcage.md.integrator import State, Thermostat, observables, start
from softcage.md.schedule import log_steps
from softcage.md.simulation import Protocol
from softcage.model import Mixture, box_length
from softcage.sampling import evenly_spaced

THERMO_FRAMES = 500  # largest number of frames whose energy is computed
# Largest relative difference of box edges. All runs then get exactly the box of the study.
_BOX_TOLERANCE = 1e-4
_CHUNK = 64  # frames in memory


def import_run(
    external: External,
    folder: str | Path,
    mixture: Mixture,
    protocol: Protocol,
    hop_windows: Sequence[float] = (),
    interval: float | None = None,
) -> tuple[int, int, pd.DataFrame]:
    """Write the files of :func:`softcage.md.simulation.write_run` from an external trajectory.

    Parameters
    ----------
    external : External
        From :func:`softcage.io.external.open_external`.
    folder : path
    mixture : Mixture
    protocol : Protocol
        Plan of the run: its temperature, system, time step, precision, length and frames.
    hop_windows : sequence of float
        Windows of p_hop; half of each must be a whole number of frames.
    interval : float, optional
        Time between frames, for a file without times.

    Returns
    -------
    n_read, n_used : int
        Number of frames in the file, and in the uniform stream.
    thermo : DataFrame
        Energy and pressure of evenly spaced frames.

    Raises
    ------
    TrajectoryError
        If the trajectory is of another system than that of the protocol, is too short, or lacks
        frames that are needed; or as in :func:`softcage.io.external.import_trajectory`.
    """
    folder, path = Path(folder), external.path
    folder.mkdir(parents=True, exist_ok=True)
    with scratch_folder(folder / "import") as scratch:
        run = import_trajectory(
            external, scratch, mixture, interval=interval, timestep=protocol.timestep
        )
        box = _checked_box(path, run, protocol)
        if run.n_frames < 2:
            raise TrajectoryError(f"{path}: holds only one frame; a study needs a trajectory")
        stride = _checked_stride(path, run, protocol, hop_windows)
        apart = int(run.steps[1])
        uniform = np.arange(0, protocol.produce // stride * stride + 1, stride)
        period = max(1, round(protocol.log_period / apart)) * apart
        steps, block, lag = log_steps(int(uniform[-1]), period)
        available = steps % apart == 0
        uniform, logarithmic = uniform // apart, steps[available] // apart
        _write_frames(folder / "uniform.nc", run, box, uniform)
        _write_frames(folder / "log.nc", run, box, logarithmic, block[available], lag[available])
        state = _state_at_rest(run, uniform[-1], box)
        write_topology(folder / "topology.pdb", run.species, mixture.species, state.positions, box)
        thermo = _thermo_table(run, uniform, mixture, protocol, box)
        with replacing(folder / "thermo.csv") as temporary:
            thermo.to_csv(temporary, index=False)
        with replacing(folder / "final.npz") as temporary:
            save_state(temporary, state)
    return run.n_frames, len(uniform), thermo


def _checked_box(path: Path, run: Trajectory, protocol: Protocol) -> float:
    """Return the edge of the study's box, after checking that the run is the study's system."""
    box = box_length(protocol.particles, protocol.density)
    if run.n_particles != protocol.particles:
        raise TrajectoryError(
            f"{path}: has {run.n_particles} particles, but system.particles is "
            f"{protocol.particles}: all runs of a study have the same size"
        )
    if abs(run.box / box - 1) > _BOX_TOLERANCE:
        raise TrajectoryError(
            f"{path}: has the density {run.n_particles / run.box**3:.6g}, but system.density is "
            f"{protocol.density:g}"
        )
    return box


def _checked_stride(
    path: Path, run: Trajectory, protocol: Protocol, hop_windows: Sequence[float]
) -> int:
    """Return the steps between frames of the uniform stream, after checking that the file has
    them.
    """
    apart, wanted, timestep = int(run.steps[1]), protocol.uniform_stride, protocol.timestep
    if run.steps[-1] < protocol.produce:
        raise TrajectoryError(
            f"{path}: covers a time of {run.times[-1]:g}, less than the production of "
            f"{protocol.produce * timestep:g} in the configuration"
        )
    stride = wanted if wanted % apart == 0 else apart
    if stride != wanted and apart < wanted:
        raise TrajectoryError(
            f"{path}: the time between frames, {run.times[1]:g}, does not divide "
            f"md.frame_interval, {wanted * timestep:g}"
        )
    for window in hop_windows:
        half = 0.5 * window / (stride * timestep)
        if half < 0.999 or abs(half - round(half)) > 1e-6 * half:
            raise TrajectoryError(
                f"{path}: half the hop window {window:g} is not a whole number of frames, which "
                f"are {stride * timestep:g} apart"
            )
    return stride


def _write_frames(
    path: Path,
    run: Trajectory,
    box: float,
    frames: np.ndarray,
    block: int | np.ndarray = 0,
    lag: int | np.ndarray = 0,
) -> None:
    """Write the given frames of the imported run as a stream."""
    chunks = (run.read(frames[k : k + _CHUNK]) for k in range(0, len(frames), _CHUNK))
    write_stream(path, chunks, box, run.steps[frames], run.times[frames], block, lag)


def _state_at_rest(run: Trajectory, frame: int, box: float) -> State:
    positions, step = run.read([frame])[0], int(run.steps[frame])
    motion = np.zeros_like(positions)
    return State(positions, motion, run.species, box, step, np.zeros(3), np.zeros(3))


def _thermo_table(
    run: Trajectory, frames: np.ndarray, mixture: Mixture, protocol: Protocol, box: float
) -> pd.DataFrame:
    """Return energy and pressure of evenly spaced frames.

    The ideal part of the pressure is that of the temperature of the protocol.
    """
    rows, temperature = [], protocol.temperature
    for frame in frames[evenly_spaced(len(frames), THERMO_FRAMES, down=True)]:
        engine = start(mixture, _state_at_rest(run, frame, box), protocol.precision)
        values = observables(engine, Thermostat(temperature))
        rows.append(
            {
                "stage": "produce",
                "step": run.steps[frame],
                "time": run.times[frame],
                "temperature": np.nan,
                "potential_energy": values["potential_energy"],
                "pressure": values["pressure"] + temperature * run.n_particles / box**3,
                "conserved": np.nan,
            }
        )
    return pd.DataFrame(rows)
