"""Descriptors against hops: all of them at a glance, and who stays caged for how long."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from softcage.defaults import DELTA
from softcage.descriptors.table import quantity_of
from softcage.plotting.predictor_rows import draw_rows, strongest
from softcage.plotting.style import COLUMN, DASHED, GUIDE, legend_above, ordered_style
from softcage.quantities import AUC, typeset


def _label(name: str) -> str:
    return typeset(quantity_of(name).words)


def draw(scores: pd.DataFrame, delta: float = DELTA) -> Figure:
    """Draw the ROC AUC of all descriptors at one temperature, a panel a target, the best on top.

    Where small numbers rearrange, 1 - AUC is.

    Parameters
    ----------
    scores : DataFrame
        :func:`softcage.ranking.hops.rank_hops`, with a column T.
    delta : float
        Width of the Gaussians of the depth that is shown, sigma_AA.
    """
    strength = 0.5 + (scores["auc"] - 0.5).abs()
    scores = strongest(scores, strength, ["target", "time"], delta)
    ahead = scores[(scores["target"] == "first") & scores["strength"].notna()]
    names = (ahead if len(ahead) else scores)["name"].drop_duplicates(keep="last").tolist()
    targets = list(scores.groupby(["time", "target"]))
    figure, panels = plt.subplots(
        1, len(targets), figsize=(COLUMN, 1.1 + 0.17 * len(names)), sharex=True, sharey=True,
        squeeze=False, layout="constrained",
    )  # fmt: skip
    for axes, ((time, target), own) in zip(panels[0], targets, strict=True):
        draw_rows(axes, own, names, "auc_error")
        axes.axvline(0.5, **GUIDE)
        within = f"{float(f'{time:.3g}'):g}"  # in digits, never as a power of ten
        axes.set_title("hop now" if target == "now" else f"first hop\nwithin {within}")
        axes.set_xlim(0.48, None)
        axes.xaxis.set_major_locator(MultipleLocator(0.2, 0.1))
    panels[0, 0].set_yticks(range(len(names)), [_label(name) for name in names])
    T = scores["T"].iloc[0]
    figure.supxlabel(f"{AUC.axis()}, $T$ = {T:g}", size=plt.rcParams["axes.labelsize"])
    legend_above(figure, columns=2)
    return figure


def draw_survival(curves: pd.DataFrame, temperatures: list[float]) -> Figure:
    """Draw the share of the softest and of the hardest fifth that has not rearranged yet.

    Parameters
    ----------
    curves : DataFrame
        :func:`softcage.ranking.hops.survival`, with a column T.
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
