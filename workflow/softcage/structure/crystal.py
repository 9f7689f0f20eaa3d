"""Check for crystallisation: the share of particles in crystalline order."""

from __future__ import annotations

import freud
import numpy as np

from softcage.io.trajectory import Trajectory
from softcage.sampling import evenly_spaced

_L = 6


def solid_fraction(
    positions: np.ndarray,
    box: float,
    cutoff: float = 1.4,
    threshold: float = 0.7,
    minimum_bonds: int = 8,
) -> float:
    r"""Return the share of solid particles, whose bond order is aligned with that of their
    neighbours.

    .. math:: \hat q_i = \frac{q_{6m}(i)}{|q_6(i)|}, \quad
              q_{6m}(i) = \sum_{j \in n(i)} Y_{6m}(\hat r_{ij}), \qquad
              d_{ij} = \mathrm{Re}\, \hat q_i \cdot \hat q_j^*

    A pair of neighbours with d > ``threshold`` is a crystalline bond; a particle with at least
    ``minimum_bonds`` of them is solid (ten Wolde, Ruiz-Montero, Frenkel, 1995). A perfect FCC
    crystal gives 1; in a liquid few particles qualify.

    Parameters
    ----------
    positions : (N, 3) array
        Positions of the particles considered, for example the A particles, wrapped or unwrapped,
        sigma_AA.
    box : float
        Edge of the periodic cube.
    cutoff : float
        Distance up to which two particles are neighbours: the first minimum of g(r).
    threshold : float
        Alignment of a bond above which it is crystalline.
    minimum_bonds : int

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the cut-off is longer than half of the box.
    """
    if cutoff > box / 2:
        raise ValueError(
            f"cutoff = {cutoff:g} is longer than half of the box edge {box:g}: reduce it"
        )
    centred = np.mod(positions, box) - 0.5 * box  # before freud, which computes in single precision
    order = freud.order.SolidLiquid(_L, threshold, minimum_bonds, normalize_q=True)
    order.compute((freud.box.Box.cube(box), centred), neighbors={"r_max": cutoff})
    return float(np.mean(order.num_connections >= minimum_bonds))


def crystalline_share(trajectory: Trajectory) -> float:
    """Return the largest :func:`solid_fraction` of the A particles in five frames of a run."""
    a_particles = trajectory.species == 0
    frames = trajectory.read(evenly_spaced(trajectory.n_frames, 5, down=True))
    return max(solid_fraction(frame[a_particles], trajectory.box) for frame in frames)
