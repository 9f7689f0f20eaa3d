"""The cage's integrals, radii and calibration where the answer is known."""

import logging
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softcage.cage.average import cage_of_structure
from softcage.cage.calibration import calibrate, linear_calibration, read_line
from softcage.cage.closures import hnc_product
from softcage.cage.mean_field import (
    core_radius,
    depth_q,
    depth_r,
    first_minimum,
    inverse_softness,
    potential_q,
)
from softcage.model import kob_andersen
from softcage.structure.blocks import Structure
from softcage.structure.structure_factor import direct_correlation, structure_factor_from_rdf


def _gaussian_cage(depth, stiffness, q_max=80.0):
    """S and C for which Eq. 3 is known: one species, C (S - 1) = A exp(-a q^2).

    The integral of 4 pi q^2 / (2 pi)^3 A exp(-q^2 (a + D^2 / 6)) is proportional to
    (a + D^2 / 6)^(-3/2): the potential is -depth (1 + D^2 / 6a)^(-3/2), its stiffness depth / 2a.
    """
    a = 0.5 * depth / stiffness
    amplitude = depth * (2 * np.pi) ** 3 * (a / np.pi) ** 1.5
    q = np.linspace(0.01, q_max, 8000)
    s = np.full((1, 1, len(q)), 2.0)
    c = (amplitude * np.exp(-a * q**2))[None, None]
    return q, s, c, a


@settings(max_examples=30, deadline=None)
@given(depth=st.floats(1, 200), spring=st.floats(1.0, 20.0))
def test_gaussian_spectrum_has_known_depth_and_softness(depth, spring):
    stiffness = spring * depth
    q, s, c, a = _gaussian_cage(depth, stiffness)
    assert depth_q(q, s, c, [1.0], 80.0) == pytest.approx(depth, rel=1e-4)
    assert inverse_softness(q, s, c, [1.0], 80.0) == pytest.approx(stiffness, rel=1e-3)
    delta_r = np.linspace(0, 0.4, 9)
    expected = -depth * (1 + delta_r**2 / (6 * a)) ** -1.5
    np.testing.assert_allclose(potential_q(q, s, c, [1.0], 80.0, delta_r), expected, rtol=1e-3)


def test_harmonic_fit_tends_to_the_curvature_and_is_softer():
    q, s, c, _ = _gaussian_cage(100.0, 1000.0)
    curvature = inverse_softness(q, s, c, [1.0], 80.0)
    narrow = inverse_softness(q, s, c, [1.0], 80.0, "harmonic", 0.002)
    wide = inverse_softness(q, s, c, [1.0], 80.0, "harmonic", 0.1)
    assert narrow == pytest.approx(curvature, rel=1e-3)
    assert wide < narrow
    with pytest.raises(ValueError, match="curvature"):
        inverse_softness(q, s, c, [1.0], 80.0, "cubic")
    with pytest.raises(ValueError, match="q_max"):
        depth_q(q, s, c, [1.0], 200.0)


def test_partials_enter_with_their_weights():
    q = np.linspace(0.1, 10, 100)
    c, s = np.zeros((2, 2, 2, 100))
    s += np.eye(2)[:, :, None]
    only = {}
    for u in range(2):
        for v in range(2):
            one_c, one_s = c.copy(), s.copy()
            one_c[u, v], one_s[u, v] = 1.0, s[u, v] + 1.0
            only[u, v] = depth_q(q, one_s, one_c, [0.8, 0.2], 10.0)
    assert only[0, 1] == pytest.approx(only[0, 0] / 2) == only[1, 0]
    assert only[1, 1] == pytest.approx(only[0, 0] / 4)


# Such noise moves the minimum by 0.005, root mean square, and in 1 of 4000 draws beyond the bound:
# the same draws each time.
@settings(max_examples=30, deadline=None, derandomize=True)
@given(minimum=st.floats(1.3, 1.5), seed=st.integers(0, 999))
def test_first_minimum_in_noise(minimum, seed):
    r = 0.005 * (np.arange(900) + 0.5)
    peak = minimum - 0.36
    g = np.where(
        r < minimum,
        0.37 + 3.8 * np.exp(-(((r - peak) / 0.1) ** 2)) + 3 * (r - minimum) ** 2,
        0.37 + 3 * (r - minimum) ** 2 * np.exp(-3 * (r - minimum)),
    )
    g[r < peak - 0.15] = 0.0
    clean = first_minimum(r, g)
    noisy = first_minimum(r, g + np.random.default_rng(seed).normal(0, 0.01, len(r)))
    assert clean == pytest.approx(minimum, abs=0.02)
    assert noisy == pytest.approx(clean, abs=0.02)


