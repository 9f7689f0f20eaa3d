"""The figures of ``softcage report``: which are drawn of what was found, and their captions."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
import pandas as pd

from softcage import quantities as q
from softcage.defaults import MINIMUM_HOPS, ROUTE
from softcage.io.progress import Progress
from softcage.plotting import main_figures as figures
from softcage.plotting.page import Page
from softcage.plotting.style import COLUMN, legend, style
from softcage.quantities import Quantity
from softcage.report.titles import TITLES
from softcage.sampling import evenly_spaced
from softcage.tables import plus_minus, select

if TYPE_CHECKING:
    from softcage.report.findings import Findings, StatePoint

_DPI = 200
_MOST_TEMPERATURES = 3  # in figures with a panel, or a line style, for each
_MOST_SPECIES = 3  # of which all pairs are shown; of more those of the scored species
_DEPTH_MEMORY = Quantity("correlation", r"C_\Phi(t),\ q(t)")
_ERRORS = "Error bars and bands show one standard error, from a bootstrap over time blocks."


@dataclass(frozen=True)
class Drawing:
    """A figure of a page.

    Attributes
    ----------
    name : str
        For files.
    title : str
    caption : str
        Plain text; paragraphs are separated by empty lines.
    source : str
        Sentence on the command that gives the same numbers as tables; it may be empty.
    draw : callable
        From a :class:`softcage.plotting.page.Page` to nothing.
    """

    name: str
    title: str
    caption: str
    source: str
    draw: Callable[[Page], None]


def _new_page(found: Findings) -> Page:
    """Return an empty figure in which a temperature looks the same as in all others."""
    return Page(COLUMN, _DPI, [point.temperature for point in found.points])


def drawings(found: Findings) -> list[Drawing]:
    """Return the figures that what has been found allows, in the order of the page."""
    makers: Sequence[Callable[[Findings], Drawing | None]] = (
        _structure,
        _relaxation,
        _mean_cage,
        _distributions,
        _memory,
        _rearranging,
        _fraction,
        _example,
        _surroundings,
    )
    return [drawing for make in makers if (drawing := make(found)) is not None]


# ---------------------------------------------------------------- averages over all particles
def _structure(found: Findings) -> Drawing:
    species, tagged = found.points[0].liquid.species, found.points[0].tagged
    n = len(species)
    pairs = [(u, v) for u in range(n) for v in range(u, n)]
    if n > _MOST_SPECIES:
        pairs = [(min(tagged, v), max(tagged, v)) for v in range(n)]
    curves = [point.curves for point in found.points]
    distances = (_nearest(found), max(figures.R_RANGE[1], 3.5 * _nearest(found)))
    waves = (figures.Q_LOWEST, found.choices.q_max)

    def draw(page: Page) -> None:
        shown: list[tuple[Quantity, Quantity]] = []
        for u, v in pairs:
            name = species[u] + species[v]
            shown += [(q.DISTANCE, q.rdf(name)), (q.WAVE_NUMBER, q.structure_factor(name))]
        panels = page.add_panels(*shown, columns=2, row=1.8, short=True)
        for pair, left, right in zip(pairs, panels[::2], panels[1::2], strict=True):
            figures.draw_partial_curves(left, curves, "r", "g", pair, distances)
            figures.draw_partial_curves(right, curves, "q", "s", pair, waves)
        legend(panels[0].axes, loc="upper right")

    only = "" if n <= _MOST_SPECIES else f" Only pairs with {found.species} are shown."
    frames = _each(found.points, lambda point: f"{_frames_used(found, point)} frames")
    caption = (
        "Partial radial distribution functions g(r) and structure factors S(q) "
        f"(Ashcroft-Langreth) of each pair of species, from {frames}.{only} S(q) is that of wave "
        "vectors of the box at low q and the transform of g - 1 at high q."
    )
    source = "The command softcage calibrate uses the same averages."
    return Drawing("structure", TITLES["structure"], f"{caption} {_ERRORS}", source, draw)


def _relaxation(found: Findings) -> Drawing | None:
    moving = [point for point in found.points if not point.relaxation.empty]
    if not moving:
        return None

    def draw(page: Page) -> None:
        a, b, c = page.add_panels(
            (q.TIME, q.MSD), (q.TIME, q.OVERLAP), (q.TIME, q.ALPHA_2), row=1.8, short=True
        )
        none = moving[0].relaxation.iloc[:0]
        tables = [none if point.relaxation.empty else point.relaxation for point in found.points]
        figures.draw_relaxation({"msd": a, "overlap": b, "alpha_2": c}, tables)
        b.axes.set_ylim(-0.05, 1.05)

    caption = (
        f"Motion of the {found.particles}. (a) Mean squared displacement. (b) Overlap "
        f"q(t), the share that is displaced by at most {found.choices.overlap_radius:g} sigma; the "
        "dotted line is 1/e, where t = tau_alpha. (c) Non-Gaussian parameter alpha_2; the mean "
        "squared displacement at its maximum is p_c, the threshold of p_hop. Times are those of "
        "the file."
    )
    source = "The command softcage dynamics gives these curves, F_s(q, t) and chi_4 as tables."
    return Drawing("relaxation", TITLES["relaxation"], f"{caption} {_ERRORS}", source, draw)


def _mean_cage(found: Findings) -> Drawing | None:
    cage, lines = found.cage, found.lines
    if cage is None or lines is None:
        return None
    q_max = found.choices.q_max

    def draw(page: Page) -> None:
        figures.draw_mean_cage(page, cage, lines, q_max, ROUTE)

    row = select(lines, q_max=q_max, route=ROUTE, relation="c").iloc[0]
    own = found.line is not None and found.choices.line is None
    used = "it converts the depth around a single particle into its softness (Eq. 7)"
    if not own:
        used = "it is not used here"
    caption = (
        "The mean-field cage of the whole liquid, with one point per temperature. (a) Depth of "
        "the cage from the structure factor (Eq. 4) against its inverse softness, the curvature "
        "of the cage at its bottom; the inset compares this depth with the depth from g(r) of the "
        "first shell (Eqs. 5 and 6). (b) The second depth against the inverse softness. The line "
        f"in (b) is 1/S = ({plus_minus(row['intercept'], row['intercept_error'])}) + "
        f"({plus_minus(row['slope'], row['slope_error'])}) beta Phi; {used}. Integrals end at q = "
        f"{q_max:g}."
    )
    source = "The command softcage calibrate writes these lines as a calibration."
    return Drawing("mean_cage", TITLES["fig01"], f"{caption} {_ERRORS}", source, draw)


# ---------------------------------------------------------------- single particles
def _distributions(found: Findings) -> Drawing | None:
    if not found.scored:
        return None
    both = found.quantity == "softness"
    quantities = ("depth", "softness") if both else ("depth",)

    def draw(page: Page) -> None:
        figures.draw_depth_and_softness(page, _of_all(found, "curves"), quantities)

    what = "(a) the depth of the cage and (b) its softness vary" if both else (
        "the depth of the cage varies"
    )  # fmt: skip
    caption = (
        f"How {what} from particle to particle: distributions over all {found.particles} "
        f"and frames. Neighbours are smeared by delta = {found.choices.delta:g}. The axes show the "
        "central 99.8 % of the particles."
    )
    title = TITLES["fig02"] if both else "distribution of the depth"
    return Drawing("distributions", title, f"{caption} {_ERRORS}", _SCORES, draw)


def _memory(found: Findings) -> Drawing | None:
    known = [
        point
        for point in found.scored
        if "correlation" in point.tables and len(point.tables["correlation"])
    ]
    if not known:
        return None
    shown = _some(known)
    tables = [point.tables["correlation"] for point in shown]
    overlap = [point.relaxation for point in shown]
    temperatures = [point.temperature for point in shown]
    cold = known[0]

    def draw(page: Page) -> None:
        if found.quantity == "depth":
            (panel,) = page.add_panels((q.TIME, _DEPTH_MEMORY), row=2.13)
            figures.draw_correlations(panel, temperatures, tables, overlap, r"C_\Phi(t)")
            return
        page.coldest = cold.temperature
        figures.draw_softness_memory(
            page,
            tables,
            overlap,
            cold.tables["propagator"],
            cold.tables["mean_softness"],
            cold.tables["distributions"],
            cold.tables["summary"],
            temperatures,
            found.choices.hop_window,
        )

    caption = (
        f"How long the {found.quantity} lasts. "
        f"{'(a) ' if found.quantity == 'softness' else ''}Correlation of the {found.quantity} of a "
        "particle with its value a time t before (solid), and the share of particles that have "
        f"moved by at most {found.choices.overlap_radius:g} (dotted); the thin line is 1/e."
    )
    title = TITLES["fig03"]
    if found.quantity == "softness":
        caption += (
            " (b) Softness at later times of particles that were hard at t = 0, with the softness "
            "that a tenth of all are below, and never left their cage; the grey area is the "
            "distribution over all particles. (c) Mean softness of groups of similar initial "
            "softness that stayed in their cage; the dotted line is the mean over all."
            f"{_at(cold, ' Panels (b) and (c) are for T = ')}"
        )
    else:
        title = "memory of the depth"
    return Drawing("memory", title, f"{caption} {_ERRORS}", "", draw)


def _rearranging(found: Findings) -> Drawing | None:
    known = [point for point in found.scored if point.hops]
    if not known:
        return None
    shown, window = _some(known), found.choices.hop_window

    def draw(page: Page) -> None:
        figures.draw_rearranging_softness(
            page,
            [point.tables["curves"] for point in shown],
            [point.tables["summary"] for point in shown],
            [point.temperature for point in shown],
            window,
            found.quantity,
        )

    side, shallow = ("softer", "softness") if found.quantity == "softness" else (
        "shallower", "depth"
    )  # fmt: skip
    aucs = _each(known, lambda point: _auc(found, point))
    caption = (
        f"Are particles that rearrange {side} than others? Distribution of the {shallow} over all "
        f"{found.particles} (solid) and over those whose p_hop is above p_c in the same "
        "frame (dashed). The dotted line is the peak of the solid curve. Each panel gives the "
        "shares of both groups on the soft side of this peak, and the area under the ROC curve "
        f"(0.5: nothing is predicted, 1: everything). AUC: {aucs}."
    )
    title = TITLES["fig04"] if found.quantity == "softness" else "depth of rearranging particles"
    return Drawing("rearranging", title, f"{caption} {_ERRORS}", _SCORES, draw)


def _auc(found: Findings, point: StatePoint) -> str:
    row = select(point.tables["summary"], quantity=found.quantity, lag="0").iloc[0]
    return plus_minus(row["auc"], row["auc_error"], nothing="not known")


def _fraction(found: Findings) -> Drawing | None:
    known = [point for point in found.scored if point.hops]
    if not known:
        return None
    lines = found.tables.get("arrhenius")
    shown = [] if found.quantity == "depth" else _some(
        [point for point in known if "overlap" in point.tables], 2
    )  # fmt: skip

    def draw(page: Page) -> None:
        figures.draw_rearrangement(
            page,
            _of_all(found, "distributions"),
            lines,
            found.tables.get("arrhenius_points"),
            found.tables.get("crossing"),
            [point.tables["overlap"] for point in shown],
            [point.temperature for point in shown],
            found.choices.hop_window,
            MINIMUM_HOPS,
            found.quantity,
        )

    letters = iter("abcd" if lines is not None or shown else "")
    caption = (
        f"{_letter(letters)}Fraction of the {found.particles} of a given {found.quantity} "
        f"that rearrange, on a logarithmic axis. Bins with fewer than {MINIMUM_HOPS} rearranging "
        "particles are left out."
    )
    if lines is not None:
        caption += (
            f" {_letter(letters)}The same against 1/T for five bins, with Arrhenius lines up to "
            "the temperature at which the lines of all bins come closest to one point (dotted; "
            "its 95 % interval is grey). Inset: all bins, divided by their prefactor, against "
            f"barrier over temperature; the line is exp(-x). {_letter(letters)}Barrier of every "
            "bin."
        )
    if shown:
        caption += (
            f" {_letter(letters)}Overlap of particles that were hard, of medium softness and soft "
            "at t = 0 (a tenth of all particles each)."
        )
        if len(shown) > 1:
            caption += " Solid: the lower temperature; dashed: the higher one."
    title = TITLES["fig05"] if found.quantity == "softness" else "rearrangement and depth"
    return Drawing("fraction", title, f"{caption} {_ERRORS}", _SCORES, draw)


def _example(found: Findings) -> Drawing | None:
    example = found.tables.get("example")
    if example is None:
        return None

    def draw(page: Page) -> None:
        figures.draw_hop_example(page, example, found.species)

    at = float(example["T"].iloc[0]) if len(example) else math.nan
    caption = (
        f"p_hop of one of the {found.particles}{'' if math.isnan(at) else f' at T = {at:g}'}. It "
        "compares the positions in the half window before a time with those in the half window "
        f"after it (window {found.choices.hop_window:g}). It is small while the particle rattles "
        "in one cage and large where it moves to another. Shaded stretches above the threshold "
        "p_c (dashed) count as rearrangements. Of the particles with two to five rearrangements "
        "it is the median one by the largest p_hop."
    )
    return Drawing("p_hop", TITLES["fig06"], caption, _SCORES, draw)


def _surroundings(found: Findings) -> Drawing | None:
    table = found.tables.get("rearranging_rdf")
    if table is None:
        return None
    point = next(point for point in found.points if point.hops)

    def draw(page: Page) -> None:
        page.coldest = point.temperature
        low = round(_nearest(found), 2)
        figures.draw_rearranging_rdf(page, table, found.species, low)

    caption = (
        f"Radial distribution function around the {found.particles} that rearrange "
        f"(dashed) and around all of them (solid) in the same frames{_at(point, ', at T = ', '')}, "
        "with a panel for each species of neighbours."
    )
    return Drawing("surroundings", TITLES["fig07"], f"{caption} {_ERRORS}", "", draw)


_SCORES = (
    "The command softcage score gives depth, softness, p_hop and rearranging of each particle in "
    "each frame."
)


# ---------------------------------------------------------------- words
def _nearest(found: Findings) -> float:
    """Return a distance somewhat below those of all pairs of neighbours."""
    smallest = []
    for point in found.points:
        r, g = point.curves["r"], point.curves["g"]
        smallest += [r[curve > 0.01][0] for curve in g.reshape(-1, len(r)) if (curve > 0.01).any()]
    return 0.9 * float(np.min(smallest)) if smallest else figures.R_RANGE[0]


def _some(points: Sequence[StatePoint], most: int = _MOST_TEMPERATURES) -> list[StatePoint]:
    return [points[k] for k in evenly_spaced(len(points), most)]


def _of_all(found: Findings, name: str) -> list[pd.DataFrame]:
    """Return a table of every temperature, without rows where nothing was found."""
    none = found.scored[0].tables[name].iloc[:0]
    return [point.tables.get(name, none) for point in found.points]


def _frames_used(found: Findings, point: StatePoint) -> int:
    return min(found.choices.frames, point.run.n_frames)


def _each(points: Sequence[StatePoint], words: Callable[[StatePoint], str]) -> str:
    """Return the words of each temperature, or those of all if they are the same."""
    said = [words(point) for point in points]
    if len(points) == 1:
        return said[0]
    if len(set(said)) == 1:
        return f"{said[0]} at each temperature"
    return ", ".join(
        f"{text} at T = {point.temperature:g}" for text, point in zip(said, points, strict=True)
    )


def _letter(letters: Iterator[str]) -> str:
    """Return the letter of the next panel, for a caption; nothing if there is one panel only."""
    letter = next(letters, "")
    return f"({letter}) " if letter else ""


def _at(point: StatePoint, before: str, after: str = ".") -> str:
    T = point.temperature
    return "" if math.isnan(T) else f"{before}{T:g}{after}"


# ---------------------------------------------------------------- pictures and points
@dataclass(frozen=True)
class DrawnFigure:
    """A figure as it stands in the page: what it is, its picture, and its points as CSV."""

    drawing: Drawing
    svg: bytes
    csv: str


def draw_all(found: Findings) -> list[DrawnFigure]:
    """Draw all figures of what has been found."""
    drawn, wanted = [], drawings(found)
    progress = Progress(len(wanted), "figures")
    for number, drawing in enumerate(wanted, start=1):
        progress.update(number - 1, f"drawing {drawing.name}")
        drawn.append(_drawn(found, drawing))
    return drawn


def _drawn(found: Findings, drawing: Drawing) -> DrawnFigure:
    with style(), matplotlib.rc_context({"svg.hashsalt": "softcage"}):
        page = _new_page(found)
        drawing.draw(page)
        page.complete("not known from this run")
        picture = io.BytesIO()
        page.fig.savefig(picture, format="svg", metadata={"Date": None, "Creator": None})
    header = "".join(f"# {line}\n" for line in [drawing.title, *page.header()])
    table = _points_of(page).to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return DrawnFigure(drawing, picture.getvalue(), header + table)


def _points_of(page: Page) -> pd.DataFrame:
    """Return the points of a figure, without names of a temperature that is not known."""
    table = page.table()
    table["series"] = table["series"].str.replace(r",? ?T = nan", "", regex=True)
    return table.assign(series=table["series"].replace("", "all"))
