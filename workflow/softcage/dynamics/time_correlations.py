"""F_s(q, t) and chi_4(t) beside the other averages over all particles; all of them of one run."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import j0

from softcage.defaults import (
    BLOCK_RELAXATION_TIMES,
    BLOCKS,
    OVERLAP_RADIUS,
    RESAMPLES,
    SCATTERING_Q,
)
from softcage.dynamics.relaxation import (
    DISPLACEMENT_MOMENTS,
    RELAXATION_SCALARS,
    displacement_moments,
    displacement_sums,
    overlap,
    relaxation_scalars,
    relaxation_table,
    relaxation_time,
)
from softcage.io.trajectory import Trajectory
from softcage.statistics import bootstrap, count_blocks, merge

CORRELATION_MOMENTS = (*DISPLACEMENT_MOMENTS, "pairs", "overlap_2", "f_s")
#: Time origins in a run. chi_4 is a variance over them, so that it needs many.
ORIGINS = 256
# Sums are kept in so many times more blocks until tau_alpha says how long blocks must be.
_FINER = 8


def self_scattering_terms(distances: np.ndarray, q: float, dimension: int = 3) -> np.ndarray:
    r"""Return :math:`\cos(\mathbf q \cdot \Delta\mathbf r)`, averaged over directions of q.

    .. math:: \frac{\sin(q \Delta r)}{q \Delta r} \quad (d = 3), \qquad
              J_0(q \Delta r) \quad (d = 2)

    Parameters
    ----------
    distances : (n,) array
        Displacements, sigma_AA.
    q : float
        Wave number, 1 / sigma_AA.
    dimension : int
        2 or 3.
    """
    return np.sinc(q * distances / np.pi) if dimension == 3 else j0(q * distances)


def correlation_moments(
    now: np.ndarray, origin: np.ndarray, overlap_radius: float, q: float, dimension: int = 3
) -> tuple[float, ...]:
    r"""Return the CORRELATION_MOMENTS of one pair of frames.

    They are the moments of :func:`softcage.dynamics.relaxation.displacement_moments`, then 1 for
    the pair, the square of its overlap (the share of particles that have not moved), and the sum of
    :func:`self_scattering_terms` over particles.

    Parameters
    ----------
    now, origin : (n, 2 or 3) array
        Unwrapped positions of the same particles at two times.
    overlap_radius : float
        See :func:`softcage.dynamics.relaxation.displacement_moments`.
    q : float
        Wave number, 1 / sigma_AA.
    dimension : int
        2 or 3. In two dimensions a third coordinate is 0.
    """
    moments = displacement_moments(now, origin, overlap_radius)
    distances = np.linalg.norm(now - origin, axis=1)
    terms = self_scattering_terms(distances, q, dimension)
    return *moments, 1.0, (moments[3] / moments[0]) ** 2, float(terms.sum())


def self_scattering(sums: np.ndarray) -> np.ndarray:
    r"""Return the self-intermediate scattering function F_s(q, t) from moments ``sums`` (..., 7).

    .. math:: F_s(q, t) = \frac{1}{N} \sum_i \langle
              e^{i \mathbf q \cdot [\mathbf r_i(t) - \mathbf r_i(0)]} \rangle

    averaged over time origins and over all directions of q.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums[..., 6] / sums[..., 0]


def four_point_susceptibility(sums: np.ndarray) -> np.ndarray:
    r"""Return chi_4(t), the fluctuation of the overlap, from moments ``sums`` (..., 7).

    .. math:: \chi_4(t) = N \left[ \langle q(t)^2 \rangle - \langle q(t) \rangle^2 \right]

    where q(t) is the overlap of one pair of frames, a mean over the N particles of the species, and
    the averages are over time origins. It is a pure number: that of particles that move together,
    apart from a factor of the order of 1. Particles that move independently have
    :math:`p (1 - p)`, where p is the average overlap.

    The value depends on the ensemble of the run. What is conserved (the energy in NVE, the
    composition and the density in NVE and NVT) does not fluctuate, and its part of chi_4 is
    missing (L. Berthier et al., Science 310, 1797 (2005)). The variance over time origins of a run
    of length T is too small, by a share of the order of tau / T, where tau is the time over which
    the overlaps of later origins are still correlated.

    NaN for fewer than two pairs of frames.
    """
    pairs = sums[..., 4]
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = sums[..., 5] / pairs - overlap(sums) ** 2
        # Rounding can make a variance of 0 slightly negative.
        chi = sums[..., 0] / pairs * np.maximum(variance, 0.0)
    return np.where(pairs > 1, chi, np.nan)


def correlations_of_run(
    run: Trajectory,
    tagged: int = 0,
    *,
    q: float = SCATTERING_Q,
    overlap_radius: float = OVERLAP_RADIUS,
    blocks: int = BLOCKS,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return averages over all particles of a species as functions of time, and numbers from them.

    The frames are read once, and memory does not grow with their number.

    Parameters
    ----------
    run : Trajectory
        At least two evenly spaced frames with unwrapped positions.
    tagged : int
        Species of the particles.
    q : float
        Wave number of F_s, 1 / sigma_AA.
    overlap_radius : float
        A particle displaced by at most this distance overlaps with its earlier position, sigma_AA.
    blocks : int
        Largest number of time blocks, for errors. There are fewer, but at least two, if blocks
        would be shorter than BLOCK_RELAXATION_TIMES relaxation times.
    resamples, seed : int
        Resamples of the bootstrap over the blocks, and its seed.

    Returns
    -------
    table : DataFrame
        One row per lag: time, msd, alpha_2, overlap, f_s and chi_4, each with ``_error``, and the
        number of displacements.
    numbers : dict
        Number of particles; tau_alpha, t_star, p_c, diffusion_coefficient and tau_f_s, where
        F_s(q, tau_f_s) = 1/e, each with ``_error`` and NaN if the run does not show it; q and the
        overlap radius; number of blocks and their length in relaxation times.

    Raises
    ------
    ValueError
        If there are fewer than two frames.
    """
    if run.n_frames < 2:
        raise ValueError("the trajectory has one frame, but displacements need at least two")
    dimension = run.dimension
    times, fine = displacement_sums(
        run,
        n_blocks=_FINER * blocks,
        tagged=tagged,
        n_origins=ORIGINS,
        moments=partial(
            correlation_moments, overlap_radius=overlap_radius, q=q, dimension=dimension
        ),
    )
    tau, length = relaxation_time(times, overlap(fine.sum(axis=0))), run.times[-1] - run.times[0]
    n_blocks, _ = count_blocks(length, tau, blocks, BLOCK_RELAXATION_TIMES)
    sums = merge(fine, n_blocks)

    def scalars(total: np.ndarray) -> np.ndarray:
        of_f_s = relaxation_time(times, self_scattering(total))
        return np.array([*relaxation_scalars(times, total, dimension), of_f_s])

    more = {"f_s": self_scattering, "chi_4": four_point_susceptibility}
    table = relaxation_table(times, sums, resamples, seed, dimension=dimension, more=more)
    numbers: dict[str, Any] = {"particles": int(np.count_nonzero(run.species == tagged))}
    value, error, _ = bootstrap(sums, scalars, resamples, seed)
    for k, name in enumerate((*RELAXATION_SCALARS, "tau_f_s")):
        # A resample may have a value where the run has none.
        numbers[name] = value[k]
        numbers[f"{name}_error"] = error[k] if np.isfinite(value[k]) else np.nan
    numbers |= {"q": q, "overlap_radius": overlap_radius, "blocks": n_blocks}
    return table, numbers | {"block_relaxation_times": length / n_blocks / tau}
