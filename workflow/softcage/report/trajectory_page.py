"""The page of ``softcage report``: what was read, numbers with errors, figures and warnings.

It is one file without scripts: figures are inside as SVG, and the points drawn in them as CSV
behind a link.
"""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from softcage import __version__
from softcage.defaults import ROUTE
from softcage.io.overwriting import REPORT_MARK
from softcage.report.findings import Findings, StatePoint
from softcage.tables import TABLE_STYLE, html_table, plus_minus, select

if TYPE_CHECKING:
    from softcage.plotting.trajectory_figures import DrawnFigure

_STYLE = """
main { max-width: 60rem; margin: 0 auto; }
figure { margin: 1rem 0 2rem; }
figure img { max-width: 100%; height: auto; display: block; }
figcaption { font-size: 14px; margin-top: 0.5rem; }
figcaption p { margin: 0.3rem 0; }
nav li { margin: 0; }
ul.warnings li { margin: 0.3rem 0; }
div.wide { overflow-x: auto; }
.source { color: #555; }
@media print {
  body { font-size: 11pt; margin: 0; }
  figure, table { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  th { position: static; }
  div.wide { overflow-x: visible; }
  nav, a.data { display: none; }
}
"""


# ---------------------------------------------------------------- numbers
def table_of_files(found: Findings) -> pd.DataFrame:
    """Return what was read, in words, with a column for each temperature."""
    rows = list(dict.fromkeys(name for point in found.points for name in point.about))
    columns = {
        _heading(point): [point.about.get(name, "") for name in rows] for point in found.points
    }
    return pd.DataFrame({"": rows} | columns)


def table_of_numbers(found: Findings) -> pd.DataFrame:
    """Return the numbers of each temperature with their standard errors, in words."""
    rows: dict[str, list[str]] = {}
    for point in found.points:
        numbers = _numbers_of(point, found)
        for name in numbers:
            rows.setdefault(name, [""] * len(found.points))
        place = found.points.index(point)
        for name, words in numbers.items():
            rows[name][place] = words
    columns = {
        _heading(point): [words[place] for words in rows.values()]
        for place, point in enumerate(found.points)
    }
    return pd.DataFrame({"": list(rows)} | columns)


def _numbers_of(point: StatePoint, found: Findings) -> dict[str, str]:
    """Return what is known of a temperature."""
    numbers = point.numbers
    words: dict[str, str] = {}

    def add(name: str, value: float, error: float = math.nan, nothing: str = "not known") -> None:
        words[name] = plus_minus(value, error, nothing=nothing)

    if not point.relaxation.empty:
        for name, text in (
            ("tau_alpha", "relaxation time tau_alpha"),
            ("t_star", "time t* of the maximum of alpha_2"),
            ("p_c", "p_c, mean squared displacement at t*"),
            ("diffusion_coefficient", "diffusion coefficient D"),
        ):
            add(text, numbers[name], numbers[f"{name}_error"])
        if found.choices.p_c is not None:
            add("threshold of p_hop, --p-c", found.choices.p_c)
        words["time blocks for errors"] = f"{numbers['blocks']}"
    if not point.cage.empty:
        row = select(point.cage, q_max=found.choices.q_max, route=ROUTE).iloc[0]
        add("depth of the mean cage, from g(r)", row["depth_r"], row["depth_r_error"])
        add("depth of the mean cage, from S(q)", row["depth_q"], row["depth_q_error"])
        stiffness, error = row["inverse_softness"], row["inverse_softness_error"]
        add("1/S of the mean cage", stiffness, error)
        add("softness S of the mean cage", 1 / stiffness, error / stiffness**2)
    if point.scorer is not None:
        for pair, (r0, r_min) in point.scorer.pairs.items():
            words[f"first shell of {pair}: r0 and r_min"] = f"{r0:.4g} and {r_min:.4g}"
    if "summary" in point.tables:
        words |= _predictions(point, found)
    return words


