"""The liquid: its species and composition, and the Lennard-Jones pair potential if one is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Potential = Callable[[int, int, np.ndarray], np.ndarray]  # (u, v, r) to U_uv(r)

NO_FORCES = (
    "energies, vibrations and inherent structures need the forces between particles, and no pair "
    "potential of this liquid is given (--potential)"
)
_NAMED = 6  # types that a message names
_MOST_SPECIES = 50  # beyond which types are taken for ids

KOB_ANDERSEN: dict[str, Any] = {
    "species": ["A", "B"],
    "fractions": [0.8, 0.2],
    "masses": [1.0, 1.0],
    "sigma": [[1.0, 0.8], [0.8, 0.88]],
    "epsilon": [[1.0, 1.5], [1.5, 0.5]],
    "cutoff": 2.5,  # in units of sigma_uv
}


@dataclass(frozen=True, eq=False)
class Composition:
    """The species of a liquid and their fractions: all that is known without a pair potential.

    Parameters
    ----------
    species : tuple of str
        Names, e.g. ``("Si", "O")``.
    fractions : (n,) array
        Number fractions; they sum to 1.

    Raises
    ------
    ValueError
        If there is not one fraction for each species, one is negative, or they do not sum to 1.
    """

    species: tuple[str, ...]
    fractions: np.ndarray

    def __post_init__(self) -> None:
        self._check("fractions", (len(self.species),), zero=True)
        if abs(self.fractions.sum() - 1.0) > 1e-9:
            raise ValueError(f"mixture.fractions sum to {self.fractions.sum():g}, not to 1")

    def _check(self, name: str, shape: tuple[int, ...], zero: bool = False) -> None:
        """Turn numbers into an array, after checking them; ``zero`` says whether they may be 0."""
        value = np.asarray(getattr(self, name), dtype=float)
        if value.shape != shape:
            raise ValueError(
                f"mixture.{name} has shape {value.shape}, expected {shape} for the "
                f"{len(self.species)} species {', '.join(self.species)}"
            )
        if len(shape) == 2 and not np.array_equal(value, value.T):
            raise ValueError(f"mixture.{name} is not symmetric: {value.tolist()}")
        if not np.isfinite(value).all() or value.min() < 0 or not (zero or value.all()):
            raise ValueError(
                f"mixture.{name} is {value.tolist()}: its numbers must be greater than 0"
            )
        object.__setattr__(self, name, value)

    @classmethod
    def from_dict(cls, mixture: dict) -> Composition:
        """Build a composition from plain types."""
        return cls(tuple(map(str, mixture["species"])), np.asarray(mixture["fractions"], float))

    def to_dict(self) -> dict:
        """Return the plain types that :meth:`from_dict` builds the same liquid from."""
        return {"species": list(self.species), "fractions": self.fractions.tolist()}

    def pairs_of(self, tagged: int) -> list[str]:
        """Return the names of the pairs of one species with each species, such as BA and BB.

        A hyphen joins the names of the species if two pairs would have the same name without it,
        as those of species 1 and 11.
        """
        pairs = [f"{u}{v}" for u in self.species for v in self.species]
        hyphen = "-" if len(set(pairs)) < len(pairs) else ""
        return [f"{self.species[tagged]}{hyphen}{name}" for name in self.species]

    @property
    def pairs(self) -> list[str]:
        """Names of the pairs of the first species with each species, such as AA and AB."""
        return self.pairs_of(0)


@dataclass(frozen=True, eq=False)
class Mixture(Composition):
    r"""A Lennard-Jones mixture of any number of species.

    .. math:: U_{uv}(r) = 4\epsilon_{uv}\left[(\sigma_{uv}/r)^{12} - (\sigma_{uv}/r)^6\right]
              - U_{uv}^{LJ}(r^c_{uv}) \quad (r \le r^c_{uv}), \qquad 0 \text{ beyond}

    which is Eq. 1 of the paper.

    Parameters
    ----------
    species, fractions
        See :class:`Composition`.
    sigma, epsilon : (n, n) array
        Pair diameters and well depths, symmetric.
    cutoff : (n, n) array
        Pair cut-off radii r^c_uv, absolute (2.5 sigma_uv in the paper).
    masses : (n,) array

    Raises
    ------
    ValueError
        If shapes do not match, a matrix is not symmetric, a number is negative, or fractions do
        not sum to 1.
    """

    sigma: np.ndarray
    epsilon: np.ndarray
    cutoff: np.ndarray
    masses: np.ndarray

    def __post_init__(self) -> None:
        super().__post_init__()
        n = len(self.species)
        self._check("masses", (n,))
        for name in ("sigma", "epsilon", "cutoff"):
            self._check(name, (n, n), zero=name == "epsilon")

    @classmethod
    def from_dict(cls, mixture: dict) -> Mixture:
        """Build a mixture from plain types; ``cutoff`` is a number or matrix in units of
        sigma_uv.
        """
        sigma = np.asarray(mixture["sigma"], dtype=float)
        return cls(
            species=tuple(map(str, mixture["species"])),
            fractions=np.asarray(mixture["fractions"], dtype=float),
            sigma=sigma,
            epsilon=np.asarray(mixture["epsilon"], dtype=float),
            cutoff=np.asarray(mixture["cutoff"], dtype=float) * sigma,
            masses=np.asarray(mixture["masses"], dtype=float),
        )

    def to_dict(self) -> dict:
        """Return the plain types that :meth:`from_dict` builds the same mixture from."""
        return {
            **super().to_dict(),
            "masses": self.masses.tolist(),
            "sigma": self.sigma.tolist(),
            "epsilon": self.epsilon.tolist(),
            "cutoff": (self.cutoff / self.sigma).tolist(),
        }

    def lennard_jones(self, u: int, v: int, r: np.ndarray) -> np.ndarray:
        """Return the full Lennard-Jones energy of a pair of species at distances ``r``."""
        s6 = (self.sigma[u, v] / np.asarray(r, dtype=float)) ** 6
        return 4.0 * self.epsilon[u, v] * (s6 * s6 - s6)

    def shift(self, u: int, v: int) -> float:
        """Return the energy at the cut-off, which is subtracted inside it."""
        return float(self.lennard_jones(u, v, self.cutoff[u, v]))

    def potential(self, u: int, v: int, r: np.ndarray) -> np.ndarray:
        """Return U_uv(r), truncated and shifted (Eq. 1)."""
        r = np.asarray(r, dtype=float)
        return np.where(r <= self.cutoff[u, v], self.lennard_jones(u, v, r) - self.shift(u, v), 0.0)

    def virial(self, u: int, v: int, r: np.ndarray) -> np.ndarray:
        """Return -r U'_uv(r), zero beyond the cut-off."""
        r = np.asarray(r, dtype=float)
        s6 = (self.sigma[u, v] / r) ** 6
        return np.where(r <= self.cutoff[u, v], 24.0 * self.epsilon[u, v] * (2.0 * s6 - 1) * s6, 0)

    def curvature(self, u: int, v: int, r: np.ndarray) -> np.ndarray:
        """Return U''_uv(r), zero beyond the cut-off."""
        r = np.asarray(r, dtype=float)
        s6 = (self.sigma[u, v] / r) ** 6
        second = 24.0 * self.epsilon[u, v] * (26.0 * s6 - 7.0) * s6 / r**2
        return np.where(r <= self.cutoff[u, v], second, 0.0)

    def counts(self, n: int) -> np.ndarray:
        """Return how many of ``n`` particles are of each species, (n_species,) int64.

        Raises
        ------
        ValueError
            If ``n`` particles cannot have exactly this composition: a composition off by one
            per cent moves tau_alpha of the Kob-Andersen mixture at T = 0.47 by a factor of 2.
        """
        exact = self.fractions * n
        counts = np.rint(exact).astype(np.int64)
        if np.abs(counts - exact).max() > 1e-6:
            raise ValueError(
                f"{n} particles cannot have the fractions {self.fractions.tolist()} exactly: "
                f"the numbers of the species would be {exact.tolist()}"
            )
        return counts


