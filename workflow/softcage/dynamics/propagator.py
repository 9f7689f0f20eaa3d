"""How long softness persists: C_S(t), propagator G(S, S0, t), <S(t)> of groups and q(S, t)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from softcage.io.progress import Progress
from softcage.io.trajectory import Trajectory
from softcage.sampling import log_spaced
from softcage.statistics import bootstrap

#: Log-spaced lags per factor of ten.
LAGS_PER_DECADE = 6


@dataclass(frozen=True, eq=False)
class SoftnessSeries:
    """Local softness of one run: ``values`` (F, n) at the ``frames`` (F,) of a trajectory stream.

    ``values`` is read one row at a time. It may be an array or an HDF5 data set.
    """

    frames: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, eq=False)
class Lagged:
    """Tagged particles at a time origin and ``lag`` steps later.

    ``s0`` and ``s`` are the softness at the two times, ``r2`` the squared displacement, and
    ``stayed`` whether the particle was within its cage at every frame in between; (n,) arrays.
    """

    lag: int
    origin_step: int
    s0: np.ndarray
    s: np.ndarray
    r2: np.ndarray
    stayed: np.ndarray


def lagged_softness(
    uniform: Trajectory,
    log: Trajectory | None,
    uniform_softness: SoftnessSeries,
    log_softness: SoftnessSeries | None,
    *,
    cage_displacement: float,
    tagged: int = 0,
    n_origins: int = 40,
    per_decade: int = LAGS_PER_DECADE,
    extra_lags: tuple[int, ...] = (),
) -> Iterator[Lagged]:
    """Yield pairs of frames: short lags from the log stream, long lags from the uniform stream.

    Lags below the frame interval are those of the log-spaced blocks; longer lags are log-spaced.
    Every frame between origin and lag is used to decide which particles stayed in their cage.

    Parameters
    ----------
    uniform, log : Trajectory
        Without ``log`` (None) there are no lags below the frame interval.
    uniform_softness, log_softness : SoftnessSeries
        Softness of the tagged particles at all or some of the frames of each stream.
    cage_displacement : float
        A particle stayed if it was never farther than this from its origin, sigma_AA.
    tagged : int
        Species of the tagged particles.
    n_origins, per_decade : int
        Number of time origins in the uniform stream, and of lags per factor of ten.
    extra_lags : tuple of int
        Additional lags in steps; those without a frame are left out.
    """
    interval = int(uniform.steps[1] - uniform.steps[0])
    if log is not None and log_softness is not None:
        yield from _short(log, log_softness, interval, cage_displacement, tagged)
    lags = set(log_spaced(uniform.n_frames - 1, per_decade).tolist())
    lags |= {lag // interval for lag in extra_lags if lag >= interval and lag % interval == 0}
    yield from _long(
        uniform, uniform_softness, lags, interval, cage_displacement, tagged, n_origins
    )


def _rows(series: SoftnessSeries) -> dict[int, int]:
    """Return the row of ``series.values`` of each frame that has one."""
    return {int(frame): row for row, frame in enumerate(series.frames)}


def _short(
    log: Trajectory, series: SoftnessSeries, interval: int, cage_displacement: float, tagged: int
) -> Iterator[Lagged]:
    rows, chosen = _rows(series), log.species == tagged
    origin = s0 = stayed = None
    for frames, positions in log.chunks():
        for frame, now in zip(frames.tolist(), positions[:, chosen], strict=True):
            lag = int(log.lag[frame])
            if lag == 0 and frame in rows:
                origin, begin, s0 = now, int(log.steps[frame]), series.values[rows[frame]]
                stayed = np.ones(len(now), dtype=bool)
                yield Lagged(0, begin, s0, s0, np.zeros(len(now)), stayed)
            elif 0 < lag < interval and frame in rows and s0 is not None:
                r2 = ((now - origin) ** 2).sum(axis=1)
                stayed = stayed & (r2 <= cage_displacement**2)
                yield Lagged(lag, begin, s0, series.values[rows[frame]], r2, stayed)


def _long(
    uniform: Trajectory,
    series: SoftnessSeries,
    lags: set[int],
    interval: int,
    cage_displacement: float,
    tagged: int,
    n_origins: int,
) -> Iterator[Lagged]:
    rows, chosen = _rows(series), uniform.species == tagged
    frames_with = np.array(sorted(rows))
    starts = set(frames_with[:: max(1, -(-len(frames_with) // n_origins))].tolist())
    origins: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
    progress = Progress(uniform.n_frames, "frames")
    for frames, positions in uniform.chunks():
        for frame, now in zip(frames.tolist(), positions[:, chosen], strict=True):
            for begin, (origin, s0, stayed) in origins.items():
                r2 = ((now - origin) ** 2).sum(axis=1)
                stayed &= r2 <= cage_displacement**2
                if frame - begin in lags and frame in rows:
                    yield Lagged(
                        (frame - begin) * interval,
                        begin * interval,
                        s0,
                        series.values[rows[frame]],
                        r2,
                        stayed.copy(),
                    )
            if frame in starts:
                s0 = series.values[rows[frame]]
                origins[frame] = (now.copy(), s0, np.ones(len(now), dtype=bool))
            progress.update(frame + 1, "memory of the cage")


def softness_correlation(s0: np.ndarray, s: np.ndarray) -> float:
    r"""Return the Pearson correlation over particles of softness at two times.

    Averaged over origins it is :math:`C_S(t)` of section IV B of the paper. Particles without a
    softness (NaN) at either time are left out; NaN if fewer than three remain.
    """
    good = np.isfinite(s0) & np.isfinite(s)
    if np.count_nonzero(good) < 3:
        return np.nan
    return float(np.corrcoef(s0[good], s[good])[0, 1])


def softness_sample(series: SoftnessSeries, most: int = 500) -> np.ndarray:
    """Return the softness in every tenth frame, from at most ``most`` frames, as one flat array."""
    return series.values[:: max(10, -(-len(series.values) // most))].ravel()


def tenths(sample: np.ndarray) -> np.ndarray:
    """Return the ranges of softness of the hardest, middle and softest tenth, (3, 2)."""
    edges = np.nanquantile(sample, [0.0, 0.1, 0.45, 0.55, 0.9, 1.0])
    return edges.reshape(3, 2)


def group_centres(sample: np.ndarray, n_groups: int) -> tuple[np.ndarray, float]:
    """Return ``n_groups`` evenly spaced softness values between the 2 and 98 % quantiles.

    The second value is half the width of a group. It is a tenth of the spacing, so that the
    distribution of each group is sharply peaked at first.
    """
    low, high = np.nanquantile(sample, [0.02, 0.98])
    centres = np.linspace(low, high, n_groups)
    return centres, 0.1 * float(high - low) / max(n_groups - 1, 1)


# Uniform and log-spaced frames, and their softness; the second of both may be missing.
Run = tuple[Trajectory, Trajectory | None, SoftnessSeries, SoftnessSeries | None]


def pairs_of_runs(
    runs: Sequence[Run],
    n_blocks: int,
    cage_displacement: float,
    extra_lags: tuple[int, ...] = (),
    tagged: int = 0,
) -> Iterator[tuple[int, Lagged]]:
    """Yield ``(block, pair)`` for several runs, each of which has ``n_blocks`` separate blocks."""
    for number, run in enumerate(runs):
        length = run[0].steps[-1] + 1
        for pair in lagged_softness(
            *run, cage_displacement=cage_displacement, tagged=tagged, extra_lags=extra_lags
        ):
            yield number * n_blocks + int(pair.origin_step * n_blocks // length), pair


@dataclass(eq=False)
class PropagatorSums:
    """Additive sums for each lag (in steps), with blocks as first axis, for the tables below."""

    correlation: dict[int, np.ndarray]  # (B, 2): sum of Pearson coefficients, count
    mean: dict[int, np.ndarray]  # (B, groups, 2): sum of S of the particles that stayed, count
    overlap: dict[int, np.ndarray]  # (B, 3, 2): overlapping, count; hardest, middle, softest tenth
    histogram: dict[int, np.ndarray]  # (B, bins): S of the hard particles that stayed


def sum_pairs(
    pairs: Iterable[tuple[int, Lagged]],
    *,
    n_blocks: int,
    centres: np.ndarray,
    half_width: float,
    tenths: np.ndarray,
    hard: tuple[float, float],
    edges: np.ndarray,
    overlap_radius: float,
) -> PropagatorSums:
    """Sum over pairs of frames, in time blocks.

    Parameters
    ----------
    pairs : iterable of (int, Lagged)
        Blocks and pairs from :func:`pairs_of_runs`.
    n_blocks : int
        Number of blocks of all runs.
    centres, half_width : array, float
        Groups of initial softness for <S(t)>.
    tenths : (3, 2) array
        Ranges of the initial softness of the hard, middle and soft particles for q(S, t).
    hard : (float, float)
        Range of the initial softness for G(S, S0, t).
    edges : array
        Bins of the softness for G.
    overlap_radius : float
        Largest displacement that counts as overlap for q(S, t), sigma_AA.
    """
    sums = PropagatorSums({}, {}, {}, {})
    n_groups = len(centres)
    for block, pair in pairs:
        c = softness_correlation(pair.s0, pair.s)
        if np.isfinite(c):
            _add(sums.correlation, pair.lag, block, n_blocks, np.array([c, 1.0]))
        known = pair.stayed & np.isfinite(pair.s)
        mean = np.zeros((n_groups, 2))
        for k, centre in enumerate(centres):
            s = pair.s[known & (np.abs(pair.s0 - centre) <= half_width)]
            mean[k] = s.sum(dtype=float), len(s)
        _add(sums.mean, pair.lag, block, n_blocks, mean)
        near = pair.r2 <= overlap_radius**2
        overlaps = np.zeros((3, 2))
        for k, (low, high) in enumerate(tenths):
            group = (pair.s0 >= low) & (pair.s0 <= high)
            overlaps[k] = np.count_nonzero(near & group), np.count_nonzero(group)
        _add(sums.overlap, pair.lag, block, n_blocks, overlaps)
        chosen = known & (pair.s0 >= hard[0]) & (pair.s0 <= hard[1])
        counts = np.histogram(pair.s[chosen], edges)[0].astype(float)
        _add(sums.histogram, pair.lag, block, n_blocks, counts)
    return sums


def _add(store: dict, lag: int, block: int, n_blocks: int, value: np.ndarray) -> None:
    store.setdefault(lag, np.zeros((n_blocks, *value.shape)))[block] += value


def memory_tables(
    runs: Sequence[Run],
    *,
    n_blocks: int,
    edges: np.ndarray,
    hard: float,
    times: Sequence[float],
    groups: int,
    cage_displacement: float,
    overlap_radius: float,
    resamples: int,
    seed: int,
    tagged: int = 0,
) -> dict[str, pd.DataFrame]:
    """Return the tables of C_S(t), G(S, S0, t), <S(t)> and q(S, t) of all runs at a temperature.

    Parameters
    ----------
    runs : sequence of tuple
        Uniform frames, log-spaced frames or None, and the softness of both.
    n_blocks : int
        Time blocks of a run.
    edges : (n + 1,) array
        Equal bins of the softness for G.
    hard : float
        Initial softness for G, give or take half a bin.
    times : sequence of float
        Times of G.
    groups : int
        Number of groups of initial softness for <S(t)>.
    cage_displacement, overlap_radius : float
        See :func:`lagged_softness` and :func:`sum_pairs`.
    resamples, seed : int
        As for :func:`softcage.statistics.bootstrap`.
    tagged : int
        Species of the particles.

    Returns
    -------
    dict
        ``correlation``, ``propagator``, ``mean_softness`` and ``overlap``.
    """
    uniform = runs[0][0]
    # A run starts at step 0, or at the time of its first frame in a file from elsewhere.
    timestep = (uniform.times[1] - uniform.times[0]) / (uniform.steps[1] - uniform.steps[0])
    sample = np.concatenate([softness_sample(series) for _, _, series, _ in runs])
    centres, half_width = group_centres(sample, groups)
    ranges, half_bin = tenths(sample), 0.5 * (edges[1] - edges[0])
    lags = tuple(round(time / timestep) for time in times)
    sums = sum_pairs(
        pairs_of_runs(runs, n_blocks, cage_displacement, lags, tagged),
        n_blocks=n_blocks * len(runs),
        centres=centres,
        half_width=half_width,
        tenths=ranges,
        hard=(hard - half_bin, hard + half_bin),
        edges=edges,
        overlap_radius=overlap_radius,
    )
    errors: dict[str, int] = {"resamples": resamples, "seed": seed, "n_runs": len(runs)}
    hardness = list(zip(("low", "middle", "high"), ranges.mean(axis=1), strict=True))
    return {
        "correlation": correlation_table(sums.correlation, timestep, **errors),
        "propagator": propagator_table(sums.histogram, times, timestep, edges, **errors),
        "mean_softness": group_table(
            sums.mean, timestep, "mean", list(enumerate(centres)), **errors
        ),
        "overlap": group_table(sums.overlap, timestep, "overlap", hardness, **errors),
    }


# ---------------------------------------------------------------- tables
def _ratio(total: np.ndarray) -> np.ndarray:
    """Return sum over count; NaN where the count is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return total[..., 0] / total[..., 1]


