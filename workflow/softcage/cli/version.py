"""``softcage --version``: the versions of all that a report about an error needs."""

from __future__ import annotations

import argparse
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from softcage import __version__
from softcage.cli.terminal import answer

_PACKAGES = ("numpy", "numba", "llvmlite", "scipy", "mdtraj")


class ShowVersion(argparse.Action):
    """Option that prints the versions and ends the command."""

    def __init__(self, option_strings: list[str], dest: str, **more: Any) -> None:
        words = "print the version, and those of Python, of what it needs and of the machine"
        super().__init__(option_strings, argparse.SUPPRESS, nargs=0, help=words)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Print the versions."""
        answer("\n".join(version_lines()))
        parser.exit()


def version_lines() -> list[str]:
    """Return a line for the package, for Python, for each package it needs and for the machine."""
    lines = [f"softcage {__version__}", f"Python {platform.python_version()}"]
    for name in _PACKAGES:
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} is not installed")
    return [*lines, platform.platform(), _processor()]


def _processor() -> str:
    """Return the processor and the threads as Numba sees them."""
    try:
        from llvmlite.binding import get_host_cpu_name
        from numba import config
    except Exception as error:  # a broken installation is what the report is about
        return f"processor {platform.machine()}; Numba cannot be imported ({error})"
    name = getattr(config, "CPU_NAME", None) or get_host_cpu_name()
    return f"processor {name}, {getattr(config, 'NUMBA_NUM_THREADS', 'unknown')} threads"
