"""Features of the learned predictors: descriptors with a physical meaning, and sets of them.

The sets are for mixtures of two species, chosen on configurations of the Kob-Andersen mixture:
``cage``, ``pairs`` and ``named`` on eight at T = 0.44, ``static`` and ``mechanics`` on eight
each at T = 0.47 and 0.58, as the pages on predictors describe. They must not be changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from softcage.descriptors.average import averages
from softcage.descriptors.frame import Snapshot
from softcage.descriptors.rest_path import REST_TIMES
from softcage.descriptors.shells import SHELLS
from softcage.descriptors.table import Descriptor, evaluate
from softcage.model import Composition

# For each set: its descriptors, the lengths of the averages, and the species of the particles that
# are averaged over. {0} and {1} stand for the names of the two species of the mixture.
_SETS: dict[str, tuple[tuple[str, ...], tuple[float, ...], tuple[int, ...]]] = {
    # the two terms of the cage alone
    "cage": (("term_{0}", "term_{1}"), (1.0, 1.5, 2.0, 2.5, 3.0), (0,)),
    # energy and virial of the pairs with either species
    "pairs": (("energy_{0}", "energy_{1}", "virial_{0}", "virial_{1}"), (1.0, 2.0), (0,)),
    # eight descriptors of a particle, and their averages over its neighbours of either species
    "named": (
        (
            "term_{1}", "energy_{0}", "energy_{1}", "virial_{0}", "virial_{1}", "debye_waller",
            "to_inherent", "voronoi",
        ),
        (1.0, 2.0),
        (0, 1),
    ),
}  # fmt: skip

# Where a descriptor is taken: pairs of a length of the average, 0 for the particle itself, and the
# species that is averaged over.
_ITSELF = ((0.0, 0),)
_OVER_A, _OVER_B = (((1.0, v), (2.0, v)) for v in (0, 1))
_SHELL_SUMS = tuple(f"shell{n + 1}_{{{v}}}" for v in (0, 1) for n in range(len(SHELLS)))
# Descriptors, the positions that they are computed from, and where they are taken.
_Rows = tuple[tuple[tuple[str, ...], str, tuple[tuple[float, int], ...]], ...]
# The structure of the configuration, of its inherent structure and of its cage state.
_STATIC: _Rows = (
    (("to_cage", "to_cage_squared", "to_inherent"), "thermal", _ITSELF),
    (("to_cage",), "thermal", ((1.0, 0),)),
    (("cage_spread",), "thermal", _ITSELF + _OVER_A + _OVER_B),
    (("energy_{0}", "energy_{1}"), "cage", _OVER_A + _OVER_B),
    (("energy_{0}", "energy_{1}"), "thermal", (*_ITSELF, (1.0, 0))),
    (("term_{0}", "term_{1}"), "inherent", _OVER_A),
    (_SHELL_SUMS, "thermal", _ITSELF),
    (_SHELL_SUMS, "cage", _ITSELF),
    (("shell2_{1}",), "cage", ((2.0, 0),)),
    (("laplacian", "least_stiffness", "voronoi"), "thermal", _ITSELF),
    (("voronoi",), "cage", _ITSELF),
)
# Squares count while particles fly, distances once they rattle.
_REST_PATH: _Rows = (
    (tuple(f"rest_squared_{t:g}" for t in REST_TIMES if t < 0.5), "thermal", _ITSELF),
    (tuple(f"rest_{t:g}" for t in REST_TIMES if t > 0.09), "thermal", _ITSELF),
    (("rest_mean", "rest_spread"), "thermal", _ITSELF),
)
_WITH_RUNS = {"static": _STATIC, "mechanics": _STATIC + _REST_PATH}
#: Sets that need short runs of the engine, and therefore its potential, Lennard-Jones 12-6.
SETS_WITH_RUNS = tuple(_WITH_RUNS)


@dataclass(frozen=True)
class Feature:
    """A descriptor of the particle itself, or its average over the neighbourhood.

    Attributes
    ----------
    descriptor, positions : str
        See :mod:`softcage.descriptors.table`.
    length : float
        L of the average with weight exp(-r/L), sigma_AA; 0 stands for the particle itself.
    species : int
        Species of the particles averaged over.
    over : str
        Name of this species.
    """

    descriptor: str
    positions: str
    length: float = 0.0
    species: int = 0
    over: str = ""

    @property
    def name(self) -> str:
        """The name in tables, such as ``energy_A, inherent, over A at 2``."""
        where = f", over {self.over} at {self.length:g}" if self.length else ""
        return f"{self.descriptor}, {self.positions}{where}"


def check_two_species(mixture: Composition) -> None:
    """Refuse a mixture that does not have two species.

    Raises
    ------
    ValueError
        If the mixture has another number of species.
    """
    if len(mixture.species) != 2:
        raise ValueError(
            f"the mixture has {len(mixture.species)} species, {', '.join(mixture.species)}: "
            "predictors of propensity and of hops need a mixture of two species"
        )


def feature_sets(known: Mapping[str, Descriptor], mixture: Composition) -> dict[str, list[Feature]]:
    """Return the sets of features by their names, for a mixture of two species.

    In ``cage``, ``pairs`` and ``named``, each descriptor is taken as it is, and averaged with each
    length over each species. Inherent positions are used for all descriptors that can be computed
    from them. ``static`` and ``mechanics`` are lists of single features: static structure with the
    cage state, and the same with the rest path.

    Parameters
    ----------
    known : mapping
        :func:`softcage.descriptors.table.descriptors` of the mixture.
    mixture : Composition

    Raises
    ------
    ValueError
        If the mixture has another number of species.
    """
    check_two_species(mixture)
    sets: dict[str, list[Feature]] = {}
    for label, (names, lengths, species) in _SETS.items():
        features = sets[label] = []
        for written in names:
            name = written.format(*mixture.species)
            positions = "inherent" if "inherent" in known[name].positions else "thermal"
            features.append(Feature(name, positions))
            features += [
                Feature(name, positions, length, v, mixture.species[v])
                for v in species
                for length in lengths
            ]
    for label, rows in _WITH_RUNS.items():
        sets[label] = [
            Feature(
                written.format(*mixture.species), positions, length, v,
                mixture.species[v] if length else "",
            )
            for names_of_row, positions, places in rows
            for written in names_of_row
            for length, v in places
        ]  # fmt: skip
    return sets


@dataclass(eq=False)
class Described:
    """Descriptors of one thermal frame, each computed once.

    Parameters
    ----------
    frame : Snapshot
    known : mapping
        :func:`softcage.descriptors.table.descriptors` of the mixture.
    further : mapping
        :func:`softcage.descriptors.table.further_descriptors` of the mixture.
    """

    frame: Snapshot
    known: Mapping[str, Descriptor]
    further: Mapping[str, Descriptor] = field(default_factory=dict)
    _values: dict[tuple[str, str, int], np.ndarray] = field(default_factory=dict)
    _averaged: dict[Feature, np.ndarray] = field(default_factory=dict)

    def values(self, descriptor: str, positions: str, species: int = 0) -> np.ndarray:
        """Return one descriptor for every particle of a species."""
        key = (descriptor, positions, species)
        if key not in self._values:
            one = self.known.get(descriptor) or self.further[descriptor]
            self._values[key] = evaluate(self.frame, one, positions, species)
        return self._values[key]

    @cached_property
    def structure_functions(self) -> np.ndarray:
        """:func:`structure_functions` of the inherent structure, (n_A, 2 x n_radii)."""
        return structure_functions(self.frame.inherent)

    def columns(self, features: Sequence[Feature]) -> np.ndarray:
        """Return the features of every A particle, (n_A, n_features).

        Distances in the weights of an average are those between the positions that the descriptor
        is computed from.
        """
        missing: dict[tuple[str, int], list[Feature]] = {}
        for f in features:
            if f.length and f not in self._averaged:
                missing.setdefault((f.positions, f.species), []).append(f)
        for (positions, species), wanted in missing.items():
            frame = self.frame.at(positions)
            names, lengths = sorted({f.descriptor for f in wanted}), {f.length for f in wanted}
            values = [self.values(name, positions, species) for name in names]
            averaged = averages(frame, values, sorted(lengths), neighbour=species)
            for f in wanted:
                place = names.index(f.descriptor), sorted(lengths).index(f.length)
                self._averaged[f] = averaged[place]
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
        selected = (frame.species[pairs.i] == 0) & (frame.species[pairs.j] == v)
        i, r = pairs.i[selected], pairs.distance[selected]
        for radius in np.arange(0.7, 2.95, width):
            near = np.abs(r - radius) < 5 * width
            gaussian = np.exp(-0.5 * ((r[near] - radius) / width) ** 2)
            columns.append(np.bincount(i[near], gaussian, pairs.n)[frame.species == 0])
    return np.stack(columns, axis=1)
