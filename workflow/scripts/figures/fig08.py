"""Figure 8: g_AA(r) as the mean of smeared single-particle functions, and as a histogram."""

from softcage.plotting import panels
from softcage.plotting.figure import draw_figure
from softcage.tables import select

PLAIN = {"color": "0.6", "linewidth": 2.4, "label": "histogram"}


def draw(page, local_rdf):
    """Draw one curve per delta, at the lowest temperature."""
    plain = ("histogram", select(local_rdf, curve="histogram"), PLAIN)
    panels.rdf_curves(page, [plain, *panels.smeared(local_rdf, "mean")])


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
