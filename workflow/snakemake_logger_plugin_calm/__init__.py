"""What a person sees of a run: `snakemake --logger calm`, as the Makefile calls it.

One line for each rule once its jobs are done, and for a job that fails its name, its reason and
the end of its log. At a terminal the last lines are redrawn every second: how many jobs are done
and what those that run say of their progress. Elsewhere (a file, CI) that is a line a minute.
Everything that Snakemake has to say is in `.snakemake/log`.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from snakemake_interface_logger_plugins.base import LogHandlerBase

from softcage.io.progress import clock, latest, tail

NOTHING = "Nothing to be done"
# what the failed job has said already, and what follows from it
SAID = ("RuleException", "At least one job did not complete", "Exiting because a job execution")
HEARTBEAT = 60.0  # seconds between progress lines where nothing can be redrawn
LOG_LINES = 8  # of a failed job


@dataclass
class Job:
    """A job that runs: its name, its log and when it began."""

    rule: str
    name: str
    log: str
    begin: float = field(default_factory=time.monotonic)

    def state(self, now: float) -> str:
        """Return one line: name, and its last progress or its age."""
        return f"{self.name}: {latest(self.log) or clock(now - self.begin)}"


def name_of(rule, wildcards) -> str:
    """Return a job's name, such as ``simulate T=0.47 replica=0``."""
    return " ".join([rule, *(f"{key}={value}" for key, value in (wildcards or {}).items())])


def group_of(rule: str) -> str:
    """Return what the screen calls a rule: the rules of figures are one thing."""
    return "figures" if re.fullmatch(r"figS?\d+", rule) else rule


def failure(name: str, log: str) -> list[str]:
    """Return what to say of a failed job: its name, the reason, and the end of its log."""
    lines = [line for line in tail(log).splitlines() if line.strip()]
    # without an exception in its log it was killed, or never began
    reason = lines[-1] if any(line.startswith("Traceback") for line in lines) else "no reason given"
    return [
        f"FAILED  {name}: {reason}",
        f"  the end of {log}:" if lines else f"  its log is empty: {log}",
        *(f"  | {line}" for line in lines[-LOG_LINES:]),
    ]


class LogHandler(LogHandlerBase):
    """Turn Snakemake's events into a calm screen."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        self.stream = sys.stderr
        self.live = self.stream.isatty() and os.environ.get("TERM") != "dumb"
        self.running: dict[int, Job] = {}
        self.failed: list[str] = []
        self.left: Counter = Counter()  # group of rules -> jobs still to do
        self.total: Counter = Counter()
        self.first: dict[str, float] = {}  # group -> when its first job began
        self.done = 0
        self.begin = self.last = time.monotonic()
        self.guard = threading.RLock()
        self.closed = threading.Event()
        # the block is redrawn (or the minute's line written) whether Snakemake speaks or not
        threading.Thread(target=self._tick, daemon=True).start()

    # ------------------------------------------------------------ events
    def emit(self, record: logging.LogRecord) -> None:
        """Take note of one event, and say what a person wants to know of it."""
        try:
            with self.guard:
                event = getattr(record, "event", None)
                handle = getattr(self, f"_{event}", None) if event else self._message
                if handle is not None:
                    handle(record)
        except Exception:  # a screen must never end a run
            self.handleError(record)

    def _run_info(self, record) -> None:
        if self.common_settings.dryrun:
            self._say(record.getMessage())
            return
        self.total = Counter()
        for rule, number in record.stats.items():
            if rule != "total":
                self.total[group_of(rule)] += number
        self.left = Counter(self.total)
        self._say(f"{self.total.total()} jobs to do")

    def _job_info(self, record) -> None:
        if self.common_settings.dryrun:
            return
        name = name_of(record.rule_name, record.wildcards)
        self.running[record.jobid] = Job(record.rule_name, name, next(iter(record.log), ""))
        self.first.setdefault(group_of(record.rule_name), time.monotonic())

    def _job_finished(self, record) -> None:
        job = self.running.pop(record.job_id, None)
        self.done += 1
        if job is None:
            return
        group = group_of(job.rule)
        self.left[group] -= 1
        if self.left[group] == 0 and job.log:  # a target has no log: nothing was done for it
            jobs = self.total[group]
            took = clock(time.monotonic() - self.first[group])
            self._say(f"{group:<20} {jobs:>4} {'job' if jobs == 1 else 'jobs'}  {took:>8}")

    def _job_error(self, record) -> None:
        job = self.running.pop(record.jobid, None)
        name, log = job.name if job else record.rule_name, next(iter(record.log), "no log")
        lines = failure(name, log)
        self.failed.append(lines[0])
        self._say("", *lines, "")
        if self.running:
            self._say("Jobs that run are finished before Snakemake ends.")

    def _error(self, record) -> None:
        self._message(record)

    def _message(self, record) -> None:
        """Show errors, warnings, and the one piece of good news that is no event."""
        text = record.getMessage()
        if record.levelno >= logging.WARNING or text.startswith(NOTHING):
            if not any(text.lstrip("\n").startswith(said) or said in text for said in SAID):
                self._say(text)

    # ------------------------------------------------------------ the screen
    def _say(self, *lines: str) -> None:
        """Write lines that stay, above the block."""
        text = "\n".join(lines) + "\n"
        self.stream.write(f"\r\033[J{text}" if self.live else text)
        self.stream.flush()
        if self.live:
            self._draw()

    def _tick(self) -> None:
        while not self.closed.wait(1.0):
            with self.guard:
                now = time.monotonic()
                if self.live:
                    self._draw()
                elif self.running and now - self.last > HEARTBEAT:
                    self.last = now
                    states = [job.state(now) for job in self.running.values()]
                    self._say(f"{self._count()}; " + "; ".join(states))

    def _count(self) -> str:
        spent = clock(time.monotonic() - self.begin)
        return f"{self.done} of {self.total.total()} jobs done, {spent}"

    def _draw(self) -> None:
        """Draw the block and go back to its first line.

        That line is empty: what a job itself prints lands there, and the next block below it.
        """
        if not self.running or self.closed.is_set():
            return
        now, size = time.monotonic(), shutil.get_terminal_size()
        lines = ["", self._count(), *(f"  {job.state(now)}" for job in self.running.values())]
        lines = [line[: size.columns - 1] for line in lines[: size.lines - 1]]
        self.stream.write("\r\033[J" + "\n".join(lines) + f"\r\033[{len(lines) - 1}A")
        self.stream.flush()

    def close(self) -> None:
        """Clear the block; say once more what failed."""
        with self.guard:
            if not self.closed.is_set():
                self.closed.set()
                if self.live:
                    self.stream.write("\r\033[J")
                if self.failed:
                    self._say(f"Not finished: {self._count()}, {len(self.failed)} failed.")
                    if len(self.failed) > 1:
                        self._say(*self.failed)
                    self._say("The same command goes on from here once the cause is gone.")
        super().close()
