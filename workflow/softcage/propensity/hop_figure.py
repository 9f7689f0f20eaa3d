"""Descriptors against hops: all of them at a glance, and who stays caged for how long."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from softcage.descriptors.table import BY_NAME, POSITIONS
from softcage.plotting.style import (
    ACCENT_COLOR,
    ALL_COLOR,
    DASHED,
    GUIDE,
    REARRANGING_COLOR,
    ordered_style,
)

_COLORS = {"thermal": REARRANGING_COLOR, "averaged": ALL_COLOR, "inherent": ACCENT_COLOR}
_WORDS = {"thermal": "thermal", "averaged": "averaged over time", "inherent": "inherent"}
_MARKERS = {"thermal": "o", "averaged": "^", "inherent": "s"}


def _label(name: str) -> str:
    quantity = BY_NAME[name].quantity
    return f"{quantity.words}, ${quantity.symbol}$"


def draw(scores: pd.DataFrame) -> Figure:
    """Draw the ROC AUC of all descriptors at one temperature, a panel a target, the best on top.

    Parameters
    ----------
    scores : DataFrame
        :func:`softcage.propensity.hop_scores.score`, with a column T. Descriptors that say the
        same as another (softness, further widths) are left out; of several lengths the first is
        drawn. Where small numbers rearrange, 1 - AUC is.
    """
    scores = scores[scores["kind"] == "descriptor"]
    scores = scores[~scores["name"].str.match(r"(?:softness|depth_0\.(?!09))")]
    lengths = sorted(scores["length"].unique())[:2]
    scores = scores[scores["length"].isin(lengths)]
    scores = scores.assign(strength=0.5 + (scores["auc"] - 0.5).abs())
    targets = scores[["target", "time"]].drop_duplicates().itertuples(index=False)
    ahead = scores[(scores["target"] == "first") & scores["strength"].notna()]
    sorting = ahead if len(ahead) else scores
    names = sorting.groupby("name")["strength"].max().sort_values().index.tolist()
    parts = [
        (target, time, scores[(scores["target"] == target) & (scores["time"] == time)])
        for target, time in targets
    ]
    figure, panels = plt.subplots(
        1, len(parts), figsize=(2.2 + 1.7 * len(parts), 0.9 + 0.19 * len(names)), sharey=True,
        squeeze=False, layout="constrained",
    )  # fmt: skip
    for axes, (target, time, rows) in zip(panels[0], parts, strict=True):
        kinds = [(positions, length) for positions in POSITIONS for length in lengths]
        for place, (positions, length) in enumerate(kinds):
            some = rows[(rows["positions"] == positions) & (rows["length"] == length)]
            words = _WORDS[positions] + (f"; over A, $L$ = {length:g}" if length else "")
            apart = 0.12 * (0.5 * (len(kinds) - 1) - place)
            axes.errorbar(
                some["strength"], [names.index(name) + apart for name in some["name"]],
                xerr=some["auc_error"], linestyle="none", color=_COLORS[positions],
                marker=_MARKERS[positions], label=words, capsize=0,
                elinewidth=0.6, markerfacecolor=_COLORS[positions] if length else "white",
            )  # fmt: skip
        axes.axvline(0.5, **GUIDE)
        title = "hop now" if target == "now" else f"first hop within {time:.3g}"
        axes.set_title(f"{title}, $T$ = {scores['T'].iloc[0]:g}")
        axes.set(xlim=(0.48, None), xlabel="ROC AUC")
        axes.set_ylim(-0.7, len(names) - 0.3)
        axes.set_yticks(range(len(names)), [_label(name) for name in names])
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(POSITIONS))
    return figure


def draw_survival(curves: pd.DataFrame, temperatures: list[float]) -> Figure:
    """Draw the share of the softest and of the hardest fifth that has not rearranged yet.

    Parameters
    ----------
    curves : DataFrame
        :func:`softcage.propensity.hop_scores.survival`, with a column T.
    temperatures : list of float
        A panel each.
    """
    figure, panels = plt.subplots(
        1, len(temperatures), figsize=(1.6 + 1.5 * len(temperatures), 2.9), sharey=True,
        squeeze=False, layout="constrained",
    )  # fmt: skip
    columns = ["name", "positions", "length"]
    kinds = list(curves[columns].drop_duplicates().itertuples(index=False, name=None))
    for place, (name, positions, length) in enumerate(kinds):
        own = curves[(curves[columns] == [name, positions, length]).all(axis=1)]
        look = ordered_style(place, len(kinds), marker="")
        words = f"{_label(name)}, {positions}" + (", averaged over A" if length else "")
        for axes, T in zip(panels[0], temperatures, strict=True):
            for group, line in (("softest", "-"), ("hardest", DASHED)):
                rows = own[(own["T"] == T) & (own["group"] == group)]
                axes.errorbar(
                    rows["time"], rows["surviving"], yerr=rows["surviving_error"],
                    errorevery=(2 * place, 6), label=words if group == "softest" else None,
                    **look | {"linestyle": line},
                )  # fmt: skip
            axes.set(xscale="log", ylim=(0, 1), xlabel="$t$", title=f"$T$ = {T:g}")
    for group, line in (("softest", "-"), ("hardest", DASHED)):
        panels[0, 0].plot([], [], color="0.4", linestyle=line, label=f"{group} fifth")
    panels[0, 0].set_ylabel("share that has not hopped")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda k: labels[k].endswith(" fifth"))
    figure.legend(
        [handles[k] for k in order], [labels[k] for k in order], loc="outside upper center",
        ncols=1 if len(temperatures) < 3 else 2,
    )  # fmt: skip
    return figure
