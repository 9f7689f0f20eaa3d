"""Numbers in prose: each must be one of a table, and the list of them says which.

The README says in plain words what came out. ``docs/quoted.yaml`` holds the sections that are
checked and, for each number in them, the fragment of text around it with the number replaced by its
source in braces. A number in those sections that no fragment covers is refused; so is one that is
not its table's, rounded to the digits quoted. The comparison table between two comment lines of the
README is made from ``comparison.csv``, and refused if it is another one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from softcage.tables import plus_minus

TABLE_BEGIN = "<!-- comparison.csv begins: written by `make verify WRITE=1` -->"
TABLE_END = "<!-- comparison.csv ends -->"

# A number that stands for itself: not part of a name, a version, a power or a link.
_NUMBER = (
    r"(?<![\w.^#/])(?<![A-Za-z^]-)[-+\u2212]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w^])(?!\.\d|/[A-Za-z])"
)
_SOURCE = re.compile(r"\{([^{}]+)\}")
# What carries numbers that are no results.
_NOT_PROSE = [
    re.compile(r"```.*?```", re.DOTALL),
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"`[^`\n]*`"),
    re.compile(r"(?<=\])\([^)]*\)"),
    re.compile(r"\b(?:[Ff]igures?|[Ff]igs?\.|Eqs?\.|[Ss]ections?) \d+(?:(?:, | and | to |-)\d+)*"),
]


def numbers_in(text: str) -> list[str]:
    """Return the numbers in a text, as they are written."""
    return [match.group().replace("\u2212", "-") for match in re.finditer(_NUMBER, text)]


def rounds_to(text: str, value: float, relative: float = 0.0) -> bool:
    """Say whether ``value`` (up to a relative slack) rounds to a number as it is written."""
    mantissa, _, exponent = text.lower().partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    return abs(float(text) - value) <= 0.5001 * unit + relative * abs(value)


# ---------------------------------------------------------------- sources
def look_up(source: str, folder: Path, root: Path) -> tuple[float, float]:
    """Return the number that a source names, and the unit to which it is rounded (0: as written).

    ``file | query | expression [| reduction] [to unit]``: the rows of a CSV file (of the study, or
    of the repository) that a pandas query picks (empty: all), an expression of their columns,
    and, of several rows, ``max``, ``min``, ``sum``, ``mean``, ``median`` or ``count``.

    Raises
    ------
    ValueError
        If that is not one number.
    """
    source, _, unit = source.partition(" to ")
    name, query, expression, *reduction = (part.strip() for part in source.split("|"))
    path = next((p for p in (folder / name, root / name) if p.is_file()), None)
    if path is None:
        raise ValueError(f"there is no {name} in {folder} or {root}")
    table = pd.read_csv(path, comment="#")
    rows = table.query(query) if query else table
    values = np.atleast_1d(np.asarray(rows.eval(expression), dtype=float))
    if reduction:
        values = np.atleast_1d(getattr(pd.Series(values), reduction[0])())
    if values.size != 1:
        raise ValueError(f"{name} | {query}: {values.size} rows, one is wanted")
    return float(values[0]), float(unit or 0)


def pattern(fragment: str) -> tuple[re.Pattern, list[str]]:
    """Return the expression that finds a fragment in a text, and its sources."""
    fragment = fragment.strip()
    words, sources = [], _SOURCE.findall(fragment)
    for part in _SOURCE.split(fragment)[::2]:
        pieces = [re.escape(word) for word in part.split()]
        text = r"\s+".join(pieces)
        before = r"\s+" if part[:1].isspace() and pieces else ""
        after = r"\s+" if part[-1:].isspace() else ""
        words.append(before + text + after)
    number = r"([-+\u2212]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)"
    return re.compile(number.join(words)), sources


# ---------------------------------------------------------------- the README
def section(text: str, heading: str) -> tuple[int, int] | None:
    """Return where the section of a heading begins and ends; None if there is none."""
    # a line that begins with # in a fenced block is no heading
    plain = _NOT_PROSE[0].sub(lambda match: " " * len(match.group()), text)
    begin = re.search(rf"^(#+) {re.escape(heading)}$", plain, re.MULTILINE)
    if begin is None:
        return None
    level = len(begin.group(1))
    after = re.compile(rf"^#{{1,{level}}} ", re.MULTILINE).search(plain, begin.end())
    return begin.end(), after.start() if after else len(text)


def blank(text: str, begin: int, end: int) -> str:
    """Return the text with this stretch replaced by spaces, so that places stay."""
    return text[:begin] + re.sub(r"[^\n]", " ", text[begin:end]) + text[end:]


def checked_part(text: str, headings: list[str]) -> str:
    """Return the text with spaces for all but these sections, and for the table in them."""
    places = [place for heading in headings if (place := section(text, heading))]
    part = "".join(
        text[i] if text[i] == "\n" or any(a <= i < b for a, b in places) else " "
        for i in range(len(text))
    )
    if TABLE_BEGIN in part and TABLE_END in part:
        part = blank(part, part.index(TABLE_BEGIN), part.index(TABLE_END))
    return part


def problems(readme: Path, quoted: Path, folder: Path) -> list[str]:
    """Return what the README says that the tables do not, a line each."""
    text = Path(readme).read_text(encoding="utf-8")
    listed = yaml.safe_load(Path(quoted).read_text(encoding="utf-8"))
    return [
        *table_problems(text, Path(folder)),
        *prose_problems(text, listed, Path(folder), Path(readme).resolve().parent),
    ]


def prose_problems(text: str, listed: dict, folder: Path, root: Path) -> Iterator[str]:
    """Check each listed fragment, then look for numbers that none covers."""
    for heading in listed["sections"]:
        if section(text, heading) is None:
            yield f"quoted: the README has no section '{heading}'"
    rest = checked_part(text, listed["sections"])
    uncovered = rest
    for fragment in listed["quotes"] or ():
        expression, sources = pattern(fragment)
        found = list(expression.finditer(rest))
        if not found:
            yield f"quoted: the README does not say '{' '.join(fragment.split())}'"
        for match in found:
            uncovered = blank(uncovered, *match.span())
            for source, number in zip(sources, match.groups(), strict=True):
                yield from number_problems(source, number, folder, root)
    for other in _NOT_PROSE:
        for match in list(other.finditer(uncovered)):
            uncovered = blank(uncovered, *match.span())
    for match in re.finditer(_NUMBER, uncovered):
        line = text.count("\n", 0, match.start()) + 1
        words = " ".join(text[max(match.start() - 40, 0) : match.end() + 25].split())
        yield f"README line {line}: {match.group()} is in no fragment of the list: ... {words} ..."


def number_problems(source: str, text: str, folder: Path, root: Path) -> Iterator[str]:
    """Check one quoted number against its source."""
    try:
        value, unit = look_up(source, folder, root)
    except Exception as error:  # anything that pandas makes of a wrong query is a wrong source
        yield f"quoted: {source}: {error}"
        return
    if not fits(text, value, unit):
        yield f"the README says {text}, {source} is {value:.6g}"


def fits(text: str, value: float, unit: float) -> bool:
    """Say whether a value, rounded to a unit (0: to the digits written), is this number."""
    text = text.replace("\u2212", "-")
    return abs(float(text) - value) <= 0.5001 * unit if unit else rounds_to(text, value)


# ---------------------------------------------------------------- the table
def table_text(folder: Path) -> str:
    """Return the comparison of a study as a Markdown table."""
    lines = ["| quantity | T | paper | ours | verdict |", "|---|---|---|---|---|"]
    for row in pd.read_csv(folder / "comparison.csv").to_dict("records"):
        name = row["quantity"]
        if row["id"] == "soft_share_delta":
            name += f" (delta = {row['delta']:g})"
        cells = [
            name.replace("|", "\\|"),
            f"{row['T']:g}" if np.isfinite(row["T"]) else "all",
            f"{row['paper']:g}" if np.isfinite(row["paper"]) else "states so",
            plus_minus(row["ours"], row["standard_error"]),
            row["verdict"],
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def table_problems(text: str, folder: Path) -> Iterator[str]:
    """Check that the README's table is the one of the study."""
    if TABLE_BEGIN not in text or TABLE_END not in text:
        yield f"the README has no table between '{TABLE_BEGIN}' and '{TABLE_END}'"
        return
    there = text.partition(TABLE_BEGIN)[2].partition(TABLE_END)[0].strip().splitlines()
    wanted = table_text(folder).strip().splitlines()
    for line in there:
        if line not in wanted:
            yield f"the README's table has a line that comparison.csv does not give: {line}"
    for line in wanted:
        if line not in there:
            yield f"the README's table lacks a line of comparison.csv: {line}"
    if sorted(there) == sorted(wanted) and there != wanted:
        yield "the README's table has the lines of comparison.csv in another order"


