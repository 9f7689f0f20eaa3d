"""What speaks of the package beside pyproject.toml says the same."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import rattler
import yaml

import softcage

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def recipe():
    return yaml.safe_load((ROOT / "recipe" / "recipe.yaml").read_text())


def test_there_is_one_version(recipe):
    stated = {
        "codemeta.json": json.loads((ROOT / "codemeta.json").read_text())["version"],
        "CITATION.cff": yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"],
        "recipe.yaml": recipe["context"]["version"],
    }
    assert set(stated.values()) == {softcage.__version__}, stated
    assert f"\n## {softcage.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_recipe_asks_for_what_the_package_does(recipe):
    asked = [rattler.MatchSpec(spec, strict=True) for spec in recipe["requirements"]["run"]]
    names = {spec.name.normalized for spec in asked} - {"python"}
    assert names == set(PROJECT["dependencies"])
    (python,) = [spec for spec in asked if spec.name.normalized == "python"]
    assert python.version == PROJECT["requires-python"]
    scripts = [f"{name} = {place}" for name, place in PROJECT["scripts"].items()]
    assert recipe["build"]["python"]["entry_points"] == scripts


def test_what_the_study_needs_is_in_the_lock():
    asked = (ROOT / "requirements" / "default.in").read_text()
    for extra in ("figures", "study"):
        for name in PROJECT["optional-dependencies"][extra]:
            assert name.startswith("softcage[") or f"\n{name.split('>')[0]}" in locked, name


def test_the_catalog_entry_says_where_the_report_is():
    entry = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())
    deployment = entry["usage"]["software-stack-deployment"]
    assert deployment["report"] is True
    assert deployment["conda"] is True


def test_the_container_is_made_of_what_is_here():
    """What is copied, installed and run; the folder of the results is the one that is mounted."""
    lines = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    said = [line.partition(" ")[::2] for line in lines if line and not line.startswith("#")]
    copied = [name for word, rest in said if word == "COPY" for name in rest.split()[:-1]]
    assert set(copied) == {"requirements/default.lock", "."} and all((ROOT / c).exists() for c in copied)
    installs = [rest for word, rest in said if word == "RUN" and "pip install" in rest]
    assert "--require-hashes -r requirements/default.lock" in installs[0] and installs[1].endswith("-e .")
    python = re.match(r"python:(3\.\d+)-", dict(said)["FROM"])[1]
    assert f"Programming Language :: Python :: {python}" in PROJECT["classifiers"]
    command = json.loads(dict(said)["CMD"])
    assert command[0] == "snakemake" and (ROOT / command[-1]).is_file()
    folder = dict(said)["WORKDIR"]
    pages = (ROOT / "docs" / "running.md").read_text()
    assert f"-v $PWD/results:{folder}/results softcage" in pages
    assert f"-s {folder}/Snakefile --cores 2 --configfile {folder}/{command[-1]}\n" in pages
    kept_out = (ROOT / ".dockerignore").read_text().split()
    assert "results/*" in kept_out and "!results/paper" in kept_out
