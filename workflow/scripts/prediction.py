"""Softness and depth of all particles and of those that rearrange, at one temperature and delta.

In every frame of all replicas, all A particles and the rearranging ones are counted in fine bins of
softness and depth, separately for each time block. Distributions, P_R, the shares on the soft side
of the peak and the ROC AUC are functions of these counts; their errors come from a bootstrap over
blocks.

All hop windows are used for the default delta, and only the default window for the other delta.
``lag`` names the rule that says when the structure is evaluated and which particles count as
rearranging (:func:`softcage.dynamics.labels.labels`); distributions are for lag 0.

Outputs:

- ``distributions.csv``: distributions in bins.
- ``curves.csv``: the same distributions as smooth curves, for the default window.
- ``summary.csv``: ``share_*`` is the share on the soft side of the peak of P over all particles.
  ``n_invalid`` of the ``n_values`` values in ``n_frames`` frames of all replicas have 1/S <= 0 and
  count as softer than all others. ``r0_*`` and ``r_min_*`` are the range of the first shell.
- ``blocks.npz``: ``{quantity}_edges`` and, for each window, ``dt{window}_{quantity}``, the counts
  (blocks, [all, rearranging], bins) that the Arrhenius fits resample; for the default window also
  those of the other lags, ``dt{window}_{quantity}_{lag}``.
"""

import numpy as np
import pandas as pd

from softcage.io.atomic_file import replacing
from softcage.io.csv_table import write_table
from softcage.io.hdf5 import open_hdf5
from softcage.io.log import logged
from softcage.prediction.counts import bin_edges, coarse, count_run, counts_name, fine_edges
from softcage.prediction.distributions import (
    SUMMARY,
    curve_table,
    distribution_table,
    summary_table,
)


def main(snakemake):
    """Count the particles of all replicas and write tables and counts."""
    p, files, output = snakemake.params, snakemake.input, snakemake.output
    with logged(snakemake.log[0]) as log:
        n_blocks = int(pd.read_csv(files.relaxation)["blocks"].iloc[0])
        edges = {"softness": bin_edges(**p.softness_bins), "depth": bin_edges(**p.depth_bins)}
        fine = {quantity: fine_edges(e) for quantity, e in edges.items()}
        runs, shapes, radii = [], [], {}
        for softness, hops in zip(files.softness, files.hops, strict=True):
            with open_hdf5(softness) as scores, open_hdf5(hops) as store:
                runs.append(count_run(scores, store, p.windows, fine, n_blocks))
                shapes.append(scores["uniform/depth"].shape)
                radii = {k: v for k, v in scores.attrs.items() if k.startswith(("r0_", "r_min_"))}
        counts = {key: np.concatenate([run[key] for run, _ in runs]) for key in runs[0][0]}
        invalid = sum(n for _, n in runs)
        n_values, n_frames = sum(f * n for f, n in shapes), sum(f for f, _ in shapes)

        bootstrap = {"resamples": p.resamples, "seed": p.seed, "n_runs": len(runs)}
        summary = summary_table(counts, fine, **bootstrap)
        summary["n_invalid"] = np.where(summary["quantity"] == "softness", invalid, 0)
        summary = summary.assign(n_values=n_values, n_frames=n_frames, **radii)
        arrays = {f"{quantity}_edges": e for quantity, e in edges.items()}
        for (window, lag, quantity), blocks in counts.items():
            if lag == "0" or window == p.windows[0]:
                arrays[counts_name(window, quantity, lag)] = coarse(blocks)
        tables = {
            "distributions": distribution_table(counts, edges, **bootstrap),
            "curves": curve_table(counts, fine, p.windows[0], **bootstrap),
            "summary": summary,
        }
        for name, table in tables.items():
            write_table(output[name], table)
        with replacing(output.blocks) as path:
            np.savez_compressed(path, **arrays)

        columns = ["quantity", "window", "lag", *SUMMARY, "n_all", "n_rearranging"]
        log.info("\n%s", summary[columns].to_string(index=False))
        if summary["n_rearranging"].isna().all():
            log.warning(
                "p_c is not known, so rearrangements are not known: P_R, shares and AUC are empty"
            )
        for window in p.windows:
            if not len(arrays[counts_name(window, "depth")]):
                log.warning("no frames for the hop window %g: the run is shorter than it", window)
        if invalid:
            words = "%d of %d values have 1/S <= 0 and are counted as softer than all others"
            log.warning(words, invalid, n_values)


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
