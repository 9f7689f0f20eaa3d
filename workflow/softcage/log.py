"""The log file of a rule, and the one line that a person sees when the rule fails."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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
    try:
        yield logger
    except Exception as error:
        logger.exception("failed")
        print(f"{type(error).__name__}: {error} (log: {path})", file=sys.stderr)
        sys.exit(1)
    finally:
        logger.removeHandler(handler)
        logging.getLogger("py.warnings").removeHandler(handler)
        handler.close()
