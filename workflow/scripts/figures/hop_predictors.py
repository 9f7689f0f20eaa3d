"""Prediction of hops by every descriptor at one temperature: area under the ROC curve.

There is one row per descriptor, the best on top, and one panel per question: which particles hop in
the frame, and which hop for the first time within a given time. Where particles with small values
hop, 1 - AUC is drawn.
"""

from matplotlib.ticker import MultipleLocator

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.predictor_rows import draw_descriptors, strongest
from softcage.plotting.style import GUIDE, legend_below
from softcage.tables import select


def words_of(target, time):
    """Return the title of a panel, with the time in digits, never as a power of ten."""
    within = f"{float(f'{time:.3g}'):g}"
    return "hop now" if target == "now" else f"first hop\nwithin {within}"


def draw(page, hops, T, delta):
    """Draw one panel per question."""
    hops = select(hops, T=T)
    strength = 0.5 + (hops["auc"] - 0.5).abs()
    chosen = strongest(hops, strength, ["target", "time"], delta)
    chosen = chosen.assign(strength_error=chosen["auc_error"])
    ahead = chosen[(chosen["target"] == "first") & chosen["strength"].notna()]
    names = (ahead if len(ahead) else chosen)["name"].drop_duplicates().tolist()
    questions = list(chosen.groupby(["time", "target"]))
    shown = [(q.AUC, q.PREDICTOR, words_of(target, time)) for (time, target), _ in questions]
    height = 0.5 + 0.17 * len(names)
    panels = page.add_panels(
        *shown, columns=len(shown), row=height, wide=False, sharex=True, sharey=True
    )
    for panel, (_, rows) in zip(panels, questions, strict=True):
        draw_descriptors(panel, rows, names)
        panel.axes.axvline(0.5, **GUIDE)
        panel.axes.set(xlim=(0.48, None), xlabel=panel.x.axis(short=True))
        panel.axes.xaxis.set_major_locator(MultipleLocator(0.2, 0.1))
    legend_below(page.fig, columns=2, title=page.label(T), handlelength=1.5)
    page.mark([T])


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
