"""Vectors in kernels: conversions beside NumPy's, up to the bounds that they state."""

import numpy as np
import pytest
from numba import njit

from softcage.compiled.simd import (
    EXACT_INTEGER,
    LANES,
    fixed_coordinate,
    full_lanes,
    load,
    load_full,
    nearest_image64,
    rounded,
    store,
    total,
    totals,
)


@njit
def convert(values, result):
    for k in range(0, len(values), LANES):
        store(result, k, rounded(load(values, k), result))


@njit
def place(positions, coordinates):
    for k in range(0, len(positions), LANES):
        store(coordinates, k, fixed_coordinate(load(positions, k), coordinates))


@njit
def separate(a, b, result):
    for k in range(0, len(a), LANES):
        store(result, k, nearest_image64(load(a, k) - load(b, k)))


@njit
def sum_of_a_register(values):
    return total(load_full(values, 0))


@njit
def sums_of_registers(values, result):
    store(result, 0, totals(values, 0))


@pytest.mark.parametrize(
    ("source", "target", "bound"),
    [
        (np.float32, np.int32, 2.0**31 - 2**7),
        (np.float64, np.int64, EXACT_INTEGER),
        (np.float64, np.float64, 2.0**53),
    ],
)
def test_rounding_is_to_nearest_ties_to_even_up_to_the_bound(source, target, bound):
    rng = np.random.default_rng(0)
    small = np.arange(-20, 20) / 4  # ties among them
    values = np.concatenate([small, rng.uniform(-bound, bound, 1000), 8 * [bound, -bound]])
    values = values.astype(source)
    result = np.empty(len(values), target)
    convert(values, result)
    np.testing.assert_array_equal(result, np.rint(values.astype(np.float64)).astype(target))


def test_rounding_beyond_the_bound_never_looks_small():
    """An engine sees it: the number is beyond the bound, too, if not the right one."""
    values = EXACT_INTEGER * np.array([2.0, -2.0, 3.0, -3.0, 1e3, -1e3, 1e30, -1e30])
    result = np.empty(len(values), np.int64)
    convert(values, result)
    assert (np.abs(result.astype(np.float64)) >= EXACT_INTEGER).all()


@pytest.mark.parametrize(("kind", "steps"), [(np.int32, 2.0**32), (np.float64, 1.0)])
def test_coordinates_and_nearest_images_of_positions_anywhere(kind, steps):
    rng = np.random.default_rng(1)
    a, b = rng.uniform(-3, 3, (2, 800))  # in units of the box
    a[:16] = np.arange(-8, 8) / 2  # and exactly half-way
    places = np.empty((2, 800), kind)
    place(a, places[0])
    place(b, places[1])
    got = np.empty(800)
    separate(places[0], places[1], got)
    distance = a - b - np.rint(a - b)
    error = got / steps - distance
    error -= np.rint(error)
    assert np.abs(error).max() <= (2.0**-32 if kind == np.int32 else 2.0**-51)
    assert np.abs(got).max() <= 0.5 * steps


@pytest.mark.parametrize("kind", [np.int32, np.float64])
def test_a_sum_of_whole_numbers_is_exact(kind):
    values = np.random.default_rng(2).integers(-(2**30), 2**30, 16).astype(kind)
    n = full_lanes(kind)
    values[n // 2 : n] = -values[: n // 2][::-1]
    values[0] += 1
    assert sum_of_a_register(values) == 1


@pytest.mark.parametrize("kind", [np.int32, np.float64])
def test_totals_are_those_of_one_vector_after_the_other(kind):
    n = full_lanes(kind)
    values = np.random.default_rng(3).integers(-(2**20), 2**20, (n, n)).astype(kind)
    result = np.empty(n, kind)
    sums_of_registers(values.ravel(), result)
    np.testing.assert_array_equal(result, values.sum(axis=1))
