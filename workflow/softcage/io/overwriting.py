"""What may be replaced: nothing but what the command itself has written.

An output that exists is looked into before anything is computed: a table, frames, a page or a
folder of a former run is replaced, an input or any other file is not.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import yaml

_TAIL = 8192  # bytes: the metadata of a table in CSV are its last lines
_HEAD = 4096  # bytes: the header of a first frame, the first line of a table


def check_output(
    path: str | Path, inputs: Iterable[str | Path], written_here: Callable[[Path], bool]
) -> None:
    """Refuse an output that is an input, that the command did not write, or that cannot be written.

    Parameters
    ----------
    path : path
        File to write; it need not exist.
    inputs : iterable of paths
        Files that are read; the same file by another name or through a link counts too.
    written_here : callable
        From an existing file to whether the command wrote it; an empty file is always replaced.

    Raises
    ------
    ValueError
        The message names the file and says what to do.
    """
    path = Path(path)
    folder = next(parent for parent in path.absolute().parents if os.path.lexists(parent))
    if not folder.is_dir():
        raise ValueError(f"{path}: {folder} is no folder: give another --out")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ValueError(f"{path}: you may not write into the folder {folder}: give another --out")
    if not path.exists():
        return
    for one in inputs:
        if Path(one).exists() and path.samefile(one):
            raise ValueError(f"{path}: is the input {one}, which would be lost: give another --out")
    if not path.is_file():
        raise ValueError(f"{path}: is a folder or device, not a file: give another --out")
    if path.stat().st_size and not written_here(path):
        raise ValueError(
            f"{path}: exists, and softcage did not write it: give another --out, or move it away"
        )


# what the first score of a particle is called: of softcage score, of softcage predict
_FIRST_SCORES = ("depth", "propensity")


def is_scores(path: Path) -> bool:
    """Whether a file is a table or the frames that ``softcage score`` or ``predict`` wrote."""
    try:
        return _SCORES[path.suffix](path)
    except Exception:  # whatever a library says of a file that is something else
        return False


def _is_parquet(path: Path) -> bool:
    import pyarrow.parquet as pq

    return b"softcage" in (pq.read_metadata(path).metadata or {})


def _is_csv(path: Path) -> bool:
    with path.open("rb") as handle:
        handle.seek(max(path.stat().st_size - _TAIL, 0))
        return b"\n# softcage: " in handle.read()


def _is_gsd(path: Path) -> bool:
    from softcage.io.scored_frames import open_scored

    with open_scored(path) as (_, names):
        return any(name.startswith(_FIRST_SCORES) for name in names)


def _is_frames_of_text(path: Path) -> bool:
    columns = ("type:S:1:pos:R:3(:images:I:3)?:", "id type element x y z (ix iy iz )?")
    with path.open("rb") as handle:
        head = handle.read(_HEAD).decode("utf-8", errors="replace")
    scores = "|".join(map(re.escape, _FIRST_SCORES))
    return any(re.search(f"{words}({scores})", head) for words in columns)


_SCORES: dict[str, Callable[[Path], bool]] = {
    ".parquet": _is_parquet,
    ".csv": _is_csv,
    ".gsd": _is_gsd,
    ".extxyz": _is_frames_of_text,
    ".lammpstrj": _is_frames_of_text,
}


def is_page(path: Path) -> bool:
    """Whether a file is a page of ``softcage view``."""
    return b'id="softcage"' in path.read_bytes()


#: In the head of a page of ``softcage report``.
REPORT_MARK = "softcage report"


def is_report(path: Path) -> bool:
    """Whether a file is a page of ``softcage report``."""
    with path.open("rb") as handle:
        return f'name="generator" content="{REPORT_MARK}"'.encode() in handle.read(_HEAD)


def is_calibration(path: Path) -> bool:
    """Whether a file of a folder is one of the three that ``softcage calibrate`` wrote.

    Its configuration has the mixture and the density and nothing else, and stands beside both
    tables; a study, whose folder is another, has far more in it.
    """
    tables = [path.with_name(name) for name in ("cage.csv", "calibration.csv")]
    if not all(_first_line(table).startswith(("T,q_max,route,", "relation,q_max,route,"))
               for table in tables):  # fmt: skip
        return False
    try:
        content = yaml.safe_load(path.with_name("config.yaml").read_text(encoding="utf-8"))
        return set(content) == {"mixture", "system"} and set(content["system"]) == {"density"}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, TypeError):
        return False


def is_propensity(path: Path) -> bool:
    """Whether a file stands in a folder that ``softcage propensity`` wrote, and no study."""
    folder = path.absolute().parent
    in_a_study = any((parent / "provenance.csv").is_file() for parent in [*folder.parents][:2])
    return not in_a_study and all(
        _first_line(folder / name).startswith(columns) for name, columns in _PROPENSITY.items()
    )


_PROPENSITY = {
    "scores.csv": "target,kind,name,",
    "coefficients.csv": "target,name,feature,",
    "importances.csv": "target,name,descriptor,",
}


def is_rank(path: Path) -> bool:
    """Whether a file stands in a folder that ``softcage rank`` wrote."""
    table = path.absolute().parent / "rank.csv"
    return _first_line(table).startswith("T,time,name,length,pearson_each,")


def is_transfer(path: Path) -> bool:
    """Whether a file stands in a folder that ``softcage transfer`` wrote."""
    table = path.absolute().parent / "transfer.csv"
    return _first_line(table).startswith("T_fit,time_fit,moved_fit,T,time,")


def is_dynamics(path: Path) -> bool:
    """Whether a file stands in a folder that ``softcage dynamics`` wrote."""
    folder = path.absolute().parent
    return all(
        _first_line(folder / name).startswith(columns) for name, columns in _DYNAMICS.items()
    )


_DYNAMICS = {
    "dynamics.csv": "species,time,msd,msd_error,",
    "summary.csv": "species,particles,tau_alpha,",
}


def _first_line(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            return handle.read(_HEAD).split(b"\n")[0].decode("utf-8", errors="replace").strip()
    except OSError:
        return ""
