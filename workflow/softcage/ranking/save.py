"""Files with the tables of a ranking."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.isoconfigurational.files import Configuration
from softcage.model import Mixture
from softcage.ranking.propensity import Outcome
from softcage.structure.rdf import wrap
from softcage.structure.slices import slice_of

#: Names of the files, without ``.csv``.
RANKING_TABLES = ("scores", "lengths", "coefficients", "importances", "fits", "predicted")


_DIGITS = {"predicted": "%.5g", "fits": "%.8g"}


def ranking_tables(
    outcome: Outcome, first: Configuration, mixture: Mixture
) -> dict[str, pd.DataFrame]:
    """Return the tables of an outcome by their names, :data:`RANKING_TABLES`.

    Parameters
    ----------
    outcome : Outcome
    first : Configuration
        The first configuration of the outcome; its propensity is the table ``predicted``.
    mixture : Mixture
    """
    tables = {name: getattr(outcome, name) for name in RANKING_TABLES[:-1]}
    learned = outcome.predicted[0] if outcome.predicted else None
    return tables | {"predicted": predicted_table(first, mixture, learned)}


def write_tables(folder: str | Path, tables: Mapping[str, pd.DataFrame], mixture: Mixture) -> None:
    """Write each of :func:`ranking_tables` as a CSV file that has its name.

    The last line of ``fits.csv`` is the mixture, as a comment.
    """
    for name, table in tables.items():
        with replacing(Path(folder) / f"{name}.csv") as temporary:
            table.to_csv(temporary, index=False, float_format=_DIGITS.get(name, "%.4g"))
            if name == "fits":
                with open(temporary, "a") as handle:
                    handle.write(f"# mixture: {json.dumps(mixture.to_dict())}\n")


def predicted_table(
    configuration: Configuration, mixture: Mixture, predicted: np.ndarray | None
) -> pd.DataFrame:
    """Return a configuration with its propensity at the last time, measured and predicted.

    Returns
    -------
    DataFrame
        One row per particle, sorted by z: ``species``, ``diameter``, ``x``, ``y`` and ``z`` in the
        ``box``, ``in_slice`` (:func:`softcage.structure.slices.slice_of`), and, for the first
        species, ``measured`` and ``predicted``. The latter is NaN without learned predictors.
    """
    positions = wrap(configuration.positions, configuration.box)
    is_scored = configuration.species == 0
    table = pd.DataFrame(positions, columns=["x", "y", "z"])
    table.insert(0, "species", np.array(mixture.species)[configuration.species])
    table.insert(1, "diameter", np.diag(mixture.sigma)[configuration.species])
    table["box"], table["in_slice"] = configuration.box, False
    table.loc[slice_of(positions, configuration.box), "in_slice"] = True
    table[["measured", "predicted"]] = np.nan
    table.loc[is_scored, "measured"] = configuration.measured["propensity"][-1]
    if predicted is not None:
        table.loc[is_scored, "predicted"] = predicted
    return table.sort_values("z", kind="stable", ignore_index=True)
