"""Figure 3: how long particles keep their softness.

(a) Pearson correlation C_S(t) of a particle's softness with its earlier value (solid) and the
overlap q(t) (dotted). (b) Propagator G(S, S0, t) of hard particles that stayed in their cage, and
P(S) of all particles (filled). (c) Mean softness of groups of equal initial softness. (b) and (c)
are for the lowest temperature.
"""

import numpy as np

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.softness_memory import correlation_and_overlap, mean_of_groups, propagators
from softcage.plotting.style import DOTTED, GUIDE, legend
from softcage.tables import select


def draw(
    page, correlation, overlap, propagator, mean_softness, distributions, summary, shown, window
):
    """Draw the panels; lists are for the temperatures ``shown``, other tables for the lowest."""
    cold = page.label(page.coldest)
    a, b, c = page.add_panels(
        (q.TIME, q.SOFTNESS_CORRELATION),
        (q.SOFTNESS, q.PROPAGATOR, cold),
        (q.TIME, q.MEAN_SOFTNESS, cold),
        row=2.13,
    )
    for T, *tables in zip(shown, correlation, overlap, strict=True):
        correlation_and_overlap(a, T, *tables)
    for text, dashes in (("$C_S(t)$", "-"), ("$q(t)$", DOTTED)):
        a.axes.plot([], [], color="black", linestyle=dashes, label=text)
    a.axes.axhline(np.exp(-1), **GUIDE | {"linestyle": "-", "zorder": 0})
    a.axes.set(xscale="log", ylim=(-0.05, 1.05))
    legend(a.axes, loc="lower left", ncols=2)
    softness = {"quantity": "softness", "window": window}
    propagators(b, propagator, select(distributions, **softness))
    mean_of_groups(c, mean_softness, select(summary, **softness, lag="0"))
    page.mark(shown)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
