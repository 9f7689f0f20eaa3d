"""Velocity Verlet with a Nose-Hoover chain, and the complete state that a restart needs."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, fields

import numpy as np
from numba import get_num_threads, prange, set_num_threads

from softcage.compiled.decorator import kernel
from softcage.compiled.simd import (
    EXACT_INTEGER,
    bits,
    both,
    broadcast_full,
    fixed_coordinate,
    fma,
    lanes,
    largest,
    less,
    load_full,
    load_like,
    maximum,
    rounded,
    store,
    to_float64,
    total,
    zeros,
)
from softcage.md.forces import (
    ENERGY_UNIT,
    Clusters,
    PairTable,
    accumulate_forces,
    aligned,
    block,
    build_clusters,
    pair_table,
    potential_energy_and_virial,
    prune,
    unblock,
)
from softcage.model import Mixture, box_length

# Distance beyond the cut-off that the neighbour list covers, and that of the part of it that is
# used in each step. A thicker skin lasts longer, but includes more pairs that are too far apart.
SKIN = 0.9
THIN_SKIN = 0.1

_TRIAL = 20  # smallest number of steps that measures the speed of a number of threads
_PATIENCE = 64  # number of lists before all threads, if they were slower, are tried again


@dataclass(eq=False)
class State:
    """The complete state of a run; two equal states have bit-identical futures.

    Attributes
    ----------
    positions : (N, 3) float64 array
        Unwrapped: moved by the integrator alone, never folded back into the box.
    velocities : (N, 3) float64 array
    species : (N,) int64 array
    box : float
    step : int
    thermostat_positions, thermostat_velocities : (chain,) float64 array
    twice_kinetic : float
        Sum of m v^2 as the thermostat uses it: the last sum over the velocities, scaled as they
        have been scaled since. NaN if it is to be summed again.
    """

    positions: np.ndarray
    velocities: np.ndarray
    species: np.ndarray
    box: float
    step: int
    thermostat_positions: np.ndarray
    thermostat_velocities: np.ndarray
    twice_kinetic: float = float("nan")

    def copy(self) -> State:
        """Return an independent copy."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return State(**{k: v.copy() if hasattr(v, "copy") else v for k, v in values.items()})


@dataclass(frozen=True)
class Thermostat:
    """Nose-Hoover chain: temperature, time constant tau (Q = N_f k_B T tau^2) and length.

    A ``time`` of 0 switches it off: plain velocity Verlet at constant energy.
    """

    temperature: float
    time: float = 0.25


def initial_state(
    mixture: Mixture, n: int, density: float, temperature: float, chain: int, seed: int
) -> State:
    """Place ``n`` particles on a cubic lattice, species at random, with thermal velocities.

    The composition is exact, the total momentum is zero and the kinetic temperature is
    ``temperature``. Particles are numbered species by species.
    """
    rng = np.random.default_rng(seed)
    box = box_length(n, density)
    edge = int(np.ceil(n ** (1 / 3) - 1e-9))
    sites = np.stack(np.meshgrid(*3 * [np.arange(edge)], indexing="ij"), axis=-1).reshape(-1, 3)
    positions = (rng.permutation(sites)[:n] + 0.5) * (box / edge)
    species = np.repeat(np.arange(len(mixture.species)), mixture.counts(n))
    velocities = thermal_velocities(mixture, species, temperature, rng)
    return State(positions, velocities, species, box, 0, np.zeros(chain), np.zeros(chain))


