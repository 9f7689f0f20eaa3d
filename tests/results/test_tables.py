"""The tables of a study hold together; by default those that are committed."""

import pytest
from tests.results.rederive import CHECKS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_results_are_what_their_points_say(results, check):
    assert list(check(results)) == []
