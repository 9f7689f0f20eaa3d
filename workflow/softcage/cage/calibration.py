"""Calibration: the line that gives the softness of a cage from its depth (Eq. 7).

The line is fitted to averages at several temperatures. It then gives the softness of a single
particle's cage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from numpy.typing import ArrayLike

from softcage.defaults import CLOSURE, Q_MAX, ROUTE
from softcage.io.mixture import LOADER, read_composition
from softcage.model import Composition, Mixture
from softcage.statistics import weighted_line
from softcage.tables import select

# Largest relative difference between the density of a line and that of the frames it is used for.
SAME_DENSITY = 1e-3


@dataclass(frozen=True)
class LinearFit:
    """Straight line y = intercept + slope x with standard errors and measures of its quality."""

    intercept: float
    intercept_error: float
    slope: float
    slope_error: float
    r_squared: float
    max_relative_deviation: float


def linear_calibration(
    x: ArrayLike,
    y: ArrayLike,
    x_error: ArrayLike | None = None,
    y_error: ArrayLike | None = None,
) -> LinearFit:
    """Fit y = intercept + slope x to a few points with errors in both (Eq. 7).

    Weighted least squares with the effective variance y_error^2 + slope^2 x_error^2, iterated.
    The errors of the line are multiplied by the square root of chi^2 per degree of freedom where
    that exceeds 1, so that they are large if the points do not lie on a line. Without usable errors
    (missing, NaN or zero) all points have the same weight.

    Parameters
    ----------
    x, y : (n,) array
        Points, n >= 2.
    x_error, y_error : (n,) array, optional
        Standard errors.

    Returns
    -------
    LinearFit
        ``max_relative_deviation`` is the largest residual over y. With two points and no errors
        the errors of the line are NaN.

    Raises
    ------
    ValueError
        If there are fewer than two different x.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(x) < 2 or np.ptp(x) == 0:
        raise ValueError(
            f"linear_calibration: {len(np.unique(x))} distinct point(s) cannot fix a line: "
            "give at least two temperatures"
        )
    sx = np.zeros_like(x) if x_error is None else np.asarray(x_error, dtype=float)
    sy = np.zeros_like(y) if y_error is None else np.asarray(y_error, dtype=float)
    slope = np.polyfit(x, y, 1)[0]
    known = bool(np.all(np.isfinite(sx)) and np.all(np.isfinite(sy)) and np.all(sx + sy > 0))
    for _ in range(20 if known else 1):
        weight = 1.0 / (sy**2 + (slope * sx) ** 2) if known else np.ones_like(x)
        line = weighted_line(x, y, weight)
        slope = line.slope
    residual = y - line.intercept - slope * x
    freedom = len(x) - 2
    scale = float(line.chi2) / freedom if freedom else np.nan
    if known:
        scale = max(1.0, scale) if freedom else 1.0
    spread = ((y - y.mean()) ** 2).sum()
    return LinearFit(
        intercept=float(line.intercept),
        intercept_error=float(line.intercept_error * np.sqrt(scale)),
        slope=float(slope),
        slope_error=float(line.slope_error * np.sqrt(scale)),
        r_squared=float(1.0 - (residual**2).sum() / spread) if spread > 0 else float("nan"),
        max_relative_deviation=float(np.max(np.abs(residual / y))),
    )


# columns of a table of average cages, besides the radii
_COLUMNS = (
    "T", "q_max", "route", "harmonic_range", "depth_q", "depth_q_error", "inverse_softness",
    "inverse_softness_error", "depth_r", "depth_r_error",
)  # fmt: skip


def read_cages(paths: Iterable[str | Path]) -> list[pd.DataFrame]:
    """Read the tables of average cages, one for each temperature.

    Raises
    ------
    ValueError
        If a table lacks a column; the message names the table and the column.
    """
    tables = []
    for path in paths:
        table = pd.read_csv(path)
        if missing := [name for name in _COLUMNS if name not in table]:
            raise ValueError(
                f"{path}: has no column {', '.join(missing)}: it is not a table of average "
                "cages, or another version wrote it; delete it, and the study makes it again"
            )
        tables.append(table)
    return tables


