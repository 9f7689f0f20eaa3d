"""Figure S5: partial radial distribution functions and structure factors, all temperatures."""

import numpy as np
import pandas as pd

from softcage import quantities as q
from softcage.log import logged
from softcage.plotting import (
    Points,
    figure,
    legend,
    made_by,
    mark_unequilibrated,
    save,
    temperature_label,
    temperature_style,
    unequilibrated,
)

R_RANGE, Q_LOWEST = (0.6, 3.5), 1.0


def draw(curves, equilibration, species, q_max, width, dpi):
    """Draw a row a pair: g(r) left, S(q) right.

    ``curves`` goes by temperature to a mapping of r, g, g_error, q, s and s_error.
    """
    marks, points = unequilibrated(equilibration), Points()
    pairs = [(u, v) for u in range(len(species)) for v in range(u, len(species))]
    fig, axes = figure(len(pairs), 2, 0.4 + 1.95 * len(pairs), width=width, dpi=dpi, wide=True)
    panels = iter("abcdefghijklmnopqrstuvwxyz")
    for (u, v), (left, right) in zip(pairs, axes.reshape(-1, 2), strict=True):
        pair = species[u] + species[v]
        for ax, x, name, x_quantity, y_quantity, inside in (
            (left, "r", "g", q.DISTANCE, q.rdf(pair), R_RANGE),
            (right, "q", "s", q.WAVE_NUMBER, q.structure_factor(pair), (Q_LOWEST, q_max)),
        ):
            panel = next(panels)
            points.panel(ax, panel, x_quantity, y_quantity, short=True)
            ax.set_xlabel(x_quantity.axis())
            for T, data in curves.items():
                keep = (data[x] >= inside[0]) & (data[x] <= inside[1])
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
    legend(axes[0], loc="upper right")
    mark_unequilibrated(fig, curves, marks)
    return fig, points


def read(path):
    """Return the curves of one temperature."""
    with np.load(path) as store:
        return {name: store[name] for name in ("r", "g", "g_error", "q", "s", "s_error")}


def main(snakemake):
    """Read the tables, draw and save."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]):
        curves = {T: read(path) for T, path in zip(p.temperatures, files.cages, strict=True)}
        equilibration = pd.read_csv(files.equilibration)
        fig, points = draw(curves, equilibration, p.species, p.q_max, p.width, p.dpi)
        made = made_by(snakemake.rule, snakemake.config)
        save(fig, points, *snakemake.output, made_by=made)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