@pytest.mark.parametrize(("height", "between", "expected"), [
    (0.9, 0.2, 1.35),  # as C around C in two dimensions: the first peak is a shell of its own
    (0.3, 0.2, 2.12),  # as B around B: hardly any neighbours touch
    (0.9, 0.6, 2.12),  # no minimum that separates two shells
])  # fmt: skip
def test_first_minimum_where_the_second_peak_is_the_higher(height, between, expected):
    r = 0.005 * (np.arange(600) + 0.5)
    g = 2.5 * height * np.exp(-(((r - 1.03) / 0.08) ** 2))
    g += 2.5 * np.exp(-(((r - 1.67) / 0.08) ** 2))
    g += np.where((r > 1.03) & (r < 1.67), 2.5 * between + 2 * (r - 1.35) ** 2, 0.0)
    g += np.where(r >= 1.67, 0.5 + 2 * (r - 2.12) ** 2, 0.0)
    assert first_minimum(r, g) == pytest.approx(expected, abs=0.03)


def test_first_minimum_needs_room():
    r = 0.01 * (np.arange(120) + 0.5)
    with pytest.raises(ValueError, match="larger box"):
        first_minimum(r, np.exp(-(((r - 1.0) / 0.1) ** 2)))


def test_core_radius_is_the_first_bin_above_the_threshold():
    r = np.arange(0.5, 2, 0.01)
    g = np.where(r < 0.9, 5e-4, 1.0)
    assert core_radius(r, g, 1e-3) == pytest.approx(r[r >= 0.9][0])
    assert core_radius(r, g, 1e-4) == r[0]
    with pytest.raises(ValueError, match="no pairs"):
        core_radius(r, 0 * r)


@given(st.floats(0, 5), st.floats(-3, 30))
def test_hnc_product_vanishes_with_g(g, beta_u):
    assert hnc_product(0.0, beta_u) == 0.0
    value = hnc_product(g, beta_u)
    if g > 1e-300:
        assert value == pytest.approx((-beta_u + g - 1 - np.log(g)) * g)


@settings(max_examples=40, deadline=None)
@given(
    intercept=st.floats(-300, 300),
    slope=st.floats(-30, -1),
    seed=st.integers(0, 10**6),
)
def test_calibration_recovers_a_line_within_its_error(intercept, slope, seed):
    rng = np.random.default_rng(seed)
    x = np.array([-45.0, -40.0, -36.0, -30.0, -25.0])
    exact = linear_calibration(x, intercept + slope * x)
    assert exact.intercept == pytest.approx(intercept, abs=1e-6)
    assert exact.slope == pytest.approx(slope, abs=1e-8)
    sx, sy = 0.05 * np.ones(5), 8.0 * np.ones(5)
    y = intercept + slope * x + rng.normal(0, sy)
    fit = linear_calibration(x + rng.normal(0, sx), y, sx, sy)
    assert abs(fit.slope - slope) < 6 * fit.slope_error
    assert abs(fit.intercept - intercept) < 6 * fit.intercept_error


def test_calibration_error_is_calibrated():
    """The pull of the slope has unit width, when the errors given are the true ones."""
    rng = np.random.default_rng(0)
    x = np.linspace(-45, -25, 5)
    pulls = []
    for _ in range(400):
        y = 200 - 20 * x + rng.normal(0, 5, 5)
        fit = linear_calibration(x, y, 0 * x, np.full(5, 5.0))
        pulls.append((fit.slope + 20) / fit.slope_error)
    assert 0.7 < np.std(pulls) < 1.1


def test_calibration_needs_two_temperatures():
    with pytest.raises(ValueError, match="two temperatures"):
        linear_calibration([-40.0], [1000.0])
    with pytest.raises(ValueError, match="two temperatures"):
        linear_calibration([-40.0, -40.0], [1000.0, 1001.0])


# ---------------------------------------------------------------- a temperature
def _structure(noise=0.0, peak=1.1):
    """Five blocks of an invented liquid: S on lattice vectors is the transform of g, and noise."""
    rng, r, x = np.random.default_rng(1), 0.01 * (np.arange(400) + 0.5), np.array([0.8, 0.2])
    shell = 2.5 * np.exp(-(((r - peak) / 0.12) ** 2)) + np.exp(-(((r - 2 * peak) / 0.3) ** 2))
    g = np.where(r < peak - 0.3, 0.0, 0.4 + 0.6 * (1 - np.exp(-((r / 2) ** 4))) + shell)
    g = np.broadcast_to(g, (5, 2, 2, 400)) * (1 + noise * rng.normal(size=(5, 2, 2, 1)))
    q = 0.1 * np.arange(1, 141)
    s = structure_factor_from_rdf(r, g, q, 1.0, x)
    s = s + noise * rng.normal(size=(5, 1, 1, 140)) * np.eye(2)[:, :, None]
    vectors = np.ones(140, dtype=int)
    return Structure(r, g, q, s, vectors, 8.0, 1.0, x, 13, np.array([2, 3, 3, 3, 2]))


