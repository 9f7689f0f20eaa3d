"""Maps: particles in a slice of the sample, drawn at their size and coloured by a quantity."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.animation import PillowWriter
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.colors import Normalize
from numpy.typing import ArrayLike

from softcage import quantities as q
from softcage.isoconfigurational.targets import TARGETS
from softcage.plotting.page import Page, Panel
from softcage.plotting.predictors import NOTHING_LEARNED
from softcage.plotting.style import REARRANGING_COLOR

_COLORMAP = "viridis"
Film = Mapping[str, np.ndarray]  # of softcage.hop_environment.film.film_run


def disks(
    axes: Axes,
    x: ArrayLike,
    y: ArrayLike,
    diameters: ArrayLike,
    box: float,
    values: ArrayLike,
    scored: ArrayLike,
    norm: Normalize,
    ringed: ArrayLike | None = None,
) -> EllipseCollection:
    """Draw the particles of a slice: scored ones coloured by their value, others grey and behind.

    Parameters
    ----------
    axes : Axes
    x, y, diameters : (n,) array
        Positions between 0 and ``box``, and diameters, in the order in which they are drawn.
    box : float
    values : (n,) array
        Values that set the colours; NaN is white.
    scored : (n,) bool array
        Particles that are coloured.
    norm : Normalize
        Colour scale.
    ringed : (n,) bool array, optional
        Scored particles that get a ring.

    Returns
    -------
    EllipseCollection
        The scored particles, for a colour bar.
    """
    flat, sizes, scored = np.column_stack([x, y]), np.asarray(diameters), np.asarray(scored)
    axes.set(xlim=(0, box), ylim=(0, box), xticks=[], yticks=[], aspect="equal")
    centres, which = _with_images(flat[~scored], box, 0.5 * sizes.max())
    _circles(axes, centres, sizes[~scored][which], facecolors="0.85", edgecolors="none")
    centres, which = _with_images(flat[scored], box, 0.5 * sizes.max())
    known = np.ma.masked_invalid(np.asarray(values, float)[scored][which])
    look = {"array": known, "cmap": _COLORMAP, "norm": norm, "edgecolors": "none"}
    drawn = _circles(axes, centres, sizes[scored][which], **look)
    if ringed is not None:
        rings = scored & np.asarray(ringed)
        centres, which = _with_images(flat[rings], box, 0.5 * sizes.max())
        look = {"facecolors": "none", "edgecolors": REARRANGING_COLOR, "linewidths": 1.8}
        _circles(axes, centres, 0.9 * sizes[rings][which], **look)
    return drawn


def _circles(axes: Axes, centres: np.ndarray, sizes: np.ndarray, **look: Any) -> EllipseCollection:
    circles = EllipseCollection(
        sizes, sizes, np.zeros(len(centres)), units="xy", offsets=centres,
        offset_transform=axes.transData, **look,
    )  # fmt: skip
    axes.add_collection(circles)
    return circles


def _with_images(flat: np.ndarray, box: float, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Return positions and all periodic images that reach into the box, with particle indices."""
    shifts = box * np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)])
    centres = (flat[None] + shifts[:, None]).reshape(-1, 2)
    visible = ((centres > -radius) & (centres < box + radius)).all(axis=1)
    return centres[visible], np.tile(np.arange(len(flat)), len(shifts))[visible]


