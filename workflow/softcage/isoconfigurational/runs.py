"""Isoconfigurational runs: runs from one configuration with different random velocities.

A configuration is a frame of an equilibrated run. Each draw begins there with other velocities and
gives the distance that every particle has moved at a few times. Only sums of these over the draws
of even and of odd number are kept; sums of several batches of draws can be added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from softcage.io.atomic_file import replacing
from softcage.md.integrator import State, Thermostat, advance, start, thermal_velocities
from softcage.model import Mixture

#: Shortest recorded time (LJ time), longest recorded time (tau_alpha), and the time between two
#: configurations of one run (tau_alpha).
SHORTEST, LONGEST, APART = 0.1, 3.0, 10.0


def place(
    configuration: int, runs: int, relaxation_time: float, last: float, before: float = 0.0
) -> tuple[int, float]:
    """Return the run that a configuration is taken from, and its time in this run.

    Configurations are taken from the runs in turn, those of one run 10 tau_alpha apart. Asking for
    more configurations therefore leaves the earlier ones unchanged.

    Parameters
    ----------
    configuration : int
        Number of the configuration, from 0.
    runs : int
        Number of runs.
    relaxation_time : float
        tau_alpha.
    last : float
        Time of the last frame of a run.
    before : float
        Time of the first configuration of a run.

    Raises
    ------
    ValueError
        If the runs are too short for this configuration, or tau_alpha is not known.
    """
    if not np.isfinite(relaxation_time):
        raise ValueError(
            "the runs are too short to measure tau_alpha, which sets the time between independent "
            "configurations: make production longer, or leave this T out of "
            "propensity.temperatures"
        )
    turn, run = divmod(configuration, runs)
    time = before + turn * APART * relaxation_time
    if time > last:
        room = runs * (int((last - before) / (APART * relaxation_time)) + 1)
        raise ValueError(
            f"{runs} runs of {last:g} have room for {room} configurations that are {APART:g} "
            f"tau_alpha apart (tau_alpha = {relaxation_time:.4g}): ask for fewer configurations in "
            "propensity.temperatures, or for longer runs or more replicas"
        )
    return run, time


def recording_times(relaxation_time: float, n: int) -> np.ndarray:
    """Return ``n`` log-spaced times from 0.1 to 3 tau_alpha, the longest first."""
    return np.geomspace(max(LONGEST * relaxation_time, SHORTEST), SHORTEST, n)


def recording_steps(times: Sequence[float] | np.ndarray, timestep: float) -> np.ndarray:
    """Return the numbers of steps that are nearest to some times, in ascending order, int64."""
    return np.unique(np.rint(np.asarray(times) / timestep).astype(np.int64))


@dataclass(frozen=True, eq=False)
class Start:
    """A configuration to start from, and the times at which displacements are recorded.

    Attributes
    ----------
    types : (N,) int64 array
    positions : (N, 3) array
        Wrapped into the box.
    averaged : (N, 3) array, optional
        Positions averaged over a short time up to the configuration, wrapped into the box, if its
        past is known.
    box : float
    steps : (n_times,) int64 array
        Numbers of steps after which displacements are recorded.
    times : (n_times,) array
        The same as times.
    """

    types: np.ndarray
    positions: np.ndarray
    averaged: np.ndarray | None
    box: float
    steps: np.ndarray
    times: np.ndarray


def start_of(
    types: np.ndarray,
    positions: np.ndarray,
    averaged: np.ndarray | None,
    box: float,
    times: Sequence[float] | np.ndarray,
    timestep: float,
) -> Start:
    """Return a configuration, wrapped into the box, with the steps nearest to some times."""
    steps = recording_steps(times, timestep)
    return Start(
        types=types,
        positions=positions % box,
        averaged=None if averaged is None else averaged % box,
        box=box,
        steps=steps,
        times=np.round(steps * timestep, 9),
    )


@dataclass(frozen=True, eq=False)
class DrawSums:
    """Sums over draws, separate for those of even and of odd number.

    Attributes
    ----------
    draws : (2,) int64 array
        Number of draws.
    moved : (2, n_times, N) array
        Sum of ``|dr|``, sigma_AA.
    left : (2, n_times, N) array
        Sum of 1 - overlap: number of draws in which the particle was farther from its initial
        position than the overlap radius.
    """

    draws: np.ndarray
    moved: np.ndarray
    left: np.ndarray

    def __add__(self, other: DrawSums) -> DrawSums:
        """Return the sums over all draws of both."""
        return DrawSums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


def write_arrays(path: str | Path, *parts: Start | DrawSums | Mapping[str, np.ndarray]) -> None:
    """Write the arrays of all parts as one npz file; what is None is left out."""
    arrays: dict[str, np.ndarray] = {}
    for part in parts:
        arrays.update(part if isinstance(part, Mapping) else vars(part))
    arrays = {name: array for name, array in arrays.items() if array is not None}
    with replacing(path) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **arrays)


def read_start(path: str | Path) -> Start:
    """Read a :class:`Start`."""
    with np.load(path) as archive:
        return Start(**{f.name: archive.get(f.name) for f in fields(Start)})


def read_sums(paths: Iterable[str | Path]) -> DrawSums:
    """Read :class:`DrawSums` from one or more files and add them.

    Raises
    ------
    ValueError
        If there are no files.
    """
    total = None
    for path in paths:
        with np.load(path) as archive:
            sums = DrawSums(**{f.name: archive[f.name] for f in fields(DrawSums)})
        total = sums if total is None else total + sums
    if total is None:
        raise ValueError("no files with sums over draws were given")
    return total


def run_draw(
    mixture: Mixture,
    begin: Start,
    seed: int,
    *,
    temperature: float,
    timestep: float,
    thermostat_time: float,
    thermostat_chain: int,
    precision: str = "mixed",
) -> np.ndarray:
    r"""Run one draw and return :math:`|\mathbf{r}_i(t) - \mathbf{r}_i(0)|`, (n_times, N).

    The velocities are drawn from the Maxwell distribution with the given seed. The centre of mass
    does not move.
    """
    rng, chain = np.random.default_rng(seed), np.zeros(thermostat_chain)
    velocities = thermal_velocities(mixture, begin.types, temperature, rng)
    state = State(
        begin.positions.copy(), velocities, begin.types, float(begin.box), 0, chain, chain.copy()
    )
    engine = start(mixture, state, precision)
    thermostat = Thermostat(temperature, thermostat_time)
    moved = np.empty((len(begin.steps), len(begin.types)))
    for k, step in enumerate(begin.steps):
        advance(engine, int(step) - engine.step, timestep, thermostat)
        moved[k] = np.sqrt(((engine.state.positions - begin.positions) ** 2).sum(axis=1))
    return moved


def add_up(draws: Iterable[tuple[int, np.ndarray]], overlap_radius: float) -> DrawSums:
    """Add the results of :func:`run_draw`, given as pairs of a draw's number and its result.

    Raises
    ------
    ValueError
        If there are no draws.
    """
    total = None
    for number, moved in draws:
        half = np.arange(2) == number % 2
        sums = DrawSums(
            half.astype(np.int64),
            half[:, None, None] * moved,
            half[:, None, None] * (moved > overlap_radius).astype(float),
        )
        total = sums if total is None else total + sums
    if total is None:
        raise ValueError("no draws were given")
    return total


def means(sums: DrawSums) -> dict[str, np.ndarray]:
    """Return ``propensity`` and ``left`` (n_times, N), the means of their halves, and ``draws``.

    Means are float32, which is more than enough for a few dozen draws.
    """
    averages: dict[str, np.ndarray] = {"draws": sums.draws.sum()}
    for name, values in (("propensity", sums.moved), ("left", sums.left)):
        averages[name] = (values.sum(axis=0) / sums.draws.sum()).astype(np.float32)
        averages[f"{name}_halves"] = (values / sums.draws[:, None, None]).astype(np.float32)
    return averages
