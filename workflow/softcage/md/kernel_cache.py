"""Numba's cache of compiled kernels: what is out of date in it goes."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def drop_stale_kernels(package: Path = _PACKAGE) -> None:
    """Delete Numba's cache if a module with kernels is newer than a part of it.

    Numba notices that a function's own file has changed, not that one it calls, in another file,
    has: it would go on with the old code.
    """
    cached = list(package.rglob("__pycache__/*.nb[ci]"))
    if cached:
        sources = {path.parents[1] / f"{path.name.split('.')[0]}.py" for path in cached}
        sources.add(package / "md" / "simd.py")
        changed = max(path.stat().st_mtime for path in sources if path.exists())
        for path in cached:
            try:
                if path.stat().st_mtime < changed:
                    path.unlink()
            except OSError:  # another process was faster, or the folder cannot be written
                pass
