"""Depth, softness and p_hop of every particle of the first species, frame by frame, as one table.

The table is tidy: a row a frame and particle. It is written while the trajectory is read, so memory
does not grow with the number of frames.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from softcage import __version__
from softcage.cage.calibration import softness_from_depth
from softcage.cage.local_depth import DepthTables, depth_tables, local_depths
from softcage.dynamics.hops import stream_p_hop
from softcage.dynamics.relaxation import accumulate, hop_threshold, msd, non_gaussian_parameter
from softcage.io.atomic_file import replacing
from softcage.io.trajectory import Trajectory
from softcage.model import Mixture

COLUMNS = ("frame", "time", "particle", "depth", "softness", "p_hop", "rearranging")
FORMATS = (".parquet", ".csv")
_CHUNK = 64  # frames in memory, beside those of a hop window


@dataclass(frozen=True, eq=False)
class Recipe:
    """What is needed to score frames of one temperature.

    Attributes
    ----------
    mixture : Mixture
    temperature : float
    delta : float
        Width of the Gaussians, sigma_AA.
    r0, r_min : (n_species,) array
        Range of the first shell, for pairs of the first species with each.
    c0, c1 : float or None
        The line 1/S = c0 + c1 beta Phi; None gives no softness.
    half_window : int or None
        Half of the window of p_hop in frames; None gives no p_hop.
    p_c : float or None
        Threshold of p_hop; None says of no particle that it rearranges.
    every : int
        Score every n-th frame.
    """

    mixture: Mixture
    temperature: float
    delta: float
    r0: np.ndarray
    r_min: np.ndarray
    c0: float | None = None
    c1: float | None = None
    half_window: int | None = None
    p_c: float | None = None
    every: int = 1


def measured_threshold(trajectory: Trajectory) -> tuple[float, float] | None:
    """Return (t*, p_c): where alpha_2 is largest, and the mean squared displacement there.

    None if the trajectory does not show the maximum: it has fewer than four lags, or alpha_2 is
    largest at the first or at the last of them.

    Parameters
    ----------
    trajectory : Trajectory
        Evenly spaced, unwrapped frames.
    """
    if trajectory.n_frames < 5:
        return None
    times, sums = accumulate(trajectory, _NoFrames(), n_blocks=1)
    sums = sums.sum(axis=0)
    alpha = non_gaussian_parameter(sums)
    peak = int(np.nanargmax(alpha))
    if len(times) < 4 or peak in (0, len(times) - 1):
        return None
    return hop_threshold(times, alpha, msd(sums))


class _NoFrames:
    """A log-spaced stream without frames."""

    def chunks(self) -> Iterator:
        return iter(())


def rows(
    trajectory: Trajectory,
    recipe: Recipe,
    particles: np.ndarray,
    progress: Callable[[int], None] = lambda frame: None,
) -> Iterator[dict[str, np.ndarray]]:
    """Yield columns (see COLUMNS) of consecutive frames, a few frames at a time.

    Parameters
    ----------
    trajectory : Trajectory
        Evenly spaced, unwrapped frames.
    recipe : Recipe
    particles : (n,) array
        Number in the output of each particle of the first species.
    progress : callable
        Called with the number of each frame that has been scored.
    """
    order = np.argsort(particles, kind="stable")
    tables = _tables(trajectory, recipe)
    pending: dict[int, np.ndarray] = {}  # depths of frames whose p_hop is not known yet

    def scored_frames():
        for frames, positions in trajectory.chunks(_CHUNK):
            for frame, now in zip(frames.tolist(), positions, strict=True):
                if frame % recipe.every == 0:
                    depths = local_depths(now, trajectory.species, trajectory.box, tables)
                    pending[frame] = depths[0]
                progress(frame)
            yield frames, positions[:, trajectory.species == 0]

    if recipe.half_window is None:
        hops = ((frames, None) for frames, _ in scored_frames())
    else:
        windows = stream_p_hop(scored_frames(), [recipe.half_window])
        hops = ((frames, values) for _, frames, values in windows)
    for frames, values in hops:
        known = {} if values is None else dict(zip(frames.tolist(), values, strict=True))
        for frame in [frame for frame in pending if frame <= frames[-1]]:
            depth = pending.pop(frame)
            yield _columns(trajectory, recipe, frame, depth, known.get(frame), particles, order)
    for frame, depth in pending.items():  # less than half a window from the end
        yield _columns(trajectory, recipe, frame, depth, None, particles, order)


def _tables(trajectory: Trajectory, recipe: Recipe) -> DepthTables:
    species = trajectory.species
    density = len(species) / trajectory.box**3
    fractions = np.bincount(species, minlength=len(recipe.r0)) / len(species)
    return depth_tables(
        recipe.mixture.potential,
        recipe.temperature,
        recipe.r0,
        recipe.r_min,
        [recipe.delta],
        density,
        fractions,
    )


def _columns(trajectory, recipe, frame, depth, p_hop, particles, order) -> dict[str, np.ndarray]:
    """One frame's rows; NaN where a value is not known."""
    n = len(depth)
    softness = np.full(n, np.nan)
    if recipe.c0 is not None:
        softness = softness_from_depth(depth, recipe.c0, recipe.c1)
    p_hop = np.full(n, np.nan) if p_hop is None else p_hop
    rearranging = np.full(n, np.nan)
    if recipe.p_c is not None:
        rearranging = np.where(np.isnan(p_hop), np.nan, p_hop > recipe.p_c)
    return {
        "frame": np.full(n, frame, dtype=np.int32),
        "time": np.full(n, trajectory.times[frame]),
        "particle": particles[order].astype(np.int32),
        "depth": depth[order].astype(np.float32),
        "softness": softness[order].astype(np.float32),
        "p_hop": p_hop[order].astype(np.float32),
        "rearranging": rearranging[order],
    }


