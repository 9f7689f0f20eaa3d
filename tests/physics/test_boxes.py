"""Structure and depth in two dimensions, in boxes that are no cubes, and in fields of view.

The truths are sums over all images, freud, known crystals, and the same liquid in another box.
"""

import freud
import numpy as np
import pytest
from numba import njit
from scipy.integrate import simpson
from scipy.special import j1, ndtr

from softcage.box import SPHERE, Box, placed
from softcage.cage import depth_kernels
from softcage.cage.frames import score_frames
from softcage.cage.local_depth import ERROR_TARGET, depth_tables, local_depth, local_depths
from softcage.cage.local_rdf import local_rdf
from softcage.cage.mean_field import depth_q, inverse_softness, potential_q, ranges_of_frames
from softcage.compiled.simd import LANES
from softcage.model import kob_andersen
from softcage.structure.rdf import count_centres, pair_counts, rdf_from_counts
from softcage.structure.structure_factor import (
    density_modes,
    lattice_vectors,
    partial_structure_factors,
    structure_factor_from_rdf,
)
from softcage.structure.tagged_rdf import count_around, rdf_around

BOXES = {
    "plane": [8.0, 9.5],
    "tilted plane": [[8.0, 0, 0], [3.1, 9.5, 0], [0, 0, 0]],
    "orthorhombic": [5.0, 8.0, 6.5],
    "triclinic": [[6.0, 0, 0], [2.4, 6.2, 0], [-1.9, 2.2, 7.0]],
    "turned": np.array([[6.0, 0, 0], [2.4, 6.2, 0], [-1.9, 2.2, 7.0]])
    @ np.array([[0.6, 0.0, 0.8], [0.0, 1.0, 0.0], [-0.8, 0.0, 0.6]]),
}
SIGMA = np.array([[1.0, 0.9, 0.8], [0.9, 0.95, 0.85], [0.8, 0.85, 0.75]])
SHELL = {"r0": [0.85, 0.75, 0.68], "r_min": [1.42, 1.3, 1.2]}
TEMPERATURE = 0.6


def potential(u, v, r):
    x = (SIGMA[u, v] / r) ** 6
    return 4.0 * (x**2 - x)


def frame(box, species=3, seed=1, noise=0.05):
    """Return a jittered crystal that fills the box at about 1.1 particles, unwrapped."""
    box, rng = Box.of(box), np.random.default_rng(seed)
    d = box.dimension
    sides = [max(2, round(edge / 0.97)) for edge in box.heights]
    sites = np.stack(np.meshgrid(*[np.arange(m) for m in sides], indexing="ij"), -1).reshape(-1, d)
    lattice = (box.vectors @ box.rotation.T)[:d, :d]
    points = (sites + 0.5) / sides @ lattice + rng.normal(0, noise, (len(sites), d))
    return points + rng.integers(-2, 3, points.shape) @ lattice, rng.integers(
        0, species, len(sites)
    )


def all_distances(points, box):
    """Return the distance from each particle to the nearest of many images of each, (N, N)."""
    box = Box.of(box)
    d = box.dimension
    lattice = (box.vectors @ box.rotation.T)[:d, :d]
    folded = points - np.floor(points @ np.linalg.inv(lattice)) @ lattice
    difference, least = folded[None] - folded[:, None], np.inf
    for shift in np.stack(np.meshgrid(*[np.arange(-2, 3)] * d), -1).reshape(-1, d) @ lattice:
        least = np.minimum(least, ((difference + shift) ** 2).sum(axis=-1))
    np.fill_diagonal(least, np.inf)
    return np.sqrt(least)


