"""Local depth against literal sums, Eq. B2, and the global depth against a quadrature."""

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, simpson

import softcage.cage.local_depth
from softcage.cage.calibration import softness_from_depth
from softcage.cage.local_depth import (
    ERROR_TARGET,
    depth_tables,
    end_weights,
    local_depth,
    local_depths,
)
from softcage.cage.local_rdf import local_rdf
from softcage.cage.mean_field import depth_r
from softcage.io.trajectory import averaged_positions
from softcage.md.integrator import Thermostat, advance, initial_state, start
from softcage.model import kob_andersen
from softcage.structure.rdf import pair_counts, rdf_from_counts

MIXTURE = kob_andersen()
BOX = (300 / 1.2) ** (1 / 3)
R0, R_MIN = np.array([0.88, 0.72]), np.array([1.42, 1.25])


def _frame(n=300, box=BOX, seed=0, noise=0.06):
    rng = np.random.default_rng(seed)
    m = int(np.ceil(n ** (1 / 3)))
    sites = np.stack(np.meshgrid(*[np.arange(m)] * 3), -1).reshape(-1, 3)
    positions = (sites[rng.permutation(m**3)[:n]] + 0.5) * box / m
    n_a = round(0.8 * n)
    return positions + rng.normal(0, noise, (n, 3)), np.repeat([0, 1], [n_a, n - n_a])


def _literal_g(positions, species, box, delta, r, i, v):
    """Eq. 8 word by word: a double loop, one exponential each."""
    g = np.zeros(len(r))
    for j in range(len(species)):
        if j == i or species[j] != v:
            continue
        d = positions[i] - positions[j]
        d -= box * np.rint(d / box)
        distance = np.sqrt((d**2).sum())
        g += np.exp(-((r - distance) ** 2) / (2 * delta**2)) / np.sqrt(2 * np.pi * delta**2)
    x_v = np.mean(species == v)
    return g / (4 * np.pi * len(species) / box**3 * x_v * r**2)


def _literal_depth(positions, species, box, delta, temperature, i, n_r=1501):
    """Eqs. 5, 6 and 8 with every neighbour and a fine Simpson grid."""
    total = 0.0
    x = np.bincount(species) / len(species)
    for v in range(2):
        r = np.linspace(R0[v], R_MIN[v], n_r)
        g = _literal_g(positions, species, box, delta, r, i, v)
        with np.errstate(divide="ignore", invalid="ignore"):
            log = np.where(g > 0, np.log(g), 0.0)
        c = -MIXTURE.potential(0, v, r) / temperature + (g - 1) - log
        shell = 4 * np.pi * r**2 * np.sqrt(x[0] * x[v])
        total += len(species) / box**3 * simpson(shell * c * g, x=r)
    return total


DELTAS = [0.02, 0.04, 0.09, 0.12]
SHELL = {"r0": R0, "r_min": R_MIN, "potential": MIXTURE.potential}


@pytest.fixture(scope="module", params=[0.47, 0.80])
def liquid(request):
    """A small liquid cooled to one of two temperatures, and the literal depth of some particles."""
    temperature = request.param
    engine = start(MIXTURE, initial_state(MIXTURE, 500, 1.2, 3.0, 3, 1))
    for stage in np.linspace(3.0, temperature, 8):
        advance(engine, 250, 0.0025, Thermostat(float(stage)))
    advance(engine, 500, 0.0025, Thermostat(temperature))
    state = engine.state
    frame = state.positions, state.species, state.box
    some = np.arange(0, np.count_nonzero(state.species == 0), 7)
    literal = [[_literal_depth(*frame, delta, temperature, i) for i in some] for delta in DELTAS]
    return frame, temperature, some, np.array(literal)


def _errors(liquid, k):
    """Errors of the depth with DELTAS[k] relative to the particle's own depth.

    Where that is less than a tenth of the mean they are relative to a tenth of the mean: the depth
    goes through zero, and its error does not.
    """
    frame, temperature, some, literal = liquid
    depth = local_depth(*frame, temperature=temperature, delta=DELTAS[k], **SHELL)
    scale = np.maximum(np.abs(literal[k]), 0.1 * literal[k].mean())
    return np.abs(depth[some] - literal[k]) / scale


@pytest.mark.parametrize("k", range(4))
def test_the_default_grid_meets_the_error_target(liquid, k):
    assert ERROR_TARGET == 1e-4
    assert _errors(liquid, k).max() < ERROR_TARGET


def test_shoulders_of_the_distribution_are_numbers_of_b_neighbours(liquid):
    """Cages with one more B neighbour are deeper, by half the width of those with as many at least.

    That is a liquid cooled in a moment; in an equilibrated one they stand further apart.
    """
    (positions, species, box), temperature, *_ = liquid
    depth = local_depth(positions, species, box, temperature=temperature, delta=0.09, **SHELL)
    apart = positions[species == 0][:, None] - positions[species == 1]
    apart -= box * np.rint(apart / box)
    neighbours = ((apart**2).sum(axis=2) < R_MIN[1] ** 2).sum(axis=1)
    groups = [depth[neighbours == n] for n in range(1, 4)]
    means, widths = (np.array([f(group) for group in groups]) for f in (np.mean, np.std))
    assert all(len(group) > 30 for group in groups)
    assert (np.diff(means) > 0.5 * widths[:-1]).all()
    mean_of_its_own = np.array([depth[neighbours == n].mean() for n in neighbours])
    assert np.var(mean_of_its_own) > 0.3 * np.var(depth)


