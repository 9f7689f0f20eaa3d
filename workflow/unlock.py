"""Remove the lock that a killed Snakemake left in this folder, if nothing of it runs any more.

Called by the Makefile before each run. A Snakemake that ends by itself, or by Ctrl-C, takes its
lock with it; one that was killed (power, memory, kill -9) leaves it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil


def running(folder: Path) -> list[int]:
    """Return the processes of Snakemake and of its jobs that work in ``folder``.

    One whose folder we may not see counts as well: better an unneeded message than two runs
    in one folder.
    """
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        words = process.info["cmdline"] or []
        if process.info["pid"] == os.getpid() or not any(map(_of_snakemake, words)):
            continue
        try:
            if Path(process.cwd()) == folder:
                found.append(process.info["pid"])
        except psutil.AccessDenied:
            found.append(process.info["pid"])
        except psutil.Error:  # it has ended
            pass
    return found


def _of_snakemake(word: str) -> bool:
    # `snakemake`, `python -m snakemake`, and jobs: `python .../.snakemake/scripts/tmp...py`
    return Path(word).name == "snakemake" or ".snakemake/scripts/" in word


def main() -> int:
    """Unlock the working directory if it is locked and idle."""
    locks = Path(".snakemake/locks")
    if not locks.is_dir() or not any(locks.iterdir()):
        return 0
    processes = running(Path.cwd())
    if processes:
        print(
            "A run in this folder is still going on (process "
            f"{', '.join(map(str, processes))}). Wait for it or stop it, then try again.",
            file=sys.stderr,
        )
        return 1
    print("An earlier run was killed; removing its lock.")
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--unlock", "--quiet", "all"], check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
