"""From each frame to the next: how far particles move, and unwrapped positions from it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from softcage.box import Box
from softcage.io.plausibility import by_the_box, jumping
from softcage.io.readers import TrajectoryError

log = logging.getLogger(__name__)

# The median displacement between frames of one interval and temperature varies little: by less than
# a factor of 1.6 in runs of 1000 particles between the onset and T_MCT, at intervals of 0.5 to 50.
_PACE = 3.0
_PACE_PARTICLES = 50  # the median of fewer says nothing
_PACE_DIGITS = 1e-3  # sigma_AA: positions have no more digits in XTC and GRO
_CAGE = 0.3  # sigma_AA: half of the particles move by less while most are in their cages
# So many particles of each frame are kept, and come again if each is nearer to where it was than
# this share of the median displacement between the last two frames, and than a tenth of a diameter
# (where particles are listed in another order, the median is that of any two of them). A particle
# of a liquid is by chance in one of some hundred frames; all of them are in none.
_KEPT, _NEAR, _NEAREST = 16, 0.3, 0.1


def follow(
    frames: Iterable[np.ndarray],
    box: Any,
    name: object = "trajectory",
    wrapped: bool = True,
    bound: float = 0.25,
    who: Callable[[int], str] = "particle {}".format,
    even: Callable[[], bool] = lambda: False,
) -> Iterator[np.ndarray]:
    r"""Yield unwrapped positions: each particle moves by the nearest image of its displacement.

    .. math:: u(t_{k+1}) = u(t_k) + d - L \, \mathrm{round}(d / L), \qquad
              d = r(t_{k+1}) - r(t_k)

    Positions that are unwrapped already come out as they went in. This is right as long as nothing
    moves by L/2 along an axis between two frames. Whether something did cannot be seen, but
    displacements then spread over the whole box: nothing may move by more than ``bound`` L, which
    is twice as strict. In another box the same holds in units of its vectors.

    Parameters
    ----------
    frames : iterable of (N, 3) arrays
    box : float, Box or array
        The edge L of a cube, or what :meth:`softcage.box.Box.of` takes; the same for all frames.
    name : object
        For messages.
    wrapped : bool
        False: positions are said to be unwrapped; they are yielded as they are, after a look
        whether they jump by a whole box (:func:`softcage.io.plausibility.by_the_box`).
    bound : float
        Largest displacement along an axis between two frames in units of L.
    who : callable
        From the number of a particle to its name in messages.
    even : callable
        Whether the file says that the frames so far are evenly spaced. Then displacements within
        the cage may differ: those of inherent structures do, as particles rearrange or do not.

    Raises
    ------
    TrajectoryError
        If frames are too far apart to unwrap, positions said to be unwrapped are not, particles go
        through an edge that is said not to be periodic, or half of the particles move several times
        further, or less far, than between the frames before, or a single one by more than half the
        box and far more than all others.
    """
    box, before, current = Box.of(box), None, None
    periodic = np.flatnonzero(box.periodic)
    walls = np.flatnonzero(~np.array(box.periodic[: box.dimension]))
    wrapped = wrapped and len(periodic) > 0
    said = False  # that displacements differ, in a file whose frames are evenly spaced
    usual, judged = 0.0, 0  # mean logarithm of the median displacements so far, and their number
    for number, positions in enumerate(frames):
        positions = np.asarray(positions, dtype=float)
        if before is None:
            current = positions.copy()
        else:
            step = positions - before
            nearest = box.nearest(step)
            far = np.abs(box.shares(nearest)[:, periodic]).max(axis=1) if wrapped else np.zeros(1)
            if far.max() > bound:
                k = int(far.argmax())
                raise TrajectoryError(
                    f"{name}: frames {number - 1} and {number} are too far apart to unwrap: "
                    f"{who(k)} moved by {far[k]:.3g} of the box, {box.edges.max():.4g}, more than "
                    f"{bound:g} of it: save frames more often, or unwrapped positions"
                )
            if through := int((np.abs(box.shares(step)[:, walls]) > 0.5).any(axis=1).sum()):
                raise TrajectoryError(
                    f"{name}: between frames {number - 1} and {number} {through} particles jump by "
                    "more than half of the box along a direction that is not periodic, as the file "
                    "says: it is, or these frames are of another run"
                )
            if not wrapped and (jumps := by_the_box(step, box)):
                raise TrajectoryError(
                    f"{name}: between frames {number - 1} and {number} {jumps} particles jump by "
                    f"the box edge {box.edges.max():.4g}: the positions are wrapped; say so with "
                    "--no-unwrapped"
                )
            moved = nearest if wrapped else step
            if not wrapped and (jump := jumping(step, box)):
                raise TrajectoryError(
                    f"{name}: between frames {number - 1} and {number} {who(jump[0])} jumps by "
                    f"{jump[1]:.6g} along an axis, {jump[1] / (2 * box.half):.4g} of the box edge, "
                    "and the "
                    "others move far less: its line is damaged, or its image counter overflowed "
                    "(--no-unwrapped goes by the nearest image)"
                )
            if len(moved) >= _PACE_PARTICLES:
                pace = _pace(moved)
                if judged and abs(pace - usual) > np.log(_PACE):
                    words = (
                        f"between frames {number - 1} and {number} half of the particles move by "
                        f"{np.exp(pace):.2g} or more, between those before by {np.exp(usual):.2g}"
                    )
                    if not (max(pace, usual) < np.log(_CAGE) and even()):
                        raise TrajectoryError(
                            f"{name}: {words}: frames are missing, unevenly spaced, of another "
                            "run, or list particles in another order; --no-hops takes frames one "
                            "by one"
                        )
                    if not said:
                        log.warning(
                            "%s: %s: as in inherent structures, and the file says that its frames "
                            "are evenly spaced",
                            name, words,
                        )  # fmt: skip
                    said = True
                judged += 1
                usual += (pace - usual) / judged
            current = current + moved
        before = positions
        yield current


@dataclass(eq=False)
class Seen:
    """Where a few particles were in every frame so far, to know a frame that comes again.

    The frames that a run repeats after a restart differ from those before in their last digits,
    which grow with time, or only the first of them is the same. A frame is one of those before if
    it is far nearer to it than to the last one. In a run that goes on none is: displacements do not
    fall with time, whatever the times between frames are.

    Attributes
    ----------
    box : float, Box or array
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes.
    places : (n, 16, 3) array
        Of every frame so far; longer than ``number``, and doubled when that is reached.
    number : int
    """

    box: Any
    places: np.ndarray = field(default_factory=lambda: np.empty((64, _KEPT, 3), dtype=np.float32))
    number: int = 0

    def again(self, positions: np.ndarray) -> int | None:
        """Take the next frame (N, 3); return the frame before the last that it repeats, or None."""
        if len(positions) < _PACE_PARTICLES:
            return None
        kept = np.linspace(0, len(positions) - 1, _KEPT).astype(int)
        now, n = Box.of(self.box).wrap(positions[kept]), self.number
        if n == len(self.places):
            self.places = np.concatenate([self.places, np.empty_like(self.places)])
        self.places[n], self.number = now, n + 1
        if n < 2:
            return None
        near = min(_NEAR * np.median(self._distance(self.places[n - 1], now)), _NEAREST)
        left = np.arange(n - 1)
        for k in range(_KEPT):
            left = left[self._distance(self.places[left, k], now[k]) < near]
        return int(left[0]) if len(left) else None

    def _distance(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.linalg.norm(Box.of(self.box).nearest(a - b), axis=-1)


def _pace(moved: np.ndarray) -> float:
    """Return the logarithm of the median displacement (N, 3), drift left out."""
    distance = np.median(np.linalg.norm(moved - np.median(moved, axis=0), axis=1))
    return float(np.log(max(distance, _PACE_DIGITS)))


def without_drift(frames: Iterable[np.ndarray], masses: np.ndarray) -> Iterator[np.ndarray]:
    """Yield unwrapped positions relative to the centre of mass, which stays where it was first.

    Parameters
    ----------
    frames : iterable of (N, 3) arrays
    masses : (N,) array
    """
    weights = masses / masses.sum()
    origin = None
    for positions in frames:
        centre = weights @ positions
        origin = centre if origin is None else origin
        yield positions - (centre - origin)


def near_origin(frames: Iterable[np.ndarray], box: Any, each: bool = False) -> Iterator[np.ndarray]:
    """Move each particle by as many boxes as bring it into the box in the first frame.

    Our files have single precision: 1e-7 of a coordinate, which is to be small.

    Parameters
    ----------
    frames : iterable of (N, 3) arrays
    box : float, Box or array
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes.
    each : bool
        In each frame anew.
    """
    box, shift = Box.of(box), None
    for positions in frames:
        if shift is None or each:
            shift = box.shift(np.floor(box.shares(positions)))
        yield positions - shift
