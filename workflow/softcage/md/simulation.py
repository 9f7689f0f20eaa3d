"""One run from a random start to frames: melt, cool, equilibrate, produce."""

from __future__ import annotations

import hashlib
import json
import logging
import time
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.progress import Progress
from softcage.io.trajectory import write_stream, write_topology
from softcage.md.checkpoint import Checkpoints, load_state, save_state
from softcage.md.integrator import (
    Engine,
    State,
    Thermostat,
    advance,
    initial_state,
    observables,
    start,
    thermal_velocities,
)
from softcage.md.interruption import Interrupted
from softcage.md.schedule import log_steps, uniform_steps
from softcage.model import Mixture

log = logging.getLogger(__name__)

KERNEL = "3"  # change it when the results of a kernel change: other checkpoints are then refused
STAGES = ("melt", "cool", "equilibrate", "produce")
THERMO = ("step", "temperature", "potential_energy", "pressure", "conserved")


@dataclass(frozen=True)
class Protocol:
    """The plan of a run; durations are in steps.

    The temperature is ``melt_temperature`` while melting, falls linearly to ``temperature``
    while cooling and stays there. Frames are taken in production only. A run with a ``start``
    (path of a saved state) takes the positions from there. Melting and cooling are then rarely
    useful, but they are done if the plan contains them.
    """

    temperature: float
    particles: int
    density: float
    seed: int
    timestep: float = 0.0025
    thermostat_time: float = 0.25
    thermostat_chain: int = 3
    precision: str = "mixed"
    melt_temperature: float = 3.0
    melt: int = 10_000
    cool: int = 20_000
    equilibrate: int = 100_000
    produce: int = 100_000
    uniform_stride: int = 200
    log_period: int = 5000
    thermo_stride: int = 200
    start: str = ""

    @property
    def ends(self) -> np.ndarray:
        """Step at which each stage ends."""
        return np.cumsum([self.melt, self.cool, self.equilibrate, self.produce])

    def stage(self, step: int) -> int:
        """Return the index in STAGES of the stage that the step after ``step`` belongs to."""
        return min(int(np.searchsorted(self.ends, step, side="right")), 3)

    def thermostat(self, step: int) -> Thermostat:
        """Return the thermostat that acts from ``step`` on."""
        hot, cold = self.melt_temperature, self.temperature
        if step < self.melt:
            return Thermostat(hot, self.thermostat_time)
        done = min((step - self.melt) / self.cool, 1.0) if self.cool else 1.0
        return Thermostat(float(hot + done * (cold - hot)), self.thermostat_time)


@dataclass(eq=False)
class Recorder:
    """Frames and thermodynamic rows since the last checkpoint."""

    uniform: list[np.ndarray]
    log: list[np.ndarray]
    thermo: list[list[float]]

    @classmethod
    def empty(cls) -> Recorder:
        """Return an empty recorder."""
        return cls([], [], [])

    def arrays(self, n: int) -> dict[str, np.ndarray]:
        """Return the arrays of a segment of the checkpoints."""
        return {
            "uniform": np.array(self.uniform, dtype=np.float32).reshape(-1, n, 3),
            "log": np.array(self.log, dtype=np.float32).reshape(-1, n, 3),
            "thermo": np.array(self.thermo, dtype=np.float64).reshape(-1, len(THERMO)),
        }


def fingerprint(mixture: Mixture, protocol: Protocol) -> str:
    """Return a text that two runs share only if their kernels, mixture and plan are the same."""
    names = ("species", "fractions", "sigma", "epsilon", "cutoff", "masses")
    model = {name: np.asarray(getattr(mixture, name)).tolist() for name in names}
    content = (
        hashlib.sha256(Path(protocol.start).read_bytes()).hexdigest() if protocol.start else ""
    )
    plan = {**asdict(protocol), "start": content}
    return json.dumps({"kernel": KERNEL, "mixture": model, **plan}, sort_keys=True)


