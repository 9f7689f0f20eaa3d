"""Isoconfigurational files: many runs from one configuration, and the propensity that follows.

The propensity of a particle is its mean displacement ``<|dr|>`` over runs that begin with the same
positions and different velocities (A. Widmer-Cooper, P. Harrowell, H. Fynewever, Phys. Rev. Lett.
93, 135701 (2004)); beside it stands 1 - overlap, the share of runs in which it left its place.
"""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from softcage.box import Box
from softcage.defaults import LEAST_DRAWS, OVERLAP_RADIUS
from softcage.io.plausibility import by_the_box, core, jumping, misplaced
from softcage.isoconfigurational.targets import TARGETS
from softcage.model import Mixture, box_length

log = logging.getLogger(__name__)

_COMPOSITION = 0.005  # how far a fraction may be from that of the mixture
_FILLED = 0.97  # of the box, by the positions along each axis
_ROUNDING = 1e-4  # sigma_AA, between the coordinates of a configuration in two files
_DRIFT = 0.1  # sigma_AA, of the centre of mass, that is more than a rounding
# Of the box: root mean square of displacements along an axis. Of particles that are anywhere in it
# it is 0.29, or 0.41 if they were so before.
_IDEAL = 0.2


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
        Those of the targets in :mod:`softcage.isoconfigurational.targets` that the file has.
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
    species = _species(path, content["types"], mixture)
    start = np.asarray(content["initial_positions" if isoconfigurational else "positions"], float)
    _check_numbers(path, content)
    if start.shape != (len(species), 3):
        raise ValueError(f"{path}: {len(species)} types, but positions of shape {start.shape}")
    box = _box(path, content, start, density)
    if words := misplaced(start, box, core(mixture, density)):
        raise ValueError(f"{path}: the configuration {words}")
    own = species == 0
    if not isoconfigurational:
        times = np.atleast_1d(_floats(path, content, "times"))
        draws = int(_floats(path, content, "draws")) if "draws" in content else 0
        measured: dict[str, np.ndarray] = {}
        halves: dict[str, np.ndarray] = {}
        for target in TARGETS:
            for key, kept in ((target, measured), (f"{target}_halves", halves)):
                if key in content:
                    values = np.atleast_2d(_floats(path, content, key))
                    _check_means(path, key, values)
                    if values.shape[-2:] != (len(times), len(species)):
                        raise ValueError(f"{path}: {key} of shape {values.shape}")
                    kept[target] = values[..., own]
        averaged = content.get("averaged")
        if averaged is not None and averaged.shape != start.shape:
            raise ValueError(f"{path}: averaged of shape {averaged.shape}, not {start.shape}")
        return Configuration(
            path.stem, start, species, box, times, measured, halves, draws, averaged
        )
    final = _floats(path, content, "positions")
    if final.ndim != 3 or final.shape[1:] != start.shape:
        raise ValueError(
            f"{path}: positions have shape {final.shape}, expected (runs, {len(species)}, 3)"
        )
    if not np.isfinite(final).all():
        raise ValueError(f"{path}: positions hold NaN or infinity: the file is damaged")
    steps = _displacements(path, start, final, mixture.masses[species], box)
    moved = np.sqrt((steps[:, own] ** 2).sum(axis=-1))
    time = np.atleast_1d(_floats(path, content, "time"))[:1] if "time" in content else [np.nan]
    time = np.asarray(time, float)
    of_runs = {"propensity": moved, "left": (moved > OVERLAP_RADIUS).astype(float)}
    measured = {target: values.mean(axis=0)[None] for target, values in of_runs.items()}
    halves = {
        target: np.stack([values[half::2].mean(axis=0)[None] for half in (0, 1)])
        for target, values in of_runs.items()
    }
    return Configuration(path.stem, start, species, box, time, measured, halves, len(final))


