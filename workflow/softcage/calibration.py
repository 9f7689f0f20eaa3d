"""The line from depth to softness: structure of runs, cage of a temperature, lines over several.

What the study's rules ``cage`` and ``calibration`` do, in its plain form (blocks of equal weight,
one range of the parabola), and a reader of the tables of either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from softcage.cage import (
    core_radius,
    depth_q,
    depth_r,
    first_minimum,
    inverse_softness,
    linear_calibration,
    potential_q,
)
from softcage.model import Mixture
from softcage.statistics import bootstrap, standard_error
from softcage.structure import (
    direct_correlation,
    match,
    pair_counts,
    rdf_from_counts,
    structure_factor_from_rdf,
)
from softcage.trajectory import Trajectory

ROUTES = ("curvature", "harmonic")


def shell_ranges(r, g, threshold=1e-3):
    """``r0`` and ``r_min`` of every pair of species, (n_species, n_species)."""
    n = len(g)
    r0 = [[core_radius(r, g[u, v], threshold) for v in range(n)] for u in range(n)]
    r_min = [[first_minimum(r, g[u, v]) for v in range(n)] for u in range(n)]
    return np.array(r0), np.array(r_min)


def measured_ranges(
    trajectory: Trajectory, tagged: int = 0, frames: int = 200, r_bin: float = 0.005
) -> tuple[np.ndarray, np.ndarray]:
    """Return r0 and r_min of the pairs (tagged, v) from a trajectory's own g(r), (n_species,).

    Parameters
    ----------
    trajectory : Trajectory
    tagged : int
        Species whose cage it is.
    frames : int
        At most so many, evenly spaced, are used.
    r_bin : float

    Raises
    ------
    ValueError
        If the box is too small to hold the first shell.
    """
    chosen = np.linspace(0, trajectory.n_frames - 1, min(frames, trajectory.n_frames))
    chosen = np.unique(chosen.round().astype(int))
    r_max = min(0.5 * trajectory.box, 3.0)
    n_bins = int(r_max / r_bin + 1e-9)
    counts = 0
    for k in chosen:
        frame = trajectory.read([k])
        counts = counts + pair_counts(frame, trajectory.species, trajectory.box, r_max, r_bin)
    n_species = np.bincount(trajectory.species)
    r, g = rdf_from_counts(counts[..., :n_bins], len(chosen), n_species, trajectory.box, r_bin)
    pairs = [g[tagged, v] for v in range(len(n_species))]
    return (
        np.array([core_radius(r, pair) for pair in pairs]),
        np.array([first_minimum(r, pair) for pair in pairs]),
    )


def _cage_numbers(q, s, r, g, q_values, harmonic_range, fractions, depth_of):
    """Depth_q, then 1/S by each route, for every q_max; last the depth_r."""
    c = direct_correlation(s)
    numbers = []
    for q_max in q_values:
        numbers.append(depth_q(q, s, c, fractions, q_max))
        for route in ROUTES:
            numbers.append(inverse_softness(q, s, c, fractions, q_max, route, harmonic_range))
    return np.array([*numbers, depth_of(r, g)])


def _table(numbers, errors, temperature, q_values, r0, r_min, names):
    """One row a q_max and route."""
    rows = []
    for i, q_max in enumerate(q_values):
        for k, route in enumerate(ROUTES):
            j = i * (len(ROUTES) + 1)
            row = {
                "T": temperature,
                "q_max": q_max,
                "route": route,
                "depth_q": numbers[j],
                "depth_q_error": errors[j],
                "inverse_softness": numbers[j + 1 + k],
                "inverse_softness_error": errors[j + 1 + k],
                "depth_r": numbers[-1],
                "depth_r_error": errors[-1],
            }
            for v, name in enumerate(names):
                row[f"r0_{names[0]}{name}"] = r0[0, v]
                row[f"r_min_{names[0]}{name}"] = r_min[0, v]
            rows.append(row)
    return pd.DataFrame(rows)


def cage_of_structure(
    r,
    g_blocks,
    q_lattice,
    s_blocks,
    density,
    fractions,
    *,
    mixture: Mixture,
    temperature: float,
    q_max: float = 20.0,
    q_max_alternatives: Iterable[float] = (),
    q_bin: float = 0.1,
    q_match: tuple[float, float] = (10.0, 14.0),
    harmonic_range: float = 0.05,
    core_threshold: float = 1e-3,
    resamples: int = 200,
    seed: int = 0,
) -> tuple[pd.DataFrame, dict]:
    """Depth, softness and radii of the mean-field cage at one temperature (Eqs. 3 to 6).

    Averages g(r) and S(q) over blocks, joins lattice S(q) with the transform of g - 1, inverts the
    average and integrates. Errors are a bootstrap over blocks, with r0 and r_min kept.

    Parameters
    ----------
    r, g_blocks, q_lattice, s_blocks
        From :func:`softcage.structure.structure_of_blocks`, of runs with the same bins.
    density : float
    fractions : (n_species,) array
    mixture, temperature, q_max, q_max_alternatives, q_bin, q_match, harmonic_range, core_threshold
        As in the configuration of a study.
    resamples, seed : int
        Of the bootstrap.

    Returns
    -------
    table : DataFrame
        A row a q_max and route, see ``workflow/scripts/cage.py``.
    curves : dict
        Arrays of the averages: r, g, q, s, c, potential, radii.
    """
    x = fractions
    q_values = sorted({float(value) for value in (q_max, *q_max_alternatives)})
    q = q_bin * np.arange(1, round(q_values[-1] / q_bin) + 1)
    transforms = structure_factor_from_rdf(r, g_blocks, q, density, x)
    matched, on_grid = match(q, q_lattice, s_blocks, transforms, q_match)
    overlap = (q >= q_match[0]) & (q <= q_match[1])
    mismatch = np.abs((on_grid - transforms).mean(axis=0)[..., overlap]).max()

    g, s = g_blocks.mean(axis=0), matched.mean(axis=0)
    r0, r_min = shell_ranges(r, g, core_threshold)

    def depth_of(r, g):
        return depth_r(r, g, mixture.potential, temperature, density, x, r0, r_min)

    # The blocks are weighed alike: [1, S, g] of each, so that a sum over blocks is a mean.
    n_s = s.size
    packed = np.hstack(
        [
            np.ones((len(g_blocks), 1)),
            matched.reshape(len(matched), -1),
            g_blocks.reshape(len(g_blocks), -1),
        ]
    )

    def statistic(total):
        mean = total / total[0]
        s_mean, g_mean = mean[1 : 1 + n_s].reshape(s.shape), mean[1 + n_s :].reshape(g.shape)
        return _cage_numbers(q, s_mean, r, g_mean, q_values, harmonic_range, x, depth_of)

    numbers, errors, _ = bootstrap(packed, statistic, resamples, seed)
    table = _table(numbers, errors, temperature, q_values, r0, r_min, mixture.species)
    c = direct_correlation(s)
    delta_r = np.linspace(0.0, 0.5, 251)
    curves = {
        "r": r,
        "g": g,
        "g_error": standard_error(g_blocks),
        "q": q,
        "s": s,
        "s_lattice": on_grid.mean(axis=0),
        "s_transform": transforms.mean(axis=0),
        "s_error": standard_error(matched),
        "c": c,
        "delta_r": delta_r,
        "phi_q_of_delta_r": potential_q(q, s, c, x, float(q_max), delta_r),
        "r0": r0,
        "r_min": r_min,
        "density": density,
        "fractions": x,
        "mismatch": mismatch,
    }
    return table, curves


def relations(cage: pd.DataFrame) -> Iterator[dict]:
    """Fit the lines a, b and c (Eq. 7) to the rows of one q_max and route, a row a temperature."""
    phi_q = (-cage["depth_q"], cage["depth_q_error"])
    phi_r = (-cage["depth_r"], cage["depth_r_error"])
    stiffness = (cage["inverse_softness"], cage["inverse_softness_error"])
    pairs = {"a": (phi_q, stiffness), "b": (phi_r, phi_q), "c": (phi_r, stiffness)}
    for name, ((x, x_error), (y, y_error)) in pairs.items():
        yield {"relation": name, **asdict(linear_calibration(x, y, x_error, y_error))}


def calibration_table(cage: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of every q_max and route of a table of cages over the temperatures.

    Raises
    ------
    ValueError
        With fewer than two temperatures.
    """
    rows = [
        {"relation": row.pop("relation"), "q_max": q_max, "route": route, **row}
        for (q_max, route), part in cage.groupby(["q_max", "route"])
        for row in relations(part)
    ]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Line:
    """One calibrated line 1/S = c0 + c1 beta Phi, and the cages it was fitted to.

    Attributes
    ----------
    path : str
        Where it came from.
    c0, c1 : float
        Intercept and slope; c1 is negative.
    q_max : float
    route : str
    cages : DataFrame
        A row a temperature: T, r0_AA, r_min_AA, ...
    config : Path or None
        The configuration of the study, if it is beside the tables.
    """

    path: str
    c0: float
    c1: float
    q_max: float
    route: str
    cages: pd.DataFrame
    config: Path | None

    def ranges(self, temperature: float, names: Iterable[str]):
        """Return r0 and r_min of the pairs at a temperature of the study, or None.

        Parameters
        ----------
        temperature : float
        names : iterable of str
            Pairs, such as ``("AA", "AB")``.
        """
        row = self.cages[np.isclose(self.cages["T"], temperature, rtol=0, atol=1e-6)]
        if row.empty:
            return None
        return tuple(
            np.array([float(row[f"{what}_{name}"].iloc[0]) for name in names])
            for what in ("r0", "r_min")
        )


