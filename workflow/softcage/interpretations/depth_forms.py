r"""The depth of Eq. 5 in every form that the paper's words allow: linear in three integrals.

Let :math:`g_v` be g(r) of the neighbours of species v as Eq. 8 is printed, without
:math:`1/x_v`. With :math:`g = c_v g_v`, weights :math:`w_v` and either closure,
:math:`C = g - 1 - \vartheta (\beta U + \ln g)`, Eq. 5 is

.. math:: -\beta\Phi = \sum_v w_v c_v \left[ c_v I^{(2)}_v - (1 + \vartheta \ln c_v) I^{(1)}_v
          - \vartheta J_v \right]

.. math:: I^{(n)}_v = \rho \int_{r_{0,v}}^{r_{min,v}} 4 \pi r^2 g_v^n dr , \qquad
          J_v = \rho \int_{r_{0,v}}^{r_{min,v}} 4 \pi r^2 (\beta U_v + \ln g_v) g_v dr .

The integrals are computed once per particle; a :class:`Form` is then a vector to multiply them
with.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import xlogy

from softcage.cage.calibration import linear_calibration
from softcage.cage.local_depth import DepthTables, combined_tables, depth_tables, local_depths
from softcage.model import Potential

#: Weight of a pair of species u, v in Eq. 5. x_u alone is common to all neighbours of u, so that
#: x_v gives the depth of x_u x_v in another unit, which the calibration takes up.
WEIGHTS: dict[str, Callable[[float, float], float]] = {
    "sqrt(x_u x_v)": lambda x_u, x_v: math.sqrt(x_u * x_v),
    "x_u x_v": lambda x_u, x_v: x_u * x_v,
    "1": lambda x_u, x_v: 1.0,
}
_PER_SPECIES = 3  # I1, I2, J


@dataclass(frozen=True)
class Form:
    """One form of Eq. 5.

    Attributes
    ----------
    hnc : bool
        Closure: HNC without bridge (Eq. 6), or C = g - 1.
    per_fraction : bool
        Whether g of Eq. 8 is divided by the fraction of the neighbours' species (as Eq. B2 asks
        for), or is as printed.
    weights : str
        Of :data:`WEIGHTS`.
    """

    hnc: bool = True
    per_fraction: bool = True
    weights: str = "sqrt(x_u x_v)"

    def coefficients(self, fractions: ArrayLike, tagged: int = 0) -> np.ndarray:
        """Return what the integrals of each species are multiplied with, (3 n_species,)."""
        x = np.asarray(fractions, dtype=float)
        weights = [WEIGHTS[self.weights](x[tagged], x_v) for x_v in x]
        return _coefficients(weights, 1.0 / x if self.per_fraction else np.ones(len(x)), self.hnc)


def _coefficients(
    weights: ArrayLike, factors: np.ndarray, hnc: bool = True, shift: ArrayLike = 0.0
) -> np.ndarray:
    """Of the integrals in -beta Phi with g = factors g_v, and beta U + shift in place of beta U."""
    closure = float(hnc)
    linear = -(1.0 + closure * (np.log(factors) + shift))
    terms = np.stack([linear, factors, np.full(len(factors), -closure)], axis=1)
    return (np.asarray(weights)[:, None] * factors[:, None] * terms).ravel()


def average_integrals(
    curves: Mapping[str, np.ndarray], potential: Potential, temperature: float
) -> np.ndarray:
    """Integrals of the average liquid for every pair of species.

    Parameters
    ----------
    curves : mapping
        ``r``, ``g``, ``fractions``, ``density``, ``r0`` and ``r_min`` of the liquid.
    potential : callable
        ``potential(u, v, r)``.
    temperature : float

    Returns
    -------
    (n_species, 3 n_species) array
        Row u times :meth:`Form.coefficients` is the depth of the cage of species u.
    """
    x = np.asarray(curves["fractions"])
    r, found = curves["r"], np.empty((len(x), len(x), _PER_SPECIES))
    for u in range(len(x)):
        for v in range(len(x)):
            low, high = curves["r0"][u, v], curves["r_min"][u, v]
            grid = np.concatenate([[low], r[(r > low) & (r < high)], [high]])
            g = x[v] * np.interp(grid, r, curves["g"][u, v])
            energy = potential(u, v, grid) / temperature * g + xlogy(g, g)
            shell = 4.0 * np.pi * float(curves["density"]) * grid**2
            found[u, v] = [np.trapezoid(shell * part, grid) for part in (g, g * g, energy)]
    return found.reshape(len(x), -1)


@dataclass(frozen=True, eq=False)
class IntegralTables:
    """What :func:`local_integrals` needs besides the positions; from :func:`integral_tables`.

    The integrals are those whose combinations are the depths of ``tables``: times ``solution``,
    (3 n_species, 3 n_species), the depths give them.
    """

    tables: DepthTables
    solution: np.ndarray


def integral_tables(
    potential: Potential,
    temperature: float,
    r0: ArrayLike,
    r_min: ArrayLike,
    deltas: Sequence[float],
    density: float,
    tagged: int = 0,
) -> IntegralTables:
    """Return the tables of one state point; the arguments are those of ``depth_tables``.

    Depths with beta U + 1 for one species, and with its g halved or quartered, are as many
    combinations of the integrals as there are integrals.
    """
    n = np.size(r0)
    tables, rows = [], []
    for v in range(n):
        for fraction, shift in ((1.0, 1.0), (2.0, 0.0), (4.0, 0.0)):
            fractions, shifts = np.ones(n), np.zeros(n)
            fractions[v], shifts[v] = fraction, shift

            def shifted(a: int, b: int, r: np.ndarray, shifts: np.ndarray = shifts) -> np.ndarray:
                return potential(a, b, r) + temperature * shifts[b]

            tables.append(
                depth_tables(shifted, temperature, r0, r_min, deltas, density, fractions, tagged)
            )
            weights = np.sqrt(fractions[tagged] * fractions)
            rows.append(_coefficients(weights, 1.0 / fractions, shift=shifts))
    return IntegralTables(combined_tables(tables), np.linalg.inv(rows))


def local_integrals(
    positions: np.ndarray, species: np.ndarray, box: float, tables: IntegralTables
) -> np.ndarray:
    """Integrals of every particle of the tagged species in one frame.

    Parameters
    ----------
    positions, species, box
        As :func:`softcage.cage.local_depth.local_depths`.
    tables : IntegralTables

    Returns
    -------
    (n_delta, n_tagged, 3 n_species) array
        Times :meth:`Form.coefficients` the depth of each particle's cage.
    """
    depths = local_depths(positions, species, box, tables.tables)
    n = len(tables.solution)
    return np.moveaxis(depths.reshape(n, -1, depths.shape[1]), 0, -1) @ tables.solution.T


def form_line(
    form: Form,
    integrals: Mapping[float, np.ndarray],
    fractions: ArrayLike,
    cages: pd.DataFrame,
    stiffness: Sequence[float] | None = None,
    all_pairs: bool = False,
    origin: bool = False,
) -> tuple[float, float]:
    """Fit the line of Eq. 7, 1/S_av = c0 + c1 beta Phi_r, with the depth of a form.

    Parameters
    ----------
    form : Form
    integrals : mapping
        Temperature to :func:`average_integrals`.
    fractions : (n_species,) array
    cages : DataFrame
        Of one way to S_av, one row per temperature: T, depth_r and inverse_softness with errors;
        their relative errors are taken for those of other forms and ways.
    stiffness : sequence of float, optional
        1/S_av at each temperature of ``integrals``; that of ``cages`` by default.
    all_pairs : bool
        Whether the depth is the sum over all pairs u, v, or that of the first species alone.
    origin : bool
        Whether c0 is 0; all temperatures then weigh the same.

    Returns
    -------
    (c0, c1)
    """
    cages = cages.set_index("T").loc[list(integrals)]
    species = range(len(np.asarray(fractions))) if all_pairs else (0,)
    coefficients = [form.coefficients(fractions, u) for u in species]
    depth = np.array(
        [sum(part[u] @ coefficients[u] for u in species) for part in integrals.values()]
    )
    y = cages["inverse_softness"].to_numpy() if stiffness is None else np.asarray(stiffness)
    if origin:
        return 0.0, -float(y @ depth / (depth @ depth))
    errors = (
        np.abs(values * cages[f"{name}_error"] / cages[name])
        for name, values in (("depth_r", depth), ("inverse_softness", y))
    )
    line = linear_calibration(-depth, y, *errors)
    return line.intercept, line.slope
