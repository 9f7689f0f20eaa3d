r"""What the laws of a study foresee for a liquid that is colder than all it has simulated.

Each quantity is fitted against temperature by a law with two or three parameters, and the law is
continued to the colder temperature. How far a law can be trusted shows in the same step made once
within the study: its coldest temperature foreseen from the hotter ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import curve_fit

from softcage.prediction.arrhenius import log_weights
from softcage.tables import select

Law = Callable[..., np.ndarray]


def line(T: np.ndarray, at: float, value: float, slope: float) -> np.ndarray:
    """Return a line in 1/T, the Arrhenius law of a logarithm."""
    return value + slope * (1 / T - 1 / at)


def parabola(T: np.ndarray, at: float, value: float, slope: float, curvature: float) -> np.ndarray:
    """Return a parabola in 1/T."""
    x = 1 / T - 1 / at
    return value + slope * x + curvature * x**2


def rosenfeld_tarazona(T: np.ndarray, at: float, value: float, slope: float) -> np.ndarray:
    """Return a line in T^(3/5) (Y. Rosenfeld, P. Tarazona, Mol. Phys. 95, 141 (1998))."""
    return value + slope * (T**0.6 - at**0.6)


def vogel_fulcher(T: np.ndarray, at: float, value: float, slope: float, share: float) -> np.ndarray:
    """Return a line in 1 / (T - T_0), where T_0 is ``share`` of the temperature ``at``."""
    return value + slope * (1 / (T - share * at) - 1 / (at - share * at))


#: The laws by name: the function and the parameters from which its fit begins after the value.
LAWS: dict[str, tuple[Law, tuple[float, ...]]] = {
    "line in 1/T": (line, (1.0,)),
    "parabola in 1/T": (parabola, (1.0, 0.1)),
    "Rosenfeld-Tarazona": (rosenfeld_tarazona, (1.0,)),
    "Vogel-Fulcher-Tammann": (vogel_fulcher, (1.0, 0.5)),
}

#: The laws of each quantity.
LAWS_OF: dict[str, tuple[str, ...]] = {
    "tau_alpha": ("Vogel-Fulcher-Tammann", "parabola in 1/T"),
    "p_c": ("parabola in 1/T",),
    "u": ("Rosenfeld-Tarazona",),
    "depth_r": ("parabola in 1/T",),
    "inverse_softness": ("parabola in 1/T",),
    "peak": ("parabola in 1/T",),
    "mean": ("parabola in 1/T",),
    "std": ("parabola in 1/T",),
    "auc": ("parabola in 1/T",),
    "share_rearranging": ("parabola in 1/T",),
    "p_r": ("line in 1/T",),
}
#: Quantities of which the logarithm is fitted.
LOGARITHMIC = ("tau_alpha", "p_r")

# Values that differ by fewer of their errors agree.
_AGREE = 2.0


def extrapolate(
    law: str, temperatures: ArrayLike, values: ArrayLike, errors: ArrayLike, at: float
) -> tuple[float, float, float]:
    r"""Return what a law that is fitted to some temperatures gives at another one.

    The parameters of each law are chosen such that one of them is its value at ``at``, so that the
    fit gives its error. If the points scatter about the law by more than their errors, the error
    grows by :math:`\sqrt{\chi^2 / n}` with n degrees of freedom.

    Parameters
    ----------
    law : str
        One of :data:`LAWS`.
    temperatures, values, errors : (n,) array
        Points whose value or error is not finite are left out.
    at : float

    Returns
    -------
    value, error, chi2 : float
        The value at ``at``, its error, and :math:`\chi^2` per degree of freedom of the fit. NaN
        without at least one more point than parameters, and where no fit is found.
    """
    T, y, dy = (np.asarray(array, dtype=float) for array in (temperatures, values, errors))
    good = np.isfinite(y) & np.isfinite(dy) & (dy > 0)
    T, y, dy = T[good], y[good], dy[good]
    function, start = LAWS[law]
    free = len(T) - 1 - len(start)
    if free < 1:
        return (np.nan,) * 3
    # a Vogel temperature between 0 and that of the coldest liquid, foreseen or known
    low = [-np.inf] * (1 + len(start))
    high = [np.inf] * (1 + len(start))
    if function is vogel_fulcher:
        low[2], high[2] = 0.0, 0.99 * min(1.0, T.min() / at)
    try:
        found, covariance = curve_fit(
            lambda x, *parameters: function(x, at, *parameters),
            T, y, p0=[y[np.argmin(T)], *start], sigma=dy, absolute_sigma=True,
            bounds=(low, high),
        )  # fmt: skip
    except RuntimeError:  # no convergence
        return (np.nan,) * 3
    chi2 = float((((function(T, at, *found) - y) / dy) ** 2).sum() / free)
    return float(found[0]), float(np.sqrt(covariance[0, 0] * max(1.0, chi2))), chi2


def measured_points(
    relaxation: Sequence[pd.DataFrame],
    cage: pd.DataFrame,
    summaries: Mapping[float, pd.DataFrame],
    distributions: Mapping[float, pd.DataFrame],
    window: float,
    minimum_hops: int,
    minimum_temperatures: int,
) -> pd.DataFrame:
    """Return all measured values that the laws are fitted to, one row each.

    Parameters
    ----------
    relaxation : sequence of DataFrame
        Summaries of the relaxation, one per temperature.
    cage : DataFrame
        Depth and inverse softness of the average cage at every temperature, of one ``q_max`` and
        route.
    summaries, distributions : mapping
        Tables of the prediction by temperature.
    window : float
        Hop window.
    minimum_hops, minimum_temperatures : int
        As for the Arrhenius lines (:func:`softcage.prediction.arrhenius.log_weights`).

    Returns
    -------
    DataFrame
        Columns quantity, bin_center (of the softness, for ``p_r``), T, value, error. Values and
        errors of :data:`LOGARITHMIC` quantities are those of the natural logarithm.
    """
    parts = [_points(pd.concat(relaxation), "tau_alpha", "p_c", "u")]
    parts.append(_points(cage, "depth_r", "inverse_softness"))
    chosen = [
        select(table, quantity="softness", window=window, lag="0").assign(T=T)
        for T, table in summaries.items()
    ]
    numbers = ("peak", "mean", "std", "auc", "share_rearranging")
    parts.append(_points(pd.concat(chosen), *numbers))
    bins = pd.concat(
        select(table, quantity="softness", window=window).assign(T=T)
        for T, table in distributions.items()
    )
    p_r, error, hops = (
        bins.pivot(index="T", columns="bin_center", values=name).astype(float)
        for name in ("p_r", "p_r_error", "count_rearranging")
    )
    weights = log_weights(
        p_r.to_numpy(), error.to_numpy(), hops.to_numpy(), minimum_hops, minimum_temperatures
    )
    row, column = np.nonzero(weights > 0)
    fitted: dict[str, Any] = {"T": p_r.index[row], "bin_center": p_r.columns[column]}
    fitted |= {"value": np.log(p_r.to_numpy()[row, column]), "error": weights[row, column] ** -0.5}
    parts.append(pd.DataFrame(fitted).assign(quantity="p_r"))
    return pd.concat(parts, ignore_index=True)


def _points(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return columns of a table with a row per temperature below each other."""
    parts = []
    for name in columns:
        value, error = (table[key].to_numpy(dtype=float) for key in (name, f"{name}_error"))
        if name in LOGARITHMIC:
            value, error = np.log(value), error / value
        part = pd.DataFrame({"T": table["T"].astype(float), "value": value, "error": error})
        parts.append(part.assign(quantity=name, bin_center=np.nan))
    return pd.concat(parts)


