"""Every figure from invented tables: every panel, and words where nothing could be measured."""

import importlib
import io
from itertools import combinations, pairwise, product

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from softcage.plotting.figure import write_figure
from softcage.plotting.page import Page
from softcage.plotting.style import style
from softcage.tables import select

TEMPERATURES = [0.47, 0.53, 0.58, 0.70, 0.80]
DELTAS = [0.02, 0.04, 0.09, 0.12]
WINDOWS = [15, 30, 75]
CLAIMS = [{"id": "soft_share", "T": 0.47, "value": 0.75}, {"id": "onset_softness", "value": 0.8}]
TIMES = np.geomspace(0.0025, 1000, 25)
LAGS = ["0", "half_window", "onset", "ahead", "within"]

PANELS = {
    "fig01": ["a", "a inset", "b"],
    "fig02": ["a", "b"],
    "fig03": ["a", "b", "c"],
    "fig04": ["a", "b", "c"],
    "fig05": ["a", "b", "b inset", "c", "d"],
    "fig06": ["a"],
    "fig07": ["a", "b"],
    "fig08": ["a"],
    "fig09": ["a"],
    "fig10": ["a"],
    "fig11": ["a"],
    "fig12": ["a", "b", "c"],
    "fig13": ["a", "b", "c", "d"],
    "fig14": ["a", "b", "c", "d"],
    "fig15": ["a", "b", "c", "c inset", "d"],
    "figS1": list("abcdefghijkl"),
    "figS2": ["a", "b"],
    "figS3": ["a", "b", "c", "d"],
    "figS4": ["a", "b", "c", "d", "e", "f"],
    "figS5": list("abcdefghi"),
    "figS6": ["a", "b", "c"],
    "figS7": ["a", "b", "c"],
    "figS8": ["a", "b", "c", "d"],
    "predictors": ["a", "b"],
    "averaging_lengths": ["a", "b"],
    "coefficients": ["a", "b", "c", "d"],
    "predicted_map": ["a", "b"],
    "bounds": ["a", "b"],
    "predictors_in_time": ["a", "b", "c", "d", "e", "f"],
    "hop_predictors": ["a", "b", "c"],
    "survival": ["a", "b", "c", "d", "e"],
    "before_and_after_hops": ["a", "b", "c", "d"],
    "facilitation": ["a", "b", "c", "d"],
    "maps": ["a", "b"],
}


# ---------------------------------------------------------------- invented tables
def grid(**columns):
    """Return a table with a row for every combination of the values."""
    return pd.DataFrame(list(product(*columns.values())), columns=list(columns))


def with_errors(table, relative=0.05):
    """Return the table with a column of errors beside each column that is not a key."""
    keys = {
        "T",
        "q_max",
        "route",
        "harmonic_range",
        "quantity",
        "window",
        "lag",
        "time",
        "bin_center",
        "delta",
    }
    for name in [name for name in table.columns if name not in keys]:
        table[f"{name}_error"] = relative * table[name].abs()
    return table


def ways():
    """Return the ways to S_av: q_max, route and range of the parabola."""
    table = grid(q_max=[10, 20, 60], route=["curvature", "harmonic"])
    table["harmonic_range"] = np.where(table["route"] == "harmonic", 0.05, 0.0)
    more = grid(q_max=[20], route=["harmonic_alternative"], harmonic_range=[0.02, 0.1, 0.2])
    return pd.concat([table, more], ignore_index=True)


def cages():
    table = grid(T=TEMPERATURES).merge(ways(), how="cross")
    table["depth_r"] = 20 / table["T"]
    table["depth_q"] = 47 / table["T"]
    table["inverse_softness"] = 250 + 17 * table["depth_r"] + table["q_max"]
    return with_errors(table, 0.002)


def calibration():
    table = grid(relation=["a", "b", "c"]).merge(ways(), how="cross")
    table = table.assign(intercept=250.0, intercept_error=5.0, slope=-17.0, slope_error=0.2)
    return table.assign(r_squared=0.99, max_relative_deviation=0.01)


def distributions(T):
    tables = []
    for quantity, width, middle, spread in (
        ("softness", 1e-4, 2.5e-3 * T, 3e-4),
        ("depth", 2.0, 14 / T, 8.0),
    ):
        left = width * np.arange(60)
        center = left + width / 2
        shape = np.exp(-(((center - middle) / spread) ** 2) / 2)
        count = np.rint(1e4 * shape).astype(int)
        p_r = np.clip(np.exp(-2 / T + (center - middle) / spread / 10), 0, 1)
        density = count / count.sum() / width
        table = pd.DataFrame({"bin_left": left, "bin_center": center, "bin_width": width})
        table = table.assign(
            count_all=count,
            count_rearranging=np.rint(count * p_r).astype(int),
            density_all=density,
            density_all_error=0.02 * density,
            density_rearranging=density,
            density_rearranging_error=0.1 * density,
            p_r=p_r,
            p_r_error=0.1 * p_r,
        )
        tables += [table.assign(quantity=quantity, window=window) for window in WINDOWS]
    return pd.concat(tables)


