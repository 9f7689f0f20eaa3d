r"""Two-body term of the depth, shell by shell.

.. math:: h_{i,v} = \sum_{j \in v} [g_{uv}(r_{ij}) - 1], \qquad r_\mathrm{low} \le r_{ij} <
          r_\mathrm{high}

with the radial distribution function of the average liquid. It is what the depth with the closure
C = g - 1 is without smearing, continued beyond the first shell.
"""

from __future__ import annotations

import numpy as np

from softcage.descriptors.frame import REACH, Snapshot

#: Ranges of r of the first three shells, sigma_AA; the last one ends where pairs are listed.
SHELLS = ((0.7, 1.45), (1.45, 2.4), (2.4, REACH))


def shell_sum(frame: Snapshot, tagged: int = 0, neighbour: int = 0, shell: int = 0) -> np.ndarray:
    """Sum of g(r) - 1 over the neighbours of one species in one of :data:`SHELLS`, (n_tagged,)."""
    (low, high), pairs, liquid = SHELLS[shell], frame.pairs, frame.liquid
    near = (low <= pairs.distance) & (pairs.distance < high)
    near &= (frame.species[pairs.i] == tagged) & (frame.species[pairs.j] == neighbour)
    excess = np.interp(pairs.distance[near], liquid.r, liquid.g[tagged, neighbour]) - 1.0
    return np.bincount(pairs.i[near], excess, pairs.n)[frame.species == tagged]
