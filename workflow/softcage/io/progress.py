"""Progress of long work: one line of the log at each tenth, and more often for a terminal."""

from __future__ import annotations

import logging
import time

log = logging.getLogger(__name__)

_LIVE = 0.2  # seconds between two records for a terminal


class Progress:
    """Log the progress of long work: its speed, the simulated time, and the time that is left.

    A record has the level INFO if a further tenth of the work is done, otherwise DEBUG. Its
    attribute ``progress`` is the text. Records at least ``interval`` seconds apart are for the log
    and for ``make status`` (:func:`softcage.io.log.logged`). Between them there are further
    records, whose attribute ``live`` is True, for a line at the terminal
    (:mod:`softcage.cli.terminal`).

    Parameters
    ----------
    total : int or None
        Total number of steps; None if it is not known.
    unit : str
        What is counted, in the plural.
    timestep : float, optional
        Simulated time of one step; omitted if steps are not steps of time.
    interval : float
        Seconds between records for the log.
    """

    def __init__(
        self,
        total: int | None,
        unit: str = "steps",
        timestep: float | None = None,
        interval: float = 10.0,
    ) -> None:
        self.total, self.unit, self.timestep, self.interval = total, unit, timestep, interval
        self.begin = self.last = self.last_live = time.monotonic()
        self.first: int | None = None
        self.tenth = 0

    def update(self, done: int, stage: str) -> None:
        """Log that ``done`` steps are done, the last one in ``stage``, unless it is too early."""
        now = time.monotonic()
        if self.first is None:
            self.first = done
        if now - self.last_live < min(_LIVE, self.interval):
            return
        self.last_live = now
        text, level, live = self._text(done, stage, now), logging.DEBUG, True
        if now - self.last >= self.interval:
            self.last, live = now, False
            before, self.tenth = self.tenth, 10 * done // self.total if self.total else 0
            level = logging.INFO if self.tenth > before else logging.DEBUG
        log.log(level, "%s", text, extra={"progress": text, "live": live})

    def _text(self, done: int, stage: str, now: float) -> str:
        rate = (done - (self.first or 0)) / max(now - self.begin, 1e-9)
        speed = f"{rate:.{0 if rate >= 10 else 2}f} {self.unit}/s"
        if self.total is None:
            return f"{stage}, {done} {self.unit}, {speed}"
        left = (self.total - done) / rate if rate > 0 else float("inf")
        simulated = ""
        if self.timestep is not None:
            simulated = f"t = {done * self.timestep:.0f} of {self.total * self.timestep:.0f}, "
        return (
            f"{stage}, {100 * done / self.total:.0f} %, {simulated}{speed}, {duration(left)} to go"
        )


def duration(seconds: float) -> str:
    """Return a time span as minutes and seconds, and hours if necessary."""
    if seconds == float("inf"):
        return "unknown time"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
