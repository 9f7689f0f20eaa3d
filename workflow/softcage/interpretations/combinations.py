r"""Is there an interpretation of the paper that gives all of its numbers?

Every interpretation is scored against them. Each of its numbers lies so many standard errors from
the paper's; the error is ours together with half of the paper's last digit. An interpretation gives
a number that it meets within three errors, as everywhere (:mod:`softcage.paper.verdicts`), unless
it is too vague to tell: six of its errors are wider than the middle nine tenths of all
interpretations. Interpretations are ranked by their misfit, -2 ln of the likelihood of the paper's
numbers, per number and relative to the errors of the study's own interpretation,

.. math:: \frac1n \sum_k \left[ z_k^2 + 2 \ln(\sigma_k / \sigma_k^{own}) \right] ,

in which a large error is no merit. A number that an interpretation does not give counts as far as
the farthest of all interpretations.
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
    """How far every interpretation is from every number of the paper.

    Attributes
    ----------
    claims : list of mappings
        ``id``, ``value``, ``T`` and ``delta`` of the numbers that interpretations have.
    numbers : (2, n, interpretations, ...) array
        Values and errors.
    sigma : (n, interpretations, ...) array
        Distances in standard errors.
    misfit : (interpretations, ...) array
        What interpretations are ranked by; infinite for interpretations that are others over again.
    given, vague : (n, interpretations, ...) bool array
        Whether a number is met, and whether it is too vague to tell.
    """

    claims: list[Mapping[str, Any]]
    numbers: np.ndarray
    sigma: np.ndarray
    misfit: np.ndarray
    given: np.ndarray
    vague: np.ndarray

    @property
    def counted(self) -> np.ndarray:
        """(interpretations, ...) bool: those that are not others over again."""
        return np.isfinite(self.misfit)

    @cached_property
    def met(self) -> np.ndarray:
        """(interpretations, ...) int: how many numbers are given; -1 of those that do not count."""
        return np.where(self.counted, self.given.sum(axis=0), -1)

    @cached_property
    def distance(self) -> np.ndarray:
        """(interpretations, ...): root mean square of the distances that are known."""
        known = np.isfinite(self.sigma)
        square = np.where(known, self.sigma, 0.0).astype(float) ** 2
        return np.sqrt(square.sum(axis=0) / np.maximum(known.sum(axis=0), 1))

    def rank(self, place: tuple[int, ...]) -> int:
        """Rank of an interpretation, 1 the nearest."""
        return int((self.misfit < self.misfit[place]).sum()) + 1

    def nearest(self, most: int = 1) -> list[tuple[int, ...]]:
        """Places of the nearest interpretations."""
        flat = np.argsort(self.misfit, axis=None, kind="stable")[: min(most, self.counted.sum())]
        return [_place(k, self.misfit.shape) for k in flat]

    def richest(self) -> tuple[int, ...]:
        """Place of the nearest of those that give most numbers."""
        best = np.where(self.met == self.met.max(), self.misfit, np.inf)
        return _place(int(best.argmin()), best.shape)


def _place(flat: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(k) for k in np.unravel_index(flat, shape))


def _at(values: np.ndarray, *index: Any) -> Any:
    return values[index]


def number_of(
    claim: Mapping[str, Any],
    asked: Asked,
    measured: NumbersByName,
    temperatures: Sequence[float],
    p_c: np.ndarray,
) -> np.ndarray | None:
    """Return a number of the paper as every interpretation has it, (2, interpretations, ...).

    None if no interpretation has it.

    Parameters
    ----------
    claim : mapping
        Entry of the key ``claims`` of a configuration.
    asked, measured
        Of :mod:`softcage.interpretations.questions`.
    temperatures : sequence of float
    p_c : (2, n_T, thresholds) array
        With errors.
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
    """Score every interpretation against the paper; the arguments are those of
    :func:`number_of`.
    """
    found = []
    for claim in claims:
        number = number_of(claim, asked, measured, temperatures, p_c)
        # one that no interpretation has, such as one of another temperature, asks nothing
        if number is not None and np.isfinite(number[0]).any():
            found.append((claim, number))
    single, default = distinct(asked), default_of(asked)
    shape = (len(found), *single.shape)
    numbers = np.stack([n for _, n in found], axis=1) if found else np.zeros((2, *shape))
    sigma, misfit = np.empty(shape, np.float32), np.zeros(single.shape)
    given, vague = np.zeros((2, *shape), dtype=bool)
    for k, (claim, (value, error)) in enumerate(found):
        total = np.hypot(np.nan_to_num(error), last_digit(claim["value"]) / math.sqrt(3))
        z = (value - claim["value"]) / total
        low, high = np.nanquantile(value[single], [0.05, 0.95])
        known = np.isfinite(z)
        own = total[default]
        far = np.where(known, z**2 + 2 * np.log(total / own), -np.inf)
        misfit += np.where(known, far, far[single].max()) / len(found)
        vague[k] = known & (2 * AGREES_WITHIN * total > high - low)
        sigma[k], given[k] = z, known & (np.abs(z) <= AGREES_WITHIN) & ~vague[k]
    misfit = np.where(single & bool(found), misfit, np.inf)
    return InterpretationScores([c for c, _ in found], numbers, sigma, misfit, given, vague)


