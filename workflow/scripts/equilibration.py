"""Was each run an equilibrated liquid? A row per run: the checks, a verdict and its reasons.

Energies and pressures are per particle and in reduced units, with the standard error over time
blocks. A run is *too short* if its equilibration was shorter than the wanted number of relaxation
times, its energy still drifts or is not the reference's, or its two halves relax differently;
it is *crystallised* if more than a tenth of the A particles are in crystalline order. ``errors``
says where time blocks are so short beside tau_alpha that every error of the run is too small.
"""

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from softcage.io.atomic_file import replacing
from softcage.io.log import logged
from softcage.io.trajectory import open_trajectory
from softcage.model import Mixture
from softcage.paper.verdicts import is_the_papers
from softcage.sampling import evenly_spaced
from softcage.statistics import block_slices, standard_error, weighted_line
from softcage.structure.crystal import solid_fraction

# Chance of calling a steady run drifting: that of three sigma.
DRIFT_CHANCE = 0.0027
# The reference's own uncertainty and the size dependence of u.
REFERENCE_TOLERANCE = 0.01
# Two halves of a run of ten relaxation times differ by less than that.
HALVES_RATIO = 1.5
SOLID_LIMIT = 0.1


def mean_and_drift(values, n_blocks):
    """Return the mean, its error, and how far a straight line through the blocks rises."""
    blocks = np.array([values[part].mean() for part in block_slices(len(values), n_blocks)])
    line = weighted_line(np.arange(n_blocks), blocks, np.ones(n_blocks))
    # a line through two blocks leaves nothing to judge it by
    scatter = np.sqrt(line.chi2 / (n_blocks - 2)) if n_blocks > 2 else np.nan
    return (
        values.mean(),
        float(standard_error(blocks)),
        float(line.slope * n_blocks),
        float(scatter * line.slope_error * n_blocks),
    )


def reference_values(path, mixture, density, temperature):
    """Return u and p of other codes, NaN for another mixture, density or temperature."""
    table = pd.read_csv(path, comment="#")
    row = table[np.isclose(table["T"], temperature)]
    if not is_the_papers(mixture, density) or row.empty:
        return np.nan, np.nan
    return float(row["u"].iloc[0]), float(row["p"].iloc[0])


def reasons(row, minimum, n_blocks):
    """Return in words why a run is not an equilibrated liquid; [] if it is."""
    found = []
    tau, wanted = row["tau_alpha"], minimum * row["tau_alpha"]
    if not np.isfinite(tau):
        found.append("tau_alpha was not reached")
    elif row["equilibration_time"] < wanted:
        found.append(
            f"equilibration {row['equilibration_time']:g} < {minimum:g} tau_alpha = {wanted:.4g}"
        )
    elif row["production_time"] < wanted:
        found.append(
            f"production {row['production_time']:g} < {minimum:g} tau_alpha = {wanted:.4g}"
        )
    # the scatter of a few blocks is itself uncertain: Student's t
    limit = stdtrit(max(n_blocks - 2, 1), 1 - DRIFT_CHANCE / 2)
    if abs(row["u_drift"]) > limit * row["u_drift_error"]:
        found.append(f"u drifts by {row['u_drift']:+.4f} +- {row['u_drift_error']:.4f}")
    allowed = 3 * np.hypot(row["u_error"], REFERENCE_TOLERANCE / 3)
    if abs(row["u"] - row["u_reference"]) > allowed:
        found.append(f"u is {row['u'] - row['u_reference']:+.4f} from the reference")
    first, second = row["tau_first"], row["tau_second"]
    if max(first, second) > HALVES_RATIO * min(first, second):
        found.append(f"tau_alpha of the two halves is {first:.3g} and {second:.3g}")
    if row["solid_fraction"] > SOLID_LIMIT:
        found.append(f"{row['solid_fraction']:.0%} of the A particles are crystalline")
    return found


def words_on_errors(summary, wanted):
    """Return why the errors of a temperature are too small, "" if they are not."""
    length = summary["block_relaxation_times"]
    if not np.isfinite(length):
        return "too small: tau_alpha was not reached, blocks may be shorter"
    if length < wanted * (1 - 1e-6):
        return f"too small: blocks of {length:.2g} tau_alpha, at least {wanted:g} are wanted"
    return ""


def check_run(thermo, trajectory, summary, point, reference):
    """Return one run's row, without the verdict."""
    blocks = int(summary["blocks"])
    produced = thermo[thermo["stage"] == "produce"]
    u, u_error, u_drift, u_drift_error = mean_and_drift(
        produced["potential_energy"].to_numpy(), blocks
    )
    pressure, pressure_error, *_ = mean_and_drift(produced["pressure"].to_numpy(), blocks)
    frames = evenly_spaced(trajectory.n_frames, 5, down=True)
    a_particles = trajectory.species == 0
    solid = [solid_fraction(x[a_particles], trajectory.box) for x in trajectory.read(frames)]
    return {
        "T": point["T"],
        "replica": point["replica"],
        "tau_alpha": summary["tau_alpha"],
        "equilibration_time": point["equilibration_time"],
        "production_time": point["production_time"],
        "u": u,
        "u_error": u_error,
        "u_reference": reference[0],
        "pressure": pressure,
        "pressure_error": pressure_error,
        "p_reference": reference[1],
        "u_drift": u_drift,
        "u_drift_error": u_drift_error,
        "tau_first": summary["overlap_first_half_tau"],
        "tau_second": summary["overlap_second_half_tau"],
        "solid_fraction": max(solid),
        "crystalline": max(solid) > SOLID_LIMIT,
        "blocks": blocks,
        "block_relaxation_times": summary["block_relaxation_times"],
    }


def main(snakemake):
    """Check every run of the study."""
    params, files = snakemake.params, snakemake.input
    with logged(snakemake.log[0]) as log:
        mixture = Mixture.from_dict(params.mixture)
        summaries = pd.concat([pd.read_csv(path) for path in files.summary])
        rows = []
        runs = zip(params.points, files.thermo, files.uniform, strict=True)
        for point, thermo, uniform in runs:
            summary = summaries[np.isclose(summaries["T"], point["T"])].iloc[0]
            reference = reference_values(files.reference, mixture, params.density, point["T"])
            row = check_run(
                pd.read_csv(thermo),
                open_trajectory(uniform),
                summary,
                point,
                reference,
            )
            why = reasons(row, params.minimum_relaxation_times, row["blocks"])
            row["verdict"] = "equilibrated"
            if why:
                row["verdict"] = "crystallised" if row["crystalline"] else "too short"
            row["reasons"] = "; ".join(why)
            row["errors"] = words_on_errors(summary, params.block_relaxation_times)
            log.info("T = %g r%d: %s. %s", row["T"], row["replica"], row["verdict"], row["reasons"])
            if row["errors"]:
                log.warning("T = %g r%d: errors %s", row["T"], row["replica"], row["errors"])
            rows.append(row)
        with replacing(snakemake.output[0]) as temporary:
            pd.DataFrame(rows).to_csv(temporary, index=False, float_format="%.6g")


if __name__ == "__main__":
    main(snakemake)  # noqa: F821  (injected by Snakemake)
