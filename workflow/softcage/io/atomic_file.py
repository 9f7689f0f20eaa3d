"""Write files that are either complete or absent."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_HOST = platform.node()


@contextmanager
def replacing(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; move it onto ``path`` once the block succeeds.

    The temporary file has the same suffix (writers choose a format by it) and is flushed to
    disk before the rename. After a crash ``path`` is therefore the old file, the complete new file,
    or absent, never an incomplete file.

    Raises
    ------
    OSError
        If the disk is full or the folder cannot be written; the message names ``path``.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_debris(path)
    temporary = path.with_name(f".{path.stem}.{_HOST}.{os.getpid()}.tmp{path.suffix}")
    try:
        yield temporary
        with open(temporary, "rb") as handle:
            os.fsync(handle.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, f"cannot write {path}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _remove_debris(path: Path) -> None:
    """Delete temporary files of ``path`` that killed processes of this machine have left."""
    for old in path.parent.glob(f".{path.stem}.{_HOST}.*.tmp{path.suffix}"):
        try:
            os.kill(int(old.name.split(".tmp")[0].rpartition(".")[2]), 0)
        except ProcessLookupError:
            old.unlink(missing_ok=True)
        except (
            PermissionError,
            ValueError,
        ):  # a running process of another user, or a file that is not ours
            pass
