"""Every descriptor by its name: symbol, words and unit, and the function that gives it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from softcage.descriptors.average import averages
from softcage.descriptors.cage import depth, depth_mean_closure, depth_pair, softness, term
from softcage.descriptors.cells import bond_order, voronoi_volume
from softcage.descriptors.entropy import two_body_entropy
from softcage.descriptors.frame import Snapshot
from softcage.descriptors.pairs import density_sum, neighbours, potential_energy, virial
from softcage.descriptors.vibration import debye_waller, distance_to_inherent, distance_to_mean
from softcage.quantities import Quantity

#: The positions that a descriptor can be computed from, :mod:`softcage.descriptors.frame`.
POSITIONS = ("thermal", "averaged", "inherent")
#: Widths of the paper, sigma_AA.
DELTAS = (0.02, 0.04, 0.09, 0.12)


@dataclass(frozen=True)
class Descriptor:
    """One number a particle.

    Attributes
    ----------
    name : str
        In tables.
    quantity : Quantity
        Words, symbol and unit.
    of : callable
        ``of(frame, tagged)`` gives the number of each particle of a species, (n_tagged,).
    positions : tuple of str
        Those of ``POSITIONS`` that it makes sense for.
    """

    name: str
    quantity: Quantity
    of: Callable[..., np.ndarray]
    positions: tuple[str, ...] = POSITIONS

    def __call__(self, frame: Snapshot, tagged: int = 0) -> np.ndarray:
        """Return the number of each particle of species ``tagged``, (n_tagged,)."""
        return self.of(frame, tagged)


def _neighbour(name: str, words: str, symbol: str, unit: str, of: Callable) -> list[Descriptor]:
    """Return a descriptor that counts neighbours of one species apart, for A and for B."""
    return [
        Descriptor(
            f"{name}_{v}",
            Quantity(f"{words}, {v}", rf"{symbol}^\mathrm{{{v}}}", unit),
            partial(of, neighbour=k),
        )
        for k, v in enumerate("AB")
    ]


DESCRIPTORS = [
    *(
        Descriptor(
            f"depth_{delta:g}",
            Quantity(rf"depth, delta = {delta:g}", r"-\beta\Phi", "k_B T"),
            partial(depth, delta=delta),
        )
        for delta in DELTAS
    ),
    *(
        Descriptor(
            f"softness_{delta:g}",
            Quantity(rf"softness, delta = {delta:g}", "S", "sigma_AA^2"),
            partial(softness, delta=delta),
        )
        for delta in DELTAS
    ),
    Descriptor(
        "depth_mean",
        Quantity("depth, mean C(r)", r"-\beta\Phi^\mathrm{mean}", "k_B T"),
        depth_mean_closure,
    ),
    Descriptor(
        "depth_pair",
        Quantity("depth, C = g - 1", r"-\beta\Phi^{g-1}", "k_B T"),
        depth_pair,
    ),
    *_neighbour("term", "term of the depth", "D", "k_B T", term),
    Descriptor("energy", Quantity("potential energy", "u", "epsilon_AA"), potential_energy),
    *_neighbour("energy", "potential energy", "u", "epsilon_AA", potential_energy),
    Descriptor("virial", Quantity("virial", "W", "epsilon_AA"), virial),
    *_neighbour("virial", "virial", "W", "epsilon_AA", virial),
    Descriptor("density", Quantity("density", r"\rho_1"), density_sum),
    *_neighbour("density", "density", r"\rho_1", "", density_sum),
    *_neighbour("neighbours", "neighbours", "n", "", neighbours),
    Descriptor("s2", Quantity("two-body entropy", "s_2", "k_B"), two_body_entropy),
    *_neighbour("s2", "two-body entropy", "s_2", "k_B", two_body_entropy),
    Descriptor("Q6", Quantity("bond order", "Q_6"), bond_order),
    Descriptor(
        "Q6_averaged",
        Quantity("averaged bond order", r"\bar{Q}_6"),
        partial(bond_order, averaged=True),
    ),
    Descriptor("voronoi", Quantity("Voronoi volume", "v", "sigma_AA^3"), voronoi_volume),
    Descriptor(
        "to_inherent",
        Quantity("distance to inherent", r"\Delta_\mathrm{IS}", "sigma_AA"),
        distance_to_inherent,
        ("thermal",),
    ),
    Descriptor(
        "debye_waller",
        Quantity("Debye-Waller factor", r"\langle u^2\rangle", "sigma_AA^2"),
        debye_waller,
        ("inherent",),
    ),
    Descriptor(
        "to_mean",
        Quantity("distance to mean", r"\Delta_\mathrm{mean}", "sigma_AA"),
        distance_to_mean,
        ("thermal",),
    ),
]
BY_NAME = {descriptor.name: descriptor for descriptor in DESCRIPTORS}


def known_of(frame: Snapshot) -> list[Descriptor]:
    """Return the descriptors that a frame has.

    A softness needs the line of its liquid, a distance to the averaged position that position.
    """
    return [
        d
        for d in DESCRIPTORS
        if (frame.liquid.line or not d.name.startswith("softness"))
        and (frame.mean is not None or d.name != "to_mean")
    ]


def evaluate(frame: Snapshot, name: str, positions: str, tagged: int = 0) -> np.ndarray:
    """Return one descriptor of a thermal frame, from its own positions or others of it.

    Raises
    ------
    ValueError
        If there is none of this name, or not from these positions.
    """
    if name not in BY_NAME or positions not in BY_NAME[name].positions:
        raise ValueError(
            f"no descriptor {name} from {positions} positions: the names are {', '.join(BY_NAME)}"
        )
    return BY_NAME[name](frame.at(positions), tagged)


def all_values(
    frame: Snapshot,
    descriptors: Sequence[Descriptor],
    lengths: Sequence[float],
    wanted: Sequence[str] | None = None,
    values: Callable[[str, str], np.ndarray] | None = None,
) -> dict[tuple[str, str, float], np.ndarray]:
    """Evaluate descriptors of the A particles of a frame, bare and averaged over A particles.

    Parameters
    ----------
    frame : Snapshot
        Thermal.
    descriptors : sequence of Descriptor
    lengths : sequence of float
        L of averages, sigma_AA.
    wanted : sequence of str, optional
        Positions; else all that the frame has.
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
    values = values or partial(evaluate, frame)
    found: dict[tuple[str, str, float], np.ndarray] = {}
    for positions in wanted or frame.kinds:
        names = [d.name for d in descriptors if positions in d.positions]
        bare = [values(name, positions) for name in names]
        # a particle without a softness has none on average either: leave it out there
        filled = [np.where(np.isfinite(v), v, np.nanmean(v)) for v in bare]
        smooth = averages(frame.at(positions), filled, lengths)
        for name, itself, of_lengths in zip(names, bare, smooth, strict=True):
            found[name, positions, 0.0] = itself
            for length, v in zip(lengths, of_lengths, strict=True):
                found[name, positions, length] = v
    return found