def composition_of_labels(
    labels: Sequence[str], names: Mapping[str, Sequence[str]] | None = None
) -> Composition:
    """Return the species and fractions of particles whose types have names.

    Parameters
    ----------
    labels : sequence of str
        Type of each particle.
    names : mapping, optional
        Name of each species to the types that are it. By default each type is a species of its own
        name; the order is that of numbers, then that of the alphabet.

    Raises
    ------
    ValueError
        If a type is of no species, a species has no particles, or there are too many types.
    """
    counts = Counter(labels)
    if names is None:
        numbers = sorted((label for label in counts if label.isdecimal()), key=int)
        words = sorted(label for label in counts if not label.isdecimal())
        names = {label: [label] for label in [*numbers, *words]}
    of_species = [sum(counts[label] for label in some) for some in names.values()]
    seen = ", ".join([*counts][:_NAMED]) + (", ..." if len(counts) > _NAMED else "")
    if sum(of_species) != len(labels) or 0 in of_species:
        said = ", ".join(f"{name}={'='.join(some)}" for name, some in names.items())
        raise ValueError(
            f"the types of the particles are {seen}, which is not what {said} says: name each type "
            "once, and no other"
        )
    if len(names) > _MOST_SPECIES:
        raise ValueError(
            f"the particles are of {len(names)} types ({seen}), more than {_MOST_SPECIES}: are "
            "they ids? Say which are of one species"
        )
    return Composition(tuple(names), np.array(of_species) / len(labels))


