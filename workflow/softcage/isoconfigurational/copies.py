r"""Configurations that share a part of their structure with another one, and are new otherwise.

The propensity of such copies says how much of the dynamics the shared part determines
(:mod:`softcage.ranking.bounds`). Two parts are kept:

- *the same cages*: particles stay within :data:`softcage.descriptors.cage_state.CAGE_RADIUS` of
  their positions in the inherent structure, and their thermal vibrations are drawn anew;
- *the same sphere*: particles in a sphere that is as wide as the box keep their positions, and all
  others are moved by the equilibrium dynamics for a long time in the field of those that are held.
  The kept particles are those of an equilibrated liquid, so that the whole is a configuration of
  the liquid, drawn from all that have this sphere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from softcage.descriptors.cage_state import CAGE_TIME, positions_in_cages
from softcage.isoconfigurational.runs import Start
from softcage.md.integrator import State, Thermostat, advance, thermal_velocities
from softcage.md.integrator import start as start_engine
from softcage.md.minimise import inherent_structure
from softcage.model import Mixture

#: Mass of particles that are held, in units of that of the others. At thermal velocities they move
#: by 1e-6 of what the others do.
_HELD_MASS = 1e12


def depth_in_sphere(positions: np.ndarray, box: float) -> np.ndarray:
    """Return the distance of particles to the surface of the kept sphere, negative outside it.

    Parameters
    ----------
    positions : (N, 3) array
        Wrapped into the box, from 0 to ``box``.
    box : float
        Edge of the box. The sphere touches its faces.

    Returns
    -------
    (N,) array
    """
    return 0.5 * box - np.sqrt(((positions - 0.5 * box) ** 2).sum(axis=1))


def with_same_cages(begin: Start, mixture: Mixture, temperature: float, seed: int) -> Start:
    """Return a configuration with the cages of another one and with other vibrations in them.

    Parameters
    ----------
    begin : Start
        The configuration.
    mixture : Mixture
        Lennard-Jones 12-6.
    temperature : float
    seed : int
        Of the velocities: equal seeds give equal results.
    """
    inherent = inherent_structure(begin.positions, begin.types, begin.box, mixture)
    positions = positions_in_cages(
        inherent, begin.types, begin.box, mixture, temperature, CAGE_TIME, seed
    )
    return replace(begin, positions=positions % begin.box, averaged=None)


def with_same_sphere(
    begin: Start,
    mixture: Mixture,
    temperature: float,
    time: float,
    seed: int,
    engine: Mapping[str, Any],
) -> Start:
    """Return a configuration that has the sphere of another one and is drawn anew around it.

    Held particles are species of their own with an enormous mass, so that the canonical
    distribution of all others, in the field of those that are held, is that of the thermostat.

    Parameters
    ----------
    begin : Start
        The configuration, of an equilibrated liquid.
    mixture : Mixture
        Lennard-Jones 12-6.
    temperature : float
    time : float
        Length of the run, several times tau_alpha.
    seed : int
        Of the velocities: equal seeds give equal results.
    engine : mapping
        ``timestep``, ``thermostat_time``, ``thermostat_chain`` and ``precision``.
    """
    held = depth_in_sphere(begin.positions, begin.box) > 0
    both = _with_held(mixture)
    species = begin.types + len(mixture.species) * held
    rng, chain = np.random.default_rng(seed), np.zeros(engine["thermostat_chain"])
    velocities = thermal_velocities(both, species, temperature, rng)
    state = State(
        begin.positions.copy(), velocities, species, float(begin.box), 0, chain, chain.copy()
    )
    running = start_engine(both, state, engine["precision"])
    thermostat = Thermostat(temperature, engine["thermostat_time"])
    advance(running, round(time / engine["timestep"]), engine["timestep"], thermostat)
    positions = np.where(held[:, None], begin.positions, running.state.positions % begin.box)
    return replace(begin, positions=positions, averaged=None)


def _with_held(mixture: Mixture) -> Mixture:
    """Return a mixture with each species a second time, too heavy to move."""
    return replace(
        mixture,
        species=(*mixture.species, *(f"held {name}" for name in mixture.species)),
        fractions=np.tile(0.5 * mixture.fractions, 2),
        sigma=np.tile(mixture.sigma, (2, 2)),
        epsilon=np.tile(mixture.epsilon, (2, 2)),
        cutoff=np.tile(mixture.cutoff, (2, 2)),
        masses=np.concatenate([mixture.masses, _HELD_MASS * mixture.masses]),
    )
