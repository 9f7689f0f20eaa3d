"""Every rule runs in the conda environment that it names, and needs nothing outside it.

No channel is asked: tests/environments/conda.py stands in for conda and fills the environments from
PyPI. It takes minutes and downloads some hundred megabytes: `make test-envs`.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit import test_environment as environment
from tests.workflow import conftest as tiny
from tests.workflow import test_import as importing

pytestmark = [
    pytest.mark.workflow,
    pytest.mark.slow,
    pytest.mark.skipif("TEST_ENVIRONMENTS" not in os.environ, reason="`make test-envs` runs these"),
]
ROOT = Path(__file__).resolve().parents[2]
# Used where they happen to be there, and found in Snakemake's environment.
OPTIONAL = {
    "cloudpickle": "Snakemake, for what it hands to a script",
    "yaml": "numba, for a file of settings",
    "charset_normalizer": "numpy.f2py, for the encoding of Fortran files",
    "psutil": "joblib, for the memory of its workers",
    "rich": "scikit-learn, for bars of progress",
}


@pytest.fixture(scope="module")
def conda_run(tmp_path_factory):
    """The tiny study, a quench and a run imported elsewhere, each rule in its own environment."""
    folder = tmp_path_factory.mktemp("conda")
    run = tiny.copy_repository(folder / "copy")
    base = folder / "base" / "bin"
    base.mkdir(parents=True)
    stand_in = (ROOT / "tests" / "environments" / "conda.py").read_text()
    (base / "conda").write_text(f"#!{sys.executable}\n{stand_in}")
    (base / "conda").chmod(0o755)
    (base / "activate").write_text('export CONDA_PREFIX="$1" PATH="$1/bin:$PATH"\n')
    run.strangers = folder / "strangers.tsv"
    variables = {
        "PATH": f"{base}{os.pathsep}{os.environ['PATH']}",
        "STAND_IN_ROOT": str(ROOT),
        "STAND_IN_LOG": str(run.strangers),
        "STAND_IN_WORKFLOW": str(run.folder / "workflow"),
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        targets = ("study", "beyond", "results/tiny/quenches/T0.6/r0.npz")
        run.log = run.snakemake(*targets, "--sdm", "conda", check=True).stdout
        importing.export(run, 0, run.folder / importing.PATH)
        points = [dict(point) for point in tiny.TINY["state_points"]]
        points[1]["trajectory"] = importing.SOURCE
        run.snakemake(
            *("results/imported/md/T0.8/r0/uniform.nc", "--sdm", "conda"),
            change={"study": "imported", "state_points": points},
            check=True,
        )
    return run


def ran(run):
    """Return (environment's prefix, script, strangers) of every script that was run."""
    rows = [line.split("\t") for line in run.strangers.read_text().splitlines()]
    return [(env, re.sub(r"^tmp\w+\.", "", script), names.split()) for env, script, names in rows]


def test_an_environment_is_made_for_each_file_and_no_other(conda_run):
    files = {path.name for path in (ROOT / "envs").glob("*.yaml")}
    assert (
        set(re.findall(r"Creating conda environment (?:\S*/)?(\w+\.yaml)", conda_run.log)) == files
    )
    assert len({env for env, *_ in ran(conda_run)}) == len(files)


def test_every_rule_ran_in_the_environment_that_it_names(conda_run):
    contents = {
        path.stem: path.read_text()
        for path in (conda_run.folder / ".snakemake" / "conda").glob("*.yaml")
    }
    names = {path.read_text(): path.name for path in (ROOT / "envs").glob("*.yaml")}
    places = {(names[contents[env]], script) for env, script, _ in ran(conda_run) if script != "-c"}
    scripts = environment.environments_of_scripts().items()
    expected = {(env, Path(script).name) for script, env in scripts}
    assert places == expected


def test_no_rule_takes_a_package_from_elsewhere(conda_run):
    # Snakemake appends its own environment to the path of a script, so that a package that an
    # environment lacks would be found there: on a real machine built for another Python.
    for env, script, strangers in ran(conda_run):
        allowed = own_needs_of_snakemake(conda_run, env) | set(OPTIONAL)
        assert not set(strangers) - allowed, f"{script} takes packages from outside {env}"


def own_needs_of_snakemake(run, env, known={}):  # noqa: B006
    """Return the modules that Snakemake itself brings when a script does nothing."""
    if env not in known:
        site = [path for path in sys.path if path.endswith("site-packages")]
        code = (
            f"import sys; before = set(sys.modules); sys.path.extend({site!r}); import pickle;"
            "from snakemake.logging import logger; from snakemake.iocontainers import Snakemake;"
            "import snakemake.io, snakemake.iocontainers;"
            "print(*{name.partition('.')[0] for name in sys.modules})"
        )
        python = run.folder / ".snakemake" / "conda" / env / "bin" / "python"
        done = subprocess.run(
            [python, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"STAND_IN_LOG": os.devnull, "STAND_IN_WORKFLOW": str(run.folder / "workflow")},
        )
        known[env] = set(done.stdout.split())
        pinned = {"numpy", "numba", "pandas", "scipy", "h5py", "mdtraj", "matplotlib"}
        assert not known[env] & pinned
    return known[env]


def test_the_study_is_that_of_the_lock(conda_run):
    for name in ("comparison.csv", "equilibration.csv", "figures/fig05.png"):
        assert (conda_run.results / name).stat().st_size > 500
    assert not any(
        "snakemake" in path.name
        for path in conda_run.folder.glob(".snakemake/conda/*/lib/*/site-packages/*")
    )
