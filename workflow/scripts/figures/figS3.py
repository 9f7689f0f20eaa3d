"""Figure S3: rearranging fraction against softness for each hop window, and the ROC AUC."""

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.panels import draw_fraction
from softcage.plotting.style import GUIDE, headroom, legend
from softcage.tables import select


def draw(page, distributions, summary, windows, minimum_hops):
    """Draw one panel per window and one panel with the AUC."""
    shown = [(q.SOFTNESS, q.FRACTION, f"$\\Delta t$ = {window:g}") for window in windows]
    *fractions, last = page.add_panels(*shown, (q.WINDOW, q.AUC), columns=2, row=2.3)
    tables = dict(zip(page.temperatures, distributions, strict=True))
    for panel, window in zip(fractions, windows, strict=True):
        empty = "too few rearrangements, or the runs\nare shorter than this window"
        draw_fraction(panel, tables, "softness", window, minimum_hops, empty)
    for T, table in zip(page.temperatures, summary, strict=True):
        rows = select(table, quantity="softness", lag="0").sort_values("window")
        auc, error = rows["auc"], rows["auc_error"]
        last.markers(f"T = {T:g}", rows["window"], auc, error, **page.style(T))
    last.axes.axhline(0.5, **GUIDE)
    headroom(last.axes, 0.3)
    legend(fractions[0].axes, loc="lower right", ncols=2)
    legend(last.axes, loc="upper center", ncols=3)
    page.mark(page.temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
