"""The log file of a rule, and the one line that a person sees when the rule fails."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ENDED, _FAILED = "finished", "failed"


@contextmanager
def logged(path: str | os.PathLike) -> Iterator[logging.Logger]:
    """Yield a logger that writes to ``path``.

    An exception inside the block leaves its traceback in the log and one line on the screen,
    and ends the process with status 1.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, mode="w")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    logger = logging.getLogger("softcage")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").addHandler(handler)
    begin = time.monotonic()
    try:
        yield logger
        logger.info("%s after %.1f s", _ENDED, time.monotonic() - begin)
    except Exception as error:
        logger.exception(_FAILED)
        print(f"{type(error).__name__}: {error} (log: {path})", file=sys.stderr)
        sys.exit(1)
    finally:
        logger.removeHandler(handler)
        logging.getLogger("py.warnings").removeHandler(handler)
        handler.close()


def ended(text: str) -> bool:
    """Return whether the end of a log is that of a job that finished."""
    lines = text.splitlines()
    return bool(lines) and f" {_ENDED} after " in lines[-1]


def failed(text: str) -> bool:
    """Return whether the end of a log is that of a job that failed, and said why."""
    return any(line.endswith(f" {_FAILED}") for line in text.splitlines()) and not ended(text)
