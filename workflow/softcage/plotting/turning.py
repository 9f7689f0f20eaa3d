"""Interactive view of particles: an HTML page that contains everything it needs, made by plotly.

plotly comes with the extra ``view`` and is used only here.
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

_SIZE = 160.0  # marker size times edge of the box; small, so that particles behind can be seen
_NO_CLOUD = ["sendChartToCloud", "sendDataToCloud"]  # buttons that would send data elsewhere
_LINE = {"color": "#111", "width": 6}


@dataclass(frozen=True, eq=False)
class Scene:
    """One frame of the page.

    Attributes
    ----------
    name : str
        Label on the slider, such as a time.
    positions : (N, 3) array
        Positions in the box.
    low : (3,) array
        Corner of the box.
    vectors : (2 or 3, 3) array
        Vectors of the box, one a row.
    ids : (N,) int array
    scored : (N,) bool array
        Particles of the species that have values.
    values : (N,) array
        Values that set the colours.
    hopping : (k,) int array
        Indices of the particles that rearrange within some time after the frame.
    moves : (k, 3) array
        Their displacements in that time.
    """

    name: str
    positions: np.ndarray
    low: np.ndarray
    vectors: np.ndarray
    ids: np.ndarray
    scored: np.ndarray
    values: np.ndarray
    hopping: np.ndarray
    moves: np.ndarray


def turning_figure(
    scenes: Sequence[Scene], quantity: str, hops: str, soft_is_high: bool = True
) -> Figure:
    """Return scenes as a plotly figure, with a slider for frames and a legend that hides particles.

    Particles of the scored species are coloured by their value. All scenes have the same scale,
    beyond which 2 % of the values lie at either end. Particles that rearrange are larger, with a
    line along their displacement. All other particles are grey.

    Parameters
    ----------
    scenes : sequence of Scene
    quantity : str
        Label of the colour bar.
    hops : str
        Label of the lines.
    soft_is_high : bool
        Whether high values are soft. Soft particles are red, hard ones blue.
    """
    import plotly.graph_objects as go  # from the extra `view`

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
        {"name": scene.name, "data": of_scene, "traces": list(range(len(of_scene)))}
        for scene, of_scene in zip(scenes, traces, strict=True)
    ]
    return go.Figure(data=[*traces[0], _box(scenes[0])], frames=frames, layout=_layout(scenes))


def write_page(path: str | Path, figure: Figure) -> None:
    """Write a figure as one HTML file that needs no server and no network.

    The file appears only when it is complete.
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
    """Return traces: particles that stay, particles that hop, other species, lines of hops."""
    hopping = np.zeros(len(scene.ids), dtype=bool)
    hopping[scene.hopping] = True
    size = _SIZE / np.linalg.norm(scene.vectors, axis=1).max()

    def points(name: str, mask: np.ndarray, size: float, **how: Any) -> dict[str, Any]:
        x, y, z = scene.positions[mask].T.astype(np.float32)
        place = {"type": "scatter3d", "mode": "markers", "name": name, "x": x, "y": y, "z": z}
        return {
            **place,
            "marker": {"size": size, "opacity": 1.0, **how},
            "customdata": scene.ids[mask],
        }

    def coloured(name: str, mask: np.ndarray, edge: str, size: float) -> dict[str, Any]:
        values = scene.values[mask].astype(np.float32)
        how = {"color": values, **colours, "line": {"color": edge, "width": 1}}
        words = f"particle %{{customdata}}<br>{quantity} %{{marker.color:.5g}}<extra></extra>"
        return {**points(name, mask, size, **how), "hovertemplate": words}

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
    """Return the twelve edges of the box, or the four of a plane, as one line."""
    corner = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    path = corner[[0, 1, 3, 2, 0, 4, 5, 1, 5, 7, 3, 7, 6, 2, 6, 4]]
    if len(scene.vectors) == 2:
        path = np.array([[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]])
    x, y, z = (scene.low + path @ scene.vectors).T
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
                "font": {"color": "rgba(0, 0, 0, 0)"},  # only the label of the current frame
                "pad": {"t": 10, "b": 10},
            }
        ],
        "legend": {"x": 0, "y": 1, "itemsizing": "constant"},
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "uirevision": "the view stays as it was turned",
    }
