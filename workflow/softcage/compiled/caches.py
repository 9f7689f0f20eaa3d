"""Caches: a folder for them that is writable, and removal of Numba's outdated kernels.

Importing the library changes nothing, neither the environment nor a file. A program calls
:func:`use_writable_cache` before Numba is imported, and :func:`drop_stale_kernels` before a kernel
is called: the command ``softcage``, the Snakefile, the tests and
:func:`softcage.compiled.kernels.compile_kernels` do so. This module imports the standard library
only.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
NO_CACHE = (
    "there is no folder for what Numba compiles: neither the folder of the library nor the "
    "user's cache folder (~/.cache) can be written. Name a folder that can be written:  "
    "export NUMBA_CACHE_DIR=FOLDER"
)


def use_writable_cache() -> None:
    """Choose a writable cache folder for this process and its children, if the user's is not
    writable.

    Numba (if the folder of the package is not writable either), Snakemake and Matplotlib keep their
    caches in ``$XDG_CACHE_HOME``, by default ``~/.cache``. In a container or on a node of a cluster
    this may be read-only, or there may be no home folder. The variable is then set to
    ``softcage-<user>`` in the folder for temporary files. A folder that can be written stays as it
    is.

    Call this before Numba, Snakemake and Matplotlib are imported: they read the variable at that
    time.
    """
    user = os.getuid()
    with suppress(OSError):  # no folder can be written: the program that needs a cache reports it
        folder = Path(tempfile.gettempdir(), f"softcage-{user}")
        cache = _user_folder("XDG_CACHE_HOME", ".cache")
        kept = [cache / name for name in ("numba", "snakemake", "matplotlib")]
        if cache != folder and all(map(_can_be_written, kept)):
            return
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        if folder.is_symlink() or status.st_uid != user or status.st_mode & 0o022:
            # code is loaded from there: a folder that others can write is not used
            folder = Path(tempfile.mkdtemp(prefix=f"{folder.name}-"))
        os.environ["XDG_CACHE_HOME"] = str(folder)
        if not _can_be_written(_user_folder("XDG_CONFIG_HOME", ".config") / "matplotlib"):
            os.environ.setdefault("MPLCONFIGDIR", str(folder / "matplotlib"))


def no_compiler() -> str:
    """Return what to do if Numba is set not to compile, otherwise an empty text."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0").strip() in ("", "0"):
        return ""
    return (
        "NUMBA_DISABLE_JIT is set in the environment: Numba then compiles nothing, and the kernels "
        "of softcage cannot run as Python. Type: unset NUMBA_DISABLE_JIT"
    )


def drop_stale_kernels(package: Path = _PACKAGE) -> None:
    """Delete Numba's compiled kernels that are older than a module with kernels.

    Numba notices a change of the file of a function, but not of another file whose functions it
    calls, and would continue with the old code. Call this before any kernel; it takes a few
    milliseconds.

    Parameters
    ----------
    package : Path
        Folder of the library.
    """
    cached = {
        path: folder / f"{path.name.split('.')[0]}.py"
        for folder in {module.parent for module in package.rglob("*.py")}
        for place in _caches(folder)
        for path in place.glob("*.nb[ci]")
    }
    if cached:
        sources = {*cached.values(), package / "compiled" / "simd.py"}
        changed = max(path.stat().st_mtime for path in sources if path.exists())
        for path in cached:
            with suppress(OSError):  # another process was faster, or the folder cannot be written
                if path.stat().st_mtime < changed:
                    path.unlink()


def _caches(folder: Path) -> list[Path]:
    """Return where Numba may keep the kernels of a folder's modules."""
    # the name that numba.core.caching uses; the Snakefile drops kernels where there is no Numba
    name = f"{folder.name}_{hashlib.sha1(str(folder).encode()).hexdigest()}"
    places = [_user_folder("XDG_CACHE_HOME", ".cache") / "numba"]
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        places.append(Path(chosen))
    return [folder / "__pycache__", *(place / name for place in places)]


def _user_folder(variable: str, name: str) -> Path:
    """Return the folder that a variable names; by default ``name`` in the home folder."""
    return Path(os.environ.get(variable) or os.path.expanduser(f"~/{name}"))


def _can_be_written(folder: Path) -> bool:
    """Return whether a folder, or the part of its path that exists, can be written."""
    existing = next(filter(os.path.exists, [folder, *folder.parents]))
    return folder.is_absolute() and existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)