def _predictions(point: StatePoint, found: Findings) -> dict[str, str]:
    """Return the numbers of the distributions, and how well they tell who rearranges."""
    words = {}
    for quantity in dict.fromkeys(("depth", found.quantity)):
        row = select(point.tables["summary"], quantity=quantity, lag="0").iloc[0]
        for name, text in (("mean", f"mean {quantity} of particles"), ("std", "its spread")):
            label = text if name == "mean" else f"standard deviation of the {quantity}"
            words[label] = plus_minus(row[name], row[f"{name}_error"], nothing="not known")
    summary = select(point.tables["summary"], quantity=found.quantity)
    now = select(summary, lag="0").iloc[0]
    if found.quantity == "softness":
        numbers = point.numbers
        words["depths without a softness"] = f"{numbers['n_invalid']} of {numbers['n_values']}"
    if not point.hops:
        return words
    share = 100 * now["n_rearranging"] / now["n_all"] if now["n_all"] else math.nan
    words["share of particles that rearrange, %"] = plus_minus(share, math.nan)
    for name, text in (("all", "all"), ("rearranging", "rearranging")):
        value, error = (100 * now[f"share_{name}{end}"] for end in ("", "_error"))
        words[f"softer than the peak, of {text} particles, %"] = plus_minus(value, error)
    words[f"AUC of the {found.quantity}, same frame"] = _with_error(now, "auc")
    for lag, text in (("ahead", "strictly before the hop"), ("within", "before a hop, all")):
        row = select(summary, lag=lag).iloc[0]
        words[f"AUC of the {found.quantity}, {text}"] = _with_error(row, "auc")
    row = pd.Series(point.numbers)
    words[f"rank correlation of {found.quantity} and p_hop"] = _with_error(row, "spearman")
    return words


def _with_error(row: pd.Series, name: str) -> str:
    return plus_minus(row[name], row[f"{name}_error"], nothing="not known")


def table_of_lines(found: Findings) -> pd.DataFrame | None:
    """Return the lines between depth and softness of several temperatures, or the one that was
    given.
    """
    relations = {
        "a": "1/S against beta Phi from S(q)",
        "b": "beta Phi from S(q) against beta Phi from g(r)",
        "c": "1/S against beta Phi from g(r): the calibration",
    }
    rows = []
    if found.lines is not None:
        for row in select(found.lines, q_max=found.choices.q_max, route=ROUTE).to_dict("records"):
            several = len(found.points) > 2
            rows.append(
                {
                    "line": relations[row["relation"]],
                    "intercept": plus_minus(row["intercept"], row["intercept_error"]),
                    "slope": plus_minus(row["slope"], row["slope_error"]),
                    "R^2": f"{row['r_squared']:.4f}" if several else "two points",
                }
            )
    given = found.choices.line
    if given is not None:
        c0 = plus_minus(given.c0, given.c0_error)
        rows.append({"line": f"used: {given.path}", "intercept": c0, "slope": f"{given.c1:.5g}"})
    return pd.DataFrame(rows).fillna("") if rows else None


def table_of_barriers(found: Findings) -> pd.DataFrame | None:
    """Return the barriers and the crossing of the Arrhenius lines, in words."""
    lines, crossing = found.tables.get("arrhenius"), found.tables.get("crossing")
    if lines is None or crossing is None or lines.empty:
        return None
    row, ordered = crossing.iloc[0], lines.sort_values("bin_center")
    ends = {"lowest": ordered.iloc[0], "highest": ordered.iloc[-1]}
    words = {
        f"barrier at the {which} {found.quantity}, {end['bin_center']:.4g}": _with_error(
            end, "barrier"
        )
        for which, end in ends.items()
    }
    words[f"slope of the barriers against the {found.quantity}"] = _with_error(row, "barrier_slope")
    low, high = row["T_low"], row["T_high"]
    interval = f" (95 % interval {low:.3g} to {high:.3g})" if math.isfinite(low + high) else ""
    cross = row["T_cross"]
    words["temperature at which the lines cross"] = (
        f"{cross:.3g}{interval}" if math.isfinite(cross) else "they do not cross"
    )
    words["bins with a line"] = f"{len(lines)}"
    return pd.DataFrame({"": list(words), "value": list(words.values())})


