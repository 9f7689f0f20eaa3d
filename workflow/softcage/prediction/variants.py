r"""What the paper leaves open: weights of the pairs, and the numbers that each reading gives.

Eq. 5 is a sum over pairs of species, :math:`-\beta\Phi = \sum_v w_v D_v` with a weight
:math:`w_v` and the term of the neighbours v alone,

.. math:: D_v = \rho \int_{r_{0,v}}^{r_{min,v}} 4 \pi r^2 C_v(r) g_v(r) dr .

The terms are computed once; every choice of weights is then a linear combination. Only g itself,
with or without :math:`1/x_v` in Eq. 8, enters through the logarithm of Eq. 6 and needs its own
terms.
"""

from __future__ import annotations

import numpy as np

from softcage.cage.calibration import softness_from_depth
from softcage.cage.local_depth import local_depth
from softcage.cage.mean_field import depth_r
from softcage.prediction.arrhenius import crossing_temperature, fit, log_weights
from softcage.prediction.counts import (
    bin_edges,
    block_counts,
    coarse,
    fine_edges,
    fine_index,
    rearranging_fraction,
    summarise,
)
from softcage.statistics import block_slices, bootstrap

#: Weight of a pair of species u, v in Eq. 5.
WEIGHTS = {
    "sqrt(x_u x_v)": lambda x_u, x_v: np.sqrt(x_u * x_v),
    "x_u x_v": lambda x_u, x_v: x_u * x_v,
    "1": lambda x_u, x_v: np.ones_like(x_u * x_v),
}


def weight_matrix(name, fractions):
    """Weights of all pairs of species by a rule of :data:`WEIGHTS`, (n_species, n_species)."""
    x = np.asarray(fractions, dtype=float)
    return WEIGHTS[name](x[:, None], x[None, :])


def mean_terms(r, g, potential, temperature, density, r0, r_min):
    """Terms D_uv of the average liquid for every pair of species, weight 1.

    Parameters
    ----------
    r, g, potential, temperature, density, r0, r_min
        As :func:`softcage.cage.mean_field.depth_r`, the radii for every pair.

    Returns
    -------
    (n_species, n_species) array
        Times the weights, a row adds up to :func:`softcage.cage.mean_field.depth_r`.
    """
    n = len(g)
    terms = np.empty((n, n))
    for v in range(n):
        alone = np.zeros_like(g)
        alone[:, v] = g[:, v]
        for u in range(n):
            terms[u, v] = depth_r(
                r, alone, potential, temperature, density, np.ones(n), r0, r_min, tagged=u
            )
    return terms


def local_terms(
    positions,
    species,
    box,
    *,
    potential,
    temperature,
    r0,
    r_min,
    delta,
    tagged=0,
    per_fraction=True,
):
    """Terms D_v of every particle of one species in one frame, weight 1.

    Parameters
    ----------
    positions, species, box, potential, temperature, r0, r_min, delta, tagged
        As :func:`softcage.cage.local_depth.local_depth`.
    per_fraction : bool
        Whether g of Eq. 8 is divided by the fraction of the neighbours' species (as Eq. B2 asks
        for); False: as Eq. 8 is printed.

    Returns
    -------
    (n_tagged, n_species) array
        Times the weights, a row adds up to :func:`softcage.cage.local_depth.local_depth`.
    """
    positions, species = np.asarray(positions), np.asarray(species)
    r0, r_min = np.asarray(r0, dtype=float), np.asarray(r_min, dtype=float)
    counts = np.bincount(species, minlength=len(r0))
    x = counts / len(species) if per_fraction else np.ones(len(r0))

    def depth(*kept):
        """Depth from the neighbours of these species only; the tagged one is the first."""
        new = np.full(len(r0), -1)
        new[list(kept)] = np.arange(len(kept))
        chosen = new[species] >= 0
        return local_depth(
            positions[chosen],
            new[species[chosen]],
            box,
            potential=lambda u, v, r: potential(kept[u], kept[v], r),
            temperature=temperature,
            r0=r0[list(kept)],
            r_min=r_min[list(kept)],
            delta=delta,
            density=len(species) / box**3,
            fractions=x[list(kept)],
        )

    own = depth(tagged)
    terms = np.empty((len(own), len(r0)))
    for v in range(len(r0)):
        both = own if v == tagged else depth(tagged, v) - own
        terms[:, v] = both / np.sqrt(x[tagged] * x[v])
    return terms


# ---------------------------------------------------------------- from scores to numbers
def scaled_bins(bins, scale):
    """Edges of bins that grow with the scale of the softness: a reading may change its unit."""
    return bin_edges(**{key: scale * value for key, value in bins.items()})


