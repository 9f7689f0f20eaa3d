"""Do the results of a study hold together: ``python workflow/verify.py results/paper``.

Needs only the tables that are committed, no trajectory, and takes seconds. It works from the points
upwards, in code of its own, and compares at every step:

1. what can be read off points: tau_alpha and p_c off the curves of ``relaxation/``; peak, shares,
   ROC AUC and widths off the counts of ``distributions.csv``; barriers, their slope, the crossing
   and the collapse off ``arrhenius_points.csv``; the lines of ``calibration/``; verdicts on
   equilibrium off their own columns; standard errors off the time blocks (``*.npz``), roughly,
   drawn again with other random numbers;
2. every number, verdict and note of ``comparison.csv``, from the tables of the first step;
3. with ``--readme``, what the README says (:mod:`quoted`).

Prints what does not fit, a line each, and exits with 1 if anything does.
"""

from __future__ import annotations

import argparse
import functools
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from scipy.interpolate import PchipInterpolator
from scipy.optimize import minimize_scalar
from scipy.special import stdtrit

import quoted
from softcage.paper.verdicts import plateau
from softcage.prediction.arrhenius import crossing_temperature
from softcage.statistics import pool

NO_VERDICT = "not measurable at this scale"
SOFT_SIDE = {"softness": "softer", "depth": "shallower"}
# A number read off a table of six digits, by other arithmetic.
CLOSE = 2e-4
# A share and an AUC from the bins of a table, against those from bins ten times finer.
SHARE_CLOSE, AUC_CLOSE = 0.004, 0.003
FEWEST_BLOCKS = 5
# Errors are themselves known to a few blocks' worth; that of a share also has how the fit of the
# peak takes in or leaves out one of the finer bins, which the bins here, the same ones for each
# resample, do not.
ERROR_FACTOR, SHARE_ERROR_FACTOR = 1.6, 2.5


@dataclass(frozen=True)
class Results:
    """The committed tables of one study."""

    folder: Path
    tables: dict = field(default_factory=dict, compare=False, repr=False)

    @functools.cached_property
    def config(self) -> dict:
        """The configuration as it was run."""
        return yaml.safe_load((self.folder / "config.yaml").read_text())

    @functools.cached_property
    def temperatures(self) -> list[float]:
        """From the lowest to the highest."""
        return sorted(float(point["T"]) for point in self.config["state_points"])

    @property
    def delta(self) -> float:
        """The default smearing width."""
        return float(self.config["softness"]["delta"])

    @property
    def window(self) -> float:
        """The default hop window."""
        return float(self.config["dynamics"]["hop_window"])

    def table(self, name: str) -> pd.DataFrame:
        """Return a table by its path in the study, read once."""
        if name not in self.tables:
            self.tables[name] = pd.read_csv(self.folder / name, comment="#")
        return self.tables[name]

    def summary(self, T: float, delta: float) -> pd.DataFrame:
        """Shares, AUC and widths of one temperature and delta."""
        return self.table(f"prediction/T{T:g}/d{delta:g}/summary.csv")

    def fits(self, name: str, quantity: str) -> pd.DataFrame:
        """Rows of an Arrhenius table of the default delta and window."""
        table = self.table(f"prediction/d{self.delta:g}/{name}.csv")
        table = table[table["quantity"] == quantity]
        return table[np.isclose(table["window"], self.window)] if "window" in table else table


def only(table: pd.DataFrame, **values) -> pd.DataFrame:
    """Return the rows with these values."""
    for name, value in values.items():
        column = table[name]
        same = column.astype(str) == value if isinstance(value, str) else np.isclose(column, value)
        table = table[same]
    return table


def differs(what: str, table: float, points: float, close: float, absolute=False) -> Iterator[str]:
    """Say so if the value in a table is not that of the points."""
    if np.isnan(table) and np.isnan(points):
        return
    if not abs(table - points) <= close * (1.0 if absolute else abs(points)):
        yield f"{what} is {table:.6g}, the points give {points:.6g}"


# ---------------------------------------------------------------- what points give
def relaxation_numbers(curve: pd.DataFrame) -> tuple[float, float]:
    """tau_alpha (overlap = 1/e) and p_c (MSD where alpha_2 is largest) off the curves."""
    time, q = curve["time"].to_numpy(), curve["overlap"].to_numpy()
    k = int(np.argmax(q < math.exp(-1)))
    tau = math.nan
    if k > 0:
        tau = math.exp(np.interp(math.exp(-1), [q[k], q[k - 1]], np.log([time[k], time[k - 1]])))
    curve = curve[np.isfinite(curve["alpha_2"]) & (curve["time"] > 0)]
    x, alpha = np.log(curve["time"].to_numpy()), curve["alpha_2"].to_numpy()
    peak = int(np.argmax(alpha))
    near = slice(max(peak - 3, 0), peak + 4)
    slope = np.polynomial.Polynomial.fit(x[near], alpha[near], 2).deriv()
    top = slope.roots()[0].real if slope.deriv()(0.0) < 0 else x[peak]
    top = min(max(top, x[near][0]), x[near][-1])
    return tau, math.exp(np.interp(top, x, np.log(curve["msd"])))


