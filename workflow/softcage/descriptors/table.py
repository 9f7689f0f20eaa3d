"""The table of all descriptors: for each name its symbol, description, unit and function.

A name contains the width or the species that the descriptor depends on: ``depth_0.09`` is the
depth with Gaussians of width 0.09, ``energy_B`` the energy of the pairs with neighbours of
species B.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from softcage.defaults import DELTA, DELTA_VALUES
from softcage.descriptors.average import averages
from softcage.descriptors.cage import depth, depth_mean_closure, depth_pair, softness, term
from softcage.descriptors.cells import bond_order, voronoi_volume
from softcage.descriptors.entropy import two_body_entropy
from softcage.descriptors.frame import Snapshot
from softcage.descriptors.mechanics import (
    distance_to_cage,
    mean_rest_distance,
    rest_distance,
    spread_in_cage,
    spread_on_rest_path,
    square_distance_to_cage,
    square_rest_distance,
)
from softcage.descriptors.pairs import density_sum, neighbours, potential_energy, virial
from softcage.descriptors.rest_path import REST_TIMES
from softcage.descriptors.shells import SHELLS, shell_sum
from softcage.descriptors.vibration import (
    debye_waller,
    distance_to_inherent,
    distance_to_mean,
    laplacian,
    least_stiffness,
)
from softcage.quantities import Quantity, descriptor_quantity

#: The positions that a descriptor can be computed from, see :mod:`softcage.descriptors.frame`.
POSITIONS = ("thermal", "averaged", "inherent", "cage")
#: Descriptor that all others are compared with, at the same positions and averaging length.
REFERENCE = "energy"


@dataclass(frozen=True)
class Descriptor:
    """A number computed from the structure around each particle.

    Attributes
    ----------
    name : str
        Name in tables.
    of : callable
        ``of(frame, tagged)`` returns the values of all particles of a species, (n_tagged,).
    positions : tuple of str
        The members of ``POSITIONS`` that it can be computed from.
    needs : tuple of str
        What has to be known beside positions and g(r):
        ``softcage.descriptors.frame.Snapshot.known``.
    """

    name: str
    of: Callable[..., np.ndarray]
    positions: tuple[str, ...] = POSITIONS
    needs: tuple[str, ...] = ()

    @property
    def quantity(self) -> Quantity:
        """Its description, symbol and unit."""
        return descriptor_quantity(self.name)

    def __call__(self, frame: Snapshot, tagged: int = 0) -> np.ndarray:
        """Return the values of all particles of species ``tagged``, (n_tagged,)."""
        return self.of(frame, tagged)


def descriptors(
    species: Sequence[str], deltas: Sequence[float] = DELTA_VALUES, delta: float = DELTA
) -> dict[str, Descriptor]:
    """Return all descriptors by their names.

    Parameters
    ----------
    species : sequence of str
        Names of the species, ``Mixture.species``.
    deltas : sequence of float
        Widths of the Gaussians for depth and softness, sigma_AA.
    delta : float
        Width of the Gaussians for all other descriptors that use them, sigma_AA.
    """

    def each_species(name: str, of: Callable, needs: tuple[str, ...] = ()) -> list[Descriptor]:
        """Return one descriptor for the neighbours of each species."""
        return [
            Descriptor(f"{name}_{v}", partial(of, neighbour=k), needs=needs)
            for k, v in enumerate(species)
        ]

    def each_width(name: str, of: Callable, needs: tuple[str, ...]) -> list[Descriptor]:
        """Return one descriptor for each width of the Gaussians."""
        return [
            Descriptor(f"{name}_{width:g}", partial(of, delta=width), needs=needs)
            for width in deltas
        ]

    energies, thermal = ("potential",), ("potential", "temperature")

    term_of, entropy_of = partial(term, delta=delta), partial(two_body_entropy, delta=delta)
    table = [
        *each_width("depth", depth, thermal),
        *each_width("softness", softness, ("line",)),
        Descriptor("depth_mean", partial(depth_mean_closure, delta=delta), needs=thermal),
        Descriptor("depth_pair", partial(depth_pair, delta=delta)),
        *each_species("term", term_of),
        Descriptor("energy", potential_energy, needs=energies),
        *each_species("energy", potential_energy, energies),
        Descriptor("virial", virial, needs=energies),
        *each_species("virial", virial, energies),
        Descriptor("density", density_sum),
        *each_species("density", density_sum),
        *each_species("neighbours", neighbours),
        Descriptor("s2", entropy_of),
        *each_species("s2", entropy_of),
        Descriptor("Q6", bond_order),
        Descriptor("Q6_averaged", partial(bond_order, averaged=True)),
        Descriptor("voronoi", voronoi_volume),
        Descriptor("to_inherent", distance_to_inherent, ("thermal",), energies),
        Descriptor("debye_waller", debye_waller, ("inherent",), thermal),
        Descriptor("to_mean", distance_to_mean, ("thermal",), ("averaged",)),
    ]
    return {descriptor.name: descriptor for descriptor in table}


def further_descriptors(species: Sequence[str]) -> dict[str, Descriptor]:
    """Return the descriptors that only learned predictors use, by their names.

    Most of them cost a short run of the engine, and they say little alone: the tables of all
    descriptors leave them out.

    Parameters
    ----------
    species : sequence of str
        Names of the species, ``Mixture.species``.
    """
    runs, here = ("potential", "temperature"), ("thermal",)
    table = [
        *(
            Descriptor(f"shell{n + 1}_{v}", partial(shell_sum, neighbour=k, shell=n))
            for k, v in enumerate(species)
            for n in range(len(SHELLS))
        ),
        Descriptor("laplacian", laplacian, needs=("potential",)),
        Descriptor("least_stiffness", least_stiffness, needs=("potential",)),
        Descriptor("to_cage", distance_to_cage, here, runs),
        Descriptor("to_cage_squared", square_distance_to_cage, here, runs),
        Descriptor("cage_spread", spread_in_cage, here, runs),
        *(
            Descriptor(f"{name}_{t:g}", partial(of, time=t), here, ("potential",))
            for name, of in (("rest", rest_distance), ("rest_squared", square_rest_distance))
            for t in REST_TIMES
        ),
        Descriptor("rest_mean", mean_rest_distance, here, ("potential",)),
        Descriptor("rest_spread", spread_on_rest_path, here, ("potential",)),
    ]
    return {descriptor.name: descriptor for descriptor in table}


def available(frame: Snapshot, known: Mapping[str, Descriptor]) -> dict[str, Descriptor]:
    """Return those of :func:`descriptors` that can be computed for a frame.

    Energies need a potential, the softness needs a calibration line, ``to_mean`` needs averaged
    positions (``Descriptor.needs``).
    """
    return {name: one for name, one in known.items() if frame.known.issuperset(one.needs)}


def evaluate(
    frame: Snapshot, descriptor: Descriptor, positions: str, tagged: int = 0
) -> np.ndarray:
    """Return a descriptor of a thermal frame, from one of its sets of positions.

    Raises
    ------
    ValueError
        If the descriptor is not defined for these positions.
    """
    if positions not in descriptor.positions:
        raise ValueError(
            f"the descriptor {descriptor.name} cannot be computed from {positions} positions, only "
            f"from {' and '.join(descriptor.positions)} ones"
        )
    return descriptor(frame.at(positions), tagged)


def all_values(
    frame: Snapshot,
    chosen: Mapping[str, Descriptor],
    lengths: Sequence[float],
    wanted: Sequence[str] | None = None,
    values: Callable[[str, str], np.ndarray] | None = None,
    tagged: int = 0,
) -> dict[tuple[str, str, float], np.ndarray]:
    """Evaluate descriptors of the particles of a species, bare and averaged over this species.

    Parameters
    ----------
    frame : Snapshot
        A thermal frame.
    chosen : mapping
        The descriptors, a subset of :func:`descriptors`.
    lengths : sequence of float
        Lengths L of the averages, sigma_AA.
    wanted : sequence of str, optional
        Positions to use; by default all that the frame has.
    values : callable, optional
        Called with name and positions instead of :func:`evaluate`, for instance to cache values.
    tagged : int
        The species.

    Returns
    -------
    dict
        (n_tagged,) arrays by (name, positions, length); length 0 is the bare descriptor.

    Raises
    ------
    ValueError
        If a length is not positive, or larger than half the box.
    """
    evaluated: dict[tuple[str, str, float], np.ndarray] = {}
    for positions in wanted or frame.available_positions:
        names = [name for name, d in chosen.items() if positions in d.positions]
        if values is None:
            bare = [evaluate(frame, chosen[name], positions, tagged) for name in names]
        else:
            bare = [values(name, positions) for name in names]
        if not names:
            continue
        smooth = averages(frame.at(positions), bare, lengths, tagged, tagged)
        for name, unaveraged, averaged in zip(names, bare, smooth, strict=True):
            evaluated[name, positions, 0.0] = unaveraged
            for length, average in zip(lengths, averaged, strict=True):
                evaluated[name, positions, length] = average
    return evaluated
