"""Descriptors against hops: all of them at a glance, and who stays caged for how long."""

from __future__ import annotations

from itertools import product
from textwrap import fill

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from softcage.descriptors.table import BY_NAME
from softcage.plotting.quantities import AUC, typeset
from softcage.plotting.style import (
    COLUMN,
    DASHED,
    GUIDE,
    POSITION_LOOKS,
    ordered_style,
)

_LETTERS = 22  # of a name in one line


def _label(name: str) -> str:
    return typeset(fill(BY_NAME[name].quantity.words, _LETTERS))


def draw(scores: pd.DataFrame) -> Figure:
    """Draw the ROC AUC of all descriptors at one temperature, a panel a target, the best on top.

    From each kind of positions the better one is drawn of the number itself (open) and its average
    over A particles (filled). Where small numbers rearrange, 1 - AUC is.

    Parameters
    ----------
    scores : DataFrame
        :func:`softcage.propensity.hop_scores.score`, with a column T. Descriptors that say the
        same as another (softness, further widths) are left out; of several lengths the first is
        taken.
    """
    repeated = scores["name"].str.match(r"(?:softness|depth_0\.(?!09))")
    lengths = sorted(scores["length"].unique())[:2]
    scores = scores[(scores["kind"] == "descriptor") & ~repeated & scores["length"].isin(lengths)]
    scores = scores.assign(strength=0.5 + (scores["auc"] - 0.5).abs()).sort_values("strength")
    scores = scores.drop_duplicates(["target", "time", "name", "positions"], keep="last")
    ahead = scores[(scores["target"] == "first") & scores["strength"].notna()]
    names = (ahead if len(ahead) else scores)["name"].drop_duplicates(keep="last").tolist()
    targets = list(scores.groupby(["time", "target"]))
    figure, panels = plt.subplots(
        1, len(targets), figsize=(COLUMN, 1.1 + 0.17 * len(names)), sharex=True, sharey=True,
        squeeze=False, layout="constrained",
    )  # fmt: skip
    for axes, ((time, target), own) in zip(panels[0], targets, strict=True):
        for row in range(0, len(names), 2):
            axes.axhspan(row - 0.5, row + 0.5, color="0.93", linewidth=0)
        for length, (place, (positions, look)) in product(
            lengths, enumerate(POSITION_LOOKS.items())
        ):
            rows = own[(own["positions"] == positions) & (own["length"] == length)]
            axes.errorbar(
                rows["strength"], [names.index(name) + 0.25 * (1 - place) for name in rows["name"]],
                xerr=rows["auc_error"], linestyle="none", capsize=0, elinewidth=0.6,
                **look | {
                    "label": look["label"] + (f", over A, $L$ = {length:g}" if length else ""),
                    "markerfacecolor": look["color"] if length else "white",
                },
            )  # fmt: skip
        axes.axvline(0.5, **GUIDE)
        axes.set_title("hop now" if target == "now" else f"first hop\nwithin {time:.3g}")
        axes.set(xlim=(0.48, None), ylim=(-0.5, len(names) - 0.5))
        axes.xaxis.set_major_locator(MultipleLocator(0.1))
        axes.tick_params(axis="y", length=0)
    panels[0, 0].set_yticks(range(len(names)), [_label(name) for name in names], linespacing=1)
    T = scores["T"].iloc[0]
    figure.supxlabel(f"{AUC.axis()}, $T$ = {T:g}", size=plt.rcParams["axes.labelsize"])
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=2)
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
        1, len(temperatures), figsize=(1.0 + 1.2 * max(len(temperatures), 2), 2.6), sharey=True,
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
