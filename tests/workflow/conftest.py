"""A tiny study run for real, once, in a copy of the repository: every other test looks at it."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from softcage.compiled.kernels import compile_kernels

ROOT = Path(__file__).resolve().parents[2]

# A small warm liquid: nothing to learn from it, but every rule runs on it.
TINY = {
    "study": "tiny",
    "seed": 1,
    "replicas": 1,
    "system": {"particles": 300},
    "md": {"melt_time": 2.5, "cooling_time": 2.5, "log_block_time": 12.5},
    "state_points": [
        {"T": 0.6, "equilibration": 10, "production": 60},
        {"T": 0.8, "equilibration": 10, "production": 60},
        {"T": 1.0, "equilibration": 10, "production": 60},
    ],
    "structure": {"frames": 24, "q_vectors": 20, "q_max_alternatives": [10, 30]},
    "softness": {"delta_values": [0.04, 0.09]},
    # one window that is longer than the run
    "dynamics": {"hop_window_alternatives": [30, 75]},
    "interpretations": {"inherent_frames": 8},
    "propensity": {
        "temperatures": [{"T": 1.0, "configurations": 3, "copies": 2}],
        "draws": 8,
        "batch": 4,
        "times": 3,
    },
    "descriptors": {"frames": 2, "average_window": 2.0},
    "statistics": {"blocks": 4, "resamples": 20},
    "figures": {"dpi": 60},
}


@dataclass
class Study:
    """A copy of the repository with a study in it."""

    folder: Path
    log: str = ""

    @property
    def results(self):
        return self.folder / "results" / "tiny"

    def snakemake(self, *arguments, change=None, check=False):
        """Run Snakemake as a person would; ``change`` is laid over the tiny configuration."""
        overlays = ["config/tiny.yaml"]
        if change is not None:
            (self.folder / "config" / "change.yaml").write_text(yaml.safe_dump(change))
            overlays.append("config/change.yaml")
        command = [sys.executable, "-m", "snakemake", "--cores", "2", *map(str, arguments)]
        done = self.run([*command, "--configfile", *overlays])
        assert not check or done.returncode == 0, done.stdout[-6000:]
        return done

    @property
    def environment(self):
        """This copy's library, not the one that is installed."""
        return {**os.environ, "PYTHONPATH": str(self.folder / "workflow")}

    def copied(self, folder):
        """Return a copy of the whole folder, with its times and Snakemake's records."""
        subprocess.run(["cp", "-a", self.folder, folder], check=True)
        return Study(folder)

    def make(self, target, *variables):
        """Run make on the tiny study, with this Python in place of .venv."""
        return self.run(["make", target, "STUDY=tiny", f"PY={sys.executable}", *variables])

    def run(self, command):
        """Run a command in the copy; what it says is in one text."""
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def planned(self, change=None, *targets):
        """Return rule -> number of jobs that would run."""
        output = self.snakemake("-n", *targets, change=change, check=True).stdout
        table = re.search(r"Job stats:\njob +count\n[- ]+\n(.*?)\n\n", output, re.DOTALL)
        if table is None:
            assert "Nothing to be done" in output, output[-3000:]
            return {}
        jobs = {name: int(n) for name, n in re.findall(r"^(\w+) +(\d+)$", table[1], re.MULTILINE)}
        del jobs["total"]
        return jobs


def copy_repository(folder):
    """Copy what a run needs, compiled kernels included (they are found by the time stamps)."""
    for name in ("workflow", "config", "envs", "profiles", "requirements"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("Snakefile", "Makefile", "pyproject.toml"):
        shutil.copy2(ROOT / name, folder)
    (folder / ".venv").mkdir()
    for stamp in (".locked", ".library"):  # for make the environment is there
        (folder / ".venv" / stamp).touch()
    (folder / "config" / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    return Study(folder)


@pytest.fixture
def fresh(tmp_path):
    """A copy in which nothing has been run."""
    return copy_repository(tmp_path / "copy")


def once(tmp_path_factory, name, prepare, *targets):
    """Return a copy of a run that is made once, whichever process of pytest asks first."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    first, log = Study(base / name), base / f"{name}.log"
    with open(base / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not log.exists():
            prepare(first.folder)
            log.write_text(first.snakemake(*targets, check=True).stdout)
    run = first.copied(tmp_path_factory.mktemp(name) / "copy")
    run.log = log.read_text()
    return run


@pytest.fixture(scope="session")
def study_run(tmp_path_factory):
    """The tiny study, finished."""

    def prepare(folder):
        compile_kernels()  # here, and copies have them
        copy_repository(folder)

    return once(tmp_path_factory, "tiny", prepare)


@pytest.fixture(scope="session")
def beyond_run(study_run, tmp_path_factory):
    """The same study with all that is beyond the paper."""
    return once(tmp_path_factory, "tiny_beyond", study_run.copied, "beyond")
