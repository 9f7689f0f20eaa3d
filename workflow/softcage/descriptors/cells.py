"""Voronoi cells of particles, and the order of the bonds to their Voronoi neighbours (freud)."""

from __future__ import annotations

import freud
import numpy as np

from softcage.descriptors.frame import Snapshot


def voronoi_volume(frame: Snapshot, tagged: int = 0) -> np.ndarray:
    """Volume of the Voronoi cell; the cells are those of the particles of all species."""
    return np.asarray(frame.voronoi.volumes)[frame.species == tagged]


def bond_order(frame: Snapshot, tagged: int = 0, l: int = 6, averaged: bool = False) -> np.ndarray:  # noqa: E741
    """Steinhardt's Q_l over Voronoi neighbours, or Lechner and Dellago's average of it."""
    order = freud.order.Steinhardt(l, average=averaged)
    order.compute(frame.centred, neighbors=frame.voronoi.nlist)
    return np.asarray(order.particle_order, dtype=float)[frame.species == tagged]
