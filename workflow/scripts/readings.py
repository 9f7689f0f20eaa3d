"""Where the paper is open to more than one reading: what each reading gives.

One row a reading: at the lowest temperature the share of rearranging particles softer than the
peak, the same share of all particles and the ROC AUC; over all temperatures where the Arrhenius
lines cross and the range of the barriers. Errors are a bootstrap over time blocks and replicas.

Three sources: the tables of every frame (lag, P_R, window, delta); scores of thinned frames with
other terms, weights or positions (:mod:`reading_scores`); and the same with another line 1/S = c0 +
c1 beta Phi, whose ranks are the same. Bins of S grow with its scale, so that every reading is as
well resolved. Rows of thinned frames compare with their own default row, which has the same frames.

``paper`` says where the paper's words or equations speak for a reading. ``without_softness`` is the
share of particles at the lowest temperature with 1/S <= 0, counted as softer than all others.

Outputs: ``readings.csv``, and the same as a page, ``readings.html``.
"""

import h5py
import numpy as np
import pandas as pd

from softcage.cage.calibration import linear_calibration, softness_from_depth
from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.model import Mixture
from softcage.prediction.counts import fine_edges
from softcage.prediction.variants import (
    SHARES,
    arrhenius_numbers,
    mean_terms,
    run_counts,
    scaled_bins,
    shares,
    weight_matrix,
)
from softcage.tables import html_page

# name, lag of the summary, words of the paper
LAGS = (
    ("same frame", "0", "p_hop(t) > p_c and S(t), one frame"),
    ("Dt/2 earlier", "half_window", ""),
    ("onset of the event", "onset", "'just before they undergo a rearrangement' (App. B)"),
    ("strictly ahead", "ahead", "'about to rearrange' (Fig. 4)"),
)
FRACTIONS = (
    ("above p_c in a frame", "0", "'when p_hop > p_c ... a rearrangement event'"),
    ("an event starts, per frame", "onset", ""),
    ("an event starts within Dt", "within", ""),
)
# name, rule of the weights, g of Eq. 8 divided by x_v, calibrated against all pairs, paper
WEIGHTINGS = (
    ("sqrt(x_u x_v), g/x_v", "sqrt(x_u x_v)", True, False, "Eqs. 5 and B2"),
    ("x_u x_v (or x_v), g/x_v", "x_u x_v", True, False, ""),
    ("none, g/x_v", "1", True, False, ""),
    ("sqrt(x_u x_v), g as in Eq. 8", "sqrt(x_u x_v)", False, False, "Eqs. 5 and 8 as printed"),
    ("none, g as in Eq. 8", "1", False, False, ""),
    ("line from all pairs, with BB", "sqrt(x_u x_v)", True, True, "Eq. 5 as a sum over u, v"),
)


def lag_key(window, lag):
    """Key of the counts of a lag in the blocks of the prediction."""
    return f"dt{window:g}_softness" + ("" if lag == "0" else f"_{lag}")


def from_summary(table, window, lag):
    """Shares and AUC from a row of the summary of the prediction."""
    chosen = (table["quantity"] == "softness") & np.isclose(table["window"], window)
    row = table[chosen & (table["lag"].astype(str) == lag)]
    names = [*SHARES, *(f"{name}_error" for name in SHARES)]
    return {name: float(row[name].iloc[0]) if len(row) else np.nan for name in names}


def read_scores(paths, hops, name, window, score, p_c=None):
    """Return (depth, moving) of the thinned frames of every run of one temperature."""
    runs = []
    for path, hop in zip(paths, hops, strict=True):
        with h5py.File(path) as store, h5py.File(hop) as h:
            frames, values = store[name]["frame"][:], store[name]["values"][:]
            group = h[f"dt{window:g}"]
            threshold = group.attrs["p_c"] if p_c is None else p_c(group.attrs["p_c"])
            rows = np.searchsorted(group["frame"][:], frames)
            moving = group["p_hop"][rows] > threshold if len(rows) else np.zeros((0, 0), dtype=bool)
            runs.append((score(values), moving) if len(rows) else (np.zeros((0, 0)), moving))
    return runs