def extrapolation_table(points: pd.DataFrame, at: float) -> pd.DataFrame:
    """Return what each law gives at a temperature, beside what was measured there, if it was.

    Parameters
    ----------
    points : DataFrame
        From :func:`measured_points`. Only temperatures above ``at`` are fitted.
    at : float

    Returns
    -------
    DataFrame
        One row per quantity, bin and law: ``T``, ``predicted`` and ``predicted_error``, ``chi2``
        per degree of freedom, ``n_temperatures``; ``coldest`` (the coldest of the fitted
        temperatures), ``coldest_deviation`` (of its measured value from what the law foresees from
        the hotter ones, in units of the combined error); ``measured``, ``measured_error``,
        ``deviation`` and ``verdict``, empty unless ``at`` was measured. Values of
        :data:`LOGARITHMIC` quantities are not logarithms here; their deviations are in the
        logarithm.
    """
    rows = []
    for (quantity, center), table in points.groupby(["quantity", "bin_center"], dropna=False):
        for law in LAWS_OF[str(quantity)]:
            head = {"quantity": quantity, "bin_center": center, "law": law, "T": at}
            rows.append(head | _foreseen(str(quantity), law, table, at))
    columns = (
        "quantity bin_center law T predicted predicted_error chi2 n_temperatures coldest "
        "coldest_deviation measured measured_error deviation verdict"
    ).split()
    table = pd.DataFrame(rows).reindex(columns=columns)
    order = {name: place for place, name in enumerate(LAWS_OF)}
    return table.sort_values("quantity", key=lambda names: names.map(order), kind="stable")


