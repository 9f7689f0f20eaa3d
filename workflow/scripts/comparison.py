"""The paper's numbers and statements beside ours: value, standard error, distance and a verdict.

Numbers (config key ``claims``):

- p_c, tau_alpha: of one temperature, over all its runs;
- soft_share, soft_share_delta: share of the rearranging particles that are softer than the peak of
  P(S); the note says which share of all particles is, and the ROC AUC, because the peak moves;
- shallow_share: the same for depths below the peak of P(-beta Phi_r);
- onset_softness, onset_depth: where the Arrhenius lines cross, error from the 95 % interval;
- barrier_low, barrier_high: the smallest and largest barrier Delta E(S) of a bin;
- softness_low, softness_high: mean softness of the hardest and softest group at one temperature,
  softness_high_all: the latter's largest value over the temperatures.

Statements (``trend_*``) are yes/no checks with a number; the note says what the number is and what
was asked of it. In a study of another liquid the statements are asked all the same, the numbers are
*not applicable*. Where a state point is not equilibrated, numbers that live on a time scale get no
verdict, and all others a note.

Outputs: ``comparison.csv``, and the same as a page, ``comparison.html``.
"""

import math
from itertools import product

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.model import Mixture
from softcage.paper.verdicts import (
    CLEAR,
    NOT_APPLICABLE,
    NOT_MEASURABLE,
    clear,
    falls,
    holds,
    is_the_papers,
    last_digit,
    overlap_distance,
    plateau,
    rises,
    verdict,
)
from softcage.tables import html_page, plus_minus, select

QUANTITIES = {
    "p_c": "threshold p_c",
    "tau_alpha": "relaxation time tau_alpha",
    "soft_share": "rearranging particles softer than the peak of P(S)",
    "soft_share_delta": "rearranging particles softer than the peak of P(S)",
    "shallow_share": "rearranging particles shallower than the peak of P(-beta Phi_r)",
    "onset_softness": "onset temperature from P_R(S)",
    "onset_depth": "onset temperature from P_R(-beta Phi_r)",
    "barrier_low": "smallest barrier Delta E(S)",
    "barrier_high": "largest barrier Delta E(S)",
    "softness_low": "softness of the hardest group",
    "softness_high": "softness of the softest group",
    "softness_high_all": "softness of the softest group, all T",
}
# Without equilibrium these have no meaning, whatever their error bar.
ON_A_TIME_SCALE = {
    "p_c",
    "tau_alpha",
    "onset_softness",
    "onset_depth",
    "barrier_low",
    "barrier_high",
}
STATEMENTS_ON_A_TIME_SCALE = {"trend_two_step", "trend_propagator", "trend_mean"}
WITH_DELTA = {"soft_share", "soft_share_delta", "shallow_share"}
NOTHING = (math.nan, math.nan, "")
TWO_STEP_RATIO = 0.5
AVERAGE_FORM = 0.1
SPREAD_LEFT = 0.1
STRONG = 0.8
LINEAR = 0.9
NOISE_CHI2 = 1.5
COLLAPSE_DECADES = 0.1


# ---------------------------------------------------------------- numbers
def one(table, **wanted):
    """Return the one row of a table with these values, None if there is none."""
    rows = select(table, **wanted)
    return None if rows.empty else rows.iloc[0]


def share(summary, quantity, window):
    """Return the share of rearranging particles on the soft side, with that of all."""
    row = one(summary, quantity=quantity, window=window, lag="0")
    if row is None:
        return NOTHING
    side = "softer" if quantity == "softness" else "shallower"
    note = f"{row['share_all']:.3f} of all particles are {side}; ROC AUC {row['auc']:.3f}"
    if row.get("n_invalid", 0) > 0:
        part = row["n_invalid"] / row["n_values"]
        note += f"; {part:.2g} of all values have 1/S <= 0 and count as softest"
    return row["share_rearranging"], row["share_rearranging_error"], note


def crossing(table, quantity, window):
    """Return the crossing temperature; its error is that of the 95 % interval's width."""
    row = one(table, quantity=quantity, window=window)
    if row is None or not np.isfinite(row["T_cross"]):
        return math.nan, math.nan, "the lines of this study do not cross"
    error = (row["T_high"] - row["T_low"]) / (2 * 1.96)
    note = f"95 % interval {row['T_low']:.3g} to {row['T_high']:.3g}"
    if row["share_crossing"] < 0.9:
        return row["T_cross"], math.nan, f"{note}, but the lines of many resamples do not cross"
    return row["T_cross"], error, note


