"""Figures of the predictors of the propensity at one temperature, with the ceiling.

The tables are those of :class:`softcage.ranking.propensity.Outcome`. A study and the command
``softcage propensity`` draw the same figures.
"""

from __future__ import annotations

import re
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns

from softcage import quantities as q
from softcage.isoconfigurational.targets import TARGETS
from softcage.plotting.page import Page, Panel
from softcage.plotting.predictor_rows import draw_descriptors, last_time, strongest
from softcage.plotting.style import ACCENT_COLOR, GUIDE, legend_below, ordered_style

CEILING_LOOK: dict[str, Any] = {"color": "0.4", "linestyle": "--", "marker": "", "label": "ceiling"}
NOTHING_LEARNED = "no learned predictors:\nthey need three configurations"
_LEARNED_LOOKS: dict[str, dict[str, Any]] = {
    "each": {"marker": "D", "color": "black", "label": "learned"},
    "pooled": {"marker": "|", "color": "black", "label": "learned, all pooled"},
}


def draw_predictors(page: Page, scores: pd.DataFrame, T: float, delta: float) -> None:
    """Draw Pearson's r of all predictors at the last time, the best on top, one panel per target.

    Parameters
    ----------
    page : Page
    scores : DataFrame
    T : float
        Temperature of all configurations.
    delta : float
        Width of the Gaussians of the depth that is shown.
    """
    scores = last_time(scores[scores["kind"] != "unseen"])
    single = strongest(scores, scores["pearson_each"].abs(), ["target"], delta)
    single = single.assign(strength_error=single["pearson_each_error"])
    learned = scores[scores["kind"] == "learned"].sort_values("pearson_each", ascending=False)
    targets = list(dict.fromkeys(scores["target"]))
    top, best = (
        table.loc[table["target"] == targets[0], "name"].drop_duplicates().tolist()
        for table in (learned, single)
    )
    words = ["\n".join(wrap(TARGETS[target].words, 12)) for target in targets]
    shown = [(q.CORRELATION, q.PREDICTOR, title) for title in words]
    height = 0.7 + 0.15 * len(top + best)
    panels = page.add_panels(*shown, columns=len(shown), row=height, wide=False, sharey=True)
    for panel, target in zip(panels, targets, strict=True):
        of_target = [table[table["target"] == target] for table in (single, learned, scores)]
        draw_descriptors(panel, of_target[0], top + best)
        _draw_learned(panel, of_target[1], top + best)
        _draw_ceiling(panel, of_target[2])
        panel.axes.axhline(len(top) - 0.5, **GUIDE)
        panel.axes.set(xlim=(0, 1), xlabel=panel.x.axis(short=True))
        panel.axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    legend_below(page.fig, columns=2, title=page.label(T), handlelength=1.5, columnspacing=0.5)
    page.mark([T])


def _draw_learned(panel: Panel, learned: pd.DataFrame, names: list[str]) -> None:
    words = {name: q.predictor_words(name) for name in names}
    for way, error, size in (("each", learned["pearson_each_error"], 3.2), ("pooled", np.nan, 7)):
        rows = learned.assign(look=way, r=learned[f"pearson_{way}"].abs(), r_error=error)
        panel.rows(rows, "r", words, {way: _LEARNED_LOOKS[way]}, markersize=size)


def _draw_ceiling(panel: Panel, scores: pd.DataFrame) -> None:
    top = scores[scores["kind"] == "ceiling"]
    value = top["pearson_each"].iloc[0] if "pearson_each" in top else np.nan
    if np.isfinite(value):
        error = np.nan_to_num(top["pearson_each_error"].iloc[0])
        panel.axes.axvspan(value - error, value + error, color="0.85", linewidth=0)
        panel.axes.axvline(value, **CEILING_LOOK)
        panel.keep("ceiling", [value], [np.nan], x_error=[error])


def draw_averaging_lengths(
    page: Page, lengths: pd.DataFrame, scores: pd.DataFrame, T: float
) -> None:
    """Draw Pearson's r of averaged descriptors against L, one panel per target.

    Parameters
    ----------
    page : Page
    lengths, scores : DataFrame
        The ceiling is taken from ``scores``.
    T : float
    """
    targets = list(dict.fromkeys(lengths["target"]))
    shown = [(q.AVERAGING_LENGTH, q.CORRELATION, TARGETS[target].words) for target in targets]
    panels = page.add_panels(*shown, columns=len(shown), row=2.4, wide=False, sharey=True)
    best = lengths.assign(r=lengths["pearson_each"].abs()).groupby("name")["r"].max()
    names = best.sort_values(ascending=False).index
    for panel, target in zip(panels, targets, strict=True):
        of_target = lengths[lengths["target"] == target]
        for place, name in enumerate(names):
            rows = of_target[of_target["name"] == name].sort_values("length")
            words = q.predictor_words(name)
            curve = rows["length"], rows["pearson_each"].abs(), rows["pearson_each_error"]
            panel.markers(words, *curve, **ordered_style(place, len(names), label=words))
        top = last_time(scores[(scores["kind"] == "ceiling") & (scores["target"] == target)])
        if top["pearson_each"].notna().any():
            ceiling = top["pearson_each"].iloc[0]
            panel.axes.axhline(ceiling, **CEILING_LOOK)
            panel.keep("ceiling", [np.nan], [ceiling])
        panel.axes.set(ylim=(0, 1), xlabel=panel.x.axis(short=True))
        panel.axes.set_ylabel("$|r|$ within a configuration" if panel is panels[0] else "")
    legend_below(page.fig, columns=2, title=page.label(T))
    page.mark([T])


