"""A modifier of OVITO, which OVITO Pro lists as *Cage depth* where softcage is installed.

It needs OVITO, the extra ``softcage[ovito]``, and is imported by its own name only.
"""

from __future__ import annotations

from typing import Any

from ovito.data import DataCollection
from ovito.pipeline import ModifierInterface
from ovito.traits import FilePath
from traits.api import Enum, Float, Str

from softcage.cage.frames import score_frames
from softcage.defaults import DELTA


class CageDepthModifier(ModifierInterface):
    """Write the particle properties ``Cage depth`` and, with a calibration, ``Softness``.

    They are those of :func:`softcage.cage.frames.score_frames`. Without a calibration of this
    temperature the first shell is that of the g(r) of the frame itself.

    Attributes
    ----------
    closure : str
        ``pair``, which needs neither a potential nor a temperature, or ``hnc``, as in the paper,
        for the Kob-Andersen mixture. Its particle types must have the names A and B.
    temperature : float
        In units of epsilon_AA / k_B; 0 if it is not known.
    calibration : str
        Folder of a study or of ``softcage calibrate``, or its ``calibration.csv``.
    species : str
        Names of the particle types to score, separated by commas; by default all. The others are
        neighbours only.
    delta : float
        Width of the Gaussian that smears a neighbour, sigma_AA.
    """

    closure = Enum("pair", "hnc", label="Closure")
    temperature = Float(0.0, label="Temperature (0: not known)")
    calibration = FilePath("", label="Calibration (calibration.csv)")
    species = Str("", label="Only these types (A, B, ...)")
    delta = Float(DELTA, label="Width of a neighbour")

    def modify(self, data: DataCollection, **kwargs: Any) -> None:
        """Compute the properties of one frame."""
        scores = score_frames(
            data,
            temperature=self.temperature or None,
            calibration=self.calibration or None,
            of=[name.strip() for name in self.species.split(",")] if self.species else None,
            delta=self.delta,
            closure=self.closure,
        )
        data.particles_.create_property("Cage depth", data=scores.depth)
        if self.calibration:
            data.particles_.create_property("Softness", data=scores.softness)
