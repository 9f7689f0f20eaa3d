"""The files of a figure: PDF, PNG and the drawn points as CSV, the same bytes every time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from matplotlib.figure import Figure

from softcage.io.atomic_file import replacing
from softcage.io.provenance import commit
from softcage.plotting.points import Points


def made_by(rule: str, config: Mapping) -> str:
    """Return one line that says which rule, study, configuration and commit made a figure."""
    text = json.dumps(config, sort_keys=True, default=str)
    line = f"rule {rule}, study {config.get('study')}, configuration sha256 "
    line += hashlib.sha256(text.encode()).hexdigest()[:12]
    if (found := commit()) is None:
        return line
    head, changed = found
    return f"{line}, commit {head[:12]}{'-dirty' if changed else ''}"


def save(fig: Figure, points: Points, pdf, png, csv, made_by: str = "") -> None:
    """Write a figure as PDF and PNG, and its points as CSV.

    The same figure gives the same bytes: no file holds a time or a version. The CSV file begins
    with comment lines (``#``): what made it and the units of every panel.
    """
    points.complete()
    with replacing(pdf) as path:
        fig.savefig(path, metadata={"Creator": None, "Producer": None, "CreationDate": None})
    with replacing(png) as path:
        fig.savefig(path, metadata={"Software": None})
    lines = [made_by, *points.header()] if made_by else points.header()
    with replacing(csv) as path, open(path, "w", encoding="utf-8", newline="\n") as handle:
        handle.writelines(f"# {line}\n" for line in lines)
        points.table().to_csv(handle, index=False, float_format="%.6g")
