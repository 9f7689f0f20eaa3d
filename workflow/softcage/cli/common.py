"""Reading of trajectories that were made elsewhere, for several commands."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from softcage.io.atomic_file import scratch_folder
from softcage.io.external import External, import_trajectory, open_external
from softcage.io.readers import files_of_run
from softcage.io.trajectory import Trajectory
from softcage.model import Composition


def inputs(options: argparse.Namespace, paths: Sequence[str]) -> list[str]:
    """Return all files that a command reads: trajectories, also of patterns, and those beside."""
    beside = (options.top, options.potential, options.diameters)
    files = [file for path in paths for file in files_of_run(path)]
    return files + [path for path in beside if path is not None]


def known_liquid(options: argparse.Namespace, needed: bool) -> Composition | None:
    """Return the mixture of the options; None if none is given and no potential is needed."""
    from softcage.io.mixture import read_mixture

    return None if options.potential is None and not needed else read_mixture(options.potential)


@contextmanager
def imported(
    options: argparse.Namespace,
    path: str | Sequence[str],
    liquid: Composition | None,
    unwrapped: bool | None = None,
    **how: Any,
) -> Iterator[tuple[External, Trajectory]]:
    """Yield an external trajectory, and a copy of its frames in the format of softcage.

    The copy is in a temporary folder beside the output, which is removed in the end.

    Parameters
    ----------
    options : Namespace
        Options of :func:`softcage.cli.options.add_file_options`, and ``out``.
    path : str or sequence of str
        Files; several files are one run.
    liquid : Composition or None
        See :func:`softcage.io.external.open_external`.
    unwrapped : bool, optional
        See :func:`softcage.io.external.open_external`.
    how
        Arguments of :func:`softcage.io.external.import_trajectory`.
    """
    external = open_external(
        path,
        liquid,
        species=options.species,
        topology=options.top,
        length_unit=options.length_unit,
        box=options.box,
        dimension=options.dimension,
        unwrapped=unwrapped,
        whole_frames=options.whole_frames,
        diameters=options.diameters,
        bins=options.bins,
    )
    with scratch_folder(options.out) as folder:
        yield external, import_trajectory(external, folder, external.liquid, **how)
