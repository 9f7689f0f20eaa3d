"""g(r) around tagged particles of the first species, and around all particles of this species."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from softcage.box import BALL, Box, placed
from softcage.io.progress import Progress
from softcage.io.trajectory import Trajectory
from softcage.statistics import block_slices, bootstrap
from softcage.structure.rdf import pair_counts


def count_around(
    frames: Iterable[np.ndarray],
    tagged: np.ndarray,
    species: np.ndarray,
    box: Any,
    r_max: float,
    r_bin: float,
) -> np.ndarray:
    """Count the neighbours of all and of tagged particles of the first species.

    Parameters
    ----------
    frames : iterable of (N, 2 or 3) arrays
        Wrapped or unwrapped positions.
    tagged : (n_frames, N_A) bool array
        Which particles of the first species are tagged in each frame.
    species : (N,) int array
    box, r_max, r_bin : float
        See :func:`softcage.structure.rdf.pair_counts`.

    Returns
    -------
    (2, n_species, 1 + n_bins) int64 array
        For all and for tagged particles, and for each species of neighbour: the number of
        particles, then the histogram of distances. Results of several frames add up. In a box that
        is not periodic only particles at least ``r_max`` from its edges are counted as centres.
    """
    n_species, total = int(species.max()) + 1, np.array(0)
    for positions, chosen in zip(frames, tagged, strict=True):
        # Tagged particles get a species of their own, so one histogram holds both curves.
        label = species.copy()
        label[np.flatnonzero(species == 0)[chosen]] = n_species
        pairs = pair_counts(positions, label, box, r_max, r_bin)
        if len(pairs) == n_species:  # no particle is tagged in this frame
            pairs = np.pad(pairs, ((0, 1), (0, 1), (0, 0)))
        around = pairs[:, :n_species].copy()
        around[:, 0] += pairs[:, n_species]
        both = np.stack([around[0] + around[n_species], around[n_species]])
        within = placed(positions, box)[1].inside(positions, r_max)[species == 0]
        number = np.array([within.sum(), (chosen & within).sum()])
        heads = np.broadcast_to(number[:, None, None], (2, n_species, 1))
        total = total + np.concatenate([heads, both], axis=2)
    return total


def rdf_around(
    counts: np.ndarray, density: np.ndarray, r_bin: float, dimension: int = 3
) -> np.ndarray:
    """Return g(r), (2, n_species, n_bins), from :func:`count_around`; NaN without particles.

    ``density`` (n_species,) is the number density of each species of neighbour.
    """
    pairs = counts[..., 1:]
    edges = r_bin * np.arange(pairs.shape[-1] + 1)
    shells = BALL[dimension] * np.diff(edges**dimension)
    ideal = counts[..., :1] * density[:, None] * shells
    return np.divide(pairs, ideal, out=np.full(pairs.shape, np.nan), where=ideal > 0)


def rearranging_rdf(
    runs: Sequence[tuple[Trajectory, np.ndarray, np.ndarray]],
    pairs: Sequence[str],
    n_blocks: int,
    *,
    r_max: float,
    r_bin: float,
    resamples: int,
    seed: int,
) -> tuple[pd.DataFrame, tuple[int, int]]:
    """Return g(r) around the rearranging particles of the first species, and around all of them.

    Parameters
    ----------
    runs : sequence of (Trajectory, (k,) int array, (k, N_A) bool array)
        Of each run, frames, and which particles rearrange in them.
    pairs : (n_species,) sequence of str
        Name of the pair with each species.
    n_blocks : int
        Time blocks of a run; fewer if there are fewer frames.
    r_max, r_bin : float
        Largest distance, at most half the box, and width of the bins, sigma_AA.
    resamples, seed : int
        As for :func:`softcage.statistics.bootstrap`.

    Returns
    -------
    table : DataFrame
        Columns pair, r, g_all, g_rearranging, g_rearranging_error.
    counts : (int, int)
        Number of particles in all frames, and of the rearranging ones.
    """
    blocks = []
    progress, done = Progress(sum(len(frames) for _, frames, _ in runs), "frames"), 0
    for trajectory, frames, moving in runs:
        reach = min(r_max, Box.of(trajectory.box).half)
        for part in block_slices(len(frames), min(n_blocks, len(frames))):
            sums = []
            for frame, tagged in zip(frames[part], moving[part], strict=True):
                inside, box = trajectory.own(frame, trajectory.read([frame])[0])
                sums.append(
                    count_around([inside], tagged[None], trajectory.species, box, reach, r_bin)
                )
                done += 1
                progress.update(done, "around rearranging particles")
            blocks.append(np.sum(sums, axis=0))
    first = runs[0][0]
    density = np.bincount(first.species) / first.n_particles * first.density
    g, error, _ = bootstrap(
        np.array(blocks),
        lambda total: rdf_around(total, density, r_bin, first.dimension),
        resamples,
        seed,
        len(runs),
    )
    table = pd.concat(
        pd.DataFrame(
            {
                "pair": pair,
                "r": r_bin * (np.arange(g.shape[-1]) + 0.5),
                "g_all": g[0, v],
                "g_rearranging": g[1, v],
                "g_rearranging_error": error[1, v],
            }
        )
        for v, pair in enumerate(pairs)
    )
    n_all, n_moving = np.array(blocks)[:, :, 0, 0].sum(axis=0)
    return table, (int(n_all), int(n_moving))
