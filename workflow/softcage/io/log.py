"""The log of a job and, while the job is not finished, a file that says how far it is or why it
failed.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from softcage.io.atomic_file import replacing
from softcage.io.provenance import short_commit


@contextmanager
def logged(path: str | os.PathLike) -> Iterator[logging.Logger]:
    """Yield the logger of the library, which writes to ``path``; the first line is the commit.

    The loggers of all its modules, ``logging.getLogger(__name__)``, write there too. An exception
    inside the block leaves its traceback in the log and one line on the screen, and ends the
    process with status 1. The file ``path`` with the suffix ``.json`` says how far the job is
    (``progress``) or why it failed (``failed``); it is removed when the job is finished.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lines, state = _Lines(path, mode="w", encoding="utf-8"), _State(path.with_suffix(".json"))
    lines.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    lines.setLevel(logging.INFO)
    logger, warnings = logging.getLogger("softcage"), logging.getLogger("py.warnings")
    logger.setLevel(logging.DEBUG)
    for handler in (lines, state):
        logger.addHandler(handler)
    logging.captureWarnings(True)
    warnings.addHandler(lines)
    begin = time.monotonic()
    logger.info("commit %s", short_commit())  # the first line: see study.commits
    try:
        yield logger
        logger.info("finished after %.1f s", time.monotonic() - begin)
        state.path.unlink(missing_ok=True)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        logger.exception("failed")
        state.write(failed=reason)
        print(f"{reason} (log: {path})", file=sys.stderr)
        sys.exit(1)
    finally:
        warnings.removeHandler(lines)
        for handler in (lines, state):
            logger.removeHandler(handler)
            handler.close()


class _Lines(logging.FileHandler):
    """The file of the log. It ignores a full disk, on which the job fails at its outputs."""

    def handleError(self, record: logging.LogRecord) -> None:
        if not isinstance(sys.exception(), OSError):
            super().handleError(record)

    def close(self) -> None:
        with suppress(OSError):
            super().close()


class _State(logging.Handler):
    """Keep the last progress that is logged in a small JSON file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.write(progress="")

    def write(self, **state: str) -> None:
        with (
            suppress(OSError),
            replacing(self.path) as temporary,
        ):  # a full disk: the job reports it
            temporary.write_text(json.dumps(state))

    def emit(self, record: logging.LogRecord) -> None:
        if (progress := getattr(record, "progress", None)) and not getattr(record, "live", False):
            self.write(progress=progress)
