"""Do the tables of a study hold together? From its points upwards, without trajectories.

Checks of the first part read numbers off points in code of their own: tau_alpha and p_c off the
curves of ``relaxation/``; peak, shares, ROC AUC and widths off the counts of ``distributions.csv``;
barriers, their slope, the crossing and the collapse off ``arrhenius_points.csv``; the lines of
``calibration/``; verdicts on equilibrium off their own columns; standard errors off the time blocks
(``*.npz``), roughly, drawn again with other random numbers. Those of the second part run the
study's own functions again on the tables, and demand the same bytes. The last one holds all files
against the sums in ``commits.csv``, where there is one.

A check yields a line for each thing that does not fit.
"""

import functools
import hashlib
import math
from dataclasses import dataclass, field
from itertools import product, zip_longest
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from scipy.interpolate import PchipInterpolator
from scipy.optimize import minimize_scalar
from scipy.special import stdtrit

from softcage.cage.calibration import calibrate
from softcage.model import Mixture, is_kob_andersen
from softcage.paper.comparison import compare, read_results
from softcage.prediction.arrhenius import crossing_temperature
from softcage.prediction.distributions import rearranging_share
from softcage.report.summary import summary
from softcage.statistics import bootstrap, pool
from softcage.tables import select
from study import further_quenches

QUANTITIES = ("softness", "depth")
# A number read off a table of six digits, by other arithmetic.
CLOSE = 2e-4
# A share and an AUC from the bins of a table, against those from bins ten times finer.
SHARE_CLOSE, AUC_CLOSE = 0.004, 0.003
FEWEST_BLOCKS = 5
# Errors are themselves known to a few blocks' worth; that of a share is beyond a peak that moves.
ERROR_FACTOR, SHARE_ERROR_FACTOR = 1.6, 2.5


@dataclass(frozen=True)
class Results:
    """The tables of one study."""

    folder: Path
    tables: dict = field(default_factory=dict, compare=False, repr=False)

    @functools.cached_property
    def config(self):
        return yaml.safe_load((self.folder / "config.yaml").read_text())

    @functools.cached_property
    def temperatures(self):
        return sorted(float(point["T"]) for point in self.config["state_points"])

    @property
    def replicas(self):
        return int(self.config["replicas"])

    @property
    def delta(self):
        return float(self.config["softness"]["delta"])

    @property
    def deltas(self):
        return [float(delta) for delta in self.config["softness"]["delta_values"]]

    @property
    def window(self):
        return float(self.config["dynamics"]["hop_window"])

    def table(self, name):
        """Return a table by its path in the study, read once."""
        if name not in self.tables:
            self.tables[name] = pd.read_csv(self.folder / name, comment="#")
        return self.tables[name]

    def relaxation(self, T):
        """The one row of the summary of a temperature's relaxation."""
        return self.table(f"relaxation/summary/T{T:g}.csv").iloc[0]

    def blocks(self, T, delta, quantity):
        """Counts of the default window, (blocks, [all, rearranging], bins), and edges of bins."""
        with np.load(self.folder / f"prediction/T{T:g}/d{delta:g}/blocks.npz") as store:
            return store[f"dt{self.window:g}_{quantity}"], store[f"{quantity}_edges"]

    def arrhenius(self, name, quantity):
        """Rows of an Arrhenius table of the default delta and window."""
        table = select(self.table(f"prediction/d{self.delta:g}/{name}.csv"), quantity=quantity)
        return select(table, window=self.window) if "window" in table else table


def differs(what, table, points, close, absolute=False):
    """Say so if the value in a table is not that of the points."""
    if np.isnan(table) and np.isnan(points):
        return
    if not abs(table - points) <= close * (1.0 if absolute else abs(points)):
        yield f"{what} is {table:.6g}, the points give {points:.6g}"


# ---------------------------------------------------------------- what points give
def relaxation_numbers(curve):
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


def distribution_numbers(bins, peak, quantity):
    """Peak, shares on its soft side, AUC, mean and standard deviation from counts in bins.

    The shares are those beyond ``peak``, the one of the finer bins: the two places of the peak are
    compared for themselves.
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
    high = everyone > 0.5 * everyone.max()
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


def weighted_line(x, y, weights):
    """Intercept, slope and the slope's error of the weighted least-squares line."""
    (slope, intercept), cov = np.polyfit(x, y, 1, w=np.sqrt(weights), cov="unscaled")
    return intercept, slope, math.sqrt(cov[0, 0])


