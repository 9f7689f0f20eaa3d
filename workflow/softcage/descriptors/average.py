r"""Averages of a descriptor over the neighbourhood of a particle.

.. math:: \bar{X}_i(L) = \sum_{j \in v} X_j e^{-r_{ij}/L} \Big/ \sum_{j \in v} e^{-r_{ij}/L}

The sums run over the particles of one species within half the box, including the particle itself if
it belongs to that species.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from softcage.descriptors.frame import Snapshot


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
    return next(_weights(frame, [length], tagged, neighbour))


def _weights(
    frame: Snapshot, lengths: Sequence[float], tagged: int, neighbour: int
) -> Iterator[np.ndarray]:
    """Yield :func:`weights` for several lengths; distances are computed once."""
    for length in lengths:
        if not 0 < length <= frame.cell.half:
            raise ValueError(
                f"L = {length:g} in the weight exp(-r/L) must be positive and at most half the box "
                f"({frame.cell.half:.4g})"
            )
    distance = frame.distances(tagged, neighbour)
    distance[distance > frame.cell.half] = np.inf
    for length in lengths:
        yield np.exp(distance / np.float32(-length))


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
    columns = np.stack(values, axis=1)
    # deviations from the mean, so that the single precision of the weights does not matter
    mean = columns.mean(axis=0)
    deviations = (columns - mean).astype(np.float32)
    smooth = [
        mean + weight @ deviations / weight.sum(axis=1)[:, None]
        for weight in _weights(frame, lengths, tagged, neighbour)
    ]
    return np.stack(smooth).transpose(2, 0, 1)
