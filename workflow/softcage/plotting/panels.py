"""Panels that several figures share: distributions, g(r), P_R, Arrhenius lines and barriers.

The tables are those that the scripts write into ``prediction/``; ``quantity`` is ``"softness"`` or
``"depth"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from softcage import quantities as q
from softcage.plotting.page import Page, Panel
from softcage.plotting.style import (
    ACCENT_COLOR,
    ALL_COLOR,
    DASHED,
    GUIDE,
    MARK_COLOR,
    REARRANGING_COLOR,
    central_range,
    legend,
    limits,
    log_ticks,
    ordered_style,
)
from softcage.sampling import evenly_spaced
from softcage.tables import plus_minus, select

# Left, bottom, width and height of the inset with the data collapse, in axes units.
_COLLAPSE = (0.68, 0.66, 0.31, 0.32)
_QUANTITIES = {"softness": q.SOFTNESS, "depth": q.DEPTH}
#: Axes of the distribution, and of the rearranging fraction.
AXES = {"softness": (q.SOFTNESS, q.SOFTNESS_DENSITY), "depth": (q.DEPTH, q.DEPTH_DENSITY)}
FRACTIONS = {"softness": q.FRACTION, "depth": q.DEPTH_FRACTION}
# On this side of the peak the cage is soft.
_SOFT_SIDE = {"softness": "above", "depth": "below"}
_NO_FIT = "too few rearrangements\nfor a fit"


def finite(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return the rows in which all given columns are finite; the table may have no rows."""
    # columns of a file without rows have the type object
    values = table[list(columns)].to_numpy(float)
    return table[np.all(np.isfinite(values), axis=1)]


def width_styles(deltas: Iterable[float]) -> dict[float, dict]:
    """Return label, colour and dashes of each smearing width, as keywords of ``plot``."""
    deltas = sorted(deltas)
    return {
        delta: ordered_style(place, len(deltas), label=f"$\\delta$ = {delta:g}", marker=None)
        for place, delta in enumerate(deltas)
    }


# ---------------------------------------------------------------- g(r)
def rdf_curves(page: Page, curves: Sequence[tuple[str, pd.DataFrame, dict]]) -> Panel:
    """Draw g(r) of one pair at the lowest temperature.

    A curve is (series, table with pair, r and g, style).
    """
    pair = next((str(pair) for _, table, _ in curves for pair in table["pair"]), "")
    (panel,) = page.add_panels((q.DISTANCE, q.rdf(pair), page.label(page.coldest)))
    for series, table, style in curves:
        panel.line(series, table["r"], table["g"], **style)
    radii = [r for _, table, _ in curves for r in table["r"][table["g"].notna()]]
    if radii:
        panel.axes.set_xlim(0.6, max(radii))
        panel.axes.set_ylim(bottom=0)
    legend(panel.axes, loc="upper right")
    page.mark([page.coldest])
    return panel


def smeared(table: pd.DataFrame, curve: str) -> list[tuple[str, pd.DataFrame, dict]]:
    """Return the curves of one name, one per smearing width, for :func:`rdf_curves`."""
    table = select(table, curve=curve)
    return [
        (f"delta = {delta:g}", select(table, delta=delta), style)
        for delta, style in width_styles(set(table["delta"])).items()
    ]


# ---------------------------------------------------------------- distributions
def draw_distributions(
    panel: Panel, curves: Iterable[pd.DataFrame], styles: Iterable[dict], quantity: str
) -> None:
    """Draw the distribution over all particles, one curve per table (temperature or delta)."""
    tables = [select(table, quantity=quantity) for table in curves]
    for table, style in zip(tables, styles, strict=True):
        panel.line(
            style["label"].replace("$", ""),
            table["value"],
            table["density_all"],
            table["density_all_error"],
            **style,
        )
    _show_most(panel, tables)


