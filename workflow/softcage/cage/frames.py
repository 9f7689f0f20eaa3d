"""Depth and softness of frames that somebody holds in memory: freud, MDAnalysis, OVITO, ASE.

One call from positions, types and a box to a number for each particle. For trajectories in files
there is :mod:`softcage.scoring`, which streams and has p_hop too.
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
    positions: ArrayLike,
    types: ArrayLike,
    box: Any,
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
    positions : (N, 3) or (F, N, 3) array
        Wrapped or unwrapped, sigma_AA; frames of one temperature. In two dimensions (N, 2) or
        (F, N, 2).
    types : (N,) array
        Types or names, as numbers or text.
    box : Box, float, (2,), (3,), (6,), (3, 2), (3, 3) or (3, 4) array, or freud.box.Box
        What :meth:`softcage.box.Box.of` takes: the edge of a cube; edges; edges and angles in
        degrees (MDAnalysis) or tilt factors (HOOMD-blue); lowest and highest coordinates (LAMMPS);
        vectors as rows (ASE), or as columns with the origin in a fourth one (OVITO); sigma_AA. A
        direction that is not periodic needs a :class:`softcage.box.Box` that says so.
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
        If shapes do not match, the box is none of these, a type is not known, the temperature is
        not positive, positions are masked or not those of a liquid in this box, a species to score
        has too few particles, or the calibration cannot be used
        (:func:`softcage.cage.scorer.scorers_of`).
    """
    if mixture is None:
        mixture = kob_andersen() if closure == "hnc" else _own_liquid(types, species)
    frames = _positions(positions, temperature)
    kinds = species_of_types(types, mixture, species)
    if frames.ndim not in (2, 3) or frames.shape[-2:] not in ((len(kinds), 3), (len(kinds), 2)):
        raise ValueError(
            f"positions have shape {frames.shape}, expected ({len(kinds)}, 3) for the {len(kinds)} "
            f"types, or (frames, {len(kinds)}, 3)"
        )
    box = placed(frames, box)[1]
    each = frames.reshape(-1, *frames.shape[-2:])

    def measured(tagged: list[int]) -> Ranges:
        density = len(kinds) / box.volume
        _check_places(each, box, core(mixture, density, dimension=box.dimension))
        return ranges_of_frames(each, kinds, box, tagged)

    scorers = scorers_of(
        calibration,
        mixture,
        temperature,
        kinds,
        box,
        of,
        deltas=[delta],
        measured=measured,
        q_max=q_max,
        closure=closure,
    )
    if all(scorer.range_source == "calibration" for scorer in scorers):
        nearest = np.min([scorer.r0 for scorer in scorers], axis=0)
        _check_places(each, box, core(mixture, scorers[0].density, nearest, box.dimension))
    scores = np.full((2, *each.shape[:2]), np.nan)
    n = len(mixture.species)
    r0, r_min = np.full((2, n, n), np.nan)
    for scorer in scorers:
        r0[scorer.tagged], r_min[scorer.tagged] = scorer.r0, scorer.r_min
        own = kinds == scorer.tagged
        for k, frame in enumerate(each):
            scores[:, k, own] = scorer.scores(frame, kinds, box)[0]
    depth, softness = scores.reshape(2, *frames.shape[:-1])
    return FrameScores(depth, softness, r0, r_min)


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


def _check_places(frames: np.ndarray, box: Box, core: float) -> None:
    """Refuse positions (F, N, 2 or 3) that are not those of a liquid in this box."""
    for number, frame in enumerate(frames):
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
