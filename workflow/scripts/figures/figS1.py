"""Figure S1: which results depend on the choices behind the softness, and which do not.

There is one column per choice: the upper limit q_max of the wave-number integrals, the range of the
parabola (0 stands for the curvature), and the smearing width delta. The rows are

- the scale of the softness: of the mean-field cage (curvature filled, parabola open), and for delta
  of single particles;
- the deviation of 1/S_av from its line against the real-space depth, and for delta the rank
  correlation with the default width;
- the shares softer than the peak;
- the ROC AUC.

The last two are for single particles at the lowest temperature.
"""

from itertools import chain

import numpy as np

from softcage import quantities as q
from softcage.plotting.calibration_choices import by_range, by_width, linearity, prediction, scales
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import GUIDE, legend, same_range


def frame(page, values):
    """Return the panels by rows; dotted lines are at the ``values`` of this study."""
    columns = {
        q.UPPER_WAVE_NUMBER: "upper wave number",
        q.FIT_RANGE: "range of the parabola",
        q.SMEARING: "smearing",
    }
    rows = (
        (q.AVERAGE_SOFTNESS, q.AVERAGE_SOFTNESS, q.MEAN_LOCAL_SOFTNESS),
        (q.DEVIATION, q.DEVIATION, q.RANK_CORRELATION),
        (q.SHARE, q.SHARE, q.SHARE),
        (q.AUC, q.AUC, q.AUC),
    )
    titles = [*columns.values(), "", "", *[page.label(page.coldest)] * 7]
    shown = zip([*columns] * len(rows), chain(*rows), titles, strict=True)
    panels = page.add_panels(*shown, columns=3, row=1.8, short=True)
    for place, panel in enumerate(panels):
        panel.axes.axvline(values[place % 3], **GUIDE)
        panel.axes.set_xlabel(panel.x.axis(short=place % 3 > 0))
    for panel in panels[3:5]:
        panel.axes.set_ylabel("deviation from the line (%)")
    panels[5].axes.set_ylabel("rank correlation")
    for panel in panels[6:9]:
        panel.axes.set_ylabel("softer than the peak (%)")
    return panels[:3], panels[3:6], panels[6:9], panels[9:]


def draw(
    page,
    cage,
    calibration,
    choices,
    summary,
    correlation_summary,
    q_max,
    route,
    harmonic_range,
    delta,
    deltas,
    window,
):
    """Draw all panels; ``summary`` is sorted by temperature, then by width."""
    parabola = 0.0 if route == "curvature" else harmonic_range
    sizes, lines, shares, auc = frame(page, (q_max, parabola, delta))
    widths = by_width(page, summary, deltas, window)
    scales(sizes, cage, widths, q_max)
    linearity(lines, calibration, correlation_summary, q_max)
    compared = (
        ("q_max", choices[choices["route"] == route]),
        ("harmonic_range", by_range(choices, q_max)),
        ("delta", widths[np.isclose(widths["T"], page.coldest)]),
    )
    for *column, (x, table) in zip(shares, auc, compared, strict=True):
        prediction(*column, x, table)
    for panel in auc:
        panel.axes.axhline(0.5, **GUIDE)
    # one range per row, so that its panels can be compared
    for row in (lines[:2], shares, auc):
        same_range([panel.axes for panel in row], "y")
    for panel in (*sizes, *lines[:2]):
        panel.axes.set_ylim(0, 1.06 * panel.axes.get_ylim()[1])
    legend(shares[0].axes, loc="best")
    page.mark(page.temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
