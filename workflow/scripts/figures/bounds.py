"""What a part of the structure can tell about the propensity: the bound of any predictor."""

from softcage import quantities as q
from softcage.isoconfigurational.targets import TARGETS
from softcage.plotting.figure import draw_figure
from softcage.plotting.style import legend, ordered_style
from softcage.tables import select


def draw(page, bounds, T):
    """Draw the bound from the cages against time, and from the surroundings against distance."""
    cages, spheres = page.add_panels(
        (q.TIME, q.BOUND, f"same cages, {page.label(T)}"),
        (q.DISTANCE, q.BOUND, f"same structure within $r$, {page.label(T)}"),
        columns=1,
        row=2.2,
    )
    of_cages, of_spheres = (select(bounds, shared=shared) for shared in ("cages", "sphere"))
    targets = list(dict.fromkeys(bounds["target"]))
    for place, target in enumerate(targets):
        rows = select(of_cages, target=target)
        style = ordered_style(place, len(targets), label=TARGETS[target].words)
        cages.markers(target, rows["time"], rows["bound"], rows["bound_error"], **style)
    cages.axes.set(xscale="log", ylim=(0, 1.1))
    legend(cages.axes, loc="lower right")
    times = sorted(set(bounds["time"]))
    for place, time in enumerate(times):
        rows = select(of_spheres, target=targets[0], time=time)
        style = ordered_style(place, len(times), label=f"${q.TIME.symbol}$ = {time:.3g}")
        curve = rows["distance"], rows["bound"], rows["bound_error"]
        spheres.markers(f"t = {time:g}", *curve, **style)
    spheres.axes.set(ylim=(0, 1.1))
    spheres.axes.set_xlim(left=0)
    legend(spheres.axes, loc="lower right", ncols=2)
    page.mark([T])


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
