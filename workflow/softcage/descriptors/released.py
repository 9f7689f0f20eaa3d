"""The engine of the simulation for a single configuration, started from it without a past."""

from __future__ import annotations

from typing import Any

import numpy as np

from softcage.box import placed
from softcage.md.integrator import Engine, State, start
from softcage.model import Composition, known_forces

#: Time step of runs that descriptors are computed from, (m sigma_AA^2 / epsilon_AA)^(1/2).
RELEASE_STEP = 0.005
_CHAIN = 3  # thermostats in the Nose-Hoover chain


def released(
    positions: np.ndarray,
    velocities: np.ndarray,
    species: np.ndarray,
    box: Any,
    mixture: Composition,
    precision: str,
) -> Engine:
    """Return an engine at these positions and velocities.

    Parameters
    ----------
    positions, velocities : (N, 3) array
    species : (N,) int array
    box : float, Box or array
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes; periodic.
    mixture : Composition
        A mixture with its potential.
    precision : str
        ``mixed`` or ``double``.

    Raises
    ------
    ValueError
        If the potential is not known, or not Lennard-Jones 12-6, or the box is no periodic cube
        along x, y and z that holds the cut-off.
    """
    mixture, cell = known_forces(mixture), placed(positions, box)[1]
    if not cell.is_cube or cell.is_turned or cell.bounded:
        raise ValueError(
            "the rest path and the cage state are those of the simulation, which needs a periodic "
            "cube along x, y and z: choose other descriptors for this box"
        )
    state = State(
        np.array(positions, dtype=np.float64),
        np.array(velocities, dtype=np.float64),
        np.ascontiguousarray(species, dtype=np.int64),
        cell.edge,
        0,
        np.zeros(_CHAIN),
        np.zeros(_CHAIN),
    )
    return start(mixture, state, precision)
