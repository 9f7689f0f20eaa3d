"""How well fits of the propensity at one temperature predict it at others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import seaborn as sns

from softcage import quantities as q
from softcage.plotting.page import Page
from softcage.plotting.style import legend_below

#: Mean displacement that particles have after about tau_alpha, sigma_AA.
RELAXED = 0.5


def relaxed_matrix(table: pd.DataFrame, column: str = "pearson_each") -> pd.DataFrame:
    """Return a correlation by temperature of the fit (rows) and of the test (columns).

    Tested times are those of each temperature with the mean displacement nearest to
    :data:`RELAXED`.
    """
    alike = table[table["alike"]]
    distance = np.log(alike["moved"] / RELAXED).abs()
    nearest = distance == distance.groupby(alike["T"]).transform("min")
    return alike[nearest].pivot(index="T_fit", columns="T", values=column)


def draw_transfer(page: Page, transfer: pd.DataFrame, joint: pd.DataFrame) -> None:
    """Draw the matrix of temperatures, and each temperature against the mean displacement.

    (a) Correlation at the times when particles have moved by about :data:`RELAXED`. Other panels:
    correlation at one temperature by the fit of every temperature whose mean displacement is
    nearest, and by one fit to all other temperatures and times.

    Parameters
    ----------
    page : Page
    transfer : DataFrame
        From :func:`softcage.ranking.transfer.transfer_table`.
    joint : DataFrame
        From :func:`softcage.ranking.joint.joint_table`.
    """
    alike = transfer[transfer["alike"]]
    temperatures = sorted(set(transfer["T"]))
    quantities = [(q.TEMPERATURE, q.TEMPERATURE)]
    quantities += [(q.MEAN_DISPLACEMENT, q.CORRELATION) for _ in temperatures]
    matrix_panel, *panels = page.add_panels(*quantities, columns=2)
    matrix = relaxed_matrix(transfer)
    names = [f"{T:.2f}" for T in matrix.index]
    sns.heatmap(
        matrix, annot=True, fmt=".2f", cmap="viridis", square=True, cbar=False,
        xticklabels=names, yticklabels=names, annot_kws={"size": 7}, ax=matrix_panel.axes,
    )  # fmt: skip
    for T_fit in matrix.index:
        row = matrix.loc[T_fit]
        matrix_panel.keep(f"fit at T = {T_fit:g}", row.index, row.to_numpy())
    words = f"$\\langle|\\Delta\\mathbf{{r}}|\\rangle \\approx$ {RELAXED:g}"
    matrix_panel.axes.set_title(f"({matrix_panel.name}) {words}", loc="left", pad=3)
    matrix_panel.axes.set(xlabel="tested at $T$", ylabel="fitted at $T$")
    matrix_panel.axes.tick_params(length=0)
    matrix_panel.note("series are fits, x is the temperature of the test, y the correlation")
    for panel, T in zip(panels, temperatures, strict=True):
        for T_fit in temperatures:
            rows = alike[(alike["T"] == T) & (alike["T_fit"] == T_fit)].sort_values("moved")
            look = page.style(T_fit, linewidth=0.7, label=f"fit at {page.label(T_fit)}")
            if T_fit == T:
                look |= {"markerfacecolor": "white", "markersize": 5}
            points = rows["moved"], rows["pearson_each"], rows["pearson_each_error"]
            panel.markers(f"fit at T = {T_fit:g}", *points, **look)
        rows = joint[joint["T"] == T].sort_values("moved")
        look = {"color": "black", "linestyle": "--", "label": "one fit of all others"}
        panel.line("one fit of all others", rows["moved"], rows["pearson_each"], **look)
        panel.axes.set(xlim=(0, None), ylim=(0, 1), ylabel="$r$ within a configuration")
        panel.axes.set_title(f"({panel.name}) {page.label(T)}", loc="left", pad=3)
    legend_below(page.fig, columns=2)
