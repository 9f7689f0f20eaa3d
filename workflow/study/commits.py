"""Which commit made which table: ``commits.csv``, one row per file.

The graph names the rule of a file and the log of the job that made it; the first line of that log
is the commit of the code (:func:`softcage.io.log.logged`).
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from softcage.io.atomic_file import replacing
from study import crate
from study.graph import Output

NAME = "commits.csv"
COLUMNS = ("file", "rule", "commit", "sha256")


def write(folder: Path, made: Mapping[Path, Output]) -> None:
    """Write ``commits.csv`` of a folder of results, and the same as an RO-Crate.

    Parameters
    ----------
    folder : path
    made : mapping
        Of each file, relative to the folder, what the graph says of it.
    """
    rows = [
        (part.as_posix(), output.rule, commit_of(output.log), sha256(folder / part))
        for part, output in sorted(made.items())
    ]
    with (
        replacing(folder / NAME) as temporary,
        open(temporary, "w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    crate.write(folder, rows)


def commit_of(log: Path | None) -> str:
    """Return the commit that a job's log begins with, such as 0123456789ab-dirty."""
    if log is None or not log.is_file():
        return "unknown"
    with log.open(encoding="utf-8", errors="replace") as lines:
        found = re.search(r" commit (\S+)$", lines.readline())
    return found[1] if found else "unknown"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
