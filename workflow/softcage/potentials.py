r"""Pair potentials U(r) of one pair of species, before they are cut off and shifted.

Each has ``energy(r)``, U; ``virial(r)``, -r U'; and ``curvature(r)``, U''. Distances r are in
sigma_AA, in arrays of any shape. Energies and virials have the same shape and are in epsilon_AA,
curvatures in epsilon_AA / sigma_AA^2. :class:`softcage.model.Mixture` cuts and shifts them.

Only tables import SciPy, so that the configuration of a study is read without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

LENNARD_JONES = "lennard-jones"
#: The words for a potential, and the keys that each has beside sigma, epsilon and cutoff.
KEYS: dict[str, tuple[str, ...]] = {
    LENNARD_JONES: ("exponents",),
    "inverse-power": ("exponents",),
    "yukawa": ("kappa",),
    "hertzian": (),
    "table": ("tables",),
}
COLUMNS = ("r", "energy", "force")  # of a table
_FEWEST = 4  # rows of a table
# Of the energy between two rows: by how much it may differ from the integral of the force, which is
# known from the rows alone. Two rows in ten per cent of r of a steep core differ by 0.06.
_CONTRADICTION = 0.1
_JUMP = 0.25  # the same, before rows of zeros: a smooth end differs by 0.11, a cut force by 0.33
_ROUNDING = 1e-5  # of the energy, for tables with few digits


class PairPotential(Protocol):
    """What all pair potentials have."""

    def energy(self, r: np.ndarray) -> np.ndarray:
        """Return U(r)."""

    def virial(self, r: np.ndarray) -> np.ndarray:
        """Return -r U'(r)."""

    def curvature(self, r: np.ndarray) -> np.ndarray:
        """Return U''(r)."""


@dataclass(frozen=True)
class LennardJones:
    r"""Lennard-Jones 12-6, the potential of the paper and of the engine.

    .. math:: U(r) = 4\epsilon\left[(\sigma/r)^{12} - (\sigma/r)^6\right]
    """

    sigma: float
    epsilon: float

    def energy(self, r: np.ndarray) -> np.ndarray:
        """Return U(r)."""
        s6 = (self.sigma / np.asarray(r, dtype=float)) ** 6
        return 4.0 * self.epsilon * (s6 * s6 - s6)

    def virial(self, r: np.ndarray) -> np.ndarray:
        """Return -r U'(r)."""
        s6 = (self.sigma / r) ** 6
        return 24.0 * self.epsilon * (2.0 * s6 - 1) * s6

    def curvature(self, r: np.ndarray) -> np.ndarray:
        """Return U''(r)."""
        s6 = (self.sigma / r) ** 6
        return 24.0 * self.epsilon * (26.0 * s6 - 7.0) * s6 / r**2