def thinned_counts(softness, moving, edges, n_blocks):
    """Fine counts of all and of rearranging particles in thinned frames of one run.

    Parameters
    ----------
    softness, moving : (k, N) array
        Softness and whether p_hop > p_c, of the same frames.
    edges : (n + 1,) array
    n_blocks : int
        Time blocks; fewer if there are fewer frames.

    Returns
    -------
    (n_blocks, 2, n_fine + 2) int64 array
        As :func:`softcage.prediction.counts.block_counts`.
    """
    rows = np.arange(len(softness))
    blocks = block_slices(len(rows), min(n_blocks, len(rows))) if len(rows) else []
    everyone = np.ones(moving.shape, dtype=bool)
    index = fine_index(softness, edges)
    return block_counts(index, rows, rows, (0, everyone, moving), blocks, len(edges) - 1)


SHARES = ("share_rearranging", "share_all", "auc")


def shares(counts, edges, n_resamples, seed):
    """Shares softer than the peak and AUC with bootstrap errors; NaN without frames."""
    values, errors, _ = bootstrap(
        counts, lambda total: summarise(total, edges)[[2, 1, 3]], n_resamples, seed
    )
    row = dict(zip(SHARES, values, strict=True))
    return row | {f"{name}_error": e for name, e in zip(SHARES, errors, strict=True)}


def arrhenius_numbers(
    temperatures, blocks, minimum_hops, minimum_temperatures, n_resamples, seed, level=0.95
):
    """Crossing temperature and range of the barriers, with bootstrap errors over blocks.

    Parameters
    ----------
    temperatures : (n_T,) array
    blocks : sequence of (n_blocks, 2, n_bins) arrays
        Counts of each temperature, :func:`softcage.prediction.counts.coarse`.
    minimum_hops, minimum_temperatures
        As :func:`softcage.prediction.arrhenius.log_weights`.
    n_resamples, seed : int
    level : float
        Of the interval.

    Returns
    -------
    dict
        ``T_cross``; its ``_error``, half the central 68 % of the resamples that cross (a few far
        ones would carry a standard deviation away), ``T_low``, ``T_high`` (their ``level``
        interval) and ``share_crossing``; ``barrier_low``, ``barrier_high``: the smallest and
        largest barrier of a bin, with the error of the fit in that bin, and ``n_bins``.
    """
    names = ("T_cross", "T_cross_error", "T_low", "T_high", "share_crossing", "barrier_low")
    names += ("barrier_low_error", "barrier_high", "barrier_high_error")
    row = dict.fromkeys(names, float("nan")) | {"n_bins": 0}
    if len(temperatures) < max(2, minimum_temperatures):
        return row
    p_r, errors, samples = zip(
        *(
            bootstrap(counts, rearranging_fraction, n_resamples, seed=[seed, k])
            for k, counts in enumerate(blocks)
        ),
        strict=True,
    )
    p_r, hops = np.array(p_r), np.array([counts[:, 1].sum(axis=0) for counts in blocks])
    weights = log_weights(p_r, np.array(errors), hops, minimum_hops, minimum_temperatures)
    lines = fit(temperatures, p_r, weights)
    row["n_bins"] = int(lines.fitted.sum())
    if not lines.fitted.any():
        return row
    low, high = np.nanargmin(lines.barrier), np.nanargmax(lines.barrier)
    row |= {
        "barrier_low": float(lines.barrier[low]),
        "barrier_low_error": float(lines.barrier_error[low]),
        "barrier_high": float(lines.barrier[high]),
        "barrier_high_error": float(lines.barrier_error[high]),
        "T_cross": crossing_temperature(temperatures, p_r, weights),
    }
    again = [
        crossing_temperature(temperatures, sample, weights)
        for sample in np.array(samples).swapaxes(0, 1)
    ]
    crossing = np.asarray(again)[np.isfinite(again)]
    row["share_crossing"] = len(crossing) / len(again)
    if len(crossing) >= 2:
        edge = 0.5 * (1 - level)
        t_low, below, above, t_high = np.quantile(crossing, [edge, 0.16, 0.84, 1 - edge])
        row |= {
            "T_cross_error": float(0.5 * (above - below)),
            "T_low": float(t_low),
            "T_high": float(t_high),
        }
    return row


def run_counts(runs, line, bins, n_blocks):
    """Fine and coarse counts of all runs of one temperature, and the share without a softness.

    Parameters
    ----------
    runs : sequence of (depth, moving) pairs
        Each (k, N), of one run.
    line : (c0, c1)
        1/S = c0 + c1 beta Phi.
    bins : (n + 1,) array
        Edges of the bins of the softness.
    n_blocks : int
    """
    fine = fine_edges(bins)
    counts, invalid, total = [], 0, 0
    for depth, moving in runs:
        softness = softness_from_depth(depth, *line)
        invalid += int(np.isnan(softness).sum())
        total += softness.size
        counts.append(thinned_counts(softness, moving, fine, n_blocks))
    counts = np.concatenate(counts)
    return counts, coarse(counts), invalid / total if total else float("nan")
