"""Figure 1: depth of the mean-field cage against its softness, with the lines that calibrate it.

(a) the depth from the wave-number integral (Eq. 4) against 1/S_av, inset: against the depth from
the real-space integral (Eq. 5); (b) the latter against 1/S_av. The lines are relations a, b and c
of ``calibration.csv``, over all temperatures.
"""

import numpy as np
import pandas as pd

from softcage.io.log import logged
from softcage.plotting import quantities as q
from softcage.plotting.panels import select
from softcage.plotting.points import Points
from softcage.plotting.run import made_by, save
from softcage.plotting.style import (
    figure,
    inset_style,
    legend,
    mark_unequilibrated,
    temperature_label,
    temperature_style,
    unequilibrated,
)


def panel(points, name, cages, x, y, line, marks):
    """Draw a point a temperature and the line ``left = intercept - slope * depth`` through them."""
    for _, row in cages.iterrows():
        points.markers(
            name,
            f"T = {row['T']:g}",
            [row[x]],
            [row[y]],
            [row[f"{y}_error"]],
            [row[f"{x}_error"]],
            label=temperature_label(row["T"], marks),
            **temperature_style(row["T"], line=False, marker=True),
        )
    if line.empty or not np.isfinite(line.iloc[0][["intercept", "slope"]].astype(float)).all():
        points.missing(name, "too few temperatures for a line", empty=False)
        return
    line, middle = line.iloc[0], cages[y].mean()
    depth = np.array([cages[y].min(), cages[y].max()])
    depth = middle + 1.06 * (depth - middle)
    # relation b gives the other depth, which has the opposite sign of Phi
    sign = -1 if x.startswith("depth") else 1
    left = sign * (line["intercept"] - line["slope"] * depth)
    points.line(name, "fit", left, depth, color="black", linewidth=0.8)


def words(line, left, right, letter):
    """Return the fitted relation with its errors."""
    if line.empty or not np.isfinite(line.iloc[0]["slope"]):
        return ""
    row = line.iloc[0]
    return (
        f"${left} = {letter}_0 + {letter}_1 {right}$\n"
        f"${letter}_0 = {row['intercept']:.0f} \\pm {row['intercept_error']:.0f}$, "
        f"${letter}_1 = {row['slope']:.1f} \\pm {row['slope_error']:.1f}$"
    )


def draw(cages, calibration, equilibration, q_max, route, width, dpi):
    """Draw both panels; the tables are cut to the default upper wave number and route."""
    cages = select(cages, q_max=q_max, route=route).sort_values("T")
    lines = select(calibration, q_max=q_max, route=route)
    marks, points = unequilibrated(equilibration), Points()
    fig, (a, b) = figure(2, 1, 4.9, width=width, dpi=dpi)
    inset = a.inset_axes([0.62, 0.17, 0.36, 0.40])
    points.panel(a, "a", q.INVERSE_SOFTNESS, q.DEPTH_WAVE)
    points.panel(inset, "a inset", q.DEPTH_WAVE, q.DEPTH_AVERAGE, short=True)
    points.panel(b, "b", q.INVERSE_SOFTNESS, q.DEPTH_AVERAGE)
    for name, x, y, relation in (
        ("a", "inverse_softness", "depth_q", "a"),
        ("a inset", "depth_q", "depth_r", "b"),
        ("b", "inverse_softness", "depth_r", "c"),
    ):
        panel(points, name, cages, x, y, select(lines, relation=relation), marks)
    corner = {"x": 0.03, "y": 0.97, "va": "top", "fontsize": 6.5}
    text = words(select(lines, relation="a"), "1/S", "\\beta\\Phi_q", "a")
    a.text(s=text, transform=a.transAxes, **corner)
    text = words(select(lines, relation="c"), "1/S", "\\beta\\Phi_r", "c")
    b.text(s=text, transform=b.transAxes, **corner)
    inset_style(inset)
    legend(b, loc="lower right")
    mark_unequilibrated(fig, cages["T"], marks)
    return fig, points


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        fig, points = draw(
            pd.read_csv(files.cage),
            pd.read_csv(files.calibration),
            pd.read_csv(files.equilibration),
            p.q_max,
            p.route,
            p.width,
            p.dpi,
        )
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
