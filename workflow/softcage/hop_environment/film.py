"""Slices of a run, frame by frame: softness of the particles and the hops that follow."""

from __future__ import annotations

import h5py
import numpy as np
import pandas as pd

from softcage.io.trajectory import Trajectory
from softcage.model import Mixture
from softcage.structure.rdf import wrap
from softcage.structure.slices import THICKNESS, slice_of

#: Time after a frame in which hops are shown, in tau_alpha, and the largest number of frames.
AHEAD, FRAMES = 0.1, 40


def film_run(
    run: Trajectory,
    mixture: Mixture,
    softness: h5py.Group,
    events: pd.DataFrame,
    hop_times: np.ndarray,
    relaxation_time: float,
) -> dict[str, np.ndarray]:
    """Choose frames of a run, from the first that has a p_hop on, and take a slice of each.

    The film lasts up to one tau_alpha, or longer if frames lie more than tau_alpha / 40 apart. If
    tau_alpha is not known because the run is too short, the length of the run is used instead.

    Parameters
    ----------
    run : Trajectory
    mixture : Mixture
    softness : h5py.Group
        ``softness`` (frames, n_A) and ``frame``, as in the files of a study.
    events : DataFrame
        Rearrangements of the A particles from :func:`softcage.dynamics.labels.events`.
    hop_times : array
        Times at which p_hop is known.
    relaxation_time : float
        tau_alpha; NaN if it is not known.

    Returns
    -------
    dict of arrays
        ``times`` (n_frames,) since the first frame; ``box``, ``thickness`` and ``diameters``
        (n_species,), sigma_AA; ``ahead`` and ``relaxation_time``; ``range``, the central 96 % of
        the softness of all A particles. The particles of all slices are concatenated, with those of
        frame k from ``begins[k]`` to ``begins[k + 1]``: ``x``, ``y``, ``species``, ``softness``
        (NaN for other species) and ``hops``, whether the particle rearranges in the time ``ahead``
        after the frame.
    """
    frames = softness["frame"][:]
    times = run.times[frames]
    interval = np.diff(times).min()
    tau = relaxation_time if np.isfinite(relaxation_time) else times[-1] - times[0]
    ahead = max(AHEAD * tau, interval)
    is_labelled = np.zeros(len(times), bool)
    if len(hop_times):
        is_labelled = (times >= hop_times[0]) & (times + ahead <= hop_times[-1])
    usable = np.flatnonzero(is_labelled) if is_labelled.any() else np.arange(len(times))
    chosen = usable[:: max(1, round(tau / FRAMES / interval))][:FRAMES]
    is_scored = run.species == 0
    scores = softness["softness"][chosen]
    slices = []
    for time, positions, score in zip(times[chosen], run.read(frames[chosen]), scores, strict=True):
        soon = events["peak_time"].between(time, time + ahead, inclusive="right")
        values, hops = np.full(len(is_scored), np.nan), np.zeros(len(is_scored), bool)
        values[is_scored] = score
        hops[np.flatnonzero(is_scored)[events.loc[soon, "particle"].to_numpy()]] = True
        here = slice_of(positions, run.box)
        x, y = wrap(positions[here], run.box)[:, :2].T
        slices.append((x, y, run.species[here], values[here], hops[here]))
    types = {"x": "f4", "y": "f4", "species": "i1", "softness": "f4", "hops": "?"}
    parts = zip(types.items(), zip(*slices, strict=True), strict=True)
    return {
        "times": times[chosen] - times[chosen[0]],
        "box": np.array(run.box),
        "thickness": np.array(THICKNESS),
        "diameters": np.diag(mixture.sigma),
        "ahead": np.array(ahead),
        "relaxation_time": np.array(relaxation_time, float),
        "range": np.nanquantile(scores, [0.02, 0.98]),
        "begins": np.cumsum([0, *(len(x) for x, *_ in slices)]),
        **{name: np.concatenate(arrays).astype(dtype) for (name, dtype), arrays in parts},
    }