def simulate(
    mixture: Mixture,
    protocol: Protocol,
    folder: Path,
    checkpoint_interval: float = 300.0,
    label: str = "md",
    stop: Callable[[], str | None] = lambda: None,
) -> tuple[Engine, Checkpoints]:
    """Run ``protocol``, or what is left of it, keeping checkpoints in ``folder``.

    The result does not depend on whether, when and how often the run was interrupted.

    Parameters
    ----------
    mixture : Mixture
    protocol : Protocol
    folder : Path
        Folder of the checkpoints. Frames are kept there, in segments, until the caller has written
        them. No other process may use it meanwhile: see :func:`softcage.md.checkpoint.exclusive`.
    checkpoint_interval : float
        Wall time between checkpoints, in seconds.
    label : str
        Name of the run, for the message of an interruption.
    stop : callable
        Called at least once every ``thermo_stride`` steps. It returns a reason to save and stop, or
        None.

    Returns
    -------
    Engine
        The engine in its final state.
    Checkpoints
        Their method :meth:`~softcage.md.checkpoint.Checkpoints.read` yields ``uniform``, ``log``
        (positions) and ``thermo`` (columns THERMO).

    Raises
    ------
    Interrupted
        If ``stop`` returned a reason; the same call continues from there.
    OSError
        If a checkpoint cannot be written; those before it stay as they are.
    """
    checkpoints = Checkpoints(Path(folder), fingerprint(mixture, protocol))
    state = checkpoints.load()
    if state is None:
        state = _first_state(mixture, protocol)
    engine = start(mixture, state, protocol.precision)
    _run(engine, checkpoints, protocol, checkpoint_interval, label, stop)
    return engine, checkpoints


def _first_state(mixture: Mixture, protocol: Protocol) -> State:
    """Return a lattice at the temperature of the melt, or a saved state with new velocities."""
    chain, seed = protocol.thermostat_chain, protocol.seed
    if not protocol.start:
        return initial_state(
            mixture, protocol.particles, protocol.density, protocol.melt_temperature, chain, seed
        )
    try:
        saved, _, _ = load_state(protocol.start)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{protocol.start} is not a saved state: {error}") from error
    species = np.repeat(np.arange(len(mixture.species)), mixture.counts(protocol.particles))
    if not np.array_equal(saved.species, species):
        counts = np.bincount(saved.species).tolist()
        raise ValueError(
            f"{protocol.start} holds {counts} particles of the species, but the run needs "
            f"{np.bincount(species).tolist()}"
        )
    density = len(species) / saved.box**3
    if abs(density / protocol.density - 1) > 1e-9:
        raise ValueError(
            f"{protocol.start} has the density {density:.6g}, but the run needs "
            f"{protocol.density:.6g}"
        )
    temperature = protocol.thermostat(0).temperature
    velocities = thermal_velocities(mixture, species, temperature, np.random.default_rng(seed))
    return State(
        saved.positions, velocities, species, saved.box, 0, np.zeros(chain), np.zeros(chain)
    )


def _run(
    engine: Engine,
    checkpoints: Checkpoints,
    protocol: Protocol,
    checkpoint_interval: float,
    label: str,
    stop: Callable[[], str | None],
) -> None:
    """Advance to the end of the protocol, recording and saving."""
    total, production = int(protocol.ends[3]), int(protocol.ends[2])
    uniform = set((production + uniform_steps(protocol.produce, protocol.uniform_stride)).tolist())
    logarithmic = set((production + log_steps(protocol.produce, protocol.log_period)[0]).tolist())
    events = _events(protocol, uniform | logarithmic)
    recorder = Recorder.empty()
    first = engine.step
    if first == 0:
        _record(engine, protocol, recorder, uniform, logarithmic)
    progress = Progress(total, timestep=protocol.timestep)
    begin = saved = time.monotonic()
    for event in events[np.searchsorted(events, first, side="right") :]:
        thermostat = protocol.thermostat(engine.step)
        advance(engine, int(event) - engine.step, protocol.timestep, thermostat)
        _record(engine, protocol, recorder, uniform, logarithmic)
        progress.update(engine.step, STAGES[protocol.stage(engine.step - 1)])
        reason = stop()
        late = time.monotonic() - saved > checkpoint_interval
        if (late or reason) and engine.step < total:
            checkpoints.save(engine.state, recorder.arrays(protocol.particles))
            recorder, saved = Recorder.empty(), time.monotonic()
            if reason:
                raise Interrupted(
                    f"{label}: stopped by {reason} at step {engine.step} of {total}; the "
                    "state is saved, and the same command continues from there"
                )
    if recorder.thermo:
        checkpoints.save(engine.state, recorder.arrays(protocol.particles))
    if engine.step > first:
        _report_speed(engine, engine.step - first, time.monotonic() - begin)


