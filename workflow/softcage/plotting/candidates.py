"""Correlation of descriptors of one's own with the propensity, beside the published ones."""

from __future__ import annotations

from typing import Any

import pandas as pd

from softcage import quantities as q
from softcage.plotting.page import Page
from softcage.plotting.predictors import CEILING_LOOK
from softcage.plotting.style import legend_below, ordered_style

_BEST_LOOK: dict[str, Any] = {"color": "black", "linestyle": ":", "label": "best published one"}


def draw_rank(page: Page, table: pd.DataFrame, base: str) -> None:
    """Draw the correlation against time, one panel per temperature.

    Parameters
    ----------
    page : Page
    table : DataFrame
        From :func:`softcage.ranking.candidates.rank_candidates`.
    base : str
        The regression that the descriptors were added to.
    """
    temperatures = sorted(set(table["T"]))
    panels = page.add_panels(
        *[(q.TIME, q.CORRELATION) for _ in temperatures], columns=1, row=2.0, sharex=True
    )
    names, lengths = (list(dict.fromkeys(table[key])) for key in ("name", "length"))
    for panel, T in zip(panels, temperatures, strict=True):
        of_temperature = table[table["T"] == T]
        for place, name in enumerate(names):
            for length in lengths:
                rows = of_temperature[
                    (of_temperature["name"] == name) & (of_temperature["length"] == length)
                ]
                words = f"{name}, averaged, $L = {length:g}$" if length else name
                look = ordered_style(place, len(names), label=words)
                look |= {"linestyle": "-" if length else ":", "linewidth": 0.8}
                if not length:
                    look |= {"markerfacecolor": "white"}
                points = rows["time"], rows["pearson_each"].abs(), rows["pearson_each_error"]
                panel.markers(words, *points, **look)
        once = of_temperature.drop_duplicates("time")
        for column, look in (("best_each", _BEST_LOOK), ("ceiling_each", CEILING_LOOK)):
            if column in once:
                panel.line(column, once["time"], once[column], **look)
        if "base_each" in once:
            words = q.predictor_words(base)
            panel.line(base, once["time"], once["base_each"], color="0.6", label=words)
        panel.axes.set(ylim=(0, 1), xscale="log", ylabel="$|r|$ within a configuration")
        panel.axes.set_title(f"({panel.name}) {page.label(T)}", loc="left", pad=3)
        panel.axes.label_outer()
    legend_below(page.fig, columns=1)
    page.mark(temperatures)