# ---------------------------------------------------------------- tables
def _label(claim: Mapping[str, Any]) -> str:
    """Name of a claim's column: its id, temperature and delta."""
    parts = [f"{key} {claim[key]:g}" for key in ("T", "delta") if key in claim]
    return " ".join([claim["id"], *parts])


def words_of(claim: Mapping[str, Any]) -> str:
    """Name of a claim for people."""
    parts = [f"{key} = {claim[key]:g}" for key in ("T", "delta") if key in claim]
    return ", ".join([NUMBERS[claim["id"]].words, *parts])


def best_table(asked: Asked, found: InterpretationScores, most: int = 20) -> pd.DataFrame:
    """Return the nearest interpretations, the one that gives most numbers, and that of the study.

    ``rank``; an answer to each question; ``misfit``, ``distance`` (root mean square), how many
    numbers it has ``given``, ``vague``, ``of``; each number and its error.
    """
    rows, table = found.nearest(most), []
    others = [found.richest(), default_of(asked)] if rows else [default_of(asked)]
    rows += [place for place in others if place not in rows]
    for place in rows:
        row: dict[str, Any] = {"rank": found.rank(place)}
        row |= {q: some[k].name for (q, some), k in zip(asked.items(), place, strict=True)}
        row |= {"default": "default" if place == default_of(asked) else ""}
        row |= {"misfit": found.misfit[place], "distance": found.distance[place]}
        row |= {"given": found.met[place], "vague": _at(found.vague, slice(None), *place).sum()}
        row |= {"of": len(found.claims)}
        for k, claim in enumerate(found.claims):
            value, error = _at(found.numbers, slice(None), k, *place)
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


def numbers_table(asked: Asked, found: InterpretationScores) -> pd.DataFrame:
    """Return one row per number: the paper's, ours, the nearest interpretation's, those of all."""
    counted, rows = found.counted, []
    default = default_of(asked)
    best = (found.nearest() or [default])[0]
    for k, claim in enumerate(found.claims):
        values = found.numbers[0, k][counted]
        values = values[np.isfinite(values)]
        row = {"id": claim["id"], "T": claim.get("T"), "delta": claim.get("delta")}
        row |= {"quantity": NUMBERS[claim["id"]].words, "paper": claim["value"]}
        for name, place in (("default", default), ("best", best)):
            row[name], row[f"{name}_error"] = _at(found.numbers, slice(None), k, *place)
            row[f"{name}_sigma"] = _at(found.sigma, k, *place)
            row[f"{name}_given"] = int(_at(found.given, k, *place))
        quantiles = np.quantile(values, QUANTILES) if len(values) else [np.nan] * len(QUANTILES)
        row |= {f"q{100 * p:g}": v for p, v in zip(QUANTILES, quantiles, strict=True)}
        rows.append(row | {"given_by": found.given[k][counted].mean()})
    return pd.DataFrame(rows, columns=list(NUMBER_COLUMNS))