def logarithms(points):
    """1/T, ln P_R and its inverse variance."""
    p_r = points["p_r"].to_numpy()
    weights = (p_r / points["p_r_error"].to_numpy()) ** 2
    return 1 / points["T"].to_numpy(), np.log(p_r), weights


def barriers(points):
    """Arrhenius lines of every bin: ln P_R against 1/T."""
    rows = []
    for center, bin_points in points.groupby("bin_center"):
        intercept, slope, error = weighted_line(*logarithms(bin_points))
        rows.append((center, -slope, error, intercept))
    return pd.DataFrame(rows, columns=["bin_center", "barrier", "barrier_error", "ln_p0"])


def crossing(points, temperatures):
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


def slope_of_barriers(lines):
    """Weighted line through the barriers of the bins: slope, r squared, chi2 per freedom."""
    lines = lines[lines["barrier_error"] > 0]
    if len(lines) < 3:
        return dict.fromkeys(("barrier_slope", "r_squared", "line_chi2"), math.nan)
    x, y, error = (lines[name].to_numpy() for name in ("bin_center", "barrier", "barrier_error"))
    intercept, slope, _ = weighted_line(x, y, error**-2)
    left = ((y - intercept - slope * x) ** 2 / error**2).sum()
    spread = ((y - np.average(y, weights=error**-2)) ** 2 / error**2).sum()
    chi2 = left / (len(x) - 2)
    return {"barrier_slope": slope, "r_squared": 1 - left / spread, "line_chi2": chi2}


# ---------------------------------------------------------------- tables against points
def relaxation(results):
    """tau_alpha and p_c of every temperature."""
    for T in results.temperatures:
        found = relaxation_numbers(results.table(f"relaxation/T{T:g}.csv"))
        for name, value in zip(("tau_alpha", "p_c"), found, strict=True):
            what = f"relaxation/summary/T{T:g}.csv: {name}"
            yield from differs(what, results.relaxation(T)[name], value, CLOSE)


def distributions(results):
    """Summary of every temperature, delta, window and quantity; P_R."""
    for T in results.temperatures:
        for delta in results.deltas:
            place = f"prediction/T{T:g}/d{delta:g}"
            table = results.table(f"{place}/distributions.csv")
            some = table[table["count_all"] > 0]
            p_r = some["count_rearranging"] / some["count_all"]
            if not np.allclose(some["p_r"], p_r, rtol=1e-5):
                yield f"{place}/distributions.csv: p_r is not count_rearranging / count_all"
            rows = select(results.table(f"{place}/summary.csv"), lag="0")
            for (quantity, window), bins in table.groupby(["quantity", "window"]):
                what = f"{place}/summary.csv: {quantity}, window {window:g}"
                here = select(rows, quantity=quantity, window=window)
                if len(here) != 1:
                    yield f"{what} has {len(here)} rows"
                    continue
                yield from summary_row(what, here.iloc[0], bins, quantity)


def summary_row(what, row, bins, quantity):
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


def peaks(results):
    """The peak of each distribution is where its smooth curve is highest."""
    for T, delta in product(results.temperatures, results.deltas):
        place = f"prediction/T{T:g}/d{delta:g}"
        if not (results.folder / place / "curves.csv").exists():
            continue  # published before there were curves
        for quantity in QUANTITIES:
            curve = select(results.table(f"{place}/curves.csv"), quantity=quantity)
            rows = select(results.table(f"{place}/summary.csv"), quantity=quantity, lag="0")
            peak = select(rows, window=results.window)["peak"].iloc[0]
            if len(curve) > 1 and np.isfinite(peak):
                top = curve.loc[curve["density_all"].idxmax(), "value"]
                step = curve["value"].iloc[1] - curve["value"].iloc[0]
                what = f"{place}/summary.csv: peak of {quantity}"
                yield from differs(what, peak, top, 1.01 * step, absolute=True)