def _show_most(panel: Panel, tables: Sequence[pd.DataFrame], room: float = 1.0) -> None:
    """Limit the axes to the central 99.8 % of the particles of each curve, with room above."""
    if inside := central_range((table["value"], table["density_all"]) for table in tables):
        panel.axes.set_xlim(inside[0] / panel.x.scale, inside[1] / panel.x.scale)
        panel.axes.set_ylim(0, room * panel.axes.get_ylim()[1])


def all_and_rearranging(
    panel: Panel, curves: pd.DataFrame, summary: pd.DataFrame, quantity: str, window: float
) -> None:
    """Draw P over all and over rearranging particles, with the shares on the soft side."""
    table = select(curves, quantity=quantity)
    for series, color, dashes in (
        ("all", ALL_COLOR, "-"),
        ("rearranging", REARRANGING_COLOR, DASHED),
    ):
        panel.line(
            series,
            table["value"],
            table[f"density_{series}"],
            table[f"density_{series}_error"],
            label=series,
            color=color,
            linestyle=dashes,
        )
    axes, scale = panel.axes, panel.x.scale
    _show_most(panel, [table], room=1.55)  # for the text above the curves
    if table["density_rearranging"].isna().all():
        panel.missing("no rearrangement", empty=False)
    summary = select(summary, quantity=quantity, window=window, lag="0")
    if summary.empty:
        return
    row = summary.iloc[0]
    if np.isfinite(row["peak"]):
        axes.axvline(row["peak"] / scale, **GUIDE)
        panel.keep("peak of all", [row["peak"]], [np.nan])
    box = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1}
    place: dict[str, Any] = {
        "x": 0.975,
        "y": 0.96,
        "ha": "right",
        "va": "top",
        "transform": axes.transAxes,
    }
    axes.text(**place, s=_shares(row, quantity), fontsize=6.5, linespacing=1.25, bbox=box)
    for name in ("share_rearranging", "share_all", "auc"):
        panel.note(f"{name} = {row[name]:.5g} +- {row[name + '_error']:.2g}")


def _shares(row: pd.Series, quantity: str) -> str:
    """Return the text of a panel with the shares beyond the peak and the ROC AUC."""
    share = {
        name: plus_minus(100 * row[f"share_{name}"], 100 * row[f"share_{name}_error"], 1, "n/a")
        for name in ("rearranging", "all")
    }
    return (
        f"{_SOFT_SIDE[quantity]} the peak\nrearranging {share['rearranging']} %\n"
        f"all {share['all']} %\nAUC {plus_minus(row['auc'], row['auc_error'], 3, 'n/a')}"
    )


def softness_panels(
    page: Page,
    titles: Sequence[str],
    curves: Sequence[pd.DataFrame],
    summaries: Sequence[pd.DataFrame],
    window: float,
    quantity: str = "softness",
    **layout: Any,
) -> list[Panel]:
    """Draw the softness, or depth, of all and of rearranging particles, one panel per table."""
    shown = [(*AXES[quantity], title) for title in titles]
    panels = page.add_panels(*shown, **layout)
    for panel, table, summary in zip(panels, curves, summaries, strict=True):
        all_and_rearranging(panel, table, summary, quantity, window)
    legend(panels[0].axes, loc="upper left")
    return panels


# ---------------------------------------------------------------- P_R
def draw_fraction(
    panel: Panel,
    tables: Mapping[float, pd.DataFrame],
    quantity: str,
    window: float,
    minimum_hops: int,
    empty: str = "too few rearrangements",
) -> None:
    """Draw P_R against softness or depth on a logarithmic axis, for tables by temperature.

    Bins with fewer than ``minimum_hops`` rearranging particles are left out. Bins without any
    cannot be shown on a logarithmic axis, so that the other bins with few would lie too high.
    """
    reliable = {
        T: _enough(select(table, quantity=quantity, window=window), minimum_hops)
        for T, table in tables.items()
    }
    panel.axes.set_yscale("log", nonpositive="clip")
    for T, table in reliable.items():
        panel.markers(
            f"T = {T:g}",
            table["bin_center"],
            table["p_r"],
            table["p_r_error"],
            **panel.page.style(T, linewidth=0.6),
        )
    drawn = pd.concat(reliable.values())
    if drawn.empty:
        panel.missing(empty)
    else:
        _fraction_limits(panel.axes, drawn["p_r"])


