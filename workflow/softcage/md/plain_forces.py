"""Forces of any pair potential in any box, in NumPy, for what needs few of them.

The kernels of :mod:`softcage.md.forces` are those of Lennard-Jones 12-6 in a periodic cube, and far
faster.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from softcage.box import Box, pairs_within, placed
from softcage.model import Mixture, Potential

_SKIN = 0.3  # sigma_AA


class PlainForces:
    """Forces and energy from a list of pairs that is made again when a particle has moved far.

    Parameters
    ----------
    mixture : Mixture
    species : (N,) int array
    box : float, Box or array
        What :meth:`softcage.box.Box.of` takes.

    Raises
    ------
    ValueError
        If the box is too small for the cut-off, or not periodic.
    """

    def __init__(self, mixture: Mixture, species: np.ndarray, box: Any) -> None:
        self.mixture, self.species, self.box = mixture, species, Box.of(box)
        if self.box.bounded:
            raise ValueError("inherent structures need a box that is periodic in all directions")
        cutoff = float(mixture.cutoff.max())
        if cutoff >= self.box.half:
            raise ValueError(
                f"the cut-off {cutoff:g} is not below half the box ({self.box.half:.4g}): use a "
                "larger system"
            )
        self.skin = min(_SKIN, self.box.half - cutoff)
        self.reach = cutoff + self.skin
        self.listed: np.ndarray | None = None

    def _list_pairs(self, positions: np.ndarray) -> None:
        """List all pairs within the cut-off and the skin, sorted by their species."""
        pairs = pairs_within(*placed(positions, self.box), self.reach)
        n = len(self.mixture.species)
        kinds = np.sort(self.species[pairs], axis=1) @ [n, 1]
        order = np.argsort(kinds, kind="stable")
        self.i, self.j = pairs[order].T
        ends = np.searchsorted(kinds[order], np.arange(n * n + 1))
        self.parts = {divmod(k, n): slice(ends[k], ends[k + 1]) for k in range(n * n)}
        self.listed = positions.copy()

    def _over_pairs(
        self, function: Potential, positions: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return a function of every pair (n,), its vectors (n, 2 or 3) and its distance."""
        moved = np.inf
        if self.listed is not None:
            moved = float(np.sqrt(((positions - self.listed) ** 2).sum(axis=1).max()))
        if moved > 0.5 * self.skin:
            self._list_pairs(positions)
        vectors = self.box.nearest(positions[self.i] - positions[self.j])
        distance = np.sqrt((vectors**2).sum(axis=1))
        values = np.empty(len(distance))
        for (u, v), part in self.parts.items():
            values[part] = function(u, v, distance[part])
        return values, vectors, distance

    def forces(self, positions: np.ndarray) -> np.ndarray:
        """Return the force on each particle, (N, 2 or 3)."""
        virial, vectors, distance = self._over_pairs(self.mixture.virial, positions)
        of_pairs = (virial / distance**2)[:, None] * vectors
        n = len(positions)
        return np.stack(
            [np.bincount(self.i, f, n) - np.bincount(self.j, f, n) for f in of_pairs.T], axis=1
        )

    def energy(self, positions: np.ndarray) -> float:
        """Return the potential energy of all particles."""
        return float(self._over_pairs(self.mixture.potential, positions)[0].sum())
