"""Tables with one row for each frame and particle, written while a trajectory is read.

A table is Parquet or CSV, and contains what it was made with: in Parquet as JSON under the key
``softcage`` of the schema, with n_rows and other counts under ``softcage_counts`` of the file; in
CSV in lines that begin with #.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

TABLE_FORMATS = (".parquet", ".csv")
_CHUNK = 64  # frames in memory
_TYPES = {
    "frame": pa.int32(),
    "time": pa.float64(),
    "particle": pa.int32(),
    "id": pa.int64(),
    "species": pa.string(),
    "rearranging": pa.bool_(),
}


@contextmanager
def table_writer(
    path: str | Path, columns: Sequence[str], about: dict
) -> Iterator[Callable[[dict[str, np.ndarray]], None]]:
    """Yield a function that appends the rows of the next frame.

    Parameters
    ----------
    path : path
        Ends in one of ``TABLE_FORMATS``.
    columns : sequence of str
        Names of the columns; those that are not of a particle's identity are float32.
    about : dict
        The metadata as they are at the end; entries that are added meanwhile are counts.
    """
    path = Path(path)
    if path.suffix == ".csv":
        with open(path, "w") as handle:
            handle.write(",".join(columns) + "\n")

            def append(part: dict[str, np.ndarray]) -> None:
                table = _frame(part)
                if len(table) and np.isfinite(time := part["time"][0]):
                    table["time"] = f"{time:.15g}"  # late times have more digits than scores
                table.to_csv(handle, header=False, index=False, float_format="%.7g")

            yield append
            for key, value in about.items():
                handle.write(f"# {key}: {json.dumps(value)}\n")
        return
    fields = [(name, _TYPES.get(name, pa.float32())) for name in columns]
    known = set(about)  # the schema is written first, counts at the end
    schema = pa.schema(fields, metadata={"softcage": json.dumps(about)})
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        waiting: list[pa.Table] = []

        def flush() -> None:
            if waiting:
                writer.write_table(pa.concat_tables(waiting))
                waiting.clear()

        def write(part: dict[str, np.ndarray]) -> None:
            waiting.append(pa.Table.from_pandas(_frame(part), schema, preserve_index=False))
            if len(waiting) == _CHUNK:
                flush()

        yield write
        flush()
        counts = {key: value for key, value in about.items() if key not in known}
        writer.add_key_value_metadata({"softcage_counts": json.dumps(counts)})


def _frame(part: dict[str, np.ndarray]) -> pd.DataFrame:
    table = pd.DataFrame(part)
    if "rearranging" in table:
        table["rearranging"] = table["rearranging"].astype("boolean")
    return table


def read_metadata(path: str | Path) -> dict:
    """Return the metadata that :func:`table_writer` wrote with a table, Parquet or CSV."""
    path = Path(path)
    if path.suffix == ".csv":
        with open(path) as handle:
            lines = [line[2:].partition(": ") for line in handle if line.startswith("# ")]
        return {key: json.loads(value) for key, _, value in lines}
    metadata = pq.read_metadata(path).metadata
    return json.loads(metadata[b"softcage"]) | json.loads(metadata[b"softcage_counts"])
