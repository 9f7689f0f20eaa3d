"""The one figure style: fixed colours and marks, and the marks of runs that are not equilibrated.

A temperature has the same colour, marker and dashes in every figure, whatever else is drawn; so
has a smearing width delta. Colours stay apart for colour-blind readers and in grey, and a second
mark (dashes or marker) says the same. Figures are made without pyplot, so nothing is shared
between them.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

matplotlib.rcParams.update(
    {
        "font.size": 7.5,
        "axes.labelsize": 8,
        "axes.titlesize": 8,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "legend.fontsize": 7,
        "legend.title_fontsize": 7,
        "legend.frameon": True,  # white behind the words, no edge
        "legend.framealpha": 0.75,
        "legend.edgecolor": "none",
        "legend.fancybox": False,
        "legend.handlelength": 2.2,
        "legend.borderaxespad": 0.4,
        "legend.labelspacing": 0.25,
        "legend.columnspacing": 1.0,
        "legend.handletextpad": 0.5,
        "axes.linewidth": 0.7,
        "lines.linewidth": 1.1,
        "lines.markersize": 3.2,
        "errorbar.capsize": 1.5,
        "xtick.direction": "in",
        "ytick.direction": "in",
        "xtick.top": True,
        "ytick.right": True,
        "pdf.fonttype": 42,  # text stays text
        "figure.constrained_layout.w_pad": 0.03,
        "figure.constrained_layout.h_pad": 0.03,
    }
)


MARK_COLOR = "#8c2d04"
ALL_COLOR = "#4d4d4d"
REARRANGING_COLOR = "#d55e00"
GUIDE_COLOR = "0.55"


# Coldest and hottest temperature between which the colours spread (in 1/T, as the dynamics do).
_COLD, _HOT = 0.45, 0.82


_DASHES = ["-", (0, (5, 1.2)), (0, (4, 1.2, 1, 1.2)), (0, (1.2, 1)), (0, (4, 1, 1, 1, 1, 1))]
_T_MARKERS = ["o", "s", "^", "D", "v", "P"]
_T_LIMITS = [0.50, 0.555, 0.64, 0.75, 0.9]  # one marker and dash pattern between two limits
_DELTA_ANCHORS = [0.02, 0.04, 0.09, 0.12]
_DELTA_COLORS = ["#56b4e9", "#0060a8", "#000000", "#d55e00"]
_DELTA_LIMITS = [0.03, 0.06, 0.105]
_ORDER_MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<"]


def temperature_color(T: float) -> str:
    """Return the colour of a temperature: dark blue when cold, orange when hot."""
    x = (1 / _COLD - 1 / T) / (1 / _COLD - 1 / _HOT)
    position = 0.82 * max(x, 0.0) if x <= 1 else 0.82 + 0.08 * (1 - math.exp(3 * (1 - x)))
    return matplotlib.colors.to_hex(matplotlib.colormaps["plasma"](position))


def temperature_style(T: float, line: bool = True, marker: bool = False) -> dict:
    """Return colour, dashes and marker of a temperature as keywords of ``plot``."""
    place = bisect.bisect(_T_LIMITS, T)
    style = {"color": temperature_color(T)}
    style["linestyle"] = _DASHES[min(place, len(_DASHES) - 1)] if line else "none"
    if marker:
        style["marker"] = _T_MARKERS[place]
    return style


def delta_style(delta: float) -> dict:
    """Return colour and dashes of a smearing width delta as keywords of ``plot``."""
    anchors = [matplotlib.colors.to_rgb(color) for color in _DELTA_COLORS]
    rgb = [np.interp(delta, _DELTA_ANCHORS, channel) for channel in zip(*anchors, strict=True)]
    dashes = [_DASHES[3], _DASHES[1], _DASHES[0], _DASHES[2]]
    return {
        "color": matplotlib.colors.to_hex(rgb),
        "linestyle": dashes[bisect.bisect(_DELTA_LIMITS, delta)],
    }


def order_style(index: int, count: int, line: bool = True, marker: bool = True) -> dict:
    """Return the style of the ``index``-th of ``count`` ordered curves, dark (low) to light."""
    place = 0.85 * index / max(count - 1, 1)
    style = {"color": matplotlib.colors.to_hex(matplotlib.colormaps["viridis"](place))}
    style["linestyle"] = _DASHES[index % len(_DASHES)] if line else "none"
    if marker:
        style["marker"] = _ORDER_MARKERS[index % len(_ORDER_MARKERS)]
    return style


def figure(
    rows: int = 1,
    columns: int = 1,
    height: float = 2.4,
    *,
    width: float,
    dpi: int,
    wide: bool = False,
    **subplots,
) -> tuple[Figure, np.ndarray]:
    """Return a figure and its flat array of axes.

    Parameters
    ----------
    rows, columns : int
        Panels.
    height : float
        Height in inches.
    width : float
        Width of a column of the journal in inches.
    dpi : int
        Resolution of the PNG file.
    wide : bool
        Over both columns.
    **subplots
        Passed on to ``Figure.subplots``.
    """
    size = (2 * width + 0.2 if wide else width, height)
    fig = Figure(figsize=size, dpi=dpi, layout="constrained")
    return fig, fig.subplots(rows, columns, squeeze=False, **subplots).ravel()


def panel_label(axes: Axes, name: str, text: str = "") -> None:
    """Write ``(name)`` and a few words above the left corner of a panel."""
    axes.set_title(f"({name}) {text}".rstrip(), loc="left", pad=3)


def legend(axes: Axes, **options) -> None:
    """Draw the legend of a panel, if it has anything to say; keys without error bars."""
    handles, labels = axes.get_legend_handles_labels()
    handles = [
        h[0] if isinstance(h, matplotlib.container.ErrorbarContainer) else h for h in handles
    ]
    if handles:
        axes.legend(handles, labels, **options)


def inset_style(axes: Axes) -> None:
    """Make the text of an inset small and bring its labels close."""
    axes.tick_params(labelsize=5.5, pad=2)
    for axis in (axes.xaxis, axes.yaxis):
        axis.labelpad = 1
        axis.label.set_size(6.5)


def log_ticks(axes: Axes) -> None:
    """Label a logarithmic y axis in plain numbers: 1, 2 and 5 over less than two decades, else 1.

    Powers of ten stay where plain numbers would be long (below 0.001).
    """
    low, high = axes.get_ylim()
    if high < 100 * low:
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    if low > 3e-4 or high < 100 * low:
        axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())


def limits(values: Iterable[float], pad: float = 0.05, log: bool = False) -> tuple | None:
    """Return axis limits around the finite values (positive ones, if ``log``), None without any."""
    values = np.asarray(list(values), dtype=float)
    values = values[np.isfinite(values) & (values > 0 if log else True)]
    if not values.size:
        return None
    low, high = np.log10([values.min(), values.max()]) if log else (values.min(), values.max())
    room = pad * (high - low) or 0.1 * (abs(high) or 1)
    low, high = low - room, high + room
    return (10**low, 10**high) if log else (low, high)


def central_range(
    tables: Iterable[tuple[Sequence[float], Sequence[float]]], share: float = 0.998
) -> tuple[float, float] | None:
    """Return the range of x that holds the central ``share`` of the counts of every table.

    Each table is a pair (bin centres, counts); None if all of them are empty.
    """
    ends = []
    for centers, counts in tables:
        counts = np.nan_to_num(np.asarray(counts, dtype=float))
        if counts.sum() > 0:
            cumulative = np.cumsum(counts) / counts.sum()
            inside = np.searchsorted(cumulative, [(1 - share) / 2, (1 + share) / 2])
            ends.append(np.asarray(centers, dtype=float)[np.minimum(inside, len(counts) - 1)])
    if not ends:
        return None
    low, high = np.min(ends), np.max(ends)
    room = 0.03 * (high - low) or 0.1 * (abs(high) or 1)
    return float(low - room), float(high + room)


def unequilibrated(equilibration: pd.DataFrame) -> dict[float, str]:
    """Return temperature -> verdict of those that have a run that is no equilibrated liquid."""
    bad = equilibration[equilibration["verdict"] != "equilibrated"]
    return {float(T): str(verdict) for T, verdict in zip(bad["T"], bad["verdict"], strict=True)}


def _number(T: float) -> str:
    return f"{T:.2f}" if math.isclose(T, round(T, 2)) else f"{T:g}"


def temperature_label(T: float, marks: Mapping[float, str] = MappingProxyType({})) -> str:
    """Return ``T = 0.47``, with a dagger if ``marks`` holds that temperature."""
    return f"$T$ = {_number(T)}" + ("†" if any(math.isclose(T, bad) for bad in marks) else "")


def mark_unequilibrated(
    fig: Figure, temperatures: Iterable[float], marks: Mapping[float, str]
) -> None:
    """Write above a figure which of the temperatures drawn in it are not equilibrated.

    Parameters
    ----------
    fig : Figure
        Its panels move down to make room.
    temperatures : iterable of float
        Those that the figure draws.
    marks : mapping
        From :func:`unequilibrated`.
    """
    words: dict[str, list[float]] = {}
    for T in sorted(set(temperatures)):
        for bad, verdict in marks.items():
            if math.isclose(T, bad):
                words.setdefault(verdict.replace("too short", "not equilibrated"), []).append(T)
    if words:
        text = "; ".join(
            f"† {verdict}: T = {', '.join(map(_number, some))}" for verdict, some in words.items()
        )
        fig.suptitle(text, fontsize=7, color=MARK_COLOR, x=0.99, ha="right")
