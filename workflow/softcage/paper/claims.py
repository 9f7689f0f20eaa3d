"""The claims of the paper: the description of each number and statement, and how it is measured.

Notes say what the measured number is, and what it must satisfy for a statement to hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from softcage.paper.verdicts import CLEAR, clear, falls, overlap_distance, plateau, rises
from softcage.tables import select

TWO_STEP_RATIO = 0.5
AVERAGE_FORM = 0.1
SPREAD_LEFT = 0.1
STRONG = 0.8
LINEAR = 0.9
NOISE_CHI2 = 1.5
COLLAPSE_DECADES = 0.1

NO_THRESHOLD = "alpha_2 has no maximum within the runs, so that p_c is not known"
NO_HOPS = "no particle is known to rearrange"


@dataclass(frozen=True, eq=False)
class Results:
    """The tables of a study from which claims are measured; T are temperatures, delta widths."""

    delta: float  # the default width and hop window
    window: float
    relaxation: dict[float, pd.Series] = field(default_factory=dict)  # T: tau_alpha, p_c, errors
    summary: dict[tuple[float, float], pd.DataFrame] = field(default_factory=dict)  # T, delta
    groups: dict[float, pd.DataFrame] = field(default_factory=dict)  # T: <S(t)> of groups
    # at the default delta: Arrhenius lines of P_R in bins, and where they cross
    arrhenius: pd.DataFrame = field(default_factory=pd.DataFrame)
    crossing: pd.DataFrame = field(default_factory=pd.DataFrame)
    # at the lowest T: C_S(t), q(t), G(S, S0, t), P(S), rank correlation of S between widths
    c_s: pd.DataFrame = field(default_factory=pd.DataFrame)
    overlap: pd.DataFrame = field(default_factory=pd.DataFrame)
    propagator: pd.DataFrame = field(default_factory=pd.DataFrame)
    distributions: pd.DataFrame = field(default_factory=pd.DataFrame)
    correlation: pd.DataFrame = field(default_factory=pd.DataFrame)
    # verdict on each run
    equilibration: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def temperatures(self) -> list[float]:
        """The temperatures, from the lowest on."""
        return sorted(self.relaxation)

    @property
    def lowest(self) -> float:
        """The lowest temperature."""
        return self.temperatures[0]

    @property
    def tau_alpha(self) -> float:
        """tau_alpha of the lowest temperature; NaN if it was not reached."""
        return float(self.relaxation[self.lowest]["tau_alpha"])

    @property
    def too_short(self) -> set[float]:
        """Temperatures with runs that are not equilibrated."""
        table = self.equilibration
        return set() if table.empty else set(table.loc[table["verdict"] != "equilibrated", "T"])

    def row(self, table: pd.DataFrame, **values: float | str) -> dict[str, Any]:
        """Return the row of a table with these values and the default window; {} if none has."""
        rows = select(table, window=self.window, **values)
        return {} if rows.empty else dict(rows.iloc[0])


class Measured(NamedTuple):
    """Our number, its standard error, a note, and whether the statement holds (None: unknown)."""

    value: float = math.nan
    error: float = math.nan
    note: str = ""
    answer: bool | None = None


@dataclass(frozen=True)
class Claim:
    """A number or a statement of the paper.

    Attributes
    ----------
    id, words : str
    measure : callable
        Returns :class:`Measured`. The arguments are the results and, for a number, T (None for all)
        and delta.
    time_scale : bool
        Whether it has no meaning without equilibrium, whatever its error.
    lowest : bool
        Whether it is a statement about the lowest temperature only.
    smeared : bool
        Whether it depends on softness or depth, and thus on delta.
    every_delta : bool
        Whether it is computed for each delta, and not for the default one only.
    rounded : bool
        Whether the last digit of the paper's number is coarser than our error.
    """

    id: str
    words: str
    measure: Callable[..., Measured]
    time_scale: bool = False
    lowest: bool = False
    smeared: bool = True
    every_delta: bool = False
    rounded: bool = False


# ---------------------------------------------------------------- numbers
def _relaxation(name: str, results: Results, T: float | None, *_: Any) -> Measured:
    """Return a number of one temperature, from all its runs."""
    if T is None or T not in results.relaxation:
        return Measured()
    value, error = results.relaxation[T][[name, f"{name}_error"]]
    unknown = name == "p_c" and not np.isfinite(value)
    return Measured(value, error, NO_THRESHOLD if unknown else "")


def _share(quantity: str, results: Results, T: float | None, delta: float) -> Measured:
    """Return the share of rearranging particles on the soft side of the peak, which moves too."""
    if T is None or (T, delta) not in results.summary:
        return Measured()
    row = results.row(results.summary[T, delta], quantity=quantity, lag="0")
    if not row:
        return Measured()
    side = "softer" if quantity == "softness" else "shallower"
    note = f"{row['share_all']:.3f} of all particles are {side}; "
    note += f"ROC AUC {row['auc']:.3f}" if np.isfinite(row["auc"]) else NO_HOPS
    if row.get("n_invalid", 0) > 0:
        part = row["n_invalid"] / row["n_values"]
        note += f"; {part:.2g} of all values have 1/S <= 0 and count as softest"
    return Measured(row["share_rearranging"], row["share_rearranging_error"], note)


def _onset(quantity: str, results: Results, *_: Any) -> Measured:
    """Return where the Arrhenius lines cross; the error follows from the 95 % interval."""
    row = results.row(results.crossing, quantity=quantity)
    if not row or not np.isfinite(row["T_cross"]):
        return Measured(note="the lines of this study do not cross")
    error = (row["T_high"] - row["T_low"]) / (2 * 1.96)
    note = f"95 % interval {row['T_low']:.3g} to {row['T_high']:.3g}"
    if row["share_crossing"] < 0.9:
        error, note = math.nan, f"{note}, but the lines of many resamples do not cross"
    return Measured(row["T_cross"], error, note)


def _barrier(pick: str, results: Results, *_: Any) -> Measured:
    """Return the smallest or largest barrier Delta E(S) of all bins."""
    table = select(results.arrhenius, quantity="softness", window=results.window)
    table = table.dropna(subset=["barrier"])
    if table.empty:
        return Measured(note="no bin has a fit")
    row = table.sort_values("barrier").iloc[0 if pick == "low" else -1]
    note = f"S = {row['bin_center']:.4g}, {len(table)} bins"
    return Measured(row["barrier"], row["barrier_error"], note)


def _group(pick: str, results: Results, T: float | None, *_: Any) -> Measured:
    """Return the initial mean softness of the hardest or softest group; for all T, the largest."""
    if T is None:
        of_each_T = [_group(pick, results, known) for known in results.groups]
        return max(of_each_T, key=lambda group: np.nan_to_num(group.value, nan=-math.inf))
    if T not in results.groups:
        return Measured()
    table = results.groups[T]
    first = table[table["time"] == table["time"].min()].dropna(subset=["mean"])
    if first.empty:
        return Measured()
    row = first.sort_values("mean").iloc[0 if pick == "low" else -1]
    note = f"{len(first)} groups; the paper's number is rounded; q_max sets the scale of S"
    return Measured(row["mean"], row["mean_error"], note)


_SOFT = "rearranging particles softer than the peak of P(S)"
_SHALLOW = "rearranging particles shallower than the peak of P(-beta Phi_r)"
_LIQUID = {"time_scale": True, "smeared": False}
_NUMBERS = (
    Claim("p_c", "threshold p_c", partial(_relaxation, "p_c"), **_LIQUID),
    Claim("tau_alpha", "relaxation time tau_alpha", partial(_relaxation, "tau_alpha"), **_LIQUID),
    Claim("soft_share", _SOFT, partial(_share, "softness"), every_delta=True),
    Claim("soft_share_delta", _SOFT, partial(_share, "softness"), every_delta=True),
    Claim("shallow_share", _SHALLOW, partial(_share, "depth"), every_delta=True),
    Claim("onset_softness", "onset temperature from P_R(S)", partial(_onset, "softness"), True),
    Claim("onset_depth", "onset temperature from P_R(-beta Phi_r)", partial(_onset, "depth"), True),
    Claim("barrier_low", "smallest barrier Delta E(S)", partial(_barrier, "low"), True),
    Claim("barrier_high", "largest barrier Delta E(S)", partial(_barrier, "high"), True),
    Claim("softness_low", "softness of the hardest group", partial(_group, "low"), rounded=True),
    Claim("softness_high", "softness of the softest group", partial(_group, "high"), rounded=True),
    Claim(
        "softness_high_all",
        "softness of the softest group, all T",
        partial(_group, "high"),
        rounded=True,
    ),
)
#: The numbers by their ``id``, as in the key ``claims`` of a configuration.
NUMBERS = {claim.id: claim for claim in _NUMBERS}


# ---------------------------------------------------------------- statements
_Series = tuple[np.ndarray, np.ndarray]  # values and errors, from the highest temperature on


def _on_cooling(results: Results, quantity: str, column: str) -> _Series:
    """Return a column of the summaries at the default delta, from the highest T on."""
    tables = [results.summary[T, results.delta] for T in reversed(results.temperatures)]
    rows = [results.row(table, quantity=quantity, lag="0") for table in tables]
    values, errors = ([row[c] for row in rows if row] for c in (column, f"{column}_error"))
    return np.array(values), np.array(errors)


def _ratio_of_ends(values: np.ndarray, errors: np.ndarray) -> tuple[float, float]:
    """Return the ratio of the last to the first value of a series, with its error."""
    if len(values) < 2:
        return math.nan, math.nan
    ratio = values[-1] / values[0]
    return ratio, abs(ratio) * math.hypot(errors[0] / values[0], errors[-1] / values[-1])


def _distribution(quantity: str, direction: Callable, results: Results) -> Measured:
    """Whether both width and mean of a distribution rise (depth) or fall (softness) on cooling."""
    width, mean = (_on_cooling(results, quantity, column) for column in ("std", "mean"))
    ratio, _ = _ratio_of_ends(*mean)
    note = f"width at the lowest over that at the highest T; ratio of the means {ratio:.3g}"
    answers = direction(*width), direction(*mean)
    return Measured(*_ratio_of_ends(*width), note, None if None in answers else all(answers))


def _prediction(results: Results) -> Measured:
    """Whether the ROC AUC of the softness rises on cooling."""
    auc, error = _on_cooling(results, "softness", "auc")
    if len(auc) < 2:
        return Measured()
    note = "ROC AUC at the lowest T less that at the highest"
    difference = auc[-1] - auc[0]
    answer = rises(auc, error) if np.isfinite(difference) else None
    return Measured(difference, math.hypot(error[0], error[-1]), note, answer)


def _two_step(results: Results) -> Measured:
    """Whether C_S(t) has a plateau, as q(t) has."""
    time, ratio = plateau(*results.c_s[["time", "c_s"]].to_numpy().T)
    q_time, q_ratio = plateau(*results.overlap[["time", "overlap"]].to_numpy().T)
    longest = results.c_s["time"].max()
    note = (
        f"smallest over largest rate of decay, < {TWO_STEP_RATIO:g}; plateau at t = {time:.3g}, "
        f"that of q(t) at {q_time:.3g} ({q_ratio:.2g}); longest time {longest:.4g}"
    )
    answer = bool(ratio < TWO_STEP_RATIO and np.isfinite(time))
    return Measured(ratio, note=note, answer=answer if longest >= results.tau_alpha else None)


def _average_form(results: Results) -> Measured:
    """Whether G(S, S0, t) at the longest time equals P(S)."""
    g = results.propagator.dropna(subset=["density"])
    p = select(results.distributions, quantity="softness", window=results.window)
    if g.empty or p.empty:
        return Measured(note="no particles")
    last = g[g["time"] == g["time"].max()].sort_values("bin_center")
    average = np.interp(last["bin_center"], p["bin_center"], p["density_all"])
    density, error = (last[name].to_numpy() for name in ("density", "density_error"))
    distance, noise = overlap_distance(average, density, p["bin_width"].iloc[0], error)
    time = last["time"].iloc[0]
    note = f"distance of the two at t = {time:g}, less noise {noise:.2g}: < {AVERAGE_FORM:g}"
    answer = bool(distance - noise < AVERAGE_FORM)
    return Measured(distance, note=note, answer=answer if time >= results.tau_alpha else None)


def _groups_meet(results: Results) -> Measured:
    """Whether the mean softness of all groups meets at the longest time that all of them have."""
    table = results.groups[results.lowest]
    wide = table.pivot(index="time", columns="group", values="mean").dropna()
    errors = table.pivot(index="time", columns="group", values="mean_error")
    if len(wide) < 2 or wide.shape[1] < 2:
        return Measured(note="no particles")
    spread = wide.max(axis=1) - wide.min(axis=1)
    time, ratio = spread.index[-1], spread.iloc[-1] / spread.iloc[0]
    ends = errors.loc[time, [wide.loc[time].idxmax(), wide.loc[time].idxmin()]].to_numpy()
    error = float(np.hypot(*ends)) / spread.iloc[0]
    note = f"spread of the groups' means at t = {time:.4g} over that at first: < {SPREAD_LEFT:g}"
    answer = bool(ratio < SPREAD_LEFT + CLEAR * np.nan_to_num(error))
    return Measured(ratio, error, note, answer if time >= results.tau_alpha else None)


def _barrier_falls(results: Results) -> Measured:
    """Whether Delta E falls with S."""
    row = results.row(results.crossing, quantity="softness")
    slope, error = row["barrier_slope"] * 1e-3, row["barrier_slope_error"] * 1e-3
    note = f"slope for each 0.001 of S, {row['n_bins']:.0f} bins"
    return Measured(slope, error, note, clear(-slope, error))


def _barrier_linear(results: Results) -> Measured:
    """Whether Delta E is linear in the depth; undecided if the scatter may be only noise."""
    row = results.row(results.crossing, quantity="depth")
    note = (
        f"r^2 over {row['n_bins']:.0f} bins, at least {LINEAR:g}; "
        f"chi^2 of the line per degree of freedom {row['line_chi2']:.2g}"
    )
    answer = _within(row["r_squared"], row["r_squared"] >= LINEAR)
    unresolved = answer is False and row["line_chi2"] < NOISE_CHI2
    return Measured(row["r_squared"], note=note, answer=None if unresolved else answer)


def _collapse(results: Results) -> Measured:
    """Whether the points lie on one line of log10(P_R / P_0) against Delta E / T."""
    rms = results.row(results.crossing, quantity="softness")["collapse_rms"]
    note = f"r.m.s. distance from the common line in decades, at most {COLLAPSE_DECADES:g}"
    return Measured(rms, note=note, answer=_within(rms, rms <= COLLAPSE_DECADES))


def _deltas_correlate(results: Results) -> Measured:
    """Whether the order of the particles by softness is similar at each delta."""
    table = results.correlation
    weakest = table.loc[~np.isclose(table["delta"], results.delta), "spearman"].min()
    note = f"smallest rank correlation with delta = {results.delta:g}, at least {STRONG:g}"
    return Measured(weakest, note=note, answer=_within(weakest, weakest >= STRONG))


def _within(number: float, answer: bool) -> bool | None:
    """Return ``answer``, or None if the number is not known."""
    return bool(answer) if np.isfinite(number) else None


def _windows_agree(results: Results) -> Measured:
    """Whether rearranging particles are softer for every hop window."""
    summary = results.summary[results.lowest, results.delta]
    rows = select(summary, quantity="softness", lag="0")
    excess, error = rows["auc"].to_numpy() - 0.5, rows["auc_error"].to_numpy()
    if len(rows) < 2 or not np.isfinite(excess + error).all():
        return Measured(note="no frames for the longest window")
    k = int(np.argmin(excess / error))
    values = ", ".join(f"{w:g}: {a:.3f}" for w, a in zip(rows["window"], rows["auc"], strict=True))
    answers = [clear(*pair) for pair in zip(excess, error, strict=True)]
    answer = False if False in answers else None if None in answers else True
    note = f"least clear ROC AUC less 0.5; AUC at window {values}"
    return Measured(excess[k], error[k], note, answer)


STATEMENTS = (
    Claim(
        "trend_depth",
        "P(-beta Phi) broadens and deepens on cooling",
        partial(_distribution, "depth", rises),
    ),
    Claim(
        "trend_softness",
        "P(S) narrows and shifts down on cooling",
        partial(_distribution, "softness", falls),
    ),
    Claim("trend_prediction", "softness predicts rearrangements better on cooling", _prediction),
    Claim("trend_two_step", "C_S(t) decays in two steps, as q(t) does", _two_step, True, True),
    Claim("trend_propagator", "G(S, S0, t) reaches the average form", _average_form, True, True),
    Claim(
        "trend_mean",
        "<S(t)> of all groups meets the mean beyond tau_alpha",
        _groups_meet,
        time_scale=True,
        lowest=True,
    ),
    Claim("trend_barrier_softness", "the barrier falls with the softness", _barrier_falls),
    Claim("trend_barrier_depth", "the barrier is linear in the depth", _barrier_linear),
    Claim("trend_collapse", "P_R / P_0 against Delta E / T collapses", _collapse),
    Claim(
        "trend_delta",
        "softness at different delta correlates strongly",
        _deltas_correlate,
        lowest=True,
    ),
    Claim(
        "trend_window",
        "windows of 15 to 75 for p_hop give the same picture",
        _windows_agree,
        lowest=True,
    ),
)
