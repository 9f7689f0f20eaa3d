"""Figure S8: what the laws of the study foresee for a colder liquid.

(a) Relaxation time, (b) ROC AUC, (c) mean softness against temperature: measured values and laws
that are fitted to the hotter temperatures; large open symbols are at the temperature that is
foreseen. (d) Rearranging fraction against softness, foreseen and at the coldest temperatures.
"""

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.panels import draw_fraction, finite
from softcage.plotting.style import ACCENT_COLOR, DASHED, SECOND_COLOR, legend, log_ticks
from softcage.tables import select

SHOWN = {"tau_alpha": q.RELAXATION_TIME, "auc": q.AUC, "mean": q.MEAN_LOCAL_SOFTNESS}
LOOKS = [{"color": ACCENT_COLOR}, {"color": SECOND_COLOR, "linestyle": DASHED}]


def draw(page, extrapolation, extrapolation_curves, distributions, T, shown, window, minimum_hops):
    """Draw all panels; ``shown`` are the temperatures of the tables in ``distributions``."""
    axes = [(q.TEMPERATURE, quantity) for quantity in SHOWN.values()]
    *panels, d = page.add_panels(*axes, (q.SOFTNESS, q.FRACTION), columns=2)
    for panel, quantity in zip(panels, SHOWN, strict=True):
        rows = finite(select(extrapolation_curves, quantity=quantity), "value")
        foreseen = finite(select(extrapolation, quantity=quantity), "predicted")
        if quantity == "tau_alpha":
            panel.axes.set_yscale("log")
        for look, law in zip(LOOKS, foreseen["law"], strict=False):
            curve = select(rows, law=law)
            values = curve["T"], curve["value"], curve["error"]
            panel.line(law, *values, **look, label=law)
            points = select(foreseen, law=law)
            values = points["T"], points["predicted"], points["predicted_error"]
            style = {"markersize": 6, "markerfacecolor": "white", "color": look["color"]}
            panel.markers(f"foreseen, {law}", *values, **style)
        measured = select(rows, law="measured")
        values = measured["T"], measured["value"], measured["error"]
        panel.markers("measured", *values, color="black", label="measured")
        legend(panel.axes)
    panels[-1].axes.set_ylabel(panels[-1].y.axis(short=True))
    if panels[0].axes.lines:
        log_ticks(panels[0].axes)
    draw_fraction(d, dict(zip(shown, distributions, strict=True)), "softness", window, minimum_hops)
    bins = finite(select(extrapolation, quantity="p_r"), "predicted").sort_values("bin_center")
    band = bins["bin_center"], bins["predicted"], bins["predicted_error"]
    if d.line(f"foreseen, T = {T:g}", *band, color=ACCENT_COLOR, label=f"foreseen, $T$ = {T:g}"):
        low, high = d.axes.get_ylim()
        d.axes.set_ylim(min(low, 0.7 * bins["predicted"].min()), high)
        log_ticks(d.axes)
    legend(d.axes, loc="lower right")
    page.mark(page.temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
