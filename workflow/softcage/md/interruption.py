"""Stopping early and cleanly: signals, and the end of the process that started this one."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PR_SET_PDEATHSIG = 1


class Interrupted(Exception):
    """A run was asked to stop; what it has done so far is on disk."""


@contextmanager
def stop_signals() -> Iterator[Callable[[], str | None]]:
    """Catch SIGTERM and SIGINT inside the block; yield a function that says which one came.

    SIGTERM is what a cluster sends at its time limit and what ``kill`` sends, SIGINT is Ctrl-C.
    Work that asks often can save itself and end; a second Ctrl-C ends it at once. SIGTERM may
    come any number of times: SLURM sends it to a job, and srun again to each step of it.
    """
    received: list[str] = []

    def note(number: int, frame: object) -> None:
        name = signal.Signals(number).name
        if name == "SIGINT" and name in received:
            raise KeyboardInterrupt
        received.append(name)

    before = {s: signal.signal(s, note) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: received[0] if received else None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_with_parent() -> None:
    """Ask for a SIGTERM when the process that started this one dies (Linux; elsewhere nothing).

    Without it a simulation outlives a Snakemake that was killed, and the next one would start the
    same simulation beside it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
