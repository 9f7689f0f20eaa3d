"""Figure S1: what the upper limit q_max of the wave-number integrals changes, and what not.

(a) the mean-field softness, from the curvature of the cage (filled) and from a parabola fitted to
it (open); (b) how far 1/S_av is from its line against the real-space depth; (c) shares of particles
softer than the peak; (d) ROC AUC. (c) and (d) are of single particles at the lowest temperature.
"""

import numpy as np
import pandas as pd

from softcage import quantities as q
from softcage.log import logged
from softcage.panels import select
from softcage.plotting import (
    ALL_COLOR,
    GUIDE_COLOR,
    REARRANGING_COLOR,
    Points,
    figure,
    legend,
    limits,
    made_by,
    mark_unequilibrated,
    save,
    temperature_label,
    temperature_style,
    unequilibrated,
)

FILL = {"curvature": {}, "harmonic": {"markerfacecolor": "white", "linestyle": "none"}}


def average_softness(points, cages, marks):
    """Draw panel a: S_av = 1 / (1/S_av), error by propagation."""
    for (route, T), data in cages.sort_values("q_max").groupby(["route", "T"]):
        inverse = data["inverse_softness"].where(data["inverse_softness"] > 0)
        points.markers(
            "a",
            f"{route}, T = {T:g}",
            data["q_max"],
            1 / inverse,
            data["inverse_softness_error"] / inverse**2,
            label=temperature_label(T, marks) if route == "curvature" else None,
            **temperature_style(T, marker=True) | FILL[route],
        )


def linearity(points, calibration):
    """Draw panel b."""
    lines = select(calibration, relation="c").sort_values("q_max")
    for route, data in lines.groupby("route"):
        deviation = 100 * data["max_relative_deviation"]
        style = {"color": "black", "linestyle": "-"} | FILL[route]
        points.markers("b", route, data["q_max"], deviation, label=route, **style)


def prediction(points, axes, table):
    """Draw panels c and d."""
    table = table[np.isfinite(table["auc"])].sort_values("q_max")
    for name, color, marker in (
        ("rearranging", REARRANGING_COLOR, "s"),
        ("all", ALL_COLOR, "o"),
    ):
        share, error = table[f"share_{name}"], table[f"share_{name}_error"]
        style = {"color": color, "marker": marker, "linestyle": "-"}
        points.markers("c", name, table["q_max"], 100 * share, 100 * error, label=name, **style)
    style = {"color": "black", "linestyle": "-"}
    points.markers("d", "AUC", table["q_max"], table["auc"], table["auc_error"], **style)
    ends = [*(table["auc"] - table["auc_error"]), *(table["auc"] + table["auc_error"]), 0.5]
    axes.set_ylim(*limits(ends, 0.2))
    axes.axhline(0.5, color=GUIDE_COLOR, linewidth=0.7, linestyle=":")


def draw(cages, calibration, table, equilibration, temperatures, q_max, width, dpi):
    """Draw the four panels; the default q_max is a dotted line."""
    marks, points = unequilibrated(equilibration), Points()
    cold = temperature_label(min(temperatures), marks)
    fig, axes = figure(2, 2, 4.8, width=width, dpi=dpi, wide=True)
    points.panel(axes[0], "a", q.Q_MAX, q.AVERAGE_SOFTNESS)
    points.panel(axes[1], "b", q.Q_MAX, q.DEVIATION)
    points.panel(axes[2], "c", q.Q_MAX, q.SHARE, cold)
    points.panel(axes[3], "d", q.Q_MAX, q.AUC, cold)
    average_softness(points, cages, marks)
    linearity(points, calibration)
    prediction(points, axes[3], table)
    for ax in axes:
        ax.axvline(q_max, color=GUIDE_COLOR, linewidth=0.7, linestyle=":")
    axes[1].set_ylabel("largest deviation from the line (%)")
    axes[1].set_ylim(bottom=0)
    axes[2].set_ylabel("softer than the peak (%)")
    for ax, columns in zip(axes[:3], (1, 1, 2), strict=True):
        legend(ax, loc="best", ncols=columns)
    mark_unequilibrated(fig, temperatures, marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        names = ("cage", "calibration", "q_max", "equilibration")
        tables = [pd.read_csv(files[name]) for name in names]
        fig, points = draw(*tables, p.temperatures, p.q_max, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
