"""Figure 9: g_AA(r) around one particle in one frame, for each smearing width delta."""

from softcage.plotting import panels
from softcage.plotting.figure import draw_figure


def draw(page, local_rdf):
    """Draw one curve per delta, at the lowest temperature."""
    panels.rdf_curves(page, panels.smeared(local_rdf, "particle"))


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
