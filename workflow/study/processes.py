"""After a kill: which Snakemake is at work, and the locks of one that is not any more."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import psutil


def release_stale_lock(folder: Path) -> None:
    """Remove the locks that a killed Snakemake left in ``folder``, if none works there any more.

    A Snakemake that ends by itself, or by Ctrl-C, takes its locks with it; one that was killed
    (power, memory, kill -9) leaves them, and the next would refuse to start. Locks are kept if
    they may be from another machine that shares the folder: only this one's processes can be seen.
    """
    host = folder / ".snakemake" / "host"
    locks = list((folder / ".snakemake" / "locks").glob("*.lock"))
    ours = host.is_file() and host.read_text() == socket.gethostname()
    if locks and ours and not at_work(folder):
        print("An earlier run was killed; its locks are removed.", file=sys.stderr)
        for lock in locks:
            lock.unlink(missing_ok=True)
    elif not locks and not ours:
        host.parent.mkdir(exist_ok=True)
        host.write_text(socket.gethostname())


def at_work(folder: Path) -> list[int]:
    """Return the runs of Snakemake in ``folder`` other than this process and what started it.

    Dry runs are not among them: they only read.
    """
    family = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        words = process.info["cmdline"] or []
        if {"-n", "--dry-run"} & set(words):
            continue
        if process.info["pid"] in family or not any(Path(w).name == "snakemake" for w in words):
            continue
        try:
            if Path(process.cwd()) == folder:
                found.append(process.info["pid"])
        except psutil.AccessDenied:  # better an unneeded message than two runs in one folder
            found.append(process.info["pid"])
        except psutil.Error:  # it has ended
            pass
    return found