def correlation_table(
    store: dict[int, np.ndarray], timestep: float, resamples: int, seed: int, n_runs: int = 1
) -> pd.DataFrame:
    """Return C_S(t) with errors from ``PropagatorSums.correlation``."""
    rows = []
    for lag in sorted(store):
        value, error, _ = bootstrap(store[lag], _ratio, resamples, seed, n_runs)
        rows.append({"time": lag * timestep, "c_s": float(value), "c_s_error": float(error)})
    return pd.DataFrame(rows)


def group_table(
    store: dict[int, np.ndarray],
    timestep: float,
    name: str,
    groups: Sequence[tuple[str | int, float]],
    resamples: int,
    seed: int,
    n_runs: int = 1,
) -> pd.DataFrame:
    """Return sum / count for each lag and group as a tidy table.

    Parameters
    ----------
    store : dict
        ``PropagatorSums.mean`` or ``PropagatorSums.overlap``.
    timestep : float
    name : str
        Name of the column with sum / count.
    groups : sequence of (label, float)
        Label and initial softness ``s0`` of each group.
    resamples, seed, n_runs : int
        As for :func:`softcage.statistics.bootstrap`.
    """
    rows = []
    for lag in sorted(store):
        value, error, _ = bootstrap(store[lag], _ratio, resamples, seed, n_runs)
        count = store[lag].sum(axis=0)[..., 1]
        for k, (label, s0) in enumerate(groups):
            row = {"group": label, "s0": s0, "time": lag * timestep}
            rows.append({**row, name: value[k], f"{name}_error": error[k], "n": int(count[k])})
    return pd.DataFrame(rows)


