"""Figure 10: the local g_AA(r) of one rearranging and of one caged particle, default delta."""

import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import select
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    ALL_COLOR,
    REARRANGING_COLOR,
    figure,
    legend,
    mark_unequilibrated,
    temperature_label,
    unequilibrated,
)


def draw(table, equilibration, T, width, dpi):
    """Draw both curves; a run in which nothing rearranges has no first one."""
    marks, points = unequilibrated(equilibration), Points()
    fig, (ax,) = figure(1, 1, 2.5, width=width, dpi=dpi)
    points.panel(ax, "a", q.DISTANCE, q.rdf("AA"))
    ax.set_title(temperature_label(T, marks), loc="left", pad=3)
    for curve, words, color, marker in (
        ("rearranging", r"$p_\mathrm{hop} > p_c$", REARRANGING_COLOR, "s"),
        ("caged", r"$p_\mathrm{hop} \leq p_c$", ALL_COLOR, "o"),
    ):
        data = select(table[table["curve"] == curve], pair="AA")
        style = {"color": color, "marker": marker, "markevery": 8, "linestyle": "-"}
        found = points.line("a", curve, data["r"], data["g"], label=words, **style)
        if not found and curve == "rearranging":
            points.missing("a", "no rearrangement", empty=False)
    ax.set_xlim(left=0.6)
    ax.set_ylim(bottom=0)
    legend(ax, loc="upper right")
    mark_unequilibrated(fig, [T], marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        tables = pd.read_csv(files.local_rdf), pd.read_csv(files.equilibration)
        fig, points = draw(*tables, p.temperature, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
