"""One set of versions everywhere, and nothing of the machine it was made on."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import study

ROOT = Path(__file__).resolve().parents[2]
ENVS = sorted((ROOT / "envs").glob("*.yaml"))
# conda-forge's names of packages that are called otherwise in requirements.lock
CONDA_NAMES = {
    "matplotlib-base": "matplotlib",
    "seaborn-base": "seaborn",
    "freud": "freud-analysis",
}
# what is imported from a package of another name
IMPORT_NAMES = {"netCDF4": "netcdf4", "yaml": "pyyaml", "sklearn": "scikit-learn"}


def locked():
    text = (ROOT / "requirements.lock").read_text()
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
    text = (ROOT / "requirements.lock").read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(blocks) > 50
    for block in blocks:
        assert re.match(r"[a-z0-9._-]+==\S+", block), block.splitlines()[0]
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_everything_asked_for_is_locked():
    lines = (ROOT / "requirements.in").read_text().splitlines()
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
            assert lock[name] == version, f"{path.name}: {name}"
    assert "snakemake" not in pins(path)


def rules_with_scripts():
    """Return (rule, script, environment file) of every rule that runs a script."""
    found = []
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        for block in re.split(r"^(?=rule )", path.read_text(), flags=re.MULTILINE):
            name = re.match(r"rule (\w+):", block)
            script = re.search(r'script:\s+f?"\.\./scripts/([^"]+)"', block)
            conda = re.search(r'conda:\s+"\.\./\.\./envs/([^"]+)"', block)
            if name and script and "{" not in script[1]:
                assert conda, f"{path.name}: rule {name[1]} has no conda environment"
                found.append((name[1], script[1], conda[1]))
    return found


@pytest.mark.parametrize(("rule", "script", "env"), rules_with_scripts())
def test_environments_have_what_their_rules_import(rule, script, env, monkeypatch):
    monkeypatch.chdir(ROOT)
    files = [ROOT / "workflow" / "scripts" / script, *map(Path, study.library(script))]
    imported = set()
    for path in files:
        text = path.read_text()
        imported |= set(re.findall(r"^\s*(?:import|from) (\w+)", text, flags=re.MULTILINE))
    available = pins(ROOT / "envs" / env)
    for name in imported - set(sys.stdlib_module_names) - {"softcage", "snakemake"}:
        if name.lower() in locked() or name in IMPORT_NAMES:
            assert IMPORT_NAMES.get(name, name) in available, f"{script} imports {name}"


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
        " pkgutil.iter_modules(softcage.__path__)]\n"
        "assert not {'snakemake', 'study'} & set(sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=ROOT / "workflow", env={"PYTHONPATH": "."}
    )
