"""What Snakemake's graph of jobs says of a study: the jobs that are left, the files that it makes.

Snakemake is asked in a process of its own; nothing is run or locked.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from study import lock

# How the lines begin that Snakemake prints on the way, whether or not it fails.
_USUAL = ("Using workflow specific profile", "Using profile", "Building DAG of jobs", "host: ")


class RefusedError(Exception):
    """A task cannot be done now; the message says why."""


class Output(NamedTuple):
    """A file that the graph makes, the rule that makes it, and the log of the job that does.

    ``pending`` says whether a run would make it now.
    """

    file: Path
    rule: str
    log: Path | None
    pending: bool = False


def outputs(overlays: Sequence[str], targets: Sequence[str] = ()) -> list[Output]:
    """Return all files that the jobs of these targets make, whether they are there or not.

    Parameters
    ----------
    overlays : sequence of str
        Configuration files over ``config/config.yaml``.
    targets : sequence of str
        Rules or files; none: the default target.
    """
    lines = _snakemake(overlays, targets, "--summary").splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith("output_file\t"))
    rows = (line.split("\t") for line in lines[start + 1 :] if line.count("\t") >= 5)
    return [
        Output(Path(file), rule, Path(log) if log != "-" else None, plan == "update pending")
        for file, _, rule, log, _, plan in rows
    ]


def jobs(found: Sequence[Output]) -> Counter[str]:
    """Return rule -> number of jobs that make these files; every job has a log of its own."""
    return Counter(rule for rule, _ in dict.fromkeys((of.rule, of.log) for of in found))


def refuse_unless_finished(
    results: Path, overlays: Sequence[str], targets: Sequence[str] = ()
) -> None:
    """Raise RefusedError if a study is worked on, is unfinished, or is older than its code."""
    if lock.at_work(results):
        raise RefusedError(f"A run is at work here or on {results}; wait for its end.")
    if left := jobs([output for output in outputs(overlays, targets) if output.pending]):
        rules = ", ".join(left)
        raise RefusedError(
            f"{results} is not finished, or older than its code: {left.total()} jobs are left "
            f"({rules}). Run it to its end first."
        )


def _snakemake(overlays: Sequence[str], targets: Sequence[str], *options: str) -> str:
    """Return what Snakemake prints; raise RefusedError with its own words if it fails."""
    command = [sys.executable, "-m", "snakemake", "--nolock", "--cores", "1", *options]
    if overlays:
        command += ["--configfile", *overlays]
    if targets:
        command += ["--", *targets]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise RefusedError("\n".join(line for line in lines if not line.startswith(_USUAL)))
    return done.stdout + done.stderr
