"""Compile the kernels once for all jobs.

Numba compiles a kernel at its first call and keeps it in a cache beside the module. Jobs that start
together would all compile the same kernels, and two that write at once may give one file name to
different signatures: a process that loads that file crashes. Therefore the first job compiles
everything, alone; the others wait for it and load the result.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path

import numpy as np

from softcage.cage.local_depth import local_depth
from softcage.cage.local_rdf import local_rdf
from softcage.compiled.caches import drop_stale_kernels, no_compiler
from softcage.descriptors.cage_state import cage_state
from softcage.dynamics.hops import p_hop
from softcage.dynamics.labels import events
from softcage.interpretations.counts import count_particles
from softcage.md.forces import prune
from softcage.md.integrator import Thermostat, advance, initial_state, observables, start
from softcage.md.minimise import minimise
from softcage.model import box_length, kob_andersen
from softcage.prediction.arrhenius import crossing_temperatures
from softcage.structure.rdf import pair_counts
from softcage.structure.structure_factor import lattice_vectors, partial_structure_factors

_PARTICLES = 320


def compile_kernels() -> None:
    """Compile every kernel into Numba's cache, by running it on a few particles, or load it.

    Processes that share the cache take turns. This takes a minute the first time and after an edit,
    otherwise half a second. The first time a second process compiles half of the kernels. Kernels
    that are older than the library are deleted first.

    Raises
    ------
    OSError
        If Numba is set not to compile.
    FloatingPointError
        If the kernels give no finite energy on this machine.
    """
    if refusal := no_compiler():
        raise OSError(refusal)
    with _alone():
        drop_stale_kernels()
        with _second_process() if _nothing_compiled() else nullcontext():
            _run_engine()
        _run_structure()


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock beside the cache; continue without a lock where that is not possible."""
    with ExitStack() as stack:
        with suppress(OSError):
            file = stack.enter_context(open(f"{prune.stats.cache_path}/kernels.lock", "a"))
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _nothing_compiled() -> bool:
    return not any(Path(prune.stats.cache_path).glob("forces.*.nbi"))


@contextmanager
def _second_process() -> Iterator[None]:
    """Have another process compile what :func:`_run_structure` runs, where there are two cores.

    If it fails, this process compiles the rest itself, and says why it cannot.
    """
    if len(os.sched_getaffinity(0)) < 2:
        yield
        return
    code = f"from {__name__} import _run_structure; _run_structure()"
    path = os.pathsep.join(filter(None, sys.path))
    process = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.wait()


def _run_engine() -> None:
    """Run the kernels of the simulation on a few particles."""
    mixture, thermostat = kob_andersen(), Thermostat(2.0)
    state = initial_state(mixture, _PARTICLES, 1.2, thermostat.temperature, 3, 0)
    for precision in ("mixed", "double"):
        engine = start(mixture, state, precision)
        advance(engine, 2, 0.0025, thermostat)
        if not np.isfinite(observables(engine, thermostat)["conserved"]):
            raise FloatingPointError("the compiled kernels give no finite energy on this machine")
    minimise(engine.state.positions, state.species, state.box, mixture, max_steps=2)
    cage_state(engine.state.positions, state.species, state.box, mixture, 1.0, time=0.1)


def _run_structure() -> None:
    """Run all other kernels on a few particles."""
    mixture, rng = kob_andersen(), np.random.default_rng(0)
    box = box_length(_PARTICLES, 1.2)
    x, species = rng.random((_PARTICLES, 3)) * box, np.arange(_PARTICLES) % 5 // 4
    pair_counts(x, species, box, 0.5 * box, 0.01)
    vectors, shell, _ = lattice_vectors(box, 3.0, 0.5, 10, 0)
    partial_structure_factors(x, species, box, vectors, shell)
    local_depth(
        x, species, box, potential=mixture.potential, temperature=2.0,
        r0=[0.85, 0.7], r_min=[1.4, 1.25], delta=0.09,
    )  # fmt: skip
    local_rdf(x, species, box, 0.09, np.arange(0.5, 1.5, 0.01), particles=[0])
    values = p_hop(np.stack([x, x, x]), 1).astype(np.float32)  # float32, as hops are stored
    events(values, np.arange(len(values)), 0.1)
    one = np.ones((2, 1, 1))
    crossing_temperatures(np.array([1.0, 2.0]), one, one)
    edge, width, places = np.zeros(1, dtype=np.int64), np.ones(1), np.zeros((1, 1, 2), np.int32)
    count_particles(one[0], edge, width, one[0] > 0, places)
