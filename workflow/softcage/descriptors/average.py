r"""Averages of a descriptor over the neighbourhood of a particle.

.. math:: \bar{X}_i(L) = \sum_{j \in v} X_j e^{-r_{ij}/L} \Big/ \sum_{j \in v} e^{-r_{ij}/L}

The sums run over the particles of one species within half the box, including the particle itself if
it belongs to that species.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from softcage.box import Box

if TYPE_CHECKING:  # it imports freud, which takes a second, and averages of depths need none
    from softcage.descriptors.frame import Snapshot

_ROWS = 4096  # particles whose distances to all others are in memory


def weights(frame: Snapshot, length: float, tagged: int = 0, neighbour: int = 0) -> np.ndarray:
    """Return exp(-r/L) for every pair of a particle of one species and one of another.

    The weight is zero beyond half the box, and 1 for a particle with itself.

    Returns
    -------
    (n_tagged, n_neighbour) float32 array

    Raises
    ------
    ValueError
        If L is not positive, or larger than half the box.
    """
    first, second = (frame.centred[1][frame.species == v] for v in (tagged, neighbour))
    return next(_weights(first, second, frame.cell, [length]))


def _weights(
    first: np.ndarray, second: np.ndarray, box: Box, lengths: Sequence[float]
) -> Iterator[np.ndarray]:
    """Yield exp(-r/L) between two sets of positions for several L; distances are computed once."""
    check_lengths(lengths, box)
    distance = box.distances(first, second)
    distance[distance > box.half] = np.inf
    for length in lengths:
        yield np.exp(distance / np.float32(-length))


def check_lengths(lengths: Sequence[float], box: Box) -> None:
    """Refuse lengths L that are not positive, or larger than half the box.

    Raises
    ------
    ValueError
        The message names the length.
    """
    for length in lengths:
        if not 0 < length <= box.half:
            raise ValueError(
                f"L = {length:g} in the weight exp(-r/L) must be positive and at most half the box "
                f"({box.half:.4g})"
            )


def averages(
    frame: Snapshot,
    values: Sequence[np.ndarray],
    lengths: Sequence[float],
    tagged: int = 0,
    neighbour: int = 0,
) -> np.ndarray:
    """Average descriptors of one species around every particle of another, weighted by exp(-r/L).

    Parameters
    ----------
    frame : Snapshot
    values : sequence of (n_neighbour,) array
        The descriptors. Several cost little more time than one.
    lengths : sequence of float
        L, sigma_AA.
    tagged, neighbour : int

    Returns
    -------
    (n_descriptors, n_lengths, n_tagged) array

    Raises
    ------
    ValueError
        As :func:`weights`.
    """
    first, second = (frame.centred[1][frame.species == v] for v in (tagged, neighbour))
    return averages_around(first, second, frame.cell, values, lengths)


def averages_around(
    first: np.ndarray,
    second: np.ndarray,
    box: Box,
    values: Sequence[np.ndarray],
    lengths: Sequence[float],
) -> np.ndarray:
    """Average quantities of particles around others, weighted by exp(-r/L).

    The time grows with the product of the numbers of particles, the memory does not.

    Parameters
    ----------
    first : (n, 3) array
        Positions to average around, wrapped or unwrapped, sigma_AA, from
        :func:`softcage.box.placed`.
    second : (m, 3) array
        Positions of the particles whose quantities are averaged.
    box : Box
    values : sequence of (m,) array
        The quantities.
    lengths : sequence of float
        L, sigma_AA.

    Returns
    -------
    (n_quantities, n_lengths, n) array

    Raises
    ------
    ValueError
        As :func:`weights`.
    """
    columns = np.stack(values, axis=1)
    # deviations from the mean, so that the single precision of the weights does not matter
    mean = columns.mean(axis=0)
    deviations = (columns - mean).astype(np.float32)
    smooth = np.empty((len(lengths), len(first), len(values)))
    for begin in range(0, len(first), _ROWS):
        some = slice(begin, begin + _ROWS)
        for k, weight in enumerate(_weights(first[some], second, box, lengths)):
            smooth[k, some] = mean + weight @ deviations / weight.sum(axis=1)[:, None]
    return smooth.transpose(2, 0, 1)
