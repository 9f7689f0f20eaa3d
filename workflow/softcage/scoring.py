"""Depth and softness of single particles in every frame, as arrays of a study or as one table.

The table of :func:`score_trajectory` is tidy: it has one row per frame and particle of the first
species, with depth, softness and p_hop. Several widths of the Gaussians have separate columns.
Arrays and tables are written while the trajectory is read, so that memory does not grow with the
number of frames.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from softcage import __version__
from softcage.cage.scorer import Scorer
from softcage.dynamics.hops import stream_p_hop
from softcage.dynamics.relaxation import (
    displacement_sums,
    hop_threshold,
    msd,
    non_gaussian_parameter,
)
from softcage.io.arrays import append, growing
from softcage.io.atomic_file import replacing
from softcage.io.progress import Progress
from softcage.io.trajectory import Trajectory, averaged_positions

FORMATS = (".parquet", ".csv")
_CHUNK = 64  # frames in memory, in addition to those of a hop window

_OpenWriter = Callable[..., AbstractContextManager[Callable[[dict[str, np.ndarray]], None]]]


@dataclass(frozen=True, eq=False)
class Recipe:
    """What to compute for the frames of a trajectory.

    Attributes
    ----------
    scorer : Scorer
        Computes depth and softness.
    half_window : int or None
        Half of the window of p_hop, in frames; None: no p_hop.
    p_c : float or None
        Threshold of p_hop; None: the column ``rearranging`` is empty.
    every : int
        Score every n-th frame.
    """

    scorer: Scorer
    half_window: int | None = None
    p_c: float | None = None
    every: int = 1

    def columns(self, ids: bool = False) -> list[str]:
        """Return the columns of the table; with several widths depth_0.02, softness_0.02, ...

        ``ids`` says whether particles have an id in addition to their number.
        """
        deltas = self.scorer.deltas
        names = [""] if len(deltas) == 1 else [f"_{delta:g}" for delta in deltas]
        scores = [f"{score}{name}" for name in names for score in ("depth", "softness")]
        identity = ["particle", "id"] if ids else ["particle"]
        return ["frame", "time", *identity, *scores, "p_hop", "rearranging"]


# ---------------------------------------------------------------- arrays of a study
def score_run(
    store: h5py.Group,
    scorer: Scorer,
    uniform: Trajectory,
    log: Trajectory | None = None,
    every: int = 1,
    average_window: float = 0.0,
) -> tuple[int, int]:
    """Write depth and softness of the first width in the frames of a run.

    Each stream, ``uniform`` and ``log``, has a group with ``depth`` and ``softness``, (frames, n)
    float32, ``frame`` and ``time``; for the log stream also ``block`` and ``lag``. The parameters
    of the calculation are attributes.

    Parameters
    ----------
    store : h5py.Group
    scorer : Scorer
    uniform : Trajectory
        Evenly spaced frames.
    log : Trajectory, optional
        Log-spaced frames.
    every : int
        Score every n-th frame of the uniform stream; all log-spaced frames are scored.
    average_window : float
        If not 0, positions are averaged over this length of time up to the frame; frames that have
        no whole window before them are then left out.

    Returns
    -------
    n_invalid, n_total : int
        Number of values without a softness, and of all values.
    """
    species, box = uniform.species, uniform.box
    n = int(np.count_nonzero(species == 0))
    total = -(-uniform.n_frames // every) + (0 if log is None else log.n_frames)
    progress = Progress(total, "frames")
    done = n_invalid = n_total = 0
    for name, stream, stride in (("uniform", uniform, every), ("log", log, 1)):
        if stream is None:
            continue
        group = store.create_group(name)
        data = [growing(group, score, n) for score in ("depth", "softness")]
        frames = [np.empty(0, dtype=np.int64)]
        for indices, positions in _frames(stream, stride, average_window, uniform):
            scores = [scorer.scores(frame, species, box)[0] for frame in positions]
            values = np.array(scores, dtype=np.float32)
            for column, rows in zip(data, values.transpose(1, 0, 2), strict=True):
                append(column, rows)
            frames.append(indices)
            n_invalid += int(np.isnan(values[:, 1]).sum())
            n_total += values[:, 1].size
            done += len(indices)
            progress.update(done, f"{name} frames")
        group["frame"] = np.concatenate(frames)
        group["time"] = stream.times[group["frame"][:]]
    if log is not None:
        frame = store["log/frame"][:]
        store["log/block"], store["log/lag"] = log.block[frame], log.lag[frame]
    store.attrs.update(T=scorer.temperature, delta=scorer.deltas[0], density=scorer.density)
    if scorer.c0 is not None:
        store.attrs.update(c0=scorer.c0, c1=scorer.c1)
    store.attrs.update(scorer.radii(), n_invalid=n_invalid, n_total=n_total)
    return n_invalid, n_total


def _frames(
    stream: Trajectory, every: int, window: float, uniform: Trajectory
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (frame indices, positions) of every n-th frame of ``stream``."""
    if window <= 0:
        yield from stream.chunks(_CHUNK, stride=every)
        return
    frames = np.arange(0, stream.n_frames, every)
    for part, positions in averaged_positions(uniform, stream.times[frames], window):
        yield frames[part], positions