def _hotter(table: pd.DataFrame, at: float) -> pd.DataFrame:
    """Return the points that are fitted: those at higher temperatures, but for rounding."""
    return table[table["T"] > at * (1 + 1e-9)]


def _foreseen(quantity: str, law: str, table: pd.DataFrame, at: float) -> dict[str, Any]:
    """Return the further columns of a row of :func:`extrapolation_table`."""
    known = _hotter(table, at).sort_values("T")
    value, error, chi2 = extrapolate(law, known["T"], known["value"], known["error"], at)
    row: dict[str, Any] = _scaled(quantity, "predicted", value, error)
    row |= {"chi2": chi2, "n_temperatures": len(known), "coldest": known["T"].min()}
    row["coldest_deviation"] = _deviation_of_coldest(law, known)
    for measured, its_error in table.loc[np.isclose(table["T"], at), ["value", "error"]].to_numpy():
        row |= _scaled(quantity, "measured", measured, its_error)
        row["deviation"] = deviation = (measured - value) / np.hypot(error, its_error)
        if np.isfinite(deviation):
            row["verdict"] = "agrees" if abs(deviation) < _AGREE else "differs"
    return row


def _scaled(quantity: str, name: str, value: float, error: float) -> dict[str, float]:
    """Return a value and its error, not as logarithms."""
    if quantity in LOGARITHMIC:
        value = float(np.exp(value))
        error *= value
    return {name: value, f"{name}_error": error}


def _deviation_of_coldest(law: str, known: pd.DataFrame) -> float:
    """Return by how many errors the coldest point deviates from the law of the hotter ones."""
    if known.empty:
        return np.nan
    cold, hotter = known.iloc[0], known.iloc[1:]
    value, error, _ = extrapolate(law, hotter["T"], hotter["value"], hotter["error"], cold["T"])
    return float((cold["value"] - value) / np.hypot(error, cold["error"]))


def law_curves(points: pd.DataFrame, at: float, steps: int = 25) -> pd.DataFrame:
    """Return each law of the quantities without bins as a curve, and the measured points.

    Parameters
    ----------
    points : DataFrame
        From :func:`measured_points`.
    at : float
        Only temperatures above it are fitted; the curves begin there.
    steps : int
        Number of temperatures of a curve, evenly spaced in 1/T.

    Returns
    -------
    DataFrame
        Columns quantity, law (``measured`` for the points), T, value, error; not as logarithms.
    """
    rows = []
    whole = points[points["bin_center"].isna()]
    for quantity, table in whole.groupby("quantity", sort=False):
        known = _hotter(table, at)
        given = known["T"], known["value"], known["error"]
        for T, value, error in table[["T", "value", "error"]].to_numpy(dtype=float):
            numbers = _scaled(str(quantity), "value", value, error)
            rows.append({"quantity": quantity, "law": "measured", "T": T} | numbers)
        for law in LAWS_OF[str(quantity)] if len(known) else ():
            for T in 1 / np.linspace(1 / at, 1 / known["T"].max(), steps):
                value, error, _ = extrapolate(law, *given, T)
                numbers = _scaled(str(quantity), "value", value, error)
                rows.append({"quantity": quantity, "law": law, "T": T} | numbers)
    table = pd.DataFrame(rows, columns=["quantity", "law", "T", "value", "value_error"])
    return table.rename(columns={"value_error": "error"})
