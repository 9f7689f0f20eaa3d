"""Figures of the predictors of the propensity, each beside the ceiling.

Tables are those of :class:`softcage.ranking.propensity.Outcome`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from softcage.defaults import DELTA
from softcage.descriptors.table import quantity_of
from softcage.isoconfigurational.targets import TARGETS
from softcage.plotting.predictor_rows import draw_rows, strongest
from softcage.plotting.style import ACCENT_COLOR, COLUMN, GUIDE, legend_above, ordered_style
from softcage.quantities import TEMPERATURE, TIME, typeset
from softcage.ranking.propensity import LEARNED

_TIME_UNIT = r"$\sqrt{m\sigma_\mathrm{AA}^2/\epsilon_\mathrm{AA}}$"
_CORRELATION = "$|r|$ within a configuration"
_CEILING: dict[str, Any] = {"color": "0.4", "linestyle": "--", "marker": ""}

# Way to correlate: how learned predictors are drawn.
_LEARNED: dict[str, dict[str, Any]] = {
    "each": {"marker": "D", "color": "black", "label": "learned"},
    "pooled": {"marker": "|", "color": "black", "markersize": 6, "label": "learned, pooled"},
}


def draw(scores: pd.DataFrame, delta: float = DELTA) -> Figure:
    """Draw Pearson's r of all predictors at the last time, the best on top, a panel a target.

    Parameters
    ----------
    scores : DataFrame
    delta : float
        Width of the Gaussians of the depth that is shown, sigma_AA.
    """
    scores = _last(scores[scores["kind"] != "unseen"])
    single = strongest(scores, scores["pearson_each"].abs(), ["target"], delta)
    learned = scores[scores["kind"] == "learned"].sort_values("pearson_each")
    first = scores["target"].iloc[0]
    best, top = (
        table.loc[table["target"] == first, "name"].drop_duplicates(keep="last").tolist()
        for table in (single, learned)
    )
    names = best + top
    figure, panels = _panels(scores, height=0.9 + 0.15 * len(names), sharey=True)
    for target, axes in panels.items():
        own = {"single": single, "learned": learned, "all": scores}
        own = {key: table[table["target"] == target] for key, table in own.items()}
        draw_rows(axes, own["single"], names, "pearson_each_error")
        for way, look in _LEARNED.items():
            _points(axes, own["learned"], way, names, **look)
        _ceiling(axes, own["all"])
        axes.axhline(len(best) - 0.5, **GUIDE)
        axes.set(xlim=(0, 1), title=TARGETS[target].words)
        axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    figure.axes[0].set_yticks(range(len(names)), [_label(name) for name in names])
    figure.supxlabel(_CORRELATION, size=plt.rcParams["axes.labelsize"])
    legend_above(figure, columns=2)
    return figure


def _shown(delta: float) -> list[tuple[str, str | None, bool]]:
    """Return what the curves show: name, positions (None for learned), averaged."""
    return [
        ("ridge_named", None, False),
        ("ridge_pairs", None, False),
        ("ridge_cage", None, False),
        ("depth_pair", "inherent", True),
        ("energy", "inherent", True),
        (f"depth_{delta:g}", "inherent", True),
        (f"depth_{delta:g}", "thermal", False),
    ]


def draw_times(
    scores: pd.DataFrame, relaxation_times: Mapping[float, float], delta: float = DELTA
) -> Figure:
    """Draw the size of Pearson's r against time, a row a target and a panel a temperature.

    With more than one temperature the last panel of a row is against T, at the last time of each.

    Parameters
    ----------
    scores : DataFrame
        With a column T.
    relaxation_times : mapping
        T to tau_alpha.
    delta : float
        Width of the Gaussians of the depth that is shown, sigma_AA.
    """
    temperatures = sorted(relaxation_times)
    targets = list(dict.fromkeys(scores["target"]))
    columns = len(temperatures) + (len(temperatures) > 1)
    figure, panels = plt.subplots(
        len(targets), columns, figsize=(1.1 + 2.3 * columns, 0.9 + 2.2 * len(targets)),
        sharex="col", sharey=True, squeeze=False, layout="constrained",
    )  # fmt: skip
    for row, target in zip(panels, targets, strict=True):
        own = scores[scores["target"] == target]
        for axes, T in zip(row, temperatures, strict=False):
            _curves(axes, own[own["T"] == T], "time", delta)
            tau = relaxation_times[T]
            axes.set(xscale="log", xlabel=f"{TIME.axis()} ({_TIME_UNIT})")
            axes.tick_params(top=False, which="both")
            above = axes.secondary_xaxis("top", functions=(lambda t, s=tau: t / s,
                                                           lambda x, s=tau: x * s))  # fmt: skip
            above.set_xlabel(rf"$t/\tau_\alpha$, $T$ = {T:g}")
        if len(temperatures) > 1:
            _curves(
                row[-1], pd.concat([_last(own[own["T"] == T]) for T in temperatures]), "T", delta
            )
            row[-1].set(xlabel=TEMPERATURE.axis(), title=r"$t = 3\,\tau_\alpha$")
            row[-1].set_xticks(temperatures, [f"{T:g}" for T in temperatures])
        row[0].set(ylim=(0, 1), ylabel=f"$|r|$, {TARGETS[target].words}")
    legend_above(figure, columns=min(columns, 3))
    return figure


def _curves(axes: Axes, scores: pd.DataFrame, against: str, delta: float) -> None:
    shown = _shown(delta)
    for place, (name, positions, averaged) in enumerate(shown):
        rows = scores[scores["name"] == name]
        if positions:
            rows = rows[(rows["positions"] == positions) & ((rows["length"] > 0) == averaged)]
        words = ", ".join([_label(name), *([positions] if positions else [])])
        axes.errorbar(
            rows[against], rows["pearson_each"].abs(), yerr=rows["pearson_each_error"],
            label=words + (", averaged" if averaged else ""),
            **ordered_style(place, len(shown)),
        )  # fmt: skip
    top = scores[scores["kind"] == "ceiling"]
    axes.errorbar(
        top[against], top["pearson_each"], yerr=top["pearson_each_error"], label="ceiling",
        **_CEILING,
    )  # fmt: skip


def draw_lengths(lengths: pd.DataFrame, scores: pd.DataFrame) -> Figure:
    """Draw Pearson's r of averaged descriptors against L, a panel a target.

    Parameters
    ----------
    lengths, scores : DataFrame
        The ceiling is that of ``scores``.
    """
    figure, panels = _panels(lengths, height=2.9, sharey=True)
    best = lengths.groupby("name")["pearson_each"].agg(lambda r: r.abs().max())
    names = best.sort_values(ascending=False).index
    for target, axes in panels.items():
        own = lengths[lengths["target"] == target]
        for place, name in enumerate(names):
            rows = own[own["name"] == name].sort_values("length")
            axes.errorbar(
                rows["length"], rows["pearson_each"].abs(), yerr=rows["pearson_each_error"],
                label=_label(name), **ordered_style(place, len(names)),
            )  # fmt: skip
        top = _last(scores[(scores["kind"] == "ceiling") & (scores["target"] == target)])
        axes.axhline(top["pearson_each"].iloc[0], label="ceiling", **_CEILING)
        axes.set(ylim=(0, 1), title=TARGETS[target].words, xlabel=r"$L$ ($\sigma_\mathrm{AA}$)")
    figure.axes[0].set_ylabel(_CORRELATION)
    legend_above(figure, columns=2)
    return figure


def draw_coefficients(
    coefficients: pd.DataFrame, importances: pd.DataFrame, target: str = "propensity"
) -> Figure:
    """Draw what the ridges on named numbers rest on: coefficients, and what permuting costs.

    Parameters
    ----------
    coefficients, importances : DataFrame
        Without rows where there were too few configurations; the figure says so.
    target : str
    """
    shown = [name for name in ("ridge_named", "ridge_pairs") if name in set(coefficients["name"])]
    if not shown:
        return no_predictors()
    tables = {name: _grid(coefficients, importances, target, name) for name in shown}
    figure, panels = plt.subplots(
        len(shown), 2, figsize=(5.2, 0.9 + 0.29 * sum(map(len, tables.values()))),
        height_ratios=[len(table) for table in tables.values()], width_ratios=[2.4, 1],
        squeeze=False, layout="constrained",
    )  # fmt: skip
    for (cells, bars), (name, table) in zip(panels, tables.items(), strict=True):
        _matrix(cells, table)
        cells.set_title(f"{LEARNED[name].words}: coefficients")
        bars.barh(
            range(len(table)), table["importance", ""], xerr=table["importance", "error"],
            color=ACCENT_COLOR, height=0.6, error_kw={"elinewidth": 0.8},
        )  # fmt: skip
        bars.set(ylim=(len(table) - 0.5, -0.5), yticks=[], title="lost when permuted")
        bars.axvline(0, color="black", linewidth=0.7)
    unit = f" ($10^{{-2}}\\,{TARGETS[target].axis_unit}$)" if TARGETS[target].axis_unit else ""
    panels[-1, 0].set_xlabel(f"itself, or averaged over A or B, at $L$\ncoefficient{unit}")
    panels[-1, 1].set_xlabel("loss of $r$")
    return figure


def _grid(
    coefficients: pd.DataFrame, importances: pd.DataFrame, target: str, name: str
) -> pd.DataFrame:
    """Return coefficients and errors, a row a descriptor and a column an average, best first."""
    own = coefficients[(coefficients["target"] == target) & (coefficients["name"] == name)]
    found: dict[tuple[str, str], dict[str, float]] = {}
    for feature, value, error in own[["feature", "coefficient", "error"]].itertuples(index=False):
        descriptor, _, *averaged = feature.split(", ")  # such as energy_A, inherent, over B at 2
        where = averaged[0].removeprefix("over ").replace(" at ", ", ") if averaged else "itself"
        found.setdefault((where, ""), {})[descriptor] = value
        found.setdefault((where, "error"), {})[descriptor] = error
    worth = importances[(importances["target"] == target) & (importances["name"] == name)]
    worth = worth.set_index("descriptor")
    table = pd.DataFrame(found)
    table["importance", ""], table["importance", "error"] = worth["importance"], worth["error"]
    return table.sort_values(("importance", ""), ascending=False)


def _matrix(axes: Axes, table: pd.DataFrame) -> None:
    columns = table.columns.get_level_values(0).unique().drop("importance")
    values = table[[(where, "") for where in columns]].to_numpy()
    errors = table[[(where, "error") for where in columns]].to_numpy()
    most = np.abs(values).max()
    # white where the coefficient is nothing, and never so dark that words cannot be read
    axes.imshow(values, cmap="RdBu_r", vmin=-1.6 * most, vmax=1.6 * most, aspect="auto")
    for (row, column), value in np.ndenumerate(values):
        words = f"{100 * value:z.1f} ± {100 * errors[row, column]:.1f}"
        axes.text(column, row, words, ha="center", va="center", size=5.5)
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(table)), [_label(name) for name in table.index])
    axes.tick_params(length=0)


def _panels(table: pd.DataFrame, height: float, **options: Any) -> tuple[Figure, dict[str, Axes]]:
    """Return a figure that is one column wide, and target -> panel."""
    targets = list(dict.fromkeys(table["target"]))
    figure, panels = plt.subplots(
        1, len(targets), figsize=(COLUMN, height), squeeze=False, layout="constrained", **options
    )
    return figure, dict(zip(targets, panels[0], strict=True))


def no_predictors() -> Figure:
    """Return what stands in the place of a figure of learned predictors where there are none."""
    figure = plt.figure(figsize=(COLUMN, 1.0))
    words = "no learned predictors:\nthey need three configurations"
    figure.text(0.5, 0.5, words, ha="center", va="center")
    return figure


def _last(scores: pd.DataFrame) -> pd.DataFrame:
    return scores[(scores["time"] == scores["time"].max()) | scores["time"].isna()]


def _points(axes: Axes, rows: pd.DataFrame, way: str, names: list[str], **look: Any) -> None:
    axes.errorbar(
        rows[f"pearson_{way}"].abs(),
        [names.index(name) for name in rows["name"]],
        xerr=rows[f"pearson_{way}_error"] if way == "each" else None,
        linestyle="none",
        **look,
    )


def _ceiling(axes: Axes, rows: pd.DataFrame) -> None:
    top = rows[rows["kind"] == "ceiling"]
    value = top["pearson_each"].iloc[0] if "pearson_each" in top else np.nan
    if np.isfinite(value):
        error = np.nan_to_num(top["pearson_each_error"].iloc[0])
        axes.axvspan(value - error, value + error, color="0.85", linewidth=0)
        axes.axvline(value, label="ceiling, from split halves", **_CEILING)


def _label(name: str) -> str:
    return LEARNED[name].words if name in LEARNED else typeset(quantity_of(name).words)
