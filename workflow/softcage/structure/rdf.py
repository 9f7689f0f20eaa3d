"""Partial radial distribution functions g(r) of a mixture, (n_species, n_species, n_r).

Positions may be wrapped or unwrapped; every function folds them into the box, which is anything
that :meth:`softcage.box.Box.of` takes, in two or three dimensions.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numba
import numpy as np
from numba import prange

from softcage.box import BALL, Box, placed
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
# Pairs that can be counted in 32 bits.
_MANY = 2**32


# Numba compiles each function below three times, for ``cell`` None or an array and ``plane`` None
# or True, and leaves out what the other cases need: a cube takes no multiplications by a matrix,
# and two dimensions have no z.
@kernel(fastmath=True)
def _bin(i, j, positions, box, cell, inverse_bin):
    """Return the bin of the distance of particles i and j."""
    x, y, z = positions[0], positions[1], positions[2]
    if cell is not None:
        a, b, c = x[j] - x[i], y[j] - y[i], z[j] - z[i]
        a, b, c = a - np.rint(a), b - np.rint(b), c - np.rint(c)
        dx = a * cell[0, 0] + b * cell[1, 0] + c * cell[2, 0]
        dy = b * cell[1, 1] + c * cell[2, 1]
        dz = c * cell[2, 2]
        return np.int32(np.sqrt(dx * dx + dy * dy + dz * dz) * inverse_bin)
    half = 0.5 * box
    dx = half - abs(half - abs(x[j] - x[i]))
    dy = half - abs(half - abs(y[j] - y[i]))
    dz = half - abs(half - abs(z[j] - z[i]))
    return np.int32(np.sqrt(dx * dx + dy * dy + dz * dz) * inverse_bin)


@kernel
def _find_bins(i, positions, coordinates, box, cell, plane, margin, inverse_bin, bins):
    """Write to ``bins`` the bin of the distance from particle i to each particle after it.

    Distances are float32, because float64 would take registers of twice the width. Where a distance
    is so close to the edge of a bin that rounding may decide, it is computed again in float64: by
    a share ``margin`` of it, and by what the coordinates lack, up to 2^-32 of the box each.
    """
    n = lanes(bins)
    x, y, z = coordinates[0], coordinates[1], coordinates[2]
    xi, yi, zi = broadcast_full(x[i]), broadcast_full(y[i]), broadcast_full(z[i])
    unit = box
    if cell is not None:
        # in units of the last number on the diagonal, which then multiplies nothing
        unit = cell[2, 2] if plane is None else cell[1, 1]
        ax, bx, cx = (
            broadcast_full(np.float32(cell[0, 0] / unit)),
            broadcast_full(np.float32(cell[1, 0] / unit)),
            broadcast_full(np.float32(cell[2, 0] / unit)),
        )
        by, cy = (
            broadcast_full(np.float32(cell[1, 1] / unit)),
            broadcast_full(np.float32(cell[2, 1] / unit)),
        )
    scale = unit * inverse_bin * 2.0**-32
    smallest = broadcast_full(np.float32(scale * (1.0 - margin)))
    largest = broadcast_full(np.float32(scale * (1.0 + margin)))
    lack = 2.0**-31 * box * inverse_bin + 2.0**-23
    below = broadcast_full(np.float32(-0.5 - lack))
    above = broadcast_full(np.float32(-0.5 + lack))
    for j in range(i + np.uint64(1), np.uint64(len(bins)) - n, n):
        dx = to_float(xi - load_full(x, j))  # integers have wrapped around: the nearest image
        dy = to_float(yi - load_full(y, j))
        if plane is None:
            dz = to_float(zi - load_full(z, j))
            if cell is not None:
                dx = fma(dx, ax, fma(dy, bx, dz * cx))
                dy = fma(dy, by, dz * cy)
            square = fma(dx, dx, fma(dy, dy, dz * dz))
        else:
            dx = fma(dx, ax, dy * bx)
            square = fma(dx, dx, dy * dy)
        r = square_root(square)
        lowest, highest = (
            rounded(fma(r, smallest, below), bins),
            rounded(fma(r, largest, above), bins),
        )
        store(bins, j, lowest)
        doubtful = bits(less(lowest, highest))
        while doubtful:
            k = j + np.uint64(lowest_bit(doubtful))
            doubtful &= doubtful - np.uint64(1)
            bins[k] = _bin(i, k, positions, box, cell, inverse_bin)


@kernel
def _count(bins, begin, end, counts, at):
    """Count ``bins`` of particles begin..end in the histogram that starts at ``at``."""
    for j in range(begin, end):
        counts[at + np.uint32(bins[j])] += np.uint32(1)


@kernel
def _move(counts, totals):
    """Add the counts to the totals, and begin again at 0."""
    for k in range(len(counts)):
        totals[k] += counts[k]
        counts[k] = 0


@kernel(parallel=True, nogil=True)
def _pair_counts(
    frames, coordinates, first, box, cell, plane, margin, longest, inverse_bin, n_parts, most
):
    """Count unordered pairs in all frames, (n_parts, n_species^2 bins).

    ``frames`` (F, 3, N plus one register) are wrapped and sorted by species: the particles of u are
    first[u]..first[u + 1]; ``coordinates`` are the same as int32, in multiples of box / 2^32. In a
    cube of edge ``box``, ``cell`` is None. Otherwise frames are in units of the vectors ``cell``,
    coordinates in 2^-32 of these, and ``box`` is the sum of the lengths of the vectors. The nearest
    image in such units is that in space up to half of the smallest height, whatever the tilt: there
    no difference has a component above one half. ``plane`` is True in two dimensions and None in
    three, and ``margin`` that of :func:`_margin`. The bins cover all distances in the box, up to
    ``longest``. The rows i of the pairs i < j are shared among the threads; counts are integers, so
    that the result does not depend on how. Those of ``most`` rows are in 32 bits, of which more are
    in the first cache.
    """
    n_species = len(first) - 1
    # All of them: there is no branch to mispredict, and no common bin for all longer distances,
    # where each pair would wait for the one before.
    length = int(longest * inverse_bin) + 2
    totals = np.zeros((n_parts, n_species * n_species * length), dtype=np.int64)
    for part in prange(n_parts):
        counts, rows = np.zeros(totals.shape[1], dtype=np.uint32), 0
        bins = np.empty(frames.shape[2], dtype=np.int32)
        for frame in range(len(frames)):
            for u in range(n_species):
                for i in range(first[u] + part, first[u + 1], n_parts):
                    _find_bins(
                        np.uintp(i), frames[frame], coordinates[frame], box, cell, plane, margin,
                        inverse_bin, bins,
                    )  # fmt: skip
                    for v in range(u, n_species):
                        begin = max(first[v], i + 1)
                        at = (u * n_species + v) * length
                        _count(bins, np.uintp(begin), np.uintp(first[v + 1]), counts, np.uintp(at))
                    rows += 1
                    if rows % most == 0:
                        _move(counts, totals[part])
        _move(counts, totals[part])
    return totals


def wrap(positions: np.ndarray, box: Any) -> np.ndarray:
    """Return positions (..., 2 or 3) folded into the box, :meth:`softcage.box.Box.wrap`."""
    return Box.of(box).wrap(positions)


def pair_counts(
    positions: np.ndarray, species: np.ndarray, box: Any, r_max: float, r_bin: float
) -> np.ndarray:
    r"""Histogram of ordered pair distances, for each pair of species.

    Parameters
    ----------
    positions : (n_frames, N, 2 or 3) or (N, 2 or 3) array
        Wrapped or unwrapped, sigma_AA.
    species : (N,) int array
        Numbers of the species, from 0.
    box : float, Box or array
        The edge of a cube, or another box.
    r_max : float
        Largest distance; at most half of the smallest height of the box.
    r_bin : float
        Width of a bin.

    Returns
    -------
    (n_species, n_species, n_bins) int64 array
        Number of ordered pairs (i of u, j of v, i != j) summed over the frames. In a periodic box
        they are symmetric in u and v. Otherwise i are only the particles of :func:`count_centres`,
        whose neighbours up to ``r_max`` are all in the field of view.

    Raises
    ------
    ValueError
        If ``r_max`` exceeds half the box, or as :func:`softcage.box.placed`.
    """
    within, box = placed(positions, box)
    if r_max > box.half * (1 + 1e-12):
        raise ValueError(
            f"pair_counts: r_max = {r_max:g} is beyond half the box ({box.half:g}); "
            "the minimum image holds only up to there: choose a smaller r_max"
        )
    species = np.asarray(species)
    frames = within.reshape(-1, len(species), 3)
    n_species, n_bins = int(species.max()) + 1, int(r_max / r_bin + 1e-9)
    if box.bounded:
        chosen = box.inside(positions, r_max).reshape(len(frames), -1)
        if not chosen.any():
            raise ValueError(
                f"pair_counts: no particle is {r_max:g} or more from the edges of the box: choose "
                "a smaller r_max"
            )
        # Particles near an edge become species of their own, which are neighbours only.
        labels = np.where(chosen, species, species + n_species)
        counts = np.zeros((2 * n_species, 2 * n_species, n_bins), dtype=np.int64)
        for frame, label in zip(frames, labels, strict=True):
            counts += _ordered_pairs(frame[None], label, 2 * n_species, box, r_bin, n_bins)
        return counts[:n_species, :n_species] + counts[:n_species, n_species:]
    return _ordered_pairs(frames, species, n_species, box, r_bin, n_bins)


def _ordered_pairs(
    frames: np.ndarray, species: np.ndarray, n_species: int, box: Box, r_bin: float, n_bins: int
) -> np.ndarray:
    """Return :func:`pair_counts` of placed frames (F, N, 3), with all particles as centres."""
    order = np.argsort(species, kind="stable")
    first = np.concatenate([[0], np.cumsum(np.bincount(species, minlength=n_species))])
    counts = np.zeros((n_species, n_species, n_bins), dtype=np.int64)
    for begin in range(0, len(frames), _FRAMES):
        some = frames[begin : begin + _FRAMES, order]
        if box.is_cube:
            cell, plane, length = None, None, float(box.vectors[0, 0])
            wrapped, vectors = wrap(some, length), length * np.eye(3)
        else:
            wrapped, cell = box.scaled(some)
            vectors, plane = cell[: box.dimension], True if box.dimension == 2 else None
            length = float(np.sqrt((vectors**2).sum(axis=1)).sum())
        # Padded, because the last particles are read as part of a whole register.
        padded = np.zeros((len(wrapped), 3, len(species) + full_lanes(np.int32)))
        padded[..., : len(species)] = wrapped.transpose(0, 2, 1)
        in_units = padded / length if cell is None else padded
        coordinates = (in_units * 2.0**32).astype(np.uint32).view(np.int32)
        # With more parts than threads, a core that is busy with other work delays the others less.
        n_parts = 4 * numba.get_num_threads()
        parts = _pair_counts(
            padded, coordinates, first, length, cell, plane, _margin(vectors), _longest(vectors),
            1.0 / r_bin, n_parts, _MANY // len(species),
        )  # fmt: skip
        counts += parts.reshape(n_parts, n_species, n_species, -1)[..., :n_bins].sum(axis=0)
    return counts + counts.transpose(1, 0, 2)


def _margin(vectors: np.ndarray) -> float:
    """Return the largest relative error of a distance that :func:`_find_bins` computes.

    In units of 2^-24, the error of a rounding: one of the difference of two coordinates, half a one
    of each square and its sum, and one each of the root, the scale and the product with it. In a
    cube or square a component is the difference itself; at right angles it is multiplied by a
    rounded number, which is two more. In a tilted box it is a sum of up to d products, d - 1 more,
    and these may be larger than their sum, by the norm of the matrix below.
    """
    d = len(vectors)
    square = vectors[:, :d]
    if np.array_equal(square, np.diag(np.diag(square))):
        component = 1.0 if np.ptp(np.diag(square)) == 0 else 3.0
    else:
        terms = np.abs(np.linalg.inv(square)) @ np.abs(square)
        component = (2.0 + d) * float(np.linalg.norm(terms, 2))
    return (component + 0.5 * d + 3.0) * 2.0**-24


def _longest(vectors: np.ndarray) -> float:
    """Return half of the longest diagonal of a cell, which no difference exceeds."""
    signs = itertools.product((-1.0, 1.0), repeat=len(vectors))
    return 0.5 * max(float(np.linalg.norm(np.array(sign) @ vectors)) for sign in signs)


def count_centres(positions: np.ndarray, species: np.ndarray, box: Any, r_max: float) -> np.ndarray:
    """Return how many particles :func:`pair_counts` takes as centres, (n_species,).

    These are all particles of all frames or, where a direction of the box is not periodic, those at
    least ``r_max`` from its edges. The parameters are those of :func:`pair_counts`.
    """
    species = np.asarray(species)
    chosen = placed(positions, box)[1].inside(positions, r_max).reshape(-1, len(species))
    return np.array([chosen[:, species == v].sum() for v in range(int(species.max()) + 1)])


def rdf_from_counts(
    counts: np.ndarray,
    n_frames: int,
    species_counts: np.ndarray,
    box: Any,
    r_bin: float,
    centres: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Partial radial distribution functions from :func:`pair_counts`.

    .. math:: g_{uv}(r) = \frac{V}{N_u N_v} \left\langle \sum_{i \in u} \sum_{j \in v, j \ne i}
              \frac{\delta(r - r_{ij})}{4 \pi r^2} \right\rangle

    In two dimensions V is the area, and :math:`2 \pi r` takes the place of :math:`4 \pi r^2`. The
    normalisation contains :math:`N_v`, not :math:`N_v - 1`, as in Eq. 8, so that the mean of the
    single-particle functions equals this function (Eq. B2).

    Parameters
    ----------
    counts : (n_species, n_species, n_bins) array
        Ordered pairs.
    n_frames : int
        Number of frames that were counted.
    species_counts : (n_species,) array
        Number of particles of each species.
    box : float, Box or array
        The edge of a cube, or another box.
    r_bin : float
        Width of a bin.
    centres : (n_species,) array, optional
        :func:`count_centres`, for a box that is not periodic; by default all particles.

    Returns
    -------
    r : (n_bins,) array
        Centres of the bins.
    g : (n_species, n_species, n_bins) array
    """
    n = np.asarray(species_counts, dtype=float)
    edges = r_bin * np.arange(counts.shape[-1] + 1)
    box = Box.of(box)
    shell = BALL[box.dimension] * np.diff(edges**box.dimension)
    around = n_frames * n if centres is None else np.asarray(centres, dtype=float)
    ideal = around[:, None, None] * n[None, :, None] / box.volume * shell
    return 0.5 * (edges[1:] + edges[:-1]), counts / ideal


