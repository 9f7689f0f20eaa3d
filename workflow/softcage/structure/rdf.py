"""Partial radial distribution functions g(r) of a mixture, (n_species, n_species, n_r).

Positions may be wrapped or unwrapped; every function folds them into the box.
"""

from __future__ import annotations

import numba
import numpy as np
from numba import prange

from softcage.compiled.decorator import kernel
from softcage.compiled.simd import (
    bits,
    broadcast_full,
    fma,
    full_lanes,
    lanes,
    less,
    load_full,
    lowest_bit,
    rounded,
    square_root,
    store,
    to_float,
)

# Frames of a histogram that are sorted and counted at once.
_FRAMES = 8


@kernel(fastmath=True)
def _bin(i, j, positions, box, inverse_bin):
    """Return the bin of the distance of particles i and j."""
    x, y, z = positions[0], positions[1], positions[2]
    half = 0.5 * box
    dx = half - abs(half - abs(x[j] - x[i]))
    dy = half - abs(half - abs(y[j] - y[i]))
    dz = half - abs(half - abs(z[j] - z[i]))
    return np.int32(np.sqrt(dx * dx + dy * dy + dz * dz) * inverse_bin)


@kernel
def _find_bins(i, positions, coordinates, box, inverse_bin, bins):
    """Write to ``bins`` the bin of the distance from particle i to each particle after it.

    Distances are float32, because float64 would take registers of twice the width. Where a distance
    is so close to the edge of a bin that rounding may decide, it is computed again in float64.
    """
    n = lanes(bins)
    x, y, z = coordinates[0], coordinates[1], coordinates[2]
    xi, yi, zi = broadcast_full(x[i]), broadcast_full(y[i]), broadcast_full(z[i])
    bins_in_box = box * inverse_bin
    scale = broadcast_full(np.float32(bins_in_box * 2.0**-32))
    # A distance, at most 0.87 box, is wrong by at most 5.5 roundings of 2^-24 of it: one of the
    # difference, 1.5 of the square, one each of the root, the scale and the product.
    margin = 6 * 2.0**-24 * bins_in_box
    below = broadcast_full(np.float32(-0.5 - margin))
    above = broadcast_full(np.float32(-0.5 + margin))
    for j in range(i + np.uint64(1), np.uint64(len(bins)) - n, n):
        dx = to_float(xi - load_full(x, j))  # integers have wrapped around: the nearest image
        dy = to_float(yi - load_full(y, j))
        dz = to_float(zi - load_full(z, j))
        r = square_root(fma(dx, dx, fma(dy, dy, dz * dz)))
        lowest, highest = rounded(fma(r, scale, below), bins), rounded(fma(r, scale, above), bins)
        store(bins, j, lowest)
        doubtful = bits(less(lowest, highest))
        while doubtful:
            k = j + np.uint64(lowest_bit(doubtful))
            doubtful &= doubtful - np.uint64(1)
            bins[k] = _bin(i, k, positions, box, inverse_bin)


@kernel
def _count(bins, begin, end, counts, at):
    """Count ``bins`` of particles begin..end in the histogram that starts at ``at``."""
    for j in range(begin, end):
        counts[at + np.uint32(bins[j])] += 1


@kernel(parallel=True, nogil=True)
def _pair_counts(frames, coordinates, first, box, inverse_bin, n_parts):
    """Count unordered pairs in all frames, (n_parts, n_species, n_species, bins).

    ``frames`` (F, 3, N plus one register) are wrapped and sorted by species: the particles of u are
    first[u]..first[u + 1]; ``coordinates`` are the same as int32, in multiples of box / 2^32. The
    bins cover all distances in the box. The rows i of the pairs i < j are shared among the threads;
    counts are integers, so that the result does not depend on how.
    """
    n_species = len(first) - 1
    # Up to half the diagonal of the box: there is no branch to mispredict, and no common bin for
    # all longer distances, where each pair would wait for the one before.
    length = int(0.5 * np.sqrt(3.0) * box * inverse_bin) + 2
    counts = np.zeros((n_parts, n_species, n_species, length), dtype=np.int64)
    for part in prange(n_parts):
        part_counts = np.zeros(n_species * n_species * length, dtype=np.int64)
        bins = np.empty(frames.shape[2], dtype=np.int32)
        for frame in range(len(frames)):
            for u in range(n_species):
                for i in range(first[u] + part, first[u + 1], n_parts):
                    _find_bins(
                        np.uintp(i), frames[frame], coordinates[frame], box, inverse_bin, bins
                    )
                    for v in range(u, n_species):
                        begin = max(first[v], i + 1)
                        at = (u * n_species + v) * length
                        _count(
                            bins, np.uintp(begin), np.uintp(first[v + 1]), part_counts, np.uintp(at)
                        )
        counts[part] = part_counts.reshape(n_species, n_species, length)
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
        Numbers of the species, from 0.
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
        wrapped = wrap(frames[begin : begin + _FRAMES, order], box)
        # Padded, because the last particles are read as part of a whole register.
        padded = np.zeros((len(wrapped), 3, len(species) + full_lanes(np.int32)))
        padded[..., : len(species)] = wrapped.transpose(0, 2, 1)
        coordinates = (padded / box * 2.0**32).astype(np.uint32).view(np.int32)
        # With more parts than threads, a core that is busy with other work delays the others less.
        n_parts = 4 * numba.get_num_threads()
        parts = _pair_counts(padded, coordinates, first, float(box), 1.0 / r_bin, n_parts)
        counts += parts[..., :n_bins].sum(axis=0)
    return counts + counts.transpose(1, 0, 2)


def rdf_from_counts(
    counts: np.ndarray, n_frames: int, species_counts: np.ndarray, box: float, r_bin: float
) -> tuple[np.ndarray, np.ndarray]:
    r"""Partial radial distribution functions from :func:`pair_counts`.

    .. math:: g_{uv}(r) = \frac{V}{N_u N_v} \left\langle \sum_{i \in u} \sum_{j \in v, j \ne i}
              \frac{\delta(r - r_{ij})}{4 \pi r^2} \right\rangle

    The normalisation contains :math:`N_v`, not :math:`N_v - 1`, as in Eq. 8, so that the mean of
    the single-particle functions equals this function (Eq. B2).

    Parameters
    ----------
    counts : (n_species, n_species, n_bins) array
        Ordered pairs.
    n_frames : int
        Number of frames that were counted.
    species_counts : (n_species,) array
        Number of particles of each species.
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
