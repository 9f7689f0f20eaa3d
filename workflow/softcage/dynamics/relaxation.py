"""Mean squared displacement, non-Gaussian parameter and overlap; tau_alpha, p_c and D."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd

from softcage.defaults import OVERLAP_RADIUS, RESAMPLES
from softcage.dynamics.quench import Quench
from softcage.io.progress import Progress
from softcage.io.trajectory import Trajectory
from softcage.sampling import log_spaced
from softcage.statistics import bootstrap, count_blocks, pool

DISPLACEMENT_MOMENTS = ("count", "r2", "r4", "overlap")
#: What :func:`relaxation_scalars` returns.
RELAXATION_SCALARS = ("tau_alpha", "t_star", "p_c", "diffusion_coefficient")


def displacement_moments(
    now: np.ndarray, origin: np.ndarray, overlap_radius: float
) -> tuple[float, float, float, float]:
    r"""Return count, :math:`\sum \Delta r^2`, :math:`\sum \Delta r^4` and the sum of the overlap.

    Parameters
    ----------
    now, origin : (n, 2 or 3) array
        Unwrapped positions of the same particles at two times.
    overlap_radius : float
        A particle displaced by at most this distance overlaps with its earlier position.
    """
    r2 = ((now - origin) ** 2).sum(axis=1)
    near = np.count_nonzero(r2 <= overlap_radius**2)
    return len(r2), float(r2.sum()), float((r2**2).sum()), int(near)


def displacement_sums(
    uniform: Trajectory,
    log: Trajectory | None = None,
    *,
    n_blocks: int,
    overlap_radius: float = OVERLAP_RADIUS,
    tagged: int = 0,
    n_origins: int = 64,
    per_decade: int = 10,
    moments: Callable[[np.ndarray, np.ndarray], Sequence[float]] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Sum displacement moments over pairs of frames, for each lag and time block.

    Lags below the frame interval come from the log stream, where each frame is paired with the
    origin of its block. Longer lags come from the uniform stream, with evenly spaced origins.

    Parameters
    ----------
    uniform : Trajectory
        Evenly spaced frames.
    log : Trajectory, optional
        Log-spaced blocks; without them there are no lags below the frame interval.
    n_blocks : int
        Number of time blocks.
    overlap_radius : float
        See :func:`displacement_moments`.
    tagged : int
        Species of the particles.
    n_origins, per_decade : int
        Number of time origins in the uniform stream, and of its lags per factor of ten.
    moments : callable, optional
        What is summed, from the positions of the particles at both times; by default
        :func:`displacement_moments` with ``overlap_radius``.

    Returns
    -------
    times : (L,) array
        Lags, ascending.
    sums : (n_blocks, L, n) array
        The columns are those of ``moments``, by default the four DISPLACEMENT_MOMENTS; a pair
        belongs to the block in which its origin lies.
    """
    chosen = uniform.species == tagged
    interval = int(uniform.steps[1] - uniform.steps[0])
    timestep = (uniform.times[1] - uniform.times[0]) / (uniform.steps[1] - uniform.steps[0])
    length = uniform.n_frames
    sums: dict[int, np.ndarray] = {}
    of_pair = moments or partial(displacement_moments, overlap_radius=overlap_radius)

    def add(lag: int, block: int, now: np.ndarray, origin: np.ndarray) -> None:
        found = of_pair(now, origin)
        lag_sums = sums.setdefault(lag, np.zeros((n_blocks, len(found))))
        lag_sums[block] += found

    if log is not None:
        for lag, begin, now, origin in _log_pairs(log, chosen, interval):
            add(lag, int(begin * n_blocks // (uniform.steps[-1] + 1)), now, origin)
    lags = set(log_spaced(length - 1, per_decade).tolist())
    stride = max(1, -(-length // n_origins))
    for lag, begin, now, origin in _uniform_pairs(uniform, chosen, lags, stride):
        add(lag * interval, begin * n_blocks // length, now, origin)
    lags_summed = sorted(sums)
    return np.array(lags_summed) * timestep, np.stack([sums[lag] for lag in lags_summed], axis=1)


_Pairs = Iterator[tuple[int, int, np.ndarray, np.ndarray]]  # lag, origin, positions at both


def _log_pairs(log: Trajectory, chosen: np.ndarray, interval: int) -> _Pairs:
    """Yield each frame of the log-spaced blocks with its origin; lag and origin are in steps."""
    for frames, positions in log.chunks():
        for frame, now in zip(frames, positions[:, chosen], strict=True):
            lag = int(log.lag[frame])
            if lag == 0:
                origin, begin = now, int(log.steps[frame])
            elif lag < interval:
                yield lag, begin, now, origin


def _uniform_pairs(uniform: Trajectory, chosen: np.ndarray, lags: set[int], stride: int) -> _Pairs:
    """Yield each frame with all origins that precede it by one of ``lags``, in frames."""
    origins: dict[int, np.ndarray] = {}
    progress = Progress(uniform.n_frames, "frames")
    for frames, positions in uniform.chunks():
        for frame, now in zip(frames.tolist(), positions[:, chosen], strict=True):
            for begin, origin in origins.items():
                if frame - begin in lags:
                    yield frame - begin, begin, now, origin
            if frame % stride == 0:
                origins[frame] = now.copy()
            progress.update(frame + 1, "displacements")


def msd(sums: np.ndarray) -> np.ndarray:
    """Return the mean squared displacement, sigma_AA^2, from moments ``sums`` (..., 4)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[..., 1] / sums[..., 0]


def non_gaussian_parameter(sums: np.ndarray, dimension: int = 3) -> np.ndarray:
    r"""Return :math:`\alpha_2 = d\langle r^4\rangle / ((d + 2)\langle r^2\rangle^2) - 1`.

    It is 0 for Gaussian displacements in d dimensions.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return dimension / (dimension + 2) * (sums[..., 2] / sums[..., 0]) / msd(sums) ** 2 - 1.0


def overlap(sums: np.ndarray) -> np.ndarray:
    """Return q, the share of the particles that are displaced by at most the overlap radius."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[..., 3] / sums[..., 0]


def relaxation_table(
    times: np.ndarray,
    sums: np.ndarray,
    resamples: int = RESAMPLES,
    seed: int = 0,
    n_runs: int = 1,
    dimension: int = 3,
    more: Mapping[str, Callable[[np.ndarray], np.ndarray]] | None = None,
) -> pd.DataFrame:
    """Return MSD, alpha_2 and overlap with block-bootstrap errors, one row per lag.

    Parameters
    ----------
    times : (L,) array
    sums : (B, L, n) array
        Moments of each block of one or several runs; the first four are DISPLACEMENT_MOMENTS.
    resamples, seed, n_runs : int
        As for :func:`softcage.statistics.bootstrap`.
    dimension : int
        Of space, for alpha_2.
    more : mapping of str to callable, optional
        Further columns, each with its function of the sums (L, n).
    """
    functions: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "msd": msd,
        "alpha_2": partial(non_gaussian_parameter, dimension=dimension),
        "overlap": overlap,
    }
    table = pd.DataFrame({"time": times})
    for name, function in (functions | dict(more or {})).items():
        value, error, _ = bootstrap(sums, function, resamples, seed, n_runs)
        table[name], table[f"{name}_error"] = value, error
    table["n_displacements"] = sums[..., 0].sum(axis=0).astype(np.int64)
    return table


def relaxation_time(times: np.ndarray, q: np.ndarray) -> float:
    """Return tau_alpha, where q(tau_alpha) = 1/e, interpolated in log t; NaN if not reached."""
    below = np.flatnonzero(q < np.exp(-1.0))
    if len(below) == 0 or below[0] == 0:
        return np.nan
    k = below[0]
    share = (q[k - 1] - np.exp(-1.0)) / (q[k - 1] - q[k])
    return float(np.exp((1 - share) * np.log(times[k - 1]) + share * np.log(times[k])))


def hop_threshold(
    times: np.ndarray, alpha: np.ndarray, msd_values: np.ndarray
) -> tuple[float, float]:
    """Return t*, where alpha_2 is largest, and p_c, the mean squared displacement at t*.

    The maximum is that of a parabola in log t, fitted to the largest value and three values on each
    side. p_c is interpolated on logarithmic axes. The text of the paper says root mean squared
    displacement, but its numbers are mean squares.

    Parameters
    ----------
    times, alpha, msd_values : (L,) array
        Lags, alpha_2 and the mean squared displacement, sigma_AA^2. Lags at which alpha_2 is NaN
        are left out.

    Returns
    -------
    t_star, p_c : float
        NaN if the lags do not contain the maximum, that is, if there are fewer than four of them or
        if alpha_2 is largest at the first or the last.
    """
    good = np.isfinite(alpha) & (times > 0)
    x, a, m = np.log(times[good]), alpha[good], np.log(msd_values[good])
    if len(x) < 4 or (peak := int(np.argmax(a))) in (0, len(x) - 1):
        return np.nan, np.nan
    near = slice(max(peak - 3, 0), peak + 4)
    c2, c1, _ = np.polyfit(x[near], a[near], 2)
    centre = -c1 / (2 * c2) if c2 < 0 else x[peak]
    centre = float(np.clip(centre, x[near][0], x[near][-1]))
    return float(np.exp(centre)), float(np.exp(np.interp(centre, x, m)))


def diffusion_coefficient(times: np.ndarray, msd_values: np.ndarray, dimension: int = 3) -> float:
    """Return D = MSD / (2 d t), averaged over the last five lags up to half the run.

    NaN if fewer than three lags have a mean squared displacement above 1 sigma_AA^2: the particles
    do not diffuse yet.
    """
    good = np.isfinite(msd_values) & (msd_values > 1.0) & (times <= times[-1] / 2)
    if np.count_nonzero(good) < 3:
        return np.nan
    return float(np.mean(msd_values[good][-5:] / times[good][-5:]) / (2.0 * dimension))


def relaxation_scalars(times: np.ndarray, total: np.ndarray, dimension: int = 3) -> np.ndarray:
    """Return tau_alpha, t*, p_c and D, the RELAXATION_SCALARS, from moments of all blocks.

    Parameters
    ----------
    times : (L,) array
    total : (L, n) array
        Sums over blocks; the first four columns are DISPLACEMENT_MOMENTS.
    dimension : int
        Of space, for alpha_2 and D.
    """
    displacement = msd(total)
    threshold = hop_threshold(times, non_gaussian_parameter(total, dimension), displacement)
    tau = relaxation_time(times, overlap(total))
    return np.array([tau, *threshold, diffusion_coefficient(times, displacement, dimension)])


def relaxation_summary(
    quenches: Sequence[Quench],
    production_time: float,
    *,
    blocks: int,
    block_relaxation_times: float,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[pd.DataFrame, dict[str, float], bool]:
    """Evaluate all runs of one temperature: tau_alpha, p_c, D, u and p with errors.

    The length of the time blocks follows from tau_alpha. The two halves of the runs are also
    evaluated separately, because in equilibrium they relax alike.

    Parameters
    ----------
    quenches : sequence of Quench
        All runs, with or without a trajectory.
    production_time : float
        Length of the production of each run.
    blocks, block_relaxation_times
        Largest number of blocks of a run, and least length of a block in tau_alpha; see
        :func:`softcage.statistics.count_blocks`.
    resamples, seed : int
        Resamples of the bootstrap over the blocks of all runs, and its seed.

    Returns
    -------
    table : DataFrame
        :func:`relaxation_table` of all runs.
    numbers : dict
        tau_alpha, t_star, p_c, diffusion_coefficient, u and pressure, each with ``_error``;
        tau_alpha of the halves; number of runs; number and length of the blocks of a run.
    enough : bool
        False if blocks are shorter than required; errors are then too small.
    """
    times, runs = quenches[0].times, [quench.sums for quench in quenches]
    tau = relaxation_time(times, overlap(sum(run.sum(axis=0) for run in runs)))
    n_blocks, enough = count_blocks(production_time, tau, blocks, block_relaxation_times)
    sums = pool(runs, n_blocks)

    scalars = partial(relaxation_scalars, times)
    value, error, _ = bootstrap(sums, scalars, resamples, seed, len(runs))
    error = np.where(
        np.isfinite(value), error, np.nan
    )  # a resample may have a value where the runs have none
    numbers = {}
    for k, name in enumerate(RELAXATION_SCALARS):
        numbers[name], numbers[f"{name}_error"] = value[k], error[k]
    thermo = pool([quench.thermo for quench in quenches], n_blocks)
    value, error, _ = bootstrap(thermo, lambda s: s[1:] / s[0], resamples, seed, len(runs))
    for k, name in enumerate(("u", "pressure")):
        numbers[name], numbers[f"{name}_error"] = value[k], error[k]
    middle = len(runs[0]) // 2
    for name, part in (("first", slice(middle)), ("second", slice(middle, None))):
        half = sum(run[part].sum(axis=0) for run in runs)
        numbers[f"overlap_{name}_half_tau"] = relaxation_time(times, overlap(half))
    numbers |= {
        "production_time": production_time,
        "runs": len(runs),
        "blocks": n_blocks,
        "block_relaxation_times": production_time / n_blocks / tau,
    }
    table = relaxation_table(times, sums, resamples, seed, len(runs))
    return table, numbers, enough
