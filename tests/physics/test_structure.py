"""Pair structure against freud, literal sums and known limits."""

import freud
import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softcage.io.trajectory import Trajectory
from softcage.structure import rdf
from softcage.structure.blocks import Structure, pool_structure, structure_of_run
from softcage.structure.rdf import pair_counts, rdf_from_counts, wrap
from softcage.structure.structure_factor import (
    density_modes,
    direct_correlation,
    lattice_vectors,
    match,
    partial_structure_factors,
    structure_factor_from_rdf,
)

BOX = 7.0


def _frame(n=150, box=BOX, seed=3):
    """Particles on a jittered lattice: a core in g, peaks in S, and nothing symmetric."""
    rng = np.random.default_rng(seed)
    m = int(np.ceil(n ** (1 / 3)))
    sites = np.stack(np.meshgrid(*[np.arange(m)] * 3), -1).reshape(-1, 3)
    positions = (sites[rng.permutation(m**3)[:n]] + 0.5) * box / m
    species = np.r_[np.zeros(int(0.8 * n), dtype=int), np.ones(n - int(0.8 * n), dtype=int)]
    return positions + rng.normal(0, 0.1, (n, 3)), species


def _g(positions, species, r_bin=0.05, box=BOX):
    counts = pair_counts(positions, species, box, box / 2, r_bin)
    n_frames = len(np.atleast_3d(positions).reshape(-1, len(species), 3))
    return rdf_from_counts(counts, n_frames, np.bincount(species), box, r_bin)


@pytest.mark.parametrize(("u", "v"), [(0, 0), (0, 1), (1, 1)])
def test_partial_g_equals_freud(u, v):
    positions, species = _frame()
    r, g = _g(positions, species)
    # freud's largest radius must stay below half the box.
    n_bins = len(r) - 1
    rdf = freud.density.RDF(bins=n_bins, r_max=0.05 * n_bins)
    centred = wrap(positions, BOX) - BOX / 2
    system = (freud.box.Box.cube(BOX), centred[species == v])
    same = {"exclude_ii": True} if u == v else {}
    neighbors = {"mode": "ball", "r_max": 0.05 * n_bins, **same}
    rdf.compute(system, query_points=centred[species == u], neighbors=neighbors)
    np.testing.assert_allclose(r[:-1], rdf.bin_centers, rtol=1e-5)
    # freud works in single precision: a pair on an edge may fall into the next bin.
    difference = np.abs(g[u, v, :-1] - rdf.rdf)
    assert np.mean(difference > 1e-3 * np.maximum(1, rdf.rdf)) <= 2 / n_bins


def test_g_of_ideal_gas_is_one():
    rng = np.random.default_rng(0)
    species = np.repeat([0, 1], [160, 40])
    r, g = _g(rng.random((60, 200, 3)) * BOX, species, r_bin=0.25)
    like = 1 - 1 / np.bincount(species)  # the norm holds N_v, not N_v - 1
    far = r > 1.5
    np.testing.assert_allclose(g[0, 0][far], like[0], atol=0.02)
    np.testing.assert_allclose(g[0, 1][far], 1.0, atol=0.02)
    np.testing.assert_allclose(g[1, 1][far], like[1], atol=0.06)


def test_pair_counts_do_not_depend_on_wrapping():
    positions, species = _frame(60)
    shifts = BOX * np.random.default_rng(1).integers(-3, 4, positions.shape)
    np.testing.assert_array_equal(
        pair_counts(positions, species, BOX, BOX / 2, 0.1),
        pair_counts(positions + shifts, species, BOX, BOX / 2, 0.1),
    )


def test_range_beyond_half_the_box_is_refused():
    positions, species = _frame(60)
    with pytest.raises(ValueError, match="half the box"):
        pair_counts(positions, species, BOX, 0.6 * BOX, 0.1)