# ---------------------------------------------------------------- g(r) and neighbours
@pytest.mark.parametrize("name", BOXES)
def test_pair_counts_are_those_of_all_images(name):
    points, species = frame(BOXES[name])
    box = Box.of(BOXES[name])
    counts = pair_counts(points, species, BOXES[name], box.half, 0.01)
    distances, edges = all_distances(points, box), 0.01 * np.arange(counts.shape[-1] + 1)
    for u in range(3):
        for v in range(3):
            chosen = distances[species == u][:, species == v]
            np.testing.assert_array_equal(counts[u, v], np.histogram(chosen, edges)[0])


def as_freud(box):
    a, b, c = Box.of(box).vectors
    flat = Box.of(box).dimension == 2
    return freud.box.Box(a[0], b[1], 0 if flat else c[2], b[0] / b[1], c[0] / c[2], c[1] / c[2])


@pytest.mark.parametrize("name", BOXES)
def test_g_is_that_of_freud(name):
    points, species = frame(BOXES[name], seed=5)
    other, r_max = as_freud(BOXES[name]), Box.of(BOXES[name]).half * (1 - 1e-6)
    bins = int(r_max / 0.1)
    counts = pair_counts(points, species, BOXES[name], bins * 0.1, 0.1)
    _, g = rdf_from_counts(counts, 1, np.bincount(species), BOXES[name], 0.1)
    inside = other.wrap(placed(points, BOXES[name])[0])
    rdf = freud.density.RDF(bins=bins, r_max=bins * 0.1)
    rdf.compute((other, inside[species == 1]), query_points=inside[species == 0], reset=True)
    # freud works in single precision: a pair on an edge may fall into the next bin
    difference = np.abs(g[0, 1] - rdf.rdf)
    assert np.mean(difference > 1e-3 * np.maximum(1, rdf.rdf)) <= 2 / bins


@njit
def _near_all(positions, species, vectors, periodic, n_cells, reach, work, found):
    """Write the number and the sum of the distances that the kernel of the depth finds."""
    order, xyz, start = depth_kernels._sort_into_cells(
        positions, species, 1, vectors, periodic, n_cells
    )
    room = 27 * len(species) + 16
    xs, ys, zs, near = np.empty(room), np.empty(room), np.empty(room), np.empty(room)
    whose, offset = np.empty(room, dtype=np.int64), np.empty(2, dtype=np.int64)
    for cell in range(len(start) - 1):
        for i in range(start[cell], start[cell + 1]):
            depth_kernels._gather_candidates(
                cell, start[cell], start[cell + 1], xyz, start, 1, vectors, periodic, n_cells,
                reach, xs, ys, zs, offset,
            )  # fmt: skip
            m = depth_kernels._near(
                xyz, i, 1, 0, offset[1], xs, ys, zs, 0.0, reach, work, near, whose
            )
            found[order[i], 0], found[order[i], 1] = m, near[:m].sum()
            found[order[i], 2] = (near[:m] ** 2).sum()


@pytest.mark.parametrize("reach", [0.4, 1.1, 2.4])
@pytest.mark.parametrize("name", BOXES)
def test_neighbours_of_the_depth_are_those_of_freud(name, reach):
    points, species = frame(BOXES[name], seed=2, noise=0.2)
    positions, box = placed(points, BOXES[name])
    n_cells = (*(int(h / reach) for h in box.heights), 1)[:3]
    found = np.zeros((len(points), 3))
    work = np.empty(27 * len(points) + LANES)
    one = np.zeros(len(points), dtype=np.int64)
    _near_all(positions, one, box.vectors, box.periodic, n_cells, reach, work, found)
    distances = all_distances(points, box).reshape(len(points), -1)
    for power in range(3):
        expected = np.where(distances < reach, distances, 0.0)
        expected = (expected**power * (distances < reach)).sum(axis=1)
        np.testing.assert_allclose(found[:, power], expected, rtol=1e-12, atol=1e-10)
    other = as_freud(BOXES[name])
    query = freud.locality.AABBQuery(other, other.wrap(positions))
    listed = query.query(other.wrap(positions), {"r_max": reach, "exclude_ii": True})
    bonds = np.asarray(listed.toNeighborList().query_point_indices)
    assert np.abs(np.bincount(bonds, minlength=len(points)) - found[:, 0]).sum() <= 2


