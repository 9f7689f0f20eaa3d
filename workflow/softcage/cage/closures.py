r"""The direct correlation function C of a pair from its g(r), and the weight of the pair in Eq. 5.

.. math:: -\beta\Phi = \rho \sum_v w_{uv} \int_{r_{0,uv}}^{r_{min,uv}} 4 \pi r^2
          C_{uv}(r) g_{uv}(r) dr

``hnc`` is that of the paper: the hypernetted chain without bridge (Eq. 6),
:math:`C = g - 1 - \beta U - \ln g`, with the weights :math:`w_{uv} = \sqrt{x_u x_v}`.
``pair`` is :math:`C = g - 1` with :math:`w_{uv} = x_u x_v`. It needs no potential.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import xlogy

from softcage.model import Potential

CLOSURES = ("hnc", "pair")


def beta_potential(
    closure: str, potential: Potential | None, temperature: float | None
) -> Potential:
    """Return beta U_uv(r) as a function (u, v, r); it is 0 with a closure that does not use U.

    Parameters
    ----------
    closure : str
        ``hnc`` or ``pair``.
    potential : callable or None
        ``potential(u, v, r)`` gives U_uv(r); None: it is not known.
    temperature : float or None
        k_B T in units of epsilon_AA.

    Raises
    ------
    ValueError
        If there is no such closure, or it needs a potential or a temperature that is not given.
    """
    if closure not in CLOSURES:
        raise ValueError(f"the closure is {closure!r}: choose {' or '.join(map(repr, CLOSURES))}")
    if closure == "pair":
        return lambda u, v, r: np.zeros(np.shape(r))
    if potential is None or temperature is None:
        missing = "pair potential" if potential is None else "temperature"
        raise ValueError(
            f"the closure hnc needs the {missing}, which is not given; the closure pair needs "
            "neither potential nor temperature"
        )
    return lambda u, v, r: potential(u, v, r) / temperature


def hnc_product(g: float | np.ndarray, beta_u: float | np.ndarray) -> np.ndarray:
    r"""C(r) g(r) with the bridge-free HNC closure (Eq. 6).

    .. math:: C g = [-\beta U + (g - 1) - \ln g] \, g, \qquad g \ln g \to 0

    Parameters
    ----------
    g : array
        Radial distribution function, not negative.
    beta_u : array
        Pair potential over k_B T, in a shape that broadcasts with that of ``g``.
    """
    return (g - 1.0 - beta_u) * g - xlogy(g, g)


def closure_product(closure: str, g: np.ndarray, beta_u: np.ndarray) -> np.ndarray:
    """Return C(r) g(r) of a closure: :func:`hnc_product`, or (g - 1) g for ``pair``."""
    return hnc_product(g, beta_u) if closure == "hnc" else (g - 1.0) * g


def pair_weight(closure: str, x_u: float, x_v: float) -> float:
    """Return the weight w_uv of a pair of species with these fractions."""
    return math.sqrt(x_u * x_v) if closure == "hnc" else x_u * x_v
