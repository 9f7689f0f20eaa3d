"""Stop early and cleanly: on signals, and when the process that started this one ends."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PR_SET_PDEATHSIG = 1


class Interrupted(Exception):
    """A run was asked to stop; its results so far are on disk."""


@contextmanager
def stop_signals() -> Iterator[Callable[[], str | None]]:
    """Catch SIGTERM and SIGINT inside the block; yield a function that returns the first one's
    name.

    SIGTERM is what a cluster sends at its time limit and what ``kill`` sends, SIGINT is Ctrl-C.
    Work that calls the function often can save its state and end. The function returns None while
    no signal has come. A second Ctrl-C ends the process at once. SIGTERM may come any number of
    times: SLURM sends it to a job, and srun again to each step of the job.
    """
    received: list[str] = []

    def record(number: int, frame: object) -> None:
        name = signal.Signals(number).name
        if name == "SIGINT" and name in received:
            raise KeyboardInterrupt
        received.append(name)

    before = {s: signal.signal(s, record) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: received[0] if received else None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_with_parent() -> None:
    """Request a SIGTERM for when the parent process dies (on Linux; elsewhere do nothing).

    Otherwise a simulation would outlive a Snakemake that was killed, and the next Snakemake would
    start the same simulation beside it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
