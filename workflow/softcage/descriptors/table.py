"""Every descriptor by its name: symbol, words and unit, and the function that gives it.

The names say which widths and which species a table is of: ``depth_0.09`` is the depth with
Gaussians of width 0.09, ``energy_B`` the energy of the pairs with neighbours of species B.
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
from softcage.descriptors.pairs import density_sum, neighbours, potential_energy, virial
from softcage.descriptors.vibration import debye_waller, distance_to_inherent, distance_to_mean
from softcage.quantities import Quantity, descriptor_quantity

#: The positions that a descriptor can be computed from, :mod:`softcage.descriptors.frame`.
POSITIONS = ("thermal", "averaged", "inherent")
#: Descriptor that others are compared with, each from the same positions and length.
REFERENCE = "energy"


@dataclass(frozen=True)
class Descriptor:
    """A quantity that every particle has.

    Attributes
    ----------
    name : str
        In tables.
    of : callable
        ``of(frame, tagged)`` gives the value of each particle of a species, (n_tagged,).
    positions : tuple of str
        Those of ``POSITIONS`` that it makes sense for.
    """

    name: str
    of: Callable[..., np.ndarray]
    positions: tuple[str, ...] = POSITIONS

    @property
    def quantity(self) -> Quantity:
        """Words, symbol and unit."""
        return descriptor_quantity(self.name)

    def __call__(self, frame: Snapshot, tagged: int = 0) -> np.ndarray:
        """Return the value of each particle of species ``tagged``, (n_tagged,)."""
        return self.of(frame, tagged)


def descriptors(
    species: Sequence[str], deltas: Sequence[float] = DELTA_VALUES, delta: float = DELTA
) -> dict[str, Descriptor]:
    """Return all descriptors by their names.

    Parameters
    ----------
    species : sequence of str
        Names, ``Mixture.species``.
    deltas : sequence of float
        Widths of the Gaussians that depth and softness are computed with, sigma_AA.
    delta : float
        Width for all else that is made of smeared neighbours.
    """

    def each_species(name: str, of: Callable) -> list[Descriptor]:
        """Count the neighbours of each species apart."""
        return [Descriptor(f"{name}_{v}", partial(of, neighbour=k)) for k, v in enumerate(species)]

    own_term, own_entropy = partial(term, delta=delta), partial(two_body_entropy, delta=delta)
    every = [
        *(Descriptor(f"depth_{width:g}", partial(depth, delta=width)) for width in deltas),
        *(Descriptor(f"softness_{width:g}", partial(softness, delta=width)) for width in deltas),
        Descriptor("depth_mean", partial(depth_mean_closure, delta=delta)),
        Descriptor("depth_pair", partial(depth_pair, delta=delta)),
        *each_species("term", own_term),
        Descriptor("energy", potential_energy),
        *each_species("energy", potential_energy),
        Descriptor("virial", virial),
        *each_species("virial", virial),
        Descriptor("density", density_sum),
        *each_species("density", density_sum),
        *each_species("neighbours", neighbours),
        Descriptor("s2", own_entropy),
        *each_species("s2", own_entropy),
        Descriptor("Q6", bond_order),
        Descriptor("Q6_averaged", partial(bond_order, averaged=True)),
        Descriptor("voronoi", voronoi_volume),
        Descriptor("to_inherent", distance_to_inherent, ("thermal",)),
        Descriptor("debye_waller", debye_waller, ("inherent",)),
        Descriptor("to_mean", distance_to_mean, ("thermal",)),
    ]
    return {descriptor.name: descriptor for descriptor in every}


def available(frame: Snapshot, known: Mapping[str, Descriptor]) -> dict[str, Descriptor]:
    """Return those of :func:`descriptors` that a frame has.

    A softness needs the line of its liquid, a distance to the averaged position that position.
    """
    return {
        name: descriptor
        for name, descriptor in known.items()
        if (frame.liquid.line or not name.startswith("softness"))
        and (frame.mean is not None or name != "to_mean")
    }


def evaluate(
    frame: Snapshot, descriptor: Descriptor, positions: str, tagged: int = 0
) -> np.ndarray:
    """Return a descriptor of a thermal frame, from its own positions or others of it.

    Raises
    ------
    ValueError
        If it makes no sense from these positions.
    """
    if positions not in descriptor.positions:
        raise ValueError(
            f"there is no {descriptor.name} from {positions} positions, only from "
            f"{' and '.join(descriptor.positions)} ones"
        )
    return descriptor(frame.at(positions), tagged)


def all_values(
    frame: Snapshot,
    chosen: Mapping[str, Descriptor],
    lengths: Sequence[float],
    wanted: Sequence[str] | None = None,
    values: Callable[[str, str], np.ndarray] | None = None,
) -> dict[tuple[str, str, float], np.ndarray]:
    """Evaluate descriptors of the A particles of a frame, bare and averaged over A particles.

    Parameters
    ----------
    frame : Snapshot
        Thermal.
    chosen : mapping
        Some of :func:`descriptors`.
    lengths : sequence of float
        L of averages, sigma_AA.
    wanted : sequence of str, optional
        Positions; all that the frame has by default.
    values : callable, optional
        Takes name and positions in place of :func:`evaluate`, to remember what it evaluated.

    Returns
    -------
    dict
        (name, positions, length) to (n_A,) arrays; length 0 is bare.

    Raises
    ------
    ValueError
        If a length is not positive, or beyond half the box.
    """
    evaluated: dict[tuple[str, str, float], np.ndarray] = {}
    for positions in wanted or frame.kinds:
        names = [name for name, d in chosen.items() if positions in d.positions]
        if values is None:
            bare = [evaluate(frame, chosen[name], positions) for name in names]
        else:
            bare = [values(name, positions) for name in names]
        smooth = averages(frame.at(positions), bare, lengths)
        for name, itself, of_lengths in zip(names, bare, smooth, strict=True):
            evaluated[name, positions, 0.0] = itself
            for length, v in zip(lengths, of_lengths, strict=True):
                evaluated[name, positions, length] = v
    return evaluated
