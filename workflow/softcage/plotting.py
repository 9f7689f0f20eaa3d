"""The one figure style: fixed colours, panels that remember their points, files that repeat.

A temperature has the same colour, marker and dashes in every figure, whatever else is drawn; so
has a smearing width delta. Colours stay apart for colour-blind readers and in grey, and a second
mark (dashes or marker) says the same. Figures are made without pyplot, so nothing is shared
between them.
"""

from __future__ import annotations

import bisect
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from softcage.files import replacing
from softcage.provenance import commit
from softcage.quantities import Quantity

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


# ---------------------------------------------------------------- colours
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


# ---------------------------------------------------------------- figures and panels
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


class Points:
    """The panels of a figure and every point drawn in them.

    Values come in reduced units; a panel's quantities say how they are scaled on the axes. Points
    with a value that is not finite are neither drawn nor kept.
    """

    def __init__(self):
        self._axes: dict[str, tuple[Axes, Quantity, Quantity]] = {}
        self._notes: list[str] = []
        self._tables: list[pd.DataFrame] = []

    def panel(self, axes: Axes, name: str, x: Quantity, y: Quantity, text="", short=False) -> None:
        """Name a panel, label its axes and remember what they show."""
        self._axes[name] = axes, x, y
        axes.set_xlabel(x.axis(short))
        axes.set_ylabel(y.axis(short))
        # an inset has no label of its own
        if "inset" not in name:
            panel_label(axes, name, text)

    def axes_of(self, panel: str) -> tuple[Axes, Quantity, Quantity]:
        """Return the axes of a panel and the quantities on them."""
        return self._axes[panel]

    def note(self, text: str) -> None:
        """Add a line to the header of the CSV file."""
        self._notes.append(text)

    def line(self, panel, series, x, y, error=None, label=None, **style):
        """Draw a curve with a band of one standard error; return whether anything was drawn."""
        return self._draw(panel, series, x, y, error, None, label, style, band=True)

    def markers(self, panel, series, x, y, error=None, x_error=None, label=None, **style):
        """Draw points with error bars of one standard error; return whether anything was drawn."""
        style = {"linestyle": "none", "marker": "o"} | style
        return self._draw(panel, series, x, y, error, x_error, label, style, band=False)

    def _draw(self, panel, series, x, y, error, x_error, label, style, band) -> bool:
        axes, x_quantity, y_quantity = self._axes[panel]
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        error = np.full_like(y, np.nan) if error is None else np.asarray(error, dtype=float)
        x_error = np.full_like(x, np.nan) if x_error is None else np.asarray(x_error, dtype=float)
        good = np.isfinite(x) & np.isfinite(y)
        if not good.any():
            return False
        x, y, error, x_error = x[good], y[good], error[good], x_error[good]
        self.keep(panel, series, x, y, error, x_error)
        xs, ys = x / x_quantity.scale, y / y_quantity.scale
        dy, dx = error / y_quantity.scale, x_error / x_quantity.scale
        if band:
            axes.plot(xs, ys, label=label, **style)
            if np.isfinite(dy).any():
                dy = np.nan_to_num(dy)
                axes.fill_between(
                    xs, ys - dy, ys + dy, color=style.get("color"), alpha=0.25, linewidth=0
                )
        else:
            axes.errorbar(
                xs,
                ys,
                yerr=dy if np.isfinite(dy).any() else None,
                xerr=dx if np.isfinite(dx).any() else None,
                label=label,
                elinewidth=0.7,
                **style,
            )
        return True

    def keep(self, panel, series, x, y, error=np.nan, x_error=np.nan, **more) -> None:
        """Remember points that something else draws; ``more`` are further columns."""
        table = {"panel": panel, "series": series, "x": x, "y": y, "y_error": error}
        self._tables.append(pd.DataFrame(table | {"x_error": x_error} | more))

    def missing(self, panel: str, words: str, empty: bool = True, left: bool = False) -> None:
        """Say in the panel why something is not drawn, and in the CSV file too.

        ``empty``: nothing else is in the panel, so the words stand in its middle and the ticks go;
        else they stand in its lower right corner (``left``: lower left).
        """
        axes, *_ = self._axes[panel]
        place = {"x": 0.5, "y": 0.5, "ha": "center", "va": "center"}
        if not empty:
            place = {"x": 0.97, "y": 0.04, "ha": "right", "va": "bottom"}
            place |= {"x": 0.03, "ha": "left"} if left else {}
        axes.text(**place, s=words, transform=axes.transAxes, color=MARK_COLOR, fontsize=7)
        if empty:
            axes.set(xscale="linear", yscale="linear", xticks=[], yticks=[])
        self.keep(panel, words.replace("\n", " "), [np.nan], [np.nan])

    def complete(self, words: str = "no data in this study") -> None:
        """Say of every panel in which nothing was drawn that nothing was."""
        drawn = {name for table in self._tables for name in table["panel"].unique()}
        for name in [name for name in self._axes if name not in drawn]:
            self.missing(name, words)

    def table(self) -> pd.DataFrame:
        """Return all points: panel, series, x, y, y_error, x_error and what else was kept."""
        return pd.concat(self._tables, ignore_index=True).dropna(axis=1, how="all").pipe(_columns)

    def header(self) -> list[str]:
        """Return the lines that say what x and y are in each panel."""
        lines = [
            f"units: panel {name}: x = {x.header()}; y = {y.header()}"
            for name, (_, x, y) in self._axes.items()
        ]
        return [*lines, "reduced Lennard-Jones units; errors are one standard error", *self._notes]


def _columns(table: pd.DataFrame) -> pd.DataFrame:
    first = ["panel", "series", "x", "y", "y_error"]
    return table.reindex(columns=[*first, *[c for c in table.columns if c not in first]])


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


# ---------------------------------------------------------------- equilibration marks
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


# ---------------------------------------------------------------- words and numbers
def with_error(value: float, error: float, digits: int = 1) -> str:
    """Return ``value ± error``, ``digits`` behind the point; without an error just the value."""
    if not np.isfinite(value):
        return "n/a"
    text = f"{value:.{digits}f}"
    return f"{text} ± {error:.{digits}f}" if np.isfinite(error) else text


# ---------------------------------------------------------------- files
def made_by(rule: str, config: Mapping) -> str:
    """Return one line that says which rule, study, configuration and commit made a figure."""
    text = json.dumps(config, sort_keys=True, default=str)
    line = f"rule {rule}, study {config.get('study')}, configuration sha256 "
    line += hashlib.sha256(text.encode()).hexdigest()[:12]
    if (found := commit()) is None:
        return line
    head, changed = found
    return f"{line}, commit {head[:12]}{'-dirty' if changed else ''}"


def save(fig: Figure, points: Points, pdf, png, csv, made_by: str = "") -> None:
    """Write a figure as PDF and PNG, and its points as CSV.

    The same figure gives the same bytes: no file holds a time or a version. The CSV file begins
    with comment lines (``#``): what made it and the units of every panel.
    """
    points.complete()
    with replacing(pdf) as path:
        fig.savefig(path, metadata={"Creator": None, "Producer": None, "CreationDate": None})
    with replacing(png) as path:
        fig.savefig(path, metadata={"Software": None})
    lines = [made_by, *points.header()] if made_by else points.header()
    with replacing(csv) as path, open(path, "w", encoding="utf-8", newline="\n") as handle:
        handle.writelines(f"# {line}\n" for line in lines)
        points.table().to_csv(handle, index=False, float_format="%.6g")
