"""Figure 14: the rearranging fraction against softness for each smearing width delta, all T."""

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.panels import draw_fraction
from softcage.plotting.style import legend, log_ticks, same_range


def draw(page, distributions, deltas, window, minimum_hops):
    """Draw one panel per delta; the tables are sorted by temperature, then by delta."""
    shown = [(q.SOFTNESS, q.FRACTION, f"$\\delta$ = {delta:g}") for delta in deltas]
    panels = page.add_panels(*shown, columns=2, row=2.2)
    for place, panel in enumerate(panels):
        tables = zip(page.temperatures, distributions[place :: len(deltas)], strict=True)
        draw_fraction(panel, dict(tables), "softness", window, minimum_hops)
    # one range for all panels, so that they can be compared
    drawn = [panel.axes for panel in panels if panel.axes.get_yscale() == "log"]
    same_range(drawn, "y")
    for axes in drawn:
        log_ticks(axes)
    legend(panels[0].axes, loc="lower right", ncols=2)
    page.mark(page.temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