def rdf_of_frames(
    frames: Iterable[np.ndarray], species: np.ndarray, box: Any, reach: float, r_bin: float
) -> tuple[np.ndarray, np.ndarray]:
    """Partial radial distribution functions averaged over frames, each in its own box.

    Parameters
    ----------
    frames : iterable of (N, 2 or 3) arrays
        Wrapped or unwrapped, sigma_AA.
    species : (N,) int array
    box : float, Box, array, or list of Box
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes; or a box of each frame. g is
        then the average of those of the frames, each normalised by its own density.
    reach : float
        Largest distance, sigma_AA. It is at most half of the smallest height of every box.
    r_bin : float
        Width of a bin.

    Returns
    -------
    r : (n_bins,) array
        Centres of the bins.
    g : (n_species, n_species, n_bins) array
    """
    many = isinstance(box, list) and isinstance(box[0], Box)
    reach = min([reach, *(own.half for own in box)]) if many else reach
    first: Any = None
    counts, centres, n_frames = np.array(0), np.array(0), 0
    for frame, own in zip(frames, box if many else itertools.repeat(box), strict=many):
        own = placed(frame, own)[1]
        first, r_max = first or own, min(own.half, reach)
        larger = own.volume / first.volume  # so much fewer pairs are those of an ideal gas
        counts = counts + larger * pair_counts(frame, species, own, r_max, r_bin)
        centres, n_frames = centres + count_centres(frame, species, own, r_max), n_frames + 1
    return rdf_from_counts(counts, n_frames, np.bincount(species), first, r_bin, centres)