@settings(max_examples=20, deadline=None)
@given(n=st.integers(2, 300), seed=st.integers(0, 1000))
def test_density_modes_equal_literal_sum(n, seed):
    rng = np.random.default_rng(seed)
    positions = rng.normal(0, 3 * BOX, (n, 3))
    species = np.sort(rng.integers(0, 2, n))
    species[0] = 0
    vectors, _, _ = lattice_vectors(BOX, 12.0, 0.5, 5, seed)
    literal = np.exp(2j * np.pi / BOX * positions @ vectors.T)
    for u in range(species.max() + 1):
        expected = literal[species == u].sum(axis=0)
        modes = density_modes(positions, species, BOX, vectors)[u]
        np.testing.assert_allclose(modes, expected, atol=1e-9 * n)


def test_s_equals_freud_on_the_same_vectors():
    """freud takes the vectors of the positive octant only, so these are picked here too."""
    positions, _ = _frame()
    species = np.zeros(len(positions), dtype=int)
    vectors, _, _ = lattice_vectors(BOX, 8.0, 0.25, 10**9)
    vectors = vectors[(vectors >= 0).all(axis=1)]
    length = 2 * np.pi / BOX * np.sqrt((vectors**2).sum(axis=1))
    bins, shell = np.unique((length / 0.25).astype(int), return_inverse=True)
    s = partial_structure_factors(positions, species, BOX, vectors, shell)[0, 0]
    other = freud.diffraction.StaticStructureFactorDirect(bins=32, k_max=8.0)
    other.compute((freud.box.Box.cube(BOX), wrap(positions, BOX) - BOX / 2))
    np.testing.assert_allclose(s, other.S_k[bins], rtol=1e-3)


@pytest.mark.parametrize(("u", "v"), [(0, 0), (0, 1), (1, 1)])
def test_partial_s_equals_freud(u, v):
    """freud divides by all particles, not by sqrt(N_u N_v): like pairs go to x_u (issue 1313)."""
    positions, species = _frame()
    vectors, _, _ = lattice_vectors(BOX, 8.0, 0.25, 10**9)
    vectors = vectors[(vectors >= 0).all(axis=1)]
    length = 2 * np.pi / BOX * np.sqrt((vectors**2).sum(axis=1))
    bins, shell = np.unique((length / 0.25).astype(int), return_inverse=True)
    s = partial_structure_factors(positions, species, BOX, vectors, shell)[u, v]
    other = freud.diffraction.StaticStructureFactorDirect(bins=32, k_max=8.0)
    centred = wrap(positions, BOX) - BOX / 2
    other.compute(
        (freud.box.Box.cube(BOX), centred[species == v]),
        query_points=centred[species == u],
        N_total=len(species),
    )
    x = np.bincount(species) / len(species)
    expected = other.S_k[bins] / np.sqrt(x[u] * x[v])
    np.testing.assert_allclose(s, expected, rtol=1e-3, atol=1e-3)


# With bins of 1e-4 a float32 is too coarse for one distance in twenty.
@pytest.mark.parametrize("r_bin", [0.07, 1e-4])
@settings(max_examples=20, deadline=None)
@given(n=st.integers(2, 200), n_species=st.integers(1, 3), seed=st.integers(0, 999))
def test_pair_counts_equal_literal_histogram(r_bin, n, n_species, seed):
    rng = np.random.default_rng(seed)
    positions, species = rng.normal(0, 2 * BOX, (3, n, 3)), rng.integers(0, n_species, n)
    species[0] = n_species - 1
    counts = pair_counts(positions, species, BOX, BOX / 2, r_bin)
    d = positions[:, :, None] - positions[:, None]
    distance = np.sqrt(((d - BOX * np.rint(d / BOX)) ** 2).sum(axis=-1))
    distance[:, np.arange(n), np.arange(n)] = np.inf
    edges = r_bin * np.arange(counts.shape[-1] + 1)
    for u in range(n_species):
        for v in range(n_species):
            chosen = distance[:, species == u][:, :, species == v]
            np.testing.assert_array_equal(counts[u, v], np.histogram(chosen, edges)[0])


def test_counts_that_fill_their_bits_are_moved_before(monkeypatch):
    positions, species = _frame()
    counts = pair_counts(positions, species, BOX, BOX / 2, 0.01)
    monkeypatch.setattr(rdf, "_MANY", 3 * len(species))  # three rows
    np.testing.assert_array_equal(pair_counts(positions, species, BOX, BOX / 2, 0.01), counts)


