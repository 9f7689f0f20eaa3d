"""Softness around events, how far ahead hops are seen, and what they do to their neighbours."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from softcage.plotting.style import (
    ACCENT_COLOR,
    ALL_COLOR,
    DASHED,
    DOTTED,
    GUIDE,
    REARRANGING_COLOR,
    headroom,
    legend,
    ordered_style,
    same_range,
)
from softcage.quantities import AUC, DISTANCE, SOFTNESS, TEMPERATURE
from softcage.tables import select

_SIZE = (7.0, 4.9)
_TIMES = (3, 10, 30, 100, 300, 1000, 3000, 10_000)  # ticks
_CONTROLS: dict[str, tuple[str, dict[str, Any]]] = {
    "random": ("others of the frame", {"color": ALL_COLOR, "linestyle": "-"}),
    "at": ("matched at the event", {"color": ACCENT_COLOR, "linestyle": DASHED}),
    "before": (r"matched $\Delta t$ before it", {"color": "#009e73", "linestyle": DOTTED}),
}
_CENTRES: dict[str, tuple[str, dict[str, Any]]] = {
    "hop": ("around a hop", {"color": REARRANGING_COLOR, "marker": "o"}),
    "at": ("around a matched control", {"color": ACCENT_COLOR, "marker": "s"}),
    "random": ("around any control", {"color": ALL_COLOR, "marker": "^"}),
}
_VALUES = {"frame": "$S$ of one frame", "mean": r"$S$ averaged over $\Delta t/2$"}


def draw_around(around: pd.DataFrame, window: float) -> Figure:
    """Draw S(t - t_hop) at the coldest and the hottest T, and the AUC against the lead time.

    Parameters
    ----------
    around : DataFrame
        :func:`softcage.hop_environment.tables.around_table` with a column T.
    window : float
        Dt; within Dt/2 after the event the hop takes place.
    """
    temperatures = sorted(set(around["T"]))
    figure, panels = plt.subplots(2, 2, figsize=_SIZE, layout="constrained")
    for axes, T in zip(panels[0], (temperatures[0], temperatures[-1]), strict=True):
        _draw_softness(axes, select(around, T=T, values="frame"), window)
    for axes, values in zip(panels[1], _VALUES, strict=True):
        rows = select(around, values=values, control="random")
        for place, T in enumerate(temperatures):
            before = select(rows, T=T).query("time < 0")
            axes.errorbar(
                -before["time"], before["auc"], yerr=before["auc_error"],
                label=f"$T$ = {T:g}", **ordered_style(place, len(temperatures), "plasma"),
            )  # fmt: skip
        axes.axhline(0.5, **GUIDE)
        axes.set(xscale="log", xlabel="time before the event $t_\\mathrm{hop} - t$")
        ticks = [t for t in _TIMES if t <= around["time"].max()]
        axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_ylabel(f"{AUC.axis(short=True)}, {_VALUES[values]}")
        legend(axes, loc="upper right")
    _letter(panels.ravel(), [f"$T$ = {T:g}" for T in (temperatures[0], temperatures[-1])])
    same_range(panels[1], "y")
    return figure


def _draw_softness(axes: Axes, rows: pd.DataFrame, window: float) -> None:
    all_pairs = select(rows, control="random")
    hopping = {"color": REARRANGING_COLOR, "marker": "o", "label": "hopping"}
    _points(axes, all_pairs["time"], all_pairs, "hopping", **hopping)
    for control, (label, look) in _CONTROLS.items():
        some = select(rows, control=control)
        _points(axes, some["time"], some, "control_softness", label=label, marker="", **look)
    axes.axvspan(0, window / 2, color="0.88", linewidth=0)
    axes.set_xscale("symlog", linthresh=window, linscale=0.7)
    ends = [t for t in (window, 100, 1000) if t <= rows["time"].max()]
    ticks = [*(-t for t in ends), 0, *ends]
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.set(xlabel=r"$t - t_\mathrm{hop}$", ylabel=SOFTNESS.axis())
    headroom(axes, 0.3)
    legend(axes, loc="upper left", ncols=2)


def draw_facilitation(change: pd.DataFrame, hazard: pd.DataFrame, ratio: pd.DataFrame) -> Figure:
    """Draw the change of S around hops, and the hazard of hard particles beside them.

    Parameters
    ----------
    change, hazard, ratio : DataFrame
        Of :mod:`softcage.hop_environment.tables`, with a column T.
    """
    temperatures = sorted(set(change["T"]))
    coldest = temperatures[0]
    figure, ((near, every), (risk, ratios)) = plt.subplots(
        2, 2, figsize=_SIZE, layout="constrained"
    )
    for centre, (label, look) in _CENTRES.items():
        rows = select(change, T=coldest, centre=centre)
        _points(near, rows["r"], rows, "change", label=label, **look)
    for place, T in enumerate(temperatures):
        rows = select(change, T=T, centre="hop - at")
        look = ordered_style(place, len(temperatures), "plasma", label=f"$T$ = {T:g}")
        _points(every, rows["r"], rows, "change", **look)
    symbol = SOFTNESS.axis(short=True)
    near.set_ylabel(rf"change of {symbol}")
    every.set_ylabel(rf"hop less matched control, {symbol}")
    for axes in (near, every):
        axes.axhline(0, **GUIDE)
        axes.set(xlabel=DISTANCE.axis(), xlim=(0.8, None))
        legend(axes, loc="lower right")
    for is_beside, look in (
        (True, {"color": REARRANGING_COLOR, "marker": "o", "label": "beside a hop"}),
        (False, {"color": ALL_COLOR, "marker": "^", "label": "no hop beside"}),
    ):
        rows = hazard[(hazard["T"] == coldest) & (hazard["beside"] == is_beside)]
        risk.errorbar(rows["rank"], rows["hazard"], yerr=rows["hazard_error"], **look)
    risk.set(xlim=(0, 1), xlabel="rank of $S$ after the hop (1: softest)")
    risk.set_ylabel(r"hops within $\Delta t$ of those hard before")
    risk.set_ylim(bottom=0)
    legend(risk, loc="upper left")
    names = list(dict.fromkeys(ratio["ratio"]))
    for place, name in enumerate(names):
        rows = select(ratio, ratio=name)
        ratios.errorbar(
            rows["T"] * (1 + 0.006 * place), rows["value"], yerr=rows["error"], label=name,
            **ordered_style(place, len(names)) | {"linestyle": "none"},
        )  # fmt: skip
    ratios.axhline(1, **GUIDE)
    ratios.set(xlabel=TEMPERATURE.axis(), ylabel="ratio of hazards, matched")
    legend(ratios, loc="upper right")  # ratios fall on heating
    words = f"$T$ = {coldest:g}"
    _letter([near, every, risk, ratios], [words, "", words])
    return figure


def _points(axes: Axes, x: pd.Series, rows: pd.DataFrame, name: str, **look: Any) -> None:
    scale = SOFTNESS.scale
    axes.errorbar(x, rows[name] / scale, yerr=rows[f"{name}_error"] / scale, **look)


def _letter(panels: Any, words: list[str]) -> None:
    """Write (a), (b), ... above panels, with words behind those that have some."""
    words = words + [""] * (len(panels) - len(words))
    for letter, axes, text in zip("abcd", panels, words, strict=True):
        axes.set_title(f"({letter}) {text}".strip(), loc="left", pad=3)
