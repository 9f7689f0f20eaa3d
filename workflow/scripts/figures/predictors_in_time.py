"""Correlation of the best predictors with the propensity, against time and temperature."""

import numpy as np
import pandas as pd

from softcage import quantities as q
from softcage.isoconfigurational.targets import TARGETS
from softcage.plotting.figure import draw_figure
from softcage.plotting.predictor_rows import last_time
from softcage.plotting.predictors import CEILING_LOOK
from softcage.plotting.style import legend_below, ordered_style


def shown_predictors(delta):
    """Return the predictors that are drawn: name, positions (None if learned), averaged or not."""
    return [
        ("ridge_mechanics", None, False),
        ("ridge_static", None, False),
        ("ridge_named", None, False),
        ("ridge_pairs", None, False),
        ("ridge_cage", None, False),
        ("depth_pair", "inherent", True),
        ("energy", "inherent", True),
        (f"depth_{delta:g}", "inherent", True),
        (f"depth_{delta:g}", "thermal", False),
    ]


def curves(panel, scores, against, delta):
    """Draw the absolute correlation of each predictor, and the ceiling."""
    chosen = shown_predictors(delta)
    for place, (name, positions, averaged) in enumerate(chosen):
        rows = scores[scores["name"] == name]
        if positions:
            rows = rows[(rows["positions"] == positions) & ((rows["length"] > 0) == averaged)]
        words = ", ".join([q.predictor_words(name), *([positions] if positions else [])])
        words += ", averaged" if averaged else ""
        style = ordered_style(place, len(chosen), label=words)
        points = rows[against], rows["pearson_each"].abs(), rows["pearson_each_error"]
        panel.markers(words, *points, **style)
    top = scores[scores["kind"] == "ceiling"]
    panel.line("ceiling", top[against], top["pearson_each"], top["pearson_each_error"],
               **CEILING_LOOK)  # fmt: skip


def draw(page, scores, relaxation, shown, delta):
    """Draw for each target one panel per temperature, and one with all at the last time."""
    targets = list(dict.fromkeys(scores["target"]))
    places = [
        (target, T) for target in targets for T in [*shown, *([None] if len(shown) > 1 else [])]
    ]
    x = {None: q.TEMPERATURE}
    columns = min(len(places) // len(targets), 3)
    panels = page.add_panels(
        *[(x.get(T, q.TIME), q.CORRELATION, TARGETS[target].words) for target, T in places],
        columns=columns,
        row=2.2,
        sharey=True,
    )
    tau = {T: table["tau_alpha"].iloc[0] for T, table in zip(shown, relaxation, strict=True)}
    for panel, (target, T) in zip(panels, places, strict=True):
        of_target = scores[scores["target"] == target]
        is_first = panel.axes.get_subplotspec().is_first_col()
        ylabel = "$|r|$ within a configuration" if is_first else ""
        panel.axes.set(ylim=(0, 1), ylabel=ylabel)
        if T is None:
            last = [last_time(of_target[of_target["T"] == each]) for each in shown]
            curves(panel, pd.concat(last), "T", delta)
            panel.axes.set_xticks(shown, [f"{each:g}" for each in shown])
            words = f"({panel.name}) {TARGETS[target].words}, last time"
            panel.axes.set_title(words, loc="left", pad=3)
            continue
        curves(panel, of_target[of_target["T"] == T], "time", delta)
        words = f"({panel.name}) {TARGETS[target].words}, {page.label(T)}"
        panel.axes.set_title(words, loc="left", pad=3)
        panel.axes.set_xscale("log")
        if np.isfinite(tau[T]):
            panel.axes.tick_params(top=False, which="both")
            both = (lambda t, s=tau[T]: t / s, lambda x, s=tau[T]: x * s)
            panel.axes.secondary_xaxis("top", functions=both).set_xlabel(r"$t/\tau_\alpha$")
    legend_below(page.fig, columns=3 if columns > 1 else 1)
    page.mark(shown)


if __name__ == "__main__":
    draw_figure(snakemake, draw)  # noqa: F821  (injected by Snakemake)
