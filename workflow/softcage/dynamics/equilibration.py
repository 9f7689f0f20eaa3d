"""Check whether each run was an equilibrated liquid: one row per run, with verdict and reasons.

Energies and pressures are per particle and in reduced units, with the standard error over time
blocks. A run is *too short* if its equilibration or its production was shorter than the required
number of relaxation times, if its energy still drifts or differs from the reference, if its two
halves relax differently, or if one of these cannot be determined. It is *crystallised* if more than
a tenth of the A particles are in crystalline order. The column ``errors`` gives a reason where the
time blocks are so short compared with tau_alpha that every error of the run is too small.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from softcage.dynamics.quench import Quench
from softcage.model import Mixture, is_kob_andersen
from softcage.statistics import merge, standard_error, weighted_line
from softcage.tables import html_page, plus_minus, select

# Probability that a steady run is said to drift: that of three sigma.
DRIFT_CHANCE = 0.0027
#: u and p of the Kob-Andersen mixture from other codes, with their sources.
REFERENCE_TABLE = Path(__file__).with_name("reference.csv")
# Covers the uncertainty of the reference and the dependence of u on the system size.
REFERENCE_TOLERANCE = 0.01
# tau_alpha of the two halves of a run of ten relaxation times differs by less than this factor.
HALVES_RATIO = 1.5
SOLID_LIMIT = 0.1  # share of A particles in crystalline order


def mean_and_drift(sums: np.ndarray, n_blocks: int) -> tuple[float, float, float, float]:
    """Return mean, error of the mean, drift and error of the drift of a quantity.

    The drift is the rise of a straight line through the time blocks, over the whole run.

    Parameters
    ----------
    sums : (n_fine, 2) array
        Number of values and their sum in fine time blocks.
    n_blocks : int
        Time blocks into which the fine ones are merged.
    """
    count, total = merge(sums, n_blocks).T
    blocks, n_blocks = total / count, len(count)
    line = weighted_line(np.arange(n_blocks), blocks, np.ones(n_blocks))
    # a line through two blocks has no residuals from which to estimate its error
    scatter = np.sqrt(line.chi2 / (n_blocks - 2)) if n_blocks > 2 else np.nan
    rise, error = line.slope * n_blocks, scatter * line.slope_error * n_blocks
    mean = total.sum() / count.sum()
    return float(mean), float(standard_error(blocks)), float(rise), float(error)


def reference_values(mixture: Mixture, density: float, temperature: float) -> tuple[float, float]:
    """Return u and p from other codes; NaN for another mixture, density or temperature."""
    row = select(pd.read_csv(REFERENCE_TABLE, comment="#"), T=temperature)
    if not is_kob_andersen(mixture, density) or row.empty:
        return np.nan, np.nan
    return float(row["u"].iloc[0]), float(row["p"].iloc[0])


def reasons(row: Mapping[str, Any], minimum: float, n_blocks: int) -> list[str]:
    """Return the reasons why a run is not an equilibrated liquid; an empty list if it is one."""
    problems = []
    tau, wanted = row["tau_alpha"], minimum * row["tau_alpha"]
    if not np.isfinite(tau):
        problems.append("tau_alpha was not reached")
    elif row["equilibration_time"] < wanted:
        problems.append(
            f"equilibration {row['equilibration_time']:g} < {minimum:g} tau_alpha = {wanted:.4g}"
        )
    elif row["production_time"] < wanted:
        problems.append(
            f"production {row['production_time']:g} < {minimum:g} tau_alpha = {wanted:.4g}"
        )
    problems += _energy_reasons(row, n_blocks)
    if np.isfinite(tau):
        problems += _halves_reasons(row["tau_first"], row["tau_second"])
    if np.isnan(row["solid_fraction"]):
        problems.append("crystalline order was not looked at")
    elif row["solid_fraction"] > SOLID_LIMIT:
        problems.append(f"{row['solid_fraction']:.0%} of the A particles are crystalline")
    return problems


def _energy_reasons(row: Mapping[str, Any], n_blocks: int) -> list[str]:
    """Return the reasons that concern the energy: a drift, or a difference from the reference."""
    problems = []
    # Student's t, because the scatter of a few blocks is itself uncertain
    limit = stdtrit(max(n_blocks - 2, 1), 1 - DRIFT_CHANCE / 2)
    if np.isnan(row["u_drift_error"]):
        problems.append("the drift of u has no error: fewer than three time blocks")
    elif abs(row["u_drift"]) > limit * row["u_drift_error"]:
        problems.append(f"u drifts by {row['u_drift']:+.4f} +- {row['u_drift_error']:.4f}")
    if np.isnan(row["u_error"]):
        problems.append("u has no error: fewer than two time blocks")
    elif not np.isnan(row["u_reference"]):
        difference = row["u"] - row["u_reference"]
        if abs(difference) > 3 * np.hypot(row["u_error"], REFERENCE_TOLERANCE / 3):
            problems.append(f"u is {difference:+.4f} from the reference")
    return problems


def _halves_reasons(first: float, second: float) -> list[str]:
    """Return a reason if tau_alpha of the two halves of the runs differs or is not known."""
    missing = [name for name, tau in (("first", first), ("second", second)) if np.isnan(tau)]
    if missing:
        halves = " and of the ".join(missing)
        return [f"tau_alpha of the {halves} half was not reached"]
    if max(first, second) > HALVES_RATIO * min(first, second):
        return [f"tau_alpha of the two halves is {first:.3g} and {second:.3g}"]
    return []


def words_on_errors(summary: Mapping[str, Any], wanted: float) -> str:
    """Return the reason why the errors of a temperature are too small; "" if they are not."""
    length = summary["block_relaxation_times"]
    if not np.isfinite(length):
        return "too small: tau_alpha is not known, blocks may be shorter"
    if length < wanted * (1 - 1e-6):
        return f"too small: blocks of {length:.2g} tau_alpha, at least {wanted:g} are wanted"
    return ""


def check_run(
    quench: Quench,
    solid: float,
    summary: Mapping[str, Any],
    reference: tuple[float, float],
    minimum: float,
    block_length: float,
) -> dict[str, Any]:
    """Check one run.

    Parameters
    ----------
    quench : Quench
        Sums of the run; ``about`` has its T, replica, equilibration_time and production_time.
    solid : float
        Share of the A particles in crystalline order.
    summary : mapping
        tau_alpha of the temperature and of the two halves of its runs; number and length of the
        time blocks.
    reference : (float, float)
        u and p from :func:`reference_values`.
    minimum : float
        Least length of the equilibration and of the production, in relaxation times.
    block_length : float
        Least length of a time block, in relaxation times.

    Returns
    -------
    dict
        The row of the table, with ``verdict``, ``reasons`` and ``errors``.
    """
    n_blocks, about = int(summary["blocks"]), quench.about
    u, u_error, drift, drift_error = mean_and_drift(quench.thermo[:, [0, 1]], n_blocks)
    pressure, pressure_error, *_ = mean_and_drift(quench.thermo[:, [0, 2]], n_blocks)
    row = {
        "T": about["T"],
        "replica": about["replica"],
        "tau_alpha": summary["tau_alpha"],
        "equilibration_time": about["equilibration_time"],
        "production_time": about["production_time"],
        "u": u,
        "u_error": u_error,
        "u_reference": reference[0],
        "pressure": pressure,
        "pressure_error": pressure_error,
        "p_reference": reference[1],
        "u_drift": drift,
        "u_drift_error": drift_error,
        "tau_first": summary["overlap_first_half_tau"],
        "tau_second": summary["overlap_second_half_tau"],
        "solid_fraction": solid,
        "crystalline": solid > SOLID_LIMIT,
        "blocks": n_blocks,
        "block_relaxation_times": summary["block_relaxation_times"],
    }
    problems = reasons(row, minimum, n_blocks)
    bad = "crystallised" if row["crystalline"] else "too short"
    row |= {"verdict": bad if problems else "equilibrated", "reasons": "; ".join(problems)}
    return row | {"errors": words_on_errors(summary, block_length)}


# ---------------------------------------------------------------- the page
_INTRODUCTION = """
Study {study}: {good} of {runs} runs are equilibrated. Energy u and pressure p are per particle; the
values of other codes stand beside them where they are known. The drift is that of u over the
production. tau_alpha is the time after which 1/e of the A particles are still where they were,
computed from all replicas of a temperature. Reduced Lennard-Jones units; errors are standard
errors.
"""


def equilibration_page(table: pd.DataFrame, study: str) -> str:
    """Return the table of all runs as an HTML page with the verdicts in front."""

    def number(name: str, error: str) -> list[str]:
        return [plus_minus(*pair) for pair in zip(table[name], table[error], strict=True)]

    halves = zip(table["tau_first"], table["tau_second"], strict=True)
    shown = {name: table[name] for name in ("T", "replica", "verdict", "reasons", "errors")} | {
        "tau_alpha": [f"{tau:.3g}" if np.isfinite(tau) else "" for tau in table["tau_alpha"]],
        "tau_alpha of the halves": [
            f"{first:.3g}; {second:.3g}" if np.isfinite(first + second) else ""
            for first, second in halves
        ],
        "equilibrated for": table["equilibration_time"].map("{:g}".format),
        "run for": table["production_time"].map("{:g}".format),
        "u": number("u", "u_error"),
        "u of other codes": table["u_reference"],
        "drift": number("u_drift", "u_drift_error"),
        "p": number("pressure", "pressure_error"),
        "p of other codes": table["p_reference"],
        "crystalline": [f"{share:.1%}" for share in table["solid_fraction"]],
    }
    good = table["verdict"] == "equilibrated"
    introduction = _INTRODUCTION.format(study=study, good=good.sum(), runs=len(table))
    return html_page(pd.DataFrame(shown), "Equilibration of every run", introduction, _colour)


def _colour(row: pd.Series) -> str:
    """Return the CSS class of a row of the page, which sets its colour."""
    return "good" if row["verdict"] == "equilibrated" else "bad"
