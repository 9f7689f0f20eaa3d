"""Configurations of one liquid, ready for descriptors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from softcage.cage.calibration import read_line
from softcage.defaults import DELTA, DELTA_VALUES
from softcage.descriptors.frame import Liquid, Snapshot, liquid_of_frames, liquid_of_line
from softcage.descriptors.table import Descriptor, all_values, descriptors, further_descriptors
from softcage.io.progress import Progress
from softcage.isoconfigurational.files import Configuration
from softcage.model import Mixture
from softcage.ranking.features import Described

Values = list[np.ndarray]  # one array for each configuration


def liquid_of_configurations(
    configurations: Sequence[Configuration],
    mixture: Mixture,
    temperature: float,
) -> Liquid:
    """Return a liquid with the g(r), r0 and r_min of the configurations themselves.

    Raises
    ------
    ValueError
        If box or composition differ between configurations.
    """
    check_one_liquid(configurations)
    first = configurations[0]
    ordered = [c.positions[np.argsort(c.species, kind="stable")] for c in configurations]
    return liquid_of_frames(ordered, np.sort(first.species), first.box, mixture, temperature)


def liquid_of_calibration(
    calibration: str | Path,
    configurations: Sequence[Configuration],
    mixture: Mixture,
    temperature: float,
) -> tuple[Liquid, str]:
    """Return a liquid with the line of a calibration, and the first shell from the best source.

    See :func:`softcage.descriptors.frame.liquid_of_line`; what it measures is measured in the
    configurations.

    Parameters
    ----------
    calibration : path
        See :func:`softcage.cage.calibration.read_line`.
    configurations : sequence of Configuration
    mixture : Mixture
    temperature : float

    Returns
    -------
    liquid : Liquid
    source : str
        Description of where r0 and r_min come from.

    Raises
    ------
    ValueError
        If box or composition differ between configurations, if the calibration is for another
        mixture, density or composition, or if its line rises.
    """
    check_one_liquid(configurations)
    line, first = read_line(calibration), configurations[0]
    liquid, source = liquid_of_line(
        line,
        lambda: liquid_of_configurations(configurations, mixture, temperature),
        first.species,
        first.box,
        mixture,
        temperature,
    )
    measured = "g(r) of the configurations"
    if source.startswith(line.path):  # of one species only
        source = f"{source}; others: {measured}"
    return liquid, source or measured


def check_one_liquid(configurations: Sequence[Configuration]) -> None:
    """Refuse configurations that differ in box or composition.

    Raises
    ------
    ValueError
        If two configurations differ; the message names them.
    """
    first = configurations[0]
    for other in configurations[1:]:
        if not np.isclose(other.box, first.box, rtol=1e-3) or not np.array_equal(
            np.sort(other.species), np.sort(first.species)
        ):
            raise ValueError(
                f"{first.name} and {other.name} differ in box or composition: give only files of "
                "the same liquid"
            )


def describe(
    configurations: Sequence[Configuration],
    liquid: Liquid,
    deltas: Sequence[float] = DELTA_VALUES,
    delta: float = DELTA,
) -> list[Described]:
    """Prepare configurations for descriptors.

    Averaged positions are used only if all configurations have them.

    Parameters
    ----------
    configurations : sequence of Configuration
    liquid : Liquid
    deltas, delta : float
        Widths of the Gaussians (:func:`softcage.descriptors.table.descriptors`).
    """
    known = descriptors(liquid.mixture.species, deltas, delta)
    further = further_descriptors(liquid.mixture.species)
    averaged = all(c.averaged is not None for c in configurations)
    return [
        Described(
            Snapshot(c.positions, c.species, c.box, liquid, c.averaged if averaged else None),
            known,
            further,
        )
        for c in configurations
    ]


def descriptor_values(
    described: Sequence[Described],
    chosen: Mapping[str, Descriptor],
    lengths: Sequence[float],
    wanted: Sequence[str] | None = None,
) -> dict[tuple[str, str, float], Values]:
    """Evaluate descriptors, bare and averaged over A particles, from the wanted positions.

    Returns
    -------
    dict
        Values of the A particles of each configuration, by (name, positions, length); length 0 is
        the bare descriptor.
    """
    evaluated: dict[tuple[str, str, float], Values] = {}
    progress = Progress(len(described), "configurations")
    for number, d in enumerate(described):
        progress.update(number, "descriptors")
        for key, values in all_values(d.frame, chosen, lengths, wanted, d.values).items():
            evaluated.setdefault(key, []).append(values)
    return evaluated