def _heading(point: StatePoint) -> str:
    return "value" if math.isnan(point.temperature) else f"T = {point.temperature:g}"


# ---------------------------------------------------------------- the page
def trajectory_page(
    found: Findings,
    figures: Sequence[DrawnFigure],
    warnings: Iterable[str],
    command: str,
    title: str,
) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    found : Findings
    figures : sequence of DrawnFigure
    warnings : iterable of str
        Sentences on what is not known, or not certain.
    command : str
        The command line that made the page.
    title : str
    """
    warnings = list(dict.fromkeys(warnings))
    sections = [
        ("files", "What was read", _wide(table_of_files(found))),
        ("warnings", "Warnings", _list(warnings)),
        ("numbers", "Numbers", f"<p>{html.escape(_units(found))}</p>{_tables(found)}"),
    ]
    for number, figure in enumerate(figures, start=1):
        heading = f"Figure {number}: {figure.drawing.title}"
        sections.append((figure.drawing.name, heading, _figure(figure, number)))
    sections.append(("made", "How this page was made", _made(command)))
    contents = "".join(
        f'<li><a href="#{name}">{html.escape(heading)}</a></li>' for name, heading, _ in sections
    )
    body = "\n".join(
        f'<section id="{name}"><h2>{html.escape(heading)}</h2>\n{content}</section>'
        for name, heading, content in sections
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="generator" content="{REPORT_MARK}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{TABLE_STYLE}{_STYLE}</style></head>\n"
        f"<body><main><h1>{html.escape(title)}</h1>\n"
        f'<nav aria-label="Contents"><ul>{contents}</ul></nav>\n{body}\n</main></body></html>\n'
    )


def _units(found: Findings) -> str:
    """Return sentences on units, errors and what the depth is."""
    closure = {
        "hnc": "the hypernetted-chain closure, with the pair potential",
        "pair": "the closure C = g - 1, which needs no pair potential",
    }[found.choices.closure]
    return (
        f"Of the {found.particles}, in reduced units (length sigma, energy epsilon, k_B = "
        "1; times are those of the file); ± is one standard error, from a bootstrap over time "
        f"blocks. The depth of a cage is -beta Phi, in units of k_B T, from {closure}. AUC is the "
        "area under the ROC curve: 0.5 if nothing is predicted, 1 if everything is."
    )


def _tables(found: Findings) -> str:
    more = {
        "Lines between depth and softness": table_of_lines(found),
        "Barriers": table_of_barriers(found),
    }
    parts = [_wide(table_of_numbers(found))]
    parts += [
        f"<h3>{heading}</h3>{_wide(table)}" for heading, table in more.items() if table is not None
    ]
    return "\n".join(parts)


def _wide(table: pd.DataFrame) -> str:
    return f'<div class="wide">{html_table(table)}</div>'


def _list(sentences: Sequence[str]) -> str:
    if not sentences:
        return "<p>None.</p>"
    items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
    return f'<ul class="warnings">{items}</ul>'


def _figure(figure: DrawnFigure, number: int) -> str:
    drawing = figure.drawing
    paragraphs = "".join(f"<p>{html.escape(part)}</p>" for part in drawing.caption.split("\n\n"))
    alt = html.escape(f"Figure {number}, {drawing.title}. {drawing.caption}", quote=True)
    return (
        f'<figure><img alt="{alt}" src="{_inside("image/svg+xml", figure.svg)}">'
        f'<figcaption>{paragraphs}<p class="source">'
        f'<a class="data" download="{drawing.name}.csv" '
        f'href="{_inside("text/csv", figure.csv.encode())}">Points of this figure as CSV</a>. '
        f"{html.escape(drawing.source)}</p></figcaption></figure>"
    )


def _inside(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _made(command: str) -> str:
    return (
        f"<p>softcage {__version__}, with</p><pre><code>{html.escape(command)}</code></pre>"
        "<p>The depth and the softness are those of M. Sharma, M. K. Nandi and S. Maitra "
        "Bhattacharyya, Phys. Rev. E 105, 044604 (2022), whose figures 1 to 7 are drawn here.</p>"
    )
