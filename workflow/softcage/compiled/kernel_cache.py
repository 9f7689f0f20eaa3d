"""Numba's cache of compiled kernels: what is out of date in it goes."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from softcage.compiled.cache_folder import user_folder

_PACKAGE = Path(__file__).resolve().parents[1]


def no_compiler() -> str:
    """Return what to do if Numba is told not to compile; else ''."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0").strip() in ("", "0"):
        return ""
    return (
        "NUMBA_DISABLE_JIT is set in the environment: Numba then compiles nothing, and the kernels "
        "of softcage cannot run as Python. Type: unset NUMBA_DISABLE_JIT"
    )


def drop_stale_kernels(package: Path = _PACKAGE) -> None:
    """Delete Numba's cache if a module with kernels is newer than a part of it.

    Numba notices that a function's own file has changed, not that one it calls, in another file,
    has: it would go on with the old code.
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
    from numba.core.caching import UserWideCacheLocator  # study imports this module, without Numba

    name = UserWideCacheLocator.get_suitable_cache_subpath(str(folder / "module.py"))
    places = [user_folder("XDG_CACHE_HOME", ".cache") / "numba"]
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        places.append(Path(chosen))
    return [folder / "__pycache__", *(place / name for place in places)]
