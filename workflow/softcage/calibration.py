"""The cage at one temperature, the line from depth to softness over several, its reader."""

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

# of a table of cages, besides the radii
_COLUMNS = (
    "T", "q_max", "route", "harmonic_range", "depth_q", "depth_q_error", "inverse_softness",
    "inverse_softness_error", "depth_r", "depth_r_error",
)  # fmt: skip


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


def _ways(q_max, q_max_alternatives, harmonic_range, harmonic_range_alternatives):
    """(q_max, route, range of the fit) of every way to S_av, the range of the curvature being 0."""
    ways = []
    for value in sorted({float(value) for value in (q_max, *q_max_alternatives)}):
        ways += [(value, "curvature", 0.0), (value, "harmonic", float(harmonic_range))]
    others = sorted(map(float, harmonic_range_alternatives))
    return ways + [(float(q_max), "harmonic_alternative", end) for end in others]


def _cage_numbers(q, s, fractions, ways):
    """Depth_q of every way, then 1/S of every way."""
    c = direct_correlation(s)
    depth = {q_max: depth_q(q, s, c, fractions, q_max) for q_max, *_ in ways}
    stiffness = [
        inverse_softness(q, s, c, fractions, q_max, "harmonic" if end > 0 else "curvature", end)
        for q_max, _, end in ways
    ]
    return [*(depth[q_max] for q_max, *_ in ways), *stiffness]


def _table(numbers, errors, temperature, ways, n_frames, r0, r_min, names):
    """One row a way; the last number is the depth_r."""
    rows = []
    for i, (q_max, route, end) in enumerate(ways):
        row = {
            "T": temperature,
            "q_max": q_max,
            "route": route,
            "harmonic_range": end,
            "depth_q": numbers[i],
            "depth_q_error": errors[i],
            "inverse_softness": numbers[len(ways) + i],
            "inverse_softness_error": errors[len(ways) + i],
            "depth_r": numbers[-1],
            "depth_r_error": errors[-1],
            "n_frames": n_frames,
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
    frames,
    density,
    fractions,
    *,
    mixture: Mixture,
    temperature: float,
    q_max: float = 20.0,
    q_max_alternatives: Iterable[float] = (),
    harmonic_range: float = 0.05,
    harmonic_range_alternatives: Iterable[float] = (),
    q_bin: float = 0.1,
    q_match: tuple[float, float] = (10.0, 14.0),
    core_threshold: float = 1e-3,
    resamples: int = 200,
    seed: int = 0,
) -> tuple[pd.DataFrame, dict, tuple[np.ndarray, np.ndarray]]:
    """Depth, softness and radii of the mean-field cage at one temperature (Eqs. 3 to 6).

    Averages g(r) and S(q) over blocks, frames weighing alike, joins lattice S(q) with the
    transform of g - 1, inverts the average and integrates. r0 and r_min come from the average g.
    Errors are a bootstrap over blocks, with r0 and r_min kept.

    Parameters
    ----------
    r, g_blocks, q_lattice, s_blocks
        From :func:`softcage.structure.structure_of_blocks`, of runs with the same bins.
    frames : (n_blocks,) array
        Frames in each block.
    density : float
    fractions : (n_species,) array
    mixture : Mixture
    temperature : float
    q_max, q_max_alternatives, harmonic_range, harmonic_range_alternatives
        As in the configuration of a study: the ways to S_av. Both routes for each q_max; at
        ``q_max`` itself also parabolas over other ranges (route ``harmonic_alternative``).
    q_bin, q_match, core_threshold
        As in the configuration of a study.
    resamples, seed : int
        Of the bootstrap.

    Returns
    -------
    table : DataFrame
        A row a way; ``depth_* = -beta Phi``, positive, in units of k_B T; ``inverse_softness`` in
        1 / sigma_AA^2.
    curves : dict
        Arrays of the averages: r, g, q, s, c, potential, radii.
    routes : (n_blocks, n_species, n_species, n) arrays
        S(q) from lattice vectors and from the transform, block by block, where they are blended.
    """
    x, frames = fractions, np.asarray(frames, dtype=float)
    ways = _ways(q_max, q_max_alternatives, harmonic_range, harmonic_range_alternatives)
    q = q_bin * np.arange(1, round(max(way[0] for way in ways) / q_bin) + 1)
    transforms = structure_factor_from_rdf(r, g_blocks, q, density, x)
    matched, on_grid = match(q, q_lattice, s_blocks, transforms, q_match)
    overlap = (q >= q_match[0]) & (q <= q_match[1])
    g, s, s_lattice, s_transform = (
        np.average(curve, axis=0, weights=frames)
        for curve in (g_blocks, matched, on_grid, transforms)
    )
    r0, r_min = shell_ranges(r, g, core_threshold)

    def depth_of(r, g):
        return depth_r(r, g, mixture.potential, temperature, density, x, r0, r_min)

    # Frames weigh alike: a sum over [1, S, g] times the frames of each block gives the mean.
    n_s = s.size
    curves = np.hstack([part.reshape(len(frames), -1) for part in (matched, g_blocks)])
    packed = frames[:, None] * np.hstack([np.ones((len(frames), 1)), curves])

    def statistic(total):
        mean = total / total[0]
        s_mean, g_mean = mean[1 : 1 + n_s].reshape(s.shape), mean[1 + n_s :].reshape(g.shape)
        return np.array([*_cage_numbers(q, s_mean, x, ways), depth_of(r, g_mean)])

    numbers, errors, _ = bootstrap(packed, statistic, resamples, seed)
    n_frames = int(frames.sum())
    table = _table(numbers, errors, temperature, ways, n_frames, r0, r_min, mixture.species)
    c = direct_correlation(s)
    delta_r = np.linspace(0.0, 0.5, 251)
    curves = {
        "r": r,
        "g": g,
        "g_error": standard_error(g_blocks),
        "q": q,
        "s": s,
        "s_lattice": s_lattice,
        "s_lattice_error": standard_error(on_grid),
        "s_transform": s_transform,
        "s_transform_error": standard_error(transforms),
        "s_error": standard_error(matched),
        "c": c,
        "delta_r": delta_r,
        "phi_q_of_delta_r": potential_q(q, s, c, x, float(q_max), delta_r),
        "r0": r0,
        "r_min": r_min,
        "density": density,
        "fractions": x,
        "n_frames": n_frames,
    }
    return table, curves, (on_grid[..., overlap], transforms[..., overlap])


