"""Descriptors in the frames of a study against what happens to the particles: one table.

The score is the ROC AUC: of all pairs of a particle that rearranges and one of the same frame that
does not, the share in which the former has the larger number. 1/2 is chance; below it small
numbers rearrange. Errors come from resampling frames and from the scatter between runs, never from
particles.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from softcage.defaults import DELTA, RESAMPLES
from softcage.descriptors.run import DescribedRun, Key
from softcage.descriptors.table import REFERENCE
from softcage.dynamics.labels import HopLabels, hazard_sums, hop_labels, surviving
from softcage.statistics import auc_sums, bootstrap

_SHARE = 0.2
_CHECK = (f"{REFERENCE}_shuffled", "inherent", 0.0)


def followed(delta: float = DELTA) -> list[tuple[str, str, bool, bool]]:
    """Return the descriptors whose softest and hardest fifth are followed.

    Each with its positions, whether it is averaged over A particles, and whether particles with
    large values are the soft ones.

    Parameters
    ----------
    delta : float
        Width of the Gaussians of the depth, sigma_AA.
    """
    return [
        (f"depth_{delta:g}", "thermal", False, False),
        ("depth_pair", "inherent", True, False),
        ("energy", "inherent", True, True),
    ]


def label_run(run: DescribedRun, events: pd.DataFrame, window: float) -> list[HopLabels]:
    """Label all particles in the frames of a run, with the events of one hop window."""
    n = next(iter(run.values.values())).shape[1]
    half = 0.5 * window
    return [hop_labels(events, n, time, half, run.end - half) for time in run.times]


def _columns(run: DescribedRun, keys: Sequence[Key], frame: int) -> np.ndarray:
    """Return the values of one frame, (n, n_keys)."""
    return np.stack([run.values[key][frame] for key in keys], axis=1).astype(float)


def rank_hops(
    runs: Sequence[DescribedRun],
    labels: Sequence[Sequence[HopLabels]],
    times: Sequence[float],
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """Score every descriptor against a hop now and against the first hop within given times.

    Parameters
    ----------
    runs : sequence of DescribedRun
        Of one temperature, with as many frames each.
    labels : sequence of list of HopLabels
        :func:`label_run` of each.
    times : sequence of float
        Frames whose record is shorter than that take no part.
    resamples, seed : int
        Of the bootstrap over frames; the seed shuffles the energies too.

    Returns
    -------
    DataFrame
        One row for each target, time and descriptor: ``auc``, ``over_energy`` (how much farther it
        is from 1/2 than that of the potential energy from the same positions and length, paired),
        their errors, and how many ``particles``, ``hops`` among them and ``configurations`` count.
        The rows of kind ``check`` are the energy shuffled within each frame: theirs is 1/2.
    """
    keys = list(runs[0].values)
    energy = [keys.index((REFERENCE, positions, length)) for _, positions, length in keys]
    names = [*(("descriptor", *key) for key in keys), ("check", *_CHECK)]
    shown = keys.index((REFERENCE, *_CHECK[1:]))
    rng = np.random.default_rng(seed)
    columns = []
    for run in runs:
        for k in range(len(run.times)):
            own = _columns(run, keys, k)
            columns.append(np.column_stack([own, rng.permutation(own[:, shown])]))
    frames = list(zip(columns, (own for of in labels for own in of), strict=True))
    tables = []
    for target, time in (("now", 0.0), *(("first", time) for time in times)):
        told = [own.hops_within(time) if target == "first" else own.hops_now() for _, own in frames]
        sums = np.array([auc_sums(own, *who) for (own, _), who in zip(frames, told, strict=True)])
        table = pd.DataFrame(names, columns=["kind", "name", "positions", "length"])
        table.insert(0, "target", target)
        table.insert(1, "time", time)
        errors = {"n_resamples": resamples, "seed": seed, "n_runs": len(runs)}
        table = pd.concat([table, _measured(sums, [*energy, shown], errors)], axis=1)
        itself = (table["name"] == REFERENCE) | (table["kind"] == "check")
        table.loc[itself, [f"over_{REFERENCE}", f"over_{REFERENCE}_error"]] = np.nan
        table["particles"] = sum(int(counted.sum()) for counted, _ in told)
        table["hops"] = sum(int((counted & hops).sum()) for counted, hops in told)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _measured(sums: np.ndarray, reference: Sequence[int], errors: dict[str, int]) -> pd.DataFrame:
    """Return AUC and distance to the reference from :func:`auc_sums` of all frames, with errors."""
    value, error, _ = bootstrap(sums, lambda s: _auc_and_gap(s, reference), **errors)
    used = np.count_nonzero(sums[:, 0, 0])
    error = error if used > 1 else np.full_like(value, np.nan)  # one frame has none
    return pd.DataFrame(
        {
            "auc": value[0],
            "auc_error": error[0],
            f"over_{REFERENCE}": value[1],
            f"over_{REFERENCE}_error": error[1],
            "configurations": used,
        }
    )


def _auc_and_gap(sums: np.ndarray, reference: Sequence[int]) -> np.ndarray:
    """Return the AUC of each column, and how much farther from 1/2 it is than its reference's."""
    pairs, ordered = sums.T
    auc = np.divide(ordered, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
    apart = np.abs(auc - 0.5)
    return np.stack([auc, apart - apart[list(reference)]])


def survival(
    runs: Sequence[DescribedRun],
    labels: Sequence[Sequence[HopLabels]],
    interval: float,
    longest: float,
    delta: float = DELTA,
    resamples: int = RESAMPLES,
    seed: int = 0,
    points: int = 40,
) -> pd.DataFrame:
    """Follow the softest and hardest fifth of the caged particles until they rearrange.

    Parameters
    ----------
    runs, labels
        As :func:`rank_hops`.
    interval : float
        Time between frames, at which rearrangements are seen.
    longest : float
        Time up to which they are followed.
    delta : float
        Width of the Gaussians of the depth (:func:`followed`), sigma_AA.
    resamples, seed : int
        Of the bootstrap over frames.
    points : int
        Times in the table, about log-spaced.

    Returns
    -------
    DataFrame
        name, positions, length, ``group`` (softest, hardest), time, and ``surviving`` with its
        error: the share that has not rearranged, after Kaplan and Meier.
    """
    grid = interval * np.arange(1, max(round(longest / interval), 2) + 1)
    shown = np.unique(np.geomspace(1, len(grid), points).round().astype(int)) - 1
    length = max(length for _, _, length in runs[0].values)
    tables = []
    for name, positions, is_averaged, large_is_soft in followed(delta):
        key = (name, positions, length if is_averaged else 0.0)
        sums = np.array([
            _of_fifths(run.values[key][k] * (1 if large_is_soft else -1), own, grid)
            for run, of in zip(runs, labels, strict=True) for k, own in enumerate(of)
        ])  # fmt: skip
        share, error, _ = bootstrap(
            sums, lambda s: np.array([surviving(part) for part in s]), resamples, seed, len(runs)
        )
        for g, group in enumerate(("softest", "hardest")):
            tables.append(
                pd.DataFrame(
                    {
                        "name": name,
                        "positions": positions,
                        "length": key[2],
                        "group": group,
                        "time": grid[shown],
                        "surviving": share[g, shown],
                        "surviving_error": error[g, shown],
                    }
                )
            )
    return pd.concat(tables, ignore_index=True)


def _of_fifths(softness: np.ndarray, own: HopLabels, grid: np.ndarray) -> np.ndarray:
    """Return :func:`hazard_sums` of the softest and of the hardest fifth, (2, 2, n_times)."""
    caged = np.flatnonzero(own.caged)
    order = caged[np.argsort(softness[caged], kind="stable")]
    n = int(_SHARE * len(order))
    fifths = order[len(order) - n :], order[:n]
    return np.array([hazard_sums(own.wait[who], own.seen[who], grid) for who in fifths])