def thermal_velocities(
    mixture: Mixture, species: np.ndarray, temperature: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw velocities, (N, 3): no total momentum, exactly this kinetic temperature."""
    n = len(species)
    masses = mixture.masses[species][:, None]
    velocities = rng.normal(size=(n, 3)) / np.sqrt(masses)
    velocities -= (masses * velocities).sum(axis=0) / masses.sum()
    kinetic = 0.5 * float((masses * velocities**2).sum())
    return velocities * np.sqrt(0.5 * (3 * n - 3) * temperature / kinetic)


@dataclass(eq=False)
class Engine:
    """A running simulation: particles in the lanes of clusters, forces, thermostat.

    ``positions``, ``velocities`` and ``reference`` are blocked float64 arrays
    (:class:`softcage.md.forces.Clusters`). No particle may be farther than half a skin from its
    ``reference``. ``twice_kinetic`` and ``owed`` hold one number each: the sum of m v^2, and a
    factor by which the velocities have still to be multiplied.
    """

    mixture: Mixture
    species: np.ndarray  # of particles
    pairs: PairTable
    skin: float
    thin_skin: float
    step: int
    chain_positions: np.ndarray
    chain_velocities: np.ndarray
    twice_kinetic: np.ndarray
    owed: np.ndarray
    clusters: Clusters
    positions: np.ndarray
    velocities: np.ndarray
    masses: np.ndarray  # (2, n_lanes): mass and its inverse; 0 in empty lanes
    reference: np.ndarray  # (2, 3 n_lanes): positions for which the list was built, and pruned
    buffers: np.ndarray  # (threads, 3 n_lanes) fixed-point forces
    rebuilds: int = 0
    pace: dict[int, float] = field(default_factory=dict)  # threads: recent seconds per step
    trials: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: {"lists": 0.0, "steps": 0.0})

    @property
    def state(self) -> State:
        """The state, in the order of particles; a copy."""
        order, width = self.clusters.order, self.pairs.precision.lanes
        return State(
            unblock(self.positions, order, width),
            unblock(self.velocities, order, width) * self.owed[0],
            self.species.copy(),
            self.pairs.box,
            self.step,
            self.chain_positions.copy(),
            self.chain_velocities.copy(),
            float(self.twice_kinetic[0]),
        )


def start(
    mixture: Mixture,
    state: State,
    precision: str = "mixed",
    skin: float = SKIN,
    thin_skin: float = THIN_SKIN,
) -> Engine:
    """Prepare for integration from ``state``, which is not changed.

    Neither the skins nor the number of threads (that of Numba at this moment) change a result.
    In a small box the skin is reduced to what one image of each particle allows.

    Raises
    ------
    ValueError
        If the box does not hold the cut-off, or the precision is unknown.
    """
    skin = min(skin, 0.5 * state.box - float(mixture.cutoff.max()))
    thin_skin = min(skin, thin_skin)
    pairs = pair_table(mixture, state.box, skin, thin_skin, precision)
    clusters = build_clusters(state.positions, state.species, pairs)
    width = pairs.precision.lanes
    twice_kinetic = state.twice_kinetic
    if np.isnan(twice_kinetic):
        twice_kinetic = (mixture.masses[state.species] * (state.velocities**2).T).sum()
    engine = Engine(
        mixture=mixture,
        species=state.species.copy(),
        pairs=pairs,
        skin=skin,
        thin_skin=thin_skin,
        step=state.step,
        chain_positions=state.thermostat_positions.copy(),
        chain_velocities=state.thermostat_velocities.copy(),
        twice_kinetic=np.array([twice_kinetic]),
        owed=np.ones(1),
        clusters=clusters,
        positions=block(state.positions, clusters.order, width),
        velocities=block(state.velocities, clusters.order, width),
        masses=_lane_masses(mixture, clusters),
        reference=np.stack(2 * [block(state.positions, clusters.order, width)]),
        buffers=aligned((get_num_threads(), len(clusters.coordinates)), pairs.precision.fixed),
    )
    _compute_forces(engine)
    return engine


def _lane_masses(mixture: Mixture, clusters: Clusters) -> np.ndarray:
    of_species = np.stack([[*mixture.masses, 0.0], [*(1.0 / mixture.masses), 0.0]])
    return np.ascontiguousarray(of_species[:, clusters.species])


def _compute_forces(engine: Engine) -> None:
    lists = engine.clusters
    accumulate_forces(
        lists.species, lists.coordinates, lists.constants, engine.pairs.inverse_unit2,
        lists.table, lists.length, engine.buffers,
    )  # fmt: skip
    engine.buffers[0] = engine.buffers.sum(axis=0, dtype=engine.buffers.dtype)


def _rebuild(engine: Engine) -> None:
    """Sort the particles again and list their neighbours."""
    begin = time.perf_counter()
    old, width = engine.clusters.order, engine.pairs.precision.lanes
    positions = unblock(engine.positions, old, width)
    velocities = unblock(engine.velocities, old, width)
    if not np.isfinite(positions).all():
        raise FloatingPointError(
            f"coordinates are not finite at step {engine.step}: the time step is too long or "
            "the start has overlaps"
        )
    clusters = build_clusters(
        positions, engine.species, engine.pairs, engine.clusters.wide.shape[1]
    )
    engine.clusters = clusters
    engine.positions = block(positions, clusters.order, width)
    engine.velocities = block(velocities, clusters.order, width)
    engine.reference = np.stack(2 * [engine.positions])
    engine.masses = _lane_masses(engine.mixture, clusters)
    engine.rebuilds += 1
    engine.seconds["lists"] += time.perf_counter() - begin


def advance(engine: Engine, n_steps: int, timestep: float, thermostat: Thermostat) -> None:
    """Advance by ``n_steps`` of velocity Verlet with a Nose-Hoover chain.

    The integrator is the symmetric splitting of Martyna, Tuckerman, Tobias and Klein (Mol. Phys.
    87, 1117, 1996). The neighbour list is checked in every step and rebuilt before any two
    particles can have come closer than its skin allows.

    Raises
    ------
    FloatingPointError
        If coordinates are not finite, or a force or an energy comes near the largest that is summed
        exactly: the time step is too long or the start has overlaps.
    """
    begin, listing, threads = time.perf_counter(), engine.seconds["lists"], get_num_threads()
    try:
        _advance(engine, int(n_steps), timestep, thermostat)
    finally:
        set_num_threads(threads)
    engine.seconds["steps"] += time.perf_counter() - begin - engine.seconds["lists"] + listing


def _advance(engine: Engine, remaining: int, timestep: float, thermostat: Thermostat) -> None:
    halfway = False
    while remaining > 0:
        lists, pairs, threads = engine.clusters, engine.pairs, _threads_to_use(engine)
        set_num_threads(threads)
        resumed = time.perf_counter()
        done, halfway, peaks = _steps(
            remaining, halfway, timestep, thermostat.temperature, thermostat.time,
            engine.positions, engine.velocities, engine.masses, engine.reference,
            engine.buffers[:threads], engine.twice_kinetic, engine.owed, engine.chain_positions,
            engine.chain_velocities, 1.0 / pairs.box, pairs.inverse_unit2,
            pairs.force_unit, 0.25 * engine.skin**2, 0.25 * engine.thin_skin**2,
            3 * len(engine.species) - 3, lists.species, lists.coordinates, lists.constants,
            lists.reach2[1], lists.wide, lists.wide_length, lists.table, lists.length,
        )  # fmt: skip
        if done >= _TRIAL:
            seconds = (time.perf_counter() - resumed) / done
            # A single slow moment has little effect.
            engine.pace[threads] = min(seconds, 1.25 * engine.pace.get(threads, seconds))
        remaining -= done
        engine.step += done
        force, energy = peaks
        if force > 0.5 * pairs.precision.exact or energy > 0.5 * EXACT_INTEGER:
            raise FloatingPointError(
                f"a force of {force * pairs.force_unit:.3g} and a kinetic energy of "
                f"{0.5 * energy * ENERGY_UNIT:.3g} at step {engine.step} are too large: the "
                f"time step {timestep:g} is too long or the start has overlaps"
            )
        if halfway:
            _rebuild(engine)


def _threads_to_use(engine: Engine) -> int:
    """Return the number of threads to use: one if all threads were slower when last tried.

    All threads are slower if another process uses one of their cores, because each step waits for
    the slowest thread. Results do not depend on the number of threads.
    """
    all_threads, pace = len(engine.buffers), engine.pace
    if 1 not in pace:
        return 1
    engine.trials += 1
    slower = pace.get(all_threads, 0.0) > pace[1]
    return 1 if slower and engine.trials % _PATIENCE else all_threads


def observables(engine: Engine, thermostat: Thermostat) -> dict[str, float]:
    """Return temperature, potential_energy and conserved (per particle) and pressure.

    ``conserved`` is the energy of the extended system, constant up to the error of integration;
    with the thermostat off it is the total energy.
    """
    n = len(engine.species)
    twice_kinetic = float(engine.twice_kinetic[0])
    potential, virial = potential_energy_and_virial(engine.clusters, engine.pairs)
    degrees = 3 * n - 3
    conserved = potential + 0.5 * twice_kinetic
    if thermostat.time > 0:
        inertia = np.full(len(engine.chain_positions), thermostat.temperature)
        inertia *= thermostat.time**2
        inertia[0] *= degrees
        conserved += 0.5 * float((inertia * engine.chain_velocities**2).sum())
        conserved += thermostat.temperature * (
            degrees * engine.chain_positions[0] + engine.chain_positions[1:].sum()
        )
    return {
        "temperature": twice_kinetic / degrees,
        "potential_energy": potential / n,
        "pressure": (twice_kinetic + virial) / (3 * engine.pairs.box**3),
        "conserved": conserved / n,
    }


@kernel
def _steps(
    n_steps, halfway, timestep, temperature, time_constant, positions, velocities, masses,
    reference, buffers, twice_kinetic, owed, chain_positions, chain_velocities, inverse_box,
    inverse_unit2, force_unit, limit, thin_limit, degrees, species, coordinates, constants,
    thin_reach2, wide, wide_length, table, length,
):  # fmt: skip
    """Integrate to the end, or until the neighbour list is outdated, which stops halfway in a step.

    Return the number of whole steps, whether the last one stopped halfway, and the largest force
    and energy of a lane, in their units.
    """
    kick = 0.5 * timestep * force_unit
    fresh = np.empty((2, len(buffers)), np.bool_)
    of_thread = np.empty(len(buffers), np.int64)
    largest_of_thread = np.zeros((2, len(buffers)))
    expected = np.empty_like(coordinates)
    for step in range(n_steps):
        if not (halfway and step == 0):
            scale = _chain_half_step(
                timestep, temperature, time_constant, degrees, twice_kinetic, chain_positions,
                chain_velocities,
            )  # fmt: skip
            _first_half(
                kick, timestep, owed[0], scale, positions, velocities, masses[1], reference,
                buffers, inverse_box, coordinates, limit, thin_limit, fresh,
            )  # fmt: skip
            owed[0] = 1.0
            if not fresh[0].all():
                return step, True, (largest_of_thread[0].max(), largest_of_thread[1].max())
            if not fresh[1].all():
                _look_ahead(thin_limit, positions, velocities, inverse_box, reference[1], expected)
                prune(species, expected, thin_reach2, wide, wide_length, table, length)
        accumulate_forces(
            species, coordinates, constants, inverse_unit2, table, length, buffers
        )  # fmt: skip
        _second_half(kick, velocities, masses, buffers, of_thread, largest_of_thread)
        twice_kinetic[0] = of_thread.sum() * ENERGY_UNIT
        owed[0] = _chain_half_step(
            timestep, temperature, time_constant, degrees, twice_kinetic, chain_positions,
            chain_velocities,
        )  # fmt: skip
    return n_steps, False, (largest_of_thread[0].max(), largest_of_thread[1].max())


@kernel
def _chain_half_step(
    timestep, temperature, time_constant, degrees, twice_kinetic, chain_positions, chain_velocities
):  # fmt: skip
    """Propagate the chain by half a step; return the factor by which to scale the velocities.

    ``twice_kinetic`` is scaled here.
    """
    if time_constant <= 0.0:
        return 1.0
    q = temperature * time_constant**2
    last = len(chain_positions) - 1
    scale = 1.0
    for sweep in range(2):
        for index in range(last + 1):
            k = last - index if sweep == 0 else index
            inertia = q * degrees if k == 0 else q
            if k == 0:
                drive = twice_kinetic[0] - degrees * temperature
            else:
                below = q * degrees if k == 1 else q
                drive = below * chain_velocities[k - 1] ** 2 - temperature
            drag = np.exp(-0.125 * timestep * chain_velocities[k + 1]) if k < last else 1.0
            chain_velocities[k] *= drag
            chain_velocities[k] += 0.25 * timestep * drive / inertia
            chain_velocities[k] *= drag
        if sweep == 0:
            scale = np.exp(-0.5 * timestep * chain_velocities[0])
            for k in range(last + 1):
                chain_positions[k] += 0.5 * timestep * chain_velocities[k]
            twice_kinetic[0] *= scale * scale
    return scale


@kernel(parallel=True)
def _first_half(
    kick, timestep, owed, scale, positions, velocities, inverse_masses, reference, buffers,
    inverse_box, coordinates, limit, thin_limit, fresh,
):  # fmt: skip
    threads, clusters = len(buffers), len(inverse_masses) // np.int64(lanes(coordinates))
    for thread in prange(threads):
        fresh[0, thread], fresh[1, thread] = _kick_and_drift(
            thread * clusters // threads, (thread + 1) * clusters // threads, kick, timestep,
            owed, scale, positions, velocities, inverse_masses, reference[0], reference[1],
            buffers[0], inverse_box, coordinates, limit, thin_limit,
        )  # fmt: skip


@kernel
def _kick_and_drift(
    begin, end, kick, timestep, owed, scale, positions, velocities, inverse_masses, listed,
    pruned, forces, inverse_box, coordinates, limit, thin_limit,
):  # fmt: skip
    """Scale and kick velocities, move particles; return whether both neighbour lists hold."""
    late, factor, kicks = broadcast_full(owed), broadcast_full(scale), broadcast_full(kick)
    step, inverse = broadcast_full(timestep), broadcast_full(inverse_box)
    far, thin = broadcast_full(limit), broadcast_full(thin_limit)
    width, n = lanes(coordinates), lanes(positions)
    near = nearer = less(zeros(far), far)
    for lane in range(np.uint64(begin) * width, np.uint64(end) * width, n):
        impulse = kicks * load_full(inverse_masses, lane)
        distance2 = thin_distance2 = zeros(far)
        for d in range(np.uint64(3)):
            k = (np.uint64(3) * (lane // width) + d) * width + lane % width
            # First the factor owed from the last step: two factors are not one rounded product.
            velocity = load_full(velocities, k) * late * factor
            velocity = fma(impulse, to_float64(load_like(forces, k, velocity)), velocity)
            position = fma(step, velocity, load_full(positions, k))
            store(velocities, k, velocity)
            store(positions, k, position)
            store(coordinates, k, fixed_coordinate(position * inverse, coordinates))
            moved = position - load_full(listed, k)
            distance2 = fma(moved, moved, distance2)
            moved = position - load_full(pruned, k)
            thin_distance2 = fma(moved, moved, thin_distance2)
        near = both(near, less(distance2, far))  # also False if it is not finite
        nearer = both(nearer, less(thin_distance2, thin))
    all_lanes = (np.uint64(1) << n) - np.uint64(1)
    return bits(near) == all_lanes, bits(nearer) == all_lanes


@kernel
def _look_ahead(limit, positions, velocities, inverse_box, expected, coordinates):
    """Write the positions expected when the fastest particle has moved as far as a list allows.

    A list for these positions is valid until that particle has moved twice as far. ``limit`` is the
    square of the distance allowed, ``coordinates`` are those of the ``expected`` positions.
    """
    width, n = lanes(coordinates), lanes(positions)
    inverse = broadcast_full(inverse_box)
    fastest2 = zeros(inverse)
    for lane in range(np.uint64(0), np.uint64(len(positions)) // np.uint64(3), n):
        speed2 = zeros(inverse)
        for d in range(np.uint64(3)):
            k = (np.uint64(3) * (lane // width) + d) * width + lane % width
            velocity = load_full(velocities, k)
            speed2 = fma(velocity, velocity, speed2)
        fastest2 = maximum(speed2, fastest2)
    # A little less, otherwise the fastest is too far away at once. All particles may be at rest.
    time = 0.99 * np.sqrt(limit / max(largest(fastest2), 1e-300))
    ahead = broadcast_full(time)
    for k in range(np.uint64(0), np.uint64(len(positions)), n):
        position = fma(ahead, load_full(velocities, k), load_full(positions, k))
        store(expected, k, position)
        store(coordinates, k, fixed_coordinate(position * inverse, coordinates))


@kernel(parallel=True)
def _second_half(kick, velocities, masses, buffers, twice_kinetic, peaks):
    threads, clusters = len(buffers), masses.shape[1] // np.int64(lanes(buffers))
    forces = buffers.reshape(-1)
    for thread in prange(threads):
        twice_kinetic[thread], force, energy = _kick(
            thread * clusters // threads, (thread + 1) * clusters // threads, kick, velocities,
            masses[0], masses[1], forces, twice_kinetic,
        )  # fmt: skip
        peaks[0, thread] = max(peaks[0, thread], force)
        peaks[1, thread] = max(peaks[1, thread], energy)


@kernel
def _kick(begin, end, kick, velocities, masses, inverse_masses, forces, like):
    """Add up the buffers in the first one, and kick the velocities.

    Return twice the kinetic energy, which is a sum of integers like the forces, and the largest
    force and energy of a lane.
    """
    kicks, unit = broadcast_full(kick), broadcast_full(1.0 / ENERGY_UNIT)
    strongest = fastest = zeros(unit)
    energy = rounded(strongest, like)
    size, width, n = np.uint64(len(velocities)), lanes(forces), lanes(velocities)
    for lane in range(np.uint64(begin) * width, np.uint64(end) * width, n):
        mass = load_full(masses, lane) * unit
        impulse = kicks * load_full(inverse_masses, lane)
        for d in range(np.uint64(3)):
            k = (np.uint64(3) * (lane // width) + d) * width + lane % width
            force = load_like(forces, k, unit)
            for other in range(k + size, np.uint64(len(forces)), size):
                force += load_like(forces, other, unit)
            store(forces, k, force)
            strength = to_float64(force)
            strongest = maximum(maximum(strength, -strength), strongest)
            velocity = fma(impulse, strength, load_full(velocities, k))
            store(velocities, k, velocity)
            part = mass * velocity * velocity
            fastest = maximum(part, fastest)
            energy += rounded(part, like)
    return total(energy), largest(strongest), largest(fastest)
