"""softcage: local softness of the mean-field cage in supercooled liquids.

Plain functions on NumPy arrays in reduced Lennard-Jones units (length sigma_AA, energy
epsilon_AA, time sqrt(m sigma_AA^2 / epsilon_AA), k_B = 1). A folder a topic; each module can be
imported alone and none reads a configuration file.
"""

__version__ = "0.1.0"

from pathlib import Path as _Path


def _drop_stale_kernels(package: _Path) -> None:
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


_drop_stale_kernels(_Path(__file__).parent)
