"""One screen about a study: jobs done of each rule, what runs and what failed, the disk."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from softcage.io.progress import duration
from softcage.report.summary import STAGE_OF
from study import lock
from study.disk import in_words, size
from study.graph import jobs, outputs


def status(results: Path, overlays: Sequence[str]) -> None:
    """Print one screen: jobs done of each rule, what runs and failed, the disk."""
    found = outputs(overlays)
    left, total = jobs([output for output in found if output.pending]), jobs(found)
    running = lock.at_work(results)
    state = "; a run is at work" if running else "" if left else ", nothing is left to do"
    print(f"{results}: {total.total() - left.total()} of {total.total()} jobs are done{state}\n")
    for name, (done, of) in progress_of_rules(left, total).items():
        full = 20 * done // of
        print(f"  {name:<22}{done:>5} of {of:>4}   {'#' * full}{'.' * (20 - full)}")
    headings = {
        "progress": "running:" if running else "interrupted (the same command goes on from here):",
        "failed": "failed:",
    }
    for kind, heading in headings.items():
        if lines := states(results, kind):
            print("", heading, *lines, sep="\n")
    parts = {path.name: size(path) for path in results.glob("*/")}
    largest = sorted(parts, key=parts.__getitem__, reverse=True)[:4]
    folders = ", ".join(f"{name} {in_words(parts[name])}" for name in largest)
    print(f"\ndisk: {in_words(sum(parts.values()))} ({folders})")


def states(results: Path, kind: str) -> list[str]:
    """Return one line for each job that is not finished, oldest first.

    Those that have begun (``kind`` is ``progress``), or that have failed (``failed``).
    """
    found = []
    for path in results.glob("logs/**/*.json"):
        job = path.relative_to(results / "logs").with_suffix("").parts
        try:
            state, time_of = json.loads(path.read_text()), path.stat().st_mtime
        except FileNotFoundError:  # the job has just finished
            continue
        if kind in state:
            words = state[kind] or "no progress yet"
            log = f" (log: {path.with_suffix('.log')})" if kind == "failed" else ""
            ago = duration(time.time() - time_of)
            found.append((time_of, f"  {' '.join(job)}: {words}, {ago} ago{log}"))
    return [line for _, line in sorted(found)]


def progress_of_rules(left: Counter[str], total: Counter[str]) -> dict[str, tuple[int, int]]:
    """Return rule -> jobs done and jobs in all, stage by stage; all figures count as one."""
    of: Counter[str] = Counter()
    open_: Counter[str] = Counter()
    place = {rule: number for number, rule in enumerate(STAGE_OF)}
    for rule in sorted(total, key=lambda rule: place.get(rule, len(place))):
        name = "figures" if rule.startswith("fig") else rule
        of[name] += total[rule]
        open_[name] += left[rule]
    return {name: (of[name] - open_[name], of[name]) for name in of}
