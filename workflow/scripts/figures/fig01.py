"""Figure 1: depth of the mean-field cage against its inverse softness, with the calibration lines.

(a) Depth from the wave-number integral (Eq. 4) against 1/S_av; inset: depth from the real-space
integral (Eq. 5) against depth from the wave-number integral. (b) Depth from the real-space integral
against 1/S_av. The lines are relations a, b and c of ``calibration.csv``, fitted over all
temperatures.
"""

import numpy as np

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import legend
from softcage.tables import select


def relation(panel, cages, x, y, line):
    """Draw one point per temperature and the line ``left = intercept - slope * depth``."""
    for _, row in cages.iterrows():
        panel.markers(
            f"T = {row['T']:g}",
            [row[x]],
            [row[y]],
            [row[f"{y}_error"]],
            [row[f"{x}_error"]],
            **panel.page.style(row["T"], linestyle="none"),
        )
    if line is None:
        panel.missing("too few temperatures for a line", empty=False)
        return
    middle = cages[y].mean()
    depth = middle + 1.06 * (np.array([cages[y].min(), cages[y].max()]) - middle)
    # relation b gives beta Phi of the other depth, which has the opposite sign
    sign = -1 if x.startswith("depth") else 1
    left = sign * (line["intercept"] - line["slope"] * depth)
    panel.line("fit", left, depth, color="black", linewidth=0.8)


def words(panel, line, right, letter):
    """Write the fitted relation with its errors."""
    text = (
        f"$1/S = {letter}_0 + {letter}_1 {right}$\n"
        f"${letter}_0 = {line['intercept']:.0f} \\pm {line['intercept_error']:.0f}$, "
        f"${letter}_1 = {line['slope']:.1f} \\pm {line['slope_error']:.1f}$"
    )
    panel.axes.text(0.03, 0.97, text, transform=panel.axes.transAxes, va="top", fontsize=6.5)


def draw(page, cage, calibration, q_max, route):
    """Draw both panels, for the default q_max and route."""
    cages = select(cage, q_max=q_max, route=route).sort_values("T")
    a, b = page.add_panels(
        (q.INVERSE_SOFTNESS, q.DEPTH_WAVE), (q.INVERSE_SOFTNESS, q.DEPTH_AVERAGE), row=2.25
    )
    inset = a.inset([0.62, 0.17, 0.36, 0.40], q.DEPTH_WAVE, q.DEPTH_AVERAGE)
    for panel, x, y, letter in (
        (a, "inverse_softness", "depth_q", "a"),
        (inset, "depth_q", "depth_r", "b"),
        (b, "inverse_softness", "depth_r", "c"),
    ):
        lines = select(calibration, q_max=q_max, route=route, relation=letter)
        lines = lines.dropna(subset=["intercept", "slope"])
        line = None if lines.empty else lines.iloc[0]
        relation(panel, cages, x, y, line)
        if line is not None and panel is not inset:
            words(panel, line, "\\beta\\Phi_q" if panel is a else "\\beta\\Phi_r", letter)
    legend(b.axes, loc="lower right")
    page.mark(cages["T"])


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