def test_ideal_gas_in_a_plane_and_in_a_field_of_view():
    rng, box = np.random.default_rng(0), Box.of([12.0, 15.0])
    view = Box.of([12.0, 15.0], periodic=False)
    points, species = rng.random((40, 400, 2)) * [12.0, 15.0], np.repeat([0, 1], 200)
    for window in (box, view):
        counts = pair_counts(points, species, window, 4.0, 0.5)
        centres = count_centres(points, species, window, 4.0)
        _, g = rdf_from_counts(counts, 40, np.bincount(species), window, 0.5, centres)
        np.testing.assert_allclose(g[:, :, 1:], 1.0, atol=0.06)
    assert count_centres(points, species, box, 4.0).tolist() == [8000, 8000]
    # those at least 4 from the edges: 4 by 7 of 12 by 15
    assert count_centres(points, species, view, 4.0) == pytest.approx(8000 * 28 / 180, rel=0.05)


def test_hexagonal_crystal():
    """Neighbours at 1, sqrt 3 and 2: six each, in a rhombus, in a rectangle and in a window."""
    n, rise = 12, np.sqrt(3) / 2
    i, j = (k.ravel() for k in np.mgrid[:n, :n])
    points, one = np.stack([i + 0.5 * j, rise * j], axis=1), np.zeros(n * n, dtype=int)
    rectangle = Box.of([n, rise * n])
    window = Box.of([n, rise * n], periodic=False)
    for box in ([[n, 0, 0], [0.5 * n, rise * n, 0], [0, 0, 0]], rectangle, window):
        inside = rectangle.wrap(points)
        counts = pair_counts(inside, one, box, 2.25, 0.3)[0, 0]
        expected = np.zeros(7, dtype=int)
        expected[[3, 5, 6]] = 6 * count_centres(inside, one, box, 2.25)[0]
        np.testing.assert_array_equal(counts, expected)
        depths = local_depth(
            inside, one, box, potential=potential, temperature=1.0, r0=[0.8], r_min=[1.4],
            delta=0.09,
        )  # fmt: skip
        if box is not window:
            np.testing.assert_allclose(depths, depths[0], rtol=1e-6)
        assert np.isnan(depths).any() == (box is window)


@pytest.mark.parametrize("name", ["plane", "triclinic"])
def test_tagged_g(name):
    points, species = frame(BOXES[name], species=2)
    box, tagged = (
        Box.of(BOXES[name]),
        np.random.default_rng(0).random((1, (species == 0).sum())) < 0.5,
    )
    counts = count_around([points], tagged, species, box, 2.5, 0.1)
    density = np.bincount(species) / box.volume
    g = rdf_around(counts, density, 0.1, box.dimension)
    plain = pair_counts(points, species, box, 2.5, 0.1)
    expected = rdf_from_counts(plain, 1, np.bincount(species), box, 0.1)[1]
    np.testing.assert_allclose(g[0], expected[0])
    some = np.flatnonzero(species == 0)[tagged[0]]
    distances = all_distances(points, box)[some][:, species == 1]
    edges = 0.1 * np.arange(26)
    np.testing.assert_array_equal(counts[1, 1, 1:], np.histogram(distances, edges)[0])


