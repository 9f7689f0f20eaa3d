"""The average cage at one temperature, with error bars, from g(r) and S(q) of time blocks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd

from softcage.cage.mean_field import depth_q, depth_r, inverse_softness, potential_q, shell_ranges
from softcage.defaults import (
    CLOSURE,
    CORE_THRESHOLD,
    HARMONIC_RANGE,
    Q_BIN,
    Q_MATCH,
    Q_MAX,
    RESAMPLES,
)
from softcage.model import Composition, potential_of
from softcage.statistics import bootstrap, standard_error
from softcage.structure.blocks import Structure
from softcage.structure.structure_factor import direct_correlation, match, structure_factor_from_rdf

log = logging.getLogger(__name__)

_Method = tuple[float, str, float]  # to compute 1/S_av: q_max, route, range of the fit


def _methods(
    q_max: float,
    q_max_alternatives: Iterable[float],
    harmonic_range: float,
    harmonic_range_alternatives: Iterable[float],
) -> list[_Method]:
    """Return every method to compute 1/S_av; the curvature has the range 0, which is its limit."""
    methods = []
    for value in sorted({float(value) for value in (q_max, *q_max_alternatives)}):
        methods += [(value, "curvature", 0.0), (value, "harmonic", float(harmonic_range))]
    others = sorted(map(float, harmonic_range_alternatives))
    return methods + [(float(q_max), "harmonic_alternative", end) for end in others]


def _cage_numbers(
    q: np.ndarray, s: np.ndarray, fractions: np.ndarray, methods: list[_Method], dimension: int
) -> np.ndarray:
    """Return depth_q and 1/S for every method, (2, n_methods)."""
    c = direct_correlation(s)
    liquid = (q, s, c, fractions)
    depth = {q_max: depth_q(*liquid, q_max, dimension=dimension) for q_max, *_ in methods}
    stiffness = [
        inverse_softness(
            *liquid, q_max, "harmonic" if end > 0 else "curvature", end, dimension=dimension
        )
        for q_max, _, end in methods
    ]
    return np.array([[depth[q_max] for q_max, *_ in methods], stiffness])


def _bootstrap_of_averages(
    curves: Sequence[np.ndarray],
    frames: np.ndarray,
    statistic: Callable[..., np.ndarray],
    resamples: int,
    seed: int,
    n_runs: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return value and error of a statistic of the mean curves; curves are (n_blocks, ...)."""
    # The sum over blocks of [1, curves], each times its number of frames, gives the means.
    flat = [curve.reshape(len(frames), -1) for curve in curves]
    packed = frames[:, None] * np.hstack([np.ones((len(frames), 1)), *flat])
    ends = 1 + np.cumsum([part.shape[1] for part in flat])

    def of_sums(total: np.ndarray) -> np.ndarray:
        parts = np.split(total / total[0], [1, *ends[:-1]])[1:]
        return statistic(
            *(part.reshape(curve.shape[1:]) for part, curve in zip(parts, curves, strict=True))
        )

    value, error, _ = bootstrap(packed, of_sums, resamples, seed, n_runs)
    return value, error


def _log_agreement(lattice: np.ndarray, transform: np.ndarray) -> None:
    """Log how much two estimates of S(q) from the same frames differ, (n_blocks, u, v, q)."""
    difference = (lattice - transform).mean(axis=0)
    if not difference.size:
        log.info("S(q) comes from lattice vectors only: q_max is below q_match")
        return
    log.info(
        "lattice and transformed S(q) differ by at most %.3g where they are joined",
        abs(difference).max(),
    )
    # both come from the same frames, so the error is that of the difference
    error = standard_error(lattice - transform)
    known = np.isfinite(error) & (error > 0)
    if known.any():
        sigma = np.abs(difference[known] / error[known])
        # the variance of Student's t: errors from few blocks make the ratio scatter more
        n = len(lattice)
        expected = f"{np.sqrt((n - 1) / (n - 3)):.2f}" if n > 3 else "not known from so few blocks"
        log.info(
            "in units of the error of the difference, %d blocks: root mean square %.2f "
            "(expected by chance: %s), at most %.2f",
            n,
            np.sqrt(np.mean(sigma**2)),
            expected,
            sigma.max(),
        )


