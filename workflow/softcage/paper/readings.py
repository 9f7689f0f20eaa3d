"""Where the paper is open to more than one reading: the questions, and the answers to each.

Three sources: the counts of every frame (lag, P_R, window, delta); scores of thinned frames with
other terms, weights or positions; and the same with another line 1/S = c0 + c1 beta Phi, whose
ranks are the same. Bins of S grow with its scale, so that every reading is as well resolved.
Rows of thinned frames compare with their own default row, which has the same frames.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from softcage.cage.calibration import read_line
from softcage.cage.terms import refitted_line
from softcage.prediction.variants import Scored, ThinnedFrames
from softcage.tables import html_page, plus_minus

PLAIN = "sqrt(x_u x_v)"  # the weights of Eq. 5


@dataclass(frozen=True)
class Reading:
    """One answer to a question that the paper leaves open.

    Attributes
    ----------
    ambiguity, name : str
        The question and the answer.
    default : bool
        Whether it is the one of this study.
    paper : str
        Where the paper's words or equations speak for it; "": it is silent.
    """

    ambiguity: str
    name: str
    default: bool
    paper: str = ""

    def head(self) -> dict[str, str]:
        """Return the words of the row."""
        default = "default" if self.default else ""
        words = {"ambiguity": self.ambiguity, "reading": self.name}
        return words | {"default": default, "paper": self.paper}


@dataclass(frozen=True)
class OfCounts(Reading):
    """A reading that the counts of every frame have: hop window, delta, lag of the structure."""

    window: float = 0.0
    delta: float = 0.0
    lag: str = "0"


@dataclass(frozen=True)
class OfScores(Reading):
    """A reading that takes other scores of thinned frames, or the same ones with another line.

    Attributes
    ----------
    scores : str
        Group of the file of scores.
    weights : str or None
        With which the terms of Eq. 5 add up to a depth; None: the scores are depths.
    way : (float, str) or None
        q_max and route to S_av of the calibrated line; None: those of the study.
    refit : mapping or None
        How to fit a line of its own: arguments of
        :func:`softcage.cage.terms.refitted_line`.
    p_c : callable or None
        Threshold of p_hop, from the temperature and the one measured there; None: that one.
    temperatures : sequence of float or None
        Those at which there are such scores or thresholds; None: all.
    """

    scores: str = "terms"
    weights: str | None = PLAIN
    way: tuple[float, str] | None = None
    refit: Mapping | None = None
    p_c: Callable[[float, float], float] | None = None
    temperatures: Sequence[float] | None = None


def upper_limits(q_max: float, others: Sequence[float], route: str) -> list[OfScores]:
    """q_max and the route to 1/S_av: another line, the same depths."""
    limits = [
        OfScores("q_max", f"q_max = {value:g}", value == q_max, way=(value, route))
        for value in sorted({q_max, *others})
    ]
    routes = [
        OfScores("1/S_av", name, way == route, paper, way=(q_max, way))
        for way, name, paper in (
            ("curvature", "curvature at 0", ""),
            ("harmonic", "parabola fitted", "'we fit the potential near 0'"),
        )
    ]
    return limits + routes


def weightings() -> list[OfScores]:
    """Weights of Eqs. 5 and 8 and the pairs of the calibration."""
    default = "sqrt(x_u x_v), g/x_v"
    # name, weights, g of Eq. 8 divided by x_v, calibrated against all pairs, paper
    table = (
        (default, PLAIN, True, False, "Eqs. 5 and B2"),
        ("x_u x_v (or x_v), g/x_v", "x_u x_v", True, False, ""),
        ("none, g/x_v", "1", True, False, ""),
        ("sqrt(x_u x_v), g as in Eq. 8", PLAIN, False, False, "Eqs. 5 and 8 as printed"),
        ("none, g as in Eq. 8", "1", False, False, ""),
        ("line from all pairs, with BB", PLAIN, True, True, "Eq. 5 as a sum over u, v"),
    )
    return [
        OfScores(
            "weights",
            name,
            name == default,
            paper,
            scores="terms" if per_fraction else "terms_printed",
            weights=weights,
            refit={"weights": weights, "per_fraction": per_fraction, "all_pairs": all_pairs},
        )
        for name, weights, per_fraction, all_pairs, paper in table
    ]


def structures(windows: Sequence[float], lowest: float) -> list[OfScores]:
    """Whose positions the structure is of; the line stays that of the average liquid."""
    single = OfScores("structure", "single frames", True, "'in a single time frame'")
    averaged = [
        OfScores("structure", f"averaged over {w:g}", False, scores=f"average_{w:g}", weights=None)
        for w in windows
    ]
    inherent = OfScores(
        "structure",
        "inherent structures",
        False,
        scores="inherent",
        weights=None,
        temperatures=(lowest,),
    )
    return [single, *averaged, inherent]


def thresholds(
    source: str, of_paper: Mapping[str, float], temperatures: Sequence[float]
) -> list[OfScores]:
    """p_c: measured or the paper's, and the paper's own words taken literally.

    Parameters
    ----------
    source : str
        ``measured`` or ``paper``: which this study takes.
    of_paper : mapping
        Temperature (in digits) to the paper's p_c.
    temperatures : sequence of float
        Of the study.
    """
    given = {T: p for T in temperatures for key, p in of_paper.items() if np.isclose(float(key), T)}
    # name, default, paper, p_c from T and what is measured, temperatures
    table = (
        ("MSD, measured", source == "measured", "its numbers are about the MSD", None, None),
        ("the paper's numbers", source == "paper", "Sec. III", lambda T, _: given[T], tuple(given)),
        ("root of the MSD", False, "'the root mean squared displacement'", _root, None),
        ("MSD against the root of p_hop", False, "Eq. 2 as printed", _square, None),
    )
    return [
        OfScores("p_c", name, default, paper, p_c=p_c, temperatures=known)
        for name, default, paper, p_c, known in table
    ]


def _root(T: float, measured: float) -> float:
    return np.sqrt(measured)


def _square(T: float, measured: float) -> float:
    return measured**2


def counted(
    window: float, windows: Sequence[float], delta: float, deltas: Sequence[float]
) -> list[OfCounts]:
    """Lags, definitions of P_R, windows and widths."""
    table = (
        ("lag", "same frame", "p_hop(t) > p_c and S(t), one frame", "0"),
        ("lag", "Dt/2 earlier", "", "half_window"),
        (
            "lag",
            "onset of the event",
            "'just before they undergo a rearrangement' (App. B)",
            "onset",
        ),
        ("lag", "strictly ahead", "'about to rearrange' (Fig. 4)", "ahead"),
        ("P_R", "above p_c in a frame", "'when p_hop > p_c ... a rearrangement event'", "0"),
        ("P_R", "an event starts, per frame", "", "onset"),
        ("P_R", "an event starts within Dt", "", "within"),
    )
    lags = [
        OfCounts(ambiguity, name, lag == "0", paper, window, delta, lag)
        for ambiguity, name, paper, lag in table
    ]
    similar = "'qualitatively similar'"
    of_windows = [
        OfCounts("window", f"Dt = {w:g}", True, "Sec. III", w, delta)
        if w == window
        else OfCounts("window", f"Dt = {w:g}", False, similar, w, delta)
        for w in windows
    ]
    widths = [
        OfCounts("delta", f"delta = {d:g}", True, "Sec. IV", window, d)
        if d == delta
        else OfCounts("delta", f"delta = {d:g}", False, "App. B", window, d)
        for d in deltas
    ]
    return lags + of_windows + widths


# ---------------------------------------------------------------- what a reading is measured on
def runs_of(reading: OfScores, frames: ThinnedFrames) -> dict[float, list[Scored]]:
    """Return the depths of a reading by temperature, and who rearranges.

    Of all temperatures; of the lowest alone if others have no such scores or thresholds; of none if
    the lowest has none.
    """
    every = list(frames.scores)
    known = every if reading.temperatures is None else reading.temperatures
    if every[0] not in known:
        return {}
    wanted = every if len(known) == len(every) else every[:1]
    return {T: frames.runs(T, reading.scores, reading.weights, reading.p_c) for T in wanted}


def line_of(
    reading: OfScores,
    calibration: str,
    own: tuple[float, str],
    curves: Mapping[float, Mapping[str, np.ndarray]],
    potential: Callable,
) -> tuple[float, float]:
    """Return (c0, c1) of a reading.

    Parameters
    ----------
    reading : OfScores
    calibration : path
        As :func:`softcage.cage.calibration.read_line`.
    own : (float, str)
        q_max and route of the study.
    curves, potential
        As :func:`softcage.cage.terms.refitted_line`.
    """
    line = read_line(calibration, *(reading.way or own))
    if reading.refit is None:
        return line.c0, line.c1
    cages = line.cages.set_index("T").loc[list(curves)]
    return refitted_line(curves, cages, potential, **reading.refit)


# ---------------------------------------------------------------- the table and its page
SHARES = ("share_rearranging", "share_all", "auc")
COLUMNS = (
    "ambiguity", "reading", "default", "paper",
    *(name for share in SHARES for name in (share, f"{share}_error")),
    "T_cross", "T_cross_error", "T_low", "T_high", "share_crossing",
    "barrier_low", "barrier_low_error", "barrier_high", "barrier_high_error", "n_bins",
    "without_softness", "frames",
)  # fmt: skip


def page(table: pd.DataFrame, study: str, lowest: float) -> str:
    """Return the table as an HTML page; ``lowest`` is the lowest temperature."""
    introduction = (
        f"Study {study}, T = {lowest:g} for the shares and the AUC, all temperatures for the onset "
        "and the barriers. The default of each group is marked; rows of thinned frames (q_max, "
        "1/S_av, weights, structure, p_c) compare with the default of their own group. Errors: "
        "bootstrap over time blocks and replicas."
    )
    return html_page(_for_people(table), "What each reading of the paper gives", introduction)


def _for_people(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of the page: value and error in one cell."""
    page = table[["ambiguity", "reading", "default", "paper"]].copy()
    for column, words, factor, digits in (
        ("share_rearranging", "rearranging softer than the peak (%)", 100, 1),
        ("share_all", "all softer than the peak (%)", 100, 1),
        ("auc", "AUC", 1, 3),
        ("T_cross", "onset temperature", 1, 3),
        ("barrier_low", "smallest barrier", 1, 2),
        ("barrier_high", "largest barrier", 1, 2),
    ):
        numbers = factor * table[[column, f"{column}_error"]]
        page[words] = [plus_minus(value, error, digits) for value, error in numbers.to_numpy()]
    return page