def _enough(table: pd.DataFrame, minimum_hops: int) -> pd.DataFrame:
    """Return the bins with enough rearranging particles for P_R and its error bar."""
    table = finite(table, "p_r", "p_r_error")
    return table[(table["count_rearranging"] >= minimum_hops) & (table["p_r_error"] > 0)]


def _fraction_limits(axes: Axes, p_r: Iterable[float]) -> None:
    """Set the limits of a logarithmic y axis by the points; error bars may leave the panel."""
    if (inside := limits(p_r, 0.08, log=True)) is not None:
        axes.set_ylim(inside[0], min(inside[1], 1.5))
        log_ticks(axes)


# ---------------------------------------------------------------- Arrhenius
def draw_arrhenius(
    panel: Panel,
    lines: pd.DataFrame,
    fitted: pd.DataFrame,
    crossing: pd.DataFrame,
    quantity: str,
    window: float,
) -> None:
    """Draw P_R against 1/T for five bins with Arrhenius lines, and the data collapse.

    Lines are drawn up to the temperature at which all cross. The collapse, P_R/P_0 against
    barrier / T for all bins, is drawn in an inset.

    Parameters
    ----------
    panel : Panel
    lines, fitted, crossing : DataFrame
        Barrier and prefactor of every bin, the points that were fitted, and the crossing.
    """
    inset = panel.inset(_COLLAPSE, q.REDUCED_BARRIER, q.COLLAPSE)
    fitted = select(fitted, quantity=quantity)
    lines, crossing = (
        select(table, quantity=quantity, window=window) for table in (lines, crossing)
    )
    lines = finite(lines, "barrier", "ln_p0").sort_values("bin_center")
    if lines.empty:
        panel.missing(_NO_FIT)
        inset.missing("")
        return
    T_cross, words = _where_lines_cross(crossing, fitted["T"].max())
    hottest = max(fitted["T"].max(), np.nan_to_num(T_cross))
    ends = np.array([1 / hottest, 1 / fitted["T"].min()])
    axes, scale = panel.axes, _QUANTITIES[quantity].scale
    axes.set_yscale("log", nonpositive="clip")
    shown = lines.iloc[evenly_spaced(len(lines), 5)]
    for place, (_, line) in enumerate(shown.iterrows()):
        center = line["bin_center"]
        here = select(fitted, bin_center=center)
        style = ordered_style(place, len(shown), label=f"{center / scale:.3g}", linestyle="none")
        panel.markers(f"bin {center:g}", 1 / here["T"], here["p_r"], here["p_r_error"], **style)
        fit = np.exp(line["ln_p0"] - line["barrier"] * ends)
        panel.line(f"fit of bin {center:g}", ends, fit, color=style["color"])
    drawn = _with_lines(fitted, shown)
    _fraction_limits(axes, [*drawn["p_r"], *np.exp(lines["ln_p0"] - lines["barrier"] / hottest)])
    _below_inset(axes, drawn)
    if np.isfinite(T_cross):
        axes.axvline(1 / T_cross, **GUIDE)
        low, high = crossing.iloc[0][["T_low", "T_high"]].astype(float)
        if np.isfinite([low, high]).all() and low > 0:
            axes.axvspan(1 / high, 1 / low, color=GUIDE["color"], alpha=0.2, linewidth=0)
        panel.keep("crossing (1/T)", [1 / T_cross], [np.nan])
    panel.note(words.replace("$", ""))
    color = "black" if np.isfinite(T_cross) else MARK_COLOR
    axes.set_title(words, loc="right", fontsize=7, pad=3, color=color)
    legend(axes, loc="lower left", title=_QUANTITIES[quantity].axis(short=True))
    _collapse(inset, _with_lines(fitted, lines))


