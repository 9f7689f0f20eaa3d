"""Figures as files: those of a study with their drawn points, and those of the commands."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.provenance import configuration_text, short_commit
from softcage.plotting.page import Page
from softcage.plotting.style import COLUMN, save_figure, style

_DPI = 300  # of figures that belong to no study


def draw_figure(snakemake: Any, draw: Callable[..., None]) -> None:
    """Draw the figure of a rule and save it.

    Parameters
    ----------
    snakemake
        The object that Snakemake gives to a script.
    draw : callable
        Called with a :class:`softcage.plotting.page.Page` and, by name, the inputs (as
        :func:`read_table` returns them) and parameters of the rule. ``equilibration``, if it is
        among the inputs, ``temperatures``, ``width`` and ``dpi`` are given to the page instead.
    """
    with logged(snakemake.log[0]):
        inputs = {name: read_table(files) for name, files in snakemake.input.items()}
        params = dict(snakemake.params.items())
        common = {name: params.pop(name) for name in ("width", "dpi", "temperatures")}
        with style():
            page = Page(**common, equilibration=inputs.pop("equilibration", None))
            draw(page, **inputs, **params)
            write_figure(page, made_by(snakemake.rule, snakemake.config), *snakemake.output)


def draw_file(
    folder: str | os.PathLike,
    name: str,
    draw: Callable[[Page], None],
    temperatures: Iterable[float] = (),
    empty: str = "no data",
) -> None:
    """Draw a figure that belongs to no study, and write it as PNG and PDF.

    Parameters
    ----------
    folder : path
    name : str
        Of the files, without suffix.
    draw : callable
        Draws into the page that it is given.
    temperatures : iterable of float
        All that the figure shows (:class:`softcage.plotting.page.Page`).
    empty : str
        What is written into panels without points.
    """
    with style():
        page = Page(COLUMN, _DPI, temperatures)
        draw(page)
        page.complete(empty)
        save_figure(page.fig, [Path(folder) / f"{name}.{kind}" for kind in ("png", "pdf")])


def read_table(files: Any) -> Any:
    """Return the table of a CSV file or the arrays of an npz file; for a list of files, a list."""
    if not isinstance(files, str | os.PathLike):
        return [read_table(path) for path in files]
    if str(files).endswith(".npz"):
        with np.load(files) as store:
            return dict(store)
    return pd.read_csv(files)


def made_by(rule: str, config: Mapping) -> str:
    """Return one line with the rule, study, configuration and commit that made a figure.

    The hash of the configuration is the beginning of the output of ``sha256sum`` for the file
    ``config.yaml`` in the folder of the results.
    """
    digest = hashlib.sha256(configuration_text(config).encode()).hexdigest()
    line = f"rule {rule}, study {config.get('study')}, configuration sha256 {digest[:12]}"
    return f"{line}, commit {short_commit()}"


def write_figure(
    page: Page, made_by: str, pdf: str | os.PathLike, png: str | os.PathLike, csv: str | os.PathLike
) -> None:
    """Write a figure as PDF and PNG, and its points as CSV.

    The CSV file begins with comment lines (``#``): the line of :func:`made_by`, the units of every
    panel, and notes.
    """
    page.complete()
    save_figure(page.fig, [pdf, png])
    with replacing(csv) as path, open(path, "w", encoding="utf-8", newline="\n") as handle:
        handle.writelines(f"# {line}\n" for line in [made_by, *page.header()])
        page.table().to_csv(handle, index=False, float_format="%.6g")