def score(
    trajectory: Trajectory,
    recipe: Recipe,
    out: str | Path,
    particles: np.ndarray | None = None,
    metadata: dict | None = None,
    progress: Callable[[int], None] = lambda frame: None,
) -> dict:
    """Write the table of a trajectory; return its metadata.

    Parameters
    ----------
    trajectory : Trajectory
        Evenly spaced, unwrapped frames; from :func:`softcage.io.external.import_trajectory`.
    recipe : Recipe
    out : path
        ``.parquet`` (metadata as JSON under the key ``softcage`` of the schema, n_rows and
        n_invalid under ``softcage_counts`` of the file) or ``.csv`` (in lines that begin
        with #). It appears only when complete.
    particles : (n,) array, optional
        Number in the output of each particle of the first species; 0, 1, ... by default.
    metadata : dict, optional
        Further entries.
    progress : callable
        Called with the number of each frame that has been scored.

    Raises
    ------
    ValueError
        If the suffix is another one, or as :func:`softcage.cage.local_depth.depth_tables`
        and :func:`softcage.cage.local_depth.local_depths`.
    """
    out = Path(out)
    if out.suffix not in FORMATS:
        raise ValueError(f"{out}: the table is written as {' or '.join(FORMATS)}")
    if particles is None:
        particles = np.arange(np.count_nonzero(trajectory.species == 0))
    names = [f"{recipe.mixture.species[0]}{v}" for v in recipe.mixture.species]
    about = {
        "softcage": __version__,
        "temperature": recipe.temperature,
        "delta": recipe.delta,
        **{f"r0_{name}": float(r) for name, r in zip(names, recipe.r0, strict=True)},
        **{f"r_min_{name}": float(r) for name, r in zip(names, recipe.r_min, strict=True)},
        "c0": recipe.c0,
        "c1": recipe.c1,
        "p_c": recipe.p_c,
        "half_window_frames": recipe.half_window,
        "box": trajectory.box,
        "n_frames": trajectory.n_frames,
        "n_particles": trajectory.n_particles,
        **(metadata or {}),
    }
    n_invalid = n_rows = 0
    with replacing(out) as temporary, _writer(temporary, about) as write:
        for part in rows(trajectory, recipe, np.asarray(particles), progress):
            if recipe.c0 is not None:
                n_invalid += int(np.isnan(part["softness"]).sum())
            n_rows += len(part["frame"])
            write(part)
        about |= {"n_rows": n_rows, "n_invalid": n_invalid}
    return about


@contextmanager
def _writer(path: Path, about: dict) -> Iterator[Callable[[dict], None]]:
    """Yield a function that appends columns; what ``about`` holds at the end is the metadata."""
    if path.suffix == ".csv":
        with open(path, "w") as handle:
            handle.write(",".join(COLUMNS) + "\n")
            yield lambda part: _frame(part).to_csv(
                handle, header=False, index=False, float_format="%.7g"
            )
            for key, value in about.items():
                handle.write(f"# {key}: {json.dumps(value)}\n")
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = (pa.int32(), pa.float64(), pa.int32(), *[pa.float32()] * 3, pa.bool_())
    known = set(about)  # the schema is written first, what is counted comes at the end
    schema = pa.schema(
        list(zip(COLUMNS, kinds, strict=True)), metadata={"softcage": json.dumps(about)}
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        waiting: list = []

        def flush():
            if waiting:
                writer.write_table(pa.concat_tables(waiting))
                waiting.clear()

        def write(part):
            waiting.append(pa.Table.from_pandas(_frame(part), schema, preserve_index=False))
            if len(waiting) == _CHUNK:
                flush()

        yield write
        flush()
        counts = {key: value for key, value in about.items() if key not in known}
        writer.add_key_value_metadata({"softcage_counts": json.dumps(counts)})


def _frame(part: dict) -> pd.DataFrame:
    table = pd.DataFrame(part)
    table["rearranging"] = table["rearranging"].astype("boolean")
    return table


def read_metadata(path: str | Path) -> dict:
    """Return what :func:`score` noted in a table, Parquet or CSV."""
    path = Path(path)
    if path.suffix == ".csv":
        with open(path) as handle:
            lines = [line[2:].partition(": ") for line in handle if line.startswith("# ")]
        return {key: json.loads(value) for key, _, value in lines}
    import pyarrow.parquet as pq

    metadata = pq.read_metadata(path).metadata
    return json.loads(metadata[b"softcage"]) | json.loads(metadata[b"softcage_counts"])