def curves(T):
    table = select(distributions(T), window=15).rename(columns={"bin_center": "value"})
    return table[["quantity", "value", *(name for name in table if name.startswith("density"))]]


def summary(T):
    table = grid(quantity=["softness", "depth"], window=WINDOWS, lag=LAGS)
    table["peak"] = np.where(table["quantity"] == "softness", 2.5e-3 * T, 14 / T)
    table["mean"] = table["peak"]
    return with_errors(table.assign(share_all=0.45, share_rearranging=0.6, auc=0.58))


def arrhenius():
    fits, points = [], []
    for quantity, bins in (
        ("softness", 1e-4 * np.arange(10, 20)),
        ("depth", 2.0 * np.arange(10, 20)),
    ):
        for i, center in enumerate(bins):
            barrier = 3 - 0.1 * i
            fits.append((quantity, 15, center, barrier, 0.1, 2.0, 0.1))
            points += [
                (quantity, center, T, np.exp(2 - barrier / T), 0.1 * np.exp(2 - barrier / T))
                for T in TEMPERATURES
            ]
    names = ["quantity", "window", "bin_center", "barrier", "barrier_error"]
    fits = pd.DataFrame(fits, columns=[*names, "ln_p0", "ln_p0_error"])
    return fits, pd.DataFrame(points, columns=["quantity", "bin_center", "T", "p_r", "p_r_error"])


def crossing():
    table = grid(quantity=["softness", "depth"], window=WINDOWS)
    return table.assign(
        T_cross=0.85, T_low=0.8, T_high=0.9, barrier_slope=0.05, barrier_slope_error=0.01,
        r_squared=0.9,
    )  # fmt: skip


def extrapolation():
    table = pd.concat(
        [
            grid(
                quantity=["tau_alpha", "auc", "mean"], law=["parabola in 1/T"], bin_center=[np.nan]
            ),
            grid(quantity=["p_r"], law=["line in 1/T"], bin_center=1e-4 * np.arange(10, 20)),
        ]
    ).assign(T=0.44, predicted=0.003, coldest=0.47)
    return table.assign(predicted_error=0.001)


def extrapolation_curves():
    laws = ["measured", "parabola in 1/T"]
    table = grid(quantity=["tau_alpha", "auc", "mean"], law=laws, T=TEMPERATURES)
    return table.assign(value=0.002 / table["T"], error=0.0001)


def relaxation(T):
    overlap = np.exp(-((TIMES / (5 / T)) ** 0.6))
    return with_errors(pd.DataFrame({"time": TIMES, "msd": T * TIMES, "overlap": overlap,
                                     "alpha_2": T * overlap}))  # fmt: skip


def propagator():
    table = grid(wanted_time=[0, 0.01, 10, 1000], bin_center=1e-4 * np.arange(5, 30))
    table["time"] = table["wanted_time"].replace(1000, 150)
    table["density"] = np.exp(-((table["bin_center"] / 1e-3 - 1) ** 2) / 0.05) * 2000
    return table.assign(density_error=10.0, n=100)


def groups():
    table = grid(group=range(5), time=[0, *TIMES])
    table["s0"] = 8e-4 + 3e-4 * table["group"]
    table["mean"] = 1.4e-3 + (table["s0"] - 1.4e-3) * np.exp(-table["time"] / 100)
    return table.assign(mean_error=1e-5, n=100)


def overlaps():
    table = grid(group=["low", "middle", "high"], time=[0, *TIMES])
    return table.assign(s0=1e-3, overlap=np.exp(-table["time"] / 50), overlap_error=0.01, n=100)


def rdf_table():
    r = np.arange(0.01, 2.5, 0.02)
    g = 1 + 3 * np.exp(-(((r - 1.07) / 0.1) ** 2))
    return r, np.where(r < 0.9, 0, g)


def local_rdf():
    r, g = rdf_table()
    curves = [("histogram", np.nan), ("rearranging", 0.09), ("caged", 0.09)]
    curves += [(name, delta) for name in ("mean", "particle") for delta in DELTAS]
    return pd.concat(
        pd.DataFrame({"curve": name, "delta": delta, "pair": "AA", "r": r, "g": g})
        for name, delta in curves
    )


