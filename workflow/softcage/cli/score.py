"""``softcage score``: depth, softness and p_hop of every particle of somebody's trajectory."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from softcage.cage.calibration import Line, check_system, read_line
from softcage.cage.mean_field import measured_ranges
from softcage.cli.common import Say, imported, inputs
from softcage.io import scored_frames
from softcage.io.external import External
from softcage.io.frame_times import time_between_frames
from softcage.io.mixture import read_mixture
from softcage.io.overwriting import check_output, is_scores
from softcage.io.trajectory import Trajectory
from softcage.model import Mixture
from softcage.scoring import FORMATS, Progress, Recipe, measured_threshold, score


def run(options: argparse.Namespace) -> None:
    """Read the trajectory, find what it is to be scored with, write the table."""
    say, out = Say(options.quiet), Path(options.out)
    formats = (*FORMATS, *scored_frames.FORMATS)
    if out.suffix not in formats:
        options.refuse(f"--out {out}: give a name that ends in {' or '.join(formats)}")
    check_output(out, inputs(options, options.trajectory), is_scores)
    with prepared(options, say, options.every) as made:
        progress = say.count("scoring frame", made.run.n_frames)
        frames = scored_frames.writer if out.suffix in scored_frames.FORMATS else None
        about = made.write(made.run, out, progress, frames)
    if about["n_invalid"]:
        say(
            f"note: {about['n_invalid']} of {about['n_rows'] * len(options.delta)} cages are "
            "shallower than the line reaches (1/S <= 0): they have no softness"
        )
    say(f"{out}: {about['n_rows']} cages scored")


@dataclass(frozen=True, eq=False)
class Prepared:
    """A trajectory that has been read, and what it is to be scored with."""

    run: Trajectory
    recipe: Recipe
    metadata: dict
    order: np.ndarray | None
    ids: np.ndarray | None

    def write(
        self, run: Trajectory, out: Path, progress: Progress, frames: Callable | None
    ) -> dict:
        """Write the scores of the run, or of a part of it, as :func:`softcage.scoring.score`."""
        recipe, metadata = self.recipe, self.metadata
        return score(run, recipe, out, self.order, metadata, progress, self.ids, frames)


@contextmanager
def prepared(options: argparse.Namespace, say: Say, every: int = 1) -> Iterator[Prepared]:
    """Yield the trajectory and the recipe that the options stand for.

    Its files are gone in the end, with all that is written beside them.
    """
    mixture = read_mixture(options.potential)
    line = _usable_line(options)
    how = {
        "interval": options.interval,
        "file_timestep": options.timestep,
        "hops": not options.no_hops,
    }
    with imported(
        options, options.trajectory, mixture, say, unwrapped=options.unwrapped, **how
    ) as (external, run):
        interval = time_between_frames(run.times)
        _say_trajectory(external, run, interval, say)
        if line is not None:
            check_system(line, mixture, run.n_particles / run.box**3)
        r0, r_min, source = _first_shell(options, line, mixture, run, say)
        half, p_c, found = _hops(options, run, interval, say)
        _say_line(options, line, say)
        recipe = Recipe(
            mixture=mixture,
            temperature=options.temperature,
            r0=r0,
            r_min=r_min,
            deltas=options.delta,
            c0=line.c0 if line else None,
            c1=line.c1 if line else None,
            half_window=half,
            p_c=p_c,
            every=every,
        )
        metadata = {
            "source": ", ".join(map(str, external.paths)),
            "calibration": line.path if line else None,
            "q_max": line.q_max if line else None,
            "route": line.route if line else None,
            "range_source": source,
            "interval": None if math.isnan(interval) else interval,
            "hop_window": None if half is None else 2 * half * interval,
            "length_unit": external.length_unit,
            **found,
        }
        order = None if external.reordered else external.order
        yield Prepared(run, recipe, metadata, order, external.ids)


def _usable_line(options: argparse.Namespace) -> Line | None:
    """Return the line of --calibration, if it falls."""
    if not options.calibration:
        return None
    line = read_line(options.calibration, options.q_max)
    if line.c1 >= 0:
        raise ValueError(
            f"{line.path}: the line 1/S = {line.c0:.5g} {line.c1:+.5g} beta Phi rises, so deeper "
            "cages would be softer: fit it to other runs (are their temperatures swapped?)"
        )
    return line


def _say_trajectory(external: External, run: Trajectory, interval: float, say: Say) -> None:
    apart = "" if math.isnan(interval) else f", {interval:g} between frames"
    if math.isnan(interval) and run.n_frames > 1 and not np.isnan(run.times[0]):
        apart = f", at uneven times from {run.times[0]:g} to {run.times[-1]:g}"
    say(
        f"{external.name}: {run.n_frames} frames of {run.n_particles} particles, "
        f"box {run.box:.5g}, density {run.n_particles / run.box**3:.4g}{apart}"
    )


def _first_shell(
    options: argparse.Namespace, line: Line | None, mixture: Mixture, run: Trajectory, say: Say
) -> tuple[np.ndarray, np.ndarray, str]:
    """Return r0, r_min and where they are from: the calibration if it has this temperature."""
    ranges = line.ranges(options.temperature, mixture.pairs) if line else None
    source = "g(r) of the trajectory" if ranges is None else "calibration"
    r0, r_min = measured_ranges(run) if ranges is None else ranges
    radii = ", ".join(
        f"{pair} {a:.3f} to {b:.3f}" for pair, a, b in zip(mixture.pairs, r0, r_min, strict=True)
    )
    say(f"first shell: {radii} (from the {source})")
    if ranges is None and run.n_frames < 20:
        say(f"note: g(r) of {run.n_frames} frame(s) is noisy, and r0 and r_min with it")
    return r0, r_min, source


def _hops(
    options: argparse.Namespace, run: Trajectory, interval: float, say: Say
) -> tuple[int | None, float | None, dict]:
    """Return half the hop window in frames, p_c and how it was found; None and why if not."""
    if options.no_hops:
        return None, None, {}
    if run.n_frames == 1:
        say("note: one frame: p_hop and rearranging stay empty")
        return None, None, {}
    half = round(0.5 * options.hop_window / interval)
    if half < 1 or abs(2 * half * interval / options.hop_window - 1) > 1e-4:
        raise ValueError(
            f"--hop-window {options.hop_window:g} is no multiple of two frames ({interval:g} "
            "apart): give another one, check --interval, or leave p_hop out with --no-hops"
        )
    if run.n_frames <= 2 * half:
        say(
            f"note: {run.n_frames} frames are shorter than the hop window ({options.hop_window:g}, "
            f"{2 * half + 1} frames): p_hop and rearranging stay empty"
        )
        return None, None, {}
    if options.p_c is not None:
        return half, options.p_c, {"p_c_source": "--p-c"}
    found = measured_threshold(run)
    if found is None:
        say(
            "note: the trajectory does not show the maximum of alpha_2, so p_c cannot be measured: "
            "rearranging stays empty; give --p-c"
        )
        return half, None, {}
    say(
        f"p_c = {found.p_c:.4g}, the mean squared displacement at t = {found.t_star:.4g}, the "
        f"maximum of a parabola in log t about that of alpha_2 (largest at the lag "
        f"{found.t_star_at_lag:.4g}: {found.p_c_at_lag:.4g})"
    )
    source = "mean squared displacement at the maximum of alpha_2, of a parabola in log t about it"
    return half, found.p_c, {"p_c_source": source, **found._asdict()}


def _say_line(options: argparse.Namespace, line: Line | None, say: Say) -> None:
    if line is None:
        say(
            "note: no softness without --calibration: the line from depth to softness needs "
            "several temperatures (softcage calibrate)"
        )
        return
    say(f"1/S = {line.c0:.5g} {line.c1:+.5g} beta Phi, from {line.path}")
    low, high = line.cages["T"].min(), line.cages["T"].max()
    if not low - 1e-9 <= options.temperature <= high + 1e-9:
        say(f"note: T = {options.temperature:g} is beyond the calibration, {low:g} to {high:g}")