class Study:
    """What every reading needs: tables, parameters and the default's scale of S."""

    def __init__(self, snakemake):
        p, files = snakemake.params, snakemake.input
        self.p, self.temperatures = p, list(p.temperatures)
        n = len(self.temperatures)
        relaxation = pd.concat([pd.read_csv(path) for path in files.relaxation])
        self.blocks = dict(zip(self.temperatures, relaxation["blocks"].astype(int), strict=True))
        self.scores = dict(zip(self.temperatures, np.array_split(files.scores, n), strict=True))
        self.hops = dict(zip(self.temperatures, np.array_split(files.hops, n), strict=True))
        self.curves = {
            T: dict(np.load(path)) for T, path in zip(self.temperatures, files.curves, strict=True)
        }
        self.lines = pd.read_csv(files.lines).query("relation == 'c'")
        cages = pd.read_csv(files.cages)
        own = np.isclose(cages["q_max"], p.q_max) & (cages["route"] == p.route)
        self.cages = cages[own].set_index("T").loc[self.temperatures]
        self.mixture = Mixture.from_dict(p.mixture)
        self.x = np.asarray(self.curves[self.temperatures[0]]["fractions"])
        self.weights = weight_matrix("sqrt(x_u x_v)", self.x)[0]
        self.line = self.own_line(p.q_max, p.route)
        self.typical = self.typical_softness(self.depths("terms", self.plain), self.line)

    def plain(self, terms):
        """Depth with the default weights."""
        return terms @ self.weights

    def own_line(self, q_max, route):
        """(c0, c1) of the calibration at another upper limit or route."""
        chosen = np.isclose(self.lines["q_max"], q_max) & (self.lines["route"] == route)
        row = self.lines[chosen].iloc[0]
        return row["intercept"], row["slope"]

    def fitted_line(self, rule, per_fraction, all_pairs):
        """(c0, c1) with other weights of the pairs in the average liquid (Eq. 7)."""
        w, depths = weight_matrix(rule, self.x), []
        for T, c in self.curves.items():
            g = c["g"] if per_fraction else c["g"] * self.x[None, :, None]
            density = float(c["density"])
            terms = mean_terms(c["r"], g, self.mixture.potential, T, density, c["r0"], c["r_min"])
            depths.append((w * terms).sum() if all_pairs else (w * terms)[0].sum())
        depths = np.array(depths)
        error = np.abs(depths / self.cages["depth_r"]) * self.cages["depth_r_error"]
        line = linear_calibration(
            -depths, self.cages["inverse_softness"], error, self.cages["inverse_softness_error"]
        )
        return line.intercept, line.slope

    def depths(self, name, score, temperatures=None, p_c=None):
        """(depth, moving) of every run, by temperature."""
        p = self.p
        return {
            T: read_scores(self.scores[T], self.hops[T], name, p.window, score, p_c and p_c[T])
            for T in temperatures or self.temperatures
        }

    def n_frames(self, window):
        """Frames with p_hop for a window at the lowest temperature."""
        total = 0
        for path in self.hops[self.temperatures[0]]:
            with h5py.File(path) as store:
                total += len(store[f"dt{window:g}/frame"])
        return total

    def typical_softness(self, runs, line):
        """Median softness at the lowest temperature; NaN if most particles have none."""
        values = [softness_from_depth(d, *line).ravel() for d, _ in runs[self.temperatures[0]]]
        values = np.concatenate(values)
        return np.median(np.nan_to_num(values, nan=np.inf)) if len(values) else np.nan

    def thinned(self, runs, line, crossing=True):
        """Row of a reading from thinned frames."""
        p = self.p
        scale = self.typical_softness(runs, line) / self.typical
        if not (np.isfinite(scale) and scale > 0):
            return {"without_softness": np.nan}
        bins = scaled_bins(p.softness_bins, scale)
        counted = [run_counts(some, line, bins, self.blocks[T]) for T, some in runs.items()]
        fine, _, invalid = counted[0]
        row = shares(fine, fine_edges(bins), p.resamples, p.seed) | {"without_softness": invalid}
        row["frames"] = sum(len(depth) for depth, _ in runs[self.temperatures[0]])
        return row | (self.arrhenius([coarse for _, coarse, _ in counted]) if crossing else {})

    def arrhenius(self, blocks):
        """Crossing and barriers of counts, one array a temperature."""
        p = self.p
        return arrhenius_numbers(
            self.temperatures, blocks, p.minimum_hops, p.arrhenius_temperatures, p.resamples, p.seed
        )


