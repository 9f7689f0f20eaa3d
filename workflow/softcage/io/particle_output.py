"""What was found of every particle in every frame, as a table or as frames, by the file's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from softcage.io.atomic_file import replacing
from softcage.io.particle_table import TABLE_FORMATS, table_writer
from softcage.io.scored_frames import FRAME_FORMATS, writer
from softcage.io.trajectory import Trajectory

#: Suffixes of the files that can be written.
OUTPUT_FORMATS = (*TABLE_FORMATS, *FRAME_FORMATS)


@contextmanager
def particle_writer(
    path: str | Path,
    columns: Sequence[str],
    about: dict[str, Any],
    trajectory: Trajectory,
    names: Sequence[str],
    order: np.ndarray,
    ids: np.ndarray | None = None,
    every: int = 1,
) -> Iterator[Callable[[dict[str, np.ndarray]], None]]:
    """Yield a function that writes the next frame; the file appears when it is complete.

    Parameters
    ----------
    path : path
        Ends in one of :data:`OUTPUT_FORMATS`.
    columns : sequence of str
        Of a table (:func:`softcage.io.particle_table.table_writer`).
    about : dict
        What the columns were made with: the metadata of a table; of frames the numbers in it.
    trajectory, names, order, ids, every
        See :func:`softcage.io.scored_frames.writer`.

    Raises
    ------
    ValueError
        If the suffix is another one.
    """
    path = Path(path)
    if path.suffix not in OUTPUT_FORMATS:
        raise ValueError(f"{path}: give a name that ends in {' or '.join(OUTPUT_FORMATS)}")
    with replacing(path) as temporary:
        if path.suffix in TABLE_FORMATS:
            opened = table_writer(temporary, columns, about)
        else:
            numbers = {key: value for key, value in about.items() if isinstance(value, float)}
            opened = writer(temporary, trajectory, names, order, ids, every, numbers)
        with opened as write:
            yield write
