"""Depth of single cages: the caging potential around every particle of one frame.

The radial distribution function of one particle is a sum of Gaussians, one for each neighbour (Eq.
8). With a closure (:mod:`softcage.cage.closures`) it gives the depth of the cage of this particle
(Eq. 5).

Sign: Phi is negative, as in the paper; functions here return the depth -beta Phi, which is positive
for a particle in a cage.

Accuracy
--------
The relative error of a depth is below ``ERROR_TARGET``. A test checks this against a literal
evaluation of Eqs. 5, 6 and 8. The following choices were made by measurement:

- *Narrow Gaussians.* The integrand is smooth on the scale of delta. On a grid of step h, the error
  of the trapezoid rule comes from the two ends alone and is given by the Euler-Maclaurin formula;
  weights for eight points around either end cancel it up to the order h^9 (:func:`end_weights`).
  With h / delta = 0.3, 0.4, 0.5, 0.6 the largest error of a particle was 9e-6, 7e-5, 2e-4, 4e-4
  (four delta, T = 0.47 and 0.80; a third of that in units of the mean depth), hence h = 0.4 delta.
  Simpson's rule would need h = 0.15 delta. The repulsion, r^-12, varies on its own scale, r0 / 12,
  for any delta; h is therefore kept below r0 / 15. Between two grid points a Gaussian is read from
  a table of 64 places, with linear interpolation, and with an error of 3e-6 of its height.
- *Wide Gaussians.* In a shell of at most 6.9 delta, the 24 Gauss-Legendre nodes are less than 0.45
  delta apart. All wide delta share the neighbours: each neighbour is added to eight points of one
  coarse grid, as the sum of Gaussians on these points that best approximates its Gaussian. With
  points at a distance of half the narrowest width, and Gaussians of 0.9 of this width, the
  difference is below 1e-6 of the height, and 4e-6 with the table of places. Wider Gaussians are
  obtained by widening these sums. The largest error of a particle was 2e-5.
- *Reach.* A Gaussian that is cut off at x delta lacks erfc(x / sqrt 2) of the weight of a
  neighbour: 1e-5, a tenth of the target, for x = 4.4, which is eleven steps of a fine grid.
- *Precision.* Distances are float64; Gaussians, logarithms and their sums are float32, whose
  rounding error, 6e-8 of a term, is far below the target.

The kernels are in :mod:`softcage.cage.depth_kernels`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numba
import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bernoulli

from softcage.box import SPHERE, Box, placed
from softcage.cage.closures import beta_potential, pair_weight
from softcage.cage.depth_kernels import NODES, PLACES, sum_shells
from softcage.compiled.simd import LANES
from softcage.defaults import CLOSURE
from softcage.model import Potential

ERROR_TARGET = 1e-4
# Gaussians are cut off at this many widths.
_REACH = 4.4
# Step of a fine grid in units of delta, and the smallest number of steps in r0.
_STEP = _REACH / 11
_STEPS_IN_CORE = 15.0
# A coarse grid represents Gaussians of the narrowest width that it serves. Its step, and the width
# of the Gaussians on its points, are in units of that width.
_COARSE_STEP = 0.5
_COARSE_WIDTH = 0.9
# The thickest shell, in units of delta, for which the Gauss-Legendre nodes are close enough.
_LONGEST = 6.9
# Number of grid points outside the range, and as many inside, that correct the integral at an end.
_ENDS = 4


def check_frame(
    positions: np.ndarray, species: np.ndarray, box: Any
) -> tuple[np.ndarray, np.ndarray, Box]:
    """Return positions as (N, 3) float64 in the axes of the box, species as int64, and the box.

    Raises
    ------
    ValueError
        If they do not match, a position is not finite, or as :func:`softcage.box.placed`.
    """
    positions = np.asarray(positions, dtype=np.float64)
    species = np.ascontiguousarray(species, dtype=np.int64)
    if positions.shape not in ((len(species), 3), (len(species), 2)):
        raise ValueError(
            f"positions have shape {positions.shape}, expected ({len(species)}, 3) for the "
            f"{len(species)} entries of species: give one frame at a time"
        )
    if not np.isfinite(positions.sum()):
        raise ValueError("positions hold NaN or infinity: the frame is damaged")
    positions, box = placed(positions, box)
    return np.ascontiguousarray(positions), species, box


def end_weights(fraction: float) -> np.ndarray:
    r"""Weights of the points -3..4 for a sum over equally spaced points that ends at ``fraction``.

    .. math:: \int_{-\infty}^{\varphi} f(x) dx \approx
              \sum_{k \le 0} f(k) + \sum_{k=-3}^{4} c_k f(k)

    This is exact for polynomials of degree 7 in the sense of the Euler-Maclaurin formula:
    :math:`\sum_k c_k k^j = (\varphi^{j+1} - B_{j+1}) / (j + 1)` with the Bernoulli numbers B
    (:math:`B_1 = 1/2`).

    Parameters
    ----------
    fraction : float
        End of the integral, between 0 and 1.

    Returns
    -------
    (8,) array
    """
    points, power = np.arange(1 - _ENDS, 1 + _ENDS), np.arange(2 * _ENDS)
    numbers = bernoulli(2 * _ENDS)
    numbers[1] = 0.5
    moments = (fraction ** (power + 1.0) - numbers[1:]) / (power + 1)
    return np.linalg.solve(np.vander(points, increasing=True).T.astype(float), moments)


@dataclass(frozen=True)
class _Grid:
    """A grid to which Gaussians of one ``width`` are added, and the delta that it serves."""

    width: float
    step: float
    serves: np.ndarray
    coarse: bool

    @property
    def reach(self) -> float:
        return _REACH * self.serves.max()

    def table(self) -> np.ndarray:
        return _coarse_table() if self.coarse else _gaussian_table(self.step / self.width)


def _grids(deltas: np.ndarray, r0: np.ndarray, r_min: np.ndarray) -> list[_Grid]:
    """Return the grids for delta in descending order.

    All wide delta share one coarse grid; each narrow delta has a fine grid.
    """
    wide = deltas[(r_min - r0).max() <= _LONGEST * deltas]
    grids = []
    if len(wide):
        grids.append(_Grid(wide.min(), _COARSE_STEP * wide.min(), wide, coarse=True))
    for delta in deltas[len(wide) :]:
        step = min(_STEP * delta, r0.min() / _STEPS_IN_CORE)
        grids.append(_Grid(delta, step, np.array([delta]), coarse=False))
    return grids


def _grid_nodes(r0: float, r_min: float, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Return points of a grid through r0 and their weights in the integral from r0 to r_min."""
    inside = math.floor((r_min - r0) / step * (1 - 1e-12))
    rule = np.zeros(inside + 1 + 2 * _ENDS)
    rule[_ENDS:-_ENDS] = 1.0
    rule[: 2 * _ENDS] += end_weights(0.0)[::-1]
    rule[-2 * _ENDS :] += end_weights((r_min - r0) / step - inside)
    return r0 + step * (np.arange(len(rule)) - _ENDS), step * rule


