"""The folder in which Numba, Snakemake and Matplotlib keep their caches."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def use_writable_cache() -> None:
    """Where the user's cache folder cannot be written, name one that can, for all that is started.

    Numba (if the package cannot be written either), Snakemake and Matplotlib keep their caches in
    ``$XDG_CACHE_HOME``, that is ``~/.cache``. In a container or on a node of a cluster it may be
    read-only, or there is no home: then it becomes ``softcage-<user>`` in the folder for temporary
    files. What can be written stays as it is.
    """
    user = os.getuid()
    with suppress(OSError):  # nowhere at all: who needs a cache says so
        folder = Path(tempfile.gettempdir(), f"softcage-{user}")
        cache = user_folder("XDG_CACHE_HOME", ".cache")
        kept = [cache / name for name in ("numba", "snakemake", "matplotlib")]
        if cache != folder and all(map(_can_be_written, kept)):
            return
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if folder.is_symlink() or status.st_uid != user or status.st_mode & 0o022:
            # code is loaded from there: another's folder of that name is not taken
            folder = Path(tempfile.mkdtemp(prefix=f"{folder.name}-"))
        os.environ["XDG_CACHE_HOME"] = str(folder)
        if not _can_be_written(user_folder("XDG_CONFIG_HOME", ".config") / "matplotlib"):
            os.environ.setdefault("MPLCONFIGDIR", str(folder / "matplotlib"))


def user_folder(variable: str, name: str) -> Path:
    """Return the folder that a variable names, or that of this name in the home folder."""
    return Path(os.environ.get(variable) or os.path.expanduser(f"~/{name}"))


def _can_be_written(folder: Path) -> bool:
    """Return whether a folder, or the part of its path that exists, can be written."""
    existing = next(filter(os.path.exists, [folder, *folder.parents]))
    return folder.is_absolute() and existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