def distribution_numbers(
    bins: pd.DataFrame, peak: float, quantity: str, high: np.ndarray | None = None
) -> dict[str, float]:
    """Peak, shares on its soft side, AUC, mean and standard deviation from counts in bins.

    The shares are those beyond ``peak``, the one of the finer bins: the two places of the peak are
    compared for themselves. ``high``: the bins about the peak that are fitted, by default those of
    more than half of the largest count.
    """
    center, width = bins["bin_center"].to_numpy(), bins["bin_width"].iloc[0]
    everyone = bins["count_all"].to_numpy(dtype=float)
    moving = bins["count_rearranging"].to_numpy(dtype=float)
    if everyone.sum() == 0:
        return {}
    edges = np.append(bins["bin_left"], bins["bin_left"].iloc[-1] + width)

    def above(counts):
        total = np.append(0.0, np.cumsum(counts))
        below = PchipInterpolator(edges, total / max(total[-1], 1))(peak)
        return 1 - below if quantity == "softness" else below

    mean = np.average(center, weights=everyone)
    # the width of the bins widens the distribution, that of the ten times finer ones hardly
    variance = np.average((center - mean) ** 2, weights=everyone) - 0.99 * width**2 / 12
    found = {"mean": mean, "std": math.sqrt(variance), "share_all": above(everyone)}
    high = everyone > 0.5 * everyone.max() if high is None else high
    x = (center - mean) / width
    if high.sum() > 4:
        log_p = np.polynomial.Polynomial.fit(
            x[high], np.log(everyone[high]), 3, w=np.sqrt(everyone[high])
        )
        fine = np.linspace(x[high].min(), x[high].max(), 2001)
        found["peak"] = mean + width * fine[np.argmax(log_p(fine))]
    rest = everyone - moving
    if moving.sum() > 0 and rest.sum() > 0:
        found["share_rearranging"] = above(moving)
        lower = np.cumsum(rest) - 0.5 * rest
        auc = moving @ lower / moving.sum() / rest.sum()
        found["auc"] = auc if quantity == "softness" else 1 - auc
    return found


def weighted_line(x, y, weights) -> tuple[float, float, float]:
    """Intercept, slope and the slope's error of the weighted least-squares line."""
    weights = np.asarray(weights, dtype=float)
    design = np.stack([np.ones_like(x), x], axis=1) * np.sqrt(weights)[:, None]
    (intercept, slope), *_ = np.linalg.lstsq(design, y * np.sqrt(weights), rcond=None)
    return intercept, slope, math.sqrt(np.linalg.inv(design.T @ design)[1, 1])


def barriers(points: pd.DataFrame) -> pd.DataFrame:
    """Arrhenius lines of every bin: ln P_R against 1/T."""
    rows = []
    for center, bin_points in points.groupby("bin_center"):
        x, y, weights = logarithms(bin_points)
        intercept, slope, error = weighted_line(x, y, weights)
        rows.append((center, -slope, error, intercept))
    return pd.DataFrame(rows, columns=["bin_center", "barrier", "barrier_error", "ln_p0"])


def logarithms(points: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """1/T, ln P_R and its inverse variance."""
    p_r = points["p_r"].to_numpy()
    weights = (p_r / points["p_r_error"].to_numpy()) ** 2
    return 1 / points["T"].to_numpy(), np.log(p_r), weights


def crossing(points: pd.DataFrame, temperatures: list[float]) -> float:
    """Temperature through which lines of all bins go best: all points in one linear fit.

    For a given 1/T_x the unknowns are the common ln P_R there and a barrier a bin; 1/T_x is
    the one with the smallest sum of squares. NaN if that is at an end of the range searched.
    """
    x, y, weights = logarithms(points)
    bins = points["bin_center"].to_numpy()
    member = bins[:, None] == np.unique(bins)
    if member.shape[1] < 2:
        return math.nan
    root = np.sqrt(weights)

    def squares(u):
        design = np.column_stack([np.ones_like(x), -(x - u)[:, None] * member])
        solution, *_ = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)
        return float(((design @ solution - y) ** 2 * weights).sum())

    grid = np.linspace(1 / (4 * max(temperatures)), 1 / (0.5 * min(temperatures)), 201)
    best = int(np.argmin([squares(u) for u in grid]))
    if best in (0, len(grid) - 1):
        return math.nan
    place = minimize_scalar(
        squares, bounds=(grid[best - 1], grid[best + 1]), method="bounded", options={"xatol": 1e-9}
    )
    return 1 / place.x


