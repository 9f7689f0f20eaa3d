"""States to start benchmarks from: a Kob-Andersen liquid, melted, cooled and equilibrated."""

from __future__ import annotations

import functools

import numba
import numpy as np

from softcage.md.integrator import State, Thermostat, advance, initial_state, start
from softcage.model import kob_andersen

TIMESTEP = 0.0025


@functools.cache
def equilibrated(n: int, temperature: float, quick: bool) -> State:
    """Return ``n`` particles at ``temperature``, density 1.2, after 100 units of time there."""
    numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
    engine = start(kob_andersen(), initial_state(kob_andersen(), n, 1.2, 3.0, 3, seed=1))
    advance(engine, 4000, TIMESTEP, Thermostat(3.0))
    for stage in np.linspace(3.0, temperature, 40):
        advance(engine, 500, TIMESTEP, Thermostat(float(stage)))
    advance(engine, 1000 if quick else 40_000, TIMESTEP, Thermostat(temperature))
    state = engine.state
    state.step = 0
    return state
