"""Drift of the conserved energy at T = 0.47 in both precisions: energy made from nothing.

A straight line through the conserved quantity of the Nose-Hoover chain, per particle, over the
second half of the run. ``ratio`` is k_B T over what 1e6 steps would add at that rate: the larger
the better.
"""

from __future__ import annotations

import numba
import numpy as np

from benchmarks.report import OURS
from benchmarks.states import equilibrated
from softcage.md.integrator import Thermostat, advance, observables, start
from softcage.model import kob_andersen

TEMPERATURE = 0.47
TIMESTEP = 0.0025


def run(quick: bool) -> list[dict]:
    threads = min(2, numba.config.NUMBA_NUM_THREADS)
    numba.set_num_threads(threads)
    state = equilibrated(1000, TEMPERATURE, quick)
    steps, stride = (4000 if quick else 1_000_000), 200
    rows = []
    for precision in ("mixed", "double"):
        engine = start(kob_andersen(), state, precision)
        thermostat = Thermostat(TEMPERATURE)
        conserved = []
        for _ in range(steps // stride):
            advance(engine, stride, TIMESTEP, thermostat)
            conserved.append(observables(engine, thermostat)["conserved"])
        time = np.arange(len(conserved)) * stride * TIMESTEP
        half = len(time) // 2
        slope = np.polyfit(time[half:], conserved[half:], 1)[0]
        values = {
            "epsilon per particle and time": (slope, TEMPERATURE / (abs(slope) * 1e6 * TIMESTEP)),
            "epsilon per particle, standard deviation": (np.std(conserved), None),
        }
        rows += [
            {
                "benchmark": "md_drift", "code": f"{OURS[0]} {precision}", "version": OURS[1],
                "threads": threads, "n": len(state.species), "value": value, "unit": unit,
                "ratio": ratio,
            }
            for unit, (value, ratio) in values.items()
        ]  # fmt: skip
    return rows