def correlation(deltas=DELTAS):
    x = np.linspace(1e-3, 2e-3, 12)
    table = grid(delta=deltas, delta_reference=[0.09], x_center=x, y_center=x)
    distance = np.abs(table["x_center"] - table["y_center"])
    return table.assign(count=np.rint(100 * np.exp(-distance / 1e-4)).astype(int))


def correlation_summary(deltas=DELTAS):
    errors = {"pearson_error": 0.01, "spearman_error": 0.01}
    return pd.DataFrame({"delta": deltas, "pearson": 0.9, "spearman": 0.9} | errors)


def interpretations():
    table = grid(
        ambiguity=["q_max", "weights", "lag"], interpretation=["q_max, Dt", "sqrt(x_u x_v), g/x_v"]
    )
    table = table.assign(default=["default", ""] * 3, paper="")
    numbers = {"share_rearranging": 0.6, "share_all": 0.45, "auc": 0.58, "T_cross": 0.85}
    errors = {f"{name}_error": 0.02 for name in numbers}
    return table.assign(**numbers, **errors)


def numbers():
    table = pd.DataFrame({"id": ["soft_share", "soft_share_delta", "onset_softness"]})
    table = table.assign(T=[0.47, 0.47, None], delta=[None, 0.09, None], quantity="a number")
    table = table.assign(paper=[0.75, 0.752, 0.801], default=0.6, best=0.7)
    table = table.assign(default_error=0.01, best_error=0.02, default_given=0, best_given=1)
    return table.assign(q5=0.4, q25=0.5, q75=0.8, q95=0.9)


def constraint():
    table = grid(interpretation=["own", "nearest"], k=[np.inf, 40, 10, 0, -10])
    table = table.assign(excess=0.13, ours=0.05, k_ours=20, peak=25)
    return table.assign(difference=0.2 / (2 + table["k"] / 25), difference_error=0.01)


def equilibration():
    table = pd.DataFrame({"T": TEMPERATURES, "replica": 0, "tau_alpha": [700, 90, 30, 9, 5]})
    table = table.assign(tau_first=table["tau_alpha"], tau_second=1.1 * table["tau_alpha"])
    table = table.assign(u=-6.9, u_error=0.01, u_reference=-6.9, u_drift=0.0, u_drift_error=0.01)
    return table.assign(verdict=["too short", *["equilibrated"] * 4])


def predictors(**more):
    """Return what the tables of predictors have in common: one row per predictor."""
    names = ["energy", "energy_A", "depth_0.09", "depth_0.02", "depth_pair", "voronoi"]
    table = grid(name=names, positions=["thermal", "averaged", "inherent"], length=[0.0, 1.5])
    table = grid(**more).merge(table.assign(kind="descriptor"), how="cross")
    return table.assign(strength=0.2 + 0.05 * np.arange(len(table)) % 0.5)


def scores():
    table = predictors(target=["propensity", "left"], time=[1.0, 10.0])
    table["pearson_each"], table["pearson_pooled"] = -table["strength"], -table["strength"]
    others = grid(
        target=["propensity", "left"],
        time=[1.0, 10.0],
        name=[
            "ceiling",
            "ridge_mechanics",
            "ridge_static",
            "ridge_named",
            "ridge_pairs",
            "svm_softness",
        ],
    )
    others["kind"] = np.where(others["name"] == "ceiling", "ceiling", "learned")
    others = others.assign(pearson_each=0.8, pearson_pooled=0.7, length=np.nan)
    table = pd.concat([table.drop(columns="strength"), others], ignore_index=True)
    return table.assign(pearson_each_error=0.02)


def hops():
    table = predictors(T=TEMPERATURES, question=["now", "first", "late"])
    table["time"] = table["question"].map({"now": 0.0, "first": 15.0, "late": 682.7})
    table["target"] = np.where(table["question"] == "now", "now", "first")
    table = table.assign(auc=0.4 + 0.3 * table["strength"], auc_error=0.01)
    return table.drop(columns=["strength", "question"])


def features():
    named = {"ridge_named": ["energy_A", "voronoi", "virial_B"], "ridge_pairs": ["energy_A"]}
    places = ["", ", over A at 1", ", over B at 2.5"]
    rows = [
        ("propensity", name, f"{descriptor}, inherent{place}", -0.01, 0.002)
        for name, descriptors in named.items()
        for descriptor, place in product(descriptors, places)
    ]
    columns = ["target", "name", "feature", "coefficient", "error"]
    importances = [
        ("propensity", name, descriptor, 0.1 * k, 0.02)
        for name, descriptors in named.items()
        for k, descriptor in enumerate(descriptors)
    ]
    return pd.DataFrame(rows, columns=columns), pd.DataFrame(
        importances, columns=["target", "name", "descriptor", "importance", "error"]
    )


