"""The main function of all figure scripts: read tables, write PDF, PNG and the drawn points."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.provenance import configuration_text, short_commit
from softcage.plotting.page import Page
from softcage.plotting.style import save_figure, style


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
