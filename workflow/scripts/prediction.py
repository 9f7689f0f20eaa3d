"""Softness and depth of all particles and of those that rearrange, at one temperature and delta.

Every particle of every frame is counted in fine bins, of all A particles and of the rearranging
ones, block by block over all replicas; distributions, P_R, the shares on the soft side of the peak
and the ROC AUC are functions of those counts, with a bootstrap over blocks for their errors.

The default delta is done for every hop window, the others for the default window. ``lag`` says when
the structure is looked at (:func:`softcage.prediction.counts.labels`); distributions are of lag 0.

Outputs: ``distributions.csv``; ``summary.csv`` (``share_*``: on the soft side of the peak of P over
all particles; ``n_invalid``: values with 1/S <= 0, softer than all others, of ``n_values`` in
``n_frames`` frames of all replicas; ``r0_*``, ``r_min_*``: range of the first shell);
``blocks.npz``:
``{quantity}_edges`` and, for each window, ``dt{window}_{quantity}``, the counts (blocks, [all,
rearranging], bins) from which the Arrhenius fits resample; for the default window also those of
the other lags, ``dt{window}_{quantity}_{lag}``.
"""

import itertools

import h5py
import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.prediction.counts import (
    LAGS,
    SUMMARY,
    bin_edges,
    block_counts,
    coarse,
    densities,
    fine_edges,
    fine_index,
    labels,
    rearranging_fraction,
    summarise,
)
from softcage.statistics import block_slices, bootstrap

QUANTITIES = ("softness", "depth")


def count_invalid(group, slab=256):
    """Number of particles without a softness in all frames."""
    starts = range(0, len(group["frame"]), slab)
    return sum(int(np.isnan(group["softness"][k : k + slab]).sum()) for k in starts)


def half_window(times, window):
    """Half of a hop window in frames."""
    interval = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else window / 2
    return round(window / 2 / interval)


def labels_of(p_hop, p_c, half, part):
    """Labels for each lag of the frames in the slice ``part``, from all their windows reach."""
    first = max(part.start - max(half, 1), 0)
    moving = p_hop[first : part.stop + 2 * half] > p_c
    here = slice(part.start - first, part.stop - first)
    for lag in LAGS:
        shift, eligible, positive = labels(moving, lag, half)
        yield lag, (shift, eligible[here], positive[here])


def count_replica(scores, hops, windows, edges, n_blocks, slab=128):
    """Counts of one run for each (window, lag, quantity), (blocks, 2, n_fine + 2).

    A slab of frames is in memory at a time, with the frames around it that labels look at.
    """
    group, scored = scores["uniform"], scores["uniform/frame"][:]
    n_fine = {quantity: len(edges[quantity]) - 1 for quantity in QUANTITIES}
    counts = {}
    for window in windows:
        p_hop, p_c = hops[f"dt{window:g}/p_hop"], hops[f"dt{window:g}"].attrs["p_c"]
        frames = hops[f"dt{window:g}/frame"][:]
        half = half_window(hops[f"dt{window:g}/time"][:], window)
        blocks = block_slices(len(frames), min(n_blocks, len(frames))) if len(frames) else []
        for lag, quantity in itertools.product(LAGS, QUANTITIES):
            shape = (len(blocks), 2, n_fine[quantity] + 2)
            counts[window, lag, quantity] = np.zeros(shape, dtype=np.int64)
        for b, begin, end in slabs(blocks, slab):
            # Labels ask for the structure at their own frame or half a window before.
            near = np.searchsorted(scored, [frames[begin] - half, frames[end - 1] + 1])
            rows = slice(*near.tolist())
            bins = {name: fine_index(group[name][rows], edges[name]) for name in QUANTITIES}
            for lag, labelled in labels_of(p_hop, p_c, half, slice(begin, end)):
                for quantity in QUANTITIES:
                    counts[window, lag, quantity][b] += block_counts(
                        bins[quantity],
                        scored[rows],
                        frames[begin:end],
                        labelled,
                        [slice(0, end - begin)],
                        n_fine[quantity],
                    )[0]
    return counts, count_invalid(group)


def slabs(blocks, size):
    """Cut each block (a slice) into pieces of at most ``size``: (block, begin, end)."""
    for b, block in enumerate(blocks):
        for begin in range(block.start, block.stop, size):
            yield b, begin, min(begin + size, block.stop)