def predicted():
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.uniform(0, 6, (60, 3)), columns=["x", "y", "z"])
    is_a = np.arange(60) % 5 > 0
    table = table.assign(species=np.where(is_a, "A", "B"), diameter=np.where(is_a, 1, 0.88))
    table = table.assign(box=6.0, in_slice=table["z"].between(2, 4))
    measured = np.where(is_a, rng.uniform(0.1, 0.3, 60), np.nan)
    return table.assign(measured=measured, predicted=0.2 + measured / 2)


def film():
    rng = np.random.default_rng(1)
    n = 30
    return {
        "times": np.array([0.0, 5.0]), "box": np.array(6.0), "thickness": np.array(1.0),
        "diameters": np.array([1.0, 0.88]), "ahead": np.array(2.0),
        "relaxation_time": np.array(20.0), "range": np.array([1e-3, 2e-3]),
        "begins": np.array([0, 20, n]), "x": rng.uniform(0, 6, n), "y": rng.uniform(0, 6, n),
        "species": np.arange(n) % 4 // 3, "softness": rng.uniform(1e-3, 2e-3, n),
        "hops": np.arange(n) % 4 == 0,
    }  # fmt: skip


def around():
    times = [-100.0, -15.0, -3.0, 0.0, 3.0, 15.0, 100.0]
    table = grid(T=TEMPERATURES, values=["frame", "mean"], control=["random", "at", "before"],
                 time=times)  # fmt: skip
    table = table.assign(hopping=1.5e-3, control_softness=1.4e-3, auc=0.55, auc_error=0.01)
    return table.assign(hopping_error=1e-5, control_softness_error=1e-5)


def facilitation():
    change = grid(T=TEMPERATURES, centre=["hop", "at", "random", "hop - at"], r=[0.9, 1.3, 2.0])
    hazard = grid(T=TEMPERATURES, beside=[True, False], rank=[0.25, 0.75])
    ratio = grid(T=TEMPERATURES, ratio=["soft over hard", "beside over not"])
    return {
        "change": change.assign(change=1e-5, change_error=1e-6),
        "hazard": hazard.assign(hazard=0.02, hazard_error=0.001),
        "ratio": ratio.assign(value=1.5, error=0.1),
    }


def survival():
    table = grid(T=TEMPERATURES, name=["depth_0.09", "energy"], positions=["thermal"],
                 length=[0.0], group=["softest", "hardest"], time=[1.0, 10.0, 100.0])  # fmt: skip
    return table.assign(surviving=np.exp(-table["time"] / 100), surviving_error=0.01)


def bounds():
    table = grid(T=[0.47], target=["propensity", "left"], time=[1.0, 10.0, 100.0],
                 distance=[np.nan, 0.25, 0.75, 1.25])  # fmt: skip
    shared = np.where(table["distance"].isna(), "cages", "sphere")
    return table.assign(shared=shared, bound=0.8, bound_error=0.01)


def full_study():
    """Return every table that a figure reads, by name."""
    r, g = rdf_table()
    fits, fitted = arrhenius()
    pair_of_curves = np.broadcast_to(g, (2, 2, len(g)))
    return {
        "cage": cages(),
        "calibration": calibration(),
        "equilibration": equilibration(),
        "distributions": {T: distributions(T) for T in TEMPERATURES},
        "curves": {T: curves(T) for T in TEMPERATURES},
        "summary": {T: summary(T) for T in TEMPERATURES},
        "arrhenius": fits,
        "arrhenius_points": fitted,
        "crossing": crossing(),
        "relaxation": {T: relaxation(T) for T in TEMPERATURES},
        "c_s": {
            T: relaxation(T)[["time", "overlap", "overlap_error"]].set_axis(
                ["time", "c_s", "c_s_error"], axis=1
            )
            for T in TEMPERATURES
        },
        "propagator": propagator(),
        "mean_softness": groups(),
        "overlap": {T: overlaps() for T in (0.47, 0.58)},
        "example": pd.DataFrame(
            {"time": TIMES, "p_hop": 0.1, "p_c": 0.08, "particle": 3, "T": 0.47}
        ),
        "rearranging_rdf": pd.concat(
            pd.DataFrame(
                {"pair": pair, "r": r, "g_all": g, "g_rearranging": g, "g_rearranging_error": 0.1}
            )
            for pair in ("AA", "AB")
        ),
        "local_rdf": local_rdf(),
        "correlation": correlation(),
        "interpretations": interpretations(),
        "numbers": numbers(),
        "given": pd.DataFrame({"given": range(4), "interpretations": [100, 30, 2, 0]}),
        "constraint": constraint(),
        "correlation_summary": correlation_summary(),
        "extrapolation": extrapolation(),
        "extrapolation_curves": extrapolation_curves(),
        "choices": with_errors(
            grid(T=TEMPERATURES)
            .merge(ways(), how="cross")
            .assign(share_all=0.45, share_rearranging=0.5, auc=0.55)
        ),
        "cages": {
            T: {"r": r, "q": 5 * r}
            | {name: pair_of_curves for name in ("g", "g_error", "s", "s_error")}
            | {f"s_{route}_error": pair_of_curves for route in ("lattice", "transform")}
            for T in TEMPERATURES
        },
        "scores": scores(),
        "lengths": scores().query("kind == 'descriptor' and time == 10"),
        **dict(zip(("coefficients", "importances"), features(), strict=True)),
        "predicted": predicted(),
        "tau": {T: pd.DataFrame({"tau_alpha": [5.0]}) for T in (0.47, 0.58)},
        "hops": hops(),
        "survival": survival(),
        "bounds": bounds(),
        "around": around(),
        **facilitation(),
        "films": {T: film() for T in (0.47, 0.80)},
    }


