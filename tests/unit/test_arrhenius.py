import numpy as np
import pytest
from scipy.optimize import least_squares

from softcage.prediction.arrhenius import (
    barrier_slope,
    collapse_rms,
    crossing,
    crossing_interval,
    crossing_temperature,
    crossing_temperatures,
    crossings_of_samples,
    fit_counts,
    fit_lines,
    lines_table,
    log_weights,
    points_table,
    trend_of_barriers,
)

T = np.array([0.47, 0.53, 0.58, 0.70, 0.80])
T_CROSS = 0.85
BARRIER = np.linspace(1.2, 2.9, 9)
P = 0.3 * np.exp(-BARRIER * (1 / T[:, None] - 1 / T_CROSS))


def test_known_barriers_come_back():
    weights = log_weights(P, 0.01 * P, np.full(P.shape, 1e6))
    lines = fit_lines(T, P, weights)
    np.testing.assert_allclose(lines.barrier, BARRIER, rtol=1e-10)
    np.testing.assert_allclose(lines.ln_p0, np.log(0.3) + BARRIER / T_CROSS, rtol=1e-10)
    np.testing.assert_allclose(lines.chi2, 0, atol=1e-15)
    assert (lines.n_temperatures == 5).all() and lines.fitted.all()
    assert crossing_temperature(T, P, weights) == pytest.approx(T_CROSS, rel=1e-4)


def test_error_of_the_barrier_is_that_of_a_line():
    weights = log_weights(P, 0.05 * P, np.full(P.shape, 1e6))
    lines = fit_lines(T, P, weights)
    x = 1 / T
    assert lines.barrier_error[0] == pytest.approx(0.05 / np.sqrt(((x - x.mean()) ** 2).sum()))


def test_bins_with_too_few_hops_are_left_out():
    hops = np.full(P.shape, 100)
    hops[:3, 0] = 9  # two temperatures left
    hops[:2, 1] = 9  # three left
    weights = log_weights(P, 0.1 * P, hops, minimum_hops=10, minimum_temperatures=3)
    assert (weights[:, 0] == 0).all()
    assert (weights[:, 1] > 0).tolist() == [False, False, True, True, True]
    lines = fit_lines(T, P, weights)
    assert not lines.fitted[0] and np.isnan(lines.ln_p0[0])
    assert lines.n_temperatures[1] == 3 and lines.fitted[1:].all()


def test_counting_noise_is_the_least_error():
    hops = np.full(P.shape, 25)
    for error in (np.zeros_like(P), np.full(P.shape, np.nan)):
        np.testing.assert_allclose(log_weights(P, error, hops), 25)
    np.testing.assert_allclose(log_weights(P, 0.5 * P, hops), 4)


def test_points_without_rearrangements_have_no_logarithm():
    p = P.copy()
    p[0, 0] = 0
    weights = log_weights(p, 0.1 * P, np.full(P.shape, 50))
    assert weights[0, 0] == 0
    # a resample may lose a point that the data had
    lines = fit_lines(T, p, log_weights(P, 0.1 * P, np.full(P.shape, 50)))
    np.testing.assert_allclose(lines.barrier, BARRIER, rtol=1e-10)
    assert lines.n_temperatures[0] == 4


def test_parallel_lines_do_not_cross():
    p = np.exp(-2.0 / T[:, None] - np.linspace(0, 1, 5))
    weights = log_weights(p, 0.1 * p, np.full(p.shape, 100))
    assert np.isnan(crossing_temperature(T, p, weights))
    assert np.isnan(crossing_temperature(T, p[:, :1], weights[:, :1]))


def least_squares_crossing(p_r, weights):
    """The crossing by SciPy: of all alpha, T_x and barriers the sum of squares is least."""
    x, y, w = 1 / T[:, None], np.log(p_r), np.sqrt(weights)

    def residuals(parameters):
        alpha, place, barriers = parameters[0], parameters[1], parameters[2:]
        return (w * (y - alpha + barriers * (x - place))).ravel()

    first = np.concatenate([[np.log(0.3), 1 / T_CROSS], BARRIER])
    return 1 / least_squares(residuals, first, xtol=1e-14, ftol=1e-14, gtol=1e-14).x[1]


def test_the_crossing_is_that_of_least_squares():
    rng = np.random.default_rng(5)
    weights = rng.uniform(50, 500, P.shape)
    samples = P * np.exp(rng.normal(0, weights**-0.5, (12, *P.shape)))
    found = crossings_of_samples(T, samples, weights)
    expected = [least_squares_crossing(sample, weights) for sample in samples]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert np.ptp(found) > 0.01