def cage_of_structure(
    structure: Structure,
    mixture: Composition,
    temperature: float,
    *,
    q_max: float = Q_MAX,
    q_max_alternatives: Iterable[float] = (),
    harmonic_range: float = HARMONIC_RANGE,
    harmonic_range_alternatives: Iterable[float] = (),
    q_bin: float = Q_BIN,
    q_match: tuple[float, float] = Q_MATCH,
    core_threshold: float = CORE_THRESHOLD,
    resamples: int = RESAMPLES,
    seed: int = 0,
    n_runs: int = 1,
    tagged: int = 0,
    closure: str = CLOSURE,
) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Depth, softness and radii of the mean-field cage at one temperature (Eqs. 3 to 6).

    g(r) and S(q) are averaged over blocks, with the same weight for every frame. S(q) of lattice
    vectors is joined with the transform of g - 1; the average is inverted and integrated. r0 and
    r_min are those of the average g. Errors come from a bootstrap over blocks, or from the scatter
    between runs where that is larger (:func:`softcage.statistics.bootstrap`), with r0 and r_min
    fixed. The agreement between lattice and transformed S(q) where they are joined is logged.

    Parameters
    ----------
    structure : Structure
        Blocks of all runs at this temperature, from
        :func:`softcage.structure.blocks.pool_structure`.
    mixture : Composition
        A mixture with its potential; species and fractions are enough for the closure ``pair``.
    temperature : float
    q_max, q_max_alternatives, harmonic_range, harmonic_range_alternatives
        The methods to compute 1/S_av: both routes of
        :func:`~softcage.cage.mean_field.inverse_softness` for each q_max, and at ``q_max`` itself
        parabolas over other ranges (route ``harmonic_alternative``).
    q_bin : float
        Step of q.
    q_match : pair of floats
        See :func:`softcage.structure.structure_factor.match`.
    core_threshold : float
        See :func:`~softcage.cage.mean_field.core_radius`.
    resamples, seed, n_runs : int
        For the bootstrap; ``n_runs`` is the number of runs to which the blocks of ``structure``
        belong.
    tagged : int
        Species whose depth_r is computed. 1/S_av and depth_q are those of the whole liquid.
    closure : str
        Of depth_r (:mod:`softcage.cage.closures`).

    Returns
    -------
    table : DataFrame
        One row for each method; ``depth_* = -beta Phi``, positive, in units of k_B T;
        ``inverse_softness`` in 1 / sigma_AA^2; the radii of the pairs of the tagged species; and a
        column ``closure``, if that is not HNC, and ``dimension``, if that is not 3.
    curves : dict
        Arrays of averages: r, g, q, s, c, potential, radii.

    Raises
    ------
    ValueError
        If S(q) does not reach far enough, g(r) has no first shell, or S(q) is singular.
    """
    methods = _methods(q_max, q_max_alternatives, harmonic_range, harmonic_range_alternatives)
    q = q_bin * np.arange(1, round(max(method[0] for method in methods) / q_bin) + 1)
    if len(q) < 2:
        raise ValueError(
            f"q_max = {q_max:g} is less than two steps of q, {q_bin:g} each: raise q_max"
        )
    r, density, x = structure.r, structure.density, structure.fractions
    d = structure.dimension
    transform = structure_factor_from_rdf(r, structure.g, q, density, x, dimension=d)
    matched, lattice = match(q, structure.q, structure.s, transform, q_match)
    blended = (q >= q_match[0]) & (q <= q_match[1])
    _log_agreement(lattice[..., blended], transform[..., blended])
    frames = structure.block_frames.astype(float)
    g, s, s_lattice, s_transform = (
        np.average(curve, axis=0, weights=frames)
        for curve in (structure.g, matched, lattice, transform)
    )
    r0, r_min = shell_ranges(r, g, core_threshold)
    potential = potential_of(mixture)

    def numbers(s: np.ndarray, g: np.ndarray) -> np.ndarray:
        depth = depth_r(r, g, potential, temperature, density, x, r0, r_min, tagged, closure, d)
        return np.append(_cage_numbers(q, s, x, methods, d), depth)

    value, error = _bootstrap_of_averages(
        (matched, structure.g), frames, numbers, resamples, seed, n_runs
    )
    table = _table(value, error, methods)
    table.insert(0, "T", temperature)
    table["n_frames"] = structure.n_frames
    for v, name in enumerate(mixture.pairs_of(tagged)):
        table[f"r0_{name}"], table[f"r_min_{name}"] = r0[tagged, v], r_min[tagged, v]
    if closure != "hnc":
        table["closure"] = closure
    if d != 3:
        table["dimension"] = d
    c = direct_correlation(s)
    delta_r = np.linspace(0.0, 0.5, 251)
    curves = {
        "r": r,
        "g": g,
        "g_error": standard_error(structure.g),
        "q": q,
        "s": s,
        "s_lattice": s_lattice,
        "s_lattice_error": standard_error(lattice),
        "s_transform": s_transform,
        "s_transform_error": standard_error(transform),
        "s_error": standard_error(matched),
        "c": c,
        "delta_r": delta_r,
        "phi_q_of_delta_r": potential_q(q, s, c, x, float(q_max), delta_r, d),
        "r0": r0,
        "r_min": r_min,
        "density": np.array(density),
        "fractions": x,
        "n_frames": np.array(structure.n_frames),
    }
    return table, curves


def _table(value: np.ndarray, error: np.ndarray, methods: list[_Method]) -> pd.DataFrame:
    """Return depth_q and 1/S of each method, and depth_r, which all share, with their errors."""
    table = pd.DataFrame(methods, columns=["q_max", "route", "harmonic_range"])
    n = len(methods)
    for name, part in (("depth_q", slice(n)), ("inverse_softness", slice(n, -1)), ("depth_r", -1)):
        table[name], table[f"{name}_error"] = value[part], error[part]
    return table