# ---------------------------------------------------------------- the readings
def upper_limits(study):
    """q_max and the route to 1/S_av: another line, the same depths."""
    p, runs = study.p, study.depths("terms", study.plain)
    for q_max in sorted({p.q_max, *p.q_max_alternatives}):
        row = study.thinned(runs, study.own_line(q_max, p.route))
        yield "q_max", f"q_max = {q_max:g}", q_max == p.q_max, "", row
    words = {"curvature": "curvature at 0", "harmonic": "parabola fitted"}
    for route, name in words.items():
        paper = "'we fit the potential near 0'" if route == "harmonic" else ""
        row = study.thinned(runs, study.own_line(p.q_max, route))
        yield "1/S_av", name, route == p.route, paper, row


def weightings(study):
    """Weights of Eqs. 5 and 8 and the pairs of the calibration."""
    for k, (name, rule, per_fraction, all_pairs, paper) in enumerate(WEIGHTINGS):
        w = weight_matrix(rule, study.x)[0]
        runs = study.depths("terms" if per_fraction else "terms_printed", lambda t, w=w: t @ w)
        line = study.fitted_line(rule, per_fraction, all_pairs)
        yield "weights", name, k == 0, paper, study.thinned(runs, line)


def structures(study):
    """What positions the structure is of; the line stays that of the average liquid."""
    runs = study.depths("terms", study.plain)
    yield (
        "structure",
        "single frames",
        True,
        "'in a single time frame'",
        study.thinned(runs, study.line),
    )
    for window in study.p.average_windows:
        runs = study.depths(f"average_{window:g}", lambda depth: depth)
        row = study.thinned(runs, study.line)
        yield "structure", f"averaged over {window:g}", False, "", row
    runs = study.depths("inherent", lambda depth: depth, study.temperatures[:1])
    row = study.thinned(runs, study.line, crossing=False)
    yield "structure", "inherent structures", False, "", row


def thresholds(study):
    """p_c: measured or the paper's, and its own words taken literally."""
    p = study.p
    measured = dict.fromkeys(study.temperatures, lambda p_c: p_c)
    given = {
        T: lambda _, value=value: value
        for T in study.temperatures
        for key, value in p.p_c_paper.items()
        if np.isclose(float(key), T)
    }
    root = dict.fromkeys(study.temperatures, lambda p_c: np.sqrt(p_c))
    square = dict.fromkeys(study.temperatures, lambda p_c: p_c**2)
    for name, p_c, default, paper in (
        ("MSD, measured", measured, p.p_c == "measured", "its numbers are about the MSD"),
        ("the paper's numbers", given, p.p_c == "paper", "Sec. III"),
        ("root of the MSD", root, False, "'the root mean squared displacement'"),
        ("MSD against the root of p_hop", square, False, "Eq. 2 as printed"),
    ):
        if study.temperatures[0] not in p_c:
            yield "p_c", name, default, paper, {}
            continue
        everywhere = len(p_c) == len(study.temperatures)
        temperatures = study.temperatures[: None if everywhere else 1]
        runs = study.depths("terms", study.plain, temperatures, p_c)
        row = study.thinned(runs, study.line, crossing=everywhere)
        yield "p_c", name, default, paper, row