def relations(cage: pd.DataFrame) -> Iterator[dict]:
    """Fit the lines a, b and c (Eq. 7) to the rows of one q_max and route.

    The lines are a: 1/S_av against beta Phi_q; b: beta Phi_q against beta Phi_r; c: 1/S_av against
    beta Phi_r.
    """
    phi_q = (-cage["depth_q"], cage["depth_q_error"])
    phi_r = (-cage["depth_r"], cage["depth_r_error"])
    stiffness = (cage["inverse_softness"], cage["inverse_softness_error"])
    pairs = {"a": (phi_q, stiffness), "b": (phi_r, phi_q), "c": (phi_r, stiffness)}
    for name, ((x, x_error), (y, y_error)) in pairs.items():
        yield {"relation": name, **asdict(linear_calibration(x, y, x_error, y_error))}


def calibrate(cages: Iterable[pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit the lines over the temperatures, for each method to compute 1/S_av.

    Parameters
    ----------
    cages : iterable of DataFrame
        Tables of :func:`softcage.cage.average.cage_of_structure`, one for each temperature.

    Returns
    -------
    cage : DataFrame
        All tables in one.
    lines : DataFrame
        One row for each method and relation (:func:`relations`). Like the cages, it has a column
        ``closure`` if that is not HNC, and ``dimension`` if that is not 3.

    Raises
    ------
    ValueError
        If there are fewer than two temperatures, or the cages are of different closures or
        dimensions.
    """
    method = ["q_max", "route", "harmonic_range"]
    cage = pd.concat(list(cages)).sort_values([*method, "T"])
    closure, dimension = closure_of(cage), dimension_of(cage)
    rows = [
        {"relation": row.pop("relation"), **dict(zip(method, values, strict=True)), **row}
        for values, part in cage.groupby(method)
        for row in relations(part)
    ]
    lines = pd.DataFrame(rows)
    if closure != "hnc":
        lines["closure"] = closure
    if dimension != 3:
        lines["dimension"] = dimension
    return cage, lines


def closure_of(table: pd.DataFrame) -> str:
    """Return the closure of a table of cages or of lines: its column ``closure``, or HNC without.

    Raises
    ------
    ValueError
        If the rows are of different closures.
    """
    return str(_the_one(table, "closure", "hnc"))


def dimension_of(table: pd.DataFrame) -> int:
    """Return the dimension of a table of cages or of lines: its column ``dimension``, or 3 without.

    Raises
    ------
    ValueError
        If the rows are of different dimensions.
    """
    return int(_the_one(table, "dimension", 3))


def _the_one(table: pd.DataFrame, column: str, otherwise: str | int) -> str | int:
    """Return the one value of a column, or another one without it."""
    if column not in table:
        return otherwise
    found = table[column].fillna(otherwise).unique().tolist()
    if len(found) != 1:
        words = " and ".join(f"{value:g}" if column == "dimension" else value for value in found)
        raise ValueError(f"the tables are of different {column}s, {words}")
    return found[0]


@dataclass(frozen=True)
class Line:
    """A calibrated line 1/S = c0 + c1 beta Phi, and the average cages it was fitted to.

    Attributes
    ----------
    path : str
        File from which it was read.
    c0, c1 : float
        Intercept and slope; c1 is negative.
    c0_error : float
        Standard error of c0; NaN if it is not known.
    q_max : float
    route : str
    cages : DataFrame
        One row per temperature: T, r0_AA, r_min_AA, ...
    config : Path or None
        The configuration of the study, if it is beside the tables.
    closure : str
        Closure of the depth, ``hnc`` or ``pair``.
    dimension : int
        2 or 3.
    """

    path: str
    c0: float
    c1: float
    c0_error: float
    q_max: float
    route: str
    cages: pd.DataFrame
    config: Path | None
    closure: str = CLOSURE
    dimension: int = 3

    def is_of(self, pairs: Sequence[str]) -> bool:
        """Return whether the line is that of a species, given the names of its pairs.

        A line belongs to the species whose radii its cages have: ``Composition.pairs_of``.
        """
        return any(f"r0_{name}" in self.cages for name in pairs)

    def ranges(
        self, temperature: float, pairs: Sequence[str]
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Return r0 and r_min of the pairs at a temperature of the study, or None.

        Parameters
        ----------
        temperature : float
        pairs : sequence of str
            Names, such as ``["AA", "AB"]``: ``Composition.pairs_of``.
        """
        row = self.cages[np.isclose(self.cages["T"], temperature, rtol=0, atol=1e-6)]
        if row.empty:
            return None
        if missing := [f"r0_{name}" for name in pairs if f"r0_{name}" not in row]:
            raise ValueError(f"{self.path}: cage.csv beside it has no column {missing[0]}")
        r0, r_min = (
            row[[f"{radius}_{name}" for name in pairs]].iloc[0].to_numpy(dtype=float)
            for radius in ("r0", "r_min")
        )
        return r0, r_min

    def curves(self, temperature: float) -> Path | None:
        """Return the file with g(r), r0 and r_min of all pairs at a temperature, or None.

        A study has one such file for each temperature, ``cage/T{T}.npz``.
        """
        folder = Path(self.path).parent
        places = [place / "cage" / f"T{temperature:g}.npz" for place in (folder, folder.parent)]
        return next((place for place in places if place.is_file()), None)


def read_line(path: str | Path, q_max: float = Q_MAX, route: str = ROUTE) -> Line:
    """Read relation c of a study.

    ``path`` is the folder of the study, its folder ``calibration`` or ``calibration.csv``.

    Raises
    ------
    ValueError
        If the tables are missing, or have no line for this q_max and route.
    """
    path = Path(path)
    places = [path, path / "calibration.csv", path / "calibration" / "calibration.csv"]
    table = next((place for place in places if place.is_file()), None)
    if table is None or not table.with_name("cage.csv").is_file():
        raise ValueError(
            f"{path}: has no calibration: give the folder of a study or the output folder of "
            "'softcage calibrate', which holds calibration.csv and cage.csv"
        )
    folders = [table.parent, table.parent.parent]
    config = next((f / "config.yaml" for f in folders if (f / "config.yaml").is_file()), None)
    try:
        cage, lines = pd.read_csv(table.with_name("cage.csv")), pd.read_csv(table)
        return line_of_tables(str(table), cage, lines, q_max, route, config)
    except (KeyError, ValueError) as error:
        raise ValueError(f"{table}: cannot be used as a calibration: {error}") from error


def line_of_tables(
    name: str,
    cage: pd.DataFrame,
    lines: pd.DataFrame,
    q_max: float = Q_MAX,
    route: str = ROUTE,
    config: Path | None = None,
) -> Line:
    """Return relation c from the tables of :func:`calibrate`.

    Parameters
    ----------
    name : str
        Where they come from, for messages.
    cage, lines : DataFrame
    q_max, route
        Select the line.
    config : Path, optional
        The configuration of their study.

    Raises
    ------
    KeyError, ValueError
        If a column is missing, or there is no line for this q_max and route.
    """
    lines = select(lines, relation="c")
    chosen = select(lines, q_max=q_max, route=route)
    cage = select(cage, q_max=q_max, route=route)
    if len(chosen) != 1:
        known = ", ".join(f"{row.q_max:g} {row.route}" for row in lines.itertuples())
        raise ValueError(f"no line for q_max {q_max:g}, {route}; there are: {known}")
    c0, c1 = float(chosen["intercept"].iloc[0]), float(chosen["slope"].iloc[0])
    closure, dimension = closure_of(chosen), dimension_of(chosen)
    (c0_error,) = chosen.reindex(columns=["intercept_error"]).to_numpy(dtype=float)[0]
    cage = cage.reset_index(drop=True)
    return Line(name, c0, c1, c0_error, float(q_max), route, cage, config, closure, dimension)


def check_system(
    line: Line, mixture: Composition, density: float, species: np.ndarray, closure: str = CLOSURE
) -> None:
    """Refuse a line that rises, or that belongs to another liquid or closure than the one scored.

    Mixture and density are compared if the configuration of the line's study is known.

    Parameters
    ----------
    line : Line
    mixture : Composition
        Potentials are compared if they are known on both sides.
    density : float
        Number density of the frames to be scored.
    species : (N,) int array
        Species of their particles. The number of particles of each species may differ by one from
        that of the mixture.
    closure : str
        Closure of the depths that the line is to be used for.

    Raises
    ------
    ValueError
        If the line rises, or liquids or closures differ; the message says how.
    """
    if line.closure != closure:
        raise ValueError(
            f"{line.path}: is the calibration of the closure {line.closure}, but the depth is that "
            f"of the closure {closure}: choose the same closure for both"
        )
    if line.c1 >= 0:
        raise ValueError(
            f"{line.path}: the line 1/S = {line.c0:.5g} {line.c1:+.5g} beta Phi rises, so deeper "
            "cages would be softer: fit it to other runs (are their temperatures swapped?)"
        )
    counts = np.bincount(species, minlength=len(mixture.species))
    if np.abs(counts - mixture.fractions * len(species)).max() > 1.0:
        raise ValueError(
            f"{line.path}: is the calibration of the composition {mixture.fractions.tolist()}, "
            f"but the types have {(counts / len(species)).round(4).tolist()}"
        )
    if line.config is None:
        return
    theirs = read_composition(line.config)
    same = theirs.species == mixture.species and np.allclose(
        theirs.fractions, mixture.fractions, atol=1.0 / len(species)
    )
    if same and isinstance(theirs, Mixture) and isinstance(mixture, Mixture):
        same = theirs.form == mixture.form and all(
            np.allclose(getattr(theirs, name), getattr(mixture, name))
            for name in ("sigma", "epsilon", "cutoff")
        )
    if not same and isinstance(theirs, Mixture):
        raise ValueError(
            f"{line.path}: is the calibration of another mixture than the one scored; to score "
            f"its own mixture, give --potential {line.config}"
        )
    if not same:
        shares = ", ".join(
            f"{x:.4g} {u}" for u, x in zip(theirs.species, theirs.fractions, strict=True)
        )
        raise ValueError(
            f"{line.path}: is the calibration of another liquid than the one scored: of {shares}"
        )
    try:
        theirs_density = float(
            yaml.load(line.config.read_text(encoding="utf-8"), LOADER)["system"]["density"]
        )
    except (KeyError, TypeError, ValueError):
        return  # a mixture without a density, as --potential accepts it
    if abs(theirs_density / density - 1.0) > SAME_DENSITY:
        raise ValueError(
            f"{line.path}: is the calibration of density {theirs_density:.5g}, the trajectory has "
            f"{density:.5g}: a line holds at one density only (softcage calibrate)"
        )


def softness_from_depth(depth: ArrayLike, c0: float, c1: float) -> np.ndarray:
    r"""Softness from the depth of the cage with the calibrated line (Eq. 7).

    .. math:: 1 / S_i = c_0 + c_1 \beta\Phi_i = c_0 - c_1 \, depth_i

    Parameters
    ----------
    depth : array
        -beta Phi (positive), from :func:`softcage.cage.local_depth.local_depth`.
    c0, c1 : float
        Intercept and slope of 1/S_av against beta Phi_r; c1 is negative.

    Returns
    -------
    array
        Softness; NaN where the line gives 1/S <= 0, that is, where the linear relation does not
        extend to this particle. Count these particles and report their number;
        :func:`with_softest` says how they are ranked.
    """
    inverse = c0 - c1 * np.asarray(depth, dtype=float)
    return np.divide(1.0, inverse, out=np.full(inverse.shape, np.nan), where=inverse > 0)


def with_softest(softness: ArrayLike) -> np.ndarray:
    """Give particles without a softness a number that is larger than the softness of all others.

    Where 1/S falls to 0 on the line, the softness diverges; a particle beyond that point is
    therefore softer than every particle that has a softness. This one rule holds for everything
    that follows. Counts put such a particle at the soft end. Where a number is needed, for a
    correlation or an average around a particle, it gets the largest softness of its frame,
    increased by the smallest step of a 32-bit number, so that it is the softest and yet does not
    dominate an average.

    Parameters
    ----------
    softness : (..., n) array
        Softness of the n particles of a frame; NaN where there is none
        (:func:`softness_from_depth`).

    Returns
    -------
    (..., n) array
        The softness without NaN. It is 0 for all particles of a frame in which none has a softness,
        because nothing distinguishes them.
    """
    softness = np.asarray(softness)
    known = ~np.isnan(softness)
    if known.all():
        return softness
    largest = np.max(softness, axis=-1, keepdims=True, where=known, initial=-np.inf)
    above = np.nextafter(largest.astype(np.float32), np.float32(np.inf))
    return np.where(known, softness, np.where(np.isfinite(largest), above, 0)).astype(
        softness.dtype
    )
