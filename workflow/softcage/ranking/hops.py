"""Scores of descriptors in frames of a study's runs against the hops of the same particles.

The score is the ROC AUC: the share of pairs in which the particle that hops has a larger value than
the particle that does not, among all pairs of such particles of one frame. 1/2 is chance; below
1/2, particles with small values hop. Errors come from resampling frames and from the scatter
between runs, never from particles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
    """Return the descriptors for which :func:`survival` follows the softest and hardest particles.

    Each entry has the name, the positions, whether the descriptor is averaged over A particles, and
    whether large values are soft.

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
    """Label all particles in the frames of a run by the events of one hop window."""
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
        Runs of one temperature, with the same number of frames each.
    labels : sequence of list of HopLabels
        :func:`label_run` of each run.
    times : sequence of float
        Times within which the first hop may come. For each time, frames after which the record is
        shorter are not used.
    resamples, seed : int
        Parameters of the bootstrap over frames; the seed also shuffles the energies.

    Returns
    -------
    DataFrame
        One row for each target, time and descriptor: ``auc``; ``over_energy``, by how much its
        distance from 1/2 exceeds that of the potential energy from the same positions and with the
        same length, paired; the errors of both; and the numbers of ``particles``, of ``hops`` among
        them and of ``configurations`` that were used. The rows of kind ``check`` are the energy
        shuffled within each frame: their AUC must be 1/2.
    """
    keys = list(runs[0].values)
    energy = [keys.index((REFERENCE, positions, length)) for _, positions, length in keys]
    names = [*(("descriptor", *key) for key in keys), ("check", *_CHECK)]
    shuffled = keys.index((REFERENCE, *_CHECK[1:]))
    rng = np.random.default_rng(seed)
    columns = []
    for run in runs:
        for k in range(len(run.times)):
            values = _columns(run, keys, k)
            columns.append(np.column_stack([values, rng.permutation(values[:, shuffled])]))
    frames = [label for of_run in labels for label in of_run]
    tables = []
    for target, time in (("now", 0.0), *(("first", time) for time in times)):
        hopping = [
            label.hops_within(time) if target == "first" else label.hops_now() for label in frames
        ]
        sums = np.array(
            [auc_sums(values, *which) for values, which in zip(columns, hopping, strict=True)]
        )
        table = pd.DataFrame(names, columns=["kind", "name", "positions", "length"])
        table.insert(0, "target", target)
        table.insert(1, "time", time)
        errors = {"resamples": resamples, "seed": seed, "n_runs": len(runs)}
        table = pd.concat([table, _measured(sums, [*energy, shuffled], errors)], axis=1)
        is_energy = (table["name"] == REFERENCE) | (table["kind"] == "check")
        table.loc[is_energy, [f"over_{REFERENCE}", f"over_{REFERENCE}_error"]] = np.nan
        table["particles"] = sum(int(counted.sum()) for counted, _ in hopping)
        table["hops"] = sum(int((counted & hops).sum()) for counted, hops in hopping)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _measured(sums: np.ndarray, reference: Sequence[int], errors: dict[str, Any]) -> pd.DataFrame:
    """Return AUC and excess over the reference, with errors, from :func:`auc_sums` of frames."""
    value, error, _ = bootstrap(sums, lambda s: _auc_and_gap(s, reference), **errors)
    used = np.count_nonzero(sums[:, 0, 0])
    error = error if used > 1 else np.full_like(value, np.nan)  # one frame gives no error
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
    """Return the AUC of each column, and how much farther from 1/2 it is than its reference."""
    pairs, ordered = sums.T
    auc = np.divide(ordered, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
    from_chance = np.abs(auc - 0.5)
    return np.stack([auc, from_chance - from_chance[list(reference)]])


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
    """Follow the softest and the hardest fifth of the caged particles until their first hop.

    Parameters
    ----------
    runs, labels
        As for :func:`rank_hops`.
    interval : float
        Time between frames, which is the resolution of the time of a hop.
    longest : float
        Time up to which particles are followed.
    delta : float
        Width of the Gaussians of the depth (:func:`followed`), sigma_AA.
    resamples, seed : int
        Parameters of the bootstrap over frames.
    points : int
        Number of times in the table, about log-spaced.

    Returns
    -------
    DataFrame
        name, positions, length, ``group`` (softest, hardest), time, and ``surviving`` with its
        error: the Kaplan-Meier estimate of the share of particles that have not hopped.
    """
    grid = interval * np.arange(1, max(round(longest / interval), 2) + 1)
    shown = np.unique(np.geomspace(1, len(grid), points).round().astype(int)) - 1
    length = max(length for _, _, length in runs[0].values)
    tables = []
    for name, positions, is_averaged, large_is_soft in followed(delta):
        key = (name, positions, length if is_averaged else 0.0)
        sums = np.array([
            _of_fifths(run.values[key][k] * (1 if large_is_soft else -1), label, grid)
            for run, of_run in zip(runs, labels, strict=True) for k, label in enumerate(of_run)
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


def _of_fifths(softness: np.ndarray, label: HopLabels, grid: np.ndarray) -> np.ndarray:
    """Return :func:`hazard_sums` of the softest and of the hardest fifth, (2, 2, n_times)."""
    caged = np.flatnonzero(label.caged)
    order = caged[np.argsort(softness[caged], kind="stable")]
    n = int(_SHARE * len(order))
    fifths = order[len(order) - n :], order[:n]
    return np.array([hazard_sums(label.wait[fifth], label.seen[fifth], grid) for fifth in fifths])
