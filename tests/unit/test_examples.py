"""Which particle stands for the others."""

import h5py
import numpy as np
import pytest

from softcage.cage.examples import closest_to_median, rearranging_and_caged


def test_the_one_nearest_to_the_median_of_those_chosen():
    depth = np.array([[1.0, 5.0, 100.0], [7.0, 3.0, 9.0]])
    assert closest_to_median(depth, np.ones((2, 3), dtype=bool)) in [(0, 1), (1, 0)]
    assert closest_to_median(depth, depth > 6) == (1, 2)


@pytest.fixture
def store(tmp_path):
    with h5py.File(tmp_path / "run.h5", "w") as file:
        file["dt15/frame"] = np.arange(2, 8)
        file["dt15/p_hop"] = np.zeros((6, 5))
        file["dt15"].attrs["p_c"] = 0.1
        file["uniform/frame"] = np.arange(0, 10, 2)
        file["uniform/depth"] = 10.0 * np.arange(5)[:, None] + np.arange(5)
        yield file


def test_one_of_median_depth_of_either_kind(store):
    # frames 2, 4, 6 have both: rows 0, 2, 4 of p_hop and 1, 2, 3 of the depths
    store["dt15/p_hop"][4, [0, 1, 4]] = 0.2
    found = rearranging_and_caged(store["dt15"], store["uniform"])
    assert found["rearranging"] == (6, 1)
    assert found["caged"] == (4, 0)  # of 10 .. 14, 20 .. 24, 32, 33


def test_without_a_rearrangement_the_largest_p_hop_stands_in(store):
    store["dt15/p_hop"][2, 3] = 0.05
    with pytest.warns(UserWarning, match="the one with the largest p_hop is shown"):
        assert rearranging_and_caged(store["dt15"], store["uniform"])["rearranging"] == (4, 3)


def test_a_run_that_is_too_short_is_named(store):
    del store["uniform/frame"]
    store["uniform/frame"] = np.arange(20, 25)
    with pytest.raises(ValueError, match="dt15.* shorter than the window"):
        rearranging_and_caged(store["dt15"], store["uniform"])
