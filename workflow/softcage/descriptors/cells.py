"""Voronoi cells of particles, and the order of the bonds to their Voronoi neighbours (freud)."""

from __future__ import annotations

import freud
import numpy as np

from softcage.descriptors.frame import Snapshot


def voronoi_volume(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Volume (in two dimensions area) of the Voronoi cell among the particles of all species."""
    return np.asarray(frame.voronoi.volumes)[frame.species == tagged]


def bond_order(frame: Snapshot, tagged: int = 0, l: int = 6, averaged: bool = False) -> np.ndarray:  # noqa: E741
    r"""Steinhardt's Q_l over Voronoi neighbours, or Lechner and Dellago's average of it.

    In two dimensions it is the modulus of
    :math:`\psi_l = \frac{1}{n_i} \sum_j e^{i l \theta_{ij}}`, and the average is that of
    :math:`\psi_l` over a particle and its neighbours.
    """
    if frame.cell.dimension == 2:
        hexatic = freud.order.Hexatic(l)
        hexatic.compute(frame.centred, neighbors=frame.voronoi.nlist)
        psi = np.asarray(hexatic.particle_order, dtype=complex)
        if averaged:
            i, j = frame.voronoi.nlist.query_point_indices, frame.voronoi.nlist.point_indices
            total = psi.copy()
            np.add.at(total, i, psi[j])
            psi = total / (1 + np.bincount(i, minlength=len(psi)))
        return np.abs(psi)[frame.species == tagged]
    order = freud.order.Steinhardt(l, average=averaged)
    order.compute(frame.centred, neighbors=frame.voronoi.nlist)
    return np.asarray(order.particle_order, dtype=float)[frame.species == tagged]
