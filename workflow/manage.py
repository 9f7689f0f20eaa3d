"""Look after a study: ``python workflow/manage.py TASK [config/<study>.yaml]``.

status              what is done, runs and failed, and what is on the disk; it only reads
clean-trajectories  drop the trajectories of a finished study
clean-arrays        drop softness and p_hop of every particle in every frame
publish             copy figures, tables and points of a finished study to results/paper
unlock              remove the lock of a run that was killed
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import yaml

import study
from softcage.io.progress import duration
from study import lock

PUBLISHED = Path("results/paper")
# what a publication has: no frames, no particles but in propensities, nothing of the machine
PUBLISHED_TYPES = {".csv", ".npz", ".html", ".md", ".yaml", ".pdf", ".png", ".gif"}
NOT_PUBLISHED = [
    *("md/*", "structure/*", "checkpoints/*", "logs/*", "benchmarks/*"),
    *("propensity/*/*/*", "report.html", "beyond/report.html"),
]
LARGE = {  # of a finished study: nothing asks for it until something changes
    "trajectories": ["md/*/*/uniform.nc", "md/*/*/log.nc", "checkpoints"],
    "arrays": ["softness/*/*/*.h5", "hops/*/*.h5", "interpretations/*/*.h5", "descriptors/*/*.h5"],
}


class RefusedError(Exception):
    """It cannot be done now; the message says why."""


def jobs(overlays: list[str], *options: str) -> Counter[str]:
    """Return rule -> number of jobs that a run would do now; empty if all is done."""
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--nolock", "--cores", "1"]
    command += ["--quiet", "rules", "host", *options]
    if overlays:
        command += ["--configfile", *overlays]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    if done.returncode:
        raise RefusedError(done.stderr.strip() or output.strip())
    table = re.search(r"Job stats:\njob +count\n[- ]+\n(.*?)\n\n", output, re.DOTALL)
    counts = re.findall(r"^(\w+) +(\d+)$", table[1], re.MULTILINE) if table else []
    targets = {"total", "study", "all"}  # they make nothing
    return Counter({rule: int(n) for rule, n in counts if rule not in targets})


def status(results: Path, overlays: list[str]) -> None:
    """Print one screen: jobs done of each rule, what runs and failed, the disk."""
    left, total = jobs(overlays), jobs(overlays, "--forceall")
    running = lock.at_work()
    said = "; Snakemake is at work" if running else "" if left else ", nothing is left to do"
    print(f"{results}: {total.total() - left.total()} of {total.total()} jobs are done{said}\n")
    for name, (done, of) in progress_of_rules(left, total).items():
        full = 20 * done // of
        print(f"  {name:<20}{done:>5} of {of:>4}   {'#' * full}{'.' * (20 - full)}")
    headings = {
        "progress": "running:" if running else "interrupted (the same command goes on from here):",
        "failed": "failed:",
    }
    for kind, heading in headings.items():
        if lines := states(results, kind):
            print("", heading, *lines, sep="\n")
    parts = {path.name: size(path) for path in results.glob("*/")}
    largest = sorted(parts, key=parts.__getitem__, reverse=True)[:4]
    folders = ", ".join(f"{name} {shown(parts[name])}" for name in largest)
    print(f"\ndisk: {shown(sum(parts.values()))} ({folders})")


def states(results: Path, kind: str) -> list[str]:
    """Return a line for each job that has begun, or has failed, and not finished; oldest first."""
    found = []
    for path in results.glob("logs/**/*.json"):
        job = path.relative_to(results / "logs").with_suffix("").parts
        try:
            state, time_of = json.loads(path.read_text()), path.stat().st_mtime
        except FileNotFoundError:  # the job has just finished
            continue
        if kind in state:
            said = state[kind] or "no progress yet"
            log = f" (log: {path.with_suffix('.log')})" if kind == "failed" else ""
            ago = duration(time.time() - time_of)
            found.append((time_of, f"  {' '.join(job)}: {said}, {ago} ago{log}"))
    return [line for _, line in sorted(found)]


def progress_of_rules(left: Counter[str], total: Counter[str]) -> dict[str, tuple[int, int]]:
    """Return rule -> jobs done and jobs in all, in Snakemake's order; the figures are one."""
    of: Counter[str] = Counter()
    open_: Counter[str] = Counter()
    for rule in total:
        name = "figures" if rule.startswith("fig") else rule
        of[name] += total[rule]
        open_[name] += left[rule]
    return {name: (of[name] - open_[name], of[name]) for name in of}


def clean(results: Path, overlays: list[str], kind: str) -> None:
    """Delete the large files of a finished study."""
    refuse_unless_finished(results, overlays)
    found = [path for pattern in LARGE[kind] for path in results.glob(pattern)]
    print(f"{results}: {len(found)} {kind} deleted, {shown(sum(map(size, found)))} freed.")
    for path in found:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if found:
        print("Figures and tables stay and can be redrawn. What is computed from these files")
        print("needs them again: after such a change a run makes them anew, by simulations too.")


def publish(results: Path, overlays: list[str]) -> None:
    """Replace the published results, as a whole, by those of a finished study."""
    refuse_unless_finished(results, overlays)
    new = PUBLISHED.with_name(f".{PUBLISHED.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    for path in results.rglob("*"):
        part = path.relative_to(results)
        left_out = any(fnmatch(str(part), pattern) for pattern in NOT_PUBLISHED)
        if path.suffix in PUBLISHED_TYPES and not left_out:
            (new / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, new / part)
    if PUBLISHED.exists():
        shutil.rmtree(PUBLISHED)
    new.rename(PUBLISHED)
    print(f"{PUBLISHED} is now what {results} has, {shown(size(PUBLISHED))}; commit it.")


def refuse_unless_finished(results: Path, overlays: list[str]) -> None:
    """Raise RefusedError if a study is worked on, or has something left to do."""
    if lock.at_work():
        raise RefusedError("Snakemake is at work in this folder; wait for its end.")
    if left := jobs(overlays):
        raise RefusedError(
            f"{results} is not finished: {left.total()} jobs are left ({', '.join(left)})."
        )


def size(path: Path) -> int:
    """Return the bytes in a file or folder."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(file.lstat().st_size for file in files)


def shown(size: float) -> str:
    """Return bytes as people say them, such as 3.4 GB."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"


def main(task: str = "", *overlays: str) -> int:
    """Do one of the tasks; return the exit status."""
    over = list(overlays)
    try:
        results = Path(study.results(study.load("config/config.yaml", *over)))
        match task:
            case "status":
                status(results, over)
            case "clean-trajectories" | "clean-arrays":
                clean(results, over, task.removeprefix("clean-"))
            case "publish":
                publish(results, over)
            case "unlock":
                if lock.release():
                    print("An earlier run was killed; its lock is removed.", file=sys.stderr)
            case _:
                raise RefusedError(__doc__)
    except (RefusedError, OSError, ValueError, yaml.YAMLError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
