"""``softcage score``: depth, softness and p_hop of every particle of any trajectory."""

from __future__ import annotations

import argparse
import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from softcage.cli.options import (
    add_command,
    add_scoring_options,
    add_temperature_option,
    add_trajectory_argument,
    positive_integer,
)

if TYPE_CHECKING:
    import numpy as np

    from softcage.cage.calibration import Line
    from softcage.cage.scorer import Scorer
    from softcage.io.external import External
    from softcage.io.trajectory import Trajectory
    from softcage.scoring import Recipe, Threshold

log = logging.getLogger(__name__)


def add_score(commands: argparse._SubParsersAction) -> None:
    """Add the command and its options."""
    parser = add_command(
        commands,
        "score",
        score_command,
        "depth, softness and p_hop of every particle of a trajectory, as a table",
        "Write a table with one row for each frame and particle: frame, time, particle, species, "
        "depth (-beta Phi of its cage), softness, p_hop, rearranging. The softness needs a line "
        "1/S = c0 + c1 beta Phi fitted over several temperatures for this species: give "
        "--calibration, otherwise the column is empty.",
    )
    add_trajectory_argument(parser)
    add_temperature_option(parser)
    parser.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help="file to write, which appears only when it is complete: a table (.parquet, .csv), or "
        "frames with their scores for OVITO and VMD (.extxyz, .gsd, .lammpstrj)",
    )
    parser.add_argument(
        "--every",
        type=positive_integer,
        default=1,
        metavar="N",
        help="score every N-th frame (default: 1)",
    )
    add_scoring_options(parser)


def score_command(options: argparse.Namespace) -> None:
    """Read the trajectory, score it and write the file."""
    from softcage.cli.common import inputs
    from softcage.io.overwriting import check_output, is_scores
    from softcage.io.particle_output import OUTPUT_FORMATS

    check_temperature(options, options.closure == "hnc")
    out = Path(options.out)
    if out.suffix not in OUTPUT_FORMATS:
        options.refuse(f"--out {out}: give a name that ends in {' or '.join(OUTPUT_FORMATS)}")
    check_output(out, inputs(options, options.trajectory), is_scores)
    with prepared(options, options.every) as scoring:
        about = scoring.write(scoring.run, out)
    if about["n_invalid"]:
        log.warning(
            "%d depths of %d cages have no softness: they are so shallow that the line gives "
            "1/S <= 0",
            about["n_invalid"], about["n_rows"],
        )  # fmt: skip
    if about["n_negative"] > 0.5 * about["n_rows"]:
        log.warning(
            "%d of %d depths are negative, as if most particles were in no cage: check "
            "--length-unit, --temperature and --potential",
            about["n_negative"], about["n_rows"],
        )  # fmt: skip
    log.info("%s: %d cages scored", out, about["n_rows"])


def check_temperature(options: argparse.Namespace, needed: bool) -> None:
    """Refuse options without a temperature, if it or a calibration needs one."""
    if options.temperature is None and (needed or options.calibration):
        options.refuse("the following arguments are required: --temperature")


@dataclass(frozen=True, eq=False)
class Prepared:
    """A trajectory that has been read, and the recipe for scoring it."""

    run: Trajectory
    recipe: Recipe
    metadata: dict
    order: np.ndarray | None
    ids: np.ndarray | None

    def write(self, run: Trajectory, out: Path) -> dict:
        """Write the scores of the run, or of a part of it, by ``score_trajectory``."""
        from softcage.scoring import score_trajectory

        return score_trajectory(run, self.recipe, out, self.order, self.metadata, self.ids)


@contextmanager
def prepared(options: argparse.Namespace, every: int = 1) -> Iterator[Prepared]:
    """Yield the trajectory and the recipe that the options describe.

    The files of the trajectory are temporary: they are removed in the end, together with everything
    in their folder.
    """
    from softcage.cage.calibration import read_line
    from softcage.cage.mean_field import measured_ranges
    from softcage.cage.scorer import scorers_of
    from softcage.cli.common import imported, known_liquid
    from softcage.io.frame_times import time_between_frames
    from softcage.model import known_potential
    from softcage.scoring import Recipe

    liquid = known_liquid(options, options.closure == "hnc")
    if options.positions == "inherent":
        known_potential(liquid)
    line = read_line(options.calibration, options.q_max) if options.calibration else None
    how = {
        "interval": options.interval,
        "file_timestep": options.timestep,
        "hops": not options.no_hops or options.positions == "averaged",
    }
    files = imported(options, options.trajectory, liquid, unwrapped=options.unwrapped, **how)
    with files as (external, run):
        interval = time_between_frames(run.times)
        log_trajectory(external, run, interval)
        scorers = scorers_of(
            line,
            external.liquid,
            options.temperature,
            run.species,
            run.box,
            options.of,
            deltas=options.delta,
            measured=lambda tagged: measured_ranges(run, tagged),
            closure=options.closure,
        )
        _log_first_shells(scorers, run)
        half, p_c, threshold = _hops(options, scorers, run, interval)
        _log_line(options, line, scorers)
        recipe = Recipe(
            scorers, half, p_c, every, options.average, options.positions, options.average_window
        )
        metadata = {
            "source": ", ".join(map(str, external.paths)),
            "calibration": line.path if line else None,
            "q_max": line.q_max if line else None,
            "route": line.route if line else None,
            "range_source": _in_words(scorers),
            "interval": None if math.isnan(interval) else interval,
            "hop_window": None if half is None else 2 * half * interval,
            "length_unit": external.length_unit,
            **threshold,
        }
        order = None if external.reordered else external.order
        yield Prepared(run, recipe, metadata, order, external.ids)