def slope_of_barriers(lines: pd.DataFrame) -> dict[str, float]:
    """Weighted line through the barriers of the bins: slope, r squared, chi2 per freedom."""
    lines = lines[lines["barrier_error"] > 0]
    if len(lines) < 3:
        return dict.fromkeys(("barrier_slope", "r_squared", "line_chi2"), math.nan)
    x, y, error = (lines[name].to_numpy() for name in ("bin_center", "barrier", "barrier_error"))
    intercept, slope, _ = weighted_line(x, y, error**-2)
    left = ((y - intercept - slope * x) ** 2 / error**2).sum()
    spread = ((y - np.average(y, weights=error**-2)) ** 2 / error**2).sum()
    return {
        "barrier_slope": slope,
        "r_squared": 1 - left / spread,
        "line_chi2": left / (len(x) - 2),
    }


# ---------------------------------------------------------------- step 1: tables against points
def relaxation(results: Results) -> Iterator[str]:
    """tau_alpha and p_c of every temperature."""
    for T in results.temperatures:
        row = results.table(f"relaxation/summary/T{T:g}.csv").iloc[0]
        curve = results.table(f"relaxation/T{T:g}.csv")
        for name, value in zip(("tau_alpha", "p_c"), relaxation_numbers(curve), strict=True):
            yield from differs(f"relaxation/summary/T{T:g}.csv: {name}", row[name], value, CLOSE)


def distributions(results: Results) -> Iterator[str]:
    """Summary of every temperature, delta, window and quantity; P_R and the densities."""
    for T in results.temperatures:
        for delta in map(float, results.config["softness"]["delta_values"]):
            place = f"prediction/T{T:g}/d{delta:g}"
            table = results.table(f"{place}/distributions.csv")
            some = table[table["count_all"] > 0]
            p_r = some["count_rearranging"] / some["count_all"]
            if not np.allclose(some["p_r"], p_r, rtol=1e-5):
                yield f"{place}/distributions.csv: p_r is not count_rearranging / count_all"
            for (quantity, window), bins in table.groupby(["quantity", "window"]):
                rows = only(results.summary(T, delta), quantity=quantity, window=window, lag="0")
                what = f"{place}/summary.csv: {quantity}, window {window:g}"
                if len(rows) != 1:
                    yield f"{what} has {len(rows)} rows"
                    continue
                yield from summary_row(what, rows.iloc[0], bins, quantity)


def summary_row(what: str, row: pd.Series, bins: pd.DataFrame, quantity: str) -> Iterator[str]:
    """One row of a summary against the counts of its bins."""
    width = bins["bin_width"].iloc[0]
    # where in its bin a particle lies is not known here: noise, if there are few
    noise = 0.5 / math.sqrt(max(bins["count_rearranging"].sum(), 1))
    close = {
        "peak": width,
        "mean": 0.02 * width,
        "std": 0.02 * width,
        "share_all": SHARE_CLOSE,
        "share_rearranging": SHARE_CLOSE + noise,
        "auc": AUC_CLOSE + noise,
    }
    for name, value in distribution_numbers(bins, row["peak"], quantity).items():
        yield from differs(f"{what}: {name}", row[name], value, close[name], absolute=True)


def arrhenius(results: Results) -> Iterator[str]:
    """Barriers, their slope, the crossing and the collapse of the default delta and window."""
    for quantity in ("softness", "depth"):
        points = results.fits("arrhenius_points", quantity)
        lines, row = results.fits("arrhenius", quantity), results.fits("crossing", quantity).iloc[0]
        place = f"prediction/d{results.delta:g}"
        ours = barriers(points)
        if not len(ours) == len(lines) == row["n_bins"]:
            yield f"{place}: {len(lines)} lines, {len(ours)} bins of points ({quantity})"
            continue
        for name in ("barrier", "barrier_error", "ln_p0"):
            for bin_center, table, value in zip(
                lines["bin_center"], lines[name], ours[name], strict=True
            ):
                what = f"{place}/arrhenius.csv: {name} of {quantity} {bin_center:g}"
                yield from differs(what, table, value, 10 * CLOSE)
        found = slope_of_barriers(ours) | {"T_cross": crossing(points, results.temperatures)}
        every = points.merge(ours, on="bin_center")
        distance = np.log(every["p_r"]) - every["ln_p0"] + every["barrier"] / every["T"]
        rms = math.sqrt((distance**2).mean()) / math.log(10) if len(every) else math.nan
        for name, value in (found | {"collapse_rms": rms}).items():
            what = f"{place}/crossing.csv: {name} of {quantity}"
            yield from differs(what, row[name], value, 10 * CLOSE)


