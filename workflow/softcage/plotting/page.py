"""A figure: its panels, all points drawn in them, and the style of the study's temperatures.

Figures are made without pyplot, so they share no state.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, product
from string import ascii_lowercase
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from softcage.plotting.style import MARK_COLOR, ordered_style
from softcage.quantities import Quantity


@dataclass(eq=False)
class Panel:
    """One panel of a page, or an inset; points drawn in it are also recorded for the CSV file.

    Values are given in reduced units; the quantities define the scales of the axes. Points that are
    not finite are neither drawn nor recorded.
    """

    page: Page
    name: str
    axes: Axes
    x: Quantity
    y: Quantity

    def inset(self, bounds: tuple[float, float, float, float], x: Quantity, y: Quantity) -> Panel:
        """Return a panel inside this one; bounds are left, bottom, width, height in axes units."""
        axes = self.axes.inset_axes(bounds)
        axes.set_xlabel(x.axis(short=True), size=6.5, labelpad=1)
        axes.set_ylabel(y.axis(short=True), size=6.5, labelpad=1)
        axes.tick_params(labelsize=5.5, pad=2)
        inset = Panel(self.page, f"{self.name} inset", axes, x, y)
        self.page.panels.insert(self.page.panels.index(self) + 1, inset)
        return inset

    def line(
        self,
        series: str,
        x: ArrayLike,
        y: ArrayLike,
        error: ArrayLike | None = None,
        **style: Any,
    ) -> bool:
        """Draw a curve with a band of one standard error; return whether anything was drawn."""
        xs, ys, dy, _ = self._scaled(series, x, y, error, None)
        if not len(xs):
            return False
        (curve,) = self.axes.plot(xs, ys, **style)
        if np.isfinite(dy).any():
            dy, color = np.nan_to_num(dy), curve.get_color()
            self.axes.fill_between(xs, ys - dy, ys + dy, color=color, alpha=0.25, linewidth=0)
        return True

    def markers(
        self,
        series: str,
        x: ArrayLike,
        y: ArrayLike,
        error: ArrayLike | None = None,
        x_error: ArrayLike | None = None,
        **style: Any,
    ) -> bool:
        """Draw points with error bars of one standard error; return whether any was drawn."""
        xs, ys, dy, dx = self._scaled(series, x, y, error, x_error)
        if not len(xs):
            return False
        self.axes.errorbar(
            xs,
            ys,
            yerr=dy if np.isfinite(dy).any() else None,
            xerr=dx if np.isfinite(dx).any() else None,
            elinewidth=0.7,
            **{"linestyle": "none", "marker": "o"} | style,
        )
        return True

    def rows(
        self,
        table: pd.DataFrame,
        x: str,
        names: Mapping[str, str],
        looks: Mapping[str, Mapping[str, Any]],
        dodge: float | bool = False,
        **style: Any,
    ) -> None:
        """Draw points with given errors in one row per name, the first on top, by seaborn.

        Parameters
        ----------
        table : DataFrame
            Columns ``name`` (of the row), ``look``, ``{x}`` and ``{x}_error``.
        x : str
            Column with the values.
        names : mapping
            Label on the axis of each name, in the order of the rows. The header of the CSV file
            lists the names with their y, counted from 0. A row with an empty label is a gap.
        looks : mapping
            ``color``, ``marker`` and ``label`` of each look.
        dodge : float or bool
            Height, in rows, over which the looks of one row are spread. False draws them at the
            same height.
        **style
            Keywords of ``plot``, for all looks.
        """
        table = table[np.isfinite(table[x].astype(float)) & table["name"].isin(list(names))]
        if table.empty:
            return
        table = table.reset_index(drop=True)
        style = {"markersize": 3.2, "markeredgewidth": 1.0, "linestyle": "none"} | style
        heights = table["name"].map({name: place for place, name in enumerate(names)})
        for look, part in table.groupby("look", sort=False):
            label, error = looks[str(look)]["label"], part[f"{x}_error"]
            self.keep(label, part[x], heights[part.index], x_error=error)
        for name, look_of in looks.items():
            if name in set(table["look"]):  # for the legend
                key: dict[str, Any] = {**look_of, **style}
                self.axes.plot([], [], **key)
        sns.pointplot(
            with_ends(table, x),
            x=x,
            y="name",
            hue="look",
            order=list(names),
            hue_order=list(looks),
            palette={name: look["color"] for name, look in looks.items()},
            markers=[look["marker"] for look in looks.values()],
            dodge=dodge,
            estimator="median",
            errorbar=("pi", 100),
            err_kws={"linewidth": 0.7, "zorder": 1.5},
            legend=False,
            ax=self.axes,
            **style,
        )
        sns.despine(ax=self.axes, left=True)
        ticks = {place: words for place, words in enumerate(names.values()) if words}
        self.axes.set_yticks(list(ticks), list(ticks.values()))
        self.axes.tick_params(left=False, right=False, top=False)
        self.axes.set(xlabel=self.x.axis(), ylabel="", ylim=(len(names) - 0.5, -0.5))
        for place, name in enumerate(names):
            if names[name] and (line := f"y = {place}: {name}") not in self.page.notes:
                self.page.notes.append(line)

    def _scaled(
        self,
        series: str,
        x: ArrayLike,
        y: ArrayLike,
        error: ArrayLike | None,
        x_error: ArrayLike | None,
    ) -> list[np.ndarray]:
        """Record the finite points; return them and their errors in the units of the axes."""
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        error = np.full_like(y, np.nan) if error is None else np.asarray(error, dtype=float)
        x_error = np.full_like(x, np.nan) if x_error is None else np.asarray(x_error, dtype=float)
        good = np.isfinite(x) & np.isfinite(y)
        points = [values[good] for values in (x, y, error, x_error)]
        if good.any():
            self.keep(series, *points)
        scales = (self.x.scale, self.y.scale, self.y.scale, self.x.scale)
        return [values / scale for values, scale in zip(points, scales, strict=True)]

    def keep(
        self,
        series: str,
        x: ArrayLike,
        y: ArrayLike,
        error: ArrayLike = np.nan,
        x_error: ArrayLike = np.nan,
        **more: ArrayLike,
    ) -> None:
        """Record points that are drawn by other functions; ``more`` are further columns."""
        table = {"panel": self.name, "series": series, "x": x, "y": y, "y_error": error}
        self.page.tables.append(pd.DataFrame(table | {"x_error": x_error} | more))

    def note(self, text: str) -> None:
        """Add a line about this panel to the header of the CSV file."""
        self.page.notes.append(f"panel {self.name}: {text}")

    def missing(self, words: str, empty: bool = True, left: bool = False) -> None:
        """Write into the panel and the CSV file why something is not drawn.

        If the panel is otherwise ``empty``, the words are in its middle and the ticks are removed.
        If not, they are in the lower right corner, or with ``left`` in the lower left one.
        """
        place: dict[str, Any] = {"x": 0.5, "y": 0.5, "ha": "center", "va": "center"}
        if not empty:
            place = {"x": 0.97, "y": 0.04, "ha": "right", "va": "bottom"}
            place |= {"x": 0.03, "ha": "left"} if left else {}
        self.axes.text(**place, s=words, transform=self.axes.transAxes, color=MARK_COLOR, size=7)
        if empty:
            self.axes.set(xscale="linear", yscale="linear", xticks=[], yticks=[])
        self.keep(words.replace("\n", " "), [np.nan], [np.nan])


def with_ends(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """Return a table with two further rows per row: the ends of its error bar.

    seaborn computes errors from repeated values. The median of the three values is the value itself
    and their range is the error bar, so that ``estimator="median", errorbar=("pi", 100)`` draws the
    given error. A row without an error gets no further rows.
    """
    error = table[f"{value}_error"]
    ends = [table.assign(**{value: table[value] + sign * error}) for sign in (-1, 1)]
    return pd.concat([table, *ends], ignore_index=True).dropna(subset=[value])


class Page:
    """A figure of a study.

    Parameters
    ----------
    width : float
        Width of a column of the journal in inches.
    dpi : int
        Resolution of the PNG file.
    temperatures : iterable of float
        All temperatures of the study, not only those in the figure. The place of a temperature
        among them sets its colour, marker and dashes in every figure. There may be none, if the
        temperature of what is drawn is not known.
    equilibration : DataFrame, optional
        ``T`` and ``verdict`` of every run. Temperatures with a run that is not an equilibrated
        liquid are marked by a dagger. None stands for runs that were not checked, such as files
        from elsewhere.
    """

    def __init__(
        self,
        width: float,
        dpi: int,
        temperatures: Iterable[float],
        equilibration: pd.DataFrame | None = None,
    ) -> None:
        if equilibration is None:
            equilibration = pd.DataFrame({"T": [], "verdict": []})
        self.fig = Figure(dpi=dpi, layout="constrained")
        self.width, self.temperatures = width, sorted(temperatures)
        self.coldest = self.temperatures[0] if self.temperatures else math.nan
        self.equilibration = equilibration
        bad = equilibration[equilibration["verdict"] != "equilibrated"]
        self.marks = {float(T): str(v) for T, v in zip(bad["T"], bad["verdict"], strict=True)}
        self.panels: list[Panel] = []
        self.tables: list[pd.DataFrame] = []
        self.notes: list[str] = []

    def add_panels(
        self,
        *shown: tuple,
        columns: int = 1,
        row: float = 2.1,
        short: bool = False,
        down: bool = False,
        wide: bool = True,
        **options: Any,
    ) -> list[Panel]:
        """Add panels in rows and return them; if there are several, they are labelled (a), (b), ...

        Parameters
        ----------
        *shown : tuple
            For each panel the quantity on the x axis, the one on the y axis, and optionally a
            title.
        columns : int
            Largest number of panels in a row.
        row : float
            Height of a row in inches.
        short : bool
            Label the y axes by symbols without words.
        down : bool
            Order the letters down the columns instead of along the rows.
        wide : bool
            Whether two or more panels in a row cover both columns of the journal, or only one.
        **options
            Arguments of ``Figure.subplots``.
        """
        columns = min(columns, len(shown))
        rows = -(-len(shown) // columns)
        width = 2 * self.width + 0.2 if wide and columns > 1 else self.width
        self.fig.set_size_inches(width, 0.4 + row * rows)
        grid = self.fig.subplots(rows, columns, squeeze=False, **options)
        places = (grid.T if down else grid).ravel()
        for axes in places[len(shown) :]:
            axes.remove()
        for axes, name, (x, y, *words) in zip(places, _letters(), shown, strict=False):
            axes.set(xlabel=x.axis(), ylabel=y.axis(short))
            title = [f"({name})", *words] if len(shown) > 1 else words
            axes.set_title(" ".join(title), loc="left", pad=3)
            self.panels.append(Panel(self, name, axes, x, y))
        return list(self.panels)

    def style(self, T: float, **more: Any) -> dict[str, Any]:
        """Return label, colour, dashes and marker of a temperature, as keywords of ``plot``."""
        distances = np.abs(np.subtract(self.temperatures, T))
        style = ordered_style(int(distances.argmin()), len(self.temperatures), "plasma")
        return {"label": self.label(T)} | style | more

    def label(self, T: float) -> str:
        """Return ``T = 0.47``, with a dagger if one of its runs is not an equilibrated liquid.

        It is empty for a temperature that is not known (NaN).
        """
        if math.isnan(T):
            return ""
        marked = any(math.isclose(T, bad) for bad in self.marks)
        return f"$T$ = {_number(T)}" + ("†" if marked else "")

    def mark(self, temperatures: Iterable[float]) -> None:
        """Write above the figure which of the given temperatures are not equilibrated."""
        words: dict[str, list[float]] = {}
        for T in sorted(set(temperatures)):
            for bad, verdict in self.marks.items():
                if math.isclose(T, bad):
                    words.setdefault(verdict.replace("too short", "not equilibrated"), []).append(T)
        text = "; ".join(
            f"† {verdict}: T = {', '.join(map(_number, marked))}"
            for verdict, marked in words.items()
        )
        if text:
            self.fig.suptitle(text, fontsize=7, color=MARK_COLOR, x=0.99, ha="right")

    def complete(self, words: str = "no data in this study") -> None:
        """Write into every panel without points that there are no data."""
        drawn = {name for table in self.tables for name in table["panel"].unique()}
        for panel in self.panels:
            if panel.name not in drawn:
                panel.missing(words)

    def table(self) -> pd.DataFrame:
        """Return all points: panel, series, x, y, y_error, x_error and further columns."""
        table = pd.concat(self.tables, ignore_index=True).dropna(axis=1, how="all")
        first = ["panel", "series", "x", "y", "y_error"]
        return table.reindex(columns=[*first, *[c for c in table.columns if c not in first]])

    def header(self) -> list[str]:
        """Return lines with the meaning and units of x and y in each panel, and all notes."""
        lines = [
            f"units: panel {panel.name}: x = {panel.x.header()}; y = {panel.y.header()}"
            for panel in self.panels
        ]
        return [*lines, "reduced Lennard-Jones units; errors are one standard error", *self.notes]


def _letters() -> Iterator[str]:
    """Yield a, b, ..., z, aa, ab, ..."""
    for length in count(1):
        yield from map("".join, product(ascii_lowercase, repeat=length))


def _number(T: float) -> str:
    return f"{T:.2f}" if math.isclose(T, round(T, 2)) else f"{T:g}"