def barrier(table, window, pick):
    """Return the smallest or largest barrier over the bins of softness."""
    table = table[(table["quantity"] == "softness") & np.isclose(table["window"], window)]
    table = table.dropna(subset=["barrier"])
    if table.empty:
        return math.nan, math.nan, "no bin has a fit"
    row = table.loc[table["barrier"].idxmin() if pick == "low" else table["barrier"].idxmax()]
    note = f"S = {row['bin_center']:.4g}, {len(table)} bins"
    return row["barrier"], row["barrier_error"], note


def group_softness(table, pick):
    """Return the initial mean softness of the hardest or softest group."""
    first = table[table["time"] == table["time"].min()].dropna(subset=["mean"])
    if first.empty:
        return NOTHING
    row = first.loc[first["mean"].idxmin() if pick == "low" else first["mean"].idxmax()]
    note = f"{len(first)} groups; the paper's number is rounded; q_max sets the scale of S"
    return row["mean"], row["mean_error"], note


def measure(claim, tables, window):
    """Return our value, its standard error and a note for one claim."""
    name, temperature, delta = claim["id"], claim.get("T"), claim["delta"]
    if name in ("p_c", "tau_alpha"):
        row = tables["relaxation"].get(temperature)
        return NOTHING if row is None else (row[name], row[f"{name}_error"], "")
    if name in WITH_DELTA:
        summary = tables["summary"].get((temperature, delta))
        quantity = "depth" if name == "shallow_share" else "softness"
        return NOTHING if summary is None else share(summary, quantity, window)
    if name in ("onset_softness", "onset_depth"):
        return crossing(tables["crossing"], name.removeprefix("onset_"), window)
    if name in ("barrier_low", "barrier_high"):
        return barrier(tables["arrhenius"], window, name.removeprefix("barrier_"))
    groups = tables["groups"]
    if name == "softness_high_all":
        found = [group_softness(table, "high") for table in groups.values()]
        return max(found, key=lambda entry: np.nan_to_num(entry[0], nan=-math.inf))
    table = groups.get(temperature)
    return NOTHING if table is None else group_softness(table, name.removeprefix("softness_"))


def compare(claims, tables, too_short, default_delta, window, applicable=True):
    """Return a row for each claim; without verdicts if the liquid is not the paper's."""
    rows = []
    for claim in claims:
        claim = {"delta": default_delta, **claim}
        name, temperature = claim["id"], claim.get("T")
        ours, error, note = measure(claim, tables, window)
        rounding = last_digit(claim["value"]) if name.startswith("softness_") else 0.0
        n_sigma, words = verdict(claim["value"], ours, error, rounding)
        used = sorted(tables["relaxation"]) if temperature is None else [temperature]
        short = [f"{T:g}" for T in used if T in too_short]
        if temperature is not None and temperature not in tables["relaxation"]:
            note = "no such temperature in this study"
        elif name in WITH_DELTA and (used[0], claim["delta"]) not in tables["summary"]:
            note = "no such delta in this study"
        elif short:
            note = "; ".join(filter(None, [note, f"too short: T = {', '.join(short)}"]))
            if name in ON_A_TIME_SCALE:
                n_sigma, words = math.nan, NOT_MEASURABLE
        if not applicable:
            n_sigma, words = math.nan, NOT_APPLICABLE
        rows.append(
            {
                "id": name,
                "quantity": QUANTITIES[name],
                "T": temperature,
                "delta": None if name in ("p_c", "tau_alpha") else claim["delta"],
                "paper": claim["value"],
                "ours": ours,
                "standard_error": error,
                "n_sigma": n_sigma,
                "verdict": words,
                "note": note,
            }
        )
    return pd.DataFrame(rows)


# ---------------------------------------------------------------- statements
def over_temperatures(tables, delta, quantity, window, column):
    """Values and errors of a column of the summaries (lag 0), from the highest T to the lowest."""
    rows = [
        one(tables["summary"][T, delta], quantity=quantity, window=window, lag="0")
        for T in sorted(tables["relaxation"], reverse=True)
    ]
    found = [row for row in rows if row is not None]
    return (
        np.array([row[column] for row in found]),
        np.array([row[f"{column}_error"] for row in found]),
    )


def both(first, second):
    """Logical and of answers that may be None (not known)."""
    return None if first is None or second is None else first and second