def calibration(results: Results) -> Iterator[str]:
    """The line c0 + c1 beta Phi_r and its fellows, through the temperatures."""
    cage, lines = (results.table(f"calibration/{name}.csv") for name in ("cage", "calibration"))
    axes = {
        "a": ("depth_q", "inverse_softness"),
        "b": ("depth_r", "depth_q"),
        "c": ("depth_r", "inverse_softness"),
    }
    for row in lines.to_dict("records"):
        way = {name: row[name] for name in ("q_max", "route", "harmonic_range")}
        points = only(cage, **way)
        # the table has depths, the lines are in beta Phi = -depth
        (x, dx), (y, dy) = (
            ((-1 if "depth" in name else 1) * points[name], points[f"{name}_error"])
            for name in axes[row["relation"]]
        )
        weights = (1 / (dy**2 + (row["slope"] * dx) ** 2)).to_numpy()
        if not np.isfinite(weights).all():
            weights = np.ones(len(x))
        fit = weighted_line(x.to_numpy(), y.to_numpy(), weights)
        for name, value in zip(("intercept", "slope"), fit, strict=False):
            what = f"calibration.csv: {name} of {row['relation']}, q_max {row['q_max']:g}"
            yield from differs(f"{what} ({row['route']})", row[name], value, 10 * CLOSE)


def equilibration(results: Results) -> Iterator[str]:
    """Verdicts off their own columns, relaxation times and lengths from where they come."""
    minimum = results.config["equilibration"]["minimum_relaxation_times"]
    runs = results.table("state_points.csv").set_index(["T", "replica"])
    for row in results.table("equilibration.csv").to_dict("records"):
        here = f"equilibration.csv: T = {row['T']:g}, replica {row['replica']}"
        tau = results.table(f"relaxation/summary/T{row['T']:g}.csv").iloc[0]
        yield from differs(f"{here}: tau_alpha", row["tau_alpha"], tau["tau_alpha"], CLOSE)
        for name in ("equilibration_time", "production_time"):
            wanted = float(runs.loc[(row["T"], row["replica"]), name])
            yield from differs(f"{here}: {name}", row[name], wanted, 1e-9)
        shortest = min(row["equilibration_time"], row["production_time"])
        limit = stdtrit(max(row["blocks"] - 2, 1), 1 - 0.0027 / 2) * row["u_drift_error"]
        halves = sorted([row["tau_first"], row["tau_second"]])
        fine = (
            shortest >= minimum * row["tau_alpha"]
            and not abs(row["u_drift"]) > limit
            and not abs(row["u"] - row["u_reference"]) > math.hypot(3 * row["u_error"], 0.01)
            and not halves[1] > 1.5 * halves[0]
            and row["solid_fraction"] <= 0.1
        )
        if fine != (row["verdict"] == "equilibrated"):
            yield f"{here}: the verdict is {row['verdict']}, its columns say otherwise"


# ---------------------------------------------------------------- step 1: errors against blocks
def resample(blocks: np.ndarray, draws: int, seed: int = 1) -> np.ndarray:
    """Return sums over all but one of the blocks, drawn with replacement, (draws, ...)."""
    share = np.full(len(blocks), 1 / len(blocks))
    weights = np.random.default_rng(seed).multinomial(max(len(blocks) - 1, 1), share, size=draws)
    return np.tensordot(weights, blocks, axes=1)


def scatter(
    what: str, table: float, values: list[float], larger: float = ERROR_FACTOR
) -> Iterator[str]:
    """Say so if an error is far from the scatter of resampled values, ``larger`` times at most."""
    values = np.asarray(values)[np.isfinite(values)]
    if len(values) < 10 or not np.isfinite(table):
        return
    # half the distance of the 16 and 84 % quantiles is blind to a few wild resamples
    low, middle, high = np.quantile(values, [0.16, 0.5, 0.84])
    least, most = sorted([values.std(), (high - low) / 2])
    if not least / ERROR_FACTOR - 1e-9 <= table <= most * larger + 1e-9 * abs(middle):
        yield f"{what} is {table:.3g}, resampled blocks scatter by {least:.3g} to {most:.3g}"


def errors(results: Results) -> Iterator[str]:
    """Standard errors, from blocks drawn again by other random numbers."""
    for T in results.temperatures:
        runs = sorted((results.folder / f"relaxation/T{T:g}").glob("r*.npz"))
        moments = [np.load(path) for path in runs]
        row = results.table(f"relaxation/summary/T{T:g}.csv").iloc[0]
        times = moments[0]["times"]
        blocks = pool([run["sums"] for run in moments], int(row["blocks"]))
        found = [relaxation_numbers(curve_of(times, sums)) for sums in resample(blocks, 200)]
        for name, values in zip(("tau_alpha", "p_c"), zip(*found, strict=True), strict=True):
            what = f"relaxation/summary/T{T:g}.csv: {name}_error"
            yield from scatter(what, row[f"{name}_error"], values)
        for delta in map(float, results.config["softness"]["delta_values"]):
            yield from share_errors(results, T, delta)
    for quantity in ("softness", "depth"):
        yield from crossing_errors(results, quantity)