def arrhenius(results):
    """Barriers, their slope, the crossing and the collapse of the default delta and window."""
    for quantity in QUANTITIES:
        points, lines, row = (
            results.arrhenius(name, quantity)
            for name in ("arrhenius_points", "arrhenius", "crossing")
        )
        row, place, ours = row.iloc[0], f"prediction/d{results.delta:g}", barriers(points)
        if not len(ours) == len(lines) == row["n_bins"]:
            yield f"{place}: {len(lines)} lines, {len(ours)} bins of points ({quantity})"
            continue
        for name in ("barrier", "barrier_error", "ln_p0"):
            for center, *pair in zip(lines["bin_center"], lines[name], ours[name], strict=True):
                what = f"{place}/arrhenius.csv: {name} of {quantity} {center:g}"
                yield from differs(what, *pair, 10 * CLOSE)
        found = slope_of_barriers(ours) | {"T_cross": crossing(points, results.temperatures)}
        every = points.merge(ours, on="bin_center")
        distance = np.log(every["p_r"]) - every["ln_p0"] + every["barrier"] / every["T"]
        found["collapse_rms"] = (
            math.sqrt((distance**2).mean()) / math.log(10) if len(every) else math.nan
        )
        for name, value in found.items():
            what = f"{place}/crossing.csv: {name} of {quantity}"
            yield from differs(what, row[name], value, 10 * CLOSE)


def calibration(results):
    """The line c0 + c1 beta Phi_r and its fellows, through the temperatures."""
    cage, lines = (results.table(f"calibration/{name}.csv") for name in ("cage", "calibration"))
    axes = {
        "a": ("depth_q", "inverse_softness"),
        "b": ("depth_r", "depth_q"),
        "c": ("depth_r", "inverse_softness"),
    }
    for row in lines.to_dict("records"):
        points = select(cage, **{name: row[name] for name in ("q_max", "route", "harmonic_range")})
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


def equilibration(results):
    """Verdicts off their own columns, relaxation times and lengths from where they come."""
    minimum = results.config["equilibration"]["minimum_relaxation_times"]
    plans = results.table("state_points.csv").groupby("T").first()
    for row in results.table("equilibration.csv").to_dict("records"):
        here = f"equilibration.csv: T = {row['T']:g}, replica {row['replica']}"
        tau = results.relaxation(row["T"])["tau_alpha"]
        yield from differs(f"{here}: tau_alpha", row["tau_alpha"], tau, CLOSE)
        for name in ("equilibration_time", "production_time"):
            wanted = float(plans.loc[row["T"], name])
            yield from differs(f"{here}: {name}", row[name], wanted, 1e-9)
        shortest = min(row["equilibration_time"], row["production_time"])
        limit = stdtrit(max(row["blocks"] - 2, 1), 1 - 0.0027 / 2) * row["u_drift_error"]
        halves = sorted([row["tau_first"], row["tau_second"]])
        fine = (
            shortest >= minimum * row["tau_alpha"]
            and abs(row["u_drift"]) <= limit
            and not abs(row["u"] - row["u_reference"]) > math.hypot(3 * row["u_error"], 0.01)
            and halves[1] <= 1.5 * halves[0]
            and row["solid_fraction"] <= 0.1
        )
        if fine != (row["verdict"] == "equilibrated"):
            yield f"{here}: the verdict is {row['verdict']}, its columns say otherwise"


# ---------------------------------------------------------------- errors against blocks
def resample(blocks, draws, seed=1):
    """Return sums over all but one of the blocks, drawn with replacement, (draws, ...)."""
    share = np.full(len(blocks), 1 / len(blocks))
    weights = np.random.default_rng(seed).multinomial(max(len(blocks) - 1, 1), share, size=draws)
    return np.tensordot(weights, blocks, axes=1)


def between(runs, statistic):
    """Standard error of numbers off sums from the scatter between runs, (runs, ...); 0 of one."""
    n = len(runs)
    if n < 2:
        return 0.0
    without = np.array([statistic(np.delete(runs, k, axis=0).sum(axis=0)) for k in range(n)])
    return stdtrit(n - 1, 0.8413) * np.sqrt((n - 1) * without.var(axis=0))


def runs_of(blocks, n_runs):
    """Sums over the blocks of each run."""
    return np.array([part.sum(axis=0) for part in np.split(blocks, n_runs)])


def scatter(what, table, values, larger=ERROR_FACTOR, runs=0.0, more=0.0):
    """Say so if an error is far from the scatter of resampled values, ``larger`` times at most.

    ``runs``: the error from the scatter between runs, which counts where it is larger; ``more``:
    what an error may contain beside them.
    """
    values = np.asarray(values)[np.isfinite(values)]
    if len(values) < 10 or not np.isfinite(table):
        return
    # half the distance of the 16 and 84 % quantiles is blind to a few wild resamples
    low, middle, high = np.quantile(values, [0.16, 0.5, 0.84])
    least, most = sorted([values.std(), (high - low) / 2])
    least, most = np.fmax([least, most], runs)
    most = math.hypot(most, more)
    if not least / ERROR_FACTOR - 1e-9 <= table <= most * larger + 1e-9 * abs(middle):
        yield f"{what} is {table:.3g}, blocks and runs scatter by {least:.3g} to {most:.3g}"


