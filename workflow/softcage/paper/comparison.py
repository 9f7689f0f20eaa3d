"""Comparison of the claims of the paper with our results: a table with verdicts, and a page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from softcage.paper.claims import NUMBERS, STATEMENTS, Claim, Results
from softcage.paper.verdicts import (
    NOT_APPLICABLE,
    NOT_MEASURABLE,
    holds,
    last_digit,
    verdict,
)
from softcage.tables import html_page, plus_minus, select

_INTRODUCTION = """
Study {study}. Our numbers are given with one standard error, from time blocks or, where it is
larger, from the scatter between replicas. The paper gives no errors, so that distances are in units
of our standard error.

S is the softness of the cage around an A particle (the larger species), -beta Phi its depth in
units of k_B T, and delta the width of the Gaussian that replaces a neighbour. All numbers are in
reduced Lennard-Jones units.

Not measurable at this scale: there is no number, no error, or no clear answer. Too short: the runs
of these temperatures are not equilibrated (see the equilibration table); numbers that depend on the
relaxation have no verdict there.

"""
_INVALID = (
    "{} of {} values of the softness (all T and delta) have 1/S = c0 + c1 beta Phi <= 0; these "
    "particles count as softer than all others."
)


def read_results(
    files: Mapping[str, Any],
    temperatures: Sequence[float],
    deltas: Sequence[float],
    delta: float,
    window: float,
) -> Results:
    """Read the tables of a study.

    Parameters
    ----------
    files : mapping
        Path of each table of :class:`softcage.paper.claims.Results` by its name. ``relaxation`` and
        ``groups`` are lists of paths in the order of ``temperatures``; ``summary`` is a list with
        all ``deltas`` of each temperature.
    temperatures, deltas : sequence of float
    delta, window : float
        The default width and hop window.
    """
    single = (
        *("arrhenius", "crossing", "c_s", "overlap", "propagator", "distributions"),
        *("correlation", "equilibration"),
    )
    relaxation, summary, groups = (
        [pd.read_csv(path) for path in files[name]] for name in ("relaxation", "summary", "groups")
    )
    return Results(
        delta,
        window,
        relaxation={T: table.iloc[0] for T, table in zip(temperatures, relaxation, strict=True)},
        summary=dict(zip(product(temperatures, deltas), summary, strict=True)),
        groups=dict(zip(temperatures, groups, strict=True)),
        **{name: pd.read_csv(files[name]) for name in single},
    )


def compare(
    claims: Sequence[Mapping[str, Any]], results: Results, applicable: bool = True
) -> pd.DataFrame:
    """Return one row for each number of the paper, then one for each statement.

    Parameters
    ----------
    claims : sequence of mappings
        ``id`` (a key of :data:`softcage.paper.claims.NUMBERS`), ``value``, and ``T`` and ``delta``
        where the number belongs to one.
    results : Results
    applicable : bool
        Whether the liquid is that of the paper. Otherwise there are no verdicts on its numbers, but
        still on its statements.

    Returns
    -------
    DataFrame
        Columns id, quantity, T, delta, paper, ours, standard_error, n_sigma, verdict, note.
    """
    numbers = [
        _row(
            NUMBERS[claim["id"]],
            results,
            claim.get("T"),
            claim.get("delta", results.delta),
            claim["value"],
            applicable,
        )
        for claim in claims
    ]
    trends = [
        _row(claim, results, results.lowest if claim.lowest else None, results.delta)
        for claim in STATEMENTS
    ]
    return pd.DataFrame(numbers + trends)


def _row(
    claim: Claim,
    results: Results,
    T: float | None,
    delta: float,
    paper: float | None = None,
    applicable: bool = True,
) -> dict[str, Any]:
    """Return one row of the table; a statement has no number of the paper."""
    place = () if paper is None else (T, delta)
    value, error, note, answer = claim.measure(results, *place)
    used = results.temperatures if T is None else [T]
    short = ", ".join(f"{known:g}" for known in used if known in results.too_short)
    if T is not None and T not in results.relaxation:
        note = "no such temperature in this study"
    elif claim.every_delta and (used[0], delta) not in results.summary:
        note = "no such delta in this study"
    elif short:
        note = "; ".join(filter(None, [note, f"too short: T = {short}"]))
    meaningless = claim.time_scale and short
    if paper is None:
        n_sigma, words = math.nan, holds(None if meaningless else answer)
    elif not applicable or meaningless:
        n_sigma, words = math.nan, NOT_MEASURABLE if applicable else NOT_APPLICABLE
    else:
        n_sigma, words = verdict(paper, value, error, last_digit(paper) if claim.rounded else 0.0)
    return {
        "id": claim.id,
        "quantity": claim.words,
        "T": T,
        "delta": delta if claim.smeared else None,
        "paper": paper,
        "ours": value,
        "standard_error": error,
        "n_sigma": n_sigma,
        "verdict": words,
        "note": note,
    }


def comparison_page(table: pd.DataFrame, results: Results, study: str) -> str:
    """Return the comparison as an HTML page."""
    is_number = table["paper"].notna()
    parts = {"Numbers": table[is_number], "Statements": table[~is_number]}
    shown = {heading: _page_columns(part) for heading, part in parts.items() if len(part)}
    rows = [select(summary, quantity="softness") for summary in results.summary.values()]
    counts = [
        sum(int(row[name].iloc[0]) for row in rows if len(row))
        for name in ("n_invalid", "n_values")
    ]
    introduction = _INTRODUCTION.format(study=study) + _INVALID.format(*counts)
    return html_page(
        shown,
        "Numbers and statements of the paper, compared with ours",
        introduction,
        verdict_colour,
    )


def _page_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of the page; the CSV file has more."""
    shown = table[["quantity", "T", "delta"]].copy()
    if table["paper"].notna().any():
        shown["paper"] = table["paper"]
    pairs = zip(table["ours"], table["standard_error"], strict=True)
    shown["ours"] = [plus_minus(*pair) for pair in pairs]
    if table["n_sigma"].notna().any():
        shown["distance in sigma"] = [
            f"{n:+.1f}" if np.isfinite(n) else "" for n in table["n_sigma"]
        ]
    return shown.assign(verdict=table["verdict"], note=table["note"])


def verdict_colour(row: pd.Series) -> str:
    """Return the CSS class of a row of the page, which sets its colour."""
    if row["verdict"].startswith(("agrees", "holds")):
        return "good"
    return "open" if row["verdict"] in (NOT_MEASURABLE, NOT_APPLICABLE) else "bad"
