"""Is it still a liquid? Share of particles in crystalline order."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.spatial import cKDTree
from scipy.special import sph_harm_y

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
    r"""Share of particles whose surroundings are aligned with those of most neighbours.

    .. math:: \hat q_i = \frac{q_{6m}(i)}{|q_6(i)|}, \quad
              q_{6m}(i) = \sum_{j \in n(i)} Y_{6m}(\hat r_{ij}), \qquad
              d_{ij} = \mathrm{Re}\, \hat q_i \cdot \hat q_j^*

    A pair of neighbours with d > ``threshold`` is a crystalline bond, a particle with at least
    ``minimum_bonds`` of them is solid (ten Wolde, Ruiz-Montero, Frenkel, 1995). A perfect FCC
    crystal gives 1; in a liquid few particles qualify.

    Parameters
    ----------
    positions : (N, 3) array
        Of the particles looked at (the A particles, say), wrapped or not, sigma_AA.
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
        raise ValueError(f"cutoff {cutoff:g} is longer than half of the box edge {box:g}")
    wrapped = np.mod(positions, box)
    wrapped[wrapped == box] = 0.0  # -1e-17 mod box is box
    i, j = cKDTree(wrapped, boxsize=box).query_pairs(cutoff, output_type="ndarray").T
    bond = wrapped[j] - wrapped[i]
    bond -= box * np.rint(bond / box)
    polar = np.arccos(np.clip(bond[:, 2] / np.linalg.norm(bond, axis=1), -1, 1))
    azimuth = np.arctan2(bond[:, 1], bond[:, 0])
    n = len(wrapped)
    # Y_6m is even, so j sees i under the same values; m < 0 repeats m > 0, which counts twice
    harmonics = np.array([sph_harm_y(_L, m, polar, azimuth) for m in range(_L + 1)])
    harmonics[1:] *= np.sqrt(2.0)
    ones = np.ones(len(i))
    neighbours = coo_array((ones, (i, np.arange(len(i)))), shape=(n, len(i))).tocsr()
    neighbours += coo_array((ones, (j, np.arange(len(j)))), shape=(n, len(j))).tocsr()
    q = neighbours @ harmonics.T
    q /= np.maximum(np.linalg.norm(q, axis=1, keepdims=True), 1e-300)
    aligned = np.einsum("pm,pm->p", q[i], q[j].conj()).real > threshold
    bonds = np.bincount(np.concatenate([i[aligned], j[aligned]]), minlength=n)
    return float(np.mean(bonds >= minimum_bonds))


def crystalline_share(trajectory: Trajectory) -> float:
    """Return the largest :func:`solid_fraction` of the A particles in five frames of a run."""
    a_particles = trajectory.species == 0
    frames = trajectory.read(evenly_spaced(trajectory.n_frames, 5, down=True))
    return max(solid_fraction(frame[a_particles], trajectory.box) for frame in frames)
