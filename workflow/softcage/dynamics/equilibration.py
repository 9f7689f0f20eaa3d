"""Was each run an equilibrated liquid? The checks, a verdict and its reasons, one row per run.

Energies and pressures are per particle and in reduced units, with the standard error over time
blocks. A run is *too short* if its equilibration was shorter than the wanted number of relaxation
times, its energy still drifts or is not the reference's, its two halves relax differently, or one
of these is not known; it is *crystallised* if more than a tenth of the A particles are in
crystalline order. ``errors`` says where time blocks are so short beside tau_alpha that every error
of the run is too small.
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

# Chance of calling a steady run drifting: that of three sigma.
DRIFT_CHANCE = 0.0027
# The reference's own uncertainty and the size dependence of u.
REFERENCE_TOLERANCE = 0.01
# Two halves of a run of ten relaxation times differ by less than that.
HALVES_RATIO = 1.5
SOLID_LIMIT = 0.1


def mean_and_drift(sums: np.ndarray, n_blocks: int) -> tuple[float, float, float, float]:
    """Return the mean, how far a straight line through the blocks rises, each with its error.

    ``sums`` are number and sum of a quantity in fine time blocks, (n_fine, 2).
    """
    count, total = merge(sums, n_blocks).T
    blocks, n_blocks = total / count, len(count)
    line = weighted_line(np.arange(n_blocks), blocks, np.ones(n_blocks))
    # a line through two blocks leaves nothing to judge it by
    scatter = np.sqrt(line.chi2 / (n_blocks - 2)) if n_blocks > 2 else np.nan
    rise, error = line.slope * n_blocks, scatter * line.slope_error * n_blocks
    mean = total.sum() / count.sum()
    return float(mean), float(standard_error(blocks)), float(rise), float(error)


def reference_values(
    path: str | Path, mixture: Mixture, density: float, temperature: float
) -> tuple[float, float]:
    """Return u and p of other codes, NaN for another mixture, density or temperature."""
    row = select(pd.read_csv(path, comment="#"), T=temperature)
    if not is_kob_andersen(mixture, density) or row.empty:
        return np.nan, np.nan
    return float(row["u"].iloc[0]), float(row["p"].iloc[0])


def reasons(row: Mapping[str, Any], minimum: float, n_blocks: int) -> list[str]:
    """Return in words why a run is not an equilibrated liquid; [] if it is."""
    found = []
    tau, wanted = row["tau_alpha"], minimum * row["tau_alpha"]
    if not np.isfinite(tau):
        found.append("tau_alpha was not reached")
    elif row["equilibration_time"] < wanted:
        found.append(
            f"equilibration {row['equilibration_time']:g} < {minimum:g} tau_alpha = {wanted:.4g}"
        )
    elif row["production_time"] < wanted:
        found.append(
            f"production {row['production_time']:g} < {minimum:g} tau_alpha = {wanted:.4g}"
        )
    found += _of_energy(row, n_blocks)
    if np.isfinite(tau):
        found += _of_halves(row["tau_first"], row["tau_second"])
    if np.isnan(row["solid_fraction"]):
        found.append("crystalline order was not looked at")
    elif row["solid_fraction"] > SOLID_LIMIT:
        found.append(f"{row['solid_fraction']:.0%} of the A particles are crystalline")
    return found


def _of_energy(row: Mapping[str, Any], n_blocks: int) -> list[str]:
    """Return what is wrong with the energy: it drifts, or is not that of the reference."""
    found = []
    # the scatter of a few blocks is itself uncertain: Student's t
    limit = stdtrit(max(n_blocks - 2, 1), 1 - DRIFT_CHANCE / 2)
    if np.isnan(row["u_drift_error"]):
        found.append("the drift of u has no error: fewer than three time blocks")
    elif abs(row["u_drift"]) > limit * row["u_drift_error"]:
        found.append(f"u drifts by {row['u_drift']:+.4f} +- {row['u_drift_error']:.4f}")
    if np.isnan(row["u_error"]):
        found.append("u has no error: fewer than two time blocks")
    elif not np.isnan(row["u_reference"]):
        away = row["u"] - row["u_reference"]
        if abs(away) > 3 * np.hypot(row["u_error"], REFERENCE_TOLERANCE / 3):
            found.append(f"u is {away:+.4f} from the reference")
    return found


def _of_halves(first: float, second: float) -> list[str]:
    """Return how the relaxation times of the two halves of the runs differ."""
    missing = [name for name, tau in (("first", first), ("second", second)) if np.isnan(tau)]
    if missing:
        halves = " and of the ".join(missing)
        return [f"tau_alpha of the {halves} half was not reached"]
    if max(first, second) > HALVES_RATIO * min(first, second):
        return [f"tau_alpha of the two halves is {first:.3g} and {second:.3g}"]
    return []


def words_on_errors(summary: Mapping[str, Any], wanted: float) -> str:
    """Return why the errors of a temperature are too small, "" if they are not."""
    length = summary["block_relaxation_times"]
    if not np.isfinite(length):
        return "too small: tau_alpha was not reached, blocks may be shorter"
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
        Its sums, and in ``about`` its T, replica, equilibration_time and production_time.
    solid : float
        Share of its A particles in crystalline order.
    summary : mapping
        Of its temperature: tau_alpha, that of the halves, number and length of the time blocks.
    reference : (float, float)
        :func:`reference_values`.
    minimum, block_length : float
        Relaxation times that equilibration and production, and a time block, last at least.

    Returns
    -------
    dict
        The row, with ``verdict``, ``reasons`` and ``errors``.
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
    why = reasons(row, minimum, n_blocks)
    bad = "crystallised" if row["crystalline"] else "too short"
    row |= {"verdict": bad if why else "equilibrated", "reasons": "; ".join(why)}
    return row | {"errors": words_on_errors(summary, block_length)}


# ---------------------------------------------------------------- the page
_INTRODUCTION = """
Study {study}: {good} of {runs} runs are equilibrated. Energy u and pressure p are per particle,
beside those of other codes where there are any; the drift is that of u over the production.
tau_alpha is the time after which 1/e of the A particles are still where they were (all replicas of
a temperature together). Reduced Lennard-Jones units; errors are standard errors.
"""


def equilibration_page(table: pd.DataFrame, study: str) -> str:
    """Return the table of all runs as an HTML page, the verdict first."""

    def number(name: str, error: str) -> list[str]:
        return [plus_minus(*pair) for pair in zip(table[name], table[error], strict=True)]

    halves = zip(table["tau_first"], table["tau_second"], strict=True)
    shown = {name: table[name] for name in ("T", "replica", "verdict", "reasons", "errors")} | {
        "tau_alpha": [f"{tau:.3g}" if np.isfinite(tau) else "" for tau in table["tau_alpha"]],
        "of the halves": [
            f"{first:.3g}; {second:.3g}" if np.isfinite(first + second) else ""
            for first, second in halves
        ],
        "equilibrated for": table["equilibration_time"],
        "run for": table["production_time"],
        "u": number("u", "u_error"),
        "u of others": table["u_reference"],
        "drift": number("u_drift", "u_drift_error"),
        "p": number("pressure", "pressure_error"),
        "p of others": table["p_reference"],
        "crystalline": [f"{share:.1%}" for share in table["solid_fraction"]],
    }
    good = table["verdict"] == "equilibrated"
    introduction = _INTRODUCTION.format(study=study, good=good.sum(), runs=len(table))
    return html_page(pd.DataFrame(shown), "Equilibration of every run", introduction, _colour)


def _colour(row: pd.Series) -> str:
    """Return the class of a row of the page, which sets its colour."""
    return "good" if row["verdict"] == "equilibrated" else "bad"
