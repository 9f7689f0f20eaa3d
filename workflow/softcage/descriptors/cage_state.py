r"""Cage state: mean positions of particles that may not leave their cages at their temperature.

Canonical dynamics in which a particle that is farther than :math:`r_c` from its position in the
inherent structure is turned back: of its velocity the component along the displacement is reversed,
as if it hit a hard sphere of radius :math:`r_c` about that position. This reflection keeps the
kinetic energy and the volume in phase space, so that the canonical distribution inside all spheres
remains invariant; reversing the whole velocity would do so as well, but would send the particle
back on its path, and it would forget its start later.

The average position over a few vibrations is the centre of the cage, which predicts more of the
dynamics than the inherent structure (R. M. Alkemade, F. Smallenburg, L. Filion, J. Chem. Phys. 158,
134512 (2023)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from softcage.compiled.decorator import kernel
from softcage.descriptors.released import RELEASE_STEP, released
from softcage.md.forces import block
from softcage.md.integrator import Engine, Thermostat, advance, thermal_velocities
from softcage.model import Composition, known_forces

#: Radius of the sphere that holds a particle, sigma_AA.
CAGE_RADIUS = 0.35
#: Time over which positions are averaged, and that before it, (m sigma_AA^2 / epsilon_AA)^(1/2).
#: Half of it would do, at a loss of 0.002 to 0.004 in the correlation with the propensity.
CAGE_TIME, CAGE_RELAXATION = 50.0, 3.0
_SAMPLE = 20  # steps between two samples
_CHECK = 2  # steps between two looks at who has left its sphere
_SEED = 0


@dataclass(frozen=True, eq=False)
class CageState:
    """Averages over the motion of particles that are held in their cages.

    Attributes
    ----------
    positions : (N, 3) array
        Mean positions, near those of the inherent structure, not folded back into the box.
    variance : (N,) array
        Mean square distance from the mean position, sigma_AA^2.
    farthest : float
        Largest distance of a particle from its inherent position in the samples.
    """

    positions: np.ndarray
    variance: np.ndarray
    farthest: float


def cage_state(
    inherent: np.ndarray,
    species: np.ndarray,
    box: Any,
    mixture: Composition,
    temperature: float,
    time: float = CAGE_TIME,
    seed: int = _SEED,
) -> CageState:
    """Average the positions of particles that are held in their cages.

    The run begins in the inherent structure, where every particle is inside its sphere, with
    velocities of the Maxwell distribution.

    Parameters
    ----------
    inherent : (N, 3) array
        Positions of the inherent structure, wrapped or unwrapped, sigma_AA.
    species : (N,) int array
    box : float, Box or array
        A periodic cube along x, y and z.
    mixture : Composition
        Lennard-Jones 12-6.
    temperature : float
    time : float
        Time of the average, after a relaxation of :data:`CAGE_RELAXATION`.
    seed : int
        Of the velocities: equal seeds give equal results.

    Raises
    ------
    ValueError
        As :func:`softcage.descriptors.released.released`.
    """
    engine, thermostat = _caged(inherent, species, box, mixture, temperature, seed)
    samples = time / RELEASE_STEP / _SAMPLE
    total, squares, farthest = np.zeros_like(inherent), np.zeros(len(inherent)), 0.0
    for _ in range(round(samples)):
        _advance_caged(engine, _SAMPLE, thermostat, inherent)
        displacement = engine.state.positions - inherent
        distance2 = (displacement**2).sum(axis=1)
        total += displacement
        squares += distance2
        farthest = max(farthest, float(np.sqrt(distance2.max())))
    mean = total / round(samples)
    variance = squares / round(samples) - (mean**2).sum(axis=1)
    return CageState(inherent + mean, variance, farthest)


def positions_in_cages(
    inherent: np.ndarray,
    species: np.ndarray,
    box: Any,
    mixture: Composition,
    temperature: float,
    time: float,
    seed: int,
) -> np.ndarray:
    """Return the positions (N, 3) at one time of particles that are held in their cages.

    Parameters are those of :func:`cage_state`; ``time`` is the length of the run after the
    relaxation. Positions are not folded back into the box.
    """
    engine, thermostat = _caged(inherent, species, box, mixture, temperature, seed)
    _advance_caged(engine, round(time / RELEASE_STEP), thermostat, inherent)
    return engine.state.positions


def _caged(
    inherent: np.ndarray,
    species: np.ndarray,
    box: Any,
    mixture: Composition,
    temperature: float,
    seed: int,
) -> tuple[Engine, Thermostat]:
    """Return an engine with all particles in their cages, after a relaxation."""
    rng = np.random.default_rng(seed)
    velocities = thermal_velocities(known_forces(mixture), species, temperature, rng)
    engine = released(inherent, velocities, species, box, mixture, "mixed")
    thermostat = Thermostat(temperature)
    _advance_caged(engine, round(CAGE_RELAXATION / RELEASE_STEP), thermostat, inherent)
    return engine, thermostat


def _advance_caged(
    engine: Engine, n_steps: int, thermostat: Thermostat, centres: np.ndarray
) -> None:
    """Advance, and turn back every few steps the particles that have left their spheres."""
    width, order = engine.pairs.precision.lanes, np.empty(0)
    for _ in range(n_steps // _CHECK):
        advance(engine, _CHECK, RELEASE_STEP, thermostat)
        if engine.clusters.order is not order:  # particles were sorted anew
            order = engine.clusters.order
            blocked = block(centres, order, width)
        _turn_back(engine.positions, engine.velocities, blocked, width, CAGE_RADIUS**2)


@kernel
def _turn_back(positions, velocities, centres, width, radius2):
    """Reverse the outward part of the velocities of particles beyond a distance from a centre.

    All arrays are blocked (:class:`softcage.md.forces.Clusters`).
    """
    for begin in range(0, len(positions), 3 * width):
        for k in range(begin, begin + width):
            distance2 = outward = 0.0
            for d in range(3):
                displacement = positions[k + d * width] - centres[k + d * width]
                distance2 += displacement * displacement
                outward += displacement * velocities[k + d * width]
            if distance2 > radius2 and outward > 0.0:
                for d in range(3):
                    displacement = positions[k + d * width] - centres[k + d * width]
                    velocities[k + d * width] -= 2.0 * outward / distance2 * displacement
