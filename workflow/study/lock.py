"""Is a run at work in this folder? Snakemake's lock, signed by the run that holds it.

A Snakemake that ends by itself takes its lock with it. One that was killed (power, memory, kill -9)
leaves it, and the next would refuse to start: :func:`release` removes it if the process that signed
it is gone.
"""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import psutil

LOCKS = Path(".snakemake") / "locks"


def sign() -> None:
    """Note beside Snakemake's lock which process holds it; the note goes with the lock."""
    if any(LOCKS.glob("*.lock")):  # there is none with --nolock
        me, host = psutil.Process(), socket.gethostname()
        holder = {"host": host, "pid": me.pid, "started": me.create_time()}
        (LOCKS / f"{me.pid}.json").write_text(json.dumps(holder))


def at_work() -> bool:
    """Return whether a run may be at work: there is a lock that no process is known to have left.

    Only this machine's processes can be seen; a lock that is not signed, or by a run on another
    machine that shares the folder, counts as held.
    """
    notes = [json.loads(path.read_text()) for path in LOCKS.glob("*.json")]
    return any(LOCKS.glob("*.lock")) and (not notes or any(map(_may_live, notes)))


def release() -> bool:
    """Remove the lock that a killed run has left; return whether there was one."""
    left = any(LOCKS.glob("*.lock")) and not at_work()
    if left:
        shutil.rmtree(LOCKS)
    return left


def _may_live(holder: dict) -> bool:
    if holder["host"] != socket.gethostname():
        return True
    try:
        started = psutil.Process(holder["pid"]).create_time()
    except psutil.NoSuchProcess:
        return False
    return abs(started - holder["started"]) < 60  # else another process has the number now