KEYS = {
    "T", "q_max", "route", "harmonic_range", "relation", "quantity", "window", "lag", "time",
    "bin_center", "bin_left", "bin_width", "delta", "delta_reference", "group", "wanted_time",
    "curve", "value", "pair", "r", "q", "verdict", "replica", "s0", "x_center", "y_center",
    "ambiguity", "interpretation", "default", "paper", "id", "given",
    "target", "kind", "name", "positions", "length", "feature", "descriptor", "control", "values",
    "centre", "beside", "rank", "ratio", "species", "diameter", "x", "y", "z", "box", "in_slice",
    "times", "thickness", "diameters", "ahead", "range", "begins", "law", "coldest", "shared",
    "distance",
}  # fmt: skip


def unmeasured(table):
    """Return the table as a run leaves it in which nothing could be measured."""
    if isinstance(table, dict):
        return {name: part if name in KEYS else unmeasured(part) for name, part in table.items()}
    if isinstance(table, np.ndarray):
        return np.full_like(table, np.nan)
    values = [name for name in table.columns if name not in KEYS]
    counts = [name for name in values if name.startswith("count") or name == "n"]
    return table.assign(**dict.fromkeys(values, np.nan) | dict.fromkeys(counts, 0))


def emptied(name, table):
    """Return the tables of a run that is shorter than a hop window: many have no rows at all."""
    if name in {
        "arrhenius", "arrhenius_points", "example", "crossing", "correlation", "propagator",
        "mean_softness", "numbers", "constraint", "extrapolation", "extrapolation_curves",
    }:  # fmt: skip
        return table.iloc[:0]
    if name in {"distributions", "curves", "summary"}:
        return {T: part.iloc[:0] for T, part in table.items()}
    if name == "local_rdf":
        return table[table["curve"] != "rearranging"]
    return table


def rowless(table):
    """Return the table as read from a file that has only a header: its columns hold objects."""
    if isinstance(table, dict):
        return {name: rowless(part) for name, part in table.items()}
    if isinstance(table, np.ndarray):
        return table
    return pd.read_csv(io.StringIO(",".join(table.columns) + "\n"))


STUDIES = {
    "full": full_study,
    "unmeasured": lambda: {name: unmeasured(table) for name, table in full_study().items()},
    "too short": lambda: {name: emptied(name, table) for name, table in full_study().items()},
}


# ---------------------------------------------------------------- what each figure is given
def some(tables, *temperatures):
    return [tables[T] for T in temperatures]


