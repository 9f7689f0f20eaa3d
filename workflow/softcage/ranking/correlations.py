"""How well one property of a particle predicts another, with errors from resampled configurations.

Two ways to say it: *each*, the mean over configurations of the correlation among the particles of
one, and *pooled*, the correlation among the particles of all, which knows differences between
configurations too. Published numbers are pooled. Particles of a configuration are not independent:
errors come from resampling whole configurations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from softcage.defaults import RESAMPLES
from softcage.statistics import bootstrap

#: Ways to correlate: name, and whether over ranks.
MEASURES = {"pearson": False, "spearman": True}
WAYS = ("each", "pooled")


@dataclass(frozen=True, eq=False)
class Correlation:
    """A correlation with its error.

    Attributes
    ----------
    value, error : float
        The error is NaN for a single configuration.
    samples : (n_resamples,) array
        For paired differences: all correlations of one set of configurations resample them alike.
    """

    value: float
    error: float
    samples: np.ndarray


def _correlation(sums: np.ndarray) -> np.ndarray:
    """Pearson correlation from n, the sums of x, y, x^2, y^2 and x y."""
    n, x, y, xx, yy, xy = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        return (n * xy - x * y) / np.sqrt((n * xx - x * x) * (n * yy - y * y))


def _sums(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.array([len(x), x.sum(), y.sum(), x @ x, y @ y, x @ y])


def _centred(parts: Sequence[np.ndarray], ranks: bool) -> list[np.ndarray]:
    """Return values or ranks among all, less their mean, in units of their spread."""
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
    """Correlate predicted with measured numbers.

    Parameters
    ----------
    predicted, measured : sequence of (n_particles,) array
        One array for each configuration.
    measure : str
        Of :data:`MEASURES`. Ranks of the pooled Spearman are those among all, kept in the
        resampling.
    way : str
        Of ``WAYS``.
    resamples, seed : int
        Of the bootstrap over configurations.

    Returns
    -------
    Correlation
    """
    ranks = MEASURES[measure]
    if way == "pooled":
        x, y = _centred(predicted, ranks), _centred(measured, ranks)
        blocks = np.array([_sums(*pair) for pair in zip(x, y, strict=True)])
        value, error, samples = bootstrap(blocks, _correlation, resamples, seed)
    else:
        each = [
            _correlation(_sums(*(_centred([part], ranks)[0] for part in pair)))
            for pair in zip(predicted, measured, strict=True)
        ]
        blocks = np.array([[1.0, r] for r in each])
        value, error, samples = bootstrap(blocks, lambda s: s[1] / s[0], resamples, seed)
    return Correlation(float(value), float(error), samples)


def stronger_by(one: Correlation, other: Correlation) -> tuple[float, float]:
    """Return how much stronger one correlation is than another, ``|r| - |r'|``, and its error.

    The error is that of the pair: both were resampled alike.
    """
    gap = np.abs(one.samples) - np.abs(other.samples)
    return abs(one.value) - abs(other.value), float(np.std(gap, ddof=1))


def reliability(split_half: float | np.ndarray) -> np.ndarray:
    """Correlation of a mean over all runs with that over as many new ones (Spearman-Brown)."""
    return 2.0 * np.asarray(split_half) / (1.0 + np.asarray(split_half))


def ceiling(
    halves: Sequence[np.ndarray], way: str, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Correlation, Correlation]:
    """Return the split-half correlation, and the Pearson that no predictor can exceed.

    A perfect predictor of the true propensity correlates with the measured one as the square root
    of the reliability.

    Parameters
    ----------
    halves : sequence of (2, n_particles) array
    way : str
    resamples, seed : int
        Of the bootstrap over configurations.
    """
    split = correlation(
        [h[0] for h in halves], [h[1] for h in halves], "pearson", way, resamples, seed
    )
    value, samples = (np.sqrt(np.maximum(reliability(r), 0)) for r in (split.value, split.samples))
    error = float(np.std(samples, ddof=1)) if np.isfinite(samples).all() else np.nan
    return split, Correlation(float(value), error, samples)
