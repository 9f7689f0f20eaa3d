"""Rank all predictors of the propensity in isoconfigurational files, as tables."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from softcage.defaults import LENGTHS
from softcage.descriptors.frame import Liquid
from softcage.isoconfigurational.files import (
    Configuration,
    read_configurations,
)
from softcage.model import Mixture
from softcage.ranking.described import describe, liquid_of_calibration, liquid_of_configurations
from softcage.ranking.features import check_two_species
from softcage.ranking.learned import FEWEST_CONFIGURATIONS, groups_of
from softcage.ranking.propensity import rank_propensity, unseen_rows
from softcage.ranking.published import beside_published
from softcage.ranking.save import ranking_tables

log = logging.getLogger(__name__)


def rank_files(
    files: Sequence[str | Path],
    mixture: Mixture,
    temperature: float,
    density: float,
    *,
    calibration: str | Path | None = None,
    unseen: Sequence[str | Path] = (),
    lengths: Sequence[float] = LENGTHS,
    folds: int | None = None,
    time: float | None = None,
    chosen: Sequence[str] | None = None,
    published: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Read configurations and rank the predictors of their propensity.

    Parameters
    ----------
    files : sequence of path
        One configuration each (:func:`softcage.isoconfigurational.files.read_configurations`).
    mixture : Mixture
        A mixture of two species.
    temperature : float
    density : float
        Number density of all particles, which gives the box where a file has none.
    calibration : path, optional
        The line for the softness, and the first shell
        (:func:`softcage.ranking.described.liquid_of_calibration`).
    unseen : sequence of path
        Further configurations, which learned predictors are tested on after fits to all of
        ``files``.
    lengths : sequence of float
        Lengths of the averages, sigma_AA.
    folds : int, optional
        Number of groups of configurations for learned predictors; 0 leaves these predictors out.
        By default at most five, and 0 if there are fewer than three configurations.
    time : float, optional
        Time of the displacements in files that do not say it.
    chosen : sequence of str, optional
        Learned predictors that are scored alone, without any descriptor.
    published : DataFrame, optional
        Correlations to compare with (:func:`softcage.ranking.published.read_published`).

    Returns
    -------
    dict
        The tables of :func:`softcage.ranking.save.ranking_tables` by their names, and
        ``published`` (:func:`softcage.ranking.published.beside_published`) if that was given.

    Raises
    ------
    ValueError
        If the mixture does not have two species, a file cannot be used, or there are fewer
        configurations than ``folds``, or than three.
    """
    check_two_species(mixture)
    configurations = read_configurations(files, mixture, density, time)
    n = len(configurations)
    if folds is None:
        folds = groups_of(n)
    if folds == 1:
        raise ValueError("one fold leaves no configuration to fit to: give at least 2 (--folds)")
    least = max(folds, FEWEST_CONFIGURATIONS)
    if (folds or chosen) and n < least:
        raise ValueError(
            f"{n} configurations are too few for {least} folds of learned predictors: give at "
            f"least {least} configurations, fewer --folds, or --no-learned"
        )
    liquid = _liquid(configurations, mixture, temperature, calibration)
    described = describe(configurations, liquid)
    outcome = rank_propensity(configurations, described, lengths, folds, chosen=chosen)
    if folds and unseen:
        others = read_configurations(unseen, mixture, density)
        of_others = describe(others, liquid)  # as what the predictors were fitted to
        target = [c.measured["propensity"][-1] for c in configurations]
        rows = pd.DataFrame(unseen_rows(described, target, of_others, others, chosen=chosen))
        outcome = replace(outcome, scores=pd.concat([outcome.scores, rows], ignore_index=True))
    tables = ranking_tables(outcome, configurations[0], mixture)
    if published is not None:
        tables["published"] = beside_published(outcome.scores, temperature, published)
    return tables


def _liquid(
    configurations: Sequence[Configuration],
    mixture: Mixture,
    temperature: float,
    calibration: str | Path | None,
) -> Liquid:
    """Return the liquid that descriptors are computed with; log where r0 and r_min come from."""
    if calibration:
        liquid, source = liquid_of_calibration(calibration, configurations, mixture, temperature)
    else:
        liquid = liquid_of_configurations(configurations, mixture, temperature)
        source = "g(r) of the configurations"
    log.info("r0 and r_min are from %s", source)
    for v, pair in enumerate(mixture.pairs):
        words = "%s: r0 = %.4g, r_min = %.4g"
        log.info(words, pair, liquid.r0[0, v], liquid.r_min[0, v])
    return liquid
