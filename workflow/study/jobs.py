"""What a job asks for, what it needs around it, and what to say where that is not there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from softcage.compiled.caches import use_writable_cache
from study.code_inputs import WORKFLOW


def resources(config: Mapping, name: str) -> dict:
    """Return what a class of jobs asks for, under the names that Snakemake and SLURM know.

    A job that failed may have run out of time (minutes) or memory, so every later attempt gets
    twice as much. Not so a simulation: it goes on from its checkpoint and needs no more.
    """
    chosen = config["resources"][name]
    asked = {key: chosen[key] for key in ("runtime", "mem_mb")}
    if name != "simulation":
        asked = {key: _more_after_a_failure(amount) for key, amount in asked.items()}
    queue = {f"slurm_{key}": chosen[key] for key in ("partition", "account") if key in chosen}
    return {**asked, **queue}


def _more_after_a_failure(amount: int) -> Callable:
    return lambda wildcards, attempt: amount * min(attempt, 2)


def prepare_environment() -> None:
    """Let scripts import the library wherever they run, each on the cores Snakemake counted.

    NumPy's own threads would come on top of those that the rules ask for. Files are UTF-8, in any
    locale. Caches are in a folder that can be written.
    """
    use_writable_cache()
    if shlex.quote(sys.executable) != sys.executable:
        # Snakemake gives this path to a shell as it is, blanks and all (snakemake#2645)
        folder, sys.executable = os.path.split(sys.executable)
        os.environ["PATH"] = os.pathsep.join([folder, os.environ.get("PATH", os.defpath)])
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if str(WORKFLOW) not in paths:
        paths = [str(WORKFLOW), *filter(None, paths)]
        os.environ.update(PYTHONPATH=os.pathsep.join(paths))
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONUTF8"):
        os.environ.setdefault(name, "1")


def missing_conda(settings: Any) -> str:
    """Return what to do if Snakemake is told ``--sdm conda`` and there is no conda; else ''."""
    methods = {method.name for method in getattr(settings, "deployment_method", None) or ()}
    if "CONDA" not in methods or "APPTAINER" in methods or shutil.which("conda"):
        return ""
    return (
        "--sdm conda needs the command conda (24.7.1 or newer) on the PATH, and there is none. "
        "Install it (Miniforge brings it) or activate it, or leave --sdm conda out: the rules "
        "then run in the environment of Snakemake itself, which `make demo` builds from "
        "requirements/default.lock."
    )


def cluster_messages(logs: Iterable[str | os.PathLike], lines: int = 25) -> Iterator[str]:
    """Yield the end of the cluster log of each job that failed, as one text each.

    Snakemake shows the log of the rule. A job that never came to its rule (no memory, no
    Python on the node, a time limit in the queue's own words) says why in its cluster log alone,
    which Snakemake's own logs name.
    """
    text = "\n".join(Path(log).read_text("utf-8", errors="replace") for log in logs)
    named = re.findall(r"^ *log: .*?([^ ,]+/slurm_logs/[^ ,]+)", text, flags=re.MULTILINE)
    last = {Path(path).parent: Path(path) for path in named}  # of the attempts at one job
    for path in last.values():
        if path.is_file():
            end = path.read_text(errors="replace").splitlines()[-lines:]
            yield "\n".join([f"The end of {path}:", *(f"  {line}" for line in end)])
