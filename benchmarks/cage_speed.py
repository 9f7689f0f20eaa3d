"""Local depth and p_hop: frames a second, N = 4000 at T = 0.5, 1 and 2 threads.

Depth of every A particle at delta = 0.09, four delta in one pass beside one (in turns; ``ratio``:
their time over that of one), and a plain double loop over particles with a grid of 0.01 as a peer
(one thread; ``ratio``: our speed over its). p_hop: frames read from disk, and read and analysed
(``ratio``: the part of the time that is reading).
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import numba
import numpy as np

from benchmarks.report import OURS
from benchmarks.states import TIMESTEP, equilibrated
from softcage.cage.local_depth import depth_tables, local_depths
from softcage.dynamics.hops import stream_p_hop
from softcage.io.trajectory import open_trajectory, write_topology, write_trajectory
from softcage.md.integrator import Thermostat, advance, start
from softcage.model import kob_andersen

TEMPERATURE = 0.5
R0, R_MIN = [0.90, 0.75], [1.42, 1.25]
DELTAS = [0.02, 0.04, 0.09, 0.12]
HALF_WINDOW = 15


def run(quick: bool) -> list[dict]:
    state = equilibrated(1000 if quick else 4000, TEMPERATURE, quick)
    frames, turns = (20, 1) if quick else (200, 5)
    rows = []

    def add(code, threads, value, unit, ratio=None):
        rows.append(
            {
                "benchmark": "cage_speed", "code": code, "version": OURS[1], "threads": threads,
                "n": len(state.species), "value": value, "unit": unit, "ratio": ratio,
            }
        )  # fmt: skip

    literal = 1 / timed(lambda: literal_depth(state), 1)
    for threads in [n for n in (1, 2) if n <= numba.config.NUMBA_NUM_THREADS]:
        numba.set_num_threads(threads)
        # in turns, so that a slow second of the machine meets both
        times = score_times(state, [[0.09], DELTAS], frames, 3 * turns)
        one, four = (statistics.median(column) for column in times)
        ratio = statistics.median(b / a for a, b in zip(*times, strict=True))
        add("local depth, delta 0.09", threads, 1 / one, "frames/s", 1 / one / literal)
        add("local depth, four delta", threads, 1 / four, "frames/s", ratio)
        read, both = hop_times(state, 400 if quick else 2000, turns)
        add("frames read", threads, 1 / read, "frames/s")
        add("frames read, and p_hop", threads, 1 / both, "frames/s", read / both)
    add("local depth, plain double loop", 1, literal, "frames/s")
    return rows


def timed(work, turns: int) -> float:
    """Return the median time of some runs after one that compiles."""
    return statistics.median(in_turns([work], turns)[0])


def in_turns(works, turns: int) -> list[list[float]]:
    """Return the times of some rounds of several works, after a round that compiles."""
    seconds = [[] for _ in works]
    for _ in range(turns + 1):
        for work, column in zip(works, seconds, strict=True):
            begin = time.perf_counter()
            work()
            column.append(time.perf_counter() - begin)
    return [column[1:] for column in seconds]


def tables(state, deltas):
    fractions = np.bincount(state.species) / len(state.species)
    density = len(state.species) / state.box**3
    potential = kob_andersen().potential
    return depth_tables(potential, TEMPERATURE, R0, R_MIN, deltas, density, fractions)


def score_times(state, several, frames: int, turns: int) -> list[list[float]]:
    """Return the times of a frame for each set of widths, turn by turn."""

    def scoring(of_state_point):
        def score():
            for _ in range(frames):
                local_depths(state.positions, state.species, state.box, of_state_point)

        return score

    works = [scoring(tables(state, deltas)) for deltas in several]
    return [[seconds / frames for seconds in column] for column in in_turns(works, turns)]


def literal_depth(state) -> np.ndarray:
    """Return the depths as Eqs. 5, 6 and 8 say it: loops over particles, neighbours and r."""
    grids = [np.arange(R0[v], R_MIN[v], 0.01) for v in range(2)]
    x = np.bincount(state.species) / len(state.species)
    energies = [kob_andersen().potential(0, v, grids[v]) / TEMPERATURE for v in range(2)]
    density = len(state.species) / state.box**3
    return _double_loop(
        state.positions, state.species, state.box, grids[0], grids[1], energies[0], energies[1],
        x, density, 0.09,
    )  # fmt: skip


@numba.njit(cache=True)
def _double_loop(positions, species, box, r_a, r_b, u_a, u_b, x, density, delta):
    depth = np.zeros(len(species))
    for i in range(len(species)):
        if species[i] != 0:
            continue
        for v in range(2):
            r, u = (r_a, u_a) if v == 0 else (r_b, u_b)
            g = np.zeros(len(r))
            for j in range(len(species)):
                if species[j] != v or j == i:
                    continue
                d = positions[i] - positions[j]
                d -= box * np.rint(d / box)
                distance = np.sqrt((d**2).sum())
                if distance < r[-1] + 5 * delta:
                    g += np.exp(-((r - distance) ** 2) / (2 * delta**2))
            g /= 4 * np.pi * density * x[v] * r**2 * np.sqrt(2 * np.pi) * delta
            log = np.log(g + 1e-300)
            integrand = 4 * np.pi * r**2 * np.sqrt(x[0] * x[v]) * g * (g - 1 - u - log)
            depth[i] += density * integrand.sum() * 0.01
    return depth


def hop_times(state, frames: int, turns: int) -> tuple[float, float]:
    """Return the time of a frame to read it, and to read it and compute p_hop."""
    engine = start(kob_andersen(), state)
    chosen = state.species == 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "uniform.nc"
        topology, names = path.with_name("topology.pdb"), kob_andersen().species
        write_topology(topology, state.species, names, state.positions, state.box)
        lines = [f"{k},{k},{k * 0.5},0,0" for k in range(frames)]
        path.with_suffix(".csv").write_text("\n".join(["frame,step,time,block,lag", *lines]) + "\n")

        def chunks():
            for _ in range(frames // 100):
                part = []
                for _ in range(100):
                    advance(engine, 2, TIMESTEP, Thermostat(TEMPERATURE))
                    part.append(engine.state.positions.astype(np.float32))
                yield np.array(part)

        write_trajectory(path, chunks(), 0.5 * np.arange(frames), state.box)
        run = open_trajectory(path)

        def read():
            for _, positions in run.chunks(size=256):
                positions[:, chosen]

        def analyse():
            parts = ((index, positions[:, chosen]) for index, positions in run.chunks(size=256))
            for _ in stream_p_hop(parts, [HALF_WINDOW]):
                pass

        return timed(read, turns) / frames, timed(analyse, turns) / frames
