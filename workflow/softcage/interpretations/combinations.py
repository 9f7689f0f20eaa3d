r"""Score all interpretations of the paper against all of its numbers.

The distance z of an interpretation from a number of the paper is in standard errors, which combine
our error and half of the last digit of the paper's number. An interpretation *gives* a number if
the distance is at most three, as elsewhere (:mod:`softcage.paper.verdicts`), unless its value is
too *vague*: six of its standard errors are wider than the central 90 % of all interpretations.
Interpretations are ranked by their misfit, -2 ln of the likelihood of the paper's numbers, per
number and relative to the errors of the default interpretation,

.. math:: \frac1n \sum_k \left[ z_k^2 + 2 \ln(\sigma_k / \sigma_k^{default}) \right] ,

so that a large error is no advantage. A number for which an interpretation has no value contributes
as much as the largest contribution of all interpretations.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from softcage.interpretations.questions import Option, default_of, distinct
from softcage.paper.claims import NUMBERS
from softcage.paper.verdicts import AGREES_WITHIN, last_digit
from softcage.tables import html_page, plus_minus

Asked = Mapping[str, Sequence[Option]]
NumbersByName = Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class InterpretationScores:
    """Distance of every interpretation from every number of the paper.

    Attributes
    ----------
    claims : list of mappings
        ``id``, ``value``, ``T`` and ``delta`` of the paper's numbers that are scored.
    numbers : (2, n, interpretations, ...) array
        Values and errors.
    sigma : (n, interpretations, ...) array
        Distances in standard errors.
    misfit : (interpretations, ...) array
        Misfit for the ranking; infinite for interpretations that are equivalent to another one.
    given, vague : (n, interpretations, ...) bool array
        Whether an interpretation gives a number, and whether its value is too vague to tell.
    """

    claims: list[Mapping[str, Any]]
    numbers: np.ndarray
    sigma: np.ndarray
    misfit: np.ndarray
    given: np.ndarray
    vague: np.ndarray

    @property
    def counted(self) -> np.ndarray:
        """Whether an interpretation is counted, because it is not equivalent to another one."""
        return np.isfinite(self.misfit)

    @cached_property
    def met(self) -> np.ndarray:
        """How many numbers are given, (interpretations, ...) int; -1 if not counted."""
        return np.where(self.counted, self.given.sum(axis=0), -1)

    @cached_property
    def distance(self) -> np.ndarray:
        """Root mean square of the distances that are known, (interpretations, ...)."""
        known = np.isfinite(self.sigma)
        square = np.where(known, self.sigma, 0.0).astype(float) ** 2
        return np.sqrt(square.sum(axis=0) / np.maximum(known.sum(axis=0), 1))

    def rank(self, place: tuple[int, ...]) -> int:
        """Return the rank of an interpretation; 1 is the nearest."""
        return int((self.misfit < self.misfit[place]).sum()) + 1

    def nearest(self, most: int = 1) -> list[tuple[int, ...]]:
        """Return the indices of the ``most`` nearest interpretations."""
        flat = np.argsort(self.misfit, axis=None, kind="stable")[: min(most, self.counted.sum())]
        return [_place(k, self.misfit.shape) for k in flat]

    def richest(self) -> tuple[int, ...]:
        """Return the index of the nearest among the interpretations that give most numbers."""
        best = np.where(self.met == self.met.max(), self.misfit, np.inf)
        return _place(int(best.argmin()), best.shape)


def _place(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the index of an interpretation from its flat index."""
    return tuple(int(k) for k in np.unravel_index(flat, shape))


def _at(values: np.ndarray, *index: Any) -> Any:
    """Return ``values[index]``, for indices that contain unpacked tuples."""
    return values[index]


