"""Depth and softness of frames that somebody holds in memory: freud, MDAnalysis, OVITO, ASE.

One call from positions, types and a box, or from a frame that has all of these, to a number for
each particle. For trajectories in files there is :mod:`softcage.scoring`, which streams and has
p_hop too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from softcage.box import Box, placed
from softcage.cage.mean_field import ranges_of_frames
from softcage.cage.scorer import Ranges, scorers_of
from softcage.defaults import CLOSURE, DELTA, Q_MAX
from softcage.io.plausibility import core, misplaced
from softcage.model import Composition, composition_of_labels, kob_andersen
from softcage.systems import frames_of


@dataclass(frozen=True, eq=False)
class FrameScores:
    """What :func:`score_frames` returns.

    Attributes
    ----------
    depth, softness : (N,) or (F, N) array
        As the positions: one value for each particle, NaN for those of a species that is not
        scored, and for those whose shell reaches beyond an edge that is not periodic. Softness is
        NaN without a calibration of this species, and where the line does not reach.
    r0, r_min : (n_species, n_species) array
        The first shell of each pair (u, v); NaN where u is not scored.
    """

    depth: np.ndarray
    softness: np.ndarray
    r0: np.ndarray
    r_min: np.ndarray


def score_frames(
    system: Any,
    types: ArrayLike | None = None,
    box: Any = None,
    temperature: float | None = None,
    *,
    species: Mapping[str, ArrayLike] | None = None,
    mixture: Composition | None = None,
    calibration: str | Path | None = None,
    delta: float = DELTA,
    q_max: float = Q_MAX,
    of: Sequence[str] | None = None,
    closure: str = CLOSURE,
) -> FrameScores:
    r"""Depth and softness of the cage of every particle, in one frame or many.

    The depth is :func:`softcage.cage.local_depth.local_depth` (Eqs. 5, 6, 8), the softness
    :math:`1/S_i = c_0 + c_1 \beta\Phi_i` (Eq. 7).

    Parameters
    ----------
    system : (N, 3) or (F, N, 3) array, or a frame of another program, or a sequence of such frames
        Positions, wrapped or unwrapped, sigma_AA; frames of one temperature. In two dimensions
        (N, 2) or (F, N, 2). Or what :func:`softcage.systems.frame_of` takes: a pair
        (box, positions), a frame of freud, HOOMD-blue, GSD, MDAnalysis, OVITO or ASE, or a sequence
        of these.
    types : (N,) array, optional
        Types or names, as numbers or text. By default those of the system.
    box : Box, float, (2,), (3,), (6,), (3, 2), (3, 3) or (3, 4) array, or freud.box.Box, optional
        What :meth:`softcage.box.Box.of` takes: the edge of a cube; edges; edges and angles in
        degrees (MDAnalysis) or tilt factors (HOOMD-blue); lowest and highest coordinates (LAMMPS);
        vectors as rows (ASE), or as columns with the origin in a fourth one (OVITO); sigma_AA. A
        direction that is not periodic needs a :class:`softcage.box.Box` that says so. By default
        that of the system.

        Or one box of each frame: a list of Box or freud.box.Box, or an (F, 6), (F, 3, 2), (F, 3, 3)
        or (F, 3, 4) array. A (2,), (3,), (3, 2) or (3, 3) array is always a single box.
    temperature : float, optional
        Reduced. The closure ``pair`` does not need it.
    species : mapping, optional
        Species of the mixture to the type (or a list of types) that is it, ``{"A": 1, "B": 2}``.
        By default types are the mixture's own names, or numbers from 0.
    mixture : Composition, optional
        Kob-Andersen by default; with the closure ``pair`` each type is a species of its own name.
    calibration : path, optional
        Folder of a study or of ``softcage calibrate``: the line, and r0 and r_min if it has this
        temperature. Without it, or at another temperature, r0 and r_min are those of the g(r) of
        these frames: of one frame of a few thousand particles they are noisy. A line belongs to one
        species: the others have no softness.
    delta : float
        Width of the Gaussian that smears a neighbour, sigma_AA.
    q_max : float
        Of the line.
    of : sequence of str, optional
        Names of the species to score; by default all.
    closure : str
        ``hnc``, as in the paper, or ``pair``, C = g - 1, which needs no potential
        (:mod:`softcage.cage.closures`).

    Returns
    -------
    FrameScores

    Raises
    ------
    ValueError
        If shapes do not match, the system is none of these or does not say its types or box, the
        box is none of these, a type is not known, the temperature is not positive, positions are
        masked or not those of a liquid in this box, a species to score has too few particles, or
        the calibration cannot be used (:func:`softcage.cage.scorer.scorers_of`).

    Notes
    -----
    Where each frame has its own box (constant pressure), the depth of a frame is that in its box
    and at its density. r0 and r_min are common to all frames: g(r) is the average over the frames,
    each normalised by its own density. A calibration must be one of the density N / <V>.
    """
    positions, types, box = _parts(system, types, box)
    if mixture is None:
        mixture = kob_andersen() if closure == "hnc" else _own_liquid(types, species)
    frames = _positions(positions, temperature)
    kinds = species_of_types(types, mixture, species)
    if frames.ndim not in (2, 3) or frames.shape[-2:] not in ((len(kinds), 3), (len(kinds), 2)):
        raise ValueError(
            f"positions have shape {frames.shape}, expected ({len(kinds)}, 3) for the {len(kinds)} "
            f"types, or (frames, {len(kinds)}, 3)"
        )
    each = frames.reshape(-1, *frames.shape[-2:])
    boxes = _boxes(each, box)
    average = _average_box(boxes)
    density = len(kinds) / average.volume

    def measured(tagged: list[int]) -> Ranges:
        _check_places(each, boxes, core(mixture, density, dimension=average.dimension))
        return ranges_of_frames(each, kinds, boxes, tagged)

    scorers = scorers_of(
        calibration,
        mixture,
        temperature,
        kinds,
        average,
        of,
        deltas=[delta],
        measured=measured,
        q_max=q_max,
        closure=closure,
    )
    if all(scorer.range_source == "calibration" for scorer in scorers):
        nearest = np.min([scorer.r0 for scorer in scorers], axis=0)
        _check_places(each, boxes, core(mixture, density, nearest, average.dimension))
    scores = np.full((2, *each.shape[:2]), np.nan)
    n = len(mixture.species)
    r0, r_min = np.full((2, n, n), np.nan)
    for scorer in scorers:
        r0[scorer.tagged], r_min[scorer.tagged] = scorer.r0, scorer.r_min
        own = kinds == scorer.tagged
        for k, (frame, its_box) in enumerate(zip(each, boxes, strict=True)):
            there = scorer.at_density(len(kinds) / its_box.volume)
            scores[:, k, own] = there.scores(frame, kinds, its_box)[0]
    depth, softness = scores.reshape(2, *frames.shape[:-1])
    return FrameScores(depth, softness, r0, r_min)


def _parts(system: Any, types: ArrayLike | None, box: Any) -> tuple[ArrayLike, ArrayLike, Any]:
    """Return positions, types and box: what is given beside a system takes the place of its own."""
    known = frames_of(system)
    positions, own_types, own_box = (system, None, None) if known is None else known
    types, box = own_types if types is None else types, own_box if box is None else box
    if types is None:
        raise ValueError(
            "the types of the particles are not known: give types, one of each particle, "
            "np.zeros(N, int) if all are alike"
        )
    if box is None:
        raise ValueError("the box is not known: give box, or a system that has one")
    return positions, types, box


def _boxes(frames: np.ndarray, box: Any) -> list[Box]:
    """Return the box of each frame (F, N, 2 or 3), one object F times if a single one is given."""
    if not _one_each(box):
        return [placed(frames, box)[1]] * len(frames)
    if len(box) != len(frames):
        raise ValueError(
            f"there are {len(box)} boxes for {len(frames)} frames: give one, or one for each frame"
        )
    boxes = [placed(frame, own)[1] for frame, own in zip(frames, box, strict=True)]
    if len({own.dimension for own in boxes}) > 1:
        raise ValueError("some boxes have two dimensions, others three: score them separately")
    return boxes


def _one_each(box: Any) -> bool:
    """Whether there is a box of each frame. Numbers in two rows or columns can be one box."""
    if isinstance(box, list | tuple) and any(isinstance(b, Box) or hasattr(b, "Lx") for b in box):
        return True
    if isinstance(box, Box) or hasattr(box, "Lx"):
        return False
    shape = np.shape(box)
    return len(shape) == 3 or (len(shape) == 2 and shape[1] == 6)


def _average_box(boxes: list[Box]) -> Box:
    """Return a box of the average volume."""
    first = boxes[0]
    if all(box.volume == first.volume for box in boxes):
        return first
    volume = float(np.mean([box.volume for box in boxes]))
    times = (volume / first.volume) ** (1.0 / first.dimension)
    return Box(times * first.vectors, first.periodic, first.dimension)


def _own_liquid(types: ArrayLike, species: Mapping[str, ArrayLike] | None) -> Composition:
    """Return the liquid that types make, without a potential."""
    names = None
    if species is not None:
        names = {name: list(map(str, np.atleast_1d(some))) for name, some in species.items()}
    return composition_of_labels(np.ravel(types).astype(str).tolist(), names)


def _positions(positions: ArrayLike, temperature: float | None) -> np.ndarray:
    """Return positions as float64, and refuse what is no number or no frame."""
    if np.ma.is_masked(positions):
        raise ValueError("positions are masked where nothing was written: leave these frames out")
    frames = np.asarray(positions, dtype=np.float64)
    if frames.size == 0:
        raise ValueError(f"positions have shape {frames.shape}: give at least one frame")
    if not np.isfinite(frames).all() or np.abs(frames).max() > 9e36:  # netCDF's fill value
        raise ValueError("positions hold NaN, infinity or fill values: a frame was never written")
    if temperature is not None and not (temperature > 0 and np.isfinite(temperature)):
        raise ValueError(f"the temperature is {temperature}: it must be greater than 0")
    return frames


def _check_places(frames: np.ndarray, boxes: list[Box], core: float) -> None:
    """Refuse positions (F, N, 2 or 3) that are not those of a liquid in these boxes."""
    for number, (frame, box) in enumerate(zip(frames, boxes, strict=True)):
        if words := misplaced(frame, box, core):
            raise ValueError(f"positions: frame {number} {words}")


def species_of_types(
    types: ArrayLike, mixture: Composition, species: Mapping[str, ArrayLike] | None = None
) -> np.ndarray:
    """Return the species of each particle, (N,) int64 from 0, as :func:`score_frames` takes types.

    Raises
    ------
    ValueError
        If a type is of no species, or a species has no particles.
    """
    labels = np.asarray(types)
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
    if labels.ndim != 1 or len(labels) == 0:
        raise ValueError(f"types have shape {labels.shape}: give one type of each particle, (N,)")
    if species is None:
        own = set(np.unique(labels.astype(str))) <= set(mixture.species)
        numbered = np.issubdtype(labels.dtype, np.integer) and not own
        species = {name: k if numbered else name for k, name in enumerate(mixture.species)}
    of_label = {
        str(label): name for name, some in species.items() for label in np.atleast_1d(some).tolist()
    }
    found, which = np.unique(labels.astype(str), return_inverse=True)
    known = [of_label.get(label) for label in found.tolist()]
    if set(known) != set(mixture.species):
        example = dict(zip(mixture.species, found.tolist(), strict=False))
        raise ValueError(
            f"types are {', '.join(found)}, the species {', '.join(mixture.species)}: say which is "
            f"which, for example species={example}"
        )
    return np.array([mixture.species.index(name) for name in known], dtype=np.int64)[which]
