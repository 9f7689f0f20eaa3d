"""Tables for people: a data frame as one plain HTML page that needs nothing else."""

from __future__ import annotations

import html
import math

import pandas as pd

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff; }
h1 { font-size: 1.3rem; }
p { max-width: 60rem; }
table { border-collapse: collapse; font-size: 14px; }
th, td { padding: 0.35rem 0.7rem; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #444; position: sticky; top: 0; background: #fff; }
td { border-bottom: 1px solid #ddd; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
tr.good td.verdict { color: #14612b; }
tr.bad td.verdict { color: #9c1c1c; }
tr.open td.verdict { color: #6b6b6b; }
"""


def text_of(value, digits=4):
    """Return a cell's text: numbers with ``digits`` significant ones, nothing for NaN and None."""
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def html_page(table, title, introduction="", row_class=None):
    """Return a data frame as a standalone HTML page.

    Parameters
    ----------
    table : DataFrame
        The index is not shown.
    title, introduction : str
        Plain text; the introduction's paragraphs are separated by empty lines.
    row_class : callable, optional
        Maps a row (Series) to ``good``, ``bad``, ``open`` or "", the colour of its ``verdict``.

    Returns
    -------
    str
    """
    head = "".join(f"<th>{html.escape(str(name).replace('_', ' '))}</th>" for name in table.columns)
    body = []
    columns = [table[name].tolist() for name in table.columns]
    for k, values in enumerate(zip(*columns, strict=True)):
        cells = []
        for name, value in zip(table.columns, values, strict=True):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            kind = "verdict" if name == "verdict" else "number" if number else "text"
            cells.append(f'<td class="{kind}">{html.escape(text_of(value))}</td>')
        row = row_class(table.iloc[k]) if row_class else ""
        body.append(f'<tr class="{row}">{"".join(cells)}</tr>')
    paragraphs = "".join(
        f"<p>{html.escape(part)}</p>" for part in introduction.split("\n\n") if part
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{html.escape(title)}</h1>{paragraphs}\n<table><thead><tr>{head}</tr></thead>\n"
        "<tbody>\n" + "\n".join(body) + "\n</tbody></table></body></html>\n"
    )
