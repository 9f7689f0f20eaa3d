"""Correlation of learned predictors with the propensity, beside the best published ones."""

from __future__ import annotations

from typing import Any

import pandas as pd

from softcage import quantities as q
from softcage.plotting.page import Page
from softcage.plotting.predictors import CEILING_LOOK
from softcage.plotting.style import legend_below, ordered_style

_WAYS = {"each": "$r$ within a configuration", "pooled": "$r$ pooled"}


def draw_published(page: Page, published: pd.DataFrame, T: float) -> None:
    """Draw the correlations against time, within a configuration and pooled.

    Parameters
    ----------
    page : Page
    published : DataFrame
        From :func:`softcage.ranking.published.beside_published`.
    T : float
    """
    panels = page.add_panels(
        *[(q.TIME, q.CORRELATION) for _ in _WAYS], columns=1, row=2.0, sharex=True
    )
    for panel, (way, words) in zip(panels, _WAYS.items(), strict=True):
        of_way = published[published["way"] == way]
        once = of_way.drop_duplicates("time")
        panel.line("ceiling", once["time"], once["ceiling"], **CEILING_LOOK)
        look: dict[str, Any] = {
            "color": "black",
            "marker": "s",
            "markerfacecolor": "none",
            "markersize": 6,
        }
        panel.markers("best network", once["time"], once["best"], label="best network", **look)
        names = list(dict.fromkeys(of_way["name"]))
        for place, name in enumerate(names):
            rows = of_way[of_way["name"] == name]
            look = ordered_style(place, len(names), label=q.predictor_words(name)) | {
                "linestyle": "-"
            }
            panel.markers(name, rows["time"], rows["ours"], rows["error"], **look)
        panel.axes.set(ylim=(0, 1), xscale="log", ylabel=words)
        panel.axes.set_title(f"({panel.name}) {page.label(T)}", loc="left", pad=3)
        panel.axes.label_outer()
    legend_below(page.fig, columns=2)
    page.mark([T])