def _in_words(scorers: Sequence[Scorer]) -> str:
    """Return where the radii of the species come from."""
    sources = {scorer.name: scorer.range_source for scorer in scorers}
    if len(set(sources.values())) == 1:
        return scorers[0].range_source
    return ", ".join(f"{name}: {source}" for name, source in sources.items())


def log_trajectory(external: External, run: Trajectory, interval: float) -> None:
    """Say what has been read."""
    from softcage.box import Box

    times = "" if math.isnan(interval) else f", {interval:g} between frames"
    if math.isnan(interval) and run.n_frames > 1 and not math.isnan(run.times[0]):
        times = f", at uneven times from {run.times[0]:g} to {run.times[-1]:g}"
    log.info(
        "%s: %d frames of %d particles, box %s, density %.4g%s",
        external.name, run.n_frames, run.n_particles, Box.of(run.box).in_words(5), run.density,
        times,
    )  # fmt: skip


def _log_first_shells(scorers: Sequence[Scorer], run: Trajectory) -> None:
    for scorer in scorers:
        radii = ", ".join(f"{pair} {a:.3f} to {b:.3f}" for pair, (a, b) in scorer.pairs.items())
        log.info("first shell: %s (from the %s)", radii, scorer.range_source)
    measured = any(scorer.range_source != "calibration" for scorer in scorers)
    if measured and run.n_frames < 20:
        log.warning("g(r) comes from %d frame(s) only, so r0 and r_min are noisy", run.n_frames)


def _hops(
    options: argparse.Namespace, scorers: Sequence[Scorer], run: Trajectory, interval: float
) -> tuple[int | None, dict[str, float], dict]:
    """Return half the hop window in frames, p_c of each species, and metadata on p_c.

    There is no window if there are no hops.
    """
    if options.no_hops:
        return None, {}, {}
    if run.n_frames == 1:
        log.warning("the trajectory has one frame: p_hop and rearranging stay empty")
        return None, {}, {}
    half = round(0.5 * options.hop_window / interval)
    if half < 1 or abs(2 * half * interval / options.hop_window - 1) > 1e-4:
        raise ValueError(
            f"--hop-window {options.hop_window:g} is not a multiple of twice the time between "
            f"frames ({interval:g}): choose another one, check --interval, or leave p_hop out with "
            "--no-hops"
        )
    if run.n_frames <= 2 * half:
        log.warning(
            "%d frames are shorter than the hop window (%g, %d frames): p_hop and rearranging stay "
            "empty",
            run.n_frames, options.hop_window, 2 * half + 1,
        )  # fmt: skip
        return None, {}, {}
    if options.p_c is not None:
        return half, {one.name: options.p_c for one in scorers}, {"p_c_source": "--p-c"}
    from softcage.scoring import measured_threshold, of_species

    found = {}
    for scorer in scorers:
        of = "" if len(scorers) == 1 else f" of species {scorer.name}"
        threshold = measured_threshold(run, scorer.tagged)
        if threshold is None:
            log.warning(
                "the trajectory does not show the maximum of alpha_2%s, so p_c cannot be measured: "
                "rearranging stays empty; give --p-c",
                of,
            )
            continue
        log.info(
            "p_c%s = %.4g, the mean squared displacement at t = %.4g, where a parabola in log t "
            "through the maximum of alpha_2 peaks (at the lag %.4g of the largest alpha_2: %.4g)",
            of, threshold.p_c, threshold.t_star, threshold.t_star_at_lag, threshold.p_c_at_lag,
        )  # fmt: skip
        found[scorer.name] = threshold
    if not found:
        return half, {}, {}
    source = (
        "mean squared displacement at the maximum of alpha_2, from a parabola in log t around it"
    )
    measured = {one.name: _measured(found.get(one.name)) for one in scorers}
    p_c = {name: threshold.p_c for name, threshold in found.items()}
    return half, p_c, {"p_c_source": source, **of_species(measured)}


def _measured(threshold: Threshold | None) -> dict[str, float | None]:
    """Return the metadata of a threshold of p_hop, which may not be known."""
    return {} if threshold is None else dict(threshold._asdict())


def _log_line(options: argparse.Namespace, line: Line | None, scorers: Sequence[Scorer]) -> None:
    if line is None:
        log.warning(
            "no softness without --calibration: the line from depth to softness is fitted over "
            "several temperatures (softcage calibrate)"
        )
        return
    of = next(scorer.name for scorer in scorers if scorer.c0 is not None)
    others = [scorer.name for scorer in scorers if scorer.c0 is None]
    no_more = f"; no softness of {', '.join(others)}" if others else ""
    log.info(
        "1/S = %.5g %+.5g beta Phi of species %s, from %s%s", line.c0, line.c1, of, line.path,
        no_more,
    )  # fmt: skip
    if math.isnan(line.c0_error):
        log.warning(
            "the error of this line is not known: fit it to more frames, in more time blocks"
        )
    low, high = line.cages["T"].min(), line.cages["T"].max()
    if not low - 1e-9 <= options.temperature <= high + 1e-9:
        words = "T = %g is outside the temperatures of the calibration, %g to %g"
        log.warning(words, options.temperature, low, high)
