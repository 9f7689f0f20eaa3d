"""Progress of long work: lines in the rule's log, and on the screen of a person at a terminal."""

from __future__ import annotations

import logging
import sys
import time


class Progress:
    """Report steps/s, simulated time and time to go, at most once an ``interval`` of seconds."""

    def __init__(
        self, label: str, total: int, timestep: float, log: logging.Logger, interval: float = 10.0
    ) -> None:
        self.label, self.total, self.timestep = label, total, timestep
        self.log, self.interval = log, interval
        self.begin = self.last = time.monotonic()
        self.first: int | None = None

    def update(self, step: int, stage: str) -> None:
        """Say where the run is, if it is time to."""
        now = time.monotonic()
        if self.first is None:
            self.first = step
        if now - self.last < self.interval:
            return
        self.last = now
        rate = (step - self.first) / max(now - self.begin, 1e-9)
        left = (self.total - step) / rate if rate > 0 else float("inf")
        line = (
            f"{self.label}: {stage}, {100 * step / self.total:.0f} %, t = "
            f"{step * self.timestep:.0f} of {self.total * self.timestep:.0f}, {rate:.0f} steps/s, "
            f"{_clock(left)} to go"
        )
        self.log.info(line)
        if sys.stderr.isatty():
            print(line, file=sys.stderr, flush=True)


def _clock(seconds: float) -> str:
    if seconds == float("inf"):
        return "unknown time"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
