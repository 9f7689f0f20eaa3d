"""The panels of a figure and every point drawn in them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from softcage.plotting.quantities import Quantity
from softcage.plotting.style import MARK_COLOR, panel_label


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
