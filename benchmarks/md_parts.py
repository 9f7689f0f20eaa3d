"""Where the time of a step goes: N = 4000, T = 0.5, one thread.

``value`` of a part is microseconds a step, ``ratio`` its share of the step. Of the list in use: its
entries per particle, each a cluster of as many lanes as a register holds, the share of these lanes
that are within the cut-off, and the cycles that the forces take for each entry, by the clock that
the processor runs at (a chain of integer products, of three cycles each on x86).
"""

from __future__ import annotations

import time

import numba
import numpy as np

from benchmarks.report import OURS, simd
from benchmarks.states import TIMESTEP, equilibrated
from softcage.md.forces import accumulate_forces, prune
from softcage.md.integrator import Engine, Thermostat, advance, start
from softcage.model import kob_andersen

TEMPERATURE = 0.5
PRODUCTS = 100_000


def run(quick: bool) -> list[dict]:
    state = equilibrated(1000 if quick else 4000, TEMPERATURE, quick)
    numba.set_num_threads(1)
    rows = []
    for precision in ("mixed", "double"):
        engine = start(kob_andersen(), state, precision)
        rows += [
            {
                "benchmark": "md_parts", "code": f"{precision}: {part}", "threads": 1,
                "version": f"{OURS[1]} {simd()}", "n": len(state.species), "value": value,
                "unit": unit, "ratio": ratio,
            }
            for part, value, unit, ratio in parts(engine, 1000 if quick else 10_000)
        ]  # fmt: skip
    return rows


def parts(engine: Engine, steps: int) -> list[tuple]:
    """Return name, value, unit and share of the parts of a step."""
    thermostat = Thermostat(TEMPERATURE)
    advance(engine, 50, TIMESTEP, thermostat)
    lists, built, begin = engine.seconds["lists"], engine.rebuilds, time.perf_counter()
    advance(engine, steps, TIMESTEP, thermostat)
    step = 1e6 * (time.perf_counter() - begin) / steps
    listing = 1e6 * (engine.seconds["lists"] - lists) / steps
    c = engine.clusters
    forces = timed(
        accumulate_forces, c.species, c.coordinates, c.constants, engine.pairs.inverse_unit2,
        c.table, c.length, engine.buffers.copy(),
    )  # fmt: skip
    pruning = timed(
        prune, c.species, c.coordinates, c.reach2[1], c.wide, c.wide_length, c.table, c.length
    )
    (inside, entries), n = occupied(engine), len(engine.species)
    return [
        ("a step", step, "us", 1.0),
        ("forces", forces, "us", forces / step),
        ("new lists", listing, "us", listing / step),
        ("the rest, with pruning", step - forces - listing, "us", 1 - (forces + listing) / step),
        ("a list is pruned", pruning, "us", None),
        ("a list lasts", steps / max(engine.rebuilds - built, 1), "steps", None),
        ("entries per particle", entries, "clusters", None),
        ("lanes within the cut-off", inside, "of a cluster", inside / engine.pairs.precision.lanes),
        ("forces, for each entry", 1e3 * forces / (entries * n) * clock(), "cycles", None),
    ]


def clock() -> float:
    """Return the cycles per nanosecond of the processor at work."""
    return 3 * PRODUCTS / (1e3 * timed(_product, PRODUCTS))


@numba.njit
def _product(n):
    x = np.uint64(3)
    for _ in range(n):
        x *= x
    return x


def timed(kernel, *arguments) -> float:
    """Return microseconds of a call, the best of some."""
    seconds = []
    for _ in range(200):
        begin = time.perf_counter()
        kernel(*arguments)
        seconds.append(time.perf_counter() - begin)
    return 1e6 * min(seconds)


def occupied(engine: Engine) -> tuple[float, float]:
    """Return the mean number of lanes of an entry within the cut-off, and of entries of a row."""
    c, width, state = engine.clusters, engine.pairs.precision.lanes, engine.state
    members = c.order.reshape(-1, width)
    inside = []
    for lane in range(0, len(state.species), 7):
        i, others = c.order[lane], members[c.table[lane, : c.length[lane]] // (3 * width)].ravel()
        others = others[others >= 0]
        d = state.positions[i] - state.positions[others]
        d -= state.box * np.rint(d / state.box)
        near = (d**2).sum(axis=1) < engine.mixture.cutoff[
            state.species[i], state.species[others]
        ] ** 2
        inside.append((near.sum(), c.length[lane]))
    pairs, entries = np.sum(inside, axis=0)
    return pairs / entries, entries / len(inside)
