"""Learned predictors by their names: their features, and the model that is fitted to them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from softcage.io.progress import Progress
from softcage.model import Mixture
from softcage.ranking.described import Values
from softcage.ranking.features import SETS_WITH_RUNS, Described, Feature, feature_sets
from softcage.ranking.learned import SoftnessSVM, boosting, ridge

log = logging.getLogger(__name__)


class Learned(NamedTuple):
    """A learned predictor.

    Attributes
    ----------
    features : str or None
        Name of the set in :func:`softcage.ranking.features.feature_sets`; None stands for radial
        structure functions.
    make : callable
        Returns an unfitted model for a ``seed``.
    """

    features: str | None
    make: Callable


#: Learned predictors, by their names in tables.
LEARNED = {
    "ridge_cage": Learned("cage", ridge),
    "ridge_pairs": Learned("pairs", ridge),
    "ridge_named": Learned("named", ridge),
    "boosting_named": Learned("named", boosting),
    "svm_softness": Learned(None, SoftnessSVM),
    # static structure and the cage state, without and with the rest path
    "ridge_static": Learned("static", ridge),
    "ridge_mechanics": Learned("mechanics", ridge),
}


def usable(
    described: Sequence[Described], chosen: Sequence[str] | None = None
) -> dict[str, Learned]:
    """Return those of :data:`LEARNED`, all or ``chosen`` ones, whose features can be computed.

    Some need short runs of the engine, which knows the forces of Lennard-Jones 12-6 only.
    """
    mixture = described[0].frame.liquid.mixture
    runs = isinstance(mixture, Mixture) and mixture.has_forces
    return {
        name: one
        for name, one in LEARNED.items()
        if (chosen is None or name in chosen) and (runs or one.features not in SETS_WITH_RUNS)
    }


def compute_features(described: Sequence[Described], chosen: Sequence[str] | None = None) -> None:
    """Compute the features of all learned predictors, one configuration after the other.

    They are kept, and lists of neighbours, which take far more memory, are not.
    """
    progress, names = Progress(len(described), "configurations"), usable(described, chosen)
    if left_out := ", ".join(name for name in chosen or LEARNED if name not in names):
        log.info("left out, as their runs need a Lennard-Jones 12-6 potential: %s", left_out)
    for number, one in enumerate(described):
        progress.update(number, "features")
        for name in names:
            learned_columns([one], name)
        one.frame.forget_neighbours()


def learned_columns(described: Sequence[Described], name: str) -> Values:
    """Return the features of a learned predictor for each configuration."""
    features = learned_features(described[0], name)
    if features is None:
        return [d.structure_functions for d in described]
    return [d.columns(features) for d in described]


def learned_features(described: Described, name: str) -> list[Feature] | None:
    """Return the features of a learned predictor; None stands for radial structure functions."""
    chosen = LEARNED[name].features
    if chosen is None:
        return None
    return feature_sets(described.known, described.frame.liquid.mixture)[chosen]