# Cached, because computing these constants takes half as long as scoring a frame.
_legendre = functools.cache(np.polynomial.legendre.leggauss)


def _legendre_nodes(r0: float, r_min: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the Gauss-Legendre nodes and weights from r0 to r_min."""
    x, rule = _legendre(NODES)
    half = 0.5 * (r_min - r0)
    return r0 + half * (1.0 + x), half * rule


def _widening(r: np.ndarray, delta: float, grid: _Grid, first: float) -> tuple[int, np.ndarray]:
    """Return the first point, and the matrix from coarse grid points to sums of wide Gaussians.

    The rows of the matrix are points of the grid, from the first one on; the columns are the nodes
    ``r``. For Gaussians of ``delta`` instead of the width of the grid, the Gaussians on the grid
    points are widened accordingly: squares of widths add up.
    """
    on_points = _COARSE_WIDTH * grid.width
    width = math.sqrt(delta**2 - grid.width**2 + on_points**2)
    begin = math.floor((r.min() - _REACH * width - first) / grid.step)
    end = math.ceil((r.max() + _REACH * width - first) / grid.step)
    points = first + grid.step * np.arange(begin, end + 1)
    return begin, on_points / width * np.exp(-0.5 * ((r - points[:, None]) / width) ** 2)


def _gaussian_table(step: float) -> np.ndarray:
    """Return Gaussians on a fine grid, (places, 2, width): their value and slope at each place.

    A neighbour that lies ``f`` steps beyond point 0, with f in [0, 1), is at place int(f places);
    column m is the Gaussian of unit width at point m + 1 - width / 2. ``step`` is in units of that
    width.
    """
    width = LANES * math.ceil((2.0 * _REACH / step - 1e-6) / LANES)
    points = np.arange(width) + 1 - width // 2
    return _lines(np.exp(-0.5 * ((points - _chebyshev_nodes()[..., None]) * step) ** 2))


@functools.cache
def _coarse_table() -> np.ndarray:
    """Return the weights of the eight points of a coarse grid around a neighbour, (places, 2, 8).

    With these weights, the sum of Gaussians on the points is the best approximation (least squares)
    of the Gaussian around the neighbour. Places and columns are those of :func:`_gaussian_table`.
    """
    r = np.linspace(-8.0, 8.0, 321)
    points = _COARSE_STEP * (np.arange(LANES) + 1 - LANES // 2)
    on_points = np.exp(-0.5 * ((r[:, None] - points) / _COARSE_WIDTH) ** 2)
    wanted = np.exp(-0.5 * (r[:, None] - _COARSE_STEP * _chebyshev_nodes().ravel()) ** 2)
    weights = np.linalg.lstsq(on_points, wanted, rcond=None)[0]
    return _lines(weights.T.reshape(PLACES, 2, LANES))


def _chebyshev_nodes() -> np.ndarray:
    """Return the two Chebyshev nodes of each place, in steps: there the interpolation is exact."""
    return (np.arange(PLACES)[:, None] + 0.5 + np.array([-1.0, 1.0]) / math.sqrt(8.0)) / PLACES


def _lines(values: np.ndarray) -> np.ndarray:
    """Return value and slope at each place of lines through values at the Chebyshev nodes."""
    return np.stack([values.mean(axis=1), math.sqrt(2.0) * (values[:, 1] - values[:, 0])], axis=1)


def _starts(lengths: ArrayLike) -> np.ndarray:
    """Return where consecutive parts of these lengths begin, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(lengths)])