def arguments(name, t):
    """Return the tables and parameters of a figure, as its rule has them."""
    distributions, summaries = list(t["distributions"].values()), list(t["summary"].values())
    lines = {key: t[key] for key in ("arrhenius", "arrhenius_points", "crossing")}
    curves, coldest = list(t["curves"].values()), {"summary": summaries[0]}
    every_delta = {"curves": curves[:1] * len(DELTAS), "summary": summaries[:1] * len(DELTAS)}
    window, deltas, enough = {"window": 15}, {"deltas": DELTAS}, {"minimum_hops": 10}
    memory = [0.47, 0.53, 0.80]
    three = [0.47, 0.58, 0.70]
    return {
        "fig01": {
            "cage": t["cage"],
            "calibration": t["calibration"],
            "q_max": 20,
            "route": "curvature",
        },
        "fig02": {"curves": curves},
        "fig03": {
            "correlation": some(t["c_s"], *memory),
            "overlap": some(t["relaxation"], *memory),
            "propagator": t["propagator"],
            "mean_softness": t["mean_softness"],
            "distributions": distributions[0],
            "shown": memory,
        }
        | coldest
        | window,
        "fig04": {
            "curves": some(t["curves"], *three),
            "summary": some(t["summary"], *three),
            "shown": three,
        }
        | window,
        "fig05": {
            "distributions": distributions,
            "overlap": list(t["overlap"].values()),
            "shown": [0.47, 0.58],
        }
        | lines
        | window
        | enough,
        "fig06": {"example": t["example"]},
        "fig07": {"rearranging_rdf": t["rearranging_rdf"]},
        "fig08": {"local_rdf": t["local_rdf"]},
        "fig09": {"local_rdf": t["local_rdf"]},
        "fig10": {"local_rdf": t["local_rdf"]},
        "fig11": {"curves": every_delta["curves"]} | deltas,
        "fig12": {
            "correlation": t["correlation"],
            "correlation_summary": t["correlation_summary"],
            "delta": 0.09,
        },
        "fig13": every_delta | deltas | window,
        "fig14": {"distributions": [table for table in distributions for _ in DELTAS]}
        | deltas
        | window
        | enough,
        "fig15": {"distributions": distributions, "curves": curves[0]}
        | coldest
        | lines
        | window
        | enough,
        "figS1": {
            "cage": t["cage"],
            "calibration": t["calibration"],
            "choices": t["choices"],
            "summary": [table for table in summaries for _ in DELTAS],
            "correlation_summary": t["correlation_summary"],
            "q_max": 20,
            "route": "curvature",
            "harmonic_range": 0.05,
            "delta": 0.09,
        }
        | deltas
        | window,
        "figS2": {"summary": summaries} | window,
        "figS3": {"distributions": distributions, "summary": summaries, "windows": WINDOWS}
        | enough,
        "figS4": {"relaxation": list(t["relaxation"].values())},
        "figS5": {
            "cages": list(t["cages"].values()),
            "species": ["A", "B"],
            "q_max": 20,
            "q_match": [10, 14],
        },
        "figS6": {"interpretations": t["interpretations"], "claims": CLAIMS},
        "figS7": {name: t[name] for name in ("numbers", "given", "constraint")},
        "figS8": {name: t[name] for name in ("extrapolation", "extrapolation_curves")}
        | {"distributions": distributions[:2], "shown": [0.47, 0.53], "T": 0.44}
        | window
        | enough,
        "predictors": {"scores": t["scores"], "T": 0.47, "delta": 0.09},
        "averaging_lengths": {"lengths": t["lengths"], "scores": t["scores"], "T": 0.47},
        "coefficients": {name: t[name] for name in ("coefficients", "importances")} | {"T": 0.47},
        "predicted_map": {"predicted": t["predicted"], "T": 0.47},
        "bounds": {"bounds": t["bounds"], "T": 0.47},
        "predictors_in_time": {
            "scores": pd.concat([t["scores"].assign(T=T) for T in t["tau"]]),
            "relaxation": list(t["tau"].values()),
            "shown": list(t["tau"]),
            "delta": 0.09,
        },
        "hop_predictors": {"hops": t["hops"], "T": 0.47, "delta": 0.09},
        "survival": {"survival": t["survival"]},
        "before_and_after_hops": {"around": t["around"]} | window,
        "facilitation": {name: t[name] for name in ("change", "hazard", "ratio")},
        "maps": {"films": list(t["films"].values()), "shown": list(t["films"])},
    }[name]


def draw(name, study, temperatures=TEMPERATURES, **other):
    """Return the page of a figure of a study; ``other`` arguments stand in for the usual ones."""
    page = Page(3.4, 40, temperatures, study["equilibration"])
    figure = importlib.import_module(f"figures.{name}")
    figure.draw(page, **arguments(name, study) | other)
    return page


@pytest.fixture(autouse=True)
def styled():
    with style():
        yield


@pytest.fixture(scope="module")
def studies():
    return {name: make() for name, make in STUDIES.items()}


# ---------------------------------------------------------------- tests
@pytest.mark.parametrize("name", PANELS)
def test_a_full_study_fills_every_panel(name, studies, tmp_path):
    page = draw(name, studies["full"])
    paths = [tmp_path / f"{name}.{suffix}" for suffix in ("pdf", "png", "csv")]
    write_figure(page, f"rule {name}", *paths)
    assert all(path.stat().st_size > 500 for path in paths)
    table = pd.read_csv(paths[2], comment="#")
    assert sorted(table["panel"].unique()) == PANELS[name]
    assert "not equilibrated: T = 0.47" in page.fig.get_suptitle()
    # every panel shows numbers, none of them only words
    numbers = table.dropna(subset=["x", "y"])
    assert sorted(numbers["panel"].unique()) == PANELS[name]


