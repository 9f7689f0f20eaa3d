"""What a study has on the disk: how much, and what a finished study can do without."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from study.graph import refuse_unless_finished

LARGE = {  # of a finished study: nothing asks for it until something changes
    "trajectories": ["md/*/*/uniform.nc", "md/*/*/log.nc", "checkpoints"],
    "arrays": ["softness/*/*/*.h5", "hops/*/*.h5", "interpretations/*/*.h5", "descriptors/*/*.h5"],
}


def clean(results: Path, overlays: Sequence[str], kind: str) -> None:
    """Delete the large files of a finished study: ``trajectories`` or ``arrays``."""
    refuse_unless_finished(results, overlays)
    found = [path for pattern in LARGE[kind] for path in results.glob(pattern)]
    print(f"{results}: {len(found)} {kind} deleted, {in_words(sum(map(size, found)))} freed.")
    for path in found:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    if found:
        print("Figures and tables stay and can be redrawn. What is computed from these files")
        print("needs them again: after such a change a run makes them anew, by simulations too.")


def size(path: Path) -> int:
    """Return the bytes in a file or folder."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(file.lstat().st_size for file in files)


def in_words(number: float) -> str:
    """Return a number of bytes with three digits and a unit, such as 3.4 GB."""
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} GB"
