"""Whether particles stand where those of a liquid do, and move as they do.

Positions that were scaled, that are in another unit than the box, or in other columns than those
that were read, are numbers like all others. But they leave a part of the box empty, or particles
lie on each other, or one of them is far from all others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from softcage.box import Box, pairs_within, placed
from softcage.model import Composition, Mixture
from softcage.potentials import LENNARD_JONES

# Of the smallest diameter, or of the distance that the density sets: a pair so near has an energy
# of thousands of epsilon. The nearest pairs of 1000 particles are at 0.9 of the smallest diameter.
_CORE = 0.6
# Of the distance that the density sets, where no potential says how near particles may be: bonds
# can be that short. Nor does a soft potential say it, or a table, which has no diameter.
_UNKNOWN_CORE = 0.3
# Of the nearest distance that the calibration found at this temperature.
_OF_R0 = 0.75
# Of the mean distance density^(-1/d): the widest slab without a particle. In a liquid of 1000 it is
# 0.13, in a crystal, whose layers may lie along an axis, less than 1.
_EMPTY = 1.25
# The smallest system that is looked at: the box of fewer is too small for the first shell.
_PARTICLES = 50
# A coordinate so many box edges, or median deviations of all, from the median is damaged.
_FAR = 20.0
# A displacement between frames by more than half the box edge, and more than so many times the
# median of all components, is that of no particle: the tail of the van Hove function is
# exponential, and this is e^-14 of it where half of the particles have left their cages.
_JUMP = 30.0


def core(
    mixture: Composition, density: float, r0: np.ndarray | None = None, dimension: int = 3
) -> float:
    """Return the distance, sigma_AA, that no pair of particles of a liquid is nearer than.

    Parameters
    ----------
    mixture : Composition
    density : float
        Of all particles.
    r0 : (n_species,) array, optional
        Where g(r) of the pairs of the first species begins at this temperature, if it is known.
    dimension : int
        2 or 3.
    """
    least = _UNKNOWN_CORE * density ** (-1 / dimension)
    if isinstance(mixture, Mixture) and mixture.form["potential"] == LENNARD_JONES:
        least = _CORE * min(float(mixture.sigma.min()), density ** (-1 / dimension))
    return least if r0 is None else max(least, _OF_R0 * float(np.min(r0)))


def far_off(positions: np.ndarray, box: float, who: Callable[[int], str]) -> str | None:
    """Return which particle is far from all others, as :func:`misplaced`, which asks this too."""
    off = np.abs(positions - np.median(positions, axis=0))
    far = off > _FAR * np.maximum(box, np.median(off, axis=0))
    if far.any():
        k, axis = np.argwhere(far)[0]
        return (
            f"has {who(int(k))} at {'xyz'[axis]} = {positions[k, axis]:.6g}, far from all others: "
            "its line is damaged, or a digit or point is lost"
        )
    return None


def misplaced(
    positions: np.ndarray,
    box: Any,
    core: float,
    who: Callable[[int], str] = "particle {}".format,
) -> str | None:
    """Return what is wrong with the positions of a frame, in words that follow its name.

    Parameters
    ----------
    positions : (N, 2 or 3) array
        Wrapped or unwrapped, finite.
    box : float, Box or array
        The edge of a cube, or another box, in the unit of the positions.
    core : float
        :func:`core`.
    who : callable
        From the number of a particle to its name in the message.

    Returns
    -------
    str or None
        None where nothing is wrong, or where there are too few particles to tell.
    """
    inside, box = placed(positions, box)
    if words := far_off(inside, float(box.edges.max()), who):
        return words
    if len(inside) < _PARTICLES:
        return None
    empty = _widest_gaps(inside, box)
    if empty.max() > _EMPTY * (box.volume / len(inside)) ** (1 / box.dimension):
        axis = int(empty.argmax())
        along = "xyz"[axis] if box.is_upright else f"its vector {'abc'[axis]}"
        return (
            f"has no particles in {empty[axis]:.3g} of the box edge {box.heights[axis]:.5g} along "
            f"{along}: are its positions scaled, or in another unit or column than is read?"
        )
    pairs = pairs_within(inside, box, core)
    if len(pairs):
        shift = box.nearest(np.asarray(positions)[pairs[:, 0]] - np.asarray(positions)[pairs[:, 1]])
        distance = np.linalg.norm(shift, axis=1)
        i, j = pairs[distance.argmin()]
        many = f"{len(pairs)} pairs of particles" if len(pairs) > 1 else "two particles"
        return (
            f"has {many} nearer than {core:.3g}, as no liquid has ({who(int(i))} and "
            f"{who(int(j))}: {distance.min():.3g}): are positions and box in the same unit, and "
            "the columns x, y and z those that are read?"
        )
    return None


def _widest_gaps(inside: np.ndarray, box: Box) -> np.ndarray:
    """Return the widest slab without particles along each vector, as a thickness."""
    places = box.fractions(inside)[:, : box.dimension]
    periodic = np.array(box.periodic[: box.dimension])
    ordered = np.sort(np.where(periodic, places - np.floor(places), places), axis=0)
    # What lies beyond an edge that is not periodic is not known.
    beyond = np.where(periodic, ordered[:1] + 1.0, ordered[-1:])
    return np.diff(ordered, axis=0, append=beyond).max(axis=0) * box.heights


def jumping(moved: np.ndarray, box: Any) -> tuple[int, float] | None:
    """Return a particle that moves much further between two frames than all others do, and by what.

    Parameters
    ----------
    moved : (N, 3) array
        Displacements.
    box : float, Box or array
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes.

    Returns
    -------
    (int, float) or None
        The particle that jumps furthest along an axis; None where none does.
    """
    along = np.abs(moved - np.median(moved, axis=0))
    k = int(along.max(axis=1).argmax())
    furthest = float(along[k].max())
    if furthest <= max(Box.of(box).half, _JUMP * float(np.median(along))):
        return None
    return k, furthest


def by_the_box(step: np.ndarray, box: Any) -> int:
    """Return how many particles jump by the box edge, 0 if positions seem to be unwrapped.

    Far displacements are rarer than near ones (the self part of the van Hove function falls with
    distance), so of unwrapped positions fewer components lie about L than between 0 and L. Of
    wrapped ones some lie about L and hardly any, those of a few fast particles, between. Where
    most particles have moved by much of the box, both are the same and nothing is said.
    """
    box = Box.of(box)
    share = np.abs(box.shares(step))[:, np.array(box.periodic)]
    about, between = (share > 0.75) & (share < 1.25), (share > 0.25) & (share <= 0.75)
    many = np.count_nonzero(share > 0.25) - np.count_nonzero(about)
    if many > 0.1 * share.size or np.count_nonzero(about) <= np.count_nonzero(between):
        return 0
    return int(np.count_nonzero(about.any(axis=1)))