@pytest.mark.parametrize("k", range(2))
def test_the_error_grows_with_the_step_of_the_grid(liquid, k, monkeypatch):
    """A step of delta misses the target. (For a wide Gaussian the repulsion bounds the step.)"""
    errors = []
    for share in (1.0, 0.7, 0.5, 0.3):
        monkeypatch.setattr(softcage.cage.local_depth, "_STEP", share)
        errors.append(_errors(liquid, k))
    assert errors[0].max() > ERROR_TARGET
    typical = [np.median(error) for error in errors]
    assert typical[0] > 1.5 * typical[1] > 2.25 * typical[2]
    assert errors[2].max() > errors[3].max()
    assert errors[3].max() < 0.2 * ERROR_TARGET


def test_several_delta_in_one_pass_equal_single_ones(liquid):
    frame, temperature, *_ = liquid
    x = np.bincount(frame[1]) / len(frame[1])
    order = [0.09, 0.02, 0.12, 0.04]
    tables = depth_tables(MIXTURE.potential, temperature, R0, R_MIN, order, 500 / frame[2] ** 3, x)
    depths = local_depths(*frame, tables)
    assert depths.shape == (4, np.count_nonzero(frame[1] == 0))
    for row, delta in zip(depths, order, strict=True):
        single = local_depth(*frame, temperature=temperature, delta=delta, **SHELL)
        # Wide ones share the grid of the narrowest of them, others have the grid of a single one.
        share = 0.3 if delta > 0.05 else 0.1
        within_target = share * ERROR_TARGET * np.abs(single).mean()
        np.testing.assert_allclose(row, single, rtol=0, atol=within_target)


def test_wide_delta_of_one_pass_meet_the_error_target(liquid):
    """Close, equal and very wide ones share one coarse grid; the box has only eight cells."""
    frame, temperature, some, _ = liquid
    deltas = [0.3, 0.0905, 0.09, 0.09]
    x = np.bincount(frame[1]) / len(frame[1])
    potential, density = MIXTURE.potential, len(frame[1]) / frame[2] ** 3
    tables = depth_tables(potential, temperature, R0, R_MIN, deltas, density, x)
    assert len(tables.width) == 1
    depths = local_depths(*frame, tables)
    np.testing.assert_array_equal(depths[2], depths[3])
    for row, delta in zip(depths[:3], deltas, strict=False):
        literal = [_literal_depth(*frame, delta, temperature, i) for i in some]
        scale = np.maximum(np.abs(literal), 0.1 * np.mean(literal))
        assert (np.abs(row[some] - literal) / scale).max() < 0.5 * ERROR_TARGET


def test_depths_do_not_depend_on_the_threads(liquid):
    frame, temperature, *_ = liquid
    before = numba.get_num_threads()
    try:
        depths = []
        for threads in {1, numba.config.NUMBA_NUM_THREADS}:
            numba.set_num_threads(threads)
            depths.append(local_depth(*frame, temperature=temperature, delta=0.09, **SHELL))
    finally:
        numba.set_num_threads(before)
    np.testing.assert_array_equal(depths[0], depths[-1])


@settings(max_examples=50, deadline=None)
@given(fraction=st.floats(0.0, 1.0), power=st.integers(0, 7))
def test_end_weights_integrate_polynomials(fraction, power):
    """Between two ends, each with its weights, a polynomial of degree 7 is exact."""
    n = 10
    rule = np.zeros(n + 9)  # points -4 .. n + 4
    rule[4 : n + 5] = 1.0
    rule[:8] += end_weights(0.0)[::-1]
    rule[-8:] += end_weights(fraction)
    k = np.arange(-4.0, n + 5)
    exact = (n + fraction) ** (power + 1) / (power + 1)
    assert rule @ k**power == pytest.approx(exact, rel=1e-9, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), n=st.sampled_from([300, 1000]), delta=st.floats(0.015, 0.15))
def test_local_depth_symmetries(seed, n, delta):
    """No change on translation, wrapping, or relabelling; the cell list loses no neighbour."""
    box = (n / 1.2) ** (1 / 3)
    positions, species = _frame(n, box, seed)
    rng = np.random.default_rng(seed)
    shell = {"potential": MIXTURE.potential, "temperature": 0.5, "r0": R0, "r_min": R_MIN}
    depth = local_depth(positions, species, box, delta=delta, **shell)
    # In another order the float32 sums of neighbours round otherwise.
    rounding = {"rtol": 0, "atol": 0.1 * ERROR_TARGET * np.abs(depth).mean()}
    moved = positions + rng.random(3) * box + box * rng.integers(-2, 3, positions.shape)
    np.testing.assert_allclose(
        local_depth(moved, species, box, delta=delta, **shell), depth, **rounding
    )
    order = rng.permutation(n)
    shuffled = local_depth(positions[order], species[order], box, delta=delta, **shell)
    back = np.argsort(order[species[order] == 0])
    np.testing.assert_allclose(shuffled[back], depth, **rounding)


