"""One screen about a study: ``python workflow/status.py [config/<study>.yaml]``.

What is done, what runs and how long it will take, what failed and why, what is on the disk. It
only reads, so it works while a run goes on.
"""

from __future__ import annotations

import re
import sys
import time
from collections import Counter
from pathlib import Path

import plan
import study
from cleaning import shown, size
from softcage.io.log import ended, failed
from softcage.io.progress import clock, latest, tail

STAGES = (
    "study",
    "simulate",
    "structure",
    "softness",
    "dynamics",
    "prediction",
    "figures",
    "report",
)
LOG_LINES = 8


def stages() -> dict[str, str]:
    """Return rule -> stage, the file of workflow/rules that it is in."""
    found = {}
    for stage in STAGES:
        text = (study.WORKFLOW / "rules" / f"{stage}.smk").read_text()
        found |= dict.fromkeys(re.findall(r"^ *rule (\w+):", text, re.MULTILINE), stage)
    return found


def stage_table(total: Counter, left: Counter) -> list[str]:
    """Return a line for each stage: jobs done and jobs in all."""
    of, open_ = Counter(), Counter()
    for rule, stage in stages().items():
        of[stage] += max(total[rule], left[rule])
        open_[stage] += left[rule]
    lines = []
    for stage in STAGES:
        done = of[stage] - open_[stage]
        lines.append(f"  {stage:<12}{done:>5} of {of[stage]:>4}   {bar(done, of[stage])}")
    return lines


def bar(done: int, total: int, width: int = 20) -> str:
    """Return a bar of ``width`` characters."""
    full = width * done // max(total, 1)
    return "#" * full + "." * (width - full)


def open_logs(results: Path, left: Counter) -> list[Path]:
    """Return the logs of jobs that began and have not finished, the oldest first."""
    logs = [path for path in results.glob("logs/**/*.log") if left[rule_of(path, results)]]
    begun = []
    for path in logs:
        end = tail(path)
        # the logs of older versions do not say that their job has finished
        if failed(end) or not (ended(end) or timed(path, results)):
            begun.append(path)
    return sorted(begun, key=lambda path: path.stat().st_mtime)


def timed(log: Path, results: Path, slack: float = 10.0) -> bool:
    """Return whether the job of a log was timed after it wrote that log: it finished then."""
    path = results / "benchmarks" / log.relative_to(results / "logs").with_name(log.stem + ".tsv")
    return path.exists() and path.stat().st_mtime > log.stat().st_mtime - slack


def rule_of(log: Path, results: Path) -> str:
    """Return the rule that a log belongs to: the first part of its path."""
    return log.relative_to(results / "logs").parts[0].removesuffix(".log")


def title(log: Path, results: Path) -> str:
    """Return a job as its log names it, such as ``simulate T0.47 r0``."""
    parts = log.relative_to(results / "logs").parts
    return " ".join([*parts[:-1], parts[-1].removesuffix(".log")])


def running_lines(logs: list[Path], results: Path, now: float) -> list[str]:
    """Return a line for each job that has begun and not ended."""
    lines = []
    for log in logs:
        silent = now - log.stat().st_mtime
        text = latest(log) or "no progress lines"
        quiet = f"  (silent for {clock(silent)})" if silent > 60 else ""
        lines.append(f"  {title(log, results):<24} {text}{quiet}")
    return lines


def failure_lines(log: Path, results: Path) -> list[str]:
    """Return when and why a job failed, where its log is, and the end of it."""
    lines = [line for line in tail(log).splitlines() if line.strip()]
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(log.stat().st_mtime))
    return [
        f"last failure: {title(log, results)}, {when}",
        f"  {lines[-1]}",
        f"  the end of {log}:",
        *(f"  | {line}" for line in lines[-LOG_LINES:]),
    ]


def disk_line(results: Path) -> str:
    """Return how much is on the disk, and in which folders."""
    parts = {path.name: size(path) for path in results.iterdir() if path.is_dir()}
    largest = sorted(parts, key=parts.get, reverse=True)[:4]
    total = shown(sum(parts.values()))
    return f"disk: {total} ({', '.join(f'{name} {shown(parts[name])}' for name in largest)})"


def report(overlays: list[str]) -> list[str]:
    """Return the lines of the screen."""
    results = Path(study.results(study.load("config/config.yaml", *overlays)))
    left, total = plan.jobs(overlays), plan.jobs(overlays, "--forceall")
    at_work = bool(study.at_work(Path.cwd()))
    lines = [f"{results}: {total.total() - left.total()} of {total.total()} jobs are done"]
    lines[0] += "; Snakemake is at work" if at_work else "" if left else ", nothing is left to do"
    lines += ["", *stage_table(total, left)]
    logs = open_logs(results, left)
    broken = [log for log in logs if failed(tail(log))]
    begun = [log for log in logs if log not in broken]
    if begun:
        lines += [
            "",
            "running:" if at_work else "interrupted (the same command goes on from here):",
        ]
        lines += running_lines(begun, results, time.time())
    if broken:
        lines += ["", *failure_lines(broken[-1], results)]
        if len(broken) > 1:
            lines += [f"  {len(broken) - 1} more: {', '.join(map(str, broken[:-1]))}"]
    if results.is_dir():
        lines += ["", disk_line(results)]
    return lines


def main(overlays: list[str]) -> int:
    """Print the screen."""
    try:
        print("\n".join(report(overlays)))
    except plan.RefusedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
