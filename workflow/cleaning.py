"""Drop the large files of a finished study: ``python workflow/cleaning.py trajectories [overlay]``.

Figures and tables are redrawn without them, and nothing asks for them again until something
changes that is computed from them. Then the simulations are run again.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import plan
import study

# kind -> patterns inside the folder of the study
LARGE = {
    "trajectories": ["md/*/*/uniform.nc", "md/*/*/log.nc", "checkpoints"],
    "arrays": ["softness/*/*/*.h5", "hops/*/*.h5", "readings/*/*.h5"],
}


def size(path: Path) -> int:
    """Return the bytes in a file or folder."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum(file.lstat().st_size for file in files)


def drop(results: Path, kind: str) -> tuple[int, int]:
    """Delete the large files of one kind; return their number and bytes."""
    found = [path for pattern in LARGE[kind] for path in sorted(results.glob(pattern))]
    freed = sum(size(path) for path in found)
    for path in found:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(found), freed


def shown(size: float) -> str:
    """Return bytes as people say them, such as 3.4 GB."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"


def main(kind: str, overlays: list[str]) -> int:
    """Drop the files if the study is finished and nobody works on it."""
    results = Path(study.results(study.load("config/config.yaml", *overlays)))
    try:
        left = plan.jobs(overlays)
    except plan.RefusedError as error:
        print(error, file=sys.stderr)
        return 1
    if study.at_work(Path.cwd()):
        print("Snakemake is at work in this folder: nothing was deleted.", file=sys.stderr)
        return 1
    if left:
        print(
            f"{results} is not finished: {left.total()} jobs are left ({', '.join(left)}) and may "
            f"need the {kind}. Nothing was deleted; finish the study first.",
            file=sys.stderr,
        )
        return 1
    number, freed = drop(results, kind)
    print(f"{results}: {number} {kind} deleted, {shown(freed)} freed.")
    if number:
        print("Figures and tables stay and can be redrawn. What is computed from these files")
        print("needs them again: after such a change a run makes them anew, by simulations too.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
