"""Scores of descriptors from thermal, averaged and inherent positions, one row per descriptor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from softcage.plotting.page import Panel
from softcage.plotting.style import POSITION_LOOKS
from softcage.quantities import predictor_words


def strongest(
    scores: pd.DataFrame, strength: pd.Series, each: Sequence[str], delta: float
) -> pd.DataFrame:
    """Choose the rows that are drawn, the strongest first, and add the column ``strength``.

    Descriptors that repeat others (softness, depths for other widths) are left out. For thermal,
    averaged and inherent positions, the better one of the bare descriptor and its average over A
    particles is taken. If there are several averaging lengths, only the first is used.

    Parameters
    ----------
    scores : DataFrame
        Table with ``kind``, ``name``, ``positions`` and ``length``.
    strength : Series
        Strength of each row.
    each : sequence of str
        Columns whose values belong to different panels.
    delta : float
        Width of the Gaussians of the depth that is shown.
    """
    widths = scores["name"].str.fullmatch(r"depth_[0-9.]+") & (scores["name"] != f"depth_{delta:g}")
    repeated = widths | scores["name"].str.startswith("softness")
    lengths = sorted(scores["length"].dropna().unique())[:2]
    wanted = (scores["kind"] == "descriptor") & ~repeated & scores["length"].isin(lengths)
    chosen = scores.assign(strength=strength)[wanted].sort_values("strength", ascending=False)
    return chosen.drop_duplicates([*each, "name", "positions"])


def draw_descriptors(panel: Panel, chosen: pd.DataFrame, names: Sequence[str]) -> None:
    """Draw ``strength`` in one panel: open markers for bare descriptors, filled for averages.

    Parameters
    ----------
    panel : Panel
    chosen : DataFrame
        Rows of :func:`strongest`, with ``strength_error``.
    names : sequence of str
        Names of all rows, the first on top.
    """
    for row in range(0, len(names), 2):
        panel.axes.axhspan(row - 0.5, row + 0.5, color="0.93", linewidth=0)
    words = {name: predictor_words(name) for name in names}
    chosen = chosen.assign(look=chosen["positions"])
    for length in sorted(chosen["length"].unique()):
        about = f", over A, $L$ = {length:g}" if length else ""
        looks = {
            positions: look | {"label": look["label"] + about}
            for positions, look in POSITION_LOOKS.items()
        }
        fill = {} if length else {"markerfacecolor": "white"}
        rows = chosen[chosen["length"] == length]
        panel.rows(rows, "strength", words, looks, dodge=0.5, **fill)


def last_time(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the last time, and those without a time, as some files have no times."""
    time = scores["time"].astype(float)
    return scores[(time == np.nanmax([*time, -np.inf])) | time.isna()]
