"""Read tables of pair potentials in the format of LAMMPS, as its command ``pair_write`` writes it.

A file has one section or several: a line with a keyword; a line ``N 500 R 0.5 2.5`` with the number
of rows and, with ``R`` or ``RSQ``, the first and last r of rows that are evenly spaced in r or r^2;
and rows of number, r, energy and force. Lines that begin with # and blank lines are comments.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from softcage.potentials import COLUMNS

_OFF = 0.01  # of the spacing: how far a row may be from its place, which is written with few digits


def read_pair_table(
    path: str | Path, names: Sequence[str], any_keyword: bool = False
) -> dict[str, list[float]]:
    """Return ``r``, ``energy`` and ``force`` of one section of a file.

    Parameters
    ----------
    path : path
    names : sequence of str
        Possible keywords of the section, such as AB and BA.
    any_keyword : bool
        Whether the only section of a file may have any other keyword.

    Raises
    ------
    ValueError
        If the file cannot be read, has no such section, or rows are missing or elsewhere than the
        second line of the section says.
    """
    sections = _sections(Path(path))
    found = [name for name in names if name in sections]
    if any_keyword and len(sections) == 1:
        found = list(sections)
    if not found:
        raise ValueError(
            f"{path}: has no section {' or '.join(dict.fromkeys(names))}, only "
            f"{', '.join(sections)}: name each section as its pair"
        )
    return _rows(f"{path}: section {found[0]}", *sections[found[0]])


def _sections(path: Path) -> dict[str, tuple[list[str], list[list[str]]]]:
    """Return the words of the second line, and those of the rows, of each section."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: is no text, and so no table of a potential") from error
    found: dict[str, tuple[list[str], list[list[str]]]] = {}
    rows: list[list[str]] = []
    lines = [words for line in text.splitlines() if (words := line.split("#")[0].split())]
    for words, following in zip(lines, [*lines[1:], []], strict=True):
        if following[:1] == ["N"]:
            rows = []
            if words[0] in found:
                raise ValueError(f"{path}: has two sections {words[0]}")
            found[words[0]] = following, rows
        elif words[0] != "N":
            rows.append(words)
    if not found:
        raise ValueError(
            f"{path}: has no section of a table of LAMMPS: a keyword and a line such as "
            "N 500 R 0.5 2.5"
        )
    return found


def _rows(where: str, said: list[str], rows: list[list[str]]) -> dict[str, list[float]]:
    """Return the numbers of a section, after checking that they are what its line says."""
    try:
        n, spacing = int(said[1]), next((w for w in said if w in ("R", "RSQ", "BITMAP")), None)
        ends = [float(word) for word in said[said.index(spacing) + 1 :][:2]] if spacing else []
        numbers = np.array(rows, dtype=float).reshape(len(rows), -1)
    except (ValueError, IndexError) as error:
        raise ValueError(f"{where}: has a line that is none of its format ({error})") from error
    if spacing == "BITMAP":
        raise ValueError(f"{where}: is bitmapped: write it with r or rsq")
    if len(numbers) and numbers.shape[1] != 4:
        raise ValueError(f"{where}: its rows need number, r, energy and force")
    numbered = numbers[:, 0] if len(numbers) else np.empty(0)
    wrong = np.flatnonzero(numbered != np.arange(1, len(numbers) + 1))
    if len(wrong) or len(numbers) != n:
        k = int(wrong[0]) + 1 if len(wrong) else min(len(numbers), n) + 1
        what = f"row {k} is missing" if k <= n else f"there are {len(numbers)} rows"
        raise ValueError(f"{where}: {what}, and its second line says {n} rows")
    _check_places(where, numbers[:, 1], spacing, ends)
    return dict(zip(COLUMNS, numbers[:, 1:].T.tolist(), strict=True))


def _check_places(where: str, r: np.ndarray, spacing: str | None, ends: list[float]) -> None:
    """Refuse rows that are not evenly spaced in r or r^2 between the ends, if this is said."""
    if spacing is None or len(r) < 2:
        return
    if len(ends) < 2:
        raise ValueError(f"{where}: {spacing} needs the first and the last r")
    power = 1 if spacing == "R" else 2
    places = np.linspace(ends[0] ** power, ends[1] ** power, len(r)) ** (1.0 / power)
    off = np.abs(r - places)
    off[1:] /= np.diff(places)
    off[0] /= places[1] - places[0]
    if not (off <= _OFF).all():
        k = int(np.argmax(~(off <= _OFF)))
        raise ValueError(
            f"{where}: row {k + 1} has r = {r[k]:.6g}, where {' '.join([spacing, *map(str, ends)])}"
            f" says {places[k]:.6g}: its spacing is irregular"
        )
