"""Learned predictors beside those that others have published, cell by cell of temperature and time.

Published correlations are on other configurations of the same liquid, so that a difference within
the error of ours is none.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

_NEEDED = ("network", "T", "time", "pearson_each", "pearson_pooled")
_SAME_TIME = 0.03  # relative difference: times are given in two to four digits


def read_published(path: str | Path) -> pd.DataFrame:
    """Read a CSV table of published correlations.

    Its columns are ``network`` (any name), ``T``, ``time``, ``pearson_each`` (within a
    configuration) and ``pearson_pooled``.

    Raises
    ------
    ValueError
        If it is no such table.
    """
    try:
        table = pd.read_csv(path, comment="#")
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        raise ValueError(f"{path}: not a CSV table: needs columns {', '.join(_NEEDED)}") from None
    if missing := [name for name in _NEEDED if name not in table]:
        raise ValueError(f"{path}: no column {missing[0]}: needs {', '.join(_NEEDED)}")
    return table


def beside_published(
    scores: pd.DataFrame, temperature: float, published: pd.DataFrame
) -> pd.DataFrame:
    """Compare learned predictors with the best published one at each time that both have.

    Parameters
    ----------
    scores : DataFrame
        ``scores.csv`` of one temperature (:class:`softcage.ranking.propensity.Outcome`).
    temperature : float
    published : DataFrame
        See :func:`read_published`.

    Returns
    -------
    DataFrame
        A row for each time, way (``each`` or ``pooled``) and learned predictor: its Pearson
        correlation ``ours`` and ``error``, the ``ceiling`` of the labels, ``best`` of the published
        ones with its ``network``, and the ``difference``, ours minus best.
    """
    published = published[np.isclose(published["T"], temperature)]
    scores = scores[scores["target"] == "propensity"]
    rows = []
    for time in sorted(published["time"].unique()):
        then = scores[np.isclose(scores["time"].astype(float), time, rtol=_SAME_TIME)]
        of_others = published[published["time"] == time]
        for way in ("each", "pooled"):
            column = f"pearson_{way}"
            best = of_others.loc[of_others[column].idxmax()]
            top = then.loc[then["kind"] == "ceiling"]
            ceiling = top[column].iloc[0] if len(top) and column in top else np.nan
            for _, row in then[then["kind"] == "learned"].iterrows():
                rows.append(
                    {
                        "T": temperature, "time": time, "way": way, "name": row["name"],
                        "features": row["features"], "ours": row[column],
                        "error": row[f"{column}_error"], "ceiling": ceiling,
                        "network": best["network"], "best": best[column],
                        "difference": row[column] - best[column],
                    }
                )  # fmt: skip
    columns = [
        *("T", "time", "way", "name", "features", "ours", "error", "ceiling"),
        *("network", "best", "difference"),
    ]
    return pd.DataFrame(rows, columns=columns)
