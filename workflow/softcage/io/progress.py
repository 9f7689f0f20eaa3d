"""Progress of long work: a line of the log at each tenth, and between them for ``make status``."""

from __future__ import annotations

import logging
import time


class Progress:
    """Report speed, simulated time and time to go, at most once an ``interval`` of seconds.

    Without a ``timestep`` there is no simulated time: the work is counted in ``unit`` alone. See
    :func:`softcage.io.log.logged` for where reports go.
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
        self.tenth = 0

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
        text = (
            f"{stage}, {100 * step / self.total:.0f} %, {simulated}"
            f"{rate:.0f} {self.unit}/s, {clock(left)} to go"
        )
        before, self.tenth = self.tenth, 10 * step // self.total
        level = logging.INFO if self.tenth > before else logging.DEBUG
        self.log.log(level, f"{self.label}: {text}", extra={"progress": text})


def clock(seconds: float) -> str:
    """Return a time span as minutes and seconds, with hours if there are any."""
    if seconds == float("inf"):
        return "unknown time"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