# ---------------------------------------------------------------- the table
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


def measured_threshold(trajectory: Trajectory) -> Threshold | None:
    """Return t* and p_c of a trajectory.

    Returns None if alpha_2 has no maximum within the trajectory
    (:func:`softcage.dynamics.relaxation.hop_threshold`).

    Parameters
    ----------
    trajectory : Trajectory
        Evenly spaced, unwrapped frames.
    """
    if trajectory.n_frames < 2:
        return None
    times, of_blocks = displacement_sums(trajectory, n_blocks=1)
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
        Number in the output of each particle of the first species.
    ids : (n,) array, optional
        Id of each of these particles in its file.
    """
    order = np.argsort(particles, kind="stable")
    scorer, names = recipe.scorer, recipe.columns(ids is not None)
    species, box = trajectory.species, trajectory.box
    progress = Progress(trajectory.n_frames, "frames")
    pending: dict[int, np.ndarray] = {}  # scores of frames whose p_hop is not known yet

    def scored_frames() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for frames, positions in trajectory.chunks(_CHUNK):
            for frame, now in zip(frames.tolist(), positions, strict=True):
                if frame % recipe.every == 0:
                    pending[frame] = scorer.scores(now, species, box)
                progress.update(frame + 1, "scoring")
            yield frames, positions[:, species == 0]

    def columns(frame: int, p_hop: np.ndarray | None) -> dict[str, np.ndarray]:
        values = pending.pop(frame)[..., order]
        p_hop = np.full(len(order), np.nan) if p_hop is None else p_hop[order]
        rearranging = np.full(len(order), np.nan)
        if recipe.p_c is not None:
            rearranging = np.where(np.isnan(p_hop), np.nan, p_hop > recipe.p_c)
        number = np.full(len(order), frame, dtype=np.int32)
        time = np.full(len(order), trajectory.times[frame])
        fields = [number, time, particles[order].astype(np.int32)]
        fields += [] if ids is None else [ids[order]]
        fields += [*values.reshape(-1, len(order)).astype(np.float32), p_hop.astype(np.float32)]
        return dict(zip(names, [*fields, rearranging], strict=True))

    for frames, known in _with_p_hop(scored_frames(), recipe.half_window):
        for frame in [frame for frame in pending if frame <= frames[-1]]:
            yield columns(frame, known.get(frame))
    for frame in list(pending):  # frames less than half a window from the end
        yield columns(frame, None)


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
    frames: _OpenWriter | None = None,
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
        ``.parquet`` (metadata as JSON under the key ``softcage`` of the schema, n_rows and
        n_invalid under ``softcage_counts`` of the file) or ``.csv`` (metadata in lines
        that begin with #). The file appears only when it is complete.
    order : (N,) array, optional
        Number in the output of each particle, the column ``particle``; 0, 1, ... by default.
    metadata : dict, optional
        Further entries of the metadata.
    ids : (N,) array, optional
        Ids of the particles in their file, for the column ``id``.
    frames : callable, optional
        :func:`softcage.io.scored_frames.writer`, to write frames with these columns instead of a
        table.

    Raises
    ------
    ValueError
        If the suffix is another one, or as in :func:`softcage.cage.local_depth.depth_tables` and
        :func:`softcage.cage.local_depth.local_depths`.
    """
    out = Path(out)
    if frames is None and out.suffix not in FORMATS:
        raise ValueError(f"{out}: a table must end in {' or '.join(FORMATS)}")
    scorer = recipe.scorer
    order = np.arange(trajectory.n_particles) if order is None else np.asarray(order)
    about = {
        "softcage": __version__,
        "temperature": scorer.temperature,
        "delta": scorer.deltas[0] if len(scorer.deltas) == 1 else list(scorer.deltas),
        **scorer.radii(),
        "c0": scorer.c0,
        "c1": scorer.c1,
        "p_c": recipe.p_c,
        "half_window_frames": recipe.half_window,
        "box": trajectory.box,
        "n_frames": trajectory.n_frames,
        "n_particles": trajectory.n_particles,
        **(metadata or {}),
    }
    n_invalid = n_rows = 0
    tagged = trajectory.species == 0
    of_tagged = None if ids is None else ids[tagged]
    writer: _OpenWriter
    if frames is None:
        writer = partial(_writer, columns=recipe.columns(ids is not None), about=about)
    else:
        writer = partial(
            frames, trajectory=trajectory, names=scorer.mixture.species, order=order, ids=ids,
            every=recipe.every,
            numbers={key: value for key, value in about.items() if isinstance(value, float)},
        )  # fmt: skip
    with replacing(out) as temporary, writer(temporary) as write:
        for part in rows(trajectory, recipe, order[tagged], of_tagged):
            if scorer.c0 is not None:
                softness = [part[name] for name in part if name.startswith("softness")]
                n_invalid += int(np.isnan(softness).sum())
            n_rows += len(part["frame"])
            write(part)
        about |= {"n_rows": n_rows, "n_invalid": n_invalid}
    return about


