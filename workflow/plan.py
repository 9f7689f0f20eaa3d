"""What a study has still to do, asked from Snakemake while it may be at work."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter


class RefusedError(Exception):
    """Snakemake could not plan the study; the message is what it said."""


def jobs(overlays: list[str], *options: str) -> Counter:
    """Return rule -> number of jobs that a run would do now; empty if all is done.

    It only reads, and does not wait for the lock of a run in the same folder.

    Parameters
    ----------
    overlays : list of str
        Configuration files over the default one.
    options : str
        More options of Snakemake, such as ``--forceall`` for the jobs of the whole study.

    Raises
    ------
    RefusedError
        If the configuration is refused.
    """
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--nolock", "--cores", "1"]
    command += ["--quiet", "rules", "host", *options]
    if overlays:
        command += ["--configfile", *overlays]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    if done.returncode:
        raise RefusedError(done.stderr.strip() or output.strip())
    table = re.search(r"Job stats:\njob +count\n[- ]+\n(.*?)\n\n", output, re.DOTALL)
    if table is None:
        return Counter()
    counts = dict(re.findall(r"^(\w+) +(\d+)$", table[1], re.MULTILINE))
    targets = {"total", "study", "all"}  # they make nothing
    return Counter({rule: int(n) for rule, n in counts.items() if rule not in targets})
