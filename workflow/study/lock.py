"""Is a run at work? Two locks that name the process that holds them.

*Snakemake's lock* belongs to the folder where Snakemake runs. A Snakemake that ends by itself takes
it along. One that was killed (power, memory, kill -9) leaves it, and the next would refuse to
start: :func:`release` removes it if the process that signed it is gone. *The lock of the results*
lies in the folder of a study, which runs from several folders may share.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
from pathlib import Path

import psutil

from softcage.io.atomic_file import replacing

LOCKS = Path(".snakemake") / "locks"
NAME = ".run.json"


# ---------------------------------------------------------------- of the folder
def sign() -> None:
    """Note beside Snakemake's lock which process holds it; the note goes with the lock."""
    if any(LOCKS.glob("*.lock")):  # there is none with --nolock
        with replacing(LOCKS / f"{os.getpid()}.json") as temporary:
            temporary.write_text(json.dumps(_me()))


def at_work(results: Path) -> bool:
    """Return whether a run may be at work in this folder, or anywhere on these results.

    Only this machine's processes can be seen. A lock by a run on another machine that shares the
    folder counts as held, and so does one of Snakemake without a note that can be read.
    """
    holder = _holder(results / NAME)
    if holder and _may_live(holder):
        return True
    notes = [holder for path in LOCKS.glob("*.json") if (holder := _holder(path))]
    return any(LOCKS.glob("*.lock")) and (not notes or any(map(_may_live, notes)))


def release() -> str:
    """Remove the lock that a killed run has left in this folder; return what was done, in words."""
    notes = {path: _holder(path) for path in LOCKS.glob("*.json")}
    if not any(LOCKS.glob("*.lock")) or any(map(_may_live, filter(None, notes.values()))):
        return ""
    if damaged := [str(path) for path, holder in notes.items() if not holder]:
        return (
            f"{damaged[0]} cannot be read, so it is not known whether the run that holds the lock "
            "of this folder is at work. If it is not, remove the lock: snakemake --unlock"
        )
    if not notes:
        return ""
    shutil.rmtree(LOCKS)
    return "An earlier run was killed; its lock is removed."


# ---------------------------------------------------------------- of the results
def take(results: Path) -> str:
    """Take the lock of a study's results; return why it cannot be taken, or an empty text.

    A lock whose process is gone, or whose note cannot be read, is taken over.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    results.mkdir(parents=True, exist_ok=True)
    note = results / NAME
    for _ in range(2):
        try:
            with open(note, "x") as file:
                json.dump(_me(), file)
            return ""
        except FileExistsError:
            holder = _holder(note)
            if holder and _may_live(holder):
                return (
                    f"a run is at work on {results}: process {holder['pid']} on {holder['host']}, "
                    f"in {holder['folder']}. Wait for its end; if it is gone, remove {note}"
                )
            note.unlink(missing_ok=True)
    return f"another run has just begun on {results}: wait for its end"


def leave(results: Path) -> None:
    """Give the lock of a study's results back, if this process holds it."""
    if _holder(results / NAME) == _me():
        (results / NAME).unlink()


# ---------------------------------------------------------------- who holds a lock
def _me() -> dict:
    started = psutil.Process().create_time()
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "started": started,
        "folder": os.getcwd(),
    }


def _holder(note: Path) -> dict | None:
    """Return who holds a lock; None without a note, or if it is empty or half-written."""
    try:
        holder = json.loads(note.read_text())
    except (FileNotFoundError, ValueError):
        return None
    known = isinstance(holder, dict) and {"host", "pid", "started"} <= holder.keys()
    return {"folder": "another folder", **holder} if known else None


def _may_live(holder: dict) -> bool:
    if holder["host"] != socket.gethostname():
        return True
    try:
        started = psutil.Process(holder["pid"]).create_time()
    except psutil.NoSuchProcess:
        return False
    return abs(started - holder["started"]) < 60  # else another process has the number now