# ---------------------------------------------------------------- S(q)
@pytest.mark.parametrize("name", BOXES)
def test_wave_vectors_and_density_modes(name):
    points, species = frame(BOXES[name])
    box = Box.of(BOXES[name])
    n, shell, q = lattice_vectors(BOXES[name], 6.0, 0.3, 10**9)
    d = box.dimension
    reciprocal = 2 * np.pi * np.linalg.inv(box.vectors[:d, :d]).T
    cube = np.stack(np.meshgrid(*[np.arange(-12, 13)] * d), -1).reshape(-1, d)
    lengths = np.linalg.norm(cube @ reciprocal, axis=1)
    assert 2 * len(n) == np.count_nonzero(lengths <= 6.0) - 1
    found = np.linalg.norm(n[:, :d] @ reciprocal, axis=1)
    np.testing.assert_array_equal(shell, np.searchsorted(np.unique((found / 0.3).astype(int)),
                                                         (found / 0.3).astype(int)))  # fmt: skip
    np.testing.assert_allclose(q, np.bincount(shell, found) / np.bincount(shell))
    vectors = n[:, :d] @ reciprocal @ box.rotation.T[:d, :d]
    for u, modes in enumerate(density_modes(points, species, BOXES[name], n)):
        literal = np.exp(1j * points[species == u] @ vectors.T).sum(axis=0)
        np.testing.assert_allclose(modes, literal, atol=1e-9)
    s = partial_structure_factors(points[None], species, BOXES[name], n, shell)
    literal = np.abs(np.exp(1j * points[species == 0] @ vectors.T).sum(axis=0)) ** 2
    expected = np.bincount(shell, literal) / np.bincount(shell) / (species == 0).sum()
    np.testing.assert_allclose(s[0, 0], expected)


def test_a_field_of_view_has_no_wave_vectors():
    with pytest.raises(ValueError, match="not periodic and has no wave vectors"):
        lattice_vectors(Box.of([8.0, 9.0], periodic=[True, False, False]), 5.0)


def test_transform_of_a_disc():
    r, q = 0.005 * (np.arange(800) + 0.5), np.linspace(0.3, 40, 300)
    g = np.where(r < 1.0, 0.0, 1.0) * np.ones((2, 2, 1))
    s = structure_factor_from_rdf(r, g, q, 0.1, [0.8, 0.2], dimension=2)
    np.testing.assert_allclose(s[0, 1], -0.1 * 0.4 * 2 * np.pi * j1(q) / q, atol=1e-10)


# ---------------------------------------------------------------- the average cage
def test_the_average_cage_of_a_gaussian_spectrum():
    """C (S - 1) = exp(-q^2) gives Gaussian integrals in either number of dimensions."""
    q = np.linspace(0.002, 9.0, 4500)
    s, c = 1 + np.exp(-(q**2))[None, None], np.ones((1, 1, len(q)))
    x = np.linspace(0.0, 1.0, 5)
    for d in (2, 3):
        exact = (4 * np.pi) ** (-d / 2) * (1 + x**2 / (2 * d)) ** (-d / 2)
        np.testing.assert_allclose(-potential_q(q, s, c, [1.0], 9.0, x, d), exact, rtol=1e-5)
        assert depth_q(q, s, c, [1.0], 9.0, d) == pytest.approx(exact[0], rel=1e-5)
        curvature = inverse_softness(q, s, c, [1.0], 9.0, dimension=d)
        assert curvature == pytest.approx(0.5 * (4 * np.pi) ** (-d / 2), rel=1e-5)
        harmonic = inverse_softness(q, s, c, [1.0], 9.0, "harmonic", 0.02, d)
        assert harmonic == pytest.approx(curvature, rel=1e-3)


# ---------------------------------------------------------------- the cage of a particle
def literal_depth(distances, species, box, delta, i, n_r=1501):
    """Eqs. 5, 6 and 8 with every particle and a fine Simpson grid."""
    box = Box.of(box)
    d, x, u = box.dimension, np.bincount(species) / len(species), species[i]
    total, density = 0.0, len(species) / box.volume
    for v in range(3):
        r = np.linspace(SHELL["r0"][v], SHELL["r_min"][v], n_r)
        gaussians = np.exp(-((r - distances[i, species == v][:, None]) ** 2) / (2 * delta**2))
        shell = SPHERE[d] * r ** (d - 1)
        g = gaussians.sum(axis=0) / np.sqrt(2 * np.pi) / delta / (density * x[v] * shell)
        c = -potential(u, v, r) / TEMPERATURE + g - 1 - np.log(np.maximum(g, 1e-300))
        total += density * np.sqrt(x[u] * x[v]) * simpson(shell * c * g, x=r)
    return total


