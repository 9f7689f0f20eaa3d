"""Velocity Verlet with a Nose-Hoover chain, and everything that a restart needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from softcage.forces import (
    Neighbours,
    PairTable,
    _forces,
    build_neighbours,
    lennard_jones_forces,
    pair_table,
    potential_energy_and_virial,
)
from softcage.model import Mixture, box_length


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
    reference : (N, 3) float64 array
        Positions at which the neighbour list was built. The order of a sum depends on the list,
        so a restart has to build the very list that the interrupted run was using.
    """

    positions: np.ndarray
    velocities: np.ndarray
    species: np.ndarray
    box: float
    step: int
    thermostat_positions: np.ndarray
    thermostat_velocities: np.ndarray
    reference: np.ndarray

    def copy(self) -> State:
        """Return an independent copy."""
        return State(
            self.positions.copy(),
            self.velocities.copy(),
            self.species.copy(),
            self.box,
            self.step,
            self.thermostat_positions.copy(),
            self.thermostat_velocities.copy(),
            self.reference.copy(),
        )


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
    masses = mixture.masses[species][:, None]
    velocities = rng.normal(size=(n, 3)) / np.sqrt(masses)
    velocities -= (masses * velocities).sum(axis=0) / masses.sum()
    kinetic = 0.5 * float((masses * velocities**2).sum())
    velocities *= np.sqrt(0.5 * (3 * n - 3) * temperature / kinetic)
    return State(
        positions, velocities, species, box, 0, np.zeros(chain), np.zeros(chain), positions.copy()
    )


@dataclass(eq=False)
class Engine:
    """A state with what is derived from it: pair constants, neighbour list and forces."""

    mixture: Mixture
    state: State
    pairs: PairTable
    neighbours: Neighbours
    forces: np.ndarray
    skin: float
    rebuilds: int = 0


def start(mixture: Mixture, state: State, skin: float = 0.35) -> Engine:
    """Prepare ``state`` for integration; it is advanced in place."""
    pairs = pair_table(mixture, skin)
    neighbours = build_neighbours(state.reference, state.species, state.box, pairs)
    forces = np.empty_like(state.positions)
    if _displacement2(state.positions, state.reference) > 0.25 * skin**2:
        raise ValueError(
            "the state's neighbour list is out of date: it is not a state that we made"
        )
    lennard_jones_forces(state.positions, state.species, state.box, pairs, neighbours, forces)
    return Engine(mixture, state, pairs, neighbours, forces, skin)


def advance(engine: Engine, n_steps: int, timestep: float, thermostat: Thermostat) -> None:
    """Advance ``engine.state`` by ``n_steps`` of velocity Verlet with a Nose-Hoover chain.

    Symmetric splitting of Martyna, Tuckerman, Tobias and Klein (Mol. Phys. 87, 1117, 1996). The
    neighbour list is checked on every step and rebuilt before any two particles can have come
    closer than its skin allows.

    Raises
    ------
    FloatingPointError
        If a particle moves further in one step than the skin or coordinates are not finite: the
        time step is too long.
    """
    state = engine.state
    masses = engine.mixture.masses[state.species]
    remaining = int(n_steps)
    while remaining > 0:
        lists, pairs = engine.neighbours, engine.pairs
        done, stale = _verlet(
            remaining, timestep, thermostat.temperature, thermostat.time,
            state.positions, state.velocities, engine.forces, masses, state.species, state.box,
            state.thermostat_positions, state.thermostat_velocities,
            pairs.sigma2, pairs.epsilon, pairs.cutoff2, engine.skin,
            lists.order, lists.shift, lists.segments, lists.table, lists.reference,
        )  # fmt: skip
        remaining -= done
        state.step += done
        if stale:
            if not np.isfinite(state.positions).all():
                raise FloatingPointError(
                    f"coordinates are not finite at step {state.step}: the time step "
                    f"{timestep:g} is too long or the start has overlaps"
                )
            engine.neighbours = build_neighbours(
                state.positions, state.species, state.box, engine.pairs
            )
            state.reference = engine.neighbours.reference
            engine.rebuilds += 1
            lennard_jones_forces(
                state.positions, state.species, state.box, engine.pairs, engine.neighbours,
                engine.forces,
            )  # fmt: skip
            _finish_step(
                timestep, thermostat.temperature, thermostat.time, state.velocities,
                engine.forces, masses, state.thermostat_positions, state.thermostat_velocities,
            )  # fmt: skip


