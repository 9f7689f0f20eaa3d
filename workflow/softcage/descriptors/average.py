r"""Averages of a descriptor over the neighbourhood of a particle.

.. math:: \bar{X}_i(L) = \sum_{j \in v} X_j e^{-r_{ij}/L} \Big/ \sum_{j \in v} e^{-r_{ij}/L}

over the particles of one species within half the box, the particle itself among them if it is of
that species.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from softcage.descriptors.frame import Snapshot


def weights(frame: Snapshot, length: float, tagged: int = 0, neighbour: int = 0) -> np.ndarray:
    """Return exp(-r/L) of every particle of one species with every one of another.

    Zero beyond half the box, 1 of a particle with itself.

    Returns
    -------
    (n_tagged, n_neighbour) float32 array

    Raises
    ------
    ValueError
        If L is not positive, or beyond half the box.
    """
    return next(_weights(frame, [length], tagged, neighbour))


def _weights(
    frame: Snapshot, lengths: Sequence[float], tagged: int, neighbour: int
) -> Iterator[np.ndarray]:
    """Yield :func:`weights` for several lengths; distances are computed once."""
    for length in lengths:
        if not 0 < length <= 0.5 * frame.box:
            raise ValueError(
                f"an average over exp(-r/L) with L = {length:g} does not fit into half the box "
                f"({0.5 * frame.box:.4g}): choose a smaller L"
            )
    distance = frame.distances(tagged, neighbour)
    distance[distance > 0.5 * frame.box] = np.inf
    for length in lengths:
        yield np.exp(distance / np.float32(-length))


def averages(
    frame: Snapshot,
    values: Sequence[np.ndarray],
    lengths: Sequence[float],
    tagged: int = 0,
    neighbour: int = 0,
) -> np.ndarray:
    """Average descriptors of one species about every particle of another, with exp(-r/L).

    Parameters
    ----------
    frame : Snapshot
    values : sequence of (n_neighbour,) array
        Several take the time of one.
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
    # about the mean, so that single precision of the weights does not matter
    mean = columns.mean(axis=0)
    apart = (columns - mean).astype(np.float32)
    smooth = [
        mean + weight @ apart / weight.sum(axis=1)[:, None]
        for weight in _weights(frame, lengths, tagged, neighbour)
    ]
    return np.stack(smooth).transpose(2, 0, 1)
