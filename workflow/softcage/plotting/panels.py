"""Panels that several figures share: distributions, P_R, Arrhenius lines.

Each takes the panel's name, in which :class:`softcage.plotting.points.Points` already knows the
axes, and tables as the prediction scripts write them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from softcage.plotting.points import Points
from softcage.plotting.quantities import Quantity
from softcage.plotting.style import (
    ALL_COLOR,
    GUIDE_COLOR,
    MARK_COLOR,
    REARRANGING_COLOR,
    central_range,
    limits,
    log_ticks,
    order_style,
    temperature_label,
    temperature_style,
)
from softcage.sampling import evenly_spaced
from softcage.tables import plus_minus, select

# Left, bottom, width and height of the inset with the collapse, in the panel of Arrhenius lines.
COLLAPSE_INSET = (0.68, 0.66, 0.31, 0.32)

# Words for the side of the peak on which the cage is soft.
_SOFT_SIDE = {"softness": "above", "depth": "below"}


def finite(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return the rows in which all these columns are finite; a table may have no rows."""
    # columns of a file without rows are of objects
    return table[np.isfinite(table[list(columns)].astype(float)).all(axis=1)]


def enough(table: pd.DataFrame) -> pd.DataFrame:
    """Return the bins of a distribution whose P_R can be drawn with an honest error bar."""
    table = finite(table, "p_r", "p_r_error")
    return table[(table["count_rearranging"] >= 1) & (table["p_r_error"] > 0)]


# ---------------------------------------------------------------- distributions
def distributions(
    points: Points,
    panel: str,
    tables: Mapping[float, pd.DataFrame],
    styles: Mapping[float, dict],
    labels: Mapping[float, str],
) -> None:
    """Draw the distribution over all particles, a curve a table (a temperature or a delta)."""
    tables = {key: table[table["count_all"] > 0] for key, table in tables.items()}
    for key, table in tables.items():
        points.line(
            panel,
            labels[key].replace("$", ""),
            table["bin_center"],
            table["density_all"],
            table["density_all_error"],
            label=labels[key],
            **styles[key],
        )
    axes, x, _ = points.axes_of(panel)
    if inside := central_range((t["bin_center"], t["count_all"]) for t in tables.values()):
        axes.set_xlim(inside[0] / x.scale, inside[1] / x.scale)
        axes.set_ylim(bottom=0)


def all_and_rearranging(
    points: Points,
    panel: str,
    table: pd.DataFrame,
    summary: pd.DataFrame,
    quantity: str = "softness",
) -> None:
    """Draw P over all particles and over the rearranging ones, with the shares beyond the peak.

    Parameters
    ----------
    table : DataFrame
        Bins of one quantity and window.
    summary : DataFrame
        The row of the same quantity and window with lag 0 (peak, shares, AUC).
    """
    axes, x, _ = points.axes_of(panel)
    for series, column, color, dashes in (
        ("all", "all", ALL_COLOR, "-"),
        ("rearranging", "rearranging", REARRANGING_COLOR, (0, (5, 1.2))),
    ):
        some = table[table[f"count_{column}"].fillna(0).cumsum() > 0]
        points.line(
            panel,
            series,
            some["bin_center"],
            some[f"density_{column}"],
            some[f"density_{column}_error"],
            label=series,
            color=color,
            linestyle=dashes,
        )
    if inside := central_range([(table["bin_center"], table["count_all"])]):
        axes.set_xlim(inside[0] / x.scale, inside[1] / x.scale)
        # room for the words above the curves
        axes.set_ylim(0, 1.4 * axes.get_ylim()[1])
    if not table["count_rearranging"].fillna(0).sum():
        points.missing(panel, "no rearrangement", empty=False)
    if summary.empty:
        return
    row = summary.iloc[0]
    if np.isfinite(row["peak"]):
        axes.axvline(row["peak"] / x.scale, color=GUIDE_COLOR, linewidth=0.7, linestyle=":")
        points.keep(panel, "peak of all", [row["peak"]], [np.nan])
    axes.text(
        0.975,
        0.96,
        shares(row, quantity),
        transform=axes.transAxes,
        ha="right",
        va="top",
        fontsize=6.5,
        linespacing=1.25,
        bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1},
    )
    for name in ("share_rearranging", "share_all", "auc"):
        points.note(f"panel {panel}: {name} = {row[name]:.5g} +- {row[name + '_error']:.2g}")