def depth(points, species, box, delta=0.09, tagged=0, **given):
    return local_depth(
        points, species, box, potential=potential, temperature=TEMPERATURE, delta=delta,
        tagged=tagged, **SHELL, **given,
    )  # fmt: skip


@pytest.mark.parametrize("delta", [0.04, 0.09])
@pytest.mark.parametrize("name", BOXES)
def test_depth_of_three_species_is_the_literal_sum(name, delta):
    points, species = frame(BOXES[name])
    distances = all_distances(points, BOXES[name])
    for tagged in range(3):
        found = depth(points, species, BOXES[name], delta, tagged)
        some = np.flatnonzero(species == tagged)[::4]
        expected = np.array(
            [literal_depth(distances, species, BOXES[name], delta, i) for i in some]
        )
        scale = np.maximum(np.abs(expected), 0.1 * np.abs(expected).mean())
        assert (np.abs(found[::4] - expected) / scale).max() < ERROR_TARGET


@pytest.mark.parametrize("name", BOXES)
def test_local_g_averages_to_that_of_all(name):
    """Eq. B2 for narrow Gaussians: the number of neighbours in a shell is that of the histogram."""
    points, species = frame(BOXES[name])
    box, r = Box.of(BOXES[name]), np.arange(0.3, 2.0, 0.002)
    g = local_rdf(points, species, BOXES[name], 0.02, r, tagged=0, neighbour=1)
    shell = SPHERE[box.dimension] * r ** (box.dimension - 1)
    number = np.trapezoid(shell * g * np.sum(species == 1) / box.volume, r, axis=1)
    distances = all_distances(points, box)[species == 0][:, species == 1]
    expected = ndtr((r[-1] - distances) / 0.02).sum(axis=1)
    np.testing.assert_allclose(number, expected, atol=0.02)


CUBE = 5.2
DOUBLED = {
    "along x": np.diag([2 * CUBE, CUBE, CUBE]),
    "along z": np.diag([CUBE, CUBE, 2 * CUBE]),
    "to a tilted cell": CUBE * np.array([[2.0, 0, 0], [1, 1, 0], [0, 0, 1]]),
    "to a cell tilted twice": CUBE * np.array([[2.0, 0, 0], [1, 1, 0], [1, 0, 1]]),
    "to a cell that is turned": CUBE * np.array([[1.0, 1, 0], [-1, 1, 0], [0, 0, 1]]),
}


@pytest.mark.parametrize("name", DOUBLED)
def test_a_cube_in_another_cell_has_the_same_depths(name):
    """Two cubes in a cell of twice the volume: sums of single precision in another order."""
    points, species = frame(CUBE)
    cell = DOUBLED[name]
    assert np.linalg.det(cell) == pytest.approx(2 * CUBE**3)
    copy = next(
        shift for shift in CUBE * np.eye(3) if np.abs(shift @ np.linalg.inv(cell) % 1.0).max() > 0.1
    )
    both, twice = np.concatenate([points, points + copy]), np.tile(species, 2)
    expected, found = depth(points, species, CUBE), depth(both, twice, cell)
    np.testing.assert_allclose(found, np.tile(expected, 2), rtol=0, atol=2e-6 * expected.mean())
    r = np.arange(0.5, 2.0, 0.01)
    g = local_rdf(points, species, CUBE, 0.09, r)
    again = local_rdf(both, twice, cell, 0.09, r)
    np.testing.assert_allclose(again, np.tile(g, (2, 1)), rtol=1e-10, atol=1e-10)
    counts = pair_counts(points, species, CUBE, 0.5 * CUBE, 0.01)
    np.testing.assert_array_equal(pair_counts(both, twice, cell, 0.5 * CUBE, 0.01), 2 * counts)


