"""Figure S4: is every state point an equilibrated liquid?

(a) energy minus the value of other codes; (b) drift of the energy over the production; (c) the
relaxation time of all data and of the two halves of each run; (d) mean squared displacement;
(e) overlap; (f) non-Gaussian parameter.
"""

import numpy as np
import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    GUIDE_COLOR,
    figure,
    legend,
    log_ticks,
    mark_unequilibrated,
    temperature_label,
    temperature_style,
    unequilibrated,
)


def runs(points, axes, table):
    """Draw panels a, b and c: a point a run."""
    style = {"color": "black"}
    difference = table["u"] - table["u_reference"]
    if not points.markers(
        "a", "u - u_reference", table["T"], difference, table["u_error"], **style
    ):
        points.missing("a", "no reference for this model\nand density")
    points.markers("b", "drift", table["T"], table["u_drift"], table["u_drift_error"], **style)
    for ax in axes[:2]:
        ax.axhline(0, color=GUIDE_COLOR, linewidth=0.7, linestyle=":")
    drawn = False
    for column, words, marker, fill in (
        ("tau_alpha", "all", "o", "black"),
        ("tau_first", "first half", "<", "white"),
        ("tau_second", "second half", ">", "white"),
    ):
        style = {"color": "black", "marker": marker, "markerfacecolor": fill}
        drawn |= points.markers("c", words, table["T"], table[column], label=words, **style)
    unknown = sorted(table["T"][~np.isfinite(table["tau_alpha"].astype(float))].unique())
    if unknown:
        words = "not reached: T = " + ", ".join(f"{T:g}" for T in unknown)
        points.missing("c", words, empty=not drawn, left=True)
    if drawn:
        axes[2].set_yscale("log")
        log_ticks(axes[2])
    legend(axes[2], loc="upper right")


def relaxation(points, tables, marks):
    """Draw panels d, e and f: a curve a temperature."""
    for T, table in tables.items():
        for panel, column in (("d", "msd"), ("e", "overlap"), ("f", "alpha_2")):
            points.line(
                panel,
                f"T = {T:g}",
                table["time"],
                table[column],
                table[f"{column}_error"],
                label=temperature_label(T, marks),
                **temperature_style(T),
            )


def draw(tables, equilibration, width, dpi):
    """Draw the six panels; ``tables`` go by temperature."""
    marks, points = unequilibrated(equilibration), Points()
    fig, axes = figure(3, 2, 6.6, width=width, dpi=dpi, wide=True)
    axes = axes.reshape(3, 2).T.ravel()
    points.panel(axes[0], "a", q.TEMPERATURE, q.ENERGY_DIFFERENCE, "energy minus reference", True)
    points.panel(axes[1], "b", q.TEMPERATURE, q.ENERGY_DRIFT, "drift of the energy", True)
    points.panel(axes[2], "c", q.TEMPERATURE, q.RELAXATION_TIME)
    points.panel(axes[3], "d", q.TIME, q.MSD, "mean squared displacement", True)
    points.panel(axes[4], "e", q.TIME, q.OVERLAP)
    points.panel(axes[5], "f", q.TIME, q.ALPHA_2)
    runs(points, axes[:3], equilibration)
    relaxation(points, tables, marks)
    axes[3].set_yscale("log")
    for ax in axes[3:]:
        ax.set_xscale("log")
    for ax in axes:
        ax.set_xlabel(q.TIME.axis() if ax in axes[3:] else q.TEMPERATURE.axis())
    axes[4].axhline(np.exp(-1), color=GUIDE_COLOR, linewidth=0.7, linestyle=":")
    legend(axes[3], loc="upper left")
    mark_unequilibrated(fig, tables, marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        paths = zip(p.temperatures, files.relaxation, strict=True)
        tables = {T: pd.read_csv(path) for T, path in paths}
        fig, points = draw(tables, pd.read_csv(files.equilibration), p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