def ratio_of_ends(values, errors):
    """Last over first value of a series, with its error."""
    if len(values) < 2:
        return math.nan, math.nan
    ratio = values[-1] / values[0]
    return ratio, abs(ratio) * math.hypot(errors[0] / values[0], errors[-1] / values[-1])


def distribution_trend(tables, delta, window, quantity, direction):
    """Width and mean of a distribution on cooling: the depth grows in both, S falls in both."""
    width = over_temperatures(tables, delta, quantity, window, "std")
    mean = over_temperatures(tables, delta, quantity, window, "mean")
    number, error = ratio_of_ends(*width)
    ratio, _ = ratio_of_ends(*mean)
    note = f"width at the lowest over that at the highest T; ratio of the means {ratio:.3g}"
    return number, error, both(direction(*width), direction(*mean)), note


def stronger_on_cooling(tables, delta, window):
    """ROC AUC of the softness rises on cooling."""
    auc, error = over_temperatures(tables, delta, "softness", window, "auc")
    if len(auc) < 2:
        return *NOTHING[:2], None, ""
    note = "ROC AUC at the lowest T less that at the highest"
    return auc[-1] - auc[0], math.hypot(error[0], error[-1]), rises(auc, error), note


def two_step(tables, tau_alpha):
    """C_S(t) of the lowest T has a plateau, as q(t) has."""
    table, overlap = tables["c_s"], tables["overlap"]
    time, ratio = plateau(table["time"], table["c_s"])
    q_time, q_ratio = plateau(overlap["time"], overlap["overlap"])
    reached = np.isfinite(tau_alpha) and table["time"].max() >= tau_alpha
    note = (
        f"smallest over largest rate of decay, < {TWO_STEP_RATIO:g}; plateau at t = {time:.3g}, "
        f"that of q(t) at {q_time:.3g} ({q_ratio:.2g}); longest time {table['time'].max():.4g}"
    )
    answer = bool(ratio < TWO_STEP_RATIO and np.isfinite(time)) if reached else None
    return ratio, math.nan, answer, note


def average_form(tables, window, tau_alpha):
    """G(S, S0, t) of the longest time is P(S)."""
    g = tables["propagator"].dropna(subset=["density"])
    p = tables["distributions"]
    p = p[(p["quantity"] == "softness") & np.isclose(p["window"], window)]
    if g.empty or p.empty:
        return *NOTHING[:2], None, "no particles"
    last = g[g["time"] == g["time"].max()].sort_values("bin_center")
    width = p["bin_width"].iloc[0]
    average = np.interp(last["bin_center"], p["bin_center"], p["density_all"])
    error = last["density_error"].to_numpy()
    distance, noise = overlap_distance(average, last["density"].to_numpy(), width, error)
    time = last["time"].iloc[0]
    note = f"distance of the two at t = {time:g}, less noise {noise:.2g}: < {AVERAGE_FORM:g}"
    reached = np.isfinite(tau_alpha) and time >= tau_alpha
    return distance, math.nan, (distance - noise < AVERAGE_FORM) if reached else None, note


def groups_meet(table, tau_alpha):
    """Mean softness of the groups of initial softness at the longest time that all have."""
    wide = table.pivot(index="time", columns="group", values="mean").dropna()
    errors = table.pivot(index="time", columns="group", values="mean_error")
    if len(wide) < 2 or wide.shape[1] < 2:
        return *NOTHING[:2], None, "no particles"
    spread = wide.max(axis=1) - wide.min(axis=1)
    time = spread.index[-1]
    ratio = spread.iloc[-1] / spread.iloc[0]
    ends = errors.loc[time, [wide.loc[time].idxmax(), wide.loc[time].idxmin()]].to_numpy()
    error = float(np.hypot(*ends)) / spread.iloc[0]
    note = f"spread of the groups' means at t = {time:.4g} over that at first: < {SPREAD_LEFT:g}"
    answer = None
    if np.isfinite(tau_alpha) and time >= tau_alpha:
        answer = bool(ratio < SPREAD_LEFT + CLEAR * np.nan_to_num(error))
    return ratio, error, answer, note


def barrier_falls(row):
    """Delta E falls with S."""
    slope, error = row["barrier_slope"] * 1e-3, row["barrier_slope_error"] * 1e-3
    return (
        slope,
        error,
        clear(-slope, error),
        f"slope for each 0.001 of S, {row['n_bins']:.0f} bins",
    )