def observables(engine: Engine, thermostat: Thermostat) -> dict[str, float]:
    """Return temperature, potential_energy and conserved (per particle) and pressure.

    ``conserved`` is the energy of the extended system, constant up to the error of integration;
    with the thermostat off it is the total energy.
    """
    state = engine.state
    n = len(state.positions)
    masses = engine.mixture.masses[state.species]
    twice_kinetic = _twice_kinetic(state.velocities, masses)
    potential, virial = potential_energy_and_virial(
        state.positions, state.species, state.box, engine.pairs, engine.neighbours
    )
    degrees = 3 * n - 3
    conserved = potential + 0.5 * twice_kinetic
    if thermostat.time > 0:
        inertia = np.full(len(state.thermostat_positions), thermostat.temperature)
        inertia *= thermostat.time**2
        inertia[0] *= degrees
        conserved += 0.5 * float((inertia * state.thermostat_velocities**2).sum())
        conserved += thermostat.temperature * (
            degrees * state.thermostat_positions[0] + state.thermostat_positions[1:].sum()
        )
    return {
        "temperature": twice_kinetic / degrees,
        "potential_energy": potential / n,
        "pressure": (twice_kinetic + virial) / (3 * state.box**3),
        "conserved": conserved / n,
    }


@njit(cache=True)
def _displacement2(positions, reference):
    """Return the largest squared displacement since the list was built; inf if not finite."""
    largest = 0.0
    for i in range(len(positions)):
        d2 = 0.0
        for d in range(3):
            d2 += (positions[i, d] - reference[i, d]) ** 2
        if not d2 <= largest:  # NaN too
            largest = d2 if d2 == d2 else np.inf
    return largest


@njit(cache=True)
def _twice_kinetic(velocities, masses):
    total = 0.0
    for i in range(len(velocities)):
        total += masses[i] * (velocities[i, 0] ** 2 + velocities[i, 1] ** 2 + velocities[i, 2] ** 2)
    return total


@njit(cache=True)
def _chain_half_step(timestep, temperature, time, velocities, masses, eta, eta_velocity):
    """Propagate the Nose-Hoover chain by half a step and scale the velocities."""
    if time <= 0.0:
        return
    m = len(eta)
    degrees = 3 * len(velocities) - 3
    twice_kinetic = _twice_kinetic(velocities, masses)
    q = temperature * time * time
    last = m - 1
    for sweep in range(2):
        for index in range(m):
            k = last - index if sweep == 0 else index
            inertia = q * degrees if k == 0 else q
            if k == 0:
                drive = twice_kinetic - degrees * temperature
            else:
                below = q * degrees if k == 1 else q
                drive = below * eta_velocity[k - 1] ** 2 - temperature
            drag = np.exp(-0.125 * timestep * eta_velocity[k + 1]) if k < last else 1.0
            eta_velocity[k] *= drag
            eta_velocity[k] += 0.25 * timestep * drive / inertia
            eta_velocity[k] *= drag
        if sweep == 0:
            scale = np.exp(-0.5 * timestep * eta_velocity[0])
            for k in range(m):
                eta[k] += 0.5 * timestep * eta_velocity[k]
            twice_kinetic *= scale * scale
            for i in range(len(velocities)):
                for d in range(3):
                    velocities[i, d] *= scale


@njit(cache=True)
def _kick(timestep, velocities, forces, masses):
    for i in range(len(velocities)):
        for d in range(3):
            velocities[i, d] += 0.5 * timestep * forces[i, d] / masses[i]


@njit(cache=True)
def _finish_step(timestep, temperature, time, velocities, forces, masses, eta, eta_velocity):
    _kick(timestep, velocities, forces, masses)
    _chain_half_step(timestep, temperature, time, velocities, masses, eta, eta_velocity)


@njit(cache=True)
def _verlet(
    n_steps, timestep, temperature, time, positions, velocities, forces, masses, species, box,
    eta, eta_velocity, sigma2, epsilon, cutoff2, skin, order, shift, segments, table, reference,
):  # fmt: skip
    """Integrate until done or until the list is stale: then the last step lacks its second half."""
    limit = 0.25 * skin * skin
    for step in range(n_steps):
        _chain_half_step(timestep, temperature, time, velocities, masses, eta, eta_velocity)
        _kick(timestep, velocities, forces, masses)
        for i in range(len(positions)):
            for d in range(3):
                positions[i, d] += timestep * velocities[i, d]
        if _displacement2(positions, reference) > limit:
            return step + 1, True
        _forces(
            positions, species, box, sigma2, epsilon, cutoff2, order, shift, segments, table,
            forces,
        )  # fmt: skip
        _finish_step(timestep, temperature, time, velocities, forces, masses, eta, eta_velocity)
    return n_steps, False
