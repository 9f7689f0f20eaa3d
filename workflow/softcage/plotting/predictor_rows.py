"""A row a descriptor: what it is worth from thermal, averaged and inherent positions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pandas as pd
from matplotlib.axes import Axes

from softcage.defaults import DELTA
from softcage.plotting.style import POSITION_LOOKS


def strongest(
    scores: pd.DataFrame, strength: pd.Series, each: Sequence[str], delta: float = DELTA
) -> pd.DataFrame:
    """Choose what is drawn, weakest first, with its ``strength``.

    Descriptors that say the same as another (softness, further widths) are left out. From each
    kind of positions the better one is taken of the number itself and its average over A particles;
    of several lengths the first.

    Parameters
    ----------
    scores : DataFrame
        With ``kind``, ``name``, ``positions`` and ``length``.
    strength : Series
        Of its rows.
    each : sequence of str
        Columns that tell panels apart.
    delta : float
        Width of the Gaussians of the depth that is drawn, sigma_AA.
    """
    others = scores["name"].str.match(r"softness|depth_\d")
    repeated = others & (scores["name"] != f"depth_{delta:g}")
    lengths = sorted(scores["length"].dropna().unique())[:2]
    wanted = (scores["kind"] == "descriptor") & ~repeated & scores["length"].isin(lengths)
    chosen = scores.assign(strength=strength)[wanted].sort_values("strength")
    return chosen.drop_duplicates([*each, "name", "positions"], keep="last")


def draw_rows(axes: Axes, own: pd.DataFrame, names: Sequence[str], error: str) -> None:
    """Draw ``strength`` of one panel: the number itself open, its average filled.

    Parameters
    ----------
    axes : Axes
    own : DataFrame
        Of :func:`strongest`.
    names : sequence of str
        Of the rows, from below up.
    error : str
        Its column.
    """
    for row in range(0, len(names), 2):
        axes.axhspan(row - 0.5, row + 0.5, color="0.93", linewidth=0)
    looks = enumerate(POSITION_LOOKS.items())
    for length, (place, (positions, look)) in product(sorted(own["length"].unique()), looks):
        rows = own[(own["positions"] == positions) & (own["length"] == length)]
        if rows.empty:
            continue
        axes.errorbar(
            rows["strength"], [names.index(name) + 0.25 * (1 - place) for name in rows["name"]],
            xerr=rows[error], linestyle="none", capsize=0, elinewidth=0.6,
            **look | {
                "label": look["label"] + (f", over A, $L$ = {length:g}" if length else ""),
                "markerfacecolor": look["color"] if length else "white",
            },
        )  # fmt: skip
    axes.set_ylim(-0.5, len(names) - 0.5)
    axes.tick_params(axis="y", length=0)
