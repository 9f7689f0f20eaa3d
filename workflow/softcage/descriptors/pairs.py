"""Sums over the neighbours of a particle: energy, virial, local density, number of neighbours."""

from __future__ import annotations

import numpy as np

from softcage.descriptors.average import weights
from softcage.descriptors.frame import Snapshot


def _sum(frame: Snapshot, values: np.ndarray, tagged: int, neighbour: int | None) -> np.ndarray:
    """Sum a quantity of pairs over the neighbours of one species, or of all, (n_tagged,)."""
    if neighbour is not None:
        values = np.where(frame.species[frame.pairs.j] == neighbour, values, 0.0)
    return frame.pairs.sum(values)[frame.species == tagged]


def potential_energy(frame: Snapshot, tagged: int = 0, neighbour: int | None = None) -> np.ndarray:
    """Potential energy of a particle: half the energy of its pairs, all or with one species."""
    energies = frame.over_pairs(frame.liquid.of_pairs.potential)
    return _sum(frame, 0.5 * energies, tagged, neighbour)


def virial(frame: Snapshot, tagged: int = 0, neighbour: int | None = None) -> np.ndarray:
    r"""Virial of a particle: half the virial of its pairs, all or with one species.

    .. math:: W_i = -\frac{1}{2 d} \sum_j r_{ij} U'(r_{ij})

    Divided by the volume of the particle, it is the pressure on it without the kinetic part.
    """
    virials = frame.over_pairs(frame.liquid.of_pairs.virial)
    return _sum(frame, virials / (2.0 * frame.cell.dimension), tagged, neighbour)


def density_sum(
    frame: Snapshot, tagged: int = 0, neighbour: int | None = None, length: float = 1.0
) -> np.ndarray:
    """Sum of exp(-r/L) over the neighbours of one species, or of all, within half the box."""
    species = range(len(frame.fractions)) if neighbour is None else [neighbour]
    total = sum(weights(frame, length, tagged, v).sum(axis=1) for v in species)
    return total - (tagged in species)  # the particle itself


def neighbours(frame: Snapshot, tagged: int = 0, neighbour: int = 0) -> np.ndarray:
    """Number of neighbours of one species in the first shell, r < r_min."""
    near = frame.pairs.distance < frame.liquid.r_min[tagged, neighbour]
    return _sum(frame, near.astype(float), tagged, neighbour)
