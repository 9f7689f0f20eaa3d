"""Figure 3: how long softness lasts.

(a) Pearson correlation C_S(t) of a particle's softness with its earlier value (solid) beside the
overlap q(t) (dotted); (b) the propagator G(S, S0, t) of hard particles that stayed in their cage,
beside P(S) of all (filled); (c) the mean softness of groups of equal initial softness. (b) and (c)
are of the lowest temperature.
"""

import numpy as np
import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import select
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    ALL_COLOR,
    GUIDE_COLOR,
    central_range,
    figure,
    legend,
    mark_unequilibrated,
    order_style,
    temperature_color,
    temperature_label,
    unequilibrated,
)


def memory(points, axes, correlations, overlaps, marks):
    """Draw panel a."""
    for T, table in correlations.items():
        for series, data, column, dashes in (
            ("C_S", table, "c_s", "-"),
            ("q", overlaps[T], "overlap", (0, (1.2, 1))),
        ):
            data = data[data["time"] > 0]
            points.line(
                "a",
                f"{series}, T = {T:g}",
                data["time"],
                data[column],
                data[f"{column}_error"],
                color=temperature_color(T),
                linestyle=dashes,
                label=temperature_label(T, marks) if series == "C_S" else None,
            )
    for words, dashes in (("$C_S(t)$", "-"), ("$q(t)$", (0, (1.2, 1)))):
        axes.plot([], [], color="black", linestyle=dashes, label=words)
    axes.axhline(np.exp(-1), color=GUIDE_COLOR, linewidth=0.6, zorder=0)
    axes.set_xscale("log")
    axes.set_ylim(-0.05, 1.05)
    legend(axes, loc="lower left", ncols=2)


def propagator(points, axes, table, everyone):
    """Draw panel b."""
    everyone = everyone[everyone["count_all"] > 0]
    x, y = everyone["bin_center"], everyone["density_all"]
    points.keep("b", "P(S) of all", x, y, everyone["density_all_error"])
    axes.fill_between(x / 1e-3, y / 1e3, color=ALL_COLOR, alpha=0.2, linewidth=0, label="$P(S)$")
    table = table[(table["n"] > 0) & np.isfinite(table["density"])]
    times = sorted(table["wanted_time"].unique())
    for i, wanted in enumerate(times):
        data = select(table, wanted_time=float(wanted))
        time = data["time"].iloc[0]
        label = f"$t$ = {time:g}"
        if not np.isclose(time, wanted, rtol=0.1, atol=1e-6):
            label += f" (for {wanted:g})"
            points.note(f"panel b: the run has no t = {wanted:g}; t = {time:g} stands in for it")
        points.line(
            "b",
            f"t = {time:g}",
            data["bin_center"],
            data["density"],
            data["density_error"],
            label=label,
            **order_style(i, len(times), marker=False),
        )
    if table.empty:
        points.missing("b", "no particle of this softness\nstayed in its cage")
        return
    shown = [(t["bin_center"], t["density"]) for _, t in table.groupby("wanted_time")]
    low, high = central_range([*shown, (x, everyone["count_all"])])
    axes.set_xlim(low / 1e-3, high / 1e-3)
    axes.set_ylim(bottom=0)
    legend(axes, loc="upper right")


def groups(points, axes, table, summary):
    """Draw panel c."""
    table = table[(table["time"] > 0) & np.isfinite(table["mean"])]
    names = sorted(table["group"].unique())
    for i, name in enumerate(names):
        data = select(table, group=float(name))
        start = data["s0"].iloc[0]
        points.line(
            "c",
            f"S0 = {start:.4g}",
            data["time"],
            data["mean"],
            data["mean_error"],
            label=f"{start / 1e-3:.2f}",
            **order_style(i, len(names)) | {"markevery": 3},
        )
    if table.empty:
        points.missing("c", "no groups of softness")
        return
    if not summary.empty and np.isfinite(summary.iloc[0]["mean"]):
        mean = summary.iloc[0]["mean"]
        axes.axhline(mean / 1e-3, color=GUIDE_COLOR, linewidth=0.7, linestyle=":", label="all")
        points.keep("c", "mean of all", [np.nan], [mean])
    axes.set_xscale("log")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.42 * (high - low))
    legend(axes, loc="upper center", ncols=3, title=r"$S_0$ ($10^{-3}\,\sigma_\mathrm{AA}^2$)")


def draw(
    correlations, overlaps, g, means, distributions, summary, equilibration, window, width, dpi
):
    """Draw the three panels; the dictionaries go by temperature, the rest is of the lowest."""
    marks, points = unequilibrated(equilibration), Points()
    cold = min(correlations)
    fig, axes = figure(3, 1, 6.8, width=width, dpi=dpi)
    points.panel(axes[0], "a", q.TIME, q.SOFTNESS_CORRELATION)
    points.panel(axes[1], "b", q.SOFTNESS, q.PROPAGATOR, temperature_label(cold, marks))
    points.panel(axes[2], "c", q.TIME, q.MEAN_SOFTNESS, temperature_label(cold, marks))
    memory(points, axes[0], correlations, overlaps, marks)
    propagator(points, axes[1], g, select(distributions, quantity="softness", window=window))
    groups(points, axes[2], means, select(summary, quantity="softness", window=window, lag="0"))
    mark_unequilibrated(fig, correlations, marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        by_temperature = [
            {T: pd.read_csv(path) for T, path in zip(p.temperatures, paths, strict=True)}
            for paths in (files.correlation, files.overlap)
        ]
        names = ("propagator", "mean_softness", "distributions", "summary", "equilibration")
        tables = [pd.read_csv(files[name]) for name in names]
        fig, points = draw(*by_temperature, *tables, p.window, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
