"""Messages of the command on the error stream."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


def say(text: str, end: str = "\n") -> None:
    """Write on the error stream; if nobody reads it any more, the words are lost, not the work."""
    try:
        print(text, end=end, file=sys.stderr, flush=True)
    except BrokenPipeError:
        discard(sys.stderr)


def answer(text: str) -> None:
    """Write on the standard output; if nobody reads it any more (``| head``), the rest is lost."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        discard(sys.stdout)


def flush_output() -> None:
    """Write what is left for the standard output, unless nobody reads it any more (``| head``)."""
    try:
        if sys.stdout is not None:  # it is None where it was closed before
            sys.stdout.flush()
    except BrokenPipeError:
        discard(sys.stdout)


def discard(stream: TextIO) -> None:
    """Let all that is still written to a stream vanish, as what Python writes when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


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
    library.setLevel(logging.DEBUG)
    handler.setLevel(logging.ERROR if quiet else logging.DEBUG)
    library.addHandler(handler)
    try:
        yield
    finally:
        handler.clear()
        library.removeHandler(handler)
        library.setLevel(before)


@contextmanager
def warnings_kept() -> Iterator[list[str]]:
    """Yield a list of the library's warnings inside the block, whether they are printed or not."""
    library, kept = logging.getLogger("softcage"), _Kept()
    library.addHandler(kept)
    try:
        yield kept.sentences
    finally:
        library.removeHandler(kept)


class _Kept(logging.Handler):
    """Handler that keeps warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.sentences: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.sentences.append(record.getMessage())


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
                say(f"{text}\033[K\r", end="")
                self.showing = True
        elif record.levelno >= logging.INFO:
            self.clear()
            note = "note: " if record.levelno >= logging.WARNING else ""
            say(f"{note}{text}")

    def clear(self) -> None:
        """Remove the line that shows the progress."""
        if self.showing:
            say("\033[K", end="")
            self.showing = False
