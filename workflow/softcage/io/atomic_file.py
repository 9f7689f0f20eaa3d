"""Write files that are either complete or absent, with temporary files that do not stay."""

from __future__ import annotations

import errno
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_HOST = platform.node()
_SCRATCH = ".folder"


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
    if path.is_symlink():  # the file that it points to is replaced, not the link
        path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_debris(path, path.suffix)
    temporary = path.with_name(f".{path.stem}.{_HOST}.{os.getpid()}.tmp{path.suffix}")
    try:
        yield temporary
        with open(temporary, "rb") as handle:
            os.fsync(handle.fileno())
        with suppress(PermissionError):  # some file systems have no permissions
            os.chmod(temporary, _mode())
        os.replace(temporary, path)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, f"cannot write {path}: {error.strerror}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _mode() -> int:
    """Return the permissions of a new file; some writers give others."""
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


@contextmanager
def scratch_folder(path: str | os.PathLike) -> Iterator[Path]:
    """Yield an empty hidden folder beside ``path``, for as long as the block lasts.

    Like the temporary files of :func:`replacing`, folders that killed processes of this machine
    have left are deleted by the next process that works on ``path``.

    Raises
    ------
    OSError
        If the disk is full.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_debris(path, _SCRATCH)
    folder = path.with_name(f".{path.stem}.{_HOST}.{os.getpid()}.tmp{_SCRATCH}")
    shutil.rmtree(folder, ignore_errors=True)  # of an earlier process with this number
    folder.mkdir()
    try:
        yield folder
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        words = f"{path.parent} has no room for {path.name} and a copy of the positions"
        raise OSError(error.errno, words) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_debris(path: Path, suffix: str) -> None:
    """Delete temporary files of ``path`` that killed processes of this machine have left."""
    for old in path.parent.glob(f".{path.stem}.{_HOST}.*.tmp{suffix}"):
        try:
            os.kill(int(old.name.split(".tmp")[0].rpartition(".")[2]), 0)
        except ProcessLookupError:
            shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)
        except (
            PermissionError,
            ValueError,
        ):  # a running process of another user, or a file that is not ours
            pass
