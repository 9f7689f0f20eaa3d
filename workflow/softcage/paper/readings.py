"""Where the paper is open to more than one reading: the questions, and the answers to each.

Three sources: the counts of every frame (lag, P_R, window, delta); scores of thinned frames with
other terms, weights, positions or thresholds; and the same with another line 1/S = c0 + c1 beta
Phi, whose ranks are the same. Rows of thinned frames compare with their own default row, which has
the same frames.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from softcage.cage.calibration import read_line
from softcage.cage.terms import refitted_line
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
        return dict(zip(HEAD, (self.ambiguity, self.name, default, self.paper), strict=True))


@dataclass(frozen=True)
class OfCounts(Reading):
    """A reading that the counts of every frame have: hop window, delta, lag of the structure."""

    window: float = 0.0
    delta: float = 0.0
    lag: str = "0"


@dataclass(frozen=True)
class OfScores(Reading):
    """A reading of thinned frames: other scores, or the same ones with another line.

    Attributes
    ----------
    scores : str
        Group of the file of scores.
    weights : str or None
        With which the terms of Eq. 5 add up to a depth; None: the scores are depths.
    way : (float, str) or None
        q_max and route to S_av of the calibrated line; None: those of the study.
    refit : (str, bool, bool) or None
        How to fit another line, see :func:`softcage.cage.terms.refitted_line`.
    p_c : callable
        Threshold of p_hop, from the temperature and the one measured there.
    temperatures : sequence of float or None
        Those at which there are such scores or thresholds; None: all.
    """

    scores: str = "terms"
    weights: str | None = PLAIN
    way: tuple[float, str] | None = None
    refit: tuple[str, bool, bool] | None = None
    p_c: Callable[[float, float], float] = lambda T, measured: measured
    temperatures: Sequence[float] | None = None

    def among(self, temperatures: Sequence[float]) -> Sequence[float]:
        """Return those at which it is measured: all, the lowest (first) alone, or none of them."""
        known = temperatures if self.temperatures is None else self.temperatures
        if temperatures[0] not in known:
            return []
        return temperatures if len(known) == len(temperatures) else temperatures[:1]


def line_of(
    reading: OfScores,
    calibration: str,
    own: tuple[float, str],
    curves: Mapping[float, Mapping[str, np.ndarray]],
    potential: Callable,
) -> tuple[float, float]:
    """Return (c0, c1) of a reading.

    ``calibration`` is that of :func:`softcage.cage.calibration.read_line`, ``own`` the study's
    (q_max, route), and ``curves`` and ``potential`` are those of
    :func:`softcage.cage.terms.refitted_line`.
    """
    line = read_line(calibration, *(reading.way or own))
    if reading.refit is None:
        return line.c0, line.c1
    return refitted_line(curves, line.cages, potential, *reading.refit)


def upper_limits(q_max: float, others: Sequence[float], route: str) -> list[OfScores]:
    """q_max and the route to 1/S_av: another line, the same depths."""
    fitted = "'we fit the potential near 0'"
    ways = (("curvature", "curvature at 0", ""), ("harmonic", "parabola fitted", fitted))
    return [
        *(
            OfScores("q_max", f"q_max = {value:g}", value == q_max, way=(value, route))
            for value in sorted({q_max, *others})
        ),
        *(OfScores("1/S_av", name, w == route, paper, way=(q_max, w)) for w, name, paper in ways),
    ]


def weightings() -> list[OfScores]:
    """Weights of Eqs. 5 and 8 and the pairs of the calibration."""
    # name, weights, g of Eq. 8 divided by x_v, calibrated against all pairs, paper
    table = (
        ("sqrt(x_u x_v), g/x_v", PLAIN, True, False, "Eqs. 5 and B2"),
        ("x_u x_v (or x_v), g/x_v", "x_u x_v", True, False, ""),
        ("none, g/x_v", "1", True, False, ""),
        ("sqrt(x_u x_v), g as in Eq. 8", PLAIN, False, False, "Eqs. 5 and 8 as printed"),
        ("none, g as in Eq. 8", "1", False, False, ""),
        ("line from all pairs, with BB", PLAIN, True, True, "Eq. 5 as a sum over u, v"),
    )
    return [
        OfScores(
            *("weights", name, k == 0, paper, "terms" if divided else "terms_printed", weights),
            refit=(weights, divided, all_pairs),
        )
        for k, (name, weights, divided, all_pairs, paper) in enumerate(table)
    ]


def structures(windows: Sequence[float], lowest: float) -> list[OfScores]:
    """Whose positions the structure is of; the line stays that of the average liquid."""
    of = partial(OfScores, "structure")
    other = partial(of, default=False, weights=None)
    return [
        of("single frames", True, "'in a single time frame'"),
        *(other(f"averaged over {window:g}", scores=f"average_{window:g}") for window in windows),
        other("inherent structures", scores="inherent", temperatures=(lowest,)),
    ]


def thresholds(
    source: str, of_paper: Mapping[str, float], temperatures: Sequence[float]
) -> list[OfScores]:
    """p_c: measured or the paper's (``source`` says which is taken), and its words, literally.

    ``of_paper`` has the paper's p_c by temperature, in digits.
    """
    given = {T: p for T in temperatures for key, p in of_paper.items() if np.isclose(float(key), T)}
    of = partial(OfScores, "p_c")
    return [
        of("MSD, measured", source == "measured", "its numbers are about the MSD"),
        of(
            *("the paper's numbers", source == "paper", "Sec. III"),
            p_c=lambda T, _: given[T],
            temperatures=tuple(given),
        ),
        of(
            *("root of the MSD", False, "'the root mean squared displacement'"),
            p_c=lambda _, measured: np.sqrt(measured),
        ),
        of(
            *("MSD against the root of p_hop", False, "Eq. 2 as printed"),
            p_c=lambda _, measured: measured**2,
        ),
    ]


def counted(
    window: float, windows: Sequence[float], delta: float, deltas: Sequence[float]
) -> list[OfCounts]:
    """Lags, definitions of P_R, windows and widths."""
    before = "'just before they undergo a rearrangement' (App. B)"
    lags = (
        ("lag", "same frame", "p_hop(t) > p_c and S(t), one frame", "0"),
        ("lag", "Dt/2 earlier", "", "half_window"),
        ("lag", "onset of the event", before, "onset"),
        ("lag", "strictly ahead", "'about to rearrange' (Fig. 4)", "ahead"),
        ("P_R", "above p_c in a frame", "'when p_hop > p_c ... a rearrangement event'", "0"),
        ("P_R", "an event starts, per frame", "", "onset"),
        ("P_R", "an event starts within Dt", "", "within"),
    )
    found = [
        OfCounts(a, name, lag == "0", paper, window, delta, lag) for a, name, paper, lag in lags
    ]
    for w in windows:
        paper = "Sec. III" if w == window else "'qualitatively similar'"
        found.append(OfCounts("window", f"Dt = {w:g}", w == window, paper, w, delta))
    for d in deltas:
        paper = "Sec. IV" if d == delta else "App. B"
        found.append(OfCounts("delta", f"delta = {d:g}", d == delta, paper, window, d))
    return found


# ---------------------------------------------------------------- the table and its page
HEAD = ("ambiguity", "reading", "default", "paper")
SHARES = ("share_rearranging", "share_all", "auc")
COLUMNS = (
    *HEAD,
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
    shown = table[list(HEAD)].copy()
    for column, words, factor, digits in (
        ("share_rearranging", "rearranging softer than the peak (%)", 100, 1),
        ("share_all", "all softer than the peak (%)", 100, 1),
        ("auc", "AUC", 1, 3),
        ("T_cross", "onset temperature", 1, 3),
        ("barrier_low", "smallest barrier", 1, 2),
        ("barrier_high", "largest barrier", 1, 2),
    ):
        numbers = factor * table[[column, f"{column}_error"]]
        shown[words] = [plus_minus(value, error, digits) for value, error in numbers.to_numpy()]
    return html_page(shown, "What each reading of the paper gives", introduction)
