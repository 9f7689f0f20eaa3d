"""Slices of a sample: a layer of particles in the middle of the box."""

from __future__ import annotations

import numpy as np

from softcage.structure.rdf import wrap

#: Thickness of a slice, sigma_AA: about one layer of particles.
THICKNESS = 1.0


def slice_of(positions: np.ndarray, box: float) -> np.ndarray:
    """Return the particles in a layer of :data:`THICKNESS` in the middle of the box.

    Returns
    -------
    (n,) int array
        Indices, in ascending order of z.
    """
    height = wrap(positions, box)[:, 2] - 0.5 * box
    inside = np.flatnonzero(np.abs(height) <= 0.5 * THICKNESS)
    return inside[np.argsort(height[inside])]
