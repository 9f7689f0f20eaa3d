"""Arrhenius fits of the rearranging fraction over the temperatures, one delta.

For every bin of softness and of depth with enough rearrangements at enough temperatures:
ln P_R = ln P_0 - barrier / T, by weighted least squares; then the one temperature at which the
lines of all bins meet. Errors of P_R come from the blocks of every temperature; the interval of the
crossing and the errors of the trend of the barriers from fits to resampled blocks.

Outputs ``prediction/d{delta}/``: ``arrhenius.csv``; ``arrhenius_points.csv`` (the points of the
default window that were fitted); ``crossing.csv``, also with ``share_crossing`` (of the resamples),
``barrier_slope`` (weighted line through the barriers), ``r_squared`` and
``line_chi2`` (per degree of freedom) of that line and
``collapse_rms`` (root mean square of log10(P_R / P_0) + barrier / (T ln 10), over all points).
"""

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.prediction.arrhenius import (
    crossing_interval,
    crossing_temperature,
    fit,
    log_weights,
    trend_of_barriers,
)
from softcage.prediction.counts import rearranging_fraction
from softcage.statistics import bootstrap

QUANTITIES = ("softness", "depth")


def rearranging_fractions(stores, key, n_resamples, seed):
    """P_R, its error, resamples and the hops of every bin; the first axis is T but for resamples.

    The seed differs between temperatures, whose runs are independent.
    """
    p_r, errors, samples, hops = [], [], [], []
    for k, store in enumerate(stores):
        value, error, sample = bootstrap(
            store[key], rearranging_fraction, n_resamples, seed=[seed, k]
        )
        p_r.append(value)
        errors.append(error)
        samples.append(sample)
        hops.append(store[key][:, 1].sum(axis=0))
    return np.array(p_r), np.array(errors), np.array(samples).swapaxes(0, 1), np.array(hops)


def collapse_rms(temperatures, p_r, weights, lines):
    """Root mean square distance of the points from the common line, in decades."""
    used = weights > 0
    if not used.any():
        return float("nan")
    expected = lines.ln_p0 - lines.barrier / np.asarray(temperatures)[:, None]
    residual = np.log10(p_r[used]) - expected[used] / np.log(10)
    return float(np.sqrt(np.mean(residual**2)))


def trend(temperatures, centers, p_r, samples, weights, lines):
    """Slope of the barriers against the bins, its bootstrap error, r squared and chi2."""
    slope, _, r_squared, chi2 = trend_of_barriers(centers, lines.barrier, lines.barrier_error)
    slopes = []
    for sample in samples:
        again = fit(temperatures, sample, weights)
        # The errors of the original weigh the bins, lest a lucky resample weigh too much.
        slopes.append(trend_of_barriers(centers, again.barrier, lines.barrier_error)[0])
    finite = np.asarray(slopes)[np.isfinite(slopes)]
    error = float(finite.std(ddof=1)) if len(finite) > 1 else float("nan")
    return slope, error, r_squared, chi2


def main(snakemake):
    """Read the blocks of all temperatures, write three tables."""
    p = snakemake.params
    temperatures = np.asarray(p.temperatures, dtype=float)
    with logged(snakemake.log[0]) as log:
        stores = [dict(np.load(path)) for path in snakemake.input.blocks]
        lines_tables, points_tables, crossings = [], [], []
        for window in p.windows:
            for quantity in QUANTITIES:
                key = f"dt{window:g}_{quantity}"
                edges = stores[0][f"{quantity}_edges"]
                centers = 0.5 * (edges[1:] + edges[:-1])
                p_r, error, samples, hops = rearranging_fractions(stores, key, p.resamples, p.seed)
                weights = log_weights(p_r, error, hops, p.minimum_hops, p.arrhenius_temperatures)
                head = {"quantity": quantity, "window": window}
                lines = fit(temperatures, p_r, weights)
                low, high, share = crossing_interval(temperatures, samples, weights)
                slope, slope_error, r_squared, chi2 = trend(
                    temperatures, centers, p_r, samples, weights, lines
                )
                crossings.append(
                    head
                    | {
                        "T_cross": crossing_temperature(temperatures, p_r, weights),
                        "T_low": low,
                        "T_high": high,
                        "share_crossing": share,
                        "n_bins": int(lines.fitted.sum()),
                        "barrier_slope": slope,
                        "barrier_slope_error": slope_error,
                        "r_squared": r_squared,
                        "line_chi2": chi2,
                        "collapse_rms": collapse_rms(temperatures, p_r, weights, lines),
                    }
                )
                columns = {
                    "bin_center": centers,
                    "barrier": lines.barrier,
                    "barrier_error": lines.barrier_error,
                    "ln_p0": lines.ln_p0,
                    "ln_p0_error": lines.ln_p0_error,
                    "n_temperatures": lines.n_temperatures,
                    "chi2": lines.chi2,
                }
                lines_tables.append(pd.DataFrame(head | columns)[lines.fitted])
                if window == p.windows[0]:
                    t, b = np.nonzero((weights > 0) & lines.fitted)
                    points_tables.append(
                        pd.DataFrame(
                            {
                                "quantity": quantity,
                                "bin_center": centers[b],
                                "T": temperatures[t],
                                "p_r": p_r[t, b],
                                "p_r_error": weights[t, b] ** -0.5 * p_r[t, b],
                            }
                        ).sort_values(["bin_center", "T"])
                    )
                if not lines.fitted.any():
                    log.warning(
                        "%s, window %g: no bin has %d hops at %d temperatures",
                        quantity,
                        window,
                        p.minimum_hops,
                        p.arrhenius_temperatures,
                    )
        crossing = pd.DataFrame(crossings)
        for name, table in (
            ("arrhenius", pd.concat(lines_tables)),
            ("points", pd.concat(points_tables)),
            ("crossing", crossing),
        ):
            with replacing(snakemake.output[name]) as path:
                table.to_csv(path, index=False, float_format="%.6g")
        log.info("\n%s", crossing.to_string(index=False))


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