def curve_of(times, sums):
    """Return the relaxation curves of moments: number, sums of r^2 and r^4, and of the overlap."""
    with np.errstate(invalid="ignore", divide="ignore"):
        count, r2, r4, overlap = sums.T
        alpha = 0.6 * (r4 / count) / (r2 / count) ** 2 - 1
        curve = {"time": times, "overlap": overlap / count, "alpha_2": alpha, "msd": r2 / count}
    return pd.DataFrame(curve)


def relaxation_errors(results):
    """Errors of tau_alpha and p_c."""
    for T in results.temperatures:
        runs = [results.folder / f"relaxation/T{T:g}/r{k}.npz" for k in range(results.replicas)]
        here = {"results": results.folder.parent, "study": results.folder.name}
        runs += further_quenches(results.config | here, T)
        moments, row = [np.load(path) for path in runs], results.relaxation(T)
        blocks = pool([run["sums"] for run in moments], int(row["blocks"]))

        def numbers(sums, times=moments[0]["times"]):
            return relaxation_numbers(curve_of(times, sums))

        found = zip(*map(numbers, resample(blocks, 200)), strict=True)
        apart = between(runs_of(blocks, len(runs)), numbers) + np.zeros(2)
        for name, values, error in zip(("tau_alpha", "p_c"), found, apart, strict=True):
            what = f"relaxation/summary/T{T:g}.csv: {name}_error"
            yield from scatter(what, row[f"{name}_error"], values, runs=error)


def share_errors(results):
    """Errors of the shares and the AUC of the default window."""
    for T in results.temperatures:
        for delta in results.deltas:
            for quantity in QUANTITIES:
                yield from share_errors_of(results, T, delta, quantity)


def share_errors_of(results, T, delta, quantity):
    """The same for one temperature, delta and quantity."""
    place = f"prediction/T{T:g}/d{delta:g}"
    here, rows = f"{place}: {quantity}", {"quantity": quantity, "window": results.window}
    bins = select(results.table(f"{place}/distributions.csv"), **rows)
    counts, _ = results.blocks(T, delta, quantity)
    total = counts.sum(axis=0)
    if not (total == bins[["count_all", "count_rearranging"]].to_numpy().T).all():
        yield f"{here}: distributions.csv does not have the counts of blocks.npz"
        return
    if len(counts) < FEWEST_BLOCKS or (delta != results.delta and quantity == "depth"):
        return
    row = select(results.table(f"{place}/summary.csv"), **rows, lag="0").iloc[0]

    def numbers(sums):
        again = bins.assign(count_all=sums[0], count_rearranging=sums[1])
        found = distribution_numbers(again, row["peak"], quantity)
        return [found.get(name, math.nan) for name in ("share_rearranging", "auc")]

    found = zip(*map(numbers, resample(counts, 60)), strict=True)
    apart = between(runs_of(counts, results.replicas), numbers) + np.zeros(2)
    # the peak, which stays where it is here, moves by its own error in the study
    height = np.interp(row["peak"], bins["bin_center"], bins["density_rearranging"])
    moved = np.nan_to_num(height * row["peak_error"])
    names = ("share_rearranging", SHARE_ERROR_FACTOR, moved), ("auc", ERROR_FACTOR, 0.0)
    for (name, most, more), values, error in zip(names, found, apart, strict=True):
        what = f"{here}: {name}_error"
        yield from scatter(what, row[f"{name}_error"], values, most, error, more)


def crossing_errors(results):
    """The interval of the crossing temperature, by the library's crossing of resampled blocks."""
    for quantity in QUANTITIES:
        points = results.arrhenius("arrhenius_points", quantity)
        row = results.arrhenius("crossing", quantity).iloc[0]
        if points.empty or not np.isfinite(row["T_low"] + row["T_high"]):
            continue
        points = points.assign(weight=(points["p_r"] / points["p_r_error"]) ** 2)
        weights = points.pivot(index="T", columns="bin_center", values="weight").fillna(0.0)
        counts = []
        for T in weights.index:
            blocks, edges = results.blocks(T, results.delta, quantity)
            counts.append(blocks[:, :, np.searchsorted(edges, weights.columns) - 1])
        crossings = [crossings_of(counts, weights, n_runs) for n_runs in (1, results.replicas)]
        what = f"prediction/d{results.delta:g}/crossing.csv: (T_high - T_low) / 4 of {quantity}"
        low, high = np.nanquantile(crossings[1], [0.16, 0.84])
        error = (row["T_high"] - row["T_low"]) / 3.92
        yield from scatter(what, error, crossings[0], runs=(high - low) / 2)