@contextmanager
def _writer(
    path: Path, columns: Sequence[str], about: dict
) -> Iterator[Callable[[dict[str, np.ndarray]], None]]:
    """Yield a function that appends rows; the metadata is ``about`` as it is at the end."""
    if path.suffix == ".csv":
        with open(path, "w") as handle:
            handle.write(",".join(columns) + "\n")
            yield lambda part: _frame(part).to_csv(
                handle, header=False, index=False, float_format="%.7g"
            )
            for key, value in about.items():
                handle.write(f"# {key}: {json.dumps(value)}\n")
        return
    types = {"frame": pa.int32(), "time": pa.float64(), "particle": pa.int32()}
    types |= {"id": pa.int64(), "rearranging": pa.bool_()}
    fields = [(name, types.get(name, pa.float32())) for name in columns]
    known = set(about)  # the schema is written first, counts at the end
    schema = pa.schema(fields, metadata={"softcage": json.dumps(about)})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        waiting: list[pa.Table] = []

        def flush() -> None:
            if waiting:
                writer.write_table(pa.concat_tables(waiting))
                waiting.clear()

        def write(part: dict[str, np.ndarray]) -> None:
            waiting.append(pa.Table.from_pandas(_frame(part), schema, preserve_index=False))
            if len(waiting) == _CHUNK:
                flush()

        yield write
        flush()
        counts = {key: value for key, value in about.items() if key not in known}
        writer.add_key_value_metadata({"softcage_counts": json.dumps(counts)})


def _frame(part: dict[str, np.ndarray]) -> pd.DataFrame:
    table = pd.DataFrame(part)
    table["rearranging"] = table["rearranging"].astype("boolean")
    return table


def read_metadata(path: str | Path) -> dict:
    """Return the metadata that :func:`score_trajectory` wrote with a table, Parquet or CSV."""
    path = Path(path)
    if path.suffix == ".csv":
        with open(path) as handle:
            lines = [line[2:].partition(": ") for line in handle if line.startswith("# ")]
        return {key: json.loads(value) for key, _, value in lines}
    metadata = pq.read_metadata(path).metadata
    return json.loads(metadata[b"softcage"]) | json.loads(metadata[b"softcage_counts"])
