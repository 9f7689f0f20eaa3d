"""Features that a person can name, and the sets of them that are fitted.

The sets were chosen on eight configurations at T = 0.44 (docs/beyond.md says how), and are frozen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from softcage.descriptors.average import averages
from softcage.descriptors.frame import Snapshot
from softcage.descriptors.table import BY_NAME, evaluate


@dataclass(frozen=True)
class Feature:
    """A descriptor of the particle itself, or averaged about it.

    Attributes
    ----------
    descriptor, positions : str
        See :mod:`softcage.descriptors.table`.
    length : float
        L of the average with exp(-r/L), sigma_AA; 0 is the particle itself.
    species : int
        Averaged over particles of this species.
    """

    descriptor: str
    positions: str = "inherent"
    length: float = 0.0
    species: int = 0

    @property
    def name(self) -> str:
        """Such as ``energy_A, inherent, over A at 2``."""
        where = f", over {'AB'[self.species]} at {self.length:g}" if self.length else ""
        return f"{self.descriptor}, {self.positions}{where}"


def multi_length(
    descriptors: Sequence[str], lengths: Sequence[float], species: Sequence[int] = (0,)
) -> tuple[Feature, ...]:
    """Return each descriptor bare and averaged over each length and species.

    Inherent positions, where the descriptor can be had from them.
    """
    features = []
    for name in descriptors:
        positions = "inherent" if "inherent" in BY_NAME[name].positions else "thermal"
        features.append(Feature(name, positions))
        features += [Feature(name, positions, length, v) for v in species for length in lengths]
    return tuple(features)


#: The two terms of the cage alone.
CAGE = multi_length(["term_A", "term_B"], [1.0, 1.5, 2.0, 2.5, 3.0])
#: Energy and virial of the pairs AA and AB.
PAIRS = multi_length(["energy_A", "energy_B", "virial_A", "virial_B"], [1.0, 2.0])
#: Eight numbers of a particle, and of the A and B particles about it.
NAMED = multi_length(
    [
        "term_B", "energy_A", "energy_B", "virial_A", "virial_B", "debye_waller", "to_inherent",
        "voronoi",
    ],
    [1.0, 2.0],
    [0, 1],
)  # fmt: skip


@dataclass(eq=False)
class Described:
    """Descriptors of one thermal frame, each computed once.

    Parameters
    ----------
    frame : Snapshot
    """

    frame: Snapshot
    _known: dict[tuple[str, str, int], np.ndarray] = field(default_factory=dict)
    _averaged: dict[Feature, np.ndarray] = field(default_factory=dict)

    def values(self, descriptor: str, positions: str, species: int = 0) -> np.ndarray:
        """Return one descriptor of every particle of a species."""
        key = (descriptor, positions, species)
        if key not in self._known:
            self._known[key] = evaluate(self.frame, descriptor, positions, species)
        return self._known[key]

    @cached_property
    def structure_functions(self) -> np.ndarray:
        """:func:`structure_functions` of the inherent structure, (n_A, 2 x n_radii)."""
        return structure_functions(self.frame.inherent)

    def columns(self, features: Sequence[Feature]) -> np.ndarray:
        """Return the features of every A particle, (n_A, n_features).

        Averages are over inherent positions for all that is inherent, over thermal ones else.
        """
        missing: dict[tuple[str, int], list[Feature]] = {}
        for f in features:
            if f.length and f not in self._averaged:
                missing.setdefault((f.positions, f.species), []).append(f)
        for (positions, species), wanted in missing.items():
            frame = self.frame.at(positions)
            names, lengths = sorted({f.descriptor for f in wanted}), {f.length for f in wanted}
            values = [self.values(name, positions, species) for name in names]
            found = averages(frame, values, sorted(lengths), neighbour=species)
            for f in wanted:
                at = names.index(f.descriptor), sorted(lengths).index(f.length)
                self._averaged[f] = found[at]
        return np.stack(
            [
                self._averaged[f] if f.length else self.values(f.descriptor, f.positions)
                for f in features
            ],
            axis=1,
        )


def structure_functions(frame: Snapshot) -> np.ndarray:
    r"""Radial structure functions of the SVM softness, (n_A, 2 x n_radii).

    .. math:: G_v(i; \mu) = \sum_{j \in v} e^{-(r_{ij} - \mu)^2 / 2 \sigma^2}

    with mu from 0.7 to 2.9 in steps of 0.1 and sigma = 0.1 (S. S. Schoenholz et al., Nature Physics
    12, 469 (2016)).
    """
    pairs, width, columns = frame.pairs, 0.1, []
    for v in range(2):
        chosen = (frame.species[pairs.i] == 0) & (frame.species[pairs.j] == v)
        i, r = pairs.i[chosen], pairs.distance[chosen]
        for radius in np.arange(0.7, 2.95, width):
            near = np.abs(r - radius) < 5 * width
            gaussian = np.exp(-0.5 * ((r[near] - radius) / width) ** 2)
            columns.append(np.bincount(i[near], gaussian, pairs.n)[frame.species == 0])
    return np.stack(columns, axis=1)
