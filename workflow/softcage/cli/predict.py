"""``softcage predict``: how far every particle of any frame will move, from published fits."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from softcage.cli.options import (
    add_command,
    add_file_options,
    add_quiet_option,
    add_time_options,
    add_trajectory_argument,
    positive_integer,
    positive_number,
)
from softcage.defaults import REGRESSION

log = logging.getLogger(__name__)

_FITS = "results/public/short_runs"


def add_predict(commands: argparse._SubParsersAction) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "predict",
        predict_command,
        "predict the mean displacement of every particle, from a fit to published propensities",
        "Write for each frame how far each particle of the first species will have moved after a "
        "time, averaged over velocities (its propensity). The prediction is a linear fit to "
        "features of the structure, which holds for one liquid, temperature and time; its error is "
        "that in configurations that took no part in the fit. Features take some 15 s for a frame "
        "of 4000 particles.",
    )
    add_trajectory_argument(parser)
    parser.add_argument(
        "--temperature", type=positive_number, required=True, metavar="T",
        help="temperature of the run, in reduced units",
    )  # fmt: skip
    parser.add_argument(
        "--time", type=positive_number, required=True, metavar="t",
        help="time of the displacement; a time without a fit is refused, with those that there are",
    )  # fmt: skip
    parser.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help="file to write: a table (.parquet, .csv), or frames for OVITO, VMD and softcage view "
        "(.gsd, .extxyz, .lammpstrj)",
    )
    parser.add_argument(
        "--fits",
        default=_FITS,
        metavar="PATH",
        help="table of fits.csv, or the folder of one or several: the output of 'softcage "
        f"propensity', or beyond/ of a study (default: {_FITS}, which is in the repository)",
    )
    parser.add_argument(
        "--predictor",
        default=REGRESSION,
        metavar="NAME",
        help="which fit: ridge_mechanics has the path of the particles after a release at rest "
        f"among its features, ridge_static has not (default: {REGRESSION})",
    )
    parser.add_argument(
        "--every", type=positive_integer, default=1, metavar="N",
        help="predict every N-th frame (default: 1)",
    )  # fmt: skip
    add_time_options(parser)
    add_quiet_option(parser)
    add_file_options(parser)


def predict_command(options: argparse.Namespace) -> None:
    """Read the trajectory and the fit, predict, and write the table or the frames."""
    import numpy as np

    from softcage import __version__
    from softcage.cli.common import imported, inputs
    from softcage.cli.score import log_trajectory
    from softcage.defaults import STRUCTURE_FRAMES
    from softcage.descriptors.frame import liquid_of_frames
    from softcage.io.frame_times import time_between_frames
    from softcage.io.mixture import read_mixture
    from softcage.io.overwriting import check_output, is_scores
    from softcage.io.particle_output import OUTPUT_FORMATS, particle_writer
    from softcage.ranking.fits import check_fit, predicted_columns, predicted_rows, read_fit
    from softcage.sampling import evenly_spaced

    out = Path(options.out)
    if out.suffix not in OUTPUT_FORMATS:
        options.refuse(f"--out {out}: give a name that ends in {' or '.join(OUTPUT_FORMATS)}")
    check_output(out, inputs(options, options.trajectory), is_scores)
    fit = read_fit(options.fits, options.predictor, options.temperature, options.time)
    mixture = read_mixture(options.potential)
    files = imported(
        options, options.trajectory, mixture, unwrapped=options.unwrapped,
        interval=options.interval, file_timestep=options.timestep, hops=False,
    )  # fmt: skip
    with files as (external, run):
        log_trajectory(external, run, time_between_frames(run.times))
        check_fit(fit, mixture, run.density, run.species)
        positions, box = run.frames(evenly_spaced(run.n_frames, STRUCTURE_FRAMES))
        liquid = liquid_of_frames(positions, run.species, box, mixture, fit.temperature)
        order = external.order if not external.reordered else np.arange(run.n_particles)
        about = {
            "softcage": __version__,
            "source": ", ".join(map(str, external.paths)),
            "predictor": fit.name,
            "temperature": fit.temperature,
            "prediction_time": fit.time,
            "residual": fit.residual,
        }
        columns, n_rows = predicted_columns(external.ids is not None), 0
        with particle_writer(
            out, columns, about, run, mixture.species, order, external.ids, options.every
        ) as write:
            for part in predicted_rows(run, liquid, fit, options.every, order, external.ids):
                n_rows += len(part["frame"])
                write(part)
            about["n_rows"] = n_rows
    log.info(
        "%s: %d displacements until t = %g by %s, error %.3g (mean %.3g)",
        out, n_rows, fit.time, fit.name, fit.residual, fit.intercept,
    )  # fmt: skip