def curve_of(times: np.ndarray, sums: np.ndarray) -> pd.DataFrame:
    """Return the relaxation curves of moments: number, sums of r^2 and r^4, and of the overlap."""
    with np.errstate(invalid="ignore", divide="ignore"):
        count, r2, r4, overlap = sums.T
        alpha = 0.6 * (r4 / count) / (r2 / count) ** 2 - 1
        curve = {"time": times, "overlap": overlap / count, "alpha_2": alpha, "msd": r2 / count}
    return pd.DataFrame(curve)


def share_errors(results: Results, T: float, delta: float) -> Iterator[str]:
    """Errors of the shares and the AUC of the default window."""
    place = f"prediction/T{T:g}/d{delta:g}"
    table = results.table(f"{place}/distributions.csv")
    with np.load(results.folder / place / "blocks.npz") as store:
        blocks = {name: store[f"dt{results.window:g}_{name}"] for name in SOFT_SIDE}
    for quantity, counts in blocks.items():
        bins = only(table, quantity=quantity, window=results.window)
        here = f"{place}: {quantity}"
        total = counts.sum(axis=0)
        if not (total == bins[["count_all", "count_rearranging"]].to_numpy().T).all():
            yield f"{here}: distributions.csv does not have the counts of blocks.npz"
            continue
        if len(counts) < FEWEST_BLOCKS or (delta != results.delta and quantity == "depth"):
            continue
        rows = only(
            results.summary(T, delta), quantity=quantity, window=results.window, lag="0"
        ).iloc[0]
        found, high = [], total[0] > 0.5 * total[0].max()
        for everyone, moving in resample(counts, 60):
            again = bins.assign(count_all=everyone, count_rearranging=moving)
            peak = distribution_numbers(again, rows["peak"], quantity, high).get("peak", math.nan)
            if np.isfinite(peak):
                found.append(distribution_numbers(again, peak, quantity, high))
        for name, most in (("share_rearranging", SHARE_ERROR_FACTOR), ("auc", ERROR_FACTOR)):
            values = [numbers.get(name, math.nan) for numbers in found]
            yield from scatter(f"{here}: {name}_error", rows[f"{name}_error"], values, most)


def crossing_errors(results: Results, quantity: str) -> Iterator[str]:
    """The interval of the crossing temperature, by the library's crossing on resampled blocks."""
    points, row = results.fits("arrhenius_points", quantity), results.fits("crossing", quantity)
    row = row.iloc[0]
    if points.empty or not np.isfinite(row["T_low"] + row["T_high"]):
        return
    points = points.assign(weight=(points["p_r"] / points["p_r_error"]) ** 2)
    weights = points.pivot(index="T", columns="bin_center", values="weight").fillna(0.0)
    samples = []
    for k, T in enumerate(weights.index):
        path = results.folder / f"prediction/T{T:g}/d{results.delta:g}/blocks.npz"
        with np.load(path) as store:
            edges = store[f"{quantity}_edges"]
            chosen = np.searchsorted(edges, weights.columns) - 1
            counts = store[f"dt{results.window:g}_{quantity}"][:, :, chosen]
        drawn = resample(counts, 100, seed=k)
        samples.append(drawn[:, 1] / np.maximum(drawn[:, 0], 1))
    crossings = [
        crossing_temperature(weights.index.to_numpy(), np.array(p_r), weights.to_numpy())
        for p_r in zip(*samples, strict=True)
    ]
    what = f"prediction/d{results.delta:g}/crossing.csv: (T_high - T_low) / 4 of {quantity}"
    yield from scatter(what, (row["T_high"] - row["T_low"]) / 3.92, crossings)


# ---------------------------------------------------------------- step 2: the comparison
@dataclass(frozen=True)
class Row:
    """What a row of the comparison should say: value, error, yes or no, numbers in the note."""

    value: float = math.nan
    error: float = math.nan
    answer: bool | None = None
    note: tuple[float, ...] = ()


def clearly(value: float, error: float) -> bool | None:
    """Above zero by more than two standard errors, below by as much (False), or neither."""
    return bool(value > 0) if abs(value) > 2 * error else None


def climbs(values: np.ndarray, errors: np.ndarray) -> bool | None:
    """The last is clearly above the first and no step is clearly down."""
    known = np.isfinite(values) & np.isfinite(errors)
    values, errors = values[known], errors[known]
    if len(values) < 2:
        return None
    whole = clearly(values[-1] - values[0], math.hypot(errors[0], errors[-1]))
    steps = zip(np.diff(values), np.hypot(errors[1:], errors[:-1]), strict=True)
    return whole and all(step > -2 * error for step, error in steps)