def read_cages(paths: Iterable[str | Path]) -> pd.DataFrame:
    """Read tables of cages, one a temperature, as one table.

    Raises
    ------
    ValueError
        If a table lacks a column; the message names both.
    """
    tables = []
    for path in paths:
        table = pd.read_csv(path)
        if missing := [name for name in _COLUMNS if name not in table]:
            raise ValueError(
                f"{path}: has no column {', '.join(missing)}: is no table of cages, or of another "
                "version; delete it, and it is made again"
            )
        tables.append(table)
    return pd.concat(tables)


def relations(cage: pd.DataFrame) -> Iterator[dict]:
    """Fit the lines a, b and c (Eq. 7) to the rows of one q_max and route, a row a temperature."""
    phi_q = (-cage["depth_q"], cage["depth_q_error"])
    phi_r = (-cage["depth_r"], cage["depth_r_error"])
    stiffness = (cage["inverse_softness"], cage["inverse_softness_error"])
    pairs = {"a": (phi_q, stiffness), "b": (phi_r, phi_q), "c": (phi_r, stiffness)}
    for name, ((x, x_error), (y, y_error)) in pairs.items():
        yield {"relation": name, **asdict(linear_calibration(x, y, x_error, y_error))}


def calibration_table(cage: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of every way to S_av of a table of cages over the temperatures.

    Raises
    ------
    ValueError
        With fewer than two temperatures.
    """
    way = ["q_max", "route", "harmonic_range"]
    rows = [
        {"relation": row.pop("relation"), **dict(zip(way, values, strict=True)), **row}
        for values, part in cage.groupby(way)
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
        if missing := [f"r0_{name}" for name in names if f"r0_{name}" not in row]:
            raise ValueError(f"{self.path}: the cages beside it have no column {missing[0]}")
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