def from_tables(study, blocks, summary, window, delta, lag):
    """Row of a reading that every frame was counted for."""
    row = from_summary(summary[delta], window, lag)
    counts = [store[lag_key(window, lag)] for store in blocks[delta]]
    return row | study.arrhenius(counts) | {"frames": study.n_frames(window)}


def counted(study, blocks, summary):
    """Lags, definitions of P_R, windows and widths: from the tables of the prediction."""
    p = study.p
    for ambiguity, table in (("lag", LAGS), ("P_R", FRACTIONS)):
        for name, lag, paper in table:
            row = from_tables(study, blocks, summary, p.window, p.delta, lag)
            yield ambiguity, name, lag == "0", paper, row
    for window in p.windows:
        paper = "Sec. III" if window == p.window else "'qualitatively similar'"
        row = from_tables(study, blocks, summary, window, p.delta, "0")
        yield "window", f"Dt = {window:g}", window == p.window, paper, row
    for delta in p.delta_values:
        paper = "Sec. IV" if delta == p.delta else "App. B"
        row = from_tables(study, blocks, summary, p.window, delta, "0")
        yield "delta", f"delta = {delta:g}", delta == p.delta, paper, row


COLUMNS = (
    "ambiguity", "reading", "default", "paper",
    *(name for share in SHARES for name in (share, f"{share}_error")),
    "T_cross", "T_cross_error", "T_low", "T_high", "share_crossing",
    "barrier_low", "barrier_low_error", "barrier_high", "barrier_high_error", "n_bins",
    "without_softness", "frames",
)  # fmt: skip


def page_table(table):
    """The columns for people: value and error in one cell."""
    page = table[["ambiguity", "reading", "default", "paper"]].copy()
    for column, words, factor, digits in (
        ("share_rearranging", "rearranging softer than the peak (%)", 100, 1),
        ("share_all", "all softer than the peak (%)", 100, 1),
        ("auc", "AUC", 1, 3),
        ("T_cross", "onset temperature", 1, 3),
        ("barrier_low", "smallest barrier", 1, 2),
        ("barrier_high", "largest barrier", 1, 2),
    ):
        page[words] = [
            ""
            if not np.isfinite(value)
            else f"{factor * value:.{digits}f}"
            + (f" ± {factor * error:.{digits}f}" if np.isfinite(error) else "")
            for value, error in zip(table[column], table[f"{column}_error"], strict=True)
        ]
    return page


def main(snakemake):
    """Read scores, hops, cages and tables; write one row a reading."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log:
        study = Study(snakemake)
        n = len(study.temperatures)
        stores = [dict(np.load(path)) for path in files.blocks]
        blocks = {d: stores[k * n : (k + 1) * n] for k, d in enumerate(p.delta_values)}
        tables = [pd.read_csv(path) for path in files.summaries]
        summary = dict(zip(p.delta_values, tables, strict=True))
        found = [
            *upper_limits(study),
            *weightings(study),
            *structures(study),
            *thresholds(study),
            *counted(study, blocks, summary),
        ]
        rows = []
        for ambiguity, reading, default, paper, numbers in found:
            head = {"ambiguity": ambiguity, "reading": reading, "paper": paper}
            rows.append(head | {"default": "default" if default else ""} | numbers)
            log.info("%s: %s", ambiguity, reading)
        table = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
        with replacing(snakemake.output.table) as path:
            table.to_csv(path, index=False, float_format="%.6g")
        introduction = (
            f"Study {p.study}, T = {study.temperatures[0]:g} for the shares and the AUC, all "
            "temperatures for the onset and the barriers. The default of each group is marked; "
            "rows of thinned frames (q_max, 1/S_av, weights, structure, p_c) compare with the "
            "default of their own group. Errors: bootstrap over time blocks and replicas."
        )
        page = html_page(page_table(table), "What each reading of the paper gives", introduction)
        with replacing(snakemake.output.page) as path:
            path.write_text(page, encoding="utf-8")
        log.info("\n%s", table.drop(columns="paper").to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