def given_table(found: InterpretationScores) -> pd.DataFrame:
    """Return how many interpretations give so many numbers: ``given``, ``interpretations``."""
    n = np.bincount(found.met[found.counted], minlength=len(found.claims) + 1)
    return pd.DataFrame({"given": np.arange(len(n)), "interpretations": n})


def options_table(asked: Asked, found: InterpretationScores) -> pd.DataFrame:
    """Return, for each answer to each question, the nearest interpretation and the most
    numbers given.
    """
    rows = []
    for axis, (question, some) in enumerate(asked.items()):
        for k, option in enumerate(some):
            part = found.misfit.take(k, axis=axis)
            part = part[np.isfinite(part)]
            row = {"question": question, "answer": option.name}
            if len(part):
                row |= {"least misfit": part.min(), "median misfit": np.median(part)}
                row |= {"most given": found.met.take(k, axis=axis).max()}
            rows.append(row)
    return pd.DataFrame(rows)


# ---------------------------------------------------------------- in words
def verdict_in_words(
    asked: Asked,
    found: InterpretationScores,
    numbers: pd.DataFrame,
    too_short: Sequence[float] = (),
) -> list[str]:
    """Say from the numbers alone whether an interpretation gives what the paper has.

    ``numbers`` is :func:`numbers_table`; ``too_short``: temperatures that are not equilibrated.
    """
    n, total = len(found.claims), int(found.counted.sum())
    if not n or not total:
        return ["This study has no number of the paper to score its interpretations with."]
    most, default, best = int(found.met.max()), default_of(asked), found.nearest()[0]
    whole, vague = int((found.met == n).sum()), int(_at(found.vague, slice(None), *best).sum())
    lines = [
        f"{whole or 'None'} of the {total} interpretations give{'s' if whole < 2 else ''} all {n} "
        f"numbers within {AGREES_WITHIN} standard errors; the most that one gives is {most}, the "
        f"study's own {found.met[default]}.",
        f"The nearest gives {found.met[best]}, {vague} more are too vague to tell; it is "
        f"{found.distance[best]:.1f} standard errors away in the root mean square, the study's own "
        f"{found.distance[default]:.1f} (rank {found.rank(default)}). It "
        f"differs from the study's own in {_differences(asked, best) or 'nothing'}.",
    ]
    if (richest := found.richest()) != best:
        lines.append(
            f"The nearest of those that give {most} differs from the study's own in "
            f"{_differences(asked, richest) or 'nothing'}."
        )
    never = numbers[numbers["given_by"] == 0]
    if len(never):
        names = "; ".join(words_of(found.claims[k]) for k in never.index)
        lines.append(f"No interpretation gives: {names}.")
    elif not whole:
        lines.append(
            "Each number is given by some interpretation, but no interpretation gives them all."
        )
    if too_short:
        short = ", ".join(f"{T:g}" for T in too_short)
        lines.append(f"This says little: the runs are too short at T = {short}.")
    return lines


def _differences(asked: Asked, place: tuple[int, ...]) -> str:
    """Where an interpretation differs from the study's own, in words."""
    pairs = zip(asked.items(), place, default_of(asked), strict=True)
    return "; ".join(f"{q}: {some[k].name}" for (q, some), k, own in pairs if k != own)


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
        ("best", "the nearest interpretation"),
    ):
        pairs = numbers[[name, f"{name}_error"]].to_numpy()
        shown[heading] = [plus_minus(*pair) for pair in pairs]
    shown["all interpretations, 5 % to 95 %"] = [
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