def barrier_linear(row):
    """Delta E is linear in the depth; scatter that is all noise leaves the question open."""
    note = (
        f"r^2 over {row['n_bins']:.0f} bins, at least {LINEAR:g}; "
        f"chi^2 of the line per degree of freedom {row['line_chi2']:.2g}"
    )
    number, error, answer, _ = limit_check(row["r_squared"], row["r_squared"] >= LINEAR, note)
    unresolved = answer is False and row["line_chi2"] < NOISE_CHI2
    return number, error, None if unresolved else answer, note


def limit_check(number, answer, note):
    """A number without an error against a limit; no answer without a number."""
    return number, math.nan, bool(answer) if np.isfinite(number) else None, note


def windows_agree(summary, lag="0"):
    """Rearranging particles are softer whatever the window of p_hop."""
    rows = summary[(summary["quantity"] == "softness") & (summary["lag"].astype(str) == lag)]
    excess, error = rows["auc"] - 0.5, rows["auc_error"]
    if len(rows) < 2 or not np.isfinite(excess + error).all():
        return *NOTHING[:2], None, "no frames for the longest window"
    k = (excess / error).idxmin()
    values = ", ".join(f"{w:g}: {a:.3f}" for w, a in zip(rows["window"], rows["auc"], strict=True))
    answers = [clear(*pair) for pair in zip(excess, error, strict=True)]
    answer = False if False in answers else None if None in answers else True
    return excess[k], error[k], answer, f"least clear ROC AUC less 0.5; AUC at window {values}"


def statements(tables, too_short, delta, window):
    """Return a row for each of the paper's statements."""
    lowest = min(tables["relaxation"])
    tau = tables["relaxation"][lowest]["tau_alpha"]
    line = {
        quantity: one(tables["crossing"], quantity=quantity, window=window)
        for quantity in ("softness", "depth")
    }
    correlation = tables["correlation"]
    others = correlation[~np.isclose(correlation["delta"], delta)]["spearman"]
    weakest = others.min() if len(others) else math.nan
    rms = line["softness"]["collapse_rms"]
    checks = [
        (
            "trend_depth",
            "P(-beta Phi) broadens and deepens on cooling",
            None,
            distribution_trend(tables, delta, window, "depth", rises),
        ),
        (
            "trend_softness",
            "P(S) narrows and shifts down on cooling",
            None,
            distribution_trend(tables, delta, window, "softness", falls),
        ),
        (
            "trend_prediction",
            "softness predicts rearrangements better on cooling",
            None,
            stronger_on_cooling(tables, delta, window),
        ),
        (
            "trend_two_step",
            "C_S(t) decays in two steps, as q(t) does",
            lowest,
            two_step(tables, tau),
        ),
        (
            "trend_propagator",
            "G(S, S0, t) reaches the average form",
            lowest,
            average_form(tables, window, tau),
        ),
        (
            "trend_mean",
            "<S(t)> of all groups meets the mean beyond tau_alpha",
            lowest,
            groups_meet(tables["groups"][lowest], tau),
        ),
        (
            "trend_barrier_softness",
            "the barrier falls with the softness",
            None,
            barrier_falls(line["softness"]),
        ),
        (
            "trend_barrier_depth",
            "the barrier is linear in the depth",
            None,
            barrier_linear(line["depth"]),
        ),
        (
            "trend_collapse",
            "P_R / P_0 against Delta E / T collapses",
            None,
            limit_check(
                rms,
                rms <= COLLAPSE_DECADES,
                f"r.m.s. distance from the common line in decades, at most {COLLAPSE_DECADES:g}",
            ),
        ),
        (
            "trend_delta",
            "softness at different delta correlates strongly",
            lowest,
            limit_check(
                weakest,
                weakest >= STRONG,
                f"smallest rank correlation with delta = {delta:g}, at least {STRONG:g}",
            ),
        ),
        (
            "trend_window",
            "windows of 15 to 75 for p_hop give the same picture",
            lowest,
            windows_agree(tables["summary"][lowest, delta]),
        ),
    ]
    rows = []
    for name, statement, temperature, (number, error, answer, note) in checks:
        used = sorted(tables["relaxation"]) if temperature is None else [temperature]
        short = [f"{T:g}" for T in used if T in too_short]
        if short:
            note = "; ".join(filter(None, [note, f"too short: T = {', '.join(short)}"]))
            answer = None if name in STATEMENTS_ON_A_TIME_SCALE else answer
        rows.append(
            {
                "id": name,
                "quantity": statement,
                "T": temperature,
                "delta": delta,
                "paper": None,
                "ours": number,
                "standard_error": error,
                "n_sigma": math.nan,
                "verdict": holds(answer),
                "note": note,
            }
        )
    return pd.DataFrame(rows)


