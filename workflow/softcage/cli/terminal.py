"""Messages of the command on the error stream."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def messages(quiet: bool) -> Iterator[None]:
    """Print the library's log records to the error stream, inside the block.

    Each record is one line; warnings begin with ``note:``. At a terminal one more line shows the
    progress (:class:`softcage.io.progress.Progress`).

    Parameters
    ----------
    quiet : bool
        Print errors only.
    """
    library, handler = logging.getLogger("softcage"), _Terminal()
    before = library.level
    library.setLevel(logging.ERROR if quiet else logging.DEBUG)
    library.addHandler(handler)
    try:
        yield
    finally:
        handler.clear()
        library.removeHandler(handler)
        library.setLevel(before)


class _Terminal(logging.Handler):
    """Handler that prints lines and, at a terminal, one line that is overwritten for progress."""

    def __init__(self) -> None:
        super().__init__()
        self.live = sys.stderr.isatty()
        self.showing = False

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if hasattr(record, "progress"):
            if self.live:
                print(f"{text}\033[K\r", end="", file=sys.stderr, flush=True)
                self.showing = True
        elif record.levelno >= logging.INFO:
            self.clear()
            note = "note: " if record.levelno >= logging.WARNING else ""
            print(f"{note}{text}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Remove the line that shows the progress."""
        if self.showing:
            print("\033[K", end="", file=sys.stderr, flush=True)
            self.showing = False
