"""Depth, softness and p_hop of single particles in every frame of any trajectory, as one table.

The table of :func:`score_trajectory` is tidy: it has one row per frame and particle of the species
that are scored, with depth, softness and p_hop. Several widths of the Gaussians, and averages over
the particles around, have separate columns. It is written while the trajectory is read, so that
memory does not grow with the number of frames. Arrays of the runs of a study are in
:mod:`softcage.cage.runs`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from softcage import __version__
from softcage.box import Box, placed
from softcage.cage.calibration import with_softest
from softcage.cage.scorer import Scorer
from softcage.descriptors.average import averages_around, check_lengths
from softcage.dynamics.hops import stream_p_hop
from softcage.dynamics.relaxation import (
    displacement_sums,
    hop_threshold,
    msd,
    non_gaussian_parameter,
)
from softcage.io.particle_output import particle_writer
from softcage.io.progress import Progress
from softcage.io.trajectory import Trajectory, averaged_positions, check_window, numbers_of_box
from softcage.md.minimise import inherent_structure
from softcage.model import known_potential

_CHUNK = 64  # frames in memory, in addition to those of a hop window


@dataclass(frozen=True, eq=False)
class Recipe:
    """What to compute for the frames of a trajectory.

    Attributes
    ----------
    scorers : sequence of Scorer
        Compute depth and softness, one for each species that is scored, all with the same widths.
    half_window : int or None
        Half of the window of p_hop, in frames; None: no p_hop.
    p_c : mapping of str to float
        Threshold of p_hop by the name of the species; without one the column ``rearranging`` is
        empty.
    every : int
        Score every n-th frame.
    lengths : sequence of float
        Lengths L, sigma_AA, of averages of depth and softness over the particles of the same
        species around a particle (:mod:`softcage.descriptors.average`).
    positions : str
        ``thermal``, ``averaged`` or ``inherent``: those that depth and softness are computed from.
        p_hop is that of the thermal ones.
    window : float
        Averaged positions are averages over this length of time up to the frame. Frames that have
        no whole window before them are left out.
    """

    scorers: Sequence[Scorer]
    half_window: int | None = None
    p_c: Mapping[str, float] = field(default_factory=dict)
    every: int = 1
    lengths: Sequence[float] = ()
    positions: str = "thermal"
    window: float = 0.0

    def columns(self, ids: bool = False) -> list[str]:
        """Return the columns of the table; with several widths depth_0.02, softness_0.02, ...

        An average has the length in its name, depth_L1.5. ``ids`` says whether particles have an id
        in addition to their number.
        """
        deltas = self.scorers[0].deltas
        names = [""] if len(deltas) == 1 else [f"_{delta:g}" for delta in deltas]
        ends = ["", *(f"_L{length:g}" for length in self.lengths)]
        scores = [
            f"{score}{name}{end}"
            for name in names
            for end in ends
            for score in ("depth", "softness")
        ]
        identity = ["particle", "id"] if ids else ["particle"]
        return ["frame", "time", *identity, "species", *scores, "p_hop", "rearranging"]

    def of_box(self, positions: np.ndarray, box: Any) -> Recipe:
        """Return the recipe with the density of a frame, whose box has another volume."""
        density = len(positions) / Box.of(box).volume
        return replace(self, scorers=[one.at_density(density) for one in self.scorers])

    def scores(self, positions: np.ndarray, species: np.ndarray, box: Any) -> np.ndarray:
        """Return the scores of a frame in the order of their columns, (n_scores, N).

        Those of particles that are not scored are NaN.
        """
        points, cell = placed(positions, box)
        n = 2 * len(self.scorers[0].deltas) * (1 + len(self.lengths))
        scores = np.full((n, len(species)), np.nan)
        for scorer in self.scorers:
            own = species == scorer.tagged
            found = scorer.scores(positions, species, box)  # (n_delta, 2, n)
            every = [found]
            if self.lengths:
                check_lengths(self.lengths, cell)
                values = [*found[:, 0], *(with_softest(found[:, 1]))]
                around = averages_around(
                    points[own], points[own], cell, values, self.lengths
                ).reshape(2, len(found), len(self.lengths), -1)
                if scorer.c0 is None:
                    around[1] = np.nan
                every += [around[:, :, k].swapaxes(0, 1) for k in range(len(self.lengths))]
            scores[:, own] = np.stack(every, axis=1).reshape(n, -1)
        return scores


class Threshold(NamedTuple):
    """The time t* at which alpha_2 is largest, and the mean squared displacement there, which is
    p_c.

    ``t_star`` and ``p_c`` belong to the maximum of a parabola in log t
    (:func:`softcage.dynamics.relaxation.hop_threshold`); for comparison, ``*_at_lag`` belong to the
    lag at which alpha_2 is largest.
    """

    t_star: float
    p_c: float
    t_star_at_lag: float
    p_c_at_lag: float


def measured_threshold(trajectory: Trajectory, tagged: int = 0) -> Threshold | None:
    """Return t* and p_c of the particles of one species of a trajectory.

    Returns None if alpha_2 has no maximum within the trajectory
    (:func:`softcage.dynamics.relaxation.hop_threshold`).

    Parameters
    ----------
    trajectory : Trajectory
        Evenly spaced, unwrapped frames.
    tagged : int
        The species.
    """
    if trajectory.n_frames < 2:
        return None
    times, of_blocks = displacement_sums(trajectory, n_blocks=1, tagged=tagged)
    sums = of_blocks.sum(axis=0)
    alpha, displacement = non_gaussian_parameter(sums), msd(sums)
    t_star, p_c = hop_threshold(times, alpha, displacement)
    if np.isnan(p_c):
        return None
    peak = int(np.nanargmax(alpha))
    return Threshold(t_star, p_c, float(times[peak]), float(displacement[peak]))


def rows(
    trajectory: Trajectory,
    recipe: Recipe,
    particles: np.ndarray,
    ids: np.ndarray | None = None,
) -> Iterator[dict[str, np.ndarray]]:
    """Yield the columns (:meth:`Recipe.columns`) of consecutive frames, one frame at a time.

    Parameters
    ----------
    trajectory : Trajectory
        Evenly spaced, unwrapped frames.
    recipe : Recipe
    particles : (n,) array
        Number in the output of each particle that is scored.
    ids : (n,) array, optional
        Id of each of these particles in its file.
    """
    order = np.argsort(particles, kind="stable")
    names = recipe.columns(ids is not None)
    species = trajectory.species
    scored = is_scored(recipe, species)
    kind = species[scored][order]
    of_kind = np.array(recipe.scorers[0].mixture.species, dtype=object)[kind]
    p_c = np.full(len(of_kind), np.nan)
    for scorer in recipe.scorers:
        p_c[kind == scorer.tagged] = recipe.p_c.get(scorer.name, np.nan)
    progress = Progress(trajectory.n_frames, "frames")
    pending: dict[int, np.ndarray] = {}  # scores of frames whose p_hop is not known yet
    structure = _structure(trajectory, recipe)

    def scored_frames() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for frames, positions in trajectory.chunks(_CHUNK):
            for frame, now in zip(frames.tolist(), positions, strict=True):
                if frame % recipe.every == 0 and (wanted := structure(frame, now)) is not None:
                    inside, box = wanted
                    of_frame = recipe if trajectory.boxes is None else recipe.of_box(inside, box)
                    pending[frame] = of_frame.scores(inside, species, box)[:, scored]
                progress.update(frame + 1, "scoring")
            yield frames, positions[:, scored]

    def columns(frame: int, p_hop: np.ndarray | None) -> dict[str, np.ndarray]:
        values = pending.pop(frame)[:, order]
        p_hop = np.full(len(order), np.nan) if p_hop is None else p_hop[order]
        rearranging = np.where(np.isnan(p_hop) | np.isnan(p_c), np.nan, p_hop > p_c)
        number = np.full(len(order), frame, dtype=np.int32)
        time = np.full(len(order), trajectory.times[frame])
        fields = [number, time, particles[order].astype(np.int32)]
        fields += [of_kind] if ids is None else [ids[order], of_kind]
        fields += [*values.astype(np.float32), p_hop.astype(np.float32)]
        return dict(zip(names, [*fields, rearranging], strict=True))

    for frames, known in _with_p_hop(scored_frames(), recipe.half_window):
        for frame in [frame for frame in pending if frame <= frames[-1]]:
            yield columns(frame, known.get(frame))
    for frame in list(pending):  # frames less than half a window from the end
        yield columns(frame, None)


def _structure(
    trajectory: Trajectory, recipe: Recipe
) -> Callable[[int, np.ndarray], tuple[np.ndarray, Any] | None]:
    """Return a function from a frame and its thermal positions to those that are scored, and a box.

    It is called for every n-th frame, in their order, and returns None where no whole window of
    time lies before a frame.
    """
    if recipe.positions == "thermal":
        return trajectory.own
    if recipe.positions == "inherent":
        mixture = known_potential(recipe.scorers[0].mixture)

        def inherent(frame: int, now: np.ndarray) -> tuple[np.ndarray, Any]:
            inside, box = trajectory.own(frame, now)
            return inherent_structure(inside, trajectory.species, box, mixture), box

        return inherent
    check_window(trajectory, recipe.window)
    frames = np.arange(0, trajectory.n_frames, recipe.every)
    means = (
        (int(frame), mean)
        for part, some in averaged_positions(trajectory, trajectory.times[frames], recipe.window)
        for frame, mean in zip(frames[part], some, strict=True)
    )
    ahead = next(means, None)

    def averaged(frame: int, now: np.ndarray) -> tuple[np.ndarray, Any] | None:
        nonlocal ahead
        if ahead is None or ahead[0] != frame:
            return None
        mean, ahead = ahead[1], next(means, None)
        return trajectory.own(frame, mean)

    return averaged


def is_scored(recipe: Recipe, species: np.ndarray) -> np.ndarray:
    """Return which particles have a row in the table, (N,) bool."""
    return np.isin(species, [scorer.tagged for scorer in recipe.scorers])


def _with_p_hop(
    chunks: Iterator[tuple[np.ndarray, np.ndarray]], half_window: int | None
) -> Iterator[tuple[np.ndarray, dict[int, np.ndarray]]]:
    """Yield frame indices, and p_hop by frame for those with a whole window around them."""
    if half_window is None:
        for frames, _ in chunks:
            yield frames, {}
        return
    for _, frames, values in stream_p_hop(chunks, [half_window]):
        yield frames, dict(zip(frames.tolist(), values, strict=True))


def score_trajectory(
    trajectory: Trajectory,
    recipe: Recipe,
    out: str | Path,
    order: np.ndarray | None = None,
    metadata: dict | None = None,
    ids: np.ndarray | None = None,
) -> dict:
    """Write the table of a trajectory, or its frames with the same columns; return its metadata.

    With several widths of the Gaussians, depth and softness have one column for each:
    ``depth_0.02``, ``softness_0.02``, ``depth_0.09``, ...

    Parameters
    ----------
    trajectory : Trajectory
        Evenly spaced, unwrapped frames; from :func:`softcage.io.external.import_trajectory`.
    recipe : Recipe
    out : path
        A table, ``.parquet`` or ``.csv`` (:mod:`softcage.io.particle_table`), or frames
        (:mod:`softcage.io.scored_frames`). The file appears only when it is complete.
    order : (N,) array, optional
        Number in the output of each particle, the column ``particle``; 0, 1, ... by default.
    metadata : dict, optional
        Further entries of the metadata.
    ids : (N,) array, optional
        Ids of the particles in their file, for the column ``id``.

    Raises
    ------
    ValueError
        If the suffix is another one, or as in :func:`softcage.cage.local_depth.depth_tables` and
        :func:`softcage.cage.local_depth.local_depths`.
    """
    scorers, scorer = recipe.scorers, recipe.scorers[0]
    calibrated = next((one for one in scorers if one.c0 is not None), scorer)
    order = np.arange(trajectory.n_particles) if order is None else np.asarray(order)
    about = {
        "softcage": __version__,
        "temperature": scorer.temperature,
        "delta": scorer.deltas[0] if len(scorer.deltas) == 1 else list(scorer.deltas),
        "closure": scorer.closure,
        "species": [one.name for one in scorers],
        **{name: radius for one in scorers for name, radius in one.radii().items()},
        "c0": calibrated.c0,
        "c1": calibrated.c1,
        **of_species({one.name: {"p_c": recipe.p_c.get(one.name)} for one in scorers}),
        "positions": recipe.positions,
        "average_window": recipe.window if recipe.positions == "averaged" else None,
        "lengths": list(recipe.lengths),
        "half_window_frames": recipe.half_window,
        "box": numbers_of_box(trajectory),
        "n_frames": trajectory.n_frames,
        "n_particles": trajectory.n_particles,
        **(metadata or {}),
    }
    n_invalid = n_negative = n_rows = 0
    scored = is_scored(recipe, trajectory.species)
    of_scored = None if ids is None else ids[scored]
    columns, names = recipe.columns(ids is not None), scorer.mixture.species
    depth = next(name for name in columns if name.startswith("depth"))
    with particle_writer(out, columns, about, trajectory, names, order, ids, recipe.every) as write:
        for part in rows(trajectory, recipe, order[scored], of_scored):
            if calibrated.c0 is not None:
                own = part["species"] == calibrated.name
                softness = [part[name][own] for name in part if name.startswith("softness")]
                n_invalid += int(np.isnan(softness).sum())
            n_negative += int((part[depth] < 0).sum())
            n_rows += len(part["frame"])
            write(part)
        about |= {"n_rows": n_rows, "n_invalid": n_invalid, "n_negative": n_negative}
    return about


def of_species(values: Mapping[str, Mapping[str, float | None]]) -> dict[str, float | None]:
    """Return numbers of each species under one name each: p_c of one species, p_c_A of several."""
    several = len(values) > 1
    return {
        f"{name}_{species}" if several else name: value
        for species, numbers in values.items()
        for name, value in numbers.items()
    }
