"""Figure S1: what the choices behind the softness change, and what not.

A column a choice: the upper limit q_max of the wave-number integrals, the range of the parabola
(0: the curvature) and the width delta of the smearing. Rows: the scale of the softness, of the
mean-field cage (curvature filled, parabola open) and for delta of single particles; how far 1/S_av
is from its line against the real-space depth, and for delta the rank correlation with the default
width; shares softer than the peak; ROC AUC. The last two are of single particles at the lowest
temperature.
"""

import numpy as np
import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import finite, select
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    ALL_COLOR,
    GUIDE_COLOR,
    REARRANGING_COLOR,
    figure,
    legend,
    limits,
    mark_unequilibrated,
    temperature_label,
    temperature_style,
    unequilibrated,
)

OPEN = {"markerfacecolor": "white"}
FILL = {"curvature": {}, "harmonic": OPEN | {"linestyle": "none"}}
COLUMNS = (
    ("q_max", q.Q_MAX, "upper wave number"),
    ("harmonic_range", q.FIT_RANGE, "range of the parabola"),
    ("delta", q.SMEARING, "smearing"),
)


def by_q_max(table):
    """The rows that compare upper wave numbers."""
    return table[table["route"].isin(["curvature", "harmonic"])].sort_values("q_max")


def by_range(table, q_max):
    """The rows that compare fit ranges, the curvature first (range 0)."""
    return select(table, q_max=q_max).sort_values("harmonic_range")


def by_delta(summaries, window):
    """The summaries of all T and delta as one table: softness, default window, lag 0."""
    rows = [
        select(summary, quantity="softness", window=window, lag="0").assign(T=T, delta=delta)
        for (T, delta), summary in summaries.items()
    ]
    table = pd.concat([row for row in rows if len(row)] or rows)
    return table.sort_values(["T", "delta"])


def softness(points, cages, widths, q_max, marks):
    """Draw the first row: S_av = 1 / (1/S_av) with its error, and the mean of single particles."""
    inverse = cages["inverse_softness"].where(cages["inverse_softness"] > 0)
    cages = cages.assign(s=1 / inverse, s_error=cages["inverse_softness_error"] / inverse**2)
    for (route, T), data in by_q_max(cages).groupby(["route", "T"]):
        points.markers(
            "a",
            f"{route}, T = {T:g}",
            data["q_max"],
            data["s"],
            data["s_error"],
            label=temperature_label(T, marks) if route == "curvature" else None,
            **temperature_style(T, marker=True) | FILL[route],
        )
    for panel, x, y, table in (
        ("b", "harmonic_range", "s", by_range(cages, q_max)),
        ("c", "delta", "mean", widths),
    ):
        for T, data in table.groupby("T"):
            points.markers(
                panel,
                f"T = {T:g}",
                data[x],
                data[y],
                data[f"{y}_error"],
                **temperature_style(T, marker=True),
            )


def linearity(points, calibration, q_max):
    """Draw panels d and e; return what is drawn in them."""
    lines = select(calibration, relation="c")
    lines = lines.assign(percent=100 * lines["max_relative_deviation"])
    for route, data in by_q_max(lines).groupby("route"):
        style = {"color": "black", "linestyle": "-"} | FILL[route]
        points.markers("d", route, data["q_max"], data["percent"], label=route, **style)
    data = by_range(lines, q_max)
    style = {"color": "black", "linestyle": "-"}
    points.markers("e", "all ranges", data["harmonic_range"], data["percent"], **style)
    return lines["percent"]


def ranks(points, correlation):
    """Draw panel f."""
    data = correlation.sort_values("delta")
    style = {"color": "black", "linestyle": "-"}
    error = data["spearman_error"]
    points.markers("f", "all particles", data["delta"], data["spearman"], error, **style)


def prediction(points, panels, x, table):
    """Draw the shares and the AUC of the lowest temperature in one column."""
    table = finite(table, "auc").sort_values(x)
    for name, color, marker in (
        ("rearranging", REARRANGING_COLOR, "s"),
        ("all", ALL_COLOR, "o"),
    ):
        share, error = table[f"share_{name}"], table[f"share_{name}_error"]
        style = {"color": color, "marker": marker, "linestyle": "-"}
        points.markers(panels[0], name, table[x], 100 * share, 100 * error, label=name, **style)
    style = {"color": "black", "linestyle": "-"}
    points.markers(panels[1], "AUC", table[x], table["auc"], table["auc_error"], **style)
    return table


