"""The features of a learned predictor for many configurations, one process per core."""

from __future__ import annotations

from collections.abc import Sequence

import freud
import numba
import numpy as np
from joblib import Parallel, delayed

from softcage.descriptors.frame import Liquid
from softcage.io.progress import Progress
from softcage.isoconfigurational.files import Configuration
from softcage.model import Mixture
from softcage.ranking.described import describe, liquid_of_configurations
from softcage.ranking.predictors import learned_columns


def feature_columns(
    configurations: Sequence[Configuration],
    mixture: Mixture,
    T: float,
    predictor: str,
    processes: int = -1,
) -> list[np.ndarray]:
    """Return the features of a learned predictor, (n_A, n_features) for each configuration.

    Parameters
    ----------
    configurations : sequence of Configuration
        Of one liquid at one temperature; its g(r) is that of these configurations.
    mixture : Mixture
    T : float
    predictor : str
        A key of :data:`softcage.ranking.predictors.LEARNED`.
    processes : int
        How many configurations are computed at the same time; -1: one on each core.
    """
    liquid = liquid_of_configurations(configurations, mixture, T)
    work = (delayed(_columns_of)(one, liquid, predictor) for one in configurations)
    columns, progress = [], Progress(len(configurations), "configurations")
    for done in Parallel(n_jobs=processes, return_as="generator")(work):
        columns.append(done)
        progress.update(len(columns), f"features of {predictor} at T = {T:g}")
    return columns


def _columns_of(configuration: Configuration, liquid: Liquid, predictor: str) -> np.ndarray:
    """Return the features of one configuration, by one of several processes."""
    numba.set_num_threads(1)
    freud.parallel.set_num_threads(1)
    return learned_columns(describe([configuration], liquid), predictor)[0]
