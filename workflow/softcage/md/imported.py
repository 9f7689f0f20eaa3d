"""A trajectory made elsewhere as a run of a study: the files that a simulation would have left.

The frames that the protocol's ``uniform_stride`` asks for become the uniform stream (all frames, if
they are further apart than that). Log-spaced blocks take the lags that the file has: none below
the time between its frames. Energies and the virial are computed from the positions, so that the
checks of equilibration see them; the kinetic temperature is not known. The final state has
positions but velocities of zero: a run that starts from it draws its own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.external import External, import_trajectory
from softcage.io.readers import TrajectoryError
from softcage.io.trajectory import Trajectory, write_stream, write_topology
from softcage.md.checkpoint import save_state
from softcage.md.integrator import State, Thermostat, observables, start
from softcage.md.schedule import log_steps
from softcage.md.simulation import Protocol
from softcage.model import Mixture, box_length
from softcage.sampling import evenly_spaced

THERMO_FRAMES = 500  # at most so many frames are evaluated for the energy
# Relative difference of box edges: the study's box is the same to the last digit for every run.
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
    """Write the files of :func:`softcage.md.simulation.write_run` from somebody's trajectory.

    Parameters
    ----------
    external : External
        From :func:`softcage.io.external.open_external`.
    folder : path
    mixture : Mixture
    protocol : Protocol
        The run that is wanted: its temperature, system, time step, precision, length and frames.
    hop_windows : sequence of float
        Windows of p_hop, of which frames must make whole halves.
    interval : float, optional
        Time between frames, for a file without times.

    Returns
    -------
    n_read, n_used : int
        Frames of the file, and of the uniform stream.
    thermo : DataFrame
        Energy and pressure of some frames.

    Raises
    ------
    TrajectoryError
        If the trajectory is another system than the protocol's, too short, or its frames are not
        where they are needed; or as :func:`softcage.io.external.import_trajectory`.
    """
    folder, path = Path(folder), external.path
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".import.", dir=folder) as scratch:
        run = import_trajectory(
            external, scratch, mixture, interval=interval, timestep=protocol.timestep
        )
        box = _checked_box(path, run, protocol)
        if run.n_frames < 2:
            raise TrajectoryError(f"{path}: holds one frame; a study needs a trajectory")
        stride = _checked_stride(path, run, protocol, hop_windows)
        apart = int(run.steps[1])
        uniform = np.arange(0, protocol.produce // stride * stride + 1, stride)
        period = max(1, round(protocol.log_period / apart)) * apart
        steps, block, lag = log_steps(int(uniform[-1]), period)
        there = steps % apart == 0
        uniform, logarithmic = uniform // apart, steps[there] // apart
        _write_frames(folder / "uniform.nc", run, box, uniform)
        _write_frames(folder / "log.nc", run, box, logarithmic, block[there], lag[there])
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
            f"{path}: has {run.n_particles} particles, system.particles is "
            f"{protocol.particles}: runs of a study have the same size"
        )
    if abs(run.box / box - 1) > _BOX_TOLERANCE:
        raise TrajectoryError(
            f"{path}: has the density {run.n_particles / run.box**3:.6g}, system.density is "
            f"{protocol.density:g}"
        )
    return box


def _checked_stride(
    path: Path, run: Trajectory, protocol: Protocol, hop_windows: Sequence[float]
) -> int:
    """Return the steps between frames of the uniform stream, after checking that it can be had."""
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
                f"{path}: half the hop window {window:g} is no whole number of frames, which are "
                f"{stride * timestep:g} apart"
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
    """Write some frames of the imported run as a stream of their own."""
    chunks = (run.read(frames[k : k + _CHUNK]) for k in range(0, len(frames), _CHUNK))
    write_stream(path, chunks, box, run.steps[frames], run.times[frames], block, lag)


def _state_at_rest(run: Trajectory, frame: int, box: float) -> State:
    positions, step = run.read([frame])[0], int(run.steps[frame])
    motion = np.zeros_like(positions)
    return State(positions, motion, run.species, box, step, np.zeros(3), np.zeros(3))


def _thermo_table(
    run: Trajectory, frames: np.ndarray, mixture: Mixture, protocol: Protocol, box: float
) -> pd.DataFrame:
    """Return energy and pressure of some frames; the ideal part of the pressure is that of T."""
    rows, temperature = [], protocol.temperature
    for frame in frames[evenly_spaced(len(frames), THERMO_FRAMES, down=True)]:
        engine = start(mixture, _state_at_rest(run, frame, box), protocol.precision)
        seen = observables(engine, Thermostat(temperature))
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
