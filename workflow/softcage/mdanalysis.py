"""An analysis of MDAnalysis: depth and softness of atoms in the frames of a trajectory.

It needs MDAnalysis, the extra ``softcage[mdanalysis]``, and is imported by its own name only.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
from MDAnalysis.analysis.base import AnalysisBase

from softcage.cage.frames import score_frames
from softcage.systems import frame_of


class CageDepth(AnalysisBase):
    """Depth and softness of the cage of each atom, with :func:`softcage.cage.frames.score_frames`.

    Each frame has its own box. The first shell, where no calibration has it, is that of the g(r) of
    all frames of the run. Their positions are therefore kept in memory until its end.

    Parameters
    ----------
    atomgroup : AtomGroup or Universe
        The liquid: other atoms are no neighbours. To score some species of it, use ``of``.
    temperature : float, optional
        In units of epsilon_AA / k_B. The closure ``pair`` does not need it.
    verbose : bool
        Whether to show the progress.
    how
        Further arguments of :func:`softcage.cage.frames.score_frames`, such as ``closure``,
        ``calibration``, ``species`` and ``of``. ``types`` and ``box`` take the place of those of
        the atoms.

    Attributes
    ----------
    results.depth, results.softness : (n_frames, n_atoms) array
        See :class:`softcage.cage.frames.FrameScores`.
    results.r0, results.r_min : (n_species, n_species) array
        The first shell of each pair.

    Examples
    --------
    ::

        cages = CageDepth(universe.atoms, closure="pair").run(step=10)
        cages.results.depth.mean(axis=1)
    """

    def __init__(
        self,
        atomgroup: Any,
        temperature: float | None = None,
        *,
        verbose: bool = False,
        **how: Any,
    ) -> None:
        super().__init__(atomgroup.universe.trajectory, verbose=verbose)
        self.atomgroup = atomgroup.atoms
        self._how = {"temperature": temperature, **how}
        inspect.signature(score_frames).bind(None, **self._how)  # a wrong name before any frame

    def _prepare(self) -> None:
        self._read: list[tuple[np.ndarray, np.ndarray | None, Any]] = []

    def _single_frame(self) -> None:
        self._read.append(frame_of(self.atomgroup))

    def _conclude(self) -> None:
        if not self._read:
            raise ValueError("there are no frames: choose start, stop and step so that some are")
        positions, types, boxes = zip(*self._read, strict=True)
        own = {"types": types[0], "box": None if None in boxes else list(boxes)}
        scores = score_frames(np.stack(positions), **{**own, **self._how})
        self.results.depth, self.results.softness = scores.depth, scores.softness
        self.results.r0, self.results.r_min = scores.r0, scores.r_min
