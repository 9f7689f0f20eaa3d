"""Figure S5: partial radial distribution functions and structure factors, all temperatures.

The right column shows the standard errors of the two routes to S(q) at the lowest temperature. The
transform of g - 1 is less noisy, so it is used at large wave numbers. At small wave numbers its
cut-off at half the box causes a systematic error, which the lattice vectors do not have.
"""

from itertools import combinations_with_replacement

import numpy as np

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.main_figures import Q_LOWEST, R_RANGE, draw_partial_curves
from softcage.plotting.style import ACCENT_COLOR, DASHED, GUIDE, REARRANGING_COLOR, legend

ROUTES = (
    ("lattice", {"color": ACCENT_COLOR, "label": "lattice vectors"}),
    (
        "transform",
        {"color": REARRANGING_COLOR, "linestyle": DASHED, "label": "transform of $g - 1$"},
    ),
)


def route_errors(panel, cage, pair, inside, q_match):
    """Draw the error of S(q) from each route; the range in which they are blended is shaded."""
    panel.axes.set_yscale("log", nonpositive="clip")
    keep = (cage["q"] >= inside[0]) & (cage["q"] <= inside[1])
    for route, style in ROUTES:
        error = cage[f"s_{route}_error"][pair][keep]
        error = np.where(error > 0, error, np.nan)
        panel.line(route, cage["q"][keep], error, linewidth=0.9, **style)
    panel.axes.axvspan(*q_match, color=GUIDE["color"], alpha=0.15, linewidth=0)
    panel.axes.set_xlim(*inside)


def draw(page, cages, species, q_max, q_match):
    """Draw one row per pair: g(r) left, S(q) in the middle, errors of the two routes right."""
    pairs = list(combinations_with_replacement(range(len(species)), 2))
    cold, inside = page.label(page.coldest), (Q_LOWEST, q_max)
    shown = []
    for u, v in pairs:
        name = species[u] + species[v]
        shown += [
            (q.DISTANCE, q.rdf(name)),
            (q.WAVE_NUMBER, q.structure_factor(name)),
            (q.WAVE_NUMBER, q.structure_factor_error(name), cold),
        ]
    panels = page.add_panels(*shown, columns=3, row=1.8, short=True)
    for pair, row in zip(pairs, range(0, len(panels), 3), strict=True):
        left, middle, right = panels[row : row + 3]
        draw_partial_curves(left, cages, "r", "g", pair, R_RANGE)
        draw_partial_curves(middle, cages, "q", "s", pair, inside)
        route_errors(right, cages[0], pair, inside, q_match)
    legend(panels[0].axes, loc="upper right")
    low, high = panels[2].axes.get_ylim()
    panels[2].axes.set_ylim(low, high * (high / low) ** 0.3)  # room for the legend above the curves
    legend(panels[2].axes, loc="upper right")
    page.mark(page.temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
