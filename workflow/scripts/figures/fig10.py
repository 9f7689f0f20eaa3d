"""Figure 10: local g_AA(r) of one rearranging and of one caged particle, default delta."""

from softcage.plotting import panels
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import ALL_COLOR, REARRANGING_COLOR
from softcage.tables import select

STYLES = {
    "rearranging": {"label": r"$p_\mathrm{hop} > p_c$", "color": REARRANGING_COLOR, "marker": "s"},
    "caged": {"label": r"$p_\mathrm{hop} \leq p_c$", "color": ALL_COLOR, "marker": "o"},
}


def draw(page, local_rdf):
    """Draw both curves; without rearrangements in the run the first one is missing."""
    tables = {curve: select(local_rdf, curve=curve) for curve in STYLES}
    panel = panels.rdf_curves(
        page,
        [(curve, tables[curve], style | {"markevery": 8}) for curve, style in STYLES.items()],
    )
    if not tables["rearranging"]["g"].notna().any():
        panel.missing("no rearrangement", empty=False)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