# ---------------------------------------------------------------- the tables
INTRODUCTION = """
Study {study}. Numbers are ours ± one standard error (bootstrap over time blocks and replicas); the
paper gives no errors, so distances count ours alone.

S is the softness of the cage around an A particle (A is the larger kind), -beta Phi its depth in
k_B T, delta the width with which neighbours are smeared. All in reduced Lennard-Jones units.

Not measurable at this scale: there is no number, no error bar, or no clear answer. Too short:
temperatures that are not equilibrated (see the equilibration table); numbers on a time scale have
no verdict there.

{invalid}
"""


def parts_for_people(parts):
    """The tables of a page by heading; a study without claims has no numbers of the paper."""
    return {heading: for_people(part) for heading, part in parts.items() if len(part)}


def for_people(table):
    """Return the columns of the page; the CSV file has all of them."""
    page = pd.DataFrame({"quantity": table["quantity"], "T": table["T"], "delta": table["delta"]})
    if table["paper"].notna().any():
        page["paper"] = table["paper"]
    page["ours"] = [
        plus_minus(*pair) for pair in zip(table["ours"], table["standard_error"], strict=True)
    ]
    if table["n_sigma"].notna().any():
        page["distance in sigma"] = [
            f"{n:+.1f}" if np.isfinite(n) else "" for n in table["n_sigma"]
        ]
    return page.assign(verdict=table["verdict"], note=table["note"])


def colour(row):
    """Class of a row of the page."""
    if row["verdict"].startswith(("agrees", "holds")):
        return "good"
    return "open" if row["verdict"] in (NOT_MEASURABLE, NOT_APPLICABLE) else "bad"


def words_on_invalid(summaries):
    """Say how many values of all temperatures and widths have no softness."""
    rows = [
        row for table in summaries.values() if (row := one(table, quantity="softness")) is not None
    ]
    invalid, values = (int(sum(row[name] for row in rows)) for name in ("n_invalid", "n_values"))
    return (
        f"{invalid} of {values} values of the softness (all T and delta) have 1/S = "
        "c0 + c1 beta Phi <= 0; they count as softer than all others."
    )


def read_tables(files, temperatures, delta_values):
    """Read everything the comparison uses, keyed by temperature (and delta)."""
    relaxation = [pd.read_csv(path).iloc[0] for path in files.relaxation]
    summaries = [pd.read_csv(path) for path in files.summary]
    groups = [pd.read_csv(path) for path in files.groups]
    return {
        "relaxation": dict(zip(temperatures, relaxation, strict=True)),
        "summary": dict(zip(product(temperatures, delta_values), summaries, strict=True)),
        "groups": dict(zip(temperatures, groups, strict=True)),
        "arrhenius": pd.read_csv(files.arrhenius),
        "crossing": pd.read_csv(files.crossing),
        "c_s": pd.read_csv(files.c_s),
        "overlap": pd.read_csv(files.overlap),
        "propagator": pd.read_csv(files.propagator),
        "distributions": pd.read_csv(files.distributions),
        "correlation": pd.read_csv(files.correlation),
    }


def main(snakemake):
    """Write the comparison as a table and as a page."""
    files, p = snakemake.input, snakemake.params
    with logged(snakemake.log[0]) as log:
        tables = read_tables(files, p.temperatures, p.delta_values)
        checks = pd.read_csv(files.equilibration)
        too_short = set(checks.loc[checks["verdict"] != "equilibrated", "T"])
        applicable = is_the_papers(Mixture.from_dict(p.mixture), p.density)
        numbers = compare(p.claims, tables, too_short, p.delta, p.window, applicable)
        trends = statements(tables, too_short, p.delta, p.window)
        parts = [part.astype(object) for part in (numbers, trends) if len(part)]
        table = pd.concat(parts, ignore_index=True).infer_objects()
        with replacing(snakemake.output.table) as path:
            table.to_csv(path, index=False, float_format="%.4g")
        parts = parts_for_people({"Numbers": numbers, "Statements": trends})
        introduction = INTRODUCTION.format(
            study=p.study, invalid=words_on_invalid(tables["summary"])
        )
        page = html_page(parts, "The paper's numbers and ours", introduction, colour)
        with replacing(snakemake.output.page) as path:
            path.write_text(page, encoding="utf-8")
        log.info("\n%s", table.to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
