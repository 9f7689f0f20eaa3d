"""One set of versions everywhere, and nothing of the machine it was made on."""

import ast
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import rattler
import yaml

import study

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "workflow" / "scripts"
ENVS = sorted((ROOT / "envs").glob("*.yaml"))
PACKAGES = packages_distributions()
# conda-forge's names of packages that are called otherwise in requirements/default.lock
CONDA_NAMES = {
    "matplotlib-base": "matplotlib",
    "seaborn-base": "seaborn",
    "freud": "freud-analysis",
}
# Not imported by name, but what others need to do what the rules ask of them.
SILENT = {
    "python": "the interpreter",
    # without these in the environment, that of Snakemake is taken, whatever it was built for
    "pyarrow": "pandas keeps text and writes Parquet with it",
    "netcdf4": "mdtraj reads and writes NetCDF with it",
    "pillow": "matplotlib writes animations with it",
}


def locked():
    text = (ROOT / "requirements" / "default.lock").read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, flags=re.MULTILINE))


def pins(path):
    """Return package -> version of an environment file, in the lock's names."""
    found = {}
    for entry in yaml.safe_load(path.read_text())["dependencies"]:
        name, _, version = entry.partition(" =")
        assert version, f"{path.name}: {entry} is not pinned as 'name =version'"
        found[CONDA_NAMES.get(name, name)] = version
    return found


def tracked_files():
    """Return the files of the repository: what git would take."""
    git = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listing = subprocess.run(git, capture_output=True, check=True, text=True).stdout
        names = [name for name in listing.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):  # an archive without its history
        skipped = {".venv", ".snakemake", "results", "__pycache__", ".git"}
        names = [
            str(path.relative_to(ROOT))
            for path in ROOT.rglob("*")
            if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)
        ]
    paths = [ROOT / name for name in names if not name.startswith("results/")]
    return [path for path in paths if path.is_file() and path.suffix not in {".png", ".npz"}]


def test_every_locked_version_has_a_hash():
    text = (ROOT / "requirements" / "default.lock").read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) > 50
    for block in blocks:
        assert re.match(r"[a-z0-9._-]+==\S+", block), block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_every_python_gets_the_same_versions():
    for path in (ROOT / "requirements").glob("*.lock"):
        names = re.findall(r"^([a-z0-9._-]+)==", path.read_text(), flags=re.MULTILINE)
        assert names
        assert len(names) == len(set(names)), path.name
        assert "python_version" not in path.read_text(), path.name


def test_everything_asked_for_is_locked():
    lines = (ROOT / "requirements" / "default.in").read_text().splitlines()
    names = {re.split(r"[\s=<>#]", line)[0] for line in lines} - {""}
    assert names <= set(locked())


@pytest.mark.parametrize("path", ENVS, ids=lambda path: path.stem)
def test_conda_environments_have_the_versions_of_the_lock(path):
    env = yaml.safe_load(path.read_text())
    assert env["channels"] == ["conda-forge", "nodefaults"]
    lock = locked()
    for name, version in pins(path).items():
        if name == "python":
            assert version == "3.11"
        else:
            # a package is repaired on PyPI as .post1, in conda-forge by its build number
            assert re.sub(r"\.post\d+$", "", lock[name]) == version, f"{path.name}: {name}"
    assert "snakemake" not in pins(path)


def environments_of_scripts():
    """Return script -> environment file, as the rules say; one rule may stand for many figures."""
    found = {}
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        for block in re.split(r"^ *(?=rule\b.*:$)", path.read_text(), flags=re.MULTILINE):
            script = re.search(r'script:\s+f?"\.\./scripts/([^"]+)"', block)
            conda = re.search(r'conda:\s+"\.\./\.\./envs/([^"]+)"', block)
            if script:
                assert conda, f"{path.name}: {script[1]} has no conda environment"
                names = sorted(SCRIPTS.glob(script[1].replace("{name}", "*")))
                assert names, f"{path.name}: there is no script {script[1]}"
                found |= {str(name.relative_to(SCRIPTS)): conda[1] for name in names}
    return found


def imported(script):
    """Return the packages, in the lock's names, that a script and its library import."""
    names = set()
    for path in [SCRIPTS / script, *study.library(script)]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module.partition(".")[0])
    names -= {*sys.stdlib_module_names, "softcage", "snakemake"}
    return {re.sub(r"[-_.]+", "-", PACKAGES.get(name, [name])[0]).lower() for name in names}


@pytest.mark.parametrize(("script", "env"), environments_of_scripts().items())
def test_environments_have_what_their_scripts_import(script, env, monkeypatch):
    monkeypatch.chdir(ROOT)
    missing = imported(script) - set(pins(ROOT / "envs" / env))
    assert not missing, f"{script} imports what envs/{env} does not have"


@pytest.mark.parametrize("path", ENVS, ids=lambda path: path.stem)
def test_environments_have_no_more_than_their_scripts_import(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    scripts = [script for script, env in environments_of_scripts().items() if env == path.name]
    assert scripts, f"no rule names envs/{path.name}"
    used = set.union(*map(imported, scripts))
    assert set(pins(path)) - used - set(SILENT) == set()


def test_every_script_is_looked_at():
    scripts = {str(path.relative_to(SCRIPTS)) for path in SCRIPTS.rglob("*.py")}
    assert set(environments_of_scripts()) == scripts


@pytest.mark.parametrize("path", ENVS, ids=lambda path: path.stem)
def test_conda_reads_every_pin_as_it_is_meant(path):
    for entry in yaml.safe_load(path.read_text())["dependencies"]:
        spec = rattler.MatchSpec(entry, strict=True)
        name, version = entry.split(" =")
        assert str(spec.name.normalized) == name
        assert spec.version == f"{version}.*"
        locked_version = locked().get(CONDA_NAMES.get(name, name), "3.11.7")
        assert rattler.VersionSpec(spec.version).matches(rattler.Version(locked_version))
        assert (spec.build, spec.channel) == (None, None)


# Written in pieces, so that this file does not find itself.
FORBIDDEN = {
    "the address of a package index": r"https?://\S*(?:py" + r"pi|/simple\b|anaconda\.org|conda\.)",
    "an option that names an index": r"--(?:extra-)?ind" + r"ex-url[ =]\S|--find-li" + r"nks[ =]\S",
    "a path of one machine": r"(?<![\w.])/(?:ro" + r"ot|ho" + r"me/\w|Us" + r"ers/\w|wo" + r"rk)/",
    "a temporary folder of one machine": r"(?<![\w.])/t" + r"mp/\w",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what):
    pattern = re.compile(FORBIDDEN[what])
    found = []
    for path in tracked_files():
        text = path.read_text(errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    assert not found


def test_the_library_is_importable_without_snakemake():
    code = (
        "import sys, pkgutil, importlib, softcage\n"
        "[importlib.import_module('softcage.' + m.name) for m in"
        " pkgutil.iter_modules(softcage.__path__) if m.name not in ('mdanalysis', 'ovito')]\n"
        "assert not {'snakemake', 'study'} & set(sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=ROOT / "workflow", env={"PYTHONPATH": "."}
    )
