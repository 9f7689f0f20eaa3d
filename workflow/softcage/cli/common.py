"""What both commands do with their options: words on the way, the mixture, a trajectory."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from softcage.io.external import External, import_trajectory, open_external
from softcage.io.readers import files_of_run
from softcage.io.trajectory import Trajectory
from softcage.model import Mixture


class Say:
    """Lines on the error stream; at a terminal, a line that counts frames."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.live = not quiet and sys.stderr.isatty()
        self.last = 0.0

    def __call__(self, line: str) -> None:
        """Say a line."""
        if not self.quiet:
            end = "\033[K" if self.live else ""
            print(f"{line}{end}", file=sys.stderr, flush=True)

    def count(self, what: str, total: int | None = None) -> Callable[[int], None]:
        """Return a function that shows the number of the frame, a few times a second."""

        def show(frame: int) -> None:
            now = time.monotonic()
            if self.live and now - self.last > 0.2:
                self.last = now
                of = f" of {total}" if total else ""
                print(f"{what} {frame + 1}{of}\033[K\r", end="", file=sys.stderr, flush=True)

        return show


def inputs(options: argparse.Namespace, paths: Sequence[str]) -> list[str]:
    """Return all files that a command reads: trajectories, also of patterns, and those beside."""
    beside = (options.top, options.potential)
    files = [file for path in paths for file in files_of_run(path)]
    return files + [path for path in beside if path is not None]


@contextmanager
def imported(
    options: argparse.Namespace,
    path: str | Sequence[str],
    mixture: Mixture,
    say: Say,
    unwrapped: bool | None = None,
    **how: Any,
) -> Iterator[tuple[External, Trajectory]]:
    """Yield a trajectory as it was found, and its frames in our own format.

    These are in a folder beside the output, on the same disk, that is removed in the end.

    Parameters
    ----------
    options : Namespace
        Those that both commands share.
    path : str or sequence of str
        Several are one run.
    mixture : Mixture
    say : Say
    unwrapped : bool, optional
        As :func:`softcage.io.external.open_external`.
    how
        For :func:`softcage.io.external.import_trajectory`.
    """
    external = open_external(
        path,
        mixture,
        species=options.species,
        topology=options.top,
        length_unit=options.length_unit,
        box=options.box,
        unwrapped=unwrapped,
        whole_frames=options.whole_frames,
    )
    out = Path(options.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.stem}.", dir=out.parent) as folder:
        how |= {
            "progress": say.count("reading frame"),
            "note": lambda line: say(f"note: {external.name}: {line}"),
        }
        yield external, import_trajectory(external, folder, mixture, **how)