def propagator_table(
    store: dict[int, np.ndarray],
    times: Sequence[float],
    timestep: float,
    edges: np.ndarray,
    resamples: int,
    seed: int,
    n_runs: int = 1,
) -> pd.DataFrame:
    """Return G(S, S0, t) at the lags nearest to ``times`` from ``PropagatorSums.histogram``."""

    def density(counts: np.ndarray) -> np.ndarray:
        total = counts.sum()
        return counts / total / np.diff(edges) if total > 0 else np.full(len(counts), np.nan)

    populated = np.array([lag for lag in sorted(store) if store[lag].sum() > 0])
    if len(populated) == 0:
        columns = ["wanted_time", "time", "bin_center", "density", "density_error", "n"]
        return pd.DataFrame(columns=columns)
    parts = []
    for wanted in times:
        lag = populated[np.argmin(np.abs(populated * timestep - wanted))]
        value, error, _ = bootstrap(store[lag], density, resamples, seed, n_runs)
        part = pd.DataFrame({"bin_center": 0.5 * (edges[1:] + edges[:-1]), "density": value})
        part["density_error"], part["n"] = error, int(store[lag].sum())
        part.insert(0, "time", lag * timestep)
        part.insert(0, "wanted_time", wanted)
        parts.append(part)
    return pd.concat(parts, ignore_index=True).drop_duplicates(["time", "bin_center"])
