"""Isoconfigurational files: many runs from one configuration, and the propensity that follows.

The propensity of a particle is its mean displacement ``<|dr|>`` over runs that begin with the same
positions and different velocities (A. Widmer-Cooper, P. Harrowell, H. Fynewever, Phys. Rev. Lett.
93, 135701 (2004)); beside it stands 1 - overlap, the share of runs in which it left its place.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from softcage.defaults import LEAST_DRAWS, OVERLAP_RADIUS
from softcage.isoconfigurational.targets import TARGETS
from softcage.model import Mixture, box_length

_COMPOSITION = 0.005  # how far a fraction may be from that of the mixture
_FILLED = 0.97  # of the box, by the positions along each axis


@dataclass(frozen=True, eq=False)
class Configuration:
    """One configuration and what was measured of its particles of the first species.

    Attributes
    ----------
    name : str
        Of the file.
    positions : (N, 3) array
    species : (N,) int64 array
    box : float
    times : (n_times,) array
        NaN where the file does not say.
    measured : dict of (n_times, n_A) arrays
        Those of :data:`TARGETS` that the file has.
    halves : dict of (2, n_times, n_A) arrays
        The same from either half of the runs; empty if the file has the mean alone.
    draws : int
        Number of runs; 0 if the file does not say.
    averaged : (N, 3) array, optional
        Positions averaged over a short time up to the configuration, if the file has them.
    """

    name: str
    positions: np.ndarray
    species: np.ndarray
    box: float
    times: np.ndarray
    measured: dict[str, np.ndarray]
    halves: dict[str, np.ndarray]
    draws: int
    averaged: np.ndarray | None = None


def read_configuration(path: str | Path, mixture: Mixture, density: float) -> Configuration:
    """Read one npz file.

    Either ``types``, ``initial_positions`` (N, 3) and ``positions`` (runs, N, 3) at one later time,
    not wrapped, as BOTAN and GlassBench have them; or ``types``, ``positions`` (N, 3), ``times``
    and ``propensity`` (times, N), with ``propensity_halves`` (2, times, N), ``left`` (1 - overlap),
    ``left_halves``, ``draws`` and ``averaged`` (N, 3) if they are known, as a study has them.
    ``box`` may be missing: it is that of the density then.

    Parameters
    ----------
    path : path
    mixture : Mixture
        Types are numbers of its species.
    density : float
        Of all particles; a box in the file must be of the same.

    Raises
    ------
    ValueError
        If it is not such a file, or of another mixture or density, or has too few runs.
    """
    path = Path(path)
    content = _content(path)
    isoconfigurational = "initial_positions" in content
    keys = ["types", "positions"] + ([] if isoconfigurational else ["times", "propensity"])
    missing = [key for key in keys if key not in content]
    if missing:
        raise ValueError(
            f"{path}: no array {missing[0]}: needs types, initial_positions and positions of "
            "several runs, or types, positions, times and propensity"
        )
    species = np.asarray(content["types"]).astype(np.int64).ravel()
    start = np.asarray(content["initial_positions" if isoconfigurational else "positions"], float)
    _check_species(path, species, mixture)
    _check_numbers(path, content)
    if start.shape != (len(species), 3):
        raise ValueError(f"{path}: {len(species)} types, but positions of shape {start.shape}")
    box = _box(path, content, start, density)
    own = species == 0
    if not isoconfigurational:
        times, draws = np.asarray(content["times"], float), int(content.get("draws", 0))
        measured: dict[str, np.ndarray] = {}
        halves: dict[str, np.ndarray] = {}
        for target in TARGETS:
            for key, kept in ((target, measured), (f"{target}_halves", halves)):
                if key in content:
                    values = np.atleast_2d(np.asarray(content[key], float))
                    if values.shape[-2:] != (len(times), len(species)):
                        raise ValueError(f"{path}: {key} of shape {values.shape}")
                    kept[target] = values[..., own]
        averaged = content.get("averaged")
        if averaged is not None and averaged.shape != start.shape:
            raise ValueError(f"{path}: averaged of shape {averaged.shape}, not {start.shape}")
        return Configuration(
            path.stem, start, species, box, times, measured, halves, draws, averaged
        )
    final = np.asarray(content["positions"], float)
    if final.ndim != 3 or final.shape[1:] != start.shape:
        raise ValueError(
            f"{path}: positions have shape {final.shape}, expected (runs, {len(species)}, 3)"
        )
    moved = np.sqrt(((final - start)[:, own] ** 2).sum(axis=-1))
    if not np.isfinite(moved).all():
        raise ValueError(f"{path}: positions hold NaN or infinity: the file is damaged")
    time = np.atleast_1d(np.asarray(content.get("time", np.nan), float))[:1]
    of_runs = {"propensity": moved, "left": (moved > OVERLAP_RADIUS).astype(float)}
    measured = {target: values.mean(axis=0)[None] for target, values in of_runs.items()}
    halves = {
        target: np.stack([values[half::2].mean(axis=0)[None] for half in (0, 1)])
        for target, values in of_runs.items()
    }
    return Configuration(path.stem, start, species, box, time, measured, halves, len(final))


def read_configurations(
    paths: list[str] | list[Path], mixture: Mixture, density: float
) -> list[Configuration]:
    """Read several files of one liquid, each given once.

    Raises
    ------
    ValueError
        As :func:`read_configuration`, or if two files hold the same configuration.
    """
    found = [read_configuration(path, mixture, density) for path in paths]
    for k, one in enumerate(found):
        for other in found[:k]:
            if np.array_equal(one.positions, other.positions):
                raise ValueError(f"{one.name} and {other.name} are the same configuration")
    return found


def _content(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path) as archive:
            return {key: archive[key] for key in archive.files}
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, zipfile.BadZipFile, AttributeError, EOFError) as error:
        raise ValueError(f"{path}: is no npz file of arrays") from error


def _check_species(path: Path, species: np.ndarray, mixture: Mixture) -> None:
    n = len(mixture.species)
    if not len(species) or species.min() < 0 or species.max() >= n:
        raise ValueError(
            f"{path}: types are {np.unique(species).tolist()}, but the mixture has {n} species, "
            f"0 to {n - 1}: give --potential the right mixture"
        )
    fractions = np.bincount(species, minlength=n) / len(species)
    if np.abs(fractions - mixture.fractions).max() > _COMPOSITION:
        raise ValueError(
            f"{path}: fractions {fractions.round(4).tolist()} of the species are not those of "
            f"the mixture, {mixture.fractions.tolist()}"
        )


def _check_numbers(path: Path, content: dict[str, np.ndarray]) -> None:
    """Refuse too few runs, if the file says how many, and numbers that are none."""
    of_runs = "initial_positions" in content
    draws = len(np.atleast_1d(content["positions"])) if of_runs else content.get("draws", np.inf)
    if draws < LEAST_DRAWS:
        raise ValueError(
            f"{path}: {int(draws)} runs from the configuration; a propensity needs at least "
            f"{LEAST_DRAWS}"
        )
    for key in ("initial_positions",) if of_runs else ("positions", "averaged", "propensity"):
        if key in content and not np.isfinite(np.asarray(content[key], float)).all():
            raise ValueError(f"{path}: {key} holds NaN or infinity: the file is damaged")


def _box(path: Path, content: dict[str, np.ndarray], start: np.ndarray, density: float) -> float:
    """Return the edge of the box, and check it against density and positions."""
    expected = box_length(len(start), density)
    edges = np.ravel(np.asarray(content.get("box", expected), float))
    if edges.size == 9:
        edges = np.diag(edges.reshape(3, 3))
    box = float(edges[0])
    if np.ptp(edges) > 1e-6 * box:
        raise ValueError(f"{path}: the box {edges.tolist()} is no cube")
    if abs(len(start) / box**3 / density - 1) > 0.01:
        raise ValueError(
            f"{path}: the density is {len(start) / box**3:.4g}, not {density:g}: give --density "
            "if that is meant"
        )
    extent = np.ptp(start, axis=0)
    if extent.max() > box * (1 + 1e-6) or extent.min() < _FILLED * box:
        raise ValueError(
            f"{path}: positions span {extent.round(3).tolist()}, which is not a box of "
            f"{box:.5g} (density {density:g}): give --density, or a file with box"
        )
    return box
