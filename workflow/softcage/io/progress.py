"""Progress of long work: lines in the rule's log, which screens and ``make status`` read."""

from __future__ import annotations

import logging
import os
import re
import time
from pathlib import Path

_LINE = re.compile(r"^\S+ \S+ .*?: (?P<text>.*\d+ %, .* to go)$", re.MULTILINE)


class Progress:
    """Report speed, simulated time and time to go, at most once an ``interval`` of seconds.

    Without a ``timestep`` there is no simulated time: the work is counted in ``unit`` alone.
    """

    def __init__(
        self,
        label: str,
        total: int,
        timestep: float | None,
        log: logging.Logger,
        interval: float = 10.0,
        unit: str = "steps",
    ) -> None:
        self.label, self.total, self.timestep = label, total, timestep
        self.log, self.interval, self.unit = log, interval, unit
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
        simulated = ""
        if self.timestep is not None:
            simulated = f"t = {step * self.timestep:.0f} of {self.total * self.timestep:.0f}, "
        self.log.info(
            f"{self.label}: {stage}, {100 * step / self.total:.0f} %, {simulated}"
            f"{rate:.0f} {self.unit}/s, {clock(left)} to go"
        )


def latest(path: str | os.PathLike) -> str:
    """Return the last progress that a log tells of, without its label; "" if there is none."""
    lines = list(_LINE.finditer(tail(path)))
    return lines[-1]["text"] if lines else ""


def tail(path: str | os.PathLike, size: int = 4000) -> str:
    """Return the end of a text file, whole lines of at most ``size`` bytes; "" without a file."""
    try:
        with Path(path).open("rb") as handle:
            length = handle.seek(0, os.SEEK_END)
            handle.seek(max(0, length - size))
            text = handle.read().decode(errors="replace")
    except OSError:
        return ""
    return text if length <= size else text.partition("\n")[2]


def clock(seconds: float) -> str:
    """Return a time span as minutes and seconds, with hours if there are any."""
    if seconds == float("inf"):
        return "unknown time"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
