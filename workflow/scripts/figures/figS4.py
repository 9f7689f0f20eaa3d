"""Figure S4: is every state point an equilibrated liquid?

(a) Energy minus the value of other codes. (b) Drift of the energy over the production. (c)
Relaxation time from all data and from the two halves of each run. (d) Mean squared displacement.
(e) Overlap. (f) Non-Gaussian parameter.
"""

import numpy as np

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.main_figures import draw_relaxation
from softcage.plotting.style import GUIDE, legend, log_ticks


def energies(a, b, table):
    """Draw panels a and b: one point per run."""
    difference = table["u"] - table["u_reference"]
    if not a.markers("u - u_reference", table["T"], difference, table["u_error"], color="black"):
        a.missing("no reference for this model\nand density")
    b.markers("drift", table["T"], table["u_drift"], table["u_drift_error"], color="black")
    for panel in (a, b):
        panel.axes.axhline(0, **GUIDE)


def relaxation_times(panel, table):
    """Draw panel c: three points per run."""
    drawn = False
    for column, words, marker, fill in (
        ("tau_alpha", "all", "o", "black"),
        ("tau_first", "first half", "<", "white"),
        ("tau_second", "second half", ">", "white"),
    ):
        style = {"color": "black", "marker": marker, "markerfacecolor": fill}
        drawn |= panel.markers(words, table["T"], table[column], label=words, **style)
    unknown = sorted(table["T"][~np.isfinite(table["tau_alpha"].astype(float))].unique())
    if unknown:
        words = "not reached: T = " + ", ".join(f"{T:g}" for T in unknown)
        panel.missing(words, empty=not drawn, left=True)
    if drawn:
        panel.axes.set_yscale("log")
        log_ticks(panel.axes)
    legend(panel.axes, loc="upper right")


def draw(page, relaxation):
    """Draw the six panels; (d) to (f) have one curve per temperature."""
    a, b, c, d, e, f = page.add_panels(
        (q.TEMPERATURE, q.ENERGY_DIFFERENCE, "energy minus reference"),
        (q.TEMPERATURE, q.ENERGY_DRIFT, "drift of the energy"),
        (q.TEMPERATURE, q.RELAXATION_TIME, "relaxation time"),
        (q.TIME, q.MSD, "mean squared displacement"),
        (q.TIME, q.OVERLAP, "overlap"),
        (q.TIME, q.ALPHA_2, "non-Gaussian parameter"),
        columns=2,
        short=True,
        down=True,
    )
    energies(a, b, page.equilibration)
    relaxation_times(c, page.equilibration)
    draw_relaxation({"msd": d, "overlap": e, "alpha_2": f}, relaxation)
    page.mark(page.temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