def number_of(
    claim: Mapping[str, Any],
    asked: Asked,
    measured: NumbersByName,
    temperatures: Sequence[float],
    p_c: np.ndarray,
) -> np.ndarray | None:
    """Return value and error of a number of the paper, (2, interpretations, ...).

    None if no interpretation has a value.

    Parameters
    ----------
    claim : mapping
        Entry of the key ``claims`` of a configuration.
    asked, measured
        Questions with their answers, and the numbers that
        :func:`softcage.interpretations.questions.measure` returns.
    temperatures : sequence of float
    p_c : (2, n_T, thresholds) array
        Values and errors from :func:`softcage.interpretations.questions.claimed_p_c`.
    """
    name, T = claim["id"], claim.get("T")
    at = [k for k, known in enumerate(temperatures) if T is not None and np.isclose(known, T)]
    if T is not None and not at:
        return None
    deltas = list(asked).index("delta")
    if name == "p_c":
        shape = [2, *[1] * (len(asked) - 1), p_c.shape[2]]
        return np.broadcast_to(p_c[:, at[0]].reshape(shape), measured["auc"].shape)
    if name in ("onset_softness", "onset_depth", "barrier_low", "barrier_high"):
        names = {"onset_softness": "T_cross", "onset_depth": "T_cross_depth"}
        return measured[names.get(name, name)]
    if name == "softness_high_all":
        soft = measured["soft"]
        top = np.nan_to_num(soft[:1], nan=-np.inf).argmax(axis=1, keepdims=True)
        return np.take_along_axis(soft, np.broadcast_to(top, (2, *top.shape[1:])), axis=1)[:, 0]
    columns = {"soft_share": "share", "soft_share_delta": "share", "shallow_share": "shallow"}
    columns |= {"softness_low": "hard", "softness_high": "soft"}
    if name not in columns:
        return None
    number = measured[columns[name]][:, at[0]]
    if "delta" not in claim:
        return number
    width = [k for k, d in enumerate(asked["delta"]) if np.isclose(d.value, claim["delta"])]
    if not width:
        return None
    return np.broadcast_to(number.take(width, axis=1 + deltas), number.shape)


def score_interpretations(
    claims: Sequence[Mapping[str, Any]],
    asked: Asked,
    measured: NumbersByName,
    temperatures: Sequence[float],
    p_c: np.ndarray,
) -> InterpretationScores:
    """Score every interpretation against the paper.

    The arguments are those of :func:`number_of`, but for the list of ``claims``.
    """
    scored = []
    for claim in claims:
        number = number_of(claim, asked, measured, temperatures, p_c)
        # numbers that no interpretation has, such as those of other temperatures, are not scored
        if number is not None and np.isfinite(number[0]).any():
            scored.append((claim, number))
    single, default = distinct(asked), default_of(asked)
    shape = (len(scored), *single.shape)
    numbers = np.stack([n for _, n in scored], axis=1) if scored else np.zeros((2, *shape))
    sigma, misfit = np.empty(shape, np.float32), np.zeros(single.shape)
    given, vague = np.zeros((2, *shape), dtype=bool)
    for k, (claim, (value, error)) in enumerate(scored):
        total = np.hypot(np.nan_to_num(error), last_digit(claim["value"]) / math.sqrt(3))
        z = (value - claim["value"]) / total
        low, high = np.nanquantile(value[single], [0.05, 0.95])
        known = np.isfinite(z)
        default_error = total[default]
        contribution = np.where(known, z**2 + 2 * np.log(total / default_error), -np.inf)
        misfit += np.where(known, contribution, contribution[single].max()) / len(scored)
        vague[k] = known & (2 * AGREES_WITHIN * total > high - low)
        sigma[k], given[k] = z, known & (np.abs(z) <= AGREES_WITHIN) & ~vague[k]
    misfit = np.where(single & bool(scored), misfit, np.inf)
    return InterpretationScores([c for c, _ in scored], numbers, sigma, misfit, given, vague)


# ---------------------------------------------------------------- tables
def _label(claim: Mapping[str, Any]) -> str:
    """Return the name of the column of a claim: its id, temperature and delta."""
    parts = [f"{key} {claim[key]:g}" for key in ("T", "delta") if key in claim]
    return " ".join([claim["id"], *parts])


