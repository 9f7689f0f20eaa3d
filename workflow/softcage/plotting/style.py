"""The common style of all figures: theme, colours, styles of ordered curves, legends and limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from typing import Any, Literal

import matplotlib
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatterSciNotation, LogLocator, NullFormatter
from numpy.typing import ArrayLike

from softcage.io.atomic_file import replacing

# Settings that are added to seaborn's theme; sizes are for one column of a page.
_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine has it
    "text.usetex": False,
    "axes.titlesize": "medium",
    "axes.linewidth": 0.8,
    "xtick.top": True,
    "ytick.right": True,
    **{
        f"{axis}.{name}": value
        for axis in ("xtick", "ytick")
        for name, value in {
            "direction": "in",
            "major.size": 3.8,
            "minor.size": 2.6,
            "major.width": 0.8,
            "minor.width": 0.64,
        }.items()
    },
    "legend.title_fontsize": "medium",
    "legend.framealpha": 0.75,  # white behind the text, no edge
    "legend.edgecolor": "none",
    "legend.fancybox": False,
    "legend.handlelength": 2.2,
    "legend.borderaxespad": 0.4,
    "legend.labelspacing": 0.25,
    "legend.columnspacing": 1.0,
    "legend.handletextpad": 0.5,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.2,
    "errorbar.capsize": 1.5,
    "pdf.fonttype": 42,  # keep text as text
    "figure.constrained_layout.w_pad": 0.03,
    "figure.constrained_layout.h_pad": 0.03,
}


@contextmanager
def style() -> Iterator[None]:
    """Use the style of the figures inside the block, whatever the user's settings are.

    Afterwards the settings of matplotlib are restored.
    """
    theme = sns.axes_style("ticks") | sns.plotting_context("paper", font_scale=0.8)
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(theme | _SETTINGS)
        yield


COLUMN = 3.4  # width of a column of a two-column page, inches
ACCENT_COLOR, _, SECOND_COLOR, REARRANGING_COLOR = sns.color_palette("colorblind").as_hex()[:4]
ALL_COLOR = "#4d4d4d"
MARK_COLOR = "#8c2d04"
DASHED, DOTTED = (0, (5, 1.2)), (0, (1.2, 1))
GUIDE: dict[str, Any] = {"color": "0.55", "linewidth": 0.7, "linestyle": ":"}
# Styles of scores from these positions; within a row they are drawn in this order, from the top.
POSITION_LOOKS: dict[str, dict[str, Any]] = {
    "thermal": {"marker": "o", "color": REARRANGING_COLOR, "label": "thermal"},
    "averaged": {"marker": "^", "color": ALL_COLOR, "label": "mean positions"},
    "inherent": {"marker": "s", "color": ACCENT_COLOR, "label": "inherent"},
}

_DASHES = ["-", DASHED, (0, (4, 1.2, 1, 1.2)), DOTTED, (0, (4, 1, 1, 1, 1, 1))]
_MARKERS = "os^DvPX<*>p"
_MOST_KEYS = 8


def ordered_style(place: int, count: int, colormap: str = "viridis", **more: Any) -> dict[str, Any]:
    """Return the style of the ``place``-th of ``count`` ordered curves, as keywords of ``plot``.

    Colours go from dark (low) to light, so that the order remains visible in grey. Dashes and
    markers repeat with different periods, so that many curves can be distinguished.
    """
    return {
        "color": sns.color_palette(colormap, count + 1).as_hex()[place],  # the palest is not used
        "linestyle": _DASHES[place % len(_DASHES)],
        "marker": _MARKERS[place % len(_MARKERS)],
    } | more


def legend(axes: Axes, **options: Any) -> None:
    """Draw the legend of a panel, if it has entries; keys are drawn without error bars.

    If there are more entries than fit into a panel, one legend below all panels shows them.
    """
    handles, labels = axes.get_legend_handles_labels()
    handles = [h[0] if isinstance(h, ErrorbarContainer) else h for h in handles]
    if len(handles) > _MOST_KEYS:
        if not axes.figure.legends:
            axes.figure.legend(handles, labels, loc="outside lower center", ncols=4)
    elif handles:
        axes.legend(handles, labels, **options)


def legend_below(figure: Figure, columns: int, **options: Any) -> None:
    """Draw one legend for all panels below them; keys are drawn without error bars."""
    keys: dict[str, Any] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            keys.setdefault(label, handle[0] if isinstance(handle, ErrorbarContainer) else handle)
    place: dict[str, Any] = {"loc": "outside lower center", "ncols": columns}
    figure.legend(list(keys.values()), list(keys), **place | options)


# Metadata with the time or the version of matplotlib, which are not written.
_NO_METADATA: dict[str, dict[str, None]] = {
    ".pdf": dict.fromkeys(("Creator", "Producer", "CreationDate")),
    ".png": {"Software": None},
}


def save_figure(
    figure: Figure, paths: Iterable[str | PathLike], dpi: float | Literal["figure"] = "figure"
) -> None:
    """Write a figure to PDF or PNG files, according to their suffixes, each completely or not.

    The same figure gives the same bytes, because no time or version is written. All files have the
    layout of the first, which takes as long as the drawing.
    """
    for path in paths:
        with replacing(path) as temporary:
            figure.savefig(temporary, dpi=dpi, metadata=_NO_METADATA[temporary.suffix])
        figure.set_layout_engine("none")


def log_ticks(axes: Axes) -> None:
    """Label a logarithmic y axis with plain numbers instead of powers of ten.

    Over less than two decades, ticks are at 1, 2 and 5 times the powers of ten. Over more, they are
    at the powers of ten, which are written as such if the axis begins below 1e-4.
    """
    low, high = axes.get_ylim()
    narrow = high < 100 * low
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if narrow else (1,)))
    plain = narrow or low > 1e-4
    axes.yaxis.set_major_formatter("{x:g}" if plain else LogFormatterSciNotation())
    axes.yaxis.set_minor_formatter(NullFormatter())


def headroom(axes: Axes, share: float) -> None:
    """Raise the upper end of a linear y axis by a share of its range, to make room for text."""
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + share * (high - low))


def same_range(panels: Sequence[Axes], axis: str) -> None:
    """Give all panels the same range of ``"x"`` or ``"y"``, which includes the range of each."""
    ends = [getattr(axes, f"get_{axis}lim")() for axes in panels]
    for axes in panels:
        axes.set(**{f"{axis}lim": (np.min(ends), np.max(ends))})


def limits(
    values: Iterable[float], pad: float = 0.05, log: bool = False
) -> tuple[float, float] | None:
    """Return axis limits around the finite values (if ``log``, the positive ones); None if none."""
    finite = np.asarray(list(values), dtype=float)
    finite = finite[np.isfinite(finite) & (finite > 0 if log else True)]
    if not finite.size:
        return None
    low, high = np.log10([finite.min(), finite.max()]) if log else (finite.min(), finite.max())
    room = pad * (high - low) or 0.1 * (abs(high) or 1)
    low, high = low - room, high + room
    return (10**low, 10**high) if log else (low, high)


def central_range(
    tables: Iterable[tuple[ArrayLike, ArrayLike]], share: float = 0.998
) -> tuple[float, float] | None:
    """Return the range of x that contains the central ``share`` of the counts of every table.

    Each table is a pair (bin centres, counts). The result is None if all of them are empty.
    """
    ends = []
    for centers, counts in tables:
        counts = np.nan_to_num(np.asarray(counts, dtype=float))
        if counts.sum() > 0:
            cumulative = np.cumsum(counts) / counts.sum()
            inside = np.searchsorted(cumulative, [(1 - share) / 2, (1 + share) / 2])
            ends.append(np.asarray(centers, dtype=float)[np.minimum(inside, len(counts) - 1)])
    if not ends:
        return None
    low, high = np.min(ends), np.max(ends)
    room = 0.03 * (high - low) or 0.1 * (abs(high) or 1)
    return float(low - room), float(high + room)
