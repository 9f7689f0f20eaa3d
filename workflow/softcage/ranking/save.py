"""Tables and figures of an outcome as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from softcage.io.atomic_file import replacing
from softcage.isoconfigurational.files import Configuration
from softcage.isoconfigurational.targets import TARGETS
from softcage.model import Mixture
from softcage.plotting.maps import draw_predicted
from softcage.plotting.predictors import draw, draw_coefficients, draw_lengths, no_predictors
from softcage.plotting.style import save_figure
from softcage.ranking.propensity import Outcome

TABLES = ("scores", "lengths", "coefficients", "importances")
_FIGURES = ("scores", "lengths", "coefficients", "predicted")


def files_of(folder: str | Path) -> list[Path]:
    """Return all files that :func:`save` writes into a folder."""
    kinds = [("csv", TABLES), ("png", _FIGURES), ("pdf", _FIGURES)]
    return [Path(folder) / f"{name}.{kind}" for kind, names in kinds for name in names]


def save(
    folder: str | Path,
    outcome: Outcome,
    configurations: Sequence[Configuration],
    mixture: Mixture,
    dpi: int,
) -> None:
    """Write the tables of an outcome, and its figures as PNG and PDF.

    The map shows the first configuration; where nothing was learned, its figure says so.
    """
    predicted, first = no_predictors(), configurations[0]
    if outcome.predicted:
        predicted = draw_predicted(
            first.positions, first.species, first.box, mixture,
            first.measured["propensity"][-1], outcome.predicted[0], TARGETS["propensity"],
        )  # fmt: skip
    figures = (
        draw(outcome.scores),
        draw_lengths(outcome.lengths, outcome.scores),
        draw_coefficients(outcome.coefficients, outcome.importances),
        predicted,
    )
    for name in TABLES:
        with replacing(Path(folder) / f"{name}.csv") as temporary:
            getattr(outcome, name).to_csv(temporary, index=False, float_format="%.4g")
    for name, figure in zip(_FIGURES, figures, strict=True):
        save_figure(figure, [Path(folder) / f"{name}.{kind}" for kind in ("png", "pdf")], dpi)
