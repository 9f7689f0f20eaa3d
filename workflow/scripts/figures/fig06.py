"""Figure 6: p_hop(t) of one particle that rearranges a few times, with the threshold p_c."""

import numpy as np

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.panels import finite
from softcage.plotting.style import REARRANGING_COLOR, legend


def draw(page, example):
    """Draw p_hop(t); the particle rearranges where it exceeds p_c."""
    (panel,) = page.add_panels((q.TIME, q.P_HOP), row=1.9)
    example = finite(example, "p_hop")
    if example.empty:
        panel.missing("no particle rearranged,\nor the run is shorter than the window")
        return
    axes, T, p_c = panel.axes, example["T"].iloc[0], example["p_c"].iloc[0]
    time, p_hop = example["time"], example["p_hop"]
    name = f"A particle {example['particle'].iloc[0]:g}"
    color = page.style(T)["color"]
    panel.line(name, time, p_hop, color=color, linewidth=0.8, label=name)
    panel.line("p_c", time, example["p_c"], color="black", linestyle="--", label="$p_c$")
    above = np.maximum(p_hop, p_c)
    axes.fill_between(time, p_c, above, color=REARRANGING_COLOR, alpha=0.35, linewidth=0)
    axes.set(xlim=(time.min(), time.max()), ylim=(0, 1.3 * max(p_hop.max(), p_c)))
    axes.set_title(page.label(T), loc="left", pad=3)
    legend(axes, loc="upper right", ncols=2)
    page.mark([T])


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