def read_configurations(
    paths: Sequence[str | Path], mixture: Mixture, density: float, time: float | None = None
) -> list[Configuration]:
    """Read several files of one liquid.

    Files of the same configuration at different times, as GlassBench has them, are one of them.

    Parameters
    ----------
    paths : sequence of path
    mixture, density
        As for :func:`read_configuration`.
    time : float, optional
        That of the displacements in files that do not say it.

    Raises
    ------
    ValueError
        As :func:`read_configuration`, or if two files hold the same configuration at the same time,
        or at a time that they do not say.
    """
    found: list[Configuration] = []
    for path in paths:
        one = read_configuration(path, mixture, density)
        if time is not None:
            one = replace(one, times=np.where(np.isnan(one.times), time, one.times))
        same = (k for k, other in enumerate(found) if _same_positions(one, other))
        if (twin := next(same, None)) is None:
            found.append(one)
        else:
            found[twin] = _joined(found[twin], one)
    return found


def _same_positions(one: Configuration, other: Configuration) -> bool:
    """Return whether two files hold the same configuration, in any image of the box."""
    if not np.array_equal(one.species, other.species) or not np.isclose(one.box, other.box):
        return False
    apart = one.positions - other.positions
    return bool(np.abs(apart - one.box * np.rint(apart / one.box)).max() < _ROUNDING)


def _joined(one: Configuration, other: Configuration) -> Configuration:
    """Return a configuration with the times of two files."""
    times = np.concatenate([one.times, other.times])
    if np.isnan(times).any() or len(np.unique(times)) < len(times):
        raise ValueError(
            f"{one.name} and {other.name} are the same configuration at the same time, or at a "
            "time that they do not say: give each only once"
        )
    order = np.argsort(times)

    def together(field: str) -> dict[str, np.ndarray]:
        ours, theirs = getattr(one, field), getattr(other, field)
        return {
            name: np.concatenate([ours[name], theirs[name]], axis=-2)[..., order, :]
            for name in ours
            if name in theirs
        }

    return replace(
        one,
        times=times[order],
        measured=together("measured"),
        halves=together("halves"),
        draws=min(one.draws, other.draws),
        averaged=one.averaged if other.averaged is None else other.averaged,
    )


def _content(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path) as archive:
            return {key: archive[key] for key in archive.files}
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, zipfile.BadZipFile, AttributeError, EOFError) as error:
        raise ValueError(f"{path}: is no npz file of arrays") from error


def _floats(path: Path, content: dict[str, np.ndarray], key: str) -> np.ndarray:
    """Return an array of the file as numbers."""
    try:
        return np.asarray(content[key], dtype=float)
    except (TypeError, ValueError):
        raise ValueError(
            f"{path}: {key} holds {np.ravel(content[key])[0]!s:.40}: numbers are needed"
        ) from None


def _species(path: Path, types: np.ndarray, mixture: Mixture) -> np.ndarray:
    """Return the species of each particle, (N,) int64, from numbers from 0 on or from names."""
    n, types = len(mixture.species), np.ravel(types)
    if types.dtype.kind in "US" and set(types.astype(str)) <= set(mixture.species):
        species = np.array([mixture.species.index(name) for name in types.astype(str)])
    else:
        try:
            species = types.astype(np.int64)
        except (TypeError, ValueError):
            species = np.full(max(len(types), 1), -1)
    whole = types.dtype.kind in "USO" or np.array_equal(species, types)
    if not len(types) or not whole or species.min() < 0 or species.max() >= n:
        found = np.unique(types.astype(str)).tolist()
        seen = ", ".join(found[:6]) + (", ..." if len(found) > 6 else "")
        from_one = species.min() == 1 and species.max() == n
        hint = "subtract 1 from them" if from_one else "give --potential the right mixture"
        raise ValueError(
            f"{path}: types are {seen}, but the mixture has {n} species, 0 to {n - 1}: {hint}"
        )
    fractions = np.bincount(species, minlength=n) / len(species)
    if np.abs(fractions - mixture.fractions).max() > _COMPOSITION:
        raise ValueError(
            f"{path}: fractions {fractions.round(4).tolist()} of the species are not those of "
            f"the mixture, {mixture.fractions.tolist()}"
        )
    return species.astype(np.int64)


