r"""Two-body excess entropy of a particle, from the g(r) around it.

.. math:: s_{2,i} = -\frac{\rho}{2} \sum_v x_v \int_0^{r_m} 4 \pi r^2
          [g_{i,v} \ln g_{i,v} - g_{i,v} + 1] dr

in units of k_B, with the g of Eq. 8; :math:`2 \pi r` takes the place of :math:`4 \pi r^2` in two
dimensions.
"""

from __future__ import annotations

import numpy as np
from scipy.special import xlogy

from softcage.box import SPHERE
from softcage.cage.local_rdf import local_rdf
from softcage.defaults import DELTA
from softcage.descriptors.frame import REACH, Snapshot

_STEP = 0.02  # sigma_AA; a Gaussian is smooth on this scale


def two_body_entropy(
    frame: Snapshot, tagged: int = 0, neighbour: int | None = None, delta: float = DELTA
) -> np.ndarray:
    """Two-body excess entropy up to r_m = 2.5, with neighbours of one species or of all."""
    r = np.arange(_STEP, REACH - 0.5 + 0.5 * _STEP, _STEP)
    d = frame.cell.dimension
    total = np.zeros(np.count_nonzero(frame.species == tagged))
    for v in range(len(frame.fractions)) if neighbour is None else [neighbour]:
        g = local_rdf(
            frame.positions, frame.species, frame.box, delta, r, tagged=tagged, neighbour=v
        )
        shell = 0.5 * SPHERE[d] * frame.density * frame.fractions[v] * r ** (d - 1)
        total -= np.trapezoid(shell * (xlogy(g, g) - g + 1.0), r, axis=1)
    return total
