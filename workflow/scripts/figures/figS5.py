"""Figure S5: partial radial distribution functions and structure factors, all temperatures.

On the right the standard errors of the two routes to S(q) at the lowest temperature. The transform
of g - 1 is the less noisy one, so it serves at large wave numbers. At small ones its cut at half
the box is a systematic error, which lattice vectors do not have.
"""

from itertools import chain, product
from string import ascii_lowercase

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
    mark_unequilibrated,
    temperature_label,
    temperature_style,
    unequilibrated,
)

R_RANGE, Q_LOWEST = (0.6, 3.5), 1.0
NAMES = (
    *("r", "g", "g_error", "q", "s", "s_error"),
    *("s_lattice_error", "s_transform_error"),
)
ROUTES = (
    ("lattice", "#0060a8", {"linestyle": "-", "label": "lattice vectors"}),
    ("transform", "#d55e00", {"linestyle": (0, (5, 1.2)), "label": "transform of $g - 1$"}),
)


def within(data, x, inside):
    """Which values of a curve's x are shown."""
    return (data[x] >= inside[0]) & (data[x] <= inside[1])


def route_errors(points, axes, panel, data, u, v, inside, q_match):
    """Draw the error of S(q) by each route; the window in which they are blended is shaded."""
    axes.set_yscale("log", nonpositive="clip")
    keep = within(data, "q", inside)
    for route, color, style in ROUTES:
        error = data[f"s_{route}_error"][u, v][keep]
        error = np.where(error > 0, error, np.nan)
        points.line(panel, route, data["q"][keep], error, color=color, **style | {"linewidth": 0.9})
    axes.axvspan(*q_match, color=GUIDE_COLOR, alpha=0.15, linewidth=0)
    axes.set_xlim(*inside)


def draw(curves, equilibration, species, q_max, q_match, width, dpi):
    """Draw a row a pair: g(r) left, S(q) in the middle, errors of its two routes right.

    ``curves`` goes by temperature to a mapping of :data:`NAMES`.
    """
    marks, points = unequilibrated(equilibration), Points()
    pairs = [(u, v) for u in range(len(species)) for v in range(u, len(species))]
    fig, axes = figure(len(pairs), 3, 0.4 + 1.8 * len(pairs), width=width, dpi=dpi, wide=True)
    panels = map("".join, chain(product(ascii_lowercase), product(ascii_lowercase, repeat=2)))
    q_range, cold = (Q_LOWEST, q_max), min(curves)
    for (u, v), (left, middle, right) in zip(pairs, axes.reshape(-1, 3), strict=True):
        pair = species[u] + species[v]
        for ax, x, name, x_quantity, y_quantity, inside in (
            (left, "r", "g", q.DISTANCE, q.rdf(pair), R_RANGE),
            (middle, "q", "s", q.WAVE_NUMBER, q.structure_factor(pair), q_range),
        ):
            panel = next(panels)
            points.panel(ax, panel, x_quantity, y_quantity, short=True)
            ax.set_xlabel(x_quantity.axis())
            for T, data in curves.items():
                keep = within(data, x, inside)
                points.line(
                    panel,
                    f"T = {T:g}",
                    data[x][keep],
                    data[name][u, v][keep],
                    data[f"{name}_error"][u, v][keep],
                    label=temperature_label(T, marks),
                    **temperature_style(T) | {"linewidth": 0.9},
                )
            ax.set_xlim(*inside)
        panel, words = next(panels), temperature_label(cold, marks)
        y_quantity = q.structure_factor_error(pair)
        points.panel(right, panel, q.WAVE_NUMBER, y_quantity, words, short=True)
        right.set_xlabel(q.WAVE_NUMBER.axis())
        route_errors(points, right, panel, curves[cold], u, v, q_range, q_match)
    legend(axes[0], loc="upper right")
    low, high = axes[2].get_ylim()
    axes[2].set_ylim(low, high * (high / low) ** 0.3)  # room for the words above the curves
    legend(axes[2], loc="upper right")
    mark_unequilibrated(fig, curves, marks)
    return fig, points


def read(path):
    """Return the curves of one temperature."""
    with np.load(path) as store:
        return {name: store[name] for name in NAMES}


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        curves = {T: read(path) for T, path in zip(p.temperatures, files.cages, strict=True)}
        equilibration = pd.read_csv(files.equilibration)
        fig, points = draw(curves, equilibration, p.species, p.q_max, p.q_match, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
