"""Figure 3: how long particles keep their softness.

(a) Pearson correlation C_S(t) of a particle's softness with its earlier value (solid) and the
overlap q(t) (dotted). (b) Propagator G(S, S0, t) of hard particles that stayed in their cage, and
P(S) of all particles (filled). (c) Mean softness of groups of equal initial softness. (b) and (c)
are for the lowest temperature.
"""

from softcage.plotting.figure import draw_figure
from softcage.plotting.main_figures import draw_softness_memory as draw

if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
