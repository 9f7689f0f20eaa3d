"""One run from a random start to frames: melt, cool, equilibrate, produce."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from softcage.checkpoint import Checkpoints
from softcage.integrator import (
    Engine,
    State,
    Thermostat,
    advance,
    initial_state,
    observables,
    start,
)
from softcage.model import Mixture
from softcage.progress import Progress
from softcage.schedule import log_steps, uniform_steps

KERNEL = "1"  # change it when a kernel's results change: checkpoints of another one are refused
STAGES = ("melt", "cool", "equilibrate", "produce")
THERMO = ("step", "temperature", "potential_energy", "pressure", "conserved")


@dataclass(frozen=True)
class Protocol:
    """The plan of a run; lengths of time in steps.

    The temperature is ``melt_temperature`` while melting, falls linearly to ``temperature``
    while cooling and stays there. Frames are taken in production only.
    """

    temperature: float
    particles: int
    density: float
    seed: int
    timestep: float = 0.0025
    thermostat_time: float = 0.25
    thermostat_chain: int = 3
    skin: float = 0.35
    melt_temperature: float = 3.0
    melt: int = 10_000
    cool: int = 20_000
    equilibrate: int = 100_000
    produce: int = 100_000
    uniform_stride: int = 200
    log_period: int = 5000
    thermo_stride: int = 200

    @property
    def ends(self) -> np.ndarray:
        """Step at which each stage ends."""
        return np.cumsum([self.melt, self.cool, self.equilibrate, self.produce])

    def stage(self, step: int) -> int:
        """Return the index in STAGES of the stage that the step after ``step`` belongs to."""
        return int(min(np.searchsorted(self.ends, step, side="right"), 3))

    def thermostat(self, step: int) -> Thermostat:
        """Return the thermostat that acts from ``step`` on."""
        hot, cold = self.melt_temperature, self.temperature
        done = np.clip((step - self.melt) / max(self.cool, 1), 0.0, 1.0)
        return Thermostat(float(hot + done * (cold - hot)), self.thermostat_time)


@dataclass(eq=False)
class Recorder:
    """Frames and thermodynamic rows since the last checkpoint."""

    uniform: list[np.ndarray]
    log: list[np.ndarray]
    thermo: list[list[float]]

    @classmethod
    def empty(cls) -> Recorder:
        """Return one without anything in it."""
        return cls([], [], [])

    def arrays(self, n: int) -> dict[str, np.ndarray]:
        """Return the arrays of a checkpoint's segment."""
        return {
            "uniform": np.array(self.uniform, dtype=np.float32).reshape(-1, n, 3),
            "log": np.array(self.log, dtype=np.float32).reshape(-1, n, 3),
            "thermo": np.array(self.thermo, dtype=np.float64).reshape(-1, len(THERMO)),
        }


def fingerprint(mixture: Mixture, protocol: Protocol) -> str:
    """Return a text that is the same for two runs only if they are the same run."""
    model = {name: np.asarray(value).tolist() for name, value in vars(mixture).items()}
    return json.dumps({"kernel": KERNEL, "mixture": model, **asdict(protocol)}, sort_keys=True)


def simulate(
    mixture: Mixture,
    protocol: Protocol,
    folder: Path,
    log: logging.Logger,
    checkpoint_interval: float = 300.0,
    label: str = "md",
) -> tuple[Engine, Checkpoints]:
    """Run ``protocol``, or what is left of it, keeping checkpoints in ``folder``.

    The result does not depend on whether, when and how often the run was interrupted.

    Parameters
    ----------
    mixture : Mixture
    protocol : Protocol
    folder : Path
        Of checkpoints; frames wait there, in segments, until the caller has written them.
    log : logging.Logger
    checkpoint_interval : float
        Seconds of wall time.
    label : str
        Names the run in progress lines.

    Returns
    -------
    Engine
        With the final state.
    Checkpoints
        Whose :meth:`~softcage.checkpoint.Checkpoints.read` yields ``uniform``, ``log`` (positions)
        and ``thermo`` (columns THERMO).
    """
    checkpoints = Checkpoints(Path(folder), fingerprint(mixture, protocol))
    state = checkpoints.load(log)
    if state is None:
        state = initial_state(
            mixture,
            protocol.particles,
            protocol.density,
            protocol.melt_temperature,
            protocol.thermostat_chain,
            protocol.seed,
        )
    engine = start(mixture, state, protocol.skin)
    total, production = int(protocol.ends[3]), int(protocol.ends[2])
    uniform = set((production + uniform_steps(protocol.produce, protocol.uniform_stride)).tolist())
    logarithmic = set((production + log_steps(protocol.produce, protocol.log_period)[0]).tolist())
    events = _events(protocol, uniform | logarithmic)
    recorder = Recorder.empty()
    if state.step == 0:
        _record(engine, protocol, recorder, uniform, logarithmic)
    progress = Progress(label, total, protocol.timestep, log)
    saved = time.monotonic()
    for event in events[np.searchsorted(events, state.step, side="right") :]:
        advance(engine, int(event) - state.step, protocol.timestep, protocol.thermostat(state.step))
        _record(engine, protocol, recorder, uniform, logarithmic)
        progress.update(state.step, STAGES[protocol.stage(state.step - 1)])
        if time.monotonic() - saved > checkpoint_interval and state.step < total:
            checkpoints.save(state, recorder.arrays(protocol.particles))
            recorder, saved = Recorder.empty(), time.monotonic()
    if recorder.thermo:
        checkpoints.save(state, recorder.arrays(protocol.particles))
    return engine, checkpoints


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
    state = engine.state
    if state.step in uniform or state.step in logarithmic:
        frame = comoving_positions(state, engine.mixture.masses)
        if state.step in uniform:
            recorder.uniform.append(frame)
        if state.step in logarithmic:
            recorder.log.append(frame)
    if state.step % protocol.thermo_stride == 0 or state.step == int(protocol.ends[3]):
        row = observables(engine, protocol.thermostat(state.step))
        recorder.thermo.append([state.step, *(row[name] for name in THERMO[1:])])


def comoving_positions(state: State, masses: np.ndarray) -> np.ndarray:
    """Return unwrapped positions relative to the centre of mass, (N, 3) float32."""
    weights = masses[state.species]
    centre = (weights[:, None] * state.positions).sum(axis=0) / weights.sum()
    return (state.positions - centre).astype(np.float32)