# ---------------------------------------------------------------- writing
def write(readme: Path, quoted: Path, folder: Path) -> None:
    """Put the numbers of a study into the README: the table, and each fragment that is listed.

    A number keeps its digits after the point and, where it has one, its exponent or its sign.

    Raises
    ------
    ValueError
        If the README has no table, or a source is none.
    """
    text = with_table(readme.read_text(encoding="utf-8"), folder)
    quotes = yaml.safe_load(quoted.read_text(encoding="utf-8"))
    for fragment in quotes["quotes"] or ():
        expression, sources = pattern(fragment)
        values = [look_up(source, folder, readme.resolve().parent) for source in sources]
        found = list(expression.finditer(checked_part(text, quotes["sections"])))
        # from the last number on, so that those before stay where they were found
        for match in reversed(found):
            for k, (value, unit) in reversed(list(enumerate(values, start=1))):
                new = as_written(match[k], value, unit)
                text = text[: match.start(k)] + new + text[match.end(k) :]
    readme.write_text(text, encoding="utf-8")


def as_written(old: str, value: float, unit: float) -> str:
    """Return a number with as many digits as the one that it replaces."""
    if fits(old, value, unit):
        return old
    mantissa, exponent, _ = old.lower().partition("e")
    if unit:
        value = round(value / unit) * unit
    digits = len(mantissa.partition(".")[2])
    sign = "+" if old.startswith("+") else ""
    new = f"{value:{sign}.{digits}{'e' if exponent else 'f'}}"
    return new.replace("-", "\u2212") if old.startswith("\u2212") else new


def with_table(text: str, folder: Path) -> str:
    """Return the README with the comparison of a study between its two comment lines.

    Raises
    ------
    ValueError
        If the README has no such lines.
    """
    before, begin, rest = text.partition(TABLE_BEGIN)
    _, end, after = rest.partition(TABLE_END)
    if not (begin and end):
        raise ValueError(f"the README has no lines '{TABLE_BEGIN}' and '{TABLE_END}'")
    return f"{before}{begin}\n\n{table_text(folder)}\n{end}{after}"
