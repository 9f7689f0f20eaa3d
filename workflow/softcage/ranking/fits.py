r"""Linear fits of the propensity as tables, and what they predict for other frames of the liquid.

A fit predicts the mean displacement of a particle until a time from features of its structure,

.. math:: \langle|\Delta\mathbf{r}|\rangle = a + \sum_k w_k (x_k - \mu_k) / \sigma_k ,

with the mean :math:`\mu_k` and the standard deviation :math:`\sigma_k` of each feature among the
particles that it was fitted to. It holds for one liquid, one density, one temperature and one time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from softcage.cage.calibration import SAME_DENSITY
from softcage.descriptors.frame import Liquid, Snapshot
from softcage.descriptors.table import descriptors, further_descriptors
from softcage.io.particle_table import read_metadata
from softcage.io.progress import Progress
from softcage.io.trajectory import Trajectory
from softcage.model import Mixture
from softcage.ranking.features import Described
from softcage.ranking.learned import FIT_COLUMNS
from softcage.ranking.predictors import LEARNED, learned_features

_SAME = 0.01  # relative difference of temperatures and times that are given in a few digits


@dataclass(frozen=True, eq=False)
class Fit:
    """A fit of the mean displacement of the first species.

    Attributes
    ----------
    name : str
        Learned predictor, a key of :data:`softcage.ranking.predictors.LEARNED`.
    mixture : Mixture
    density, temperature, time : float
        What the fit holds for, and the time of the displacement.
    features : tuple of str
    mean, scale, weight : (n_features,) array
    intercept : float
        Mean displacement of the particles that it was fitted to, sigma_AA.
    residual : float
        Root mean square error in configurations that took no part in the fit, sigma_AA.
    """

    name: str
    mixture: Mixture
    density: float
    temperature: float
    time: float
    features: tuple[str, ...]
    mean: np.ndarray
    scale: np.ndarray
    weight: np.ndarray
    intercept: float
    residual: float

    def predict(self, columns: np.ndarray) -> np.ndarray:
        """Return the predicted mean displacements from features (n, n_features), (n,)."""
        return self.intercept + (columns - self.mean) / self.scale @ self.weight


def read_fit(path: str | Path, name: str, temperature: float, time: float) -> Fit:
    """Read one fit from the tables ``fits.csv`` of ``softcage propensity`` or of a study.

    Parameters
    ----------
    path : path
        The table, its folder, or a folder with folders ``T<temperature>`` that hold one each.
    name : str
        Learned predictor.
    temperature, time : float

    Raises
    ------
    ValueError
        If there is no such table, or no fit for the predictor, the temperature or the time. The
        message lists those that there are.
    """
    path = Path(path)
    inside = [path / "fits.csv", *sorted(path.glob("T*/fits.csv"))]
    files = [path] if path.is_file() else [file for file in inside if file.is_file()]
    if not files:
        raise ValueError(
            f"{path}: has no fits.csv: give the output folder of 'softcage propensity', or the "
            "folder beyond of a study (--fits)"
        )
    tables = [_read_table(file) for file in files]
    whole = pd.concat([table.assign(file=k) for k, table in enumerate(tables)], ignore_index=True)
    whole = whole[whole["target"] == "propensity"]
    for column, wanted, words in (
        ("name", name, "predictor"), ("T", temperature, "temperature"), ("time", time, "time"),
    ):  # fmt: skip
        there = whole[column]
        is_it = there == wanted if column == "name" else np.isclose(there, wanted, rtol=_SAME)
        if not is_it.any():
            known = ", ".join(map(_short, sorted(set(there))))
            raise ValueError(
                f"{path}: has no fit for the {words} {_short(wanted)}; there are: {known}"
            )
        whole = whole[is_it]
    first = whole.loc[[(whole["time"] - time).abs().idxmin()]].to_dict("records")[0]
    fit = whole[(whole["time"] == first["time"]) & (whole["file"] == first["file"])]
    mean, scale, weight = fit[["mean", "scale", "weight"]].to_numpy(dtype=float).T
    return Fit(
        name=name,
        mixture=Mixture.from_dict(read_metadata(files[first["file"]])["mixture"]),
        density=first["density"],
        temperature=first["T"],
        time=first["time"],
        features=tuple(fit["feature"]),
        mean=mean,
        scale=scale,
        weight=weight,
        intercept=first["intercept"],
        residual=first["residual"],
    )


def _short(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _read_table(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, comment="#")
        if {*FIT_COLUMNS, "target", "name", "T", "density", "time"} <= set(
            table
        ) and "mixture" in read_metadata(path):
            return table
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError):
        pass
    raise ValueError(f"{path}: is no table of fits: 'softcage propensity' writes them as fits.csv")


def check_fit(fit: Fit, mixture: Mixture, density: float, species: np.ndarray) -> None:
    """Refuse a fit of another mixture, composition or density than the frames have.

    Parameters
    ----------
    fit : Fit
    mixture : Mixture
        Of the frames.
    density : float
        Number density of all their particles.
    species : (N,) int array

    Raises
    ------
    ValueError
        The message says what differs.
    """
    theirs = fit.mixture
    names = ("sigma", "epsilon", "cutoff", "masses")
    same = theirs.species == mixture.species and theirs.form == mixture.form
    if not (same and all(np.allclose(getattr(theirs, n), getattr(mixture, n)) for n in names)):
        raise ValueError(
            "the fit is of another mixture than the frames: give the --potential that it is of, or "
            "fits of your own (softcage propensity)"
        )
    shares = np.bincount(species, minlength=len(theirs.fractions)) / len(species)
    if np.abs(shares - theirs.fractions).max() > SAME_DENSITY:
        raise ValueError(
            f"the fit is of the composition {theirs.fractions.round(4).tolist()}, the frames have "
            f"{shares.round(4).tolist()}"
        )
    if abs(density / fit.density - 1) > SAME_DENSITY:
        raise ValueError(
            f"the fit is of density {fit.density:.5g}, the frames have {density:.5g}: it holds at "
            "one density only"
        )


def predicted_displacements(fit: Fit, frame: Snapshot) -> np.ndarray:
    """Return the mean displacement that a fit predicts for each A particle of a frame, (n_A,).

    Raises
    ------
    ValueError
        If the features of the fit are not those of its predictor, or cannot be computed.
    """
    names = frame.liquid.mixture.species
    described = Described(frame, descriptors(names), further_descriptors(names))
    if fit.name not in LEARNED:
        raise ValueError(
            f"there is no learned predictor {fit.name}: choose of {', '.join(LEARNED)}"
        )
    features = learned_features(described, fit.name) or []
    if tuple(f.name for f in features) != fit.features:
        raise ValueError(
            f"the fit was made by another version of softcage, in which {fit.name} has other "
            "features: make it again with softcage propensity, and give it as --fits"
        )
    return fit.predict(described.columns(features))


def predicted_columns(ids: bool = False) -> list[str]:
    """Return the columns of :func:`predicted_rows`, with those of ids or not."""
    identity = ["particle", "id"] if ids else ["particle"]
    return ["frame", "time", *identity, "species", "propensity", "propensity_error"]


def predicted_rows(
    trajectory: Trajectory,
    liquid: Liquid,
    fit: Fit,
    every: int,
    particles: np.ndarray,
    ids: np.ndarray | None = None,
) -> Iterator[dict[str, np.ndarray]]:
    """Yield the columns (:func:`predicted_columns`) of each frame, of A particles.

    Parameters
    ----------
    trajectory : Trajectory
    liquid : Liquid
        With its potential and the temperature of the fit.
    fit : Fit
    every : int
        Every n-th frame.
    particles : (N,) array
        Number in the output of each particle.
    ids : (N,) array, optional
        Id of each particle in its file, for the column ``id``.
    """
    own = np.flatnonzero(trajectory.species == 0)
    order = np.argsort(particles[own], kind="stable")
    frames = np.arange(0, trajectory.n_frames, every)
    progress = Progress(len(frames), "frames")
    for done, frame in enumerate(frames.tolist(), start=1):
        positions, box = trajectory.own(frame, trajectory.read([frame])[0])
        snapshot = Snapshot(positions, trajectory.species, box, liquid)
        predicted = predicted_displacements(fit, snapshot)
        progress.update(done, "predicting")
        yield {
            "frame": np.full(len(own), frame, dtype=np.int32),
            "time": np.full(len(own), trajectory.times[frame]),
            "particle": particles[own][order].astype(np.int32),
            **({} if ids is None else {"id": ids[own][order]}),
            "species": np.full(len(own), fit.mixture.species[0], dtype=object),
            "propensity": predicted[order].astype(np.float32),
            "propensity_error": np.full(len(own), fit.residual, dtype=np.float32),
        }