def number_row(results: Results, claim: Mapping) -> Row:
    """Our value, its error and the note's numbers for one of the paper's numbers."""
    name, T = claim["id"], claim.get("T")
    if T is not None and T not in results.temperatures:
        return Row()
    if name in ("tau_alpha", "p_c"):
        row = results.table(f"relaxation/summary/T{T:g}.csv").iloc[0]
        return Row(row[name], row[f"{name}_error"])
    if name in ("soft_share", "soft_share_delta", "shallow_share"):
        delta = claim.get("delta", results.delta)
        if delta not in results.config["softness"]["delta_values"]:
            return Row()
        quantity = "depth" if name == "shallow_share" else "softness"
        row = only(results.summary(T, delta), quantity=quantity, window=results.window, lag="0")
        row = row.iloc[0]
        note = (row["share_all"], row["auc"])
        return Row(row["share_rearranging"], row["share_rearranging_error"], None, note)
    if name.startswith("onset_"):
        return onset_row(results, name.removeprefix("onset_"))
    if name.startswith("barrier_"):
        lines = results.fits("arrhenius", "softness").sort_values("barrier")
        if lines.empty:
            return Row()
        row = lines.iloc[0 if name == "barrier_low" else -1]
        note = (row["bin_center"], len(lines))
        return Row(row["barrier"], row["barrier_error"], None, note)
    if name.startswith("softness_"):
        groups = [group_row(results, t, name) for t in results.temperatures if T in (None, t)]
        return max(groups, key=lambda row: np.nan_to_num(row.value, nan=-1.0))
    raise KeyError(name)


def onset_row(results: Results, quantity: str) -> Row:
    """Where the Arrhenius lines cross."""
    row = results.fits("crossing", quantity).iloc[0]
    if not np.isfinite(row["T_cross"]):
        return Row()
    known = row["share_crossing"] >= 0.9
    error = (row["T_high"] - row["T_low"]) / 3.92 if known else math.nan
    return Row(row["T_cross"], error, None, (95, row["T_low"], row["T_high"]))


def group_row(results: Results, T: float, name: str) -> Row:
    """Softness at first of the hardest or the softest group."""
    table = results.table(f"propagator/T{T:g}/mean_softness.csv").sort_values(["time", "mean"])
    first = table[table["time"] == table["time"].min()].dropna(subset=["mean"])
    if first.empty:
        return Row()
    row = first.iloc[0 if name == "softness_low" else -1]
    return Row(row["mean"], row["mean_error"], None, (len(first),))


def trend_row(results: Results, name: str) -> Row:
    """The number, the answer and the note's numbers of one of the paper's statements."""
    coldest = results.temperatures[0]
    tau = results.table(f"relaxation/summary/T{coldest:g}.csv")["tau_alpha"].iloc[0]
    if name in ("trend_depth", "trend_softness"):
        return cooling_row(results, name.removeprefix("trend_"))
    if name == "trend_prediction":
        auc, error = on_cooling(results, "softness", "auc")
        if len(auc) < 2:
            return Row()
        return Row(auc[-1] - auc[0], math.hypot(error[0], error[-1]), climbs(auc, error))
    if name == "trend_two_step":
        c_s = results.table(f"propagator/T{coldest:g}/correlation.csv")
        q = results.table(f"relaxation/T{coldest:g}.csv")
        (time, ratio), (q_time, q_ratio) = (
            plateau(c_s["time"], c_s["c_s"]),
            plateau(q["time"], q["overlap"]),
        )
        longest = c_s["time"].max()
        answer = bool(ratio < 0.5 and np.isfinite(time)) if longest >= tau else None
        return Row(ratio, math.nan, answer, (0.5, time, q_time, q_ratio, longest))
    if name == "trend_propagator":
        return propagator_row(results, coldest, tau)
    if name == "trend_mean":
        return meeting_row(results, coldest, tau)
    if name in ("trend_barrier_softness", "trend_barrier_depth", "trend_collapse"):
        return arrhenius_row(results, name)
    if name == "trend_delta":
        table = results.table("prediction/correlation_summary.csv")
        weakest = table[~np.isclose(table["delta"], results.delta)]["spearman"].min()
        answer = bool(weakest >= 0.8) if np.isfinite(weakest) else None
        return Row(weakest, math.nan, answer, (results.delta, 0.8))
    if name == "trend_window":
        return window_row(
            only(results.summary(coldest, results.delta), quantity="softness", lag="0")
        )
    raise KeyError(name)


def on_cooling(results: Results, quantity: str, column: str) -> tuple[np.ndarray, np.ndarray]:
    """A column of the summaries and its error, from the highest temperature to the lowest."""
    rows = pd.concat(
        only(results.summary(T, results.delta), quantity=quantity, window=results.window, lag="0")
        for T in reversed(results.temperatures)
    )
    return rows[column].to_numpy(), rows[f"{column}_error"].to_numpy()


