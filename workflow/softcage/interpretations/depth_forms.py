r"""The depth of Eq. 5 in every form that the paper allows, as a linear combination of integrals.

Let :math:`g_v` be g(r) of the neighbours of species v as in the printed Eq. 8, without
:math:`1/x_v`. With :math:`g = c_v g_v`, weights :math:`w_v` and the closure
:math:`C = g - 1 - \vartheta (\beta U + \ln g)`, where :math:`\vartheta` is 1 for HNC and 0 for
:math:`C = g - 1`, Eq. 5 is

.. math:: -\beta\Phi = \sum_v w_v c_v \left[ c_v I^{(2)}_v - (1 + \vartheta \ln c_v) I^{(1)}_v
          - \vartheta J_v \right]

.. math:: I^{(n)}_v = \rho \int_{r_{0,v}}^{r_{min,v}} 4 \pi r^2 g_v^n dr , \qquad
          J_v = \rho \int_{r_{0,v}}^{r_{min,v}} 4 \pi r^2 (\beta U_v + \ln g_v) g_v dr .

The integrals are computed once per particle. A :class:`Form` is then a vector of coefficients by
which they are multiplied.
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

#: Weight of a pair of species u, v in Eq. 5. The factor x_u is common to all neighbours of u, so
#: that the weights x_v and x_u x_v differ only in the unit of the depth, which the calibration
#: absorbs.
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
        Whether g of Eq. 8 is divided by the fraction of the species of the neighbours, as in
        Eq. B2, or used as printed.
    weights : str
        A key of :data:`WEIGHTS`.
    """

    hnc: bool = True
    per_fraction: bool = True
    weights: str = "sqrt(x_u x_v)"

    def coefficients(self, fractions: ArrayLike, tagged: int = 0) -> np.ndarray:
        """Return the coefficients of the integrals of each species, (3 n_species,)."""
        x = np.asarray(fractions, dtype=float)
        weights = [WEIGHTS[self.weights](x[tagged], x_v) for x_v in x]
        return _coefficients(weights, 1.0 / x if self.per_fraction else np.ones(len(x)), self.hnc)


def _coefficients(
    weights: ArrayLike, factors: np.ndarray, hnc: bool = True, shift: ArrayLike = 0.0
) -> np.ndarray:
    """Return the coefficients for g = factors g_v, and beta U + shift in place of beta U."""
    closure = float(hnc)
    linear = -(1.0 + closure * (np.log(factors) + shift))
    terms = np.stack([linear, factors, np.full(len(factors), -closure)], axis=1)
    return (np.asarray(weights)[:, None] * factors[:, None] * terms).ravel()


def average_integrals(
    curves: Mapping[str, np.ndarray], potential: Potential, temperature: float
) -> np.ndarray:
    """Return the integrals for every pair of species in the average liquid.

    Parameters
    ----------
    curves : mapping
        ``r``, ``g``, ``fractions``, ``density``, ``r0`` and ``r_min`` of the average liquid.
    potential : callable
        ``potential(u, v, r)``.
    temperature : float

    Returns
    -------
    (n_species, 3 n_species) array
        The scalar product of row u and :meth:`Form.coefficients` is the depth of species u.
    """
    x = np.asarray(curves["fractions"])
    r, integrals = curves["r"], np.empty((len(x), len(x), _PER_SPECIES))
    for u in range(len(x)):
        for v in range(len(x)):
            low, high = curves["r0"][u, v], curves["r_min"][u, v]
            grid = np.concatenate([[low], r[(r > low) & (r < high)], [high]])
            g = x[v] * np.interp(grid, r, curves["g"][u, v])
            energy = potential(u, v, grid) / temperature * g + xlogy(g, g)
            shell = 4.0 * np.pi * float(curves["density"]) * grid**2
            integrals[u, v] = [np.trapezoid(shell * part, grid) for part in (g, g * g, energy)]
    return integrals.reshape(len(x), -1)


@dataclass(frozen=True, eq=False)
class IntegralTables:
    """Tables for :func:`local_integrals`, from :func:`integral_tables`.

    The depths of ``tables`` are linear combinations of the integrals. The matrix ``solution``
    (3 n_species, 3 n_species) times the depths gives the integrals.
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

    For each species, the depths with beta U + 1 in place of beta U, with g halved, and with g
    quartered are three independent combinations of its three integrals.
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
    """Return the integrals of every particle of the tagged species in one frame.

    Parameters
    ----------
    positions, species, box
        As for :func:`softcage.cage.local_depth.local_depths`.
    tables : IntegralTables

    Returns
    -------
    (n_delta, n_tagged, 3 n_species) array
        The scalar product with :meth:`Form.coefficients` is the depth of the cage of a particle.
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
    """Fit the line of Eq. 7, 1/S_av = c0 + c1 beta Phi_r, with the depth of one form.

    Parameters
    ----------
    form : Form
    integrals : mapping
        :func:`average_integrals` by temperature.
    fractions : (n_species,) array
    cages : DataFrame
        One row per temperature with T, depth_r and inverse_softness and their errors, for one form
        and one route to S_av. The same relative errors are used for other forms and routes.
    stiffness : sequence of float, optional
        1/S_av at each temperature of ``integrals``; by default that of ``cages``.
    all_pairs : bool
        Whether the depth is the sum over all pairs u, v, or that of the first species alone.
    origin : bool
        Whether c0 is fixed to 0; all temperatures then have the same weight.

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