def words_of(claim: Mapping[str, Any]) -> str:
    """Return the name of a claim for pages."""
    parts = [f"{key} = {claim[key]:g}" for key in ("T", "delta") if key in claim]
    return ", ".join([NUMBERS[claim["id"]].words, *parts])


def best_table(asked: Asked, scores: InterpretationScores, most: int = 20) -> pd.DataFrame:
    """Return the nearest interpretations, the one that gives most numbers, and the default one.

    The columns are ``rank``; the answer to each question; ``default``; ``misfit``; ``distance``
    (root mean square); how many numbers are ``given``, ``vague`` and scored (``of``); and each
    number with its error.
    """
    rows, table = scores.nearest(most), []
    others = [scores.richest(), default_of(asked)] if rows else [default_of(asked)]
    rows += [place for place in others if place not in rows]
    for place in rows:
        row: dict[str, Any] = {"rank": scores.rank(place)}
        row |= {q: answers[k].name for (q, answers), k in zip(asked.items(), place, strict=True)}
        row |= {"default": "default" if place == default_of(asked) else ""}
        row |= {"misfit": scores.misfit[place], "distance": scores.distance[place]}
        row |= {"given": scores.met[place], "vague": _at(scores.vague, slice(None), *place).sum()}
        row |= {"of": len(scores.claims)}
        for k, claim in enumerate(scores.claims):
            value, error = _at(scores.numbers, slice(None), k, *place)
            row |= {_label(claim): value, f"{_label(claim)} error": error}
        table.append(row)
    return pd.DataFrame(table)


QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
NUMBER_COLUMNS = (
    *("id", "T", "delta", "quantity", "paper"),
    *(f"{name}{end}" for name in ("default", "best") for end in ("", "_error", "_sigma", "_given")),
    *(f"q{100 * p:g}" for p in QUANTILES),
    "given_by",
)


def numbers_table(asked: Asked, scores: InterpretationScores) -> pd.DataFrame:
    """Return one row per number: paper, default, nearest interpretation, quantiles of all."""
    counted, rows = scores.counted, []
    default = default_of(asked)
    best = (scores.nearest() or [default])[0]
    for k, claim in enumerate(scores.claims):
        values = scores.numbers[0, k][counted]
        values = values[np.isfinite(values)]
        row = {"id": claim["id"], "T": claim.get("T"), "delta": claim.get("delta")}
        row |= {"quantity": NUMBERS[claim["id"]].words, "paper": claim["value"]}
        for name, place in (("default", default), ("best", best)):
            row[name], row[f"{name}_error"] = _at(scores.numbers, slice(None), k, *place)
            row[f"{name}_sigma"] = _at(scores.sigma, k, *place)
            row[f"{name}_given"] = int(_at(scores.given, k, *place))
        quantiles = np.quantile(values, QUANTILES) if len(values) else [np.nan] * len(QUANTILES)
        row |= {f"q{100 * p:g}": v for p, v in zip(QUANTILES, quantiles, strict=True)}
        rows.append(row | {"given_by": scores.given[k][counted].mean()})
    return pd.DataFrame(rows, columns=list(NUMBER_COLUMNS))


def given_table(scores: InterpretationScores) -> pd.DataFrame:
    """Return the count of ``interpretations`` for each count of numbers that are ``given``."""
    n = np.bincount(scores.met[scores.counted], minlength=len(scores.claims) + 1)
    return pd.DataFrame({"given": np.arange(len(n)), "interpretations": n})


