r"""Configurations that share a part of their structure with another one, and are new otherwise.

The propensity of such copies says how much of the dynamics the shared part determines
(:mod:`softcage.ranking.bounds`). Two parts are kept:

- *the same cages*: particles stay within :data:`softcage.descriptors.cage_state.CAGE_RADIUS` of
  their positions in the inherent structure, and their thermal vibrations are drawn anew;
- *the same sphere*: particles in a sphere that is as wide as the box keep their positions. All
  others are melted, cooled and equilibrated in the field of those that are held. The kept particles
  are those of an equilibrated liquid, so that the whole is a configuration of the liquid, drawn
  from all that have this sphere. Near the sphere, many of the new particles are where others were
  before: this is what the sphere determines of its surroundings.
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

# Mass of particles that are held, in units of that of the others: a force moves them 1e-12 times as
# far.
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

    Held particles are species of their own with an enormous mass, at rest. The others have a
    Nose-Hoover thermostat whose temperature counts their degrees of freedom alone. It has one
    thermostat and no chain, so that this is exact.

    Parameters
    ----------
    begin : Start
        The configuration, of an equilibrated liquid.
    mixture : Mixture
        Lennard-Jones 12-6.
    temperature : float
    time : float
        Length of the run at this temperature, several times tau_alpha.
    seed : int
        Of the velocities: equal seeds give equal results.
    engine : mapping
        ``timestep``, ``thermostat_time`` and ``precision``; ``melt_temperature`` and ``melt_time``
        of the melt.
    """
    held = depth_in_sphere(begin.positions, begin.box) > 0
    melt, both = engine["melt_temperature"], _with_held(mixture)
    velocities = thermal_velocities(mixture, begin.types, melt, np.random.default_rng(seed))
    velocities[held] = 0.0
    species = begin.types + len(mixture.species) * held
    state = State(
        begin.positions.copy(), velocities, species, float(begin.box), 0, np.zeros(1), np.zeros(1)
    )
    running = start_engine(both, state, engine["precision"])
    moving = np.count_nonzero(~held) / (len(held) - 1)  # share of what the engine counts
    for stage_temperature, stage_time in ((melt, engine["melt_time"]), (temperature, time)):
        thermostat = Thermostat(moving * stage_temperature, engine["thermostat_time"])
        steps = round(stage_time / engine["timestep"])
        advance(running, steps, engine["timestep"], thermostat)
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
