r"""How far a particle is from where it rests, and how far it would swing about it.

Harmonic vibration about a minimum with the Hessian H of the potential energy has
:math:`\langle u_i^2 \rangle = k_B T \, \mathrm{tr} (H^{-1})_{ii}`, the Debye-Waller factor of the
particle; it is computed from the positions of the minimum alone. Translations of the whole are left
out.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import lapack

from softcage.descriptors.frame import Snapshot

# Stiffness that translations of the whole are given, so that H can be inverted; what it adds to
# the inverse is known and taken off.
_TRANSLATION = 100.0
# Fewer neighbours cannot hold a particle in three dimensions.
_FEWEST = 4

_NO_MINIMUM = (
    "vibrations: the frame is no minimum of the potential energy: take its inherent structure"
)


def distance_from(frame: Snapshot, reference: np.ndarray, tagged: int = 0) -> np.ndarray:
    """Distance of a particle from a reference position, without the drift of the whole."""
    moved = frame.positions - reference
    moved -= frame.box * np.rint(moved / frame.box)
    moved -= moved.mean(axis=0)
    return np.sqrt((moved[frame.species == tagged] ** 2).sum(axis=1))


def distance_to_inherent(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Distance to the place in the inherent structure."""
    return distance_from(frame, frame.inherent.positions, tagged)


def distance_to_mean(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Distance to the position averaged over a short time before."""
    return distance_from(frame, frame.averaged.positions, tagged)


def hessian_blocks(frame: Snapshot) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Second derivatives of the potential energy.

    Returns
    -------
    i, j : (n_pairs,) int64 array
        Ordered pairs within the cut-off.
    off : (n_pairs, 3, 3) array
        The block of H of each.
    diagonal : (N, 3, 3) array
        Blocks on the diagonal: minus the sum of the others of the row.
    """
    pairs, mixture = frame.pairs, frame.liquid.mixture
    first = -frame.over_pairs(mixture.virial) / pairs.distance**2  # U' / r
    second = frame.over_pairs(mixture.curvature)
    near = (first != 0) | (second != 0)
    i, j, first, second = pairs.i[near], pairs.j[near], first[near], second[near]
    along = pairs.vector[near] / pairs.distance[near, None]
    outer = along[:, :, None] * along[:, None, :]
    off = -(second - first)[:, None, None] * outer - first[:, None, None] * np.eye(3)
    diagonal = np.zeros((pairs.n, 3, 3))
    np.subtract.at(diagonal, i, off)
    return i, j, off, diagonal


def non_rattlers(i: np.ndarray, j: np.ndarray, n: int) -> np.ndarray:
    """Say which particles their neighbours hold in place, (N,) bool.

    The others, rattlers, have fewer than four neighbours within the cut-off that are held
    themselves. Only a short-ranged potential has any.

    Parameters
    ----------
    i, j : (n_pairs,) int array
        Ordered pairs within the cut-off.
    n : int
        Number of particles.
    """
    held, before = np.ones(n, dtype=bool), n + 1
    while held.sum() < before:
        before = held.sum()
        held &= np.bincount(i, held[j], n) >= _FEWEST
    return held


def mean_square_vibrations(frame: Snapshot) -> np.ndarray:
    """Harmonic <u^2> of every particle, all species, (N,).

    Rattlers (all but the :func:`non_rattlers`) have no harmonic vibration: they are left out, and
    count as the loosest of the rest.

    H is factorised whole and in single precision, in place: 36 N^2 bytes, 0.6 GB for 4096
    particles, and a time that grows as N^3.

    Raises
    ------
    ValueError
        If the frame is no minimum of the potential energy.
    """
    i, j, off, diagonal = hessian_blocks(frame)
    rests = non_rattlers(i, j, len(diagonal))
    if not rests.any():
        raise ValueError(_NO_MINIMUM)
    rattle = ~(rests[i] & rests[j])
    np.add.at(diagonal, i[rattle], off[rattle])
    number = np.cumsum(rests) - 1
    i, j, off = number[i[~rattle]], number[j[~rattle]], off[~rattle]
    diagonal = diagonal[rests]
    n = len(diagonal)
    # LAPACK's order, so that it works in place; H is symmetric
    h = np.zeros((3 * n, 3 * n), dtype=np.float32, order="F")
    blocks = h.T.reshape(n, 3, n, 3)
    blocks[i, :, j, :] = off
    blocks[np.arange(n), :, np.arange(n), :] = diagonal
    for axis in range(3):
        h[axis::3, axis::3] += np.float32(_TRANSLATION / n)
    h, failed = lapack.spotrf(h, lower=1, overwrite_a=1)
    if failed:
        raise ValueError(_NO_MINIMUM)
    # H = L L^T: the diagonal of its inverse is the squared columns of that of L
    h, _ = lapack.strtri(h, lower=1, overwrite_c=1)
    inverse = np.einsum("ij,ij->j", h, h, dtype=float) - 1.0 / (_TRANSLATION * n)
    vibrations = np.full(len(rests), np.nan)
    vibrations[rests] = frame.liquid.temperature * inverse.reshape(n, 3).sum(axis=1)
    return np.where(rests, vibrations, np.nanmax(vibrations))


def debye_waller(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Harmonic <u^2> of a particle about an inherent structure, k_B T tr (H^-1)_ii."""
    return frame.cached(mean_square_vibrations)[frame.species == tagged]
