"""Select rows of tables, format values with errors, and write tables as HTML pages."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

RowClass = Callable[[pd.Series], str]

#: The style of a page with tables.
TABLE_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem; color: #222; background: #fff; }
h1 { font-size: 1.3rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
p { max-width: 60rem; }
table { border-collapse: collapse; font-size: 13px; line-height: 1.4; }
th, td { padding: 0.3rem 0.5rem; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #444; position: sticky; top: 0; background: #fff; }
td { border-bottom: 1px solid #ddd; }
th.number { text-align: right; }
th.wide, td.wide { min-width: 11rem; max-width: 30rem; }
th.verdict { min-width: 7rem; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tr.good td.verdict { color: #14612b; }
tr.bad td.verdict { color: #9c1c1c; }
tr.open td.verdict { color: #6b6b6b; }
"""


def select(table: pd.DataFrame, **values: float | str) -> pd.DataFrame:
    """Return the rows in which every named column has the given value, numbers up to rounding."""
    for column, value in values.items():
        if isinstance(value, str):
            table = table[table[column].astype(str) == value]
        else:
            table = table[np.isclose(pd.to_numeric(table[column], errors="coerce"), value)]
    return table


def text_of(value: object, digits: int = 4) -> str:
    """Return the text of a cell: numbers with ``digits`` significant digits, empty for NaN and
    None.
    """
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def plus_minus(value: float, error: float, digits: int | None = None, nothing: str = "") -> str:
    """Return ``value ± error``; only the value if it has no error, ``nothing`` if it is not finite.

    Both have ``digits`` decimals; by default as many as show two significant digits of the error,
    or three of a value without an error.
    """
    if not math.isfinite(value):
        return nothing
    if digits is not None:
        text = f"{value:.{digits}f}"
        return f"{text} ± {error:.{digits}f}" if math.isfinite(error) else text
    if not (math.isfinite(error) and error > 1e-12 * abs(value)):  # a smaller error is rounding
        return f"{value:.3g}"
    digits = max(0, 1 - math.floor(math.log10(error)))
    if digits > 4:  # too many zeros to read
        power = math.floor(math.log10(abs(value))) if value else 0
        digits = max(0, digits + power)
        return f"({value / 10**power:.{digits}f} ± {error / 10**power:.{digits}f})e{power}"
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    try:
        return math.isfinite(float(str(value).lstrip("(").partition(" ±")[0].rstrip("%")))
    except ValueError:
        return False


def _column_class(name: str, column: list) -> str:
    """Return the class of a column: verdict, number, wide (long texts) or text."""
    if name == "verdict":
        return name
    filled = [value for value in column if text_of(value)]
    if filled and all(map(_is_number, filled)):
        return "number"
    return "wide" if any(len(text_of(value)) > 60 for value in filled) else "text"


def html_table(table: pd.DataFrame, row_class: RowClass | None = None) -> str:
    """Return a data frame as an HTML table, numbers to the right; see :func:`html_page`."""
    columns = [table[name].tolist() for name in table.columns]
    classes = [
        _column_class(name, column) for name, column in zip(table.columns, columns, strict=True)
    ]
    head = "".join(
        f'<th class="{column_class}">{html.escape(str(name).replace("_", " "))}</th>'
        for name, column_class in zip(table.columns, classes, strict=True)
    )
    body = []
    for k, values in enumerate(zip(*columns, strict=True)):
        cells = "".join(
            f'<td class="{column_class}">{html.escape(text_of(value))}</td>'
            for column_class, value in zip(classes, values, strict=True)
        )
        row = row_class(table.iloc[k]) if row_class else ""
        body.append(f'<tr class="{row}">{cells}</tr>')
    lines = "\n".join(body)
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody></table>"


def html_page(
    tables: pd.DataFrame | Mapping[str, pd.DataFrame],
    title: str,
    introduction: str = "",
    row_class: RowClass | None = None,
) -> str:
    """Return data frames as a standalone HTML page.

    Parameters
    ----------
    tables : DataFrame or mapping of heading to DataFrame
        The index is not shown.
    title, introduction : str
        Plain text; the introduction's paragraphs are separated by empty lines.
    row_class : callable, optional
        Maps a row (Series) to ``good``, ``bad``, ``open`` or "", the colour of its ``verdict``.

    Returns
    -------
    str
    """
    if not isinstance(tables, Mapping):
        tables = {"": tables}
    paragraphs = "".join(
        f"<p>{html.escape(part)}</p>" for part in introduction.strip().split("\n\n") if part
    )
    parts = [
        (f"<h2>{html.escape(heading)}</h2>\n" if heading else "") + html_table(table, row_class)
        for heading, table in tables.items()
    ]
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><style>{TABLE_STYLE}</style></head>\n"
        f"<body><h1>{html.escape(title)}</h1>{paragraphs}\n" + "\n".join(parts) + "</body></html>\n"
    )
