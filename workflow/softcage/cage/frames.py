"""Depth and softness of frames that somebody holds in memory: freud, MDAnalysis, OVITO, ASE.

One call from positions, types and a box to a number for each particle. For trajectories in files
there is :mod:`softcage.scoring`, which streams and has p_hop too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from softcage.cage.mean_field import ranges_of_frames
from softcage.cage.scorer import Ranges, Scorer
from softcage.defaults import DELTA, Q_MAX
from softcage.io.plausibility import core, misplaced
from softcage.model import Mixture, kob_andersen


@dataclass(frozen=True, eq=False)
class FrameScores:
    """What :func:`score_frames` returns.

    Attributes
    ----------
    depth, softness : (N,) or (F, N) array
        As the positions: one value for each particle, NaN for those that are not of the first
        species. Softness is NaN without a calibration, and where the line does not reach.
    r0, r_min : (n_species,) array
        The first shell of the pairs AA, AB, ...
    """

    depth: np.ndarray
    softness: np.ndarray
    r0: np.ndarray
    r_min: np.ndarray


def score_frames(
    positions: ArrayLike,
    types: ArrayLike,
    box: ArrayLike,
    temperature: float,
    *,
    species: Mapping[str, ArrayLike] | None = None,
    mixture: Mixture | None = None,
    calibration: str | Path | None = None,
    delta: float = DELTA,
    q_max: float = Q_MAX,
) -> FrameScores:
    r"""Depth and softness of the cage of every particle of the first species, in one frame or many.

    The depth is :func:`softcage.cage.local_depth.local_depth` (Eqs. 5, 6, 8), the softness
    :math:`1/S_i = c_0 + c_1 \beta\Phi_i` (Eq. 7).

    Parameters
    ----------
    positions : (N, 3) or (F, N, 3) array
        Wrapped or unwrapped, sigma_AA; frames of one temperature.
    types : (N,) array
        Types or names, as numbers or text.
    box : float, (3,), (6,), (3, 2), (3, 3) or (3, 4) array
        A cube: its edge; its edges; edges and angles in degrees (MDAnalysis) or tilt factors
        (HOOMD-blue); lowest and highest coordinates (LAMMPS); or its vectors along x, y and z in
        any order (ASE, ``freud.box.Box.to_matrix()``), with the origin as a fourth column (OVITO);
        sigma_AA.
    temperature : float
        Reduced.
    species : mapping, optional
        Species of the mixture to the type (or a list of types) that is it, ``{"A": 1, "B": 2}``.
        By default types are the mixture's own names, or numbers from 0.
    mixture : Mixture, optional
        Kob-Andersen by default.
    calibration : path, optional
        Folder of a study or of ``softcage calibrate``: the line, and r0 and r_min if it has this
        temperature. Without it, or at another temperature, r0 and r_min are those of the g(r) of
        these frames: of one frame of a few thousand particles they are noisy.
    delta : float
        Width of the Gaussian that smears a neighbour, sigma_AA.
    q_max : float
        Of the line.

    Returns
    -------
    FrameScores

    Raises
    ------
    ValueError
        If shapes do not match, the box is no cube, a type is not known, the temperature is not
        positive, positions are masked or not those of a liquid in this box, or the calibration
        cannot be used (:meth:`softcage.cage.scorer.Scorer.from_calibration`).
    """
    mixture = kob_andersen() if mixture is None else mixture
    frames = _positions(positions, temperature)
    kinds, edge = species_of_types(types, mixture, species), cubic_edge(box)
    if frames.ndim not in (2, 3) or frames.shape[-2:] != (len(kinds), 3):
        raise ValueError(
            f"positions have shape {frames.shape}, expected ({len(kinds)}, 3) for the {len(kinds)} "
            f"types, or (frames, {len(kinds)}, 3)"
        )
    each = frames.reshape(-1, len(kinds), 3)

    def measured() -> Ranges:
        _check_places(each, edge, core(mixture, len(kinds) / edge**3))
        return ranges_of_frames(each, kinds, edge)

    scorer = Scorer.from_calibration(
        calibration,
        mixture,
        temperature,
        kinds,
        edge,
        deltas=[delta],
        measured=measured,
        q_max=q_max,
    )
    if scorer.range_source == "calibration":
        _check_places(each, edge, core(mixture, scorer.density, scorer.r0))
    depth = np.full(each.shape[:2], np.nan)
    for row, frame in zip(depth, each, strict=True):
        row[kinds == 0] = scorer.depth(frame, kinds, edge)[0]
    depth = depth.reshape(frames.shape[:-1])
    return FrameScores(depth, scorer.softness(depth), scorer.r0, scorer.r_min)


def _positions(positions: ArrayLike, temperature: float) -> np.ndarray:
    """Return positions as float64, and refuse what is no number or no frame."""
    if np.ma.is_masked(positions):
        raise ValueError("positions are masked where nothing was written: leave these frames out")
    frames = np.asarray(positions, dtype=np.float64)
    if frames.size == 0:
        raise ValueError(f"positions have shape {frames.shape}: give at least one frame")
    if not np.isfinite(frames).all() or np.abs(frames).max() > 9e36:  # netCDF's fill value
        raise ValueError("positions hold NaN, infinity or fill values: a frame was never written")
    if not (temperature > 0 and np.isfinite(temperature)):
        raise ValueError(f"the temperature is {temperature}: it must be greater than 0")
    return frames


def _check_places(frames: np.ndarray, box: float, core: float) -> None:
    """Refuse positions (F, N, 3) that are not those of a liquid in this box."""
    for number, frame in enumerate(frames):
        if words := misplaced(frame, box, core):
            raise ValueError(f"positions: frame {number} {words}")


def species_of_types(
    types: ArrayLike, mixture: Mixture, species: Mapping[str, ArrayLike] | None = None
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
        numbered = np.issubdtype(labels.dtype, np.integer)
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


def cubic_edge(box: ArrayLike) -> float:
    """Return the edge of a box, as :func:`score_frames` takes it.

    Raises
    ------
    ValueError
        If it is no cube along x, y and z.
    """
    given = np.asarray(box, dtype=float)
    straight = True
    if given.shape in ((3, 3), (3, 4)):  # vectors, with the origin in a fourth column (OVITO)
        parts = np.abs(given[:, :3])  # rows or columns are the vectors, in any order
        edges, along = parts.max(axis=1), parts.argmax(axis=1)
        tilt = parts.sum(axis=1) - edges
        straight = bool(len(set(along.tolist())) == 3 and tilt.max() <= 1e-6 * edges.max())
    elif given.shape == (3, 2):  # lowest and highest coordinates
        edges = given[:, 1] - given[:, 0]
    elif given.shape == (6,):
        edges, straight = _edges_of_six(given)
    elif given.shape in ((), (1,), (3,)):
        edges = np.broadcast_to(given, 3)
    else:
        raise ValueError(
            f"the box has shape {given.shape}: give the edge of the cube, three edges, six numbers "
            "(edges and angles), or three vectors"
        )
    if not (straight and edges[0] > 0 and np.ptp(edges) <= 1e-5 * edges[0]):
        raise ValueError(f"the box is {given.tolist()}: only a cube along x, y and z can be used")
    return float(edges.mean())


def _edges_of_six(given: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return the edges of a box of six numbers, and whether it is at right angles.

    Edges and angles in degrees (MDAnalysis, ASE), edges and tilt factors (HOOMD-blue, GSD), or the
    lowest and the highest coordinates, as three and three or in pairs (LAMMPS).
    """
    first, last = given[:3], given[3:]
    if np.all(first > 0):
        return first, bool(np.allclose(last, 90.0, atol=1e-3) or np.all(last == 0.0))
    for low, high in ((first, last), (given[0::2], given[1::2])):
        if np.all(low <= 0) and np.all(high > low):
            return high - low, True
    return first, False