def _report_speed(engine: Engine, steps: int, seconds: float) -> None:
    """Log the speed, and how the time was spent."""
    lists, integration = engine.seconds["lists"], engine.seconds["steps"]
    log.info(
        "%d steps in %.1f s on %d threads, %.0f steps/s (%s precision): forces and integration "
        "%.0f %%, neighbour lists %.0f %% (%.0f steps each), frames and checkpoints %.0f %%",
        steps, seconds, len(engine.buffers), steps / seconds,
        "mixed" if engine.pairs.precision.floating is np.float32 else "double",
        100 * integration / seconds, 100 * lists / seconds, steps / max(engine.rebuilds, 1),
        100 * (seconds - integration - lists) / seconds,
    )  # fmt: skip


def _events(protocol: Protocol, frames: set[int]) -> np.ndarray:
    """Return every step at which something is recorded or the thermostat changes, sorted."""
    total = int(protocol.ends[3])
    marks = set(range(protocol.thermo_stride, total + 1, protocol.thermo_stride))
    marks |= set(range(protocol.melt, protocol.melt + protocol.cool, 100))
    marks |= set(protocol.ends.tolist()) | frames
    return np.array(sorted(m for m in marks if 0 < m <= total), dtype=np.int64)


def _record(
    engine: Engine, protocol: Protocol, recorder: Recorder, uniform: set, logarithmic: set
) -> None:
    step = engine.step
    if step in uniform or step in logarithmic:
        frame = comoving_positions(engine.state, engine.mixture.masses)
        if step in uniform:
            recorder.uniform.append(frame)
        if step in logarithmic:
            recorder.log.append(frame)
    if step % protocol.thermo_stride == 0 or step == int(protocol.ends[3]):
        row = observables(engine, protocol.thermostat(step))
        recorder.thermo.append([step, *(row[name] for name in THERMO[1:])])


def write_run(
    folder: str | Path,
    mixture: Mixture,
    protocol: Protocol,
    state: State,
    checkpoints: Checkpoints,
) -> None:
    """Write the files of a finished run, from its checkpoints and its final state.

    These are ``uniform.nc`` and ``log.nc``, with frames relative to the centre of mass, and the
    tables of their steps; ``topology.pdb``; ``thermo.csv``; and ``final.npz``, from which another
    run can start. Each file appears only when it is complete, and the last one when all others are
    there.
    """
    folder, dt, box = Path(folder), protocol.timestep, state.box
    steps = uniform_steps(protocol.produce, protocol.uniform_stride)
    frames = checkpoints.read("uniform")
    write_stream(folder / "uniform.nc", frames, box, steps, np.round(steps * dt, 9))
    steps, block, lag = log_steps(protocol.produce, protocol.log_period)
    frames = checkpoints.read("log")
    write_stream(folder / "log.nc", frames, box, steps, np.round(steps * dt, 9), block, lag)
    positions = comoving_positions(state, mixture.masses)
    write_topology(folder / "topology.pdb", state.species, mixture.species, positions, box)
    with replacing(folder / "thermo.csv") as temporary:
        thermo_table(checkpoints.read("thermo"), protocol).to_csv(temporary, index=False)
    with replacing(folder / "final.npz") as temporary:
        save_state(temporary, state)


def thermo_table(rows: Iterable[np.ndarray], protocol: Protocol) -> pd.DataFrame:
    """Return rows of THERMO, (k, 5) arrays, as a table with the stage and the time of each."""
    table = pd.DataFrame(np.concatenate(list(rows)), columns=list(THERMO))
    table = table.astype({"step": np.int64})
    table.insert(0, "stage", [STAGES[protocol.stage(max(step - 1, 0))] for step in table["step"]])
    table.insert(2, "time", np.round(table["step"] * protocol.timestep, 9))
    return table


def comoving_positions(state: State, masses: np.ndarray) -> np.ndarray:
    """Return unwrapped positions relative to the centre of mass, (N, 3) float32."""
    weights = masses[state.species]
    centre = (weights[:, None] * state.positions).sum(axis=0) / weights.sum()
    return (state.positions - centre).astype(np.float32)
