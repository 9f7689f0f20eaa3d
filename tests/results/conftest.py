"""The study whose results are looked at: ``pytest tests/results --results results/demo``."""

from pathlib import Path

import pytest
from tests.results.rederive import Results


def pytest_addoption(parser):
    parser.addoption("--results", type=Path, default="results/paper", help="folder of a study")


@pytest.fixture(scope="session")
def results(pytestconfig):
    folder = pytestconfig.rootpath / pytestconfig.getoption("--results")
    if not (folder / "SUMMARY.md").is_file():
        pytest.fail(f"{folder} has no SUMMARY.md: it is no finished study", pytrace=False)
    return Results(folder)
