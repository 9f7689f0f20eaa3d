"""Maps: a slice of the sample, its particles at their size, coloured by a number of each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from softcage.io.trajectory import Trajectory
from softcage.model import Mixture
from softcage.plotting.style import REARRANGING_COLOR
from softcage.quantities import SOFTNESS, Quantity
from softcage.structure.rdf import wrap

#: Thickness of a slice, sigma_AA: about a layer of particles.
THICKNESS = 1.0
#: How far ahead of a frame hops are shown, tau_alpha, and how many frames a film has at most.
AHEAD, FRAMES = 0.1, 40
_SLICE = rf"slice of ${THICKNESS:g}\,\sigma_\mathrm{{AA}}$"
_COLORMAP = "viridis"
_PANEL = 2.6  # inches


def slice_of(positions: np.ndarray, box: float) -> np.ndarray:
    """Return which particles lie in the middle of the box, within :data:`THICKNESS`; from below up.

    Returns
    -------
    (n,) int array
    """
    height = wrap(positions, box)[:, 2] - 0.5 * box
    inside = np.flatnonzero(np.abs(height) <= 0.5 * THICKNESS)
    return inside[np.argsort(height[inside])]


def disks(
    axes: Axes,
    positions: np.ndarray,
    species: np.ndarray,
    box: float,
    mixture: Mixture,
    values: np.ndarray,
    norm: Normalize,
    ringed: np.ndarray | None = None,
) -> EllipseCollection:
    """Draw a slice: A particles coloured by their value, the others grey; diameters sigma.

    Parameters
    ----------
    axes : Axes
    positions : (N, 3) array
    species : (N,) int array
    box : float
    mixture : Mixture
    values : (n_A,) array
        Of the A particles, in their order; NaN is white.
    norm : Normalize
    ringed : (n_A,) bool array, optional
        A particles that get a ring.

    Returns
    -------
    EllipseCollection
        The A particles, for a colour bar.
    """
    chosen = slice_of(positions, box)
    flat = wrap(positions, box)[:, :2]
    place = np.cumsum(species == 0) - 1  # among the A particles
    axes.set(xlim=(0, box), ylim=(0, box), xticks=[], yticks=[], aspect="equal")
    for v, size in enumerate(np.diag(mixture.sigma)[1:], start=1):
        at, _ = _with_images(flat[chosen[species[chosen] == v]], box, 0.5 * size)
        _circles(axes, at, size, facecolors="0.85", edgecolors="none")
    own, size = chosen[species[chosen] == 0], mixture.sigma[0, 0]
    at, which = _with_images(flat[own], box, 0.5 * size)
    known = np.ma.masked_invalid(values[place[own][which]])
    drawn = _circles(axes, at, size, array=known, cmap=_COLORMAP, norm=norm, edgecolors="none")
    if ringed is not None:
        at, _ = _with_images(flat[own[ringed[place[own]]]], box, 0.5)
        _circles(axes, at, 0.9, facecolors="none", edgecolors=REARRANGING_COLOR, linewidths=1.8)
    return drawn


def _circles(axes: Axes, at: np.ndarray, size: float, **look: Any) -> EllipseCollection:
    width = np.full(len(at), size)
    found = EllipseCollection(
        width, width, np.zeros(len(at)), units="xy", offsets=at,
        offset_transform=axes.transData, **look,
    )  # fmt: skip
    axes.add_collection(found)
    return found


def _with_images(flat: np.ndarray, box: float, radius: float) -> tuple[np.ndarray, np.ndarray]:
    """Return positions with the images that reach into the box, and whose each is."""
    shifts = box * np.array([(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)])
    at = (flat[None] + shifts[:, None]).reshape(-1, 2)
    seen = ((at > -radius) & (at < box + radius)).all(axis=1)
    return at[seen], np.tile(np.arange(len(flat)), len(shifts))[seen]


def draw_predicted(
    positions: np.ndarray,
    species: np.ndarray,
    box: float,
    mixture: Mixture,
    measured: np.ndarray,
    predicted: np.ndarray,
    quantity: Quantity,
) -> Figure:
    """Draw what was measured in a configuration beside what was predicted of it.

    Parameters
    ----------
    positions, species, box, mixture
        See :func:`disks`.
    measured, predicted : (n_A,) array
        The correlation above the map is that over all of them.
    quantity : Quantity
    """
    size = (2 * _PANEL + 0.7, _PANEL + 0.4)
    figure, panels = plt.subplots(1, 2, figsize=size, layout="constrained")
    norm = Normalize(*np.quantile(measured, [0.02, 0.98]))
    known = np.isfinite(predicted)
    r = np.corrcoef(measured[known], predicted[known])[0, 1]
    titles = ("measured", f"predicted, $r$ = {r:.2f}")
    for axes, values, title in zip(panels, (measured, predicted), titles, strict=True):
        drawn = disks(axes, positions, species, box, mixture, values, norm)
        axes.set(title=title, xlabel=_SLICE)
    figure.colorbar(drawn, ax=panels, label=quantity.axis(), pad=0.01, shrink=0.94)
    return figure


@dataclass(frozen=True, eq=False)
class Film:
    """Frames of one run with what is drawn of them.

    Attributes
    ----------
    temperature : float
    box : float
    species : (N,) int array
    times : (F,) array
        From the first frame.
    positions : (F, N, 3) array
    softness : (F, n_A) array
    hops : (F, n_A) bool array
        Who rearranges in the time ``ahead`` after a frame.
    ahead : float
    relaxation_time : float
        tau_alpha; NaN where the run is too short for it.
    """

    temperature: float
    box: float
    species: np.ndarray
    times: np.ndarray
    positions: np.ndarray
    softness: np.ndarray
    hops: np.ndarray
    ahead: float
    relaxation_time: float


def film(
    run: Trajectory,
    temperature: float,
    softness: h5py.Group,
    events: pd.DataFrame,
    hop_times: np.ndarray,
    relaxation_time: float,
) -> Film:
    """Choose frames of a run: from the first that has a p_hop on, up to a tau_alpha.

    Where frames lie more than tau_alpha / 40 apart, as many of them reach farther. tau_alpha of a
    run that is too short for it is taken to be as long as the run.

    Parameters
    ----------
    run : Trajectory
    temperature : float
    softness : h5py.Group
        ``softness`` (frames, n_A) and ``frame``, as the study has them.
    events : DataFrame
        Rearrangements of the A particles, :func:`softcage.dynamics.hops.events`.
    hop_times : array
        Times that have a p_hop.
    relaxation_time : float
    """
    frames = softness["frame"][:]
    times = run.times[frames]
    interval = np.diff(times).min()
    tau = relaxation_time if np.isfinite(relaxation_time) else times[-1] - times[0]
    ahead = max(AHEAD * tau, interval)
    whole = np.zeros(len(times), bool)
    if len(hop_times):
        whole = (times >= hop_times[0]) & (times + ahead <= hop_times[-1])
    usable = np.flatnonzero(whole) if whole.any() else np.arange(len(times))
    chosen = usable[:: max(1, round(tau / FRAMES / interval))][:FRAMES]
    hops = np.zeros((len(chosen), np.count_nonzero(run.species == 0)), bool)
    for k, time in enumerate(times[chosen]):
        next_ones = events["peak_time"].between(time, time + ahead, inclusive="right")
        hops[k, events.loc[next_ones, "particle"].to_numpy()] = True
    return Film(
        temperature,
        run.box,
        run.species,
        times[chosen] - times[chosen[0]],
        run.read(frames[chosen]),
        softness["softness"][chosen],
        hops,
        ahead,
        relaxation_time,
    )


def _films(films: Sequence[Film], mixture: Mixture) -> tuple[Figure, list[Axes], list[Normalize]]:
    """Make the panels and colour bars, one a film: each temperature has softness of its own."""
    size = ((_PANEL + 0.7) * len(films), _PANEL + 0.55)
    figure, panels = plt.subplots(1, len(films), figsize=size, squeeze=False, layout="constrained")
    norms = []
    for axes, film in zip(panels[0], films, strict=True):
        scaled = film.softness[np.isfinite(film.softness)] / SOFTNESS.scale
        norms.append(Normalize(*np.quantile(scaled, [0.02, 0.98])))
        drawn = _film(axes, film, 0, mixture, norms[-1])
        figure.colorbar(drawn, ax=axes, label=SOFTNESS.axis(), pad=0.02, shrink=0.94)
    return figure, list(panels[0]), norms


def _film(axes: Axes, film: Film, k: int, mixture: Mixture, norm: Normalize) -> EllipseCollection:
    axes.clear()
    tau, time = film.relaxation_time, film.times[k]
    ahead, when = f"{film.ahead:.3g}", f"{time:.3g}"
    if np.isfinite(tau):
        ahead = rf"{ahead} (${film.ahead / tau:.2g}\,\tau_\alpha$)"
        when = rf"{when} (${time / tau:.2g}\,\tau_\alpha$)"
    axes.set(
        title=f"$T$ = {film.temperature:g}, $t$ = {when}",
        xlabel=f"{_SLICE}; rings: hop in the next {ahead}",
    )
    values, hops = film.softness[k] / SOFTNESS.scale, film.hops[k]
    return disks(axes, film.positions[k], film.species, film.box, mixture, values, norm, hops)


def draw_sample(films: Sequence[Film], mixture: Mixture) -> Figure:
    """Draw the first frame of each film: softness, and rings where a hop follows."""
    return _films(films, mixture)[0]


def animate(
    path: str | os.PathLike, films: Sequence[Film], mixture: Mixture, dpi: int = 75, fps: int = 6
) -> None:
    """Write :func:`draw_sample` of all frames as an animated GIF."""
    figure, panels, norms = _films(films, mixture)
    figure.canvas.draw()
    figure.set_layout_engine("none")  # panels stay where they are

    def show(k: int) -> list[EllipseCollection]:
        drawn = zip(panels, films, norms, strict=True)
        return [_film(axes, film, k, mixture, norm) for axes, film, norm in drawn]

    frames = min(len(film.times) for film in films)
    FuncAnimation(figure, show, frames=frames).save(os.fspath(path), PillowWriter(fps), dpi=dpi)