def test_a_cage_is_that_of_the_averages(caplog):
    """Frames weigh alike; both routes for each q_max, more ranges at the first of them."""
    mixture, structure = kob_andersen(), _structure(noise=0.001)
    ways = {"q_max": 20.0, "q_max_alternatives": [9.0], "harmonic_range_alternatives": [0.1]}
    caplog.set_level(logging.INFO)
    table, curves = cage_of_structure(structure, mixture, 0.6, **ways, resamples=20)
    assert "differ by at most 0.00" in caplog.text and "5 blocks" in caplog.text
    assert table[["q_max", "route", "harmonic_range"]].to_numpy().tolist() == [
        [9.0, "curvature", 0.0], [9.0, "harmonic", 0.05], [20.0, "curvature", 0.0],
        [20.0, "harmonic", 0.05], [20.0, "harmonic_alternative", 0.1],
    ]  # fmt: skip
    g = np.average(structure.g, axis=0, weights=[2, 3, 3, 3, 2])
    np.testing.assert_allclose(curves["g"], g)
    radii = curves["r0"], curves["r_min"]
    x, potential = structure.fractions, mixture.potential
    depth = depth_r(structure.r, g, potential, 0.6, 1.0, x, *radii)
    np.testing.assert_allclose(table["depth_r"], depth)
    q, s = curves["q"], curves["s"]
    for row in table.to_dict("records"):
        c, route = direct_correlation(s), row["route"].removesuffix("_alternative")
        assert row["depth_q"] == pytest.approx(depth_q(q, s, c, x, row["q_max"]))
        expected = inverse_softness(q, s, c, x, row["q_max"], route, row["harmonic_range"])
        assert row["inverse_softness"] == pytest.approx(expected)
        assert row["n_frames"] == 13 and row["r0_AB"] == radii[0][0, 1]
        assert 0 < row["depth_r_error"] < 0.1 * depth and row["inverse_softness_error"] > 0


@pytest.mark.parametrize("q_max", [5.0, 10.5, 13.9])
def test_integrals_may_end_below_where_lattice_vectors_do(caplog, q_max):
    """Below q_match there is nothing of the transform, and nothing to compare."""
    caplog.set_level(logging.INFO)
    cages = {}
    for end in (q_max, 20.0):
        table, _ = cage_of_structure(_structure(), kob_andersen(), 0.6, q_max=end)
        cages[end] = table.iloc[0]
    assert ("comes from lattice vectors only" in caplog.text) == (q_max < 10)
    assert cages[q_max]["depth_r"] == cages[20.0]["depth_r"]
    assert cages[q_max]["depth_q"] < cages[20.0]["depth_q"]
    with pytest.raises(ValueError, match="q_max = 0.1 is less than two steps of q"):
        cage_of_structure(_structure(), kob_andersen(), 0.6, q_max=0.1)


def test_runs_that_scatter_more_than_their_blocks_have_larger_errors():
    """Blocks that are alike within each of two runs, whose g(r) and S(q) differ by 2 %."""
    runs = [_structure(), _structure(peak=1.102)]
    both = replace(
        runs[0],
        g=np.concatenate([run.g for run in runs]),
        s=np.concatenate([run.s for run in runs]),
        n_frames=26,
        block_frames=np.concatenate([run.block_frames for run in runs]),
    )
    one, two = (
        cage_of_structure(both, kob_andersen(), 0.6, resamples=50, n_runs=n)[0].iloc[0]
        for n in (1, 2)
    )
    each = [cage_of_structure(run, kob_andersen(), 0.6, resamples=2)[0].iloc[0] for run in runs]
    for name in ("depth_q", "depth_r", "inverse_softness"):
        assert one[name] == two[name]
        assert two[f"{name}_error"] > 1.5 * one[f"{name}_error"] > 0
    # half the difference of the two, with Student's t of one degree of freedom
    apart = abs(each[0]["depth_q"] - each[1]["depth_q"])
    assert two["depth_q_error"] == pytest.approx(0.5 * 1.8371 * apart, rel=0.05)


def test_a_line_is_read_back(tmp_path):
    tables = [
        cage_of_structure(_structure(peak=peak), kob_andersen(), T, resamples=5)[0]
        for T, peak in ((0.8, 1.1), (0.5, 1.12), (0.6, 1.115))
    ]
    cage, lines = calibrate(tables)
    assert cage["T"].tolist() == [0.5, 0.6, 0.8] * 2
    cage.to_csv(tmp_path / "cage.csv", index=False)
    lines.to_csv(tmp_path / "calibration.csv", index=False)
    for route in ("curvature", "harmonic"):
        line = read_line(tmp_path, route=route)
        own = cage[cage["route"] == route]
        errors = own["depth_r_error"], own["inverse_softness_error"]
        fit = linear_calibration(-own["depth_r"], own["inverse_softness"], *errors)
        assert (line.c0, line.c1) == pytest.approx((fit.intercept, fit.slope))
        r0, r_min = line.ranges(0.6, ["AA", "AB"])
        row = own[own["T"] == 0.6].iloc[0]
        assert r0.tolist() == [row["r0_AA"], row["r0_AB"]] and r_min[0] == row["r_min_AA"]
    assert line.ranges(0.7, ["AA", "AB"]) is None
    with pytest.raises(ValueError, match="has no column r0_AC"):
        line.ranges(0.6, ["AA", "AC"])
    with pytest.raises(ValueError, match="no line for q_max 30, curvature; there are: 20 curv"):
        read_line(tmp_path, 30.0)
