r"""Rest path: where particles go if a configuration is released at rest.

All velocities are zero at first and there is no thermostat, so that the path
:math:`\mathbf{r}_i(t)` is deterministic mechanics: it follows from the structure alone. It is
dynamics all the same, of a few dozen vibrations, and predictors that use it say so.

The path is chaotic: an error of rounding has grown to the size of the motion after about 25 time
units. Distances up to t = 5 are therefore those of any code; averages up to t = 27 are reproducible
for one order of operations, and between two origins of the box they differ as averages of samples
do. Forces are in double precision, because in mixed precision this begins ten time units
earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from softcage.descriptors.released import RELEASE_STEP, released
from softcage.md.integrator import Thermostat, advance
from softcage.model import Composition

#: Times at which positions are recorded, (m sigma_AA^2 / epsilon_AA)^(1/2).
REST_TIMES = (0.03, 0.06, 0.1, 0.2, 0.3, 0.45, 0.7, 1.0, 1.5, 2.2, 3.3, 5.0)
#: Times between which the position is averaged, and the time between two samples.
REST_WINDOW, REST_SAMPLE = (2.0, 27.0), 0.1
_NO_THERMOSTAT = Thermostat(temperature=0.0, time=0.0)


@dataclass(frozen=True, eq=False)
class RestPath:
    """The rest path of a configuration.

    Attributes
    ----------
    moved : (n_times, N, 3) array
        Displacements from the start at some times, sigma_AA.
    mean : (N, 3) array
        Displacement averaged over a later range of times.
    variance : (N,) array
        Mean square distance from this average in the same range, sigma_AA^2.
    """

    moved: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


def rest_path(
    positions: np.ndarray,
    species: np.ndarray,
    box: Any,
    mixture: Composition,
    times: tuple[float, ...] = REST_TIMES,
    window: tuple[float, float] = REST_WINDOW,
    precision: str = "double",
) -> RestPath:
    """Release a configuration at rest and follow it with velocity Verlet at constant energy.

    Parameters
    ----------
    positions : (N, 3) array
        Wrapped or unwrapped, sigma_AA.
    species : (N,) int array
    box : float, Box or array
        A periodic cube along x, y and z.
    mixture : Composition
        Lennard-Jones 12-6.
    times : tuple of float
        Times of ``moved``, in multiples of :data:`softcage.descriptors.released.RELEASE_STEP`.
    window : pair of float
        Times between which the position is averaged.
    precision : str
        Of the forces: ``mixed`` or ``double``.

    Raises
    ------
    ValueError
        As :func:`softcage.descriptors.released.released`.
    """
    engine = released(positions, np.zeros_like(positions), species, box, mixture, precision)
    recorded = np.rint(np.array(times) / RELEASE_STEP).astype(int)
    first, last, every = np.rint(np.array([*window, REST_SAMPLE]) / RELEASE_STEP).astype(int)
    sampled = np.arange(first, last + 1, every)
    moved: dict[int, np.ndarray] = {}
    total, squares = np.zeros_like(engine.state.positions), np.zeros(len(positions))
    for step in np.union1d(recorded, sampled):
        advance(engine, int(step) - engine.step, RELEASE_STEP, _NO_THERMOSTAT)
        displacement = engine.state.positions - positions
        if step in recorded:
            moved[int(step)] = displacement
        if step in sampled:
            total += displacement
            squares += (displacement**2).sum(axis=1)
    mean = total / len(sampled)
    variance = squares / len(sampled) - (mean**2).sum(axis=1)
    return RestPath(np.stack([moved[int(step)] for step in recorded]), mean, variance)