def cooling_row(results: Results, quantity: str) -> Row:
    """Width and mean of a distribution: those of the depth grow, those of the softness fall."""
    sign = 1 if quantity == "depth" else -1
    (width, width_error), (mean, mean_error) = (
        on_cooling(results, quantity, column) for column in ("std", "mean")
    )
    answers = climbs(sign * width, width_error), climbs(sign * mean, mean_error)
    ratio = width[-1] / width[0]
    error = ratio * math.hypot(width_error[0] / width[0], width_error[-1] / width[-1])
    answer = None if None in answers else all(answers)
    return Row(ratio, error, answer, (mean[-1] / mean[0],))


def propagator_row(results: Results, T: float, tau: float) -> Row:
    """Distance of G(S, S0, t) at the longest time from P(S)."""
    g = results.table(f"propagator/T{T:g}/propagator.csv").dropna(subset=["density"])
    p = results.table(f"prediction/T{T:g}/d{results.delta:g}/distributions.csv")
    p = only(p, quantity="softness", window=results.window)
    if g.empty or p.empty:
        return Row()
    last = g[g["time"] == g["time"].max()]
    width, time = p["bin_width"].iloc[0], g["time"].max()
    average = np.interp(last["bin_center"], p["bin_center"], p["density_all"])
    distance = np.abs(last["density"] - average).sum() * width / 2
    noise = last["density_error"].sum() * width / 2 * math.sqrt(2 / math.pi)
    answer = bool(distance - noise < 0.1) if time >= tau else None
    return Row(distance, math.nan, answer, (time, noise, 0.1))


def meeting_row(results: Results, T: float, tau: float) -> Row:
    """Spread of the groups' mean softness at the longest time that all have, over that at first."""
    table = results.table(f"propagator/T{T:g}/mean_softness.csv")
    whole = table.dropna(subset=["mean"]).groupby("time")["group"].nunique()
    times = whole[whole == table["group"].nunique()].index
    if len(times) < 2 or table["group"].nunique() < 2:
        return Row()
    first, last = (table[table["time"] == time].sort_values("mean") for time in times[[0, -1]])
    start, end = (part["mean"].iloc[-1] - part["mean"].iloc[0] for part in (first, last))
    error = math.hypot(*last["mean_error"].iloc[[0, -1]]) / start
    answer = bool(end / start < 0.1 + 2 * np.nan_to_num(error)) if times[-1] >= tau else None
    return Row(end / start, error, answer, (times[-1], 0.1))


def arrhenius_row(results: Results, name: str) -> Row:
    """Slope of the barriers against softness, their line against depth, the collapse."""
    quantity = "depth" if name == "trend_barrier_depth" else "softness"
    row = results.fits("crossing", quantity).iloc[0]
    if name == "trend_barrier_softness":
        slope, error = 1e-3 * row["barrier_slope"], 1e-3 * row["barrier_slope_error"]
        answer = clearly(-slope, error) if np.isfinite(slope + error) else None
        return Row(slope, error, answer, (0.001, row["n_bins"]))
    if name == "trend_collapse":
        answer = bool(row["collapse_rms"] <= 0.1) if np.isfinite(row["collapse_rms"]) else None
        return Row(row["collapse_rms"], math.nan, answer, (0.1,))
    r_squared, chi2 = row["r_squared"], row["line_chi2"]
    answer = True if r_squared >= 0.9 else None if not chi2 >= 1.5 else False
    answer = answer if np.isfinite(r_squared) else None
    return Row(r_squared, math.nan, answer, (row["n_bins"], 0.9, chi2))


def window_row(rows: pd.DataFrame) -> Row:
    """Rearranging particles are softer for every hop window."""
    excess, error = rows["auc"].to_numpy() - 0.5, rows["auc_error"].to_numpy()
    if len(rows) < 2 or not np.isfinite(excess + error).all():
        return Row()
    k = int(np.argmin(excess / error))
    answers = [clearly(*pair) for pair in zip(excess, error, strict=True)]
    answer = False if False in answers else None if None in answers else True
    numbers = np.column_stack([rows["window"], rows["auc"]]).ravel()
    return Row(excess[k], error[k], answer, (0.5, *numbers))


# Without equilibrium there is no verdict on these.
TIME_SCALE = {"p_c", "tau_alpha", "onset_softness", "onset_depth", "barrier_low", "barrier_high"}
TIME_SCALE |= {"trend_two_step", "trend_propagator", "trend_mean"}


NO_DELTA = {"p_c", "tau_alpha"}


def verdict(expected: Row, paper: float, name: str) -> tuple[float, str]:
    """Return the distance in standard errors and the verdict on a number of the paper's."""
    error = expected.error
    if name.startswith("softness_"):  # the paper's is rounded
        digits = min(0, Decimal(repr(float(paper))).normalize().as_tuple().exponent)
        error = math.hypot(error, 0.5 * 10.0**digits / math.sqrt(3))
    if not (np.isfinite(expected.value) and np.isfinite(expected.error) and error > 0):
        return math.nan, NO_VERDICT
    distance = (expected.value - paper) / error
    sigmas = max(1, math.ceil(abs(distance)))
    words = (
        f"agrees within {sigmas} sigma" if sigmas <= 3 else f"differs ({abs(distance):.0f} sigma)"
    )
    return distance, words