def read_line(path: str | Path, q_max: float = 20.0, route: str = "curvature") -> Line:
    """Read relation c of a study: its folder, its folder ``calibration``, or ``calibration.csv``.

    Raises
    ------
    ValueError
        If there are no such tables, or they have no such q_max and route.
    """
    path = Path(path)
    places = [path, path / "calibration.csv", path / "calibration" / "calibration.csv"]
    table = next((place for place in places if place.is_file()), None)
    cages = None if table is None else table.with_name("cage.csv")
    if cages is None or not cages.is_file():
        raise ValueError(
            f"{path}: has no calibration: give the folder of a study or of 'softcage calibrate', "
            "with calibration.csv and cage.csv in it"
        )
    try:
        lines, cage = pd.read_csv(table), pd.read_csv(cages)
        lines = lines[lines["relation"] == "c"]
        chosen = lines[np.isclose(lines["q_max"], q_max) & (lines["route"] == route)]
        cage = cage[np.isclose(cage["q_max"], q_max) & (cage["route"] == route)]
        if len(chosen) != 1:
            known = ", ".join(f"{row.q_max:g} {row.route}" for row in lines.itertuples())
            raise ValueError(f"no line for q_max {q_max:g}, {route}; there are: {known}")
        c0, c1 = float(chosen["intercept"].iloc[0]), float(chosen["slope"].iloc[0])
    except (KeyError, ValueError) as error:
        raise ValueError(f"{table}: is no calibration that can be used: {error}") from error
    folders = [table.parent, table.parent.parent]
    config = next((f / "config.yaml" for f in folders if (f / "config.yaml").is_file()), None)
    return Line(str(table), c0, c1, float(q_max), route, cage.reset_index(drop=True), config)
