"""The tables of a study hold together; by default those that are committed."""

import pytest
from tests.results import rederive
from tests.results.rederive import CHECKS


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_results_are_what_their_points_say(results, check):
    if check is rederive.files and not (results.folder / "commits.csv").is_file():
        pytest.skip(f"{results.folder} has no commits.csv: it was published before there was one")
    assert list(check(results)) == []