def labels_of_diameters(diameters: np.ndarray, bins: int) -> tuple[str, ...]:
    """Return pseudo-species of a polydisperse liquid: 1 for the smallest particles, 2, ...

    They have equal numbers of particles, up to one.

    Parameters
    ----------
    diameters : (N,) array
    bins : int
        Number of pseudo-species.

    Raises
    ------
    ValueError
        If a diameter is not greater than 0, or there are fewer different ones than bins.
    """
    diameters = np.asarray(diameters, dtype=float)
    if not (np.isfinite(diameters).all() and np.all(diameters > 0)):
        raise ValueError("a diameter is NaN, infinite or not greater than 0")
    if bins > len(np.unique(diameters)):
        raise ValueError(
            f"there are {len(np.unique(diameters))} different diameters, fewer than {bins} bins"
        )
    rank = np.empty(len(diameters), dtype=int)
    rank[np.argsort(diameters, kind="stable")] = np.arange(len(diameters))
    return tuple(str(1 + bins * k // len(diameters)) for k in rank.tolist())


def potential_of(liquid: Composition) -> Potential | None:
    """Return the pair potential of a liquid, None if only its composition is known."""
    return liquid.potential if isinstance(liquid, Mixture) else None


def known_forces(liquid: Composition) -> Mixture:
    """Return a liquid as a mixture with a pair potential.

    Raises
    ------
    ValueError
        If its potential is not known.
    """
    if not isinstance(liquid, Mixture):
        raise ValueError(NO_FORCES)
    return liquid


def kob_andersen() -> Mixture:
    """Return the Kob-Andersen 80:20 mixture, cut at 2.5 sigma_uv."""
    return Mixture.from_dict(KOB_ANDERSEN)


def is_kob_andersen(mixture: Mixture, density: float) -> bool:
    """Return whether a liquid is the Kob-Andersen mixture of the paper, at its density of 1.2.

    The numbers of the paper, and those of other codes, hold for this liquid only. Names of species
    do not matter; composition, masses, pair potentials and density do.
    """
    model = kob_andersen()
    names = ("fractions", "sigma", "epsilon", "cutoff", "masses")
    return (
        len(mixture.species) == len(model.species)
        and all(np.allclose(getattr(mixture, name), getattr(model, name)) for name in names)
        and bool(np.isclose(density, 1.2))
    )


def box_length(n: int, density: float) -> float:
    """Return the edge of the cube that holds ``n`` particles at number ``density``."""
    return float((n / density) ** (1.0 / 3.0))
