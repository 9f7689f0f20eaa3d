r"""Distance of a particle from its rest position, and its harmonic vibration.

Harmonic vibration about a minimum of the potential energy with the Hessian H has
:math:`\langle u_i^2 \rangle = k_B T \, \mathrm{tr} (H^{-1})_{ii}`, the Debye-Waller factor of
particle i, which follows from the positions at the minimum alone. Translations of the whole system
are excluded. The blocks of H on the diagonal say how stiffly a particle is held by neighbours that
do not move, at any positions.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lapack

from softcage.descriptors.frame import Snapshot

# Stiffness added for translations of the whole system, so that H can be inverted. What it adds to
# the inverse is known and subtracted.
_TRANSLATION = 100.0

_NO_MINIMUM = (
    "vibrations: the frame is not a minimum of the potential energy; use its inherent structure"
)


def distance_from(frame: Snapshot, reference: np.ndarray, tagged: int = 0) -> np.ndarray:
    """Distance of each particle from a reference position, without the drift of the system."""
    displacement = frame.cell.nearest(frame.positions - reference)
    displacement -= displacement.mean(axis=0)
    return np.sqrt((displacement[frame.species == tagged] ** 2).sum(axis=1))


def distance_to_inherent(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Distance of each particle from its position in the inherent structure."""
    return distance_from(frame, frame.inherent.positions, tagged)


def distance_to_mean(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Distance of each particle from its position averaged over a short time up to the frame."""
    return distance_from(frame, frame.averaged.positions, tagged)


def hessian_blocks(frame: Snapshot) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the Hessian H of the potential energy as blocks of d x d, in d dimensions.

    Returns
    -------
    i, j : (n_pairs,) int64 array
        Ordered pairs within the cut-off.
    off : (n_pairs, d, d) array
        The block of H for each pair.
    diagonal : (N, d, d) array
        Blocks on the diagonal: minus the sum of the other blocks of the same row.
    """
    pairs, mixture = frame.pairs, frame.liquid.of_pairs
    first = -frame.over_pairs(mixture.virial) / pairs.distance**2  # U' / r
    second = frame.over_pairs(mixture.curvature)
    near = (first != 0) | (second != 0)
    i, j, first, second = pairs.i[near], pairs.j[near], first[near], second[near]
    d = frame.cell.dimension
    along = pairs.vector[near, :d] / pairs.distance[near, None]
    outer = along[:, :, None] * along[:, None, :]
    off = -(second - first)[:, None, None] * outer - first[:, None, None] * np.eye(d)
    diagonal = np.zeros((pairs.n, d, d))
    np.subtract.at(diagonal, i, off)
    return i, j, off, diagonal


def own_stiffness(frame: Snapshot) -> np.ndarray:
    """Eigenvalues, ascending, of the block of H that belongs to each particle alone, (N, d).

    They are the force constants of a particle whose neighbours do not move, epsilon / sigma^2.
    """
    return np.linalg.eigvalsh(hessian_blocks(frame)[-1])


def laplacian(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Laplacian of the potential energy with respect to the position of each particle."""
    return frame.cached(own_stiffness)[frame.species == tagged].sum(axis=1)


def least_stiffness(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Smallest of the force constants of each particle (:func:`own_stiffness`)."""
    return frame.cached(own_stiffness)[frame.species == tagged, 0]


def non_rattlers(i: np.ndarray, j: np.ndarray, n: int, dimension: int = 3) -> np.ndarray:
    """Find the particles that their neighbours keep in place, (N,) bool.

    All others are rattlers: they have fewer than four neighbours within the cut-off that are not
    rattlers themselves, or fewer than three in two dimensions. Rattlers occur only with
    short-ranged potentials.

    Parameters
    ----------
    i, j : (n_pairs,) int array
        Ordered pairs within the cut-off.
    n : int
        Number of particles.
    dimension : int
        2 or 3.
    """
    fixed, before = np.ones(n, dtype=bool), n + 1
    while fixed.sum() < before:
        before = fixed.sum()
        fixed &= np.bincount(i, fixed[j], n) >= dimension + 1
    return fixed


def mean_square_vibrations(frame: Snapshot) -> np.ndarray:
    """Harmonic <u^2> of the particles of all species, (N,).

    Rattlers (all but the :func:`non_rattlers`) have no harmonic vibration. They are left out of H
    and receive the largest value of the other particles.

    H is factorised as a dense matrix, in single precision and in place. This takes 36 N^2 bytes
    (0.6 GB for 4096 particles) in three dimensions, and a time that grows as N^3.

    Raises
    ------
    ValueError
        If the frame is not a minimum of the potential energy.
    """
    i, j, off, diagonal = hessian_blocks(frame)
    d = frame.cell.dimension
    fixed = non_rattlers(i, j, len(diagonal), d)
    if not fixed.any():
        raise ValueError(_NO_MINIMUM)
    rattle = ~(fixed[i] & fixed[j])
    np.add.at(diagonal, i[rattle], off[rattle])
    number = np.cumsum(fixed) - 1
    i, j, off = number[i[~rattle]], number[j[~rattle]], off[~rattle]
    diagonal = diagonal[fixed]
    n = len(diagonal)
    # in LAPACK's memory order, so that it works in place; H is symmetric
    h = np.zeros((d * n, d * n), dtype=np.float32, order="F")
    blocks = h.T.reshape(n, d, n, d)
    blocks[i, :, j, :] = off
    blocks[np.arange(n), :, np.arange(n), :] = diagonal
    for axis in range(d):
        h[axis::d, axis::d] += np.float32(_TRANSLATION / n)
    h, failed = lapack.spotrf(h, lower=1, overwrite_a=1)
    if failed:
        raise ValueError(_NO_MINIMUM)
    # H = L L^T: the diagonal of its inverse is the sum of squares of the columns of L^-1
    h, _ = lapack.strtri(h, lower=1, overwrite_c=1)
    inverse = np.einsum("ij,ij->j", h, h, dtype=float) - 1.0 / (_TRANSLATION * n)
    vibrations = np.full(len(fixed), np.nan)
    vibrations[fixed] = frame.liquid.at_temperature * inverse.reshape(n, d).sum(axis=1)
    return np.where(fixed, vibrations, np.nanmax(vibrations))


def debye_waller(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Harmonic <u^2> of each particle about the inherent structure, k_B T tr (H^-1)_ii."""
    return frame.cached(mean_square_vibrations)[frame.species == tagged]