def test_a_turned_cell_with_turned_positions_has_the_same_depths():
    points, species = frame(BOXES["triclinic"])
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    turn *= np.sign(np.linalg.det(turn))
    turned = np.array(BOXES["triclinic"]) @ turn
    expected = depth(points, species, BOXES["triclinic"])
    np.testing.assert_allclose(
        depth(points @ turn, species, turned), expected, rtol=0, atol=2e-6 * expected.mean()
    )


@pytest.mark.parametrize("name", ["plane", "orthorhombic"])
def test_what_a_field_of_view_holds_is_scored_as_in_the_whole(name):
    """Particles whose shell is in the view have the depth of the periodic box; others have NaN."""
    points, species = frame([14.0, 13.0] if name == "plane" else [9.0, 10.0, 9.5])
    whole = Box.of([14.0, 13.0] if name == "plane" else [9.0, 10.0, 9.5])
    points = whole.wrap(points)
    low, high = np.full(whole.dimension, 1.5), whole.edges - [0.7, 0.4, 0.9][: whole.dimension]
    seen = ((points > low) & (points < high)).all(axis=1)
    corners = np.zeros((3, 2))
    corners[: whole.dimension] = np.stack([low, high], axis=1)
    view = Box.of(corners, periodic=False)
    given = {
        "density": len(points) / whole.volume,
        "fractions": np.bincount(species) / len(species),
    }
    expected = depth(points, species, whole, **given)[seen[species == 0]]
    found = depth(points[seen], species[seen], view, **given)
    reach = SHELL["r_min"][0] + 4.4 * 0.09
    gap = np.minimum(points[seen] - low, high - points[seen]).min(axis=1)[species[seen] == 0]
    np.testing.assert_array_equal(np.isnan(found), gap < reach)
    inside = gap >= reach
    assert inside.sum() > 5
    np.testing.assert_allclose(found[inside], expected[inside], atol=2e-6 * expected.mean())
    r = np.arange(0.5, 1.4, 0.01)
    g = local_rdf(points[seen], species[seen], view, 0.09, r, **given)
    ours = local_rdf(points, species, whole, 0.09, r, **given)[seen[species == 0]]
    near = gap < r[-1] + 5 * 0.09
    assert np.isnan(g[near]).all()
    np.testing.assert_allclose(g[~near], ours[~near], rtol=1e-10, atol=1e-10)


def test_pairs_in_a_field_of_view_are_those_of_its_middle():
    points, species = frame([14.0, 13.0], species=2)
    whole = Box.of([14.0, 13.0])
    points = whole.wrap(points)
    view = Box.of([14.0, 13.0], periodic=[True, False, False])
    counts = pair_counts(points, species, view, 2.0, 0.1)
    middle = (points[:, 1] >= 2.0) & (points[:, 1] <= 11.0)
    distances = all_distances(points, whole)
    for u in range(2):
        for v in range(2):
            chosen = distances[middle & (species == u)][:, species == v]
            expected = np.histogram(chosen, 0.1 * np.arange(21))[0]
            np.testing.assert_array_equal(counts[u, v], expected)
    with pytest.raises(ValueError, match="no particle is 6 or more from the edges"):
        pair_counts(points[middle] * [1, 0.2], species[middle], view, 6.0, 0.1)


# ---------------------------------------------------------------- frames in memory
KA = kob_andersen()


ROWS = np.sqrt(3) / 2
LIQUIDS = {
    "plane": [12, 12 * ROWS],
    "tilted plane": [[12, 0, 0], [6, 12 * ROWS, 0], [0, 0, 0]],
    **{name: box for name, box in BOXES.items() if "plane" not in name},
}