def draw_predicted_map(page: Page, predicted: pd.DataFrame, T: float) -> None:
    """Draw the measured propensity of a configuration beside the predicted one.

    The correlation above the map is computed from all A particles of the configuration.

    Parameters
    ----------
    page : Page
    predicted : DataFrame
        :func:`softcage.ranking.save.predicted_table`.
    T : float
    """
    titles = {"measured": f"measured, {page.label(T)}", "predicted": "predicted"}
    shown = [(q.PLACE_X, q.PLACE_Y, title) for title in titles.values()]
    a, b = page.add_panels(*shown, columns=2, row=3.0)
    known = predicted["measured"].notna() & predicted["predicted"].notna()
    if predicted["measured"].isna().all():
        return
    if not known.any():
        b.missing(NOTHING_LEARNED)
    else:
        r = np.corrcoef(predicted["measured"][known], predicted["predicted"][known])[0, 1]
        b.axes.set_title(f"(b) predicted, $r$ = {r:.2f}", loc="left", pad=3)
        b.note(f"correlation over all A particles {r:.4f}")
    norm = Normalize(*predicted["measured"].quantile([0.02, 0.98]))
    table = predicted[predicted["in_slice"]]
    scored = table["measured"].notna()
    for panel, name in ((a, "measured"), (b, "predicted")):
        panel.axes.set(xlabel=_slice_words(1.0), ylabel="")
        if name == "predicted" and not known.any():
            continue
        place = table["x"], table["y"], table["diameter"], table["box"].iloc[0]
        drawn = disks(panel.axes, *place, table[name], scored, norm)
        panel.keep(name, table["x"], table["y"], value=table[name], diameter=table["diameter"])
    words = TARGETS["propensity"].axis()
    page.fig.colorbar(drawn, ax=[a.axes, b.axes], label=words, pad=0.01, shrink=0.94)
    page.mark([T])


def _slice_words(thickness: float) -> str:
    return rf"slice of ${thickness:g}\,\sigma_\mathrm{{AA}}$"


def draw_maps(page: Page, films: Sequence[Film], shown: Sequence[float]) -> None:
    """Draw the first frame of each film: softness, and rings around particles that hop next.

    Parameters
    ----------
    page : Page
    films : sequence of mapping
        Film of one run at each temperature.
    shown : sequence of float
        Their temperatures.
    """
    panels = page.add_panels(
        *[(q.PLACE_X, q.PLACE_Y, "") for _ in films], columns=len(films), row=3.1
    )
    for panel, film, T in zip(panels, films, shown, strict=True):
        drawn = draw_frame(panel, film, T, 0)
        table = {name: film[name][: film["begins"][1]] for name in ("x", "y", "softness", "hops")}
        panel.keep("slice", table.pop("x"), table.pop("y"), **table)
        page.fig.colorbar(drawn, ax=panel.axes, label=q.SOFTNESS.axis(), pad=0.02, shrink=0.94)
    page.mark(shown)


def draw_frame(panel: Panel, film: Film, T: float, k: int) -> EllipseCollection:
    """Draw frame ``k`` of a film into an empty panel, with its time and temperature as title."""
    tau, time = float(film["relaxation_time"]), film["times"][k]
    ahead, when = f"{film['ahead']:.3g}", f"{time:.3g}"
    if np.isfinite(tau):
        ahead = rf"{ahead} (${film['ahead'] / tau:.2g}\,\tau_\alpha$)"
        when = rf"{when} (${time / tau:.2g}\,\tau_\alpha$)"
    letter = f"({panel.name}) " if len(panel.page.panels) > 1 else ""
    words = f"{letter}{panel.page.label(T)}, $t$ = {when}"
    panel.axes.set_title(words, loc="left", pad=3)
    words = f"{_slice_words(float(film['thickness']))}; rings: hop in the next {ahead}"
    panel.axes.set(xlabel=words, ylabel="")
    here = slice(film["begins"][k], film["begins"][k + 1])
    x, y, species = (film[name][here] for name in ("x", "y", "species"))
    values = film["softness"][here] / q.SOFTNESS.scale
    norm = Normalize(*film["range"] / q.SOFTNESS.scale)
    place = x, y, film["diameters"][species], float(film["box"])
    return disks(panel.axes, *place, values, species == 0, norm, film["hops"][here])


def animate(
    page: Page,
    films: Sequence[Film],
    temperatures: Sequence[float],
    path: str | os.PathLike,
    fps: int = 6,
) -> None:
    """Write :func:`draw_maps` of all frames as an animated GIF."""
    draw_maps(page, films, temperatures)
    page.fig.draw_without_rendering()
    page.fig.set_layout_engine("none")  # keep the panels where they are
    writer = PillowWriter(fps)
    with writer.saving(page.fig, os.fspath(path), page.fig.dpi):
        for k in range(min(len(film["times"]) for film in films)):
            for panel, film, T in zip(page.panels, films, temperatures, strict=True):
                for drawn in list(panel.axes.collections):
                    drawn.remove()
                draw_frame(panel, film, T, k)
            writer.grab_frame()