def _where_lines_cross(crossing: pd.DataFrame, hottest: float) -> tuple[float, str]:
    """Return the temperature at which the lines cross, NaN if there is none, and a text."""
    if crossing.empty or not np.isfinite(crossing.iloc[0]["T_cross"]):
        return np.nan, "the lines do not cross"
    row = crossing.iloc[0]
    T_cross = float(row["T_cross"])
    if not 0 < T_cross < 2 * hottest:
        return np.nan, "no crossing near the temperatures studied"
    words = f"$T_\\times$ = {T_cross:.3f}"
    if np.isfinite([row["T_low"], row["T_high"]]).all():
        words += f" ({row['T_low']:.3f}–{row['T_high']:.3f})"
    return T_cross, words


def _with_lines(fitted: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the fitted points of the given lines, with the barrier and prefactor of the bin."""
    lines = lines.assign(key=lines["bin_center"].round(9))[["key", "barrier", "ln_p0"]]
    return fitted.assign(key=fitted["bin_center"].round(9)).merge(lines, on="key")


def _below_inset(axes: Axes, drawn: pd.DataFrame) -> None:
    """Raise the upper end of the y axis until the inset covers neither points nor lines."""
    left, bottom, *_ = _COLLAPSE
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


def _collapse(inset: Panel, points: pd.DataFrame) -> None:
    """Draw P_R/P_0 of every bin against barrier / T, and exp(-barrier / T)."""
    axes = inset.axes
    # inside the inset, because labels outside would cover the lines of the panel
    axes.set(xlabel="", ylabel="")
    words = f"${inset.y.symbol}$ against ${inset.x.symbol}$"
    axes.text(0.05, 0.07, words, transform=axes.transAxes, fontsize=5.5)
    axes.set_yscale("log", nonpositive="clip")
    points = points.assign(reduced=points["barrier"] / points["T"], p0=np.exp(points["ln_p0"]))
    for T in sorted(set(points["T"])):
        table = select(points, T=T)
        inset.markers(
            f"T = {T:g}",
            table["reduced"],
            table["p_r"] / table["p0"],
            table["p_r_error"] / table["p0"],
            **inset.page.style(T, linestyle="none", markersize=1.8),
        )
    if points.empty:
        return
    ends = np.array([points["reduced"].min(), points["reduced"].max()])
    inset.line("exp(-barrier / T)", ends, np.exp(-ends), color="black", linewidth=0.7)
    if inside := limits(points["p_r"] / points["p0"], 0.1, log=True):
        low, high = inside
        # room for the text below
        axes.set_ylim(low * (low / high) ** 0.25, high)


def draw_barriers(
    panel: Panel,
    lines: pd.DataFrame,
    quantity: str,
    window: float,
    crossing: pd.DataFrame | None = None,
) -> None:
    """Draw the barrier of every bin with its error, and optionally a weighted line through them.

    ``crossing`` has the slope of this line (``barrier_slope``); None draws no line.
    """
    lines = finite(select(lines, quantity=quantity, window=window), "barrier", "barrier_error")
    if lines.empty:
        panel.missing(_NO_FIT)
        return
    x, y, error = (lines[name] for name in ("bin_center", "barrier", "barrier_error"))
    panel.markers("barrier", x, y, error, color=ACCENT_COLOR, label="bins")
    if crossing is None:
        return
    crossing = finite(select(crossing, quantity=quantity, window=window), "barrier_slope")
    if crossing.empty:
        return
    row = crossing.iloc[0]
    weights = 1 / error.clip(lower=1e-12) ** 2
    middle = np.average(x, weights=weights), np.average(y, weights=weights)
    ends = np.array([x.min(), x.max()])
    words = f"slope {plus_minus(row['barrier_slope'], row['barrier_slope_error'], 4, 'n/a')}"
    words += f", $R^2$ = {row['r_squared']:.2f}"
    line = middle[1] + row["barrier_slope"] * (ends - middle[0])
    panel.line("line", ends, line, color="black", linewidth=0.8, label=words)
    panel.note(words.replace("$", ""))
    legend(panel.axes, loc="lower right")