@pytest.mark.parametrize("study", ["unmeasured", "too short"])
@pytest.mark.parametrize("name", PANELS)
def test_what_could_not_be_measured_is_said(name, study, studies):
    page = draw(name, studies[study])
    page.complete()
    page.fig.savefig(io.BytesIO(), format="png")
    table = page.table()
    assert sorted(table["panel"].unique()) == PANELS[name]
    empty = set(PANELS[name]) - set(table.dropna(subset=["x", "y"])["panel"])
    words = sum(bool(axes.texts) for axes in page.fig.findobj(Axes))
    assert words >= len([panel for panel in empty if "inset" not in panel])


@pytest.mark.parametrize("name", [name for name in PANELS if "fig06" <= name <= "fig15"])
def test_files_with_only_a_header_are_drawn_as_words(name, studies):
    kept = {"equilibration", "correlation_summary"}  # a row for each temperature and each delta
    study = {key: t if key in kept else rowless(t) for key, t in studies["full"].items()}
    page = draw(name, study)
    page.complete()
    table = page.table()
    assert sorted(table["panel"].unique()) == PANELS[name]
    assert table.reindex(columns=["y"])["y"].isna().all()


@pytest.mark.parametrize("name", ["fig05", "fig15"])
def test_lines_without_points_are_drawn(name, studies):
    study = studies["full"] | {"arrhenius_points": unmeasured(studies["full"]["arrhenius_points"])}
    page = draw(name, study)
    page.complete()
    assert sorted(page.table()["panel"].unique()) == PANELS[name]


# ---------------------------------------------------------------- other studies
def windows_of(tables, windows):
    """Return tables with the default window's rows for each of these windows."""
    return [
        pd.concat([table[table["window"] == 15].assign(window=window) for window in windows])
        for table in tables
    ]


def many(name, study, count):
    """Return the arguments of a figure of a study with so many widths or hop windows."""
    deltas = [round(0.01 * (k + 1), 2) for k in range(count)]
    windows = [15 + 5 * k for k in range(count)]
    distributions, summaries = (list(study[key].values()) for key in ("distributions", "summary"))
    return {
        "fig12": {
            "correlation": correlation(deltas),
            "correlation_summary": correlation_summary(deltas),
            "delta": deltas[0],
        },
        "fig13": {
            "curves": list(study["curves"].values())[:1] * count,
            "summary": summaries[:1] * count,
            "deltas": deltas,
        },
        "fig14": {
            "distributions": [table for table in distributions for _ in deltas],
            "deltas": deltas,
        },
        "figS3": {
            "distributions": windows_of(distributions, windows),
            "summary": windows_of(summaries, windows),
            "windows": windows,
        },
    }[name]


@pytest.mark.parametrize("count", [1, 9])
@pytest.mark.parametrize(
    ("name", "more"), [("fig12", -1), ("fig13", 0), ("fig14", 0), ("figS3", 1)]
)
def test_there_are_as_many_panels_as_values(name, more, count, studies):
    page = draw(name, studies["full"], **many(name, studies["full"], count))
    assert len(page.panels) == max(count + more, 1)
    page.fig.savefig(io.BytesIO(), format="png", dpi=100)
    numbers = page.table().dropna(subset=["x", "y"])
    assert set(numbers["panel"]) == {panel.name for panel in page.panels}
    page.fig.set_dpi(100)
    boxes = [panel.axes.get_tightbbox() for panel in page.panels]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def keys_of_temperatures(page):
    """Return (colour, marker) of each key in the legends of a page that names a temperature."""
    looks = {}
    for legend in [panel.axes.get_legend() for panel in page.panels]:
        pairs = zip(legend.legend_handles, legend.get_texts(), strict=True) if legend else ()
        for handle, text in pairs:
            if text.get_text().startswith("$T$"):
                look = handle.get_color(), handle.get_marker()
                looks.setdefault(text.get_text(), set()).add(look)
    return looks


def test_a_temperature_looks_the_same_in_every_figure(studies):
    seen = {}
    for name in ("fig01", "figS1", "figS2", "figS3", "fig14", "fig15"):
        for label, looks in keys_of_temperatures(draw(name, studies["full"])).items():
            seen.setdefault(label, set()).update(looks)
    assert len(seen) == len(TEMPERATURES)
    assert all(len(looks) == 1 for looks in seen.values())
    # a figure that shows three of them, without markers
    three = keys_of_temperatures(draw("fig03", studies["full"]))
    assert len(three) == 3
    for label, looks in three.items():
        assert {color for color, _ in looks} == {color for color, _ in seen[label]}


# ---------------------------------------------------------------- beyond the paper
def points(page, panel=None):
    table = page.table()
    return table if panel is None else table[table["panel"] == panel]


