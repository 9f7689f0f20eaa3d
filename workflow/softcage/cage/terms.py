r"""The depth of Eq. 5 pair by pair, and its line with other weights.

Eq. 5 is a sum over pairs of species, :math:`-\beta\Phi = \sum_v w_v D_v` with a weight
:math:`w_v` and the term of the neighbours v alone,

.. math:: D_v = \rho \int_{r_{0,v}}^{r_{min,v}} 4 \pi r^2 C_v(r) g_v(r) dr .

The terms are computed once; every choice of weights is then a linear combination. Only g itself,
with or without :math:`1/x_v` in Eq. 8, enters through the logarithm of Eq. 6 and needs its own
terms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from softcage.cage.calibration import linear_calibration
from softcage.cage.local_depth import local_depth
from softcage.cage.mean_field import depth_r

#: Weight of a pair of species u, v in Eq. 5.
WEIGHTS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "sqrt(x_u x_v)": lambda x_u, x_v: np.sqrt(x_u * x_v),
    "x_u x_v": lambda x_u, x_v: x_u * x_v,
    "1": lambda x_u, x_v: np.ones_like(x_u * x_v),
}


def weight_matrix(name: str, fractions: np.ndarray) -> np.ndarray:
    """Weights of all pairs of species by a rule of :data:`WEIGHTS`, (n_species, n_species)."""
    x = np.asarray(fractions, dtype=float)
    return WEIGHTS[name](x[:, None], x[None, :])


def mean_terms(
    r: np.ndarray,
    g: np.ndarray,
    potential: Callable,
    temperature: float,
    density: float,
    r0: np.ndarray,
    r_min: np.ndarray,
) -> np.ndarray:
    """Terms D_uv of the average liquid for every pair of species, weight 1.

    Parameters
    ----------
    r, g, potential, temperature, density, r0, r_min
        As :func:`softcage.cage.mean_field.depth_r`, the radii for every pair.

    Returns
    -------
    (n_species, n_species) array
        Times the weights, a row adds up to :func:`softcage.cage.mean_field.depth_r`.
    """
    n = len(g)
    terms = np.empty((n, n))
    for v in range(n):
        alone = np.zeros_like(g)
        alone[:, v] = g[:, v]
        for u in range(n):
            terms[u, v] = depth_r(
                r, alone, potential, temperature, density, np.ones(n), r0, r_min, tagged=u
            )
    return terms


def local_terms(
    positions: np.ndarray,
    species: np.ndarray,
    box: float,
    *,
    potential: Callable,
    temperature: float,
    r0: np.ndarray,
    r_min: np.ndarray,
    delta: float,
    tagged: int = 0,
    per_fraction: bool = True,
) -> np.ndarray:
    """Terms D_v of every particle of one species in one frame, weight 1.

    Parameters
    ----------
    positions, species, box, potential, temperature, r0, r_min, delta, tagged
        As :func:`softcage.cage.local_depth.local_depth`.
    per_fraction : bool
        Whether g of Eq. 8 is divided by the fraction of the neighbours' species (as Eq. B2 asks
        for); False: as Eq. 8 is printed.

    Returns
    -------
    (n_tagged, n_species) array
        Times the weights, a row adds up to :func:`softcage.cage.local_depth.local_depth`.
    """
    positions, species = np.asarray(positions), np.asarray(species)
    r0, r_min = np.asarray(r0, dtype=float), np.asarray(r_min, dtype=float)
    counts = np.bincount(species, minlength=len(r0))
    x = counts / len(species) if per_fraction else np.ones(len(r0))

    def depth(*kept: int) -> np.ndarray:
        """Depth from the neighbours of these species only; the tagged one is the first."""
        new = np.full(len(r0), -1)
        new[list(kept)] = np.arange(len(kept))
        chosen = new[species] >= 0
        return local_depth(
            positions[chosen],
            new[species[chosen]],
            box,
            potential=lambda u, v, r: potential(kept[u], kept[v], r),
            temperature=temperature,
            r0=r0[list(kept)],
            r_min=r_min[list(kept)],
            delta=delta,
            density=len(species) / box**3,
            fractions=x[list(kept)],
        )

    own = depth(tagged)
    terms = np.empty((len(own), len(r0)))
    for v in range(len(r0)):
        both = own if v == tagged else depth(tagged, v) - own
        terms[:, v] = both / np.sqrt(x[tagged] * x[v])
    return terms


def refitted_line(
    curves: Mapping[float, Mapping[str, np.ndarray]],
    cages: pd.DataFrame,
    potential: Callable,
    weights: str,
    per_fraction: bool = True,
    all_pairs: bool = False,
) -> tuple[float, float]:
    """Fit the line of Eq. 7 with other weights of the pairs in the average liquid.

    Parameters
    ----------
    curves : mapping
        Temperature to ``r``, ``g``, ``fractions``, ``density``, ``r0`` and ``r_min`` of the liquid.
    cages : DataFrame
        Of one way to S_av, a row a temperature: T, depth_r and inverse_softness with errors.
    potential : callable
        ``potential(u, v, r)``.
    weights : str
        Of :data:`WEIGHTS`.
    per_fraction : bool
        As :func:`local_terms`.
    all_pairs : bool
        Whether the depth is the sum over all pairs u, v, or that of the first species alone.
    """
    cages, depths = cages.set_index("T").loc[list(curves)], []
    for T, c in curves.items():
        x = np.asarray(c["fractions"])
        g = c["g"] if per_fraction else c["g"] * x[None, :, None]
        terms = mean_terms(c["r"], g, potential, T, float(c["density"]), c["r0"], c["r_min"])
        weighted = weight_matrix(weights, x) * terms
        depths.append(weighted.sum() if all_pairs else weighted[0].sum())
    error = np.abs(depths / cages["depth_r"]) * cages["depth_r_error"]
    stiffness = cages["inverse_softness"], cages["inverse_softness_error"]
    line = linear_calibration(-np.array(depths), stiffness[0], error, stiffness[1])
    return line.intercept, line.slope