def _whole_vectors(values: np.ndarray) -> np.ndarray:
    """Return the values, padded with zeros to whole vectors."""
    return np.pad(values, (0, -len(values) % LANES))


def _aligned(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return arrays one after another as a flat float32 array, aligned to vectors of 32 bytes."""
    values = np.concatenate([np.ravel(part) for part in parts]) if parts else np.zeros(LANES)
    room = np.zeros(len(values) + LANES, dtype=np.float32)
    begin = -(room.ctypes.data // room.itemsize) % LANES
    room[begin : begin + len(values)] = values
    return room[begin : begin + len(values)]


@dataclass(frozen=True, eq=False)
class DepthTables:
    """Tables that :func:`local_depths` needs besides the positions; from :func:`depth_tables`.

    The widths delta are numbered in descending order: ``order`` gives the place of each in the
    order given by the caller. Gaussians are added on one grid or several. Grid b serves the delta
    ``serves[b]`` to ``serves[b + 1]`` and takes neighbours of each species at distances in
    (``low``, ``high``); its points begin at ``first``. The integral for a delta runs over points of
    the grid, from ``from_point`` on; or, if ``n_points`` is not 0, over nodes that are obtained by
    multiplying this many points by a block of ``matrix``. ``norm``, ``weight`` and ``beta_u`` hold
    the nodes of all delta and species one after another, padded with zeros to whole vectors;
    ``nodes`` says where each part begins.
    """

    tagged: int
    closure: str
    n_species: int
    dimension: int
    order: np.ndarray
    low: np.ndarray
    high: np.ndarray
    first: np.ndarray
    inverse_step: np.ndarray
    size: np.ndarray
    table: np.ndarray
    at_table: np.ndarray
    width: np.ndarray
    serves: np.ndarray
    nodes: np.ndarray
    from_point: np.ndarray
    n_points: np.ndarray
    matrix: np.ndarray
    at_matrix: np.ndarray
    norm: np.ndarray
    weight: np.ndarray
    beta_u: np.ndarray


def _checked(
    r0: ArrayLike, r_min: ArrayLike, deltas: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r0, r_min = np.asarray(r0, dtype=float), np.asarray(r_min, dtype=float)
    if r0.shape != r_min.shape or not np.all((r0 > 0) & (r_min > r0)):
        raise ValueError(
            f"local_depth: r0 = {r0.tolist()} and r_min = {r_min.tolist()} are not ranges: "
            "take them from one row of cage.csv; 0 < r0 < r_min must hold"
        )
    deltas = np.asarray(deltas, dtype=float)
    if not (deltas > 0).all():
        raise ValueError(f"local_depth: delta = {deltas.tolist()} must be positive")
    return r0, r_min, deltas


def depth_tables(
    potential: Potential | None,
    temperature: float | None,
    r0: ArrayLike,
    r_min: ArrayLike,
    deltas: ArrayLike,
    density: float,
    fractions: ArrayLike,
    tagged: int = 0,
    closure: str = CLOSURE,
    dimension: int = 3,
) -> DepthTables:
    """Return the grids, weights and pair energies of the first shells around one species.

    They depend on the state point only: all its frames can use the same tables.

    Parameters
    ----------
    potential : callable or None
        ``potential(u, v, r)`` gives U_uv(r), e.g. ``Mixture.potential``.
    temperature : float or None
    r0, r_min : (n_species,) array
        Range of r for the pairs (tagged, v), from :func:`softcage.cage.mean_field.core_radius` and
        :func:`softcage.cage.mean_field.first_minimum`.
    deltas : sequence of float
        Widths of the Gaussians, sigma_AA.
    density : float
        Number density of all particles.
    fractions : (n_species,) array
    tagged : int
        Species u of the particles scored; 0 is A.
    closure : str
        ``hnc``, or ``pair``, which needs neither potential nor temperature.
    dimension : int
        2 or 3.

    Raises
    ------
    ValueError
        If a range is empty, a delta is not positive, or the closure needs a potential or a
        temperature that is not given.
    """
    energy = beta_potential(closure, potential, temperature)
    r0, r_min, deltas = _checked(r0, r_min, deltas)
    fractions = np.asarray(fractions, dtype=float)
    order = np.argsort(-deltas, kind="stable")
    deltas, n_species = deltas[order], len(r0)
    grids = _grids(deltas, r0, r_min)
    tables = [grid.table() for grid in grids]
    columns = [table.shape[2] for table in tables]
    low = np.array([r0 - grid.reach for grid in grids])
    high = np.array([r_min + grid.reach for grid in grids])
    step = np.array([grid.step for grid in grids])[:, None]
    # The Gaussian of any neighbour within reach fits on the grid, and r0 is one of the points.
    before = np.ceil((r0 - low) / step) + np.array(columns)[:, None] // 2
    first = r0 - before * step
    size = np.ceil((high - first) / step) + np.array(columns)[:, None] // 2 + 1
    from_point, n_points = np.zeros((2, len(deltas), n_species), dtype=np.int64)
    norm, weight, beta_u, blocks = [], [], [], []
    served = [(b, delta) for b, grid in enumerate(grids) for delta in grid.serves]
    for k, (b, delta) in enumerate(served):
        for v in range(n_species):
            if grids[b].coarse:
                r, rule = _legendre_nodes(r0[v], r_min[v])
                from_point[k, v], block = _widening(r, delta, grids[b], first[b, v])
                n_points[k, v] = len(block)
                blocks.append(block)
            else:
                r, rule = _grid_nodes(r0[v], r_min[v], grids[b].step)
                from_point[k, v] = before[b, v] - _ENDS
            gaussian = math.sqrt(2.0 * np.pi) * grids[b].width
            shell = SPHERE[dimension] * density * r ** (dimension - 1)
            norm.append(_whole_vectors(1.0 / (shell * fractions[v] * gaussian)))
            of_pair = pair_weight(closure, fractions[tagged], fractions[v])
            weight.append(_whole_vectors(shell * of_pair * rule))
            beta_u.append(_whole_vectors(energy(tagged, v, r)))
    return DepthTables(
        tagged=tagged,
        closure=closure,
        n_species=n_species,
        dimension=dimension,
        order=order,
        low=low,
        high=high,
        first=first,
        inverse_step=1.0 / step[:, 0],
        size=(LANES * np.ceil(size / LANES)).astype(np.int64),
        table=_aligned(tables),
        at_table=_starts([table.size for table in tables]),
        width=np.array(columns),
        serves=_starts([len(grid.serves) for grid in grids]),
        nodes=_starts([len(part) for part in norm]),
        from_point=from_point,
        n_points=n_points,
        matrix=_aligned(blocks),
        at_matrix=(NODES * _starts(n_points.ravel())[:-1]).reshape(n_points.shape),
        norm=_aligned(norm),
        weight=_aligned(weight),
        beta_u=_aligned(beta_u),
    )


def combined_tables(tables: Sequence[DepthTables]) -> DepthTables:
    """Combine tables of one state point that differ in fractions or energies.

    The neighbours are then looked up, and their Gaussians added, once for all tables.
    :func:`local_depths` gives the rows of the first table, then those of the next, each bit for bit
    as it would for this table alone.

    Parameters
    ----------
    tables : sequence of DepthTables
        Tables with the same ranges, delta, tagged species and closure.
    """
    first, n = tables[0], len(tables)
    n_delta, n_species = first.n_points.shape

    def interleaved(name: str) -> np.ndarray:
        """Return the nodes of each delta in all tables, one table after another."""
        begin = first.nodes[::n_species]
        return _aligned(
            [getattr(t, name)[begin[k] : begin[k + 1]] for k in range(n_delta) for t in tables]
        )

    return replace(
        first,
        order=(first.order[:, None] + n_delta * np.arange(n)).ravel(),
        serves=n * first.serves,
        nodes=_starts(np.repeat(np.diff(first.nodes).reshape(n_delta, n_species), n, axis=0)),
        from_point=np.repeat(first.from_point, n, axis=0),
        n_points=np.repeat(first.n_points, n, axis=0),
        at_matrix=np.repeat(first.at_matrix, n, axis=0),
        norm=interleaved("norm"),
        weight=interleaved("weight"),
        beta_u=interleaved("beta_u"),
    )


def local_depths(
    positions: np.ndarray, species: np.ndarray, box: Any, tables: DepthTables
) -> np.ndarray:
    """Depth of the cage of every particle of one species in one frame, for several delta.

    The result for each delta is that of :func:`local_depth`, but cells and distances are computed
    once for all of them. The particles are shared among Numba's threads; the result does not depend
    on the number of threads.

    Parameters
    ----------
    positions : (N, 2 or 3) array
        One frame, wrapped or unwrapped, sigma_AA.
    species : (N,) int array
    box : float, Box or array
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes.
    tables : DepthTables
        :func:`depth_tables` of the state point.

    Returns
    -------
    (n_delta, n_tagged) array
        One row per delta, in the order given; columns are in the order of the particles. A particle
        whose shell, with the Gaussians of the widest delta, reaches beyond an edge of the box that
        is not periodic, has NaN.

    Raises
    ------
    ValueError
        If shapes do not match, the tables are those of another dimension, or the shell does not fit
        into half of the smallest height of the box.
    """
    given = positions
    positions, species, box = check_frame(positions, species, box)
    if species.max() >= tables.n_species:
        raise ValueError(
            f"local_depth: species {species.max()} has no r0, r_min: give both for each species"
        )
    if box.dimension != tables.dimension:
        raise ValueError(
            f"local_depth: the tables are those of {tables.dimension} dimensions, the box has "
            f"{box.dimension}: make them with its dimension"
        )
    t, reach = tables, float(tables.high.max())
    if reach > box.half:
        raise ValueError(
            f"local_depth: neighbours contribute up to {reach:.3g}, beyond half the box "
            f"({box.half:.3g}): use a larger system or a smaller delta"
        )
    n_cells = (*(int(height / reach) for height in box.heights), 1)[:3]
    depths = np.zeros((len(t.order), len(species)))
    sum_shells(
        positions, species, t.tagged, box.vectors, box.periodic, n_cells,
        4 * numba.get_num_threads(), t.low, t.high, t.first, t.inverse_step, t.size, t.table,
        t.at_table, t.width, t.serves, t.nodes, t.from_point, t.n_points, t.matrix, t.at_matrix,
        t.norm, t.weight, t.beta_u, t.closure == "hnc", depths,
    )  # fmt: skip
    if box.bounded:
        depths[:, ~box.inside(given, reach)] = np.nan
    result = np.empty((len(t.order), np.count_nonzero(species == t.tagged)))
    result[t.order] = depths[:, species == t.tagged]
    return result


def local_depth(
    positions: np.ndarray,
    species: np.ndarray,
    box: Any,
    *,
    potential: Potential | None = None,
    temperature: float | None = None,
    r0: ArrayLike,
    r_min: ArrayLike,
    delta: float,
    tagged: int = 0,
    density: float | None = None,
    fractions: ArrayLike | None = None,
    closure: str = CLOSURE,
) -> np.ndarray:
    r"""Depth of the cage of every particle of one species in one frame, -beta Phi_i (positive).

    .. math:: -\beta\Phi_i = \rho \sum_v w_{uv} \int_{r_{0,v}}^{r_{min,v}} 4 \pi r^2
              C_{i,v}(r) g_{i,v}(r) dr

    In two dimensions :math:`2 \pi r` takes the place of :math:`4 \pi r^2`. This is Eq. 5 with the g
    of a single particle (:func:`softcage.cage.local_rdf.local_rdf`), from which the closure gives
    C: HNC as in the paper (Eq. 6), or g - 1; the weights w are those of the closure
    (:mod:`softcage.cage.closures`). The sum runs over all species of neighbours. The range of the
    integral is that of the global depth, :func:`softcage.cage.mean_field.depth_r`. For many frames
    or several delta, make the tables once: :func:`depth_tables`, :func:`local_depths`.

    Parameters
    ----------
    positions : (N, 2 or 3) array
        One frame, wrapped or unwrapped, sigma_AA.
    species : (N,) int array
    box : float, Box or array
        The edge of a cube, or what :meth:`softcage.box.Box.of` takes.
    potential, temperature, r0, r_min, tagged, closure
        See :func:`depth_tables`.
    delta : float
        Width of the Gaussians, sigma_AA.
    density, fractions : optional
        By default those of the frame.

    Returns
    -------
    (n_tagged,) array
        In the order of the particles; NaN where :func:`local_depths` has it.

    Raises
    ------
    ValueError
        If a range is empty, or as :func:`local_depths`.
    """
    box = placed(positions, box)[1]
    if fractions is None:
        fractions = np.bincount(species, minlength=np.size(r0)) / len(species)
    density = len(species) / box.volume if density is None else density
    tables = depth_tables(
        potential,
        temperature,
        r0,
        r_min,
        [delta],
        density,
        fractions,
        tagged,
        closure,
        box.dimension,
    )
    return local_depths(positions, species, box, tables)[0]