def test_many_sets_cross_where_each_of_them_does():
    """Points of weight 0 take no part, a bin with one point has no line, nor a set with one bin."""
    rng = np.random.default_rng(6)
    log_p_r = np.log(P)[:, None] + rng.normal(0, 0.05, (5, 4, len(BARRIER)))
    weights = np.full(log_p_r.shape, 400.0)
    weights[0, 0, 3] = weights[1:, 1, 2] = weights[:, 2, 1:] = 0.0
    log_p_r[weights == 0] = 99.0
    found = crossing_temperatures(T, log_p_r, weights)
    for k in (0, 1, 3):
        one = crossing_temperature(T, np.exp(log_p_r[:, k]), weights[:, k])
        assert found[k] == pytest.approx(one, rel=1e-9) and abs(one - T_CROSS) < 0.1
    kept = np.arange(len(BARRIER)) != 2
    alone = crossing_temperature(T, np.exp(log_p_r[:, 1, kept]), weights[:, 1, kept])
    assert found[1] == pytest.approx(alone, rel=1e-9)
    assert np.isnan(found[2])
    assert np.isnan(crossing_temperatures(np.full(5, 0.5), log_p_r, weights)).all()


def test_one_temperature_is_refused():
    with pytest.raises(ValueError, match="needs two"):
        fit_lines(T[:1], P[:1], np.ones_like(P[:1]))


def test_crossing_is_not_pulled_to_the_middle_of_the_temperatures():
    """Regression of ln P_0 on DeltaE is biased where the noise is large, the points are not."""
    rng = np.random.default_rng(1)
    noise = 0.15
    direct, regressed = [], []
    for _ in range(200):
        p = P * np.exp(rng.normal(0, noise, P.shape))
        weights = np.full(P.shape, noise**-2)
        lines = fit_lines(T, p, weights)
        direct.append(crossing_temperature(T, p, weights))
        regressed.append(1 / np.polyfit(lines.barrier, lines.ln_p0, 1)[0])
    assert abs(np.nanmedian(direct) - T_CROSS) < 0.03
    assert abs(np.nanmedian(direct) - T_CROSS) < abs(np.median(regressed) - T_CROSS)


def test_interval_covers_the_truth():
    rng = np.random.default_rng(2)
    noise, covered, n = 0.05, 0, 60
    weights = np.full(P.shape, noise**-2)
    for _ in range(n):
        p = P * np.exp(rng.normal(0, noise, P.shape))
        samples = p * np.exp(rng.normal(0, noise, (100, *P.shape)))
        crossings = [crossing_temperature(T, sample, weights) for sample in samples]
        low, high, share = crossing_interval(crossings)
        assert share > 0.9
        covered += low <= T_CROSS <= high
    assert covered >= 0.8 * n


def test_barrier_error_covers_the_truth():
    rng = np.random.default_rng(3)
    noise = 0.1
    weights = np.full(P.shape, noise**-2)
    pulls = []
    for _ in range(200):
        lines = fit_lines(T, P * np.exp(rng.normal(0, noise, P.shape)), weights)
        pulls.append((lines.barrier - BARRIER) / lines.barrier_error)
    assert np.std(pulls) == pytest.approx(1.0, abs=0.08)


def test_line_through_barriers():
    x = np.linspace(0, 1, 6)
    slope, error, r_squared, chi2 = trend_of_barriers(x, 2 - 3 * x, np.full(6, 0.1))
    assert slope == pytest.approx(-3) and r_squared == pytest.approx(1)
    assert chi2 == pytest.approx(0, abs=1e-9)
    assert error == pytest.approx(0.1 / np.sqrt(((x - 0.5) ** 2).sum()))
    y = np.where(x > 0.5, np.nan, x)
    assert trend_of_barriers(x, y, np.full(6, 0.1))[0] == pytest.approx(1)
    assert np.isnan(trend_of_barriers(x[:2], x[:2], x[:2])).all()


def test_counts_give_the_lines_that_were_put_in():
    """Blocks with binomial noise; the barrier is linear in the bin, its slope is known."""
    rng = np.random.default_rng(4)
    centers = np.linspace(0, 1, len(BARRIER))
    everyone = np.full((8, len(BARRIER)), 20_000)
    everyone[:, -1] = 0  # nobody is in the last bin
    counts = [np.stack([everyone, rng.binomial(everyone, p)], axis=1) for p in P]
    found = fit_counts(T, counts, minimum_hops=10, minimum_temperatures=3, resamples=100, seed=1)
    row = crossing(found)
    assert row["T_cross"] == pytest.approx(T_CROSS, abs=row["T_high"] - row["T_low"])
    assert row["T_low"] < row["T_cross"] < row["T_high"] and row["share_crossing"] == 1
    line = barrier_slope(found, centers)
    assert line["barrier_slope"] == pytest.approx(1.7, abs=4 * line["barrier_slope_error"])
    assert line["r_squared"] > 0.9 and line["line_chi2"] < 3
    # the scatter of the points is that of counting
    relative = np.median(1 / np.sqrt(found.weights[:, :-1]))
    assert 0.3 * relative < collapse_rms(found) * np.log(10) < 1.5 * relative
    lines, points = lines_table(found, centers), points_table(found, centers)
    assert lines["bin_center"].tolist() == centers[:-1].tolist()
    assert len(points) == 5 * len(lines) and points["T"].head(5).tolist() == T.tolist()
