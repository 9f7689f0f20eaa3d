"""Tables as CSV files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from softcage.io.atomic_file import replacing


def write_table(path: str | Path, table: pd.DataFrame, digits: int | None = 6) -> None:
    """Write a table as CSV, complete or not at all, with so many digits; None: with all."""
    form = None if digits is None else f"%.{digits}g"
    with replacing(path) as temporary:
        table.to_csv(temporary, index=False, float_format=form)