def share_axis(axes, ends, pad=0.15):
    """Give panels of a row the same limits, around all ``ends``, so that they can be compared."""
    if (inside := limits(ends, pad)) is not None:
        for ax in axes:
            ax.set_ylim(*inside)


def ends_of(table, *names, scale=1.0):
    """The ends of the error bars of some columns."""
    values = [scale * table[name] for name in names]
    errors = [scale * table[f"{name}_error"].fillna(0) for name in names]
    pairs = zip(values, errors, strict=True)
    return [end for value, error in pairs for end in (*(value - error), *(value + error))]


def draw(cages, calibration, choices, summaries, correlation, equilibration, defaults, width, dpi):
    """Draw all panels; dotted lines are the values of this study.

    ``summaries`` goes by (T, delta); ``defaults`` holds q_max, route, harmonic_range, delta and
    the hop window.
    """
    marks, points = unequilibrated(equilibration), Points()
    temperatures = sorted({T for T, _ in summaries})
    cold, q_max = temperatures[0], defaults["q_max"]
    fig, axes = figure(4, 3, 7.6, width=width, dpi=dpi, wide=True)
    rows = (
        (q.AVERAGE_SOFTNESS, q.AVERAGE_SOFTNESS, q.MEAN_LOCAL_SOFTNESS),
        (q.DEVIATION, q.DEVIATION, q.RANK_CORRELATION),
        (q.SHARE,) * 3,
        (q.AUC,) * 3,
    )
    words = (None, "deviation from the line (%)", "softer than the peak (%)", None)
    for k, (ax, name) in enumerate(zip(axes, "abcdefghijkl", strict=True)):
        row, column = divmod(k, 3)
        key, x, title = COLUMNS[column]
        text = title if row == 0 else temperature_label(cold, marks) if row > 1 or k == 5 else ""
        points.panel(ax, name, x, rows[row][column], text, short=True)
        ax.set_xlabel(x.axis(short=column > 0))
        if words[row] and k != 5:
            ax.set_ylabel(words[row])
        ax.axvline(
            0.0 if key == "harmonic_range" and defaults["route"] == "curvature" else defaults[key],
            color=GUIDE_COLOR,
            linewidth=0.7,
            linestyle=":",
        )
    widths = by_delta(summaries, defaults["window"])
    softness(points, cages, widths, q_max, marks)
    deviations = linearity(points, calibration, q_max)
    ranks(points, correlation)
    default_route = choices[choices["route"] == defaults["route"]]
    drawn = pd.concat(
        [
            prediction(points, "gj", "q_max", default_route),
            prediction(points, "hk", "harmonic_range", by_range(choices, q_max)),
            prediction(points, "il", "delta", widths[np.isclose(widths["T"], cold)]),
        ]
    )
    share_axis(axes[3:5], [0.0, *deviations])
    share_axis(axes[6:9], ends_of(drawn, "share_rearranging", "share_all", scale=100))
    share_axis(axes[9:12], [0.5, *ends_of(drawn, "auc")])
    for ax in axes[9:12]:
        ax.axhline(0.5, color=GUIDE_COLOR, linewidth=0.7, linestyle=":")
    for ax in axes[:5]:
        ax.set_ylim(0, 1.06 * ax.get_ylim()[1])
    axes[5].set_ylabel("rank correlation")
    for ax, columns in zip((axes[0], axes[3], axes[6]), (2, 1, 1), strict=True):
        legend(ax, loc="best", ncols=columns)
    mark_unequilibrated(fig, temperatures, marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        keys = [(T, delta) for T in p.temperatures for delta in p.delta_values]
        summaries = {
            key: pd.read_csv(path) for key, path in zip(keys, files.summaries, strict=True)
        }
        fig, points = draw(
            pd.read_csv(files.cage),
            pd.read_csv(files.calibration),
            pd.read_csv(files.choices),
            summaries,
            pd.read_csv(files.correlation),
            pd.read_csv(files.equilibration),
            p.defaults,
            p.width,
            p.dpi,
        )
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
