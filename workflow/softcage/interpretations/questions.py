"""Questions that the text of the paper leaves open, and the possible answers to each.

An interpretation of the paper is one answer to each question. All interpretations are measured from
counts in a subset of the frames (:mod:`softcage.interpretations.counts`). The default
interpretation is that of the study.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from softcage.cage.mean_field import inverse_softness
from softcage.dynamics.labels import RULES
from softcage.interpretations.counts import ASKED_LAGS, Counted, read_counts
from softcage.interpretations.depth_forms import WEIGHTS, Form, average_integrals, form_line
from softcage.interpretations.softness_lines import (
    Bins,
    auc_of_depth,
    group_softness,
    lines_in_bins,
    shares,
    softness_edges,
    value_and_error,
)
from softcage.tables import html_page, plus_minus

#: Forms of Eq. 5 (closure, g, weights) in the order in which they stand in the files of counts.
FORMS = [Form(*choice) for choice in product((True, False), (True, False), WEIGHTS)]
FIRST_PEAK = (4.0, 10.0)  # range of q around the first peak of S(q), as in later published code
N_QUESTIONS = 10
DEPTH_BINS = np.linspace(-4.0, 6.0, 41)  # edges in standard deviations about the median
ROUTES = ("curvature", "harmonic", "all pairs", "proportional", "depth")
_THRESHOLDS: dict[str, Callable[[float, float], float]] = {  # from the measured p_c and the paper's
    "MSD, measured": lambda measured, paper: measured,
    "the paper's numbers": lambda measured, paper: paper,
    "root of the MSD": lambda measured, paper: measured**0.5,
    "MSD against the root of p_hop": lambda measured, paper: measured**2,
}


@dataclass(frozen=True)
class Option:
    """One answer to a question.

    Attributes
    ----------
    name : str
    default : bool
        Whether it is the answer of the study.
    paper : str
        Words or equations of the paper that support it; "" if there are none.
    value : object
        The answer as numbers or as a key, where it needs one.
    """

    name: str
    default: bool
    paper: str = ""
    value: Any = None


def thresholds(measured: float, T: float, of_paper: Mapping[str, float]) -> np.ndarray:
    """Return the thresholds of p_hop at a temperature; NaN where the paper gives no p_c.

    ``of_paper`` maps temperatures, as strings, to the paper's p_c.
    """
    given = [p for key, p in of_paper.items() if np.isclose(float(key), T)]
    paper = given[0] if given else np.nan
    return np.array([of(measured, paper) for of in _THRESHOLDS.values()])


def claimed_p_c(
    temperatures: Sequence[float],
    measured: np.ndarray,
    error: np.ndarray,
    of_paper: Mapping[str, float],
) -> np.ndarray:
    """Return the number that the paper would give as p_c for each threshold, (2, n_T, thresholds).

    These are values and errors. For the threshold of the root of p_hop, the number is the MSD
    itself. The paper's p_c gets the error of the measured one, because adopting it explains
    nothing.
    """
    values = np.empty((2, len(temperatures), len(_THRESHOLDS)))
    for k, (T, p_c, e) in enumerate(zip(temperatures, measured, error, strict=True)):
        values[:, k] = thresholds(p_c, T, of_paper), [e, e, e / (2 * p_c**0.5), e]
        values[0, k, -1] = p_c
    return values


def questions(
    *,
    delta: float,
    delta_values: Sequence[float],
    average_windows: Sequence[float],
    inherent_frames: int,
    q_max: float,
    q_max_alternatives: Sequence[float],
    route: str,
    windows: Sequence[float],
    p_c: str,
) -> dict[str, list[Option]]:
    """Return all questions with their answers; the arguments are keys of the configuration.

    Arrays over all interpretations have one axis per question, in this order.
    """
    limits = sorted({float(q_max), *map(float, q_max_alternatives)})
    ranges = [(0.0, limit) for limit in limits]
    ranges += [FIRST_PEAK] * (limits[-1] >= FIRST_PEAK[1])
    averages = [(f"averaged over {w:g}", f"average_{w:g}") for w in average_windows]
    inherent = [("inherent structures", "inherent")] * (inherent_frames > 0)
    words_for_p_c = (
        "its numbers are about the MSD",
        "Sec. III",
        "'root mean squared displacement'",
    )
    words_for_onset = "'just before they undergo a rearrangement' (App. B)"
    return {
        "positions": [
            Option("single frames", True, "'in a single time frame'", "single"),
            *(Option(name, False, "", kind) for name, kind in (*averages, *inherent)),
        ],
        "closure": [Option("HNC", True, "Eq. 6", True), Option("C = g - 1", False, "", False)],
        "g": [
            Option("g/x_v", True, "Eq. B2", True),
            Option("g as in Eq. 8", False, "Eq. 8 as printed", False),
        ],
        "weights": [
            Option("sqrt(x_u x_v)", True, "Eq. 5"),
            Option("x_u x_v (or x_v)", False),
            Option("none", False),
        ],
        "delta": [
            Option(f"delta = {d:g}", d == delta, "Sec. IV" if d == delta else "App. B", d)
            for d in delta_values
        ],
        "q": [
            Option(f"q = {low:g} to {high:g}", (low, high) == (0.0, q_max), "", (low, high))
            for low, high in ranges
        ],
        "1/S_av": [
            Option("curvature at 0", route == "curvature"),
            Option("parabola fitted", route == "harmonic", "'we fit the potential near 0'"),
            Option("curvature, all pairs with BB", False, "Eq. 5 as a sum over u, v"),
            Option("curvature, c0 = 0", False, "'linear proportionality' (Fig. 1)"),
            Option("1/S = depth", False),
        ],
        "window": [
            Option(f"Dt = {w:g}", k == 0, "'qualitatively similar'" if k else "Sec. III", w)
            for k, w in enumerate(windows)
        ],
        "moment": [
            Option(RULES[lag].words, lag == "0", paper)
            for lag, paper in zip(
                ASKED_LAGS, ("'when p_hop > p_c' (App. A)", "", words_for_onset, ""), strict=True
            )
        ],
        "p_c": [
            Option(name, k == (p_c == "paper"), paper)
            for k, (name, paper) in enumerate(
                zip(
                    _THRESHOLDS,
                    (words_for_p_c[0], words_for_p_c[1], words_for_p_c[2], "Eq. 2 as printed"),
                    strict=True,
                )
            )
        ],
    }


def default_of(asked: Mapping[str, Sequence[Option]]) -> tuple[int, ...]:
    """Return the index of the default interpretation, which is that of the study."""
    return tuple([option.default for option in answers].index(True) for answers in asked.values())


def series_of(
    asked: Mapping[str, Sequence[Option]], place: tuple[int, ...]
) -> tuple[str, tuple[int, int]]:
    """Return the kind of positions of an interpretation, and the indices of its delta and form."""
    kind, closure, g, weights, delta = place[:5]
    shape = [len(asked[name]) for name in ("closure", "g", "weights")]
    form = np.ravel_multi_index((closure, g, weights), shape)
    return asked["positions"][kind].value, (delta, int(form))


def one_at_a_time(asked: Mapping[str, Sequence[Option]]) -> Iterator[tuple[str, Option, tuple]]:
    """Yield question, answer and index of the interpretations that change at most one answer."""
    default = default_of(asked)
    for axis, (question, answers) in enumerate(asked.items()):
        for k, option in enumerate(answers):
            yield question, option, (*default[:axis], k, *default[axis + 1 :])


def distinct(asked: Mapping[str, Sequence[Option]]) -> np.ndarray:
    """Return for every interpretation whether it is not equivalent to another one.

    1/S = depth does not depend on q and is counted with the default range of q only.
    """
    names = list(asked)
    shape = [len(answers) for answers in asked.values()]
    place = np.indices(shape, sparse=True)
    q, route = place[names.index("q")], place[names.index("1/S_av")]
    default = default_of(asked)[names.index("q")]
    return np.broadcast_to((route != ROUTES.index("depth")) | (q == default), shape)


# ---------------------------------------------------------------- the lines 1/S = c0 + c1 beta Phi
def lines(
    asked: Mapping[str, Sequence[Option]],
    curves: Mapping[float, Mapping[str, np.ndarray]],
    cages: pd.DataFrame,
    potential: Callable,
    harmonic_range: float,
) -> np.ndarray:
    """Return (c0, c1) for each form, range of q and route, (n_forms, n_q, n_routes, 2).

    Parameters
    ----------
    asked : mapping
        :func:`questions`.
    curves : mapping
        Curves from :func:`softcage.cage.average.cage_of_structure` by temperature.
    cages
        As for :func:`softcage.interpretations.depth_forms.form_line`.
    potential
        As for :func:`softcage.interpretations.depth_forms.average_integrals`.
    harmonic_range : float
        Range of the displacement in which the parabola is fitted.
    """
    ranges = [option.value for option in asked["q"]]
    integrals = {T: average_integrals(c, potential, T) for T, c in curves.items()}
    x = next(iter(curves.values()))["fractions"]
    fitted = np.empty((len(FORMS), len(ranges), len(ROUTES), 2))
    fitted[:, :, ROUTES.index("depth")] = (0.0, -1.0)
    for k, (low, high) in enumerate(ranges):
        for r, route in enumerate(ROUTES):
            if route == "depth":
                continue
            curve_route = "harmonic" if route == "harmonic" else "curvature"
            stiffness = [
                _stiffness(c, low, high, curve_route, harmonic_range) for c in curves.values()
            ]
            options = {"all_pairs": route == "all pairs", "origin": route == "proportional"}
            for f, form in enumerate(FORMS):
                fitted[f, k, r] = form_line(form, integrals, x, cages, stiffness, **options)
    return fitted


def _stiffness(
    curves: Mapping[str, np.ndarray], low: float, high: float, route: str, end: float
) -> float:
    """Return 1/S_av with the integral over q from ``low`` to ``high``."""
    q, s, x = curves["q"], curves["s"], curves["fractions"]
    s = np.where(q < low, np.eye(len(x))[:, :, None], s)  # so that S - 1 is 0 below ``low``
    return inverse_softness(q, s, curves["c"], x, high, route, end)


# ---------------------------------------------------------------- numbers of all interpretations
def measure(
    asked: Mapping[str, Sequence[Option]],
    files: Mapping[float, Sequence[str]],
    fitted_lines: np.ndarray,
    softness_bins: np.ndarray,
    bins: Mapping[str, int],
) -> dict[str, np.ndarray]:
    """Compute the numbers of every interpretation.

    Parameters
    ----------
    asked : mapping
        Questions and answers from :func:`questions`.
    files : mapping
        Paths of the counts of all runs by temperature, from the lowest on.
    fitted_lines : (n_forms, n_q, n_routes, 2) array
        (c0, c1) from :func:`lines`.
    softness_bins : (n + 1,) array
        Edges of the bins of S in the default interpretation. In other interpretations the edges are
        scaled with the typical S.
    bins : mapping
        The other arguments of :class:`softcage.interpretations.softness_lines.Bins`.

    Returns
    -------
    dict
        Arrays (2, ..., interpretations) of values and errors by name; NaN where there is no number.
        All are NaN if the typical particle has no softness in the default interpretation.
        ``share``, ``share_all``, ``shallow``, ``shallow_all``, ``hard`` and ``soft`` (mean S of the
        hardest and softest group) have an axis of temperatures after the first. ``auc``,
        ``T_cross``, ``barrier_low``, ``barrier_high``, ``n_bins`` and ``T_cross_depth`` (from bins
        of the depth) have none.
    """
    shape = [len(answers) for answers in asked.values()]
    of_T = ("share", "share_all", "shallow", "shallow_all", "hard", "soft")
    single = ("auc", "T_cross", "barrier_low", "barrier_high", "n_bins", "T_cross_depth")
    numbers = {name: np.full((2, len(files), *shape), np.nan, np.float32) for name in of_T}
    numbers |= {name: np.full((2, *shape), np.nan, np.float32) for name in single}
    default = default_of(asked)
    kind, series = series_of(asked, default)
    if (counted := read_counts(files, kind, series)) is None:
        return numbers
    c0, c1 = fitted_lines[series[1], default[5], default[6]]
    typical = c0 - c1 * counted.quantile(0.5)
    if not typical > 0:
        return numbers
    options = Bins(softness_bins * typical, **bins)
    for place in np.ndindex(*shape[:5]):
        kind, series = series_of(asked, place)
        if (counted := read_counts(files, kind, series)) is None:
            continue
        for name, values in _of_depth(counted, options).items():
            _put(numbers[name], place, values[..., None, None, :, :, :])
        known: dict[float, dict[str, np.ndarray]] = {}
        for q, route in np.ndindex(*fitted_lines.shape[1:3]):
            c0, c1 = fitted_lines[series[1], q, route]
            if not c1 < 0:  # the softness would grow with the depth
                continue
            k = float(-c0 / c1)
            if k not in known:
                known[k] = _of_softness(counted, k, options)
            for name, values in known[k].items():
                unit = -1.0 / c1 if name in ("hard", "soft") else 1.0
                _put(numbers[name], (*place, q, route), unit * values)
    return numbers


def _put(numbers: np.ndarray, place: tuple[int, ...], samples: np.ndarray) -> None:
    """Write value and error of ``samples`` at the index of one or several interpretations."""
    before = (slice(None),) * (numbers.ndim - N_QUESTIONS)
    index: Any = (*before, *place)
    numbers[index] = value_and_error(samples)


def _of_depth(counted: Counted, bins: Bins) -> dict[str, np.ndarray]:
    """Return the numbers that need no line, by name: samples (..., windows, moments, p_c)."""
    low, middle, high = (counted.quantile(probability) for probability in (0.25, 0.5, 0.75))
    spread = (high - low) / 1.349
    everyone, rearranging = shares(counted, np.inf)
    crossing = lines_in_bins(counted, middle + spread * DEPTH_BINS, bins)["T_cross"]
    return {
        "shallow": rearranging,
        "shallow_all": everyone[..., None, None, None],
        "auc": auc_of_depth(counted),
        "T_cross_depth": crossing,
    }


def _of_softness(counted: Counted, k: float, bins: Bins) -> dict[str, np.ndarray]:
    """Return the numbers for 1/S proportional to depth + k, S in units of the inverse slope."""
    if (edges := softness_edges(counted, k, bins)) is None:
        return {}
    everyone, rearranging = shares(counted, k)
    hard, soft = (part[..., None, None, None] for part in group_softness(counted, k, bins.groups))
    numbers = {"share": rearranging, "share_all": everyone[..., None, None, None]}
    return numbers | {"hard": hard, "soft": soft} | lines_in_bins(counted, edges, bins)


# ---------------------------------------------------------------- one at a time: table and page
_HEAD = ("ambiguity", "interpretation", "default", "paper")
_SHARES = ("share_rearranging", "share_all", "auc")
ONE_AT_A_TIME_COLUMNS = (
    *_HEAD,
    *(name for share in _SHARES for name in (share, f"{share}_error")),
    "T_cross", "T_cross_error", "barrier_low", "barrier_low_error",
    "barrier_high", "barrier_high_error", "n_bins",
)  # fmt: skip


def one_at_a_time_table(
    asked: Mapping[str, Sequence[Option]], measured: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Return one row per answer, with the default answers to all other questions."""
    sources = {
        "share_rearranging": measured["share"][:, 0],
        "share_all": measured["share_all"][:, 0],
        **{name: measured[name] for name in ("auc", "T_cross", "barrier_low", "barrier_high")},
    }
    rows = []
    for question, option, place in one_at_a_time(asked):
        words = (question, option.name, "default" if option.default else "", option.paper)
        row: dict[str, Any] = dict(zip(_HEAD, words, strict=True))
        for name, numbers in sources.items():
            row[name], row[f"{name}_error"] = numbers[(slice(None), *place)]
        rows.append(row | {"n_bins": measured["n_bins"][(0, *place)]})
    return pd.DataFrame(rows).reindex(columns=list(ONE_AT_A_TIME_COLUMNS))


def one_at_a_time_page(table: pd.DataFrame, study: str, lowest: float) -> str:
    """Return the table as an HTML page; ``lowest`` is the lowest temperature."""
    introduction = (
        f"Study {study}. Shares and AUC are those at T = {lowest:g}; the crossing of the Arrhenius "
        "lines and the barriers come from all temperatures. In each row, one question is answered "
        "differently from the study; the answers of the study are marked as default. Errors: "
        "jackknife over time blocks and replicas."
    )
    shown = table[list(_HEAD)].copy()
    for column, words, factor, digits in (
        ("share_rearranging", "rearranging particles softer than the peak (%)", 100, 1),
        ("share_all", "all particles softer than the peak (%)", 100, 1),
        ("auc", "AUC", 1, 3),
        ("T_cross", "crossing temperature", 1, 3),
        ("barrier_low", "smallest barrier", 1, 2),
        ("barrier_high", "largest barrier", 1, 2),
    ):
        numbers = factor * table[[column, f"{column}_error"]]
        shown[words] = [plus_minus(value, error, digits) for value, error in numbers.to_numpy()]
    return html_page(shown, "Results of each interpretation of the paper", introduction)
