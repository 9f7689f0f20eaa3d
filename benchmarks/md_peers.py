"""Steps per second beside LAMMPS and GROMACS: one state, potential, ensemble and time step.

Kob-Andersen, N = 4000, T = 0.5, Nose-Hoover, frames and energies written every 200 steps. Each
code's main loop is timed by its own clock, neighbour lists and output included, start-up and
compilation not. Codes take turns, so that a busy moment of the machine hits all of them; the
median of the turns counts. ``ratio`` is our speed with that precision over theirs with as many
threads.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numba
import numpy as np

from benchmarks import peers
from benchmarks.report import OURS
from benchmarks.states import equilibrated
from softcage.io.trajectory import write_trajectory
from softcage.md.integrator import State, Thermostat, advance, observables, start
from softcage.model import kob_andersen

TEMPERATURE = 0.5


def run(quick: bool) -> list[dict]:
    state = equilibrated(1000 if quick else 4000, TEMPERATURE, quick)
    steps, turns = (1000, 1) if quick else (20_000, 5)
    codes = {
        "LAMMPS -sf opt": peers.lammps,
        "GROMACS mixed": peers.gromacs,
        "softcage mixed": ours("mixed"),
        "softcage double": ours("double"),
    }
    rows = []
    available = [n for n in (1, 2) if n <= numba.config.NUMBA_NUM_THREADS]
    for threads in available:
        speeds, versions = defaultdict(list), {}
        for _ in range(turns):
            for code, measure in list(codes.items()):
                with tempfile.TemporaryDirectory() as folder:
                    try:
                        speed, versions[code] = measure(
                            state, TEMPERATURE, steps, threads, Path(folder)
                        )
                    except FileNotFoundError as error:
                        print(f"{code} is left out: {error}", flush=True)
                        del codes[code]
                        continue
                speeds[code].append(speed)
        best = statistics.median(speeds["softcage mixed"])
        rows += [
            {
                "benchmark": "md_peers", "code": code, "version": versions[code],
                "threads": threads, "n": len(state.species),
                "value": statistics.median(values), "unit": "steps/s",
                "ratio": best / statistics.median(values),
            }
            for code, values in speeds.items()
        ]  # fmt: skip
    return rows


def ours(precision: str):
    """Return a function that measures this code as those of ``peers`` do theirs."""

    def measure(state: State, temperature: float, steps: int, threads: int, folder: Path):
        numba.set_num_threads(threads)
        thermostat = Thermostat(temperature, peers.THERMOSTAT_TIME)
        engine = start(kob_andersen(), state, precision)
        advance(engine, 2, peers.TIMESTEP, thermostat)
        observables(engine, thermostat)
        write_frames(folder, [engine.state.positions], state.box)
        begin = time.perf_counter()
        frames, rows = [], []
        for _ in range(steps // peers.OUTPUT):
            advance(engine, peers.OUTPUT, peers.TIMESTEP, thermostat)
            rows.append(observables(engine, thermostat))
            frames.append(engine.state.positions.astype(np.float32))
        write_frames(folder, frames, state.box)
        return steps / (time.perf_counter() - begin), OURS[1]

    return measure


def write_frames(folder: Path, frames: list[np.ndarray], box: float) -> None:
    times = np.arange(len(frames)) * peers.OUTPUT * peers.TIMESTEP
    write_trajectory(folder / "frames.nc", iter([np.array(frames)]), times, box)