def liquid(name, seed):
    """Return a jittered crystal with a first shell, hexagonal in a plane, and kinds A and B."""
    if "plane" in name:
        i, j = (k.ravel() for k in np.mgrid[:12, :12])
        points = np.stack([i + 0.5 * j, ROWS * j], axis=1)
        points += np.random.default_rng(seed).normal(0, 0.08, points.shape)
    else:
        points, _ = frame(BOXES[name], seed=seed, noise=0.06)
    return points, np.where(np.arange(len(points)) % 5 == 1, 1, 0)


@pytest.mark.parametrize("name", LIQUIDS)
def test_frames_are_scored_in_any_box(name):
    box = Box.of(LIQUIDS[name])
    points = np.stack([liquid(name, seed)[0] for seed in range(6)])
    kinds = liquid(name, 0)[1]
    scores = score_frames(points, kinds, LIQUIDS[name], 0.5, of=["A"])
    radii = ranges_of_frames(points, kinds, box, [0])
    np.testing.assert_array_equal([scores.r0, scores.r_min], radii)
    if "plane" in name:  # between the shells at 1 and sqrt 3
        assert scores.r_min[0] == pytest.approx([1.36, 1.36], abs=0.15)
    tables = depth_tables(
        KA.potential, 0.5, scores.r0[0], scores.r_min[0], [0.09], len(kinds) / box.volume,
        np.bincount(kinds) / len(kinds), dimension=box.dimension,
    )  # fmt: skip
    expected = local_depths(points[2], kinds, box, tables)[0]
    assert scores.depth.shape == points.shape[:2]
    np.testing.assert_array_equal(scores.depth[2, kinds == 0], expected)
    assert np.isnan(scores.depth[:, kinds == 1]).all()


def test_a_plane_may_be_given_in_three_coordinates():
    points, kinds = liquid("plane", 0)
    x, y = LIQUIDS["plane"]
    flat = score_frames(points, kinds, [x, y], 0.5, of=["A"]).depth
    raised = np.c_[points, np.full(len(points), 3.0)]
    for box in ([x, y, 0.0], Box.of([x, y, 1.0], dimension=2)):
        np.testing.assert_array_equal(score_frames(raised, kinds, box, 0.5, of=["A"]).depth, flat)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda x: {"box": [12.0, 10.4, 0.0], "system": np.c_[x, x[:, 0]]}, "z varies by"),
        (lambda x: {"calibration": "results/paper"}, "calibration of 3 dimensions"),
        (lambda x: {"system": x[:, :1]}, "expected"),
        (lambda x: {"system": 0.5 * x}, "no particles in|nearer than"),
        (lambda x: {"box": Box.of([12.0, 10.4], periodic=False)}, "which is not periodic"),
    ],
)
def test_what_contradicts_the_box_is_refused(change, said):
    points, kinds = liquid("plane", 0)
    given = {"system": points, "types": kinds, "box": LIQUIDS["plane"], "temperature": 0.5}
    with pytest.raises(ValueError, match=said):
        score_frames(**given | change(points))


def test_a_shell_that_does_not_fit_is_refused():
    points, species = frame([[6.0, 0, 0], [2.9, 3.2, 0], [0, 0, 6.0]])
    with pytest.raises(ValueError, match=r"beyond half the box \(1.6\)"):
        depth(points, species, [[6.0, 0, 0], [2.9, 3.2, 0], [0, 0, 6.0]])
    tables = depth_tables(potential, 1.0, [0.8], [1.4], [0.09], 1.0, [1.0], dimension=2)
    with pytest.raises(ValueError, match="tables are those of 2 dimensions, the box has 3"):
        local_depths(points, 0 * species, [6.0, 6.0, 6.0], tables)
    with pytest.raises(ValueError, match="beyond half the box"):
        pair_counts(points, species, [[6.0, 0, 0], [2.9, 3.2, 0], [0, 0, 6.0]], 1.7, 0.1)
