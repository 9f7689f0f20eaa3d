"""The liquid: its species and composition, and its pair potential if one is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from softcage.potentials import LENNARD_JONES, PairPotential, Table, form_of, pair_potentials

Potential = Callable[[int, int, np.ndarray], np.ndarray]  # (u, v, r) to U_uv(r)

NO_FORCES = (
    "energies, vibrations and inherent structures need the forces between particles, and no pair "
    "potential of this liquid is given (--potential)"
)
ONLY_12_6 = (
    "simulations have the forces of Lennard-Jones 12-6 only, and the potential of this liquid is {}"
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
    r"""A mixture of any number of species with pair potentials, Lennard-Jones 12-6 by default.

    .. math:: U_{uv}(r) = u_{uv}(r) - u_{uv}(r^c_{uv}) \quad (r \le r^c_{uv}),
              \qquad 0 \text{ beyond}

    with :math:`u_{uv}(r) = 4\epsilon_{uv}[(\sigma_{uv}/r)^{12} - (\sigma_{uv}/r)^6]`, which is
    Eq. 1 of the paper, or another one of :mod:`softcage.potentials`.

    Parameters
    ----------
    species, fractions
        See :class:`Composition`.
    sigma, epsilon : (n, n) array
        Pair diameters and energies, symmetric. Tables do not use them: 1 for each pair.
    cutoff : (n, n) array
        Pair cut-off radii r^c_uv, absolute (2.5 sigma_uv in the paper).
    masses : (n,) array
    form : dict
        Plain types: ``potential``, one of the words ``lennard-jones``, ``inverse-power``,
        ``yukawa``, ``hertzian`` and ``table``, and its keys ``exponents``, ``kappa`` or
        ``tables``, the latter as ``r``, ``energy`` and ``force`` by the names of the pairs.

    Raises
    ------
    ValueError
        If shapes do not match, a matrix is not symmetric, a number is negative, fractions do
        not sum to 1, or the form is none of these (:func:`softcage.potentials.form_of`).
    """

    sigma: np.ndarray
    epsilon: np.ndarray
    cutoff: np.ndarray
    masses: np.ndarray
    form: dict[str, Any] = field(default_factory=lambda: {"potential": LENNARD_JONES})

    def __post_init__(self) -> None:
        super().__post_init__()
        n = len(self.species)
        self._check("masses", (n,))
        for name in ("sigma", "epsilon", "cutoff"):
            self._check(name, (n, n), zero=name == "epsilon")
        form, names = form_of(self.form), [self.pairs_of(u) for u in range(n)]
        object.__setattr__(self, "form", form)
        of_pairs = pair_potentials(form, names, self.sigma, self.epsilon)
        object.__setattr__(self, "_of_pairs", of_pairs)
        for (u, v), cutoff in np.ndenumerate(self.cutoff):
            table = of_pairs[u][v]
            if isinstance(table, Table) and cutoff > table.r[-1] * (1.0 + 1e-9):
                raise ValueError(
                    f"mixture.cutoff of {names[u][v]} is {cutoff:.6g}, beyond the end of its "
                    f"table at r = {table.r[-1]:.6g}"
                )

    @classmethod
    def from_dict(cls, mixture: dict) -> Mixture:
        """Build a mixture from plain types; ``cutoff`` is a number or matrix in units of
        sigma_uv.

        It may be left out of a Hertzian, which ends at sigma, and of tables, which end at their
        last rows and whose cut-off is in units of sigma_AA.
        """
        form, names = form_of(mixture), tuple(map(str, mixture["species"]))
        fractions = np.asarray(mixture["fractions"], dtype=float)
        if form["potential"] == "table":
            sigma = epsilon = np.ones((len(names), len(names)))
        else:
            sigma = np.asarray(mixture["sigma"], dtype=float)
            epsilon = np.asarray(mixture["epsilon"], dtype=float)
        ends: Any = 1.0
        if "cutoff" in mixture or form["potential"] not in ("hertzian", "table"):
            ends = mixture["cutoff"]
        elif form["potential"] == "table":
            pairs = [Composition(names, fractions).pairs_of(u) for u in range(len(names))]
            tables = pair_potentials(form, pairs, sigma, epsilon)
            ends = [[one.r[-1] for one in row if isinstance(one, Table)] for row in tables]
        return cls(
            species=names,
            fractions=fractions,
            sigma=sigma,
            epsilon=epsilon,
            cutoff=np.asarray(ends, dtype=float) * sigma,
            masses=np.asarray(mixture["masses"], dtype=float),
            form=form,
        )

    def to_dict(self) -> dict:
        """Return the plain types that :meth:`from_dict` builds the same mixture from."""
        scales = {"sigma": self.sigma.tolist(), "epsilon": self.epsilon.tolist()}
        return {
            **super().to_dict(),
            "masses": self.masses.tolist(),
            **({} if self.form["potential"] == "table" else scales),
            "cutoff": (self.cutoff / self.sigma).tolist(),
            **({} if self.has_forces else self.form),
        }

    @property
    def has_forces(self) -> bool:
        """Whether the compiled forces are those of this mixture: Lennard-Jones 12-6."""
        return self.form == {"potential": LENNARD_JONES}

    def pair(self, u: int, v: int) -> PairPotential:
        """Return the potential of a pair of species, neither cut off nor shifted."""
        return self._of_pairs[u][v]  # type: ignore[attr-defined]

    def shift(self, u: int, v: int) -> float:
        """Return the energy at the cut-off, which is subtracted inside it."""
        return float(self.pair(u, v).energy(self.cutoff[u, v]))

    def potential(self, u: int, v: int, r: np.ndarray) -> np.ndarray:
        """Return U_uv(r), truncated and shifted (Eq. 1)."""
        r = np.asarray(r, dtype=float)
        energy = self.pair(u, v).energy(r) - self.shift(u, v)
        return np.where(r <= self.cutoff[u, v], energy, 0.0)

    def virial(self, u: int, v: int, r: np.ndarray) -> np.ndarray:
        """Return -r U'_uv(r), zero beyond the cut-off."""
        r = np.asarray(r, dtype=float)
        return np.where(r <= self.cutoff[u, v], self.pair(u, v).virial(r), 0.0)

    def curvature(self, u: int, v: int, r: np.ndarray) -> np.ndarray:
        """Return U''_uv(r), zero beyond the cut-off."""
        r = np.asarray(r, dtype=float)
        return np.where(r <= self.cutoff[u, v], self.pair(u, v).curvature(r), 0.0)

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


def known_potential(liquid: Composition | None) -> Mixture:
    """Return a liquid as a mixture with a pair potential.

    Raises
    ------
    ValueError
        If its potential is not known.
    """
    if not isinstance(liquid, Mixture):
        raise ValueError(NO_FORCES)
    return liquid


def known_forces(liquid: Composition | None) -> Mixture:
    """Return a liquid as a mixture with the forces that are compiled: Lennard-Jones 12-6.

    Raises
    ------
    ValueError
        If its potential is not known, or another one.
    """
    mixture = known_potential(liquid)
    if not mixture.has_forces:
        word, exponents = mixture.form["potential"], mixture.form.get("exponents", [])
        raise ValueError(ONLY_12_6.format(" ".join([word, *(f"{n:g}" for n in exponents)])))
    return mixture


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
        and mixture.form == model.form
        and all(np.allclose(getattr(mixture, name), getattr(model, name)) for name in names)
        and bool(np.isclose(density, 1.2))
    )


def box_length(n: int, density: float) -> float:
    """Return the edge of the cube that holds ``n`` particles at number ``density``."""
    return float((n / density) ** (1.0 / 3.0))
