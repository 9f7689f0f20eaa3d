"""Provenance of a result: the commit of the code, the versions of packages, and the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import yaml

_CODE = Path(__file__).resolve().parent


def _git(*arguments: str) -> str | None:
    """Return the output of git for the repository of this file; None if there is none."""
    command = ["git", "--no-optional-locks", "-C", str(_CODE), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    except (OSError, subprocess.SubprocessError):  # no git, or no repository
        return None
    return done.stdout.strip()


def commit() -> tuple[str, bool] | None:
    """Return the commit of the code, and whether a file differs from it; None if not known.

    Changes of results are ignored: a study whose results are committed may be run again.
    """
    output = _git("status", "--porcelain=v2", "--branch", "--", ":/", ":(top,exclude)results")
    lines = output.splitlines() if output else []
    heads = [line.split()[-1] for line in lines if line.startswith("# branch.oid ")]
    changed = any(not line.startswith("#") for line in lines)
    return None if not heads or heads[0] == "(initial)" else (heads[0], changed)


def short_commit() -> str:
    """Return the commit of the code in 12 digits, with ``-dirty`` if a file differs from it."""
    if (current := commit()) is None:
        return "unknown"
    head, changed = current
    return f"{head[:12]}{'-dirty' if changed else ''}"


def configuration_text(config: Mapping) -> str:
    """Return the configuration of a study as it is saved beside its results, as YAML.

    ``resources`` is left out: no result depends on the time limits and queues of a cluster.
    """
    kept = {key: value for key, value in config.items() if key != "resources"}
    return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True)


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the version of Python and of each package that is installed."""
    installed = {"Python": platform.python_version()}
    for package in packages:
        try:
            installed[package] = version(package)
        except PackageNotFoundError:
            pass
    return installed


def machine() -> dict[str, str]:
    """Return the processor, its cores (all, and those this process may use), memory and system."""
    cores = os.cpu_count()
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    return {
        "processor": _processor(),
        "cores": f"{cores}, {usable} of them usable",
        "memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "operating system": _system(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = platform.release()
    return f"{platform.system()} ({name}), {platform.machine()}"
