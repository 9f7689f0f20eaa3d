"""Correlations between a predictor and a measured quantity, with errors from configurations.

There are two correlations. *each* is the correlation among the particles of one configuration,
averaged over configurations. *pooled* is the correlation among the particles of all configurations,
which includes differences between configurations; published numbers are mostly pooled. Particles of
one configuration are not independent, so errors come from resampling whole configurations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from softcage.defaults import RESAMPLES
from softcage.statistics import bootstrap

#: Correlation coefficients: name, and whether values are replaced by their ranks.
MEASURES = {"pearson": False, "spearman": True}
WAYS = ("each", "pooled")


class Bootstrap(NamedTuple):
    """Number of resamples of the configurations, and the seed of all random numbers."""

    resamples: int = RESAMPLES
    seed: int = 0


BOOTSTRAP = Bootstrap()


@dataclass(frozen=True, eq=False)
class Correlation:
    """A correlation with its error.

    Attributes
    ----------
    value, error : float
        The error is NaN for a single configuration.
    samples : (resamples,) array
        Bootstrap samples for the errors of differences. All correlations of one set of
        configurations use the same resamples, so that differences are paired.
    """

    value: float
    error: float
    samples: np.ndarray


def _correlation(sums: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation from n and the sums of x, y, x^2, y^2 and x y, (..., 6)."""
    n, x, y, xx, yy, xy = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (n * xy - x * y) / np.sqrt((n * xx - x * x) * (n * yy - y * y))


def _sums(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.array([len(x), x.sum(), y.sum(), x @ x, y @ y, x @ y])


def _centred(parts: Sequence[np.ndarray], ranks: bool) -> list[np.ndarray]:
    """Return values, or their ranks among all parts, minus their mean, over their spread."""
    values = np.concatenate(parts)
    values = rankdata(values) if ranks else values
    values = (values - values.mean()) / (values.std() or 1.0)
    return np.split(values, np.cumsum([len(part) for part in parts])[:-1])


def correlation(
    predicted: Sequence[np.ndarray],
    measured: Sequence[np.ndarray],
    measure: str,
    way: str,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Correlation:
    """Correlate predicted with measured values.

    Parameters
    ----------
    predicted, measured : sequence of (n_particles,) array
        One array for each configuration.
    measure : str
        One of :data:`MEASURES`. The pooled Spearman correlation uses ranks among all particles,
        which are not computed again for each resample.
    way : str
        One of ``WAYS``.
    resamples, seed : int
        Parameters of the bootstrap over configurations.

    Returns
    -------
    Correlation
    """
    ranks = MEASURES[measure]
    if way == "pooled":
        x, y = _centred(predicted, ranks), _centred(measured, ranks)
        blocks = np.array([_sums(*pair) for pair in zip(x, y, strict=True)])
        value, error, samples = bootstrap(blocks, _correlation, resamples, seed, many=True)
    else:
        each = [
            _correlation(_sums(*(_centred([part], ranks)[0] for part in pair)))
            for pair in zip(predicted, measured, strict=True)
        ]
        blocks = np.array([[1.0, r] for r in each])
        value, error, samples = bootstrap(
            blocks, lambda s: s[..., 1] / s[..., 0], resamples, seed, many=True
        )
    return Correlation(float(value), float(error), samples)


def stronger_by(one: Correlation, other: Correlation) -> tuple[float, float]:
    """Return how much stronger one correlation is than another, ``|r| - |r'|``, and its error.

    The error is that of a paired difference: both correlations must use the same resamples.
    """
    differences = np.abs(one.samples) - np.abs(other.samples)
    return abs(one.value) - abs(other.value), float(np.std(differences, ddof=1))


def reliability(split_half: float | np.ndarray) -> np.ndarray:
    """Correlation between the means over all runs and over as many new runs (Spearman-Brown)."""
    return 2.0 * np.asarray(split_half) / (1.0 + np.asarray(split_half))


def ceiling(
    halves: Sequence[np.ndarray], way: str, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Correlation, Correlation]:
    """Return the split-half correlation, and the largest Pearson correlation of any predictor.

    The correlation between the true propensity and the measured one is the square root of the
    reliability. Apart from chance, no predictor can exceed it.

    Parameters
    ----------
    halves : sequence of (2, n_particles) array
        Means over the two halves of the runs, one array for each configuration.
    way : str
        One of ``WAYS``.
    resamples, seed : int
        Parameters of the bootstrap over configurations.
    """
    split = correlation(
        [h[0] for h in halves], [h[1] for h in halves], "pearson", way, resamples, seed
    )
    value, samples = (np.sqrt(np.maximum(reliability(r), 0)) for r in (split.value, split.samples))
    error = float(np.std(samples, ddof=1)) if np.isfinite(samples).all() else np.nan
    return split, Correlation(float(value), error, samples)