def comparison(results: Results) -> Iterator[str]:
    """Every row of the comparison."""
    path = results.folder / "comparison.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    claims = results.config["claims"]
    names = list(table["id"])
    if names[: len(claims)] != [claim["id"] for claim in claims]:
        yield "comparison.csv: its first rows are not the claims of config.yaml"
        return
    checks = results.table("equilibration.csv")
    short = set(checks[checks["verdict"] != "equilibrated"]["T"])
    for k, row in enumerate(table.to_dict("records")):
        here = f"comparison.csv: {row['id']}{' T = ' + row['T'] if row['T'] else ''}"
        claim = claims[k] if k < len(claims) else {"id": row["id"]}
        wanted = {
            "T": claim.get("T", math.nan if k < len(claims) else row["T"] or math.nan),
            "delta": claim.get("delta", math.nan if claim["id"] in NO_DELTA else results.delta),
        }
        for name, value in wanted.items():
            yield from four_digits(f"{here}: {name}", row[name], float(value))
        try:
            expected = (
                number_row(results, claim) if k < len(claims) else trend_row(results, row["id"])
            )
        except KeyError:
            yield f"{here}: nothing is known of such a row"
            continue
        used = [float(row["T"])] if row["T"] else results.temperatures
        yield from comparison_row(here, row, claim, expected, [T for T in used if T in short])


def comparison_row(
    here: str, row: Mapping, claim: Mapping, expected: Row, short: list[float]
) -> Iterator[str]:
    """One row against what it should say."""
    blind = bool(short) and row["id"] in TIME_SCALE
    if "value" in claim:
        distance, words = verdict(expected, claim["value"], row["id"])
        if blind:
            distance, words = math.nan, NO_VERDICT
        yield from four_digits(f"{here}: paper", row["paper"], float(claim["value"]))
    else:
        distance, answer = math.nan, None if blind else expected.answer
        words = NO_VERDICT if answer is None else "holds" if answer else "does not hold"
    yield from four_digits(f"{here}: ours", row["ours"], expected.value)
    yield from four_digits(f"{here}: standard_error", row["standard_error"], expected.error)
    yield from four_digits(f"{here}: n_sigma", row["n_sigma"], distance)
    if row["verdict"] != words:
        yield f"{here}: the verdict is '{row['verdict']}', the numbers say '{words}'"
    numbers = quoted.numbers_in(row["note"])
    wanted = [*expected.note, *short]
    wanted = [value for value in wanted if np.isfinite(value)]
    if len(numbers) != len(wanted) or not all(
        quoted.rounds_to(text, value) for text, value in zip(numbers, wanted, strict=True)
    ):
        found = ", ".join(f"{value:.4g}" for value in wanted)
        yield f"{here}: the note is '{row['note']}', its numbers should be {found or 'none'}"


def four_digits(what: str, text: str, value: float) -> Iterator[str]:
    """Say so if a number that was printed with four digits is not ``value``."""
    wanted = f"{value:.4g}" if np.isfinite(value) else ""
    if text == wanted:
        return
    # a five behind the fourth digit may go either way
    close = (
        text
        and wanted
        and abs(float(text) - value)
        <= 0.5001 * 10.0 ** (math.floor(math.log10(abs(value) or 1)) - 3)
    )
    if not close:
        yield f"{what} is '{text}', the tables say '{wanted}'"


# ---------------------------------------------------------------- all of it
CHECKS = (
    *(relaxation, distributions, arrhenius, calibration, equilibration, errors),
    comparison,
)


def problems(folder: str | Path) -> list[str]:
    """Return what does not fit in the results of a study, a line each."""
    results = Results(Path(folder))
    found = []
    for check in CHECKS:
        try:
            found += check(results)
        except FileNotFoundError as error:
            found.append(f"{error.filename} is missing")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Check what the command line names; return the number of problems, at most 1."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="results of a study, such as results/paper")
    parser.add_argument("--readme", type=Path, help="check the numbers that this file quotes, too")
    parser.add_argument("--quoted", type=Path, default=Path("docs/quoted.yaml"))
    parser.add_argument(
        "--write-readme", action="store_true", help="renew table and numbers in the README"
    )
    wanted = parser.parse_args(arguments)
    found = problems(wanted.folder)
    if wanted.write_readme and wanted.readme:
        quoted.write(wanted.readme, wanted.quoted, wanted.folder)
    if wanted.readme:
        found += quoted.problems(wanted.readme, wanted.quoted, wanted.folder)
    print("\n".join(found) or f"{wanted.folder}: everything fits")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
