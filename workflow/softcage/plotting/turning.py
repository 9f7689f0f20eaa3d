"""Particles that turn in a browser: one page with all that it needs, drawn by plotly.

plotly is the extra ``view``; nothing else needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from softcage.io.atomic_file import replacing

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_SIZE = 160.0  # of a particle that hops, over the edge of the box: one sees past it
_NO_CLOUD = ["sendChartToCloud", "sendDataToCloud"]  # nothing leaves the page
_LINE = {"color": "#111", "width": 6}


@dataclass(frozen=True, eq=False)
class Scene:
    """One frame as it is shown.

    Attributes
    ----------
    name : str
        For the slider, such as a time.
    positions : (N, 3) array
        In the box from ``low`` to ``low`` + ``edge`` along each axis.
    low, edge : float
    ids : (N,) int array
    scored : (N,) bool array
        Particles of the first species.
    values : (N,) array
        What colours them.
    hopping : (k,) int array
        Particles that rearrange within the time ahead.
    moves : (k, 3) array
        By how much they move in that time.
    """

    name: str
    positions: np.ndarray
    low: float
    edge: float
    ids: np.ndarray
    scored: np.ndarray
    values: np.ndarray
    hopping: np.ndarray
    moves: np.ndarray


def turning_figure(
    scenes: Sequence[Scene], quantity: str, hops: str, soft_is_high: bool = True
) -> Figure:
    """Return scenes as a plotly figure: a slider for frames, a legend whose entries can be put out.

    Particles of the first species have the colour of their value, the same scale for all scenes
    (2 % of the values lie beyond either end); those that rearrange are larger, with a line to where
    they go. All others are grey.

    Parameters
    ----------
    scenes : sequence of Scene
    quantity : str
        Words beside the colours.
    hops : str
        Words for the lines.
    soft_is_high : bool
        Soft is red and hard is blue: whether that is from low values to high ones.
    """
    import plotly.graph_objects as go  # of the extra `view`

    values = np.concatenate([scene.values[scene.scored] for scene in scenes])
    low, high = np.nanpercentile(values, [2, 98])
    colours = {
        "cmin": low,
        "cmax": high,
        "colorscale": "RdBu_r" if soft_is_high else "RdBu",
        "colorbar": {"title": {"text": quantity}, "thickness": 16, "len": 0.7},
    }
    traces = [_traces(scene, colours, quantity, hops) for scene in scenes]
    frames = [
        {"name": scene.name, "data": some, "traces": list(range(len(some)))}
        for scene, some in zip(scenes, traces, strict=True)
    ]
    return go.Figure(data=[*traces[0], _box(scenes[0])], frames=frames, layout=_layout(scenes))


def write_page(path: str | Path, figure: Figure) -> None:
    """Write a figure as one HTML file that needs no server and no network.

    It appears only when complete.
    """
    with replacing(path) as temporary:
        figure.write_html(
            temporary,
            include_plotlyjs=True,
            auto_play=False,
            div_id="softcage",
            default_height="96vh",
            config={"displaylogo": False, "modeBarButtonsToRemove": _NO_CLOUD},
        )


def _traces(scene: Scene, colours: dict, quantity: str, hops: str) -> list[dict[str, Any]]:
    """Return the particles that stay, those that hop, the others, and the lines of hops."""
    hopping = np.zeros(len(scene.ids), dtype=bool)
    hopping[scene.hopping] = True
    size = _SIZE / scene.edge

    def points(name: str, chosen: np.ndarray, size: float, **how: Any) -> dict[str, Any]:
        x, y, z = scene.positions[chosen].T.astype(np.float32)
        place = {"type": "scatter3d", "mode": "markers", "name": name, "x": x, "y": y, "z": z}
        return {
            **place,
            "marker": {"size": size, "opacity": 1.0, **how},
            "customdata": scene.ids[chosen],
        }

    def coloured(name: str, chosen: np.ndarray, edge: str, size: float) -> dict[str, Any]:
        values = scene.values[chosen].astype(np.float32)
        how = {"color": values, **colours, "line": {"color": edge, "width": 1}}
        words = f"particle %{{customdata}}<br>{quantity} %{{marker.color:.5g}}<extra></extra>"
        return {**points(name, chosen, size, **how), "hovertemplate": words}

    begin = scene.positions[scene.hopping]
    gaps = np.full_like(begin, np.nan)
    x, y, z = np.stack([begin, begin + scene.moves, gaps], axis=1).reshape(-1, 3).T
    line = {"type": "scatter3d", "mode": "lines", "name": hops, "line": _LINE}
    grey = points("other species", ~scene.scored, 0.3 * size, color="#9a9a9a")
    return [
        coloured("stay in their cage", scene.scored & ~hopping, "#777", 0.5 * size),
        coloured("rearrange", scene.scored & hopping, "#111", 0.8 * size),
        {**grey, "hoverinfo": "skip"},
        {**line, "x": x, "y": y, "z": z, "hoverinfo": "skip"},
    ]


def _box(scene: Scene) -> dict[str, Any]:
    """Return the twelve edges of the box as one line."""
    corner = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    path = corner[[0, 1, 3, 2, 0, 4, 5, 1, 5, 7, 3, 7, 6, 2, 6, 4]]
    x, y, z = (scene.low + scene.edge * path).T
    line = {"type": "scatter3d", "mode": "lines", "line": {"color": "#888", "width": 2}}
    return {**line, "x": x, "y": y, "z": z, "hoverinfo": "skip", "showlegend": False}


def _layout(scenes: Sequence[Scene]) -> dict[str, Any]:
    """Return slider, legend and view."""
    now = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}}
    steps = [
        {"method": "animate", "label": scene.name, "args": [[scene.name], now]} for scene in scenes
    ]
    axis = {"visible": False}
    return {
        "scene": {
            "aspectmode": "data",
            "dragmode": "turntable",
            "xaxis": axis,
            "yaxis": axis,
            "zaxis": axis,
            "camera": {"eye": {"x": 1.6, "y": 1.0, "z": 0.8}},
        },
        "sliders": [
            {
                "steps": steps,
                "currentvalue": {"prefix": "frame ", "font": {"color": "#222"}},
                "font": {"color": "rgba(0, 0, 0, 0)"},  # one label, the current one
                "pad": {"t": 10, "b": 10},
            }
        ],
        "legend": {"x": 0, "y": 1, "itemsizing": "constant"},
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "uirevision": "the view stays as it was turned",
    }
