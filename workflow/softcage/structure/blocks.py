"""g(r) and S(q) of time blocks: of one run, stored on disk, and of all runs at one temperature.

The length that blocks must have for a valid error bar depends on tau_alpha, which becomes known
later. A run is therefore cut into many short blocks, and these are merged when they are read.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from softcage.box import Box
from softcage.defaults import BLOCKS, Q_BIN, Q_MATCH, Q_MAX, Q_VECTORS, R_BIN, STRUCTURE_FRAMES
from softcage.io.atomic_file import replacing
from softcage.io.progress import Progress
from softcage.io.trajectory import Trajectory
from softcage.sampling import evenly_spaced
from softcage.statistics import block_slices, merge
from softcage.structure.rdf import rdf_of_frames
from softcage.structure.structure_factor import lattice_vectors, partial_structure_factors

_CHUNK = 16  # frames in memory
# Relative difference of box edges that single precision can cause.
_BOX_TOLERANCE = 1e-5


@dataclass(frozen=True, eq=False)
class Structure:
    """Partial g(r) and S(q) of each time block.

    Attributes
    ----------
    r : (n_r,) array
        Centres of bins, up to half the box, sigma_AA.
    g : (n_blocks, n_species, n_species, n_r) array
    q : (n_shells,) array
        Mean wave number of each shell of wave vectors of the box.
    s : (n_blocks, n_species, n_species, n_shells) array
    n_vectors : (n_shells,) int array
        Number of wave vectors in each shell.
    box : float or (3, 3) array
        Edge of a cube, or the vectors of another box; those of the first frame, if it changes.
    density : float
    fractions : (n_species,) array
    n_frames : int
    block_frames : (n_blocks,) int array
        Number of frames in each block.
    dimension : int
        2 or 3.
    """

    r: np.ndarray
    g: np.ndarray
    q: np.ndarray
    s: np.ndarray
    n_vectors: np.ndarray
    box: float | np.ndarray
    density: float
    fractions: np.ndarray
    n_frames: int
    block_frames: np.ndarray
    dimension: int = 3

    def save(self, path: str | os.PathLike) -> None:
        """Write an npz file with one array for each attribute."""
        with replacing(path) as temporary:
            np.savez(temporary, allow_pickle=False, **vars(self))

    @classmethod
    def load(cls, path: str | os.PathLike) -> Structure:
        """Read what :meth:`save` wrote."""
        with np.load(path) as arrays:
            values = {name: a if a.ndim else a.item() for name, a in arrays.items()}
        return cls(**values)


def structure_of_run(
    trajectory: Trajectory,
    *,
    frames: int = STRUCTURE_FRAMES,
    blocks: int = BLOCKS,
    r_bin: float = R_BIN,
    q_max: float = Q_MAX,
    q_match: tuple[float, float] = Q_MATCH,
    q_bin: float = Q_BIN,
    q_vectors: int = Q_VECTORS,
    seed: int = 0,
) -> Structure:
    """Measure g(r) up to half the box and S(q) on the wave vectors of the box.

    Where the box changes, S(q) is that at the wave vectors of each frame's box, under those of the
    first one: phases do not depend on the mean deformation.

    Parameters
    ----------
    trajectory : Trajectory
    frames : int
        Largest number of frames to use, evenly spaced.
    blocks : int
        Number of time blocks; at most one per frame.
    r_bin : float
        Bin of g(r).
    q_max : float
        Upper limit of the integrals over q. Wave vectors reach up to there, and at least up to
        ``q_match[1]``, above which S(q) is computed from g(r).
    q_match, q_bin, q_vectors, seed
        See :func:`softcage.structure.structure_factor.match` and
        :func:`softcage.structure.structure_factor.lattice_vectors`.
    """
    chosen = evenly_spaced(trajectory.n_frames, frames)
    parts = [chosen[part] for part in block_slices(len(chosen), min(blocks, len(chosen)))]
    cell = Box.of(trajectory.box)
    vectors, shell, q = lattice_vectors(
        trajectory.box, max(q_max, q_match[1]), q_bin, q_vectors, seed
    )
    reach = _reach(trajectory, chosen)
    progress, curves = Progress(len(chosen), "frames"), []
    for part in parts:
        curves.append(_of_block(trajectory, part, reach, r_bin, vectors, shell))
        progress.update(int(np.searchsorted(chosen, part[-1])) + 1, "g(r) and S(q)")
    r, g, s = zip(*curves, strict=True)
    return Structure(
        r=r[0],
        g=np.array(g),
        q=q,
        s=np.array(s),
        n_vectors=np.bincount(shell),
        box=cell.edge if cell.is_cube else cell.vectors,
        density=trajectory.density,
        fractions=np.bincount(trajectory.species) / trajectory.n_particles,
        n_frames=len(chosen),
        block_frames=np.array([len(part) for part in parts]),
        dimension=cell.dimension,
    )


def _reach(trajectory: Trajectory, frames: np.ndarray) -> float:
    """Return half of the smallest height that the box has in the given frames."""
    if trajectory.boxes is None:
        return Box.of(trajectory.box).half
    d = trajectory.dimension
    return min(Box.of(trajectory.boxes[frame], d).half for frame in frames)


def _of_block(
    trajectory: Trajectory,
    frames: np.ndarray,
    reach: float,
    r_bin: float,
    vectors: np.ndarray,
    shell: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return r, and g and S averaged over the given frames."""
    species, box = trajectory.species, trajectory.box
    products = []
    for part in (frames[k : k + _CHUNK] for k in range(0, len(frames), _CHUNK)):
        s = partial_structure_factors(trajectory.read(part), species, box, vectors, shell)
        products.append(len(part) * s)
    positions, own = trajectory.frames(frames)
    r, g = rdf_of_frames(positions, species, own, reach, r_bin)
    return r, g, np.sum(products, axis=0) / len(frames)


def pool_structure(runs: Sequence[Structure], names: Sequence[object], n_blocks: int) -> Structure:
    """Merge the blocks of each of several runs at one temperature, and concatenate them.

    Parameters
    ----------
    runs : sequence of Structure
    names : sequence
        Name of each run, for messages.
    n_blocks : int
        Number of coarse blocks of each run; every frame has the same weight.

    Raises
    ------
    ValueError
        If the runs do not have the same box and bins.
    """
    first = runs[0]
    for name, run in zip(names, runs, strict=True):
        same = run.g.shape[1:] == first.g.shape[1:] and run.s.shape[1:] == first.s.shape[1:]
        if not same or not np.allclose(run.box, first.box, rtol=_BOX_TOLERANCE, atol=0):
            raise ValueError(
                f"{name}: has another box or other bins than {names[0]}, at the same temperature: "
                "use the same settings for both"
            )
    frames = np.concatenate([merge(run.block_frames, n_blocks) for run in runs])
    return replace(
        first,
        g=np.concatenate([_merged(run.g, run.block_frames, n_blocks) for run in runs]),
        s=np.concatenate([_merged(run.s, run.block_frames, n_blocks) for run in runs]),
        n_frames=int(frames.sum()),
        block_frames=frames,
    )


def _merged(curves: np.ndarray, block_frames: np.ndarray, n_blocks: int) -> np.ndarray:
    """Return the means of curves over coarse blocks."""
    frames = block_frames.astype(float)[:, None, None, None]
    return merge(frames * curves, n_blocks) / merge(frames, n_blocks)
