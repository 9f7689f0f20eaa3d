"""Partial radial distribution functions g(r) of a mixture, (n_species, n_species, n_r).

Positions may be wrapped or unwrapped: every function folds them into the box itself.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import njit, prange

# Frames of a histogram that are sorted and counted at once.
_FRAMES = 8


@njit(cache=True, fastmath=True)
def _count_row(i, begin, end, x, y, z, box, inverse_bin, bins, counts, at):
    """Add the distances of particle i to particles begin..end to the histogram at ``at``."""
    xi, yi, zi, half = x[i], y[i], z[i], 0.5 * box
    # Distances first, in a loop of their own and with unsigned indices, so that the compiler
    # vectorises them.
    for j in range(begin, end):
        dx = half - abs(half - abs(x[j] - xi))
        dy = half - abs(half - abs(y[j] - yi))
        dz = half - abs(half - abs(z[j] - zi))
        bins[j] = np.int32(np.sqrt(dx * dx + dy * dy + dz * dz) * inverse_bin)
    for j in range(begin, end):
        counts[at + np.uint32(bins[j])] += 1


@njit(cache=True, parallel=True, nogil=True)
def _pair_counts(frames, first, box, inverse_bin, n_parts):
    """Unordered pairs of all frames, (n_parts, n_species, n_species, bins of all distances).

    ``frames`` (F, 3, N) are wrapped and sorted by species: those of u are first[u]..first[u + 1].
    Threads share out the rows i of the pairs i < j; counts are integers, so that it does not
    matter how.
    """
    n_species, n = len(first) - 1, frames.shape[2]
    # Up to half the diagonal of the box: no branch to mispredict, and no bin that half of all pairs
    # go to, each of which would wait for the one before.
    length = int(0.5 * np.sqrt(3.0) * box * inverse_bin) + 2
    counts = np.zeros((n_parts, n_species, n_species, length), dtype=np.int64)
    for part in prange(n_parts):
        own = np.zeros(n_species * n_species * length, dtype=np.int64)
        bins = np.empty(n, dtype=np.int32)
        for frame in range(len(frames)):
            x, y, z = frames[frame, 0], frames[frame, 1], frames[frame, 2]
            for u in range(n_species):
                for i in range(first[u] + part, first[u + 1], n_parts):
                    for v in range(u, n_species):
                        begin = max(first[v], i + 1)
                        at = (u * n_species + v) * length
                        _count_row(
                            np.uintp(i), np.uintp(begin), np.uintp(first[v + 1]), x, y, z, box,
                            inverse_bin, bins, own, np.uintp(at),
                        )  # fmt: skip
        counts[part] = own.reshape(n_species, n_species, length)
    return counts


def wrap(positions: np.ndarray, box: float) -> np.ndarray:
    """Return positions (..., 3) folded into the cubic box ``[0, box)``, float64."""
    positions = np.asarray(positions, dtype=np.float64)
    folded = positions - box * np.floor(positions / box)
    # A tiny negative coordinate folds to exactly `box` in floating point.
    return np.where(folded >= box, 0.0, folded)


def pair_counts(
    positions: np.ndarray, species: np.ndarray, box: float, r_max: float, r_bin: float
) -> np.ndarray:
    r"""Histogram of ordered pair distances, for each pair of species.

    Parameters
    ----------
    positions : (n_frames, N, 3) or (N, 3) array
        Wrapped or unwrapped, sigma_AA.
    species : (N,) int array
        From 0.
    box : float
        Edge of the cubic box.
    r_max : float
        Largest distance; at most ``box / 2``.
    r_bin : float
        Width of a bin.

    Returns
    -------
    (n_species, n_species, n_bins) int64 array
        Number of ordered pairs (i of u, j of v, i != j) summed over the frames; symmetric in u
        and v.

    Raises
    ------
    ValueError
        If ``r_max`` exceeds half the box.
    """
    if r_max > 0.5 * box * (1 + 1e-12):
        raise ValueError(
            f"pair_counts: r_max = {r_max:g} is beyond half the box ({0.5 * box:g}); "
            "the minimum image holds only up to there: choose a smaller r_max"
        )
    frames = np.atleast_3d(positions).reshape(-1, len(species), 3)
    species = np.asarray(species)
    order = np.argsort(species, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(species))])
    n_species, n_bins = len(first) - 1, int(r_max / r_bin + 1e-9)
    counts = np.zeros((n_species, n_species, n_bins), dtype=np.int64)
    for begin in range(0, len(frames), _FRAMES):
        some = np.ascontiguousarray(
            wrap(frames[begin : begin + _FRAMES, order], box).transpose(0, 2, 1)
        )
        # More parts than threads even out what a busy core does.
        n_parts = 4 * numba.get_num_threads()
        parts = _pair_counts(some, first, float(box), 1.0 / r_bin, n_parts)
        counts += parts[..., :n_bins].sum(axis=0)
    return counts + counts.transpose(1, 0, 2)


def rdf_from_counts(
    counts: np.ndarray, n_frames: int, species_counts: np.ndarray, box: float, r_bin: float
) -> tuple[np.ndarray, np.ndarray]:
    r"""Partial radial distribution functions from :func:`pair_counts`.

    .. math:: g_{uv}(r) = \frac{V}{N_u N_v} \left\langle \sum_{i \in u} \sum_{j \in v, j \ne i}
              \frac{\delta(r - r_{ij})}{4 \pi r^2} \right\rangle

    The norm holds :math:`N_v`, not :math:`N_v - 1`, as Eq. 8 does, so that the mean of the
    single-particle functions is this one (Eq. B2).

    Parameters
    ----------
    counts : (n_species, n_species, n_bins) array
        Ordered pairs.
    n_frames : int
        Frames that were counted.
    species_counts : (n_species,) array
        Particles of each species.
    box : float
        Edge of the box.
    r_bin : float
        Width of a bin.

    Returns
    -------
    r : (n_bins,) array
        Centres of the bins.
    g : (n_species, n_species, n_bins) array
    """
    n = np.asarray(species_counts, dtype=float)
    edges = r_bin * np.arange(counts.shape[-1] + 1)
    shell = 4.0 / 3.0 * np.pi * np.diff(edges**3)
    ideal = n_frames * n[:, None, None] * n[None, :, None] / box**3 * shell
    return 0.5 * (edges[1:] + edges[:-1]), counts / ideal