def shares(row: pd.Series, quantity: str) -> str:
    """Return the words of a panel on the shares beyond the peak and the ROC AUC."""
    share = {
        name: plus_minus(100 * row[f"share_{name}"], 100 * row[f"share_{name}_error"], 1, "n/a")
        for name in ("rearranging", "all")
    }
    return (
        f"{_SOFT_SIDE[quantity]} the peak\nrearranging {share['rearranging']} %\n"
        f"all {share['all']} %\nAUC {plus_minus(row['auc'], row['auc_error'], 3, 'n/a')}"
    )


# ---------------------------------------------------------------- P_R
def rearranging_fraction(
    points: Points,
    panel: str,
    tables: Mapping[float, pd.DataFrame],
    marks: Mapping[float, str],
    empty: str = "no rearrangement",
) -> None:
    """Draw P_R against softness or depth on a logarithmic axis, a colour a temperature."""
    tables = {T: enough(table) for T, table in tables.items()}
    axes, *_ = points.axes_of(panel)
    axes.set_yscale("log", nonpositive="clip")
    for T, table in tables.items():
        points.markers(
            panel,
            f"T = {T:g}",
            table["bin_center"],
            table["p_r"],
            table["p_r_error"],
            label=temperature_label(T, marks),
            **temperature_style(T, marker=True) | {"linewidth": 0.6},
        )
    drawn = pd.concat(tables.values())
    if drawn.empty:
        points.missing(panel, empty)
        return
    fraction_limits(axes, drawn["p_r"])


def fraction_limits(axes: Axes, p_r) -> None:
    """Set a logarithmic y axis by the points; error bars that reach zero run out of the panel."""
    if (inside := limits(p_r, 0.08, log=True)) is not None:
        axes.set_ylim(inside[0], min(inside[1], 1.5))
        log_ticks(axes)


# ---------------------------------------------------------------- Arrhenius
def five(bins: Sequence[float]) -> list[float]:
    """Return at most five of the bins, evenly spread and the outermost among them."""
    bins = sorted(bins)
    return [bins[place] for place in evenly_spaced(len(bins), 5)]


def arrhenius(
    points: Points,
    panel: str,
    bins: Quantity,
    fits: pd.DataFrame,
    fitted: pd.DataFrame,
    crossing: pd.DataFrame,
) -> None:
    """Draw P_R against 1/T for five bins, the lines up to where all cross, and the collapse.

    Parameters
    ----------
    panel : str
        The panel ``"{panel} inset"`` takes P_R/P_0 against barrier / T of every bin.
    bins : Quantity
        What the bins are of; labels are in its axis unit.
    fits, fitted, crossing : DataFrame
        Rows of one quantity and window: lines, points and the crossing temperature.
    """
    fits = finite(fits, "barrier", "ln_p0")
    if fits.empty:
        points.missing(panel, "too few rearrangements\nfor a fit")
        points.missing(f"{panel} inset", "")
        return
    T_cross, text = crossing_temperature(crossing, fitted["T"].max())
    axes, *_ = points.axes_of(panel)
    coldest, hottest = fitted["T"].min(), max(fitted["T"].max(), np.nan_to_num(T_cross))
    ends = np.array([1 / hottest, 1 / coldest])
    axes.set_yscale("log", nonpositive="clip")
    shown = five(fits["bin_center"])
    for i, center in enumerate(shown):
        row = select(fits, bin_center=center).iloc[0]
        here = select(fitted, bin_center=center)
        style = order_style(i, len(shown))
        points.markers(
            panel,
            f"bin {center:g}",
            1 / here["T"],
            here["p_r"],
            here["p_r_error"],
            label=f"{center / bins.scale:.3g}",
            **style | {"linestyle": "none"},
        )
        line = np.exp(row["ln_p0"] - row["barrier"] * ends)
        points.line(panel, f"fit of bin {center:g}", ends, line, color=style["color"])
    every = select_lines(fits, fitted)
    shown_p = every[every["bin_center"].isin(shown)]["p_r"]
    fraction_limits(axes, [*shown_p, *np.exp(fits["ln_p0"] - fits["barrier"] / hottest)])
    _below_inset(axes, select_lines(fits[fits["bin_center"].isin(shown)], fitted))
    if np.isfinite(T_cross):
        axes.axvline(1 / T_cross, color=GUIDE_COLOR, linewidth=0.7, linestyle=":")
        low, high = crossing.iloc[0]["T_low"], crossing.iloc[0]["T_high"]
        if np.isfinite([low, high]).all() and low > 0:
            axes.axvspan(1 / high, 1 / low, color=GUIDE_COLOR, alpha=0.2, linewidth=0)
        points.keep(panel, "crossing (1/T)", [1 / T_cross], [np.nan])
    points.note(f"panel {panel}: {text.replace('$', '')}")
    color = "black" if np.isfinite(T_cross) else MARK_COLOR
    axes.set_title(text, loc="right", fontsize=7, pad=3, color=color)
    _collapse(points, f"{panel} inset", every)