@dataclass(frozen=True)
class Mie:
    r"""Lennard-Jones n-m, also named after Mie: its minimum is -epsilon, and U(sigma) = 0.

    .. math:: U(r) = C \epsilon\left[(\sigma/r)^n - (\sigma/r)^m\right], \qquad
              C = \frac{n}{n - m} \left(\frac{n}{m}\right)^{m / (n - m)}

    C is 4 for 12-6 (G. Mie, Annalen der Physik 316, 657 (1903); ``mie/cut`` in LAMMPS).
    """

    sigma: float
    epsilon: float
    n: float
    m: float

    def _powers(self, r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return C epsilon (sigma / r)^n, and the same with m."""
        n, m, ratio = self.n, self.m, self.sigma / r
        scale = self.epsilon * n / (n - m) * (n / m) ** (m / (n - m))
        return scale * ratio**n, scale * ratio**m

    def energy(self, r: np.ndarray) -> np.ndarray:
        """Return U(r)."""
        repulsion, attraction = self._powers(r)
        return repulsion - attraction

    def virial(self, r: np.ndarray) -> np.ndarray:
        """Return -r U'(r)."""
        repulsion, attraction = self._powers(r)
        return self.n * repulsion - self.m * attraction

    def curvature(self, r: np.ndarray) -> np.ndarray:
        """Return U''(r)."""
        repulsion, attraction = self._powers(r)
        n, m = self.n, self.m
        return (n * (n + 1.0) * repulsion - m * (m + 1.0) * attraction) / r**2


@dataclass(frozen=True)
class InversePower:
    r"""Inverse power, or soft spheres.

    .. math:: U(r) = \epsilon (\sigma/r)^n
    """

    sigma: float
    epsilon: float
    n: float

    def energy(self, r: np.ndarray) -> np.ndarray:
        """Return U(r)."""
        return self.epsilon * (self.sigma / r) ** self.n

    def virial(self, r: np.ndarray) -> np.ndarray:
        """Return -r U'(r)."""
        return self.n * self.energy(r)

    def curvature(self, r: np.ndarray) -> np.ndarray:
        """Return U''(r)."""
        return self.n * (self.n + 1.0) * self.energy(r) / r**2


@dataclass(frozen=True)
class Yukawa:
    r"""Yukawa, the screened repulsion of charged colloids; kappa is in 1/sigma_AA.

    .. math:: U(r) = \epsilon \frac{\sigma}{r} e^{-\kappa (r - \sigma)}

    epsilon is the energy at contact, U(sigma).
    """

    sigma: float
    epsilon: float
    kappa: float

    def energy(self, r: np.ndarray) -> np.ndarray:
        """Return U(r)."""
        return self.epsilon * (self.sigma / r) * np.exp(-self.kappa * (r - self.sigma))

    def virial(self, r: np.ndarray) -> np.ndarray:
        """Return -r U'(r)."""
        return self.energy(r) * (1.0 + self.kappa * r)

    def curvature(self, r: np.ndarray) -> np.ndarray:
        """Return U''(r)."""
        screened = self.kappa * r
        return self.energy(r) * (2.0 + 2.0 * screened + screened**2) / r**2


@dataclass(frozen=True)
class Hertzian:
    r"""Hertzian, of elastic spheres: particles may overlap, and it ends at sigma by itself.

    .. math:: U(r) = \epsilon (1 - r/\sigma)^{5/2} \quad (r < \sigma), \qquad 0 \text{ beyond}
    """

    sigma: float
    epsilon: float

    def _overlap(self, r: np.ndarray) -> np.ndarray:
        return np.maximum(1.0 - r / self.sigma, 0.0)

    def energy(self, r: np.ndarray) -> np.ndarray:
        """Return U(r)."""
        return self.epsilon * self._overlap(r) ** 2.5

    def virial(self, r: np.ndarray) -> np.ndarray:
        """Return -r U'(r)."""
        return 2.5 * self.epsilon * (r / self.sigma) * self._overlap(r) ** 1.5

    def curvature(self, r: np.ndarray) -> np.ndarray:
        """Return U''(r)."""
        return 3.75 * self.epsilon / self.sigma**2 * self._overlap(r) ** 0.5


class Table:
    r"""A potential from a table of r, U and the force -U', for what no equation says.

    Between the rows U is the cubic (a Hermite spline) that has the energies and the forces of both
    rows. U and U' are therefore continuous, U'' jumps at the rows by what their spacing leaves.

    A table ends at its last row. Rows of zeros at the end, which ``pair_write`` of LAMMPS writes
    from the cut-off on, say no more than where this is: all but the first are left out, and if the
    energy or the force jumps there, both are continued to this row from the rows before it.

    Parameters
    ----------
    r, energy, force : (n,) array
        Distances, ascending, in sigma_AA; energies in epsilon_AA; forces -U' in epsilon_AA /
        sigma_AA.
    name : str
        The pair, for messages.

    Raises
    ------
    ValueError
        If there are fewer than 4 rows, numbers are missing or not finite, distances do not ascend
        from above 0, or forces contradict the energies.
    """

    def __init__(
        self, r: Sequence[float], energy: Sequence[float], force: Sequence[float], name: str = ""
    ) -> None:
        from scipy.interpolate import CubicHermiteSpline

        rows = [np.asarray(column, dtype=float) for column in (r, energy, force)]
        self.name = f"the table of {name}" if name else "the table"
        if len({column.shape for column in rows}) > 1 or rows[0].ndim != 1:
            raise ValueError(f"{self.name} needs one energy and one force for each r")
        if len(rows[0]) < _FEWEST:
            raise ValueError(f"{self.name} has {len(rows[0])} rows: it needs at least {_FEWEST}")
        if not all(np.isfinite(column).all() for column in rows):
            raise ValueError(f"{self.name} has numbers that are not finite")
        if not (rows[0][0] > 0 and (np.diff(rows[0]) > 0).all()):
            k = int(np.argmin(np.diff(rows[0], prepend=0.0)))
            raise ValueError(
                f"{self.name} has r = {rows[0][k]:.6g} in row {k + 1}: distances must ascend from "
                "above 0"
            )
        self.r, energies, forces = _without_zeros(*rows)
        self._check(energies, forces)
        self._energy = CubicHermiteSpline(self.r, energies, -forces)
        self._slope, self._curvature = self._energy.derivative(), self._energy.derivative(2)

    def _check(self, energy: np.ndarray, force: np.ndarray) -> None:
        """Refuse forces that are not the slope of the energies."""
        excess = _contradiction(self.r, energy, force)
        k = int(excess.argmax())
        if excess[k] > _CONTRADICTION:
            slope = (energy[k] - energy[k + 1]) / (self.r[k + 1] - self.r[k])
            raise ValueError(
                f"{self.name} has forces that contradict its energies: between r = {self.r[k]:.6g} "
                f"and {self.r[k + 1]:.6g} the force is {force[k]:.4g} to {force[k + 1]:.4g}, but "
                f"-dU/dr is {slope:.4g}"
            )

    def _within(self, r: np.ndarray) -> np.ndarray:
        """Return distances no further than the last row; refuse those before the first."""
        r = np.asarray(r, dtype=float)
        if r.size and r.min() < self.r[0] * (1.0 - 1e-9):
            raise ValueError(
                f"{self.name} begins at r = {self.r[0]:.6g}, and the energy at r = {r.min():.6g} "
                "is needed: let it begin where no two particles are nearer"
            )
        return np.clip(r, self.r[0], self.r[-1])

    def energy(self, r: np.ndarray) -> np.ndarray:
        """Return U(r); beyond the last row that of the last row.

        Raises
        ------
        ValueError
            If a distance is less than that of the first row: what U is there is not known.
        """
        return self._energy(self._within(r))

    def virial(self, r: np.ndarray) -> np.ndarray:
        """Return -r U'(r), as :meth:`energy`."""
        return -np.asarray(r, dtype=float) * self._slope(self._within(r))

    def curvature(self, r: np.ndarray) -> np.ndarray:
        """Return U''(r), as :meth:`energy`."""
        return self._curvature(self._within(r))


def _contradiction(r: np.ndarray, energy: np.ndarray, force: np.ndarray) -> np.ndarray:
    """Return by what share the energy between two rows is not the integral of the force, (n - 1,).

    The integral is that of parabolas through three rows each.
    """
    from scipy.integrate import cumulative_simpson

    work = np.diff(cumulative_simpson(force, x=r, initial=0.0))
    change, size = np.diff(energy), np.abs(force)
    scale = np.abs(change) + 0.5 * (size[1:] + size[:-1]) * np.diff(r)
    rounding = _ROUNDING * np.maximum(np.abs(energy[1:]), np.abs(energy[:-1]))
    misfit = np.maximum(np.abs(change + work) - rounding, 0.0)
    return np.divide(misfit, scale, out=np.zeros_like(scale), where=scale > 0)


def _without_zeros(
    r: np.ndarray, energy: np.ndarray, force: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the rows of a table without the zeros at its end, as :class:`Table` says."""
    known = np.flatnonzero((energy != 0) | (force != 0))
    last = int(known[-1]) if len(known) else len(r)
    if last + 1 >= len(r) or last < _FEWEST:
        return r, energy, force
    r, energy, force = (column[: last + 2].copy() for column in (r, energy, force))
    step = r[-1] - r[-2]
    work = 0.5 * step * (force[-2] + force[-1])
    scale = abs(energy[-2]) + abs(work)
    if abs(work - energy[-2]) > _JUMP * scale:
        force[-1] = force[-2] + (force[-2] - force[-3]) * step / (r[-2] - r[-3])
        energy[-1] = energy[-2] - 0.5 * step * (force[-2] + force[-1])
    return r, energy, force


def form_of(mixture: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a group ``mixture`` says of the form of its potential, in one spelling.

    Parameters
    ----------
    mixture : mapping
        Plain types, with the key ``potential`` (:data:`KEYS`) and the keys of this potential.

    Returns
    -------
    dict
        ``potential`` and its own keys, so that equal forms are equal.

    Raises
    ------
    ValueError
        If there is no such potential, a key is missing or of another potential, or a number
        cannot be.
    """
    word = mixture.get("potential", LENNARD_JONES)
    if word not in KEYS:
        raise ValueError(f"mixture.potential is {word!r}: choose one of {', '.join(KEYS)}")
    own = {key for keys in KEYS.values() for key in keys}
    if strange := sorted(own & set(mixture) - set(KEYS[word])):
        raise ValueError(f"mixture.{strange[0]} is no key of the potential {word}")
    missing = [key for key in KEYS[word] if key not in mixture]
    if missing and word != LENNARD_JONES:
        raise ValueError(f"mixture.{missing[0]} is missing, which the potential {word} needs")
    form = {"potential": word}
    if "exponents" in mixture:
        form |= _exponents(word, mixture["exponents"])
    if "kappa" in mixture:
        form["kappa"] = np.asarray(mixture["kappa"], dtype=float).tolist()
    if "tables" in mixture:
        form["tables"] = _columns(mixture["tables"])
    return form


def _exponents(word: str, exponents: Any) -> dict[str, list[float]]:
    """Return the exponents of a form; none for Lennard-Jones 12-6."""
    found = np.atleast_1d(np.asarray(exponents, dtype=float)).tolist()
    if word == LENNARD_JONES and not (len(found) == 2 and np.inf > found[0] > found[1] > 0):
        raise ValueError(
            f"mixture.exponents is {exponents}: Lennard-Jones n-m needs [n, m] with n > m > 0"
        )
    if word != LENNARD_JONES and not (len(found) == 1 and np.inf > found[0] > 0):
        raise ValueError(f"mixture.exponents is {exponents}: an inverse power needs [n] with n > 0")
    return {} if word == LENNARD_JONES and found == [12.0, 6.0] else {"exponents": found}


def _columns(tables: Any) -> dict[str, dict[str, list[float]]]:
    """Return tables as lists of numbers by the names of their pairs."""
    if not isinstance(tables, Mapping) or not all(
        isinstance(one, Mapping) and set(one) == set(COLUMNS) for one in tables.values()
    ):
        raise ValueError(
            "mixture.tables must give r, energy and force for each pair; those in files are read "
            "by softcage.io.mixture.read_mixture"
        )
    return {
        str(pair): {column: np.asarray(one[column], float).tolist() for column in COLUMNS}
        for pair, one in tables.items()
    }


def pair_potentials(
    form: Mapping[str, Any],
    names: Sequence[Sequence[str]],
    sigma: np.ndarray,
    epsilon: np.ndarray,
) -> list[list[PairPotential]]:
    """Return the potential of each pair of species, by rows.

    Parameters
    ----------
    form : mapping
        :func:`form_of`.
    names : (n, n) sequence of str
        Names of the pairs, such as AA and AB in the first row.
    sigma, epsilon : (n, n) array
        Not used by tables.

    Raises
    ------
    ValueError
        If a matrix of kappa does not fit, a pair has no table, or two, or one that cannot be used,
        or a table is of no pair.
    """
    word, n = form["potential"], len(names)
    if word == "table":
        return _tables(form["tables"], names)
    kappa = _kappa(form.get("kappa", 0.0), n)

    def one(u: int, v: int) -> PairPotential:
        scales = sigma[u, v], epsilon[u, v]
        if word == "yukawa":
            return Yukawa(*scales, kappa[u, v])
        if word == "hertzian":
            return Hertzian(*scales)
        if word == "inverse-power":
            return InversePower(*scales, *form["exponents"])
        return Mie(*scales, *form["exponents"]) if "exponents" in form else LennardJones(*scales)

    return [[one(u, v) for v in range(n)] for u in range(n)]


def _kappa(kappa: Any, n: int) -> np.ndarray:
    """Return kappa of each pair, given as a number or a matrix."""
    found = np.asarray(kappa, dtype=float)
    if found.shape not in ((), (n, n)) or not np.array_equal(found, found.T):
        raise ValueError(f"mixture.kappa is {kappa}: it must be a number or a symmetric matrix")
    if not np.isfinite(found).all() or found.min() < 0:
        raise ValueError(f"mixture.kappa is {kappa}: it must not be negative")
    return np.broadcast_to(found, (n, n))


def _tables(tables: Mapping[str, Any], names: Sequence[Sequence[str]]) -> list[list[PairPotential]]:
    """Return the tables of all pairs; each is named by either of the names of its pair."""
    n, found = len(names), {}
    if strange := sorted(set(tables) - {name for row in names for name in row}):
        raise ValueError(
            f"mixture.tables has {strange[0]}, which is no pair of these species, such as "
            f"{names[0][-1]}"
        )
    for u in range(n):
        for v in range(u, n):
            given = [name for name in dict.fromkeys((names[u][v], names[v][u])) if name in tables]
            if len(given) != 1:
                many = "more than one table" if given else "no table"
                raise ValueError(
                    f"mixture.tables has {many} of the pair {names[u][v]}: its tables are "
                    f"{', '.join(tables)}"
                )
            found[u, v] = found[v, u] = Table(**tables[given[0]], name=given[0])
    return [[found[u, v] for v in range(n)] for u in range(n)]
