"""Correlation between the softness of the same particles for two widths delta of the smearing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from softcage.statistics import block_slices, standard_error


def pearson_and_spearman(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return the Pearson and Spearman coefficients of two samples; NaN if one is constant."""
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan, np.nan
    return np.corrcoef(x, y)[0, 1], np.corrcoef(rankdata(x), rankdata(y))[0, 1]


def joint_histogram(x: np.ndarray, y: np.ndarray, n_bins: int = 60) -> pd.DataFrame:
    """Return the centres and counts of the cells of the joint distribution that are not empty.

    The cells cover the central 99.8 % of each sample.
    """
    ends = [np.quantile(values, [0.001, 0.999]) for values in (x, y)]
    edges = [np.linspace(low, high, n_bins + 1) for low, high in ends]
    count, *_ = np.histogram2d(x, y, bins=edges)
    i, j = np.nonzero(count)
    x_center, y_center = (0.5 * (e[1:] + e[:-1]) for e in edges)
    return pd.DataFrame(
        {"x_center": x_center[i], "y_center": y_center[j], "count": count[i, j].astype(int)}
    )


def correlate_widths(
    xs: Sequence[np.ndarray], ys: Sequence[np.ndarray], n_blocks: int
) -> tuple[dict[str, float], pd.DataFrame]:
    """Correlate the softness of particles in the same frames of several runs.

    Parameters
    ----------
    xs, ys : sequence of (k, N) arrays
        Softness with the first and with the second width, one array per run. Particles without a
        softness for one of the widths are left out.
    n_blocks : int
        Number of time blocks of a run; fewer if there are fewer frames.

    Returns
    -------
    coefficients : dict
        ``pearson`` and ``spearman``, means over blocks with standard errors, and ``n_left_out``.
    histogram : DataFrame
        :func:`joint_histogram` of all runs.
    """
    known, values = [np.isfinite(x) & np.isfinite(y) for x, y in zip(xs, ys, strict=True)], []
    for x, y, good in zip(xs, ys, known, strict=True):
        for part in block_slices(len(x), min(n_blocks, len(x))):
            values.append(pearson_and_spearman(x[part][good[part]], y[part][good[part]]))
    (pearson, spearman), errors = np.nanmean(values, axis=0), standard_error(np.array(values))
    row = {"pearson": pearson, "pearson_error": errors[0]}
    row |= {"spearman": spearman, "spearman_error": errors[1]}
    row["n_left_out"] = sum(int((~good).sum()) for good in known)
    x, y = (
        np.concatenate([s[good] for s, good in zip(runs, known, strict=True)]) for runs in (xs, ys)
    )
    return row, joint_histogram(x, y)
