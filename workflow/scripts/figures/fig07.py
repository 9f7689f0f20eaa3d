"""Figure 7: g_AA(r) and g_AB(r) around all A particles and around the rearranging ones."""

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import ALL_COLOR, DASHED, REARRANGING_COLOR, legend
from softcage.tables import select


def draw(page, rearranging_rdf):
    """Draw one panel per pair of species, at the lowest temperature."""
    T = page.coldest
    pairs = list(dict.fromkeys(rearranging_rdf["pair"])) or ["AA", "AB"]
    panels = page.add_panels(*[(q.DISTANCE, q.rdf(pair), page.label(T)) for pair in pairs])
    for panel, pair in zip(panels, pairs, strict=True):
        data = select(rearranging_rdf, pair=pair)
        data = data[data["r"] > 0.5]
        panel.line("all", data["r"], data["g_all"], color=ALL_COLOR, label="all A")
        style = {"color": REARRANGING_COLOR, "linestyle": DASHED, "label": "rearranging A"}
        g, error = data["g_rearranging"], data["g_rearranging_error"]
        if not panel.line("rearranging", data["r"], g, error, **style):
            panel.missing("no rearrangement", empty=False)
        if data["g_all"].notna().any():
            panel.axes.set_xlim(0.6, data["r"].max())
            panel.axes.set_ylim(bottom=0)
        legend(panel.axes, loc="upper right")
    page.mark([T])


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
