r"""The cage of single particles: the paper's depth and softness, and other forms of the depth.

All are integrals of the g_i(r) of Eq. 8 over the first shell, from r0 to r_min,

.. math:: -\beta\Phi_i = \rho \sum_v w_{uv} \int 4 \pi r^2 C_v(r) g_{i,v}(r) dr .

In two dimensions :math:`2 \pi r` takes the place of :math:`4 \pi r^2`. They differ in the direct
correlation function C and in the weights w. The depth of the two closures is that of
:mod:`softcage.cage.local_depth`.
"""

from __future__ import annotations

import numpy as np

from softcage.box import SPHERE
from softcage.cage.calibration import with_softest
from softcage.cage.closures import hnc_product
from softcage.cage.local_rdf import local_rdf
from softcage.cage.scorer import Scorer
from softcage.defaults import DELTA
from softcage.descriptors.frame import Snapshot

# Nodes per width of the Gaussian; the error of the trapezium rule is then below 1e-3 of a term.
_NODES = 12


def _scorer(frame: Snapshot, tagged: int, delta: float, closure: str) -> Scorer:
    liquid = frame.liquid
    c0, c1 = liquid.line or (None, None)
    return Scorer(
        mixture=liquid.mixture,
        temperature=liquid.temperature,
        density=frame.density,
        fractions=frame.fractions,
        r0=liquid.r0[tagged],
        r_min=liquid.r_min[tagged],
        deltas=[delta],
        c0=c0,
        c1=c1,
        tagged=tagged,
        closure=closure,
        dimension=frame.cell.dimension,
    )


def _depth(frame: Snapshot, tagged: int, delta: float, closure: str) -> np.ndarray:
    scorer = _scorer(frame, tagged, delta, closure)
    return scorer.depth(frame.positions, frame.species, frame.box)[0]


def depth(frame: Snapshot, tagged: int = 0, delta: float = DELTA) -> np.ndarray:
    """Depth of the paper: local C from the closure of Eq. 6, weights sqrt(x_u x_v)."""
    return _depth(frame, tagged, delta, "hnc")


def softness(frame: Snapshot, tagged: int = 0, delta: float = DELTA) -> np.ndarray:
    """Softness of Eq. 7; :func:`softcage.cage.calibration.with_softest` where the line gives none.

    The depth is that of the closure that the line belongs to. Species other than that of the line
    have no softness: NaN.

    Raises
    ------
    ValueError
        If the liquid has no calibration line.
    """
    if frame.liquid.line is None:
        raise ValueError(
            "softness needs the line 1/S = c0 + c1 beta Phi: give the liquid a calibration"
        )
    closure = frame.liquid.closure
    if tagged != frame.liquid.line_of:
        return np.full(np.count_nonzero(frame.species == tagged), np.nan)
    values = _depth(frame, tagged, delta, closure)
    return with_softest(_scorer(frame, tagged, delta, closure).softness(values))


def _shell(frame: Snapshot, tagged: int, neighbour: int, delta: float) -> tuple[np.ndarray, ...]:
    """Return nodes r in the first shell, their weights rho S_d r^(d-1) dr, and g_i at the nodes."""
    low, high = (radii[tagged, neighbour] for radii in (frame.liquid.r0, frame.liquid.r_min))
    r = np.linspace(low, high, int(np.ceil(_NODES * (high - low) / delta)) + 1)
    rule = np.full(len(r), r[1] - r[0])
    rule[[0, -1]] *= 0.5
    g = local_rdf(
        frame.positions, frame.species, frame.box, delta, r, tagged=tagged, neighbour=neighbour
    )
    d = frame.cell.dimension
    return r, frame.density * SPHERE[d] * r ** (d - 1) * rule, g


def depth_mean_closure(frame: Snapshot, tagged: int = 0, delta: float = DELTA) -> np.ndarray:
    """Depth with the C(r) of the average liquid (Eq. 6), weights sqrt(x_u x_v).

    Neighbours then contribute independently: the depth is a sum of a smeared C(r) over them.
    """
    liquid, terms = frame.liquid, []
    for v in range(len(frame.fractions)):
        r, weight, g = _shell(frame, tagged, v, delta)
        mean = np.interp(r, liquid.r, liquid.g[tagged, v])
        beta_u = liquid.with_potential.potential(tagged, v, r) / liquid.at_temperature
        product = hnc_product(mean, beta_u)
        c = np.divide(product, mean, out=np.zeros_like(r), where=mean > 0)
        terms.append(g @ (weight * c))
    return np.sqrt(frame.fractions[tagged] * frame.fractions) @ np.array(terms)


def term(frame: Snapshot, tagged: int = 0, neighbour: int = 0, delta: float = DELTA) -> np.ndarray:
    r"""Term of the neighbours of one species with C = g - 1, without a weight.

    .. math:: D_{i,v} = \rho \int 4 \pi r^2 [g_{i,v}(r) - 1] g_{i,v}(r) dr
    """
    _, weight, g = _shell(frame, tagged, neighbour, delta)
    return ((g - 1.0) * g) @ weight


def depth_pair(frame: Snapshot, tagged: int = 0, delta: float = DELTA) -> np.ndarray:
    """Depth with C = g - 1 and the weights x_u x_v; it needs no potential."""
    return _depth(frame, tagged, delta, "pair")
