"""Steps per second beside LAMMPS and GROMACS: one state, potential, ensemble and time step.

Kob-Andersen, N = 4000, T = 0.5, Nose-Hoover, frames and energies written every 200 steps. Each
code's main loop is timed by its own clock, neighbour lists and output included, start-up and
compilation not. Codes take turns, so that a busy moment of the machine hits all of them; the
median of the turns counts. ``ratio`` is the speed of softcage mixed over theirs with as many
threads, ``version`` has the instructions that a code was built for.

"by Amdahl": what 16 threads would do if the part of a step that two do not share stays as it is,
``ratio`` is that part. "beside a spinning process": one process more than cores wants to run.
"two threads meet": an empty parallel region, before the runs on two threads and after them. Cores
of one chip with a common cache take 1 us, those of two chips 2 us.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numba
import numpy as np
from numba import njit, prange

from benchmarks import peers
from benchmarks.report import OURS, simd
from benchmarks.states import equilibrated
from softcage.io.trajectory import write_trajectory
from softcage.md.integrator import State, Thermostat, advance, observables, start
from softcage.model import kob_andersen

TEMPERATURE = 0.5


def run(quick: bool) -> list[dict]:
    state = equilibrated(1000 if quick else 4000, TEMPERATURE, quick)
    steps, turns = (1000, 1) if quick else (5000, 5)
    codes = {
        "LAMMPS -sf opt": peers.lammps,
        "GROMACS mixed": peers.gromacs,
        "softcage mixed": ours("mixed"),
        "softcage double": ours("double"),
    }
    rows = compared(codes, state, steps, turns, 1)
    if numba.config.NUMBA_NUM_THREADS > 1:
        before = meeting()
        rows += compared(codes, state, steps, turns, 2)
        rows += [before, meeting()]
        rows += [by_amdahl(rows, code, 16) for code in ("softcage mixed", "softcage double")]
        spinning = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            codes.pop(
                "LAMMPS -sf opt", None
            )  # its ranks wait for each other by turning: it takes minutes
            rows += compared(codes, state, steps, turns, 2, ", beside a spinning process")
        finally:
            spinning.kill()
    return rows


def compared(codes, state: State, steps: int, turns: int, threads: int, where="") -> list[dict]:
    """Return the rows of codes that take turns; forget those that are not there."""
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
        print(*(f"{code} {values[-1]:.0f}" for code, values in speeds.items()), flush=True)
    best = statistics.median(speeds["softcage mixed"])
    return [
        row(code + where, versions[code], threads, state, statistics.median(values), best)
        for code, values in speeds.items()
    ]


def row(code, version, threads, state: State, speed: float, best: float) -> dict:
    return {
        "benchmark": "md_peers", "code": code, "version": version, "threads": threads,
        "n": len(state.species), "value": speed, "unit": "steps/s", "ratio": best / speed,
    }  # fmt: skip


def meeting() -> dict:
    """Return the row of what two threads take to begin and end a parallel region."""
    numba.set_num_threads(2)
    met, times = np.zeros(2), 100_000
    _meet(1, met)
    begin = time.perf_counter()
    _meet(times, met)
    return {
        "benchmark": "md_peers", "code": "two threads meet", "version": OURS[1], "threads": 2,
        "n": 0, "value": 1e6 * (time.perf_counter() - begin) / times, "unit": "us",
    }  # fmt: skip


@njit(parallel=True)
def _meet(times, met):
    for _ in range(times):
        for thread in prange(len(met)):
            met[thread] += 1


def by_amdahl(rows: list[dict], code: str, threads: int) -> dict:
    """Return the row of ``code`` with more threads, from those with one and two."""
    one, two = (row for row in rows if row["code"] == code)
    serial = min(max(2 * one["value"] / two["value"] - 1, 0.0), 1.0)
    speed = one["value"] / (serial + (1 - serial) / threads)
    return {
        **one,
        "code": f"{code}, by Amdahl",
        "threads": threads,
        "value": speed,
        "ratio": serial,
    }


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
        return steps / (time.perf_counter() - begin), f"{OURS[1]} {simd()}"

    return measure


def write_frames(folder: Path, frames: list[np.ndarray], box: float) -> None:
    times = np.arange(len(frames)) * peers.OUTPUT * peers.TIMESTEP
    write_trajectory(folder / "frames.nc", iter([np.array(frames)]), times, box)