def test_mean_of_single_particle_g_is_the_histogram():
    """Eq. B2: the smaller delta the better; without x_v in the norm it fails."""
    box = BOX
    frames = [_frame(seed=k, noise=0.12)[0] for k in range(30)]
    species = _frame()[1]
    counts = pair_counts(np.array(frames), species, box, box / 2, 0.02)
    r, g = rdf_from_counts(counts, 30, np.bincount(species), box, 0.02)
    near = (r > 0.5) & (r < 2.5)
    error = {}
    for delta in (0.02, 0.05, 0.12):
        smeared = [local_rdf(f, species, box, delta, r[near], 0, 1).mean(axis=0) for f in frames]
        error[delta] = np.abs(np.mean(smeared, axis=0) - g[0, 1, near]).mean()
    assert error[0.02] < error[0.05] < error[0.12]
    assert error[0.02] < 0.05
    # Eq. 8 as it is printed lacks x_v = 0.2: five times too small.
    printed = 0.2 * np.mean(
        [local_rdf(f, species, box, 0.02, r[near], 0, 1).mean(axis=0) for f in frames], axis=0
    )
    assert np.abs(printed - g[0, 1, near]).mean() > 10 * error[0.02]


@settings(max_examples=15, deadline=None)
@given(delta=st.floats(0.01, 0.2), particle=st.integers(0, 239), v=st.integers(0, 1))
def test_local_g_equals_literal_sum(delta, particle, v):
    positions, species = _frame()
    r = np.arange(0.6, 2.6, 0.01)
    g = local_rdf(positions, species, BOX, delta, r, 0, v, particles=[particle])[0]
    literal = _literal_g(positions, species, BOX, delta, r, particle, v)
    # The tails beyond 5 delta are cut.
    np.testing.assert_allclose(g, literal, rtol=1e-9, atol=1e-5 * literal.max() + 1e-12)


def test_global_depth_equals_quadrature():
    def g_of(r):
        return np.exp(-0.5 * ((r - 1.1) / 0.12) ** 2) * 3.0 + 0.1

    r = 0.005 * (np.arange(500) + 0.5)
    g = np.broadcast_to(g_of(r), (2, 2, len(r)))
    depth = depth_r(r, g, MIXTURE.potential, 0.6, 1.2, [0.8, 0.2], R0, R_MIN)

    def integrand(x, v):
        value = g_of(x)
        c = -MIXTURE.potential(0, v, x) / 0.6 + value - 1 - np.log(value)
        return 4 * np.pi * x**2 * c * value

    expected = 1.2 * sum(
        np.sqrt(0.8 * x_v) * quad(integrand, R0[v], R_MIN[v], args=(v,))[0]
        for v, x_v in enumerate((0.8, 0.2))
    )
    assert depth == pytest.approx(expected, rel=5e-4)


def test_softness_falls_with_depth_and_is_nan_beyond_the_line():
    depth = np.array([-20.0, -10.0, 0.0, 30.0])
    softness = softness_from_depth(depth, 212.0, -19.6)
    assert np.isnan(softness[0])
    np.testing.assert_allclose(softness[1:], 1 / (212 + 19.6 * depth[1:]))
    assert (np.diff(softness[1:]) < 0).all()


def test_clear_errors():
    positions, species = _frame()
    shell = {"potential": MIXTURE.potential, "temperature": 0.5, "r0": R0, "r_min": R_MIN}
    with pytest.raises(ValueError, match="one frame at a time"):
        local_depth(positions[None], species, BOX, delta=0.09, **shell)
    with pytest.raises(ValueError, match="half the box"):
        local_depth(positions, species, 3.0, delta=0.09, **shell)
    with pytest.raises(ValueError, match="NaN"):
        local_depth(positions * np.nan, species, BOX, delta=0.09, **shell)
    with pytest.raises(ValueError, match="are not ranges"):
        local_depth(positions, species, BOX, delta=0.09, **{**shell, "r0": R_MIN})


def test_averaged_positions_are_means_of_the_window():
    class Stream:
        times = 0.5 * np.arange(50)
        n_frames = 50
        frames = np.random.default_rng(4).normal(size=(50, 5, 3))

        def chunks(self, size, start, stop):
            yield np.arange(start, stop), self.frames[start:stop]

    stream = Stream()
    times = np.array([0.0, 1.4, 2.0, 2.2, 10.0, 24.5])
    parts = list(averaged_positions(stream, times, 2.0, size=2))
    index = np.concatenate([part for part, _ in parts])
    means = np.concatenate([mean for _, mean in parts])
    np.testing.assert_array_equal(index, [2, 3, 4, 5])
    for i, mean in zip(index, means, strict=True):
        inside = (stream.times > times[i] - 2.0 - 0.4) & (stream.times <= times[i])
        last_four = stream.frames[np.flatnonzero(inside)[-4:]]
        np.testing.assert_allclose(mean, last_four.mean(axis=0), atol=1e-12)
