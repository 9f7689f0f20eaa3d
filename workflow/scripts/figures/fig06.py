"""Figure 6: p_hop(t) of one particle that rearranges a few times, with the threshold p_c."""

import numpy as np
import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import finite
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    REARRANGING_COLOR,
    figure,
    legend,
    mark_unequilibrated,
    temperature_color,
    temperature_label,
    unequilibrated,
)


def draw(example, equilibration, width, dpi):
    """Draw the track; where it is above p_c the particle rearranges."""
    marks, points = unequilibrated(equilibration), Points()
    fig, (ax,) = figure(1, 1, 2.3, width=width, dpi=dpi)
    points.panel(ax, "a", q.TIME, q.P_HOP)
    ax.set_title("")
    example = finite(example, "p_hop")
    if example.empty:
        points.missing("a", "no particle rearranged,\nor the run is shorter than the window")
        return fig, points
    T, p_c = example["T"].iloc[0], example["p_c"].iloc[0]
    time, p_hop = example["time"], example["p_hop"]
    name = f"A particle {example['particle'].iloc[0]:g}"
    points.line("a", name, time, p_hop, color=temperature_color(T), linewidth=0.8, label=name)
    points.line("a", "p_c", time, example["p_c"], color="black", linestyle="--", label="$p_c$")
    above = np.maximum(p_hop, p_c)
    ax.fill_between(time, p_c, above, color=REARRANGING_COLOR, alpha=0.35, linewidth=0)
    ax.set_ylim(0, 1.3 * max(p_hop.max(), p_c))
    ax.set_xlim(time.min(), time.max())
    ax.set_title(temperature_label(T, marks), loc="left", pad=3)
    legend(ax, loc="upper right", ncols=2)
    mark_unequilibrated(fig, [T], marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        tables = pd.read_csv(files.example), pd.read_csv(files.equilibration)
        fig, points = draw(*tables, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