def test_results_do_not_depend_on_the_threads():
    positions, species = _frame()
    vectors, _, _ = lattice_vectors(BOX, 8.0, 0.25, 20)
    before, results = numba.get_num_threads(), []
    try:
        for threads in {1, numba.config.NUMBA_NUM_THREADS}:
            numba.set_num_threads(threads)
            counts = pair_counts(positions, species, BOX, BOX / 2, 0.01)
            results.append((counts, density_modes(positions, species, BOX, vectors)))
    finally:
        numba.set_num_threads(before)
    for one, other in zip(results[0], results[-1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_s_of_ideal_gas_is_delta():
    rng = np.random.default_rng(5)
    species = np.repeat([0, 1], [240, 60])
    vectors, shell, _ = lattice_vectors(BOX, 10.0, 1.0, 100)
    s = partial_structure_factors(rng.random((30, 300, 3)) * BOX, species, BOX, vectors, shell)
    np.testing.assert_allclose(s[0, 0, 2:].mean(), 1.0, atol=0.02)
    np.testing.assert_allclose(s[1, 1, 2:].mean(), 1.0, atol=0.02)
    np.testing.assert_allclose(s[0, 1, 2:].mean(), 0.0, atol=0.02)
    np.testing.assert_array_equal(s, s.transpose(1, 0, 2))


@settings(max_examples=25, deadline=None)
@given(
    box=st.floats(4.0, 9.0),
    q_max=st.floats(2.0, 9.0),
    most=st.integers(1, 40),
    seed=st.integers(0, 99),
)
def test_lattice_vectors_are_a_half_space_in_shells(box, q_max, most, seed):
    n, shell, q = lattice_vectors(box, q_max, 0.3, most, seed)
    length = 2 * np.pi / box * np.sqrt((n**2).sum(axis=1))
    listed = {tuple(vector) for vector in n}
    assert len(listed) == len(n)
    assert not any(tuple(-np.array(vector)) in listed for vector in listed)
    assert (n[:, 0] >= 0).all() and length.max() <= q_max * (1 + 1e-12) and length.min() > 0
    assert np.bincount(shell).max() <= most and (np.diff(q) > 0).all()
    everything, _, _ = lattice_vectors(box, q_max, 0.3, 10**9, seed)
    m = int(q_max * box / 2 / np.pi)
    cube = np.stack(np.meshgrid(*[np.arange(-m, m + 1)] * 3), -1).reshape(-1, 3)
    inside = 2 * np.pi / box * np.sqrt((cube**2).sum(axis=1)) <= q_max
    assert 2 * len(everything) == inside.sum() - 1


def test_transform_of_known_g():
    """A square well in g - 1 has a known transform."""
    r = 0.005 * (np.arange(800) + 0.5)
    q = np.linspace(0.3, 40, 300)
    g = np.where(r < 1.0, 0.0, 1.0) * np.ones((2, 2, 1))
    s = structure_factor_from_rdf(r, g, q, 0.1, [0.8, 0.2])
    hole = -4 * np.pi * (np.sin(q) - q * np.cos(q)) / q**3
    np.testing.assert_allclose(s[0, 0], 1 + 0.1 * 0.8 * hole, atol=1e-10)
    np.testing.assert_allclose(s[0, 1], 0.1 * 0.4 * hole, atol=1e-10)


def test_transform_meets_lattice_vectors_at_large_q():
    """On one and the same set of frames the two agree where the cut does not matter."""
    rng = np.random.default_rng(7)
    frames = np.array([_frame(150, seed=k)[0] for k in range(40)]) + rng.random((40, 1, 3)) * BOX
    species = _frame(150)[1]
    # Jitter blurs the lattice's long range order in r, so that half the box is far enough.
    frames = frames + rng.normal(0, 0.15, frames.shape)
    r, g = _g(frames, species, r_bin=0.01)
    vectors, shell, q = lattice_vectors(BOX, 20.0, 0.25, 40)
    lattice = partial_structure_factors(frames, species, BOX, vectors, shell)
    transform = structure_factor_from_rdf(r, g, q, 150 / BOX**3, np.bincount(species) / 150)
    high = q > 12
    assert np.abs((lattice - transform)[..., high]).mean() < 0.03
    matched, _ = match(q, q, lattice, transform, (12, 16))
    np.testing.assert_allclose(matched[..., q < 12], lattice[..., q < 12])
    np.testing.assert_allclose(matched[..., q > 16], transform[..., q > 16])
    with pytest.raises(ValueError, match="q_match"):
        match(q, q, lattice, transform, (20, 40))


def test_direct_correlation_inverts():
    rng = np.random.default_rng(2)
    a = rng.normal(size=(30, 2, 2))
    s = np.moveaxis(a @ a.transpose(0, 2, 1) + np.eye(2), 0, -1)
    c = direct_correlation(s)
    product = np.einsum("uwq,wvq->uvq", np.eye(2)[:, :, None] - c, s)
    np.testing.assert_allclose(product, np.broadcast_to(np.eye(2)[:, :, None], s.shape), atol=1e-9)
    with pytest.raises(ValueError, match="singular"):
        direct_correlation(np.ones((2, 2, 3)))


# ---------------------------------------------------------------- runs in time blocks
class Frames(Trajectory):
    """A trajectory in memory."""

    @classmethod
    def of(cls, positions, species, box=BOX):
        count = np.arange(len(positions))
        run = cls(None, box, species, count, 0.5 * count, 0 * count, 0 * count)
        object.__setattr__(run, "positions", positions)
        return run

    def read(self, frame_indices):
        return self.positions[np.asarray(frame_indices)]


WAVES = {"r_bin": 0.05, "q_max": 3.0, "q_match": (2.0, 4.0), "q_bin": 0.5, "q_vectors": 10}


@pytest.fixture(scope="module")
def runs():
    species = _frame()[1]
    return [
        Frames.of(np.array([_frame(seed=k)[0] for k in range(begin, begin + 9)]), species)
        for begin in (0, 20)
    ]


def test_blocks_of_a_run_add_up_to_the_run(runs):
    run = runs[0]
    structure = structure_of_run(run, frames=7, blocks=3, **WAVES)
    assert structure.n_frames == 7 and structure.block_frames.tolist() == [2, 3, 2]
    # beyond q_max where it has to be joined with the transform
    assert 3.0 < structure.q[-1] <= 4.0
    assert structure.n_vectors.max() <= 10
    frames = run.read([0, 1, 3, 4, 5, 7, 8])
    np.testing.assert_allclose(
        np.average(structure.g, axis=0, weights=structure.block_frames),
        _g(frames, run.species)[1],
    )
    vectors, shell, _ = lattice_vectors(BOX, 4.0, 0.5, 10)
    np.testing.assert_allclose(
        np.average(structure.s, axis=0, weights=structure.block_frames),
        partial_structure_factors(frames, run.species, BOX, vectors, shell),
    )
    assert structure_of_run(run, frames=7, blocks=50, **WAVES).block_frames.tolist() == [1] * 7


def test_runs_are_pooled_block_by_block(runs, tmp_path):
    parts = [structure_of_run(run, blocks=9, **WAVES) for run in runs]
    parts[0].save(tmp_path / "run.npz")
    again = Structure.load(tmp_path / "run.npz")
    for name, value in vars(parts[0]).items():
        np.testing.assert_array_equal(getattr(again, name), value)
    pooled = pool_structure([again, parts[1]], ["a", "b"], 2)
    assert pooled.block_frames.tolist() == [4, 5, 4, 5] and pooled.n_frames == 18
    for name in ("g", "s"):
        halves = [structure_of_run(run, blocks=2, **WAVES) for run in runs]
        expected = np.concatenate([getattr(half, name) for half in halves])
        np.testing.assert_allclose(getattr(pooled, name), expected)


@pytest.mark.parametrize("change", [{"r_bin": 0.06}, {"q_bin": 0.4}, {"box": 1.001 * BOX}])
def test_runs_that_do_not_go_together_are_not_pooled(runs, change):
    settings = {"box": BOX, **WAVES, **change}
    run = Frames.of(runs[1].positions, runs[1].species, settings.pop("box"))
    one, other = structure_of_run(runs[0], **WAVES), structure_of_run(run, **settings)
    with pytest.raises(ValueError, match="b: has another box or other bins than a"):
        pool_structure([one, other], ["a", "b"], 2)
