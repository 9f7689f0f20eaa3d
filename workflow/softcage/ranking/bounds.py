r"""What structure can know of the propensity at all: a part of it, and all of it.

Two configurations that share a part of their structure and are independent otherwise have the
propensities p and p' of the same particles. The best prediction from the shared part alone is the
mean propensity over all configurations that have it, and the variance of this mean over particles
is the covariance of p and p'. Its correlation with the propensity of one configuration is therefore

.. math:: b = \left[\frac{\mathrm{cov}(p, p')}
              {\sqrt{\mathrm{var}(p)\,\mathrm{var}(p')}}\right]^{1/2},

which no predictor can exceed, apart from chance, that knows nothing but this part. Variances
without the noise of finitely many runs are the covariances between the halves of the runs. All
covariances are taken within configurations and added up over them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from softcage.isoconfigurational.copies import depth_in_sphere
from softcage.isoconfigurational.files import Configuration
from softcage.ranking.correlations import BOOTSTRAP, Bootstrap
from softcage.statistics import bootstrap

#: Width of a bin of the distance to the surface of the sphere, sigma_AA, and the fewest particles
#: of the first species, in all configurations together, of a bin.
DISTANCE_BIN, LEAST_PARTICLES = 0.5, 50

_Pairs = Sequence[tuple[Configuration, Configuration]]


def bounds_of_cages(pairs: _Pairs, errors: Bootstrap = BOOTSTRAP) -> pd.DataFrame:
    """Return what the cages of particles determine of their propensity.

    Parameters
    ----------
    pairs : sequence of two Configuration
        A configuration and its copy with the same cages
        (:func:`softcage.isoconfigurational.copies.with_same_cages`), both with halves.
    errors : Bootstrap
        Of the errors, over configurations.

    Returns
    -------
    DataFrame
        ``target``, ``time``, ``shared`` (``cages``), ``distance`` (NaN), ``particles`` (of all
        configurations), ``share`` (of the variance), ``bound`` and ``bound_error``, and
        ``ceiling``: the largest correlation of any predictor with the measured propensity, which
        has the noise of its runs. Values are NaN where runs are too few to tell particles apart,
        and the error for a single configuration.
    """
    everywhere = [np.ones(_n_measured(one), bool) for one, _ in pairs]
    return pd.DataFrame(_rows(pairs, everywhere, errors, shared="cages", distance=np.nan))


def bounds_of_spheres(pairs: _Pairs, errors: Bootstrap = BOOTSTRAP) -> pd.DataFrame:
    """Return what the structure within a distance determines of the propensity.

    A particle of the kept sphere whose distance to the surface is r has the structure within r in
    common with its copy; beyond, a part is drawn anew, which is all of it at the centre.

    Parameters
    ----------
    pairs : sequence of two Configuration
        A configuration and its copy with the same sphere
        (:func:`softcage.isoconfigurational.copies.with_same_sphere`), both with halves.
    errors : Bootstrap
        Of the errors, over configurations.

    Returns
    -------
    DataFrame
        As :func:`bounds_of_cages`, with ``shared`` (``sphere``) and the middle of each bin of
        ``distance``. Bins with fewer than :data:`LEAST_PARTICLES` particles are left out.
    """
    depths = [depth_in_sphere(one.positions[one.species == 0], one.box) for one, _ in pairs]
    rows = []
    for low in np.arange(0.0, max(depth.max() for depth in depths), DISTANCE_BIN):
        inside = [(depth > low) & (depth <= low + DISTANCE_BIN) for depth in depths]
        if sum(chosen.sum() for chosen in inside) >= LEAST_PARTICLES:
            middle = low + 0.5 * DISTANCE_BIN
            rows += _rows(pairs, inside, errors, shared="sphere", distance=middle)
    return pd.DataFrame(rows)


def _n_measured(configuration: Configuration) -> int:
    return int((configuration.species == 0).sum())


def _rows(
    pairs: _Pairs, chosen: Sequence[np.ndarray], errors: Bootstrap, **labels: str | float
) -> list[dict[str, str | float]]:
    """Return a row for each target and time, from chosen particles of the first species."""
    particles = int(sum(some.sum() for some in chosen))
    rows: list[dict[str, str | float]] = []
    for target in pairs[0][0].halves:
        for k, time in enumerate(pairs[0][0].times):
            sums = np.array(
                [
                    _covariances(one.halves[target][:, k, some], other.halves[target][:, k, some])
                    for (one, other), some in zip(pairs, chosen, strict=True)
                ]
            )
            share = _share(sums.sum(axis=0))
            bound, error, _ = bootstrap(sums, _bound, *errors, many=True)
            _, true, _, measured = sums.sum(axis=0)
            ceiling = np.sqrt(max(true, 0.0) / measured) if measured > 0 else np.nan
            values = {"share": float(share), "bound": float(bound), "bound_error": float(error)}
            rows.append(
                {"target": target, "time": float(time), **labels, "particles": particles}
                | values
                | {"ceiling": float(ceiling)}
            )
    return rows


def _covariances(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the sums of products of two propensities, (4,), from the halves (2, n) of their runs.

    They are the products of both, of the two halves of either, and of the first with itself.
    """
    one = one - one.mean(axis=1, keepdims=True)
    other = other - other.mean(axis=1, keepdims=True)
    mean, copy = one.mean(axis=0), other.mean(axis=0)
    return np.array([mean @ copy, one[0] @ one[1], other[0] @ other[1], mean @ mean])


def _share(sums: np.ndarray) -> np.ndarray:
    """Return the share of the variance that both have in common, (...), from sums (..., 4).

    It is NaN where either propensity has no variance beyond the noise of its runs.
    """
    both, one, other = np.moveaxis(sums, -1, 0)[:3]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((one > 0) & (other > 0), both / np.sqrt(one * other), np.nan)


def _bound(sums: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(_share(sums), 0.0))
