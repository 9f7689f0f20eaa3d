"""Figure 3: how long softness lasts.

(a) Pearson correlation C_S(t) of a particle's softness with its earlier value (solid) beside the
overlap q(t) (dotted); (b) the propagator G(S, S0, t) of hard particles that stayed in their cage,
beside P(S) of all (filled); (c) the mean softness of groups of equal initial softness. (b) and (c)
are of the lowest temperature.
"""

import numpy as np

from softcage.plotting import quantities as q
from softcage.plotting.run import run
from softcage.plotting.style import (
    ALL_COLOR,
    DOTTED,
    GUIDE,
    central_range,
    headroom,
    legend,
    ordered_style,
)
from softcage.tables import select


def memory(panel, T, correlation, overlap):
    """Draw the memory of one temperature in panel a."""
    style = panel.page.style(T, marker=None)
    for series, table, column, more in (
        ("C_S", correlation, "c_s", {"linestyle": "-"}),
        ("q", overlap, "overlap", {"linestyle": DOTTED, "label": None}),
    ):
        table = table[table["time"] > 0]
        values, errors = table[column], table[f"{column}_error"]
        panel.line(f"{series}, T = {T:g}", table["time"], values, errors, **style | more)


def propagate(panel, table, everyone):
    """Draw panel b."""
    axes, everyone = panel.axes, everyone[everyone["count_all"] > 0]
    x, y = everyone["bin_center"], everyone["density_all"]
    panel.keep("P(S) of all", x, y, everyone["density_all_error"])
    fill = {"color": ALL_COLOR, "alpha": 0.2, "linewidth": 0, "label": "$P(S)$"}
    axes.fill_between(x / panel.x.scale, y / panel.y.scale, **fill)
    table = table[(table["n"] > 0) & np.isfinite(table["density"])]
    if table.empty:
        panel.missing("no particle of this softness\nstayed in its cage")
        return
    times = list(table.groupby("wanted_time"))
    for place, (wanted, data) in enumerate(times):
        time = data["time"].iloc[0]
        label = f"$t$ = {time:g}"
        if not np.isclose(time, wanted, rtol=0.1, atol=1e-6):
            label += f" (for {wanted:g})"
            panel.note(f"the run has no t = {wanted:g}; t = {time:g} stands in for it")
        style = ordered_style(place, len(times), label=label, marker=None)
        curve = data["bin_center"], data["density"], data["density_error"]
        panel.line(f"t = {time:g}", *curve, **style)
    shown = [(data["bin_center"], data["density"]) for _, data in times]
    low, high = central_range([*shown, (x, everyone["count_all"])])
    axes.set_xlim(low / panel.x.scale, high / panel.x.scale)
    axes.set_ylim(bottom=0)
    legend(axes, loc="upper right")


def groups(panel, table, summary):
    """Draw panel c."""
    axes, table = panel.axes, table[(table["time"] > 0) & np.isfinite(table["mean"])]
    if table.empty:
        panel.missing("no groups of softness")
        return
    curves = list(table.groupby("group"))
    for place, (_, data) in enumerate(curves):
        start = data["s0"].iloc[0]
        style = ordered_style(place, len(curves), label=f"{start / panel.y.scale:.2f}", markevery=3)
        panel.line(f"S0 = {start:.4g}", data["time"], data["mean"], data["mean_error"], **style)
    mean = summary["mean"].iloc[0] if len(summary) else np.nan
    if np.isfinite(mean):
        axes.axhline(mean / panel.y.scale, **GUIDE, label="all")
        panel.keep("mean of all", [np.nan], [mean])
    axes.set_xscale("log")
    headroom(axes, 0.42)
    legend(axes, loc="upper center", ncols=3, title=f"$S_0$ (${panel.y.axis_unit}$)")


def draw(
    page, correlation, overlap, propagator, mean_softness, distributions, summary, shown, window
):
    """Draw the panels; lists are of the temperatures ``shown``, the rest of the lowest."""
    cold = page.label(page.coldest)
    a, b, c = page.add_panels(
        (q.TIME, q.SOFTNESS_CORRELATION),
        (q.SOFTNESS, q.PROPAGATOR, cold),
        (q.TIME, q.MEAN_SOFTNESS, cold),
        row=2.13,
    )
    for T, *tables in zip(shown, correlation, overlap, strict=True):
        memory(a, T, *tables)
    for text, dashes in (("$C_S(t)$", "-"), ("$q(t)$", DOTTED)):
        a.axes.plot([], [], color="black", linestyle=dashes, label=text)
    a.axes.axhline(np.exp(-1), **GUIDE | {"linestyle": "-", "zorder": 0})
    a.axes.set(xscale="log", ylim=(-0.05, 1.05))
    legend(a.axes, loc="lower left", ncols=2)
    softness = {"quantity": "softness", "window": window}
    propagate(b, propagator, select(distributions, **softness))
    groups(c, mean_softness, select(summary, **softness, lag="0"))
    page.mark(shown)


if __name__ == "__main__":
    run(snakemake, draw)  # noqa: F821  (injected by Snakemake)