def draw_coefficients(
    page: Page, coefficients: pd.DataFrame, importances: pd.DataFrame, T: float
) -> None:
    """Draw the coefficients of the ridge regressions to the propensity, and the importances.

    Parameters
    ----------
    page : Page
    coefficients, importances : DataFrame
        Tables without rows mean that there were too few configurations; the figure then says so.
    T : float
    """
    target = "propensity"
    shown = [name for name in ("ridge_named", "ridge_pairs") if name in set(coefficients["name"])]
    if not shown:
        (panel,) = page.add_panels((q.AVERAGE, q.PREDICTOR), row=1.0)
        panel.axes.set(xlabel="", ylabel="")
        panel.missing(NOTHING_LEARNED)
        return
    grids = [_grid(coefficients, importances, target, name) for name in shown]
    sizes = [len(grid) for grid in grids]
    quantities = ((q.AVERAGE, q.PREDICTOR), (q.PERMUTATION_LOSS, q.PREDICTOR))
    panels = page.add_panels(
        *[(*pair, "") for _ in shown for pair in quantities],
        columns=2,
        row=0.45 + 0.26 * sum(sizes) / len(sizes),
        height_ratios=sizes,
        width_ratios=[2.4, 1],
    )
    unit = f" ($10^{{-2}}\\,{TARGETS[target].axis_unit}$)" if TARGETS[target].axis_unit else ""
    for cells, bars, grid, name in zip(panels[::2], panels[1::2], grids, shown, strict=True):
        words = f"({cells.name}) {q.predictor_words(name)}, {page.label(T)}: coefficients{unit}"
        cells.axes.set_title(words, loc="left", pad=3)
        bars.axes.set_title(f"({bars.name}) permuted", loc="left", pad=3)
        _draw_matrix(cells, grid)
        _draw_losses(bars, grid)
    panels[-2].axes.set_xlabel("the particle itself, or averaged over A or B particles with $L$")
    page.mark([T])


def _grid(
    coefficients: pd.DataFrame, importances: pd.DataFrame, target: str, name: str
) -> pd.DataFrame:
    """Return coefficients and errors, one row per descriptor, the most important first.

    Columns are pairs of a place and "value" or "error"; "importance" is a further place. The
    feature ``virial_A, inherent, over B at 2`` is the descriptor ``virial_A`` at the place
    ``B, 2``.
    """
    table = coefficients[(coefficients["target"] == target) & (coefficients["name"] == name)]
    cells: dict[tuple[str, str], dict[str, float]] = {}
    for feature, value, error in zip(
        table["feature"], table["coefficient"], table["error"], strict=True
    ):
        average = re.search(r", over (\w+) at ([\d.]+)$", feature)
        place = f"{average[1]}, {average[2]}" if average else "itself"
        descriptor = feature.partition(",")[0]
        cells.setdefault((place, "value"), {})[descriptor] = value
        cells.setdefault((place, "error"), {})[descriptor] = error
    loss = importances[(importances["target"] == target) & (importances["name"] == name)]
    loss = loss.set_index("descriptor")
    grid = pd.DataFrame(cells)
    grid["importance", "value"], grid["importance", "error"] = loss["importance"], loss["error"]
    return grid.sort_values(("importance", "value"), ascending=False)


def _draw_matrix(panel: Panel, grid: pd.DataFrame) -> None:
    """Draw the coefficients as a heat map with numbers in the cells, in units of 0.01."""
    values = 100 * grid.xs("value", axis=1, level=1).drop(columns="importance")
    errors = 100 * grid.xs("error", axis=1, level=1)[values.columns]
    words = values.map("{:z.1f}".format) + " ± " + errors.map("{:.1f}".format)
    most = np.abs(values.to_numpy()).max()
    sns.heatmap(
        values, annot=words, fmt="", annot_kws={"size": 6, "color": "black"}, cmap="RdBu_r",
        cbar=False,
        # white at zero, and never so dark that the numbers cannot be read
        vmin=-1.6 * most, vmax=1.6 * most, linewidths=0.5, ax=panel.axes,
    )  # fmt: skip
    panel.axes.tick_params(length=0)
    panel.axes.tick_params(axis="x", rotation=0)
    panel.axes.set(xlabel="", ylabel="")
    panel.axes.set_yticklabels([q.predictor_words(name) for name in values.index], rotation=0)
    for column, where in enumerate(values.columns):
        panel.keep(
            where, np.full(len(values), column), range(len(values)),
            descriptor=values.index.tolist(), coefficient=values[where] / 100,
            coefficient_error=errors[where] / 100,
        )  # fmt: skip


def _draw_losses(panel: Panel, grid: pd.DataFrame) -> None:
    loss, error = (grid["importance", name] for name in ("value", "error"))
    if loss.isna().all():
        return
    rows = np.arange(len(grid)) + 0.5  # centres of the cells of the heat map
    panel.axes.barh(
        rows, loss, xerr=error, color=ACCENT_COLOR, height=0.6, error_kw={"elinewidth": 0.8}
    )
    panel.keep("loss", loss, rows - 0.5, x_error=error, descriptor=grid.index.tolist())
    sns.despine(ax=panel.axes, left=True)
    panel.axes.axvline(0, color="black", linewidth=0.7)
    panel.axes.set(ylim=(len(grid), 0), yticks=[], ylabel="", xlabel="loss of Pearson's $r$")
    panel.axes.tick_params(top=False)
