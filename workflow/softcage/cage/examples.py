"""Particles shown as examples: those of median depth, chosen without regard to their g(r)."""

from __future__ import annotations

import warnings

import h5py
import numpy as np

from softcage.sampling import evenly_spaced


def closest_to_median(depth: np.ndarray, chosen: np.ndarray) -> tuple[int, int]:
    """Return row and column of the entry of ``depth`` nearest to the median over ``chosen``."""
    rows, columns = np.nonzero(chosen)
    values = depth[rows, columns]
    k = int(np.argmin(np.abs(values - np.median(values))))
    return int(rows[k]), int(columns[k])


def rearranging_and_caged(
    hops: h5py.Group, scores: h5py.Group, most: int = 200
) -> dict[str, tuple[int, int]]:
    """Return (frame, particle) of one ``rearranging`` and of one ``caged`` particle.

    Each is chosen among all pairs of frame and particle with p_hop > p_c (caged: p_hop <= p_c), as
    the one whose depth is closest to the median depth of these pairs.

    Parameters
    ----------
    hops : h5py group
        ``frame`` and ``p_hop`` of one window, p_c as an attribute.
    scores : h5py group
        ``frame`` and ``depth``.
    most : int
        Largest number of frames to use, evenly spaced.

    Raises
    ------
    ValueError
        If no frame has both p_hop and depth.
    """
    frames, in_hops, in_scores = np.intersect1d(
        hops["frame"][:], scores["frame"][:], return_indices=True
    )
    if len(frames) == 0:
        raise ValueError(
            f"no frame has both p_hop ({hops.name}) and softness: the run is shorter than the "
            "window; lengthen production or shorten dynamics.hop_window"
        )
    kept = evenly_spaced(len(frames), most)
    p_hop, depth = hops["p_hop"][in_hops[kept]], scores["depth"][in_scores[kept]]
    p_c = hops.attrs["p_c"]
    moving = p_hop > p_c
    if not moving.any():
        warnings.warn(
            f"no particle has p_hop > p_c = {p_c:.3g}: the one with the largest p_hop is shown",
            stacklevel=2,
        )
        moving = p_hop == p_hop.max()
    examples = {}
    for state, chosen in (("rearranging", moving), ("caged", ~moving)):
        row, particle = closest_to_median(depth, chosen)
        examples[state] = int(frames[kept][row]), particle
    return examples