def distributions(counts, edges, quantity, window, n_resamples, seed):
    """Table of P, P of the rearranging and P_R in the bins of one quantity and window."""
    width = edges[1] - edges[0]

    def statistic(total):
        return np.vstack([densities(total, width), rearranging_fraction(coarse(total))])

    values, errors, _ = bootstrap(counts, statistic, n_resamples, seed)
    everyone, rearranging = coarse(counts.sum(axis=0))
    return pd.DataFrame(
        {
            "quantity": quantity,
            "window": window,
            "bin_left": edges[:-1],
            "bin_center": 0.5 * (edges[1:] + edges[:-1]),
            "bin_width": width,
            "count_all": everyone,
            "count_rearranging": rearranging,
            "density_all": values[0],
            "density_all_error": errors[0],
            "density_rearranging": values[1],
            "density_rearranging_error": errors[1],
            "p_r": values[2],
            "p_r_error": errors[2],
        }
    )


def summary_row(counts, fine, quantity, window, lag, n_resamples, seed):
    """One row of the summary."""
    soft_is_high = quantity == "softness"

    def statistic(total):
        return summarise(total, fine, soft_is_high)

    values, errors, _ = bootstrap(counts, statistic, n_resamples, seed)
    row = {"quantity": quantity, "window": window, "lag": lag}
    for name, value, error in zip(SUMMARY, values, errors, strict=True):
        row[name] = value
        row[f"{name}_error"] = error
    everyone, rearranging = counts.sum(axis=(0, 2))
    return row | {"n_all": everyone, "n_rearranging": rearranging}


def main(snakemake):
    """Count all replicas, write the three files."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log:
        n_blocks = int(pd.read_csv(files.relaxation)["blocks"].iloc[0])
        edges = {
            "softness": bin_edges(**p.softness_bins),
            "depth": bin_edges(**p.depth_bins),
        }
        fine = {quantity: fine_edges(e) for quantity, e in edges.items()}
        runs, invalid, n_values, n_frames, radii = [], 0, 0, 0, {}
        for softness, hops in zip(files.softness, files.hops, strict=True):
            with h5py.File(softness) as scores, h5py.File(hops) as store:
                counts, n = count_replica(scores, store, p.windows, fine, n_blocks)
                n_frames += scores["uniform/depth"].shape[0]
                n_values += scores["uniform/depth"].size
                radii = {k: v for k, v in scores.attrs.items() if k.startswith(("r0_", "r_min_"))}
            runs.append(counts)
            invalid += n
        tables, rows = [], []
        arrays = {f"{quantity}_edges": e for quantity, e in edges.items()}
        for key in runs[0]:
            window, lag, quantity = key
            counts = np.concatenate([run[key] for run in runs])
            rows.append(
                summary_row(counts, fine[quantity], quantity, window, lag, p.resamples, p.seed)
            )
            if lag == "0":
                tables.append(
                    distributions(counts, edges[quantity], quantity, window, p.resamples, p.seed)
                )
                arrays[f"dt{window:g}_{quantity}"] = coarse(counts)
            elif window == p.windows[0]:
                arrays[f"dt{window:g}_{quantity}_{lag}"] = coarse(counts)
        summary = pd.DataFrame(rows)
        summary["n_invalid"] = np.where(summary["quantity"] == "softness", invalid, 0)
        summary["n_values"], summary["n_frames"] = n_values, n_frames
        for name, value in radii.items():
            summary[name] = value
        with replacing(snakemake.output.distributions) as path:
            pd.concat(tables).to_csv(path, index=False, float_format="%.6g")
        with replacing(snakemake.output.summary) as path:
            summary.to_csv(path, index=False, float_format="%.6g")
        with replacing(snakemake.output.blocks) as path:
            np.savez_compressed(path, **arrays)
        columns = ["quantity", "window", "lag", *SUMMARY, "n_all", "n_rearranging"]
        log.info("\n%s", summary[columns].to_string(index=False))
        for window in p.windows:
            if not len(arrays[f"dt{window:g}_depth"]):
                log.warning("no frames for the window %g: the run is shorter than that", window)
        if invalid:
            log.warning(
                "%d of %d values have 1/S <= 0: counted as softer than all others",
                invalid,
                n_values,
            )


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
