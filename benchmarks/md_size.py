"""Time of a step against the number of particles: it should grow as they do.

The N = 4000 state repeated 2 and 4 times along each edge, N = 1000, and that repeated 10 times:
a million. ``value`` is the time of a step per particle, ``ratio`` that of N = 4000 over it; and the
most memory that the process had at the end, with all of these.
"""

from __future__ import annotations

import resource
import time

import numba
import numpy as np

from benchmarks.report import OURS, simd
from benchmarks.states import equilibrated
from softcage.md.integrator import State, Thermostat, advance, start
from softcage.model import kob_andersen

TEMPERATURE = 0.5


def run(quick: bool) -> list[dict]:
    state = equilibrated(1000 if quick else 4000, TEMPERATURE, quick)
    states = [repeated(state, k) for k in ((1, 2) if quick else (1, 2, 4))]
    if not quick:
        small = equilibrated(1000, TEMPERATURE, quick)
        states = [small, *states, repeated(small, 10)]
    threads = min(2, numba.config.NUMBA_NUM_THREADS)
    numba.set_num_threads(threads)
    times = {
        len(s.species): time_per_particle(s, 2_000_000 if quick else 40_000_000) for s in states
    }
    base = times[len(state.species)]
    rows = [(n, value, "ns per particle and step", base / value) for n, value in times.items()]
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    rows.append((max(times), kilobytes / 1e6, "GB of memory at most", None))
    return [
        {
            "benchmark": "md_size", "code": OURS[0], "version": f"{OURS[1]} {simd()}",
            "threads": threads, "n": n, "value": value, "unit": unit, "ratio": ratio,
        }
        for n, value, unit, ratio in rows
    ]  # fmt: skip


def repeated(state: State, times: int) -> State:
    """Return ``state`` repeated along each edge, with velocities that tell the copies apart."""
    shifts = np.stack(np.meshgrid(*3 * [np.arange(times)], indexing="ij"), axis=-1).reshape(-1, 3)
    wrapped = state.positions - np.floor(state.positions / state.box) * state.box
    positions = (wrapped[None] + state.box * shifts[:, None]).reshape(-1, 3)
    velocities = np.random.default_rng(0).permutation(np.tile(state.velocities, (len(shifts), 1)))
    return State(
        positions, velocities, np.tile(state.species, len(shifts)), state.box * times, 0,
        np.zeros(3), np.zeros(3),
    )  # fmt: skip


def time_per_particle(state: State, work: int) -> float:
    """Return nanoseconds per particle and step over about ``work`` of them; the best of three."""
    engine = start(kob_andersen(), state)
    thermostat = Thermostat(TEMPERATURE)
    steps = max(100, work // len(state.species) // 3)
    advance(engine, 50, 0.0025, thermostat)
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        advance(engine, steps, 0.0025, thermostat)
        seconds.append(time.perf_counter() - begin)
    return 1e9 * min(seconds) / steps / len(state.species)