def _below_inset(axes: Axes, drawn: pd.DataFrame) -> None:
    """Raise the upper end of the y axis until the inset covers neither points nor lines."""
    left, bottom, *_ = COLLAPSE_INSET
    low, high = axes.get_xlim()
    edge = low + (left - 0.03) * (high - low)
    beside = drawn[1 / drawn["T"] > edge]
    top = max(
        np.exp(drawn["ln_p0"] - drawn["barrier"] * edge).max(),
        (beside["p_r"] + beside["p_r_error"].fillna(0)).max() if len(beside) else 0,
    )
    low, high = np.log(axes.get_ylim())
    high = max(high, low + (np.log(top) - low) / (bottom - 0.03))
    axes.set_ylim(*np.exp([low, high]))
    log_ticks(axes)


def crossing_temperature(crossing: pd.DataFrame, hottest: float) -> tuple[float, str]:
    """Return the temperature where the lines cross (NaN: nowhere near) and words on it."""
    if crossing.empty or not np.isfinite(crossing.iloc[0]["T_cross"]):
        return np.nan, "the lines do not cross"
    row = crossing.iloc[0]
    T_cross = float(row["T_cross"])
    words = f"$T_\\times$ = {T_cross:.3f}"
    if np.isfinite([row["T_low"], row["T_high"]]).all():
        words += f" ({row['T_low']:.3f}–{row['T_high']:.3f})"
    if not 0 < T_cross < 2 * hottest:
        return np.nan, "no crossing near the temperatures studied"
    return T_cross, words


def select_lines(fits: pd.DataFrame, fitted: pd.DataFrame) -> pd.DataFrame:
    """Return the fitted points with the barrier and prefactor of their bin."""
    fits = fits.assign(key=fits["bin_center"].round(9))[["key", "barrier", "ln_p0"]]
    return fitted.assign(key=fitted["bin_center"].round(9)).merge(fits, on="key")


def _collapse(points: Points, panel: str, every: pd.DataFrame) -> None:
    inset, x, y = points.axes_of(panel)
    # inside, because outside they would lie on the lines of the panel
    inset.set(xlabel="", ylabel="")
    words = f"${y.symbol}$ against ${x.symbol}$"
    inset.text(0.05, 0.07, words, transform=inset.transAxes, fontsize=5.5)
    inset.set_yscale("log", nonpositive="clip")
    every = every.assign(reduced=every["barrier"] / every["T"])
    for T, table in every.groupby("T"):
        p0 = np.exp(table["ln_p0"])
        points.markers(
            panel,
            f"T = {T:g}",
            table["reduced"],
            table["p_r"] / p0,
            table["p_r_error"] / p0,
            **temperature_style(T, line=False, marker=True) | {"markersize": 1.8},
        )
    if every.empty:
        return
    ends = np.array([every["reduced"].min(), every["reduced"].max()])
    points.line(panel, "exp(-barrier / T)", ends, np.exp(-ends), color="black", linewidth=0.7)
    if inside := limits(every["p_r"] / np.exp(every["ln_p0"]), 0.1, log=True):
        low, high = inside
        # room for the words below
        inset.set_ylim(low * (low / high) ** 0.25, high)


def barrier(
    points: Points,
    panel: str,
    fits: pd.DataFrame,
    crossing: pd.DataFrame | None = None,
    color: str = "#0060a8",
) -> None:
    """Draw the barrier of every bin with its error, and the weighted line through them, if given.

    ``crossing`` carries the slope of that line (``barrier_slope``); None draws no line.
    """
    fits = finite(fits, "barrier", "barrier_error")
    if fits.empty:
        points.missing(panel, "too few rearrangements\nfor a fit")
        return
    x, y, error = (fits[name] for name in ("bin_center", "barrier", "barrier_error"))
    points.markers(panel, "barrier", x, y, error, color=color, label="bins")
    if crossing is None or crossing.empty or not np.isfinite(crossing.iloc[0]["barrier_slope"]):
        return
    row = crossing.iloc[0]
    weights = 1 / error.clip(lower=1e-12) ** 2
    middle = np.average(x, weights=weights), np.average(y, weights=weights)
    ends = np.array([x.min(), x.max()])
    words = f"slope {plus_minus(row['barrier_slope'], row['barrier_slope_error'], 4, 'n/a')}"
    words += f", $R^2$ = {row['r_squared']:.2f}"
    line = middle[1] + row["barrier_slope"] * (ends - middle[0])
    points.line(panel, "line", ends, line, color="black", linewidth=0.8, label=words)
    points.note(f"panel {panel}: {words.replace('$', '')}")
