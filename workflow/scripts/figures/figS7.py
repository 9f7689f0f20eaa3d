"""Figure S7: all interpretations of the paper compared with all its numbers.

(a) Deviation of every number from the paper's, for all interpretations, for that of this study and
for the nearest one. (b) How many interpretations give how many numbers. (c) Constraint of the
shares for softness and depth on the line between softness and depth.
"""

from softcage import quantities as q
from softcage.plotting.figure import draw_figure
from softcage.plotting.interpretations import counts, deviations, differences


def draw(page, numbers, given, constraint):
    """Draw the three panels."""
    shown = (
        (q.MISFIT, q.INTERPRETATION),
        (q.GIVEN, q.INTERPRETATIONS),
        (q.LINE_RATIO, q.SHARE_EXCESS),
    )
    height = 1.0 + 0.12 * max(len(numbers), 10)
    a, b, c = page.add_panels(*shown, columns=3, row=height)
    if len(numbers):
        deviations(a, numbers)
        counts(b, given, numbers)
        differences(c, constraint)
    page.mark(page.temperatures)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