def test_the_better_of_a_number_and_its_average_is_drawn(studies):
    page = draw("predictors", studies["full"])
    table = studies["full"]["scores"].query("target == 'propensity' and time == 10")
    single = table[(table["kind"] == "descriptor") & (table["name"] != "depth_0.02")]
    best = single["pearson_each"].abs().groupby([single["name"], single["positions"]]).max()
    drawn = points(page, "a").query("series != 'learned' and series != 'ceiling'")
    drawn = drawn[~drawn["series"].str.startswith("learned")]
    np.testing.assert_allclose(np.sort(drawn["x"]), np.sort(best))
    # where they are drawn, one below another in their row
    axes = page.panels[0].axes
    marks = np.concatenate(
        [line.get_xydata() for line in axes.lines if line.get_marker() in {"o", "^", "s"}]
    )
    marks = marks[np.isfinite(marks).all(axis=1)]
    for x, y in zip(drawn["x"], drawn["y"], strict=True):
        assert (np.abs(marks - (x, y)) <= (1e-6, 0.26)).all(axis=1).any()


def test_the_error_bars_of_rows_are_the_given_ones(studies):
    page = draw("hop_predictors", studies["full"])
    axes = page.panels[0].axes
    bars = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2]
    widths = [np.ptp(bar) for bar in bars if not np.allclose(bar, [0, 1])]
    widths = [width for width in widths if width > 0]
    assert len(widths) >= 15
    np.testing.assert_allclose(widths, 0.02, rtol=1e-6)


def test_every_row_can_be_read(studies):
    study = studies["full"]
    names = ["Q6", "Q6_averaged", "density", "density_A", "s2", "s2_B", "virial", "to_mean"]
    table = pd.concat([study["hops"], *[study["hops"].assign(name=name) for name in names]])
    page = draw("hop_predictors", study, hops=table)
    page.fig.draw_without_rendering()
    labels = [label for label in page.panels[0].axes.get_yticklabels() if label.get_text()]
    boxes = [label.get_window_extent() for label in labels]
    assert len(boxes) == 13
    assert all(high.y0 > low.y1 for high, low in pairwise(boxes))
    (legend,) = page.fig.legends
    assert {text.get_text() for text in legend.get_texts()} >= {"thermal", "inherent"}
    assert legend.get_window_extent().width < page.fig.bbox.width


def test_nothing_learned_is_said(studies):
    study = studies["full"]
    nothing = {name: study[name].iloc[:0] for name in ("coefficients", "importances")}
    page = draw("coefficients", study, **nothing)
    assert "three configurations" in page.panels[0].axes.texts[0].get_text()
    blank = study["predicted"].assign(predicted=np.nan)
    page = draw("predicted_map", study, predicted=blank)
    assert "three configurations" in page.panels[1].axes.texts[0].get_text()
    assert len(points(page, "a")) == study["predicted"]["in_slice"].sum()


def test_coefficients_stand_in_their_cells(studies):
    page = draw("coefficients", studies["full"])
    words = [text.get_text() for text in page.panels[0].axes.texts]
    assert words == ["-1.0 ± 0.2"] * 9
    ticks = [tick.get_text() for tick in page.panels[0].axes.get_xticklabels()]
    assert ticks == ["itself", "A, 1", "B, 2.5"]
    rows = points(page, "a")["descriptor"].iloc[:3].tolist()
    assert rows == ["virial_B", "voronoi", "energy_A"]  # the most important first


def test_maps_show_the_correlation_over_all_particles(studies):
    page = draw("predicted_map", studies["full"])
    assert "$r$ = 1.00" in page.panels[1].axes.get_title(loc="left")
    page = draw("maps", studies["full"])
    ringed = page.panels[0].axes.collections[-1]
    assert len(ringed.get_offsets()) >= 5 and ringed.get_linewidth() == 1.8


def test_all_cells_of_a_pair_of_widths_are_drawn(studies):
    """In the units of the axes, the lowest left; cells without a pair are not there."""
    page = draw("fig12", studies["full"])
    axes, table = page.panels[0].axes, correlation([0.02])
    (mesh,) = axes.collections
    counts = np.ma.masked_invalid(mesh.get_array())
    assert counts.shape == (12, 12) and counts.sum() == table["count"].sum()
    assert (counts.filled(0) > 0).sum() == (table["count"] > 0).sum()
    np.testing.assert_allclose(counts, counts.T)  # as x and y are alike
    assert axes.get_ylim()[0] < axes.get_ylim()[1]
    for place, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        expected = 1 + (place - 0.5) / 11
        assert float(label.get_text()) == pytest.approx(expected, abs=1e-6)
