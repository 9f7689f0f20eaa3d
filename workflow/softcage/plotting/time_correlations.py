"""Averages over all particles of a run as functions of time, in panels above one another."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pandas as pd
import seaborn as sns

from softcage import quantities as q
from softcage.plotting.page import Page
from softcage.plotting.style import GUIDE, headroom, legend, log_ticks

_SHOWN = {
    "msd": q.MSD,
    "alpha_2": q.ALPHA_2,
    "overlap": q.OVERLAP,
    "f_s": q.SELF_SCATTERING,
    "chi_4": q.CHI_4,
}
# Of any liquid: the unit is that of the file.
_TIME = replace(q.LAG_TIME, unit="that of the file", axis_unit="")
_DECAYING = ("overlap", "f_s")
_MARKERS = "os^DvPX*"
# Height of a panel, inches: five of them and a caption fit on a page.
_ROW = 1.3


def draw_dynamics(page: Page, table: pd.DataFrame, summary: pd.DataFrame) -> None:
    """Draw mean squared displacement, alpha_2, overlap, F_s and chi_4 of each species over time.

    Parameters
    ----------
    page : Page
    table : DataFrame
        ``species`` and the columns of
        :func:`softcage.dynamics.time_correlations.correlations_of_run`.
    summary : DataFrame
        ``species``, ``q`` and ``overlap_radius``, one row per species.
    """
    shown = [(_TIME, quantity) for quantity in _SHOWN.values()]
    drawn = page.add_panels(*shown, row=_ROW, short=True, sharex=True)
    panels = dict(zip(_SHOWN, drawn, strict=True))
    species = list(dict.fromkeys(table["species"].astype(str)))
    colors = sns.color_palette("colorblind", len(species)).as_hex()
    for name, panel in panels.items():
        for place, one in enumerate(species):
            part = table[table["species"].astype(str) == one]
            panel.markers(
                one,
                part["time"],
                part[name],
                part[f"{name}_error"],
                label=one,
                color=colors[place],
                marker=_MARKERS[place % len(_MARKERS)],
                linestyle="-",
                linewidth=0.6,
                markersize=2.4,
            )
        panel.axes.set_xscale("log")
        panel.axes.set_title("", loc="left")
        # The letter is where no curve is: averages that decay begin at the upper left.
        height, side = (0.07, "bottom") if name in _DECAYING else (0.93, "top")
        where: dict[str, Any] = {"transform": panel.axes.transAxes, "ha": "left", "va": side}
        panel.axes.text(0.02, height, f"({panel.name})", **where)
        panel.axes.label_outer()
    panels["msd"].axes.set_yscale("log")
    log_ticks(panels["msd"].axes)
    for name in _DECAYING:
        panels[name].axes.set_ylim(-0.05, 1.05)
    for name in ("alpha_2", "chi_4"):
        axes = panels[name].axes
        headroom(axes, 0.12)
        # Markers at zero are drawn whole.
        axes.set_ylim(bottom=min(axes.get_ylim()[0], -0.04 * axes.get_ylim()[1]))
    words = {"f_s": f"$q\\,\\sigma_\\mathrm{{AA}} = {summary['q'].iloc[0]:g}$"}
    words["overlap"] = f"$a = {summary['overlap_radius'].iloc[0]:g}\\,\\sigma_\\mathrm{{AA}}$"
    for name, text in words.items():
        panels[name].axes.text(
            0.98, 0.93, text, transform=panels[name].axes.transAxes, ha="right", va="top"
        )
        panels[name].axes.axhline(math.exp(-1), **GUIDE)
    legend(panels["msd"].axes, loc="lower right")
    page.fig.align_ylabels()