def options_table(asked: Asked, scores: InterpretationScores) -> pd.DataFrame:
    """Return one row per answer: least and median misfit, and the most numbers that are given."""
    rows = []
    for axis, (question, answers) in enumerate(asked.items()):
        for k, option in enumerate(answers):
            part = scores.misfit.take(k, axis=axis)
            part = part[np.isfinite(part)]
            row = {"question": question, "answer": option.name}
            if len(part):
                row |= {"least misfit": part.min(), "median misfit": np.median(part)}
                row |= {"most given": scores.met.take(k, axis=axis).max()}
            rows.append(row)
    return pd.DataFrame(rows)


# ---------------------------------------------------------------- in words
def verdict_in_words(
    asked: Asked,
    scores: InterpretationScores,
    numbers: pd.DataFrame,
    too_short: Sequence[float] = (),
) -> list[str]:
    """Return sentences that say whether an interpretation gives the numbers of the paper.

    ``numbers`` is from :func:`numbers_table`; ``too_short`` are the temperatures whose runs are not
    equilibrated.
    """
    n, total = len(scores.claims), int(scores.counted.sum())
    if not n or not total:
        return [
            "This study has no number of the paper against which interpretations can be scored."
        ]
    most, default, best = int(scores.met.max()), default_of(asked), scores.nearest()[0]
    whole, vague = int((scores.met == n).sum()), int(_at(scores.vague, slice(None), *best).sum())
    lines = [
        f"{whole or 'None'} of the {total} interpretations give{'s' if whole < 2 else ''} all {n} "
        f"numbers within {AGREES_WITHIN} standard errors. The best gives {most}, that of the study "
        f"{scores.met[default]}.",
        f"The nearest gives {scores.met[best]}; {vague} more are too vague to tell. Its root mean "
        f"square distance is {scores.distance[best]:.1f} standard errors, that of the study's "
        f"interpretation {scores.distance[default]:.1f} (rank {scores.rank(default)}). It "
        f"differs from that of the study in {_differences(asked, best) or 'nothing'}.",
    ]
    if (richest := scores.richest()) != best:
        lines.append(
            f"The nearest of those that give {most} differs from that of the study in "
            f"{_differences(asked, richest) or 'nothing'}."
        )
    never = numbers[numbers["given_by"] == 0]
    if len(never):
        names = "; ".join(words_of(scores.claims[k]) for k in never.index)
        lines.append(f"No interpretation gives: {names}.")
    elif not whole:
        lines.append(
            "Each number is given by at least one interpretation, but none gives them all."
        )
    if too_short:
        short = ", ".join(f"{T:g}" for T in too_short)
        lines.append(f"This means little, because the runs are too short at T = {short}.")
    return lines


def _differences(asked: Asked, place: tuple[int, ...]) -> str:
    """Return the answers in which an interpretation differs from the default one."""
    pairs = zip(asked.items(), place, default_of(asked), strict=True)
    return "; ".join(
        f"{q}: {answers[k].name}" for (q, answers), k, default in pairs if k != default
    )


def combinations_page(
    best: pd.DataFrame,
    numbers: pd.DataFrame,
    options: pd.DataFrame,
    words: str,
    study: str,
) -> str:
    """Return the verdict and the tables as an HTML page."""
    shown = numbers[["quantity", "T", "delta", "paper"]].copy()
    for name, heading in (
        ("default", "this study's interpretation"),
        ("best", "nearest interpretation"),
    ):
        pairs = numbers[[name, f"{name}_error"]].to_numpy()
        shown[heading] = [plus_minus(*pair) for pair in pairs]
    shown["all interpretations, 5 % to 95 % quantiles"] = [
        f"{low:.3g} to {high:.3g}" for low, high in numbers[["q5", "q95"]].to_numpy()
    ]
    shown["given by (% of all interpretations)"] = [
        f"{100 * share:.2g}" for share in numbers["given_by"]
    ]
    nearest = best[[c for c in best if not str(c).endswith(" error")]]
    tables = {"Numbers": shown, "The nearest interpretations": nearest, "Each answer": options}
    introduction = f"Study {study}.\n\n{words}"
    return html_page(
        tables, "Is there an interpretation that gives all numbers of the paper?", introduction
    )