def crossings_of(counts, weights, n_runs):
    """Crossing temperatures of resampled blocks, with or without the scatter between runs."""
    drawn = [
        bootstrap(blocks, rearranging_share, 100, [1, k], n_runs)[2]
        for k, blocks in enumerate(counts)
    ]
    T, weights = weights.index.to_numpy(), weights.to_numpy()
    places = [crossing_temperature(T, np.array(p_r), weights) for p_r in zip(*drawn, strict=True)]
    return np.array(places)


# ---------------------------------------------------------------- made again
def same(results, name, text):
    """Say which lines of a file are others when it is made again."""
    there = (results.folder / name).read_text(encoding="utf-8")
    pairs = zip_longest(there.splitlines(keepends=True), text.splitlines(keepends=True))
    for k, (line, again) in enumerate(pairs, start=1):
        if line != again:
            yield f"{name}, line {k}, is {line!r}, made again it is {again!r}"


def calibration_again(results):
    """``calibration.csv`` from the cages."""
    _, lines = calibrate([results.table("calibration/cage.csv")])
    text = lines.to_csv(index=False, float_format="%.8g")
    yield from same(results, "calibration/calibration.csv", text)


def summary_again(results):
    """``SUMMARY.md`` from the tables and the verdict."""
    names = ("comparison", "equilibration", "interpretations", "costs", "provenance")
    tables = {name: results.table(f"{name}.csv") for name in names}
    verdict = (results.folder / "interpretations/verdict.md").read_text(encoding="utf-8")
    yield from same(results, "SUMMARY.md", summary(results.config["study"], verdict, **tables))


def comparison_again(results):
    """``comparison.csv`` from the tables below it."""
    T, delta = [f"T{T:g}" for T in results.temperatures], f"d{results.delta:g}"
    folder, prediction = results.folder, results.folder / "prediction"
    files = {
        "relaxation": [folder / f"relaxation/summary/{t}.csv" for t in T],
        "summary": [prediction / f"{t}/d{d:g}/summary.csv" for t in T for d in results.deltas],
        "distributions": prediction / T[0] / delta / "distributions.csv",
        "arrhenius": prediction / delta / "arrhenius.csv",
        "crossing": prediction / delta / "crossing.csv",
        "correlation": prediction / "correlation_summary.csv",
        "groups": [folder / f"propagator/{t}/mean_softness.csv" for t in T],
        "c_s": folder / f"propagator/{T[0]}/correlation.csv",
        "propagator": folder / f"propagator/{T[0]}/propagator.csv",
        "overlap": folder / f"relaxation/{T[0]}.csv",
        "equilibration": folder / "equilibration.csv",
    }
    claims, mixture = results.config["claims"], Mixture.from_dict(results.config["mixture"])
    applicable = is_kob_andersen(mixture, results.config["system"]["density"])
    tables = read_results(
        files, results.temperatures, results.deltas, results.delta, results.window
    )
    table = compare(claims, tables, applicable)
    yield from same(results, "comparison.csv", table.to_csv(index=False, float_format="%.4g"))


# ---------------------------------------------------------------- files as they were made
def files(results):
    """Each file that ``commits.csv`` names has the SHA-256 of what its rule made."""
    if not (results.folder / "commits.csv").is_file():
        return
    for row in results.table("commits.csv").itertuples():
        path = results.folder / row.file
        if not path.is_file():
            yield f"commits.csv names {row.file}, which is not there"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256:
            yield f"{row.file} is not the file that commits.csv names: python -m study commits"


# ---------------------------------------------------------------- all of it
CHECKS = (
    *(relaxation, distributions, peaks, arrhenius, calibration, equilibration),
    *(relaxation_errors, share_errors, crossing_errors),
    *(calibration_again, comparison_again, summary_again),
    files,
)


def problems(folder):
    """Return what does not fit in the results of a study, a line each."""
    results = Results(Path(folder))
    return [line for check in CHECKS for line in check(results)]
