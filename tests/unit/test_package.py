"""What speaks of the package beside pyproject.toml says the same."""

import ast
import json
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import rattler
import yaml

import softcage

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
DISTRIBUTIONS = packages_distributions()
DECLARED = [
    spec
    for spec in (*PROJECT["dependencies"], *sum(EXTRAS.values(), []))
    if not spec.startswith("softcage[")
]
LOCKS = ("default", "hosts")
# what an import needs beyond the dependencies: a folder of the library, or a module, -> an extra
NEEDS = {"plotting": "figures", "plotting/turning.py": "view", "descriptors": "propensity"}
NEEDS |= {"ranking": "propensity", "structure/crystal.py": "propensity"}
NEEDS |= {"mdanalysis.py": "mdanalysis", "ovito.py": "ovito", "cli/command.py": "completion"}


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
    bounds = {f"{spec.name.normalized}{spec.version}" for spec in asked} - {"python>=3.11"}
    assert bounds == set(PROJECT["dependencies"])
    (python,) = [spec for spec in asked if spec.name.normalized == "python"]
    assert python.version == PROJECT["requires-python"]
    scripts = [f"{name} = {place}" for name, place in PROJECT["scripts"].items()]
    assert recipe["build"]["python"]["entry_points"] == scripts


@pytest.mark.parametrize("spec", DECLARED)
def test_the_lock_has_each_package_in_a_version_that_is_allowed(spec):
    name, _, bound = spec.partition(">=")
    lock = "".join((ROOT / "requirements" / f"{name}.lock").read_text() for name in LOCKS)
    version = re.search(rf"^{re.escape(name)}==(\S+)", lock, re.MULTILINE)
    assert bound, f"{spec} has no lower bound"
    assert version and rattler.Version(version[1]) >= rattler.Version(bound)


def imported(path):
    """Return the packages that a module imports, by the names under which they are installed."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.partition(".")[0])
    names -= {*sys.stdlib_module_names, "softcage"}
    # what is not installed, MDAnalysis and OVITO, has the name of its module
    return {re.sub(r"[-_.]+", "-", DISTRIBUTIONS.get(name, [name])[0]).lower() for name in names}


def test_every_import_of_the_library_is_declared():
    library = ROOT / "workflow" / "softcage"
    missing = []
    for path in library.rglob("*.py"):
        part = path.relative_to(library).as_posix()
        extras = [extra for place, extra in NEEDS.items() if part.startswith(place)]
        allowed = [*PROJECT["dependencies"], *sum((EXTRAS[extra] for extra in extras), [])]
        names = {spec.partition(">=")[0] for spec in allowed}
        missing += [f"{part}: {name}" for name in imported(path) - names]
    assert not missing


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
    assert set(copied) == {"requirements/default.lock", "."} and all(
        (ROOT / c).exists() for c in copied
    )
    installs = [rest for word, rest in said if word == "RUN" and "pip install" in rest]
    assert "--require-hashes -r requirements/default.lock" in installs[0] and installs[1].endswith(
        "-e ."
    )
    python = re.match(r"python:(3\.\d+)-", dict(said)["FROM"])[1]
    assert f"Programming Language :: Python :: {python}" in PROJECT["classifiers"]
    command = json.loads(dict(said)["CMD"])
    assert command[0] == "snakemake" and (ROOT / command[-1]).is_file()
    folder = dict(said)["WORKDIR"]
    pages = (ROOT / "docs" / "running.md").read_text()
    records = f"-v $PWD/.snakemake:{folder}/.snakemake"
    assert f"-v $PWD/results:{folder}/results {records} softcage" in pages
    assert f"-s {folder}/Snakefile --cores 2 --configfile {folder}/{command[-1]}\n" in pages
    kept_out = (ROOT / ".dockerignore").read_text().split()
    assert "results/*" in kept_out and "!results/paper" in kept_out
