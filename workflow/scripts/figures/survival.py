"""Survival of soft and hard particles: share that has not hopped, at every temperature."""

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import DASHED, legend_below, ordered_style
from softcage.tables import select

GROUPS = {"softest": "-", "hardest": DASHED}  # each is a fifth of the particles
ORDER = ["name", "positions", "length"]  # columns that define a descriptor


def draw(page, survival):
    """Draw the survival of the softest and of the hardest fifth according to each descriptor."""
    temperatures = sorted(set(survival["T"]))
    shown = [(q.TIME, q.SURVIVING, page.label(T)) for T in temperatures]
    panels = page.add_panels(*shown, columns=len(shown), row=2.2, sharey=True)
    descriptors = list(survival[ORDER].drop_duplicates().itertuples(index=False, name=None))
    for place, (name, positions, length) in enumerate(descriptors):
        table = survival[(survival[ORDER] == [name, positions, length]).all(axis=1)]
        words = f"{q.predictor_words(name)}, {positions}" + (", averaged over A" if length else "")
        style = ordered_style(place, len(descriptors), marker="", errorevery=(2 * place, 6))
        for panel, T in zip(panels, temperatures, strict=True):
            for group, dashes in GROUPS.items():
                rows = select(table, T=T, group=group)
                curve = rows["time"], rows["surviving"], rows["surviving_error"]
                look = {"linestyle": dashes, "label": words if group == "softest" else None}
                panel.markers(f"{group} fifth by {words}", *curve, **style | look)
    for panel in panels:
        panel.axes.set(xscale="log", ylim=(0, 1), xlabel=panel.x.axis(short=True))
        panel.axes.set_ylabel(panel.y.words if panel is panels[0] else "")
    for group, dashes in GROUPS.items():
        panels[0].axes.plot([], [], color="0.4", linestyle=dashes, label=f"{group} fifth")
    legend_below(page.fig, columns=3 if len(panels) > 2 else 1)
    page.mark(temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
