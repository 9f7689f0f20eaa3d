"""What the choices behind S_av change, and what not (Fig. S1).

The paper gives neither its q_max nor the range of its parabola, and 1/S_av depends on both. For
every q_max, route and range the depths of the lowest temperature are turned into softness with that
choice's own line; peak, shares and AUC follow as everywhere. S falls with the depth whatever the
line, so ranks and the AUC must stay the same, while the scale of S and the position of the peak do
not.

Output ``prediction/q_max.csv``, one row a q_max, route, harmonic_range and T:
``inverse_softness``, ``softness`` (S_av) and the line c0, c1; ``peak``, ``share_*``, ``auc``,
``mean_softness``, ``std_softness`` of single particles only in the rows of the lowest T
(``n_invalid`` of ``n_values``: those with 1/S <= 0).
"""

import h5py
import numpy as np
import pandas as pd

from softcage.cage.calibration import softness_from_depth
from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.prediction.counts import (
    SUMMARY,
    bin_edges,
    block_counts,
    fine_edges,
    fine_index,
    labels,
    summarise,
)
from softcage.sampling import evenly_spaced
from softcage.statistics import block_slices, bootstrap

NAMES = [{"mean": "mean_softness", "std": "std_softness"}.get(name, name) for name in SUMMARY]
COLUMNS = [*NAMES, *(f"{name}_error" for name in NAMES)]


def read_run(softness, hops, window, n_frames):
    """Depths (k, N) and p_hop > p_c of evenly spaced frames that have both."""
    with h5py.File(softness) as scores, h5py.File(hops) as store:
        group = store[f"dt{window:g}"]
        frames, i, j = np.intersect1d(
            scores["uniform/frame"][:], group["frame"][:], return_indices=True
        )
        some = evenly_spaced(len(frames), n_frames)
        if not len(some):
            return None
        return (
            scores["uniform/depth"][i[some]],
            group["p_hop"][j[some]] > group.attrs["p_c"],
        )


def local_numbers(runs, c0, c1, edges, n_blocks, n_resamples, seed):
    """The summary of the softness of single particles for one line."""
    fine = fine_edges(edges)
    counts, invalid = [], 0
    for depth, moving in runs:
        softness = softness_from_depth(depth, c0, c1)
        invalid += int(np.isnan(softness).sum())
        rows = np.arange(len(depth))
        blocks = block_slices(len(rows), min(n_blocks, len(rows)))
        index = fine_index(softness, fine)
        counts.append(
            block_counts(index, rows, rows, labels(moving, "0", 0), blocks, len(fine) - 1)
        )
    values, errors, _ = bootstrap(
        np.concatenate(counts), lambda total: summarise(total, fine), n_resamples, seed
    )
    row = dict(zip(COLUMNS, [*values, *errors], strict=True))
    return row | {"n_invalid": invalid, "n_values": sum(depth.size for depth, _ in runs)}


def main(snakemake):
    """Read calibration, depths and hops, write the table."""
    p, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log:
        cage = pd.read_csv(files.cage)
        lines = pd.read_csv(files.calibration).query("relation == 'c'").reset_index(drop=True)
        n_blocks = int(pd.read_csv(files.relaxation)["blocks"].iloc[0])
        runs = [
            run
            for pair in zip(files.softness, files.hops, strict=True)
            if (run := read_run(*pair, p.window, p.frames)) is not None
        ]
        depth = np.mean([depth.mean(dtype=float) for depth, _ in runs]) if runs else np.nan
        lowest, rows = cage["T"].min(), []
        # Softness of the mean depth: the scale of S of each choice.
        typical = 1.0 / (lines["intercept"] - lines["slope"] * depth)
        default = np.isclose(lines["q_max"], p.q_max) & (lines["route"] == p.route)

        for i, own in lines.iterrows():
            # without a softness of the typical particle: the columns, with nothing in them
            local = dict.fromkeys([*COLUMNS, "n_invalid", "n_values"], np.nan)
            if runs and typical[i] > 0 and typical[default].iloc[0] > 0:
                # Bins grow with the scale of S, so that every distribution is as well resolved.
                scale = typical[i] / typical[default].iloc[0]
                edges = bin_edges(**{key: scale * b for key, b in p.softness_bins.items()})
                local = local_numbers(
                    runs, own["intercept"], own["slope"], edges, n_blocks, p.resamples, p.seed
                )
            same = np.isclose(cage["q_max"], own["q_max"]) & (cage["route"] == own["route"])
            same &= np.isclose(cage["harmonic_range"], own["harmonic_range"])
            for row in cage[same].sort_values("T").itertuples():
                softness = 1.0 / row.inverse_softness
                rows.append(
                    {
                        "q_max": row.q_max,
                        "route": row.route,
                        "harmonic_range": row.harmonic_range,
                        "T": row.T,
                        "inverse_softness": row.inverse_softness,
                        "inverse_softness_error": row.inverse_softness_error,
                        "softness": softness,
                        "softness_error": row.inverse_softness_error * softness**2,
                        "c0": own["intercept"],
                        "c0_error": own["intercept_error"],
                        "c1": own["slope"],
                        "c1_error": own["slope_error"],
                        "r_squared": own["r_squared"],
                        "max_relative_deviation": own["max_relative_deviation"],
                        **(local if row.T == lowest else {}),
                    }
                )
        table = pd.DataFrame(rows)
        with replacing(snakemake.output[0]) as path:
            table.to_csv(path, index=False, float_format="%.6g")
        log.info("\n%s", table[table["T"] == lowest].T.to_string())


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