def _displacements(
    path: Path, start: np.ndarray, final: np.ndarray, masses: np.ndarray, box: float
) -> np.ndarray:
    """Return the displacements (runs, N, 3) in all runs, after a look whether they can be such.

    Runs that were never written, that are copies of others, that are wrapped into the box or list
    the particles in another order are refused; a drift of the centre of mass is taken out.
    """
    seen: dict[bytes, int] = {}
    steps = final - start
    for number, run in enumerate(final):
        what = f"{path}: run {number} of positions"
        if not run.any() or np.abs(run).max() > 9e36:  # netCDF's fill value
            raise ValueError(f"{what} was never written: leave it out")
        if not steps[number].any():
            raise ValueError(f"{what} is the configuration itself: leave it out")
        if (twin := seen.setdefault(run.tobytes(), number)) != number:
            raise ValueError(f"{what} is run {twin} once more: each run counts only once")
        if jumps := by_the_box(steps[number] - np.median(steps[number], axis=0), box):
            raise ValueError(
                f"{what} is wrapped into the box: {jumps} particles jump by its edge {box:.4g}; "
                "give unwrapped positions"
            )
    drift = np.einsum("rnd,n->rd", steps, masses / masses.sum())
    if np.abs(drift).max() > _DRIFT:
        log.warning(
            "%s: the centre of mass drifts by up to %.3g in the runs, which is taken out",
            path, np.abs(drift).max(),
        )  # fmt: skip
        steps = steps - drift[:, None]
    for number, step in enumerate(steps):
        if np.sqrt((step**2).mean()) > _IDEAL * box:
            raise ValueError(
                f"{path}: run {number} of positions has displacements as large as the box: its "
                "particles are in another order than those of initial_positions, or wrapped"
            )
        if jump := jumping(step, box):
            raise ValueError(
                f"{path}: in run {number} particle {jump[0]} moves by {jump[1]:.4g} along an axis, "
                f"the box edge is {box:.4g}, and the others move far less: the file is damaged"
            )
    return steps


def _check_means(path: Path, key: str, values: np.ndarray) -> None:
    """Refuse means of distances, or shares, that none can be."""
    if not np.isfinite(values).all():
        raise ValueError(f"{path}: {key} holds NaN or infinity: the file is damaged")
    most = 1.0 if key.startswith("left") else 1e9  # what fill values are beyond
    if values.min() < 0 or values.max() > most:
        raise ValueError(
            f"{path}: {key} goes from {values.min():.4g} to {values.max():.4g}, 0 to {most:.4g} "
            "is possible"
        )
    if key.startswith("propensity") and not values.any():
        raise ValueError(f"{path}: {key} is 0 for all particles: it was never written")


def _check_numbers(path: Path, content: dict[str, np.ndarray]) -> None:
    """Refuse too few runs, if the file says how many, and numbers that are none."""
    of_runs = "initial_positions" in content
    draws = np.inf
    if of_runs:
        draws = len(np.atleast_1d(content["positions"]))
    elif "draws" in content:
        draws = _floats(path, content, "draws").max()
    if draws < LEAST_DRAWS:
        raise ValueError(
            f"{path}: {int(draws)} runs from the configuration; a propensity needs at least "
            f"{LEAST_DRAWS}"
        )
    for key in ("initial_positions",) if of_runs else ("positions", "averaged", "propensity"):
        if key in content and not np.isfinite(_floats(path, content, key)).all():
            raise ValueError(f"{path}: {key} holds NaN or infinity: the file is damaged")


def _box(path: Path, content: dict[str, np.ndarray], start: np.ndarray, density: float) -> float:
    """Return the edge of the box, and check it against density and positions."""
    expected = box_length(len(start), density)
    box = expected
    if "box" in content:
        try:
            box = Box.of(np.squeeze(_floats(path, content, "box"))).edge
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
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
